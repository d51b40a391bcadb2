"""Reports of a disaster at several times: figures that can only grow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import Phrase
from riskzoning.inputs import check_columns

_KEYS = ("as_of", "area", "indicator", "value")
_COLUMNS = ("area", "indicator", "as_of", "value", "before", "value_before")


def shrinking_figures(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Cumulative figures that a later report gives lower than an earlier one: one of the two is wrong.

    Parameters
    ----------
    snapshots : DataFrame
        One row a figure: ``as_of`` (time of the report), ``area``, ``indicator``, ``value``; with ``relation`` ``>``
        the figure is a lower limit, and a later one must reach it. Figures of a moment (people away now) are not
        compared.

    Returns
    -------
    DataFrame
        One row a fall: ``area indicator as_of value before value_before``; empty when all grow.

    Raises
    ------
    LayerError
        A column is missing.

    Examples
    --------
    >>> rows = {"as_of": ["2021-07-28 12:00", "2021-07-29 12:00"], "area": "河南省", "indicator": "dead"}
    >>> len(shrinking_figures(pd.DataFrame({**rows, "value": [73, 99]})))
    0
    >>> shrinking_figures(pd.DataFrame({**rows, "value": [99, 73]}))["value_before"].tolist()
    [99.0]
    """
    check_columns(snapshots, _KEYS, Phrase("events_recorded"))
    rows = snapshots[snapshots["indicator"].isin(standards.table("history/snapshots").data)].copy()
    rows["time"] = pd.to_datetime(rows["as_of"].astype(str), format="mixed")
    rows["value"] = pd.to_numeric(rows["value"], errors="coerce")
    # "Below" says nothing of how far it has grown.
    if "relation" in rows:
        rows = rows[~rows["relation"].astype(str).isin(["<", "<="])]
    rows = rows.dropna(subset=["value"]).sort_values(["area", "indicator", "time"], kind="stable")
    groups = rows.groupby(["area", "indicator"], sort=False)
    highest = groups["value"].cummax()
    rows["value_before"] = highest.groupby([rows["area"], rows["indicator"]]).shift()
    first = rows["value"].where(rows["value"] >= highest)
    rows["before"] = (
        rows["as_of"]
        .where(first.notna())
        .groupby([rows["area"], rows["indicator"]])
        .transform(lambda s: s.ffill().shift())
    )
    fallen = rows[rows["value"] < rows["value_before"].fillna(-np.inf)]
    return fallen[list(_COLUMNS)].reset_index(drop=True)
