"""Ground that works flood or keep dry: detention areas in use, and what the works still hold."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning import numerals, standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.flood.works import effective_protection
from riskzoning.layers import check_layer, describe, grid_of
from riskzoning.layers.plausible import takes

# Equal-area: the area of a polygon in whatever CRS it comes.
_EQUAL_AREA = "EPSG:6933"
# No area is put to use for less water on its ground, m.
_FILM_M = 0.05


@takes("depths", depths="flood_depth")
def detention_depths(depths: xr.DataArray, areas: gpd.GeoDataFrame, *, volume: str, period: str) -> xr.DataArray:
    """Depths with the water of detention areas (蓄滞洪区) from the return period on at which they are put to use.

    An area in use holds its volume over its ground, on the mean V / A deep; where the depths have more, they stay.

    Parameters
    ----------
    depths : DataArray
        ``flood_depth`` by return period, m.
    areas : GeoDataFrame
        Polygons, any CRS.
    volume : str
        Column with the volume that an area holds, m3.
    period : str
        Column with the return period at which it is put to use (启用标准), as people write it.

    Returns
    -------
    DataArray
        As ``depths``; lazy when they are. Areas without volume or period change nothing, which is told.

    Raises
    ------
    LayerError
        No return periods, a column is not there, a negative volume, or one that would stand deeper than 30 m.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> grid = analysis_grid((500_000, 3_900_000, 502_000, 3_901_000), crs="EPSG:4547", resolution=1000)
    >>> depths = layer_on(grid, np.zeros((2, 1, 2)), quantity="flood_depth", return_periods=[20, 100])
    >>> one = {"m3": [1.2e6], "use": ["50年一遇"]}
    >>> area = gpd.GeoDataFrame(one, geometry=[box(500_000, 3_900_000, 501_000, 3_901_000)], crs="EPSG:4547")
    >>> detention_depths(depths, area, volume="m3", period="use").round(2).values.tolist()
    [[[0.0, 0.0]], [[1.2, 0.0]]]
    """
    check_layer(depths, name=str(depths.name or "depths"), quantity="flood_depth")
    if "return_period" not in depths.dims:
        raise LayerError(Problem("flood.dims", Phrase("argument", name="depths"), dims=list(map(str, depths.dims))))
    _check_columns(areas, [volume, period], "areas")
    years = np.asarray(numerals.periods(areas[period].astype(object)), dtype=np.float64)
    held, ground = check_volumes(areas, volume)
    usable = (years > 0) & (held > 0) & (ground > 0)
    if not usable.all():
        thing = Phrase("argument", name="areas")
        note(
            Problem("flood.detention_unknown", thing, severity="warning", count=int((~usable).sum()), total=len(areas))
        )
    _tell_film(held[usable] / ground[usable], volume)
    frame = gpd.GeoDataFrame(
        {"depth": held[usable] / ground[usable], "years": years[usable]}, geometry=areas.geometry.array[usable],
        crs=areas.crs,
    )  # fmt: skip
    planes = []
    for at, year in enumerate(depths["return_period"].values):
        own: Any = depths.isel(return_period=at, drop=True)
        used = frame[frame["years"] <= float(year)].sort_values("depth")
        planes.append(own if used.empty else _deeper(own, used))
    out = xr.concat(planes, dim=depths["return_period"], join="override", combine_attrs="override")
    return describe(out.transpose(*depths.dims), quantity="flood_depth", like=depths)


def check_volumes(areas: gpd.GeoDataFrame, volume: str) -> tuple[np.ndarray, np.ndarray]:
    """Volumes (m3) and ground (m2) of detention areas; negative ones and those of another unit are refused.

    Another unit than m3 shows in the mean depth: 10,000 m3 make it a film, litres a lake of 100 m.
    """
    thing, most = Phrase("column", name=volume), standards.quantity("flood_depth").hard
    held = _numbers(areas[volume])
    if (held < 0).any():
        values: dict[str, Any] = {"count": int((held < 0).sum()), "value": float(np.nanmin(held))}
        raise LayerError(Problem("flood.detention_negative", thing, **values))
    ground = areas.geometry.to_crs(_EQUAL_AREA).area.to_numpy()
    deepest = float(np.max(held[(held > 0) & (ground > 0)] / ground[(held > 0) & (ground > 0)], initial=0.0))
    if most is not None and deepest > most[1]:
        raise LayerError(Problem("flood.detention_deep", thing, depth=deepest, most=most[1]))
    return held, ground


def _tell_film(mean: np.ndarray[Any, Any], volume: str) -> None:
    """Volumes in 10,000 m3 make a film of water."""
    thing = Phrase("column", name=volume)
    film = mean < _FILM_M
    if film.any():
        values: dict[str, Any] = {"count": int(film.sum()), "total": int(mean.size), "depth": float(mean.min())}
        note(Problem("flood.detention_film", thing, severity="warning", **values))


def _deeper(depth: xr.DataArray, used: gpd.GeoDataFrame) -> xr.DataArray:
    """The deeper of the depths and of the areas that are in use."""
    box = grid_of(depth)
    water = grids.rasterise(used.to_crs(str(box.crs)), box, column="depth", quantity="flood_depth")
    known = np.nan_to_num(np.asarray(water.data), nan=-np.inf)
    inside: xr.DataArray = depth.copy(data=np.fmax(depth.data, np.where(np.isinf(known), np.nan, known)))
    return inside


def held_period(areas: gpd.GeoDataFrame, grid: GeoBox, *, period: str, condition: str | None) -> xr.DataArray:
    """Years up to which works keep floods away from every cell (the highest where areas overlap), NaN unprotected."""
    column = "effective_rp"
    if condition is None:
        _check_columns(areas, [period], "areas")
        rows = areas.assign(**{column: np.asarray(numerals.periods(areas[period].astype(object)), dtype=np.float64)})
    else:
        rows = effective_protection(areas, period=period, condition=condition, name=column)
    rows = rows[np.isfinite(rows[column]) & (rows[column] > 0)].sort_values(column)
    return grids.rasterise(rows.to_crs(str(grid.crs)), grid, column=column, quantity="protection_period")


def _check_columns(frame: gpd.GeoDataFrame, wanted: list[str], name: str) -> None:
    missing = [column for column in wanted if column not in frame.columns]
    if missing:
        present = list(map(str, frame.columns))
        raise LayerError(Problem("input.columns", Phrase("argument", name=name), missing=missing, present=present))


def _numbers(column: Any) -> np.ndarray:
    """A column as numbers, NaN where it holds none."""
    return np.array([numerals.number(value) for value in column], dtype=np.float64)
