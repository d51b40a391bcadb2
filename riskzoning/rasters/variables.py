"""What the attributes of a NetCDF or Zarr variable say (CF conventions): axes, CRS, missing and valid values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyproj
import xarray as xr

from riskzoning.layers.axes import axes_among
from riskzoning.rasters.placing import crs_definition

_CRS_KEYS = ("crs_wkt", "spatial_ref", "epsg_code")


def axes_of(data: xr.Dataset, array: xr.DataArray) -> tuple[Any, Any]:
    """Dimensions of rows and of columns; None where nothing names them."""
    dims = [dim for dim in array.dims if dim in data.variables and data[dim].ndim == 1]
    return axes_among({dim: data[dim].attrs for dim in dims})


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
