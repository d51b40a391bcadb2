"""The part of a large layer that lies on a grid."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest

from riskzoning.grid import analysis_grid
from riskzoning.grid.windows import large_window, near, window_on
from riskzoning.layers import layer_on

WIDE = analysis_grid((400_000, 3_800_000, 600_000, 4_000_000), crs="EPSG:4547", resolution=100)
CITY = analysis_grid((500_000, 3_900_000, 510_000, 3_905_000), crs="EPSG:4547", resolution=50)


def test_a_window_holds_the_grid_and_some_cells_around() -> None:
    assert window_on(WIDE, CITY, around=0) == (slice(950, 1000), slice(1000, 1100))
    assert window_on(WIDE, CITY, around=8) == (slice(942, 1008), slice(992, 1108))
    degrees = analysis_grid((100, 20, 130, 50), crs="EPSG:4490", resolution=1 / 120)
    rows, columns = window_on(degrees, CITY) or (slice(0), slice(0))
    part = degrees[rows, columns].boundingbox
    city = CITY.extent.to_crs("EPSG:4490").boundingbox
    assert part.left < city.left < city.right < part.right
    assert (rows.stop - rows.start) < 40


def test_only_what_is_far_larger_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = layer_on(WIDE, da.zeros(tuple(WIDE.shape), dtype="f4"), quantity="elevation")
    assert large_window(WIDE, CITY) is None
    assert near(layer, CITY, margin_m=1000) is layer
    monkeypatch.setattr("riskzoning.grid.windows.SMALL", 1000)
    assert large_window(WIDE, CITY) == window_on(WIDE, CITY)
    assert large_window(WIDE, WIDE) is None
    part = near(layer, CITY, margin_m=1000)
    assert part.shape == (50 + 2 * 10 + 16, 100 + 2 * 10 + 16)
    assert np.isclose(float(part.x.min()), 500_000 - 1000 - 800 + 50)
