"""Every rule of census products, broken one at a time; all that is wrong is told at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskzoning.errors import Problem
from riskzoning.products import validate_product
from tests.products.conftest import place, polygons, transform, write

Classes = np.ndarray[Any, Any]


def rules(problems: list[Problem]) -> list[str]:
    return [problem.rule.removeprefix("product.") for problem in problems]


def test_a_raster_as_the_rules_want_it(tmp_path: Path, grid: Path, classes: Classes) -> None:
    for name in ("BY_P_01_130131_01.tif", "BY_P_11_130131_99.tiff", "BY_P_10_130131_01_more.TIF"):
        assert validate_product(write(tmp_path / name, classes, place()), grid) == []


def test_a_vector_as_the_rules_want_it(tmp_path: Path) -> None:
    assert validate_product(polygons(tmp_path / "BY_P_10_130131_01.shp", [1, 2, 3, 4])) == []
    assert validate_product(polygons(tmp_path / "BY_P_11_130131_01.shp", [1, 5])) == []
    small = polygons(tmp_path / "LD_P_4_130131_01.shp", [4])
    for part in sorted(tmp_path.glob("LD_*")):
        part.rename(part.with_suffix(part.suffix.upper()))
    assert validate_product(small.with_suffix(".SHP")) == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("BY_P_01_130131.tif", "name_parts"),
        ("XX_P_01_130131_01.tif", "hazard"),
        ("by_P_01_130131_01.tif", "hazard"),
        ("BY__01_130131_01.tif", "kind"),
        ("BY_P_A1_130131_01.tif", "number"),
        ("BY_P_01_1301_01.tif", "code"),
        ("BY_P_01_000000_01.tif", "code"),
        ("BY_P_01_1301311000_01.tif", "code"),
        ("BY_P_01_130131_00.tif", "sequence"),
        ("BY_P_01_130131_100.tif", "sequence"),
        ("BY_P_01_130131_1.tif", "sequence"),
    ],
)
def test_parts_of_the_name(tmp_path: Path, classes: Classes, name: str, rule: str) -> None:
    assert rules(validate_product(write(tmp_path / name, classes, place()))) == [rule, "no_grid"]


def test_the_ending(tmp_path: Path, classes: Classes) -> None:
    path = write(tmp_path / "BY_P_01_130131_01.img", classes, place())
    assert rules(validate_product(path)) == ["extension"]


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path, grid: Path, classes: Classes) -> None:
    values = classes.astype(np.float64)
    values[0, 0] = 6.5
    path = write(tmp_path / "XX_P_01_130131_00.tif", values, transform(4, 3, 31 / 3600), crs="EPSG:4326")
    told = rules(validate_product(path, grid))
    assert told[:7] == ["hazard", "sequence", "crs", "dtype", "cell", "values", "grid_extent"]


def test_what_cannot_be_read(tmp_path: Path, grid: Path, classes: Classes) -> None:
    broken = tmp_path / "BY_P_01_130131_01.tif"
    broken.write_bytes(b"II*\0 no raster")
    assert rules(validate_product(broken)) == ["unreadable"]
    lone = tmp_path / "BY_P_10_130131_01.shp"
    lone.write_bytes(b"no shape at all")
    assert rules(validate_product(lone)) == ["unreadable"]
    good = write(tmp_path / "BY_P_01_130131_02.tif", classes, place())
    (problem,) = validate_product(good, tmp_path / "none.tif")
    assert problem.rule == "file.missing"
