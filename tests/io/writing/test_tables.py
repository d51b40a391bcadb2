"""Tables and records: no formula, no NaN, the same bytes."""

from __future__ import annotations

import csv
import json
import time
from io import StringIO
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from riskzoning import io
from riskzoning.io.writing.tables import safe_text


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@sum", "\t=1"])
def test_cells_never_run_as_formulas(tmp_path: Path, text: str) -> None:
    frame = pd.DataFrame({"name": [text]})
    io.write_csv(tmp_path / "a.csv", frame)
    io.write_workbook(tmp_path / "a.xlsx", {"a": frame})
    for found in (pd.read_csv(tmp_path / "a.csv")["name"][0], pd.read_excel(tmp_path / "a.xlsx")["name"][0]):
        assert found.startswith("'")


def test_json_has_no_nan(tmp_path: Path) -> None:
    io.write_json(tmp_path / "a.json", {"b": np.nan, "a": [np.int64(1), np.float32(0.5), Path("x")], "乡": True})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"a": [1, 0.5, "x"], "b": None, "乡": True}


def test_workbooks_have_the_same_bytes_later(tmp_path: Path) -> None:
    for name in ("a", "b"):
        io.write_workbook(tmp_path / f"{name}.xlsx", {"t": pd.DataFrame({"x": [1.5]})}, date="2026-06-30")
        time.sleep(1.1)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


FORMULAS = [
    "=1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "+1+1",
    "-1+1",
    "\t=1",
    "\r=1",
    " =1+1",
    "\n=1",
    "＝1+1",
    "\x1b=1",
    "\u202e=1",
]
PLAIN = ["-5", "+1e3", "乡镇", "a=b", "0410", "a\nb", ""]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_text_in_cells_and_headings_of_every_table(text: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({text: [text, "x"], "category": pd.Categorical([text, "x"])})
    io.write_csv(tmp_path / "a.csv", frame)
    io.write_workbook(tmp_path / "a.xlsx", {"a": frame})
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == list(csv.reader(StringIO(io.csv_text(frame), newline="")))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    for value in [rows[0][0], *rows[1], *(str(cells[place].value) for place in (0, 2, 3))]:
        assert value.startswith("'")
        assert "\x1b" not in value


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert safe_text(text) == text


def test_two_columns_of_one_name_stay_two() -> None:
    frame = pd.DataFrame([[1, "=a"]], columns=["x", "x"])
    assert io.csv_text(frame) == "x,x\n1,'=a\n"
