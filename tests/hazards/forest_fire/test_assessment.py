"""The forest fire hazard from inputs to index: parts and weights, ground that does not burn, a city."""

import dataclasses
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from riskzoning.errors import ConfigError, Journal, LayerError, hearing
from riskzoning.hazards import HAZARDS, forest_fire
from riskzoning.hazards.base import Prepared
from riskzoning.layers import describe, layer_on

SPEC = HAZARDS["forest_fire"]


@pytest.fixture
def inputs(example_inputs, hazard_grid):
    return example_inputs("forest_fire", hazard_grid, seed=5)


@pytest.fixture
def weather(example_inputs, hazard_grid):
    return example_inputs("meteorology", hazard_grid, seed=5)["stations"]


def calibrated(inputs, grid, **options):
    params = SPEC.params(**options)
    return SPEC.calibrate(SPEC.prepare(inputs, params, grid), params)


def test_public_functions_are_there():
    assert callable(forest_fire.fire_weather_index)
    assert callable(forest_fire.ignition_density)


def test_what_does_not_burn_has_index_0(inputs, hazard_grid):
    found = SPEC.assess(inputs, grid=hazard_grid)
    index, cover = found["hazard_index"].values, inputs["landcover"].values
    np.testing.assert_array_equal(index[np.isin(cover, (10, 60, 80))], 0)
    assert (index[np.isin(cover, (20, 30, 40))] > 0).all()
    assert np.isnan(index[cover == 0]).all()
    np.testing.assert_array_equal(found["intensity"], inputs["fwi"])
    assert found.attrs["missing_parts"] == ""


def test_missing_parts_leave_their_weight_to_the_others(hazard_grid):
    cover = layer_on(hazard_grid, np.full((20, 24), 20, dtype="uint8"), quantity="landcover", name="landcover")
    fwi = layer_on(hazard_grid, 11.2, quantity="fire_weather_index", name="fwi")
    found = SPEC.assess({"fwi": fwi, "landcover": cover})
    # Danger score .587 lies in the third class of the ladder, from .4 to .6.
    score = 0.8 ** (0.30 / 0.55) * 0.4 ** (0.25 / 0.55)
    np.testing.assert_allclose(found["hazard_index"], 0.5 + 0.25 * (score - 0.4) / 0.2)
    assert found.attrs["missing_parts"] == "terrain, ignition, history"


def test_stands_count_before_land_cover(inputs, hazard_grid):
    left, bottom, _right, top = hazard_grid.boundingbox
    stands = gpd.GeoDataFrame({"燃烧性": ["易燃"]}, geometry=[box(left, bottom, left + 5000, top)], crs=hazard_grid.crs)
    only = SPEC.assess({"fwi": inputs["fwi"], "fuel_type": stands}, grid=hazard_grid)["hazard_index"].values
    assert (only[:, :5] > 0).all()
    np.testing.assert_array_equal(only[:, 5:], 0)
    both = SPEC.assess(inputs | {"fuel_type": stands}, grid=hazard_grid)["hazard_index"].values
    alone = SPEC.assess(inputs, grid=hazard_grid)["hazard_index"].values
    np.testing.assert_array_equal(both[:, 5:], alone[:, 5:])
    assert (both[:, :5] >= np.nan_to_num(alone[:, :5]) - 1e-12).all()


def test_fires_are_counted_and_raise_the_index(inputs, hazard_grid):
    scale = calibrated(inputs, hazard_grid)
    report = scale["fire_points"]
    left_out = ("low_confidence", "other_type", "outside", "static_source", "crop_residue", "far_from_forest")
    assert report["points"] == 60
    assert report["kept"] == 60 - sum(report[name] for name in left_out)
    assert (report["radius_m"], report["years"]) == (5000, 6)
    assert scale["density_of_1"] == pytest.approx(6 * 0.02)
    json.dumps(scale)
    prepared = SPEC.prepare(inputs, SPEC.params(), hazard_grid)
    denser = prepared.layers | {"fire_density": prepared.layers["fire_density"] * 2}
    more = SPEC.assess(dataclasses.replace(prepared, layers=denser), grid=hazard_grid, calibration=scale)
    before = SPEC.assess(prepared, grid=hazard_grid, calibration=scale)["hazard_index"]
    assert (more["hazard_index"] >= before - 1e-12).where(np.isfinite(before), True).all()
    assert calibrated(inputs | {"fire_points": inputs["fire_points"].iloc[:0]}, hazard_grid)["density_of_1"] > 0


def test_more_fires_elsewhere_change_nothing_here(inputs, hazard_grid):
    scale = calibrated(inputs, hazard_grid)
    fires = inputs["fire_points"]
    many = fires.loc[fires.index.repeat(3)].reset_index(drop=True)
    dates = pd.date_range("2015-01-03", "2020-02-01", len(many)).strftime("%Y-%m-%d")
    many = inputs | {"fire_points": many.assign(acq_date=dates)}
    assert calibrated(many, hazard_grid)["density_of_1"] == scale["density_of_1"]
    longer = calibrated(inputs, hazard_grid, record_years=12)
    assert longer["density_of_1"] == pytest.approx(2 * scale["density_of_1"])


def test_nobody_else_in_the_study_counts(inputs, hazard_grid):
    half = hazard_grid[:, : hazard_grid.shape[1] // 2]
    cut = {name: layer[:, : half.shape[1]] for name, layer in inputs.items() if name in ("fwi", "landcover")}
    whole, west = SPEC.assess(inputs, grid=hazard_grid), SPEC.assess(inputs | cut, grid=half)
    # Fires reach 5 km, so that those beyond the cut are missed beside it; further in nothing changes.
    for name in ("danger_score", "hazard_index", "hazard_grade"):
        np.testing.assert_allclose(west[name][:, :6], whole[name][:, :6], rtol=1e-9, atol=1e-12)


def test_fires_without_dates_do_not_count_and_the_run_says_so(inputs, hazard_grid):
    timeless = inputs | {"fire_points": inputs["fire_points"].drop(columns="acq_date")}
    with hearing(Journal()) as heard:
        found = SPEC.assess(timeless, grid=hazard_grid)
    assert "forest_fire.record" in [problem.rule for problem in heard.warnings]
    assert found.attrs["missing_parts"] == "history"
    assert SPEC.assess(timeless, {"record_years": 6}, grid=hazard_grid).attrs["missing_parts"] == ""


def test_weather_of_stations_that_differ_by_chance_is_one_value(inputs, weather, hazard_grid):
    rest = {key: value for key, value in inputs.items() if key != "fwi"}
    weather = weather.assign(tmax=weather["tmean"] + 6)
    with hearing(Journal()) as heard:
        scale = calibrated(rest | {"stations": weather}, hazard_grid)
        found = SPEC.assess(rest | {"stations": weather}, grid=hazard_grid)
    assert scale["stations"]["method"] == "mean"
    assert scale["validation"]["surface_drawn"] == 0
    assert "stations.constant_surfaces" in [problem.rule for problem in heard.warnings]
    np.testing.assert_allclose(found["intensity"], np.mean(list(scale["stations"]["fwi"].values())), rtol=1e-4)
    dry = weather.copy(deep=True)
    dry["humidity"] = dry["humidity"] - 40 * (dry["lon"] - dry["lon"].min()) / 0.4
    drawn = calibrated(rest | {"stations": dry}, hazard_grid)
    assert drawn["validation"]["surface_drawn"] == 1
    assert drawn["stations"]["method"] in ("idw", "regression_residual")


def test_weather_from_stations(inputs, weather, hazard_grid):
    rest = {key: value for key, value in inputs.items() if key != "fwi"}
    found = SPEC.assess(rest | {"stations": weather}, grid=hazard_grid)
    scale = calibrated(rest | {"stations": weather}, hazard_grid)
    values = np.array(list(scale["stations"]["fwi"].values()))
    assert len(values) == 9
    assert scale["stations"]["elements"]["temperature"] == "tmax"
    assert set(scale["stations"]["leave_one_out"]) == {"mean", "idw", "regression_residual"}
    assert float(found["intensity"].min()) >= values.min() - 1e-3
    assert float(found["intensity"].max()) <= values.max() + 1e-3
    lower = SPEC.assess(rest | {"stations": weather}, {"statistic": "mean"}, grid=hazard_grid)
    assert (lower["intensity"] < found["intensity"]).all()
    lazy = rest | {"stations": weather, "landcover": rest["landcover"].chunk(y=7, x=9)}
    again = SPEC.assess(lazy, grid=hazard_grid)
    assert again["intensity"].chunks is not None
    np.testing.assert_allclose(again["hazard_index"], found["hazard_index"])


def test_weather_may_be_the_rank(inputs, weather, hazard_grid):
    rest = {key: value for key, value in inputs.items() if key != "fwi"} | {"stations": weather}
    made = SPEC.assess(rest, {"weather": "htz"}, grid=hazard_grid)
    assert made["intensity"].attrs["quantity"] == "htz"
    scale = calibrated(rest, hazard_grid, weather="htz")
    values = np.array(list(scale["stations"]["htz"].values()))
    told = SPEC.prepare(rest, SPEC.params(weather="htz"), hazard_grid).tables["weather"]
    np.testing.assert_allclose(told["value"].dropna(), values, atol=1e-4)
    assert set(told["weather"]) == {"htz"}
    assert 50 < values.min() <= values.max() <= 110
    # A layer that was given comes before what stations tell.
    given = SPEC.assess(inputs | {"stations": weather}, {"weather": "htz"}, grid=hazard_grid)
    assert given["intensity"].attrs["quantity"] == "fire_weather_index"


def test_starting_and_spreading_are_kept_apart(inputs, hazard_grid):
    plain = SPEC.assess(inputs)
    made = SPEC.assess(inputs, {"dangers": True})
    assert set(made) - set(plain) == {"occurrence_danger", "spread_danger"}
    np.testing.assert_array_equal(made["hazard_index"], plain["hazard_index"])
    for name in ("occurrence_danger", "spread_danger"):
        assert made[name].attrs["quantity"] == name
        np.testing.assert_array_equal(made[name] == 0, plain["danger_score"] == 0)
        np.testing.assert_array_equal(np.isnan(made[name]), np.isnan(plain["danger_score"]))
    # A fire starts where people are, whatever the slope; it spreads on slopes, whoever is near.
    no_roads = {key: value for key, value in inputs.items() if key not in ("roads", "fire_points")}
    lonely = SPEC.assess(no_roads, {"dangers": True})
    np.testing.assert_array_equal(lonely["spread_danger"], made["spread_danger"])
    assert not np.array_equal(lonely["occurrence_danger"], made["occurrence_danger"], equal_nan=True)
    level = inputs | {"elevation": inputs["elevation"] * 0 + 100}
    flat = SPEC.assess({key: value for key, value in level.items() if key != "fire_points"}, {"dangers": True})
    other = SPEC.assess({key: value for key, value in inputs.items() if key != "fire_points"}, {"dangers": True})
    np.testing.assert_array_equal(flat["occurrence_danger"], other["occurrence_danger"])
    steep = np.isfinite(other["spread_danger"]) & (other["spread_danger"] > 0)
    assert float(other["spread_danger"].where(steep).mean()) != float(flat["spread_danger"].where(steep).mean())


def test_tables_of_units_are_published(inputs, hazard_grid):
    forces = pd.DataFrame({"code": ["410782"], "index": [0.4]})
    prepared = SPEC.prepare(inputs | {"firebreaks": None, "firefighting": forces}, None, hazard_grid)
    assert prepared.tables["capacity"].columns.tolist() == ["code", "index", "grade", "status"]
    assert set(prepared.tables) <= set(SPEC.published)


def test_a_run_may_keep_only_layers_on_the_grid(inputs, weather, hazard_grid):
    params = SPEC.params()
    raw = {key: value for key, value in inputs.items() if key != "fwi"} | {"stations": weather}
    prepared = SPEC.prepare(raw, params, hazard_grid)
    again = Prepared(prepared.layers, json.loads(json.dumps(prepared.facts)))
    assert "elevation" not in again.layers
    scale = SPEC.calibrate(again, params)
    assert scale["validation"]["leave_one_out_rmse"] >= 0
    np.testing.assert_array_equal(
        SPEC.assess(again, params, grid=hazard_grid, calibration=scale)["hazard_index"],
        SPEC.assess(raw, params, grid=hazard_grid)["hazard_index"],
    )


def test_people_nearby_raise_the_index(inputs, hazard_grid):
    left, _bottom, _right, top = hazard_grid.boundingbox
    village = gpd.GeoDataFrame(geometry=gpd.points_from_xy([left + 500], [top - 500]), crs=hazard_grid.crs)
    inputs = {key: value for key, value in inputs.items() if key not in ("roads", "fire_points", "elevation")}
    far = SPEC.assess(inputs | {"settlements": village.set_geometry(village.translate(1e6))}, grid=hazard_grid)
    near = SPEC.assess(inputs | {"settlements": village}, grid=hazard_grid)
    difference = (near["hazard_index"] - far["hazard_index"]).values
    assert difference[0, 0] >= 0
    assert np.nanmax(difference) == np.nanmax(difference[:4, :4])
    assert np.nanmin(difference) >= 0


def test_codes_that_no_table_knows_are_named(inputs, hazard_grid):
    cover = inputs["landcover"]
    other = (cover * 0 + 7).astype("uint8").assign_attrs(cover.attrs)
    with pytest.raises(LayerError, match="input 'landcover' of hazard 'forest_fire' has the codes 7, none of which"):
        SPEC.assess(inputs | {"landcover": other}, grid=hazard_grid)
    some = cover.copy()
    some[3, 3] = 255
    assert calibrated(inputs | {"landcover": some}, hazard_grid)["unknown_codes"]["landcover"] == [255]


def test_wrong_weights_and_missing_elements(inputs, weather, hazard_grid):
    with pytest.raises(ConfigError, match="sum to 0"):
        SPEC.assess(inputs, {"weights": {"fuel": 0.5, "weather": 0.3}}, grid=hazard_grid)
    with pytest.raises(ConfigError, match="weights"):
        SPEC.assess(inputs, {"weights": {"fule": 1.0}}, grid=hazard_grid)
    rest = {key: value for key, value in inputs.items() if key != "fwi"}
    with pytest.raises(LayerError, match="has no values of humidity"):
        SPEC.assess(rest | {"stations": weather.drop_vars("humidity")}, grid=hazard_grid)


def test_stations_that_do_not_do_are_told(inputs, weather, hazard_grid):
    inputs = {key: value for key, value in inputs.items() if key != "fwi"}
    short = weather.isel(time=slice(0, 120))
    with pytest.raises(LayerError, match="0 stations with a complete fire season"):
        SPEC.assess({**inputs, "stations": short}, grid=hazard_grid)
    lost = weather.copy(deep=True)
    lost["humidity" if "humidity_min" not in lost else "humidity_min"][1] = np.nan
    with hearing(Journal()) as heard:
        calibrated({**inputs, "stations": lost}, hazard_grid)
    assert "stations.years" in [problem.rule for problem in heard.warnings]


@pytest.mark.slow
@pytest.mark.city
def test_fires_of_a_city_are_forest_fires(city_data):
    import rioxarray

    from riskzoning import io
    from riskzoning.grid import align, analysis_grid

    def raster(path, quantity, masked=True):
        layer = rioxarray.open_rasterio(city_data / path, masked=masked, chunks={"x": 1024, "y": 1024})
        layer = layer.squeeze("band", drop=True)
        return describe(layer, quantity=quantity, like=layer, source=path)

    city = gpd.read_file(city_data / "admin.gpkg", layer="city")
    grid = analysis_grid(city.to_crs(4547).total_bounds, crs="EPSG:4547", resolution=200)
    table = pd.read_csv(city_data / "forest/fire_points.csv")
    points = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["longitude"], table["latitude"]), crs=4326)
    inputs = {
        "stations": io.read_cma_daily(city_data / "meteorology/daily", stations=city_data / "meteorology/stations.csv"),
        "landcover": align(raster("forest/landcover_3s.tif", "landcover", masked=False), grid),
        "fuel_type": gpd.read_file(city_data / "forest/fuel_type.gpkg"),
        "elevation": raster("dem_3s.tif", "elevation"),
        "fire_points": points,
        "roads": gpd.read_file(city_data / "exposure/roads.gpkg"),
    }
    params = SPEC.params()
    prepared = SPEC.prepare(inputs, params, grid)
    scale = SPEC.calibrate(prepared, params)
    print(scale["fire_points"], scale["stations"])
    assert scale["fire_points"]["points"] == 640
    assert scale["fire_points"]["crop_residue"] > 90
    assert 50 < scale["fire_points"]["fires"] < 400
    assert all(10 < value < 60 for value in scale["stations"]["fwi"].values())
    index = SPEC.assess(prepared, params, grid=grid, calibration=scale)["hazard_index"]
    assert index.chunks is not None
    values, cover = index.values, np.asarray(inputs["landcover"])
    assert np.nanmean(values[cover == 20]) > 0.3
    assert np.isnan(values[cover == 0]).mean() > 0.95


def test_tombs_are_places_of_people(hazard_grid):
    """Weights .30 fuel .8, .25 weather .4, .15 people; a tomb in a cell is 1, one cell (1000 m) away .3 (by hand)."""
    cover = layer_on(hazard_grid, np.full((20, 24), 20, dtype="uint8"), quantity="landcover", name="landcover")
    fwi = layer_on(hazard_grid, 11.2, quantity="fire_weather_index", name="fwi")
    left, _bottom, _right, top = hazard_grid.boundingbox
    tombs = gpd.GeoDataFrame(geometry=gpd.points_from_xy([left + 5500], [top - 5500]), crs=hazard_grid.crs)
    found = SPEC.assess({"fwi": fwi, "landcover": cover, "tombs": tombs}, grid=hazard_grid)["danger_score"].values
    for cell, people in (((5, 5), 1.0), ((5, 6), 0.3), ((5, 7), 0.1), ((19, 23), 0.1)):
        wanted = 0.8 ** (0.30 / 0.70) * 0.4 ** (0.25 / 0.70) * people ** (0.15 / 0.70)
        assert found[cell] == pytest.approx(wanted, rel=1e-6), cell
    # Beside roads, what is nearer by its own scale counts.
    road = gpd.GeoDataFrame(geometry=[box(left, top - 20_000, left + 100, top)], crs=hazard_grid.crs)
    both = SPEC.assess({"fwi": fwi, "landcover": cover, "tombs": tombs, "roads": road}, grid=hazard_grid)
    assert both["danger_score"].values[5, 5] == pytest.approx(found[5, 5])
    assert both["danger_score"].values[5, 0] > found[5, 0]
