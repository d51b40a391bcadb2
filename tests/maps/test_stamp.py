"""One drawn page in many PDFs: whole, searchable, and the same bytes every time."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from riskzoning.maps.stamp import pdf_bytes, stamped, vector_page
from riskzoning.maps.surroundings import SheetFigure


def page(text: str, *, line: bool = False) -> bytes:
    figure = SheetFigure(figsize=(4, 3), facecolor="none")
    figure.text(0.2, 0.7 if line else 0.2, text, fontsize=20)
    if line:
        axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        axes.plot([0, 1], [0, 1], color="red", alpha=0.5, marker="o")
        axes.imshow(np.full((4, 4, 3), 200, dtype=np.uint8), extent=(0, 1, 0, 0.2), aspect="auto")
    return pdf_bytes(figure)


def places(pdf: bytes) -> dict[int, int]:
    """Numbers of objects and their places, the latest of each: read back as a viewer does."""
    found: dict[int, int] = {}
    at = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    while at:
        end = pdf.index(b"trailer", at)
        rows = pdf[at:end].split(b"\n")[1:]
        number = 0
        for row in rows:
            if re.fullmatch(rb"\d+ \d+", row):
                number = int(row.split()[0])
            elif row:
                if b" n" in row:
                    found.setdefault(number, int(row[:10]))
                number += 1
        before = re.search(rb"/Prev (\d+)", pdf[end : pdf.index(b"startxref", end)])
        at = int(before.group(1)) if before else 0
    return found


def test_every_object_is_where_the_tables_say() -> None:
    pdf = stamped(page("map"), vector_page(page("lines", line=True)))
    table = places(pdf)
    assert sorted(table) == list(range(1, len(table) + 1))
    for number, at in table.items():
        assert pdf[at:].startswith(b"%d 0 obj\n" % number)
    pointed = {int(number) for number in re.findall(rb"\b(\d+) 0 R", pdf)}
    assert pointed <= set(table)


def test_the_page_paints_its_own_drawing_and_then_the_other() -> None:
    under, over = page("map"), vector_page(page("lines", line=True))
    pdf = stamped(under, over)
    table = places(pdf)
    head = pdf[table[vector_page(under).page] :].split(b"endobj")[0]
    contents = re.search(rb"/Contents \[ (\d+) 0 R (\d+) 0 R \]", head)
    assert contents is not None
    last = pdf[table[int(contents.group(2))] :]
    assert last.split(b"stream\n")[1].startswith(b"q /Surroundings Do Q")
    form = re.search(rb"/Surroundings (\d+) 0 R", pdf)
    assert form is not None
    drawn = pdf[table[int(form.group(1))] :]
    assert b"/Subtype /Form" in drawn[:300]
    length = zlib.decompressobj().decompress(drawn.split(b"stream\n", 1)[1])
    assert length.count(b"BT") >= 1


def test_same_pages_same_bytes() -> None:
    assert stamped(page("a"), vector_page(page("b"))) == stamped(page("a"), vector_page(page("b")))


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="no reader of PDF installed")
def test_a_reader_shows_and_finds_both(tmp_path: Path) -> None:
    path = tmp_path / "both.pdf"
    path.write_bytes(stamped(page("under"), vector_page(page("lines", line=True))))
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
    assert b"under" in text.stdout
    assert b"lines" in text.stdout
    assert not text.stderr
    subprocess.run(["pdftoppm", "-r", "72", "-png", str(path), str(tmp_path / "shown")], check=True)
    shown = np.asarray(Image.open(next(tmp_path.glob("shown*.png"))).convert("RGB")).astype(int)
    assert ((shown[..., 0] > 200) & (shown[..., 1] < 160)).any()
