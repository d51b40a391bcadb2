"""The check of a product file: its name, classes, cells and place; everything is looked at, nothing is changed."""

from __future__ import annotations

import os
from pathlib import Path

from riskzoning.errors import LayerError, Problem
from riskzoning.io.vectors.raw import RawVector, raw_vector
from riskzoning.products.classes import wrong_classes
from riskzoning.products.grid import StandardGrid
from riskzoning.products.naming import ProductName, parsed_name, rules
from riskzoning.products.placing import place_problems
from riskzoning.products.raster import raster_problems


def validate_product(
    path: str | os.PathLike[str], std_grid: str | os.PathLike[str] | StandardGrid | None = None
) -> list[Problem]:
    """Check a product file of the census (成果文件检查): GeoTIFF of classes, or shapefile with a field ``class``.

    Parameters
    ----------
    path : path
        ``灾种_成果类型_数据对象细化代码_行政区划码_序号.tif`` (or ``.tiff .shp``), e.g. ``BY_P_01_410702_01.tif``.
    std_grid : path, optional
        The standard grid: a raster of 30 arc-seconds whose values are nine-digit codes of townships. Without it the
        cells of a raster are not compared with it, which is said.

    Returns
    -------
    list of Problem
        All that is wrong, at once; empty when the file is as the rules want it. Rules are ``product.<what>``, severity
        error, warning or info.

    Examples
    --------
    >>> [problem.rule for problem in validate_product("BY_P_130131_01.tif")]
    ['product.name_parts', 'product.number', 'product.code', 'file.missing']
    """
    file = Path(path)
    name, problems = parsed_name(file)
    try:
        if name.vector:
            problems += _vector(raw_vector(file), name)
        elif file.suffix.lower() in rules()["extensions"]["raster"]:
            problems += raster_problems(file, name, std_grid)
    except LayerError as error:
        problems += error.problems
    return problems


def _vector(layer: RawVector, name: ProductName) -> list[Problem]:
    table, thing = rules(), str(layer.path)
    problems = place_problems(thing, layer.crs, layer.bounds)
    wanted = table["field"]
    field = next((item for item in layer.fields if item.lower() == wanted), None)
    if field is None:
        problems.append(Problem("product.field", thing, names=list(layer.fields), field=wanted))
    elif not layer.features:
        problems.append(Problem("product.empty", thing))
    else:
        problems += wrong_classes(thing, layer.column(field), name)
    return problems
