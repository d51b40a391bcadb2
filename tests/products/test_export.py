"""What is exported passes the own check: names, classes, cells, colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
import xarray as xr

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.products import class_raster, product_name, validate_product, write_products
from riskzoning.samples import toy_result
from tests.products.conftest import CELL, COUNTY, NORTH, WEST

SMALL = shapely.Point(WEST + 0.001, NORTH - 0.001).buffer(1e-5)
UNIT = shapely.box(WEST + 3 * CELL, NORTH - 9 * CELL, WEST + 8 * CELL, NORTH - 2 * CELL)


def grades(*, most: int = 4) -> xr.DataArray:
    box = (WEST - 0.01, NORTH - 0.2, WEST + 0.2, NORTH + 0.01)
    grid = analysis_grid(box, crs="EPSG:4490", resolution=0.002)
    values = (np.add.outer(np.arange(grid.shape[0]), np.arange(grid.shape[1])) // 12 % most + 1).astype(np.uint8)
    return layer_on(grid, values, quantity="hazard_grade")


def test_a_product_passes_the_own_check(tmp_path: Path, grid: Path) -> None:
    path = class_raster(grades(), tmp_path / product_name("BY", "130131"), std_grid=grid)
    assert validate_product(path, grid) == []
    with rasterio.open(path) as file:
        assert (file.dtypes[0], file.nodata, str(file.crs)) == ("uint8", 0, "EPSG:4490")
        assert file.colormap(1)[4] != file.colormap(1)[1]
        assert file.shape == (7, 5)
        assert set(np.unique(file.read(1))) <= {1, 2, 3, 4}


def test_without_the_standard_grid_cells_are_those_of_the_unit(tmp_path: Path, grid: Path) -> None:
    path = class_raster(grades(), tmp_path / product_name("BY", "130131", what="gdp"), unit=UNIT)
    assert validate_product(path, grid) == []
    assert cells_of(path).shape == (COUNTY[0].stop - COUNTY[0].start, COUNTY[1].stop - COUNTY[1].start)


def cells_of(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read(1)


def test_cells_without_a_class_take_the_nearest_and_it_is_told(tmp_path: Path, grid: Path) -> None:
    layer = grades()
    layer = layer.where(layer.x > WEST + 5 * CELL, 0).astype(np.uint8).assign_attrs(layer.attrs)
    with hearing(Journal()) as journal:
        path = class_raster(layer, tmp_path / product_name("BY", "130131"), std_grid=grid)
    (problem,) = [item for item in journal.warnings if item.rule == "product.filled"]
    assert dict(problem.values)["cells"] == 35
    assert dict(problem.values)["count"] == 14
    assert validate_product(path, grid) == []


def test_what_cannot_be_a_product(tmp_path: Path, grid: Path) -> None:
    for layer, name, options, rule in (
        (grades(most=5), product_name("BY", "130131"), {"std_grid": grid}, "product.too_many"),
        (grades(), product_name("BY", "130131"), {}, "product.no_unit"),
        (grades(), product_name("BY", "990131"), {"std_grid": grid}, "product.grid_codes"),
        (grades(), "BY_P_01.tif", {"std_grid": grid}, "product.name_parts"),
        (
            grades(),
            product_name("BY", "130131"),
            {"unit": SMALL},
            "product.no_cells",
        ),
        (grades() * 0, product_name("BY", "130131"), {"unit": UNIT}, "product.empty"),
    ):
        with pytest.raises(LayerError) as error:
            class_raster(layer.assign_attrs(grades().attrs), tmp_path / name, **options)
        assert error.value.problems[0].rule == rule
        assert not (tmp_path / name).exists()


def test_products_of_a_run(tmp_path: Path) -> None:
    result = toy_result()
    with hearing(Journal()):
        files = write_products(result, tmp_path, codes={"flood": "BY"})
    assert [file.name for file in files] == [
        f"{code}_P_{number:02d}_{county}_01.tif"
        for code, number in (("BY", 13), ("DISA", 7))
        for county in result.units["county"].index
    ]
    for file in files:
        assert [problem.rule for problem in validate_product(file)] == ["product.no_grid"]
