"""Frames as a table of the database takes them: typed by its columns, rows that break a rule set aside, compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from pyproj import CRS

from riskzoning.database.schema import CODES, GEOMETRY, ROW, VERSION

Mask = NDArray[np.bool_]
_SINGLE = {"MULTIPOINT": 0, "MULTILINESTRING": 1, "MULTIPOLYGON": 3}
_MULTIPLE: Mapping[str, Callable[[list[Any]], Any]] = {
    "MULTIPOINT": shapely.MultiPoint,
    "MULTILINESTRING": shapely.MultiLineString,
    "MULTIPOLYGON": shapely.MultiPolygon,
}
_TEXTS = ("string", "empty")
# A form of a city has a million rows: what is made of them for a moment is made of so many.
ROWS_AT_ONCE = 100_000
REJECTED = ("form", "file", "sheet", "row", "key", "rule", "record")


class Sorted(NamedTuple):
    """The rows that may be written, and those that may not, as rows of ``qc_rejected``."""

    rows: pd.DataFrame
    rejected: pd.DataFrame


def typed(frame: pd.DataFrame, table: sa.Table, crs: CRS | None = None) -> pd.DataFrame:
    """The columns of a table from a frame, each of its type, None or NaN where nothing is; geometry in ``crs``.

    A number that cannot be read, or a whole number with decimals, stays as it is: :func:`unfit` tells it.
    """
    out: dict[str, pd.Series] = {}
    for column in table.c:
        if column.name == ROW or column.name not in frame.columns:
            continue
        values = frame[column.name].reset_index(drop=True)
        out[column.name] = (
            _geometries(values, crs, str(table.info["geometry"]))
            if column.name == GEOMETRY
            else _column(values, column.type)
        )
        if column.name in CODES:
            # No code is none, not the code "".
            out[column.name] = out[column.name].where(out[column.name] != "", None)
    result = pd.DataFrame(out, index=pd.RangeIndex(len(frame)))
    if GEOMETRY in out:
        return gpd.GeoDataFrame(result, geometry=GEOMETRY, crs=crs)
    return result


def _geometries(values: pd.Series, crs: CRS | None, kind: str) -> pd.Series:
    """Shapes in two dimensions, multiple where the column has multiple ones."""
    shapes = gpd.GeoSeries(values)
    if crs is not None:
        shapes = shapes.set_crs(crs) if shapes.crs is None else shapes.to_crs(crs)
    plain = shapes.to_numpy()
    plain = shapely.force_2d(plain) if shapely.has_z(plain).any() else plain.copy()
    if kind.startswith("MULTI"):
        single = shapely.get_type_id(plain) == _SINGLE[kind]
        plain[single] = [_MULTIPLE[kind]([shape]) for shape in plain[single]]
    return gpd.GeoSeries(plain, crs=crs)


def _column(values: pd.Series, kind: sa.types.TypeEngine[Any]) -> pd.Series:
    if isinstance(kind, sa.Date):
        return _dates(values)
    if isinstance(kind, sa.Integer):
        return _whole(values)
    if isinstance(kind, sa.Double):
        return _numbers(values)
    return _texts(values)


def _numbers(values: pd.Series) -> pd.Series:
    if values.dtype.kind in "fiub" and isinstance(values.dtype, np.dtype):
        return values if values.dtype == np.float64 else values.astype("float64")
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    unread = numbers.isna() & values.notna()
    return numbers if not unread.any() else values.astype(object).where(unread, numbers)


def _whole(values: pd.Series) -> pd.Series:
    """Whole numbers; with missing ones as floats, which a column of whole numbers takes."""
    if values.dtype.kind in "iu" and isinstance(values.dtype, np.dtype):
        return values
    numbers = _numbers(values)
    if numbers.dtype == object:
        return numbers
    array = numbers.to_numpy()
    with np.errstate(invalid="ignore"):
        odd = np.isinf(array) | (np.isfinite(array) & (array != np.floor(array)))
    if odd.any():
        return numbers.astype(object)
    return numbers if np.isnan(array).any() else numbers.astype("int64")


def _dates(values: pd.Series) -> pd.Series:
    """Days as text, ``YYYY-MM-DD``."""
    if not pd.api.types.is_datetime64_any_dtype(values):
        days = pd.to_datetime(values, errors="coerce", format="ISO8601")
        unread = days.isna() & values.notna() & (values.astype("string") != "")
        if unread.any():
            return values.astype(object)
        values = days
    codes, uniques = pd.factorize(values)
    words = np.array([*(pd.Timestamp(day).strftime("%Y-%m-%d") for day in uniques), None], dtype=object)
    return pd.Series(words[codes], dtype=object)


def _texts(values: pd.Series) -> pd.Series:
    plain = values.to_numpy(dtype=object, copy=True)
    missing = values.isna().to_numpy(dtype=bool)
    if missing.any():
        plain[missing] = None
    if not isinstance(values.dtype, pd.StringDtype) and pd.api.types.infer_dtype(plain, skipna=True) not in _TEXTS:
        plain = np.array([v if v is None or isinstance(v, str) else _as_text(v) for v in plain], dtype=object)
    return pd.Series(plain, dtype=object)


def _as_text(value: object) -> str:
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


class Columns(Protocol):
    """Columns by name, of a frame or of records that are typed as they are asked for."""

    @property
    def columns(self) -> Iterable[str]: ...

    def __getitem__(self, name: str, /) -> pd.Series: ...


def unfit(frame: pd.DataFrame, table: sa.Table) -> dict[str, Mask]:
    """Rules of the table that rows of a typed frame break, with the rows: types, required columns, CHECKs, the key."""
    starts = range(0, max(len(frame), 1), ROWS_AT_ONCE)
    parts = ((start, unfit_rows(frame.iloc[start : start + ROWS_AT_ONCE], table)) for start in starts)
    broken = gathered(len(frame), parts)
    return {rule: mask for rule, mask in (broken | double_keys(frame, table)).items() if mask.any()}


def gathered(length: int, parts: Iterable[tuple[int, Mapping[str, Mask]]]) -> dict[str, Mask]:
    """The rules that the parts of a table break, each with its first row, as masks of all rows."""
    broken: dict[str, Mask] = {}
    for start, part in parts:
        for rule, mask in part.items():
            broken.setdefault(rule, np.zeros(length, dtype=bool))[start : start + len(mask)] = mask
    return broken


def double_keys(rows: Columns, table: sa.Table) -> dict[str, Mask]:
    """Rows whose key another one has before them; a key is one's own among all rows."""
    key = [name for name in table.info["unique"] if name not in VERSION]
    if not key or not set(key) <= set(rows.columns):
        return {}
    keys = pd.DataFrame({name: rows[name] for name in key})
    named = keys.notna().all(axis=1).to_numpy(dtype=bool)
    return {f"Q04: UNIQUE ({', '.join(key)})": keys.duplicated().to_numpy(dtype=bool) & named}


def unfit_rows(frame: pd.DataFrame, table: sa.Table) -> dict[str, Mask]:
    """The rules that a row can break by itself, the same ones for every part of a frame."""
    broken: dict[str, Mask] = {}
    # A geodataframe looks at its geometry whenever a column is asked for.
    readable = pd.DataFrame(frame.drop(columns=GEOMETRY, errors="ignore"))
    unread: dict[str, pd.Series] = {}
    missing = {name: readable[name].isna().to_numpy(dtype=bool) for name in readable.columns}
    for column in table.c:
        name = column.name
        if name in (ROW, GEOMETRY):
            continue
        if name in readable.columns:
            values = readable[name]
            if isinstance(column.type, sa.Integer | sa.Double) and values.dtype == object:
                broken[f"Q02: {name} {str(column.type).lower()}"] = _not_numbers(values, column.type)
                unread[name] = pd.to_numeric(values, errors="coerce")
            elif isinstance(column.type, sa.Date):
                days = values.astype("string").str.fullmatch(r"\d{4}-\d\d-\d\d").fillna(True)
                broken[f"Q02: {name} date"] = ~days.to_numpy(dtype=bool)
        if not column.nullable and name not in VERSION:
            broken[f"Q01: {name} IS NOT NULL"] = missing.get(name, np.ones(len(frame), dtype=bool))
    readable = readable.assign(**unread) if unread else readable
    for check in table.info["checks"]:
        if set(check.columns) <= set(missing):
            broken[check.text] = check.broken(readable)
    return broken


def _not_numbers(values: pd.Series, kind: sa.types.TypeEngine[Any]) -> Mask:
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = numbers.isna() & values.notna()
    if isinstance(kind, sa.Integer):
        wrong |= numbers.notna() & (~np.isfinite(numbers) | (numbers != np.floor(numbers)))
    return np.asarray(wrong, dtype=bool)


def set_aside(frame: pd.DataFrame, table: sa.Table, broken: dict[str, Mask]) -> Sorted:
    """A typed frame without the rows that break a rule; those are told with every rule that they break."""
    if not broken:
        return Sorted(frame, pd.DataFrame(columns=list(REJECTED)))
    wrong = np.logical_or.reduce(list(broken.values()))
    at = np.flatnonzero(wrong)
    parts = [
        refused(frame.iloc[here], table, broken, here)
        for here in (at[start : start + ROWS_AT_ONCE] for start in range(0, len(at), ROWS_AT_ONCE))
    ]
    rejected = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    return Sorted(_retyped(frame[~wrong], table), rejected)


def _retyped(rows: pd.DataFrame, table: sa.Table) -> pd.DataFrame:
    """What is left of a typed frame: numbers are numbers where no other value is among them any more."""
    rows.index = pd.RangeIndex(len(rows))
    for at, name in enumerate(rows.columns):
        if isinstance(table.c[str(name)].type, sa.Integer | sa.Double):
            rows.isetitem(at, _column(rows[name], table.c[str(name)].type).array)
    return rows


def refused(rows: pd.DataFrame, table: sa.Table, broken: Mapping[str, Mask], at: NDArray[np.intp]) -> pd.DataFrame:
    """Rows that may not be written, with every rule that they break; ``at`` is where the masks have them."""
    key = table.info.get("key")
    plain = pd.DataFrame(rows.drop(columns=GEOMETRY, errors="ignore"))
    # No number of JSON is infinite or none.
    known = plain.notna() & ~plain.isin([np.inf, -np.inf])
    records = plain.astype(object).where(known, None).to_dict("records")
    return pd.DataFrame(
        {
            "form": table.info["form"] or table.name,
            "file": None,
            "sheet": None,
            "row": None,
            "key": [None if key is None or row.get(key) is None else str(row[key]) for row in records],
            "rule": ["; ".join(rule for rule, mask in broken.items() if mask[row]) for row in at],
            "record": [json.dumps(row, ensure_ascii=False, default=str) for row in records],
        },
        columns=list(REJECTED),
    )


def same(left: pd.DataFrame, right: pd.DataFrame) -> Mask:
    """Rows in which two frames of one shape and order have the same values, missing beside missing."""
    equal = np.ones(len(left), dtype=bool)
    for name in left.columns:
        if name not in right.columns:
            equal &= left[name].isna().to_numpy(dtype=bool)
            continue
        equal &= _same_column(left[name], right[name], name == GEOMETRY)
    for name in set(right.columns) - set(left.columns):
        equal &= right[name].isna().to_numpy(dtype=bool)
    return equal


def _same_column(left: pd.Series, right: pd.Series, shapes: bool) -> Mask:
    if shapes:
        one, two = (shapely.to_wkb(np.asarray(values.to_numpy(), dtype=object)) for values in (left, right))
        return np.asarray([a == b for a, b in zip(one, two, strict=True)], dtype=bool)
    empty = left.isna().to_numpy(dtype=bool), right.isna().to_numpy(dtype=bool)
    if pd.api.types.is_numeric_dtype(left) and pd.api.types.is_numeric_dtype(right):
        one, two = (values.to_numpy(dtype=np.float64, na_value=np.nan) for values in (left, right))
        return np.asarray((one == two) | (empty[0] & empty[1]))
    equal = left.to_numpy(dtype=object) == right.to_numpy(dtype=object)
    return np.asarray((equal & ~empty[0]) | (empty[0] & empty[1]), dtype=bool)
