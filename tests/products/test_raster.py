"""Cells of product rasters, alone and against the standard grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine

from riskzoning.errors import Problem
from riskzoning.products import validate_product
from tests.products.conftest import CELL, CODES, place, transform, write

Classes = np.ndarray[Any, Any]


def rules(problems: list[Problem]) -> list[str]:
    return [problem.rule.removeprefix("product.") for problem in problems]


def test_type_cells_and_rotation(tmp_path: Path, classes: Classes) -> None:
    path = tmp_path / "BY_P_01_130131_01.tif"
    assert rules(validate_product(write(path, classes.astype(np.float32), place()))) == ["dtype", "no_grid"]
    assert rules(validate_product(write(path, classes.astype(np.int32), place()))) == ["no_grid"]
    thirty_one = transform(2, 3, 31 / 3600)
    assert rules(validate_product(write(path, classes, thirty_one))) == ["cell", "no_grid"]
    metres = write(path, classes, Affine(100, 0, 460_000, 0, -100, 3_900_000), crs="EPSG:4547")
    told = next(problem for problem in validate_product(metres) if "cell" in problem.rule)
    assert told.as_row("en")["found"] == "has cells of 100 x 100 in the units of its projection (usually m)"
    turned = place() * Affine.rotation(1)
    assert "rotation" in rules(validate_product(write(path, classes, turned)))
    small = place() * Affine.scale(1 + 1e-6)
    assert rules(validate_product(write(path, classes, small))) == ["no_grid"]


def test_rows_from_south_to_north(tmp_path: Path, grid: Path, classes: Classes) -> None:
    south_up = Affine(CELL, 0, place().c, 0, CELL, place().f - 7 * CELL)
    assert validate_product(write(tmp_path / "BY_P_01_130131_01.tif", classes[::-1], south_up), grid) == []


def test_one_cell_missing_or_too_many(tmp_path: Path, grid: Path, classes: Classes) -> None:
    path = tmp_path / "BY_P_01_130131_01.tif"
    classes[3, 2] = 0
    assert rules(validate_product(write(path, classes, place()), grid)) == ["grid_count"]
    wide = np.ones((7, 6), np.uint8)
    wide[1:, 5] = 0
    told = validate_product(write(path, wide, place()), grid)
    assert rules(told) == ["grid_count", "grid_extent", "grid_cells"]
    assert dict(told[2].values)["count"] == 1


def test_one_cell_off(tmp_path: Path, grid: Path, classes: Classes) -> None:
    told = validate_product(write(tmp_path / "BY_P_01_130131_01.tif", classes, transform(3, 3)), grid)
    assert rules(told) == ["grid_extent", "grid_cells"]
    assert dict(told[1].values)["count"] == 5
    far = validate_product(write(tmp_path / "BY_P_01_130131_01.tif", classes, transform(40, 40)), grid)
    assert len(dict(far[1].values)["places"]) == 10
    assert dict(far[1].values)["count"] == 35


def test_cells_of_another_code(tmp_path: Path, grid: Path, classes: Classes) -> None:
    told = validate_product(write(tmp_path / "BY_P_01_130132_01.tif", classes, place()), grid)
    assert rules(told) == ["grid_count", "grid_extent", "grid_cells"]


def test_the_code_of_a_township_stands_for_itself(tmp_path: Path, grid: Path, classes: Classes) -> None:
    path = write(tmp_path / "BY_P_01_130131100_01.tif", classes[:4], place())
    assert validate_product(path, grid) == []
    assert int((CODES == 130131100).sum()) == classes[:4].size


def test_the_code_of_a_city_does_not_stand_for_its_counties(tmp_path: Path, grid: Path, classes: Classes) -> None:
    told = validate_product(write(tmp_path / "BY_P_01_130100_01.tif", classes, place()), grid)
    assert rules(told) == ["grid_codes"]
    assert "130100000" in told[0].text("en")
