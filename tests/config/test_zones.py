"""Sections of regions, prevention zones and plans as the study gives them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from riskzoning.config import LandformsConfig, PlanningConfig, PreventionConfig, RegionsConfig, ZoningConfig


def test_what_holds_when_nothing_is_said() -> None:
    zoning = ZoningConfig()
    assert zoning.zones
    assert zoning.regions.method == "ward"
    assert zoning.prevention.basis == "units"
    assert not PlanningConfig()


def test_a_plan_by_its_class_and_a_target_as_people_write_it() -> None:
    plan = {"plots": {"input": "plots", "column": "用地", "spaces": {"工业用地": "urban"}}}
    planning = PlanningConfig(plans=plan, target_loss_share="1.3%")  # type: ignore[arg-type]
    assert planning
    assert planning.target_loss_share == pytest.approx(0.013)
    assert planning.plans["plots"].spaces["工业用地"] == "urban"


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (RegionsConfig, {"method": "kmeans"}),
        (RegionsConfig, {"n_regions": 0}),
        (RegionsConfig, {"n_region": 3}),
        (PreventionConfig, {"basis": "grid"}),
        (LandformsConfig, {"names": {"plain": {"zh": "平原"}}}),
        (PlanningConfig, {"plans": {"a": {}}}),
        (PlanningConfig, {"plans": {"a": {"input": "a", "spaces": {"x": "forest"}}}}),
        (PlanningConfig, {"target_loss_share": 0}),
    ],
)
def test_what_is_refused(model: Any, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model(**values)
