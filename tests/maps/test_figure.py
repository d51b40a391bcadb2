"""Saved sheets keep their fonts: the same bytes every time, text that can be searched."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest

from riskzoning.maps.figure import SheetFigure
from riskzoning.maps.fonts import cjk_font, with_cjk_font


def sheet() -> SheetFigure:
    with with_cjk_font():
        figure = SheetFigure(figsize=(3, 1), dpi=100)
        figure.text(0.1, 0.5, "新乡市 <b> & $x$ −1")
    return figure


def saved(suffix: str) -> bytes:
    buffer = BytesIO()
    metadata = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": None}[suffix]
    sheet().savefig(buffer, format=suffix, metadata=metadata)
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_same_sheet_same_bytes(suffix: str) -> None:
    assert saved(suffix) == saved(suffix)


def test_svg_keeps_text_and_brings_its_glyphs() -> None:
    if cjk_font() is None:
        pytest.skip("no Chinese font: install the extra 'fonts'")
    svg = saved("svg").decode("utf-8")
    assert "新乡市 &lt;b&gt; &amp; $x$" in svg
    assert re.search(r"@font-face \{ font-family: \"[^\"]+\"; src: url\(data:font/woff;base64,", svg)


def test_pdf_text_can_be_searched(tmp_path: Path) -> None:
    program = shutil.which("pdftotext")
    if program is None or cjk_font() is None:
        pytest.skip("pdftotext or a Chinese font is not installed")
    sheet().savefig(tmp_path / "a.pdf")
    text = subprocess.run([program, str(tmp_path / "a.pdf"), "-"], capture_output=True, text=True, check=True).stdout
    assert "新乡市" in text
    assert "$x$" in text


def test_format_follows_the_name_of_the_file(tmp_path: Path) -> None:
    for suffix, begin in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
        sheet().savefig(tmp_path / f"a.{suffix}")
        assert (tmp_path / f"a.{suffix}").read_bytes().startswith(begin)
