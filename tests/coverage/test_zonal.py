"""The exact zonal engine against oracles, worked examples and laws."""

from __future__ import annotations

import gc
import os
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.array as da
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely import MultiPolygon, Polygon, box
from shapely.affinity import translate

from riskzoning import io
from riskzoning.coverage import Coverage, OverlapWarning, zonal_statistics
from riskzoning.errors import AdminError, GridMismatchError, LayerError, MissingCRSError, RiskZoningWarning
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.samples import toy_city

EVERY = ("count", "sum", "mean", "min", "max", "std", "var", "median", "p25", "p90")


def grid(rows: int = 20, columns: int = 30) -> Any:
    return analysis_grid((0, 0, columns * 100, rows * 100), crs="EPSG:4547", resolution=100)


def frame(*shapes: Any, crs: str | None = "EPSG:4547") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"i": range(len(shapes))}, geometry=list(shapes), crs=crs)


def star(random: np.random.Generator, x: float, y: float, radius: float, corners: int) -> Any:
    angle = np.sort(random.random(corners)) * 2 * np.pi
    reach = radius * (0.3 + 0.7 * random.random(corners))
    shape = Polygon(np.c_[x + reach * np.cos(angle), y + reach * np.sin(angle)])
    return shape if shape.is_valid else shape.buffer(0)


def quietly(layer: Any, units: gpd.GeoDataFrame, statistics: Any, **options: Any) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zonal_statistics(layer, units, statistics, **options)


@pytest.mark.parametrize("seed", range(12))
def test_equals_exactextract(seed: int) -> None:
    exactextract = pytest.importorskip("exactextract")
    from exactextract.raster import NumPyRasterSource

    random = np.random.default_rng(seed)
    values = random.normal(50, 20, (20, 30))
    values[random.random(values.shape) < 0.1] = np.nan
    sizes = (20, 90, 400, 1500)
    shapes = [
        star(random, random.uniform(-200, 3200), random.uniform(-200, 2200), size, int(random.integers(3, 30)))
        for size in sizes
    ]
    shapes.append(box(500, 500, 1500, 1500).difference(box(700, 700, 900, 1000)))
    shapes.append(shapely.union_all([shapes[0], box(0, 0, 100, 100)]))
    units = frame(*shapes)
    ours = quietly(layer_on(grid(), values, quantity="elevation"), units, EVERY)
    source = NumPyRasterSource(values, xmin=0, ymin=0, xmax=3000, ymax=2000, srs_wkt=units.crs.to_wkt())
    names = ["count", "sum", "mean", "min", "max", "stdev", "variance", "median", "quantile(q=0.25)", "quantile(q=0.9)"]
    peer = exactextract.exact_extract(source, units, names, output="pandas")
    some = ours["count"] > 1e-6
    for name, column in zip(EVERY, peer.columns, strict=True):
        # exactextract holds coverage fractions as float32.
        assert ours[name][some].to_numpy() == pytest.approx(peer[column][some].to_numpy(float), rel=1e-6, abs=1e-6)


def test_centre_rule_equals_rasterstats() -> None:
    rasterstats = pytest.importorskip("rasterstats")
    random = np.random.default_rng(5)
    values = random.normal(size=(20, 30))
    units = frame(*(star(random, random.uniform(0, 3000), random.uniform(0, 2000), 700, 9) for _ in range(6)))
    ours = quietly(layer_on(grid(), values, quantity="elevation"), units, ["count", "sum"], coverage="centre")
    affine = rasterio.Affine(100, 0, 0, 0, -100, 2000)
    peer = rasterstats.zonal_stats(units, values, affine=affine, stats=["count", "sum"], nodata=-999)
    assert ours["count"].tolist() == [row["count"] for row in peer]
    assert ours["sum"].to_numpy() == pytest.approx([row["sum"] for row in peer])


def test_worked_quantiles_by_coverage() -> None:
    cells = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    # Coverage 1, 1, 0.5, 0.25 of the four cells.
    unit = shapely.union_all([box(0, 0, 200, 100), box(200, 0, 300, 50), box(300, 0, 400, 25)])
    found = zonal_statistics(
        layer_on(cells, [[1.0, 2, 3, 4]], quantity="slope"),
        frame(unit),
        ["p25", "median", "p90", "count", "sum", "variety"],
    ).iloc[0]
    assert found[["p25", "median", "p90"]].tolist() == pytest.approx([1.515625, 2.0416667, 3.34], abs=1e-7)
    assert (found["count"], found["sum"], found["variety"]) == (2.75, 5.5, 4)


def test_ties_of_classes_and_integer_results() -> None:
    cells = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    layer = layer_on(cells, np.array([[1, 1, 3, 3]], np.uint8), quantity="landcover")
    found = zonal_statistics(layer, frame(box(0, 0, 400, 100)), ["majority", "minority", "variety", "max"])
    assert found.iloc[0, :4].tolist() == [3, 1, 2, 3]
    assert all(found[name].dtype.kind == "i" for name in ("majority", "minority", "max"))


def test_unit_smaller_than_a_cell_and_units_outside() -> None:
    layer = layer_on(grid(), 7.0, quantity="slope")
    units = frame(box(510, 510, 520, 520), box(-50, 0, 50, 100), box(9000, 9000, 9100, 9100), Polygon())
    found = quietly(layer, units, ["mean", "count"])
    assert found["mean"].tolist()[:2] == [7.0, 7.0]
    assert found["count"].tolist() == pytest.approx([0.01, 0.5, 0, 0])
    assert found["valid_share"].tolist() == pytest.approx([1.0, 0.5, 0, 0])
    assert found["mean"].isna().tolist() == [False, False, True, True]


def test_overlapping_and_identical_units_get_their_full_value() -> None:
    layer = layer_on(grid(), 1.0, quantity="slope")
    with pytest.warns(OverlapWarning):
        found = zonal_statistics(layer, frame(box(0, 0, 250, 100), box(0, 0, 250, 100), box(150, 0, 300, 100)), ["sum"])
    assert found["sum"].tolist() == [2.5, 2.5, 1.5]


def test_holes_of_any_ring_direction_and_multipart() -> None:
    layer = layer_on(grid(), 1.0, quantity="slope")
    ring, hole = [(0, 0), (1000, 0), (1000, 1000), (0, 1000)], [(200, 200), (600, 200), (600, 600), (200, 600)]
    shapes = [Polygon(r, [h]) for r in (ring, ring[::-1]) for h in (hole, hole[::-1])]
    shapes.append(MultiPolygon([box(0, 0, 500, 500), box(2000, 1000, 2500, 1500)]))
    assert quietly(layer, frame(*shapes), ["count"])["count"].tolist() == [84, 84, 84, 84, 50]


def test_missing_values_of_every_kind() -> None:
    values = np.array([[1.0, np.nan, np.inf, -np.inf, -9999.0, 5.0]])
    cells = analysis_grid((0, 0, 600, 100), crs="EPSG:4547", resolution=100)
    layer = layer_on(cells, values, quantity="elevation", nodata=-9999.0)
    found = zonal_statistics(layer, frame(box(0, 0, 600, 100)), ["count", "sum", "median"]).iloc[0]
    assert found.tolist() == pytest.approx([2, 6, 3, 2 / 6])


def test_wrong_units_are_refused_by_id() -> None:
    layer = layer_on(grid(), 1.0, quantity="slope")
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    with pytest.raises(AdminError, match=r"invalid: 1 \(Self-intersection"):
        zonal_statistics(layer, frame(box(0, 0, 1, 1), bow))
    with pytest.raises(AdminError, match=r"no polygons: 0 \(Point\)"):
        zonal_statistics(layer, frame(shapely.Point(0, 0)))
    with pytest.raises(MissingCRSError):
        zonal_statistics(layer, frame(box(0, 0, 1, 1), crs=None))
    with pytest.raises(LayerError, match="lies within"):
        zonal_statistics(layer, frame(box(1e6, 1e6, 1e6 + 9, 1e6 + 9)))
    with pytest.raises(LayerError, match="unknown medan"):
        zonal_statistics(layer, frame(box(0, 0, 1, 1)), ["medan"])


def test_units_in_another_crs_are_transformed() -> None:
    city = toy_city()
    here = zonal_statistics(city.layers["elevation"], city.units, ["mean"])
    there = zonal_statistics(city.layers["elevation"], city.units.to_crs("EPSG:4490"), ["mean"])
    assert there["mean"].to_numpy() == pytest.approx(here["mean"].to_numpy(), rel=1e-9)


def test_numpy_dask_and_file_give_the_same_bits(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    cells = grid(rows=1300, columns=70)
    values = random.lognormal(size=cells.shape).astype(np.float32)
    values[random.random(cells.shape) < 0.05] = np.nan
    layer = layer_on(cells, values, quantity="elevation", name="a")
    units = frame(box(130, 210, 6010, 99010), box(6010, 210, 6900, 129990))
    expected = zonal_statistics(layer, units, EVERY)
    lazy = layer.copy(data=da.from_array(values, chunks=(97, 33)))
    io.write_cog(tmp_path / "a.tif", layer)
    for other in (lazy, tmp_path / "a.tif"):
        assert zonal_statistics(other, units, EVERY).equals(expected)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=8), st.integers(1, 3))
def test_bands_of_any_height_and_threads_give_the_same_bits(heights: list[int], threads: int) -> None:
    city = toy_city(rows=1100)
    coverage = Coverage.from_units(city.grid, city.units)
    values = city.layers["elevation"].values
    whole, parts = (coverage.accumulator(["a"], ["sum", "mean", "std"], threads=t) for t in (1, threads))
    whole.update(0, {"a": values})
    first, index = 0, 0
    while first < 1100:
        last = min(1100, first + heights[index % len(heights)])
        parts.update(first, {"a": values[first:last]})
        first, index = last, index + 1
    assert parts.result().equals(whole.result())
    assert parts.totals() == whole.totals()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000))
def test_fractions_add_up_to_the_area_inside_the_grid(seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = star(random, random.uniform(-500, 3500), random.uniform(-500, 2500), random.uniform(5, 2500), 12)
    coverage = Coverage.from_units(grid(), frame(shape))
    inside = shape.intersection(box(0, 0, 3000, 2000)).area
    assert coverage.table.covered[0] * 10000 == pytest.approx(inside, rel=1e-9, abs=1e-6)
    assert coverage.areas.iloc[0] == pytest.approx(shape.area, rel=1e-12)


def test_levels_add_up_and_the_rest_is_unallocated() -> None:
    city = toy_city()
    people = city.layers["population"]
    coverage = Coverage.from_units(city.grid, city.units)
    sums = coverage.statistics(people, ["sum"])["sum"]
    by_level = sums.groupby(city.units["level"]).sum()
    assert by_level["township"] == pytest.approx(by_level["city"], rel=1e-14)
    assert by_level["city"] + coverage.unallocated(people) == pytest.approx(float(people.sum()), rel=1e-14)
    alone = zonal_statistics(people, city.units[city.units["level"] == "county"], ["sum", "std", "median"])
    together = coverage.statistics(people, ["sum", "std", "median"]).loc[alone.index]
    assert together.to_numpy() == pytest.approx(alone.to_numpy(), rel=1e-12)


def test_a_county_that_is_no_union_is_computed_on_its_own() -> None:
    city = toy_city()
    units = city.units.copy()
    units.loc["990101", "geometry"] = units.loc["990101", "geometry"].buffer(-300)
    found = Coverage.from_units(city.grid, units).statistics(city.layers["elevation"], ["count"])
    assert found.loc["990101", "count"] * 10000 == pytest.approx(units.loc["990101", "geometry"].area)


def test_weights_and_several_layers() -> None:
    cells = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    layer = layer_on(cells, [[1.0, 2.0, 3.0]], quantity="slope")
    weights = layer_on(cells, [[1.0, 3.0, np.nan]], quantity="share")
    found = zonal_statistics(layer, frame(box(0, 0, 300, 100)), ["mean", "sum", "count"], weights=weights).iloc[0]
    assert found[["mean", "sum", "count"]].tolist() == [1.75, 7.0, 2.0]
    several = zonal_statistics(xr.Dataset({"a": layer, "b": layer * 2}), frame(box(0, 0, 300, 100)), ["mean"])
    assert several.columns.tolist() == [("a", "mean"), ("a", "valid_share"), ("b", "mean"), ("b", "valid_share")]
    stack = layer_on(cells, np.ones((2, 1, 3)), quantity="flood_depth", return_periods=[10, 100])
    assert zonal_statistics(stack, frame(box(0, 0, 300, 100))).columns.levels[0].tolist() == [10.0, 100.0]


def test_touched_counts_whole_cells() -> None:
    found = quietly(
        layer_on(grid(), 1.0, quantity="slope"), frame(box(50, 50, 150, 150)), ["count"], coverage="touched"
    )
    assert found["count"].tolist() == [4]


def test_large_values_keep_their_small_differences() -> None:
    values = 1e9 + np.random.default_rng(0).normal(size=(20, 30))
    found = zonal_statistics(
        layer_on(grid(), values, quantity="elevation"), frame(box(0, 0, 3000, 2000)), ["std", "mean"]
    )
    assert found["std"].iloc[0] == pytest.approx(values.std(), rel=1e-6)
    assert found["mean"].iloc[0] == pytest.approx(values.mean(), rel=1e-15)


def test_saved_and_cached_coverage(tmp_path: Path) -> None:
    city = toy_city()
    coverage = Coverage.from_units(city.grid, city.units)
    coverage.save(tmp_path / "a.npz")
    again = Coverage.load(tmp_path / "a.npz")
    layer = city.layers["elevation"]
    assert again.statistics(layer, ["mean"]).equals(coverage.statistics(layer, ["mean"]))
    raw = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(LayerError, match="is no coverage table"):
        Coverage.load(tmp_path / "cut.npz")
    first = Coverage.cached(city.grid, city.units, tmp_path / "cache")
    (path,) = (tmp_path / "cache").glob("*.npz")
    path.write_bytes(b"damaged")
    assert Coverage.cached(city.grid, city.units, tmp_path / "cache").content_hash == first.content_hash


def test_layers_on_another_grid_are_refused() -> None:
    city = toy_city()
    coverage = Coverage.from_units(city.grid, city.units)
    with pytest.raises(GridMismatchError, match=r"Coverage\.from_units"):
        coverage.statistics(layer_on(grid(), 1.0, quantity="slope"))


def test_rows_out_of_order_are_refused() -> None:
    city = toy_city()
    sums = Coverage.from_units(city.grid, city.units).accumulator(["a"])
    with pytest.raises(LayerError, match="next row 0"):
        sums.update(5, {"a": np.zeros((2, 60))})


def test_touching_edges_on_grid_lines(make_layer: Callable[..., Any]) -> None:
    layer = make_layer(np.arange(20.0).reshape(4, 5), left=0, bottom=0)
    found = zonal_statistics(layer, frame(box(100, 100, 300, 300), box(300, 100, 500, 300)), ["sum", "count"])
    assert found["count"].tolist() == [4, 4]
    assert found["sum"].tolist() == [6 + 7 + 11 + 12, 8 + 9 + 13 + 14]


def written(path: Path, values: Any, **profile: Any) -> Path:
    array = np.asarray(values)
    affine = rasterio.Affine(100, 0, 0, 0, -100, array.shape[0] * 100)
    facts = {"height": array.shape[0], "width": array.shape[1], "count": 1, "dtype": array.dtype, "crs": "EPSG:4547"}
    with rasterio.open(path, "w", driver="GTiff", transform=affine, **facts, **profile) as file:
        file.write(array, 1)
    return path


def test_weights_may_be_a_file(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    values, weights = random.random((20, 30)), random.random((20, 30))
    weights[4:6, 4:9] = -1
    units = frame(box(150, 150, 1250, 1750))
    layer = layer_on(grid(), values, quantity="elevation")
    wanted = np.where(weights < 0, np.nan, weights)
    plain = zonal_statistics(layer, units, ["mean", "count"], weights=layer_on(grid(), wanted, quantity="population"))
    path = written(tmp_path / "weights.tif", weights, nodata=-1)
    assert zonal_statistics(layer, units, ["mean", "count"], weights=path).equals(plain)
    file = written(tmp_path / "values.tif", values)
    assert zonal_statistics(file, units, ["mean", "count"], weights=path).equals(plain)
    # 11 x 16 cells less the ten without a weight.
    assert plain["count"].iloc[0] == pytest.approx(166)
    with pytest.raises(LayerError, match="weights"):
        zonal_statistics(layer, units, weights={"a": layer, "b": layer})


def test_what_is_no_layer_and_what_are_no_units_is_said() -> None:
    layer = layer_on(grid(), np.zeros((20, 30)), quantity="elevation")
    with pytest.raises(AdminError, match="GeoDataFrame"):
        zonal_statistics(layer, pd.DataFrame({"a": [1]}))  # type: ignore[arg-type]
    with pytest.raises(LayerError, match="complex128"):
        zonal_statistics(layer.astype(complex), frame(box(0, 0, 100, 100)))
    series = gpd.GeoSeries([box(0, 0, 100, 100)], index=["a"], crs="EPSG:4547")
    assert zonal_statistics(layer, series, ["count"]).loc["a", "count"] == 1  # type: ignore[arg-type]


def test_levels_overlap_by_intention_units_of_one_level_do_not() -> None:
    layer = layer_on(grid(), np.ones((20, 30)), quantity="elevation")
    facts = {"level": ["city", "county", "county"], "parent": [None, "C", "C"]}
    shapes = [box(0, 0, 3000, 2000), box(0, 0, 1000, 2000), box(1000, 0, 2000, 2000)]
    units = gpd.GeoDataFrame(facts, index=["C", "X", "Y"], geometry=shapes, crs="EPSG:4547")
    with warnings.catch_warnings():
        warnings.simplefilter("error", OverlapWarning)
        assert zonal_statistics(layer, units, ["sum"])["sum"].tolist() == pytest.approx([600, 200, 200])
    units.loc["Y", "geometry"] = box(950, 0, 2000, 2000)
    with pytest.warns(OverlapWarning):
        zonal_statistics(layer, units, ["sum"])


def test_shares_that_differ_by_rounding_are_a_tie() -> None:
    cells = analysis_grid((0, 0, 1100, 100), crs="EPSG:4547", resolution=100)
    # Class 7 covers ten tenths of cells, class 5 one whole cell.
    unit = shapely.union_all([box(0, 0, 100, 100), *(box(100 * i, 0, 100 * i + 100, 10) for i in range(1, 11))])
    layer = layer_on(cells, np.array([[5] + [7] * 10], np.uint8), quantity="landcover")
    found = zonal_statistics(layer, frame(unit), ["majority", "minority"]).iloc[0]
    assert (found["majority"], found["minority"]) == (7, 5)
    layer = layer_on(cells, np.array([[7] + [5] * 10], np.uint8), quantity="landcover")
    found = zonal_statistics(layer, frame(unit), ["majority", "minority"]).iloc[0]
    assert (found["majority"], found["minority"]) == (7, 5)


snapped = st.integers(-8, 28).map(lambda v: v / 4)


@settings(max_examples=80, deadline=None)
@given(
    rings=st.lists(st.lists(st.tuples(snapped, snapped), min_size=3, max_size=7), min_size=1, max_size=3),
    rows=st.integers(1, 6),
    columns=st.integers(1, 6),
)
def test_shares_equal_the_cut_of_unit_and_cell(rings: Any, rows: int, columns: int) -> None:
    """Vertices on grid lines, corners and centres; slivers, holes and parts that touch."""
    shape = shapely.union_all([Polygon(ring).buffer(0) for ring in rings])
    if shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return
    geobox = analysis_grid((0, 0, columns, rows), crs="EPSG:4547", resolution=1)
    layer = layer_on(geobox, np.arange(float(rows * columns)).reshape(rows, columns), quantity="elevation")
    table = Coverage.from_units(geobox, frame(shape)).statistics(layer, ["count", "sum"])
    cells = [box(c, rows - 1 - r, c + 1, rows - r) for r in range(rows) for c in range(columns)]
    shares = shapely.area(shapely.intersection(shape, cells))
    assert table["count"].iloc[0] == pytest.approx(shares.sum(), abs=1e-9)
    if table["count"].iloc[0]:
        assert table["sum"].iloc[0] == pytest.approx(shares @ np.arange(shares.size), abs=1e-7)


def test_rows_of_the_table_hold_their_cells_and_runs() -> None:
    random = np.random.default_rng(8)
    units = frame(*(star(random, random.uniform(0, 3000), random.uniform(0, 2000), 900, 12) for _ in range(5)))
    table = Coverage.from_units(grid(), units).table
    assert (table.cell_start[-1], table.run_start[-1]) == (len(table.cells), len(table.runs))
    for row in range(20):
        strip = box(0, 1900 - 100 * row, 3000, 2000 - 100 * row)
        shares = shapely.area(shapely.intersection(units.geometry.to_numpy(), strip)) / 1e4
        cells = slice(table.cell_start[row], table.cell_start[row + 1])
        runs = table.runs[table.run_start[row] : table.run_start[row + 1]]
        found = np.bincount(table.cells[cells, 1], weights=table.fractions[cells], minlength=5)
        found += np.bincount(runs[:, 2], weights=runs[:, 1] - runs[:, 0], minlength=5)
        assert found == pytest.approx(shares, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_a_file_is_read_only_where_units_are(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(size=(1500, 90)).astype(np.float32)
    values[::7, ::5] = np.nan
    layer = layer_on(grid(1500, 90), values, quantity="station_value")
    path = written(tmp_path / "a.tif", layer)
    units = frame(star(random, 6000, 20_000, 900, 9), star(random, 3100, 118_000, 700, 7))
    statistics = ["count", "sum", "mean", "min", "max", "std", "median", "variety", "p90"]
    whole = Coverage.from_units(layer.odc.geobox, units).statistics(layer, statistics)
    part = zonal_statistics(path, units, statistics)
    pd.testing.assert_frame_equal(part, whole, rtol=1e-12)
    pd.testing.assert_frame_equal(zonal_statistics(layer.chunk(y=100), units, statistics), part, check_exact=True)
    weights = layer_on(grid(1500, 90), random.random((1500, 90)), quantity="station_value")
    weighted = Coverage.from_units(layer.odc.geobox, units).statistics(layer, ["mean"], weights=weights)
    pd.testing.assert_frame_equal(zonal_statistics(path, units, ["mean"], weights=weights), weighted, rtol=1e-12)
    monkeypatch.setattr("riskzoning.rasters.rows._MOST_HELD", 90 * 100)
    pd.testing.assert_frame_equal(zonal_statistics(path, units, statistics), part, check_exact=True)


def test_a_file_of_a_declared_size_that_nothing_stores_is_no_burden(tmp_path: Path) -> None:
    affine = rasterio.Affine(10, 0, 500_000, 0, -10, 3_900_000)
    profile = {"height": 400_000, "width": 400_000, "count": 1, "dtype": "float32", "crs": "EPSG:4547", "nodata": -9999}
    tiles = {"tiled": True, "blockxsize": 4096, "blockysize": 4096, "BIGTIFF": "YES", "sparse_ok": True}
    with rasterio.open(tmp_path / "a.tif", "w", driver="GTiff", transform=affine, **profile, **tiles):
        pass
    units = frame(box(500_000, 3_899_000, 501_000, 3_900_000), box(501_000, 3_899_000, 502_000, 3_900_000))
    for layer in (tmp_path / "a.tif", io.read_layer(tmp_path / "a.tif", quantity="elevation")):
        assert zonal_statistics(layer, units, ["count"])["count"].tolist() == [0, 0]


def test_no_units_give_no_rows(tmp_path: Path) -> None:
    layer = layer_on(analysis_grid((0, 0, 2, 2), crs="EPSG:4547", resolution=1), np.ones((2, 2)), quantity="slope")
    io.write_cog(tmp_path / "a.tif", layer)
    none = gpd.GeoDataFrame(geometry=[], crs="EPSG:4547")
    assert zonal_statistics(tmp_path / "a.tif", none).empty
    assert zonal_statistics(layer, none).empty


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4547", "EPSG:3857"])
def test_units_of_every_crs_give_the_same_numbers(crs: str) -> None:
    city = toy_city()
    statistics = ["count", "sum", "mean", "max", "median"]
    here = zonal_statistics(city.layers["population"], city.units.to_crs("EPSG:4490"), statistics)
    there = zonal_statistics(city.layers["population"], city.units.to_crs(crs), statistics)
    np.testing.assert_allclose(there[statistics], here[statistics], rtol=1e-6)


def test_memory_stays_flat_over_many_calls() -> None:
    """Layers that are new each time: nothing of a call stays behind, neither a layer nor a table of coverage."""
    city = toy_city()
    coverage = Coverage.from_units(city.grid, city.units)
    size = city.layers["elevation"].nbytes

    def grown(calls: int) -> int:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for at in range(calls):
            layer = city.layers["elevation"].copy(data=np.roll(city.layers["elevation"].values, at))
            zonal_statistics(layer, city.units, ["mean"])
            coverage.statistics(layer, ["sum", "max"])
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    tracemalloc.start()
    try:
        grown(10)  # caches of the libraries fill
        more = grown(50)
    finally:
        tracemalloc.stop()
    # Of 50 layers, each with its table, less than a fifth: what is left is the noise of caches.
    assert more < 10 * size


def _resident() -> int:
    """Bytes of the process that lie in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="memory of the process is read from /proc")
def test_a_process_of_a_thousand_calls_does_not_grow(tmp_path: Path) -> None:
    """Also what Python does not count: memory of GDAL and of compiled code; with a table kept or made each time."""
    city = toy_city()
    layer, coverage = city.layers["elevation"], Coverage.from_units(city.grid, city.units)
    io.write_cog(tmp_path / "a.tif", layer)
    resident = []
    for call in range(1000):
        if call % 4 == 0:
            zonal_statistics(tmp_path / "a.tif", city.units, ["sum", "max"])
        coverage.statistics(layer, ["mean", "median"])
        if call % 100 == 99:
            gc.collect()
            resident.append(_resident())
    # From the 300th call on, when all caches are full: less than 4 kB a call.
    assert resident[-1] - resident[2] < 700 * 4096, resident


FEW = ["sum", "count", "mean", "min", "max", "median", "std"]
IN_PLACE = analysis_grid((500000, 3900000, 503000, 3902000), crs="EPSG:4547", resolution=100)


def rough(seed: int) -> tuple[np.ndarray[Any, Any], Any]:
    random = np.random.default_rng(seed)
    values = random.lognormal(size=(20, 30))
    values[random.random(values.shape) < 0.1] = np.nan
    return values, star(random, random.uniform(600, 2400), random.uniform(600, 1400), random.uniform(150, 550), 9)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.floats(0.1, 0.9))
def test_parts_of_a_split_unit_add_up_to_it_in_any_order(seed: int, cut: float) -> None:
    values, shape = rough(seed)
    west, south, east, north = shape.bounds
    middle = west + cut * (east - west)
    parts = [shape.intersection(box(west, south, middle, north)), shape.intersection(box(middle, south, east, north))]
    layer = layer_on(grid(), values, quantity="elevation")
    whole = quietly(layer, frame(shape), FEW).iloc[0]
    split = quietly(layer, frame(*parts), FEW)
    assert split[["sum", "count"]].sum().tolist() == pytest.approx(whole[["sum", "count"]].tolist(), rel=1e-9, abs=1e-9)
    assert (split["min"].min(), split["max"].max()) == (whole["min"], whole["max"])
    turned = quietly(layer, frame(*parts)[::-1], FEW)
    pd.testing.assert_frame_equal(turned.loc[split.index], split, check_exact=True)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 5), st.sampled_from(["EPSG:4326", "EPSG:4490", "EPSG:3857"]))
def test_neither_a_border_without_data_nor_the_crs_of_the_units_counts(seed: int, wide: int, crs: str) -> None:
    values, shape = rough(seed)
    units = gpd.GeoDataFrame(geometry=[translate(shape, 500000, 3900000)], crs="EPSG:4547")
    layer = layer_on(IN_PLACE, values, quantity="elevation")
    plain = quietly(layer, units, FEW).iloc[0].tolist()
    place = IN_PLACE.affine * rasterio.Affine.translation(-wide, -wide)
    padded = GeoBox((20 + 2 * wide, 30 + 2 * wide), place, "EPSG:4547")
    bordered = layer_on(padded, np.pad(values, wide, constant_values=np.nan), quantity="elevation")
    assert quietly(bordered, units, FEW).iloc[0].tolist() == pytest.approx(plain, rel=1e-12)
    assert quietly(layer, units.to_crs(crs), FEW).iloc[0].tolist() == pytest.approx(plain, rel=1e-6)


def test_the_sum_of_a_density_is_told_and_that_of_a_count_and_its_mean_are_not() -> None:
    units = frame(box(0, 0, 250, 100))
    density = layer_on(grid(), 3.0, quantity="population_density")
    with pytest.warns(UserWarning, match=r"is a density \(person/km2\)"):
        assert zonal_statistics(density, units, ["sum"])["sum"].tolist() == [7.5]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RiskZoningWarning)
        zonal_statistics(density, units, ["mean"])
        zonal_statistics(layer_on(grid(), 3.0, quantity="population"), units, ["sum"])
        cells = layer_on(grid(), 0.01, quantity="area")
        assert zonal_statistics(density, units, ["sum"], weights=cells)["sum"].tolist() == pytest.approx([0.075])
