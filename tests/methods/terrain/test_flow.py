"""Wetness."""

from __future__ import annotations

from collections.abc import Callable

import dask.array as da
import numpy as np
import pyflwdir
import pytest
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.methods.terrain import slope, wetness, wetness_index

MakeLayer = Callable[..., xr.DataArray]


def test_the_worked_example() -> None:
    assert float(wetness(5000.0, 5.0)) == pytest.approx(10.95344, abs=5e-6)


def test_flat_ground_counts_as_the_floor() -> None:
    assert float(wetness(100.0, 0.0)) == pytest.approx(np.log(100 / np.tan(0.001)))
    assert float(wetness(100.0, 0.0, slope_floor=0.01)) == pytest.approx(np.log(100 / np.tan(0.01)))
    assert np.isnan(wetness(100.0, np.nan))


def test_water_gathers_in_the_valley(make_layer: MakeLayer) -> None:
    rows, columns = 12, 9
    values = np.add.outer(np.arange(rows)[::-1] * 1.0, 5 * np.abs(np.arange(columns) - 4.0))
    out = wetness_index(make_layer(values))
    assert out.attrs["quantity"] == "wetness_index"
    inner = out.values[1:-1, 1:-1]
    assert np.isfinite(inner).all()
    assert (inner.argmax(axis=1) == 3).all()
    assert (np.diff(out.values[1:-1, 4]) > 0).all()


def test_the_area_is_that_of_the_flow_over_the_width_of_a_cell(make_layer: MakeLayer) -> None:
    values = np.random.default_rng(2).random((12, 15)) * 40
    dem = make_layer(values, resolution=10)
    flow = pyflwdir.from_dem(values.astype("float32"), transform=dem.odc.geobox.affine, latlon=False)
    wanted = np.log(flow.upstream_area("m2") / 10 / np.tan(np.radians(slope(dem).values)))
    np.testing.assert_allclose(wetness_index(dem).values[1:-1, 1:-1], wanted[1:-1, 1:-1], rtol=1e-5)


def test_missing_cells_and_laziness(make_layer: MakeLayer) -> None:
    values = np.random.default_rng(0).random((20, 30)) * 100
    values[5, 5] = np.nan
    dem = make_layer(values)
    plain, lazy = wetness_index(dem), wetness_index(dem.chunk({"y": 7, "x": 11}))
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy.values, plain.values)
    assert np.isnan(plain.values[4:7, 4:7]).all()
    assert np.isnan(wetness_index(make_layer(np.full((4, 4), np.nan))).values).all()


def test_degrees_are_refused() -> None:
    grid = analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=0.25)
    with pytest.raises(LayerError, match="a projected CRS in metres for a wetness index"):
        wetness_index(layer_on(grid, 1.0, quantity="elevation"))
