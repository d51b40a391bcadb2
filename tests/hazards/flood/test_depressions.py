"""Closed depressions: filled to their lowest outlet, and who drains into whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.hazards.flood import depressions, fill_depressions
from riskzoning.hazards.flood.depressions import find_hollows
from riskzoning.layers import grid_of

MakeLayer = Callable[..., xr.DataArray]

# A pit of 1 within walls of 9; the lowest way out at the side is over 5, at a corner over 3.
PIT = np.full((5, 5), 9.0)
PIT[2, 2], PIT[2, 3], PIT[2, 4] = 1.0, 5.0, 2.0
PIT[1, 1], PIT[0, 0] = 3.0, 2.0


def dem_of(make_layer: MakeLayer, values: Any, **options: Any) -> xr.DataArray:
    return make_layer(np.asarray(values, dtype=float), "elevation", **options)


def test_a_pit_is_raised_to_its_lowest_outlet_which_depends_on_corners(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, PIT)
    by_corner, by_side = fill_depressions(dem), fill_depressions(dem, connectivity=4)
    assert (by_corner[2, 2].item(), by_side[2, 2].item()) == (3.0, 5.0)
    changed = by_side.values != PIT
    assert [tuple(cell) for cell in np.argwhere(changed)] == [
        (1, 1),
        (2, 2),
    ]  # the corner cell is a pit without corners
    assert grid_of(by_corner) == grid_of(dem)


def test_a_deeper_pit_than_the_limit_stays(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, PIT)
    assert fill_depressions(dem, max_depth=1.5)[2, 2].item() == 1.0
    assert fill_depressions(dem, max_depth=2.5)[2, 2].item() == 3.0


def test_lazy_missing_and_wrong(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, PIT)
    lazy = fill_depressions(dem.chunk({"y": 2}))
    assert lazy.chunks is not None
    np.testing.assert_array_equal(lazy, fill_depressions(dem))
    assert np.isnan(fill_depressions(dem_of(make_layer, np.full((3, 3), np.nan)))).all()
    for options, rule in (({"connectivity": 6}, "flood.connectivity"), ({"max_depth": 0}, "flood.max_depth")):
        with pytest.raises(LayerError) as caught:
            fill_depressions(dem, **options)  # type: ignore[arg-type]
        assert caught.value.problems[0].rule == rule


def test_a_dem_beyond_the_memory_of_the_machine_is_refused(
    make_layer: MakeLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(depressions, "_machine_bytes", lambda: 1000)
    with pytest.raises(LayerError) as caught:
        fill_depressions(dem_of(make_layer, PIT))
    assert caught.value.problems[0].rule == "flood.memory"
    monkeypatch.setattr(depressions, "_machine_bytes", lambda: None)
    assert fill_depressions(dem_of(make_layer, PIT))[2, 2].item() == 3.0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_filled_ground_has_no_pit_and_a_constant_changes_nothing(seed: int) -> None:
    heights = np.random.default_rng(seed).integers(0, 6, (7, 8)).astype(float)
    filled = depressions._filled(heights, max_depth=-1.0, connectivity=8)
    assert np.all(filled >= heights)
    np.testing.assert_allclose(depressions._filled(heights + 100, max_depth=-1.0, connectivity=8), filled + 100)
    for row, column in np.ndindex(5, 6):
        around = filled[row : row + 3, column : column + 3]
        assert around[1, 1] >= np.delete(around.ravel(), 4).min()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_water_never_runs_in_circles(seed: int) -> None:
    heights = np.random.default_rng(seed).integers(0, 5, (12, 14)).astype(float)
    hollows = find_hollows(
        heights, np.full(heights.shape, 100.0), transform=Affine.scale(10, -10), degrees=False, channel_km2=1e9
    )
    place = {one: at for at, one in enumerate(hollows.order.tolist())}
    for one, onward in enumerate(hollows.next.tolist()):
        assert onward == 0 or place[onward] > place[one]
    assert hollows.capacity.sum() == pytest.approx(
        (depressions._filled(heights, max_depth=-1.0, connectivity=8) - heights).sum() * 100.0
    )


def test_water_that_reaches_a_river_first_has_got_away() -> None:
    heights = np.array([[9, 9, 9, 9, 9], [9, 8, 7, 6, 1], [9, 9, 9, 9, 9]], dtype=float)
    heights[1, 3] = 0.0  # a pit at the foot of the slope
    options: dict[str, Any] = {"transform": Affine.scale(100, -100), "degrees": False, "channel_km2": 1e9}
    area = np.full(heights.shape, 1e4)
    alone = find_hollows(heights, area, **options)
    assert alone.first.reshape(heights.shape)[1, 1] == 1
    river = np.zeros(heights.shape)
    river[1, 2] = 1
    beside = find_hollows(heights, area, **options, rivers=river)
    assert beside.first.reshape(heights.shape)[1].tolist()[:4] == [0, 0, 0, 1]
