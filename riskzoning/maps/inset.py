"""A small map in a corner of a sheet: where the place lies in its province, which the study gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from riskzoning.errors import MissingCRSError, Phrase, Problem
from riskzoning.maps.frame import POINTS, Frame
from riskzoning.maps.furniture import words
from riskzoning.maps.labels import Box

# Shares of the width of the window, and its longer side against that of the shorter; room to the neat line, mm.
_WIDE, _SLIMMEST, _GAP = 0.17, 0.6, 1.6
# Room for the title above the small map, points on A3, and for the outline within its frame, a share.
_TITLE, _ROOM = 13.0, 0.05
# Of the corner that may lie on the place without hiding anything: nothing but a hair of its outline.
_MOST_COVERED = 1e-4
_LAND, _EDGE, _HERE = "#F1EFE6", "#8A8A8A", "#C2272D"


@dataclass(frozen=True)
class Inset:
    """The small map: where it lies in the window (points from its lower left corner), its lines and areas there."""

    box: Box
    land: list[NDArray[np.float64]]
    edges: list[NDArray[np.float64]]
    here: list[NDArray[np.float64]]


def with_inset(
    province: gpd.GeoDataFrame, place: Any, frame: Frame, crs: str, scale: float
) -> tuple[Frame, Inset | None]:
    """The window with a free corner, at a smaller scale where none is free, and the small map in it; None without any.

    ``place`` is the outline of the place in the projection of the sheet.
    """
    if province.crs is None:
        raise MissingCRSError(Problem("maps.crs", Phrase("map_province"), name="province"))
    shapes = province.geometry.to_crs(crs).to_numpy()
    shapes = shapely.force_2d(shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))])
    shapes = shapes[shapely.get_dimensions(shapes) == 2]
    if not len(shapes) or place is None or place.is_empty:
        return frame, None
    bounds = shapely.total_bounds(np.append(shapes, place))
    wide, high = _size(bounds, frame, scale)
    corner, covered = _corner(place, frame, wide, high)
    if covered > _MOST_COVERED:
        frame = _wider(place.bounds, frame, wide)
        corner, _ = _corner(place, frame, wide, high)
    return frame, _made(shapes, place, bounds, corner, scale)


def _size(bounds: NDArray[np.float64], frame: Frame, scale: float) -> tuple[float, float]:
    """Width and height on paper in points, of the shape of the province within bounds."""
    wide = _WIDE * frame.width * POINTS
    shape = (bounds[3] - bounds[1]) / max(bounds[2] - bounds[0], 1e-9)
    return wide, wide * float(np.clip(shape, _SLIMMEST, 1 / _SLIMMEST)) + _TITLE * scale


def _corner(place: Any, frame: Frame, wide: float, high: float) -> tuple[Box, float]:
    """The corner of the window that the place fills least, and how much of it that is (0..1)."""
    gap = _GAP * POINTS
    width, height = frame.width * POINTS, frame.height * POINTS
    lefts, bottoms = (gap, width - gap - wide), (height - gap - high, gap)
    boxes = [(left, bottom, left + wide, bottom + high) for bottom in bottoms for left in lefts]
    filled = []
    for box in boxes:
        low, top = frame.on_ground(np.array([[box[0] - gap, box[1] - gap], [box[2] + gap, box[3] + gap]]))
        ground = shapely.box(*low, *top)
        filled.append(float(shapely.area(shapely.intersection(place, ground)) / ground.area))
    best = int(np.argmin(filled))
    return boxes[best], filled[best]


def _wider(bounds: Sequence[float], frame: Frame, wide: float) -> Frame:
    """A window at a smaller scale with room for the small map on its left."""
    left, bottom, right, top = bounds
    share = wide / POINTS + 3 * _GAP
    ground = (right - left) * share / max(frame.width - share - 8.0, 1.0)
    return Frame.around((left - ground, bottom, right, top), width=frame.width, height=frame.height)


def _made(shapes: NDArray[Any], place: Any, bounds: NDArray[np.float64], box: Box, scale: float) -> Inset:
    wide, high = box[2] - box[0], box[3] - box[1] - _TITLE * scale
    step = max((bounds[2] - bounds[0]) / wide, (bounds[3] - bounds[1]) / high) / (1 - 2 * _ROOM)
    middle = (bounds[:2] + bounds[2:]) / 2
    centre = np.array([(box[0] + box[2]) / 2, box[1] + high / 2])

    def rings(parts: NDArray[Any]) -> list[NDArray[np.float64]]:
        thin = shapely.simplify(parts, step / 3)
        kept = np.where(shapely.is_empty(thin), parts, thin)
        edges = shapely.get_rings(shapely.get_parts(kept))
        return [(shapely.get_coordinates(ring) - middle) / step + centre for ring in edges]

    whole = np.array([shapely.union_all(shapes)], dtype=object)
    return Inset(box, rings(whole), rings(shapes), rings(np.array([place], dtype=object)))


def draw_inset(
    figure: Figure, window: tuple[float, float, float, float], inset: Inset, lang: str, scale: float
) -> None:
    """Draw the small map over the window, whose place on the sheet is given in shares."""
    wide, high = figure.get_figwidth() * 72, figure.get_figheight() * 72
    left, bottom, right, top = inset.box
    place = (window[0] + left / wide, window[1] + bottom / high, (right - left) / wide, (top - bottom) / high)
    axes = figure.add_axes(place, zorder=6)
    axes.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
    axes.set_title("", y=1.0)
    for side in axes.spines.values():
        side.set_linewidth(0.8)
    axes.add_collection(PolyCollection(inset.land, facecolors=_LAND, edgecolors="none"), autolim=False)
    axes.add_collection(LineCollection(inset.edges, colors=_EDGE, linewidths=0.5), autolim=False)
    axes.add_collection(
        PolyCollection(inset.here, facecolors=_HERE, edgecolors=_HERE, linewidths=0.6, alpha=0.85), autolim=False
    )
    axes.text(
        left + 4 * scale, top - 0.55 * _TITLE * scale, words("inset", lang), fontsize=8 * scale, va="center",
        color="#222222",
    )  # fmt: skip
