"""Legend, bars and table say what the classes say."""

from __future__ import annotations

from io import BytesIO

import matplotlib as mpl
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


def test_a_share_that_is_there_is_never_rounded_to_nothing() -> None:
    axes = Figure().add_subplot()
    legend(
        axes, [ClassRow(2, "#111111", "high", "", 1e-5, 0.0), ClassRow(1, "#eeeeee", "low", "", 0.0, 0.0)], lang="en"
    )
    assert [text for text in texts(axes) if text.endswith("%")] == ["<0.1%", "0.0%"]


def test_bars_ascend_and_leave_no_data_out() -> None:
    axes = Figure().add_subplot()
    bars(axes, ROWS, lang="en")
    heights = [patch.get_height() for patch in axes.patches]
    assert heights == pytest.approx([70, 25, 25, 75])
    assert [label.get_text() for label in axes.get_xticklabels()] == ["low", "high"]


def test_a_name_under_its_bar_is_broken_at_its_hyphen_and_not_cut() -> None:
    names = ["none", "low", "medium-low", "medium", "medium-high", "high"]
    rows = [ClassRow(n + 1, "#111111", name, "", 0.1, 0.2) for n, name in reversed(list(enumerate(names)))]
    axes = Figure(figsize=(2.9, 1)).add_subplot()
    bars(axes, rows, lang="en")
    assert [label.get_text() for label in axes.get_xticklabels()] == [name.replace("-", "-\n") for name in names]


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


def test_scale_bar_and_numeric_scale_agree() -> None:
    figure = Figure(figsize=(10, 10))
    axes = figure.add_axes((0, 0.2, 1, 0.8))
    axes.set(xlim=(0, 0.254 * 400_000), ylim=(0, 0.254 * 320_000))
    scale_bar(axes, 400_000, x=0.5, y=0.05, lang="en")
    buffer = BytesIO()
    with mpl.rc_context({"svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg")
    assert figure.texts[0].get_text() == "1 : 400,000"
    assert b">20 km<" in buffer.getvalue()


def test_long_names_of_classes_shrink_instead_of_running_into_the_intervals() -> None:
    figure = Figure(figsize=(16, 11))
    axes = figure.add_axes((0.8, 0.6, 0.18, 0.3))
    legend(axes, [ClassRow(1, "#111111", "a very long name of a class indeed", "0.5 – 0.75", 1.0, 1.0)], lang="en")
    figure.canvas.draw()
    name = next(text for text in axes.texts if text.get_text().startswith("a very"))
    interval = next(text for text in axes.texts if "0.5" in text.get_text())
    assert name.get_window_extent().x1 < interval.get_window_extent().x0


def test_line_key_names_every_line() -> None:
    axes = Figure().add_subplot()
    line_key(axes, [("a", {"color": "red"}), ("b", {"color": "blue"}), ("c", {"color": "k", "marker": "o"})])
    assert texts(axes) == ["a", "b", "c"]


def test_every_word_is_there_in_both_languages() -> None:
    groups = dict(standards.table("names/maps").data)
    plots = [groups.pop(name) for name in list(groups) if set(groups[name]) != {"zh", "en"}]
    assert len(plots) >= 2
    for key, entry in [*groups.items(), *(pair for plot in plots for pair in plot.items())]:
        assert set(entry) == {"zh", "en"}, key
    assert words("legend", "en") == "Legend"
