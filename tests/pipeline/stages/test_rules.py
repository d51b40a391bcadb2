"""Grades by every rule beside the published ones, and what lies in each grade of risk, of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from riskzoning.config import load_study
from riskzoning.names import Index
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages import rules
from riskzoning.pipeline.stages.rules import weighing_counts
from riskzoning.results import Breaks, StudyResult
from riskzoning.zoning import zonal_statistics

from ..conftest import SIDE, small_study, write_raster, write_small_city

RULES = ["class_share", "composed", "area_mean", "exposed_mean", "any_cell"]


def run(folder: Path, **sections: object) -> StudyResult:
    path = write_small_city(folder)
    content = small_study()
    for name, section in sections.items():
        content.setdefault(name, {})
        content[name] = {**content[name], **section} if isinstance(section, dict) else section
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return run_study(load_study(path), out=folder / "out", only="grade")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return run(tmp_path_factory.mktemp("rules"))


def rows(result: StudyResult, level: str, hazard: str, indicator: str, receptor: str = "") -> pd.DataFrame:
    table = result.tables["grades_by_rule"]
    about = {"level": level, "hazard": hazard, "indicator": indicator, "receptor": receptor}
    return table[(table[list(about)] == pd.Series(about)).all(axis=1)]


def test_every_rule_stands_beside_the_others_at_every_level(result: StudyResult) -> None:
    county = rows(result, "county", "flood", "risk_grade")
    assert county["rule"].tolist() == RULES * 3
    assert rows(result, "city", "flood", "risk_grade")["rule"].tolist() == [*RULES, "children"]
    # A hazard is not composed of parts.
    assert rows(result, "county", "flood", "hazard_grade")["rule"].tolist()[:4] == [*RULES[:1], *RULES[2:]]
    receptors = set(result.tables["grades_by_rule"]["receptor"])
    assert receptors == {"", *result.receptors}


def test_the_published_rule_is_no_step_away_from_itself(result: StudyResult) -> None:
    for rule, indicator in (("composed", "risk_grade"), ("class_share", "hazard_grade")):
        table = rows(result, "county", "flood", indicator)
        own = table[table["rule"] == rule].set_index("code")
        assert (own["difference"] == 0).all()
        assert own["grade"].to_dict() == result.units["county"][f"flood_{indicator}"].to_dict()


def test_numbers_behind_the_grades_are_those_of_the_cells(result: StudyResult) -> None:
    table = rows(result, "county", "flood", "risk_grade", "population").set_index(["rule", "code"])["value"]
    units = result.units["county"]
    layer = result.layers["flood_population_risk_index"]
    mean = zonal_statistics(layer, units, ["mean"])["mean"]
    weighted = zonal_statistics(layer, units, ["mean"], weights=result.layers["population"])["mean"]
    np.testing.assert_allclose(table["area_mean"].loc[units.index], mean, rtol=1e-9)
    np.testing.assert_allclose(table["exposed_mean"].loc[units.index], weighted, rtol=1e-9)
    highest = zonal_statistics(result.layers["flood_population_risk_grade"], units, ["max"])["max"]
    grades = rows(result, "county", "flood", "risk_grade", "population").set_index(["rule", "code"])["grade"]
    assert grades["any_cell"].loc[units.index].tolist() == highest.tolist()


def test_the_rule_that_a_study_chooses_gives_what_the_table_says_of_it(tmp_path: Path, result: StudyResult) -> None:
    chosen = run(tmp_path, risk={"unit_rule": "exposed_mean"})
    for hazard, receptor in (("flood", ""), ("flood", "population"), ("earthquake", "")):
        table = rows(result, "county", hazard, "risk_grade", receptor)
        said = table[table["rule"] == "exposed_mean"].set_index("code")
        key = Index(hazard, "risk", receptor or None)
        assert said["grade"].to_dict() == chosen.units["county"][key.grade_key].to_dict()
        np.testing.assert_allclose(said["value"], chosen.units["county"][key.key].loc[said.index], rtol=1e-12)
    # And the composed one is still told, beside it.
    table = rows(chosen, "county", "flood", "risk_grade")
    composed = table[table["rule"] == "composed"].set_index("code")["grade"].to_dict()
    assert composed == result.units["county"]["flood_risk_grade"].to_dict()


def test_the_city_has_its_grade_from_its_children(result: StudyResult) -> None:
    table = rows(result, "city", "multi", "risk_grade").set_index("rule")
    assert table.loc["children", "difference"] == 0
    assert table.loc["children", "grade"] == result.units["city"]["multi_risk_grade"].iloc[0]


def test_a_rank_has_its_own_breaks_where_a_level_has_units_enough(tmp_path: Path) -> None:
    result = run(tmp_path, zoning={"scheme": "quantiles"})
    assert "own_breaks" not in set(result.tables["grades_by_rule"]["rule"])
    # Of three counties it can be said, of the one city not; the counties are the finest level here.
    assert rows(result, "county", "multi", "risk_grade")["rule"].tolist()[:5] == RULES


def test_disagreement_is_counted_for_every_rule_and_level(result: StudyResult) -> None:
    counts = result.tables["rule_disagreement"]
    own = counts[(counts["level"] == "county") & (counts["hazard"] == "flood") & (counts["indicator"] == "risk_grade")]
    own = own[own["receptor"] == ""].set_index("rule")
    assert own.index.tolist() == RULES
    assert own.loc["composed", ["units", "differing", "far"]].tolist() == [3, 0, 0]
    table = rows(result, "county", "flood", "risk_grade")
    apart = table[table["rule"] == "any_cell"]["difference"]
    assert own.loc["any_cell", "differing"] == (apart != 0).sum()
    assert own.loc["any_cell", "share"] == pytest.approx((apart != 0).mean())


def test_ground_and_people_in_the_grades_of_risk_add_up(result: StudyResult) -> None:
    table = result.tables["risk_by_grade"]
    assert set(table["quantity"]) == {"area_km2", "population"}
    assert set(table["hazard"]) == {"earthquake", "flood", "multi"}
    for level, units in result.units.items():
        own = table[(table["level"] == level) & (table["quantity"] == "population")]
        sums = own.pivot_table(index="code", columns="hazard", values="value", aggfunc="sum")
        for hazard in sums:
            np.testing.assert_allclose(sums[hazard].loc[units.index], units["population"], rtol=1e-9)
    shares = table.groupby(["code", "hazard", "quantity"])["share"].sum()
    np.testing.assert_allclose(shares, 1.0, rtol=1e-9)


def test_what_lies_in_a_grade_of_the_city_is_the_sum_over_its_counties(result: StudyResult) -> None:
    table = result.tables["risk_by_grade"]
    sums = table.pivot_table(index=["hazard", "quantity", "grade"], columns="level", values="value", aggfunc="sum")
    np.testing.assert_allclose(sums["county"], sums["city"], rtol=1e-9, atol=1e-9)


def test_a_level_of_very_many_units_lists_what_is_far_apart_and_counts_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, result: StudyResult
) -> None:
    monkeypatch.setattr(rules, "LISTED_UNITS", 2)
    short = run(tmp_path)
    whole = result.tables["grades_by_rule"]
    far = whole[(whole["level"] == "county") & (whole["difference"].abs() > 1)]
    pd.testing.assert_frame_equal(
        short.tables["grades_by_rule"].query("level == 'county'").reset_index(drop=True), far.reset_index(drop=True)
    )
    pd.testing.assert_frame_equal(short.tables["rule_disagreement"], result.tables["rule_disagreement"])
    assert set(short.tables["risk_by_grade"]["level"]) == {"city"}


def test_people_stand_for_what_has_no_receptor_of_its_own() -> None:
    indices = {Index("flood", "risk"): Breaks(""), Index("flood", "risk", "crops"): Breaks("")}
    counts = {"crops": "cropland_ha", "population": "population"}
    assert list(weighing_counts(indices, counts).values()) == ["population", "cropland_ha"]
    assert list(weighing_counts(indices, {"crops": "cropland_ha"}).values()) == ["cropland_ha"] * 2
    assert list(weighing_counts(indices, {}).values()) == [None] * 2


def test_a_study_without_exposure_has_the_rules_of_the_ground_alone(tmp_path: Path) -> None:
    path = write_small_city(tmp_path)
    content = small_study()
    del content["exposure"]
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    result = run_study(load_study(path), out=tmp_path / "out", only="grade")
    assert rows(result, "county", "flood", "hazard_grade")["rule"].tolist()[:3] == [
        "class_share",
        "area_mean",
        "any_cell",
    ]
    assert "risk_by_grade" not in result.tables


@pytest.fixture(scope="module")
def without_water(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    """A study whose depths have a value in one corner, outside all counties."""
    folder = tmp_path_factory.mktemp("absent")
    path = write_small_city(folder)
    for period in (20, 100):
        depth = np.full((SIDE, SIDE), -9999, np.float32)
        depth[0, 0] = period / 20
        write_raster(folder / f"depth_{period}.tif", depth, nodata=-9999)
    return run_study(load_study(path), out=folder / "out")


def test_a_hazard_without_cells_in_the_city_is_no_data_and_not_the_lowest_grade(without_water: StudyResult) -> None:
    for units in without_water.units.values():
        assert units["flood_risk_index"].isna().all()
        assert (units[["flood_hazard_grade", "flood_risk_grade"]] == 0).all(axis=None)
        # All hazards together are those that are known.
        np.testing.assert_allclose(units["multi_risk_index"], units["earthquake_risk_index"])
    said = [warning for warning in without_water.record["warnings"] if warning["rule"] == "stage.hazard_without_cells"]
    assert len(said) == 1
    table = without_water.tables["grades_by_rule"]
    flood = table[table["hazard"] == "flood"]
    assert (flood["grade"] == 0).all()
    assert flood["difference"].isna().all()
    assert "flood" not in set(without_water.tables["rule_disagreement"]["hazard"])
    scale = without_water.tables["scale_check"]
    assert (scale[scale["hazard"] == "flood"]["units"] == 0).all()


def test_breaks_of_the_cells_that_rank_are_not_those_of_the_units(result: StudyResult) -> None:
    # Cells rank among cells: the class share of a unit is told on the scale of the units.
    units = result.units["county"]
    bounds = result.tables["breaks"].query("index == 'multi_risk_index' and applied_to == 'units'")["upper_bound"]
    layer = result.layers["multi_risk_index"]
    above = (layer > bounds.iloc[-2]).where(np.isfinite(layer)).astype("float32")
    above.attrs = dict(layer.attrs)
    share = zonal_statistics(above, units, ["mean"])["mean"]
    table = rows(result, "county", "multi", "risk_grade").set_index(["rule", "code"])["grade"]
    top = len(bounds)
    assert ((table["class_share"].loc[units.index] == top) == (share >= 0.2)).all()
