"""Plans in a run: conflicts, areas that add up, capacity; plans that overlap or name what is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml

from riskzoning.config import load_study
from riskzoning.errors import ConfigError
from riskzoning.pipeline import check_study, run_study
from riskzoning.results import StudyResult
from tests.pipeline.conftest import CRS, LEFT, TOP, small_study, write_small_city


def write_plans(folder: Path) -> Path:
    """The small city with GDP, houses and four plans; two of them overlap by 1 km2."""
    write_small_city(folder)
    town = shapely.box(LEFT + 2000, TOP - 6000, LEFT + 6000, TOP - 2000)
    fields = shapely.box(LEFT + 5500, TOP - 4000, LEFT + 9000, TOP - 2000)
    gpd.GeoDataFrame(geometry=[town], crs=CRS).to_file(folder / "town.gpkg")
    gpd.GeoDataFrame(geometry=[fields], crs=CRS).to_file(folder / "fields.gpkg")
    plots = gpd.GeoDataFrame({"use": ["harbour", "工业用地"]}, geometry=[town, fields], crs=CRS)
    plots.to_file(folder / "plots.gpkg")
    rules = {"class": ["harbour"] * 5, "risk_grade": range(1, 6), "conflict": [0, 1, 1, 2, 3], "text": "no harbour"}
    pd.DataFrame(rules).to_csv(folder / "rules.csv", index=False)
    houses = gpd.read_file(folder / "houses.gpkg").assign(value_wan=2e5)
    houses.to_file(folder / "worth.gpkg")
    data: dict[str, Any] = small_study()
    data["inputs"] |= {name: {"path": f"{name}.gpkg"} for name in ("town", "fields", "plots", "worth")}
    data["inputs"] |= {"rules": {"path": "rules.csv"}, "gdp": {"path": "gdp.csv"}}
    data["exposure"] |= {
        "economy": {"table": "gdp", "column": "gdp", "units": "万元", "spread_by": "population"},
        "buildings": {
            "points": "worth",
            "area": "area_m2",
            "structure": "struct",
            "built_year": "built_year",
            "value": "value_wan",
            "value_units": "万元",
        },
    }
    data["planning"] = {
        "plans": {
            "urban_boundary": {"input": "town"},
            "farmland": {"input": "fields"},
            "industry": {"input": "plots", "column": "use", "rules": "rules"},
        },
        "target_loss_share": "1.3%",
    }
    path = folder / "plans.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("plans")
    return run_study(load_study(write_plans(folder)), out=folder / "out")


def test_conflicts_hold_the_ground_of_the_plans(ran: StudyResult) -> None:
    table = ran.tables["planning_conflicts"]
    held = table[table["plan"] != "industry"].groupby("class")["area_km2"].sum()
    assert held.to_dict() == pytest.approx({"urban_boundary": 16.0, "farmland": 7.0}, rel=1e-5)
    areas = ran.tables["planning_areas"]
    for name, part in areas.groupby("plan"):
        whole = part.groupby("region")["area_km2"].sum()
        wanted = ran.units["county"].to_crs(str(ran.grid.crs)).area / 1e6
        assert np.allclose(whole.reindex(wanted.index), wanted, rtol=1e-9), name
        own = table[table["plan"] == name].groupby(["region", "class"])["area_km2"].sum()
        stated = part[part["class"] != ""].set_index(["region", "class"])["area_km2"]
        assert np.allclose(own.sort_index(), stated.sort_index(), rtol=1e-9)


def test_rules_of_a_plan_of_ones_own(ran: StudyResult) -> None:
    table = ran.tables["planning_conflicts"]
    harbour = table[table["class"] == "harbour"]
    assert set(harbour["text"]) == {"no harbour"}
    assert (harbour["conflict"].to_numpy() == np.array([0, 1, 1, 2, 3])[harbour["risk_grade"] - 1]).all()


def test_lines_that_overlap_are_told(ran: StudyResult) -> None:
    assert ran.tables["planning_overlaps"]["area_km2"].tolist() == pytest.approx([1.0], rel=1e-5)
    assert "planning.lines_overlap" in {row["rule"] for row in ran.record["warnings"]}


def test_plots_that_overlap_count_once(ran: StudyResult) -> None:
    table = ran.tables["planning_conflicts"]
    held = table[table["plan"] == "industry"]["area_km2"].sum()
    assert held == pytest.approx(16 + 7 - 1, rel=1e-5)
    assert "planning.overlap" in {row["rule"] for row in ran.record["warnings"]}


def test_conflicts_are_of_the_worst_hazard_on_fixed_limits(ran: StudyResult) -> None:
    table = ran.tables["planning_conflicts"]
    # Nobody chooses ground by earthquakes: houses are built for them.
    sited = [name for name in ran.hazards if name != "earthquake"]
    worst = np.max([np.nan_to_num(ran.layers[f"{name}_risk_index"].values) for name in sited], axis=0)
    highest = int(np.searchsorted([0.2, 0.4, 0.6, 0.8], worst.max(), side="left")) + 1
    assert table["risk_grade"].max() <= highest
    assert set(table["hazard"]) - {""} <= set(sited)
    assert "planning.relative" not in {row["rule"] for row in ran.record["warnings"]}


@pytest.mark.parametrize("grade", ["hazard", "composite"])
def test_plans_are_held_against_what_the_study_says(tmp_path: Path, ran: StudyResult, grade: str) -> None:
    path = write_plans(tmp_path)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["planning"]["grade"] = grade
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    other = run_study(load_study(path), out=tmp_path / "out", only="planning").tables["planning_conflicts"]
    own = ran.tables["planning_conflicts"]
    assert other["area_km2"].sum() == pytest.approx(own["area_km2"].sum(), rel=1e-9)
    assert not other["risk_grade"].equals(own["risk_grade"])
    assert (set(other["hazard"]) == {""}) == (grade == "composite")


def test_conflict_index_of_counties(ran: StudyResult) -> None:
    table = ran.tables["conflict_index"].set_index("code")
    assert table["boundary_km2"].sum() == pytest.approx(16.0, rel=1e-5)
    known = table["conflict_index"].dropna()
    assert known.between(0, 1).all()
    assert len(known) < 3


def test_capacity_is_the_target_share_of_the_product(ran: StudyResult) -> None:
    table = ran.tables["risk_capacity"]
    assert np.allclose(table["capacity"], 0.013 * table["gdp_yuan"])
    assert np.allclose(table["used"], table["eal"] / table["capacity"])
    assert set(table["level"]) == {"city", "county"}


def test_files_and_layer(ran: StudyResult) -> None:
    layer = ran.zones["planning_conflict"]
    assert (layer["conflict"] > 0).all()
    for name in ("planning_conflicts", "risk_capacity", "conflict_index", "development_guidance"):
        assert (ran.folder / "tables" / f"{name}.csv").is_file()
    guidance = ran.tables["development_guidance"]
    assert set(guidance["space"]) == {"agricultural", "urban"}
    assert guidance["share"].between(0, 1 + 1e-9).all()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"urban_boundary": {"input": "towns"}}, "study.entry"),
        ({"plots": {"input": "plots", "column": "用途"}}, "catalogue.column"),
        ({"plots": {"input": "plots", "column": "use", "rules": "gdp"}}, "planning.rules_columns"),
        ({"roads": {"input": "roads"}}, "vector.type"),
    ],
)
def test_plans_that_cannot_be_read(tmp_path: Path, change: dict[str, Any], rule: str) -> None:
    path = write_plans(tmp_path)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["inputs"]["roads"] = {"path": "roads.gpkg"}
    data["planning"] = {"plans": change}
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    assert rule in [problem.rule for problem in check_study(path) if problem.severity == "error"]
    with pytest.raises(ConfigError):
        run_study(load_study(path), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_product_or_losses_there_is_no_capacity(tmp_path: Path) -> None:
    result = run_study(load_study(write_small_city(tmp_path)), out=tmp_path / "out", only="planning")
    assert "risk_capacity" not in result.tables
