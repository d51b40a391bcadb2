"""Factors of landslide susceptibility on the analysis grid: terrain, distances, class layers, the inventory."""

from __future__ import annotations

import math
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.codes import code_texts
from riskzoning.errors import LayerError, Problem
from riskzoning.hazards.cells import valid_values
from riskzoning.hazards.inputs import input_of
from riskzoning.hazards.products import ground_slope
from riskzoning.layers import describe, layer_on
from riskzoning.layers.plausible import takes
from riskzoning.methods import terrain

FACTOR_KEYS = {"elevation": "elevation_on_grid", "rivers": "rivers_distance", "faults": "faults_distance"}
FACTOR_KEYS |= {"roads": "roads_distance"}
_FAR = 1e7
_CHUNK = 1024


@takes()
def terrain_layers(elevation: xr.DataArray, grid: GeoBox, *, relief_window: int = 5) -> dict[str, xr.DataArray]:
    """Elevation, slope, aspect and relief on the analysis grid.

    Slope belongs to the cell it is computed with: on a DEM averaged to 100 m a steep bank is gone. So slope and aspect
    are computed on a metric grid about as fine as the DEM, whose cells divide those of the analysis grid, and then
    averaged; elevation and relief (highest minus lowest in the window) are taken on the analysis grid itself. The DEM
    may reach beyond the grid, and should: without a margin the outermost cells have no slope.

    Parameters
    ----------
    elevation : DataArray
        m, on its own grid; numpy or dask.
    grid : GeoBox
        Projected.
    relief_window : int
        Cells of the analysis grid, odd.

    Returns
    -------
    dict
        ``elevation_on_grid`` (m), ``slope`` and ``aspect`` (degree; flat -1), ``relief`` (m); lazy when the DEM is.

    Raises
    ------
    LayerError
        The grid is geographic.

    Examples
    --------
    >>> geobox = grids.analysis_grid((0, 0, 500, 500), crs="EPSG:4547", resolution=100)
    >>> ramp = layer_on(geobox, np.tile(np.arange(5) * 10.0, (5, 1)), quantity="elevation")
    >>> float(terrain_layers(ramp, geobox)["slope"][2, 2].round(4))
    5.7106
    """
    return {**heights(elevation, grid, relief_window=relief_window), **ground_slope(elevation, grid)}


def heights(elevation: xr.DataArray, grid: GeoBox, *, relief_window: int = 5) -> dict[str, xr.DataArray]:
    """Elevation and relief (highest minus lowest in the window) on the grid, from a DEM with a margin."""
    dem = describe(valid_values(elevation, quantity="elevation"), quantity="elevation", like=elevation)
    margin = max(1, relief_window // 2)
    wide = grids.align(dem, grid.pad(margin))
    layers = {
        "elevation_on_grid": _cropped(wide, margin),
        "relief": _cropped(terrain.relief(wide, window=relief_window), margin),
    }
    return {name: _placed(layer, grid) for name, layer in layers.items()}


def _cropped(layer: xr.DataArray, margin: int) -> xr.DataArray:
    out = layer.isel(y=slice(margin, -margin), x=slice(margin, -margin))
    return out.chunk(y=_CHUNK, x=_CHUNK) if out.chunks is not None else out


def _placed(layer: xr.DataArray, grid: GeoBox) -> xr.DataArray:
    """The layer with exactly the coordinates of the grid."""
    return layer_on(grid, layer.data, quantity=layer.attrs["quantity"], source=layer.attrs.get("source", ""))


def line_distance(lines: gpd.GeoDataFrame, grid: GeoBox, *, reach_m: float) -> xr.DataArray:
    """Distance to the nearest line, m; also to lines beyond the border of the grid, up to ``reach_m`` away."""
    there = lines.geometry[~(lines.geometry.isna() | lines.geometry.is_empty)].to_crs(grid.crs)
    there = there[there.intersects(shapely.box(*grid.boundingbox).buffer(reach_m))]
    if not len(there):
        return layer_on(grid, np.full(tuple(grid.shape), _FAR, dtype=np.float32), quantity="distance")
    return terrain.distance_to(there, grid)


def rasterised_classes(
    value: xr.DataArray | gpd.GeoDataFrame, grid: GeoBox, quantity: str, column: str | None = None
) -> tuple[Any, dict[int, str]]:
    """A class layer and what its codes mean; polygons are taken by cell centre, texts numbered in their order."""
    if isinstance(value, xr.DataArray):
        return value, {}
    known = [name for name in (column, quantity, "class", "code") if name is not None and name in value.columns]
    rest = [name for name in value.columns if name != value.geometry.name]
    if not known and len(rest) != 1:
        raise LayerError(
            Problem("geology.class_column", input_of("geology", quantity), columns=list(map(str, rest)), name=quantity)
        )
    chosen = known[0] if known else rest[0]
    text = pd.Series(code_texts(value[chosen]), index=value.index, dtype=object).fillna("")
    if pd.api.types.is_integer_dtype(value[chosen]):
        return grids.rasterise(value, grid, column=chosen, quantity=quantity, fill=0), {}
    names = sorted(set(text) - {""})
    codes = {name: i + 1 for i, name in enumerate(names)}
    frame = value[[value.geometry.name]].assign(code=text.map(codes))
    layer = grids.rasterise(frame[frame["code"].notna()], grid, column="code", quantity=quantity, fill=0)
    return layer, {code: name for name, code in codes.items()}


def inventory(points: gpd.GeoDataFrame, grid: GeoBox) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Landslide points fit for training, in the CRS of the grid, and how many were left out for which reason."""
    rules = standards.table("hazards/geology_factors").data
    place = points[~(points.geometry.isna() | points.geometry.is_empty)].to_crs(grid.crs)
    place = place.assign(shape=place.geometry.array).set_geometry(place.geometry.representative_point())
    report = {"points": len(points), "without_place": len(points) - len(place)}

    def keep(good: pd.Series[bool], reason: str) -> None:
        nonlocal place
        report[reason] = int((~good).sum())
        place = place[good]

    for column in rules["type_columns"]:
        if column in place.columns:
            keep(~pd.Series(code_texts(place[column]), place.index).isin(rules["other_types"]), "other_type")
            break
    for column in rules["error_columns"]:
        if column in place.columns:
            keep(place[column].map(_error_m) <= rules["max_error_m"], "inexact")
            break
    column_of, row_of = ~grid.affine * (place.geometry.x.to_numpy(), place.geometry.y.to_numpy())
    cells = pd.DataFrame({"row": np.floor(row_of), "column": np.floor(column_of)}, index=place.index)
    inside = cells["row"].between(0, grid.shape[0] - 1) & cells["column"].between(0, grid.shape[1] - 1)
    keep(inside, "outside")
    keep(~cells[inside].duplicated(), "same_cell")
    report["used"] = len(place)
    return place, report


def _error_m(value: object) -> float:
    """A location error in metres: 'exact', '5km', '500 m', 500; unknown is infinite, nothing said is 0."""
    text = str(value).strip().lower()
    if text in ("", "nan", "none", "exact", "精确"):
        return 0.0
    parts = re.match(r"([0-9.]+)\s*(km|m)?$", text)
    return math.inf if parts is None else float(parts[1]) * (1000.0 if parts[2] == "km" else 1.0)
