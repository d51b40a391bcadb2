"""Class rasters of a run as the census wants them: 30 arc-seconds, uint8 with colours, CGCS2000."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy.ndimage import distance_transform_edt

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.grid import align
from riskzoning.io.writing.cog import CogWriter
from riskzoning.names import Index
from riskzoning.products.grid import StandardGrid, standard_grid
from riskzoning.products.naming import parsed_name, product_name, rules
from riskzoning.results import StudyResult

Classes = NDArray[np.uint8]


def class_raster(
    layer: xr.DataArray,
    path: str | os.PathLike[str],
    *,
    unit: shapely.Geometry | None = None,
    std_grid: str | os.PathLike[str] | StandardGrid | None = None,
) -> Path:
    """Write a layer of classes as a product raster of the census (成果分级栅格): 30 arc-seconds, EPSG:4490.

    A cell takes the class with the largest area in it. Each cell of the unit has a class: where the layer says nothing
    it is that of the nearest cell, which is told.

    Parameters
    ----------
    layer : DataArray
        Classes from 1, dims (y, x), with a CRS; 0 is no data.
    path : path
        A file named as the census wants it (:func:`product_name`); its code says which cells of the grid are written.
    unit : geometry, optional
        The unit in EPSG:4490; cells whose centres lie in it are written. Needed without ``std_grid``.
    std_grid : path, optional
        The standard grid of the census, whose cells of the unit are written instead.

    Returns
    -------
    Path

    Raises
    ------
    LayerError
        No unit and no standard grid, a unit without cells, or classes beyond those of the product.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> from riskzoning.products import validate_product
    >>> geobox = analysis_grid((113.8, 35.2, 114.0, 35.4), crs="EPSG:4490", resolution=0.002)
    >>> grades = layer_on(geobox, np.uint8(3), quantity="hazard_grade")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / product_name("BY", "410702")
    ...     _ = class_raster(grades, file, unit=shapely.box(113.81, 35.21, 113.97, 35.38))
    ...     [problem.rule for problem in validate_product(file)]
    ['product.no_grid']
    """
    file = Path(path)
    name, problems = parsed_name(file)
    if problems:
        raise LayerError(problems=problems)
    geobox, inside = _cells(file, unit, std_grid)
    values = align(layer, geobox).to_numpy().astype(np.int64)
    if values.max(initial=0) > name.classes:
        raise LayerError(Problem("product.too_many", str(file), value=int(values.max()), most=name.classes))
    classes = _filled(values, inside, file)
    palette = rules()["palettes"]["hazard" if name.is_hazard else "risk"]
    colours = standards.palette_colours(palette, name.classes)
    writer = CogWriter(file, geobox, "uint8", nodata=0, colormap=colours, overview="mode")
    writer.write_band(0, classes)
    writer.close()
    return file


def _cells(
    file: Path, unit: shapely.Geometry | None, std_grid: str | os.PathLike[str] | StandardGrid | None
) -> tuple[GeoBox, NDArray[np.bool_]]:
    """The smallest grid around the cells of a unit, and which of its cells those are."""
    span = parsed_name(file)[0].code_range
    if std_grid is not None and span is not None:
        grid = standard_grid(std_grid)
        wanted = grid.cells(*span)
        if not len(wanted):
            raise LayerError(Problem("product.grid_codes", str(file), first=span[0], last=span[1]))
        first, left = int(wanted.rows.min()), int(wanted.columns.min())
        shape = (int(wanted.rows.max()) - first + 1, int(wanted.columns.max()) - left + 1)
        inside = np.zeros(shape, dtype=bool)
        inside[wanted.rows - first, wanted.columns - left] = True
        affine = grid.raster.affine * Affine.translation(left, first)
        if affine.e > 0:
            affine, inside = affine * Affine(1, 0, 0, 0, -1, shape[0]), inside[::-1]
        return GeoBox(shape, affine, "EPSG:4490"), inside
    if unit is None or unit.is_empty:
        raise LayerError(Problem("product.no_unit", str(file)))
    return _within(unit, file)


def _within(unit: shapely.Geometry, file: Path) -> tuple[GeoBox, NDArray[np.bool_]]:
    """Cells of 30 arc-seconds, counted from whole degrees, whose centres lie in a unit."""
    cells = int(rules()["cell_per_degree"])
    west, south, east, north = (value * cells for value in unit.bounds)
    left, top = int(np.floor(west)), int(np.ceil(north))
    shape = (max(top - int(np.floor(south)), 1), max(int(np.ceil(east)) - left, 1))
    x, y = np.meshgrid((left + np.arange(shape[1]) + 0.5) / cells, (top - np.arange(shape[0]) - 0.5) / cells)
    inside = shapely.contains_xy(unit, x, y)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not rows.size:
        raise LayerError(Problem("product.no_cells", str(file)))
    part = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    affine = Affine(1 / cells, 0, (left + int(columns[0])) / cells, 0, -1 / cells, (top - int(rows[0])) / cells)
    return GeoBox(part.shape, affine, "EPSG:4490"), part


def _filled(values: NDArray[np.int64], inside: NDArray[np.bool_], file: Path) -> Classes:
    """Every cell of the unit with a class, none beyond it."""
    known = values > 0
    if not known.any():
        raise LayerError(Problem("product.empty", str(file)))
    empty = inside & ~known
    if empty.any():
        rows, columns = distance_transform_edt(~known, return_distances=False, return_indices=True)
        values = np.where(empty, values[rows, columns], values)
        thing = Phrase("product_file", name=file.name)
        note(Problem("product.filled", thing, severity="warning", count=int(empty.sum()), cells=int(inside.sum())))
    return np.where(inside, values, 0).astype(np.uint8)


def write_products(
    result: StudyResult,
    folder: str | os.PathLike[str],
    *,
    codes: Mapping[str, str] | None = None,
    std_grid: str | os.PathLike[str] | None = None,
    level: str = "county",
) -> list[Path]:
    """Write the class rasters of a run under the names of the census (按普查命名导出成果), one a unit and hazard.

    Parameters
    ----------
    result : StudyResult
        With layers of grades.
    folder : path
    codes : mapping, optional
        Hazard of the study to its code of the census, beside ``drought`` (GH) and ``multi`` (DISA).
    std_grid : path, optional
        As of :func:`class_raster`.
    level : str
        Level of the units.

    Returns
    -------
    list of Path
        The files, in the order of hazards and units; hazards without a code of the census have none.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning.samples import toy_result
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = write_products(toy_result(), folder, codes={"flood": "BY"})
    ...     files[0].name
    'BY_P_13_990101_01.tif'
    """
    units = result.units[level].geometry if level in result.units else gpd.GeoSeries([], crs="EPSG:4490")
    layers = {str(key): layer for key, layer in result.layers.items()}
    return class_rasters(layers, units, result.hazards, folder, codes=codes, std_grid=std_grid)


def class_rasters(
    layers: Mapping[str, xr.DataArray],
    units: gpd.GeoSeries,
    hazards: Sequence[str],
    folder: str | os.PathLike[str],
    *,
    codes: Mapping[str, str] | None = None,
    std_grid: str | os.PathLike[str] | None = None,
) -> list[Path]:
    """The rasters of all units (index: code) and of the hazards that the census has a code for."""
    grid = None if std_grid is None else standard_grid(std_grid)
    known = {**rules()["own"], **(codes or {})}
    out = []
    for hazard in (*hazards, "multi"):
        for what, key in layers_of(hazard).items():
            if hazard not in known or key not in layers:
                continue
            for code, shape in units.to_crs("EPSG:4490").items():
                file = Path(folder) / product_name(known[hazard], str(code), what=what)
                out.append(class_raster(layers[key], file, unit=shape, std_grid=grid))
    return out


def layers_of(hazard: str) -> dict[str, str]:
    """What the census asks of a hazard -> key of the layer of grades."""
    return {
        "hazard": Index(hazard, "hazard").grade_key,
        "population": Index(hazard, "risk", "population").grade_key,
        "gdp": Index(hazard, "risk", "gdp").grade_key,
        "all": Index(hazard, "risk").grade_key,
    }
