"""What is special to one map of a city: its grades, the legend and figures beside it, its title and footers."""

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
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from pyproj import CRS
from rasterio.features import geometry_mask
from rasterio.transform import from_bounds

from riskzoning.codes import unit_names
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.maps import furniture
from riskzoning.maps.backdrop import Backdrop
from riskzoning.maps.cells import Cells
from riskzoning.maps.classes import (
    NONE,
    GradePicture,
    GradeScheme,
    codes_of,
    grade_scheme,
    graded_layer,
    graded_units,
    people_by_grade,
    ranks_of,
)
from riskzoning.maps.fonts import fitted
from riskzoning.maps.frame import Frame
from riskzoning.maps.furniture import ClassRow, words
from riskzoning.maps.groups import draw_groups
from riskzoning.maps.intervals import measure_text
from riskzoning.maps.options import Legend, MapNotes, Panel
from riskzoning.maps.patches import Changes, legible_classes
from riskzoning.maps.surroundings import PANEL_LEFT, PANEL_WIDTH, WINDOW, letters_of
from riskzoning.maps.works import draw_works, work_keys
from riskzoning.results import UNSURE

Source: TypeAlias = gpd.GeoDataFrame | xr.DataArray | GradePicture
_SMALLEST_PATCH_MM2 = 4.0
# Between zones of the same class.
_EDGE = "#333333"
_HATCH = "////"
_TITLE = 20.0
# The least share that the legend does not round to 0.0 %.
_SHOWN = 0.0005
# Place of the first line of the footers and the step between lines, of many lines.
_FOOTERS = {4: (0.0525, 0.0135), 5: (0.0555, 0.0115), 6: (0.0585, 0.0104)}


@dataclass(frozen=True)
class Theme:
    """What is special to one map of a city."""

    source: Source
    column: str | None
    title: str
    legend: Legend
    panel: Panel
    notes: MapNotes


def draw_theme(figure: Figure, axes: Axes, theme: Theme, parts: Backdrop, lang: str) -> None:
    """Draw the grades into the window, and title, panel and footers around it."""
    scheme, panel, legend = grade_scheme(theme.legend, lang), theme.panel, theme.legend
    grades = _graded(theme, scheme.k, parts.crs)
    area, persons = _shares(grades, _people(theme), scheme.k, parts)
    unsure = _unsure(grades, legend.hatched)
    rows = [*scheme.rows(lang, area, persons, legend), *_unsure_rows(grades, unsure, lang)]
    scale = letters_of(parts.size)
    draw_title(figure, theme.title, scale)
    if isinstance(grades, GradePicture) and area.get(0, 0.0) >= _SHOWN and parts.city is not None:
        _draw_gaps(axes, parts.city, scheme)
    changes = _draw_grades(axes, grades, scheme, parts.frame, edges=legend.edges)
    if legend.groups is not None:
        draw_groups(axes, legend.groups, parts, scale)
    if unsure is not None:
        _hatch(axes, unsure)
    works = parts.works if legend.works else ()
    draw_works(axes, works, parts.frame, scale)
    table = _highest(grades, panel.value_column) if panel.highest is None else panel.highest
    _panel(figure, rows, [(n, v, scheme.colour(g)) for n, v, g in table], legend, lang, scale)
    if works:
        place = (PANEL_LEFT, 0.475, PANEL_WIDTH, 0.04)
        furniture.line_key(figure.add_axes(place), work_keys(works, lang, scale), scale=scale)
    draw_footers(figure, theme.notes, parts, changes, lang, scale)


def _graded(theme: Theme, k: int, crs: str) -> gpd.GeoDataFrame | GradePicture:
    source, index = theme.source, theme.legend.index
    if isinstance(source, GradePicture):
        return source
    if isinstance(source, gpd.GeoDataFrame):
        return graded_units(source, theme.column, k, crs, index=index if isinstance(index, str) else None)
    return graded_layer(source, k, crs, index=index if isinstance(index, xr.DataArray) else None)


def _people(theme: Theme) -> str | pd.Series | xr.DataArray | None:
    people, index = theme.panel.people, theme.legend.index
    if isinstance(people, xr.DataArray) and isinstance(theme.source, xr.DataArray):
        return people_by_grade(people, theme.source, index=index if isinstance(index, xr.DataArray) else None)
    return people


def _shares(
    grades: gpd.GeoDataFrame | GradePicture, people: str | pd.Series | xr.DataArray | None, k: int, parts: Backdrop
) -> tuple[dict[int, float], dict[int, float]]:
    """Shares of area and of people by grade; of a layer without any grade they are not known."""
    by_grade = people if isinstance(people, pd.Series) else pd.Series(dtype=float)
    if isinstance(grades, GradePicture):
        sizes = pd.Series({**dict(enumerate(grades.counts.astype(float))), NONE: float(grades.none)})
        graded = float(sizes.drop(0).sum())
        sizes[0] = _missing_share(grades, parts) * graded if graded else np.nan
        whole = float(sizes.sum()) if graded else np.nan
        area = {int(grade): float(size) / whole for grade, size in zip(sizes.index, sizes, strict=True)}
    else:
        sizes = grades.geometry.area.groupby(grades["_grade"]).sum()
        known = {int(grade): float(size / sizes.sum()) for grade, size in sizes.items()} if sizes.sum() > 0 else {}
        area = dict.fromkeys([*range(k + 1), NONE], 0.0) | known if known else {}
        if isinstance(people, str):
            by_grade = _column(grades, people).groupby(grades["_grade"]).sum()
    total = float(by_grade.sum()) if len(by_grade) else 0.0
    persons = {g: float(by_grade.get(g, 0.0)) / total for g in (*range(k + 1), NONE)} if total > 0 else {}
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


def _draw_gaps(axes: Axes, city: shapely.Geometry, scheme: GradeScheme) -> None:
    """The colour of no data below the cells, where the ground of the city would be the paper otherwise."""
    outline = outline_of(city)
    if outline is not None:
        gaps = PathCollection([outline], facecolor=scheme.no_data, edgecolor="none", zorder=1)
        axes.add_collection(gaps, autolim=False)


def _draw_grades(
    axes: Axes, grades: gpd.GeoDataFrame | GradePicture, scheme: GradeScheme, frame: Frame, *, edges: bool
) -> Changes:
    """Draw the grades; gives what is shown otherwise than it is, so that it can be read."""
    axes.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top))
    if isinstance(grades, GradePicture):
        ranks, changes = legible_classes(ranks_of(grades.values), _least_cells(grades, frame))
        table = np.zeros((NONE + 1, 4), dtype=np.uint8)
        for grade in (*range(1, scheme.k + 1), NONE):
            table[grade] = np.rint(255 * np.array(to_rgba(scheme.colour(grade))))
        Cells(axes, table[codes_of(ranks)], grades.extent)
        return changes
    for grade in (*range(scheme.k + 1), NONE):
        shapes = grades.geometry[grades["_grade"] == grade]
        outlines = [path for shape in shapes if (path := outline_of(shape)) is not None]
        colour = scheme.colour(grade)
        if outlines:
            # A hair of the same colour closes the seams between neighbours that smoothing leaves.
            axes.add_collection(
                PathCollection(outlines, facecolor=colour, edgecolor=_EDGE if edges else colour,
                               linewidth=0.6 if edges else 0.3, zorder=2), autolim=False,
            )  # fmt: skip
    return Changes()


def _unsure(grades: gpd.GeoDataFrame | GradePicture, column: str | None) -> gpd.GeoDataFrame | None:
    """The units whose grade is unsure; None without any."""
    if column is None or isinstance(grades, GradePicture) or column not in grades.columns:
        return None
    units = grades[grades[column].fillna(False).astype(bool) & (grades["_grade"] > 0)]
    return units if len(units) else None


def _unsure_rows(grades: gpd.GeoDataFrame | GradePicture, unsure: gpd.GeoDataFrame | None, lang: str) -> list[ClassRow]:
    if unsure is None or isinstance(grades, GradePicture):
        return []
    share = float(unsure.geometry.area.sum() / grades.geometry.area.sum())
    limit = words("unsure_limit", lang, limit=UNSURE)
    return [ClassRow(-1, "#ffffff", words("unsure", lang), limit, share, float("nan"), _HATCH)]


def _hatch(axes: Axes, unsure: gpd.GeoDataFrame) -> None:
    """Thin lines over the colours, so that both can be read."""
    outlines = [path for shape in unsure.geometry if (path := outline_of(shape)) is not None]
    axes.add_collection(
        PathCollection(outlines, facecolor="none", edgecolor=_EDGE, linewidth=0.0, hatch=_HATCH, zorder=2.5),
        autolim=False,
    )


def _least_cells(picture: GradePicture, frame: Frame) -> int:
    """Pixels of the smallest patch that can be read on paper."""
    left, right, bottom, top = picture.extent
    rows, columns = picture.values.shape
    pixel = (right - left) / columns * (top - bottom) / rows / frame.metres_a_millimetre**2
    return int(np.ceil(_SMALLEST_PATCH_MM2 / pixel))


def outline_of(shape: Any) -> Outline | None:
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


def _highest(grades: gpd.GeoDataFrame | GradePicture, column: str | None) -> list[tuple[str, float, int]]:
    if column is None or isinstance(grades, GradePicture):
        return []
    values = _column(grades, column)
    best = values[np.isfinite(values)].sort_values(ascending=False, kind="stable").index[:5]
    names = unit_names(grades)
    return [(str(names[code]), float(values[code]), int(grades["_grade"][code])) for code in best]


def _panel(
    figure: Figure,
    rows: list[ClassRow],
    table: Sequence[tuple[str, float, str]],
    legend: Legend,
    lang: str,
    scale: float,
) -> None:
    left, width = PANEL_LEFT, PANEL_WIDTH
    notes = [*([measure_text(legend.ladder, lang)] if legend.ladder else []), *legend.notes]
    closed = legend.ladder.closed if legend.ladder else legend.closed if legend.breaks is not None else ""
    note = words(f"closed_{closed}", lang) if closed else ""
    axes = figure.add_axes((left, 0.60, width, 0.32))
    furniture.legend(axes, rows, lang=lang, notes=notes, note=note, scale=scale)
    furniture.bars(figure.add_axes((left + 0.018, 0.32, width - 0.022, 0.125)), rows, lang=lang, scale=scale)
    if table:
        furniture.top_table(figure.add_axes((left, 0.085, width, 0.185)), table, lang=lang, scale=scale)


def draw_title(figure: Figure, title: str, scale: float) -> None:
    room = 0.94 * figure.get_figwidth() * 72
    shown, letters = fitted(title, _TITLE * scale, room, least=0.5)
    figure.text(0.5, 0.965, shown, fontsize=letters, ha="center", va="center", color="black")


def draw_footers(figure: Figure, notes: MapNotes, parts: Backdrop, changes: Changes, lang: str, scale: float) -> None:
    """Right: date, projection, boundaries, method, tables, what is shown otherwise than it is. Left: the review."""
    wide = figure.get_figwidth() * 72
    number = notes.review_number
    text = words("review", lang, number=number) if number else words("unreviewed", lang)
    shown, letters = fitted(text, 11 * scale, 0.2 * wide, least=0.6)
    figure.text(WINDOW[0], 0.033, shown, fontsize=letters, va="center", color="#222222" if number else "#B00020")
    first = [words("data_date", lang, date=notes.data_date)] if notes.data_date else []
    first.append(words("projection", lang, crs=f"{CRS(parts.crs).name} ({parts.crs})"))
    second = [words("method", lang, method=notes.method)] if notes.method else []
    second += [words("run", lang, run=notes.run)] if notes.run else []
    own = words("boundaries", lang, source=notes.boundaries) if notes.boundaries else ""
    lines = [" · ".join(first), own, " · ".join(second)]
    lines += [words("status", lang, **notes.status)] if notes.status else []
    if changes.any:
        shares = {key: furniture.share_text(getattr(changes, key)) for key in ("joined_share", "enlarged_share")}
        counts = {"joined": changes.joined, "enlarged": changes.enlarged}
        lines.append(words("patches", lang, size=_SMALLEST_PATCH_MM2, **counts, **shares))
    lines += [words("unnamed", lang, count=parts.unnamed)] if parts.unnamed else []
    lines = [text for text in lines if text]
    top, step = _FOOTERS.get(len(lines), (0.048, 0.016))
    for index, line in enumerate(lines):
        shown, letters = fitted(line, 7.5 * scale, 0.47 * wide, least=0.75)
        figure.text(0.985, top - step * index, shown, fontsize=letters, ha="right", va="center", color="#444444")
