"""The sheet: map frame, graticule, administrative lines, legend panel and footers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import ListedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from pyproj import CRS
from rasterio.features import geometry_mask, sieve
from rasterio.transform import from_bounds

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers import grid_of
from riskzoning.maps import furniture
from riskzoning.maps.backdrop import Backdrop, backdrop_of
from riskzoning.maps.classes import GradePicture, GradeScheme, grade_scheme, graded_layer, graded_units, people_by_grade
from riskzoning.maps.fonts import fitted, with_cjk_font
from riskzoning.maps.frame import Frame, sheet_crs
from riskzoning.maps.furniture import ClassRow, words
from riskzoning.maps.options import Legend, MapNotes, Panel, Sheet
from riskzoning.maps.surroundings import (
    PANEL_LEFT,
    PANEL_WIDTH,
    SIZES,
    WINDOW,
    Overlay,
    Picture,
    draw_surroundings,
    empty_sheet,
    letters_of,
    window,
)

Source: TypeAlias = gpd.GeoDataFrame | xr.DataArray | GradePicture
_SMALLEST_PATCH_MM2 = 4.0
_TITLE = 20.0


def zoning_map(
    units_or_layer: gpd.GeoDataFrame | xr.DataArray | GradePicture,
    *,
    column: str | None = None,
    title: str,
    lang: str = "zh",
    legend: Legend | None = None,
    panel: Panel | None = None,
    backdrop: Backdrop | None = None,
    sheet: Sheet | None = None,
) -> Figure:
    """A zoning map (区划图) of grades, ready to print.

    Parameters
    ----------
    units_or_layer : GeoDataFrame or DataArray
        Units with a column of grades, or a grade layer ``(y, x)``; 0, NaN and infinity are no data.
    column : str
        The column of grades (units only).
    title : str
    lang : {"zh", "en"}
        Falls back to ``en`` where no font with Chinese glyphs is installed.
    legend : Legend, optional
        Classes, colours and limits; default the five grades of risk.
    panel : Panel, optional
        Residents for the bars, and the table of the highest units.
    backdrop : Backdrop, optional
        Window, lines, names and relief from :func:`map_backdrop`, prepared once for many maps of a city; it brings its
        own size and projection. Default: the units of the map themselves.
    sheet : Sheet, optional
        Size of the paper, projection, footers.

    Returns
    -------
    matplotlib.figure.Figure
        It keeps its fonts in ``savefig``, whatever the format.

    Raises
    ------
    LayerError
        The column does not exist, values are not grades of the scheme, there is no unit, or an option is not known.
    MissingCRSError
        The units, the layer or the backdrop have no CRS.

    Examples
    --------
    >>> from shapely import box
    >>> units = gpd.GeoDataFrame(
    ...     {"name": ["A", "B"], "grade": [1, 5]},
    ...     geometry=[box(113.5, 35, 114, 35.5), box(114, 35, 114.5, 35.5)],
    ...     crs="EPSG:4490",
    ... )
    >>> figure = zoning_map(units, column="grade", title="Risk", lang="en")
    >>> [text.get_text() for text in figure.texts][0]
    'Risk'
    """
    legend, panel, sheet = legend or Legend(), panel or Panel(), sheet or Sheet()
    _check_options(lang, sheet.size, legend.closed)
    with with_cjk_font() as chinese:
        spoken = lang if chinese else "en"
        source = units_or_layer
        if isinstance(source, gpd.GeoDataFrame):
            # Units tell what is wrong with them before lines are made of them.
            source = graded_units(source, column, grade_scheme(legend, spoken).k, None)
        parts = backdrop or _backdrop_of(source, sheet)
        figure = empty_sheet(parts)
        axes = window(figure)
        _draw_theme(figure, axes, _Theme(source, column, title, legend, panel, sheet.notes), parts, spoken)
        draw_surroundings(figure, axes, parts, spoken)
    return figure


def _backdrop_of(source: Source, sheet: Sheet) -> Backdrop:
    assert not isinstance(source, GradePicture)
    outlines = source if isinstance(source, gpd.GeoDataFrame) else None
    return map_backdrop(source, outlines=outlines, size=sheet.size, crs=sheet.crs)


def map_on_picture(
    source: Source, picture: Picture, *, column: str | None, title: str, legend: Legend, panel: Panel, notes: MapNotes
) -> Figure:
    """The same map for a canvas of pixels, its surroundings laid over it as the picture that was made once."""
    with with_cjk_font():
        figure = empty_sheet(picture.backdrop)
        axes = window(figure)
        axes.set_axis_off()
        theme = _Theme(source, column, title, legend, panel, notes)
        _draw_theme(figure, axes, theme, picture.backdrop, picture.lang)
        figure.add_artist(Overlay(picture.pixels))
    return figure


@dataclass(frozen=True)
class _Theme:
    """What is special to one map of a city."""

    source: Source
    column: str | None
    title: str
    legend: Legend
    panel: Panel
    notes: MapNotes


def _draw_theme(figure: Figure, axes: Axes, theme: _Theme, parts: Backdrop, lang: str) -> None:
    scheme, panel, source = grade_scheme(theme.legend, lang), theme.panel, theme.source
    grades: gpd.GeoDataFrame | GradePicture
    if isinstance(source, gpd.GeoDataFrame):
        grades = graded_units(source, theme.column, scheme.k, parts.crs)
    else:
        grades = source if isinstance(source, GradePicture) else graded_layer(source, scheme.k, parts.crs)
    people = panel.people
    if isinstance(people, xr.DataArray) and isinstance(source, xr.DataArray):
        people = people_by_grade(people, source)
    area, persons = _shares(grades, people, scheme.k, parts)
    rows = scheme.rows(lang, area, persons, theme.legend.breaks, theme.legend.closed)
    scale = letters_of(parts.size)
    _title(figure, theme.title, scale)
    _draw_grades(axes, grades, scheme, parts.frame)
    table = _highest(grades, panel.value_column) if panel.highest is None else panel.highest
    closed = theme.legend.closed if theme.legend.breaks is not None else ""
    _panel(figure, rows, [(n, v, scheme.colour(g)) for n, v, g in table], closed, lang, scale)
    _footers(figure, theme.notes, parts.crs, lang, scale)


def map_backdrop(
    units_or_layer: gpd.GeoDataFrame | xr.DataArray | None = None,
    *,
    outlines: gpd.GeoDataFrame | None = None,
    rivers: gpd.GeoDataFrame | None = None,
    seats: gpd.GeoDataFrame | None = None,
    hillshade: xr.DataArray | None = None,
    size: str = "A3",
    crs: str | None = None,
) -> Backdrop:
    """What many maps of one city share, prepared once: window, boundary lines, names, relief.

    Parameters
    ----------
    units_or_layer : GeoDataFrame or DataArray, optional
        Gives the window where there are no ``outlines``.
    outlines : GeoDataFrame, optional
        Units of all levels (columns ``level`` and ``name``): boundary lines and names.
    rivers, seats : GeoDataFrame, optional
        Lines or areas of water; points of county seats (without them a dot marks the middle of each county).
    hillshade : DataArray, optional
        0 (dark) to 255, drawn under lines and names; level ground keeps the colour of the legend.
    size : {"A4", "A3", "A1"}
        Of the paper, landscape.
    crs : str, optional
        Projection of the sheet; default that of the data, or the CGCS2000 belt where these are in degrees.

    Raises
    ------
    MissingCRSError
        A frame or a layer has no CRS.

    Examples
    --------
    >>> from riskzoning.samples import city_units
    >>> shared = map_backdrop(outlines=city_units())
    >>> shared.crs, shared.frame.denominator, len([label for label in shared.labels if label.size == 11])
    ('EPSG:4547', 500000.0, 12)
    """
    _check_options("en", size, "right")
    lead = outlines if outlines is not None and len(outlines) else units_or_layer
    bounds: Any
    if isinstance(lead, xr.DataArray):
        grid = grid_of(lead)
        own, bounds = grid.crs, tuple(grid.boundingbox)
        crs = crs or sheet_crs(bounds, own)
        bounds = tuple(grid.extent.to_crs(crs).boundingbox)
    else:
        assert lead is not None
        # The errors of units name what is missing.
        lead = lead if lead.crs is not None else graded_units(lead.assign(_one=1), "_one", 1, None)
        crs = crs or sheet_crs(lead.total_bounds, lead.crs)
        bounds = lead.to_crs(crs).total_bounds
    width, height = SIZES[size]
    frame = Frame.around(bounds, width=WINDOW[2] * width * 25.4, height=WINDOW[3] * height * 25.4)
    with with_cjk_font():
        return backdrop_of(
            frame, crs, outlines=outlines, rivers=rivers, seats=seats, hillshade=hillshade, size=size,
            scale=letters_of(size),
        )  # fmt: skip


def _check_options(lang: str, size: str, closed: str) -> None:
    problems = [
        Problem("maps.option", Phrase("option", name=key), value=value, known=list(known))
        for key, value, known in (
            ("lang", lang, ("zh", "en")),
            ("size", size, SIZES),
            ("closed", closed, ("right", "left")),
        )
        if value not in known
    ]
    if problems:
        raise LayerError(problems=problems)


def _shares(
    grades: gpd.GeoDataFrame | GradePicture, people: str | pd.Series | xr.DataArray | None, k: int, parts: Backdrop
) -> tuple[dict[int, float], dict[int, float]]:
    by_grade = people if isinstance(people, pd.Series) else pd.Series(dtype=float)
    if isinstance(grades, GradePicture):
        counts = grades.counts.astype(float)
        counts[0] = _missing_share(grades, parts) * counts[1:].sum() if counts[1:].any() else np.nan
        area = {g: float(counts[g] / np.nansum(counts)) if counts[1:].any() else np.nan for g in range(k + 1)}
    else:
        sizes = grades.geometry.area.groupby(grades["_grade"]).sum()
        area = {g: float(sizes.get(g, 0.0) / sizes.sum()) for g in range(k + 1)} if sizes.sum() > 0 else {}
        if isinstance(people, str):
            by_grade = _column(grades, people).groupby(grades["_grade"]).sum()
    total = float(by_grade.sum()) if len(by_grade) else 0.0
    persons = {g: float(by_grade.get(g, 0.0)) / total for g in range(k + 1)} if total > 0 else {}
    return area, persons


def _column(units: gpd.GeoDataFrame, name: str) -> pd.Series:
    if name not in units.columns:
        columns = [str(column) for column in units.columns if column not in ("geometry", "_grade")]
        raise LayerError(Problem("maps.column", Phrase("column", name=name), columns=columns))
    return pd.to_numeric(units[name], errors="coerce")


def _missing_share(picture: GradePicture, parts: Backdrop) -> float:
    """Cells without a grade inside the city, against those with one; cells outside of it are no gap."""
    if parts.city is None:
        return float("nan")
    left, right, bottom, top = picture.extent
    affine = from_bounds(left, bottom, right, top, picture.values.shape[1], picture.values.shape[0])
    inside = ~geometry_mask([parts.city], picture.values.shape, affine)
    return float((inside & (picture.values == 0)).sum() / max((picture.values > 0).sum(), 1))


def _draw_grades(axes: Axes, grades: gpd.GeoDataFrame | GradePicture, scheme: GradeScheme, frame: Frame) -> None:
    axes.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top))
    if isinstance(grades, GradePicture):
        values = _without_small_patches(grades, frame)
        colours = ListedColormap([to_rgba(scheme.colour(g), 1.0 if g else 0.0) for g in range(scheme.k + 1)])
        axes.imshow(values, extent=grades.extent, cmap=colours, vmin=-0.5, vmax=scheme.k + 0.5, zorder=2,
                    interpolation="nearest", aspect="auto")  # fmt: skip
        return
    for grade in range(scheme.k + 1):
        shapes = grades.geometry[grades["_grade"] == grade]
        outlines = [path for shape in shapes if (path := _outline(shape)) is not None]
        if outlines:
            # A hair of the same colour closes the seams between neighbours that smoothing leaves.
            axes.add_collection(
                PathCollection(outlines, facecolor=scheme.colour(grade), edgecolor=scheme.colour(grade), linewidth=0.3,
                               zorder=2), autolim=False,
            )  # fmt: skip


def _outline(shape: Any) -> Outline | None:
    """Rings of a unit as one path; matplotlib leaves out the holes by their direction."""
    if shape is None or shape.is_empty:
        return None
    points, codes = [], []
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type != "Polygon":
            continue
        turned = shapely.orient_polygons(polygon)
        for ring in (turned.exterior, *turned.interiors):
            xy = shapely.get_coordinates(ring)
            points.append(xy)
            codes.append([Outline.MOVETO, *[Outline.LINETO] * (len(xy) - 2), Outline.CLOSEPOLY])
    return Outline(np.concatenate(points), np.concatenate(codes)) if points else None


def _without_small_patches(picture: GradePicture, frame: Frame) -> np.ndarray[Any, Any]:
    """Merge patches too small to be read at the printed size; the data keep them."""
    values = picture.values
    left, right, bottom, top = picture.extent
    cell = (right - left) / values.shape[1] * (top - bottom) / values.shape[0] / frame.metres_a_millimetre**2
    least = int(np.ceil(_SMALLEST_PATCH_MM2 / cell))
    for _ in range(20):
        if least < 2:
            break
        merged = sieve(values, least, mask=values > 0, connectivity=4)
        if np.array_equal(merged, values):
            break
        values = merged
    return values


def _highest(grades: gpd.GeoDataFrame | GradePicture, column: str | None) -> list[tuple[str, float, int]]:
    if column is None or isinstance(grades, GradePicture):
        return []
    values = _column(grades, column)
    best = values[np.isfinite(values)].sort_values(ascending=False, kind="stable").index[:5]
    names = grades["name"] if "name" in grades.columns else grades.index.to_series()
    return [(str(names[code]), float(values[code]), int(grades["_grade"][code])) for code in best]


def _panel(
    figure: Figure, rows: list[ClassRow], table: Sequence[tuple[str, float, str]], closed: str, lang: str, scale: float
) -> None:
    left, width = PANEL_LEFT, PANEL_WIDTH
    note = words(f"closed_{closed}", lang) if closed else ""
    furniture.legend(figure.add_axes((left, 0.60, width, 0.32)), rows, lang=lang, note=note, scale=scale)
    furniture.bars(figure.add_axes((left + 0.018, 0.325, width - 0.022, 0.14)), rows, lang=lang, scale=scale)
    if table:
        furniture.top_table(figure.add_axes((left, 0.085, width, 0.185)), table, lang=lang, scale=scale)


def _title(figure: Figure, title: str, scale: float) -> None:
    room = 0.94 * figure.get_figwidth() * 72
    shown, letters = fitted(title, _TITLE * scale, room, least=0.5)
    figure.text(0.5, 0.965, shown, fontsize=letters, ha="center", va="center", color="black")


def _footers(figure: Figure, notes: MapNotes, crs: str, lang: str, scale: float) -> None:
    wide = figure.get_figwidth() * 72
    number = notes.review_number
    text = words("review", lang, number=number) if number else words("unreviewed", lang)
    shown, letters = fitted(text, 11 * scale, 0.2 * wide, least=0.6)
    figure.text(WINDOW[0], 0.033, shown, fontsize=letters, va="center", color="#222222" if number else "#B00020")
    first = [words("data_date", lang, date=notes.data_date)] if notes.data_date else []
    first.append(words("projection", lang, crs=f"{CRS(crs).name} ({crs})"))
    second = [words("method", lang, method=notes.method)] if notes.method else []
    second += [words("run", lang, run=notes.run)] if notes.run else []
    lines = [" · ".join(first), " · ".join(second)]
    lines += [words("status", lang, **notes.status)] if notes.status else []
    for index, line in enumerate(text for text in lines if text):
        shown, letters = fitted(line, 7.5 * scale, 0.47 * wide, least=0.75)
        figure.text(0.985, 0.048 - 0.016 * index, shown, fontsize=letters, ha="right", va="center", color="#444444")
