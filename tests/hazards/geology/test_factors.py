"""Factors on the grid: terrain near the resolution of the DEM, distances across the border, classes, the inventory."""

import dask.array as da
import geopandas as gpd
import numpy as np
import pytest
from odc.geo.geobox import GeoBox
from shapely.geometry import LineString, Point, box

from riskzoning.errors import LayerError
from riskzoning.hazards.geology.factors import (
    inventory,
    line_distance,
    rasterised_classes,
    terrain_layers,
)
from riskzoning.layers import grid_of, layer_on


def ramp(grid: GeoBox, rise: float):
    """Ground that rises to the east by ``rise`` metres per metre."""
    x = grid.affine.c + (np.arange(grid.shape[1]) + 0.5) * grid.affine.a
    return layer_on(grid, np.tile((x - 500_000) * rise, (grid.shape[0], 1)), quantity="elevation", name="elevation")


def test_a_margin_of_the_dem_gives_terrain_up_to_the_border(make_grid):
    grid = make_grid(6, 8)
    found = terrain_layers(ramp(grid.pad(4), 0.2), grid)
    assert set(found) == {"elevation_on_grid", "slope", "aspect", "relief"}
    np.testing.assert_allclose(found["slope"], np.degrees(np.arctan(0.2)), rtol=1e-6)
    np.testing.assert_allclose(found["aspect"], 270.0)
    np.testing.assert_allclose(found["relief"], 80.0, rtol=1e-6)
    for layer in found.values():
        assert grid_of(layer) == grid
    alone = terrain_layers(ramp(grid, 0.2), grid)["slope"].values
    assert np.isnan(alone[0]).all()
    assert np.isfinite(alone[1:-1, 1:-1]).all()


def test_slope_of_a_fine_dem_is_not_flattened(make_grid):
    grid = make_grid(5, 5, resolution=100)
    fine = make_grid(70, 70, resolution=10, left=499_900, bottom=3_899_900)
    rng = np.random.default_rng(0)
    rough = layer_on(fine, rng.normal(0, 3, (70, 70)), quantity="elevation")
    smooth = layer_on(grid.pad(1), np.zeros((7, 7)), quantity="elevation")
    found = terrain_layers(rough, grid)["slope"]
    assert grid_of(found) == grid
    assert float(found.mean()) > 5
    assert float(terrain_layers(smooth, grid)["slope"].max()) == 0


def test_lazy_terrain_equals_that_in_memory(make_grid):
    grid = make_grid(12, 14)
    rng = np.random.default_rng(1)
    dem = layer_on(grid.pad(3), rng.normal(500, 40, (18, 20)), quantity="elevation", name="elevation")
    plain, lazy = terrain_layers(dem, grid), terrain_layers(dem.chunk(y=5, x=7), grid)
    for name, layer in plain.items():
        assert isinstance(lazy[name].data, da.Array)
        np.testing.assert_allclose(lazy[name], layer, rtol=1e-12)


def test_the_nearest_line_may_lie_beyond_the_grid(make_grid):
    grid = make_grid(2, 3)
    road = gpd.GeoDataFrame(geometry=[LineString([(499_950, 3_890_000), (499_950, 3_910_000)])], crs=grid.crs)
    np.testing.assert_allclose(line_distance(road, grid, reach_m=1000)[0], [100, 200, 300])
    np.testing.assert_allclose(
        line_distance(road.to_crs("EPSG:4490"), grid, reach_m=1000)[0], [100, 200, 300], atol=0.1
    )
    far = line_distance(road.translate(-1e5).to_frame("geometry"), grid, reach_m=1000)
    assert float(far.min()) > 1e6
    assert float(line_distance(road.iloc[:0], grid, reach_m=1000).min()) > 1e6


def test_texts_become_codes_with_names(make_grid):
    grid = make_grid(1, 3)
    shapes = [box(500_000 + i * 100, 3_900_000, 500_100 + i * 100, 3_900_100) for i in range(3)]
    rocks = gpd.GeoDataFrame({"lithology": ["B", "A", None], "other": 1}, geometry=shapes, crs=grid.crs)
    layer, names = rasterised_classes(rocks, grid, "lithology")
    assert layer.values.tolist() == [[2, 1, 0]]
    assert names == {1: "A", 2: "B"}
    numbered = rocks.assign(lithology=[7, 8, 9])
    assert rasterised_classes(numbered, grid, "lithology")[0].values.tolist() == [[7, 8, 9]]
    assert rasterised_classes(rocks, grid, "lithology", "other")[0].values.tolist() == [[1, 1, 1]]
    with pytest.raises(LayerError, match="a column 'lithology'"):
        rasterised_classes(rocks.rename(columns={"lithology": "rock"}), grid, "lithology")
    assert rasterised_classes(layer, grid, "lithology")[0] is layer


def test_inventory_counts_what_it_leaves_out(make_grid):
    grid = make_grid(5, 5)
    rows = [
        ("滑坡", "exact", Point(500_010, 3_900_010)),
        ("滑坡", "exact", Point(500_020, 3_900_020)),
        ("地面塌陷", "exact", Point(500_310, 3_900_310)),
        ("崩塌", "25km", Point(500_320, 3_900_310)),
        ("崩塌", "unknown", Point(500_330, 3_900_310)),
        ("崩塌", "500 m", Point(500_340, 3_900_310)),
        ("崩塌", "exact", Point(400_000, 3_900_000)),
        ("崩塌", "exact", None),
    ]
    types, errors, places = zip(*rows)
    frame = gpd.GeoDataFrame({"灾害类型": types, "location_accuracy": errors}, geometry=list(places), crs=grid.crs)
    kept, report = inventory(frame, grid)
    assert len(kept) == report["used"] == 2
    assert report == {
        "points": 8, "without_place": 1, "other_type": 1, "inexact": 2, "outside": 1, "same_cell": 1, "used": 2
    }  # fmt: skip
