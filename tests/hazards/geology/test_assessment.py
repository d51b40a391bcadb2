"""The geological hazard from inputs to index: frozen calibration, trigger, subsidence, given susceptibility, a city."""

import json
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from shapely.geometry import LineString

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.grid import align, analysis_grid, rasterise
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import Prepared
from riskzoning.hazards.geology import matrix_grade, trigger_class
from riskzoning.layers import describe, layer_on
from riskzoning.methods.ladders import load_ladder

SPEC = HAZARDS["geology"]


@pytest.fixture
def inputs(example_inputs, hazard_grid):
    return example_inputs("geology", hazard_grid, seed=5)


def plain(inputs, *without):
    return {key: value for key, value in inputs.items() if key not in ("rainfall", "subsidence_rate", *without)}


def test_the_index_is_the_relative_density_on_its_ladder(inputs, hazard_grid):
    inputs = plain(inputs)
    params = SPEC.params()
    prepared = SPEC.prepare(inputs, params, hazard_grid)
    scale = SPEC.calibrate(prepared, params)
    result = SPEC.assess(inputs, grid=hazard_grid, calibration=scale)
    ladder = load_ladder("geology/landslide")
    density = np.interp(result["intensity"], scale["curve"]["score"], scale["curve"]["density"])
    density = np.where(prepared.layers["domain"].values > 0, density, 0.0)
    np.testing.assert_allclose(result["relative_density"], density)
    np.testing.assert_array_equal(result["hazard_index"], ladder.index(result["relative_density"]))
    np.testing.assert_array_equal(result["hazard_grade"], ladder.grade(result["relative_density"]))
    assert float(result["susceptibility"].max()) == 1.0
    assert float(result["susceptibility"].min()) == 0.0
    assert result["hazard_index"].dtype == np.float64
    assert scale["landslides"]["points"] == 80
    assert scale["holdout"]["folds"] == 5
    skill = scale["validation"]
    assert set(skill) == {"auc_in_sample", "auc_holdout", "auc_holdout_sd"}
    assert 0.5 < skill["auc_holdout"] < skill["auc_in_sample"] <= 1
    assert skill["auc_holdout_sd"] > 0


def test_beyond_the_susceptible_ground_the_index_is_0_and_no_event_teaches(inputs, hazard_grid):
    heights = inputs["elevation"].copy(deep=True)
    heights[:, 12:] = 70.0
    inputs = plain(inputs) | {"elevation": heights.assign_attrs(inputs["elevation"].attrs)}
    params = SPEC.params()
    prepared = SPEC.prepare(inputs, params, hazard_grid)
    domain = prepared.layers["domain"].values
    assert domain[:, :11].all()
    assert not domain[:, 14:].any()
    with hearing(Journal()) as heard:
        scale = SPEC.calibrate(prepared, params)
    index = SPEC.assess(prepared, params, grid=hazard_grid, calibration=scale)["hazard_index"].values
    assert (index[1:-1, 14:-1] == 0).all()
    assert np.nanmax(index[:, :11]) > 0.5
    assert scale["landslides"]["on_other_ground"] > 0
    assert scale["domain"]["cells"] == int(domain.sum())
    assert sum(scale["factors"]["lithology"]["area"]) <= domain.sum()
    said = {problem.rule: problem.found for problem in heard.warnings}
    assert "beyond the susceptible ground" in said["geology.landslides"]


def test_factors_that_say_the_same_are_not_summed(inputs, hazard_grid):
    twin = inputs["lithology"].assign_attrs(quantity="landcover")
    inputs = plain(inputs) | {"landcover": twin}
    params = SPEC.params()
    prepared = SPEC.prepare(inputs, params, hazard_grid)
    journal = Journal()
    with hearing(journal):
        scale = SPEC.calibrate(prepared, params)
    assert ["landcover", "lithology", 1.0] in scale["dropped"]
    assert "landcover" not in scale["factors"]
    weights = dict.fromkeys(("slope", "aspect", "elevation", "lithology", "landcover"), 1 / 5)
    stated = SPEC.params(weights=weights, factors=tuple(weights))
    with hearing(Journal()) as heard:
        kept = SPEC.calibrate(prepared, stated)
    assert set(kept["factors"]) == set(weights)
    assert "geology.correlated" in [problem.rule for problem in heard.warnings]


def test_assess_calibrates_by_itself(inputs, hazard_grid):
    params = SPEC.params()
    scale = SPEC.calibrate(SPEC.prepare(inputs, params, hazard_grid), params)
    np.testing.assert_array_equal(
        SPEC.assess(inputs, grid=hazard_grid)["hazard_index"],
        SPEC.assess(inputs, grid=hazard_grid, calibration=scale)["hazard_index"],
    )


def test_prepared_layers_are_kept(inputs, hazard_grid):
    params = SPEC.params()
    once = SPEC.prepare(inputs, params, hazard_grid).layers
    keys = ("elevation_on_grid", "slope", "aspect", "relief")
    again = SPEC.prepare(inputs | {key: once[key] for key in keys}, params, hazard_grid).layers
    assert all(again[key] is once[key] for key in keys)
    assert {"rivers_distance", "landslide_cells", "domain"} <= set(once)


def test_a_run_may_keep_only_layers_on_the_grid(inputs, hazard_grid):
    params = SPEC.params()
    prepared = SPEC.prepare(inputs, params, hazard_grid)
    again = Prepared(prepared.layers, json.loads(json.dumps(prepared.facts)))
    assert "elevation" not in again.layers
    scale = SPEC.calibrate(again, params)
    assert scale == SPEC.calibrate(prepared, params)
    np.testing.assert_array_equal(
        SPEC.assess(again, params, grid=hazard_grid, calibration=scale)["hazard_index"],
        SPEC.assess(inputs, params, grid=hazard_grid)["hazard_index"],
    )


def test_the_seed_decides_the_folds(inputs, hazard_grid):
    def skill(seed):
        params = SPEC.params(seed=seed)
        return SPEC.calibrate(SPEC.prepare(plain(inputs), params, hazard_grid), params)["validation"]

    assert skill(1) == skill(1)
    assert skill(1)["auc_holdout"] != skill(2)["auc_holdout"]
    assert skill(1)["auc_in_sample"] == skill(2)["auc_in_sample"]


def test_no_holdout_is_said(inputs, hazard_grid):
    params = SPEC.params(folds=0)
    scale = SPEC.calibrate(SPEC.prepare(inputs, params, hazard_grid), params)
    assert scale["validation"]["auc_holdout"] is None
    assert "in-sample" in scale["holdout"]["note"]
    params = SPEC.params(block_m=1e7)
    scale = SPEC.calibrate(SPEC.prepare(inputs, params, hazard_grid), params)
    assert "no hold-out" in scale["holdout"]["note"]
    json.dumps(scale)


def test_rain_scales_the_density(inputs, hazard_grid):
    dry = SPEC.assess(plain(inputs), grid=hazard_grid)
    wet = SPEC.assess(plain(inputs) | {"rainfall": inputs["rainfall"]}, grid=hazard_grid)
    rain = inputs["rainfall"].sel(return_period=100)
    factor = 0.5 + 0.5 * ((rain - 100) / 150).clip(0, 1)
    np.testing.assert_allclose(wet["relative_density"], dry["relative_density"] * factor)
    np.testing.assert_array_equal(wet["susceptibility"], dry["susceptibility"])


def test_the_matrix_of_susceptibility_and_trigger(inputs, hazard_grid):
    dry = SPEC.assess(plain(inputs), grid=hazard_grid)
    wet = SPEC.assess(plain(inputs) | {"rainfall": inputs["rainfall"]}, {"trigger_form": "matrix"}, grid=hazard_grid)
    np.testing.assert_array_equal(wet["relative_density"], dry["relative_density"])
    row, column = dry["hazard_grade"], trigger_class(inputs["rainfall"].sel(return_period=100, drop=True))
    expected = matrix_grade(row, column).where(dry["hazard_index"] > 0, 1).where(row > 0, 0)
    np.testing.assert_array_equal(wet["hazard_grade"], expected)
    assert set(np.unique(wet["hazard_index"].values[row.values > 0])) <= {0.0, 0.125, 0.375, 0.625, 0.875}
    given = layer_on(hazard_grid, np.full(tuple(hazard_grid.shape), 0.6), quantity="susceptibility")
    params = {"trigger_form": "matrix"}
    made = SPEC.assess({"susceptibility": given, "rainfall": inputs["rainfall"]}, params, grid=hazard_grid)
    np.testing.assert_array_equal(made["hazard_grade"], matrix_grade(describe(given * 0 + 3, quantity="grade"), column))
    with pytest.raises(LayerError) as caught:
        SPEC.assess(plain(inputs), params, grid=hazard_grid)
    assert caught.value.problems[0].rule == "geology.matrix_trigger"


def test_the_rain_of_the_factor_ascends() -> None:
    assert SPEC.params().trigger_rain == (100, 250)
    for wrong in ((250, 100), (-1, 100), (100, 100)):
        with pytest.raises(ValidationError, match="trigger_rain"):
            SPEC.params(trigger_rain=wrong)


def test_subsidence_counts_where_it_is_worse(inputs, hazard_grid):
    slopes = SPEC.assess(plain(inputs), grid=hazard_grid)["hazard_index"].values
    both = SPEC.assess(plain(inputs) | {"subsidence_rate": inputs["subsidence_rate"]}, grid=hazard_grid)
    rate = inputs["subsidence_rate"].values
    sinking = np.interp(-np.nan_to_num(rate), [5, 10, 30, 50, 100], [0, 0.25, 0.5, 0.75, 1.0])
    expected = np.where(np.isnan(slopes), np.nan, np.maximum(slopes, sinking))
    np.testing.assert_allclose(both["hazard_index"], expected)


def test_given_susceptibility_replaces_the_model(hazard_grid):
    values = np.linspace(0, 1, 480).reshape(20, 24)
    values[0, 0] = np.nan
    given = layer_on(hazard_grid, values, quantity="susceptibility", name="susceptibility")
    found = SPEC.assess({"susceptibility": given})
    np.testing.assert_array_equal(found["hazard_index"], values)
    assert found.attrs["method"].startswith("susceptibility as given")


def test_weights_of_the_factors(inputs, hazard_grid):
    inputs = plain(inputs, "rivers")
    weights = {"slope": 0.4, "aspect": 0.1, "relief": 0.1, "elevation": 0.1, "lithology": 0.1, "rivers": 0.2}
    params = SPEC.params(weights=weights)
    scale = SPEC.calibrate(SPEC.prepare(inputs, params, hazard_grid), params)
    assert scale["weights"]["slope"] == pytest.approx(0.5)
    assert sum(scale["weights"].values()) == pytest.approx(1)
    with pytest.raises(LayerError, match="a weight for each of"):
        SPEC.assess(inputs, {"weights": {"slope": 1.0}}, grid=hazard_grid)
    with pytest.raises(LayerError, match="slop 0"):
        SPEC.assess(inputs, {"weights": {**weights, "slop": 0.0}}, grid=hazard_grid)
    alone = SPEC.assess(inputs, {"weights": {"slope": 1.0}, "factors": ["slope"]}, grid=hazard_grid)
    assert np.isfinite(alone["hazard_index"]).any()


def test_ground_that_was_not_surveyed_is_not_ground_without_landslides(inputs, hazard_grid):
    left, bottom, right, top = hazard_grid.boundingbox
    from shapely.geometry import box

    half = gpd.GeoDataFrame(geometry=[box(left, bottom, (left + right) / 2, top)], crs=hazard_grid.crs)
    params = SPEC.params(folds=0)
    prepared = SPEC.prepare(plain(inputs) | {"study_area": half}, params, hazard_grid)
    scale = SPEC.calibrate(prepared, params)
    assert sum(scale["factors"]["slope"]["area"]) <= 240
    assert scale["cells"] <= 240


def test_an_inventory_elsewhere_is_named(inputs, hazard_grid):
    far = inputs["landslides"].set_geometry(inputs["landslides"].translate(20))
    with pytest.raises(LayerError, match="input 'landslides' of hazard 'geology' has 80 points, none of them fit"):
        SPEC.assess(plain(inputs) | {"landslides": far}, grid=hazard_grid)
    with pytest.raises(LayerError, match="has 0 points"):
        SPEC.assess(plain(inputs) | {"landslides": far.iloc[:0]}, grid=hazard_grid)


def test_elevation_that_does_not_cover_the_landslides_is_named(inputs, hazard_grid):
    empty = inputs["elevation"] * np.nan
    empty.attrs = inputs["elevation"].attrs
    with pytest.raises(LayerError, match="has no landslide on susceptible ground where 'slope'"):
        SPEC.assess(plain(inputs) | {"elevation": empty}, grid=hazard_grid)


def test_a_factor_without_value_at_the_landslides_is_skipped(inputs, hazard_grid):
    rock = inputs["lithology"] * np.uint8(0)
    rock.attrs = inputs["lithology"].attrs
    params = SPEC.params()
    scale = SPEC.calibrate(SPEC.prepare(plain(inputs) | {"lithology": rock}, params, hazard_grid), params)
    assert scale["skipped"] == ["lithology"]
    assert "lithology" not in scale["factors"]


def test_landslides_drawn_as_areas_count_by_cells(inputs, hazard_grid):
    from shapely.geometry import box

    x, y = hazard_grid.boundingbox[:2]
    shapes = [box(x + 2000, y + 2000, x + 5000, y + 4000), box(x + 9100, y + 9100, x + 9200, y + 9200)]
    areas = gpd.GeoDataFrame(geometry=shapes, crs=hazard_grid.crs)
    found = SPEC.prepare(plain(inputs) | {"landslides": areas}, SPEC.params(), hazard_grid).layers["landslide_cells"]
    assert int(found.sum()) == 6 + 1


def test_a_geographic_grid_is_refused(inputs):
    degrees = analysis_grid((114, 35.2, 114.2, 35.4), crs="EPSG:4490", resolution=0.01)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(LayerError, match="geographic"):
            SPEC.assess(plain(inputs, "lithology"), grid=degrees)


def test_flat_ground_has_one_class_and_no_failure(inputs, hazard_grid):
    flat = describe(inputs["elevation"] * 0 + 70.0, quantity="elevation", like=inputs["elevation"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with hearing(Journal()) as heard:
            found = SPEC.assess({"elevation": flat, "landslides": inputs["landslides"]}, grid=hazard_grid)
    assert "geology.no_domain" in [problem.rule for problem in heard.warnings]
    assert float(found["hazard_index"].max()) == 0.0
    assert not np.isnan(found["hazard_index"].values[1:-1, 1:-1]).any()


def test_what_the_calibration_must_say(inputs, hazard_grid):
    slides = inputs["landslides"].copy()
    slides["location_accuracy"] = ["25km"] * 10 + ["exact"] * (len(slides) - 10)
    params = SPEC.params(folds=0)
    with hearing(Journal()) as heard:
        SPEC.calibrate(SPEC.prepare({**plain(inputs), "landslides": slides}, params, hazard_grid), params)
    said = {problem.rule: problem.found for problem in heard.warnings}
    assert "inexact places 10" in said["geology.landslides"]
    assert "in-sample" in said["geology.no_holdout"]


def test_fewer_landslides_than_classes_are_told(inputs, hazard_grid):
    few = plain(inputs) | {"landslides": inputs["landslides"].iloc[::20]}
    params = SPEC.params(folds=0)
    with hearing(Journal()) as heard:
        SPEC.calibrate(SPEC.prepare(few, params, hazard_grid), params)
    told = {problem.rule: problem.text("en") for problem in heard.warnings}
    assert "aspect (3 landslides, 8 classes)" in told["geology.few_events"]


@pytest.mark.slow
@pytest.mark.city
def test_the_map_of_a_city_finds_landslides_that_it_has_not_seen(city_data):
    import rioxarray

    def raster(path, quantity, masked=True):
        layer = rioxarray.open_rasterio(city_data / path, masked=masked, chunks={"x": 1024, "y": 1024})
        layer = layer.squeeze("band", drop=True)
        return describe(layer, quantity=quantity, like=layer, source=path)

    city = gpd.read_file(city_data / "admin.gpkg", layer="city")
    grid = analysis_grid(city.to_crs(4547).total_bounds, crs="EPSG:4547", resolution=200)
    inputs = {
        "elevation": raster("dem_3s.tif", "elevation"),
        "landslides": gpd.read_file(city_data / "geology/landslides.gpkg"),
        "lithology": gpd.read_file(city_data / "geology/lithology.gpkg").rename(columns={"lithology": "rock"}),
        "landcover": align(raster("forest/landcover_3s.tif", "landcover", masked=False), grid),
        "rivers": gpd.read_file(city_data / "rivers.gpkg", layer="stream_dem"),
        "faults": gpd.read_file(city_data / "faults.gpkg"),
        "roads": gpd.read_file(city_data / "exposure/roads.gpkg"),
        "study_area": city,
    }
    params = SPEC.params(seed=20260630, lithology_column="rock_group")
    prepared = SPEC.prepare(inputs, params, grid)
    scale = SPEC.calibrate(prepared, params)
    print(scale["validation"])
    assert scale["landslides"]["used"] > 150
    assert scale["validation"]["auc_in_sample"] > 0.6
    assert scale["validation"]["auc_holdout"] > 0.55
    assert scale["frequency_rises"]
    index = SPEC.assess(prepared, params, grid=grid, calibration=scale)["hazard_index"]
    assert index.chunks is not None
    values = index.values
    mountains = prepared.layers["slope"].values > 15
    assert np.nanmean(values[mountains]) > np.nanmean(values[~mountains]) + 0.15


@pytest.mark.city
def test_levees_in_the_plain_are_no_slopes(city_data):
    import rioxarray

    layer = rioxarray.open_rasterio(city_data / "dem_3s.tif", masked=True).squeeze("band", drop=True)
    counties = gpd.read_file(city_data / "admin.gpkg", layer="county").to_crs(4547)
    grid = analysis_grid(counties.total_bounds, crs="EPSG:4547", resolution=200)
    inputs = {
        "elevation": describe(layer, quantity="elevation", like=layer),
        "landslides": gpd.read_file(city_data / "geology/landslides.gpkg"),
        "embankments": gpd.read_file(city_data / "flood/levees.gpkg"),
    }
    domain = SPEC.prepare(inputs, None, grid).layers["domain"]
    plain = counties[counties["name"].isin(["原阳县", "延津县", "封丘县", "长垣市"])]
    assert len(plain) == 4
    assert not (domain.values * rasterise(plain, grid, quantity="mask").values).any()
    assert domain.values.mean() > 0.08


def test_a_factor_that_is_the_same_everywhere_is_told(inputs, hazard_grid):
    far = gpd.GeoDataFrame(geometry=[LineString([(113.8, 35.0), (114.0, 35.2)])], crs=hazard_grid.crs)
    rocks = layer_on(hazard_grid, np.uint8(2), quantity="lithology")
    with hearing(Journal()) as heard:
        SPEC.calibrate(plain(inputs) | {"rivers": far, "lithology": rocks}, {"folds": 0}, grid=hazard_grid)
    told = {problem.rule: dict(problem.values) for problem in heard.warnings}
    assert told["geology.constant_factors"] == {"factors": ("lithology", "rivers")}


@pytest.mark.parametrize(
    ("key", "quantity", "low", "high", "rules"),
    [
        ("subsidence_rate", "subsidence_rate", 5, 40, ["input.lowest", "input.highest"]),
        ("subsidence_rate", "subsidence_rate", -0.04, 0.01, ["input.lowest"]),
        ("annual_rain", "annual_precipitation", 0.5, 0.8, ["input.highest"]),
        ("annual_rain", "annual_precipitation", 1800, 2600, []),
        ("pga", "pga", 0.8, 2, ["input.lowest", "input.highest"]),
        ("slope", "slope", 0, 1.2, ["input.highest"]),
        ("lithology", "lithology", 0.5, 3.5, ["input.codes"]),
    ],
    ids=[
        "sinking positive",
        "m/a",
        "annual rain in m",
        "annual rain of the south",
        "m/s2",
        "radians",
        "averaged classes",
    ],
)
def test_values_of_another_unit_are_told(hazard_grid, key, quantity, low, high, rules):
    steps = np.linspace(low, high, hazard_grid.shape[0] * hazard_grid.shape[1]).reshape(tuple(hazard_grid.shape))
    layer = layer_on(hazard_grid, steps, quantity=quantity)
    given = layer_on(hazard_grid, np.full(tuple(hazard_grid.shape), 0.5), quantity="susceptibility")
    with hearing(Journal()) as heard:
        SPEC.prepare({"susceptibility": given, key: layer}, {}, hazard_grid)
    assert [problem.rule for problem in heard.warnings] == rules


def test_rain_that_falls_as_it_gets_rarer_is_refused(inputs, hazard_grid):
    rain = inputs["rainfall"]
    with pytest.raises(LayerError) as refused:
        SPEC.prepare(inputs | {"rainfall": rain.copy(data=rain.values[::-1])}, {}, hazard_grid)
    assert refused.value.problems[0].rule == "layer.monotone"


def test_several_points_of_a_cell_are_one_cell_with_a_landslide(inputs, hazard_grid):
    """Cells are counted, not points: a second point 1 m beside each, in the same cell, changes nothing."""
    points = plain(inputs)["landslides"].to_crs(hazard_grid.crs)
    rows = hazard_grid.affine
    inwards = np.where((points.geometry.x - rows.c) % rows.a < rows.a / 2, 1.0, -1.0)
    near = points.set_geometry(gpd.points_from_xy(points.geometry.x + inwards, points.geometry.y), crs=points.crs)
    both = [points, pd.concat([points, near], ignore_index=True)]
    cells = [
        SPEC.prepare({**plain(inputs), "landslides": each}, SPEC.params(), hazard_grid).layers["landslide_cells"]
        for each in both
    ]
    np.testing.assert_array_equal(cells[0], cells[1])
    assert 0 < int(cells[0].sum()) <= len(points)
