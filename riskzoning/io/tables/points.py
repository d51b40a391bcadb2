"""Tables with coordinates as points: which columns, which CRS, and a geometry for each row."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.admin import suggest_crs
from riskzoning.errors import LayerError, Problem, decided, note
from riskzoning.io.contradiction import check_crs, known_crs
from riskzoning.io.tables.reading import read_table
from riskzoning.places import PlaceColumns, Places, offset_datum, place_columns, read_places

Array = np.ndarray[Any, np.dtype[Any]]

_SHOWN = 5


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
        decimals, degrees with minutes and seconds (113°54′00″, 113 54 00), or degrees and minutes in one number where
        all are so (11354), which is a warning.
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
    taken = taken_columns(frame, path, x=x, y=y, geographic=system.is_geographic)
    places = placed(frame, taken, path, geographic=system.is_geographic)
    east, north, reasons = places.east, places.north, places.reasons
    good = np.isfinite(east) & np.isfinite(north)
    if len(frame) and not good.any():
        raise LayerError(Problem("points.empty", path, rows=reasons[:_SHOWN]))
    kept = frame[good]
    if not system.is_geographic and good.any():
        bounds = np.column_stack([east, north, east, north])[good]
        check_crs(bounds, system, kept.index.to_numpy(), str(path))
    if reasons:
        shown, total = reasons[:_SHOWN], len(frame)
        note(Problem("dropped.points", path, severity="info", count=len(reasons), total=total, rows=shown))
    decided(path, "crs", system.to_string()[:40], why="option" if crs != "EPSG:4490" else "default")
    out = gpd.GeoDataFrame(kept, geometry=gpd.points_from_xy(east[good], north[good]), crs=system)
    out.attrs = dict(frame.attrs)
    return out


def placed(frame: pd.DataFrame, taken: PlaceColumns, path: Path, *, geographic: bool = True) -> Places:
    """The coordinates; numbers that are no degrees at all get a hint at the CRS that they may have."""
    try:
        return read_places(frame, taken, thing=str(path), geographic=geographic)
    except LayerError as error:
        (problem, *_) = error.problems
        if problem.rule != "points.no_degrees":
            raise
        values = dict(problem.values)
        box = [float(value) for value in values["box"]]
        hint = suggest_crs(box)
        raise LayerError(
            Problem("points.crs", path, row=problem.row, x=values["x"], y=values["y"], hint=hint)
        ) from None


def taken_columns(
    frame: pd.DataFrame, path: Path, *, x: str | None = None, y: str | None = None, geographic: bool = True
) -> PlaceColumns:
    """The columns of the coordinates: those that are named, else those with usual headings."""
    known = [str(name) for name in frame.columns]
    for axis, name in (("x", x), ("y", y)):
        if name is not None and name not in known:
            raise LayerError(Problem("points.column", path, column=name, columns=known, axis=axis))
    usual = place_columns(known, geographic=geographic)
    taken = usual
    if x is not None or y is not None:
        taken = PlaceColumns(x or usual.x, y or usual.y, pair=x == y)
    for axis, name in (("x", taken.x), ("y", taken.y)):
        if name is None and usual.several:
            raise LayerError(Problem("points.several_columns", path, several=usual.several))
        if name is None:
            raise LayerError(Problem("points.no_column", path, columns=known, axis=axis))
    stated = offset_datum([path.name, taken.x, taken.y])
    if stated is not None:
        datum, name = stated
        note(Problem("points.datum_named", path, severity="warning", name=name, datum=datum.upper(), key=datum))
    decided(path, "columns", {"x": taken.x, "y": taken.y}, why="option" if x or y else "name")
    return taken
