"""Kernel density of events."""

from __future__ import annotations

from pathlib import Path
from random import Random

import dask.array as da
import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import Journal, LayerError, MissingCRSError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.methods import density
from riskzoning.methods.density import default_bandwidth, kernel_density


def points(x: list[float], y: list[float], crs: str | None = "EPSG:4547", **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(x, y), crs=crs)


GRID = analysis_grid((500000, 3900000, 520000, 3920000), crs="EPSG:4547", resolution=250)


def test_the_quartic_kernel_of_one_event() -> None:
    out = kernel_density(points([510125], [3910125]), GRID, radius_m=1000)
    centre = (39, 40)
    found = [out.values[centre[0], centre[1] + step] for step in (0, 1, 2, 4)]
    np.testing.assert_allclose(found, [0.954930, 0.839294, 0.537148, 0], atol=5e-7)
    np.testing.assert_allclose(out.values[centre[0] - 2, centre[1]], 0.537148, atol=5e-7)
    assert out.attrs["units"] == "1/km2"


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(505000, 515000), st.floats(3905000, 3915000), st.floats(0, 9)), min_size=1, max_size=20
    ),
    st.floats(1000, 5000),
)
def test_the_integral_is_the_number_of_events(events: list[tuple[float, float, float]], radius: float) -> None:
    x, y, w = (list(column) for column in zip(*events))
    out = kernel_density(points(x, y, w=w), GRID, radius_m=radius, weights="w")
    assert float(out.sum()) * 0.25**2 == pytest.approx(sum(w), rel=0.01, abs=1e-9)


def test_sums_are_additive_and_order_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.uniform(500000, 520000, 50), rng.uniform(3900000, 3920000, 50)
    whole = kernel_density(points(x, y), GRID, radius_m=2000)
    parts = [kernel_density(points(x[s], y[s]), GRID, radius_m=2000) for s in (slice(0, 20), slice(20, 50))]
    np.testing.assert_allclose(whole, parts[0] + parts[1], atol=1e-12)
    order = rng.permutation(50)
    np.testing.assert_array_equal(kernel_density(points(x[order], y[order]), GRID, radius_m=2000), whole)


def test_events_beyond_the_grid_reach_into_it() -> None:
    out = kernel_density(points([499900], [3910000]), GRID, radius_m=2000)
    assert out.values[:, 0].max() > 0.2
    assert out.values[:, 9:].max() == 0


def test_other_crs_weights_and_geometries() -> None:
    here = points([510125], [3910125])
    wanted = kernel_density(here, GRID, radius_m=1500).values
    np.testing.assert_allclose(kernel_density(here.to_crs("EPSG:4490"), GRID, radius_m=1500), wanted, atol=1e-8)
    np.testing.assert_allclose(kernel_density(here, GRID, radius_m=1500, weights=[3.0]), 3 * wanted)
    areas = gpd.GeoSeries([shapely.box(510025, 3910025, 510225, 3910225)], crs="EPSG:4547")
    np.testing.assert_allclose(kernel_density(areas, GRID, radius_m=1500), wanted)


def test_points_without_weight_or_place_are_counted() -> None:
    frame = points([510125, 510125, 510125], [3910125] * 3, w=[1.0, np.nan, 2.0])
    frame.loc[2, "geometry"] = shapely.Point()
    with hearing(Journal()) as journal:
        out = kernel_density(frame, GRID, radius_m=1500, weights="w")
    assert [dict(problem.values) for problem in journal.dropped] == [{"count": 2, "total": 3}]
    np.testing.assert_allclose(out, kernel_density(points([510125], [3910125]), GRID, radius_m=1500))
    np.testing.assert_allclose(kernel_density(frame, GRID, radius_m=1500, weights=[1.0, np.nan, 2.0]), out)
    assert float(kernel_density(points([], []), GRID, radius_m=1500).sum()) == 0


def test_large_grids_are_lazy_with_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    events = points(rng.uniform(500000, 520000, 30), rng.uniform(3900000, 3920000, 30))
    grid = analysis_grid((500000, 3900000, 520000, 3920000), crs="EPSG:4547", resolution=30)
    plain = kernel_density(events, grid, radius_m=800)
    monkeypatch.setattr(density, "LAZY_CELLS", 1000)
    lazy = kernel_density(events, grid, radius_m=800)
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy, plain)


def test_mistakes() -> None:
    here = points([510125], [3910125], w=[-1.0])
    with pytest.raises(LayerError, match="metres above 0"):
        kernel_density(here, GRID, radius_m=0)
    with pytest.raises(LayerError, match="negative weight"):
        kernel_density(here, GRID, radius_m=1000, weights="w")
    with pytest.raises(LayerError, match="no column 'v'; expected one of w"):
        kernel_density(here, GRID, radius_m=1000, weights="v")
    with pytest.raises(LayerError, match="are 1 and come with 2 weights"):
        kernel_density(here, GRID, radius_m=1000, weights=[1, 2])
    with pytest.raises(LayerError, match="projected CRS"):
        kernel_density(here, analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=0.25), radius_m=1000)
    with pytest.raises(MissingCRSError):
        kernel_density(points([1], [1], crs=None), GRID, radius_m=1000)
    with pytest.warns(UserWarning, match="number of events is not kept"):
        kernel_density(points([510125], [3910125]), GRID, radius_m=300)


def test_the_default_bandwidth_by_hand() -> None:
    corners = points([0, 1000, 0, 1000], [0, 0, 1000, 1000])
    standard = np.hypot(500, 500)
    assert default_bandwidth(corners) == pytest.approx(0.9 * standard * 4**-0.2)
    far = points([0, 0, 0, 0, 0, 10000], [0, 10, 20, 30, 40, 0])
    away = np.hypot(np.array([0, 0, 0, 0, 0, 10000]) - 10000 / 6, np.array([0, 10, 20, 30, 40, 0]) - 100 / 6)
    wanted = min(np.sqrt(np.mean(away**2)), np.sqrt(1 / np.log(2)) * np.median(away))
    assert default_bandwidth(far) == pytest.approx(0.9 * wanted * 6**-0.2)
    degrees = points([113.9, 114.1, 114.0], [35.2, 35.2, 35.3], crs="EPSG:4490")
    assert default_bandwidth(degrees) == pytest.approx(default_bandwidth(degrees.to_crs("EPSG:4547")), rel=1e-4)
    assert default_bandwidth(degrees, crs="EPSG:4547") == default_bandwidth(degrees.to_crs("EPSG:4547"))
    for useless in (points([1, 1], [2, 2]), points([], [])):
        with pytest.raises(LayerError, match="at least two"):
            default_bandwidth(useless)


@pytest.mark.city
def test_fires_of_the_city(city_data: Path) -> None:
    import pandas as pd

    table = pd.read_csv(city_data / "forest" / "fire_points.csv")
    fires = points(table["longitude"], table["latitude"], crs="EPSG:4326")
    grid = analysis_grid((430000, 3850000, 605000, 3980000), crs="EPSG:4547", resolution=500)
    out = kernel_density(fires, grid, radius_m=default_bandwidth(fires))
    assert float(out.sum()) * 0.25 == pytest.approx(len(fires), rel=0.02)


PLACES = st.lists(st.tuples(st.floats(499000, 521000), st.floats(3899000, 3921000)), min_size=2, max_size=15)


@settings(deadline=None, max_examples=25)
@given(PLACES, st.integers(1, 14), st.floats(600, 4000), st.randoms(use_true_random=False))
def test_densities_add_up_in_any_order_and_are_never_below_0(
    events: list[tuple[float, float]], cut: int, radius: float, chance: Random
) -> None:
    def of(part: list[tuple[float, float]]) -> np.ndarray:
        return kernel_density(points([x for x, _ in part], [y for _, y in part]), GRID, radius_m=radius).values

    whole = of(events)
    np.testing.assert_allclose(of(events[:cut]) + of(events[cut:]), whole, atol=1e-9)
    np.testing.assert_allclose(of(chance.sample(events, len(events))), whole, atol=1e-9)
    assert whole.min() >= 0
    x, y = GRID.affine * (np.arange(80) + 0.5, np.full(80, 40.5))
    plain = np.zeros(80)
    for east, north in events:
        near = np.hypot(x - east, y - north) / radius
        plain += np.where(near < 1, 3 / np.pi * (1 - near**2) ** 2, 0) / (radius / 1000) ** 2
    np.testing.assert_allclose(whole[40], plain, atol=1e-9)
