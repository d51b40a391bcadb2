"""analysis_grid and cell_area: the lattice of a study."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import pyproj
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, MissingCRSError
from riskzoning.grid import analysis_grid, cell_area, lattice
from riskzoning.grid.lattice import metres_per_unit

BOX = (113.37655, 34.87865, 115.01147, 35.83746)


@pytest.mark.parametrize(
    ("bounds", "crs", "resolution", "shape"),
    [
        ((443431, 3861145, 591956, 3967563), "EPSG:4547", 100, (1065, 1486)),
        ((443431, 3861145, 591956, 3967563), "EPSG:4547", 1000, (107, 149)),
        (BOX, "EPSG:4490", 1 / 120, (116, 197)),
        (BOX, "EPSG:4490", 0.008333333, (116, 197)),
        (BOX, 4490, 0.008333, (116, 197)),
        (BOX, "EPSG:4490", 1 / 240, (231, 393)),
        ((113.375, 34.875, 115.016667, 35.841667), "EPSG:4490", 1 / 120, (116, 197)),
        ((113.383155, 34.877702, 115.017248, 35.837289), "EPSG:4490", 1 / 120, (116, 198)),
        ((0, 0, 300, 200), "EPSG:4547", (100, 50), (4, 3)),
    ],
)
def test_the_size_of_known_grids(bounds: Any, crs: Any, resolution: Any, shape: tuple[int, int]) -> None:
    assert tuple(analysis_grid(bounds, crs=crs, resolution=resolution).shape) == shape


def test_the_origin_is_a_whole_multiple_and_exact() -> None:
    grid = analysis_grid(BOX, crs="EPSG:4490", resolution=1 / 120)
    assert grid.affine.c == 113.375 == 13605 / 120
    assert grid.affine.f == 4301 / 120
    assert grid.affine.a == 1 / 120 == -grid.affine.e
    city = analysis_grid((443431, 3861145, 591956, 3967563), crs="EPSG:4547", resolution=100)
    assert (city.affine.c, city.affine.f) == (443400, 3967600)


@settings(deadline=None)
@given(
    st.integers(-20000, 20000),
    st.integers(-10000, 10000),
    st.integers(1, 500),
    st.integers(1, 500),
    st.sampled_from([1 / 120, 1 / 240, 1 / 1200, 1 / 3600, 0.1, 0.25]),
    st.floats(-1e-9, 1e-9),
)
def test_bounds_on_the_lattice_stay_whatever_the_float_noise(
    i: int, j: int, width: int, height: int, cell: float, noise: float
) -> None:
    per = round(1 / cell)
    i, j = i % (170 * per) - 85 * per, j % (80 * per) - 40 * per
    width, height = min(width, 9 * per), min(height, 4 * per)
    bounds = (i * cell + noise, j * cell - noise, (i + width) * cell - noise, (j + height) * cell + noise)
    grid = analysis_grid(bounds, crs="EPSG:4490", resolution=cell)
    assert tuple(grid.shape) == (height, width)
    assert grid.affine.c == pytest.approx(i / per, abs=1e-13)


@pytest.mark.parametrize("noise", [1e-5, -1e-5])
def test_metric_bounds_on_the_lattice_stay_too(noise: float) -> None:
    bounds = (443400 + noise, 3861100 - noise, 592000 - noise, 3967600 + noise)
    assert tuple(analysis_grid(bounds, crs="EPSG:4547", resolution=100).shape) == (1065, 1486)


@settings(deadline=None)
@given(st.floats(2e5, 1e6), st.floats(-1e6, 5e6), st.floats(1, 1e5), st.floats(1, 1e5), st.floats(1, 5000))
def test_the_bounds_are_covered_and_nothing_more(x: float, y: float, width: float, height: float, cell: float) -> None:
    grid = analysis_grid((x, y, x + width, y + height), crs="EPSG:4547", resolution=cell)
    box = grid.boundingbox
    slack = 1e-5 * cell
    assert x - cell - slack < box.left <= x + slack
    assert y - cell - slack < box.bottom <= y + slack
    assert x + width - slack <= box.right < x + width + cell + slack
    assert y + height - slack <= box.top < y + height + cell + slack
    assert abs(grid.affine.c / cell - round(grid.affine.c / cell)) < 1e-6


@pytest.mark.parametrize(
    ("bounds", "crs", "resolution", "words"),
    [
        ((5, 0, 1, 1), "EPSG:4547", 1, "west < east"),
        ((0, 5, 1, 1), "EPSG:4547", 1, "south < north"),
        ((1, 2, 3), "EPSG:4547", 1, "four finite numbers"),
        ((0, 0, 1, float("nan")), "EPSG:4547", 1, "four finite numbers"),
        ("abcd", "EPSG:4547", 1, "four finite numbers"),
        ((0, 0, 1, 1), "EPSG:4547", 0, "above 0"),
        ((0, 0, 1, 1), "EPSG:4547", "100", "above 0"),
        ((0, 0, 1, 1), "EPSG:4547", (1, 2, 3), "above 0"),
        ((0, 0, 1, 1), "EPSG:4547", True, "above 0"),
        ((443431, 3861145, 591956, 3967563), "EPSG:4547", 1 / 120, "looks like degrees"),
        ((113, 34, 115, 36), "EPSG:4547", 100, "look like degrees"),
        ((443431, 3861145, 591956, 3967563), "EPSG:4490", 100, "in degrees"),
        ((34.8, 113.3, 35.9, 115.1), "EPSG:4490", 1 / 120, "longitude first"),
        ((113, 34, 115, 36), "EPSG:4490", 100, "30 arc-seconds"),
        ((0, 0, 1e9, 1e9), "EPSG:4547", 1, "larger cell"),
        ((0, 0, 1, 1), "EPSG:123456", 1, "EPSG:4547"),
        ((0, 0, 1, 1), "EPSG:4978", 1, "neither projected nor geographic"),
    ],
)
def test_mistakes_are_named_in_four_parts(bounds: Any, crs: Any, resolution: Any, words: str) -> None:
    with pytest.raises(LayerError, match=words) as error:
        analysis_grid(bounds, crs=crs, resolution=resolution)
    for problem in error.value.problems:
        assert all((problem.thing, problem.found, problem.required, problem.fix))


def test_no_crs_is_its_own_error() -> None:
    with pytest.raises(MissingCRSError, match="crs: EPSG:4547"):
        analysis_grid((0, 0, 1, 1), crs=None, resolution=1)


def test_areas_on_the_ellipsoid_agree_with_geodesic_polygons() -> None:
    grid = analysis_grid((113.375, 35.25, 113.4, 35.35), crs="EPSG:4490", resolution=1 / 120)
    areas = cell_area(grid)
    geod = pyproj.Geod(a=6378137, rf=298.257222101)
    for row in (0, 5, 11):
        left, top = grid.affine * (0, row)
        right, bottom = grid.affine * (1, row + 1)
        wanted = abs(geod.polygon_area_perimeter([left, right, right, left], [top, top, bottom, bottom])[0])
        assert float(areas[row, 0]) == pytest.approx(wanted, rel=1e-8)
    assert areas.attrs["units"] == "m2"
    at = analysis_grid((113.4 - 1 / 240, 35.3 - 1 / 240, 113.4, 35.3 + 1 / 240), crs=4490, resolution=1 / 240)
    assert float(cell_area(at).sum()) * 2 == pytest.approx(0.70076e6, rel=2e-5)


def test_the_areas_of_the_globe_add_up() -> None:
    assert float(cell_area(analysis_grid((-180, -90, 180, 90), crs="EPSG:4490", resolution=1)).sum()) == pytest.approx(
        510065621724000, rel=1e-9
    )
    sphere = analysis_grid((-180, -90, 180, 90), crs="+proj=longlat +R=6371000", resolution=10)
    assert float(cell_area(sphere).sum()) == pytest.approx(4 * np.pi * 6371000**2, rel=1e-12)


def test_areas_on_a_projected_grid_are_planar_in_square_metres() -> None:
    assert (cell_area(analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=(100, 50))).values == 5000).all()
    feet = cell_area(analysis_grid((0, 0, 300, 200), crs="EPSG:2263", resolution=100))
    assert float(feet[0, 0]) == pytest.approx(1e4 * (1200 / 3937) ** 2)


def test_large_area_layers_are_lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = analysis_grid(BOX, crs="EPSG:4490", resolution=1 / 120)
    plain = cell_area(grid)
    monkeypatch.setattr(lattice, "LAZY_CELLS", 100)
    lazy = cell_area(grid)
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy.values, plain.values)


def test_areas_need_a_crs_and_rows_along_parallels() -> None:
    with pytest.raises(MissingCRSError):
        cell_area(GeoBox((2, 2), Affine(1, 0, 0, 0, -1, 0), None))
    with pytest.raises(LayerError, match="rotated"):
        cell_area(GeoBox((2, 2), Affine(1, 0.1, 0, 0.1, -1, 0), "EPSG:4490"))


def test_degrees_are_no_lengths() -> None:
    with pytest.raises(LayerError, match=r"layer 'dem'.*expected a projected CRS in metres for slope"):
        lattice.metres_per_unit(analysis_grid(BOX, crs=4490, resolution=0.1), thing="layer 'dem'", need="slope")
    assert lattice.crs_name(None) == "no CRS"


def test_metres_per_unit_in_small() -> None:
    assert (
        metres_per_unit(analysis_grid((0, 0, 9, 9), crs="EPSG:4547", resolution=1), thing="dem", need="slope")
    ) == 1.0
