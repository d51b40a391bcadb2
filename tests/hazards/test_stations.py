"""Stations to the grid: which method, heights within those of the stations, gaps of the elevation."""

import dask.array as da
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.stations import (
    beyond_stations,
    drawn,
    frozen_surface,
    shrunk,
    skill,
    station_differences,
    station_notes,
    station_places,
    station_points,
    station_surface,
    surface_method,
    tell_gaps,
    valid_elements,
    why_constant,
    with_heights,
)
from riskzoning.layers import grid_of, layer_on

# Stations of the tests stand where it suits the example; that they do not reach every height is said elsewhere.
pytestmark = pytest.mark.filterwarnings("ignore:stations do not reach:riskzoning.errors.RiskZoningWarning")


@pytest.fixture
def place(make_grid):
    """A grid with hills from 100 to 1100 m, wider than the study area."""
    grid = make_grid(20, 20, resolution=1000)
    wide = grid.pad(10)
    y, x = np.mgrid[0:40, 0:40]
    return grid, layer_on(wide, 100 + 1000 * np.sin(x / 9) ** 2 * np.cos(y / 11) ** 2, quantity="elevation")


def points(grid, value, count=12, seed=0, elevation=None):
    rng = np.random.default_rng(seed)
    left, bottom, right, top = grid.boundingbox
    x, y = rng.uniform(left, right, count), rng.uniform(bottom, top, count)
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=grid.crs, index=[f"s{i}" for i in range(count)])
    frame["elevation"] = elevation if elevation is not None else np.nan
    frame, _ = with_heights(frame, value["dem"])
    frame["value"] = value["of"](frame["elevation"].to_numpy(), rng)
    return frame


def test_height_matters_where_it_foretells_stations(place):
    grid, dem = place
    by_height = points(grid, {"dem": dem, "of": lambda z, rng: 0.2 + z / 1000})
    chosen = surface_method(by_height, dem, "best")
    method, covariates = chosen.method, chosen.covariates
    assert method == "regression_residual"
    assert "count as these" in chosen.reason
    assert set(chosen.errors) == {"mean", "idw", "regression_residual"}
    surface = station_surface(by_height, grid, method=method, covariates=covariates, quantity="event_index", lazy=False)
    heights = dem[10:-10, 10:-10].clip(by_height["elevation"].min(), by_height["elevation"].max())
    np.testing.assert_allclose(surface, 0.2 + heights / 1000, atol=0.03)
    luck = {"dem": dem, "of": lambda z, rng: rng.random(z.size)}
    by_luck = [surface_method(points(grid, luck, count=13, seed=seed), dem, "best") for seed in range(6)]
    means = [chosen for chosen in by_luck if chosen.method == "mean"]
    assert len(means) >= 2
    assert means[0].covariates is None
    assert means[0].errors["mean"]["r2"] == pytest.approx(1 - (13 / 12) ** 2)
    assert "leave-one-out RMSE" in means[0].reason


def test_the_surface_stays_within_the_range_of_the_stations(place):
    grid, dem = place
    frame = points(grid, {"dem": dem, "of": lambda z, rng: 1 + z / 1000 + rng.normal(0, 0.2, z.size)})
    for method in ("regression_residual", "idw"):
        chosen = frozen_surface(frame, dem, method)
        surface = station_surface(
            frame, grid, method=chosen.method, covariates=chosen.covariates, quantity="event_index", lazy=False
        )
        assert chosen.method == method
        assert float(surface.min()) >= frame["value"].min()
        assert float(surface.max()) <= frame["value"].max()
        assert grid_of(surface) == grid


def test_lazy_elevation_gives_a_lazy_surface(place):
    grid, dem = place
    frame = points(grid, {"dem": dem, "of": lambda z, rng: z / 1000})
    options = {"method": "regression_residual", "quantity": "event_index"}
    covariates = frozen_surface(frame, dem.chunk(y=9, x=11), "regression_residual").covariates
    lazy = station_surface(frame, grid, covariates=covariates, lazy=True, **options)
    assert isinstance(lazy.data, da.Array)
    covariates = frozen_surface(frame, dem, "regression_residual").covariates
    np.testing.assert_allclose(lazy, station_surface(frame, grid, covariates=covariates, lazy=False, **options))


def test_a_gap_of_the_elevation_is_bridged(place):
    grid, dem = place
    frame = points(grid, {"dem": dem, "of": lambda z, rng: z / 1000})
    void = dem.copy()
    void[20:23, 20:23] = np.nan
    covariates = frozen_surface(frame, void, "regression_residual").covariates
    surface = station_surface(
        frame, grid, method="regression_residual", covariates=covariates, quantity="event_index", lazy=False
    )
    assert np.isfinite(surface).all()


def test_few_and_equal_stations(place):
    grid, dem = place
    three = points(grid, {"dem": dem, "of": lambda z, rng: np.full(z.size, 0.5)}, count=3)
    frozen = frozen_surface(three, dem, "regression_residual")
    assert (frozen.method, frozen.reason) == ("idw", "3 stations: too few for a regression")
    for frame in (three, points(grid, {"dem": dem, "of": lambda z, rng: np.full(z.size, 0.5)})):
        chosen = surface_method(frame, dem, "best")
        assert chosen.method == "mean"
        surface = station_surface(frame, grid, method="mean", covariates=None, quantity="event_index", lazy=False)
        np.testing.assert_array_equal(surface, 0.5)
    assert chosen.errors["idw"]["r2"] is None
    assert surface_method(three[:1], dem, "best").errors == {}


def years_of(means, years=20, spread=1.0, seed=0):
    rng = np.random.default_rng(seed)
    rows = [(f"s{i}", year, mean + rng.normal(0, spread)) for i, mean in enumerate(means) for year in range(years)]
    return pd.DataFrame(rows, columns=["station", "year", "value"])


def test_stations_are_drawn_when_years_and_places_both_say_so(place):
    grid, dem = place
    for slope, is_drawn in ((0.02, True), (0.0, False)):
        frame = points(grid, {"dem": dem, "of": lambda z, rng, slope=slope: 5 + slope * z})
        annual = years_of(frame["value"])
        frame["value"] = annual.groupby("station", sort=False)["value"].mean().reindex(frame.index)
        effect = station_differences(annual, frame.index)
        surface = surface_method(frame, dem, "best")
        numbers = skill(effect, surface)
        assert drawn(effect, surface) is is_drawn
        assert numbers["surface_drawn"] == is_drawn
        assert {"leave_one_out_rmse", "leave_one_out_r2", "leave_one_out_rmse_of_mean", "chance_by_years"} <= set(
            numbers
        )
        drawn_to = shrunk(frame, effect)["value"]
        assert drawn_to.mean() == pytest.approx(frame["value"].mean())
        assert (drawn_to.std() > 0.9 * frame["value"].std()) if is_drawn else np.ptp(drawn_to) == 0


def test_why_a_surface_is_constant_is_said_in_both_languages():
    by_chance = station_differences(years_of([5.0, 5.0, 5.0]), ["s0", "s1", "s2"])
    untested = station_differences(years_of([5.0, 9.0], years=1), ["s0", "s1"])
    certain = station_differences(years_of([5.0, 9.0]), ["s0", "s1"])
    keys = [why_constant("heat", effect).key for effect in (by_chance, untested, certain)]
    assert keys == ["constant_by_chance", "constant_untested", "constant_no_skill"]
    for effect in (by_chance, untested, certain):
        phrase = why_constant("heat", effect)
        assert "heat" in phrase.text("en")
        assert "heat" in phrase.text("zh")


def test_altitudes_that_contradict_the_elevation_are_named(place):
    grid, dem = place
    frame = gpd.GeoDataFrame({"elevation": [5000.0, np.nan]}, index=["a", "b"], crs=grid.crs,
                             geometry=gpd.points_from_xy([510_000, 511_000], [3_910_000] * 2))  # fmt: skip
    found, report = with_heights(frame, dem)
    assert report["a"][0] == 5000
    assert report["a"][1] < 1200
    assert "b" not in report
    assert found["elevation"].between(100, 1100).all()
    far = frame.set_geometry(frame.translate(1e6))
    assert with_heights(far, dem)[0]["elevation"].tolist()[0] == 5000
    assert with_heights(frame, None) == (frame, {}) or with_heights(frame, None)[0] is frame


def test_stations_need_coordinates():
    bare = xr.Dataset(coords={"station": ["a"]})
    with pytest.raises(LayerError, match="lon, lat"):
        station_places(bare, hazard="drought")


def series(**elements):
    """Three stations and twenty days of the elements, each given as (values of all days, units)."""
    data = {}
    for name, (values, units) in elements.items():
        rows = np.broadcast_to(np.asarray(values, dtype=float), (3, 20)).copy()
        data[name] = (("station", "time"), rows, {"units": units} if units else {})
    places = {"lon": ("station", [113.0, 113.5, 114.0]), "lat": ("station", [35.0, 35.1, 35.2])}
    coords = {"station": ["a", "b", "c"], "time": pd.date_range("2020-07-01", periods=20), **places}
    return xr.Dataset(data, coords)


@pytest.mark.parametrize("units", ["degC", "°C", "℃", "", None])
def test_units_that_say_the_same_are_taken(units):
    stations = series(tmax=(30.0, units))
    assert valid_elements(stations, ["tmax", "tmin"], hazard="meteorology")["tmax"].equals(stations["tmax"])


def test_elements_in_other_units_are_all_named():
    stations = series(tmax=(303.0, None), precipitation=(0.01, "hPa"), wind_gust=(12.0, "m/s"), tmin=(280.0, "m"))
    with pytest.raises(LayerError) as error:
        valid_elements(stations, stations.data_vars, hazard="meteorology")
    assert [(problem.rule, problem.found) for problem in error.value.problems] == [
        ("stations.range", "has 60 of 60 values of daily maximum temperature (tmax) that cannot be, from 303 to 303"),
        ("stations.units", "gives daily precipitation (precipitation) in 'hPa'"),
        ("stations.units", "gives daily minimum temperature (tmin) in 'm'"),
    ]
    # What the hazard does not use does not matter.
    assert valid_elements(stations, ["wind_gust"], hazard="meteorology").attrs["rejected"] == {}


@pytest.mark.parametrize(
    ("element", "value", "units", "own"),
    [
        ("tmax", 303.15, "K", 30.0),
        ("precipitation", 0.01, "m", 10.0),
        ("precipitation", 100.0, "0.1 mm", 10.0),
        ("wind_gust", 36.0, "km/h", 10.0),
        ("humidity", 0.5, "1", 50.0),
        ("pressure", 101320.0, "Pa", 1013.2),
        ("snow_depth", 0.3, "m", 30.0),
    ],
)
def test_units_that_can_become_those_of_the_element_are_converted(element, value, units, own):
    stations = valid_elements(series(**{element: (value, units)}), [element], hazard="meteorology")
    assert stations[element].values.ravel()[0] == pytest.approx(own)


def waves(**elements):
    time = pd.date_range("2001-01-01", periods=400)
    wave = np.sin(np.arange(400) / 20)
    data = {name: (("station", "time"), np.tile(value + 5 * wave, (2, 1))) for name, value in elements.items()}
    return xr.Dataset(data, {"station": ["a", "b"], "time": time})


def test_exchanged_minima_and_maxima_are_refused_and_single_days_are_not():
    good = waves(tmin=4.0, tmax=16.0)
    for names in (["tmin", "tmax"], ["tmax"]):
        valid_elements(good, names, hazard="meteorology")
        with pytest.raises(LayerError) as caught:
            valid_elements(good.rename(tmin="tmax", tmax="tmin"), names, hazard="meteorology")
        problem = caught.value.problems[0]
        assert (problem.rule, dict(problem.values)["count"]) == ("weather.exchanged", 800)
    valid_elements(good.rename(tmin="tmax", tmax="tmin"), ["precipitation"], hazard="meteorology")
    one = good.copy(deep=True)
    one["tmin"][0, 7] = 40.0
    valid_elements(one, ["tmin"], hazard="meteorology")


@pytest.mark.parametrize(
    ("days", "dropped", "told"), [(60, True, 60), (60, False, 60), (59, True, None), (200, False, 200)]
)
def test_a_long_time_without_values_is_told_whether_rows_lack_or_are_empty(days, dropped, told):
    data = waves(tmax=16.0)
    inside = (np.arange(400) >= 100) & (np.arange(400) < 100 + days)
    data = data.isel(time=~inside) if dropped else data.where(~xr.DataArray(inside, dims="time"))
    with hearing(Journal()) as heard:
        tell_gaps(data, ["tmax", "precipitation"], hazard="meteorology")
    found = [dict(problem.values) for problem in heard.warnings]
    assert [row["days"] for row in found] == ([] if told is None else [told])
    if told:
        assert found[0]["last"] == "2001-04-10"


@pytest.mark.parametrize("code", [-9999.0, 32766.0, 999999.0, 999.9])
def test_codes_for_missing_are_missing_and_a_trace_is_none(code):
    stations = series(precipitation=(2.0, "mm"))
    stations["precipitation"][1, 3:5] = [code, 999990.0]
    masked = valid_elements(stations, ["precipitation"], hazard="meteorology")
    assert np.isnan(masked["precipitation"].values[1, 3])
    assert masked.attrs["rejected"] == {"precipitation": 1}
    assert masked["precipitation"].values[1, 4] == 0 or code == 0


def test_stations_and_days_occur_once():
    stations = series(precipitation=(2.0, "mm"))
    twice = stations.assign_coords(station=["a", "b", "a"])
    hours = stations.assign_coords(time=pd.date_range("2020-07-01", periods=20, freq="h"))
    for odd, rule in ((twice, "stations.names_twice"), (hours, "elements.steps")):
        with pytest.raises(LayerError) as caught:
            valid_elements(odd, ["precipitation"], hazard="meteorology")
        assert caught.value.problems[0].rule == rule


def test_a_mark_for_missing_that_was_not_declared_is_missing():
    stations = series(precipitation=(2.0, "mm"))
    stations["precipitation"][1, 4] = -9999.0
    found = valid_elements(stations, ["precipitation"], hazard="meteorology")
    assert np.isnan(found["precipitation"].values[1, 4])
    assert found.attrs["rejected"] == {"precipitation": 1}
    assert stations["precipitation"].values[1, 4] == -9999.0


def test_stations_without_a_place_are_left_out_and_said():
    stations = series(precipitation=(2.0, "mm"))
    stations["lon"][1] = np.nan
    values = pd.DataFrame({"value": [1.0, 2.0, 3.0]}, index=["a", "b", "c"])
    places = station_places(stations, hazard="meteorology")
    assert station_points(places, values, hazard="meteorology").index.tolist() == ["a", "c"]
    assert station_points(places, values, hazard="drought").crs.to_epsg() == 4490
    notes = station_notes(places, hazard="meteorology", rejected={}, altitudes={}, beyond=None)
    assert [(note.rule, note.found) for note in notes] == [
        ("stations.nowhere", "has 1 station without a place, which is left out: b")
    ]
    with pytest.raises(LayerError, match="none of them with a place"):
        station_points(places.assign(lon=np.nan), values, hazard="meteorology")


def test_what_a_run_says_about_its_stations():
    stations = series(precipitation=(2.0, "mm"))
    stations["lon"][1], stations["lat"][1] = stations["lon"][0], stations["lat"][0]
    notes = station_notes(
        station_places(stations, hazard="forest_fire"),
        hazard="forest_fire",
        rejected={"precipitation": 3},
        altitudes={"a": [1311.6, 1078.0]},
        beyond={"low": 70.0, "high": 97.0, "share": 0.25, "far": 100.0},
        short=["c"],
    )
    assert [note.rule for note in notes] == [
        "stations.one_place",
        "stations.values",
        "stations.years",
        "stations.altitude",
        "stations.heights",
    ]
    assert all(note.severity == "warning" and note.fix and note.required for note in notes)
    assert "a (1312 against 1078 m)" in notes[3].found
    assert "70 and 97 m, while 25% of the ground is more than 100 m" in notes[4].found
    assert "3 of precipitation" in notes[1].found


@pytest.mark.parametrize("lazy", [False, True])
def test_ground_beyond_the_stations_is_measured(make_layer, lazy):
    dem = make_layer(np.linspace(50, 1045, 200).reshape(10, 20), quantity="elevation")
    dem = dem.chunk(y=3) if lazy else dem
    stations = gpd.GeoDataFrame({"elevation": [100.0, 547.0, np.nan]})
    beyond = beyond_stations(stations, dem)
    assert {key: round(value, 2) for key, value in beyond.items()} == {
        "low": 100,
        "high": 547,
        "share": 0.4,
        "far": 100,
    }
    assert beyond_stations(gpd.GeoDataFrame({"elevation": [100.0, 980.0]}), dem) is None
    assert beyond_stations(stations, None) is None
    assert beyond_stations(gpd.GeoDataFrame({"elevation": [np.nan]}), dem) is None


@pytest.mark.parametrize(
    ("lon", "lat", "rule"), [([35.3], [113.9], "points.swapped"), ([500000.0], [3900000.0], "points.no_degrees")]
)
def test_stations_that_cannot_stand_there_are_refused(lon: list[float], lat: list[float], rule: str) -> None:
    table = xr.Dataset(coords={"station": ["53986"], "lon": ("station", lon), "lat": ("station", lat)})
    with pytest.raises(LayerError) as caught:
        station_places(table, hazard="meteorology")
    assert caught.value.problems[0].rule == rule
    assert "station 53986" in caught.value.problems[0].found or rule != "points.swapped"


def test_stations_in_degrees_and_minutes_are_read_with_a_word() -> None:
    table = xr.Dataset(coords={"station": ["53986"], "lon": ("station", [11354.0]), "lat": ("station", [3518.0])})
    with hearing(Journal()) as journal:
        places = station_places(table, hazard="meteorology")
    assert places.loc["53986", ["lon", "lat"]].tolist() == pytest.approx([113.9, 35.3])
    assert [problem.rule for problem in journal.warnings] == ["points.minutes"]


@pytest.mark.parametrize(("lon", "told"), [(114.4, []), (117.4, []), (-114.4, ["53983"]), (14.4, ["53983"])])
def test_a_station_far_from_all_the_others_is_told(lon: float, told: list[str]) -> None:
    places = xr.Dataset(
        coords={
            "station": ["53983", "53985", "53986", "53988"],
            "lon": ("station", [lon, 113.8, 113.9, 114.2]), "lat": ("station", [35.0, 35.4, 35.3, 35.2]),
        }
    )  # fmt: skip
    with hearing(Journal()) as heard:
        station_places(places, hazard="drought")
    assert [problem.rule for problem in heard.warnings] == ["stations.apart"] * bool(told)
    names = [
        dict(phrase.values)["station"] for problem in heard.warnings for phrase in dict(problem.values)["stations"]
    ]
    assert names == told
