"""Every table of a result is a file and a sheet; zones lend their columns."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import openpyxl
import pandas as pd

from riskzoning.config import OutputsConfig
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.pipeline.outputs.tables import TABLES, WORKBOOK, sheets, write_tables, write_workbook
from riskzoning.samples import toy_result

from . import toy_study


def test_units_come_first_then_zones_then_the_tables_of_the_stages() -> None:
    result = toy_result()
    zones = result.units["county"].reset_index()[["code", "name", "geometry"]]
    frames = sheets(dataclasses.replace(result, zones={"zone_region": zones}))
    assert list(frames) == ["units_township", "units_county", "units_city", "zone_region", *result.tables]
    assert list(frames["zone_region"].columns) == ["code", "name"]
    numbered = dataclasses.replace(result, zones={"zone_region": zones.rename_axis("zone_id")})
    assert list(sheets(numbered)["zone_region"].columns) == ["zone_id", "code", "name"]


def test_a_file_for_each_table_and_a_sheet_in_the_workbook(tmp_path: Path) -> None:
    result = dataclasses.replace(toy_result(), folder=tmp_path)
    for write in (write_tables, write_workbook):
        write(Writing(toy_study(), result))
    names = {path.stem for path in TABLES.left(tmp_path, result.code)}
    assert names == set(sheets(result))
    (book,) = WORKBOOK.left(tmp_path, result.code)
    assert names <= set(openpyxl.load_workbook(book).sheetnames)
    codes = pd.read_csv(tmp_path / "tables" / "units_county.csv", dtype=str)["code"]
    assert list(codes) == list(result.units["county"].index)


def test_tables_for_programs_are_files_and_no_sheets(tmp_path: Path) -> None:
    result = toy_result()
    long = pd.DataFrame({"code": ["990100"], "rule": ["any_cell"]})
    result = dataclasses.replace(result, folder=tmp_path, tables={**result.tables, "grades_by_rule": long})
    for write in (write_tables, write_workbook):
        write(Writing(toy_study(), result))
    assert (tmp_path / "tables" / "grades_by_rule.csv").is_file()
    assert "grades_by_rule" not in openpyxl.load_workbook(tmp_path / "tables.xlsx").sheetnames


def test_no_workbook_without_tables() -> None:
    assert not WORKBOOK.asked(OutputsConfig(tables=False, workbook=True))
    assert not WORKBOOK.asked(OutputsConfig(tables=True, workbook=False))
