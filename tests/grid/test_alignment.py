"""align: the quantity decides, counts keep their total, plain and lazy agree."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pyproj
import pytest
import rasterio
import xarray as xr
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, MissingCRSError, UnitsError
from riskzoning.grid import align, analysis_grid, outside
from riskzoning.layers import layer_on

MakeLayer = Callable[..., xr.DataArray]

CITY = {
    "EPSG:4490": ((113.6, 35.1, 114.4, 35.6), 1 / 120),
    "EPSG:4326": ((113.6, 35.1, 114.4, 35.6), 0.007),
    "EPSG:4547": ((463000, 3885000, 536000, 3940000), 650),
    "EPSG:3857": ((12646000, 4177000, 12735000, 4245000), 900),
}


def on(grid: GeoBox, values: Any, quantity: str, **options: Any) -> xr.DataArray:
    return layer_on(grid, np.asarray(values), quantity=quantity, name=quantity, **options)


def box(left: float, top: float, cell: float, shape: tuple[int, int], crs: str = "EPSG:4547") -> GeoBox:
    return GeoBox(shape, Affine(cell, 0, left, 0, -cell, top), crs)


def exact_centres(grid: GeoBox, crs: str) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of all cell centres in another CRS, by PROJ alone."""
    j, i = np.meshgrid(np.arange(grid.shape[1]) + 0.5, np.arange(grid.shape[0]) + 0.5)
    a = grid.affine
    x, y = a.a * j + a.b * i + a.c, a.d * j + a.e * i + a.f
    if str(grid.crs).upper() == crs:
        return x, y
    return pyproj.Transformer.from_crs(str(grid.crs), crs, always_xy=True).transform(x, y)


# ---------------------------------------------------------------- counts


def test_a_count_is_split_by_area(make_layer: MakeLayer) -> None:
    people = make_layer([[100.0, 40.0]], "population", resolution=200)
    fine = analysis_grid((500000, 3900000, 500400, 3900200), crs="EPSG:4547", resolution=100)
    out = align(people, fine)
    np.testing.assert_array_equal(out.values, [[25, 25, 10, 10], [25, 25, 10, 10]])
    assert out.attrs["quantity"] == "population"
    assert out.attrs["units"] == "person"
    assert out.attrs["outside"] == 0
    assert out.attrs["resampling"] == "sum"
    assert out.odc.crs == "EPSG:4547"


def test_a_count_is_added_up(make_layer: MakeLayer) -> None:
    people = make_layer(np.arange(16.0).reshape(4, 4), "population")
    out = align(people, analysis_grid((500000, 3900000, 500400, 3900400), crs="EPSG:4547", resolution=200))
    np.testing.assert_array_equal(out.values, [[10, 18], [42, 50]])


def test_shares_of_unequal_cells_are_exact() -> None:
    people = on(box(500000, 3900300, 300, (1, 2)), [[90.0, 60.0]], "population")
    out = align(people, box(500000, 3900300, 200, (2, 3)))
    np.testing.assert_allclose(out.values, [[40, 20 + 40 / 3, 80 / 3], [20, 10 + 20 / 3, 40 / 3]], rtol=1e-14)


def test_missing_gives_nothing_and_zero_stays_zero(make_layer: MakeLayer) -> None:
    people = make_layer([[np.nan, 0.0, 8.0, np.inf]], "population", resolution=200)
    out = align(people, analysis_grid((500000, 3900000, 500800, 3900200), crs="EPSG:4547", resolution=100))
    np.testing.assert_array_equal(out.values[0], [np.nan, np.nan, 0, 0, 2, 2, np.nan, np.nan])
    half = align(people, box(500100, 3900200, 200, (1, 3)))
    np.testing.assert_array_equal(half.values, [[0, 4, 4]])


def test_what_lies_outside_is_reported(make_layer: MakeLayer) -> None:
    people = make_layer([[10.0, 20.0], [30.0, 40.0]], "population", resolution=200)
    grid = box(500100, 3900300, 100, (2, 2))
    out = align(people, grid)
    np.testing.assert_allclose(out.values, [[2.5, 5], [7.5, 10]])
    assert out.attrs["outside"] == pytest.approx(75)
    assert outside(people, grid) == pytest.approx(75)
    assert outside(people.chunk({"x": 1}), grid) == pytest.approx(75)
    assert "outside" not in align(people.chunk(), grid).attrs


def test_a_count_beyond_the_grid_is_all_outside(make_layer: MakeLayer) -> None:
    people = make_layer([[10.0, 20.0]], "population")
    with pytest.warns(UserWarning, match="does not meet the grid"):
        out = align(people, box(700000, 3900300, 100, (2, 2)))
    assert np.isnan(out.values).all()
    assert out.attrs["outside"] == 30


@st.composite
def two_grids(draw: st.DrawFn) -> tuple[GeoBox, GeoBox]:
    grids = []
    for _ in range(2):
        crs = draw(st.sampled_from(sorted(CITY)))
        (west, south, east, north), cell = CITY[crs]
        size = cell * draw(st.floats(0.3, 6))
        x, y = (draw(st.floats(-0.2, 0.6)) for _ in range(2))
        width, height = (
            max(1, int((b - a) * draw(st.floats(0.05, 0.9)) / size)) for a, b in ((west, east), (south, north))
        )
        left, top = west + x * (east - west), north - y * (north - south)
        grids.append(GeoBox((min(height, 60), min(width, 60)), Affine(size, 0, left, 0, -size, top), crs))
    return grids[0], grids[1]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(two_grids(), st.integers(0, 2**31), st.sampled_from(["float64", "float32", "int32"]))
def test_int6_population_to_any_grid_keeps_its_total(grids: tuple[GeoBox, GeoBox], seed: int, dtype: str) -> None:
    start, end = grids
    rng = np.random.default_rng(seed)
    values = rng.gamma(0.3, 100, start.shape)
    if dtype != "int32":
        values[rng.random(start.shape) < 0.2] = np.nan
    people = on(start, values.astype(dtype), "population")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = align(people, end)
        lazy = align(people.chunk({"y": 7, "x": 5}), end)
    total = np.nansum(people.values.astype(float))
    assert np.nansum(out.values) + out.attrs["outside"] == pytest.approx(total, rel=1e-9, abs=1e-9)
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy.values, out.values)
    assert outside(people.chunk({"y": 7, "x": 5}), end) == out.attrs["outside"]
    assert np.nanmin(out.values, initial=0) >= 0


def test_different_crs_gives_true_area_shares() -> None:
    """Against polygons: source cells cut with target cells by shapely."""
    import shapely

    start = analysis_grid((113.9, 35.2, 113.93, 35.22), crs="EPSG:4490", resolution=1 / 240)
    end = analysis_grid((500000 - 9500, 3896000, 500000 - 6000, 3899000), crs="EPSG:4547", resolution=170)
    values = np.random.default_rng(3).gamma(0.5, 50, start.shape)
    out = align(on(start, values, "population"), end)
    to = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True)
    wanted = np.zeros(end.shape)
    cells = [
        [shapely.box(*(end.affine * (c, r + 1)), *(end.affine * (c + 1, r))) for c in range(end.shape[1])]
        for r in range(end.shape[0])
    ]
    for r in range(start.shape[0]):
        for c in range(start.shape[1]):
            corners = [start.affine * p for p in ((c, r), (c + 1, r), (c + 1, r + 1), (c, r + 1))]
            quad = shapely.Polygon([to.transform(*p) for p in corners])
            wanted += values[r, c] * np.array(shapely.area(shapely.intersection(np.array(cells), quad))) / quad.area
    np.testing.assert_allclose(np.nan_to_num(out.values), wanted, atol=1e-8)


def test_each_count_survives_in_its_place() -> None:
    """30 arc-seconds to 100 m and back by area: every source cell keeps its people."""
    start = analysis_grid((113.9, 35.2, 114.1, 35.3), crs="EPSG:4490", resolution=1 / 120)
    wide = analysis_grid((489000, 3893000, 511000, 3908000), crs="EPSG:4547", resolution=100)
    values = np.zeros(start.shape)
    values[5, 7] = 1000.0
    out = align(on(start, values, "population"), wide)
    rows, columns = np.nonzero(np.nan_to_num(out.values))
    x, y = exact_centres(wide, "EPSG:4490")
    assert out.attrs["outside"] == 0
    assert np.nansum(out.values) == pytest.approx(1000, rel=1e-12)
    assert np.average(x[rows, columns], weights=out.values[rows, columns]) == pytest.approx(113.9 + 7.5 / 120, abs=5e-5)
    assert np.average(y[rows, columns], weights=out.values[rows, columns]) == pytest.approx(35.3 - 5.5 / 120, abs=5e-5)


def test_large_cells_are_cut_along_their_curved_edges() -> None:
    """Half a degree on the metric grid: the parallel bends by 29 m, a straight edge would move people over it."""
    start = analysis_grid((113, 34.5, 115, 36), crs="EPSG:4490", resolution=0.5)
    x, y = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True).transform(114.25, 35.0)
    end = analysis_grid((x - 500, y - 100, x + 500, y + 100), crs="EPSG:4547", resolution=5)
    values = np.zeros(start.shape)
    values[1] = 1.0
    out = align(on(start, values, "population"), end)
    _, latitude = exact_centres(end, "EPSG:4490")
    assert (out.values[latitude > 35.0 + 0.0001] > 0).all()
    assert out.values[latitude < 35.0 - 0.0001].max() == 0


def test_float_noise_of_origins_opens_no_slivers() -> None:
    people = on(box(500000 + 1e-5, 3900200 - 1e-5, 100, (2, 3)), [[np.nan, 4.0, 0.0], [8.0, np.nan, 2.0]], "population")
    out = align(people, box(500000, 3900200, 50, (4, 8)))
    wanted = np.array([[np.nan, 1, 0], [2, np.nan, 0.5]]).repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_array_equal(out.values, np.pad(wanted, ((0, 0), (0, 2)), constant_values=np.nan))
    assert out.attrs["outside"] == 0


def test_a_stack_is_aligned_period_by_period(make_layer: MakeLayer) -> None:
    values = np.arange(32.0).reshape(2, 4, 4)
    losses = make_layer(values, "loss", return_periods=[10, 100])
    grid = box(500000, 3900400, 200, (2, 1))
    out = align(losses, grid)
    assert out.dims == ("return_period", "y", "x")
    assert list(out.return_period.values) == [10, 100]
    np.testing.assert_array_equal(out.values[1], [[16 + 17 + 20 + 21], [24 + 25 + 28 + 29]])
    assert out.attrs["outside"] == (pytest.approx(68), pytest.approx(196))
    lazy = align(losses.chunk({"return_period": 1, "y": 3}), grid)
    np.testing.assert_array_equal(lazy.values, out.values)
    np.testing.assert_allclose(outside(losses, grid), [68, 196])


# ---------------------------------------------------------------- surfaces


def ramp(grid: GeoBox, crs: str) -> np.ndarray:
    x, y = exact_centres(grid, crs)
    return 3.0 * x - 2.0 * y


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_ramp_stays_a_ramp_to_1e_6_of_exact_coordinates(dtype: str) -> None:
    start = analysis_grid((113.5, 35.0, 114.5, 35.6), crs="EPSG:4490", resolution=1 / 120)
    end = analysis_grid((480000, 3885000, 530000, 3930000), crs="EPSG:4547", resolution=100)
    longitude, latitude = exact_centres(end, "EPSG:4490")
    i, j = np.meshgrid(np.arange(start.shape[0]), np.arange(start.shape[1]), indexing="ij")
    for values, coordinate in (
        (j, (longitude - 113.5) * 120 - 0.5),
        (i, (start.affine.f - latitude) * 120 - 0.5),
    ):
        out = align(on(start, values.astype(dtype), "elevation"), end)
        assert out.dtype == dtype
        np.testing.assert_allclose(out.values, coordinate, atol=1e-6 if dtype == "float64" else 1e-4)


def test_a_checkerboard_is_bilinear_at_exact_coordinates() -> None:
    from scipy.ndimage import map_coordinates

    start = analysis_grid((113.5, 35.0, 114.5, 35.6), crs="EPSG:4490", resolution=1 / 120)
    end = analysis_grid((480000, 3885000, 530000, 3930000), crs="EPSG:4547", resolution=90)
    values = np.indices(start.shape).sum(axis=0) % 2 * 100.0
    longitude, latitude = exact_centres(end, "EPSG:4490")
    wanted = map_coordinates(
        values, [(start.affine.f - latitude) * 120 - 0.5, (longitude - start.affine.c) * 120 - 0.5], order=1
    )
    np.testing.assert_allclose(align(on(start, values, "elevation"), end).values, wanted, atol=1e-4)


def test_half_a_pixel_is_not_lost(make_layer: MakeLayer) -> None:
    """Golden registration test: values belong to cell centres, not to corners."""
    layer = make_layer([[10.0, 20.0, 40.0]], "elevation")
    out = align(layer, box(500000, 3900100, 50, (2, 6)))
    np.testing.assert_allclose(out.values, [[10, 12.5, 17.5, 25, 35, 40]] * 2)
    shifted = align(layer, box(500050, 3900100, 100, (1, 2)))
    np.testing.assert_allclose(shifted.values, [[15, 30]])


def test_a_gap_neither_grows_nor_shrinks(make_layer: MakeLayer) -> None:
    values = np.full((5, 5), 7.0)
    values[2, 2] = np.nan
    values[0, 0] = np.inf
    out = align(make_layer(values, "flood_depth"), box(500000, 3900500, 50, (10, 10)))
    missing = np.zeros((10, 10), dtype=bool)
    missing[4:6, 4:6] = missing[:2, :2] = True
    np.testing.assert_array_equal(np.isnan(out.values), missing)
    np.testing.assert_array_equal(out.values[~missing], 7.0)


def test_coarser_cells_take_the_mean_by_area(make_layer: MakeLayer) -> None:
    values = np.arange(16.0).reshape(4, 4)
    out = align(make_layer(values, "elevation"), box(500000, 3900400, 200, (2, 2)))
    np.testing.assert_allclose(out.values, [[2.5, 4.5], [10.5, 12.5]])
    out = align(make_layer([[1.0, 2.0, 4.0]], "elevation"), box(500000, 3900100, 150, (1, 2)))
    np.testing.assert_allclose(out.values, [[(100 + 2 * 50) / 150, (2 * 50 + 400) / 150]])
    values[0, 0] = np.nan
    out = align(make_layer(values, "elevation"), box(500000, 3900400, 200, (2, 2)))
    assert out.values[0, 0] == pytest.approx((1 + 4 + 5) / 3)


def test_mean_between_crs_is_the_mean_by_area() -> None:
    start = analysis_grid((113.5, 35.0, 114.5, 35.6), crs="EPSG:4490", resolution=1 / 240)
    end = analysis_grid((480000, 3885000, 530000, 3930000), crs="EPSG:4547", resolution=2500)
    x, y = exact_centres(start, "EPSG:4547")
    out = align(on(start, 0.01 * x + 0.02 * y, "elevation"), end)
    x, y = exact_centres(end, "EPSG:4547")
    np.testing.assert_allclose(out.values, 0.01 * x + 0.02 * y, atol=0.5)
    constant = align(on(start, np.full(start.shape, 3.25), "elevation"), end)
    np.testing.assert_allclose(constant.values, 3.25, rtol=1e-12)


def test_densities_are_not_added_up(make_layer: MakeLayer) -> None:
    out = align(make_layer(np.full((4, 4), 5.0), "event_density"), box(500000, 3900400, 200, (2, 2)))
    np.testing.assert_allclose(out.values, 5.0)


def test_a_conservative_maximum_on_request(make_layer: MakeLayer) -> None:
    values = np.array([[1.0, 2.0, 3.0, np.nan], [5.0, 0.0, 9.0, np.nan]])
    grid = box(500000, 3900200, 200, (1, 3))
    depth = make_layer(values, "flood_depth")
    np.testing.assert_array_equal(align(depth, grid, resampling="max").values, [[5, 9, np.nan]])
    np.testing.assert_array_equal(align(depth, grid, resampling="min").values, [[0, 3, np.nan]])
    assert align(depth, grid, resampling="max").attrs["resampling"] == "max"


# ---------------------------------------------------------------- classes and directions


def test_classes_take_the_majority_down_and_nearest_up(make_layer: MakeLayer) -> None:
    codes = np.array([[1, 1, 2, 0], [1, 3, 0, 0], [7, 7, 5, 5], [9, 9, 5, 6]], dtype="uint8")
    layer = make_layer(codes, "landcover")
    out = align(layer, box(500000, 3900400, 200, (2, 2)))
    assert out.dtype == "uint8"
    np.testing.assert_array_equal(out.values, [[1, 0], [9, 5]])
    up = align(layer, box(500000, 3900400, 50, (8, 8)))
    np.testing.assert_array_equal(up.values, codes.repeat(2, axis=0).repeat(2, axis=1))
    assert up.dtype == "uint8"


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "int32", "int64", "float32"])
def test_the_zero_of_a_mask_survives_and_the_dtype_stays(make_layer: MakeLayer, dtype: str) -> None:
    values = np.kron(np.array([[0, 1], [1, 0]]), np.ones((4, 4))).astype(dtype)
    mask = make_layer(values, "mask")
    for cell, shape in ((50, (16, 16)), (200, (4, 4)), (130, (6, 6))):
        out = align(mask, box(500000, 3900800, cell, shape))
        assert out.dtype == dtype
        assert set(np.unique(out.values).tolist()) == {0, 1}
    np.testing.assert_array_equal(out.values[:3, :3], 0)


def test_classes_between_crs_never_blend_and_lose_no_cell() -> None:
    """3 arc-seconds to 100 m: the class with the largest area, also where no centre falls."""
    start = analysis_grid((113.9, 35.2, 113.95, 35.25), crs="EPSG:4490", resolution=1 / 1200)
    end = analysis_grid((492000, 3897000, 495000, 3900000), crs="EPSG:4547", resolution=100)
    codes = np.random.default_rng(1).choice(np.array([10, 20, 60, 255], dtype="uint8"), start.shape)
    out = align(on(start, codes, "landcover"), end)
    assert set(np.unique(out.values)) <= {10, 20, 60, 255}
    shares = np.stack(
        [
            align(on(start, (codes == c).astype(float), "elevation"), end, resampling="average")
            for c in (10, 20, 60, 255)
        ]
    )
    np.testing.assert_array_equal(np.array([10, 20, 60, 255])[shares.argmax(axis=0)], out.values)


def test_outside_a_class_layer_is_no_data(make_layer: MakeLayer) -> None:
    layer = make_layer(np.full((2, 2), 3, dtype="int16"), "lithology")
    out = align(layer, box(499900, 3900300, 100, (4, 4)))
    np.testing.assert_array_equal(out.values, np.pad(np.full((2, 2), 3), 1))
    assert out.dtype == "int16"


def test_directions_are_averaged_as_vectors(make_layer: MakeLayer) -> None:
    values = np.array(
        [[350.0, 10.0, -1.0, -1.0], [350.0, 10.0, -1.0, 90.0], [0.0, 180.0, np.nan, 90.0], [0.0, 180.0, 90.0, 90]]
    )
    aspect = make_layer(values, "aspect")
    out = align(aspect, box(500000, 3900400, 200, (2, 2)))
    assert min(out.values[0, 0], 360 - out.values[0, 0]) < 1e-9
    np.testing.assert_allclose(out.values.ravel()[1:], [-1, -1, 90])
    up = align(aspect, box(500000, 3900400, 50, (8, 8)))
    np.testing.assert_array_equal(up.values, values.repeat(2, axis=0).repeat(2, axis=1))


# ---------------------------------------------------------------- forms of input


@pytest.mark.parametrize("quantity", ["population", "elevation", "event_density", "landcover", "aspect", "distance"])
@pytest.mark.parametrize("cell", [37, 130, 410])
@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:4490"])
def test_lazy_and_plain_agree_for_odd_chunks(quantity: str, cell: float, crs: str) -> None:
    start = analysis_grid((113.9, 35.2, 113.95, 35.25), crs="EPSG:4490", resolution=1 / 1200)
    if crs == "EPSG:4547":
        end = analysis_grid((492000, 3897000, 495000, 3900000), crs=crs, resolution=cell)
    else:
        end = analysis_grid((113.91, 35.19, 113.94, 35.24), crs=crs, resolution=cell / 1e5)
    rng = np.random.default_rng(5)
    values = (
        rng.integers(1, 5, start.shape).astype("uint8") if quantity == "landcover" else rng.random(start.shape) * 90
    )
    if quantity != "landcover":
        values[rng.random(start.shape) < 0.1] = np.nan
    layer = on(start, values, quantity)
    plain = align(layer, end)
    lazy = align(layer.chunk({"y": 13, "x": 17}), end)
    assert isinstance(plain.data, np.ndarray)
    assert isinstance(lazy.data, da.Array)
    assert lazy.dtype == plain.dtype
    np.testing.assert_array_equal(lazy.values, plain.values)


def test_a_lazy_block_reads_its_window_only() -> None:
    start = analysis_grid((113, 34, 116, 37), crs="EPSG:4490", resolution=1 / 1200)
    end = analysis_grid((443431, 3861145, 591956, 3967563), crs="EPSG:4547", resolution=30)
    seen: list[int] = []

    def block(block_info: Any = None) -> np.ndarray:
        shape = tuple(b - a for a, b in block_info[None]["array-location"])
        seen.append(int(np.prod(shape)))
        return np.ones(shape)

    data = da.map_blocks(block, chunks=((300,) * 12, (300,) * 12), dtype=float, meta=np.empty((0, 0)))
    layer = on(start, 0.0, "elevation").copy(data=data)
    out = align(layer, end)
    assert seen == []
    out.data.blocks[1, 1].compute()
    assert 0 < sum(seen) < 0.15 * layer.size


def test_the_same_grid_gives_the_same_values(make_layer: MakeLayer) -> None:
    layer = make_layer(np.random.default_rng(0).random((3, 4)), "population")
    grid = box(500000 + 1e-7, 3900300, 100, (3, 4))
    out = align(layer, grid)
    assert out.data is layer.data or np.shares_memory(out.data, layer.data)
    assert out.attrs["outside"] == 0
    assert out.odc.geobox == grid
    assert outside(layer, grid) == 0


def test_south_up_and_mirrored_layers_are_turned(make_layer: MakeLayer) -> None:
    layer = make_layer(np.arange(12.0).reshape(3, 4), "elevation")
    grid = box(500000, 3900300, 50, (6, 8))
    wanted = align(layer, grid).values
    np.testing.assert_array_equal(align(layer.isel(y=slice(None, None, -1)), grid).values, wanted)
    np.testing.assert_array_equal(align(layer.isel(x=slice(None, None, -1)), grid).values, wanted)


def test_one_cell_layers_work() -> None:
    out = align(on(box(500000, 3900300, 300, (1, 1)), [[12.0]], "population"), box(500000, 3900300, 100, (3, 3)))
    np.testing.assert_allclose(out.values, 12 / 9)


def test_inputs_are_not_changed(make_layer: MakeLayer) -> None:
    layer = make_layer([[1.0, np.nan]], "population")
    before = layer.copy(deep=True)
    align(layer, box(500000, 3900100, 30, (3, 3)))
    xr.testing.assert_identical(layer, before)


def test_attributes_travel(make_layer: MakeLayer) -> None:
    layer = make_layer([[1.0, 2.0]], "population")
    layer.attrs.update(source="census", long_name="residents 2020", year=2020, _FillValue=-9999)
    out = align(layer, box(500000, 3900100, 50, (2, 4)))
    assert out.attrs["source"] == "census"
    assert out.attrs["long_name"] == "residents 2020"
    assert out.attrs["year"] == 2020
    assert "_FillValue" not in out.attrs
    assert out.name == "population"


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("method", ["nearest", "bilinear", "average", "mode", "max", "min"])
def test_counts_refuse_what_loses_people(make_layer: MakeLayer, method: str) -> None:
    with pytest.raises(LayerError, match="counts add up") as error:
        align(make_layer([[1.0, 2.0]], "population"), box(500000, 3900100, 50, (2, 4)), resampling=method)
    (problem,) = error.value.problems
    assert all((problem.thing, problem.found, problem.required, problem.fix))


@pytest.mark.parametrize(
    ("quantity", "method"), [("landcover", "bilinear"), ("mask", "average"), ("slope", "sum"), ("aspect", "bilinear")]
)
def test_the_quantity_forbids_senseless_resampling(make_layer: MakeLayer, quantity: str, method: str) -> None:
    with pytest.raises(LayerError, match=method):
        align(make_layer([[1.0, 2.0]], quantity), box(500000, 3900100, 50, (2, 4)), resampling=method)


def test_other_refusals(make_layer: MakeLayer) -> None:
    layer, grid = make_layer([[1.0, 2.0]], "elevation"), box(500000, 3900100, 50, (2, 4))
    with pytest.raises(LayerError, match=r"cubic.*nearest, bilinear"):
        align(layer, grid, resampling="cubic")
    with pytest.raises(LayerError, match=r"EPSG:4547 and does not meet the grid; expected some.* within .* EPSG:4490"):
        align(layer, box(100.0, 30.0, 0.1, (4, 4), "EPSG:4490"))
    with pytest.raises(UnitsError, match=r"'m'.*'person'"):
        align(layer, grid, quantity="population")
    with pytest.raises(LayerError, match="north-up"):
        align(layer, GeoBox((2, 2), Affine(50, 0, 500000, 0, 50, 3900000), "EPSG:4547"))
    with pytest.raises(LayerError, match="GeoBox"):
        align(layer, layer)  # type: ignore[arg-type]
    bare = xr.DataArray(np.ones((2, 2)), dims=("y", "x"), coords={"y": [1.5, 0.5], "x": [0.5, 1.5]})
    with pytest.raises(MissingCRSError):
        align(bare, grid, quantity="elevation")
    with pytest.raises(LayerError, match="does not say what it measures"):
        align(bare.odc.assign_crs("EPSG:4547"), grid)
    with pytest.raises(LayerError, match="only counts have a total"):
        outside(layer, grid)


def test_a_layer_without_units_takes_those_of_the_quantity() -> None:
    bare = xr.DataArray(np.ones((2, 2)), dims=("y", "x"), coords={"y": [150.0, 50.0], "x": [50.0, 150.0]})
    out = align(bare.odc.assign_crs("EPSG:4547"), box(0, 200, 50, (4, 4)), quantity="population")
    np.testing.assert_array_equal(out.values, 0.25)


# ---------------------------------------------------------------- the city


@pytest.mark.city
def test_3_arc_seconds_to_100_m_keeps_the_city(city_data: Path) -> None:
    with rasterio.open(city_data / "exposure" / "population_3s.tif") as file:
        values = file.read(1).astype("float64")
        values[values == file.nodata] = np.nan
        start = GeoBox(file.shape, file.transform, file.crs)
    end = analysis_grid((443431, 3861145, 591956, 3967563), crs="EPSG:4547", resolution=100)
    out = align(on(start, values, "population"), end)
    total = np.nansum(values)
    assert abs(np.nansum(out.values) + out.attrs["outside"] - total) < 1e-9 * total
    assert out.attrs["outside"] < 1e-6 * total
    assert (align(on(start, values, "population").chunk({"y": 333, "x": 501}), end).values == out.values)[
        ~np.isnan(out.values)
    ].all()


def test_a_count_that_gets_lost_on_its_way_is_refused_with_both_totals(monkeypatch: pytest.MonkeyPatch) -> None:
    from riskzoning.grid import alignment

    people = on(box(0, 400, 200, (2, 2)), [[100.0, 200.0], [300.0, 400.0]], "population")
    onto = box(0, 400, 100, (4, 4))
    assert float(align(people, onto).sum()) == 1000.0
    work = alignment.Resampler.__call__
    # What a nearest neighbour would do: a cell of the new grid has the people of the whole old one, or nobody.
    monkeypatch.setattr(alignment.Resampler, "__call__", lambda self, *values, **way: 0.99 * work(self, *values, **way))
    with pytest.raises(LayerError) as caught:
        align(people, onto)
    (problem,) = caught.value.problems
    assert problem.rule == "grid.total"
    assert "1000" in problem.found
    assert "990" in problem.found
