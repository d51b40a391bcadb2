"""Villages as a fourth level: numbers and grades of their own, sums that reconcile, the other levels as without."""

from __future__ import annotations

import sqlite3
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

from .conftest import CELL, CRS, small_study, units, write_small_city
from .village_layer import cut_up


def villages() -> gpd.GeoDataFrame:
    """Fourteen villages in each county; one has a bit in another, and in one lies one that is smaller than a cell."""
    random = np.random.default_rng(3)
    rows = []
    for county in units().itertuples():
        parts = cut_up(county.geometry, 14, random)
        order = np.argsort([part.centroid.y for part in parts])
        for number, place in enumerate(order):
            town = f"{county.code}10{1 + (number >= 7)}"
            rows.append((f"{town}{200 + number}", f"{county.name} {number}", parts[place]))
    frame = pd.DataFrame(rows, columns=["code", "name", "geometry"])
    made = gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4490")
    size = CELL / 4 / 111_000
    corner = made.geometry[5].representative_point().buffer(size)
    made.loc[5, "geometry"] = made.geometry[5].difference(corner)
    made.loc[2, "geometry"] = shapely.union(made.geometry[2], corner)
    tiny = made.geometry[0].representative_point().buffer(size / 2)
    made.loc[0, "geometry"] = made.geometry[0].difference(tiny)
    row = {"code": f"{made['code'][0][:9]}999", "name": "Tiny", "geometry": tiny}
    return gpd.GeoDataFrame(pd.concat([made, pd.DataFrame([row])], ignore_index=True), geometry="geometry", crs=4490)


def townships() -> gpd.GeoDataFrame:
    """Their townships, two in each county."""
    parts = villages()
    towns = parts.assign(code=parts["code"].str[:9]).dissolve("code", as_index=False)
    return towns.assign(name="Town " + towns["code"])[["code", "name", "geometry"]]


def run(folder: Path, layers: tuple[str, ...], cut: Any = None, *, only: str | None = "grade") -> StudyResult:
    path = write_small_city(folder)
    frames = {"township": townships(), "village": villages()}
    if cut is not None:
        frames["village"] = cut(frames["village"])
    for level in layers:
        frames[level].to_crs("EPSG:4490").to_file(folder / "admin.gpkg", layer=level, driver="GPKG")
    content = small_study()
    content["admin"]["layers"] = {level: level for level in layers}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return run_study(load_study(path), out=folder / "out", only=only)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return run(tmp_path_factory.mktemp("villages"), ("township", "village"), only=None)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return run(tmp_path_factory.mktemp("townships"), ("township",), only="stability")


def test_villages_have_numbers_and_grades_of_their_own(result: StudyResult) -> None:
    own = result.units["village"]
    assert len(own) == len(villages())
    assert (own["level"] == "village").all()
    for name in ("population", "flood_hazard_index", "flood_risk_index", "multi_risk_index", "valid_share"):
        assert own[name].notna().all(), name
    for name in ("flood_hazard_grade", "flood_risk_grade", "multi_risk_grade"):
        assert own[name].between(1, 5).all(), name


def test_a_village_smaller_than_a_cell_and_one_of_many_parts_have_values(result: StudyResult) -> None:
    own = result.units["village"]
    tiny = own[own["name"] == "Tiny"].iloc[0]
    cell = own.loc[own["name"] == "Tiny"].to_crs(CRS).geometry.area.iloc[0] / CELL**2
    assert cell < 0.1
    assert tiny["population"] > 0
    assert np.isfinite(tiny["flood_risk_index"])
    parts = own[own.geometry.geom_type == "MultiPolygon"]
    assert len(parts) == 1
    assert parts[["population", "earthquake_risk_index"]].notna().all(axis=None)


def test_the_levels_above_are_what_they_are_without_villages(result: StudyResult, without: StudyResult) -> None:
    assert result.levels == without.levels == ("city", "county", "township")
    assert result.all_levels == ("city", "county", "township", "village")
    for level in without.levels:
        ours, theirs = (frame.units[level].drop(columns="geometry") for frame in (result, without))
        pd.testing.assert_frame_equal(ours, theirs)
    for name in ("weights", "breaks", "exposure_by_grade", "risk_by_grade", "stability"):
        pd.testing.assert_frame_equal(result.tables[name], without.tables[name])
    assert set(result.unit_table["level"]) == {"city", "county", "township"}


def test_villages_are_cut_where_townships_are(result: StudyResult) -> None:
    bounds = result.tables["breaks"].query("index == 'multi_risk_index' and applied_to == 'units'")["upper_bound"]
    own = result.units["village"]
    expected = 1 + np.searchsorted(bounds.to_numpy()[:-1], own["multi_risk_index"], side="left")
    assert own["multi_risk_grade"].tolist() == expected.tolist()


def test_every_count_adds_up_from_villages_to_the_city(result: StudyResult) -> None:
    table = result.tables["reconciliation"]
    assert set(table["level"]) == {"city", "county", "township", "village"}
    assert (table["difference"].abs() <= 1e-9).all()
    nested = result.tables["level_reconciliation"]
    assert nested[["level", "below"]].drop_duplicates().to_numpy().tolist() == [
        ["city", "county"], ["county", "township"], ["township", "village"],
    ]  # fmt: skip
    assert set(nested["quantity"]) == {"area_km2", "population"}
    assert (nested["difference"].abs() <= 1e-9).all()
    sums = result.units["village"].groupby("parent")["population"].sum()
    towns = result.units["township"]["population"]
    np.testing.assert_allclose(sums.loc[towns.index], towns, rtol=1e-9)


def test_what_villages_leave_out_is_told_and_breaks_nothing(tmp_path: Path, without: StudyResult) -> None:
    result = run(tmp_path, ("township", "village"), lambda frame: frame.drop(index=[3, 4]))
    for level in without.levels:
        ours, theirs = (frame.units[level].drop(columns="geometry") for frame in (result, without))
        pd.testing.assert_frame_equal(ours, theirs)
    table = result.tables["reconciliation"].set_index(["quantity", "level"])
    row = table.loc[("population", "village")]
    assert row["unallocated"] > table.loc[("population", "township"), "unallocated"]
    assert abs(row["difference"]) <= 1e-9
    nested = result.tables["level_reconciliation"].query("level == 'township' and uncovered > 1e-6")
    assert len(nested["code"].unique()) == 1
    area = nested[nested["quantity"] == "area_km2"].iloc[0]
    assert area["uncovered"] == pytest.approx(1 - area["children"] / area["value"])
    assert {problem["rule"] for problem in result.record["warnings"]} >= {"admin.villages_apart"}


def test_files_and_database_have_the_villages_apart(result: StudyResult) -> None:
    table = pd.read_csv(result.folder / "tables" / "units_village.csv", dtype={"code": str, "parent": str})
    assert table["code"].str.fullmatch(r"\d{12}").all()
    assert len(table) == len(villages())
    with sqlite3.connect(result.folder / "database.gpkg") as database:
        assert database.execute("SELECT count(*) FROM unit_village").fetchone()[0] == len(villages())
        levels = {row[0] for row in database.execute("SELECT DISTINCT level FROM risk_unit")}
    assert levels == {"city", "county", "township"}


def test_villages_that_a_study_does_not_publish_are_left_out(tmp_path: Path) -> None:
    path = write_small_city(tmp_path)
    for level, frame in (("township", townships()), ("village", villages())):
        frame.to_crs("EPSG:4490").to_file(tmp_path / "admin.gpkg", layer=level, driver="GPKG")
    content = small_study()
    content["admin"]["layers"] = {level: level for level in ("township", "village")}
    content["zoning"] = {"levels": ["city", "township"]}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    result = run_study(load_study(path), out=tmp_path / "out", only="grade")
    assert result.all_levels == ("city", "township")


def test_villages_alone_are_no_level_to_publish(tmp_path: Path) -> None:
    path = write_small_city(tmp_path)
    content = small_study()
    content["zoning"] = {"levels": ["village"]}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    problems = check_study(load_study(path))
    assert "study.levels" in {problem.rule for problem in problems}
    with pytest.raises(ConfigError):
        run_study(load_study(path), out=tmp_path / "out")
