"""Empty forms: every field a column, drop-downs, notes; a filled template is recognised and passes."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from riskzoning.surveys.forms import form, form_names
from riskzoning.surveys.reading import survey_tables
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
    assert titles == [field.title(lang) + ("*" if field.required else "") for field in of.fields]
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


def test_every_form_has_a_template(tmp_path: Path) -> None:
    for name in form_names():
        write_template(name, tmp_path / f"{name}.xlsx", lang="zh")
    assert len(list(tmp_path.iterdir())) == len(form_names())
