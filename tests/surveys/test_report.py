"""The report: JSON keys, a page without markup of the data, marked cells."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd

from riskzoning.surveys.checking import check_records
from riskzoning.surveys.context import Context
from riskzoning.surveys.reading import survey_tables
from riskzoning.surveys.records import gathered
from riskzoning.surveys.report import JSON_KEYS, as_json, problem_table, write_marked, write_report
from riskzoning.surveys.scores import scores
from tests.surveys.conftest import TODAY, shelters


def test_report_files_and_marked_cells(tmp_path: Path) -> None:
    rows = shelters(4).astype(object)
    rows.loc[1, "类型"] = "<b>帐篷</b>"
    rows.loc[2, "可容纳人数(人)"] = -3
    rows.to_excel(tmp_path / "a.xlsx", index=False)
    context = Context(today=TODAY)
    checked = check_records(gathered(list(survey_tables(tmp_path / "a.xlsx"))), context)
    problems = problem_table([checked], "zh")
    made = write_report(tmp_path / "out", problems, scores([checked], context), lang="zh")
    assert all(path.stat().st_size for path in made)
    listed = json.loads((tmp_path / "out" / "problems.json").read_text("utf-8"))
    assert set(listed[0]) == set(JSON_KEYS)
    assert {(row["row"], row["rule"]) for row in listed if row["severity"] == "error"} == {(3, "Q02"), (4, "Q02")}
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "&lt;b&gt;帐篷" in page
    assert "<b>帐篷" not in page
    positions = {("a.xlsx", "Sheet1"): {"类型": 2, "可容纳人数(人)": 7}}
    write_marked(tmp_path / "a.xlsx", tmp_path / "marked.xlsx", problems, positions, "zh")
    sheet = openpyxl.load_workbook(tmp_path / "marked.xlsx").active
    assert sheet["C3"].comment.text.startswith("Q02")
    assert sheet["C3"].fill.fgColor.rgb.endswith("F4B6B6")
    assert sheet["C2"].comment is None


def test_json_of_what_stands_at_no_row() -> None:
    frame = pd.DataFrame([dict.fromkeys(JSON_KEYS, "")]).assign(row=pd.array([pd.NA], dtype="Int64"), file="f")
    (row,) = as_json(frame)
    assert row["row"] is None
    assert row["sheet"] is None
