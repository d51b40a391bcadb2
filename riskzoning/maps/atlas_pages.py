"""The pages that only an atlas has: cover, contents, what lies in each grade by unit, objects on a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
import shapely
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from riskzoning.maps.county_pages import CountyPage, draw_county
from riskzoning.maps.fonts import fitted, with_cjk_font
from riskzoning.maps.furniture import words
from riskzoning.maps.surroundings import SIZES

_INK, _FAINT, _RULE = "#1F2A44", "#555555", "#B8C0CC"
# Sizes below are points on A3; other papers are scaled.
_WIDE, _HIGH = SIZES["A3"][0] * 72, SIZES["A3"][1] * 72
_MARGIN = 60.0
# Units on a page, rows of a table, and entries of a column of the contents.
_MOST_UNITS, _MOST_ROWS, _ENTRIES = 24, 26, 34


@dataclass(frozen=True)
class Cover:
    """The first page."""

    title: str
    subtitle: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Contents:
    """Entries with their pages; those without a page are chapters."""

    title: str
    entries: Sequence[tuple[str, int | None]]


@dataclass(frozen=True)
class Bars:
    """One quantity of the units: a row of amounts by class, lowest class first, and what has none at the end."""

    title: str
    amounts: NDArray[np.float64]
    totals: Sequence[str]


@dataclass(frozen=True)
class ByGrade:
    """What lies in each class of a hazard, unit by unit, one panel a quantity."""

    title: str
    units: Sequence[str]
    classes: Sequence[tuple[str, str]]
    panels: Sequence[Bars]
    note: str = ""


@dataclass(frozen=True)
class ObjectMap:
    """Objects on the outlines of units, their counts by kind, and the highest of them."""

    title: str
    outlines: Sequence[Any]
    points: NDArray[np.float64]
    lines: Sequence[Any]
    colours: Sequence[str]
    line_colours: Sequence[str]
    legend: Sequence[tuple[str, str]]
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = field(default_factory=tuple)
    note: str = ""


Page = Cover | Contents | ByGrade | ObjectMap | CountyPage


def contents_pages(entries: int) -> int:
    """How many pages the contents take."""
    return max(1, -(-entries // (2 * _ENTRIES)))


def draw_pages(pages: Sequence[Page], *, size: str, lang: str, footer: str) -> bytes:
    """The pages as one PDF without a clock; letters of all of them are embedded once."""
    buffer = BytesIO()
    with with_cjk_font(), PdfPages(buffer, metadata={"CreationDate": None, "Creator": "riskzoning"}) as file:
        for page in pages:
            sheet = _Sheet(size, lang)
            _DRAWN[type(page)](sheet, page)
            if not isinstance(page, Cover):
                sheet.text(_WIDE - _MARGIN, 28, footer, 8, align="right", colour=_FAINT)
            file.savefig(sheet.figure)
    return buffer.getvalue()


class _Sheet:
    """A page whose places are points of an A3 sheet, from below."""

    def __init__(self, size: str, lang: str) -> None:
        self.lang, self.scale = lang, SIZES[size][0] / SIZES["A3"][0]
        self.wide, self.high = _WIDE, _HIGH
        self.figure = Figure(figsize=SIZES[size])
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set(xlim=(0, _WIDE), ylim=(0, _HIGH))

    def text(
        self, x: float, y: float, text: str, size: float, *, align: str = "left", colour: str = _INK, room: float = 0,
    ) -> None:  # fmt: skip
        """A line of text, smaller or cut where it has no room."""
        size = size * self.scale
        shown, letters = fitted(text, size, (room or _WIDE) * self.scale)
        self.axes.text(x, y, shown, fontsize=letters, ha=align, va="center", color=colour, clip_on=False)

    def boxes(self, corners: Sequence[tuple[float, float, float, float]], colours: Sequence[str]) -> None:
        """Boxes by left, bottom, width and height."""
        shapes = [[(x, y), (x + w, y), (x + w, y + h), (x, y + h)] for x, y, w, h in corners]
        line = 0.3 * self.scale
        drawn = PolyCollection(shapes, facecolors=list(colours), edgecolors="#666666", linewidths=line)
        self.axes.add_collection(drawn, autolim=False)

    def head(self, title: str) -> None:
        """The title with a rule below."""
        self.text(_WIDE / 2, _HIGH - 50, title, 20, align="center", room=_WIDE - 2 * _MARGIN)
        self.axes.plot([_MARGIN, _WIDE - _MARGIN], [_HIGH - 72] * 2, color=_RULE, linewidth=1)

    def legend(self, entries: Sequence[tuple[str, str]], y: float) -> None:
        """Swatches with their names in a row."""
        step = min(130.0, (_WIDE - 2 * _MARGIN) / max(len(entries), 1))
        left = _WIDE / 2 - step * len(entries) / 2
        self.boxes([(left + step * at, y - 5, 20, 10) for at in range(len(entries))], [colour for _, colour in entries])
        for at, (name, _) in enumerate(entries):
            self.text(left + step * at + 26, y, name, 10, room=step - 30)

    def table(
        self, left: float, top: float, width: float, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]
    ) -> float:
        """A plain table, its first column the widest; gives where it ends."""
        self.text(left, top, title, 12, room=width)
        first = 0.36 if len(heads) > 4 else 0.4
        rest = (1 - first) / max(len(heads) - 1, 1)
        edges = [left, *(left + width * (first + rest * (at + 1)) for at in range(len(heads) - 1))]
        y = top - 20
        for number, row in enumerate([heads, *rows]):
            colour = _FAINT if number == 0 else _INK
            self.text(left, y, row[0], 9, colour=colour, room=width * first - 6)
            for edge, value in zip(edges[1:], row[1:], strict=True):
                self.text(edge, y, value, 9, align="right", colour=colour, room=width * rest - 5)
            y -= 14.5
        return y


def _cover(sheet: _Sheet, page: Cover) -> None:
    sheet.boxes([(0, _HIGH * 0.5, _WIDE, _HIGH * 0.3)], ["#1F3864"])
    sheet.text(_WIDE / 2, _HIGH * 0.68, page.title, 44, align="center", colour="white", room=_WIDE - 2 * _MARGIN)
    sheet.text(_WIDE / 2, _HIGH * 0.585, page.subtitle, 24, align="center", colour="white", room=_WIDE - 2 * _MARGIN)
    for at, line in enumerate(page.lines):
        sheet.text(_WIDE / 2, _HIGH * 0.38 - 26 * at, line, 14, align="center", room=_WIDE - 2 * _MARGIN)


def _contents(sheet: _Sheet, page: Contents) -> None:
    sheet.head(page.title)
    wide = (_WIDE - 2 * _MARGIN - 60) / 2
    for at, (title, number) in enumerate(page.entries):
        left = _MARGIN + (at // _ENTRIES) * (wide + 60)
        y = _HIGH - 105 - 20 * (at % _ENTRIES)
        chapter = number is None
        sheet.text(
            left + (0 if chapter else 16),
            y,
            title,
            12 if chapter else 11,
            room=wide - 60,
            colour=_INK if chapter else _FAINT,
        )
        if number is not None:
            sheet.text(left + wide, y, str(number), 11, align="right", colour=_FAINT)


def _by_grade(sheet: _Sheet, page: ByGrade) -> None:
    sheet.head(page.title)
    sheet.legend(page.classes, _HIGH - 92)
    columns = 2 if len(page.panels) > 1 else 1
    rows = -(-len(page.panels) // columns)
    wide = (_WIDE - 2 * _MARGIN - 50 * (columns - 1)) / columns
    high = (_HIGH - 110 - 60) / max(rows, 1)
    for at, panel in enumerate(page.panels):
        left = _MARGIN + (at % columns) * (wide + 50)
        _panel(sheet, page, panel, (left, _HIGH - 110 - (at // columns) * high, wide, high - 14))
    if page.note:
        sheet.text(_MARGIN, 28, page.note, 8, colour=_FAINT, room=_WIDE * 0.7)


def _panel(sheet: _Sheet, page: ByGrade, panel: Bars, place: tuple[float, float, float, float]) -> None:
    """A bar for each unit from its lowest class to its highest, as shares of its total."""
    left, top, wide, high = place
    sheet.text(left, top - 12, panel.title, 12, room=wide)
    step = (high - 24) / max(len(page.units), 1)
    name, total = 0.2 * wide, 0.14 * wide
    room, letters = wide - name - total, min(10.0, step * 0.72)
    boxes, colours = [], []
    for at, (unit, row) in enumerate(zip(page.units, panel.amounts, strict=True)):
        y = top - 26 - step * (at + 0.5)
        sheet.text(left + name - 6, y, unit, letters, align="right", room=name - 8)
        sheet.text(left + wide, y, panel.totals[at], letters, align="right", room=total - 6)
        x = left + name
        for value, (_, colour) in zip(row, page.classes, strict=True):
            part = room * value / row.sum() if row.sum() > 0 else 0.0
            if part > 0:
                boxes.append((x, y - step * 0.36, part, step * 0.72))
                colours.append(colour)
            x += part
    sheet.boxes(boxes, colours)


def _object_map(sheet: _Sheet, page: ObjectMap) -> None:
    sheet.head(page.title)
    left, bottom, wide, high = _MARGIN, 70.0, _WIDE * 0.56, _HIGH - 165
    bounds = shapely.total_bounds(np.asarray(page.outlines, dtype=object))
    step = max((bounds[2] - bounds[0]) / wide, (bounds[3] - bounds[1]) / high)
    shift = np.array(
        [left + (wide - (bounds[2] - bounds[0]) / step) / 2, bottom + (high - (bounds[3] - bounds[1]) / step) / 2]
    )

    def placed(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((xy - bounds[:2]) / step + shift)

    # Half a point on paper is enough.
    rings = shapely.get_parts(shapely.boundary(shapely.simplify(np.asarray(page.outlines, dtype=object), step / 2)))
    sheet.axes.add_collection(
        LineCollection([placed(shapely.get_coordinates(ring)) for ring in rings], colors="#777777", linewidths=0.7),
        autolim=False,
    )
    if len(page.lines):
        thin, owner = shapely.get_parts(
            shapely.simplify(np.asarray(page.lines, dtype=object), step / 2), return_index=True
        )
        drawn = [placed(shapely.get_coordinates(line)) for line in thin]
        sheet.axes.add_collection(
            LineCollection(drawn, colors=[page.line_colours[at] for at in owner], linewidths=1.4), autolim=False
        )
    if len(page.points):
        x, y = placed(page.points).T
        sheet.axes.scatter(
            x, y, s=14, c=list(page.colours), edgecolors="#333333", linewidths=0.3, zorder=5, clip_on=False
        )
    sheet.legend(page.legend, _HIGH - 92)
    top, right = _HIGH - 125, left + wide + 40
    for title, heads, rows in page.tables:
        top = sheet.table(right, top, _WIDE - _MARGIN - right, title, heads, rows[:_MOST_ROWS]) - 14
    if page.note:
        sheet.text(_MARGIN, 28, page.note, 8, colour=_FAINT, room=_WIDE * 0.7)


_DRAWN: dict[type, Any] = {
    Cover: _cover,
    Contents: _contents,
    ByGrade: _by_grade,
    ObjectMap: _object_map,
    CountyPage: draw_county,
}


def unit_order(amounts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Units with the most in the two highest classes first (the last column has no class), as many as a page holds."""
    high = amounts[:, -3:-1].sum(axis=1) if amounts.shape[1] > 2 else amounts.sum(axis=1)
    return np.argsort(-high, kind="stable")[:_MOST_UNITS]


def no_data(lang: str) -> str:
    """What is called what has no class."""
    return words("no_data", lang)
