"""The sheet: map frame, graticule, administrative lines, legend panel and footers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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

from riskzoning.errors import LayerError, Problem
from riskzoning.layers import grid_of
from riskzoning.maps.backdrop import Backdrop, backdrop
from riskzoning.maps.classes import GradePicture, GradeScheme, grade_scheme, graded_layer, graded_units
from riskzoning.maps.figure import SheetFigure
from riskzoning.maps.fonts import fitted, with_cjk_font
from riskzoning.maps.frame import Frame, graticule, sheet_crs
from riskzoning.maps.furniture import ClassRow, bars, legend, line_key, north_arrow, scale_bar, top_table, words

__all__ = ["MapNotes", "map_backdrop", "zoning_map"]

# Inches, landscape.
_SIZES = {"A4": (11.69, 8.27), "A3": (16.54, 11.69), "A1": (33.11, 23.39)}
# The window of the map and the column beside it, shares of the sheet.
_WINDOW = (0.036, 0.085, 0.745, 0.84)
_PANEL_LEFT, _PANEL_WIDTH = 0.798, 0.187
_SMALLEST_PATCH_MM2 = 4.0
_TITLE = 20.0


@dataclass(frozen=True)
class MapNotes:
    """What stands in the footers of a map.

    Examples
    --------
    >>> MapNotes(data_date="2026-06-30").review_number is None
    True
    """

    review_number: str | None = None
    data_date: str = ""
    method: str = ""
    status: Mapping[str, int] | None = None
    run: str = ""


def zoning_map(
    units_or_layer: gpd.GeoDataFrame | xr.DataArray,
    *,
    column: str | None = None,
    title: str,
    lang: str = "zh",
    scheme: str = "risk_5",
    classes: Sequence[str] | None = None,
    palette: str | None = None,
    breaks: Sequence[float] | None = None,
    closed: str = "right",
    value_column: str | None = None,
    highest: Sequence[tuple[str, float, int]] | None = None,
    people: str | pd.Series | None = None,
    outlines: gpd.GeoDataFrame | None = None,
    rivers: gpd.GeoDataFrame | None = None,
    seats: gpd.GeoDataFrame | None = None,
    hillshade: xr.DataArray | None = None,
    shared: Backdrop | None = None,
    notes: MapNotes | None = None,
    size: str = "A3",
    crs: str | None = None,
) -> Figure:
    """A zoning map (区划图) of grades, ready to print.

    Parameters
    ----------
    units_or_layer : GeoDataFrame or DataArray
        Units with a column of grades, or a grade layer ``(y, x)``; 0, NaN or infinity is no data.
    column : str
        The column of grades (units only).
    title : str
    lang : {"zh", "en"}
        Falls back to ``en`` where no font with Chinese glyphs is found.
    scheme : str
        Scheme of ``grades/schemes``: number and names of the classes.
    classes : sequence of str, optional
        Names of the classes, lowest first, instead of a scheme.
    palette : str, optional
        Palette of ``palettes/grades``; default ``risk_5``.
    breaks : sequence of float, optional
        Upper bounds of the classes for the legend; ``closed`` says which end belongs to a class.
    value_column : str, optional
        Column of the index, for the table of the highest units.
    highest : sequence of (name, index, grade), optional
        That table itself, for a layer.
    people : str or Series, optional
        Column of residents, or residents by grade, for the bars.
    outlines : GeoDataFrame, optional
        Units of all levels (column ``level``): boundary lines and names. Default: the units of the map themselves.
    rivers, seats : GeoDataFrame, optional
        Lines; points of county seats.
    hillshade : DataArray, optional
        0..255, drawn under lines and names; level ground keeps the colour of the legend.
    shared : Backdrop, optional
        Lines, names and relief made by :func:`map_backdrop`, for many maps of one city; then ``outlines``, ``rivers``,
        ``seats``, ``hillshade`` and ``crs`` are not looked at.
    notes : MapNotes, optional
        Footers. Without a review number the map says that it is a sketch; no number is ever invented.
    size : {"A4", "A3", "A1"}
    crs : str, optional
        Projection of the sheet; default that of the data, or the CGCS2000 belt where these are in degrees.

    Returns
    -------
    matplotlib.figure.Figure
        It keeps its fonts in ``savefig``, whatever the format.

    Raises
    ------
    LayerError
        The column does not exist, values are no grades of the scheme, there is no unit, or an option is not known.
    MissingCRSError
        Something has no CRS.

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
    _check_options(lang, size, closed)
    with with_cjk_font() as chinese:
        lang = lang if chinese else "en"
        wanted = grade_scheme(scheme, classes, palette, lang)
        source = units_or_layer
        if isinstance(source, gpd.GeoDataFrame):
            source = graded_units(source, column, wanted.k, None)
            outlines = source if outlines is None else outlines
        parts = shared or map_backdrop(
            source, outlines=outlines, rivers=rivers, seats=seats, hillshade=hillshade, size=size, crs=crs
        )
        grades = source.to_crs(parts.crs) if isinstance(source, gpd.GeoDataFrame) else graded_layer(
            source, wanted.k, parts.crs
        )  # fmt: skip
        area, persons = _shares(grades, people, wanted.k, parts)
        rows = wanted.rows(lang, area, persons, breaks, closed)
        figure = SheetFigure(figsize=_SIZES[size], dpi=100, facecolor="white")
        _title(figure, title, _scale(size))
        axes = figure.add_axes(_WINDOW, zorder=1)
        _draw_grades(axes, grades, wanted, parts.frame)
        parts.draw(axes)
        scale = _scale(size)
        graticule(axes, parts.frame, parts.crs, size=8 * scale)
        scale_bar(axes, parts.frame.denominator, x=0.3, y=0.033, lang=lang, scale=scale)
        table = _highest(grades, value_column) if highest is None else highest
        _panel(figure, rows, parts.keys(lang), [(n, v, wanted.colour(g)) for n, v, g in table],
               closed if breaks is not None else "", lang, scale)  # fmt: skip
        _footers(figure, notes or MapNotes(), parts.crs, lang, scale)
    return figure


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
    """What many maps of one city share, prepared once: window, lines, names, relief.

    Parameters are those of :func:`zoning_map`; without ``outlines`` the window is that of the units or the layer.

    Examples
    --------
    >>> from riskzoning.samples import city_units
    >>> shared = map_backdrop(outlines=city_units())
    >>> shared.crs, shared.frame.denominator, len([label for label in shared.labels if label.size == 11])
    ('EPSG:4547', 500000.0, 12)
    """
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
    width, height = _SIZES[size]
    frame = Frame.around(bounds, width=_WINDOW[2] * width * 25.4, height=_WINDOW[3] * height * 25.4)
    with with_cjk_font():
        return backdrop(
            frame, crs, outlines=outlines, rivers=rivers, seats=seats, hillshade=hillshade, scale=_scale(size)
        )  # fmt: skip


def _check_options(lang: str, size: str, closed: str) -> None:
    problems = [
        Problem(
            f"option {key}={value!r}", "is not known", f"one of {', '.join(known)}", "Choose one.", rule="maps.option"
        )
        for key, value, known in (
            ("lang", lang, ("zh", "en")),
            ("size", size, _SIZES),
            ("closed", closed, ("right", "left")),
        )
        if value not in known
    ]
    if problems:
        raise LayerError(problems=problems)


def _scale(size: str) -> float:
    """Size of letters against those of an A3 sheet."""
    return _SIZES[size][0] / _SIZES["A3"][0]


def _shares(
    grades: gpd.GeoDataFrame | GradePicture, people: str | pd.Series | None, k: int, parts: Backdrop
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
        usual = ", ".join(str(c) for c in units.columns if c not in ("geometry", "_grade"))
        raise LayerError(
            Problem(f"column '{name}'", "is not in the units", f"one of {usual}", "Name a column.", rule="maps.column")
        )
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
    axes.set_facecolor("white")
    for side in axes.spines.values():
        side.set_linewidth(1.2)
        side.set_zorder(30)
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
    figure: Figure,
    rows: list[ClassRow],
    keys: list[tuple[str, dict[str, Any]]],
    table: Sequence[tuple[str, float, str]],
    closed: str,
    lang: str,
    scale: float,
) -> None:
    left, width = _PANEL_LEFT, _PANEL_WIDTH
    note = words(f"closed_{closed}", lang) if closed else ""
    legend(figure.add_axes((left, 0.60, width, 0.32)), rows, lang=lang, note=note, scale=scale)
    north_arrow(figure, x=left + width - 0.012, y=0.887, lang=lang, scale=scale)
    line_key(figure.add_axes((left, 0.515, width, 0.065)), keys, scale=scale)
    bars(figure.add_axes((left + 0.018, 0.325, width - 0.022, 0.14)), rows, lang=lang, scale=scale)
    if table:
        top_table(figure.add_axes((left, 0.085, width, 0.185)), table, lang=lang, scale=scale)


def _title(figure: Figure, title: str, scale: float) -> None:
    room = 0.94 * figure.get_figwidth() * 72
    shown, letters = fitted(title, _TITLE * scale, room, least=0.5)
    figure.text(0.5, 0.965, shown, fontsize=letters, ha="center", va="center", color="black")


def _footers(figure: Figure, notes: MapNotes, crs: str, lang: str, scale: float) -> None:
    wide = figure.get_figwidth() * 72
    number = notes.review_number
    text = words("review", lang, number=number) if number else words("unreviewed", lang)
    shown, letters = fitted(text, 11 * scale, 0.2 * wide, least=0.6)
    figure.text(_WINDOW[0], 0.033, shown, fontsize=letters, va="center", color="#222222" if number else "#B00020")
    first = [words("data_date", lang, date=notes.data_date)] if notes.data_date else []
    first.append(words("projection", lang, crs=f"{CRS(crs).name} ({crs})"))
    second = [words("method", lang, method=notes.method)] if notes.method else []
    second += [words("run", lang, run=notes.run)] if notes.run else []
    lines = [" · ".join(first), " · ".join(second)]
    lines += [words("status", lang, **notes.status)] if notes.status else []
    for index, line in enumerate(text for text in lines if text):
        shown, letters = fitted(line, 7.5 * scale, 0.47 * wide, least=0.75)
        figure.text(0.985, 0.048 - 0.016 * index, shown, fontsize=letters, ha="right", va="center", color="#444444")
