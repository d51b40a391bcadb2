"""Add layers up over a table in blocks of rows: blocks are fixed places of the grid, merged in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from riskzoning.coverage.kernels import add_rows32, add_rows64, add_rows_weighted, empty_sums, merge
from riskzoning.coverage.table import Table
from riskzoning.errors import LayerError, Phrase, Problem

Array = np.ndarray[Any, Any]
# Rows of a block. Accumulators belong to blocks, so the bits of a result do not depend on how rows arrive.
BLOCK = 512


class Adder:
    """Running sums of several layers over the units of a table.

    Parameters
    ----------
    table : Table
    names : sequence of str
    rows, columns : int
        Shape of the grid.
    weighted : bool
        Whether each update brings a weight layer.
    threads : int
    """

    def __init__(
        self,
        table: Table,
        names: Sequence[str],
        rows: int,
        columns: int,
        *,
        weighted: bool = False,
        threads: int = 2,
        grid_totals: bool = False,
    ) -> None:
        self._table, self._shape, self._weighted = table, (rows, columns), weighted
        self._threads = threads
        self.names = tuple(names)
        self.sums = {name: empty_sums(table.areas.size) for name in self.names}
        self.grid_totals: dict[str, float] | None = dict.fromkeys(self.names, 0.0) if grid_totals else None
        self._open: dict[str, Array] = {}
        self._next = 0

    def update(
        self, first_row: int, values: Mapping[str, Array], weights: Array | None = None, nodata: float | None = None
    ) -> None:
        """Add whole rows, in ascending order, any number at a time."""
        count = self._check(first_row, values)
        last_row = first_row + count
        jobs = []
        prepared = {name: _real(values[name]) for name in self.names}
        weight = None if weights is None else np.ascontiguousarray(weights, dtype=np.float64)
        missing = np.nan if nodata is None else float(nodata)
        edges = _edges(first_row, last_row)
        for name in self.names:
            for start, stop in edges:
                # A block that the last rows left unfinished goes on.
                own = self._open.pop(name, None) if start == first_row else None
                jobs.append((name, start, stop, empty_sums(len(self._table.areas)) if own is None else own))

        def run(job: Any) -> None:
            self._add(prepared[job[0]], weight, job, first_row, missing)

        if len(jobs) > 1 and self._threads > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(run, jobs))
        else:
            for job in jobs:
                run(job)
        for name, _, stop, sums in jobs:
            if stop % BLOCK == 0 or stop == self._shape[0]:
                merge(self.sums[name], sums)
            else:
                self._open[name] = sums
        if self.grid_totals is not None:
            self._add_totals(self.grid_totals, prepared, nodata)
        self._next = last_row

    @staticmethod
    def _add_totals(totals: dict[str, float], values: Mapping[str, Array], nodata: float | None) -> None:
        for name, array in values.items():
            good = array if nodata is None else np.where(array == nodata, np.nan, array)
            # Row by row, so that the total does not depend on how the rows arrive.
            with np.errstate(over="ignore", invalid="ignore"):
                rows: Any = np.sum(good, axis=1, dtype=np.float64, where=np.isfinite(good))
            for part in rows:
                totals[name] += float(part)

    def begin(self, row: int) -> None:
        """Start at a row other than the first, for a part of the grid."""
        self._next = row

    def block_sums(self) -> dict[str, Array]:
        """The sums so far, those of an unfinished block included."""
        for name, sums in self._open.items():
            merge(self.sums[name], sums)
        self._open = {}
        return self.sums

    def _check(self, first_row: int, values: Mapping[str, Array]) -> int:
        missing = [name for name in self.names if name not in values]
        shapes = {values[name].shape for name in self.names if name in values}
        if missing or len(shapes) != 1 or next(iter(shapes))[1] != self._shape[1] or first_row != self._next:
            facts: dict[str, Any] = {"columns": self._shape[1], "next_row": self._next}
            if missing:
                raise LayerError(Problem("coverage.band_layers", Phrase("band_of_rows"), layers=missing, **facts))
            given: dict[str, Any] = {
                "first": first_row,
                "shapes": [f"{rows} x {columns}" for rows, columns in sorted(shapes)],
            }
            raise LayerError(Problem("coverage.band", Phrase("band_of_rows"), **given, **facts))
        return int(next(iter(shapes))[0])

    def _add(self, array: Array, weight: Array | None, job: Any, offset: int, nodata: float) -> None:
        _, start, stop, sums = job
        table = self._table
        places = (table.run_start, table.runs, table.cell_start, table.cells, table.fractions, sums)
        if weight is not None:
            add_rows_weighted(array.astype(np.float64, copy=False), weight, start, stop, offset, nodata, *places)
        elif array.dtype == np.float32:
            add_rows32(array, array.view(np.int32), start, stop, offset, float(np.float32(nodata)), *places)
        else:
            add_rows64(array, array.view(np.int64), start, stop, offset, nodata, *places)


def _edges(first: int, last: int) -> list[tuple[int, int]]:
    cuts = [first, *range((first // BLOCK + 1) * BLOCK, last, BLOCK), last]
    return list(pairwise(cuts))


def _real(values: Array) -> Array:
    """Rows as float32 or float64, whichever holds every value exactly, contiguous."""
    array = np.asarray(values)
    if array.dtype == np.float32 or (array.dtype.kind in "iub" and array.dtype.itemsize <= 2):
        return np.ascontiguousarray(array, dtype=np.float32)
    return np.ascontiguousarray(array, dtype=np.float64)
