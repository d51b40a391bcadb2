"""The check of a product raster: type, cells, classes and the standard grid, in blocks of rows."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from odc.geo.crs import CRS

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.io.rasters.raw import RawRaster, raw_raster
from riskzoning.products.classes import class_problem
from riskzoning.products.grid import Cells, StandardGrid, standard_grid
from riskzoning.products.naming import ProductName, rules
from riskzoning.products.placing import place_problems

Mask = NDArray[np.bool_]
_GLOBE = 360.0


def raster_problems(path: Path, name: ProductName, grid: str | os.PathLike[str] | StandardGrid | None) -> list[Problem]:
    """Everything that is wrong with a product raster beside its name."""
    raster = raw_raster(path)
    thing = str(path)
    corners = [raster.affine * corner for corner in ((0, 0), (raster.width, raster.height))]
    bounds = (corners[0][0], corners[0][1], corners[1][0], corners[1][1])
    problems = place_problems(thing, raster.crs, bounds)
    problems += _form(raster, thing)
    cells, wrong = _read(raster, name)
    problems += class_problem(thing, wrong, name)
    if not len(cells):
        problems.append(Problem("product.empty", thing))
    elif grid is None:
        problems.append(Problem("product.no_grid", thing, severity="info"))
    else:
        problems += _against_grid(raster, cells, name, grid)
    return problems


def _form(raster: RawRaster, thing: str) -> list[Problem]:
    """Type, bands, rotation and size of cells."""
    table, affine = rules(), raster.affine
    tolerance, wanted = table["tolerance"], 1 / table["cell_per_degree"]
    problems = []
    if raster.dtype not in table["dtypes"]:
        problems.append(Problem("product.dtype", thing, value=raster.dtype, known=table["dtypes"]))
    if raster.bands != 1:
        problems.append(Problem("product.bands", thing, severity="warning", count=raster.bands))
    if abs(affine.b) > tolerance or abs(affine.d) > tolerance:
        problems.append(Problem("product.rotation", thing, x=affine.b, y=affine.d))
    if max(abs(abs(affine.a) - wanted), abs(abs(affine.e) - wanted)) > tolerance:
        # Cells of another CRS have no arc-seconds; steps of more than the globe are no degrees either.
        plane = (raster.crs is not None and not CRS(raster.crs).geographic) or abs(affine.a) > _GLOBE
        unit, factor = (Phrase("in_plane_units"), 1) if plane else (Phrase("in_seconds"), 3600)
        x, y = (round(abs(step) * factor, 4) for step in (affine.a, affine.e))
        problems.append(Problem("product.cell", thing, x=x, y=y, unit=unit))
    return problems


def _read(raster: RawRaster, name: ProductName) -> tuple[Cells, Counter[str]]:
    """The cells that hold something, and the values among them that are no class."""
    rows, columns = [], []
    wrong: Counter[str] = Counter()
    for first, values in raster.blocks():
        valid = _valid(values, raster.nodata)
        at, across = np.nonzero(valid)
        rows.append(at + first)
        columns.append(across)
        held = values[valid]
        with np.errstate(invalid="ignore"):
            bad = held[~((held >= 1) & (held <= name.classes) & (held == np.floor(held)))]
        for value, count in zip(*np.unique(bad, return_counts=True), strict=True):
            wrong[f"{value:g}"] += int(count)
    return Cells(np.concatenate(rows).astype(np.int64), np.concatenate(columns).astype(np.int64)), wrong


def _valid(values: NDArray[np.generic], nodata: float | None) -> Mask:
    if nodata is None:
        return np.ones(values.shape, dtype=bool)
    if np.isnan(nodata):
        return ~np.isnan(values)
    return np.asarray(values != nodata)


def _against_grid(
    raster: RawRaster, cells: Cells, name: ProductName, path: str | os.PathLike[str] | StandardGrid
) -> list[Problem]:
    """The cells of the product are those of its unit in the standard grid: as many, as far, the same."""
    thing = str(raster.path)
    span = name.code_range
    if span is None:
        return [Problem("product.no_range", thing, severity="info")]
    try:
        grid = standard_grid(path)
    except LayerError as error:
        return [problem.at(Phrase("standard_grid", path=str(path))) for problem in error.problems]
    wanted = grid.cells(*span)
    if not len(wanted):
        return [Problem("product.grid_codes", thing, first=span[0], last=span[1])]
    problems = []
    if len(cells) != len(wanted):
        problems.append(Problem("product.grid_count", thing, count=len(cells), wanted=len(wanted)))
    mine, theirs = cells.extent(raster), wanted.extent(grid.raster)
    tolerance = rules()["tolerance"]
    if max(abs(a - b) for a, b in zip(mine, theirs, strict=True)) > tolerance:
        shown = [tuple(f"{value:.6f}" for value in box) for box in (mine, theirs)]
        problems.append(Problem("product.grid_extent", thing, extent=shown[0], wanted=shown[1]))
    return problems + _misses(raster, cells, wanted, grid)


def _misses(raster: RawRaster, cells: Cells, wanted: Cells, grid: StandardGrid) -> list[Problem]:
    """Cells whose centres lie on no cell of the unit in the standard grid; the first of them are shown."""
    x, y = cells.corners(raster)
    x, y = x + abs(raster.affine.a) / 2, y - abs(raster.affine.e) / 2
    affine, width = grid.raster.affine, grid.raster.width
    columns = np.floor((x - affine.c) / affine.a).astype(np.int64)
    rows = np.floor((y - affine.f) / affine.e).astype(np.int64)
    outside = (columns < 0) | (columns >= width) | (rows < 0) | (rows >= grid.raster.height)
    known = np.isin(rows * width + columns, wanted.rows * width + wanted.columns) & ~outside
    misses = np.flatnonzero(~known)
    if not misses.size:
        return []
    shown = tuple(f"{x[at]:.6f} {y[at]:.6f}" for at in misses[: rules()["misses_shown"]])
    return [Problem("product.grid_cells", str(raster.path), count=int(misses.size), places=shown)]
