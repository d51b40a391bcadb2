"""NetCDF (CF) and Zarr: facts of a variable on a regular grid, and its blocks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from affine import Affine

from riskzoning.errors import LayerError, Problem
from riskzoning.files import beginning, text_beginning
from riskzoning.layers import regular_axis
from riskzoning.layers.memory import numbers_of, valid_limits
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.placing import arrange, in_degrees
from riskzoning.rasters.retiling import read_copy, tiled_copy
from riskzoning.rasters.variables import axes_of, crs_of, gridded

_ENGINES = ("h5netcdf", "netcdf4", "scipy")
_ZARR_MARKS = ("zarr.json", ".zgroup", ".zmetadata", ".zarray")


def is_store(path: Path) -> bool:
    """Whether a path is NetCDF or Zarr: by its first bytes where it is a file, by its marks where it is a folder."""
    if path.is_dir():
        return path.suffix.lower() == ".zarr" or any((path / mark).is_file() for mark in _ZARR_MARKS)
    known = (".nc", ".nc4", ".cdf", ".zarr")
    first = beginning(path, 8) if path.is_file() else b""
    if first.startswith((b"CDF", b"\x89HDF")):
        return True
    if first.startswith((b"II", b"MM")):
        return False
    return path.suffix.lower() in known or path.name.lower().endswith(".zarr.zip")


@contextmanager
def open_store(path: Path, group: str | None = None) -> Iterator[xr.Dataset]:
    """The file (or one group of it) as a Dataset as stored: nothing decoded, nothing read yet."""
    errors: list[str] = []
    opened: xr.Dataset | None = None
    zipped = path.is_file() and beginning(path, 4) == b"PK\x03\x04"
    store: Any = path
    if zipped:
        from zarr.storage import ZipStore

        store = ZipStore(str(path), mode="r")
    as_zarr = zipped or path.is_dir() or path.suffix.lower() == ".zarr"
    for engine in ("zarr",) if as_zarr else _ENGINES:
        # Metadata are read array by array, which every Zarr store has; gathered ones may be there or not.
        options: dict[str, Any] = {"consolidated": False} if as_zarr else {}
        try:
            opened = xr.open_dataset(store, engine=engine, decode_cf=False, chunks=None, group=group, **options)
            break
        except Exception as error:  # noqa: BLE001 - each engine has its own kinds of failure; the next one may do
            errors.append(str(error).splitlines()[0] if str(error) else type(error).__name__)
    if opened is None:
        words = text_beginning(path) if path.is_file() else None
        # The reader of the netCDF library knows most; the last one reads classic files only.
        reason = errors[min(1, len(errors) - 1)]
        if group is not None:
            raise LayerError(Problem("store.group", str(path), group=group, reason=reason))
        if words is not None:
            raise LayerError(Problem("store.text", str(path), words=words))
        raise LayerError(Problem("store.format", str(path), reason=reason))
    try:
        yield opened
    finally:
        opened.close()
        if zipped:
            store.close()


def store_facts(path: Path, *, variable: str | None = None) -> tuple[RasterFacts, list[Problem]]:
    """Facts of one variable of a NetCDF or Zarr file; ``group/variable`` names one inside a group."""
    group, inside = _split(variable)
    with open_store(path, group) as data:
        name = _variable(path, data, inside, group)
        array = data[name]
        if array.dtype.kind not in "iuf":
            raise LayerError(Problem("store.type", str(path), variable=name, type=str(array.dtype)))
        axes = axes_of(data, array)
        _check_flat(path, array, axes)
        return _facts(path, data, array, (str(axes[0]), str(axes[1])), variable or name), []


def store_bands(path: Path) -> list[RasterFacts]:
    """Facts of every variable of a file, when they lie on one grid; else one of them must be named."""
    with open_store(path) as data:
        names = gridded(data)
    if len(names) < 2:
        return [store_facts(path)[0]]
    bands = [store_facts(path, variable=name)[0] for name in names]
    places = {(facts.crs, facts.transform, facts.shape, facts.orientation) for facts in bands}
    if len(places) > 1:
        raise LayerError(Problem("store.variables", str(path), variables=names))
    return bands


def _facts(path: Path, data: xr.Dataset, array: xr.DataArray, axes: tuple[str, str], label: str) -> RasterFacts:
    y_name, x_name = axes
    left, width = regular_axis(data[x_name].values, thing=str(path), axis=x_name)
    top, height = regular_axis(data[y_name].values, thing=str(path), axis=y_name)
    shape = (int(array.sizes[y_name]), int(array.sizes[x_name]))
    crs, raw = crs_of(data, array)
    placed = Affine(width, 0, left, 0, height, top)
    affine, orientation = arrange(placed, shape, geographic=in_degrees(crs, placed, shape), thing=str(path))
    unsigned = str(array.attrs.get("_Unsigned", "")).lower() == "true" and array.dtype.kind == "i"
    dtype = np.dtype(f"u{array.dtype.itemsize}") if unsigned else array.dtype
    nodata = numbers_of(array.attrs, "_FillValue", "missing_value")
    if unsigned:
        nodata = tuple(value + 2.0 ** (8 * dtype.itemsize) if value < 0 else value for value in nodata)
    chunks = array.encoding.get("chunksizes") or array.encoding.get("preferred_chunks") or shape
    if isinstance(chunks, dict):
        chunks = [chunks.get(dim, array.sizes[dim]) for dim in array.dims]
    pieces = dict(zip(array.dims, chunks, strict=False))
    return RasterFacts(
        path=str(path),
        driver="Zarr" if path.is_dir() or path.suffix.lower() == ".zip" else "netCDF",
        crs=crs,
        crs_raw=raw,
        transform=affine,
        orientation=orientation,
        shape=shape,
        dtype=str(dtype),
        nodata=nodata,
        units=str(array.attrs["units"]) if array.attrs.get("units") else None,
        variable=label,
        variables=tuple(gridded(data)),
        block_shape=(int(pieces.get(y_name, shape[0])), int(pieces.get(x_name, shape[1]))),
        compressed=True,
        size_bytes=path.stat().st_size,
        source=os.path.abspath(path),
        scale=next(iter(numbers_of(array.attrs, "scale_factor")), 1.0),
        offset=next(iter(numbers_of(array.attrs, "add_offset")), 0.0),
        valid_range=valid_limits(array.attrs),
    )


def _split(variable: str | None) -> tuple[str | None, str | None]:
    if variable is None or "/" not in variable:
        return None, variable
    group, _, name = variable.strip("/").rpartition("/")
    return (group or None), name


def _variable(path: Path, data: xr.Dataset, wanted: str | None, group: str | None) -> str:
    known = gridded(data)
    if wanted is not None and wanted in known:
        return wanted
    if wanted is None and len(known) == 1:
        return known[0]
    inside = known or (_in_groups(path) if group is None else [])
    if not inside:
        curved = any(array.ndim == 2 and str(name).lower() in ("lat", "latitude") for name, array in data.items())
        raise LayerError(Problem("store.curved" if curved else "store.no_grid", str(path)))
    if wanted is not None:
        raise LayerError(Problem("store.no_variable", str(path), variable=wanted, variables=inside))
    raise LayerError(Problem("store.variables" if known else "store.groups", str(path), variables=inside))


def _in_groups(path: Path) -> list[str]:
    """Variables of the groups of a file, as ``group/variable``."""
    for engine in ("zarr",) if path.is_dir() else _ENGINES:
        try:
            groups = xr.open_groups(path, engine=engine, decode_cf=False)
        except Exception:  # noqa: BLE001 - only names for a message are looked for
            continue
        names = [f"{where.strip('/')}/{name}" for where, data in groups.items() for name in gridded(data)]
        for data in groups.values():
            data.close()
        return names
    return []


def _check_flat(path: Path, array: xr.DataArray, axes: tuple[Any, Any]) -> None:
    further = [f"{dim} ({array.sizes[dim]})" for dim in array.dims if dim not in axes and array.sizes[dim] != 1]
    if further:
        raise LayerError(Problem("store.dims", str(path), variable=str(array.name), dims=further))


@dataclass(frozen=True)
class StoreBand:
    """Blocks of a variable as stored; each read opens the file anew, which is safe in threads and processes."""

    facts: RasterFacts

    def read(self, rows: slice, columns: slice) -> tuple[np.ndarray[Any, Any], None]:
        """Stored values of a window in the file's own order of rows and columns."""
        path = tiled_copy(self.facts, self._stored)
        if path != self.facts.opens:
            return read_copy(path, rows, columns), None
        return self._stored(rows, columns), None

    def _stored(self, rows: slice, columns: slice) -> np.ndarray[Any, Any]:
        group, name = _split(self.facts.variable)
        try:
            with open_store(Path(self.facts.opens), group) as data:
                array = data[name]
                y_name, x_name = axes_of(data, array)
                part = array.isel({y_name: rows, x_name: columns}).transpose(..., y_name, x_name)
                values = np.asarray(part.values)
        except LayerError:
            raise
        except Exception as error:  # noqa: BLE001 - decoders of many libraries stand behind this read
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            problem = Problem("raster.block", self.facts.path, first=rows.start, last=rows.stop - 1, reason=reason)
            raise LayerError(problem) from None
        stored = np.dtype(self.facts.dtype)
        if values.dtype.kind == "i" and stored.kind == "u":
            values = values.view(stored.newbyteorder(values.dtype.byteorder))
        return values.reshape(values.shape[-2:])
