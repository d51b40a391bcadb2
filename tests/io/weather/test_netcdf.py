"""Gridded weather: names and units of usual products, axes either way, packed values, calendars, what is refused."""

from __future__ import annotations

from pathlib import Path

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning import io
from riskzoning.errors import Journal, LayerError, MissingCRSError, hearing

LAT, LON = [34.75, 35.0, 35.25], [113.5, 113.75, 114.0, 114.25]


def field(name: str, units: str, value: float, *, days: int = 3, freq: str = "D", start: str = "2020-07-01"):  # type: ignore[no-untyped-def]
    time = pd.date_range(start, periods=days, freq=freq)
    rows = np.arange(3, dtype="float32")[None, :, None] * np.ones((days, 1, 4), "float32")
    layer = xr.DataArray(rows + np.float32(value), dims=("time", "lat", "lon"), name=name)
    return layer.assign_coords(time=time, lat=LAT, lon=LON).assign_attrs(units=units)


def written(folder: Path, *layers: xr.DataArray, name: str = "a.nc", **options) -> Path:  # type: ignore[no-untyped-def]
    path = folder / name
    xr.Dataset({layer.name: layer for layer in layers}).to_netcdf(path, **options)
    return path


def read(path, **options):  # type: ignore[no-untyped-def]
    with hearing(Journal()):
        return io.read_gridded_daily(path, **options)


def rule_of(path, **options) -> str:  # type: ignore[no-untyped-def]
    with pytest.raises(LayerError) as caught:
        read(path, **options)
    return caught.value.problems[0].rule


def test_era5_in_kelvin_and_metres(tmp_path: Path) -> None:
    days = read(written(tmp_path, field("t2m", "K", 293.15), field("tp", "m", 0.0) * 0 + field("tp", "m", 0.0123) * 1))
    assert set(days.data_vars) >= {"tmean"}
    assert days.tmean.dims == ("time", "y", "x")
    assert isinstance(days.tmean.data, da.Array)
    assert days.y.values.tolist() == LAT[::-1]
    # Rows ascend in the file: the northern one is the warmest.
    np.testing.assert_allclose(days.tmean[0, :, 0], [22.0, 21.0, 20.0], atol=1e-4)
    assert days.odc.crs == "EPSG:4490"


@pytest.mark.parametrize(
    ("units", "value", "millimetres"),
    [("m", 0.0123, 12.3), ("mm", 12.3, 12.3), ("mm/day", 12.3, 12.3), ("mm/h", 0.5, 12.0), ("kg m-2 s-1", 1e-4, 8.64)],
)
def test_units_of_rain(tmp_path: Path, units: str, value: float, millimetres: float) -> None:
    days = read(
        written(tmp_path, field("pr", units, 0.0) * 0 + np.float32(value), name="r.nc"), units={"precipitation": units}
    )
    np.testing.assert_allclose(days.precipitation[0, 0, 0], millimetres, rtol=1e-5)
    assert days.precipitation.attrs["units"] == "mm"


def test_cn051_and_several_files(tmp_path: Path) -> None:
    one = written(tmp_path, field("Tmax", "degC", 30.0), name="CN05.1_Tmax_1961.nc")
    two = written(tmp_path, field("Tmax", "degC", 31.0, start="2020-07-04"), name="CN05.1_Tmax_1962.nc")
    written(tmp_path, field("Pre", "mm/day", 5.0), name="CN05.1_Pre_1961.nc")
    days = read(tmp_path)
    assert set(days.data_vars) == {"tmax", "precipitation"}
    assert days.sizes["time"] == 6
    assert np.isnan(days.precipitation[5]).all()
    assert rule_of([one, one]) == "gridded.twice"
    part = read([one, two], bounds=(113.6, 34.9, 114.1, 35.3))
    assert (part.sizes["y"], part.sizes["x"]) == (2, 2)
    assert rule_of(one, bounds=(1.0, 2.0, 3.0, 4.0)) == "gridded.bounds"


def test_longitudes_of_360_and_packed_values(tmp_path: Path) -> None:
    west = field("tas", "degC", 20.0).assign_coords(lon=[359.5, 359.75, 0.0, 0.25]).sortby("lon")
    packing = {"tas": {"dtype": "int16", "scale_factor": 0.01, "add_offset": 15.0, "_FillValue": -32767}}
    west = west.copy(data=west.to_numpy().copy())
    west[0, 0, 0] = np.nan
    days = read(written(tmp_path, west, encoding=packing))
    assert days.x.values.tolist() == [-0.5, -0.25, 0.0, 0.25]
    np.testing.assert_allclose(days.tmean[1, 0], 22.0, atol=0.006)
    assert np.isnan(days.tmean[0, 2, 2])


def test_hours_of_a_reanalysis(tmp_path: Path) -> None:
    hours = field("t2m", "K", 283.15, days=48, freq="h", start="2020-06-30 13:00")
    hours = hours + np.tile(np.arange(24), 2)[:, None, None].astype("float32")
    sums = np.cumsum(np.full((2, 24), 0.001), axis=1).ravel()
    rain = field("tp", "m", 0.0, days=48, freq="h", start="2020-06-30 13:00") * 0
    rain = rain + np.roll(sums, -12)[:, None, None].astype("float32")
    path = written(tmp_path, hours.assign_attrs(units="K"), rain.assign_attrs(units="m"))
    days = read(path, accumulated=True)
    assert days.time.values.astype("datetime64[D]").astype(str).tolist() == ["2020-07-01", "2020-07-02"]
    # Extremes of the readings stand in.
    south = days.isel(y=2, x=0)
    np.testing.assert_allclose(south.tmax - south.tmin, 23.0, atol=1e-3)
    np.testing.assert_allclose(south.tmean, 21.5, atol=1e-3)
    # 24 mm a day, but for the first hour of the file, of which nobody knows the beginning.
    np.testing.assert_allclose(south.precipitation, [23.0, 24.0], atol=1e-3)


def test_calendars(tmp_path: Path) -> None:
    time = xr.date_range("2020-02-27", periods=5, calendar="noleap", use_cftime=True)
    days = read(written(tmp_path, field("tas", "degC", 5.0, days=5).assign_coords(time=time)))
    assert days.time.dt.strftime("%m-%d").values.tolist() == ["02-27", "02-28", "03-01", "03-02", "03-03"]
    months = xr.date_range("2020-02-28", periods=3, calendar="360_day", use_cftime=True)
    assert (
        rule_of(written(tmp_path, field("tas", "degC", 5.0).assign_coords(time=months), name="b.nc"))
        == "gridded.calendar"
    )


def test_what_cannot_be_read_as_weather(tmp_path: Path) -> None:
    assert rule_of(written(tmp_path, field("tas", "", 20.0))) == "gridded.no_units"
    assert rule_of(written(tmp_path, field("tas", "m/s", 20.0), name="b.nc")) == "stations.units"
    assert rule_of(written(tmp_path, field("zzz", "K", 20.0), name="c.nc")) == "gridded.variables"
    assert (
        rule_of(written(tmp_path, field("tas", "K", 280.0), field("t2m", "K", 280.0), name="d.nc")) == "gridded.several"
    )
    assert rule_of(written(tmp_path, field("tas", "K", 280.0, freq="MS"), name="e.nc")) == "gridded.step"
    levels = field("tas", "K", 280.0).expand_dims(level=[1, 2])
    assert rule_of(written(tmp_path, levels, name="f.nc")) == "gridded.axes"
    numbers = field("tas", "K", 280.0).assign_coords(time=[1, 2, 3])
    assert rule_of(written(tmp_path, numbers, name="g.nc")) == "gridded.dates"
    (tmp_path / "h.nc").write_text("no such thing")
    assert rule_of(tmp_path / "h.nc") == "gridded.unreadable"
    (tmp_path / "empty").mkdir()
    assert rule_of(tmp_path / "empty") == "gridded.files"
    metres = field("tas", "K", 280.0).rename(lat="y", lon="x")
    with pytest.raises(MissingCRSError):
        read(written(tmp_path, metres, name="i.nc"))
    wide = field("pr", "mm", 1.0).assign_coords(lon=[1.0, 2.0, 3.0, 4.0])
    assert (
        rule_of(written(tmp_path, field("tas", "K", 280.0), name="j.nc"), variables={"rain": "tas"})
        == "gridded.elements"
    )
    other = [written(tmp_path, field("tas", "K", 280.0), name="k.nc"), written(tmp_path, wide, name="l.nc")]
    assert rule_of(other) == "gridded.grids"


def test_series_of_places_are_no_grid(tmp_path: Path) -> None:
    flat = field("tas", "K", 280.0).isel(lat=0, drop=True).rename(lon="location")
    assert rule_of(written(tmp_path, flat, name="places.nc")) == "gridded.series"


def test_names_and_units_of_the_users(tmp_path: Path) -> None:
    path = written(tmp_path, field("T_2M", "", 293.15))
    days = read(path, variables={"tmean": "T_2M"}, units={"tmean": "K"})
    np.testing.assert_allclose(days.tmean[0, 2, 0], 20.0, atol=1e-4)


def test_the_grid_of_a_city(city_data: Path) -> None:
    days = read(city_data / "meteorology" / "gridded_daily_2016.nc")
    assert set(days.data_vars) == {"precipitation", "tmean", "tmax", "tmin"}
    assert -20 < float(days.tmean.mean()) < 25
    assert float(days.tmax.max()) < 45
    assert days.sizes["time"] == 366
    assert float(days.y[0]) > float(days.y[-1])


def test_wind_of_components_by_the_hour(tmp_path: Path) -> None:
    options = {"days": 48, "freq": "h", "start": "2020-06-30 13:00"}
    turn = np.tile(np.arange(24), 2)[:, None, None] * np.pi / 12
    east = field("u10", "m s**-1", 0.0, **options) * 0 + 5.0 * np.cos(turn)  # type: ignore[arg-type]
    north = field("v10", "m s**-1", 0.0, **options) * 0 + 5.0 * np.sin(turn)  # type: ignore[arg-type]
    north[20] *= 3.0
    paths = [
        written(tmp_path, layer.rename(name).assign_attrs(units="m s**-1"), name=f"{name}.nc")
        for name, layer in (("u10", east), ("v10", north))
    ]
    days = read(paths)
    assert set(days.data_vars) == {"wind_mean", "wind_max", "wind_14h"}
    assert days.wind_mean.attrs["units"] == "m/s"
    speed = np.hypot(east, north).values[:, 0, 0]
    # The mean of the speed, not the speed of the mean, which is nought.
    np.testing.assert_allclose(days.wind_mean[1], 5.0, atol=1e-5)
    assert float(days.wind_max[0, 0, 0]) == pytest.approx(speed[:24].max(), abs=1e-5)
    assert float(days.wind_14h[0, 0, 0]) == pytest.approx(speed[17], abs=1e-5)


def test_daily_components_and_one_component_alone_are_told(tmp_path: Path) -> None:
    pair = [field(name, "m/s", value) for name, value in (("u10", 3.0), ("v10", 4.0))]
    with hearing(Journal()) as journal:
        days = io.read_gridded_daily(written(tmp_path, *pair))
    np.testing.assert_allclose(days.wind_mean[0, 2], 5.0, atol=1e-6)
    assert [problem.rule for problem in journal.warnings] == ["gridded.mean_components"]
    with hearing(Journal()) as journal:
        days = io.read_gridded_daily(written(tmp_path, pair[0], field("t2m", "K", 280.0), name="b.nc"))
    assert set(days.data_vars) == {"tmean"}
    assert [problem.rule for problem in journal.warnings] == ["gridded.component"]
    assert rule_of(written(tmp_path, pair[0], name="c.nc")) == "gridded.variables"


def test_humidity_of_dew_point(tmp_path: Path) -> None:
    # 25 degC with a dew point of 15 degC: e(15) 17.04 hPa, e(25) 31.67 hPa.
    warm, dew = field("t2m", "K", 298.15) * 0 + 298.15, field("d2m", "K", 288.15) * 0 + 288.15
    path = written(tmp_path, warm.assign_attrs(units="K"), dew.assign_attrs(units="K"))
    days = read(path)
    assert set(days.data_vars) == {"tmean", "humidity"}
    np.testing.assert_allclose(days.humidity, 53.8, atol=0.1)
    assert days.humidity.attrs["units"] == "%"


def test_humidity_by_the_hour_has_its_minimum_and_that_of_14_h(tmp_path: Path) -> None:
    options = {"days": 24, "freq": "h", "start": "2020-06-30 13:00"}
    rise = np.zeros((24, 1, 1))
    rise[17], rise[20] = 5.0, 10.0
    warm = (field("t2m", "K", 0.0, **options) * 0 + 293.15 + rise).rename("t2m")  # type: ignore[arg-type]
    dew = (field("d2m", "K", 0.0, **options) * 0 + 293.15).rename("d2m")  # type: ignore[arg-type]
    days = read(written(tmp_path, warm.assign_attrs(units="K"), dew.assign_attrs(units="K")))
    corner = days.isel(time=0, y=0, x=0)
    # e(20) 23.4 hPa against e(25) 31.7 hPa at 14 h in Beijing (6 h UTC) and e(30) 42.4 hPa.
    assert float(corner.humidity_14h) == pytest.approx(73.9, abs=0.2)
    assert float(corner.humidity_min) == pytest.approx(55.2, abs=0.2)


def test_humidity_of_specific_humidity_and_pressure(tmp_path: Path) -> None:
    # 10 g/kg at 1000 hPa: e = 0.01 x 1000 / (0.622 + 0.00378) = 15.98 hPa; e(20) 23.38 hPa.
    layers = [
        (field(name, units, 0.0) * 0 + value).rename(name).assign_attrs(units=units)
        for name, units, value in (("temp", "K", 293.15), ("shum", "kg kg-1", 0.010), ("pres", "Pa", 100_000.0))
    ]
    days = read(written(tmp_path, *layers))
    assert set(days.data_vars) == {"tmean", "pressure", "humidity"}
    np.testing.assert_allclose(days.humidity, 68.4, atol=0.2)


def test_what_is_given_goes_before_what_stands_for_it(tmp_path: Path) -> None:
    layers = [field("t2m", "K", 290.0), field("d2m", "K", 280.0), field("rh", "%", 40.0), field("si10", "m/s", 2.0)]
    layers += [field("u10", "m/s", 3.0), field("v10", "m/s", 4.0)]
    days = read(written(tmp_path, *layers))
    assert float(days.humidity[0, 2, 0]) == 40.0
    assert float(days.wind_mean[0, 2, 0]) == 2.0
    path = written(tmp_path, layers[0], layers[1].rename("DP"), name="b.nc")
    assert "humidity" in read(path, variables={"dewpoint": "DP"})


def test_dew_point_of_another_period_or_grid_is_refused(tmp_path: Path) -> None:
    warm = written(tmp_path, field("t2m", "K", 290.0), name="a.nc")
    later = written(tmp_path, field("d2m", "K", 280.0, start="2021-07-01"), name="b.nc")
    assert rule_of([warm, later]) == "gridded.no_time"
    other = written(tmp_path, field("d2m", "K", 280.0).assign_coords(lat=[1.0, 2.0, 3.0]), name="c.nc")
    assert rule_of([warm, other]) == "gridded.grids"


def hourly_rain(days: int = 6) -> np.ndarray:  # type: ignore[type-arg]
    rng = np.random.default_rng(3)
    return np.where(rng.random((days, 24)) < 0.4, rng.gamma(0.5, 2.0, (days, 24)), 0.0)


def rain_file(folder: Path, values: np.ndarray, name: str) -> Path:  # type: ignore[type-arg]
    time = pd.date_range("2020-07-01 01:00", periods=values.size, freq="h")
    flat = values.reshape(-1, 1, 1) * np.ones((1, 3, 4))
    layer = xr.DataArray(flat, dims=("time", "lat", "lon"), name="tp", attrs={"units": "mm"})
    return written(folder, layer.assign_coords(time=time, lat=LAT, lon=LON), name=name)


def test_hours_of_rain_that_are_sums_are_seen(tmp_path: Path) -> None:
    amounts = hourly_rain()
    plain, sums = rain_file(tmp_path, amounts, "a.nc"), rain_file(tmp_path, np.cumsum(amounts, axis=1), "b.nc")
    assert rule_of(sums) == "gridded.sums"
    assert rule_of(plain, accumulated=True) == "gridded.no_sums"
    np.testing.assert_allclose(
        read(sums, accumulated=True).precipitation[1:4, 0, 0], read(plain).precipitation[1:4, 0, 0], atol=1e-9
    )
    # The same in every hour, or hardly any, shows nothing.
    assert read(rain_file(tmp_path, np.full((6, 24), 0.5), "c.nc")).precipitation[1, 0, 0] == pytest.approx(12.0)
    assert read(rain_file(tmp_path, np.zeros((6, 24)), "d.nc")).precipitation[1, 0, 0] == 0.0
