"""Groups of units on a map: an outline for each ring, a name for each group, none on another name of the sheet."""

from __future__ import annotations

import geopandas as gpd
import shapely
from matplotlib.figure import Figure

from riskzoning.maps.backdrop import Backdrop
from riskzoning.maps.frame import Frame
from riskzoning.maps.groups import draw_groups
from riskzoning.maps.labels import Label, place_labels

FRAME = Frame.around((0, 0, 20_000, 10_000), width=400, height=250)
HOLED = shapely.box(10_000, 0, 20_000, 10_000) - shapely.box(14_000, 4_000, 16_000, 6_000)


def drawn(taken: list[Label]) -> tuple[list[str], int, list[tuple[float, float]]]:
    groups = gpd.GeoDataFrame(
        {"name": ["I-1", "II-1"]}, geometry=[shapely.box(0, 0, 10_000, 10_000), HOLED], crs="EPSG:4547"
    )
    axes = Figure().add_axes((0, 0, 1, 1))
    axes.set(xlim=(FRAME.left, FRAME.right), ylim=(FRAME.bottom, FRAME.top))
    draw_groups(axes, groups.to_crs("EPSG:4490"), Backdrop(FRAME, "EPSG:4547", labels=taken), 1.0)
    (lines,) = axes.collections
    return [text.get_text() for text in axes.texts], len(lines.get_paths()), [t.get_position() for t in axes.texts]


def test_every_ring_has_a_line_and_every_group_its_name() -> None:
    names, rings, _ = drawn([])
    assert sorted(names) == ["I-1", "II-1"]
    assert rings == 3


def test_a_name_gives_way_to_those_that_stand_there() -> None:
    units = gpd.GeoDataFrame({"name": ["West"]}, geometry=[shapely.box(0, 0, 10_000, 10_000)], crs="EPSG:4547")
    other = place_labels(units, FRAME, size=12, always=True)
    free, _, alone = drawn([])
    names, _, beside = drawn(other)
    assert dict(zip(names, beside, strict=True))["I-1"] != dict(zip(free, alone, strict=True))["I-1"]
