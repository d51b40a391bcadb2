"""What is stated with every result stands in the record."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from riskzoning.config import StudyConfig
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.workspace.stated import stated
from riskzoning.results import Breaks, IndexBreaks

STUDY = StudyConfig(name="X", code="410700", data_date="2026-06-30", admin={"path": "a"}, hazards=[{"hazard": "flood"}])


def test_breaks_losses_gaps_and_unsure_grades_are_stated_as_plain_values() -> None:
    cut = IndexBreaks(Breaks("natural_breaks", (0.2, 0.9)), Breaks("fixed", (0.5, 1.0), "left"))
    units = {"city": pd.DataFrame({"valid_share": [0.9], "flood_valid_share": [0.75]})}
    rows = {"level": ["county"] * 3, "hazard": [MULTI, MULTI, "flood"], "probability": [0.5, 0.9, 0.1]}
    told = stated(STUDY, {Index(MULTI, "risk"): cut}, units, {"stability": pd.DataFrame(rows)})
    assert told["breaks"]["multi_risk_index"]["units"] == {
        "rule": "fixed",
        "closed": "left",
        "upper_bounds": [0.5, 1.0],
    }
    assert told["losses"] == {"method": "trapezoid", "tail": True}
    assert told["no_data_share"] == pytest.approx({MULTI: 0.1, "flood": 0.25})
    assert told["unsure_grades"] == {"county": {"units": 2, "unsure": 1}}
    assert json.loads(json.dumps(told)) == told


def test_a_run_without_units_or_draws_states_what_there_is() -> None:
    told = stated(STUDY, {}, {}, {})
    assert (told["breaks"], told["no_data_share"], told["unsure_grades"]) == ({}, {}, {})
