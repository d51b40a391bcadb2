"""The content of values as one text: equal for values that are the same, whenever they were made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

# Rows of a layer that are read at a time.
_ROWS = 2048


class UnknownContentError(Exception):
    """A value whose content cannot be told."""


def content_key(*values: object) -> str:
    """The content of values; raises :class:`UnknownContentError` for a kind of value that is not known."""
    digest = hashlib.sha256()
    for value in values:
        _add(digest, value)
    return digest.hexdigest()


def _add(digest: Any, value: object) -> None:
    kind = type(value).__name__
    digest.update(f"<{kind}>".encode())
    if value is None or isinstance(value, str | bool | int | float | np.generic):
        digest.update(repr(value).encode())
    elif (add := next((add for known, add in _ADDED if isinstance(value, known)), None)) is not None:
        add(digest, value)
    elif is_dataclass(value):
        for part in fields(value):
            digest.update(part.name.encode())
            _add(digest, getattr(value, part.name))
    else:
        raise UnknownContentError(kind)
    digest.update(b"</>")


def _add_items(digest: Any, values: Iterable[object]) -> None:
    for value in values:
        _add(digest, value)


def _add_array(digest: Any, values: np.ndarray[Any, Any]) -> None:
    digest.update(f"{values.dtype.str}{values.shape}".encode())
    if values.dtype.hasobject:
        _add_texts(digest, values.ravel())
    else:
        digest.update(np.ascontiguousarray(values).tobytes())


def _add_texts(digest: Any, values: Any) -> None:
    texts = [None if value is None or value is pd.NA or value != value else str(value) for value in values]
    digest.update(json.dumps(texts).encode())


def _add_layer(digest: Any, layer: xr.DataArray) -> None:
    _add(digest, {str(name): str(value) for name, value in sorted(layer.attrs.items(), key=lambda item: str(item[0]))})
    for name in layer.dims:
        _add_array(digest, np.asarray(layer[name]))
    crs = layer.coords.get("spatial_ref")
    digest.update(str(None if crs is None else crs.attrs.get("crs_wkt")).encode())
    for start in range(0, layer.shape[-2], _ROWS):
        _add_array(digest, np.asarray(layer[..., start : start + _ROWS, :].data))


def _add_frame(digest: Any, frame: pd.DataFrame) -> None:
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None:
        digest.update(frame.crs.to_wkt().encode())
    _add_column(digest, frame.index.to_series())
    for place, name in enumerate(frame.columns):
        digest.update(str(name).encode())
        _add_column(digest, frame.iloc[:, place])


def _add_column(digest: Any, column: pd.Series[Any]) -> None:
    digest.update(str(column.dtype).encode())
    if isinstance(column.dtype, gpd.array.GeometryDtype):
        for shape in shapely.to_wkb(np.asarray(column.array)):
            digest.update(b"-" if shape is None else shape)
    elif isinstance(column.dtype, np.dtype) and column.dtype.kind in "biufM":
        _add_array(digest, column.to_numpy())
    else:
        _add_texts(digest, column.tolist())


_ADDED: tuple[tuple[Any, Callable[[Any, Any], None]], ...] = (
    (Path, lambda digest, value: digest.update(value.name.encode())),
    (shapely.Geometry, lambda digest, value: digest.update(shapely.to_wkb(value))),
    (xr.DataArray, _add_layer),
    (pd.DataFrame, _add_frame),
    (pd.Series, lambda digest, value: _add_frame(digest, value.to_frame("value"))),
    (np.ndarray, _add_array),
    (Mapping, lambda digest, value: _add_items(digest, (part for item in value.items() for part in item))),
    ((list, tuple), _add_items),
)
