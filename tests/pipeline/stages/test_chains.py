"""Hazard chains in a run: raised risks beside the plain ones, only where the triggered hazard acts at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskzoning import risk, standards
from riskzoning.config import StudyConfig, load_study
from riskzoning.names import MULTI, Index, Measure
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages.chains import chains_table
from riskzoning.results import StudyResult

City = Callable[..., Path]
TABLE = {"rho": 0.2, "strengths": [{"cause": "earthquake", "effect": "flood", "strength": 0.5}], "parts": {}}
RAISED = Measure("risk_chain_index", "flood").key


def ran(small_city: City, folder: Path, **more: Any) -> StudyResult:
    def change(content: dict[str, Any], _there: Path) -> None:
        content["risk"] = {"chains": True, **more}
        content["standards"] = {"damage/hazard_chains": {"data": TABLE}}

    return run_study(load_study(small_city(change)), out=folder / "out", only="grade")


def expected(values: Any, hazard: Any) -> np.ndarray[Any, np.dtype[Any]]:
    cause, effect = (np.asarray(values[Index(name, "risk").key], float) for name in ("earthquake", "flood"))
    return np.where(np.asarray(hazard) > 0, np.minimum(1, effect + 0.2 * 0.5 * cause), effect)


@pytest.mark.parametrize("rule", ["composed", "area_mean"])
def test_a_triggered_hazard_is_raised_in_cells_and_units(small_city: City, tmp_path: Path, rule: str) -> None:
    result = ran(small_city, tmp_path, unit_rule=rule)
    frame, weights = result.units["county"], dict(result.tables["weights"].set_index("hazard")["weight"])
    made = expected(result.layers, result.layers[Index("flood", "hazard").key])
    np.testing.assert_allclose(result.layers[RAISED], made, rtol=1e-5, atol=1e-7)
    if rule == "composed":
        np.testing.assert_allclose(frame[RAISED], expected(frame, frame[Index("flood", "hazard").key]), rtol=1e-6)
    together = frame[RAISED] * weights["flood"] + frame["earthquake_risk_index"] * weights["earthquake"]
    np.testing.assert_allclose(frame[Index(MULTI, "risk").key], together, rtol=1e-5)
    assert (frame[RAISED] > frame["flood_risk_index"]).all()
    assert result.tables["hazard_chains"]["counts"].tolist() == [True]


def test_a_chain_brings_no_hazard_to_where_it_cannot_act(small_city: City, tmp_path: Path) -> None:
    result = ran(small_city, tmp_path)
    dry = (result.layers["flood_hazard_index"] == 0).to_numpy()
    shaken = (result.layers["earthquake_risk_index"] > 0).to_numpy()
    assert (dry & shaken).any()
    assert (result.layers[RAISED].to_numpy()[dry] == 0).all()


def study(**changes: Any) -> StudyConfig:
    given = {"name": "X", "code": 410700, "data_date": "2026-06-30", "admin": {"path": "a"}}
    hazards = [{"hazard": name} for name in ("earthquake", "geology", "flood", "meteorology")]
    return StudyConfig(**given, hazards=hazards, **changes)


def test_a_pair_counts_where_the_run_has_both() -> None:
    one = study(risk={"chains": {"rho": 0.1}})
    table = chains_table(one, ["meteorology_rainstorm_index"]).set_index(["cause", "effect"])
    counted = table.index[table["counts"].astype(bool)].tolist()
    assert counted == [("earthquake", "geology"), ("rain", "geology"), ("rain", "flood")]
    assert set(table["rho"]) == {0.1}
    without = chains_table(one, [])
    assert without["counts"].sum() == 1
    assert chains_table(study(), []).empty


def test_the_worked_example_of_the_shipped_table() -> None:
    strengths = {
        (row["cause"], row["effect"]): row["strength"]
        for row in standards.table("damage/hazard_chains").data["strengths"]
    }
    assert strengths["earthquake", "geology"] == 0.6
    assert risk.hazard_chain({"earthquake": 0.5, "geology": 0.4})["geology"] == pytest.approx(0.46)
