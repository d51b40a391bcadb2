"""Empty forms: every field a column, drop-downs, notes; a filled template is recognised and passes."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from riskzoning.surveys.forms import form, form_names, parsed
from riskzoning.surveys.reading import frame_table, survey_tables
from riskzoning.surveys.records import gathered
from riskzoning.surveys.template import write_template
from tests.surveys.conftest import shelters


@pytest.mark.parametrize("name", ["shelter", "exp_building", "his_event"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_headings_drop_downs_and_notes(tmp_path: Path, name: str, lang: str) -> None:
    write_template(name, tmp_path / "a.xlsx", lang=lang)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet, of = book.worksheets[0], form(name)
    titles = [cell.value for cell in sheet[2]]
    for title, field in zip(titles, of.fields, strict=True):
        assert str(title).startswith(field.title(lang))
        assert str(title).endswith("*") == field.required
    assert all(cell.comment for cell in sheet[2])
    kinds = [rule.type for rule in sheet.data_validations.dataValidation]
    assert kinds.count("list") == sum(bool(field.choices) for field in of.fields)
    assert book.worksheets[1].max_row == len(of.fields) + 1


def test_a_filled_template_is_read_back(tmp_path: Path) -> None:
    write_template("shelter", tmp_path / "a.xlsx", lang="zh")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    for row in shelters(3).to_numpy().tolist():
        book.worksheets[0].append(row)
    # Rows are appended below the cells that the template has formatted.
    book.save(tmp_path / "b.xlsx")
    (table,) = survey_tables(tmp_path / "b.xlsx")
    assert table.form.name == "shelter"
    assert len(gathered([table]).frame) == 3


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_every_form_has_a_template_whose_headings_are_all_read_in_their_unit(tmp_path: Path, lang: str) -> None:
    for name in form_names():
        write_template(name, tmp_path / "a.xlsx", lang=lang)
        headings = [cell.value for cell in openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0][2]]
        matched = frame_table(pd.DataFrame(columns=headings), form(name)).matched
        assert [column.field.name for column in matched.columns] == [field.name for field in form(name).fields]
        assert {column.factor for column in matched.columns} == {1.0}
        assert not matched.problems


def test_units_stand_in_the_headings_and_the_key_stays_in_sight(tmp_path: Path) -> None:
    write_template("his_event", tmp_path / "a.xlsx", lang="en")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    titles = [str(cell.value) for cell in sheet[2]]
    assert "Direct economic loss (10 000 yuan)*" in titles
    assert "Crop area affected (ha)*" in titles
    assert "Collapsed houses, rooms*" in titles
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("B3", "$1:$2")
    assert sheet.page_setup.fitToWidth == 3
    assert "41072420210720FLOOD01" in sheet["A2"].comment.text
    assert sheet.column_dimensions["A"].width >= len("41072420210720WIND_HAIL01") - 2


def test_the_sheet_of_codes_has_every_choice_with_its_meaning(tmp_path: Path) -> None:
    write_template("exp_building", tmp_path / "a.xlsx", lang="zh")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["房屋建筑调查表", "填表说明", "代码表"]
    rows = list(book["代码表"].iter_rows(min_row=2, values_only=True))
    assert ("结构类型", "11", "底部框架砌体") in rows
    assert len(rows) == sum(len(field.choices) for field in form("exp_building").fields)
    units = {row[0]: row[3] for row in book["填表说明"].iter_rows(min_row=2, values_only=True)}
    assert (units["经度"], units["常住人数(人)"], units["建筑面积(m2)"]) == ("度", "人", "m2")


def test_long_lists_drop_down_from_the_sheet_of_codes(tmp_path: Path) -> None:
    fields = [
        {"name": "id", "zh": "编号", "type": "id"},
        {"name": "a", "zh": "甲", "type": "choice", "choices": ["是", "否"]},
        {"name": "b", "zh": "乙", "type": "choice", "choices": [f"第{n}类选项的名称" for n in range(60)]},
    ]
    write_template(parsed("own", {"key": "id", "fields": fields}), tmp_path / "a.xlsx", lang="zh")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    rules = [rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation]
    assert "'代码表'!$B$4:$B$63" in rules
    assert book["代码表"]["B4"].value == "第0类选项的名称"
    assert book["代码表"]["B63"].value == "第59类选项的名称"
