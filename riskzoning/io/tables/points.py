"""Tables with coordinates as points: columns found by name, degrees in any notation, wrong places told by row."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from riskzoning.admin import suggest_crs
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.io.contradiction import check_crs, known_crs
from riskzoning.io.tables.cells import degrees_of
from riskzoning.io.tables.reading import read_table

Array = np.ndarray[Any, np.dtype[Any]]

_X_NAMES = (
    "lon", "longitude", "lng", "long", "x", "经度", "东经", "lon_dd", "坐标x", "x坐标", "x_coord", "jd", "poi_x",
)  # fmt: skip
_Y_NAMES = ("lat", "latitude", "y", "纬度", "北纬", "lat_dd", "坐标y", "y坐标", "y_coord", "wd", "poi_y")
_SHOWN = 5
_CHINA = (73.0, 136.0, 3.0, 54.0)


def read_points(
    path: str | os.PathLike[str],
    *,
    x: str | None = None,
    y: str | None = None,
    crs: object = "EPSG:4490",
    encoding: str | None = None,
    sheet: str | None = None,
    header: int | None = None,
    columns: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Read a table with coordinates as points; rows without coordinates are left out, and that is noted.

    Parameters
    ----------
    path : path
        As of :func:`read_table`, like ``encoding``, ``sheet``, ``header`` and ``columns``.
    x, y : str, optional
        Columns of the coordinates; by default the columns with a usual name (lon, longitude, 经度 ...). Degrees may be
        decimals or degrees, minutes and seconds (113°54′00″).
    crs : optional
        CRS of the coordinates, as pyproj takes it.

    Returns
    -------
    GeoDataFrame
        The columns of the table and ``geometry``; index and ``attrs`` as of :func:`read_table`.

    Raises
    ------
    LayerError
        No row has coordinates, latitude and longitude are swapped, or coordinates do not fit the CRS; the message
        names the rows.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_text("name,lon,lat\\nA,114,35\\nB,,\\n", encoding="utf-8")
    ...     points = read_points(Path(folder) / "a.csv")
    >>> points["name"].tolist(), float(points.geometry.x.iloc[0])
    (['A'], 114.0)
    """
    path = Path(path)
    system = known_crs(path, crs)
    frame = read_table(path, sheet=sheet, header=header, encoding=encoding, columns=columns)
    x, y = _column(frame, x, _X_NAMES, path, "x"), _column(frame, y, _Y_NAMES, path, "y")
    east, north, reasons = _coordinates(frame, x, y, geographic=system.is_geographic)
    good = np.isfinite(east) & np.isfinite(north)
    if len(frame) and not good.any():
        raise LayerError(Problem("points.empty", path, rows=reasons[:_SHOWN]))
    kept = frame[good]
    _check_place(path, kept.index, east[good], north[good], system, (x, y))
    if reasons:
        shown, total = reasons[:_SHOWN], len(frame)
        note(Problem("dropped.points", path, severity="info", count=len(reasons), total=total, rows=shown))
    out = gpd.GeoDataFrame(kept, geometry=gpd.points_from_xy(east[good], north[good]), crs=system)
    out.attrs = dict(frame.attrs)
    return out


def _coordinates(frame: pd.DataFrame, x: str, y: str, *, geographic: bool) -> tuple[Array, Array, list[Phrase]]:
    """Coordinates by row (NaN: none), and why rows have none."""
    columns: list[Array] = []
    unread: dict[int, tuple[str, object]] = {}
    for name in (x, y):
        values = [degrees_of(value) for value in frame[name]]
        for position, (value, text) in enumerate(zip(values, frame[name], strict=True)):
            if value is None:
                unread[position] = name, text
        columns.append(np.array([np.nan if value is None else value for value in values], dtype=float))
    east, north = columns
    reasons = []
    for position, number in enumerate(frame.index):
        if position in unread:
            name, text = unread[position]
            reasons.append(Phrase("row_unreadable_coordinate", row=number, column=name, text=text))
        elif not (np.isfinite(east[position]) and np.isfinite(north[position])):
            reasons.append(Phrase("row_without_coordinates", row=number))
        elif geographic and east[position] == 0 and north[position] == 0:
            reasons.append(Phrase("row_zero_coordinates", row=number))
            east[position] = np.nan
    return east, north, reasons


def _check_place(
    path: Path, rows: pd.Index[Any], east: Array, north: Array, crs: CRS, columns: tuple[str, str]
) -> None:
    if not len(east):
        return
    if not crs.is_geographic:
        check_crs(np.column_stack([east, north, east, north]), crs, rows.to_numpy(), str(path))
        return
    impossible = (np.abs(north) > 90) | (np.abs(east) > 360)
    turned = ~_in_china(east, north) & _in_china(north, east)
    if turned.sum() > len(east) / 2:
        first = int(np.flatnonzero(turned)[0])
        raise LayerError(Problem("points.swapped", path, column=columns[0], value=east[first], first=rows[first]))
    if not impossible.any():
        return
    if impossible.all():
        raise LayerError(_no_degrees(path, east, north))
    shown = [
        Phrase("row_coordinates_swapped" if back else "row_coordinates", row=row, x=a, y=b)
        for row, a, b, back in zip(rows[impossible], east[impossible], north[impossible], turned[impossible])
    ]
    raise LayerError(Problem("points.range", path, count=len(shown), rows=shown[:_SHOWN]))


def _no_degrees(path: Path, east: Array, north: Array) -> Problem:
    x, y = float(east[0]), float(north[0])
    if _in_china(east // 100, north // 100).all() and max((east % 100).max(), (north % 100).max()) < 60:
        return Problem("points.minutes", path, x=x, y=y, degrees=x // 100, minutes=x % 100)
    box = (float(east.min()), float(north.min()), float(east.max()), float(north.max()))
    return Problem("points.crs", path, x=x, y=y, hint=suggest_crs(box))


def _in_china(east: Array, north: Array) -> Array:
    west, right, south, top = _CHINA
    inside: Array = (east >= west) & (east <= right) & (north >= south) & (north <= top)
    return inside


def _column(frame: pd.DataFrame, given: str | None, usual: tuple[str, ...], path: Path, what: str) -> str:
    if given is not None and given in frame.columns:
        return given
    if given is None:
        # 经度(°) and "Lon [deg]" are 经度 and lon.
        lowered = {
            re.sub(r"[\s(（\[].*$", "", str(name).strip().lower()): str(name) for name in reversed(frame.columns)
        }
        for name in usual:
            if name in lowered:
                return lowered[name]
    known = [str(name) for name in frame.columns]
    if given is None:
        raise LayerError(Problem("points.no_column", path, columns=known, axis=what))
    raise LayerError(Problem("points.column", path, column=given, columns=known, axis=what))
