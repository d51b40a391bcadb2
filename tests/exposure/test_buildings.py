from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskzoning.errors import Journal, LayerError, MissingCRSError, UnitsError, hearing
from riskzoning.exposure import (
    RECEPTORS,
    Ground,
    StudyUnits,
    building_layers,
    sampled_building_layers,
    structure_vulnerability,
    vulnerability_layer,
)
from riskzoning.layers import layer_on

ROWS = {
    "area_m2": [100.0, 50.0, 80.0, 60.0],
    "value_wan": [30.0, 10.0, 8.0, 5.0],
    "struct": [2, 1, 5, 7],
    "built_year": [2010, 1990, 1975, 2000],
    "n": [1.0, 2.5, 1.0, 1.0],
}


@pytest.fixture
def sample() -> gpd.GeoDataFrame:
    points = gpd.points_from_xy([500_050, 500_060, 500_150, 500_950], [3_900_050] * 4)
    return gpd.GeoDataFrame(ROWS, geometry=points, crs="EPSG:4547")


def test_layers_expand_the_sample_and_name_what_lies_outside(sample: gpd.GeoDataFrame, make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=3)
    found = building_layers(sample.to_crs(4490), grid, value="value_wan", value_units="万元", factor="n")
    assert found["building_count"].values.tolist() == [[3.5, 1.0, 0.0]]
    assert found["building_area"].values.tolist() == [[225.0, 80.0, 0.0]]
    assert found["building_value"].values.tolist() == [[550_000.0, 80_000.0, 0.0]]
    assert found["building_area"].attrs["outside"] == 60.0
    assert [layer.attrs["units"] for layer in found.values()] == ["1", "m2", "yuan"]


def test_value_by_area_and_without_value(sample: gpd.GeoDataFrame, make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=3)
    found = building_layers(sample, grid, unit_value=2000)
    assert found["building_value"].values.tolist() == [[300_000.0, 160_000.0, 0.0]]
    assert "building_value" not in building_layers(sample, grid)


def test_footprints_count_by_a_point_inside(make_grid: Any) -> None:
    ring = shapely.box(500_010, 3_900_010, 500_090, 3_900_090)
    frame = gpd.GeoDataFrame({"area_m2": [500.0]}, geometry=[ring], crs="EPSG:4547")
    assert building_layers(frame, make_grid(rows=1, columns=2))["building_area"].values.tolist() == [[500.0, 0.0]]


def test_what_does_not_fit_is_refused(sample: gpd.GeoDataFrame, make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=3)
    with pytest.raises(LayerError, match="no column 'floor'"):
        building_layers(sample, grid, area="floor")
    with pytest.raises(LayerError, match=r"has 2 values .* many"):
        building_layers(sample.assign(area_m2=["many", -1, 3, 4]), grid)
    with pytest.raises(LayerError, match="both value and unit_value"):
        building_layers(sample, grid, value="value_wan", unit_value=5)
    with pytest.raises(UnitsError, match="'dollar'"):
        building_layers(sample, grid, value="value_wan", value_units="dollar")
    with pytest.raises(MissingCRSError):
        building_layers(sample.set_crs(None, allow_override=True), grid)


@pytest.mark.parametrize(
    ("structure", "year", "v"),
    [
        (2, 2002, 0.1), (2, 2001, 0.2), (1, 2002, 0.35), (1, 2001, 0.55), (1, None, 0.55), ("2", "2015", 0.1),
        (11, 2015, 0.6), (12, 1980, 0.6), (4, 2015, 0.6), (5, 2015, 0.9), (8, 2015, np.nan), (None, 2015, np.nan),
    ],
)  # fmt: skip
def test_structure_vulnerability(structure: Any, year: Any, v: float) -> None:
    assert structure_vulnerability([structure], [year]).tolist() == pytest.approx([v], nan_ok=True)


def test_vulnerability_is_the_mean_by_floor_area(sample: gpd.GeoDataFrame, make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=10)
    found = vulnerability_layer(sample, grid, factor="n")
    expected = (100 * 0.1 + 125 * 0.55) / 225
    np.testing.assert_allclose(found[0, :3], [expected, 0.9, np.nan])
    # a structure that is not in the table is left out, and its share said
    assert np.isnan(found[0, 9])
    assert found.attrs["unknown_structure"] == pytest.approx(60 / 365)
    assert found.attrs["quantity"] == "vulnerability_index"
    plain = vulnerability_layer(sample.drop(columns="built_year"), grid, built_year=None)
    assert plain[0, 0].item() == pytest.approx((100 * 0.2 + 50 * 0.55) / 150)
    with pytest.raises(LayerError, match="no column 'struct'"):
        vulnerability_layer(sample.drop(columns="struct"), grid)


def towns() -> gpd.GeoDataFrame:
    boxes = [shapely.box(500_000, 3_900_000, 500_200, 3_900_100), shapely.box(500_200, 3_900_000, 500_450, 3_900_100)]
    return gpd.GeoDataFrame({"level": "township"}, index=["a", "b"], geometry=boxes, crs="EPSG:4547")


def test_a_sample_is_spread_over_its_town_and_never_stays_at_its_points(make_grid: Any) -> None:
    grid, units = make_grid(rows=1, columns=5), towns()
    people = layer_on(grid, np.array([[30.0, 10.0, 5.0, 0.0, 5.0]]), quantity="population")
    points = gpd.points_from_xy([500_050, 500_060, 500_310], [3_900_050] * 3)
    rows = {"area_m2": [100.0, 50, 80], "wan": [30.0, 10, 8], "n": [2.0, 4.0, 3.0]}
    sample = gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4547")
    layers = sampled_building_layers(sample, grid, units, factor="n", weights=people, value="wan", value_units="万元")
    assert layers["building_area"].values[0, :4].tolist() == pytest.approx([300, 100, 240, 0])
    assert layers["building_count"].values[0, :2].tolist() == pytest.approx([4.5, 1.5])
    assert float(layers["building_value"].sum()) == pytest.approx(124e4, rel=1e-9)
    moved = sample.set_geometry(gpd.points_from_xy([500_150, 500_160, 500_410], [3_900_050] * 3), crs="EPSG:4547")
    again = sampled_building_layers(moved, grid, units, factor="n", weights=people, value="wan", value_units="万元")
    np.testing.assert_array_equal(again["building_area"], layers["building_area"])


def prepared(sample: gpd.GeoDataFrame, make_grid: Any, **params: Any) -> Any:
    ground = Ground(make_grid(rows=1, columns=5), StudyUnits(towns()))
    people = layer_on(ground.grid, 1.0, quantity="population")
    return RECEPTORS["buildings"].prepare({"points": sample, "spread_by": people}, {"points": "p", **params}, ground)


@pytest.mark.filterwarnings("ignore:.*no sampled building")
def test_a_sample_without_residents_is_spread_by_area_and_that_is_said(
    sample: gpd.GeoDataFrame, make_grid: Any
) -> None:
    with hearing(Journal()) as heard:
        layers = sampled_building_layers(sample, make_grid(rows=1, columns=2), towns().iloc[:1], factor="n")
    assert [problem.rule for problem in heard.warnings] == ["exposure.sample_even"]
    assert layers["building_area"].values.tolist() == [[152.5, 152.5]]


@pytest.mark.filterwarnings("ignore:.*no sampled building")
def test_the_mix_of_a_town_is_the_floor_area_of_its_classes(sample: gpd.GeoDataFrame, make_grid: Any) -> None:
    sample = sample.assign(use=["住宅", "商业", "住宅", "住宅"])
    exposed = prepared(sample, make_grid, factor="n", structure="struct", built_year="built_year", use="use")
    table = exposed.mix.floor_area["earthquake"]
    assert table.loc["a"].to_dict() == {"concrete_new": 100, "earth_stone": 80, "masonry_old": 125}
    assert exposed.mix.floor_area["flood"].loc["a"].to_dict() == {"commercial_low": 125, "residential_low": 180}
    assert exposed.mix.stock.values.tolist() == [[1, 1, 2, 2, 2]]
    assert exposed.mix.sample["area"].tolist() == [100, 125, 80, 60]
    weak = (100 * 0.1 + 125 * 0.55 + 80 * 0.9) / 305
    np.testing.assert_allclose(exposed.vulnerability[0], [weak] * 5)
    whole = prepared(sample, make_grid, structure="struct")
    assert whole.mix.sample is None
    assert prepared(sample, make_grid).mix is None


def test_a_column_that_looks_like_an_expansion_factor_is_asked_for(sample: gpd.GeoDataFrame) -> None:
    spec = RECEPTORS["buildings"]
    survey = sample.assign(n_represented=[3.0, 20.0, 12.0, 2.0], struct=1)
    for column in ("n_represented", "扩样系数", "sample_weight", "EXPANSION"):
        named = survey.rename(columns={"n_represented": column})
        (problem,) = spec.check({"points": named}, spec.params(points="p"), None)
        assert (problem.rule, problem.severity, problem.field) == ("exposure.sample_factor", "warning", column)
        assert not spec.check({"points": named}, spec.params(points="p", factor=column), None)
    assert not spec.check({"points": survey.assign(n_represented=1)}, spec.params(points="p"), None)


def test_a_use_that_no_class_knows_is_warned_about(sample: gpd.GeoDataFrame) -> None:
    spec = RECEPTORS["buildings"]
    (problem,) = spec.check({"points": sample.assign(use="庙")}, spec.params(points="p", use="use"), None)
    assert (problem.rule, dict(problem.values)["uses"]) == ("table.use", ("庙",))
