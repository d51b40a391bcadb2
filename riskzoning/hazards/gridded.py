"""Gridded weather as stations: the cells in and around the area of a study, each a station in its middle."""

from __future__ import annotations

from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import odc.geo.xr  # noqa: F401  (adds .odc)
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem

Given = TypeVar("Given", xr.Dataset, xr.DataArray)
# Cells beyond the border of a study that its surfaces take in.
_MARGIN = 1.5


def is_gridded(value: object) -> bool:
    """Whether a value is a series on cells."""
    return isinstance(value, xr.Dataset | xr.DataArray) and {"time", "y", "x"} <= set(map(str, value.dims))


def cells_as_stations(value: Given, grid: GeoBox | None = None, *, thing: Phrase | str) -> Given:
    """Cells as stations ``station`` x ``time`` with ``lon lat`` in degrees; with a grid those in and around it.

    Only these are read. Cells without any value (sea, beyond the product) are left out.
    """
    crs = value.odc.crs
    if crs is None:
        raise MissingCRSError(Problem("input.crs", thing))
    x, y = np.meshgrid(value["x"].to_numpy().astype(np.float64), value["y"].to_numpy().astype(np.float64))
    points = gpd.GeoSeries(gpd.points_from_xy(x.ravel(), y.ravel()), crs=crs).to_crs("EPSG:4490")
    lon, lat = points.x.to_numpy(), points.y.to_numpy()
    rows, columns = np.divmod(np.arange(x.size), x.shape[1])
    if grid is not None:
        kept = _around(lon, lat, grid, value)
        if not kept.any():
            own = [round(float(edge), 3) for edge in (lon.min(), lat.min(), lon.max(), lat.max())]
            raise LayerError(Problem("gridded.beyond", thing, own=own, wanted=[round(v, 3) for v in _edges(grid)]))
        lon, lat, rows, columns = lon[kept], lat[kept], rows[kept], columns[kept]
    part = value.isel(y=slice(rows.min(), rows.max() + 1), x=slice(columns.min(), columns.max() + 1)).compute()
    picked = part.isel(
        y=xr.DataArray(rows - rows.min(), dims="station"), x=xr.DataArray(columns - columns.min(), dims="station")
    )
    stations = picked.drop_vars([name for name in picked.coords if name != "time"]).transpose("station", "time")
    # A minus is part of the name: 33.5S is -33.5.
    names = [f"{north:.4g}N {east:.5g}E" for north, east in zip(lat, lon)]
    if not pd.Index(names).is_unique:
        names = [f"{north:.6f}N {east:.6f}E" for north, east in zip(lat, lon)]
    places = {"station": names, "lon": ("station", lon), "lat": ("station", lat)}
    return _filled(stations.assign_coords(places), thing)


def near(value: xr.Dataset | xr.DataArray, grid: GeoBox | None, *, thing: Phrase | str) -> Any:
    """Stations as they are; of a gridded series its cells in and around a grid, as stations."""
    if not is_gridded(value):
        return value
    if isinstance(value, xr.Dataset):
        return cells_as_stations(value, grid, thing=thing)
    return cells_as_stations(value, grid, thing=thing)


def _filled(stations: Given, thing: Phrase | str) -> Given:
    layers = [stations] if isinstance(stations, xr.DataArray) else list(stations.data_vars.values())
    known = np.any([np.isfinite(layer.to_numpy()).any(axis=1) for layer in layers], axis=0)
    if not known.any():
        raise LayerError(Problem("gridded.empty", thing, count=int(known.size)))
    return stations.isel(station=np.flatnonzero(known))


def _edges(grid: GeoBox) -> tuple[float, float, float, float]:
    west, south, east, north = grid.extent.to_crs("EPSG:4490").boundingbox.bbox
    return float(west), float(south), float(east), float(north)


def _around(
    lon: np.ndarray[tuple[int], np.dtype[np.float64]],
    lat: np.ndarray[tuple[int], np.dtype[np.float64]],
    grid: GeoBox,
    value: xr.Dataset | xr.DataArray,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which cells lie within a grid or a cell and a half beyond."""
    west, south, east, north = _edges(grid)
    shape = (value.sizes["y"], value.sizes["x"])
    wide = _MARGIN * _spacing(lon.reshape(shape), axis=1)
    high = _MARGIN * _spacing(lat.reshape(shape), axis=0)
    inside = (lon >= west - wide) & (lon <= east + wide) & (lat >= south - high) & (lat <= north + high)
    return np.asarray(inside)


def _spacing(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], axis: int) -> float:
    return float(np.abs(np.median(np.diff(values, axis=axis)))) if values.shape[axis] > 1 else 0.0
