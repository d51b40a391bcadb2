"""Levels in one table: which units are unions of others, and a table that has them all."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from riskzoning.coverage.table import Table
from riskzoning.results import LEVELS, VILLAGE, level_order

Array = np.ndarray[Any, Any]


def nesting(units: gpd.GeoDataFrame, shapes: Array, *, exact: bool) -> tuple[Array, Array, Array]:
    """Positions of the units to walk, and which of the others are sums of which of them."""
    count = len(units)
    everything = (np.arange(count), np.empty(0, np.int64), np.empty(0, np.int64))
    columns = set(getattr(units, "columns", ()))
    if not exact or not {"level", "parent"} <= columns or not units.index.is_unique:
        return everything
    levels = units["level"].astype(str).to_numpy()
    present = level_order(units)
    if len(present) < 2:
        return everything
    position = {code: i for i, code in enumerate(units.index)}
    children: dict[int, list[int]] = {}
    # Villages stand beside their townships, which have the same numbers whether somebody has drawn villages or not.
    apart = VILLAGE if set(present) <= set(LEVELS) and "township" in present else None
    for unit, parent in enumerate(units["parent"].tolist()):
        above = position.get(parent)
        if above is not None and above != unit and levels[unit] != apart:
            children.setdefault(above, []).append(unit)
    # From below: what a unit is added up from are those of its children, or what they are added up from.
    order = sorted(children, key=lambda unit: -present.index(levels[unit]))
    areas, boxes = shapely.area(shapes), shapely.bounds(shapes)
    derived: dict[int, list[int]] = {}
    for unit in order:
        if _is_union(unit, children[unit], areas, boxes):
            derived[unit] = sorted(part for child in children[unit] for part in derived.get(child, [child]))
    walked = np.array([i for i in range(count) if i not in derived], dtype=np.int64)
    slot_of = {int(unit): slot for slot, unit in enumerate(walked)}
    targets = [unit for unit, parts in derived.items() for _ in parts]
    sources = [slot_of[part] for parts in derived.values() for part in parts]
    return walked, np.array(targets, dtype=np.int64), np.array(sources, dtype=np.int64)


def _is_union(unit: int, parts: list[int], areas: Array, boxes: Array) -> bool:
    """Whether a unit has the ground of its parts: their area, and their box."""
    whole, held = areas[unit], areas[parts].sum()
    joined = np.r_[boxes[parts, :2].min(axis=0), boxes[parts, 2:].max(axis=0)]
    size = max(float(np.ptp(joined[[0, 2]])), float(np.ptp(joined[[1, 3]])))
    same_box = np.allclose(joined, boxes[unit], rtol=0, atol=1e-6 * size)
    return bool(abs(whole - held) <= 1e-9 * whole and same_box)


def merged_table(table: Table, walked: Array, targets: Array, sources: Array, count: int) -> Table:
    """All units in one table: the parts of a derived unit become its own runs and border cells."""
    rows = len(table.run_start) - 1
    by_source: dict[int, list[int]] = {}
    for target, source in zip(targets.tolist(), sources.tolist(), strict=True):
        by_source.setdefault(source, []).append(target)
    owners = [[int(walked[s]), *by_source.get(s, [])] for s in range(len(walked))]
    repeat = np.array([len(item) for item in owners])
    flat = np.array([unit for item in owners for unit in item], dtype=np.int64)
    start = np.cumsum(repeat) - repeat

    def spread(unit: Array) -> tuple[Array, Array]:
        times = repeat[unit]
        place = np.repeat(np.arange(len(unit)), times)
        step = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        return place, flat[start[unit[place]] + step]

    run_rows = np.repeat(np.arange(rows), np.diff(table.run_start))
    place, owner = spread(table.runs[:, 2])
    runs = np.column_stack([run_rows[place], table.runs[place, 0], table.runs[place, 1], owner])
    cell_rows = np.repeat(np.arange(rows), np.diff(table.cell_start))
    cell_place, cell_owner = spread(table.cells[:, 1])
    # A cell cut by a border between two parts is one cell of the whole.
    keys = np.column_stack([cell_rows[cell_place], table.cells[cell_place, 0], cell_owner])
    order = np.lexsort((keys[:, 2], keys[:, 1], keys[:, 0]))
    keys, shares = keys[order], table.fractions[cell_place][order]
    new = np.r_[True, np.any(keys[1:] != keys[:-1], axis=1)] if len(keys) else np.zeros(0, bool)
    fractions = np.add.reduceat(shares, np.flatnonzero(new)) if len(keys) else shares
    cells = keys[new]
    run_order = np.lexsort((runs[:, 1], runs[:, 0]))
    runs = runs[run_order]
    areas = np.zeros(count)
    areas[walked] = table.areas
    np.add.at(areas, targets, table.areas[sources])
    steps = np.arange(rows + 1)
    return Table(
        cells=np.ascontiguousarray(cells[:, 1:]).astype(np.int32),
        fractions=np.minimum(fractions, 1.0),
        cell_start=np.searchsorted(cells[:, 0], steps).astype(np.int64),
        runs=np.ascontiguousarray(runs[:, 1:]).astype(np.int32),
        run_start=np.searchsorted(runs[:, 0], steps).astype(np.int64),
        areas=areas,
    )
