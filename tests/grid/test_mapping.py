"""Pixel coordinates between grids."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from riskzoning.grid import analysis_grid
from riskzoning.grid.mapping import PixelMap, around

GRIDS = {
    "EPSG:4490": analysis_grid((113.3, 34.8, 115.1, 35.9), crs="EPSG:4490", resolution=1 / 1200),
    "EPSG:4547": analysis_grid((440000, 3860000, 595000, 3970000), crs="EPSG:4547", resolution=100),
    "EPSG:3857": analysis_grid((12.62e6, 4.14e6, 12.81e6, 4.28e6), crs="EPSG:3857", resolution=120),
    "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80": analysis_grid(
        (700000, 3.5e6, 950000, 3.75e6), crs="+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80", resolution=90
    ),
}


@pytest.mark.parametrize("start", GRIDS)
@pytest.mark.parametrize("end", GRIDS)
def test_the_lattice_is_exact_to_1e_8_of_a_cell(start: str, end: str) -> None:
    pixel_map = PixelMap(GRIDS[start], GRIDS[end])
    height, width = GRIDS[start].shape
    x, y = np.linspace(0, width, 301), np.linspace(0, height, 203)
    found = pixel_map.lattice(x, y).rows(50, 120)
    wanted = pixel_map(*np.meshgrid(x, y[50:120]))
    for a, b in zip(found, wanted):
        np.testing.assert_allclose(a, b, atol=1.5e-8, rtol=0)


def test_wgs84_and_cgcs2000_are_one_place() -> None:
    a = analysis_grid((113, 35, 114, 36), crs="EPSG:4326", resolution=0.01)
    b = analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=0.01)
    assert PixelMap(a, b).affine is not None
    assert PixelMap(a, GRIDS["EPSG:4547"]).affine is None
    assert PixelMap(GRIDS["EPSG:3857"], GRIDS["EPSG:4547"]).affine is None


def test_where_a_projection_ends_proj_is_asked_point_by_point() -> None:
    """The globe on a metric grid: no polynomial, and infinity where there is no place."""
    globe = analysis_grid((-180, -90, 180, 90), crs="EPSG:4490", resolution=1)
    lattice = PixelMap(globe, GRIDS["EPSG:3857"]).lattice(np.arange(361.0), np.arange(181.0))
    x, y = lattice.rows(0, 181)
    wanted = PixelMap(globe, GRIDS["EPSG:3857"])(*np.meshgrid(np.arange(361.0), np.arange(181.0)))
    np.testing.assert_array_equal(x, wanted[0])
    np.testing.assert_array_equal(y, wanted[1])


def test_rotated_grids_are_affine_too() -> None:
    grid = GRIDS["EPSG:4547"]
    turned = GeoBox((20, 30), grid.affine * grid.affine.rotation(30), "EPSG:4547")
    x, y = PixelMap(turned, grid).lattice(np.arange(3.0), np.arange(2.0)).rows(0, 2)
    np.testing.assert_allclose(x[0], np.arange(3) * np.cos(np.pi / 6), atol=1e-9)
    np.testing.assert_allclose(y[0], np.arange(3) * 0.5, atol=1e-9)


def test_pixel_map_in_small() -> None:
    fine = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=50)
    coarse = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    assert ([float(v[0]) for v in PixelMap(fine, coarse)(np.array([1.0]), np.array([4.0]))]) == [0.5, 2.0]


def test_pixel_map_affine_in_small() -> None:
    a = analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=0.1)
    b = analysis_grid((113, 35, 114, 36), crs="EPSG:4326", resolution=0.2)
    assert PixelMap(a, b).affine is not None


def test_pixel_map_lattice_in_small() -> None:
    grid = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=50)
    assert (PixelMap(grid, grid).lattice(np.arange(3.0), np.arange(2.0)).rows(0, 2)[0].shape) == (2, 3)


def test_lattice_in_small() -> None:
    a = analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=1 / 120)
    b = analysis_grid((443431, 3861145, 591956, 3967563), crs="EPSG:4547", resolution=100)
    lattice = PixelMap(a, b).lattice(np.arange(121.0), np.arange(121.0))
    x, _ = lattice.rows(60, 61)
    assert bool(np.allclose(x[0], PixelMap(a, b)(np.arange(121.0), np.full(121, 60.0))[0], atol=1e-8))


def test_lattice_rows_in_small() -> None:
    grid = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=50)
    assert np.array_equal(
        PixelMap(grid, grid).lattice(np.arange(3.0), np.arange(2.0)).rows(0, 1)[0], [[0.0, 1.0, 2.0]], equal_nan=True
    )


def test_longitudes_are_those_nearest_to_the_grid_they_go_to() -> None:
    turned = around(np.array([-179.9, 179.9, 180.2, np.inf]), 180.0)
    assert turned[:3].tolist() == pytest.approx([180.1, 179.9, 180.2])
    assert not np.isfinite(turned[3])
    utm = GeoBox((40, 40), Affine(1000, 0, 160_000, 0, -1000, 8_160_000), "EPSG:32701")
    for left in (179.0, -181.0):
        degrees = GeoBox((400, 400), Affine(0.01, 0, left, 0, -0.01, -15), "EPSG:4326")
        x, _ = PixelMap(utm, degrees)(np.array([0.5, 39.5]), np.array([20.0, 20.0]))
        assert 0 < x[0] < x[1] < 400
