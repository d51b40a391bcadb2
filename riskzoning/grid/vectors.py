"""Polygons, lines and points on the grid: classes by cell centre, exact lengths, exact counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
import rasterio.enums
import rasterio.features
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.codes import code_text, code_texts
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, note
from riskzoning.grid.lattice import extent, metres_per_unit
from riskzoning.layers import crs_name, layer_on
from riskzoning.places import check_frame
from riskzoning.rasters.placing import CRSLike

Array = np.ndarray[Any, Any]
compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)
_MOST_CODES = 65535


def rasterise(
    frame: gpd.GeoDataFrame,
    grid: GeoBox,
    *,
    column: str | None = None,
    quantity: str,
    classes: Mapping[str, int] | None = None,
    fill: float | None = None,
    touched: bool = False,
) -> xr.DataArray:
    """Polygons as a class or mask layer: a cell takes the polygon that holds its centre (矢量转栅格).

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons in any CRS (lines and points with ``touched``); empty geometries are left out. Where polygons
        overlap, the later row wins.
    grid : GeoBox
    column : str, optional
        The codes, whole numbers 0..65535 or texts that ``classes`` knows; without it the layer is a mask of ones.
        For a quantity that is no class: numbers.
    quantity : str
        E.g. ``site_class``, ``lithology``, ``mask``.
    classes : mapping, optional
        Text -> code, e.g. ``{"I0": 1, "I1": 2}``.
    fill : number, optional
        Where no polygon lies; default 0 = no data (NaN for a quantity that is no class).
    touched : bool
        Take every cell that a geometry touches, not only those whose centre it holds.

    Returns
    -------
    DataArray
        uint8, or uint16 for codes above 255 (float64 for a quantity that is no class); numpy.

    Warns
    -----
    UserWarning
        Rows without a code (left out, with their number); no geometry meets the grid.

    Raises
    ------
    LayerError
        The column is missing, a text is unknown to ``classes`` or a code is no whole number 0..65535 (all listed),
        or the quantity is a count (its total would be lost).
    MissingCRSError
        The frame has no CRS.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid, rasterise
    >>> grid = analysis_grid((500000, 3900000, 500300, 3900100), crs="EPSG:4547", resolution=100)
    >>> halves = [shapely.box(500000, 3900000, 500120, 3900100), shapely.box(500120, 3900000, 500300, 3900100)]
    >>> ground = gpd.GeoDataFrame({"class": ["II", "III"]}, geometry=halves, crs="EPSG:4547")
    >>> rasterise(ground, grid, column="class", quantity="site_class", classes={"II": 3, "III": 4}).values
    array([[3, 4, 4]], dtype=uint8)
    """
    facts = standards.quantity(quantity)
    thing = Phrase("polygons_for", quantity=quantity)
    if facts.kind == "count":
        raise LayerError(Problem("grid.rasterise", thing))
    shapes = _on_grid(frame, grid, thing)
    values: Array = np.ones(len(shapes), dtype=np.int64)
    if column is not None:
        values, keep = _codes(shapes, column, classes, thing, whole=facts.kind == "class")
        shapes, values = shapes[keep], values[keep]
    missing: Any = fill if fill is not None else (0 if facts.kind == "class" else np.nan)
    dtype = _dtype(values, missing) if facts.kind == "class" else "float64"
    shape = (grid.shape[0], grid.shape[1])
    if not len(shapes):
        burnt: Array = np.full(shape, missing, dtype=dtype)
    else:
        burnt = rasterio.features.rasterize(
            zip(shapes.geometry, values.tolist()),
            out_shape=shape,
            transform=grid.affine,
            fill=missing,
            dtype=dtype,
            all_touched=touched,
            merge_alg=rasterio.enums.MergeAlg.replace,
        )
    return layer_on(grid, burnt, quantity=quantity, name=quantity)


def in_crs(frame: gpd.GeoDataFrame | gpd.GeoSeries, crs: CRSLike | None, thing: Phrase | str) -> gpd.GeoDataFrame:
    """A frame in another CRS, without its empty geometries."""
    if not isinstance(frame, gpd.GeoDataFrame | gpd.GeoSeries):
        raise LayerError(Problem("grid.frame", thing, type=type(frame).__name__))
    if isinstance(frame, gpd.GeoSeries):
        frame = gpd.GeoDataFrame(geometry=frame)
    if frame.crs is None:
        raise MissingCRSError(Problem("grid.frame_crs", thing))
    there = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    check_frame(there, thing)
    return there.to_crs(getattr(crs, "proj", crs))


def _on_grid(frame: gpd.GeoDataFrame | gpd.GeoSeries, grid: GeoBox, thing: Phrase) -> gpd.GeoDataFrame:
    """The frame in the CRS of the grid; warns when nothing meets the grid."""
    moved = in_crs(frame, grid.crs, thing)
    bounds = grid.boundingbox
    x0, y0, x1, y1 = moved.total_bounds if len(moved) else (np.nan,) * 4
    if len(moved) and not (x0 <= bounds.right and x1 >= bounds.left and y0 <= bounds.top and y1 >= bounds.bottom):
        own = ", ".join(f"{value:.7g}" for value in (x0, y0, x1, y1))
        values: dict[str, Any] = {"bounds": own, "grid": extent(grid), "crs": crs_name(frame.crs)}
        note(Problem("grid.frame_contact", thing, severity="warning", **values))
    return moved


def _codes(
    frame: gpd.GeoDataFrame, column: str, classes: Mapping[str, int] | None, thing: Phrase, *, whole: bool
) -> tuple[Array, Array]:
    """Values of a column as numbers and which rows have one."""
    if column not in frame.columns:
        columns = [str(name) for name in frame.columns if name != frame.geometry.name]
        raise LayerError(Problem("grid.column", thing, column=column, columns=columns))
    raw = frame[column]
    if isinstance(raw.dtype, pd.CategoricalDtype):
        raw = raw.astype(object)
    keep = raw.notna().to_numpy() & (raw.astype(str).str.strip() != "").to_numpy()
    if not keep.all():
        counts: dict[str, Any] = {"count": int((~keep).sum()), "total": len(raw)}
        note(Problem("dropped.without_class", thing, severity="warning", column=column, **counts))
    known = {code_text(text): code for text, code in (classes or {}).items()}
    texts = code_texts(raw[keep])
    codes = [known.get(text, value) for text, value in zip(texts, raw[keep])]
    numbers = pd.to_numeric(pd.Series(codes, dtype=object), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    bad = ~np.isfinite(numbers)
    if known:
        bad |= ~np.array([text in known for text in texts], dtype=bool)
    if whole:
        bad |= (numbers != np.floor(numbers)) | (numbers < 0) | (numbers > _MOST_CODES)
    if bad.any():
        wrong = list(dict.fromkeys(str(value) for value, is_bad in zip(raw[keep], bad) if is_bad))
        if known:
            raise LayerError(Problem("grid.classes", thing, field=column, wrong=wrong, known=list(known)))
        rule = "grid.codes" if whole else "grid.numbers"
        raise LayerError(Problem(rule, thing, field=column, wrong=wrong, most=_MOST_CODES))
    values = np.zeros(len(raw), dtype=np.int64 if whole else np.float64)
    values[keep] = numbers
    return values, keep


def _dtype(values: Array, fill: float) -> str:
    most = max(int(values.max(initial=0)), int(fill))
    return "uint8" if most <= 255 else "uint16" if most <= _MOST_CODES else "int32"


def line_length(frame: gpd.GeoDataFrame, grid: GeoBox, *, quantity: str = "road_length") -> xr.DataArray:
    """Length of lines in every cell, cut exactly at the cell borders (路网长度).

    Parameters
    ----------
    frame : GeoDataFrame
        Lines in any CRS; points have no length, polygons are refused.
    grid : GeoBox
        Projected: planar lengths; geographic: geodesic lengths.
    quantity : str
        A count in km.

    Returns
    -------
    DataArray
        km per cell, float64, 0 where no line runs; ``attrs["outside"]`` is the length beyond the grid, so that sum
        and outside are the whole length.

    Raises
    ------
    LayerError, MissingCRSError
        Polygons instead of lines, no CRS.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid, line_length
    >>> grid = analysis_grid((500000, 3900000, 500300, 3900100), crs="EPSG:4547", resolution=100)
    >>> road = gpd.GeoSeries([shapely.LineString([(500050, 3900050), (500350, 3900050)])], crs="EPSG:4547")
    >>> layer = line_length(road, grid)
    >>> layer.values, round(layer.attrs["outside"], 12)
    (array([[0.05, 0.1 , 0.1 ]]), 0.05)
    """
    thing = Phrase("lines_for", quantity=quantity)
    lines = _on_grid(frame, grid, thing)
    if lines.geom_type.isin(["Polygon", "MultiPolygon"]).any():
        raise LayerError(Problem("grid.geometry", thing))
    parts = shapely.get_parts(shapely.get_parts(lines.geometry.to_numpy()))
    points, owner = shapely.get_coordinates(parts, return_index=True)
    joined = owner[1:] == owner[:-1]
    start, end = points[:-1][joined], points[1:][joined]
    if grid.crs is not None and grid.crs.geographic:
        geod: Any = grid.crs.proj.get_geod()
        lengths = np.asarray(geod.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2]) / 1000
    else:
        lengths = np.hypot(*(end - start).T) * metres_per_unit(grid, thing=thing, need=Phrase("need_length")) / 1000
    to_pixel = ~grid.affine
    out = np.zeros((grid.shape[0], grid.shape[1]))
    beyond = _walk(*(to_pixel * start.T), *(to_pixel * end.T), lengths, out)
    return layer_on(grid, out, quantity=quantity, name=quantity, outside=float(beyond))


@compiled
def _walk(x0, y0, x1, y1, lengths, out):  # type: ignore[no-untyped-def]
    """Share the length of each segment among the cells that it crosses; the length outside."""
    height, width = out.shape
    outside = 0.0
    for n in range(x0.size):
        dx, dy = x1[n] - x0[n], y1[n] - y0[n]
        t = 0.0
        if max(x0[n], x1[n]) < 0 or min(x0[n], x1[n]) > width or max(y0[n], y1[n]) < 0 or min(y0[n], y1[n]) > height:
            outside += lengths[n]
            continue
        # Borders are met at whole x or y; the next one of each, as a share of the segment.
        next_x = np.floor(x0[n]) + 1.0 if dx > 0 else np.ceil(x0[n]) - 1.0
        next_y = np.floor(y0[n]) + 1.0 if dy > 0 else np.ceil(y0[n]) - 1.0
        while t < 1.0:
            at_x = (next_x - x0[n]) / dx if dx != 0 else np.inf
            at_y = (next_y - y0[n]) / dy if dy != 0 else np.inf
            stop = max(min(at_x, at_y, 1.0), t)
            if stop > t:
                middle = (t + stop) / 2
                column, row = int(np.floor(x0[n] + middle * dx)), int(np.floor(y0[n] + middle * dy))
                if 0 <= column < width and 0 <= row < height:
                    out[row, column] += (stop - t) * lengths[n]
                else:
                    outside += (stop - t) * lengths[n]
            if at_x <= stop:
                next_x += 1.0 if dx > 0 else -1.0
            if at_y <= stop:
                next_y += 1.0 if dy > 0 else -1.0
            t = stop
    return outside


def point_counts(
    frame: gpd.GeoDataFrame, grid: GeoBox, *, column: str | None = None, quantity: str = "event_count"
) -> xr.DataArray:
    """Points, or the sum of a column of theirs, in every cell.

    Parameters
    ----------
    frame : GeoDataFrame
        Points in any CRS; of other geometries the representative point counts.
    grid : GeoBox
    column : str, optional
        What is added up, e.g. the persons of villages; default: 1 for each point.
    quantity : str
        A count, in its unit.

    Returns
    -------
    DataArray
        float64, 0 where no point lies; ``attrs["outside"]`` is the sum of the points beyond the grid. How many points
        have no value and are left out is noted.

    Raises
    ------
    LayerError, MissingCRSError
        The column is missing or no number; no CRS.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid, point_counts
    >>> grid = analysis_grid((500000, 3900000, 500300, 3900100), crs="EPSG:4547", resolution=100)
    >>> points = gpd.GeoSeries.from_xy([500010, 500020, 500900], [3900050] * 3, crs="EPSG:4547")
    >>> layer = point_counts(points, grid)
    >>> layer.values, layer.attrs["outside"]
    (array([[2., 0., 0.]]), 1.0)
    """
    thing = Phrase("points_for", quantity=quantity)
    points = _on_grid(frame, grid, thing)
    values = np.ones(len(points))
    keep = np.ones(len(points), dtype=bool)
    if column is not None:
        values, keep = _codes(points, column, None, thing, whole=False)
    geometry = points.geometry
    if not (geometry.geom_type == "Point").all():
        geometry = geometry.representative_point()
    x, y = ~grid.affine * (geometry.x.to_numpy()[keep], geometry.y.to_numpy()[keep])
    height, width = grid.shape
    # The outer border of the last row and column belongs to the grid.
    column_of = np.where(x == width, width - 1, np.floor(x)).astype(np.int64)
    row_of = np.where(y == height, height - 1, np.floor(y)).astype(np.int64)
    inside = (column_of >= 0) & (column_of < width) & (row_of >= 0) & (row_of < height)
    out = np.zeros((height, width))
    np.add.at(out, (row_of[inside], column_of[inside]), values[keep][inside])
    beyond = float(values[keep][~inside].sum())
    return layer_on(grid, out, quantity=quantity, name=quantity, outside=beyond)
