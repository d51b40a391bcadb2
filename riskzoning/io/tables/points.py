"""Tables with coordinates as points: columns found by name, degrees in any notation, wrong places told by row."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from riskzoning.admin import crs_contradiction, suggest_crs
from riskzoning.errors import LayerError, Phrase, Problem, first_few
from riskzoning.io.tables.cells import degrees_of
from riskzoning.io.tables.reading import read_table

__all__ = ["read_points"]

_X_NAMES = (
    "lon",
    "longitude",
    "lng",
    "long",
    "x",
    "经度",
    "东经",
    "lon_dd",
    "坐标x",
    "x坐标",
    "x_coord",
    "jd",
    "poi_x",
)
_Y_NAMES = ("lat", "latitude", "y", "纬度", "北纬", "lat_dd", "坐标y", "y坐标", "y_coord", "wd", "poi_y")
_CHINA = (73.0, 136.0, 3.0, 54.0)


def read_points(
    path: str | os.PathLike[str],
    *,
    x: str | None = None,
    y: str | None = None,
    crs: Any = "EPSG:4490",
    encoding: str | None = None,
    sheet: str | None = None,
    header: int | None = None,
    columns: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """A table with coordinates as points; rows without coordinates are listed in ``attrs["dropped"]``.

    Parameters
    ----------
    x, y : str, optional
        Columns of the coordinates; found by their usual names (lon, longitude, 经度 ...) when not given. Degrees may
        be decimals or degrees, minutes and seconds (113°54′00″).
    crs : optional
        CRS of the coordinates.

    Raises
    ------
    LayerError
        No coordinates, latitude and longitude are swapped, or coordinates that do not fit the CRS; with the rows.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_text("name,lon,lat\\nA,114,35\\nB,,\\n", encoding="utf-8")
    ...     points = read_points(Path(folder) / "a.csv")
    >>> len(points), points.attrs["dropped"]
    (1, ['row 3: no coordinates'])
    """
    system = _known_crs(path, crs)
    frame = read_table(path, sheet=sheet, header=header, encoding=encoding, columns=columns)
    x, y = _column(frame, x, _X_NAMES, path, "x"), _column(frame, y, _Y_NAMES, path, "y")
    east, north, dropped = _coordinates(frame, x, y, geographic=system.is_geographic)
    good = np.isfinite(east) & np.isfinite(north)
    if len(frame) and not good.any():
        fix = "Fill the columns, or name the right ones with x: and y: in study.yaml."
        raise LayerError(
            Problem(str(path), f"has no row with coordinates: {first_few(dropped)}", "points", fix, rule="points.empty")
        )
    kept = frame[good]
    _check_place(path, kept.index, east[good], north[good], system, (x, y))
    out = gpd.GeoDataFrame(kept, geometry=gpd.points_from_xy(east[good], north[good]), crs=system)
    out.attrs = {**frame.attrs, "dropped": dropped}
    return out


def _known_crs(path: Any, crs: Any) -> CRS:
    try:
        return CRS.from_user_input(crs)
    except CRSError:
        raise LayerError(
            Problem(
                str(path),
                f"is declared with the CRS '{crs}'",
                "a known CRS, e.g. EPSG:4490 or EPSG:4547",
                'Correct "crs:" in study.yaml.',
                rule="layer.crs",
            )
        ) from None


def _coordinates(frame: pd.DataFrame, x: str, y: str, *, geographic: bool) -> tuple[Any, Any, list[str]]:
    """Coordinates by row (NaN: none), and why rows have none."""
    values: list[np.ndarray[Any, Any]] = []
    unread: dict[int, str] = {}
    for name in (x, y):
        found = [degrees_of(value) for value in frame[name]]
        for position, (value, text) in enumerate(zip(found, frame[name], strict=True)):
            if value is None:
                unread[position] = f"'{text}' in column '{name}' is no coordinate"
        values.append(np.array([np.nan if value is None else value for value in found], dtype=float))
    east, north = values
    dropped = []
    for position, number in enumerate(frame.index):
        if position in unread:
            dropped.append(f"row {number}: {unread[position]}")
        elif not (np.isfinite(east[position]) and np.isfinite(north[position])):
            dropped.append(f"row {number}: no coordinates")
        elif geographic and east[position] == 0 and north[position] == 0:
            dropped.append(f"row {number}: coordinates 0, 0 stand for none")
            east[position] = np.nan
    return east, north, dropped


def _check_place(path: Any, rows: Any, east: Any, north: Any, crs: CRS, columns: tuple[str, str]) -> None:
    if not len(east):
        return
    if not crs.is_geographic:
        contradiction = crs_contradiction(np.column_stack([east, north, east, north]), crs)
        if contradiction is not None:
            wrong, problem = contradiction
            whom = Phrase("nothing") if wrong.all() else Phrase("in_rows", rows=rows[wrong].tolist())
            raise LayerError(problem.at(str(path), whom=whom))
        return
    impossible = (np.abs(north) > 90) | (np.abs(east) > 360)
    turned = ~_in_china(east, north) & _in_china(north, east)
    if turned.sum() > len(east) / 2:
        first = int(np.flatnonzero(turned)[0])
        text = f"has latitudes such as {east[first]:g} in column '{columns[0]}' (row {rows[first]})"
        fix = "The columns are swapped: exchange x: and y: in study.yaml."
        raise LayerError(Problem(str(path), text, "longitudes there", fix, rule="points.swapped"))
    if not impossible.any():
        return
    if impossible.all():
        raise LayerError(_no_degrees(path, east, north))
    shown = first_few(
        f"row {row} ({a:g}, {b:g}{', swapped' if back else ''})"
        for row, a, b, back in zip(rows[impossible], east[impossible], north[impossible], turned[impossible])
    )
    fix = "Correct these rows, or leave their coordinates empty."
    text = f"has coordinates that are no longitude and latitude: {shown}"
    raise LayerError(Problem(str(path), text, "latitudes within -90..90, longitudes", fix, rule="points.range"))


def _no_degrees(path: Any, east: Any, north: Any) -> Problem:
    box = (float(east.min()), float(north.min()), float(east.max()), float(north.max()))
    sexagesimal = _in_china(east // 100, north // 100).all() and max((east % 100).max(), (north % 100).max()) < 60
    hint = (
        f"they look like degrees and minutes in one number ({east[0]:g} = {east[0] // 100:g}° {east[0] % 100:g}′)"
        if sexagesimal
        else suggest_crs(box)
    )
    fix = "Write decimal degrees or 113°50′." if sexagesimal else 'Declare the CRS with "crs: EPSG:..." in study.yaml.'
    found = f"has coordinates such as ({east[0]:.8g}, {north[0]:.8g}), no longitude and latitude; {hint}"
    return Problem(str(path), found, "degrees, as the CRS says", fix, rule="points.crs")


def _in_china(east: Any, north: Any) -> Any:
    west, right, south, top = _CHINA
    return (east >= west) & (east <= right) & (north >= south) & (north <= top)


def _column(frame: pd.DataFrame, given: str | None, usual: tuple[str, ...], path: Any, what: str) -> str:
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
    found = f"has no column '{given}'" if given else f"has no column for {what}"
    required = f"one of {first_few(frame.columns, shown=15)}"
    raise LayerError(
        Problem(str(path), found, required, f'Name it with "{what}:" in study.yaml.', rule="points.column")
    )
