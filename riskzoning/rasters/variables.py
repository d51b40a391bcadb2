"""What the attributes of a NetCDF or Zarr variable say (CF conventions): axes, CRS, missing and valid values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyproj
import xarray as xr

from riskzoning.rasters.placing import crs_definition

_X_NAMES = ("x", "lon", "longitude", "long", "经度", "easting", "projection_x_coordinate")
_Y_NAMES = ("y", "lat", "latitude", "纬度", "northing", "projection_y_coordinate")
_CRS_KEYS = ("crs_wkt", "spatial_ref", "epsg_code")


def axes_of(data: xr.Dataset, array: xr.DataArray) -> tuple[Any, Any]:
    """Dimensions of rows and of columns, by their usual names, else by ``axis`` or ``standard_name``; None unknown."""
    dims = [dim for dim in array.dims if dim in data.variables and data[dim].ndim == 1]
    return _axis(data, dims, _Y_NAMES, "Y"), _axis(data, dims, _X_NAMES, "X")


def _axis(data: xr.Dataset, dims: list[Any], names: tuple[str, ...], letter: str) -> Any:
    lowered = {str(dim).lower(): dim for dim in dims}
    for name in names:
        if name in lowered:
            return lowered[name]
    for dim in dims:
        attrs = data[dim].attrs
        if str(attrs.get("axis", "")).upper() == letter or str(attrs.get("standard_name", "")).lower() in names:
            return dim
    return None


def gridded(data: xr.Dataset) -> list[str]:
    """Names of the variables on a regular grid."""
    return [str(name) for name, array in data.data_vars.items() if None not in axes_of(data, array)]


def crs_of(data: xr.Dataset, array: xr.DataArray) -> tuple[str | None, str]:
    """CRS of a variable as :func:`crs_definition` gives it, and what the file says where that is no usable CRS."""
    mapping = str(array.attrs.get("grid_mapping") or array.encoding.get("grid_mapping") or "").split(":")[0].strip()
    raw = ""
    for name in (mapping, "spatial_ref", "crs"):
        if not name or name not in data.variables:
            continue
        attrs = data[name].attrs
        for key in _CRS_KEYS:
            named = _named(attrs.get(key))
            if named:
                return named, ""
        if "grid_mapping_name" in attrs:
            named = _from_cf(attrs)
            if named:
                return named, ""
            raw = raw or f"unnamed, {attrs['grid_mapping_name']}"
    return None, raw


def _named(text: object) -> str | None:
    if not text:
        return None
    try:
        return crs_definition(str(text))
    except pyproj.exceptions.CRSError:
        return None


def _from_cf(attrs: Mapping[Any, Any]) -> str | None:
    try:
        return crs_definition(pyproj.CRS.from_cf(dict(attrs)))
    except (pyproj.exceptions.CRSError, KeyError, ValueError, TypeError):
        return None


def numbers_of(attrs: Mapping[Any, Any], *keys: str) -> tuple[float, ...]:
    """Numbers under some attributes, each once; text that is no number is left out."""
    numbers: list[float] = []
    for key in keys:
        for value in np.ravel(attrs[key]) if key in attrs else ():
            try:
                numbers.append(float(value))
            except (TypeError, ValueError):
                continue
    return tuple(dict.fromkeys(numbers))


def valid_limits(attrs: Mapping[Any, Any]) -> tuple[float, float] | None:
    """Stored numbers beyond are missing: ``valid_range``, or ``valid_min`` and ``valid_max``."""
    both = numbers_of({"range": np.ravel(attrs.get("valid_range", ()))}, "range")
    if len(both) == 2:
        return both[0], both[1]
    low, high = numbers_of(attrs, "valid_min"), numbers_of(attrs, "valid_max")
    if not low and not high:
        return None
    return (low[0] if low else -np.inf), (high[0] if high else np.inf)
