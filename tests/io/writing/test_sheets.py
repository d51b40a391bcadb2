"""Rows of worksheets: what a reader of spreadsheets gets back is what the table held."""

from __future__ import annotations

import io as memory
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from riskzoning import io
from riskzoning.io.writing.sheets import plain, rows_xml


def _read(folder: Path, frame: pd.DataFrame) -> list[list[Any]]:
    io.write_workbook(folder / "a.xlsx", {"a": frame})
    return [list(row) for row in openpyxl.load_workbook(folder / "a.xlsx")["a"].iter_rows(values_only=True)]


def test_every_kind_of_value_comes_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "mixed": [1, 2.5, True, None, pd.NaT, pd.Timestamp("2020-01-01"), Path("a"), 10**15],
        "real": [0.1, np.nan, np.inf, -1e-300, 1e300, 3.0, -0.25, 7.0],
        "flag": [True, False] * 4,
        "small": np.arange(8, dtype=np.int8),
        "text": ["乡", " x ", "<&>\"'", "a\nb", "#N/A", "", "c\x01d\ufffe", "0410"],
    })  # fmt: skip
    heading, *rows = _read(tmp_path, frame)
    assert heading == list(frame.columns)
    mixed, real, flag, small, text = (list(column) for column in zip(*rows, strict=True))
    assert mixed == [1, 2.5, True, None, None, "2020-01-01T00:00:00", "a", 10**15]
    assert real == [0.1, None, None, -1e-300, 1e300, 3, -0.25, 7]
    assert flag == [True, False] * 4
    assert small == list(range(8))
    assert text == ["乡", " x ", "<&>\"'", "a\nb", "#N/A", None, "cd", "0410"]


def test_text_is_cut_where_a_cell_ends(tmp_path: Path) -> None:
    assert len(_read(tmp_path, pd.DataFrame({"a": ["x" * 40000]}))[1][0]) == 32767


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"a": []})])
def test_a_table_without_rows_is_a_sheet_with_its_heading(tmp_path: Path, frame: pd.DataFrame) -> None:
    io.write_workbook(tmp_path / "a.xlsx", {"a": frame})
    assert pd.read_excel(tmp_path / "a.xlsx").columns.tolist() == list(frame.columns)


def test_rows_are_those_that_openpyxl_writes(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [0.1 + 0.2, 1e22, np.nan], "name": ["a&b", " c", None], "n": [1, -2, 3]})
    book = openpyxl.Workbook()
    for row in [list(frame.columns), [0.1 + 0.2, "a&b", 1], [1e22, " c", -2], [None, None, 3]]:
        book.active.append(row)
    buffer = memory.BytesIO()
    book.save(buffer)
    theirs = zipfile.ZipFile(buffer).read("xl/worksheets/sheet1.xml")
    assert rows_xml(frame) + b"</sheetData>" in theirs
    io.write_workbook(tmp_path / "a.xlsx", {"Sheet": frame})
    ours = zipfile.ZipFile(tmp_path / "a.xlsx").read("xl/worksheets/sheet1.xml")
    # With lxml installed empty elements end without a blank.
    assert b'<dimension ref="A1:C4"' in ours
    assert rows_xml(frame) in ours


def test_plain_values_are_those_of_json() -> None:
    given = {
        "b": np.nan,
        "a": [np.int64(1), np.float32(0.5), Path("x")],
        3: {"y", "x"},
        "d": pd.Timestamp("2020-01-01"),
    }
    wanted = {"b": None, "a": [1, 0.5, "x"], "3": ["x", "y"], "d": "2020-01-01T00:00:00"}
    assert plain(given) == wanted
