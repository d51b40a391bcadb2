"""What stands beside the map: legend with intervals and shares, bars by grade, highest units, north arrow, scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib_scalebar.scalebar import ScaleBar

from riskzoning import standards
from riskzoning.maps.fonts import fitted

_TEXT, _FAINT = "#222222", "#555555"
# The tallest row of a legend, as a share of its height.
_TALLEST = 0.16


@dataclass(frozen=True)
class ClassRow:
    """One class in the legend: its swatch, name, interval, share of the area and of the people (0..1 or NaN)."""

    grade: int
    colour: str
    name: str
    interval: str
    area: float
    people: float
    hatch: str = ""


def words(key: str, lang: str, **values: object) -> str:
    """A word of maps in ``zh`` or ``en``."""
    return str(standards.table("names/maps").data[key][lang]).format(**values)


def legend(
    axes: Axes, rows: Sequence[ClassRow], *, lang: str, notes: Sequence[str] = (), note: str = "", scale: float = 1.0
) -> None:
    """Swatches from high to low with names, intervals and share of area; no data last; notes above, one below."""
    wide = _bare(axes)
    top = 0.97
    axes.text(0.0, top, words("legend", lang), fontsize=12 * scale, va="top", color=_TEXT)
    for line, text in enumerate(notes):
        shown, letters = fitted(text, 8 * scale, wide, least=0.6)
        axes.text(0.0, top - 0.1 - 0.055 * line, shown, fontsize=letters, va="top", color=_FAINT)
    head = top - 0.13 - 0.06 * len(notes)
    step = min((head + 0.02) / (len(rows) + 1), _TALLEST)
    shares = [share_text(row.area) for row in rows]
    room = {"grade": 0.29 * wide, "interval": 0.37 * wide}
    columns = [("grade", 0.15, "left"), ("interval", 0.46, "left"), ("area_share", 1.0, "right")]
    for key, x, align in columns if any(row.interval for row in rows) else [columns[0], columns[2]]:
        axes.text(x, head, words(key, lang), fontsize=8 * scale, color=_FAINT, va="center", ha=align)
    if not any(row.interval for row in rows):
        room["grade"] += room["interval"]
    for index, (row, share) in enumerate(zip(rows, shares, strict=True)):
        y = head - (index + 1) * step * 0.92
        axes.add_patch(_swatch(0.0, y - step * 0.3, 0.12, step * 0.6, row.colour, row.hatch))
        for x, text, size, space in (
            (0.15, row.name, 9, room["grade"]), (0.46, row.interval, 8, room["interval"]),
        ):  # fmt: skip
            shown, letters = fitted(text, size * scale, space)
            axes.text(x, y, shown, fontsize=letters, va="center", color=_TEXT)
        axes.text(1.0, y, share, fontsize=8 * scale, va="center", ha="right", color=_TEXT)
    if note:
        axes.text(0.0, 0.0, note, fontsize=7 * scale, color=_FAINT, va="bottom")


def share_text(value: float) -> str:
    """A share as text; what is there is never rounded to nothing."""
    if not np.isfinite(value):
        return ""
    return "<0.1%" if 0 < value < 0.0005 else f"{value:.1%}"


def line_key(axes: Axes, entries: Sequence[tuple[str, dict[str, Any]]], *, scale: float = 1.0) -> None:
    """Short lines and dots with their names, two a row."""
    wide = _bare(axes)
    rows = max((len(entries) + 1) // 2, 1)
    for index, (name, style) in enumerate(entries):
        x, y = 0.5 * (index % 2), 1 - (index // 2 + 0.5) / rows
        if style.get("marker"):
            axes.plot([x + 0.06], [y], **{"linestyle": "none", **style})
        else:
            axes.plot([x, x + 0.12], [y, y], **style)
        shown, letters = fitted(name, 8 * scale, 0.34 * wide, least=0.6)
        axes.text(x + 0.15, y, shown, fontsize=letters, va="center", color=_TEXT)


def bars(axes: Axes, rows: Sequence[ClassRow], *, lang: str, scale: float = 1.0) -> None:
    """Share of area and of people by grade, side by side."""
    # From the lowest to the highest, as they stand in the legend from below.
    graded = [row for row in reversed(rows) if row.grade > 0]
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
    room = _points_wide(axes) / max(len(graded), 1) - 2
    names = [fitted(row.name, 8 * scale, room, least=0.6) for row in graded]
    axes.set_xticks(x, [name for name, _ in names], fontsize=min([8 * scale, *(letters for _, letters in names)]))
    axes.set_xlim(-0.6, max(len(graded), 1) - 0.4)
    axes.set_title(f"{label}  %", fontsize=8 * scale, loc="left", color=_TEXT, y=1.0)
    axes.tick_params(axis="y", labelsize=7 * scale)
    axes.set_ylim(0, max([*area, *(100 * np.nan_to_num(row.people) for row in graded), 1.0]) * 1.12)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def top_table(axes: Axes, rows: Sequence[tuple[str, float, str]], *, lang: str, scale: float = 1.0) -> None:
    """The highest units: name, index, colour."""
    wide = _bare(axes)
    axes.text(0, 1, words("top_units", lang), fontsize=9.5 * scale, va="top", color=_TEXT)
    for index, (name, value, colour) in enumerate(rows[:5]):
        y = 0.76 - index * 0.16
        axes.add_patch(_swatch(0, y - 0.05, 0.05, 0.1, colour))
        shown, letters = fitted(name, 8 * scale, 0.72 * wide)
        axes.text(0.08, y, shown, fontsize=letters, va="center", color=_TEXT)
        number = f"{value:.3f}".replace("-", "−")
        axes.text(1, y, number, fontsize=8 * scale, va="center", ha="right", color=_TEXT)


def north_arrow(figure: Figure, *, x: float, y: float, lang: str, scale: float = 1.0) -> None:
    """A north arrow whose foot stands at (x, y), in shares of the sheet."""
    wide, high = (8.5 * scale / 72 / figure.get_figwidth(), 32 * scale / 72 / figure.get_figheight())
    for sign, colour in ((-1, "white"), (1, _TEXT)):
        points = [(x, y + high), (x + sign * wide, y), (x, y + high * 0.22)]
        figure.add_artist(
            Polygon(points, transform=figure.transFigure, facecolor=colour, edgecolor=_TEXT, linewidth=0.8)
        )
    figure.text(x, y + high * 1.08, words("north", lang), ha="center", va="bottom", fontsize=10 * scale, color=_TEXT)


def scale_bar(axes: Axes, denominator: float, *, x: float, y: float, lang: str, scale: float = 1.0) -> None:
    """A scale bar of about 50 mm and the numeric scale, beneath the map, centred at (x, y) in shares of the sheet."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    bar = ScaleBar(
        1, units="m", location="center left", box_alpha=0, pad=0, border_pad=0, sep=2, length_fraction=0.2,
        height_fraction=0.006, scale_loc="right", bbox_to_anchor=(x, y), bbox_transform=figure.transFigure,
        font_properties={"size": 8 * scale}, color=_TEXT, rotation="horizontal-only",
    )  # fmt: skip
    bar.set_zorder(20)
    bar.set_clip_on(False)
    axes.add_artist(bar)
    text = words("scale", lang, denominator=f"{denominator:,.0f}" if denominator >= 1 else f"{denominator:g}")
    figure.text(x - 0.008, y, text, fontsize=9 * scale, ha="right", va="center", color=_TEXT)


def _bare(axes: Axes) -> float:
    """Axes as a plain box from 0 to 1; gives its width in points."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    # A title with a place of its own: matplotlib measures every tick label to find one, also for an empty title.
    axes.set_title("", y=1.0)
    return _points_wide(axes)


def _points_wide(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return float(axes.get_position().width * figure.get_figwidth() * 72)


def _swatch(x: float, y: float, wide: float, high: float, colour: str, hatch: str = "") -> Rectangle:
    return Rectangle((x, y), wide, high, facecolor=colour, edgecolor="#666666", linewidth=0.5, hatch=hatch or None)
