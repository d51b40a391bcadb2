"""Scalars of the hazards, their table of skill, and the targets of the plan."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from riskzoning.hazards import HAZARDS
from riskzoning.pipeline.stages.calibrate import assessed_hazards, validation_table
from riskzoning.samples import toy_city


def test_hazards_are_assessed_on_the_grid_with_their_frozen_scalars() -> None:
    city, item = toy_city(), SimpleNamespace(hazard="flood")
    setting = SimpleNamespace(
        study=SimpleNamespace(hazards=[item]), params=lambda item: HAZARDS["flood"].params(), grid=city.grid
    )
    prepared = HAZARDS["flood"].prepare({"depth": city.layers["flood_depth"]})
    run: Any = SimpleNamespace(setting=setting)
    scalars = {"flood": HAZARDS["flood"].calibrate(prepared)}
    made: Any = SimpleNamespace(hazards={"flood": prepared})
    usual = assessed_hazards(run, made, scalars)["flood"]
    # What a hazard gives of other inputs is not there without them.
    assert {"intensity", "hazard_index", "hazard_grade"} <= set(usual.data_vars) <= set(HAZARDS["flood"].outputs)
    frozen = scalars["flood"] | {"breaks": [0.01, 0.02, 0.03]}
    other = assessed_hazards(run, made, {"flood": frozen})["flood"]
    assert float(other["risk_degree_grade"].max()) > float(usual["risk_degree_grade"].max())


def test_numbers_of_the_validation_come_by_name_and_nothing_else_does() -> None:
    scalars = {
        "geology": {"validation": {"auc_holdout": 0.8, "auc_holdout_sd": None, "note": "in-sample", "ok": True}},
        "meteorology": {"validation": {"heat": {"leave_one_out_rmse": 1}}},
        "flood": {"breaks": [0.15]},
    }
    assert validation_table(scalars).to_dict("records") == [
        {"hazard": "geology", "measure": "auc_holdout", "value": 0.8},
        {"hazard": "meteorology", "measure": "heat.leave_one_out_rmse", "value": 1.0},
    ]
