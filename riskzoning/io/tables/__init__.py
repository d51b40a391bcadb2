"""Tables: CSV, TSV and Excel as the field sends them; codes stay text, nothing is dropped without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.io.tables.points import read_points
from riskzoning.io.tables.reading import read_table

__all__ = ["read_points", "read_table"]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
