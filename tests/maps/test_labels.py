"""No two names overlap; none leaves the frame."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from shapely import box

from riskzoning.maps.labels import label_units


def axes_for(extent: float) -> object:
    figure = Figure(figsize=(4, 4))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, extent), ylim=(0, extent))
    return axes


def test_no_two_labels_overlap() -> None:
    cells = [box(x, y, x + 1, y + 1) for x in range(12) for y in range(12)]
    units = gpd.GeoDataFrame({"name": [f"unit {i:03d}" for i in range(144)]}, geometry=cells)
    placed = label_units(axes_for(12), units, size=7, always=True)  # type: ignore[arg-type]
    strict = label_units(axes_for(12), units, size=4)  # type: ignore[arg-type]
    assert not any(a.overlaps(b) for a, b in combinations(strict, 2))
    assert len(placed) > 0


def test_a_name_that_does_not_fit_its_unit_is_left_out_unless_always() -> None:
    units = gpd.GeoDataFrame({"name": ["a very long name of a unit"]}, geometry=[box(5, 5, 5.2, 5.2)])
    assert label_units(axes_for(10), units, size=8) == []  # type: ignore[arg-type]
    assert len(label_units(axes_for(10), units, size=8, always=True)) == 1  # type: ignore[arg-type]


def test_taken_boxes_are_respected() -> None:
    units = gpd.GeoDataFrame({"name": ["A"]}, geometry=[box(0, 0, 10, 10)])
    (first,) = label_units(axes_for(10), units, size=8)  # type: ignore[arg-type]
    (second,) = label_units(axes_for(10), units, size=8, taken=[first])  # type: ignore[arg-type]
    assert not first.overlaps(second)
    assert np.isfinite(second.extents).all()
