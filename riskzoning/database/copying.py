"""Rows into a table of a server by COPY: ten times as fast as INSERT, text exactly as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning.database.connecting import quoted

if TYPE_CHECKING:
    import sqlalchemy

    from riskzoning.database.connecting import Driver

# Rows that are made into Python values at once: bounds the memory beside the frame.
_BLOCK = 50_000


def copy_frame(connection: Driver, table: sqlalchemy.Table, schema: str, frame: pd.DataFrame) -> int:
    """Append the rows of a frame to a table; columns are paired by name, what the table lacks is not written."""
    columns = [column for column in table.columns if column.name in frame.columns]
    names = ", ".join(quoted(column.name) for column in columns)
    place = f"{quoted(schema)}.{quoted(table.name)}"
    statement = f"COPY {place} ({names}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for start in range(0, len(frame), _BLOCK):
            for row in _rows(frame.iloc[start : start + _BLOCK], columns):
                copy.write_row(row)
    return len(frame)


def _rows(frame: pd.DataFrame, columns: Sequence[sqlalchemy.Column[Any]]) -> Iterator[tuple[object, ...]]:
    return zip(*(values(frame[column.name], column) for column in columns), strict=True)


def values(series: pd.Series, column: sqlalchemy.Column[Any]) -> list[object]:
    """The values of a column as COPY takes them for the type of the table; None where there is none."""
    import sqlalchemy
    from geoalchemy2 import Geometry

    if isinstance(column.type, Geometry):
        return _geometries(series, column.type)
    if isinstance(column.type, sqlalchemy.Boolean):
        return [None if value is None else bool(value) for value in _plain(series)]
    if isinstance(column.type, sqlalchemy.Integer):
        plain = _plain(series)
        return plain if pd.api.types.is_integer_dtype(series.dtype) else [_whole(value) for value in plain]
    if isinstance(column.type, sqlalchemy.String):
        return [value if value is None or isinstance(value, str) else _text(value) for value in _plain(series)]
    return _plain(series)


def _plain(series: pd.Series) -> list[object]:
    """Values as Python has them, None for what is missing."""
    plain = series.astype(object)
    listed: list[object] = plain.where(series.notna().to_numpy(), None).tolist()
    return listed


def _whole(value: object) -> object:
    """A whole number without decimals; any other value as it is: the server says what is wrong with it."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return int(value)
    return int(value) if isinstance(value, bool | np.bool_) else value


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list | tuple) else str(value)


def _geometries(series: pd.Series, kind: Any) -> list[object]:
    """Geometries as EWKB in hexadecimal digits, of the CRS and the kind (simple, multiple) of the column."""
    shapes = gpd.GeoSeries(series)
    if shapes.crs is not None and kind.srid > 0:
        shapes = shapes.to_crs(kind.srid)
    array = np.asarray(shapes.array, dtype=object)
    if shapely.has_z(array).any():
        array = shapely.force_2d(array)
    name = str(kind.geometry_type or "").upper()
    if name.startswith("MULTI"):
        array = _multiple(array)
    if kind.srid > 0:
        array = shapely.set_srid(array, kind.srid)
    listed: list[object] = shapely.to_wkb(array, hex=True, include_srid=True).tolist()
    return listed


def _multiple(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Single parts become collections of one part; an empty or missing geometry stays."""
    made = array.copy()
    kinds = {0: shapely.multipoints, 1: shapely.multilinestrings, 3: shapely.multipolygons}
    for number, multiple in kinds.items():
        for index in np.flatnonzero(shapely.get_type_id(array) == number):
            made[index] = multiple([array[index]])
    return made
