"""Outputs ``tables`` and ``workbook``: the tables of a result as CSV files and as sheets of one workbook."""

from __future__ import annotations

import pandas as pd

from riskzoning import io, standards
from riskzoning.pipeline.outputs.output import Output, Writing
from riskzoning.results import StudyResult


def sheets(result: StudyResult) -> dict[str, pd.DataFrame]:
    """Every table of a result by name: units of each level, finest first, zones, and what the stages have made."""
    frames: dict[str, pd.DataFrame] = {}
    for level in reversed(result.all_levels):
        frames[f"units_{level}"] = result.units[level].drop(columns="geometry").reset_index()
    for name, zones in result.zones.items():
        frame = pd.DataFrame(zones.drop(columns="geometry"))
        frames[name] = frame.reset_index(drop=frame.index.name is None)
    return frames | dict(result.tables)


def write_tables(writing: Writing) -> None:
    """Write ``tables/*.csv``."""
    for name, frame in sheets(writing.result).items():
        io.write_csv(writing.folder / "tables" / f"{name}.csv", frame)


def write_workbook(writing: Writing) -> None:
    """Write ``tables.xlsx``, without the tables that are for programs: one for people has their sum."""
    known = standards.shipped_table("names/output_tables").data["tables"]
    frames = {
        name: frame for name, frame in sheets(writing.result).items() if known.get(name, {}).get("workbook", True)
    }
    io.write_workbook(writing.folder / "tables.xlsx", frames, date=writing.result.data_date)


TABLES = Output(
    "tables",
    files=("tables/*.csv",),
    rank=20,
    wanted=lambda outputs: outputs.tables,
    write=write_tables,
    place=lambda writing: writing.folder / "tables",
)
WORKBOOK = Output(
    "workbook",
    files=("tables.xlsx",),
    rank=30,
    wanted=lambda outputs: outputs.tables and outputs.workbook,
    write=write_workbook,
)
