"""Names on the map: counties always, townships where they fit; no two overlap."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import matplotlib.patheffects as effects
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox
from shapely import LineString

__all__ = ["label_units"]

# Steps away from the middle of a unit that a label may take, in label heights (x, y).
_MOVES = ((0, 0), (0, 1.2), (0, -1.2), (1.5, 0), (-1.5, 0), (1.5, 1.2), (-1.5, 1.2), (1.5, -1.2), (-1.5, -1.2))


def label_units(
    axes: Axes,
    units: gpd.GeoDataFrame,
    *,
    size: float,
    always: bool = False,
    taken: Sequence[Bbox] = (),
) -> list[Bbox]:
    """Write the names of units and give the boxes that they fill, in pixels.

    A name that would not fit into its unit or would touch another name is left out, unless ``always``; then it moves a
    little to find room and is written in any case.

    Parameters
    ----------
    units : GeoDataFrame
        Column ``name``; in the coordinates of the axes.
    size : float
        Points.
    taken : sequence of Bbox
        Boxes that are filled already.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from shapely import box
    >>> axes = Figure(figsize=(4, 4)).add_subplot()
    >>> _ = axes.set(xlim=(0, 10), ylim=(0, 10))
    >>> units = gpd.GeoDataFrame({"name": ["A", "B"]}, geometry=[box(0, 0, 5, 10), box(5, 0, 10, 10)])
    >>> len(label_units(axes, units, size=8))
    2
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    renderer = figure.canvas.get_renderer() if hasattr(figure.canvas, "get_renderer") else None
    halo = [effects.withStroke(linewidth=2.2, foreground="white", alpha=0.9)]
    frame = axes.get_window_extent()
    filled = list(taken)
    mine: list[Bbox] = []
    # Larger units first: their names find room more easily and matter more.
    for index in units.geometry.area.sort_values(ascending=False, kind="stable").index:
        geometry = units.geometry.loc[index]
        point = geometry.representative_point()
        text = axes.text(
            point.x, point.y, str(units.loc[index, "name"]), fontsize=size, ha="center", va="center", zorder=12,
            color="#111111", path_effects=halo, clip_on=True,
        )  # fmt: skip
        box = text.get_window_extent(renderer).expanded(1.04, 1.10)
        place = _place(axes, text, box, geometry, filled, frame, always)
        if place is None:
            text.remove()
            continue
        filled.append(place)
        mine.append(place)
    return mine


def _place(
    axes: Axes, text: object, box: Bbox, geometry: object, filled: list[Bbox], frame: Bbox, always: bool
) -> Bbox | None:
    inverse = axes.transData.inverted()
    x, y = text.get_position()  # type: ignore[attr-defined]
    for dx, dy in _MOVES if always else _MOVES[:3]:
        moved = box.translated(dx * box.height, dy * box.height)
        if any(moved.overlaps(other) for other in filled) or not _inside(moved, frame):
            continue
        if not always and not _fits(moved, geometry, inverse):
            continue
        pixel = axes.transData.transform((x, y))
        text.set_position(inverse.transform((pixel[0] + dx * box.height, pixel[1] + dy * box.height)))  # type: ignore[attr-defined]
        return moved
    return box if always and _inside(box, frame) else None


def _inside(box: Bbox, frame: Bbox) -> bool:
    return bool(box.x0 > frame.x0 and box.x1 < frame.x1 and box.y0 > frame.y0 and box.y1 < frame.y1)


def _fits(box: Bbox, geometry: object, inverse: object) -> bool:
    # The middle line of the label must lie inside the unit almost completely.
    middle = (box.y0 + box.y1) / 2
    ends = inverse.transform([(box.x0, middle), (box.x1, middle)])  # type: ignore[attr-defined]
    line = LineString(ends)
    return bool(line.length > 0 and geometry.intersection(line).length / line.length >= 0.9)  # type: ignore[attr-defined]
