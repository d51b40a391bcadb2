"""Layers in memory at the door."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely import box

from riskzoning.coverage import zonal_statistics
from riskzoning.errors import Journal, LayerError, MissingCRSError, hearing
from riskzoning.grid import align, analysis_grid, sample
from riskzoning.layers import grid_of
from riskzoning.rasters.held import held, numbered, planes

VALUES = np.arange(12.0).reshape(3, 4)
LAT, LON = np.array([35.025, 35.015, 35.005]), np.array([113.005, 113.015, 113.025, 113.035])
GRID = analysis_grid((113.0, 35.0, 113.04, 35.03), crs="EPSG:4490", resolution=0.01)
UNITS = gpd.GeoDataFrame(geometry=[box(113.0, 35.0, 113.01, 35.01), box(113.01, 35.0, 113.04, 35.03)], crs="EPSG:4490")


def plain() -> xr.DataArray:
    return xr.DataArray(VALUES, dims=("y", "x"), coords={"y": LAT, "x": LON}, name="t").odc.assign_crs("EPSG:4490")


def renamed(y: str, x: str, **attrs: Any) -> xr.DataArray:
    layer = xr.DataArray(VALUES, dims=(y, x), coords={y: LAT, x: LON}, name="t")
    for dim, letter in ((y, "Y"), (x, "X")):
        layer[dim].attrs.update(attrs and {"axis": letter})
    return layer.odc.assign_crs("EPSG:4490")


def globe() -> xr.DataArray:
    """The whole earth from 0 to 360 degrees, with the plain values where they belong, but in cells of a degree."""
    values = np.full((180, 360), -5.0)
    values[54, 246] = 7.0
    coords = {"latitude": 89.5 - np.arange(180), "longitude": 0.5 + np.arange(360)}
    return xr.DataArray(values, dims=("latitude", "longitude"), coords=coords).odc.assign_crs("EPSG:4490")


LAYERS: dict[str, Any] = {
    "latitude and longitude": renamed("latitude", "longitude"),
    "lat and lon": renamed("lat", "lon"),
    "by the axis attribute": renamed("j", "i", axis=True),
    "south up": plain().isel(y=slice(None, None, -1)),
    "mirrored": plain().isel(x=slice(None, None, -1)),
    "columns first": plain().transpose("x", "y"),
    "float32 coordinates": plain().assign_coords(y=LAT.astype("f4"), x=LON.astype("f4")),
    "a band of one": plain().expand_dims(band=[1]),
    "a day of one": plain().expand_dims(time=pd.to_datetime(["2020-01-01"])),
    "longitudes from 360 on": plain().assign_coords(x=LON + 360),
    "lazy": renamed("lat", "lon").isel(lat=slice(None, None, -1)).chunk(lat=2),
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_door_takes_a_layer_by_whatever_names_and_order(name: str) -> None:
    layer = LAYERS[name]
    door = held(layer, name="t")
    assert np.array_equal(door.values, VALUES)
    assert np.allclose([*grid_of(door).affine], [*GRID.affine], atol=1e-9)
    assert (door.chunks is None) == (layer.chunks is None)
    for given in (layer, xr.Dataset({"t": layer}), {"t": layer}):
        table = zonal_statistics(given, UNITS, ["sum"])
        assert table.iloc[:, 0].to_numpy().round(6).tolist() == [8, 54]
    assert np.allclose(align(layer, GRID, quantity="station_value").values, VALUES)
    assert sample(layer, gpd.GeoSeries.from_xy([113.015], [35.005], crs="EPSG:4490"), resampling="nearest") == [9]


def test_a_globe_from_0_to_360_degrees_is_cut_at_180() -> None:
    units = gpd.GeoDataFrame(geometry=[box(-114, 35, -113, 36), box(-0.5, 10, 0.5, 11)], crs="EPSG:4490")
    assert zonal_statistics(globe(), units, ["mean"])["mean"].tolist() == [7, -5]
    assert zonal_statistics(globe().chunk(), units, ["mean"])["mean"].tolist() == [7, -5]


def test_labels_that_repeat_are_numbered_with_a_word_and_days_are_written_as_days() -> None:
    days = pd.DatetimeIndex([pd.Timestamp(day) for day in ("2020-01-01", "2020-01-01", "2020-01-02T06:00")])
    layer = xr.concat([plain(), plain() + 1, plain() + 2], dim="time").assign_coords(time=days)
    for given, names in (
        (layer, ["2020-01-01", "2020-01-01_2", "2020-01-02T06:00:00"]),
        (xr.Dataset({"t": layer}), ["t 2020-01-01", "t 2020-01-01_2", "t 2020-01-02T06:00:00"]),
    ):
        with hearing(Journal()) as journal:
            table = zonal_statistics(given, UNITS, ["mean"])
        assert [name for name, statistic in table.columns if statistic == "mean"] == names
        assert [problem.rule for problem in journal.warnings] == ["layer.doubled_labels"]
        assert table.loc[1].iloc[0::2].tolist() == [6, 7, 8]


def test_numbers_do_not_meet_names_that_are_there() -> None:
    assert numbered(["a", "a_2", "a"]) == (("a", "a_2", "a_3"), ["a"])
    assert numbered([1, "1", 2]) == ((1, "1_2", 2), ["1"])


def test_variables_beside_the_grid_are_left_out_and_the_crs_is_looked_for() -> None:
    import pyproj

    bare = xr.DataArray(VALUES, dims=("lat", "lon"), coords={"lat": LAT, "lon": LON}, attrs={"grid_mapping": "crs"})
    data = xr.Dataset(
        {"t": bare, "time_bnds": ("nv", [1.0, 2.0]), "crs": ((), 0, {"crs_wkt": pyproj.CRS(4490).to_wkt()})}
    )
    with hearing(Journal()) as journal:
        assert zonal_statistics(data, UNITS, ["sum"])[("t", "sum")].round(6).tolist() == [8, 54]
    assert [problem.rule for problem in journal.dropped] == ["dropped.variables"]
    with pytest.raises(MissingCRSError):
        zonal_statistics(bare, UNITS)


def test_what_is_no_layer_is_told() -> None:
    for given in (VALUES, xr.DataArray(VALUES, dims=("a", "b")), xr.DataArray(LAT, dims="y", coords={"y": LAT})):
        with pytest.raises(LayerError):
            held(given, name="t")
    with pytest.raises(LayerError) as caught:
        zonal_statistics(plain().expand_dims(time=[0, 1], level=[0, 1]), UNITS)
    assert caught.value.problems[0].rule == "zonal.dims"
    assert list(planes(plain())) == ["t"]
