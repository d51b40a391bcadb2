"""Which hazards were assessed, which do not exist here, and which have no data (table ``hazard_status``)."""

from __future__ import annotations

import pandas as pd

from riskzoning import standards
from riskzoning.config import StudyConfig
from riskzoning.names import MULTI

_COLUMNS = ["hazard", "name_zh", "name_en", "status"]


def hazard_status(study: StudyConfig) -> pd.DataFrame:
    """A row for each hazard that is known or named: ``assessed``, ``not_applicable`` or ``no_data``.

    Empty where the study names no hazard that does not exist here.
    """
    if not study.not_applicable:
        return pd.DataFrame(columns=_COLUMNS)
    status = {item.hazard: "assessed" for item in study.hazards}
    status |= dict.fromkeys(study.not_applicable, "not_applicable")
    named = [name for name in standards.table("names/common").data["hazard"] if name != MULTI]
    rows = [
        {
            "hazard": hazard,
            **{f"name_{lang}": standards.names("hazard", hazard, lang) for lang in ("zh", "en")},
            "status": status.get(hazard, "no_data"),
        }
        for hazard in dict.fromkeys([*named, *status])
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)
