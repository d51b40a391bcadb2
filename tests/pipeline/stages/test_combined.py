"""All hazards together in a run: every method from its key to layers, units, grades and what is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskzoning.config import StudyConfig, load_study
from riskzoning.database import open_database
from riskzoning.errors import ConfigError
from riskzoning.methods.classification import grade_values
from riskzoning.names import MULTI, Index, Measure
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages.combined import points_grades
from riskzoning.results import StudyResult
from riskzoning.risk import combine_hazards
from tests.pipeline.conftest import small_study, write_small_city

City = Callable[..., Path]
RISK = Index(MULTI, "risk")
LIMITS = [0.2, 0.4, 0.6, 0.8, 1.0]


CHAINS = {"rho": 0.2, "strengths": [{"cause": "earthquake", "effect": "flood", "strength": 0.5}], "parts": {}}


Ran = Callable[..., StudyResult]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyConfig, Path]:
    """The study with buildings of a value, and a run of it whose inputs and hazards others take over."""
    folder = tmp_path_factory.mktemp("combined")
    buildings = {
        "points": "worth", "area": "area_m2", "structure": "struct", "built_year": "built_year",
        "value": "value_wan", "value_units": "万元",
    }  # fmt: skip
    given = small_study()
    changed = {
        "inputs": {**given["inputs"], "worth": {"path": "worth.gpkg"}},
        "exposure": {**given["exposure"], "buildings": buildings},
        "zoning": {"zones": False},
    }
    write_small_city(folder / "city")
    houses = gpd.read_file(folder / "city" / "houses.gpkg").assign(value_wan=2e5)
    houses.to_file(folder / "city" / "worth.gpkg")
    study = load_study(write_small_city(folder / "city", **changed))
    run_study(study, out=folder / "first", only="grade")
    return study, folder / "first"


@pytest.fixture
def ran(first: tuple[StudyConfig, Path], tmp_path: Path) -> Ran:
    """The study with other keys of its section ``risk``, run to a stage."""

    def run(only: str | None = "grade", **risk: Any) -> StudyResult:
        study, folder = first
        chains = {"damage/hazard_chains": {"data": CHAINS}} if "chains" in risk else {}
        return run_study(study.with_(risk=risk, standards=chains), out=tmp_path / "out", only=only, reuse=folder)

    return run


def parts(frame: Any, receptor: str | None = None) -> tuple[dict[str, Any], Any]:
    return {name: frame[Index(name, "risk", receptor).key] for name in ("earthquake", "flood")}, frame[RISK.key]


@pytest.mark.parametrize("method", ["weighted_sum", "weighted_product", "maximum", "union", "inform"])
def test_a_method_of_cells_makes_layers_units_and_grades(ran: Ran, method: str) -> None:
    result = ran(combine=method)
    weights = dict(result.tables["weights"].set_index("hazard")["weight"])
    for values in (result.layers, result.units["county"]):
        of_each, made = parts(values)
        arrays = {name: np.asarray(one, dtype=np.float64) for name, one in of_each.items()}
        expected = combine_hazards(arrays, weights, method=method)  # type: ignore[arg-type]
        np.testing.assert_allclose(np.asarray(made), expected, rtol=1e-5, atol=1e-7)
    frame = result.units["county"]
    hazards = {name: frame[Index(name, "hazard").key] for name in weights}
    made = combine_hazards(hazards, weights, method=method)  # type: ignore[arg-type]
    np.testing.assert_allclose(frame[Index(MULTI, "hazard").key], made, rtol=1e-5)
    assert frame[RISK.grade_key].between(1, 5).all()
    told = {row["rule"] for row in result.record["steps"]}
    assert ("combined.weightless" in told) == (method == "union")


def test_points_of_grades_give_the_units_their_grade(ran: Ran) -> None:
    result = ran(combine="graded")
    frame, weights = result.units["county"], dict(result.tables["weights"].set_index("hazard")["weight"])
    of_each, index = parts(frame)
    grades = {name: grade_values(one, LIMITS) for name, one in of_each.items()}
    np.testing.assert_array_equal(frame[RISK.grade_key], combine_hazards(grades, weights, method="graded"))
    np.testing.assert_allclose(index, combine_hazards(of_each, weights), rtol=1e-9)
    rules = result.tables["breaks"]
    of_units = rules[(rules["index"] == RISK.key) & (rules["applied_to"] == "units")]
    assert set(of_units["rule"]) == {"points"}
    assert "combined.units_graded" in {row["rule"] for row in result.record["steps"]}


def test_money_ranks_the_units_by_their_loss(ran: Ran) -> None:
    result = ran(combine="sum")
    frame = result.units["county"]
    total = frame["earthquake_eal"] + frame["flood_eal"]
    np.testing.assert_allclose(frame["multi_eal"], total, rtol=1e-9)
    areas = frame.to_crs("EPSG:4549").area
    np.testing.assert_allclose(frame[RISK.key], np.cbrt(total / areas / (total / areas).max()), rtol=1e-3)
    assert frame[RISK.key].max() == pytest.approx(1)


def test_money_is_refused_where_there_is_none(small_city: City, tmp_path: Path) -> None:
    study = small_city(lambda content, folder: content.update(risk={"combine": "sum"}))
    with pytest.raises(ConfigError) as caught:
        run_study(load_study(study), out=tmp_path / "out")
    assert [problem.rule for problem in caught.value.problems if problem.severity == "error"] == ["combined.no_losses"]
    assert not (tmp_path / "out").exists()


def test_topsis_compares_the_units(ran: Ran) -> None:
    result = ran(combine="topsis")
    frame = result.units["county"]
    of_each, index = parts(frame)
    weights = dict(result.tables["weights"].set_index("hazard")["weight"])
    np.testing.assert_allclose(index, combine_hazards(of_each, weights, method="topsis"), rtol=1e-9)


def test_the_worst_hazard_of_a_cell_is_a_layer(ran: Ran) -> None:
    result = ran()
    worst = result.layers[Measure("max_grade", MULTI).key]
    grades = [grade_values(np.asarray(one), LIMITS) for one in parts(result.layers)[0].values()]
    np.testing.assert_array_equal(worst, np.maximum(*grades))
    assert (worst.attrs["quantity"], worst.dtype) == ("risk_grade", np.uint8)
    assert Measure("max_grade", MULTI).key in result.units["county"]


def test_points_go_up_where_hazards_are_high() -> None:
    frame = pd.DataFrame({"flood_risk_index": [0.9, 0.3, np.nan], "geology_risk_index": [0.9, 0.1, np.nan]})
    grades = points_grades(frame, ["flood", "geology"], {"flood": 0.5, "geology": 0.5}, RISK)
    assert grades.tolist() == [5, 2, 0]


@pytest.mark.parametrize(
    "asked",
    [
        {"form": "matrix", "chains": True, "combine": "union"},
        pytest.param({"combine": "graded"}, marks=pytest.mark.slow),
        pytest.param({"combine": "sum"}, marks=pytest.mark.slow),
        pytest.param({"combine": "topsis", "unit_rule": "area_mean"}, marks=pytest.mark.slow),
        {"combine": "inform", "unit_rule": "exposed_mean"},
    ],
)
def test_what_a_run_stores_its_parts_bear_out(ran: Ran, tmp_path: Path, asked: dict[str, Any]) -> None:
    ran(None, **asked)
    with open_database(tmp_path / "out" / "database.gpkg") as database:
        assert database.verify() == []


def test_recorded_losses_may_weigh_the_hazards(small_city: City, tmp_path: Path) -> None:
    def change(content: dict[str, Any], there: Path) -> None:
        rows = {"year": [2001, 2002, 2003], "hazard": ["洪涝", "地震", "洪涝"], "loss": [2e6, 1e6, 1e6]}
        pd.DataFrame(rows).to_csv(there / "past.csv", index=False)
        content["inputs"]["past"] = {"path": "past.csv"}
        content["history"] = {"table": "past", "hazard": "hazard"}
        content["weights"] = {"a": 0.5, "objective": "history"}

    result = run_study(load_study(small_city(change)), out=tmp_path / "out", only="grade")
    table = result.tables["weights"].set_index("hazard")
    assert table["entropy"].to_dict() == pytest.approx({"earthquake": 0.25, "flood": 0.75})
    np.testing.assert_allclose(table["weight"], 0.5 * table["ahp"] + 0.5 * table["entropy"])
