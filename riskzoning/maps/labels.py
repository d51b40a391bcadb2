"""Names on the map: counties always, townships where they fit; no two overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import matplotlib.patheffects as effects
import numpy as np
import shapely
from matplotlib.axes import Axes
from numpy.typing import NDArray

from riskzoning.codes import unit_names
from riskzoning.errors import visible
from riskzoning.maps.fonts import fitted, text_size
from riskzoning.maps.frame import Frame

_HALO = 2.2
# A label keeps this share of its height as room around it.
_ROOM = 0.12
_STEPS_AWAY = 14
_LONGEST = 150.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """A name, the middle of its text on the ground, its size and the box that it fills on paper, in points."""

    text: str
    x: float
    y: float
    size: float
    box: Box
    leader: tuple[float, float] | None = None


def middles(units: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """The point of each unit with most room around it: the centre of the largest circle in its largest part (n, 2)."""
    points = np.full((len(units), 2), np.nan)
    for row, shape in enumerate(units.geometry.to_numpy()):
        if shape is None or shape.is_empty:
            continue
        part = max(shapely.get_parts(shape), key=lambda piece: piece.area)
        west, south, east, north = part.bounds
        wide = max(east - west, north - south)
        if part.area <= 0:
            points[row] = shapely.get_coordinates(part.representative_point())[0]
            continue
        # The outline is thinned first: the place of a name needs no metre.
        thin = part.simplify(wide / 200)
        thin = thin if thin.area > 0 and thin.is_valid else part
        points[row] = _roomiest(thin, wide)
    return points


def _roomiest(shape: Any, wide: float) -> NDArray[np.float64]:
    middle, radius = shapely.get_coordinates(shapely.maximum_inscribed_circle(shape, tolerance=wide / 50))
    centre = shape.centroid
    # A long unit has many such circles: its centre of gravity is the better place where it has as good as that room.
    if shape.contains(centre) and shape.boundary.distance(centre) > 0.8 * float(np.hypot(*(middle - radius))):
        return np.array([centre.x, centre.y])
    return np.asarray(middle)


def place_labels(
    units: gpd.GeoDataFrame, frame: Frame, *, size: float, always: bool = False, taken: Sequence[Box] = ()
) -> list[Label]:
    """Find room for the names of units."""
    filled = [np.asarray(box, dtype=float) for box in taken]
    points = middles(units)
    shapes, names = units.geometry.to_numpy(), unit_names(units).to_numpy()
    placed = []
    # Larger units first: their names find room more easily and matter more.
    for row in np.argsort(-units.geometry.area.to_numpy(), kind="stable"):
        name = str(names[row])
        if not np.isfinite(points[row]).all() or not name or not _in_frame(points[row], frame):
            continue
        label = _always(name, points[row], frame, size, filled) if always else None
        if not always:
            label = _inside(name, points[row], shapes[row], frame, size, filled)
        if label is not None:
            filled.append(np.asarray(label.box))
            placed.append(label)
    return placed


def _in_frame(point: NDArray[np.float64], frame: Frame) -> bool:
    return bool(frame.left < point[0] < frame.right and frame.bottom < point[1] < frame.top)


def _inside(
    name: str, point: NDArray[np.float64], shape: Any, frame: Frame, size: float, filled: list[NDArray[np.float64]]
) -> Label | None:
    wide, high = text_size(name, size)
    shapely.prepare(shape)
    x, y = frame.on_paper(point)
    for step in (0, 1.3, -1.3, 2, -2):
        box = _box(x, y + step * high, wide, high)
        if not _free(box, filled, frame):
            continue
        # The middle line of the name lies inside its unit.
        middle = np.column_stack([np.linspace(box[0], box[2], 9), np.full(9, y + step * high)])
        ground = frame.on_ground(middle)
        if shapely.contains_xy(shape, ground[:, 0], ground[:, 1]).mean() > 0.85:
            return Label(name, float(ground[4, 0]), float(ground[4, 1]), size, box)
    return None


def _always(
    name: str, point: NDArray[np.float64], frame: Frame, size: float, filled: list[NDArray[np.float64]]
) -> Label | None:
    x, y = frame.on_paper(point)
    for share in (1.0, 0.85, 0.7, 0.55):
        shown, letters = fitted(name, size * share, _LONGEST)
        wide, high = text_size(shown, letters)
        # Beside the dot first, then rings further and further away.
        moves = [(0.0, 0.85 * high), (0.0, -0.85 * high), (0.6 * wide, 0.0), (-0.6 * wide, 0.0)]
        rings = [
            (step * (0.35 * wide + 0.6 * high) * np.cos(angle) * 0.6, step * 0.7 * high * np.sin(angle))
            for step in range(2, _STEPS_AWAY)
            for angle in np.linspace(0, 2 * np.pi, 4 + 4 * step, endpoint=False)
        ]
        for dx, dy in [*moves, *rings]:
            box = _box(x + dx, y + dy, wide, high)
            if _free(box, filled, frame):
                (ground,) = frame.on_ground(np.array([[x + dx, y + dy]]))
                near = abs(dx) <= 0.75 * wide and abs(dy) <= 1.5 * high
                away = None if near else (float(point[0]), float(point[1]))
                return Label(shown, float(ground[0]), float(ground[1]), letters, box, away)
    return None


def _box(x: float, y: float, wide: float, high: float) -> Box:
    room = _ROOM * high
    return (x - wide / 2 - room, y - high / 2 - room, x + wide / 2 + room, y + high / 2 + room)


def _free(box: Box, filled: list[NDArray[np.float64]], frame: Frame) -> bool:
    width, height = frame.on_paper(np.array([[frame.right, frame.top]]))[0]
    if not (box[0] > 2 and box[1] > 2 and box[2] < width - 2 and box[3] < height - 2):
        return False
    if not filled:
        return True
    other = np.asarray(filled)
    apart = (other[:, 0] >= box[2]) | (other[:, 2] <= box[0]) | (other[:, 1] >= box[3]) | (other[:, 3] <= box[1])
    return bool(apart.all())


def draw_labels(axes: Axes, labels: Sequence[Label]) -> None:
    """Write placed names with a white halo."""
    halo = [effects.withStroke(linewidth=_HALO, foreground="white", alpha=0.9)]
    for label in labels:
        if label.leader is not None:
            axes.plot([label.leader[0], label.x], [label.leader[1], label.y], color="#444444", linewidth=0.5, zorder=11)
        axes.text(
            label.x, label.y, visible(label.text), fontsize=label.size, ha="center", va="center", zorder=12,
            color="#111111", path_effects=halo, clip_on=True,
        )  # fmt: skip
