"""A page of the atlas for each county (县级分页): its units on a map, and what they have of each hazard beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb

from riskzoning.maps.backdrop import Backdrop
from riskzoning.maps.fonts import fitted, wrapped
from riskzoning.maps.frame import graticule
from riskzoning.maps.furniture import line_key, scale_bar
from riskzoning.maps.theme import outline_of
from riskzoning.maps.works import draw_works, work_keys

# The map on a page, shares of it; the table beside it, points on A3.
WINDOW = (0.05, 0.11, 0.46, 0.76)
_TABLE_LEFT, _ROW = 640.0, 19.0
_NAME, _NUMBER = 84.0, 60.0
# Rows that a page has room for.
MOST_ROWS = 30
_FAINT = "#555555"
# On few pixels letters are wider than they are measured.
_COARSE = 1.08


@dataclass(frozen=True)
class Cell:
    """A cell of the table: its text, and its colour where it is a grade."""

    text: str
    colour: str = ""


@dataclass(frozen=True)
class CountyPage:
    """A county: its units with the colours of their grade, the lines and works there, and a row for each unit."""

    title: str
    subtitle: str
    units: gpd.GeoDataFrame
    colours: Sequence[str]
    backdrop: Backdrop
    legend: Sequence[tuple[str, str]]
    heads: Sequence[str]
    # Name, numbers, then grades.
    rows: Sequence[Sequence[Cell]]
    numbers: int
    note: str = ""


def draw_county(sheet: Any, page: CountyPage) -> None:
    """Draw the page on a sheet of the atlas."""
    scale = sheet.scale
    sheet.head(page.title)
    sheet.legend(page.legend, sheet.high - 92)
    axes = sheet.figure.add_axes(WINDOW)
    _map(axes, page, scale)
    keys = [*page.backdrop.keys(sheet.lang), *work_keys(page.backdrop.works, sheet.lang, scale)]
    line_key(sheet.figure.add_axes((0.27, 0.028, 0.24, 0.05)), keys[:8], scale=scale)
    scale_bar(axes, page.backdrop.frame.denominator, x=0.115, y=0.052, lang=sheet.lang, scale=scale)
    sheet.text(_TABLE_LEFT, sheet.high - 118, page.subtitle, 11, room=(sheet.wide - _TABLE_LEFT - 60) / _COARSE)
    _table(sheet, page)
    if page.note:
        sheet.text(_TABLE_LEFT, 52, page.note, 8, colour=_FAINT, room=sheet.wide - _TABLE_LEFT - 60)


def _map(axes: Axes, page: CountyPage, scale: float) -> None:
    parts = page.backdrop
    axes.set_title("", y=1.0)
    for shape, colour in zip(page.units.geometry, page.colours, strict=True):
        path = outline_of(shape)
        if path is not None:
            axes.add_collection(
                PathCollection([path], facecolor=colour, edgecolor=colour, linewidth=0.3), autolim=False
            )
    draw_works(axes, parts.works, parts.frame, scale)
    parts.draw(axes)
    graticule(axes, parts.frame, parts.crs, size=7 * scale)


def _table(sheet: Any, page: CountyPage) -> None:
    """A row a unit; grades as boxes of their colour with the name of the class in them."""
    count = max(len(page.heads) - 1 - page.numbers, 1)
    first = _TABLE_LEFT + _NAME + _NUMBER * page.numbers
    wide = min((sheet.wide - 60 - first) / count, 70.0)
    lefts = [first + wide * at for at in range(count)]
    # Headings of two lines stay clear of the sentence above them.
    top = sheet.high - 152
    _heads(sheet, page, lefts, wide, top)
    step = min(_ROW, (top - 90) / max(len(page.rows), 1))
    letters = min(9.0, 0.55 * step)
    # All classes in letters of one size, in which the longest fits.
    names = {cell.text for row in page.rows for cell in row[1 + page.numbers :]}
    room = (wide - 5) * sheet.scale / _COARSE
    inside = min([letters, *(fitted(name, letters * sheet.scale, room, least=0.5)[1] / sheet.scale for name in names)])
    boxes, colours = [], []
    for number, row in enumerate(page.rows, start=1):
        y = top - 12 - step * number
        sheet.text(_TABLE_LEFT, y, row[0].text, letters, room=_NAME - 6)
        for at in range(page.numbers):
            sheet.text(_edge(at), y, row[1 + at].text, letters, align="right", room=_NUMBER - 8)
        for left, cell in zip(lefts, row[1 + page.numbers :], strict=True):
            boxes.append((left + 1, y - step * 0.42, wide - 2, step * 0.84))
            colours.append(cell.colour)
            middle = left + wide / 2
            sheet.text(middle, y, cell.text, inside, align="center", colour=_readable(cell.colour), room=wide)
    sheet.boxes(boxes, colours)


def _heads(sheet: Any, page: CountyPage, lefts: Sequence[float], wide: float, top: float) -> None:
    """Headings above their columns, of two lines where they are long."""
    places = [(_TABLE_LEFT, "left", _NAME)]
    places += [(_edge(at), "right", _NUMBER) for at in range(page.numbers)]
    places += [(left + wide / 2, "center", wide) for left in lefts]
    # All of one size, in which the longest has room.
    rooms = [(room - 4) * sheet.scale / _COARSE for _, _, room in places]
    fit = [wrapped(text, 9 * sheet.scale, room, least=0.6)[1] for text, room in zip(page.heads, rooms, strict=True)]
    size = min(fit) / sheet.scale
    for (x, align, room), text in zip(places, page.heads, strict=True):
        lines, _ = wrapped(text, size * sheet.scale, (room - 4) * sheet.scale / _COARSE, least=1.0)
        for at, line in enumerate(reversed(lines)):
            sheet.text(x, top + 1.25 * size * at, line, size, align=align, colour=_FAINT)


def _edge(at: int) -> float:
    """Where the numbers of a column end."""
    return _TABLE_LEFT + _NAME + _NUMBER * (at + 1) - 6


def _readable(colour: str) -> str:
    """Black or white, whichever can be read on a colour."""
    red, green, blue = to_rgb(colour)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "#111111"
