"""Slope, aspect, hillshade, relief."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import LayerError, UnitsError
from riskzoning.grid import align, analysis_grid
from riskzoning.layers import layer_on
from riskzoning.methods.terrain import aspect, hillshade, relief, slope

MakeLayer = Callable[..., xr.DataArray]
EXAMPLE = [[50.0, 52, 54], [49, 51, 53], [48, 50, 52]]


@pytest.mark.parametrize(
    ("values", "cell", "steep", "faces"),
    [
        (EXAMPLE, 5, 24.094843, 243.434949),
        (EXAMPLE, 10, 12.604382, 243.434949),
        ([[10.0, 10, 10], [11, 11, 11], [12, 12, 12]], 10, 5.710593, 0.0),
        ([[12.0, 12, 12], [11, 11, 11], [10, 10, 10]], 10, 5.710593, 180.0),
        ([[3.0, 2, 1]] * 3, 1, 45.0, 90.0),
        ([[7.0] * 3] * 3, 10, 0.0, -1.0),
    ],
)
def test_worked_examples_of_horn(
    make_layer: MakeLayer, values: list[list[float]], cell: float, steep: float, faces: float
) -> None:
    dem = make_layer(values, resolution=cell)
    assert float(slope(dem)[1, 1]) == pytest.approx(steep, abs=1e-6)
    assert float(aspect(dem)[1, 1]) == pytest.approx(faces, abs=1e-6)
    ring = np.ones((3, 3), dtype=bool)
    ring[1, 1] = False
    assert np.isnan(slope(dem).values[ring]).all()
    assert slope(dem).attrs["units"] == aspect(dem).attrs["units"] == "degree"


def test_a_plane_turned_by_90_degrees_keeps_its_slope(make_layer: MakeLayer) -> None:
    dem = make_layer(EXAMPLE, resolution=5)
    turned = make_layer(np.rot90(EXAMPLE, k=-1).copy(), resolution=5)
    assert float(slope(turned)[1, 1]) == pytest.approx(float(slope(dem)[1, 1]))
    assert float(aspect(turned)[1, 1]) == pytest.approx(float(aspect(dem)[1, 1]) + 90)


@settings(deadline=None, max_examples=50)
@given(st.floats(-3, 3), st.floats(-3, 3))
def test_planes_of_any_direction(east: float, north: float) -> None:
    grid = analysis_grid((0, 0, 60, 60), crs="EPSG:4547", resolution=(12, 10))
    x, y = np.meshgrid(grid.affine.c + (np.arange(5) + 0.5) * 12, grid.affine.f - (np.arange(6) + 0.5) * 10)
    dem = layer_on(grid, east * x + north * y, quantity="elevation")
    assert float(slope(dem)[2, 2]) == pytest.approx(np.degrees(np.arctan(np.hypot(east, north))), abs=1e-6)
    if np.hypot(east, north) > 1e-6:
        wanted = np.degrees(np.arctan2(-east, -north)) % 360
        found = float(aspect(dem)[2, 2])
        assert 0 <= found < 360
        assert abs((found - wanted + 180) % 360 - 180) < 1e-4


def test_a_gap_grows_by_one_ring(make_layer: MakeLayer) -> None:
    values = np.add.outer(np.arange(9.0), np.arange(9.0))
    values[4, 4] = np.nan
    values[0, 8] = np.inf
    missing = np.ones((9, 9), dtype=bool)
    missing[1:-1, 1:-1] = False
    missing[3:6, 3:6] = missing[1, 7] = True
    for derive in (slope, aspect, hillshade):
        np.testing.assert_array_equal(np.isnan(derive(make_layer(values)).values), missing)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16"])
@pytest.mark.parametrize("chunks", [{"y": 7, "x": 5}, {"y": 1, "x": 40}, {"y": 31, "x": 1}])
def test_lazy_and_plain_agree(make_layer: MakeLayer, dtype: str, chunks: dict[str, int]) -> None:
    values = np.random.default_rng(0).random((31, 40)) * 900
    if dtype != "int16":
        values[10:12, 20] = np.nan
    dem = make_layer(values.astype(dtype))
    for derive in (slope, aspect, hillshade, lambda layer: relief(layer, window=5)):
        plain, lazy = derive(dem), derive(dem.chunk(chunks))
        assert isinstance(lazy.data, da.Array)
        assert lazy.data.chunks == dem.chunk(chunks).data.chunks
        assert plain.dtype == lazy.dtype == ("float64" if dtype == "float64" else "float32")
        np.testing.assert_array_equal(lazy.values, plain.values)


def test_south_up_elevation_gives_the_same_ground(make_layer: MakeLayer) -> None:
    dem = make_layer(np.random.default_rng(1).random((8, 9)) * 50)
    turned = dem.isel(y=slice(None, None, -1))
    np.testing.assert_allclose(aspect(turned).values[::-1], aspect(dem).values)


def test_hillshade_is_brightest_towards_the_light(make_layer: MakeLayer) -> None:
    x, y = np.meshgrid(np.arange(9.0), np.arange(9.0))
    north_west, south_east = make_layer((x + y) * 70), make_layer(2000 - (x + y) * 70)
    assert float(hillshade(north_west)[4, 4]) > 250
    assert float(hillshade(south_east)[4, 4]) < 5
    assert float(hillshade(make_layer(x * 0))[4, 4]) == pytest.approx(255 * np.sin(np.pi / 4))
    assert float(hillshade(north_west, azimuth=135)[4, 4]) < 5
    assert float(hillshade(make_layer(-(x + y)), exaggeration=70)[4, 4]) == pytest.approx(
        float(hillshade(south_east)[4, 4])
    )


def test_relief_over_the_valid_cells_of_the_window(make_layer: MakeLayer) -> None:
    values = np.arange(49.0).reshape(7, 7)
    out = relief(make_layer(values))
    assert out.values[3, 3] == values[5, 5] - values[1, 1]
    assert out.values[0, 0] == values[2, 2] - values[0, 0]
    values[3, 3] = np.nan
    out = relief(make_layer(values), window=3)
    np.testing.assert_array_equal(np.argwhere(np.isnan(out.values)), [[3, 3]])
    assert out.values[2, 2] == values[3, 2] - values[1, 1]


@pytest.mark.parametrize("window", [4, 1, 0, 2.5])
def test_windows_are_odd(make_layer: MakeLayer, window: int) -> None:
    with pytest.raises(LayerError, match="odd whole number"):
        relief(make_layer(EXAMPLE), window=window)


def test_degrees_wrong_units_and_stacks_are_refused(make_layer: MakeLayer) -> None:
    grid = analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=0.25)
    with pytest.raises(LayerError, match=r"geographic grid \(EPSG:4490\).*grid\.align"):
        slope(layer_on(grid, 1.0, quantity="elevation"))
    with pytest.raises(UnitsError):
        slope(make_layer(EXAMPLE, "slope"))
    with pytest.raises(LayerError, match="return periods"):
        slope(make_layer([EXAMPLE], return_periods=[10]))


@pytest.mark.city
def test_the_mountains_of_the_city_are_steeper_than_its_plain(city_data: Path) -> None:
    import rasterio
    from odc.geo.geobox import GeoBox

    with rasterio.open(city_data / "dem_3s.tif") as file:
        values = file.read(1).astype("float32")
        values[values == file.nodata] = np.nan
        start = GeoBox(file.shape, file.transform, file.crs)
    grid = analysis_grid((443431, 3861145, 591956, 3967563), crs="EPSG:4547", resolution=100)
    steep = slope(align(layer_on(start, values, quantity="elevation"), grid)).values
    assert np.nanmean(steep[:300, :400]) > 5 * np.nanmean(steep[500:, 600:])
    assert np.nanmax(steep) < 80
