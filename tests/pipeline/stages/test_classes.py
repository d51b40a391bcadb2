"""Where classes are cut before any cell is seen: the ladder, fixed limits, those of the sector, given ones."""

from __future__ import annotations

from typing import Any

import pytest

from riskzoning.config import StudyConfig
from riskzoning.hazards import HAZARDS
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.classes import given_breaks, risk_limits, rule_number
from riskzoning.results import Breaks

STUDY = {"name": "X", "code": "410700", "data_date": "2026-06-30", "admin": {"path": "a"}}
FIXED = (0.2, 0.4, 0.6, 0.8, 1.0)


def study(**parts: Any) -> StudyConfig:
    return StudyConfig(**STUDY, **parts)


def test_a_hazard_is_cut_where_its_ladder_is() -> None:
    for name in ("earthquake", "flood"):
        breaks = given_breaks(study(), HAZARDS[name].index)
        assert breaks == Breaks("ladder", (0.25, 0.5, 0.75, 1.0), HAZARDS[name].scale.closed)


@pytest.mark.parametrize(
    ("scheme", "hazard", "receptor", "bounds"),
    [
        ("fixed", "flood", None, FIXED),
        ("fixed", "earthquake", "population", FIXED),
        ("sector", "flood", "population", (0.25, 0.5, 0.75, 1.0)),
        ("sector", "geology", None, (0.25, 0.5, 0.75, 1.0)),
        ("sector", "earthquake", None, FIXED),
    ],
)
def test_the_risk_of_one_hazard_has_fixed_limits(
    scheme: str, hazard: str, receptor: str | None, bounds: tuple[float, ...]
) -> None:
    breaks = given_breaks(study(grades={"risk_scheme": scheme}), Index(hazard, "risk", receptor))
    assert breaks == Breaks("fixed", bounds, "right")
    assert breaks.given


def test_the_sector_has_its_own_names_for_its_classes() -> None:
    hazards = [{"hazard": name} for name in ("earthquake", "flood")]
    schemes = {index.key: index.scheme for index in study(hazards=hazards, grades={"risk_scheme": "sector"}).indices}
    assert schemes["flood_risk_index"] == schemes["flood_hazard_index"] == "flood_4"
    assert schemes["earthquake_risk_index"] == schemes["multi_risk_index"] == "risk_5"
    assert {index.scheme for index in study(hazards=hazards).indices if index.what == "risk"} == {"risk_5"}


@pytest.mark.parametrize(
    ("parts", "index"),
    [
        ({}, Index(MULTI, "risk")),
        ({}, Index(MULTI, "hazard")),
        ({"grades": {"risk_scheme": "ranked"}}, Index("flood", "risk")),
        ({"risk": {"form": "half_scaled"}}, Index("flood", "risk")),
    ],
)
def test_what_ranks_within_the_city_waits_for_the_cells(parts: dict[str, Any], index: Index) -> None:
    assert given_breaks(study(**parts), index) is None
    assert not Breaks("natural_breaks", (0.5, 1.0)).given


def test_given_breaks_come_first() -> None:
    frozen = study(zoning={"frozen": {"multi_risk_index": [0.5, 1.0]}})
    assert given_breaks(frozen, Index(MULTI, "risk")) == Breaks("frozen", (0.5, 1.0))


def test_the_rules_are_numbers_of_a_table() -> None:
    assert risk_limits() == (FIXED, "right")
    assert (rule_number("high"), rule_number("leading_share"), rule_number("leading_most")) == (4, 0.2, 3)
