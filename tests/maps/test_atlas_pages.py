"""Pages of an atlas: drawn on any paper, bars that add up, long lists cut, the same bytes twice."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pytest
import shapely

from riskzoning.maps.atlas_pages import (
    Bars,
    ByGrade,
    Contents,
    Cover,
    ObjectMap,
    Page,
    _panel,
    _Sheet,
    contents_pages,
    draw_pages,
    no_data,
    unit_order,
)

CLASSES = [("low", "#ffffb2"), ("high", "#bd0026"), ("no data", "#cccccc")]


def pages() -> list[Page]:
    amounts = np.array([[1.0, 3, 0], [0, 0, 0], [2, 0, 2]])
    bars = Bars("Residents", amounts, ["4", "0", "4"])
    square = shapely.box(0, 0, 1000, 800)
    table = ("Objects", ["name", "n"], [["<b>&$x$", "1"], ["b" * 200, "2"]])
    return [
        Cover("Toy city", "Atlas", ["a", "b"]),
        Contents("Contents", [("Flood", None), *((f"Sheet {n}", n) for n in range(60))]),
        ByGrade("Exposed", ["a", "b", "c"], CLASSES, [bars] * 5, "note"),
        ByGrade("Exposed", ["a", "b", "c"], CLASSES, [bars]),
        ObjectMap("Objects", [square, shapely.box(1000, 0, 2000, 800)], np.array([[10.0, 10.0]]),
                  [shapely.LineString([(0, 0), (500, 500)])], ["#bd0026"], ["#bd0026"], CLASSES[1:2], [table], "note"),
        ObjectMap("None", [square], np.zeros((0, 2)), [], [], [], []),
    ]  # fmt: skip


@pytest.mark.parametrize("size", ["A4", "A3", "A1"])
def test_pages_on_any_paper(size: str) -> None:
    first, again = (draw_pages(pages(), size=size, lang="en", footer="f") for _ in range(2))
    assert first == again
    with pikepdf.open(BytesIO(first)) as book:
        assert len(book.pages) == 6
        wide = {round(float(page.MediaBox[2])) for page in book.pages}
    assert wide == {{"A4": 842, "A3": 1191, "A1": 2384}[size]}


def test_text_is_found_in_the_pages(tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (tmp_path / "a.pdf").write_bytes(draw_pages(pages(), size="A3", lang="en", footer="the footer"))
    shown = subprocess.run(["pdftotext", "-layout", "a.pdf", "-"], cwd=tmp_path, capture_output=True, text=True).stdout
    assert "<b>&$x$" in shown
    assert "bbb…" in shown
    # The cover has no footer.
    assert shown.count("the footer") == 5


def test_bars_are_shares_and_an_empty_unit_has_none() -> None:
    sheet = _Sheet("A3", "en")
    page = pages()[2]
    assert isinstance(page, ByGrade)
    _panel(sheet, page, page.panels[0], (0.0, 300.0, 1000.0, 200.0))
    boxes = [path.get_extents() for path in sheet.axes.collections[-1].get_paths()]
    assert len(boxes) == 4
    assert [round(box.width / 660, 3) for box in boxes] == [0.25, 0.75, 0.5, 0.5]
    assert boxes[0].x1 == pytest.approx(boxes[1].x0)


def test_units_of_the_highest_classes_come_first_and_no_more_than_a_page_holds() -> None:
    amounts = np.zeros((40, 5))
    amounts[:, 2] = np.arange(40)
    amounts[:, 4] = 1000
    order = unit_order(amounts)
    assert order[0] == 39
    assert len(order) == 24


def test_long_contents_take_more_pages() -> None:
    assert [contents_pages(count) for count in (0, 1, 68, 69)] == [1, 1, 1, 2]


def test_no_data_in_both_languages() -> None:
    assert (no_data("zh"), no_data("en")) == ("无数据", "no data")
