"""Safe repairs: only what can be read in one way, each logged, the file itself untouched."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl

from riskzoning.surveys.checking import check_records
from riskzoning.surveys.context import Context
from riskzoning.surveys.reading import survey_tables
from riskzoning.surveys.records import gathered
from riskzoning.surveys.repairs import log_of, repairs, write_repaired
from tests.surveys.conftest import TODAY, shelters


def test_repairs_of_a_workbook(tmp_path: Path, units: gpd.GeoDataFrame) -> None:
    rows = shelters(6).astype(object)
    rows.loc[0, "可容纳人数(人)"] = "９００"
    rows.loc[1, "可容纳人数(人)"] = "900人"
    rows.loc[2, "可容纳人数(人)"] = "约200"
    rows.loc[3, "有效避难面积(m2)"] = "2,000"
    rows.loc[4, ["经度", "纬度"]] = [35.05, 113.87]
    rows.loc[5, "可容纳人数(人)"] = "9百人"
    rows.to_excel(tmp_path / "a.xlsx", index=False)
    before = (tmp_path / "a.xlsx").read_bytes()
    checked = check_records(gathered(list(survey_tables(tmp_path / "a.xlsx"))), Context(units=units, today=TODAY))
    made = repairs([checked])
    log = log_of(made)
    assert log[["row", "rule", "before", "after"]].to_numpy().tolist() == [
        [2, "Q02", "９００", "900"],
        [3, "Q02", "900人", "900"],
        [5, "Q02", "2,000", "2000"],
        [6, "Q05", "35.05", "113.87"],
        [6, "Q05", "113.87", "35.05"],
    ] or sorted(log["after"]) == sorted(["900", "900", "2000", "113.87", "35.05"])
    write_repaired(tmp_path / "a.xlsx", made, tmp_path / "b.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx").active
    assert [sheet.cell(row, 8).value for row in range(2, 8)] == [900, 900, "约200", 900, 900, "9百人"]
    assert (sheet.cell(6, 10).value, sheet.cell(6, 11).value) == (113.87, 35.05)
    assert (tmp_path / "a.xlsx").read_bytes() == before
