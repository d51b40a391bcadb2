"""How large a table may be, said before memory is full."""

from __future__ import annotations

from pathlib import Path

from riskzoning.errors import LayerError, Problem
from riskzoning.limits import HEADINGS, TABLE_CELLS


def check_size(path: Path, rows: int, columns: int) -> None:
    """Refuse a table with too many columns or cells."""
    if columns > HEADINGS:
        raise LayerError(Problem("table.wide", path, columns=columns, most=HEADINGS))
    if rows * columns > TABLE_CELLS:
        raise LayerError(Problem("table.large", path, rows=rows, columns=columns, most=TABLE_CELLS))
