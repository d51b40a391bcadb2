"""The document: fonts, tables that stay together, contents, captions, bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from docx import Document
from PIL import Image

from riskzoning.report.paper import PAGE, Paper
from riskzoning.report.shading import Shaded


def saved(paper: Paper, folder: Path) -> tuple[str, object]:
    path = folder / "a.docx"
    paper.save(path, title="T", date="2026-06-30")
    with zipfile.ZipFile(path) as packed:
        return packed.read("word/document.xml").decode(), Document(str(path))


@pytest.fixture
def paper() -> Paper:
    return Paper("zh", header="H", footer=f"第 {PAGE} 页")


def test_headings_are_numbered_and_listed_with_their_pages(paper: Paper, tmp_path: Path) -> None:
    paper.heading("甲")
    paper.heading("乙", 2)
    paper.heading("丙")
    paper.heading("丁", 2)
    paper.heading("附表", numbered=False)
    paper.contents("目录", paper.headings[0][2])
    text, _document = saved(paper, tmp_path)
    assert [title for _, title, _ in paper.headings] == ["1 甲", "1.1 乙", "2 丙", "2.1 丁", "附表"]
    assert text.count("PAGEREF") == 5
    for _, _, mark in paper.headings:
        assert f'w:anchor="{mark}"' in text
        assert f'w:name="{mark}"' in text
    assert text.index("目录") < text.index("1 甲")


def test_a_short_table_stays_on_a_page_and_a_long_one_repeats_its_heading(paper: Paper, tmp_path: Path) -> None:
    paper.table("短", ["a", "b"], [["x", "1"], [Shaded("高", "#d7191c"), "2"]])
    paper.table("长", ["a"], [[str(n)] for n in range(40)])
    text, _document = saved(paper, tmp_path)
    short, long = text.split("<w:tbl>")[1:]
    # The heading and all rows but the last hold on to the next.
    assert short.split("</w:tbl>")[0].count("<w:keepNext/>") == 4
    assert long.split("</w:tbl>")[0].count("<w:keepNext/>") == 1
    assert text.count("<w:tblHeader/>") == 2
    assert 'w:fill="d7191c"' in text
    # White letters on a dark ground, black ones on a light one.
    assert 'w:val="FFFFFF"' in short
    assert "表1  短" in text
    assert "表2  长" in text


def test_pictures_have_a_caption_and_a_text_for_those_who_do_not_see(paper: Paper, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(buffer, "PNG")
    paper.picture(buffer.getvalue(), "风险图")
    text, _ = saved(paper, tmp_path)
    assert 'descr="风险图"' in text
    assert "图1  风险图" in text


def test_signs_that_no_document_holds_are_left_out(paper: Paper, tmp_path: Path) -> None:
    paper.text("a\x00b\x1f<&>\ud800")
    paper.bullets(["x\x0b"])
    paper.table("t\x01", ["h\x02"], [["c\x03<&>"]])
    text, _document = saved(paper, tmp_path)
    assert "ab&lt;&amp;&gt;" in text
    assert "c&lt;&amp;&gt;" in text


def test_footer_has_the_page_and_the_cover_none(paper: Paper, tmp_path: Path) -> None:
    paper.text("x")
    saved(paper, tmp_path)
    with zipfile.ZipFile(tmp_path / "a.docx") as packed:
        footers = [
            packed.read(name).decode() for name in packed.namelist() if "footer" in name and name.endswith(".xml")
        ]
    assert any('w:instr="PAGE"' in footer and "第 " in footer and " 页" in footer for footer in footers)
