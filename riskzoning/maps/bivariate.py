"""A map of two measures at once: risk beside lack of capacity, each in thirds (双变量图)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.codes import unit_names
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem
from riskzoning.maps.backdrop import Backdrop
from riskzoning.maps.fonts import fitted, with_cjk_font
from riskzoning.maps.furniture import share_text
from riskzoning.maps.options import Sheet
from riskzoning.maps.patches import Changes
from riskzoning.maps.sheet import map_backdrop
from riskzoning.maps.surroundings import (
    PANEL_LEFT,
    PANEL_WIDTH,
    draw_surroundings,
    empty_sheet,
    letters_of,
    window,
)
from riskzoning.maps.theme import draw_footers, draw_title, outline_of

_CLASSES, _LISTED = 3, 8
_EDGE = "#777777"


def bivariate_map(
    units: gpd.GeoDataFrame,
    columns: tuple[str, str],
    *,
    names: tuple[str, str],
    title: str,
    lang: str = "zh",
    backdrop: Backdrop | None = None,
    sheet: Sheet | None = None,
) -> Figure:
    """A map of two measures of the units, each in thirds by rank, as a 3 x 3 square of colours (双变量图).

    Parameters
    ----------
    units : GeoDataFrame
        With a column for each measure; NaN and infinities are no data. Column ``name``: for the list.
    columns : tuple of two str
        Both are bad where they are high: for capacity take its lack (1 - index).
    names : tuple of two str
        What people call them.
    title : str
    lang : {"zh", "en"}
        Falls back to ``en`` where no font with Chinese glyphs is installed.
    backdrop, sheet : optional
        As for :func:`zoning_map`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    LayerError
        A column that is not there, no units, or fewer than three different values of a measure.
    MissingCRSError
        The units have no CRS.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> towns = toy_result().units["township"]
    >>> columns, names = ("multi_risk_index", "flood_eal"), ("risk", "annual loss")
    >>> figure = bivariate_map(towns, columns, names=names, title="Risk and loss", lang="en")
    >>> [text.get_text() for text in figure.texts][0]
    'Risk and loss'
    """
    classes = bivariate_classes(units, columns)
    sheet = sheet or Sheet()
    with with_cjk_font() as chinese:
        spoken = lang if chinese else "en"
        parts = backdrop or map_backdrop(outlines=units, size=sheet.size, crs=sheet.crs)
        figure = empty_sheet(parts)
        axes = window(figure)
        scale = letters_of(parts.size)
        draw_title(figure, title, scale)
        drawn = units.to_crs(parts.crs)
        _draw(axes, drawn, classes)
        axes.set(xlim=(parts.frame.left, parts.frame.right), ylim=(parts.frame.bottom, parts.frame.top))
        _legend(figure, names, spoken, scale)
        _list(figure, drawn, classes, spoken, scale)
        draw_footers(figure, sheet.notes, parts, Changes(), spoken, scale)
        draw_surroundings(figure, axes, parts, spoken)
    return figure


def bivariate_classes(units: gpd.GeoDataFrame, columns: tuple[str, str]) -> pd.DataFrame:
    """Third of each unit by both measures, 1 low to 3 high; 0 where either is not known.

    Examples
    --------
    >>> from shapely import box
    >>> shapes = [box(at, 0, at + 1, 1) for at in range(4)]
    >>> units = gpd.GeoDataFrame({"a": [1, 2, 3, None], "b": [9, 5, 1, 2]}, geometry=shapes, crs="EPSG:4490")
    >>> bivariate_classes(units, ("a", "b")).to_numpy().tolist()
    [[1, 3], [2, 2], [3, 1], [0, 0]]
    """
    if units.crs is None:
        raise MissingCRSError(Problem("maps.crs", Phrase("map_units"), name="units"))
    known = [str(name) for name in units.columns if name != units.geometry.name]
    wrong = [name for name in columns if name not in units.columns]
    if wrong:
        raise LayerError(problems=[Problem("maps.column", Phrase("column", name=one), columns=known) for one in wrong])
    values = [pd.to_numeric(units[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan) for name in columns]
    both = np.isfinite(values[0]) & np.isfinite(values[1])
    few = [name for name, one in zip(columns, values, strict=True) if len(np.unique(one[both])) < _CLASSES]
    if few:
        raise LayerError(problems=[Problem("maps.thirds", Phrase("column", name=name)) for name in few])
    thirds = [_thirds(one, both) for one in values]
    return pd.DataFrame({"first": thirds[0], "second": thirds[1]}, index=units.index)


def _thirds(values: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Equal values are in one third: that of their middle rank."""
    ranks = pd.Series(values[known]).rank().to_numpy()
    out = np.zeros(len(values), dtype=np.int64)
    out[known] = np.clip(np.ceil(_CLASSES * (ranks - 0.5) / known.sum()), 1, _CLASSES)
    return out


def _colour(first: int, second: int) -> str:
    if not first or not second:
        return str(standards.table("palettes/grades").data["no_data"])
    return str(standards.table("palettes/bivariate").data["colours"][first - 1][second - 1])


def _draw(axes: Axes, units: gpd.GeoDataFrame, classes: pd.DataFrame) -> None:
    pairs = classes.to_numpy()
    for first, second in sorted({(int(a), int(b)) for a, b in pairs}):
        shapes = units.geometry[(pairs == (first, second)).all(axis=1)]
        outlines = [path for shape in shapes if (path := outline_of(shape)) is not None]
        colour = _colour(first, second)
        axes.add_collection(
            PathCollection(outlines, facecolor=colour, edgecolor=_EDGE, linewidth=0.4, zorder=2), autolim=False
        )


def _word(key: str, lang: str, **values: object) -> str:
    return str(standards.table("names/maps").data["bivariate"][key][lang]).format(**values)


def _legend(figure: Figure, names: tuple[str, str], lang: str, scale: float) -> None:
    """The square of colours: the first measure upward, the second to the right."""
    high = PANEL_WIDTH * 0.62 * figure.get_figwidth() / figure.get_figheight()
    axes = figure.add_axes((PANEL_LEFT + PANEL_WIDTH * 0.24, 0.86 - high, PANEL_WIDTH * 0.62, high))
    axes.set(xlim=(0, _CLASSES), ylim=(0, _CLASSES))
    for first in range(_CLASSES):
        for second in range(_CLASSES):
            colour = _colour(first + 1, second + 1)
            axes.add_patch(Rectangle((second, first), 1, 1, facecolor=colour, edgecolor="white", linewidth=1))
    places = [at + 0.5 for at in range(_CLASSES)]
    steps = [_word(key, lang) for key in ("low", "middle", "high")]
    axes.set_xticks(places, steps, fontsize=9 * scale)
    axes.set_yticks(places, steps, fontsize=9 * scale)
    axes.tick_params(length=0)
    wide = axes.get_position().width * figure.get_figwidth() * 72
    (up, size), (along, letters) = (fitted(f"{name} →", 11 * scale, 1.3 * wide, least=0.6) for name in names)
    axes.set_ylabel(up, fontsize=size)
    axes.set_xlabel(along, fontsize=letters)
    for side in axes.spines.values():
        side.set_visible(False)


def _list(figure: Figure, units: gpd.GeoDataFrame, classes: pd.DataFrame, lang: str, scale: float) -> None:
    """How the classes were made, how much is in the worst one, and which units."""
    worst = (classes == _CLASSES).all(axis=1).to_numpy()
    areas = units.geometry.area.to_numpy()
    share = share_text(float(areas[worst].sum() / areas.sum())) or "0%"
    lines = [_word("thirds", lang), _word("both", lang, count=int(worst.sum()), share=share)]
    missing = int((classes["first"] == 0).sum())
    lines += [_word("no_data", lang, count=missing)] if missing else []
    names = [str(name) for name in unit_names(units)[worst]] if "name" in units.columns else []
    lines += [f"  {name}" for name in names[:_LISTED]] + (["  …"] if len(names) > _LISTED else [])
    room = PANEL_WIDTH * figure.get_figwidth() * 72
    for number, line in enumerate(lines):
        shown, letters = fitted(line, 9 * scale, room, least=0.6)
        figure.text(PANEL_LEFT, 0.44 - 0.024 * number, shown, fontsize=letters, va="top", color="#222222")
