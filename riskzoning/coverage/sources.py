"""Layers of any kind as one thing that gives rows: arrays, dask arrays, Datasets, mappings, stacks, files."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import dask
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.coverage.adding import BLOCK, Adder
from riskzoning.coverage.kernels import empty_sums, merge
from riskzoning.coverage.table import Table
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers import check_same_grid
from riskzoning.layers.decoding import Decoder, Seen
from riskzoning.layers.memory import decoder_of, undeclared_problems
from riskzoning.rasters.held import planes
from riskzoning.rasters.rows import RasterRows, open_rows

Array = np.ndarray[Any, Any]
# What may be given as layers, and the raster file of a path.
Layers: TypeAlias = xr.DataArray | xr.Dataset | Mapping[Any, xr.DataArray] | str | os.PathLike[str]
_BANDS = 8


@dataclass(frozen=True, eq=False)
class Source:
    """Layers by name on one grid; ``single`` says that one layer was given, so that results have plain columns."""

    grid: GeoBox
    names: tuple[Hashable, ...]
    single: bool
    arrays: Mapping[Hashable, xr.DataArray]
    file: RasterRows | None = None
    decoders: Mapping[Hashable, Decoder | None] = field(default_factory=dict)
    seen: Mapping[Hashable, Seen] = field(default_factory=dict)

    def integer(self, name: Hashable) -> bool:
        """Whether the values of a layer are integers."""
        if self.file is not None:
            return self.file.integer(self.names.index(name))
        decoder = self._decoder(name)
        linear = decoder is not None and (decoder.factor != 1.0 or decoder.offset != 0.0)
        return self.arrays[name].dtype.kind in "iub" and not linear

    def add(self, table: Table, weights: Source | None, threads: int) -> dict[Hashable, Array]:
        """Accumulators of every layer over the table, from one pass."""
        if self.file is not None and weights is None:
            return self._add_file(self.file, table, threads)
        rows, columns = self.grid.shape
        labels = {name: f"{i}" for i, name in enumerate(self.names)}
        adder = Adder(table, list(labels.values()), rows, columns, threads=threads, weighted=weights is not None)
        weighing = None if weights is None else weights.bands(BLOCK * _BANDS, table)
        for first, band in self.bands(BLOCK * _BANDS, table):
            part = None if weighing is None else next(iter(next(weighing)[1].values()))
            adder.begin(first)
            adder.update(first, {labels[name]: band[name] for name in self.names}, part)
        return {name: adder.sums[labels[name]] for name in self.names}

    def within(self, rows: slice, columns: slice) -> Source:
        """The part in a window; nothing beyond it is read."""
        if self.file is not None:
            file = self.file.within(rows, columns)
            return replace(self, grid=file.grid, file=file)
        arrays = {name: layer.isel(y=rows, x=columns) for name, layer in self.arrays.items()}
        return replace(self, grid=self.grid[rows, columns], arrays=arrays)

    def bands(self, rows: int, table: Table | None = None) -> Iterator[tuple[int, dict[Hashable, Array]]]:
        """Bands of whole rows from top to bottom, missing cells NaN; with a table only those that have units."""
        height = self.grid.shape[0]
        starts = [
            first
            for first in range(0, height, rows)
            if table is None or table.reaches(first, min(first + rows, height))
        ]
        if self.file is not None:
            with self.file.reader() as reader:
                for first in starts:
                    values = reader.read(first, min(first + rows, height))
                    yield first, dict(zip(self.names, values, strict=True))
            return
        for first in starts:
            part = slice(first, min(first + rows, height))
            data: list[Any] = [self.arrays[name].isel(y=part).data for name in self.names]
            lazy = any(dask.is_dask_collection(item) for item in data)  # type: ignore[attr-defined]
            if lazy:
                data = list(dask.compute(*data, scheduler="threads"))  # type: ignore[attr-defined, no-untyped-call]
            yield first, {name: self._decoded(name, a) for name, a in zip(self.names, data, strict=True)}

    def _decoded(self, name: Hashable, values: Any) -> Array:
        decoder = self.decoders.get(name)
        return np.asarray(values) if decoder is None else decoder.held(np.asarray(values), self.seen[name])

    def read(self, name: Hashable) -> Callable[[int, int], Array]:
        """A function that gives rows of one layer as float64."""

        def rows(first: int, last: int) -> Array:
            if self.file is not None:
                with self.file.reader() as reader:
                    return reader.read(first, last)[self.names.index(name)].astype(np.float64)
            return self._decoded(name, self.arrays[name].isel(y=slice(first, last)).to_numpy()).astype(np.float64)

        return rows

    def _decoder(self, name: Hashable) -> Decoder | None:
        return self.decoders.get(name) if self.file is None else self.file.decoders[self.names.index(name)]

    def note_suspects(self, name: Hashable, extremes: Array) -> None:
        """Tell when a least or largest value of a unit is one that producers write for "no data": it has counted."""
        decoder = self._decoder(name)
        kept = set() if decoder is None else decoder.suspects()
        numbers = [f"{value:g}" for value in sorted(kept & {float(value) for value in extremes.ravel()})]
        if numbers:
            thing = Phrase("layer", name=str(name)) if self.file is None else self.file.path
            note(Problem("zonal.undeclared", thing, severity="warning", numbers=numbers))

    def tell(self) -> None:
        """Note the values that were taken as no data without a declaration; after the last pass."""
        met = [(Phrase("layer", name=str(name)), seen) for name, seen in self.seen.items()]
        for thing, seen in met if self.file is None else [(self.file.path, self.file.seen)]:
            for problem in undeclared_problems(seen.taken, thing):
                note(problem)

    def _add_file(self, file: RasterRows, table: Table, threads: int) -> dict[Hashable, Array]:
        rows, columns = self.grid.shape
        step = file.rows_at_once(BLOCK)
        labels = [f"{i}" for i in range(len(self.names))]
        with file.reader() as reader, ThreadPoolExecutor(max(threads, 1)) as pool:

            def job(first: int) -> list[dict[str, Array]]:
                last = min(first + step, rows)
                most = min(last - first, file.most_rows)
                begun, ready = first, first + most
                values = reader.read(begun, ready)
                out = []
                for start in range(first, last, BLOCK):
                    # Each block has accumulators of its own, merged below in the order of the rows.
                    adder = Adder(table, labels, rows, columns, threads=1)
                    adder.begin(start)
                    stop = min(start + BLOCK, rows)
                    for row in range(start, stop, most):
                        until = min(row + most, stop)
                        if until > ready:
                            begun, ready = row, until
                            values = reader.read(begun, ready)
                        part = slice(row - begun, until - begun)
                        adder.update(row, {label: values[i][part] for i, label in enumerate(labels)})
                    out.append(adder.block_sums())
                return out

            starts = [first for first in range(0, rows, step) if table.reaches(first, min(first + step, rows))]
            parts = list(pool.map(job, starts))
        total = {label: empty_sums(table.areas.size) for label in labels}
        for sums in (sums for part in parts for sums in part):
            for label, lines in sums.items():
                merge(total[label], lines)
        return dict(zip(self.names, (total[label] for label in labels), strict=True))


def open_source(layers: Layers | Source, *, crs: str | None = None) -> Source:
    """Layers of any kind as a source; a DataArray may have one leading dimension, whose values then name the layers.

    ``crs`` is that of a file which states none.
    """
    if isinstance(layers, Source):
        return layers
    if isinstance(layers, str | os.PathLike):
        file = open_rows(layers, crs=crs)
        single = len(file.names) == 1
        return Source(file.grid, (Path(file.path).stem,) if single else file.names, single, {}, file)
    if isinstance(layers, xr.DataArray):
        made = planes(layers)
        return _of_arrays(made, single=layers.ndim < 3 or (len(made) == 1 and set(made) == {layers.name or "layer"}))
    if isinstance(layers, xr.Dataset | Mapping) and len(layers):
        return _of_arrays(planes(layers), single=False)
    if isinstance(layers, Mapping):
        raise LayerError(Problem("zonal.no_layers", Phrase("layers")))
    raise LayerError(Problem("zonal.layers", Phrase("layers"), type=type(layers).__name__))


def _of_arrays(layers: Mapping[Any, xr.DataArray], *, single: bool) -> Source:
    """Layers in memory: decoded band by band with what their attributes say."""
    decoders: dict[Hashable, Decoder | None] = {}
    for name, layer in layers.items():
        thing = Phrase("layer", name=str(name))
        if tuple(layer.dims) != ("y", "x"):
            raise LayerError(Problem("zonal.dims", thing, dims=tuple(layer.dims)))
        if layer.dtype.kind not in "biuf":
            raise LayerError(Problem("zonal.dtype", thing, type=str(layer.dtype)))
        decoders[name] = decoder_of(layer, name=str(name))
    grid = check_same_grid(**{str(name): layer for name, layer in layers.items()})
    return Source(grid, tuple(layers), single, layers, decoders=decoders, seen={name: Seen() for name in layers})
