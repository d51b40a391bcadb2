"""How much of anything the program takes before it says so: the bounds of every open, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing

__all__ = [
    "DATABASE_CONNECT_SECONDS",
    "DATABASE_LOAD_SECONDS",
    "DATABASE_LOCK_SECONDS",
    "FOLDER_FILES",
    "HEADINGS",
    "LISTED_UNITS",
    "RECORD_BYTES",
    "SCHEDULER_SECONDS",
    "TABLE_BYTES",
    "TABLE_CELLS",
    "TEXT_BYTES",
    "UNPACKED_BYTES",
    "UNPACKED_RATIO",
    "YAML_DEPTH",
    "YAML_VALUES",
]

# study.yaml and tables of standards: people write them, some kilobytes.
TEXT_BYTES = 2_000_000
YAML_VALUES = 50_000
YAML_DEPTH = 60
# Records of a run (run.json, its state, its manifest): one row for every file and note.
RECORD_BYTES = 64_000_000
# Units of a level that long tables list one by one; of more, only what stands out, and the wide table has them all.
LISTED_UNITS = 2_000
# Archives and workbooks: unpacked, and how many times their own size; text packs twenty to one at best.
UNPACKED_BYTES = 4_000_000_000
UNPACKED_RATIO = 200
# A table with more columns is turned round, or no table.
HEADINGS = 16_384
# Every cell of a table takes some hundred bytes of memory while it is read.
TABLE_CELLS = 50_000_000
TABLE_BYTES = 1_000_000_000
# Files of a folder that is one input: tiles, Zarr, daily values.
FOLDER_FILES = 1_000_000
# A scheduler without workers for so long is a fault.
SCHEDULER_SECONDS = 30
# A database server that does not answer, and a table that somebody holds: told within 15 s, two addresses of one name
# included. A load waits longer for another load, which ends by itself.
DATABASE_CONNECT_SECONDS = 7
DATABASE_LOCK_SECONDS = 10
DATABASE_LOAD_SECONDS = 600

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
