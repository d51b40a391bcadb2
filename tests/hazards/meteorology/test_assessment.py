"""The meteorological hazard from stations to index: frozen scales, few stations, skipped kinds, a city."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning import standards
from riskzoning.errors import ConfigError, Journal, LayerError, hearing
from riskzoning.hazards import HAZARDS, meteorology
from riskzoning.hazards.base import Prepared
from riskzoning.layers import describe, layer_on
from riskzoning.methods.ladders import load_ladder

SPEC = HAZARDS["meteorology"]


@pytest.fixture
def inputs(example_inputs, hazard_grid):
    return example_inputs("meteorology", hazard_grid, seed=5)


def calibrated(inputs, grid, **options):
    params = SPEC.params(**options)
    return SPEC.calibrate(SPEC.prepare(inputs, params, grid), params)


def rainy(storms, years=3):
    """Three stations in a row; ``storms``: amounts of single days of each station in each year."""
    time = pd.date_range("2001-01-01", f"{2000 + years}-12-31")
    rain = np.zeros((3, time.size))
    for row, amounts in zip(rain, storms):
        for year in range(years):
            for i, amount in enumerate(amounts):
                row[year * 365 + 180 + 3 * i] = amount
    places = {"lon": ("station", [114.0, 114.1, 114.2]), "lat": ("station", [35.2, 35.25, 35.2])}
    return xr.Dataset({"precipitation": (("station", "time"), rain)}, {"station": list("abc"), "time": time, **places})


def test_public_functions_are_there():
    for name in ("cold_wave_level", "rain_grade", "snow_grade", "spells"):
        assert callable(getattr(meteorology, name))
    assert len(meteorology.spells([29, 31, 31, 31], 30, op=">", min_length=3)) == 1


def test_more_storms_more_hazard(hazard_grid):
    stations = rainy([(60,), (60, 90), (60, 90, 200)], years=10)
    found = SPEC.assess({"stations": stations}, grid=hazard_grid)
    scale = calibrated({"stations": stations}, hazard_grid)["kinds"]["rainstorm"]
    # Days of 50 mm count once, of 100 mm twice.
    assert [scale["stations"][name]["value"] for name in "abc"] == [1, 2, 4]
    assert [scale["stations"][name]["events"] for name in "abc"] == [1, 2, 3]
    assert [scale["stations"][name]["believed"] for name in "abc"] == [1, 1, 1]
    assert scale["method"] == "idw"
    index = found["hazard_index"]
    # West to east.
    assert float(index[10, 0]) < float(index[10, -1])
    assert 0 <= float(index.min()) <= float(index.max()) <= 1
    assert index.dtype == np.float64
    assert found["rainstorm_intensity"].attrs["quantity"] == "weather_days"
    np.testing.assert_allclose(found["rainstorm_intensity"], found["intensity"])
    np.testing.assert_allclose(found["rainstorm_index"], index)
    np.testing.assert_allclose(
        index, load_ladder("meteorology/rainstorm").index(found["rainstorm_intensity"].to_numpy())
    )


def test_stations_that_are_all_alike_have_the_hazard_of_their_weather(hazard_grid):
    found = SPEC.assess({"stations": rainy([(60,)] * 3)}, grid=hazard_grid)
    # One day of grade 4 in a year is the first limit of the ladder.
    np.testing.assert_allclose(found["hazard_index"], 0.25)
    assert found.attrs["constant"] == "rainstorm"
    found = SPEC.assess({"stations": rainy([()] * 3)}, grid=hazard_grid)
    np.testing.assert_array_equal(found["hazard_index"], 0)


def test_stations_that_differ_by_chance_make_no_surface_and_the_run_says_so(hazard_grid):
    stations = rainy([(60,), (60,), (60,)], years=4)
    stations["precipitation"][1, 181] = 70.0
    with hearing(Journal()) as heard:
        scale = calibrated({"stations": stations}, hazard_grid)
        found = SPEC.assess({"stations": stations}, grid=hazard_grid)
    entry = scale["kinds"]["rainstorm"]
    assert entry["method"] == "mean"
    assert scale["validation"]["rainstorm"]["surface_drawn"] == 0
    assert scale["validation"]["rainstorm"]["chance_by_counts"] > 0.1
    np.testing.assert_allclose(found["rainstorm_intensity"], 13 / 12)
    (told,) = [problem for problem in heard.warnings if problem.rule == "stations.constant_surfaces"][:1]
    assert "rainstorm (1.08; differences by chance, p" in told.found


def test_nobody_else_in_the_study_counts(inputs, hazard_grid):
    # By distance alone: the height of a station beside the cut is read from the cells of its side.
    options = {"interpolation": "idw"}
    whole = SPEC.assess(inputs, options, grid=hazard_grid)
    half = hazard_grid[:, : hazard_grid.shape[1] // 2]
    west = SPEC.assess(inputs, options, grid=half)
    for name in ("hazard_index", "rainstorm_index", "heat_index", "intensity"):
        np.testing.assert_allclose(west[name], whole[name][:, : half.shape[1]], rtol=1e-9, atol=1e-12)
    assert float(whole["heat_index"].max()) > float(whole["heat_index"].min())


def test_the_group_is_the_weighted_mean_of_its_kinds(inputs, hazard_grid):
    found = SPEC.assess(inputs, grid=hazard_grid)
    scale = calibrated(inputs, hazard_grid)["kinds"]
    kinds = found.attrs["kinds"].split(", ")
    mean = sum(scale[kind]["weight"] * found[f"{kind}_index"] for kind in kinds)
    np.testing.assert_allclose(found["hazard_index"], mean)
    np.testing.assert_allclose(found["intensity"], sum(found[f"{kind}_intensity"] for kind in kinds))


def test_what_harms_crops_counts_where_crops_stand(inputs, hazard_grid):
    hectares = np.full(tuple(hazard_grid.shape), 1.0)
    hectares[:, :8] = 0.0
    hectares[0, :] = np.nan
    crops = layer_on(hazard_grid, hectares, quantity="cropland", name="cropland")
    everywhere = SPEC.assess(inputs, grid=hazard_grid)
    found = SPEC.assess(inputs | {"cropland": crops}, grid=hazard_grid)
    for kind in ("frost", "dry_hot_wind", "continuous_rain"):
        if f"{kind}_index" not in found:
            continue
        before, after = (made[f"{kind}_index"].values for made in (everywhere, found))
        np.testing.assert_array_equal(after[1:, :8], 0)
        np.testing.assert_array_equal(after[:, 8:], before[:, 8:])
        np.testing.assert_array_equal(after[0], before[0])
    assert float(everywhere["frost_index"].min()) > 0
    np.testing.assert_array_equal(found["frost_intensity"], everywhere["frost_intensity"])
    np.testing.assert_array_equal(found["rainstorm_index"], everywhere["rainstorm_index"])
    assert float(found["hazard_index"][10, 2]) < float(everywhere["hazard_index"][10, 2])
    lazy = SPEC.assess(inputs | {"cropland": crops.chunk(y=7, x=5)}, grid=hazard_grid)
    np.testing.assert_allclose(lazy["hazard_index"], found["hazard_index"])


def test_kinds_are_weighted_and_what_lacks_is_named(inputs, hazard_grid):
    scale = calibrated(inputs, hazard_grid)
    assert sum(entry["weight"] for entry in scale["kinds"].values()) == pytest.approx(1)
    fewer = inputs | {"stations": inputs["stations"].drop_vars(["wind_gust", "tmin"])}
    less = calibrated(fewer, hazard_grid)
    assert "tmin" in less["skipped"]["cold_wave"]
    assert "gale" in less["skipped"]
    assert set(less["kinds"]) == set(scale["kinds"]) - {"gale", "cold_wave", "frost"}
    assert sum(entry["weight"] for entry in less["kinds"].values()) == pytest.approx(1)
    one = SPEC.assess(inputs, {"kinds": ["heat"]}, grid=hazard_grid)
    assert one.attrs["kinds"] == "heat"
    own = calibrated(inputs, hazard_grid, kinds=("heat", "rainstorm"), weights={"heat": 3.0, "rainstorm": 1.0})
    assert own["kinds"]["heat"]["weight"] == pytest.approx(0.75)


def test_kinds_that_do_not_exist_are_named(inputs, hazard_grid):
    with pytest.raises(ConfigError) as caught:
        calibrated(inputs, hazard_grid, weights={"heet": 1.0})
    assert [problem.field for problem in caught.value.problems] == ["weights"]


def test_other_years_stand_on_the_same_ladders(inputs, hazard_grid):
    params = {"kinds": ["rainstorm", "heat"]}
    scale = json.loads(json.dumps(calibrated(inputs, hazard_grid, **params)))
    part = inputs | {"stations": inputs["stations"].sel(time=slice("2001", "2003"))}
    frozen = SPEC.assess(part, params, grid=hazard_grid, calibration=scale)
    assert 0 <= float(frozen["hazard_index"].min()) <= float(frozen["hazard_index"].max()) <= 1
    few = part | {"stations": part["stations"].isel(station=[0, 1])}
    with pytest.raises(LayerError, match="2 stations with 3 complete years for 'rainstorm'"):
        SPEC.assess(few, params, grid=hazard_grid, calibration=scale)
    with pytest.raises(LayerError, match="no events of kind 'heat'"):
        SPEC.assess(part | {"stations": part["stations"].drop_vars("tmax")}, grid=hazard_grid, calibration=scale)


def test_a_run_may_keep_only_layers_on_the_grid(inputs, hazard_grid):
    params = SPEC.params()
    prepared = SPEC.prepare(inputs, params, hazard_grid)
    again = Prepared(prepared.layers, json.loads(json.dumps(prepared.facts)), prepared.tables)
    assert list(again.layers) == ["elevation_on_grid"]
    scale = SPEC.calibrate(again, params)
    assert scale == SPEC.calibrate(prepared, params)
    assert scale["validation"]["rainstorm"]["leave_one_out_rmse"] >= 0
    np.testing.assert_array_equal(
        SPEC.assess(again, params, grid=hazard_grid, calibration=scale)["hazard_index"],
        SPEC.assess(inputs, params, grid=hazard_grid)["hazard_index"],
    )


def test_a_study_gives_its_own_ladder(hazard_grid):
    stations = rainy([(60,)] * 3)
    table = standards.table("ladders/meteorology").data
    own = {**table, "rainstorm": {**table["rainstorm"], "limits": [2, 4, 6], "full": 9}}
    with standards.session({"ladders/meteorology": own}):
        np.testing.assert_allclose(SPEC.assess({"stations": stations}, grid=hazard_grid)["hazard_index"], 0.125)


def test_what_stands_in_for_values_of_the_hour_is_said(hazard_grid):
    stations = rainy([(60,)] * 3)
    dry = {"tmax": 33.0, "humidity_min": 22.0, "wind_mean": 3.0}
    stations = stations.assign({name: stations["precipitation"] * 0 + value for name, value in dry.items()})
    with hearing(Journal()) as heard:
        scale = calibrated({"stations": stations}, hazard_grid)
    assert scale["stand_ins"] == {"dry_hot_wind": {"humidity_14h": "humidity_min", "wind_14h": "wind_mean"}}
    assert scale["kinds"]["dry_hot_wind"]["mean"] == pytest.approx(0.6 * 41)
    assert "(humidity_min) for relative humidity at 14:00 (humidity_14h)" in next(
        problem.found for problem in heard.steps if problem.rule == "stations.stand_ins"
    )


def test_too_few_stations_or_years_are_named(hazard_grid):
    stations = rainy([(60,), (60, 90), (60, 90, 200)])
    with pytest.raises(LayerError, match="2 stations have 3 complete years, 3 needed"):
        SPEC.assess({"stations": stations.isel(station=[0, 1])}, grid=hazard_grid)
    with pytest.raises(LayerError, match="0 stations have 5 complete years"):
        SPEC.assess({"stations": stations}, {"min_years": 5}, grid=hazard_grid)
    with pytest.raises(LayerError, match="lon, lat"):
        SPEC.assess({"stations": stations.drop_vars(["lon", "lat"])}, grid=hazard_grid)


def test_rain_processes_may_start_at_10_mm(inputs, hazard_grid):
    light = calibrated(inputs, hazard_grid, kinds=("rainstorm",))["kinds"]["rainstorm"]
    heavy = calibrated(inputs, hazard_grid, kinds=("rainstorm",), rain_day_mm=10)["kinds"]["rainstorm"]
    assert heavy["events"]["high"]["days"] < light["events"]["high"]["days"]
    assert heavy["mean"] == light["mean"]


def test_terrain_lowers_the_index_on_high_ground(inputs, hazard_grid):
    plain = SPEC.assess(inputs, grid=hazard_grid)["hazard_index"]
    found = SPEC.assess(inputs, {"terrain_weight": 1.0}, grid=hazard_grid)["hazard_index"]
    ratio = (found / plain).where(plain > 0)
    assert float(ratio.max()) <= 0.95 + 1e-9
    assert float(ratio.min()) >= 0.7 - 1e-9
    flat = layer_on(hazard_grid.pad(3), 70.0, quantity="elevation", name="elevation")
    np.testing.assert_allclose(
        SPEC.assess(inputs | {"elevation": flat}, {"terrain_weight": 1.0}, grid=hazard_grid)["hazard_index"],
        SPEC.assess(inputs | {"elevation": flat}, grid=hazard_grid)["hazard_index"] * 0.95,
    )


def test_marks_for_missing_that_nobody_declared_change_nothing(hazard_grid):
    stations = rainy([(60,), (60, 90), (60, 90, 200)])
    holes = stations.copy(deep=True)
    holes["precipitation"][0, [3, 500]] = np.nan
    marks = stations.copy(deep=True)
    marks["precipitation"][0, [3, 500]] = [-9999.0, 32766.0]
    scale = calibrated({"stations": marks}, hazard_grid)
    assert scale["kinds"] == calibrated({"stations": holes}, hazard_grid)["kinds"]
    with hearing(Journal()) as heard:
        assert SPEC.calibrate({"stations": marks}, SPEC.params()) == scale
    assert any("2 of precipitation" in problem.found for problem in heard.warnings)
    assert marks["precipitation"].values[0, 3] == -9999.0


def test_units_that_are_declared_are_converted_and_others_refused(inputs, hazard_grid):
    stations = inputs["stations"]
    expected = SPEC.assess(inputs, grid=hazard_grid)["hazard_index"]
    warm = stations.assign(tmax=(stations["tmax"] + 273.15).assign_attrs(units="K"))
    index = SPEC.assess({**inputs, "stations": warm}, grid=hazard_grid)["hazard_index"]
    np.testing.assert_allclose(index, expected, atol=1e-6)
    odd = stations.assign(tmax=stations["tmax"].assign_attrs(units="hPa"))
    with pytest.raises(LayerError, match=r"\(tmax\) in 'hPa'"):
        SPEC.assess({**inputs, "stations": odd}, grid=hazard_grid)


def test_what_the_calibration_must_say(hazard_grid):
    stations = rainy([(60,), (60, 90), (60, 90, 200)])
    stations["precipitation"][2, :300] = np.nan
    fourth = stations.isel(station=[0]).assign_coords(station=["d"], lon=("station", [np.nan]))
    with hearing(Journal()) as heard:
        calibrated({"stations": xr.concat([stations, fourth], "station")}, hazard_grid, min_years=2)
    rules = [problem.rule for problem in heard.warnings]
    assert rules == ["stations.nowhere", "meteorology.kinds_skipped", "stations.constant_surfaces"]
    assert "heat: no values of daily maximum temperature (tmax)" in heard.warnings[1].found
    four = stations.isel(station=[0, 1, 2, 2])
    four = four.assign_coords(station=list("abcd"), lon=("station", [114.0, 114.1, 114.2, 114.3]))
    with hearing(Journal()) as heard:
        calibrated({"stations": four}, hazard_grid, min_years=2)
    assert "stations.nowhere" not in [problem.rule for problem in heard.warnings]


@pytest.mark.slow
@pytest.mark.city
def test_rainstorms_of_a_city_are_plausible(city_data):
    import geopandas as gpd
    import rioxarray

    from riskzoning import io
    from riskzoning.grid import analysis_grid

    stations = io.read_cma_daily(city_data / "meteorology/daily", stations=city_data / "meteorology/stations.csv")
    city = gpd.read_file(city_data / "admin.gpkg", layer="city")
    grid = analysis_grid(city.to_crs(4547).total_bounds, crs="EPSG:4547", resolution=500)
    dem = rioxarray.open_rasterio(city_data / "dem_3s.tif", masked=True, chunks={"x": 1024, "y": 1024}).squeeze(
        "band", drop=True
    )
    inputs = {"stations": stations, "elevation": describe(dem, quantity="elevation", like=dem, source="dem")}
    params = SPEC.params()
    prepared = SPEC.prepare(inputs, params, grid)
    scale = SPEC.calibrate(prepared, params)
    for kind, row in scale["validation"].items():
        print(kind, scale["kinds"][kind]["mean"], row)
    storms = scale["kinds"]["rainstorm"]
    for row in storms["stations"].values():
        assert 0.5 < row["events"] < 3
        assert row["years"] >= 25
    assert {"rainstorm", "heat", "cold_wave", "frost", "low_temperature", "continuous_rain"} <= set(scale["kinds"])
    found = SPEC.assess(prepared, params, grid=grid, calibration=scale)
    assert found["hazard_index"].chunks is not None
    index = found["hazard_index"].compute()
    assert np.isfinite(index).all()
    assert 0 < float(index.min()) <= float(index.max()) <= 1


def test_lightning_counts_where_its_years_are_known(inputs, hazard_grid):
    left, bottom, right, top = hazard_grid.boundingbox
    rng = np.random.default_rng(3)
    x, y = rng.uniform(left, (left + right) / 2, 4000), rng.uniform(bottom, top, 4000)
    points = gpd.GeoSeries.from_xy(x, y, crs=hazard_grid.crs)
    strokes = gpd.GeoDataFrame({"current_ka": rng.uniform(5, 90, 4000)}, geometry=points)
    given, few = inputs | {"lightning": strokes}, {"kinds": ["heat"], "interpolation": "idw"}
    unknown = SPEC.prepare(given, few, hazard_grid)
    assert "lightning_density" not in unknown.layers
    plain = SPEC.assess(unknown, few, grid=hazard_grid)
    options = {**few, "lightning_years": 2.0}
    prepared = SPEC.prepare(given, options, hazard_grid)
    scale = SPEC.calibrate(prepared, options)
    found = SPEC.assess(prepared, options, grid=hazard_grid, calibration=scale)
    ladder = load_ladder("meteorology/lightning")
    np.testing.assert_allclose(found["lightning_index"], ladder.index(found["lightning_density"].to_numpy()))
    # Lightning has what all kinds together leave of 1, shared out over those that count.
    kinds = standards.table("hazards/meteorology_measures").data["kinds"]
    table = {kind: entry["weight"] for kind, entry in kinds.items()}
    rest = 1 - sum(table.values())
    share = scale["lightning"]["weight"]
    assert share == pytest.approx(rest / (rest + table["heat"]))
    both = (1 - share) * plain["hazard_index"] + share * found["lightning_index"]
    np.testing.assert_allclose(found["hazard_index"], both)
    assert float(found["lightning_density"][10, 2]) > float(found["lightning_density"][10, -1])
    np.testing.assert_array_equal(found["intensity"], plain["intensity"])


def test_levels_of_return_periods_are_a_table_when_asked(inputs, hazard_grid):
    assert "return_levels" not in SPEC.prepare(inputs, {}, hazard_grid).tables
    longer = inputs["stations"].isel(station=slice(0, 2))
    time = pd.date_range("1991-01-01", "2010-12-31")
    again = longer.isel(time=np.arange(time.size) % longer.sizes["time"]).assign_coords(time=time)
    again["precipitation"] = again["precipitation"] * (1 + 0.3 * np.sin(np.arange(time.size) / 900.0))
    made = SPEC.prepare({"stations": again}, {"kinds": ["rainstorm"], "return_periods": [10, 50]}, hazard_grid)
    table = made.tables["return_levels"]
    assert table.groupby("station")["level"].apply(lambda level: level.is_monotonic_increasing).all()
    assert set(table["years"]) == {20}
    assert SPEC.published == ("event_factors", "return_levels")


def test_factors_of_every_kind_are_a_table(inputs, hazard_grid):
    prepared = SPEC.prepare(inputs, {}, hazard_grid)
    table = prepared.tables["event_factors"]
    assert set(table["kind"]) == set(prepared.facts["kinds"])
    np.testing.assert_allclose(table.groupby("kind")["weight"].sum(), 1.0)
    assert table["weight"].between(0, 0.6 + 1e-9).all()
    assert (table["high"] >= table["low"]).all()
    rain = table[table["kind"] == "rainstorm"].set_index("factor")
    assert rain["element"].to_dict() == dict.fromkeys(("total", "daily_max", "days"), "precipitation")
    assert rain["weight"].to_dict() == pytest.approx(prepared.facts["event_scales"]["rainstorm"]["weights"])


def test_kinds_without_levels_are_named_and_the_others_keep_theirs(inputs, hazard_grid, heard):
    longer = inputs["stations"].isel(station=slice(0, 2))
    time = pd.date_range("1991-01-01", "2010-12-31")
    again = longer.isel(time=np.arange(time.size) % longer.sizes["time"]).assign_coords(time=time)
    again["precipitation"] = again["precipitation"] * (1 + 0.3 * np.sin(np.arange(time.size) / 900.0))
    again["hail_diameter"] = again["precipitation"] * 0 + np.where(np.arange(time.size) < 20, 15.0, 0.0)
    options = {"kinds": ["rainstorm", "hail"], "return_periods": [10, 50]}
    table = SPEC.prepare({"stations": again}, options, hazard_grid).tables["return_levels"]
    assert set(table["kind"]) == {"rainstorm"}
    left = [problem for problem in heard.warnings if problem.rule == "meteorology.levels_left_out"]
    assert [dict(problem.values)["kind"] for problem in left] == ["hail"]


def test_a_kind_that_nobody_named_is_an_entry_in_each_of_three_tables(inputs, hazard_grid):
    """Muggy heat: nights of 25 degrees, its events with factors, its ladder, surface and skill; no code."""
    measures = standards.table("hazards/meteorology_measures").data
    events = standards.table("hazards/meteorology_events").data
    nights = {"zh": "热夜", "en": "hot nights", "series": "tmin", "at_least": {1: 22, 2: 24}, "per": "day",
              "start_month": 1, "weight": 0.2}  # fmt: skip
    event = {"zh": "热夜", "en": "hot nights", "series": "tmin", "op": ">=", "day": 22, "core": None, "min_length": 2,
             "max_gap": 0, "start_month": 1, "window": ["06-01", "08-31"], "extreme": {"of": "tmin", "mode": "max"},
             "factors": {"warmest": {"of": "tmin", "by": "max"}, "days": {"of": "tmin", "by": "count"}}}  # fmt: skip
    ladder = {"none": 0, "limits": [5, 20, 40], "full": 80, "factors": {1: 1, 2: 2}, "units": "1/a",
              "measure": {"zh": "年均热夜数", "en": "hot nights in a year"}}  # fmt: skip
    own = {
        "hazards/meteorology_measures": {**measures, "kinds": {**measures["kinds"], "hot_nights": nights}},
        "hazards/meteorology_events": {**events, "kinds": {**events["kinds"], "hot_nights": event}},
        "ladders/meteorology": {**standards.table("ladders/meteorology").data, "hot_nights": ladder},
    }
    with standards.session(own):
        options = {"kinds": ["heat", "hot_nights"]}
        prepared = SPEC.prepare(inputs, options, hazard_grid)
        scale = SPEC.calibrate(prepared, options)
        found = SPEC.assess(prepared, options, grid=hazard_grid, calibration=scale)
        assert {"hot_nights_index", "hot_nights_intensity"} <= set(found)
    entry = scale["kinds"]["hot_nights"]
    assert set(entry["events"]["weights"]) == {"warmest", "days"}
    assert sum(entry["events"]["weights"].values()) == pytest.approx(1)
    assert "surface_drawn" in scale["validation"]["hot_nights"]
    assert float(found["hot_nights_intensity"].mean()) > 0


def test_kinds_that_never_occurred_are_told_once_by_their_names(hazard_grid):
    dry = rainy([(60,), (60, 90), (60, 90, 200)], years=10)
    # Rain comes on single days: there is no spell of five.
    dry["sunshine"] = dry["precipitation"] * 0.0 + 8.0
    with hearing(Journal()) as heard:
        kinds = calibrated({"stations": dry}, hazard_grid)["kinds"]
    told = [problem for problem in heard.warnings if problem.rule == "meteorology.kinds_without_events"]
    assert kinds["continuous_rain"]["mean"] == 0
    assert [dict(problem.values)["kinds"] for problem in told] == [("continuous_rain",)]
    assert "连阴雨（continuous_rain）" in told[0].text("zh")
