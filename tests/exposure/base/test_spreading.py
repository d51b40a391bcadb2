from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dask.array as da
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskzoning import grid as grids
from riskzoning.errors import AdminError, GridMismatchError, LayerError
from riskzoning.exposure import spread_totals
from riskzoning.layers import grid_of, layer_on

MakeTowns = Callable[..., gpd.GeoDataFrame]


def shares(grid: Any, units: gpd.GeoDataFrame) -> np.ndarray[Any, Any]:
    """Area share of every cell in every unit, the slow and certain way."""
    rows, columns = grid.shape
    a = grid.affine
    cells = [
        shapely.box(a.c + a.a * c, a.f + a.e * (r + 1), a.c + a.a * (c + 1), a.f + a.e * r)
        for r in range(rows)
        for c in range(columns)
    ]
    geometries = units.to_crs(str(grid.crs)).geometry.array
    found = [shapely.area(shapely.intersection(cells, geometry)) / shapely.area(cells) for geometry in geometries]
    return np.array(found).reshape(len(units), rows, columns)


def sums(layer: xr.DataArray, units: gpd.GeoDataFrame) -> np.ndarray[Any, Any]:
    return np.asarray((shares(grid_of(layer), units) * np.nan_to_num(layer.values)).sum(axis=(1, 2)))


def test_a_thousand_persons_by_2_3_5(make_layer: Any) -> None:
    weights = make_layer([[2.0, 3.0, 5.0]], "building_area")
    left, bottom, right, top = grid_of(weights).extent.boundingbox
    town = gpd.GeoDataFrame(
        {"level": ["township"]}, index=["1"], geometry=[shapely.box(left, bottom, right, top)], crs=4547
    )
    found = spread_totals({"1": 1000}, weights, town, quantity="population")
    assert found.values.tolist() == [[200.0, 300.0, 500.0]]
    assert found.attrs["units"] == "person"
    assert found.dtype == np.float64


@pytest.mark.filterwarnings("ignore::riskzoning.errors.RiskZoningWarning")  # said of small and empty units
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(1, 9), seed=st.integers(0, 10_000), inset=st.sampled_from([0.0, 0.3, 1.7]))
def test_every_total_is_met_by_area_shares(
    make_grid: Any, make_towns: MakeTowns, count: int, seed: int, inset: float
) -> None:
    grid = make_grid(rows=14, columns=17)
    towns = make_towns(grid, count, seed, inset)
    rng = np.random.default_rng(seed)
    weights = layer_on(grid, rng.lognormal(0, 1, (14, 17)) * (rng.random((14, 17)) > 0.3), quantity="building_area")
    totals = pd.Series(rng.integers(100, 100_000, len(towns)), index=towns.index)
    found = spread_totals(totals, weights, towns, quantity="population")
    if not found.attrs["unmet"]:
        np.testing.assert_allclose(sums(found, towns), totals, rtol=1e-9)
    if not found.attrs["unmet"] and not found.attrs["uniform"]:
        assert float(found.sum()) == pytest.approx(totals.sum(), rel=1e-9)
    assert float(found.min()) >= 0


def test_inside_a_unit_contents_follow_the_weight(make_grid: Any, make_towns: MakeTowns) -> None:
    grid = make_grid(rows=20, columns=20)
    towns = make_towns(grid, 4, seed=2)
    weights = layer_on(grid, np.random.default_rng(1).uniform(1, 9, (20, 20)), quantity="population")
    found = spread_totals(dict.fromkeys(towns.index, 5000.0), weights, towns, quantity="gdp")
    for share in shares(grid, towns):
        own = share > 1 - 1e-12
        ratio = (found / weights).values[own]
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-12)


def test_without_weights_it_goes_by_area(make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=3, crs="EPSG:4490", resolution=0.1, left=114, bottom=35)
    town = gpd.GeoDataFrame(index=["1"], geometry=[shapely.box(114, 35, 114.3, 35.1)], crs=4490)
    found = spread_totals({"1": 300}, None, town, quantity="population", grid=grid)
    np.testing.assert_allclose(found, [[100, 100, 100]], rtol=1e-12)
    with pytest.raises(LayerError, match="neither weights nor a grid"):
        spread_totals({"1": 300}, None, town, quantity="population")


def test_a_unit_without_weight_is_spread_evenly_and_named(make_grid: Any, make_towns: MakeTowns) -> None:
    grid = make_grid(rows=10, columns=10)
    towns = make_towns(grid, 3, seed=4)
    empty = shares(grid, towns)[1] > 0
    values = np.where(empty, 0.0, 2.0)
    values[0, 0] = np.nan
    weights = layer_on(grid, values, quantity="building_area")
    with pytest.warns(UserWarning, match=rf"spread evenly there \(1\): {towns.index[1]}"):
        found = spread_totals(dict.fromkeys(towns.index, 900.0), weights, towns, quantity="population")
    assert found.attrs["uniform"] == towns.index[1]
    own = found.values[shares(grid, towns)[1] > 1 - 1e-12]
    np.testing.assert_allclose(own, own[0])
    np.testing.assert_allclose(sums(found, towns), 900.0, rtol=1e-9)
    assert found[0, 0] == 0.0 or empty[0, 0]


def test_units_with_no_people_stay_empty(make_grid: Any, make_towns: MakeTowns) -> None:
    grid = make_grid(rows=12, columns=12)
    towns = make_towns(grid, 4, seed=7)
    totals = pd.Series([0, 50, 60, 70], index=towns.index)
    found = spread_totals(totals, layer_on(grid, 1.0, quantity="building_area"), towns, quantity="population")
    np.testing.assert_allclose(sums(found, towns), totals, rtol=1e-9, atol=1e-12)
    assert float(found.values[shares(grid, towns)[0] > 0].max()) == 0.0


def test_outside_the_units_is_missing_and_the_outer_border_stays_empty(make_grid: Any, make_towns: MakeTowns) -> None:
    grid = make_grid(rows=12, columns=12)
    towns = make_towns(grid, 3, seed=1, inset=2.5)
    found = spread_totals(
        dict.fromkeys(towns.index, 100.0), layer_on(grid, 1.0, quantity="building_area"), towns, quantity="population"
    )
    covered = shares(grid, towns).sum(axis=0)
    assert np.isnan(found.values[covered == 0]).all()
    assert found.values[(covered > 0) & (covered < 1 - 1e-9)].max() == 0.0
    assert float(found.sum()) == pytest.approx(300.0, rel=1e-9)


@pytest.mark.filterwarnings("ignore::riskzoning.errors.RiskZoningWarning")  # said of border cells
def test_a_unit_of_border_cells_only_still_gets_its_total(make_grid: Any) -> None:
    grid = make_grid(rows=6, columns=6)
    small = shapely.box(500_020, 3_900_020, 500_080, 3_900_080)
    town = gpd.GeoDataFrame(index=["1"], geometry=[small], crs=4547)
    found = spread_totals({"1": 36.0}, layer_on(grid, 1.0, quantity="building_area"), town, quantity="population")
    assert sums(found, town).tolist() == pytest.approx([36.0])
    # its people fill the whole cell by share: the part beyond the unit is what area shares cannot give back
    assert float(found.sum()) == pytest.approx(100.0)


def test_a_total_that_no_content_meets_is_named(make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=1)
    parts = [shapely.box(500_000, 3_900_000, 500_010, 3_900_100), shapely.box(500_010, 3_900_000, 500_100, 3_900_100)]
    towns = gpd.GeoDataFrame(index=["1", "2"], geometry=parts, crs=4547)
    with pytest.warns(UserWarning, match=r"smaller than a cell \(2\): 1, 2"):
        found = spread_totals({"1": 90.0, "2": 10.0}, None, towns, quantity="population", grid=grid)
    assert found.item() == pytest.approx(100.0)
    assert found.attrs["unmet"] == "1, 2"


def test_lazy_weights_give_the_same_numbers(make_grid: Any, make_towns: MakeTowns) -> None:
    grid = make_grid(rows=23, columns=31)
    towns = make_towns(grid, 6, seed=3, inset=0.6)
    weights = layer_on(grid, np.random.default_rng(0).random((23, 31)), quantity="building_area")
    totals = pd.Series(np.arange(1, 7) * 1000.0, index=towns.index)
    expected = spread_totals(totals, weights, towns, quantity="population")
    found = spread_totals(totals, weights.chunk({"y": 7, "x": 9}), towns, quantity="population")
    assert isinstance(found.data, da.Array)
    assert found.chunks == weights.chunk({"y": 7, "x": 9}).chunks
    np.testing.assert_array_equal(found, expected)


def test_units_of_other_levels_are_left_alone_and_other_crs_are_fine(make_grid: Any, make_towns: MakeTowns) -> None:
    grid = make_grid(rows=10, columns=10)
    towns = make_towns(grid, 3, seed=5)
    city = gpd.GeoDataFrame({"level": ["city"]}, index=["410700"], geometry=[towns.union_all()], crs=towns.crs)
    units = pd.concat([city, towns]).to_crs(4490)
    before = units.copy()
    weights = layer_on(grid, 1.0, quantity="building_area")
    totals = pd.Series([5.0, 6.0, 7.0], index=towns.index)
    found = spread_totals(totals, weights, units, quantity="population")
    np.testing.assert_allclose(sums(found, towns), totals, rtol=1e-6)
    assert units.equals(before)
    assert found.attrs["uniform"] == ""


def test_codes_that_do_not_fit_are_listed_together(make_grid: Any, make_towns: MakeTowns) -> None:
    grid = make_grid(rows=10, columns=10)
    towns = make_towns(grid, 4, seed=5)
    a, b, c, _ = towns.index
    totals = pd.Series([1.0, 2.0, -3.0, np.nan, 5.0], index=[a, a, b, c, "999"])
    with pytest.raises(AdminError) as caught:
        spread_totals(totals, None, towns, quantity="population", grid=grid)
    found = " ".join(problem.found for problem in caught.value.problems)
    assert len(caught.value.problems) == 4
    for text in (
        "no units: 999",
        f"no total for units: {towns.index[3]}",
        f"of 0 or more for units: {b}, {c}",
        f"several totals for units: {a}",
    ):
        assert text in found
    for problem in caught.value.problems:
        assert all((problem.file, problem.found, problem.required, problem.fix))


def test_codes_read_as_integers_are_matched_as_text(make_grid: Any, make_towns: MakeTowns) -> None:
    grid = make_grid(rows=8, columns=8)
    towns = make_towns(grid, 2, seed=5)
    totals = pd.Series([5, 7], index=[int(code) for code in towns.index])
    found = spread_totals(totals, None, towns, quantity="population", grid=grid)
    np.testing.assert_allclose(sums(found, towns), [5, 7], rtol=1e-9)


def test_units_beyond_the_grid_and_overlapping_units_are_refused(make_grid: Any, make_towns: MakeTowns) -> None:
    grid = make_grid(rows=8, columns=8)
    towns = make_towns(grid, 2, seed=5)
    far = towns.copy()
    far.geometry = [towns.geometry.iloc[0], shapely.affinity.translate(towns.geometry.iloc[1], 1e5, 0)]
    with pytest.raises(AdminError, match=f"no cell of the grid: {towns.index[1]}"):
        spread_totals(dict.fromkeys(towns.index, 1.0), None, far, quantity="population", grid=grid)
    both = gpd.GeoDataFrame(index=["1", "2"], geometry=[grid_box(grid), grid_box(grid)], crs=4547)
    with pytest.raises(AdminError, match="overlap"):
        spread_totals({"1": 1.0, "2": 1.0}, None, both, quantity="population", grid=grid)


def grid_box(grid: Any) -> shapely.Polygon:
    return shapely.box(*grid.extent.boundingbox)


def test_weights_that_do_not_fit_are_refused(make_layer: Any, make_grid: Any, make_towns: MakeTowns) -> None:
    grid = make_grid()
    towns = make_towns(grid, 1)
    totals = dict.fromkeys(towns.index, 1.0)
    with pytest.raises(LayerError, match="a count"):
        spread_totals(totals, None, towns, quantity="elevation", grid=grid)
    with pytest.raises(GridMismatchError):
        spread_totals(totals, make_layer(np.ones((4, 5)), left=0), towns, quantity="population", grid=grid)
    stack = make_layer(np.ones((2, 4, 5)), "flood_depth", return_periods=[5, 10])
    with pytest.raises(LayerError, match="one weight for each cell"):
        spread_totals(totals, stack, towns, quantity="population")


def test_cell_area_is_the_weight_of_a_projected_grid(make_grid: Any) -> None:
    assert np.ptp(grids.cell_area(make_grid()).values) == 0.0
