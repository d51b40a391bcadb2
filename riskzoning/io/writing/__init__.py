"""Write files so that a reader never sees half of one; the same content gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.io.writing.atomic import atomic, atomic_folder
from riskzoning.io.writing.cog import CogWriter, is_cog, write_cog
from riskzoning.io.writing.locking import lock
from riskzoning.io.writing.tables import (
    csv_text,
    read_frame,
    write_csv,
    write_frame,
    write_json,
    write_parquet,
    write_workbook,
)
from riskzoning.io.writing.vectors import write_vector

__all__ = [
    "CogWriter",
    "atomic",
    "atomic_folder",
    "csv_text",
    "is_cog",
    "lock",
    "read_frame",
    "write_cog",
    "write_csv",
    "write_frame",
    "write_json",
    "write_parquet",
    "write_vector",
    "write_workbook",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
