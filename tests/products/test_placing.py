"""Where products lie: degrees of CGCS2000."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine

from riskzoning.errors import Problem
from riskzoning.products import validate_product
from tests.products.conftest import place, polygons, write

Classes = np.ndarray[Any, Any]


def rules(problems: list[Problem]) -> list[str]:
    return [problem.rule.removeprefix("product.") for problem in problems]


def test_where_it_lies(tmp_path: Path, classes: Classes) -> None:
    path = tmp_path / "BY_P_01_130131_01.tif"
    (problem, _) = validate_product(write(path, classes, place(), crs="EPSG:4326"))
    assert (problem.rule, problem.severity) == ("product.crs", "warning")
    assert rules(validate_product(write(path, classes, place(), crs=None))) == ["no_crs", "no_grid"]
    assert rules(validate_product(write(path, classes, place(), crs="EPSG:4214"))) == ["crs", "no_grid"]
    metres = Affine(900, 0, 38_450_000, 0, -900, 3_900_000)
    assert rules(validate_product(write(path, classes, metres, crs="EPSG:4526"))) == [
        "projected",
        "crs",
        "cell",
        "no_grid",
    ]
    shape = polygons(tmp_path / "BY_P_10_130131_01.shp", [1], crs="EPSG:4326")
    assert rules(validate_product(shape)) == ["crs"]
    assert rules(validate_product(polygons(shape.with_stem("BY_P_10_130131_02"), [1], crs=None, x=38_450_000))) == [
        "projected",
        "no_crs",
    ]
