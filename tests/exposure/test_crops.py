from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskzoning import grid as grids
from riskzoning.errors import LayerError, UnitsError
from riskzoning.exposure import cropland
from riskzoning.layers import layer_on


def test_hectares_are_kept_on_a_coarser_grid(make_grid: Any) -> None:
    fine, coarse = make_grid(rows=8, columns=10, resolution=50), make_grid(rows=4, columns=5)
    codes = np.random.default_rng(0).choice([10, 20, 60, 80], (8, 10)).astype(np.uint8)
    found = cropland(layer_on(fine, codes, quantity="landcover"), coarse)
    expected = 0.25 * (codes == 10).reshape(4, 2, 5, 2).sum(axis=(1, 3))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert found.attrs["units"] == "ha"


def test_no_land_cover_is_no_data_and_own_classes_count(make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=3)
    cover = layer_on(grid, np.array([[11, 0, 12]], dtype=np.uint8), quantity="landcover")
    np.testing.assert_array_equal(cropland(cover, grid, classes=(11, 12)), [[1.0, np.nan, 1.0]])
    np.testing.assert_array_equal(cropland(cover, grid), [[0.0, np.nan, 0.0]])


def test_total_survives_a_change_of_crs() -> None:
    degrees = grids.analysis_grid((114.0, 35.0, 114.1, 35.1), crs="EPSG:4490", resolution=0.002)
    codes = np.random.default_rng(1).choice([10, 80], (50, 50)).astype(np.uint8)
    cover = layer_on(degrees, codes, quantity="landcover")
    metres = grids.analysis_grid((499_000, 3_873_000, 511_000, 3_887_000), crs="EPSG:4547", resolution=500)
    own = cropland(cover, degrees)
    assert float(cropland(cover, metres).sum()) == pytest.approx(float(own.sum()), rel=1e-9)
    # half of about 9.1 x 11.1 km
    assert 4500 < float(own.sum()) < 5700


def test_lazy_land_cover_stays_lazy(make_grid: Any) -> None:
    fine, coarse = make_grid(rows=8, columns=10, resolution=50), make_grid(rows=4, columns=5)
    cover = layer_on(fine, np.full((8, 10), 10, dtype=np.uint8), quantity="landcover").chunk({"y": 4})
    found = cropland(cover, coarse)
    assert found.chunks is not None
    np.testing.assert_allclose(found, 1.0)


def test_what_is_no_land_cover_is_refused(make_grid: Any) -> None:
    grid = make_grid()
    with pytest.raises(UnitsError):
        cropland(layer_on(grid, 1.0, quantity="elevation"), grid)
    with pytest.raises(LayerError, match="the codes of cropland"):
        cropland(layer_on(grid, np.uint8(10), quantity="landcover"), grid, classes=())
