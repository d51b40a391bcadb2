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
from riskzoning.errors import counted
from riskzoning.maps.fonts import fitted, text_size, wrapped

_TEXT, _FAINT = "#222222", "#555555"
# The tallest row of a legend, as a share of its height.
_TALLEST = 0.16
# Width of a swatch, a share of that of the legend; how small its letters may become before a text is cut.
_SWATCH, _SMALLEST = 0.12, 0.6
# On few pixels letters are wider than they are measured.
_COARSE = 1.1


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
    text = str(standards.table("names/maps").data[key][lang])
    return counted(text, values, lang).format(**values)


def legend(
    axes: Axes, rows: Sequence[ClassRow], *, lang: str, notes: Sequence[str] = (), note: str = "", scale: float = 1.0
) -> None:
    """Swatches from high to low with names, intervals and share of area; no data last; notes above, one below."""
    wide, high = _bare(axes), _points_high(axes)
    axes.text(0.0, 0.97, words("legend", lang), fontsize=12 * scale, va="top", color=_TEXT)
    top = _paragraphs(axes, notes, 0.97 - 22 * scale / high, (wide, high), scale)
    below, letters = wrapped(note, 7 * scale, wide) if note else ([], 0.0)
    for at, line in enumerate(reversed(below)):
        axes.text(0.0, at * 1.4 * letters / high, line, fontsize=letters, color=_FAINT, va="bottom")
    floor = 1.4 * letters * len(below) / high
    step = min((top - floor) / (len(rows) + 1), _TALLEST)
    columns = _columns(rows, lang, wide, scale)
    for column in columns:
        axes.text(
            column.x,
            top - step * 0.45,
            column.head,
            fontsize=column.letters_of_head,
            color=_FAINT,
            va="center",
            ha=column.align,
        )
    for index, row in enumerate(rows):
        y = top - (index + 1.45) * step
        axes.add_patch(_swatch(0.0, y - step * 0.3, _SWATCH, step * 0.6, row.colour, row.hatch))
        for column in columns:
            text = column.texts[index]
            axes.text(column.x, y, text, fontsize=column.letters, va="center", ha=column.align, color=_TEXT)


def _paragraphs(axes: Axes, notes: Sequence[str], top: float, size: tuple[float, float], scale: float) -> float:
    """Notes one below the other, of two lines each where they are long; gives where the next thing may begin."""
    wide, high = size
    for text in notes:
        lines, letters = wrapped(text, 8 * scale, wide, least=0.75)
        for line in lines:
            axes.text(0.0, top, line, fontsize=letters, va="top", color=_FAINT)
            top -= 1.45 * letters / high
    return top - 3 * scale / high


@dataclass(frozen=True)
class _Column:
    """A column of the legend: its place, its heading and texts in the sizes in which they fit."""

    x: float
    align: str
    head: str
    letters_of_head: float
    texts: Sequence[str]
    letters: float


def _columns(rows: Sequence[ClassRow], lang: str, wide: float, scale: float) -> list[_Column]:
    """Names, intervals and shares beside each other, each as wide as it needs; smaller letters where room is scarce."""
    parts = [("grade", 9.0, [row.name for row in rows]), ("interval", 8.0, [row.interval for row in rows])]
    parts = [part for part in parts if any(part[2])]
    shares = [share_text(row.area) for row in rows]
    head = words("area_share", lang)
    last = max(text_size(text, 8 * scale)[0] for text in [head, *shares])
    needs = [
        max([text_size(words(key, lang), 8 * scale)[0], *(text_size(text, size * scale)[0] for text in texts)])
        for key, size, texts in parts
    ]
    left, gap = (_SWATCH + 0.03) * wide, 5 * scale
    widths = _widths(needs, (wide - left - last - gap * len(parts)) / _COARSE)
    # What is left over stands between the columns.
    spare = max(wide - left - last - gap * len(parts) - _COARSE * sum(widths), 0.0) / max(len(parts), 1)
    columns = []
    for (key, size, texts), need, width in zip(parts, needs, widths, strict=True):
        share = min(max(width / max(need, 1e-9), _SMALLEST), 1.0)
        shown = [fitted(text, share * size * scale, width + 0.5, least=1.0)[0] for text in texts]
        heading = fitted(words(key, lang), share * 8 * scale, width + 0.5, least=1.0)[0]
        columns.append(_Column(left / wide, "left", heading, share * 8 * scale, shown, share * size * scale))
        left += _COARSE * width + gap + spare
    return [*columns, _Column(1.0, "right", head, 8 * scale, shares, 8 * scale)]


def _widths(needs: Sequence[float], room: float) -> list[float]:
    """Widths of columns that want so much: all smaller alike, and numbers, which stand last, never cut."""
    smaller = min(1.0, room / max(sum(needs), 1e-9))
    if smaller >= _SMALLEST or len(needs) == 1:
        return [need * smaller for need in needs]
    kept = _SMALLEST * needs[-1]
    return [max(room - kept, 0.0), kept]


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
            axes.plot([x, x + 0.12], [y, y], **{key: value for key, value in style.items() if key != "bars"})
        if style.get("bars"):
            at = [x + 0.02, x + 0.06, x + 0.1]
            half = 1.6 * scale / _points_high(axes)
            axes.vlines(at, y - half, y + half, colors=style["color"], linewidths=style["linewidth"])
        shown, letters = fitted(name, 8 * scale, 0.33 * wide, least=0.6)
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
    names = [_below(row.name, 8 * scale, room) for row in graded]
    axes.set_xticks(x, [name for name, _ in names], fontsize=min([8 * scale, *(letters for _, letters in names)]))
    axes.set_xlim(-0.6, max(len(graded), 1) - 0.4)
    axes.set_title(f"{label}  %", fontsize=8 * scale, loc="left", color=_TEXT, y=1.0)
    axes.tick_params(axis="y", labelsize=7 * scale)
    axes.set_ylim(0, max([*area, *(100 * np.nan_to_num(row.people) for row in graded), 1.0]) * 1.12)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _below(name: str, size: float, room: float) -> tuple[str, float]:
    """A name under its bar: in two lines at its hyphen before its letters become small."""
    head, dash, tail = name.partition("-")
    if not (dash and tail) or text_size(name, size)[0] <= room:
        return fitted(name, size, room, least=0.6)
    parts = [fitted(part, size, room, least=0.6) for part in (head + dash, tail)]
    return "\n".join(text for text, _ in parts), min(letters for _, letters in parts)


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


def _points_high(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return float(axes.get_position().height * figure.get_figheight() * 72)


def _swatch(x: float, y: float, wide: float, high: float, colour: str, hatch: str = "") -> Rectangle:
    return Rectangle((x, y), wide, high, facecolor=colour, edgecolor="#666666", linewidth=0.5, hatch=hatch or None)
