"""Distance to features."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dask.array as da
import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from scipy.ndimage import distance_transform_edt

from riskzoning.errors import GridMismatchError, LayerError, MissingCRSError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.methods.terrain import distance_to

MakeGrid = Callable[..., GeoBox]
MakeLayer = Callable[..., xr.DataArray]


def exact(geometry: list[shapely.Geometry], grid: GeoBox) -> np.ndarray:
    affine = grid.affine
    x, y = np.meshgrid(
        affine.c + (np.arange(grid.shape[1]) + 0.5) * affine.a, affine.f + (np.arange(grid.shape[0]) + 0.5) * affine.e
    )
    return shapely.distance(shapely.points(x, y), shapely.union_all(geometry))


def frame(geometry: list[shapely.Geometry], crs: str | None = "EPSG:4547") -> gpd.GeoSeries:
    return gpd.GeoSeries(geometry, crs=crs)


coordinates = st.tuples(st.floats(498000, 504000), st.floats(3898000, 3904000))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(coordinates, min_size=1, max_size=6, unique=True), min_size=1, max_size=8),
    st.sampled_from([(100, 100), (70, 130)]),
)
def test_lines_and_points_to_a_fraction_of_a_cell(
    lines: list[list[tuple[float, float]]], cell: tuple[int, int]
) -> None:
    grid = analysis_grid((500000, 3900000, 502500, 3902000), crs="EPSG:4547", resolution=cell)
    geometry = [shapely.LineString(p) if len(p) > 1 else shapely.Point(p[0]) for p in lines]
    found = distance_to(frame(geometry), grid).values
    wanted = exact(geometry, grid)
    assert (found >= wanted - 0.01).all()
    assert (found <= wanted + 0.2 * min(cell)).all()
    assert np.mean(np.abs(found - wanted) > 0.01) < 0.01


def test_a_network_of_short_edges_is_exact() -> None:
    rng = np.random.default_rng(4)
    walks = [np.cumsum(rng.normal(0, 60, (200, 2)), axis=0) + rng.uniform(0, 1, 2) * 15000 for _ in range(12)]
    geometry = [shapely.LineString(walk + np.array([500000, 3900000])) for walk in walks]
    grid = analysis_grid((500000, 3900000, 515000, 3915000), crs="EPSG:4547", resolution=100)
    difference = distance_to(frame(geometry), grid).values - exact(geometry, grid)
    assert np.abs(difference).max() < 5
    assert np.mean(np.abs(difference) > 0.01) < 1e-3


def test_polygons_hold_distance_zero(make_grid: MakeGrid) -> None:
    lake = shapely.box(500120, 3900120, 500480, 3900480).difference(shapely.box(500200, 3900200, 500300, 3900300))
    grid = make_grid(8, 8)
    np.testing.assert_allclose(distance_to(frame([lake]), grid).values, exact([lake], grid), atol=1e-3)
    assert distance_to(frame([lake]), grid).values[5, 1] == 0
    assert distance_to(frame([lake]), grid).values[5, 2] == 50


def test_what_lies_beyond_the_grid_counts(make_grid: MakeGrid) -> None:
    fault = shapely.LineString([(495000, 3890000), (495000, 3920000)])
    out = distance_to(frame([fault]), make_grid(3, 5), name="faults")
    np.testing.assert_allclose(out.values, np.tile(5050 + 100 * np.arange(5), (3, 1)))
    assert out.attrs["quantity"] == "distance"
    assert out.attrs["long_name"] == "distance to faults"
    both = [fault, shapely.Point(500050, 3900050)]
    np.testing.assert_allclose(
        distance_to(frame(both), make_grid(3, 5)).values, exact(both, make_grid(3, 5)), atol=1e-3
    )


def test_other_crs_and_mixed_geometries(make_grid: MakeGrid) -> None:
    mixed = [
        shapely.MultiPoint([(500050, 3900050), (500350, 3900250)]),
        shapely.GeometryCollection([shapely.LineString([(500000, 3900400, 5), (500100, 3900500, 6)])]),
        shapely.Polygon(),
    ]
    grid = make_grid(6, 6)
    for crs in ("EPSG:4490", "EPSG:3857"):
        np.testing.assert_allclose(distance_to(frame(mixed).to_crs(crs), grid).values, exact(mixed, grid), atol=0.01)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.floats(0.001, 0.5), st.sampled_from([100, (30, 100)]))
def test_masks_agree_with_scipy(seed: int, share: float, cell: float | tuple[float, float]) -> None:
    values = np.random.default_rng(seed).random((23, 31)) < share
    values[3, 4] = True
    size = cell if isinstance(cell, tuple) else (cell, cell)
    grid = analysis_grid((0, 0, 31 * size[0], 23 * size[1]), crs="EPSG:4547", resolution=cell)
    out = distance_to(layer_on(grid, values.astype("uint8"), quantity="mask"))
    wanted = distance_transform_edt(~values, sampling=(size[1], size[0]))
    np.testing.assert_allclose(out.values, wanted, rtol=1e-6)


def test_masks_may_be_lazy_or_have_gaps(make_layer: MakeLayer) -> None:
    values = np.zeros((20, 30), dtype="float32")
    values[5, 7], values[0, 0] = 1, np.nan
    mask = make_layer(values, "mask")
    plain, lazy = distance_to(mask), distance_to(mask.chunk({"y": 7, "x": 9}))
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy.values, plain.values)
    assert plain.values[5, 7] == 0
    assert plain.values[0, 0] == pytest.approx(100 * np.hypot(5, 7))


def test_what_has_no_distance(make_grid: MakeGrid, make_layer: MakeLayer) -> None:
    line = frame([shapely.LineString([(0, 0), (1, 1)])])
    degrees = analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=0.25)
    with pytest.raises(LayerError, match=r"layer 'rivers'.*projected CRS"):
        distance_to(line, degrees, name="rivers")
    with pytest.raises(LayerError, match="has no geometry"):
        distance_to(frame([shapely.LineString()]), make_grid())
    with pytest.raises(MissingCRSError):
        distance_to(frame([shapely.Point(0, 0)], crs=None), make_grid())
    with pytest.raises(LayerError, match="without a grid"):
        distance_to(line)
    with pytest.raises(LayerError, match="GeoDataFrame"):
        distance_to([1], make_grid())  # type: ignore[arg-type]
    with pytest.raises(LayerError, match="no cell other than 0"):
        distance_to(make_layer(np.zeros((2, 2), dtype="uint8"), "mask"))
    with pytest.raises(GridMismatchError):
        distance_to(make_layer(np.ones((2, 2), dtype="uint8"), "mask"), make_grid(3, 3))


@pytest.mark.city
def test_rivers_of_the_city_within_half_a_cell(city_data: Path) -> None:
    rivers = gpd.read_file(city_data / "rivers.gpkg", layer="stream_dem")
    grid = analysis_grid((443431, 3861145, 591956, 3967563), crs="EPSG:4547", resolution=500)
    lines = list(rivers.to_crs("EPSG:4547").geometry)
    assert np.abs(distance_to(rivers, grid).values - exact(lines, grid)).max() < 250
