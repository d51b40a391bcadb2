"""Where the classes of an index are cut in a run, for cells and units: by a table, by the study, or from the cells."""

from __future__ import annotations

from typing import Literal

from riskzoning import standards
from riskzoning.config import StudyConfig
from riskzoning.hazards import HAZARDS
from riskzoning.methods.ladders import index_breaks
from riskzoning.names import MULTI, Index
from riskzoning.results import Breaks

_TABLE = "grades/risk_index"


def given_breaks(study: StudyConfig, index: Index) -> Breaks | None:
    """Breaks that need no look at the cells; None where the cells, and the units among themselves, decide."""
    if index.key in study.zoning.frozen:
        return Breaks("frozen", tuple(study.zoning.frozen[index.key]))
    if index.hazard == MULTI:
        return None
    if index.what == "hazard":
        ladder = HAZARDS[index.hazard].scale
        return Breaks("ladder", index_breaks(ladder.k), ladder.closed)
    if study.grades.risk_scheme == "ranked" or study.risk.form == "half_scaled":
        return None
    table = standards.table(_TABLE)
    sector = table.data["sector"]
    own = study.grades.risk_scheme == "sector" and index.hazard in sector["hazards"]
    limits = sector["limits"] if own else table.data["limits"]
    return Breaks("fixed", (*map(float, limits), 1.0), closed=table.info["closed"])


def risk_limits() -> tuple[tuple[float, ...], Literal["right", "left"]]:
    """The fixed limits in five classes, by which hazards compare whatever the maps show, and their closure."""
    table = standards.table(_TABLE)
    return (*map(float, table.data["limits"]), 1.0), table.info["closed"]


def rule_number(key: str) -> float:
    """A number of the rules beside the limits: ``high``, ``leading_share``, ``low_hazard`` ..."""
    return float(standards.table(_TABLE).data[key])
