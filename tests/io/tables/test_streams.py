"""Tables row by row: every sheet, any encoding, what is no text."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from riskzoning.errors import LayerError
from riskzoning.io.tables.streams import table_sheets


def test_sheets_of_a_workbook_hidden_ones_last(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "hidden"
    book.active.sheet_state = "hidden"
    book.create_sheet("shown").append([1, "乡"])
    book.save(tmp_path / "a.xlsx")
    sheets = [(sheet.name, list(sheet.rows)) for sheet in table_sheets(tmp_path / "a.xlsx")]
    assert [name for name, _ in sheets] == ["shown", "hidden"]
    assert sheets[0][1] == [[1, "乡"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes("名称,人口\r\n甲,1\r\n".encode(encoding))
    (sheet,) = table_sheets(tmp_path / "a.csv")
    assert list(sheet.rows) == [["名称", "人口"], ["甲", "1"]]


@pytest.mark.parametrize(
    ("content", "rule"), [(b"a,b\n\x00\x01,2\n", "table.binary"), (b'a,b\n"1,2\n', "table.quotes")]
)
def test_what_is_no_table(tmp_path: Path, content: bytes, rule: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    (sheet,) = table_sheets(tmp_path / "a.csv")
    with pytest.raises(LayerError) as error:
        list(sheet.rows)
    assert error.value.problems[0].rule == rule
