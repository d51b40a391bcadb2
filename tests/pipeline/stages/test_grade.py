"""Grades of a run: fixed limits, ladders, shares of classes, ranks, breaks frozen by the study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from riskzoning.config import load_study
from riskzoning.errors import speaking
from riskzoning.hazards import HAZARDS
from riskzoning.names import MULTI, Index
from riskzoning.pipeline import run_study
from riskzoning.results import StudyResult
from riskzoning.zoning import zonal_statistics
from riskzoning.zoning.scales import grade_from_shares

from ..conftest import small_study, units, write_small_city

City = Callable[..., Path]
FROZEN = [0.55, 0.6, 0.65, 0.7, 1.0]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("city")
    path = write_small_city(folder)
    content = small_study()
    content["zoning"] = {"frozen": {"flood_risk_index": FROZEN}}
    content["not_applicable"] = ["forest_fire", "drought"]
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    # A reader of Chinese runs a study in English.
    with speaking("zh"):
        return run_study(load_study(path), out=folder / "out", only="grade")


def test_sentences_in_tables_are_in_the_language_of_the_study(graded: StudyResult) -> None:
    texts = [str(value) for value in graded.tables["targets"].select_dtypes("object").to_numpy().ravel()]
    assert [text for text in texts if not text.isascii()] == []
    assert any("too few years" in text for text in texts)


def breaks(result: StudyResult, index: Index, where: str) -> pd.DataFrame:
    table = result.tables["breaks"]
    return table[(table["index"] == index.key) & (table["applied_to"] == where)]


@pytest.mark.parametrize("where", ["grid", "units"])
def test_frozen_breaks_are_used_as_they_are(graded: StudyResult, where: str) -> None:
    rows = breaks(graded, Index("flood", "risk"), where)
    assert rows["upper_bound"].tolist() == FROZEN
    assert set(rows["rule"]) == {"frozen"}
    grades = graded.layers["flood_risk_grade"].to_numpy()
    values = graded.layers["flood_risk_index"].to_numpy()
    known = np.isfinite(values)
    np.testing.assert_array_equal(grades[known], 1 + np.searchsorted(FROZEN, values[known], side="left"))


@pytest.mark.parametrize(("where", "rule"), [("grid", "ladder"), ("units", "class_share")])
def test_a_hazard_is_cut_where_its_ladder_is(graded: StudyResult, where: str, rule: str) -> None:
    rows = breaks(graded, Index("flood", "hazard"), where)
    assert rows["upper_bound"].tolist() == [0.25, 0.5, 0.75, 1.0]
    assert set(rows["closed"]) == {HAZARDS["flood"].scale.closed}
    assert set(rows["scheme"]) == {"flood_4"}
    assert set(rows["rule"]) == {rule}


@pytest.mark.parametrize("where", ["grid", "units"])
def test_the_risk_of_one_hazard_has_limits_that_mean_the_same_everywhere(graded: StudyResult, where: str) -> None:
    rows = breaks(graded, Index("earthquake", "risk"), where)
    assert set(rows["rule"]) == {"fixed"}
    assert rows["upper_bound"].tolist() == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert graded.layers["earthquake_risk_grade"].attrs["scheme"] == "risk_5"


def test_the_composite_says_that_it_ranks_within_the_city(graded: StudyResult) -> None:
    rows = breaks(graded, Index(MULTI, "risk"), "units")
    assert set(rows["rule"]) == {"natural_breaks"}
    assert set(rows["title"]) == {"relative within the study area (natural breaks)"}


def test_breaks_of_units_come_from_the_level_that_they_name_and_not_from_all_levels_thrown_together(
    graded: StudyResult,
) -> None:
    index = Index(MULTI, "risk")
    rows = breaks(graded, index, "units")
    assert set(rows["level"]) == {"county"}
    # There are fewer units than classes: natural breaks are their values, that of the city above them is none.
    county, city = (graded.units[level][index.key].to_numpy() for level in ("county", "city"))
    np.testing.assert_allclose(rows["upper_bound"], np.unique(county))
    assert not np.isin(city, county).any()
    # What is given, and what comes from cells, names no level.
    others = graded.tables["breaks"].drop(index=rows.index)
    relative = (others["applied_to"] == "units") & (others["rule"] == "natural_breaks")
    assert set(others.loc[~relative, "level"]) == {""}
    assert set(breaks(graded, Index("flood", "risk"), "units")["rule"]) == {"frozen"}


def test_a_unit_is_graded_by_the_shares_of_its_classes(graded: StudyResult) -> None:
    table = graded.tables["exposure_by_grade"]
    own = table[(table["hazard"] == "flood") & (table["quantity"] == "area_km2") & (table["grade"] > 0)]
    shares = own.pivot_table(index="code", columns="grade", values="value")
    expected = grade_from_shares(shares)
    frame = graded.units["county"]
    assert frame["flood_hazard_grade"].tolist() == expected.loc[frame.index].tolist()
    people = table[(table["hazard"] == "flood") & (table["quantity"] == "population") & (table["grade"] > 0)]
    by_people = grade_from_shares(people.pivot_table(index="code", columns="grade", values="value"))
    assert frame["flood_exposed_hazard_grade"].tolist() == by_people.loc[frame.index].tolist()


def test_what_lies_in_the_classes_adds_up_to_the_unit(graded: StudyResult) -> None:
    table = graded.tables["exposure_by_grade"]
    assert list(table) == ["code", "level", "hazard", "quantity", "grade", "value", "share"]
    assert set(table["grade"]) == {0, 1, 2, 3, 4}
    sums = table.groupby(["code", "hazard", "quantity"])[["value", "share"]].sum()
    frame = graded.units["county"]
    areas = frame.to_crs("EPSG:4549").geometry.area / 1e6
    for hazard in ("flood", "earthquake"):
        np.testing.assert_allclose(
            sums.loc[(frame.index, hazard, "population"), "value"], frame["population"], rtol=1e-9
        )
        np.testing.assert_allclose(sums.loc[(frame.index, hazard, "area_km2"), "value"], areas, rtol=1e-9)
    np.testing.assert_allclose(sums["share"], 1.0, rtol=1e-9)
    layers, grades = graded.layers["population"], graded.layers["flood_hazard_grade"]
    inside = layers.where(grades.to_numpy() == 1, 0.0)
    by_hand = zonal_statistics(inside, frame, ["sum"])["sum"]
    rows = table[(table["hazard"] == "flood") & (table["quantity"] == "population") & (table["grade"] == 1)]
    np.testing.assert_allclose(rows.set_index("code")["value"].loc[frame.index], by_hand, rtol=1e-9)


def test_a_hazard_that_does_not_exist_here_has_no_value_and_no_grade(graded: StudyResult) -> None:
    frame = graded.units["county"]
    for name in ("forest_fire", "drought"):
        for index in (Index(name, "hazard"), Index(name, "risk")):
            assert frame[index.key].isna().all()
            assert (frame[index.grade_key] == 0).all()
    columns = [str(column) for column in frame.columns if "drought" in str(column) or "forest" in str(column)]
    assert columns == [
        f"{name}_{what}" for name in ("forest_fire", "drought")
        for what in ("hazard_index", "risk_index", "hazard_grade", "risk_grade")
    ]  # fmt: skip


def test_the_tidy_table_has_every_column_of_the_wide_one(graded: StudyResult) -> None:
    table = graded.unit_table
    one = table[table["code"] == graded.units["county"].index[0]]
    made = {(row.hazard, row.receptor, row.indicator) for row in one.itertuples()}
    assert len(one) == len(made) == 3 * 3 + 2 * 2 + 13
    assert ("flood", "population", "risk_index") in made
    assert ("", "", "population") in made
    assert ("drought", "", "risk_index") in made
    population = one[one["indicator"] == "population"].iloc[0]
    assert population["units"] == "person"
    assert population["value"] == pytest.approx(400_000)


def test_what_is_unusual_in_several_indices_is_told_once_with_their_names(small_city: City, tmp_path: Path) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["zoning"] = {"scheme": "natural_breaks"}

    result = run_study(load_study(small_city(change)), out=tmp_path / "out", only="grade")
    told = [row for row in result.record["warnings"] if str(row["file"]).startswith("grades of the units")]
    assert len(told) == 2
    assert "grades of the units (comprehensive risk (population), comprehensive risk)" in [row["file"] for row in told]


def test_the_sector_grades_its_risks_by_its_own_classes(small_city: City, tmp_path: Path) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["grades"] = {"risk_scheme": "sector"}

    result = run_study(load_study(small_city(change)), out=tmp_path / "out", only="grade")
    rows = breaks(result, Index("flood", "risk"), "units")
    assert rows["upper_bound"].tolist() == [0.25, 0.5, 0.75, 1.0]
    assert set(rows["scheme"]) == {"flood_4"}
    assert result.layers["flood_risk_grade"].attrs["scheme"] == "flood_4"
    assert len(breaks(result, Index("earthquake", "risk"), "units")) == 5
    # Hazards compare by the same five classes, whatever a sector publishes.
    risks = result.units["county"][["flood_risk_index", "earthquake_risk_index"]].to_numpy()
    highest = 1 + np.searchsorted([0.2, 0.4, 0.6, 0.8], risks, side="left").max(axis=1)
    assert result.units["county"]["multi_max_grade"].tolist() == highest.tolist()


def test_a_study_of_one_unit_has_grades_of_its_hazards_and_risks(small_city: City, tmp_path: Path) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        units().iloc[:1].to_file(folder / "admin.gpkg", layer="county", driver="GPKG")
        people = pd.DataFrame({"code": units()["code"].iloc[:1], "pop": [400_000]})
        people.to_csv(folder / "pop.csv", index=False)

    result = run_study(load_study(small_city(change)), out=tmp_path / "out", only="grade")
    unit = result.units["county"].iloc[0]
    for hazard in ("flood", "earthquake"):
        assert 1 <= unit[f"{hazard}_hazard_grade"] <= 4
        assert 1 <= unit[f"{hazard}_risk_grade"] <= 5
    # One unit has nothing to be ranked among.
    assert unit["multi_risk_grade"] == 0
    assert unit["multi_max_grade"] == max(unit["flood_risk_grade"], unit["earthquake_risk_grade"])
    assert np.isnan(result.tables["weights"]["effective"]).all()
