"""What units of a map are joined to: thick outlines with a short name each, such as regions and their codes."""

from __future__ import annotations

import geopandas as gpd
import matplotlib.patheffects as effects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from shapely import get_coordinates, get_parts, get_rings

from riskzoning.maps.backdrop import Backdrop
from riskzoning.maps.labels import place_labels

# Not a colour of any palette, and dark enough beside all of them.
_INK = "#5B1A8E"
_WIDTH, _LETTERS, _HALO = 2.6, 12.0, 2.8


def draw_groups(axes: Axes, groups: gpd.GeoDataFrame, parts: Backdrop, scale: float) -> None:
    """Draw outlines, and names where no other name of the sheet stands."""
    frame = groups.to_crs(parts.crs)
    rings = [get_coordinates(ring) for shape in frame.geometry for ring in get_rings(get_parts(shape))]
    lines = LineCollection(rings, colors=_INK, linewidths=_WIDTH * scale, zorder=3.2, capstyle="round")
    axes.add_collection(lines, autolim=False)
    taken = [label.box for label in parts.labels]
    halo = [effects.withStroke(linewidth=_HALO * scale, foreground="white")]
    for label in place_labels(frame, parts.frame, size=_LETTERS * scale, always=True, taken=taken):
        if label.leader is not None:
            axes.plot([label.leader[0], label.x], [label.leader[1], label.y], color=_INK, linewidth=0.7, zorder=3.3)
        axes.text(
            label.x, label.y, label.text, fontsize=label.size, color=_INK, ha="center", va="center",
            path_effects=halo, zorder=3.4,
        )  # fmt: skip
