"""NetCDF (CF) and Zarr: facts of a variable on a regular grid, and its blocks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from affine import Affine

from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.io.rasters.facts import RasterFacts
from riskzoning.io.rasters.placing import arrange, crs_name, regular_axis
from riskzoning.io.sources import text_beginning

_X_NAMES = ("x", "lon", "longitude", "long", "经度", "easting", "projection_x_coordinate")
_Y_NAMES = ("y", "lat", "latitude", "纬度", "northing", "projection_y_coordinate")
_ENGINES = ("h5netcdf", "netcdf4", "scipy")


def open_store(path: Path) -> xr.Dataset:
    """The file as a Dataset as stored (nothing decoded), lazily.

    Raises
    ------
    LayerError
        Not a NetCDF or Zarr file.

    Examples
    --------
    >>> open_store.__name__
    'open_store'
    """
    errors: list[str] = []
    engines = ("zarr",) if path.is_dir() or path.suffix.lower() == ".zarr" else _ENGINES
    for engine in engines:
        try:
            return xr.open_dataset(path, engine=engine, decode_cf=False, chunks=None)
        except Exception as error:  # noqa: BLE001 - each engine has its own kinds of failure; the next one may do
            errors.append(str(error).splitlines()[0] if str(error) else type(error).__name__)
    words = text_beginning(path) if path.is_file() else None
    found = f"is text (it begins with '{words}')" if words else f"cannot be read ({errors[-1]})"
    raise LayerError(Problem(str(path), found, "a NetCDF or Zarr file", "Export or copy it again.", rule="file.format"))


def store_facts(path: Path, *, variable: str | None = None) -> tuple[RasterFacts, list[Problem]]:
    """Facts of one variable of a NetCDF or Zarr file.

    Raises
    ------
    LayerError
        No variable on a regular grid, no such variable, or one with a further dimension (time).

    Examples
    --------
    >>> store_facts.__name__
    'store_facts'
    """
    with open_store(path) as data:
        name = _variable(path, data, variable)
        array = data[name]
        y_name, x_name = _axes(array)
        _check_flat(path, array, (y_name, x_name))
        left, width = regular_axis(data[x_name].values, thing=str(path), axis=x_name)
        top, height = regular_axis(data[y_name].values, thing=str(path), axis=y_name)
        shape = (int(array.sizes[y_name]), int(array.sizes[x_name]))
        crs = _crs(data, array, x_name)
        geographic = crs is None or "EPSG:4" in crs or "GEOGCRS" in crs
        affine, orientation = arrange(
            Affine(width, 0, left, 0, height, top), shape, geographic=geographic, thing=str(path)
        )
        attrs = array.attrs
        nodata = [
            float(attrs[key]) for key in ("_FillValue", "missing_value") if key in attrs and np.ndim(attrs[key]) == 0
        ]
        limits = attrs.get("valid_range")
        chunks = array.encoding.get("chunksizes") or array.encoding.get("preferred_chunks") or shape
        block = tuple(chunks.values())[-2:] if isinstance(chunks, dict) else tuple(chunks)[-2:]
        facts = RasterFacts(
            path=str(path),
            driver="Zarr" if path.is_dir() else "netCDF",
            crs=crs,
            transform=affine,
            orientation=orientation,
            shape=shape,
            dtype=str(array.dtype),
            nodata=tuple(dict.fromkeys(nodata)),
            units=str(attrs["units"]) if attrs.get("units") else None,
            variable=name,
            variables=tuple(_gridded(data)),
            block_shape=(int(block[0]), int(block[1])) if len(block) == 2 else shape,
            size_bytes=path.stat().st_size,
            scale=float(attrs.get("scale_factor", 1.0)),
            offset=float(attrs.get("add_offset", 0.0)),
            valid_range=(float(limits[0]), float(limits[1])) if limits is not None and np.size(limits) == 2 else None,
        )
    return facts, []


def _gridded(data: xr.Dataset) -> list[str]:
    return [str(name) for name in data.data_vars if data[name].ndim >= 2 and None not in _axes(data[name])]


def _axes(array: xr.DataArray) -> tuple[Any, Any]:
    lowered = {str(dim).lower(): dim for dim in array.dims}
    y = next((lowered[name] for name in _Y_NAMES if name in lowered), None)
    x = next((lowered[name] for name in _X_NAMES if name in lowered), None)
    return y, x


def _variable(path: Path, data: xr.Dataset, wanted: str | None) -> str:
    known = _gridded(data)
    if wanted is not None and wanted in known:
        return wanted
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted is not None:
        found = f"has no variable '{wanted}' on a grid"
    else:
        found = f"has {len(known)} variables on a grid" if known else "has no variable on a grid"
    listed = first_few(known) or "none"
    raise LayerError(
        Problem(str(path), found, f"one of its variables: {listed}", 'Name it with "variable:".', rule="layer.variable")
    )


def _check_flat(path: Path, array: xr.DataArray, axes: tuple[Any, Any]) -> None:
    further = [f"{dim} ({array.sizes[dim]})" for dim in array.dims if dim not in axes and array.sizes[dim] != 1]
    if further:
        raise LayerError(
            Problem(
                str(path),
                f"variable '{array.name}' has the further dimensions {', '.join(further)}",
                "one value a cell",
                "Select or average first (e.g. xarray's mean over time) and save the result.",
                rule="layer.dims",
            )
        )


def _crs(data: xr.Dataset, array: xr.DataArray, x_name: str) -> str | None:
    mapping = array.attrs.get("grid_mapping") or array.encoding.get("grid_mapping")
    candidates = [mapping, "spatial_ref", "crs"]
    for name in candidates:
        if name and name in data.variables:
            attrs = data[name].attrs
            for key in ("crs_wkt", "spatial_ref", "epsg_code"):
                if attrs.get(key):
                    return crs_name(str(attrs[key]))
    return None


@dataclass(frozen=True)
class StoreBand:
    """Blocks of a variable as stored; each read opens the file anew, which is safe in threads and processes."""

    facts: RasterFacts

    def read(self, rows: slice, columns: slice) -> tuple[np.ndarray[Any, Any], None]:
        """Stored values of a window in the file's own order of rows and columns."""
        with open_store(Path(self.facts.path)) as data:
            array = data[str(self.facts.variable)]
            y_name, x_name = _axes(array)
            part = array.isel({y_name: rows, x_name: columns}).transpose(..., y_name, x_name)
            values = np.asarray(part.values)
        return values.reshape(values.shape[-2:]), None
