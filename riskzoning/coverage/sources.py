"""Layers of any kind as one thing that gives rows: arrays, dask arrays, Datasets, mappings, stacks, files."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.coverage.adding import BLOCK, Adder
from riskzoning.coverage.kernels import merge
from riskzoning.coverage.table import Table
from riskzoning.errors import LayerError, Problem
from riskzoning.layers import check_same_grid, grid_of
from riskzoning.rasters.rows import RasterRows, open_rows

__all__ = ["Source", "open_source"]

Array = np.ndarray[Any, Any]
_BANDS = 8


@dataclass(frozen=True, eq=False)
class Source:
    """Layers by name on one grid.

    ``single`` says that one layer was given, so that results have plain columns.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> source = open_source(sample_study().parent / "landcover.tif")
    >>> source.names, source.single
    (('landcover',), True)
    """

    grid: GeoBox
    names: tuple[Hashable, ...]
    single: bool
    arrays: Mapping[Hashable, xr.DataArray]
    file: RasterRows | None = None
    nodata: Mapping[Hashable, float | None] = ()  # type: ignore[assignment]

    def integer(self, name: Hashable) -> bool:
        """Whether the values of a layer are integers.

        Examples
        --------
        >>> from riskzoning.samples import sample_study
        >>> open_source(sample_study().parent / "landcover.tif").integer("landcover")
        True
        """
        if self.file is not None:
            plain = all(value == 1.0 for value in self.file.scale) and not any(self.file.offset)
            return np.dtype(self.file.dtype).kind in "iub" and plain
        return self.arrays[name].dtype.kind in "iub"

    def add(self, table: Table, weights: Source | None, threads: int) -> dict[Hashable, Array]:
        """Accumulators of every layer over the table, from one pass.

        Examples
        --------
        >>> from shapely import box
        >>> from riskzoning.coverage.table import build_table
        >>> from riskzoning.grid import analysis_grid
        >>> from riskzoning.layers import layer_on
        >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> source = open_source({"a": layer_on(geobox, 2.0, quantity="slope")})
        >>> table = build_table(geobox, np.array([box(0, 0, 250, 100)]), "fraction")
        >>> float(source.add(table, None, threads=1)["a"][0, 1])  # cells covered
        2.5
        """
        if self.file is not None and weights is None:
            return self._add_file(table, threads)
        rows, columns = self.grid.shape
        labels = {name: f"{i}" for i, name in enumerate(self.names)}
        adder = Adder(table, list(labels.values()), rows, columns, threads=threads, weighted=weights is not None)
        weighing = None if weights is None else weights.bands(BLOCK * _BANDS)
        for first, band in self.bands(BLOCK * _BANDS):
            part = None if weighing is None else next(iter(next(weighing)[1].values()))
            adder.update(first, {labels[name]: band[name] for name in self.names}, part)
        return {name: adder.sums[labels[name]] for name in self.names}

    def bands(self, rows: int) -> Iterator[tuple[int, dict[Hashable, Array]]]:
        """Bands of whole rows from top to bottom, missing cells NaN.

        Examples
        --------
        >>> from riskzoning.grid import analysis_grid
        >>> from riskzoning.layers import layer_on
        >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> source = open_source({"a": layer_on(geobox, 2.0, quantity="slope")})
        >>> [(first, band["a"].tolist()) for first, band in source.bands(1)]
        [(0, [[2.0, 2.0, 2.0]]), (1, [[2.0, 2.0, 2.0]])]
        """
        height = self.grid.shape[0]
        if self.file is not None:
            with self.file.reader() as reader:
                for first in range(0, height, rows):
                    found = reader.read(first, min(first + rows, height))
                    yield first, {name: self._valid(name, found[i]) for i, name in enumerate(self.names)}
            return
        for first in range(0, height, rows):
            part = slice(first, min(first + rows, height))
            data: list[Any] = [self.arrays[name].isel(y=part).data for name in self.names]
            lazy = any(dask.is_dask_collection(item) for item in data)  # type: ignore[attr-defined, no-untyped-call]
            if lazy:
                data = list(dask.compute(*data, scheduler="threads"))  # type: ignore[attr-defined, no-untyped-call]
            yield first, {name: self._valid(name, np.asarray(a)) for name, a in zip(self.names, data, strict=True)}

    def read(self, name: Hashable) -> _RowReader:
        """A function that gives rows of one layer as float64.

        Examples
        --------
        >>> from riskzoning.grid import analysis_grid
        >>> from riskzoning.layers import layer_on
        >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> source = open_source({"a": layer_on(geobox, 2.0, quantity="slope")})
        >>> source.read("a")(1, 2).tolist()
        [[2.0, 2.0, 2.0]]
        """
        return _RowReader(self, name)

    def _valid(self, name: Hashable, values: Array) -> Array:
        missing = self._nodata(name)
        if missing is None or np.isnan(missing):
            return values
        real = values if values.dtype.kind == "f" else values.astype(np.float32 if values.itemsize <= 2 else np.float64)
        return np.where(values == missing, np.nan, real).astype(real.dtype)

    def _nodata(self, name: Hashable) -> float | None:
        if self.file is not None:
            return None if self.file.masked else self.file.nodata
        return dict(self.nodata).get(name)

    def _add_file(self, table: Table, threads: int) -> dict[Hashable, Array]:
        file = self.file
        assert file is not None
        rows, columns = self.grid.shape
        step = file.rows_at_once(BLOCK)
        labels = [f"{i}" for i in range(len(self.names))]
        plain = all(value == 1.0 for value in file.scale) and not any(file.offset) and not file.masked
        missing = file.nodata if plain else None

        def job(first: int, reader: Any) -> list[dict[str, Array]]:
            values = reader.read(first, min(first + step, rows))
            found = []
            for start in range(first, min(first + step, rows), BLOCK):
                stop = min(start + BLOCK, rows)
                # Each block has accumulators of its own, merged below in the order of the rows.
                adder = Adder(table, labels, rows, columns, threads=1)
                adder.begin(start)
                part = {label: values[i, start - first : stop - first] for i, label in enumerate(labels)}
                adder.update(start, part, nodata=missing)
                found.append(adder.block_sums())
            return found

        with file.reader() as reader, ThreadPoolExecutor(max(threads, 1)) as pool:
            parts = list(pool.map(lambda first: job(first, reader), range(0, rows, step)))
        total: dict[str, Array] = {}
        for part in parts:
            for sums in part:
                for label, lines in sums.items():
                    if label in total:
                        merge(total[label], lines)
                    else:
                        total[label] = lines
        return dict(zip(self.names, (total[label] for label in labels), strict=True))


class _RowReader:
    def __init__(self, source: Source, name: Hashable) -> None:
        self._source, self._name = source, name

    def __call__(self, first: int, last: int) -> Array:
        source = self._source
        if source.file is not None:
            index = source.names.index(self._name)
            with source.file.reader() as reader:
                return source._valid(self._name, reader.read(first, last)[index]).astype(np.float64)
        values = source.arrays[self._name].isel(y=slice(first, last)).to_numpy()
        return source._valid(self._name, values).astype(np.float64)


def open_source(layers: Any) -> Source:
    """Layers as a :class:`Source`.

    Parameters
    ----------
    layers : DataArray, Dataset, mapping or PathLike
        A DataArray may have one leading dimension; its values then name the layers.

    Raises
    ------
    LayerError
        Something else, or layers on different grids.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> open_source(layer_on(geobox, 1.0, quantity="slope")).single
    True
    """
    if isinstance(layers, str | os.PathLike):
        file = open_rows(layers)
        single = file.bands == 1
        names = (Path(file.path).stem,) if single else file.names
        return Source(file.grid, names, single, {}, file)
    if isinstance(layers, xr.DataArray) and layers.ndim == 3:
        dim = next(d for d in layers.dims if d not in ("y", "x"))
        labels = layers[dim].values.tolist() if dim in layers.coords else list(range(layers.sizes[dim]))
        parts = {label: layers.isel({dim: i}, drop=True) for i, label in enumerate(labels)}
        return _of_arrays(parts, single=False)
    if isinstance(layers, xr.DataArray):
        return _of_arrays({layers.name or "layer": layers}, single=True)
    if isinstance(layers, xr.Dataset | Mapping) and len(layers):
        return _of_arrays({name: layers[name] for name in layers}, single=False)
    raise LayerError(
        Problem(
            "layers",
            f"are a {type(layers).__name__}" if not isinstance(layers, Mapping) else "are an empty mapping",
            "a DataArray, a Dataset, a mapping of layers or the path of a raster file",
            "Pass one of these.",
            rule="zonal.layers",
        )
    )


def _of_arrays(layers: Mapping[Any, xr.DataArray], *, single: bool) -> Source:
    for name, layer in layers.items():
        if not isinstance(layer, xr.DataArray) or tuple(layer.dims) != ("y", "x"):
            found = (
                f"has dims {tuple(layer.dims)}" if isinstance(layer, xr.DataArray) else f"is a {type(layer).__name__}"
            )
            required = "a layer with dims (y, x)"
            raise LayerError(
                Problem(f"layer '{name}'", found, required, "Transpose or select first.", rule="layer.dims")
            )
        if layer.dtype.kind not in "biuf":
            found = f"holds values of type {layer.dtype}"
            raise LayerError(Problem(f"layer '{name}'", found, "real numbers", "Convert it.", rule="layer.dtype"))
        grid_of(layer, name=str(name))
    check_same_grid(**{str(name): layer for name, layer in layers.items()})
    first = next(iter(layers.values()))
    missing = {name: _declared(layer) for name, layer in layers.items()}
    return Source(grid_of(first), tuple(layers), single, dict(layers), None, missing)


def _declared(layer: xr.DataArray) -> float | None:
    for place in (layer.attrs, layer.encoding):
        for key in ("_FillValue", "nodata", "missing_value"):
            if place.get(key) is not None:
                return float(place[key])
    return None
