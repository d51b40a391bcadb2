"""Tables that are too large are refused by their size, in every format, before memory is full."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from riskzoning.errors import LayerError
from riskzoning.io.tables import read_table
from riskzoning.io.tables.bounds import check_size
from riskzoning.limits import HEADINGS, TABLE_CELLS


def test_sizes() -> None:
    check_size(Path("a.csv"), 1_000_000, 50)
    for rows, columns, rule in ((3, HEADINGS + 1, "table.wide"), (TABLE_CELLS, 2, "table.large")):
        with pytest.raises(LayerError) as caught:
            check_size(Path("a.csv"), rows, columns)
        assert caught.value.problems[0].rule == rule


def text(path: Path) -> None:
    path.write_text("code,people" + ",x" * 100_000 + "\n410702,1" + ",1" * 100_000 + "\n", encoding="utf-8")


def parquet(path: Path) -> None:
    pd.DataFrame([range(HEADINGS + 1)], columns=[f"c{i}" for i in range(HEADINGS + 1)]).to_parquet(path)


def sheet(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["code", "people"])
    book.active["XFD1048576"] = "stray"
    book.save(path)


@pytest.mark.parametrize(
    ("write", "name", "rule"),
    [(text, "a.csv", "table.wide"), (parquet, "a.parquet", "table.wide"), (sheet, "a.xlsx", "table.large")],
)
def test_a_table_that_is_too_large_is_refused(
    tmp_path: Path, write: Callable[[Path], None], name: str, rule: str
) -> None:
    write(tmp_path / name)
    with pytest.raises(LayerError) as caught:
        read_table(tmp_path / name)
    assert caught.value.problems[0].rule == rule
    assert name in caught.value.problems[0].file
