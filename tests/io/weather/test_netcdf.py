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
