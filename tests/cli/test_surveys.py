"""The commands about surveys, as an analyst types them."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from riskzoning.cli.app import app
from tests.surveys.conftest import make_units, shelters


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["survey", *map(str, arguments)])
    # Words for people are on stderr, what a program reads is on stdout alone.
    return result.exit_code, result.stdout if "json" in arguments else result.output


def write_units(path: Path) -> Path:
    units = make_units().reset_index()
    for level, frame in units.groupby("level"):
        frame.to_file(path, layer=str(level), driver="GPKG")
    return path


def test_forms_and_templates(tmp_path: Path) -> None:
    code, text = invoke("forms", "--format", "json")
    assert code == 0
    names = {row["form"] for row in json.loads(text)}
    assert invoke("template", "all", "-o", tmp_path / "forms")[0] == 0
    assert {path.stem for path in (tmp_path / "forms").iterdir()} == names
    assert invoke("template", "shelter", "-o", tmp_path / "one.xlsx")[0] == 0
    assert (tmp_path / "one.xlsx").is_file()
    code, text = invoke("template", "shelters", "-o", tmp_path, "--lang", "en")
    assert code == 2
    assert "did you mean shelter" in text


def test_good_surveys_leave_with_0_wrong_ones_with_2(tmp_path: Path) -> None:
    units = write_units(tmp_path / "units.gpkg")
    rows = shelters().astype(object)
    rows.to_excel(tmp_path / "good.xlsx", index=False)
    code, text = invoke("check", tmp_path / "good.xlsx", "--units", units)
    assert (code, "100.0" in text) == (0, True)
    rows.loc[2, "可容纳人数(人)"] = "约200"
    rows.to_excel(tmp_path / "bad.xlsx", index=False)
    code, text = invoke("check", tmp_path / "bad.xlsx", "--units", units, "--format", "json")
    assert code == 2
    (row,) = json.loads(text)
    assert (row["file"], row["sheet"], row["row"], row["rule"]) == ("bad.xlsx", "Sheet1", 4, "Q02")


def test_rules_without_their_context_leave_with_1(tmp_path: Path) -> None:
    shelters().to_csv(tmp_path / "good.csv", index=False)
    code, said = invoke("check", tmp_path / "good.csv")[:2]
    assert code == 1
    assert " : " not in said


def test_report_and_repairs_never_touch_the_files(tmp_path: Path) -> None:
    rows = shelters().astype(object)
    rows.loc[2, "可容纳人数(人)"] = "900人"
    (tmp_path / "in").mkdir()
    rows.to_excel(tmp_path / "in" / "a.xlsx", index=False)
    before = (tmp_path / "in" / "a.xlsx").read_bytes()
    assert invoke("check", tmp_path / "in", "-o", tmp_path / "report")[0] == 2
    names = {path.name for path in (tmp_path / "report").rglob("*") if path.is_file()}
    assert names == {"problems.csv", "problems.json", "problems.xlsx", "report.html", "a.xlsx"}
    assert invoke("repair", tmp_path / "in", "-o", tmp_path / "fixed")[0] == 0
    assert invoke("check", tmp_path / "fixed" / "a.xlsx")[0] == 1
    assert (tmp_path / "in" / "a.xlsx").read_bytes() == before


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_folder_without_surveys(tmp_path: Path, lang: str) -> None:
    code, text = invoke("check", tmp_path, "--lang", lang)
    assert code == 2
    assert ("没有调查表文件" if lang == "zh" else "holds no survey file") in text


def test_a_filled_form_is_never_replaced_by_an_empty_one_nor_by_its_repaired_copy(tmp_path: Path) -> None:
    rows = shelters().astype(object)
    rows.loc[2, "可容纳人数(人)"] = "900人"
    rows.to_excel(tmp_path / "shelter.xlsx", index=False)
    before = (tmp_path / "shelter.xlsx").read_bytes()
    for command in (
        ["template", "shelter", "-o", tmp_path / "shelter.xlsx"],
        ["template", "all", "-o", tmp_path],
        ["repair", tmp_path / "shelter.xlsx", "-o", tmp_path],
        ["repair", tmp_path, "-o", tmp_path],
    ):
        code, text = invoke(*command, "--lang", "en")
        assert (tmp_path / "shelter.xlsx").read_bytes() == before, command
        assert (code, "shelter.xlsx" in text) == (2, True), (command, text)
    assert [path.name for path in tmp_path.iterdir()] == ["shelter.xlsx"]


OWN = """
title: 官方应急避难场所表
source: a dictionary of the province
status: official
verified: true
data:
  names: {zh: 应急避难场所登记表, en: Register of shelters}
  key: sid
  fields:
    - {name: sid, zh: 登记号, en: Register, type: id, required: true}
    - {name: name, zh: 场所名称, en: Name, type: name, required: true}
    - {name: grade, zh: 等级, en: Grade, type: choice, required: true, choices: [一类, 二类]}
    - {name: beds, zh: 床位(张), en: Beds, type: integer, max: 500}
  rules:
    - {id: Q08, kind: at_most, of: beds, than: [beds]}
"""


def test_a_form_of_ones_own_replaces_ours_and_a_new_one_joins(tmp_path: Path) -> None:
    own = tmp_path / "forms"
    own.mkdir()
    (own / "shelter.yml").write_text(OWN, encoding="utf-8")
    (own / "vet_station.yml").write_text(OWN.replace("登记号", "站号"), encoding="utf-8")
    code, listed = invoke("forms", "--forms", own, "--lang", "zh")
    assert code == 0
    assert "应急避难场所登记表" in listed
    assert "vet_station" in listed
    assert invoke("template", "shelter", "-o", tmp_path / "s.xlsx", "--forms", own, "--lang", "zh")[0] == 0
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    assert [cell.value for cell in book.worksheets[0][2]] == ["登记号*", "场所名称*", "等级*", "床位(张)"]
    pd.DataFrame(
        {"登记号": ["a", "b"], "场所名称": ["甲", "乙"], "等级": ["一类", "三类"], "床位(张)": [9, 900]}
    ).to_csv(tmp_path / "rows.csv", index=False)
    code, text = invoke("check", tmp_path / "rows.csv", "--forms", own / "shelter.yml", "--format", "json")
    assert code == 2
    rows = [row for row in json.loads(text) if row["severity"] == "error"]
    assert [(row["row"], row["rule"]) for row in rows] == [(3, "Q02"), (3, "Q02")]
    assert invoke("check", tmp_path / "rows.csv", "--form", "shelter", "--format", "json")[0] == 2
