"""Every table of a result is a file and a sheet; zones lend their columns."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from riskzoning.config import OutputsConfig
from riskzoning.database.naming import run_table
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.pipeline.outputs.tables import TABLES, WORKBOOK, sheets, write_tables, write_workbook
from riskzoning.samples import toy_result
from tests.full_result import full_result
from tests.sample_run import SampleRun

from . import toy_study


def numbers(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """The numeric cells of columns, rows in an order of their own; texts and dates are no number."""
    read = [
        pd.to_numeric(
            frame[name].replace({True: 1, False: 0, "true": 1, "false": 0, "True": 1, "False": 0}), errors="coerce"
        )
        for name in columns
    ]
    values = np.column_stack([column.to_numpy(dtype=np.float64, na_value=np.nan) for column in read])
    return values[np.lexsort(np.nan_to_num(values, nan=-1e300, posinf=1e300).T[::-1])]


def test_every_number_of_the_database_is_that_of_the_table_of_its_name(sample_run: SampleRun) -> None:
    compared = 0
    with closing(sqlite3.connect(sample_run.folder / "database.gpkg")) as base:
        there = {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for path in sorted((sample_run.folder / "tables").glob("*.csv")):
            table = pd.read_csv(path, low_memory=False)
            name = path.stem.replace("units_", "unit_") if path.stem.startswith("units_") else run_table(path.stem)
            if not len(table):
                continue
            assert name in there, path.name
            stored = pd.read_sql(f'SELECT * FROM "{name}"', base)
            shared = [column for column in table.columns if column in stored.columns]
            assert len(shared) == len(table.columns), path.name
            np.testing.assert_allclose(numbers(stored, shared), numbers(table, shared), rtol=1e-12, err_msg=path.name)
            compared += int(np.isfinite(numbers(table, shared)).sum())
    assert compared > 10_000


def test_every_number_of_the_workbook_is_that_of_the_table_of_its_name(tmp_path: Path) -> None:
    result = dataclasses.replace(full_result(), folder=tmp_path)
    for write in (write_tables, write_workbook):
        write(Writing(toy_study(), result))
    book = pd.read_excel(tmp_path / "tables.xlsx", sheet_name=None)
    for path in sorted((tmp_path / "tables").glob("*.csv")):
        table, columns = pd.read_csv(path, low_memory=False), [str(column) for column in book[path.stem].columns]
        assert columns == list(table.columns)
        sheet = book[path.stem].set_axis(columns, axis=1)
        np.testing.assert_allclose(numbers(sheet, columns), numbers(table, columns), rtol=1e-12, err_msg=path.name)


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
