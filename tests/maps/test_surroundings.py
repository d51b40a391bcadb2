"""The surroundings as a picture give the same map as surroundings that are drawn on it."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from riskzoning.maps import Legend, MapNotes, Panel, map_backdrop, zoning_map
from riskzoning.maps.fonts import cjk_font, with_cjk_font
from riskzoning.maps.sheet import map_on_picture
from riskzoning.maps.surroundings import SIZES, SheetFigure, drawn_pixels, letters_of, surroundings_picture
from riskzoning.samples import toy_result

DPI = 60


def test_a_picture_laid_over_the_grades_is_the_drawn_map_but_for_rounding() -> None:
    result = toy_result()
    units = result.units["county"]
    backdrop = map_backdrop(outlines=units, hillshade=result.layers["hillshade"], size="A4")
    picture = surroundings_picture(backdrop, lang="zh", dpi=DPI)
    over = map_on_picture(
        units, picture, column="flood_risk_grade", title="图", legend=Legend(), panel=Panel(), notes=MapNotes()
    )
    drawn = zoning_map(units, column="flood_risk_grade", title="图", backdrop=backdrop)
    a, b = (drawn_pixels(figure, DPI).astype(int)[..., :3] for figure in (over, drawn))
    off = np.abs(a - b).max(axis=-1)
    assert off.max() <= 16
    # Halos and edges of letters are rounded to 256 steps once more.
    assert (off > 2).mean() < 0.002


def test_the_picture_is_clear_where_nothing_is_drawn_and_as_large_as_the_sheet() -> None:
    picture = surroundings_picture(map_backdrop(outlines=toy_result().units["county"]), lang="en", dpi=DPI)
    wide, high = SIZES["A3"]
    assert picture.pixels is not None
    assert picture.pixels.shape == (int(high * DPI), int(wide * DPI), 4)
    assert picture.pixels[5, 5].tolist() == [255, 255, 255, 0] or picture.pixels[5, 5, 3] == 0
    assert (picture.pixels[..., 3] == 255).any()


def test_vectors_are_made_where_they_are_wanted() -> None:
    backdrop = map_backdrop(outlines=toy_result().units["county"], size="A4")
    both = surroundings_picture(backdrop, lang="zh", dpi=DPI, formats=("png", "pdf"))
    assert both.pixels is not None
    assert both.vectors is not None
    only = surroundings_picture(backdrop, lang="zh", dpi=DPI, formats=("pdf",))
    assert only.pixels is None


def test_letters_grow_with_the_sheet() -> None:
    assert letters_of("A3") == 1
    assert letters_of("A4") < 1 < letters_of("A1")


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
