"""Text tables: encoding, separator, comments and decimal commas are found, not assumed."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from pathlib import Path
from typing import Any

from riskzoning.errors import LayerError, Phrase, Problem, decided
from riskzoning.io.encodings import text_of_file
from riskzoning.io.tables.bounds import check_size
from riskzoning.io.tables.cells import is_decimal_comma
from riskzoning.limits import HEADINGS, TABLE_CELLS

_MARKS = (",", "\t", ";", "|")
_SAMPLE = 50


def text_rows(path: Path, encoding: str | None) -> tuple[list[list[Any]], bool]:
    """Rows of a text table, and whether its numbers have decimal commas."""
    text = text_of_file(path, encoding=encoding)
    if "\0" in text:
        raise LayerError(Problem("table.binary", path))
    if text.lstrip()[:200].startswith("<"):
        raise LayerError(Problem("table.web_page", path, words=" ".join(text.split())[:40]))
    # Line ends of all systems become one.
    text = io.StringIO(text, newline=None).read()
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r"sep=(.)", first.strip())
    mark = named.group(1) if named else _separator(text)
    if named:
        text = "\n" + rest
    rows = _parsed(path, text, mark)
    cells = (cell for row in rows for cell in row)
    comma = mark != "," and any(map(is_decimal_comma, cells))
    decided(path, "separator", repr(mark) if mark.isspace() else mark, why="file" if named else "values")
    if comma:
        decided(path, "format", Phrase("decimal_comma"), why="values")
    return rows, comma


def _separator(text: str) -> str:
    """The mark that cuts most lines into the same number of cells."""

    def fit(mark: str) -> tuple[int, int]:
        # Not strict: here only counts matter.
        rows = itertools.islice(csv.reader(io.StringIO(text), delimiter=mark), _SAMPLE)
        counts: Counter[int] = Counter()
        try:
            counts.update(len(row) for row in rows if row and not row[0].lstrip().startswith("#"))
        except csv.Error:
            return 0, 0
        several = {count: lines for count, lines in counts.items() if count > 1}
        if not several:
            return 0, 0
        best = max(several, key=lambda count: (several[count], count))
        return several[best], best

    return max(_MARKS, key=lambda mark: (*fit(mark), -_MARKS.index(mark)))


def _parsed(path: Path, text: str, mark: str) -> list[list[Any]]:
    reader = csv.reader(io.StringIO(text), delimiter=mark, strict=True)
    rows: list[list[Any]] = []
    cells = 0
    try:
        for row in reader:
            cells += len(row)
            if len(row) > HEADINGS or cells > TABLE_CELLS:
                # The size of the whole, from the share of it that was read.
                check_size(path, max(len(rows) + 1, cells // max(len(row), 1) + 1), len(row))
            rows.append([] if row and row[0].lstrip().startswith("#") else row)
    except csv.Error as error:
        raise LayerError(Problem("table.quotes", path, reason=error, row=len(rows) + 1)) from None
    return rows
