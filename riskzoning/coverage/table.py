"""The coverage table: which cells belong to which unit, and with what exact share."""

from __future__ import annotations

import hashlib
import json
import math
import os
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from odc.geo.geobox import GeoBox

from riskzoning.coverage.walking import NOISE, cells_by_row, count_unit_records, runs_by_row, walk_units
from riskzoning.errors import AdminError, LayerError, MissingCRSError, Phrase, Problem

Array = np.ndarray[Any, Any]
Rule = Literal["fraction", "centre", "touched"]
# Raised when a table comes out otherwise.
_FORMAT = 2
# Share of a cell by which skew may move a corner.
_SKEW_TOLERANCE = 1e-4
_POLYGONAL = (3, 6)
# A border of cells and a vertex on it differ by a few last digits of their numbers, never by more than this of a cell.
_ROUNDINGS, _WIDEST_SNAP = 4, 1e-6
# A polygon that rounding has tied in a knot: by how much of its area, and how far, it may change when that is undone.
_ROUNDED, _KNOT = 1e-9, 1e-6


@dataclass(frozen=True, eq=False)
class Table:
    """Border cells with fractions and interior runs of every unit, sorted by row.

    ``cells`` holds (column, unit), ``runs`` (first column, one past the last, unit); ``cell_start[row]`` and
    ``run_start[row]`` say where a row begins. ``areas`` are the units' whole areas in cells, also the part outside.
    """

    cells: Array
    fractions: Array
    cell_start: Array
    runs: Array
    run_start: Array
    areas: Array

    @property
    def covered(self) -> Array:
        """Area of each unit inside the grid, in cells."""
        inside = np.bincount(self.cells[:, 1], weights=self.fractions, minlength=self.areas.size)
        lengths = (self.runs[:, 1] - self.runs[:, 0]).astype(np.float64)
        return inside + np.bincount(self.runs[:, 2], weights=lengths, minlength=self.areas.size)

    def reaches(self, first: int, last: int) -> bool:
        """Whether a unit has a cell in the rows ``first`` to ``last`` (not included)."""
        return bool(self.run_start[first] < self.run_start[last] or self.cell_start[first] < self.cell_start[last])

    def overlaps(self, groups: Array | None = None) -> bool:
        """Whether two units share some ground: a cell that is covered more than once."""
        if groups is None:
            groups = np.zeros(self.areas.size, np.int64)
        return any(self._overlaps(np.asarray(groups == group)) for group in np.unique(groups))

    def _overlaps(self, keep: Array) -> bool:
        rows = len(self.run_start) - 1
        run_rows = np.repeat(np.arange(rows), np.diff(self.run_start))
        order = np.lexsort((self.runs[:, 0], run_rows))
        order = order[keep[self.runs[order, 2]]]
        row, runs = run_rows[order], self.runs[order]
        if np.any((row[1:] == row[:-1]) & (runs[1:, 0] < runs[:-1, 1])):
            return True
        cell_rows = np.repeat(np.arange(rows, dtype=np.int64), np.diff(self.cell_start))
        chosen = keep[self.cells[:, 1]]
        cells, fractions = self.cells[chosen], self.fractions[chosen]
        span = int(max(cells[:, 0].max(initial=0), runs[:, 1].max(initial=0))) + 1
        keys, place = np.unique(cell_rows[chosen] * span + cells[:, 0], return_inverse=True)
        if np.any(np.bincount(place, weights=fractions, minlength=len(keys)) > 1 + 1e-9):
            return True
        # A border cell inside the run of another unit.
        starts = row.astype(np.int64) * span + runs[:, 0]
        before = np.searchsorted(starts, keys, side="right") - 1
        inside = (before >= 0) & (keys < row[before] * span + runs[before, 1]) if len(runs) else np.zeros(1, bool)
        return bool(np.any(inside))


def on_grid(units: gpd.GeoDataFrame, grid: GeoBox) -> gpd.GeoDataFrame:
    """Units in the CRS of the grid."""
    if not isinstance(units, gpd.GeoDataFrame | gpd.GeoSeries):
        raise AdminError(Problem("units.type", Phrase("units"), type=type(units).__name__))
    if units.crs is None:
        raise MissingCRSError(Problem("units.crs", Phrase("units")))
    return units if units.crs == str(grid.crs) else units.to_crs(str(grid.crs))


def window_of(units: gpd.GeoDataFrame, grid: GeoBox, step: int) -> tuple[slice, slice] | None:
    """Rows and columns of a grid that hold every unit, from a multiple of ``step`` rows on; None when they do not meet.

    Units as :func:`on_grid` gives them.
    """
    affine, (rows, columns) = grid.affine, grid.shape
    if units.empty:
        return None
    box = shapely.total_bounds(units.geometry.to_numpy())
    if not np.isfinite(box).all() or affine.b or affine.d:
        return None
    corners = [~affine * (box[i], box[j]) for i, j in ((0, 1), (2, 3))]
    (left, right), (top, bottom) = (sorted(corner[i] for corner in corners) for i in (0, 1))
    first, last = max(math.floor(top) - 1, 0) // step * step, min(math.ceil(bottom) + 1, rows)
    west, east = max(math.floor(left) - 1, 0), min(math.ceil(right) + 1, columns)
    return (slice(first, last), slice(west, east)) if first < last and west < east else None


def prepared_shapes(units: gpd.GeoDataFrame, grid: GeoBox) -> Array:
    """The polygons of units in the CRS of the grid, checked."""
    shapes = on_grid(units, grid).geometry.to_numpy()
    shapes = np.array([shapely.Polygon() if shape is None else shape for shape in shapes], dtype=object)
    kinds = shapely.get_type_id(shapes)
    wrong = ~np.isin(kinds, _POLYGONAL) & ~shapely.is_empty(shapes)
    problems = []
    if wrong.any():
        ids = [f"{i} ({s.geom_type})" for i, s in zip(units.index[wrong], shapes[wrong], strict=True)]
        problems.append(Problem("units.no_polygons", Phrase("units"), ids=ids))
    shapes = _without_knots(shapes)
    broken = ~shapely.is_valid(shapes) & ~wrong
    if broken.any():
        reasons = shapely.is_valid_reason(shapes[broken])
        ids = [f"{i} ({reason})" for i, reason in zip(units.index[broken], reasons, strict=True)]
        problems.append(Problem("units.invalid", Phrase("units"), ids=ids))
    infinite = ~np.isfinite(shapely.bounds(shapes)).all(axis=1) & ~shapely.is_empty(shapes)
    if infinite.any():
        problems.append(Problem("units.place", Phrase("units"), ids=[str(i) for i in units.index[infinite]]))
    if problems:
        raise AdminError(problems=problems)
    return np.asarray(shapes)


def _without_knots(shapes: Array) -> Array:
    """Polygons of which some cross themselves only since their numbers were rounded in another CRS, without that."""
    broken = np.flatnonzero(~shapely.is_valid(shapes) & np.isin(shapely.get_type_id(shapes), _POLYGONAL))
    if not broken.size:
        return shapes
    mended = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    before, after = shapely.area(shapes[broken]), shapely.area(mended)
    with np.errstate(invalid="ignore"):
        same = np.abs(after - before) <= _ROUNDED * before
    same &= shapely.hausdorff_distance(shapes[broken], mended) <= _KNOT
    same &= np.isin(shapely.get_type_id(mended), _POLYGONAL)
    out = shapes.copy()
    out[broken[same]] = mended[same]
    return out


def build_table(grid: GeoBox, shapes: Array, rule: Rule) -> Table:
    """Walk every ring once through the grid."""
    affine = grid.affine
    rows, columns = grid.shape
    # Skew that moves no corner by a noticeable share of a cell is rounding.
    if max(abs(affine.b / affine.a) * rows, abs(affine.d / affine.e) * columns) > _SKEW_TOLERANCE:
        raise LayerError(Problem("coverage.rotated", Phrase("grid_of_layers")))
    x, y, rings, polygons, units = _rings(shapes, affine)
    bounds = count_unit_records(x, y, rings, polygons, units, rows, columns)
    parts = []
    count = len(shapes)
    for first, last in _groups(bounds):
        walked = walk_units(x, y, rings, polygons, units, first, last, rows, columns, rule == "centre", bounds)
        parts.append(walked)
    empty = (np.empty((0, 3), np.int32), np.empty(0), np.empty((0, 4), np.int32), np.zeros(count))
    cells, fractions, runs, areas = (
        (parts[0][i] if len(parts) == 1 else np.concatenate([part[i] for part in parts])) if parts else empty[i]
        for i in range(4)
    )
    del parts
    if rule == "touched":
        fractions = np.ones_like(fractions)
    table = _by_row(cells, fractions, runs, areas, rows)
    if rule != "fraction":
        # Whole cells: the unit's size is what its cells are, enlarged by the share of it that lies outside the grid.
        inside = build_table(grid, shapes, "fraction").covered
        share = np.divide(inside, areas, out=np.ones_like(areas), where=areas > 0)
        sizes = np.divide(table.covered, share, out=np.zeros_like(areas), where=share > 0)
        table = Table(table.cells, table.fractions, table.cell_start, table.runs, table.run_start, sizes)
    return table


def _groups(bounds: Array) -> list[tuple[int, int]]:
    """Units that are walked together: enough to be fast, few enough to be small."""
    groups, first, total = [], 0, 0
    for unit, size in enumerate(bounds):
        total += int(size)
        if total > 4_000_000:
            groups.append((first, unit + 1))
            first, total = unit + 1, 0
    if first < len(bounds):
        groups.append((first, len(bounds)))
    return groups


def _rings(shapes: Array, affine: Any) -> tuple[Array, Array, Array, Array, Array]:
    parts, part_unit = shapely.get_parts(shapes, return_index=True)
    keep = ~shapely.is_empty(parts) & (shapely.get_type_id(parts) == 3)
    parts, part_unit = parts[keep], part_unit[keep]
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, point_ring = shapely.get_coordinates(rings, return_index=True)
    x = _in_cells(points[:, 0], affine.c, affine.a)
    y = _in_cells(points[:, 1], affine.f, affine.e)
    ring_start = np.searchsorted(point_ring, np.arange(len(rings) + 1))
    polygon_start = np.searchsorted(ring_part, np.arange(len(parts) + 1))
    unit_start = np.searchsorted(part_unit, np.arange(len(shapes) + 1))
    return x, y, ring_start.astype(np.int64), polygon_start.astype(np.int64), unit_start.astype(np.int64)


def _in_cells(values: Array, origin: float, step: float) -> Array:
    """Coordinates in cells; those on a border or through the centres, but for the rounding of numbers, exactly so."""
    places = (values - origin) / step
    borders = np.rint(2 * places) / 2
    largest = max(np.abs(values).max(initial=0.0), abs(origin))
    rounding = min(max(NOISE, _ROUNDINGS * np.finfo(np.float64).eps * float(largest) / abs(step)), _WIDEST_SNAP)
    return np.where(np.abs(places - borders) <= rounding, borders, places)


def _by_row(cells: Array, fractions: Array, runs: Array, areas: Array, rows: int) -> Table:
    cells, fractions, cell_start = cells_by_row(cells, fractions, rows)
    runs, run_start = runs_by_row(runs, rows)
    return Table(cells=cells, fractions=fractions, cell_start=cell_start, runs=runs, run_start=run_start, areas=areas)


def table_key(grid: GeoBox, shapes: Array, rule: str, ids: pd.Index) -> str:
    """A hash of everything that a table depends on."""
    digest = hashlib.sha256()
    facts = [_FORMAT, rule, list(grid.shape), list(grid.affine)[:6], str(grid.crs), [str(i) for i in ids]]
    digest.update(json.dumps(facts, ensure_ascii=False).encode())
    for shape in shapely.to_wkb(shapes):
        digest.update(shape)
    return digest.hexdigest()


def save_table(path: str | os.PathLike[str], table: Table, facts: dict[str, Any]) -> None:
    """Write a table and what it belongs to, whole or not at all."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.npz")
    text = np.frombuffer(json.dumps(facts, ensure_ascii=False).encode(), dtype=np.uint8)
    try:
        with partial.open("wb") as stream:
            np.savez(stream, facts=text, **{name: getattr(table, name) for name in Table.__dataclass_fields__})
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def load_table(path: str | os.PathLike[str]) -> tuple[Table, dict[str, Any]]:
    """A table and its facts from a file that :func:`save_table` wrote."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            facts = json.loads(bytes(stored["facts"]).decode())
            table = Table(**{name: stored[name] for name in Table.__dataclass_fields__})
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise LayerError(Problem("coverage.file", str(path), reason=str(error).splitlines()[0])) from None
    return table, facts
