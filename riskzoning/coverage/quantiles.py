"""Statistics that need the cells themselves: quantiles, majority, minority, variety; by coverage, as exactextract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from riskzoning.coverage.table import Table
from riskzoning.errors import LayerError, Phrase, Problem

Array = np.ndarray[Any, Any]
# Cells of all units together that are held at once; more are done group by group of units.
_HELD = 20_000_000
_MOST_CLASSES = 65_535


def expand(table: Table, first: int, last: int, keep: Array | None = None) -> tuple[Array, Array, Array, Array]:
    """Row, column, unit and coverage of every covered cell of the rows ``first`` to ``last`` (not included)."""
    a, b = int(table.run_start[first]), int(table.run_start[last])
    runs = table.runs[a:b]
    run_rows = np.repeat(np.arange(first, last), np.diff(table.run_start[first : last + 1]))
    c, d = int(table.cell_start[first]), int(table.cell_start[last])
    cells, fractions = table.cells[c:d], table.fractions[c:d]
    cell_rows = np.repeat(np.arange(first, last), np.diff(table.cell_start[first : last + 1]))
    if keep is not None:
        chosen, chosen_cells = keep[runs[:, 2]], keep[cells[:, 1]]
        runs, run_rows = runs[chosen], run_rows[chosen]
        cells, fractions, cell_rows = cells[chosen_cells], fractions[chosen_cells], cell_rows[chosen_cells]
    lengths = (runs[:, 1] - runs[:, 0]).astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    inside = (
        np.arange(int(lengths.sum())) - np.repeat(starts, lengths) + np.repeat(runs[:, 0].astype(np.int64), lengths)
    )
    return (
        np.concatenate([np.repeat(run_rows, lengths), cell_rows]),
        np.concatenate([inside, cells[:, 0].astype(np.int64)]),
        np.concatenate([np.repeat(runs[:, 2], lengths), cells[:, 1]]),
        np.concatenate([np.ones(inside.size), fractions]),
    )


def weighted_quantile(values: Array, weights: Array, shares: Sequence[float]) -> Array:
    """Coverage-weighted quantiles: linear between the points (S_k, x_k), S_k = (k-1) w_k + (n-1) sum of w before k."""
    n = values.size
    if n == 0:
        return np.full(len(shares), np.nan)
    if n == 1:
        return np.full(len(shares), float(values[0]))
    order = np.lexsort((weights, values))
    x, w = values[order].astype(np.float64), weights[order]
    before = np.cumsum(w) - w
    place = np.arange(n) * w + (n - 1) * before
    target = np.asarray(shares) * (n - 1) * w.sum()
    return np.interp(target, place, x)


def unit_quantiles(
    table: Table, rows: int, read: Callable[[int, int], Array], shares: Sequence[float], block: int = 512
) -> Array:
    """Quantiles of every unit: array (units, shares)."""
    sizes = _sizes(table)
    out = np.full((table.areas.size, len(shares)), np.nan)
    for group in _groups(sizes):
        keep = np.zeros(table.areas.size, dtype=bool)
        keep[group] = True
        units, values, weights = _gather(table, rows, read, keep, block)
        order = np.argsort(units, kind="stable")
        units, values, weights = units[order], values[order], weights[order]
        edges = np.searchsorted(units, np.arange(table.areas.size + 1))
        for unit in group:
            part = slice(edges[unit], edges[unit + 1])
            out[unit] = weighted_quantile(values[part], weights[part], shares)
    return out


def _sizes(table: Table) -> Array:
    lengths = (table.runs[:, 1] - table.runs[:, 0]).astype(np.float64)
    count = np.bincount(table.runs[:, 2], weights=lengths, minlength=table.areas.size)
    return count + np.bincount(table.cells[:, 1], minlength=table.areas.size)


def _groups(sizes: Array) -> Iterator[Array]:
    group: list[int] = []
    total = 0.0
    for unit, size in enumerate(sizes):
        if group and total + size > _HELD:
            yield np.array(group)
            group, total = [], 0.0
        group.append(unit)
        total += size
    if group:
        yield np.array(group)


def _gather(
    table: Table, rows: int, read: Callable[[int, int], Array], keep: Array, block: int
) -> tuple[Array, Array, Array]:
    parts: list[tuple[Array, Array, Array]] = []
    for first in range(0, rows, block):
        last = min(first + block, rows)
        row, column, unit, weight = expand(table, first, last, keep)
        if row.size:
            values = read(first, last)[row - first, column]
            good = np.isfinite(values)
            parts.append((unit[good], values[good], weight[good]))
    if not parts:
        return np.empty(0, np.int32), np.empty(0), np.empty(0)
    units, values, weights = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return units, values, weights


def class_table(
    table: Table, rows: int, read: Callable[[int, int], Array], *, name: str, block: int = 512
) -> tuple[Array, Array]:
    """Classes that occur and their coverage in every unit: array (classes), array (units, classes)."""
    tally: dict[float, Array] = {}
    for first in range(0, rows, block):
        last = min(first + block, rows)
        row, column, unit, weight = expand(table, first, last)
        if not row.size:
            continue
        values = read(first, last)[row - first, column]
        good = np.isfinite(values)
        classes, place = np.unique(values[good], return_inverse=True)
        count = table.areas.size
        share = np.bincount(
            unit[good].astype(np.int64) * len(classes) + place, weights=weight[good], minlength=count * len(classes)
        )
        for index, value in enumerate(classes):
            column_of = share.reshape(count, len(classes))[:, index]
            tally[float(value)] = tally.get(float(value), 0.0) + column_of
        if len(tally) > _MOST_CLASSES:
            raise LayerError(Problem("zonal.classes", Phrase("layer", name=name), most=_MOST_CLASSES))
    keys = np.array(sorted(tally))
    if not keys.size:
        return keys, np.zeros((table.areas.size, 0))
    return keys, np.stack([tally[float(key)] for key in keys], axis=1)
