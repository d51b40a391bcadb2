"""What a streamed sheet does not tell: merged areas, and formulas that were never computed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl

from riskzoning.io.tables.marks import SheetMarks, sheet_marks
from riskzoning.io.tables.streams import table_sheets


def book(path: Path) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["county", "people", "sum"])
    for number in range(2, 6):
        sheet.append(["A" if number == 2 else None, number, f"=B{number}*2" if number > 3 else 4])
    sheet.merge_cells("A2:A4")
    sheet.merge_cells("A7:C7")
    made.save(path)
    return path


def test_merged_columns_and_formulas_without_a_value(tmp_path: Path) -> None:
    with zipfile.ZipFile(book(tmp_path / "book.xlsx")) as archive:
        marks = sheet_marks(archive, "xl/worksheets/sheet1.xml")
    assert marks.merged == ((2, 4, 1),)
    assert marks.formulas == {(4, 3): "=B4*2", (5, 3): "=B5*2"}


def test_formulas_with_a_value_are_no_marks(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("s.xml", '<c r="A1"><f>B1*2</f><v>4</v></c><c r="AB12" t="str"><f>B2&amp;"x"</f><v></v></c>')
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert sheet_marks(archive, "s.xml") == SheetMarks((), {(12, 28): '=B2&"x"'})


def test_marks_across_the_end_of_a_block(tmp_path: Path) -> None:
    cell = '<c r="A1"><f>B1*2</f><v></v></c>'
    for before in ((1 << 20) - 10, (1 << 20) - len(cell) + 3):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("s.xml", " " * before + cell)
        with zipfile.ZipFile(tmp_path / "a.zip") as archive:
            assert sheet_marks(archive, "s.xml").formulas == {(1, 1): "=B1*2"}


def test_streams_fill_texts_of_merged_cells_and_write_formulas(tmp_path: Path) -> None:
    sheet = next(sheets := table_sheets(book(tmp_path / "book.xlsx")))
    rows = list(sheet.rows)
    assert list(sheets) == []
    assert [row[0] for row in rows[1:5]] == ["A", "A", "A", None]
    assert [row[2] for row in rows[1:5]] == [4, 4, "=B4*2", "=B5*2"]
    assert (sheet.hidden, sheet.merged) == (False, ((2, 4, 1),))
