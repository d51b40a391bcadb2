"""Survey files as they come: titles above headings, grouped headings, GBK text, layers."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from riskzoning.errors import Journal, RiskZoningError, SurveyError, hearing
from riskzoning.surveys.reading import survey_tables
from riskzoning.surveys.records import gathered
from tests.surveys.conftest import annual, shelters


def workbook(path: Path, *rows: list[object], sheet: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_title_rows_are_skipped_and_rows_are_numbered_as_in_the_sheet(tmp_path: Path) -> None:
    rows = shelters(3)
    file = workbook(
        tmp_path / "a.xlsx", ["应急避难场所调查表"], ["填报单位：某局"], list(rows.columns), *rows.to_numpy().tolist()
    )
    (table,) = survey_tables(file)
    records = gathered([table])
    assert table.form.name == "shelter"
    assert records.places.row.tolist() == [4, 5, 6]


def test_headings_of_two_rows_are_joined(tmp_path: Path) -> None:
    rows = annual()
    upper, lower = [], []
    for name in rows.columns:
        base, bracket, unit = name.partition("(")
        pair = bracket and unit in ("户)", "间)")
        upper.append((base if unit == "户)" else None) if pair else name)
        lower.append(unit[:-1] if pair else None)
    (table,) = survey_tables(workbook(tmp_path / "a.xlsx", upper, lower, *rows.to_numpy().tolist()))
    records = gathered([table])
    assert table.form.name == "his_annual"
    assert records.frame["coll_hh"].tolist() == [5.0] * 6
    assert records.frame["coll_room"].tolist() == [15.0] * 6
    assert records.places.row[0] == 3


@pytest.mark.parametrize(("encoding", "mark"), [("gbk", ","), ("utf-8-sig", "\t"), ("utf-8", ";")])
def test_text_in_any_encoding(tmp_path: Path, encoding: str, mark: str) -> None:
    shelters(3).to_csv(tmp_path / "a.csv", index=False, encoding=encoding, sep=mark)
    (table,) = survey_tables(tmp_path / "a.csv")
    assert gathered([table]).texts("name").tolist() == ["第0小学操场", "第1小学操场", "第2小学操场"]


def test_a_shapefile_with_short_names_and_points_without_columns_of_coordinates(tmp_path: Path) -> None:
    from riskzoning.surveys.forms import form

    of = form("shelter")
    names = {field.zh: field.name for field in of.fields}
    rows = shelters(3).rename(columns=names)
    points = gpd.points_from_xy(rows.pop("lon"), rows.pop("lat"))
    frame = gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4490").to_crs("EPSG:4547")
    frame.to_file(tmp_path / "a.shp", encoding="utf-8")
    (table,) = survey_tables(tmp_path / "a.shp")
    records = gathered([table])
    assert table.form.name == "shelter"
    assert records.numbers("lon")[0] == pytest.approx(113.85, abs=1e-6)
    assert records.places.row.tolist() == [1, 2, 3]


def test_a_sheet_of_no_form_is_told_and_a_file_without_any_is_refused(tmp_path: Path) -> None:
    rows = shelters(2)
    with pd.ExcelWriter(tmp_path / "a.xlsx") as writer:
        rows.to_excel(writer, sheet_name="one", index=False)
        pd.DataFrame({"甲": [1, 2], "乙": [3, 4]}).to_excel(writer, sheet_name="two", index=False)
    with hearing(Journal()) as journal:
        assert len(list(survey_tables(tmp_path / "a.xlsx"))) == 1
    assert [problem.rule for problem in journal.dropped] == ["dropped.survey_sheet"]
    file = workbook(tmp_path / "b.xlsx", ["甲", "乙"], [1, 2])
    with hearing(Journal()), pytest.raises(SurveyError):
        list(survey_tables(file))


def test_empty_rows_and_remarks_below_are_no_records(tmp_path: Path) -> None:
    rows = shelters(2)
    blank: list[object] = [None] * len(rows.columns)
    remark: list[object] = ["注：数据截至 2021 年", *blank[1:]]
    file = workbook(tmp_path / "a.xlsx", list(rows.columns), *rows.to_numpy().tolist(), blank, remark)
    (table,) = survey_tables(file)
    assert len(gathered([table]).frame) == 2


def test_what_is_no_table_is_told_and_text_under_another_name_is_read(tmp_path: Path) -> None:
    shelters(3).to_csv(tmp_path / "tab.xls", index=False, sep="\t", encoding="gb18030")
    (table,) = survey_tables(tmp_path / "tab.xls")
    assert table.form.name == "shelter"
    for name, content, rule in (
        ("a.doc", b"\xd0\xcf\x11\xe0" + b"0" * 600, "survey.no_files"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"0" * 600, "table.old_workbook"),
        ("page.xls", b"<html><table><tr><td>1</td></tr></table></html>", "survey.web_page"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(RiskZoningError) as error:
            list(survey_tables(tmp_path / name))
        assert error.value.problems[0].rule == rule
