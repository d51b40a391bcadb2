"""The report as a whole: chapters in their order, the same bytes, what a study lacks leaves no empty chapter."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import pytest
import xarray as xr

from riskzoning.report import report
from riskzoning.samples import toy_result
from tests.full_result import HOSTILE, full_result
from tests.report.documents import read


def test_chapters_stand_in_their_order(tmp_path: Path) -> None:
    text, _ = read(full_result(), tmp_path)
    chapters = [
        "1 主要结论", "2 评估任务与数据", "3 各灾种风险与综合风险", "3.1 洪水灾害", "3.2 地震灾害", "3.3 各灾种综合",
        "4 各等级内的承灾体", "5 承灾对象", "6 减灾能力", "7 重点隐患", "8 历史灾害与规划目标",
        "9 缺失、警告与未核实的数值", "附表：各单元风险等级",
    ]  # fmt: skip
    # Once in the contents, once where they begin.
    assert all(text.count(chapter) >= 2 for chapter in chapters)
    places = [text.rindex(chapter) for chapter in chapters]
    assert places == sorted(places)


def test_in_english_nothing_is_left_in_chinese(tmp_path: Path) -> None:
    result = full_result(language="en")
    for level, frame in result.units.items():
        frame["name"] = [f"{level} {code}" for code in frame.index]
    layer = result.tables["objects"].assign(name="x")
    result = dataclasses.replace(result, tables={**result.tables, "objects": layer})
    text, tables = read(result, tmp_path)
    assert "1 Main findings" in text
    cells = " ".join(" ".join(row) for rows in tables.values() for row in rows)
    assert not [letter for letter in text + cells if "\u4e00" <= letter <= "\u9fff"]


def test_the_same_study_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        report(full_result(), tmp_path / f"{name}.docx")
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.docx") as packed:
        assert {info.date_time for info in packed.infolist()} == {(2026, 6, 30, 0, 0, 0)}


def test_names_are_text_whatever_they_hold(tmp_path: Path) -> None:
    result = full_result()
    town = result.units["township"]
    town.iloc[0, town.columns.get_loc("name")] = "<w:p>&\x00\x1b 甲"
    _text, tables = read(result, tmp_path)
    cells = [cell for rows in tables.values() for row in rows for cell in row]
    assert HOSTILE in cells
    assert any("<w:p>& 甲" in cell for cell in cells)


def test_a_bare_result_still_has_a_report(tmp_path: Path) -> None:
    result = toy_result()
    units = {"township": result.units["township"].drop(columns="population")}
    bare = dataclasses.replace(
        result, layers=xr.Dataset(), breaks={}, tables={}, units=units, record={}, data_date="", name={}
    )
    text, _ = read(bare, tmp_path)
    assert "承灾对象" not in text
    assert "3.3 各灾种综合" in text


def test_fonts_for_chinese_are_set_in_every_style(tmp_path: Path) -> None:
    path = report(full_result(), tmp_path / "a.docx")
    with zipfile.ZipFile(path) as packed:
        styles = packed.read("word/styles.xml").decode()
    assert styles.count('w:eastAsia="黑体"') >= 4
    assert 'w:eastAsia="宋体"' in styles
    assert 'w:eastAsiaTheme="majorEastAsia"' not in styles.split('w:styleId="Heading1"')[1].split("</w:style>")[0]


@pytest.mark.parametrize("hazards", [("flood",), ()])
def test_one_hazard_or_none(tmp_path: Path, hazards: tuple[str, ...]) -> None:
    result = toy_result()
    indices = tuple(index for index in result.indices if index.hazard in hazards)
    text, _ = read(dataclasses.replace(result, hazards=hazards, indices=indices), tmp_path)
    assert ("3.1 洪水灾害" in text) == bool(hazards)


@pytest.mark.parametrize(("lang", "said"), [
    ("zh", ["行政区划界线：省厅 2023 版", "行政区划界线来源：省厅 2023 版。"]),
    ("en", ["Administrative boundaries: 省厅 2023 版", "Source of the administrative boundaries: 省厅 2023 版."]),
])  # fmt: skip
def test_the_edition_of_the_boundaries_stands_on_the_cover_and_with_the_data(
    tmp_path: Path, lang: str, said: list[str]
) -> None:
    text, _ = read(dataclasses.replace(toy_result(language=lang), boundary_source="省厅 2023 版"), tmp_path)
    assert all(line in text for line in said)
    bare, _ = read(toy_result(language=lang), tmp_path)
    assert not any(line[:8] in bare for line in said)
