"""What stands beside the map: legend with intervals and shares, bars by grade, highest units, north arrow, scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle
from matplotlib_scalebar.scalebar import ScaleBar

from riskzoning import standards

__all__ = ["ClassRow", "bars", "legend", "line_key", "north_arrow", "scale_bar", "top_table", "words"]

_TEXT = "#222222"


@dataclass(frozen=True)
class ClassRow:
    """One class in the legend: its swatch, name, interval, share of the area and of the people (0..1 or NaN).

    Examples
    --------
    >>> ClassRow(5, "#D7191C", "高", "0.81 - 0.95", 0.1, 0.2).grade
    5
    """

    grade: int
    colour: str
    name: str
    interval: str
    area: float
    people: float


def words(key: str, lang: str, **values: object) -> str:
    """A word of maps in ``zh`` or ``en``.

    Examples
    --------
    >>> words("legend", "zh")
    '图例'
    """
    return str(standards.table("names/maps").data[key][lang]).format(**values)


def legend(axes: Axes, rows: Sequence[ClassRow], *, lang: str, note: str = "") -> None:
    """Swatches from high to low with names, intervals and share of area; no data last.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot()
    >>> legend(axes, [ClassRow(1, "#2B83BA", "low", "0 - 1", 1.0, 1.0)], lang="en")
    >>> [text.get_text() for text in axes.texts][0]
    'Legend'
    """
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    step = 0.86 / (len(rows) + 1)
    top = 0.97
    axes.text(0.0, top, words("legend", lang), fontsize=12, va="top", color=_TEXT)
    head = top - 0.13
    for x, key, align in ((0.17, "grade", "left"), (0.46, "interval", "left"), (1.0, "area_share", "right")):
        axes.text(x, head, words(key, lang), fontsize=8, color="#555555", va="center", ha=align)
    for index, row in enumerate(rows):
        y = head - (index + 1) * step * 0.92
        box = Rectangle(
            (0.0, y - step * 0.3), 0.13, step * 0.6, facecolor=row.colour, edgecolor="#666666", linewidth=0.5
        )
        axes.add_patch(box)
        axes.text(0.17, y, row.name, fontsize=9, va="center", color=_TEXT)
        axes.text(0.46, y, row.interval, fontsize=8, va="center", color=_TEXT)
        if np.isfinite(row.area):
            axes.text(1.0, y, f"{row.area:.1%}", fontsize=8, va="center", ha="right", color=_TEXT)
    if note:
        axes.text(0.0, 0.0, note, fontsize=7, color="#555555", va="bottom")


def line_key(axes: Axes, entries: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Short lines and dots with their names, two a row.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot()
    >>> line_key(axes, [("River", {"color": "blue"})])
    >>> axes.texts[0].get_text()
    'River'
    """
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    rows = max((len(entries) + 1) // 2, 1)
    for index, (name, style) in enumerate(entries):
        x, y = 0.5 * (index % 2), 1 - (index // 2 + 0.5) / rows
        if style.get("marker"):
            axes.plot([x + 0.06], [y], **style)
        else:
            axes.plot([x, x + 0.12], [y, y], **style)
        axes.text(x + 0.15, y, name, fontsize=8, va="center", color=_TEXT)


def bars(axes: Axes, rows: Sequence[ClassRow], *, lang: str) -> None:
    """Share of area and of people by grade, side by side.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot()
    >>> bars(axes, [ClassRow(1, "#2B83BA", "low", "0 - 1", 1.0, 1.0)], lang="en")
    >>> len(axes.patches)
    2
    """
    graded = [row for row in rows if row.grade > 0]
    graded = sorted(graded, key=lambda row: row.grade)
    x = np.arange(len(graded))
    with_people = any(np.isfinite(row.people) for row in graded)
    width = 0.4 if with_people else 0.6
    colours = [row.colour for row in graded]
    area = [100 * np.nan_to_num(row.area) for row in graded]
    axes.bar(x - (width / 2 if with_people else 0), area, width, color=colours, edgecolor="#666666", linewidth=0.5)
    label = words("area_share", lang)
    if with_people:
        people = [100 * np.nan_to_num(row.people) for row in graded]
        axes.bar(x + width / 2, people, width, color=colours, edgecolor="#666666", linewidth=0.5, hatch="////")
        label = f"{label}  |  {words('people_share', lang)} (////)"
    axes.set_xticks(x, [row.name for row in graded], fontsize=8)
    axes.set_title(f"{label}  %", fontsize=8, loc="left", color=_TEXT)
    axes.tick_params(axis="y", labelsize=7)
    axes.margins(y=0.12)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def top_table(axes: Axes, rows: Sequence[tuple[str, float, str]], *, lang: str) -> None:
    """The highest units: name, index, colour.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot()
    >>> top_table(axes, [("A", 0.9, "#D7191C")], lang="en")
    >>> axes.texts[0].get_text()
    'Five highest units'
    """
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.text(0, 1, words("top_units", lang), fontsize=9.5, va="top", color=_TEXT)
    for index, (name, value, colour) in enumerate(rows[:5]):
        y = 0.76 - index * 0.16
        axes.add_patch(Rectangle((0, y - 0.05), 0.05, 0.1, facecolor=colour, edgecolor="#666666", linewidth=0.5))
        axes.text(0.08, y, name, fontsize=8, va="center", color=_TEXT)
        axes.text(1, y, f"{value:.3f}", fontsize=8, va="center", ha="right", color=_TEXT)


def north_arrow(axes: Axes, *, lang: str) -> None:
    """A north arrow in the upper right corner of the map.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot()
    >>> north_arrow(axes, lang="en")
    >>> axes.texts[0].get_text()
    'N'
    """
    shape = axes.get_window_extent()
    ratio = shape.width / shape.height if shape.height else 1.0
    x, y, high = 0.965, 0.90, 0.055
    wide = high * 0.32 / ratio
    for sign, colour in ((-1, "white"), (1, _TEXT)):
        points = [(x, y + high), (x + sign * wide, y), (x, y + high * 0.22)]
        patch = Polygon(points, transform=axes.transAxes, facecolor=colour, edgecolor=_TEXT, linewidth=0.8, zorder=20)
        axes.add_patch(patch)
    axes.text(
        x, y + high + 0.008, words("north", lang), transform=axes.transAxes, ha="center", fontsize=10, zorder=20
    )  # fmt: skip


def scale_bar(axes: Axes, *, lang: str) -> None:
    """A scale bar and the numeric scale at the printed size, in the lower left corner of the map.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot()
    >>> _ = axes.set(xlim=(0, 100000), ylim=(0, 100000))
    >>> scale_bar(axes, lang="en")
    >>> axes.texts[0].get_text().startswith("1 : ")
    True
    """
    bar = ScaleBar(
        1, units="m", location="lower left", box_alpha=0.85, border_pad=0.6, width_fraction=0.006,
        font_properties={"size": 8},
    )  # fmt: skip
    bar.set_zorder(20)
    axes.add_artist(bar)
    figure = axes.get_figure(root=True)
    assert figure is not None
    inches = axes.get_position().width * figure.get_figwidth()
    left, right = axes.get_xlim()
    denominator = round((right - left) / (inches * 0.0254), -3)
    axes.text(
        0.012, 0.012, words("scale", lang, denominator=f"{denominator:,.0f}"), transform=axes.transAxes, fontsize=8,
        va="bottom", zorder=21, bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 2},
    )  # fmt: skip
