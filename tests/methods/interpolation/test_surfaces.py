"""Station values to a grid: INT-1 to INT-5 and the rules around them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.array as da
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely import Point

from riskzoning.errors import LayerError, MissingCRSError, MissingDependencyError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.methods.interpolation import interpolate, leave_one_out
from riskzoning.methods.interpolation.surfaces import inverse_distance

# Stations of the tests stand where it suits the example; that they do not reach every height is said elsewhere.
pytestmark = pytest.mark.filterwarnings("ignore:stations do not reach:riskzoning.errors.RiskZoningWarning")
GRID = analysis_grid((500000, 3900000, 504000, 3903000), crs="EPSG:4547", resolution=100)


def stations(x: Any, y: Any, crs: str | None = "EPSG:4547", **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(x, y), crs=crs)


def scattered(count: int = 12, seed: int = 0) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(500000, 504000, count), rng.uniform(3900000, 3903000, count)
    return stations(x, y, v=rng.normal(10, 3, count))


def at_cell(row: int, column: int) -> tuple[float, float]:
    return 500050 + 100 * column, 3902950 - 100 * row


def test_int1_two_stations_by_hand() -> None:
    two = stations([0, 2], [0, 0], v=[10.0, 20.0])
    for x, y, wanted in ((0.5, 0, 11.0), (1, 1, 15.0), (0.5, 0.5, 11.666667)):
        cell = GeoBox((1, 1), Affine(0.2, 0, x - 0.1, 0, -0.2, y + 0.1), "EPSG:4547")
        assert float(interpolate(two, "v", cell)[0, 0]) == pytest.approx(wanted, abs=5e-7)


@pytest.mark.parametrize("method", ["idw", "regression_residual"])
@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:4490"])
def test_int2_at_a_station_the_value_to_the_last_bit(method: Any, crs: str) -> None:
    places = [at_cell(3, 4), at_cell(10, 30), at_cell(25, 7), at_cell(20, 20), at_cell(0, 39)]
    values = np.array([0.1, 7.3, 1 / 3, 12.7, 3.14])
    known = stations(*zip(*places), v=values).to_crs(crs)
    out = interpolate(known, "v", GRID, method=method)
    for (row, column), value in zip([(3, 4), (10, 30), (25, 7), (20, 20), (0, 39)], values):
        assert out.values[row, column] == value


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4547"])
@pytest.mark.parametrize("grid_crs", ["EPSG:4490", "EPSG:4547"])
def test_int3_a_plane_is_reproduced_everywhere(crs: str, grid_crs: str) -> None:
    """A plane in the coordinates of the stations' CRS and a covariate."""
    box = (113.98, 35.22, 114.04, 35.26) if grid_crs == "EPSG:4490" else (499000, 3898000, 503000, 3901000)
    grid = analysis_grid(box, crs=grid_crs, resolution=0.002 if grid_crs == "EPSG:4490" else 100)
    rng = np.random.default_rng(3)
    height = layer_on(grid, rng.uniform(50, 900, grid.shape), quantity="elevation")
    rows, columns = rng.integers(0, grid.shape[0], 9), rng.integers(0, grid.shape[1], 9)
    x, y = grid.affine * (columns + 0.5, rows + 0.5)
    known = stations(x, y, crs=grid_crs).to_crs(crs)
    known["v"] = 3 + 2 * known.geometry.x - known.geometry.y + 0.01 * height.values[rows, columns]
    out = interpolate(known, "v", grid, method="regression_residual", covariates={"elevation": height})
    j, i = np.meshgrid(np.arange(grid.shape[1]) + 0.5, np.arange(grid.shape[0]) + 0.5)
    cells = stations(*(c.ravel() for c in grid.affine * (j, i)), crs=grid_crs).to_crs(crs).geometry
    wanted = (3 + 2 * cells.x - cells.y).to_numpy().reshape(grid.shape) + 0.01 * height.values
    np.testing.assert_allclose(out.values, wanted, rtol=1e-12 if crs == "EPSG:4547" else 0, atol=1e-9)
    assert np.abs(wanted).max() < 1e7


@pytest.mark.parametrize("method", ["idw", "regression_residual"])
def test_int4_constant_stations_give_a_constant_grid(method: Any) -> None:
    known = scattered()
    known["v"] = 7.25
    np.testing.assert_allclose(interpolate(known, "v", GRID, method=method), 7.25, rtol=1e-13)


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(12)), st.integers(-50, 50), st.sampled_from(["idw", "regression_residual"]))
def test_int5_order_and_place_do_not_matter(order: list[int], shift: int, method: Any) -> None:
    known = scattered()
    wanted = interpolate(known, "v", GRID, method=method).values
    np.testing.assert_array_equal(interpolate(known.iloc[list(order)], "v", GRID, method=method).values, wanted)
    moved = known.set_geometry(known.translate(shift * 100, 0))
    grid = GeoBox(GRID.shape, Affine.translation(shift * 100, 0) * GRID.affine, GRID.crs)
    np.testing.assert_allclose(interpolate(moved, "v", grid, method=method).values, wanted, rtol=1e-9)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000), st.floats(0.5, 6))
def test_idw_never_leaves_the_range_of_the_stations(seed: int, power: float) -> None:
    known = scattered(seed=seed)
    out = interpolate(known, "v", GRID, power=power).values
    assert out.min() >= known["v"].min()
    assert out.max() <= known["v"].max()


def test_distances_are_metres_on_geographic_grids_too() -> None:
    """Half a degree of longitude is nearer than half a degree of latitude at 35 degrees north."""
    known = stations([114.4, 114.0], [35.0, 35.4], crs="EPSG:4490", v=[1.0, 2.0])
    grid = GeoBox((1, 1), Affine(0.2, 0, 113.9, 0, -0.2, 35.1), "EPSG:4490")
    ratio = (111.0 / 91.3) ** 2
    assert float(interpolate(known, "v", grid)[0, 0]) == pytest.approx((ratio + 2) / (ratio + 1), abs=0.003)


def test_search_radius_and_numbers_of_stations() -> None:
    known = stations([500050, 501050, 503950], [3902950] * 3, v=[1.0, 3.0, 100.0])
    row = GeoBox((1, 40), Affine(100, 0, 500000, 0, -100, 3903000), "EPSG:4547")
    near = interpolate(known, "v", row, radius_m=1100).values[0]
    assert near[5] == pytest.approx(2)
    assert near[39] == 100
    assert near[20] == pytest.approx(3)
    assert interpolate(known, "v", row, radius_m=100, min_stations=2).values[0, 5] == pytest.approx(2)
    assert interpolate(known, "v", row, max_stations=1).values[0, 4] == 1


def test_missing_and_coincident_stations() -> None:
    known = stations([500050, 500050, 502050, 503050], [3902950] * 4, v=[1.0, 3.0, np.nan, 5.0])
    with pytest.warns(UserWarning, match=r"at 1 place \(0\), where 'v' was averaged"):
        out = interpolate(known, "v", GRID)
    assert out.values[0, 0] == 2
    assert (out.attrs["stations"], out.attrs["dropped"], out.attrs["merged"]) == (2, 1, 1)


@pytest.mark.parametrize(
    ("count", "method"), [(0, "idw"), (1, "idw"), (2, "regression_residual"), (2, "kriging"), (0, "kriging")]
)
def test_too_few_stations(count: int, method: Any) -> None:
    with pytest.raises(LayerError, match=f"with a value are {count} ") as error:
        interpolate(scattered(count), "v", GRID, method=method)
    (problem,) = error.value.problems
    assert all((problem.thing, problem.found, problem.required, problem.fix))


def test_mistakes_are_named() -> None:
    known = scattered()
    with pytest.raises(LayerError, match="no column 'rain'; expected one of v"):
        interpolate(known, "rain", GRID)
    with pytest.raises(LayerError, match="'trace' in column 'v'"):
        interpolate(known.assign(v=known["v"].astype(object).where(known.index != 3, "trace")), "v", GRID)
    with pytest.raises(MissingCRSError):
        interpolate(stations([0], [0], crs=None, v=[1]), "v", GRID)
    with pytest.raises(LayerError, match="GeoDataFrame"):
        interpolate(known.drop(columns="geometry"), "v", GRID)  # type: ignore[arg-type]
    with pytest.raises(LayerError) as error:
        interpolate(known, "v", GRID, method="spline", power=0, radius_m=-1, min_stations=0, variogram="x")  # type: ignore[arg-type]
    assert len(error.value.problems) == 5
    with pytest.raises(LayerError, match=r"the clip \(5, 1\)"):
        interpolate(known, "v", GRID, clip=(5, 1))
    height = layer_on(GRID, 100.0, quantity="elevation")
    with pytest.raises(LayerError, match="regression_residual"):
        interpolate(known, "v", GRID, covariates={"elevation": height})
    with pytest.raises(LayerError, match="coefficients of slope"):
        interpolate(known, "v", GRID, coefficients={"slope": 1.0})
    with pytest.raises(LayerError, match="at least 4 for a constant and slopes of x, y, elevation"):
        interpolate(scattered(3), "v", GRID, method="regression_residual", covariates={"elevation": height})


def test_regression_is_clipped_and_says_how_much() -> None:
    known = stations(*zip(at_cell(5, 0), at_cell(5, 39), at_cell(25, 20)), relative_humidity=[20.0, 99.0, 60.0])
    out = interpolate(known, "relative_humidity", GRID, method="regression_residual")
    assert out.attrs["quantity"] == "relative_humidity"
    assert out.max() <= 100
    assert out.attrs["clipped_share"] == 0
    steep = interpolate(known, "relative_humidity", GRID, method="regression_residual", clip=(30, 90))
    assert (steep.min(), steep.max()) == (30, 90)
    assert 0 < steep.attrs["clipped_share"] < 1
    free = interpolate(known, "relative_humidity", GRID, method="regression_residual", clip=None)
    assert steep.attrs["clipped_share"] == np.mean((free < 30) | (free > 90))
    bound = interpolate(known, "relative_humidity", GRID, method="regression_residual", clip="stations")
    assert bound.min() >= 20
    assert bound.max() <= 99


def test_stations_on_one_line_get_the_smallest_slopes() -> None:
    known = stations([500000, 501000, 502000, 503000], [3901000] * 4, v=[1.0, 2, 3, 4])
    with pytest.warns(UserWarning, match="lie on one line"):
        out = interpolate(known, "v", GRID, method="regression_residual")
    np.testing.assert_allclose(out.values[:, 10], out.values[0, 10])


def hilly() -> xr.DataArray:
    i, j = np.indices(GRID.shape)
    return layer_on(GRID, 100 + 20.0 * i + 0.3 * j**2, quantity="elevation")


def test_a_prescribed_lapse_rate_corrects_for_height() -> None:
    dem = hilly()
    cells = [(2, 3), (20, 30), (12, 12)]
    known = stations(*zip(*(at_cell(*cell) for cell in cells)), temperature=[10.0, 8.0, 9.5])
    out = interpolate(known, "temperature", GRID, covariates={"elevation": dem}, coefficients={"elevation": -0.006})
    heights = np.array([dem.values[cell] for cell in cells])
    flat = known.assign(temperature=known["temperature"] + 0.006 * heights)
    wanted = interpolate(flat, "temperature", GRID, clip=None) - 0.006 * dem
    np.testing.assert_allclose(out.values, wanted.values, atol=1e-9)
    assert out.values[2, 3] == 10.0
    regression = interpolate(
        known,
        "temperature",
        GRID,
        method="regression_residual",
        covariates={"elevation": dem},
        coefficients={"elevation": -0.006},
    )
    assert regression.values[20, 30] == 8.0


@pytest.mark.filterwarnings("ignore:stations have an altitude:riskzoning.errors.RiskZoningWarning")
def test_missing_covariates_give_missing_cells_and_drop_stations() -> None:
    dem = hilly().copy()
    dem.values[0:3, 0:3] = np.nan
    known = stations(*zip(*(at_cell(*cell) for cell in [(1, 1), (20, 30), (12, 12), (5, 20), (28, 3), (15, 35)])))
    known["v"] = [99.0, 8, 9, 10, 8, 9]
    out = interpolate(known, "v", GRID, method="regression_residual", covariates=dem.rename("elevation"))
    np.testing.assert_array_equal(np.isnan(out.values), np.isnan(dem.values))
    assert out.attrs["dropped"] == 1
    stood_in = interpolate(
        known.assign(elevation=110.0), "v", GRID, method="regression_residual", covariates={"elevation": dem}
    )
    assert stood_in.attrs["dropped"] == 0


def test_stations_beyond_the_grid_use_the_wider_covariate() -> None:
    wide = analysis_grid((499000, 3899000, 505000, 3904000), crs="EPSG:4547", resolution=100)
    i, j = np.indices(wide.shape)
    dem = layer_on(wide, 100 + 5.0 * i + 0.2 * j**2, quantity="elevation")
    rng = np.random.default_rng(5)
    known = stations(rng.uniform(499100, 504900, 15), rng.uniform(3899100, 3903900, 15))
    known["v"] = rng.normal(5, 1, 15)
    out = interpolate(known, "v", GRID, method="regression_residual", covariates={"elevation": dem})
    assert out.attrs["dropped"] == 0
    assert out.shape == GRID.shape


def test_altitudes_that_contradict_the_ground_are_named() -> None:
    dem = hilly()
    known = scattered().assign(elevation=dem.values.mean())
    known.index = [f"5398{i}" for i in range(12)]
    with pytest.warns(UserWarning, match=r"more than 100 m off the elevation layer at 5398\d"):
        interpolate(known, "v", GRID, method="regression_residual", covariates={"elevation": dem})


def test_extrapolated_heights_are_said() -> None:
    dem = hilly()
    known = stations(
        *zip(*(at_cell(*cell) for cell in [(0, 1), (1, 30), (2, 12), (1, 20), (2, 3)])), v=[1.0, 2, 3, 2, 1]
    )
    with pytest.warns(UserWarning, match="elevation lies beyond that of every station"):
        out = interpolate(known, "v", GRID, method="regression_residual", covariates={"elevation": dem})
    assert out.attrs["extrapolated_share"] > 0.5


def test_lazy_and_plain_agree() -> None:
    dem, known = hilly(), scattered()
    plain = interpolate(known, "v", GRID, method="regression_residual", covariates={"elevation": dem})
    lazy = interpolate(
        known, "v", GRID, method="regression_residual", covariates={"elevation": dem.chunk({"y": 7, "x": 11})}
    )
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy.values, plain.values)
    forced = interpolate(known, "v", GRID, lazy=True)
    assert isinstance(forced.data, da.Array)
    np.testing.assert_array_equal(forced.values, interpolate(known, "v", GRID).values)


def test_inputs_are_not_changed() -> None:
    known = scattered()
    before = known.copy()
    interpolate(known, "v", GRID)
    assert before.equals(known)


# ---------------------------------------------------------------- kriging


def test_few_stations_fall_back_with_a_warning() -> None:
    known = scattered(12)
    with pytest.warns(UserWarning, match="are 12, too few for kriging"):
        out = interpolate(known, "v", GRID, method="kriging")
    np.testing.assert_array_equal(out.values, interpolate(known, "v", GRID, method="regression_residual").values)
    assert out.attrs["method"] == "regression_residual"


def test_without_pykrige_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pykrige.ok", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'riskzoning\[kriging\]'"):
        interpolate(scattered(40), "v", GRID, method="kriging")


def test_kriging_has_no_variogram_of_equal_values() -> None:
    with pytest.raises(LayerError, match="all have the value 3"):
        interpolate(scattered(40).assign(v=3.0), "v", GRID, method="kriging")


def test_kriging_is_exact_at_stations_and_lazy() -> None:
    pytest.importorskip("pykrige")
    rng = np.random.default_rng(2)
    cells = sorted({(int(r), int(c)) for r, c in zip(rng.integers(0, 30, 45), rng.integers(0, 40, 45))})
    known = stations(*zip(*(at_cell(*cell) for cell in cells)))
    known["v"] = np.sin(known.geometry.x / 700) + np.cos(known.geometry.y / 900)
    out = interpolate(known, "v", GRID, method="kriging")
    for cell, value in zip(cells, known["v"]):
        assert out.values[cell] == value
    truth = (
        np.sin((500050 + 100 * np.arange(40)) / 700)[None, :] + np.cos((3902950 - 100 * np.arange(30)) / 900)[:, None]
    )
    assert np.sqrt(np.mean((out.values - truth) ** 2)) < 0.25
    lazy = interpolate(known, "v", GRID, method="kriging", lazy=True)
    np.testing.assert_array_equal(lazy.values, out.values)
    with_height = interpolate(known, "v", GRID, method="kriging", covariates={"elevation": hilly()})
    assert with_height.values[cells[0]] == known["v"][0]


# ---------------------------------------------------------------- cross-validation


def test_leave_one_out_by_hand() -> None:
    known = stations([0, 1, 2], [0, 0, 0], v=[1.0, 2.0, 3.0])
    found = leave_one_out(known, "v")
    np.testing.assert_allclose(found.table["predicted"], [(2 + 3 / 4) / 1.25, 2, (2 + 1 / 4) / 1.25])
    assert found.bias == pytest.approx(0)
    assert found.rmse == pytest.approx(np.sqrt((1.2**2 * 2) / 3))
    assert found.r2 == pytest.approx(1 - 1.2**2 * 2 / 2)
    assert found.count == 3


def test_leave_one_out_of_a_plane_is_perfect_by_regression() -> None:
    known = scattered()
    known["v"] = 0.001 * (known.geometry.x - 500000) - 0.002 * (known.geometry.y - 3900000)
    found = leave_one_out(known, "v", GRID, method="regression_residual")
    assert found.rmse < 1e-9
    assert found.r2 == pytest.approx(1)
    dem = hilly()
    with_height = leave_one_out(known, "v", GRID, method="regression_residual", covariates={"elevation": dem})
    assert with_height.rmse < 1e-9
    assert np.isnan(leave_one_out(known.assign(v=1.0), "v").r2)


def test_leave_one_out_in_degrees_and_with_too_few() -> None:
    known = scattered()
    metric, degrees = leave_one_out(known, "v"), leave_one_out(known.to_crs("EPSG:4490"), "v")
    assert degrees.rmse == pytest.approx(metric.rmse, rel=1e-3)
    with pytest.raises(LayerError, match="at least 2"):
        leave_one_out(known.iloc[:2], "v")


@pytest.mark.city
def test_heights_of_the_city_are_beyond_its_stations(city_data: Path, make_grid: Callable[..., GeoBox]) -> None:
    import pandas as pd
    import rasterio

    with rasterio.open(city_data / "dem_3s.tif") as file:
        values = file.read(1).astype("float32")
        values[values == file.nodata] = np.nan
        dem = layer_on(GeoBox(file.shape, file.transform, file.crs), values, quantity="elevation")
    grid = analysis_grid((443431, 3861145, 591956, 3967563), crs="EPSG:4547", resolution=1000)
    plain = stations([113.9, 114.2, 114.4, 114.6, 113.8], [35.3, 35.1, 35.05, 35.2, 35.2], crs="EPSG:4490")
    plain["temperature"] = pd.Series([14.5, 14.6, 14.7, 14.4, 14.5])
    with pytest.warns(UserWarning, match="beyond that of every station"):
        interpolate(plain, "temperature", grid, method="regression_residual", covariates={"elevation": dem})


def test_worked_example_of_squared_distances() -> None:
    places = [Point(0, 500), Point(2000, 500), Point(0, 400000)]
    frame = gpd.GeoDataFrame({"z": [10.0, 20.0, 10.0]}, geometry=places, crs="EPSG:4547")
    grid = analysis_grid((0, 0, 1000, 1000), crs="EPSG:4547", resolution=1000)
    # The cell centre lies 500 m from the first station and 1500 m from the second.
    assert float(interpolate(frame, "z", grid, method="idw").values[0, 0]) == pytest.approx(11.0, abs=1e-3)


@pytest.mark.parametrize(
    ("search", "values"),
    [
        ((2.0, np.inf, 1, 2), [11.0, 10.0]),
        ((1.0, np.inf, 1, 2), [12.5, 10.0]),
        ((2.0, 1.0, 1, 2), [10.0, 10.0]),
        ((2.0, np.inf, 1, 1), [10.0, 10.0]),
        ((2.0, 0.1, 2, 2), [11.0, 10.0]),
    ],
)
def test_power_radius_and_neighbours(search: tuple[float, float, int, int], values: list[float]) -> None:
    x, y, z = np.array([0.0, 2.0]), np.zeros(2), np.array([10.0, 20.0])
    out = np.empty((1, 2))
    inverse_distance((x, y, z, z), search, (np.array([[0.5, 0.0]]), np.zeros((1, 2))), np.zeros((1, 2)), out)
    assert out[0].tolist() == pytest.approx(values)


def at_cells(seed: int, count: int = 9) -> tuple[list[tuple[int, int]], gpd.GeoDataFrame]:
    """Stations in the middle of different cells."""
    rng = np.random.default_rng(seed)
    picked = rng.choice(30 * 40, count, replace=False)
    cells = [(int(one) // 40, int(one) % 40) for one in picked]
    return cells, stations(*zip(*(at_cell(*cell) for cell in cells)), v=rng.normal(3, 50, count))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(["idw", "regression_residual"]), st.sampled_from([4490, 4547, 3857]))
def test_int2_any_station_keeps_its_value(seed: int, method: Any, crs: int) -> None:
    cells, known = at_cells(seed)
    out = interpolate(known.to_crs(f"EPSG:{crs}"), "v", GRID, method=method).values
    assert [out[cell] for cell in cells] == known["v"].tolist()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.tuples(*[st.floats(-2, 2)] * 3), st.floats(-50, 50))
def test_int3_any_plane_comes_back(seed: int, slopes: tuple[float, float, float], level: float) -> None:
    cells, known = at_cells(seed)
    height = layer_on(GRID, np.random.default_rng(seed).uniform(50, 900, GRID.shape), quantity="elevation")
    i, j = np.indices(GRID.shape)
    plane = level + slopes[0] * j - slopes[1] * i + 0.01 * slopes[2] * height.values
    known["v"] = [plane[cell] for cell in cells]
    out = interpolate(known, "v", GRID, method="regression_residual", covariates={"elevation": height})
    np.testing.assert_allclose(out.values, plane, atol=1e-7)


@settings(deadline=None, max_examples=20, derandomize=True)
@given(st.integers(0, 10_000), st.floats(-1e4, 1e4), st.sampled_from(["idw", "regression_residual"]))
def test_int4_any_constant_stays(seed: int, value: float, method: Any) -> None:
    known = scattered(3 + seed % 12, seed).assign(v=value)
    np.testing.assert_allclose(interpolate(known, "v", GRID, method=method), value, rtol=1e-9, atol=1e-9)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.lists(st.floats(-50, 50), min_size=1, max_size=4))
def test_stations_at_one_place_are_their_mean(seed: int, more: list[float]) -> None:
    _, known = at_cells(seed, 6)
    first = known.iloc[[0] * len(more)].assign(v=more)
    several = gpd.GeoDataFrame(pd.concat([known, first], ignore_index=True), crs=known.crs)
    mean = known.assign(v=[np.mean([known["v"].iloc[0], *more]), *known["v"].iloc[1:]])
    with pytest.warns(UserWarning, match="was averaged"):
        out = interpolate(several, "v", GRID)
    np.testing.assert_allclose(out.values, interpolate(mean, "v", GRID).values, atol=1e-9)
