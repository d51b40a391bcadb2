"""What a planned polygon brings into which grade."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

import riskzoning as rz
from riskzoning.errors import ConfigError, Journal, LayerError, hearing
from riskzoning.layers import layer_on
from riskzoning.results import StudyResult
from riskzoning.samples import toy_result
from riskzoning.zoning.planning import what_if


@pytest.fixture
def city() -> StudyResult:
    made = toy_result()
    shape = made.grid.shape
    grade = np.tile(np.where(np.arange(shape[1]) < 30, 1, 4), (shape[0], 1)).astype(np.uint8)
    layers = {
        "flood_hazard_grade": layer_on(made.grid, grade, quantity="hazard_grade", name="flood_hazard_grade"),
        "population": layer_on(made.grid, np.full(shape, 2.0), quantity="population", name="population"),
        "gdp_yuan": layer_on(made.grid, np.full(shape, 50.0), quantity="gdp", name="gdp_yuan"),
    }
    return replace(made, layers=made.layers.assign(layers))


def square(city: StudyResult, cells: tuple[int, int, int, int]) -> shapely.Polygon:
    left, top = city.grid.affine.c, city.grid.affine.f
    first, upper, last, lower = cells
    return shapely.box(left + first * 100, top - lower * 100, left + last * 100, top - upper * 100)


def test_who_is_there_now(city: StudyResult) -> None:
    table = what_if(square(city, (25, 10, 35, 20)), city)
    flood = table[table["hazard"] == "flood"].set_index("grade")
    assert flood["area_km2"].to_dict() == pytest.approx({1: 0.5, 4: 0.5})
    assert flood["people"].to_dict() == pytest.approx({1: 100, 4: 100})
    assert flood["value_yuan"].to_dict() == pytest.approx({1: 2500, 4: 2500})
    for _, part in table.groupby("hazard"):
        assert part["area_km2"].sum() == pytest.approx(1.0, rel=1e-9)
        assert part["share"].sum() == pytest.approx(1.0, rel=1e-9)
    assert set(table["hazard"]) == {"flood", "earthquake", "multi"}


def test_what_is_planned_is_spread_over_the_polygon(city: StudyResult) -> None:
    table = what_if(square(city, (28, 10, 38, 20)), city, people=5000, value=2e9)
    flood = table[table["hazard"] == "flood"].set_index("grade")
    assert flood["people"].to_dict() == pytest.approx({1: 1000, 4: 4000})
    assert flood["value_yuan"].to_dict() == pytest.approx({1: 4e8, 4: 1.6e9})


def test_a_polygon_in_another_projection(city: StudyResult) -> None:
    shape = square(city, (28, 10, 38, 20))
    degrees = gpd.GeoDataFrame(geometry=[shape], crs=city.grid.crs).to_crs("EPSG:4490")
    here, there = what_if(shape, city), rz.zoning.planning.what_if(degrees, city)
    assert there["area_km2"].tolist() == pytest.approx(here["area_km2"].tolist(), rel=1e-4)


def test_several_polygons_are_taken_together(city: StudyResult) -> None:
    two = gpd.GeoSeries([square(city, (25, 10, 35, 20)), square(city, (25, 15, 35, 25))], crs=city.grid.crs)
    table = what_if(two, city)
    assert table[table["hazard"] == "flood"]["area_km2"].sum() == pytest.approx(1.5)


def test_what_the_run_does_not_know_is_no_number(city: StudyResult) -> None:
    bare = replace(city, layers=city.layers.drop_vars(["population", "gdp_yuan"]))
    table = what_if(square(city, (25, 10, 35, 20)), bare)
    assert table["people"].isna().all()
    assert table["value_yuan"].isna().all()


def test_a_polygon_partly_outside_is_told(city: StudyResult) -> None:
    with hearing(Journal()) as heard:
        table = what_if(square(city, (-10, 10, 10, 20)), city)
    assert [problem.rule for problem in heard.warnings] == ["planning.partly_outside"]
    assert 0 in set(table["grade"])


@pytest.mark.parametrize(
    ("shape", "rule"),
    [
        (shapely.Polygon(), "planning.polygon"),
        (shapely.LineString([(500_000, 3_900_000), (501_000, 3_901_000)]), "planning.polygon"),
        (shapely.box(114, 35, 114.1, 35.1), "planning.outside"),
    ],
)
def test_what_is_no_plan(city: StudyResult, shape: shapely.Geometry, rule: str) -> None:
    with pytest.raises(LayerError) as caught:
        what_if(shape, city)
    assert caught.value.problems[0].rule == rule


def test_people_and_value_that_cannot_be_are_told_at_once(city: StudyResult) -> None:
    with pytest.raises(ConfigError) as caught:
        what_if(city.units["township"].geometry.iloc[0], city, people=-1, value=float("nan"))
    assert [problem.rule for problem in caught.value.problems] == ["planning.amount"] * 2
    assert "is -1" in caught.value.problems[0].text("en")
