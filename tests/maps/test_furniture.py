"""Legend, bars and table say what the classes say."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from riskzoning import standards
from riskzoning.maps.furniture import ClassRow, bars, legend, line_key, scale_bar, top_table, words

ROWS = [
    ClassRow(2, "#111111", "high", "0.5 - 1", 0.25, 0.75),
    ClassRow(1, "#eeeeee", "low", "≤ 0.5", 0.70, 0.25),
    ClassRow(0, "#d9d9d9", "no data", "", 0.05, 0.0),
]


def texts(axes: object) -> list[str]:
    return [text.get_text() for text in axes.texts]  # type: ignore[attr-defined]


def test_legend_shows_classes_from_high_to_no_data_with_shares() -> None:
    axes = Figure().add_subplot()
    legend(axes, ROWS, lang="en", note="right")
    shown = texts(axes)
    assert [shown.index(row.name) for row in ROWS] == sorted(shown.index(row.name) for row in ROWS)
    assert "25.0%" in shown
    assert "right" in shown
    assert [patch.get_facecolor()[:3] for patch in axes.patches][2] == pytest.approx((0.851, 0.851, 0.851), abs=1e-3)


def test_bars_ascend_and_leave_no_data_out() -> None:
    axes = Figure().add_subplot()
    bars(axes, ROWS, lang="en")
    heights = [patch.get_height() for patch in axes.patches]
    assert heights == pytest.approx([70, 25, 25, 75])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["low", "high"]


def test_bars_without_people_show_area_alone() -> None:
    axes = Figure().add_subplot()
    bars(axes, [ClassRow(1, "#111111", "low", "", 1.0, np.nan)], lang="zh")
    assert len(axes.patches) == 1
    assert "人口" not in axes.get_title(loc="left")


def test_top_table_shows_at_most_five() -> None:
    axes = Figure().add_subplot()
    top_table(axes, [(f"u{i}", 1 - i / 10, "#111111") for i in range(7)], lang="en")
    assert "u4" in texts(axes)
    assert "u5" not in texts(axes)


def test_numeric_scale_is_that_of_the_print() -> None:
    figure = Figure(figsize=(10, 10))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 0.254 * 400_000), ylim=(0, 0.254 * 400_000))
    scale_bar(axes, lang="en")
    assert texts(axes)[-1] == "1 : 400,000"


def test_line_key_names_every_line() -> None:
    axes = Figure().add_subplot()
    line_key(axes, [("a", {"color": "red"}), ("b", {"color": "blue"}), ("c", {"color": "k", "marker": "o"})])
    assert texts(axes) == ["a", "b", "c"]


def test_every_word_is_there_in_both_languages() -> None:
    for key, entry in standards.table("names/maps").data.items():
        assert set(entry) == {"zh", "en"}, key
    assert words("legend", "en") == "Legend"
