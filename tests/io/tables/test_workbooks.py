"""Workbooks: sheets, merged cells, formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from riskzoning import io
from riskzoning.errors import LayerError, RiskZoningWarning
from riskzoning.io.tables.workbooks import is_workbook, workbook_rows


def workbook(path: Path, *rows: list[Any], merged: str | None = None) -> Workbook:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    book.save(path)
    return book


def test_the_first_visible_sheet_with_rows_is_read(tmp_path: Path) -> None:
    book = workbook(tmp_path / "a.xlsx", ["code", "v"], ["1", 1])
    book.active.sheet_state = "hidden"
    for number in (2, 3):
        sheet = book.create_sheet(f"S{number}")
        sheet.append(["code", "v"])
        sheet.append([str(number), number])
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    with pytest.warns(RiskZoningWarning) as caught:
        found = io.read_table(tmp_path / "a.xlsx")
    assert found["v"].tolist() == [2]
    (warning,) = caught
    assert isinstance(warning.message, RiskZoningWarning)
    assert warning.filename == __file__
    problem = warning.message.problem
    assert (problem.rule, dict(problem.values)) == ("table.sheet_chosen", {"chosen": "S2", "others": ("S3",)})
    assert io.read_table(tmp_path / "a.xlsx", sheet="Sheet")["v"].tolist() == [1]


def test_merged_texts_belong_to_all_their_rows_and_merged_numbers_to_one(tmp_path: Path) -> None:
    rows = (["county", "people", "name"], ["红旗区", 90, "甲"], [None, None, "乙"], ["卫滨区", 5, "丙"])
    workbook(tmp_path / "a.xlsx", *rows, merged="A2:A3")
    found = io.read_table(tmp_path / "a.xlsx")
    assert found["county"].tolist() == ["红旗区", "红旗区", "卫滨区"]
    workbook(tmp_path / "b.xlsx", *rows, merged="B2:B3")
    assert io.read_table(tmp_path / "b.xlsx")["people"].sum() == 95


def test_workbooks_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "old.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    workbook(tmp_path / "formula.xlsx", ["code", "v"], ["1", "=1+1"])
    workbook(tmp_path / "empty.xlsx")
    for name, reason in (
        ("old.xls", "Excel 97-2003"),
        ("formula.xlsx", r"formulas without a stored value \(1\): row 2 \(=1\+1\)"),
        ("empty.xlsx", "has no rows"),
    ):
        with pytest.raises(LayerError, match=reason):
            io.read_table(tmp_path / name)
    # The first bytes count, not the name.
    workbook(tmp_path / "a.xlsx", ["code", "v"], [410702.0, 3])
    (tmp_path / "a.csv").write_bytes((tmp_path / "a.xlsx").read_bytes())
    assert io.read_table(tmp_path / "a.csv").to_dict("records") == [{"code": "410702", "v": 3}]


def test_the_first_bytes_tell_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_text("code,name", encoding="utf-8")
    assert not is_workbook(tmp_path / "a.xls")
    workbook(tmp_path / "b.xlsx", ["code", 1])
    (tmp_path / "b.csv").write_bytes((tmp_path / "b.xlsx").read_bytes())
    assert is_workbook(tmp_path / "b.csv")
    assert workbook_rows(tmp_path / "b.csv", None) == [["code", 1]]


def test_a_sheet_that_is_not_there_is_told(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", ["code", "v"], ["1", 1])
    with pytest.raises(LayerError) as caught:
        io.read_table(tmp_path / "a.xlsx", sheet="人口")
    assert (caught.value.problems[0].rule, caught.value.problems[0].required) == (
        "table.sheet",
        "one of its sheets: Sheet",
    )
