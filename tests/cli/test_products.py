"""The check of product files from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from riskzoning.cli import app
from riskzoning.database import open_database
from riskzoning.io import write_cog
from riskzoning.samples import toy_result
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


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run: its record, the units of two levels, layers of grades."""
    folder = tmp_path_factory.mktemp("run")
    result = toy_result()
    (folder / "layers").mkdir()
    grades = result.layers["multi_risk_grade"]
    for key, most in (("flood_hazard_grade", 4), ("multi_risk_grade", 5)):
        layer = grades.copy(data=np.minimum(grades.to_numpy(), most))
        write_cog(folder / "layers" / f"{result.code}_{key}.tif", layer)
    (folder / "tables").mkdir()
    for level in result.levels:
        table = pd.DataFrame(result.units[level].drop(columns="geometry")).rename_axis("code").reset_index()
        table.to_csv(folder / "tables" / f"units_{level}.csv", index=False, encoding="utf-8-sig")
    for name, table in result.tables.items():
        table.to_csv(folder / "tables" / f"{name}.csv", index=False, encoding="utf-8-sig")
    open_database(folder / "database.gpkg").write(result)
    study = {"code": result.code, "hazards": [{"hazard": name} for name in result.hazards]}
    (folder / "run.json").write_text(json.dumps({"run_id": "toy", "study": study}), encoding="utf-8")
    return folder


def written(*arguments: object) -> tuple[int, str, str]:
    outcome = CliRunner().invoke(app, ["product", "write", *map(str, arguments), "--lang", "en"])
    return outcome.exit_code, outcome.stdout, outcome.stderr


def test_products_of_a_run_pass_the_check(finished: Path, tmp_path: Path) -> None:
    code, text, told = written(finished, "-o", tmp_path / "products", "--code", "flood=BY", "--format", "json")
    assert code == 0, told
    files = [Path(row["file"]) for row in json.loads(text)]
    assert sorted(path.name for path in (tmp_path / "products").iterdir()) == sorted(path.name for path in files)
    assert {path.name for path in files} >= {"BY_P_01_990101_01.tif", "BY_P_01_990102_01.tif"}
    # Without the standard grid nothing can be said of its cells.
    assert run(*files)[0] == 1


def test_what_cannot_be_written_is_told(finished: Path, tmp_path: Path) -> None:
    assert written(finished, "-o", tmp_path, "--code", "flood=XX")[0] == 2
    code, _, told = written(finished, "-o", tmp_path / "none", "--level", "village")
    assert (code, "--level" in told) == (2, True)
    assert not (tmp_path / "none").exists()
    assert written(tmp_path / "nothing", "-o", tmp_path / "none")[0] == 2


def test_a_folder_that_takes_no_files_is_the_surroundings(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert written(finished, "-o", tmp_path / "file" / "products", "--code", "flood=BY")[0] == 3
