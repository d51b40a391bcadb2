"""Tables and features that a stage has made, kept on disk and read back exactly as they were, or not at all."""

from __future__ import annotations

import json
import os
import shutil
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
from geopandas.array import GeometryDtype
from pandas.api.types import is_object_dtype

from riskzoning import io

Frames = dict[str, pd.DataFrame]
# What a column of Python objects may hold so that JSON gives back the same.
_PLAIN = (str, bool, int, float, type(None), type(pd.NA))
_MISSING = "NA"  # no JSON: nothing that is written reads like it


# Frames that lie in a file as they are, by identity: the frame, its shape and columns there, the file, how it is read.
_LYING: dict[int, tuple[weakref.ref[pd.DataFrame], tuple[Any, ...], Path, dict[str, Any]]] = {}


class UnkeepableError(Exception):
    """A frame that would not come back as it is."""


def keep_frames(folder: Path, frames: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Write the frames; gives what is needed to read them back, as JSON values.

    Raises :class:`UnkeepableError` before anything is written.
    """
    for name, frame in frames.items():
        if not _comes_back(frame):
            raise UnkeepableError(name)
    rows = []
    for number, (name, frame) in enumerate(frames.items()):
        rows.append({"name": name, **keep_frame(folder / f"{number:03d}.arrow", frame)})
    return rows


def keep_frame(path: Path, frame: pd.DataFrame) -> dict[str, Any]:
    """Write a frame, or link the file in which it lies already; gives what is needed to read it back."""
    known = _LYING.get(id(frame))
    if known is not None and known[0]() is frame and known[1] == _outside(frame) and known[2].is_file():
        linked(known[2], path)
        return known[3]
    plain, how = as_arrow(frame)
    io.write_frame(path, plain)
    _remember(frame, path, how)
    return how


def linked(path: Path, target: Path) -> None:
    """Put a file that is kept at another place as well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        # What is kept is never written into, but put anew in its place: two runs may hold the same file.
        os.link(path, target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(path, target)


def _remember(frame: pd.DataFrame, path: Path, how: dict[str, Any]) -> None:
    number = id(frame)
    _LYING[number] = (weakref.ref(frame, lambda _: _LYING.pop(number, None)), _outside(frame), path, how)


def _outside(frame: pd.DataFrame) -> tuple[Any, ...]:
    """What changes when somebody adds to a frame or takes from it; values are never changed in place."""
    return (frame.shape, tuple(frame.columns))


def read_frames(folder: Path, rows: Sequence[Mapping[str, Any]]) -> Frames:
    """The frames in their order, as they were."""
    frames = {}
    for number, row in enumerate(rows):
        path = folder / f"{number:03d}.arrow"
        frames[row["name"]] = frame = from_arrow(io.read_frame(path), row)
        _remember(frame, path, {key: row[key] for key in ("json", "wkb", "active")})
    return frames


def as_arrow(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A frame that an Arrow file holds to the last bit, and what makes the first out of it again."""
    kinds = [(str(name), kind) for name, kind in zip(frame.columns, frame.dtypes, strict=True)]
    geometry = [name for name, kind in kinds if isinstance(kind, GeometryDtype)]
    texts = [name for name, kind in kinds if is_object_dtype(kind)]
    made: dict[str, Any] = {name: frame[name].to_wkb() for name in geometry}
    made |= {name: _texts(frame[name]) for name in texts}
    plain = pd.DataFrame(frame).assign(**made)
    plain.attrs = {}
    active = getattr(frame, "_geometry_column_name", None)
    how = {"json": texts, "wkb": {name: _crs(frame[name].crs) for name in geometry}}
    return plain, {**how, "active": active if active in geometry else None}


def from_arrow(frame: pd.DataFrame, how: Mapping[str, Any]) -> pd.DataFrame:
    """The frame that :func:`as_arrow` was given."""
    for name in how["json"]:
        # Words come again and again.
        known = {text: _read(text) for text in frame[name].unique()}
        frame[name] = pd.Series([known[text] for text in frame[name]], index=frame.index, dtype=object)
    for name, crs in how["wkb"].items():
        frame[name] = gpd.GeoSeries.from_wkb(frame[name], index=frame.index, crs=crs)
    return frame if how["active"] is None else gpd.GeoDataFrame(frame, geometry=how["active"])


def _texts(values: pd.Series[Any]) -> list[str]:
    """Cells as JSON. Words come again and again: each is written once, and one is not the same as true."""
    known: dict[tuple[type, Any], str] = {}
    out = []
    for value in values:
        key = (type(value), value)
        try:
            text = known.get(key)
        except TypeError:  # no word
            out.append(_written(value))
            continue
        if text is None:
            text = known[key] = _written(value)
        out.append(text)
    return out


def _written(value: object) -> str:
    """A cell as JSON; pandas' mark of a missing value, which forms leave, is none of its words."""
    return _MISSING if value is pd.NA else json.dumps(value, ensure_ascii=False)


def _read(text: str) -> object:
    return pd.NA if text == _MISSING else json.loads(text)


def _comes_back(frame: pd.DataFrame) -> bool:
    """Whether all of a frame is of kinds that are read back as they were written."""
    names = list(frame.columns)
    plain_names = len(set(names)) == len(names) and all(isinstance(name, str) for name in names)
    index = [frame.index.get_level_values(level).dtype for level in range(frame.index.nlevels)]
    if not plain_names or frame.attrs or object in index:
        return False
    objects = [frame[name] for name in names if frame[name].dtype == object]
    return all(type(value) in _PLAIN for column in objects for value in column)


def _crs(crs: pyproj.CRS | None) -> str | None:
    """A short name that means the same, or all of it."""
    if crs is None:
        return None
    short = str(crs.to_string())
    return short if pyproj.CRS(short) == crs else str(crs.to_wkt())
