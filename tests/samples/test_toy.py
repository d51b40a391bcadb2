import time

import numpy as np
import shapely

from riskzoning.layers import check_layer, check_same_grid
from riskzoning.samples import toy_city


def test_a_toy_city_is_small_whole_and_quick():
    start = time.perf_counter()
    city = toy_city()
    assert time.perf_counter() - start < 10
    layers = list(city.layers.values())
    check_same_grid(*layers)
    for name, layer in city.layers.items():
        check_layer(layer, name=name, quantity=name)
    assert float(city.layers["population"].sum()) == 20000
    depth = city.layers["flood_depth"]
    assert bool((depth.sel(return_period=100) >= depth.sel(return_period=10)).all())
    pga = city.layers["pga"]
    assert bool((pga.sel(return_period=2475) > pga.sel(return_period=475)).all())


def test_toy_units_tile_each_other_inside_the_grid():
    city = toy_city()
    towns = city.units[city.units["level"] == "township"]
    counties = city.units[city.units["level"] == "county"]
    whole = city.units.geometry[city.units["level"] == "city"].iloc[0]
    assert shapely.coverage_is_valid(towns.geometry.to_numpy())
    assert shapely.equals(shapely.coverage_union_all(towns.geometry.to_numpy()), whole)
    assert shapely.equals(shapely.coverage_union_all(counties.geometry.to_numpy()), whole)
    assert (towns.index.str[:6] == towns["parent"]).all()
    box = city.grid.extent.boundingbox
    assert shapely.box(box.left, box.bottom, box.right, box.top).contains_properly(whole)


def test_size_and_seed_can_be_chosen():
    small = toy_city(rows=10, columns=12, resolution=500, seed=3)
    assert tuple(small.grid.shape) == (10, 12)
    other = toy_city(rows=10, columns=12, resolution=500, seed=4)
    assert not np.array_equal(small.layers["elevation"], other.layers["elevation"])
