"""Plants with hazardous chemicals that natural hazards reach: secondary dangers of production."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskzoning import standards
from riskzoning.errors import Phrase
from riskzoning.inputs import check_columns


def exposed_plants(plants: pd.DataFrame, exposed: ArrayLike) -> pd.DataFrame:
    """Plants exposed to a natural hazard, the most dangerous first: by the level of their major hazard.

    Parameters
    ----------
    plants : DataFrame
        Fields of the survey form ``exp_hazchem``: ``obj_id name type adcode6`` and ``major_lvl``.
    exposed : array of bool, shape (plants,)
        A hazard grade of 4 of 5 or more at the site (``natural_hazard_exposed`` of the exposed objects).

    Returns
    -------
    DataFrame
        The exposed ones with ``severity`` (1 level 一级, .8, .6, .4 四级, .2 none).

    Raises
    ------
    SurveyError
        Columns are missing.

    Examples
    --------
    >>> rows = {"obj_id": ["1", "2"], "name": ["x", "y"], "type": "生产", "adcode6": "u", "major_lvl": ["三级", "一级"]}
    >>> exposed_plants(pd.DataFrame(rows), [True, True])[["obj_id", "severity"]].values.tolist()
    [['2', 1.0], ['1', 0.6]]
    """
    wanted = ("obj_id", "name", "type", "adcode6", "major_lvl")
    check_columns(plants, wanted, Phrase("survey_form", name="exp_hazchem"), form=True)
    factors = {str(level): float(factor) for level, factor in standards.table("hidden_dangers/plants").data.items()}
    # Nothing stated is no major hazard.
    severity = plants["major_lvl"].astype("string").map(factors).fillna(factors["无"]).astype(np.float64)
    out = plants[list(wanted)].assign(severity=severity)[np.asarray(exposed, dtype=bool)]
    return out.sort_values(["severity", "obj_id"], ascending=[False, True], kind="stable").reset_index(drop=True)
