"""Classes of products: those of a hazard or of a risk, and what the file says is no data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from riskzoning.errors import Problem
from riskzoning.products import validate_product
from tests.products.conftest import place, polygons, write

Classes = np.ndarray[Any, Any]


def rules(problems: list[Problem]) -> list[str]:
    return [problem.rule.removeprefix("product.") for problem in problems]


def test_hazard_and_risk_by_part_three_of_a_raster(tmp_path: Path, grid: Path, classes: Classes) -> None:
    classes[0, 0] = 5
    assert validate_product(write(tmp_path / "BY_P_10_130131_01.tif", classes, place()), grid) == []
    (problem,) = validate_product(write(tmp_path / "BY_P_01_130131_01.tif", classes, place()), grid)
    assert (problem.rule, dict(problem.values)["most"]) == ("product.values", 4)
    classes[0, 0] = 6
    assert rules(validate_product(write(tmp_path / "BY_P_10_130131_01.tif", classes, place()), grid)) == ["values"]


def test_classes_of_a_vector(tmp_path: Path) -> None:
    assert rules(validate_product(polygons(tmp_path / "BY_P_10_130131_01.shp", [5]))) == ["values"]
    assert rules(validate_product(polygons(tmp_path / "BY_P_10_130131_02.shp", [0, 1]))) == ["values"]
    assert rules(validate_product(polygons(tmp_path / "BY_P_10_130131_03.shp", [1.5]))) == ["values"]
    assert rules(validate_product(polygons(tmp_path / "BY_P_10_130131_04.shp", [1, None]))) == ["values"]
    assert rules(validate_product(polygons(tmp_path / "BY_P_11_130131_01.shp", [6]))) == ["values"]
    assert rules(validate_product(polygons(tmp_path / "TF_P_10_130131_01.shp", [5]))) == []
    assert rules(validate_product(polygons(tmp_path / "BY_P_10_130131_05.shp", [1], field="grade"))) == ["field"]


def test_no_data_is_what_the_file_says(tmp_path: Path, classes: Classes) -> None:
    classes[0, 0] = 0
    path = tmp_path / "BY_P_01_130131_01.tif"
    assert rules(validate_product(write(path, classes, place(), nodata=255))) == ["values", "no_grid"]
    assert rules(validate_product(write(path, classes, place(), nodata=None))) == ["values", "no_grid"]
    assert rules(validate_product(write(path, classes, place(), nodata=0))) == ["no_grid"]
    assert rules(validate_product(write(path, np.zeros_like(classes), place()))) == ["empty"]
