"""Works against floods (堤防、水库、水闸、蓄滞洪区) on printed maps: their signs, places and rows of the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem
from riskzoning.maps.frame import POINTS, Frame
from riskzoning.maps.furniture import words

# Signs stand so far from each other at least, in their own widths; of closer ones the first is drawn.
_APART = 0.8
# Lines are thinned to this, mm on paper.
_THIN = 0.1
_CASING = 1.2
# Bars across a levee: their distance and length, mm on paper.
_BARS, _BAR = 3.0, 1.1
_DASHES = (0, (4, 1.6))


@dataclass(frozen=True)
class DrawnWorks:
    """Works of one kind in the projection of a sheet: lines or edges, and the places of their signs (n, 2)."""

    kind: str
    lines: list[NDArray[np.float64]]
    points: NDArray[np.float64]
    # Signs for which there was no room beside others.
    left_out: int = 0


def signs() -> Mapping[str, Mapping[str, Any]]:
    """The kinds of works that have a sign, in the order of the key."""
    signs: Mapping[str, Mapping[str, Any]] = standards.table("palettes/works").data
    return signs


def drawn_works(
    works: Mapping[str, gpd.GeoDataFrame], frame: Frame, crs: str, reach: Any = None
) -> tuple[DrawnWorks, ...]:
    """What of each kind stands in the window; kinds without anything there are left out.

    Lines and areas end where ``reach`` ends; a reservoir upstream of the place keeps its sign.
    """
    known = signs()
    problems = [
        Problem("maps.option", Phrase("argument", name="works"), value=kind, known=list(known))
        for kind in works
        if kind not in known
    ]
    if problems:
        raise LayerError(problems=problems)
    made = (_of_kind(kind, works[kind], frame, crs, reach) for kind in known if kind in works)
    return tuple(one for one in made if one.lines or len(one.points))


def _of_kind(kind: str, given: gpd.GeoDataFrame, frame: Frame, crs: str, reach: Any) -> DrawnWorks:
    if given.crs is None:
        raise MissingCRSError(Problem("maps.crs", Phrase("map_works", name=kind), name=kind))
    shapes = given.geometry.to_crs(crs).to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    shapes = shapes[shapely.intersects(shapes, shapely.box(frame.left, frame.bottom, frame.right, frame.top))]
    shapes = shapely.force_2d(shapes)
    none = np.empty((0, 2))
    if signs()[kind]["form"] != "point":
        return DrawnWorks(kind, _edges(_cut(shapes, reach), frame), none)
    outlines = shapes[shapely.get_dimensions(shapes) == 2]
    points = shapely.get_coordinates(shapely.point_on_surface(shapes)) if len(shapes) else none
    inside = (points[:, 0] > frame.left) & (points[:, 0] < frame.right)
    points = points[inside & (points[:, 1] > frame.bottom) & (points[:, 1] < frame.top)]
    shown = _spread(points, _APART * float(signs()[kind]["size_mm"]) * frame.metres_a_millimetre)
    return DrawnWorks(kind, _edges(outlines, frame), shown, len(points) - len(shown))


def _cut(shapes: NDArray[Any], reach: Any) -> NDArray[Any]:
    if reach is None or not len(shapes):
        return shapes
    shapes = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
    cut = shapely.intersection(shapes, reach)
    return cut[~shapely.is_empty(cut)]


def _edges(shapes: NDArray[Any], frame: Frame) -> list[NDArray[np.float64]]:
    """Lines as they are and areas by their edges, thinned to what paper shows."""
    thin = shapely.simplify(shapes, _THIN * frame.metres_a_millimetre)
    edges = np.where(shapely.get_dimensions(thin) == 2, shapely.boundary(thin), thin)
    parts = shapely.get_parts(edges)
    return [shapely.get_coordinates(part) for part in parts if shapely.get_dimensions(part) == 1]


def _spread(points: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """Points in their order without those that would cover an earlier one."""
    kept: dict[tuple[int, int], list[NDArray[np.float64]]] = {}
    out = []
    for point in points:
        column, row = int(point[0] // least), int(point[1] // least)
        near = [other for x in (-1, 0, 1) for y in (-1, 0, 1) for other in kept.get((column + x, row + y), ())]
        if all(float(np.hypot(*(point - other))) >= least for other in near):
            kept.setdefault((column, row), []).append(point)
            out.append(point)
    return np.array(out) if out else np.empty((0, 2))


def sign_boxes(works: tuple[DrawnWorks, ...], frame: Frame, scale: float) -> list[tuple[float, float, float, float]]:
    """What the signs fill on paper, in points: names keep away from them."""
    boxes = []
    for one in works:
        half = float(signs()[one.kind].get("size_mm", 0.0)) * POINTS * scale / 2 + 0.6
        for x, y in frame.on_paper(one.points) if len(one.points) else ():
            boxes.append((float(x - half), float(y - half), float(x + half), float(y + half)))
    return boxes


def draw_works(axes: Axes, works: tuple[DrawnWorks, ...], frame: Frame, scale: float) -> None:
    """Draw works over the grades; lines and names of the sheet go over them."""
    for one in works:
        sign = signs()[one.kind]
        colour, wide = str(sign["colour"]), float(sign.get("width_mm", 0.25)) * POINTS * scale
        form = sign["form"]
        if one.lines:
            casing = LineCollection(one.lines, colors="white", linewidths=wide + _CASING * scale, zorder=3.5)
            lines = LineCollection(
                one.lines, colors=colour, linewidths=wide, zorder=3.6, linestyles=_DASHES if form == "area" else "-"
            )
            axes.add_collection(casing, autolim=False)
            axes.add_collection(lines, autolim=False)
        if form == "line":
            bars = list(_bars(one.lines, frame, scale))
            axes.add_collection(LineCollection(bars, colors=colour, linewidths=wide, zorder=3.6), autolim=False)
        if len(one.points):
            axes.plot(one.points[:, 0], one.points[:, 1], zorder=3.8, **_marker(sign, scale))


def _bars(lines: list[NDArray[np.float64]], frame: Frame, scale: float) -> Iterator[NDArray[np.float64]]:
    """Short bars across lines at even distances, so that a levee is not taken for a boundary."""
    every, half = (scale * value * frame.metres_a_millimetre for value in (_BARS, _BAR / 2))
    for line in lines:
        steps = np.diff(line, axis=0)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
        for at in np.arange(every / 2, along[-1], every):
            piece = min(int(np.searchsorted(along, at, side="right")) - 1, len(steps) - 1)
            length = along[piece + 1] - along[piece]
            if length <= 0:
                continue
            middle = line[piece] + steps[piece] * (at - along[piece]) / length
            across = np.array([-steps[piece][1], steps[piece][0]]) / length * half
            yield np.array([middle - across, middle + across])


def _marker(sign: Mapping[str, Any], scale: float) -> dict[str, Any]:
    return {
        "linestyle": "none", "marker": sign["marker"], "markersize": float(sign["size_mm"]) * POINTS * scale,
        "markerfacecolor": sign["colour"], "markeredgecolor": "white", "markeredgewidth": 0.5 * scale,
    }  # fmt: skip


def work_keys(works: tuple[DrawnWorks, ...], lang: str, scale: float) -> list[tuple[str, dict[str, Any]]]:
    """Rows of the key: the name of each kind and its style; how many signs had no room stands with the name."""
    rows = []
    for one in works:
        sign = signs()[one.kind]
        name = words(f"work_{one.kind}", lang)
        if one.left_out:
            name = words("works_left_out", lang, name=name, count=one.left_out)
        if sign["form"] == "point":
            style = _marker(sign, scale)
        else:
            dashes = _DASHES if sign["form"] == "area" else "-"
            style = {
                "color": sign["colour"],
                "linewidth": float(sign["width_mm"]) * POINTS * scale,
                "linestyle": dashes,
            }
            style |= {"bars": True} if sign["form"] == "line" else {}
        rows.append((name, style))
    return rows
