"""Sheets bound into one file: in their order, with bookmarks, what they share kept once, the same bytes twice."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from matplotlib.figure import Figure

from riskzoning.maps.atlas import Leaf, bind
from riskzoning.maps.stamp import pdf_bytes, stamped, vector_page


def figure(text: str, size: tuple[float, float] = (4, 3)) -> Figure:
    drawn = Figure(figsize=size)
    drawn.text(0.5, 0.5, text)
    drawn.figimage(np.full((4, 4), 0.5))
    return drawn


@pytest.fixture
def sheets(tmp_path: Path) -> list[Path]:
    """Three sheets with the same surroundings, as maps are printed."""
    over = Figure(figsize=(4, 3))
    noise = np.random.default_rng(1).uniform(size=(3000, 2))
    over.add_axes((0, 0, 1, 1)).plot(*noise.T)
    shared = vector_page(pdf_bytes(over))
    paths = [tmp_path / f"{name}.pdf" for name in "abc"]
    for path in paths:
        path.write_bytes(stamped(pdf_bytes(figure(f"sheet {path.stem}")), shared))
    return paths


def bound(sheets: list[Path], path: Path) -> pikepdf.Pdf:
    leaves = [
        Leaf("Cover", "", 0), Leaf("A", "Flood", sheets[0]), Leaf("Bars", "Flood", 1), Leaf("B", "Fire", sheets[1]),
        Leaf("C", "Fire", sheets[2]),
    ]  # fmt: skip
    drawn = pikepdf.new()
    for text in ("cover", "bars"):
        with pikepdf.open(BytesIO(pdf_bytes(figure(text)))) as one:
            drawn.pages.extend(one.pages)
    buffer = BytesIO()
    drawn.save(buffer)
    bind(leaves, buffer.getvalue(), path, title="示例市图集", lang="zh")
    return pikepdf.open(path)


def test_pages_stand_in_their_order_with_bookmarks(sheets: list[Path], tmp_path: Path) -> None:
    with bound(sheets, tmp_path / "atlas.pdf") as book:
        assert len(book.pages) == 5
        with book.open_outline() as outline:
            tree = [(item.title, [child.title for child in item.children]) for item in outline.root]
            places = [
                book.pages.index(pikepdf.Page(child.destination[0])) for item in outline.root for child in item.children
            ]
        assert tree == [("Cover", []), ("Flood", ["A", "Bars"]), ("Fire", ["B", "C"])]
        assert places == [1, 2, 3, 4]
        assert book.docinfo["/Title"] == "示例市图集"
        assert "/CreationDate" not in book.docinfo


def test_what_sheets_share_is_kept_once(sheets: list[Path], tmp_path: Path) -> None:
    with bound(sheets, tmp_path / "atlas.pdf") as book:
        shared = {book.pages[at].Resources.XObject["/Surroundings"].objgen for at in (1, 3, 4)}
    assert len(shared) == 1
    assert (tmp_path / "atlas.pdf").stat().st_size < 2 * max(path.stat().st_size for path in sheets)


def test_the_same_sheets_give_the_same_bytes(sheets: list[Path], tmp_path: Path) -> None:
    bound(sheets, tmp_path / "1.pdf").close()
    bound(sheets, tmp_path / "2.pdf").close()
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()
