"""The terrain factor: every row and column of its table, lazily too."""

import dask.array as da
import numpy as np

from riskzoning.hazards.meteorology.terrain import terrain_factor
from riskzoning.layers import layer_on


def test_terrain_factor_by_height_and_roughness(make_grid):
    grid = make_grid(6, 6)
    wide = grid.pad(4)
    for height, expected in ((70, 0.9), (100, 0.9), (101, 0.8), (700, 0.7), (701, 0.6)):
        flat = layer_on(wide, float(height), quantity="elevation")
        np.testing.assert_allclose(terrain_factor(flat, grid), expected)
    rng = np.random.default_rng(0)
    for noise, expected in ((5, 0.8), (30, 0.7)):
        rough = layer_on(wide, 50 + noise * np.sign(rng.normal(size=(14, 14))), quantity="elevation")
        assert float(terrain_factor(rough, grid).median()) == expected
        lazy = terrain_factor(rough.chunk(y=5, x=4), grid)
        assert isinstance(lazy.data, da.Array)
        np.testing.assert_allclose(lazy, terrain_factor(rough, grid))
    gap = layer_on(wide, 70.0, quantity="elevation").copy()
    gap[6, 6] = np.nan
    assert np.isnan(terrain_factor(gap, grid)).sum() == 1
