"""The check of product files from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from riskzoning.cli import app
from tests.products.conftest import CODES, place, transform, write


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["product", "check", *map(str, arguments)])
    return result.exit_code, result.stdout


def test_exit_codes_and_words(tmp_path: Path) -> None:
    grid = write(tmp_path / "grid.tif", CODES, transform())
    good = write(tmp_path / "BY_P_01_130131_01.tif", np.ones((7, 5), np.uint8), place())
    assert run(good, "--grid", grid) == (0, f"{good}: as the rules want it\n") or run(
        good, "--grid", grid, "--lang", "en"
    ) == (0, f"{good}: as the rules want it\n")
    code, text = run(good, "--lang", "zh")
    assert code == 1
    assert "标准格网" in text
    bad = write(tmp_path / "BY_P_01_130131_02.tif", np.full((7, 5), 6, np.uint8), place())
    code, text = run(bad, good, "--grid", grid, "--lang", "en")
    assert code == 2
    assert "6 (35 times)" in text


def test_rows_for_programs(tmp_path: Path) -> None:
    bad = write(tmp_path / "BY_P_01_130131.tif", np.full((7, 5), 5, np.uint8), place(), crs=None)
    code, text = run(bad, tmp_path / "none.shp", "--format", "json", "--lang", "en")
    rows = json.loads(text)
    assert code == 2
    assert {"file", "sheet", "row", "field", "rule", "severity", "found", "required", "fix"} <= set(rows[0])
    assert [row["rule"] for row in rows if row["file"] == str(bad)] == [
        "product.name_parts",
        "product.no_crs",
        "product.values",
        "product.no_grid",
    ]
    assert "file.missing" in {row["rule"] for row in rows}
