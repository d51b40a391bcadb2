"""Plausible inputs of every hazard, for the contract test and for the tests of the hazards.

A hazard adds one function ``(grid, seed) -> inputs`` and its line in EXAMPLES. The values must be valid on the whole
grid (a few missing cells are welcome) and give an index that is not the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox
from scipy import ndimage
from shapely.geometry import LineString, box

from riskzoning.errors import Journal, hearing
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on

Array = np.ndarray[Any, Any]


def smooth_field(grid: GeoBox, seed: int, low: float, high: float) -> Array:
    """A smooth random field between two values."""
    field = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=tuple(grid.shape)), 3)
    return low + (high - low) * (field - field.min()) / (field.max() - field.min())


def earthquake(grid: GeoBox, seed: int) -> dict[str, Any]:
    basic = smooth_field(grid, seed, 0.08, 0.35)
    periods = [50, 475, 2475, 10000]
    stack = np.stack([basic * factor for factor in (1 / 3, 1, 1.9, 2.9)])
    classes = np.random.default_rng(seed).integers(0, 6, size=tuple(grid.shape)).astype(np.uint8)
    return {
        "pga": layer_on(grid, stack, quantity="pga", return_periods=periods, name="pga"),
        "site_class": layer_on(grid, classes, quantity="site_class", name="site_class"),
    }


def earthquake_by_zones(grid: GeoBox, seed: int) -> dict[str, Any]:
    left, bottom, right, top = grid.boundingbox
    middle = (left + right) / 2
    values = np.random.default_rng(seed).uniform(0.05, 0.4, size=2)
    halves = [box(left, bottom, middle, top), box(middle, bottom, right, top)]
    return {"pga_zones": gpd.GeoDataFrame({"pga": values}, geometry=halves, crs=str(grid.crs))}


def flood(grid: GeoBox, seed: int) -> dict[str, Any]:
    stage = smooth_field(grid, seed, -2.0, 4.0)
    stack = np.stack([np.maximum(stage + rise, 0.0) for rise in (-1.0, -0.5, 0.0, 0.6, 1.0)])
    stack[:, 0, 0] = np.nan
    streets = np.stack([smooth_field(grid, seed + 4, -0.5, 1.0) + rise for rise in (0.0, 0.1, 0.3)]).clip(0.0)
    streets[:, 2, 2] = np.nan
    velocity = smooth_field(grid, seed + 1, 0.0, 3.0)
    velocity[1, 1] = np.nan
    return {
        "depth": layer_on(grid, stack, quantity="flood_depth", return_periods=[5, 10, 20, 50, 100], name="depth"),
        "waterlogging_depth": layer_on(
            grid, streets, quantity="flood_depth", return_periods=[5, 20, 50], name="waterlogging_depth"
        ),
        "velocity": layer_on(grid, velocity, quantity="flood_velocity", name="velocity"),
        "duration": layer_on(grid, smooth_field(grid, seed + 2, 0, 100), quantity="flood_duration", name="duration"),
        "levees": gpd.GeoDataFrame(geometry=[LineString([(114.0, 35.2), (114.1, 35.3)])], crs="EPSG:4490"),
    }


def points_on(grid: GeoBox, chance: Array, count: int, seed: int) -> gpd.GeoDataFrame:
    """Points in cells drawn by chance, somewhere inside the cell."""
    rng = np.random.default_rng(seed)
    share = np.nan_to_num(chance).ravel()
    cells = rng.choice(share.size, count, p=share / share.sum())
    row, column = np.divmod(cells, grid.shape[1])
    x, y = grid.affine * (column + rng.random(count), row + rng.random(count))
    return gpd.GeoDataFrame({"id": range(count)}, geometry=gpd.points_from_xy(x, y), crs=grid.crs)


def geology(grid: GeoBox, seed: int) -> dict[str, Any]:
    heights = smooth_field(grid, seed, 60.0, 4000.0)
    steep = np.hypot(*np.gradient(heights))
    rocks = np.random.default_rng(seed).integers(0, 4, size=tuple(grid.shape)).astype(np.uint8)
    left, bottom, right, top = grid.boundingbox
    river = LineString([(left, bottom), ((left + right) / 2, (bottom + top) / 2), (right, bottom + 2000)])
    rain = np.stack([smooth_field(grid, seed + 1, 80.0, 200.0) * factor for factor in (0.5, 1.0)])
    rate = smooth_field(grid, seed + 2, -40.0, 10.0)
    rate[2, 2] = np.nan
    return {
        "elevation": layer_on(grid, heights, quantity="elevation", name="elevation"),
        "landslides": points_on(grid, steep**2, 80, seed).to_crs("EPSG:4490"),
        "lithology": layer_on(grid, rocks, quantity="lithology", name="lithology"),
        "rivers": gpd.GeoDataFrame(geometry=[river], crs=grid.crs),
        "rainfall": layer_on(grid, rain, quantity="precipitation", return_periods=[10, 100], name="rainfall"),
        "subsidence_rate": layer_on(grid, rate, quantity="subsidence_rate", name="subsidence_rate"),
    }


def station_series(grid: GeoBox, seed: int, years: int = 4, count: int = 9) -> xr.Dataset:
    """Daily weather of stations in and around the grid, with storms, heat, gales, cold waves and snow."""
    rng = np.random.default_rng(seed)
    left, bottom, right, top = grid.boundingbox
    x, y = rng.uniform(left - 5e3, right + 5e3, count), rng.uniform(bottom - 5e3, top + 5e3, count)
    place = gpd.GeoSeries.from_xy(x, y, crs=grid.crs).to_crs("EPSG:4490")
    time = pd.date_range("2001-01-01", f"{2000 + years}-12-31")
    wave = -np.cos(2 * np.pi * (time.dayofyear.to_numpy() - 15) / 365.25)
    shape = (count, time.size)
    tmean = 14 + 14 * wave + rng.normal(0, 4, shape)
    # Hotter in the east, so that the stations differ by more than chance.
    east = ((x - left) / (right - left))[:, None]
    rain = np.where(rng.random(shape) < 0.18 + 0.1 * wave, rng.gamma(0.5, 22, shape), 0.0).round(1)
    elements = {
        "precipitation": rain,
        "tmean": tmean,
        "tmax": tmean + 4 + 4 * east + rng.random(shape),
        "tmin": tmean - 6 - rng.random(shape),
        "humidity": np.clip(60 + 15 * wave + rng.normal(0, 12, shape), 8, 100),
        "wind_mean": rng.gamma(3, 0.9, shape),
        "wind_gust": rng.gamma(6, 1.6, shape),
    }
    names = [f"57{i:03d}" for i in range(count)]
    coords = {"station": names, "time": time, "lon": ("station", place.x), "lat": ("station", place.y)}
    coords["elevation"] = ("station", rng.uniform(60, 900, count))
    return xr.Dataset({name: (("station", "time"), values) for name, values in elements.items()}, coords)


def meteorology(grid: GeoBox, seed: int) -> dict[str, Any]:
    heights = smooth_field(grid, seed, 60.0, 1200.0)
    return {
        "stations": station_series(grid, seed),
        "elevation": layer_on(grid, heights, quantity="elevation", name="elevation"),
    }


def drought(grid: GeoBox, seed: int) -> dict[str, Any]:
    stations = station_series(grid, seed, years=12)
    # Ever drier and hotter towards the east: what is standardised does not show it, but the moisture does.
    lon = stations["lon"].to_numpy()
    east = (lon - lon.min()) / (lon.max() - lon.min())
    rain = stations["precipitation"].to_numpy() * (1.3 - 1.2 * east)[:, None]
    mean = stations["tmean"].to_numpy() + 8 * east[:, None]
    heights = smooth_field(grid, seed, 60.0, 900.0)
    crops = np.where(smooth_field(grid, seed + 1, 0.0, 1.0) > 0.4, 60.0, 0.0)
    changed = {"precipitation": (("station", "time"), rain), "tmean": (("station", "time"), mean)}
    return {
        "stations": stations.assign(changed),
        "elevation": layer_on(grid, heights, quantity="elevation", name="elevation"),
        "crops": layer_on(grid, crops, quantity="cropland", name="crops"),
    }


def forest_fire(grid: GeoBox, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    cover = rng.choice([10, 20, 30, 40, 60, 80], size=tuple(grid.shape)).astype(np.uint8)
    cover[1, 1] = 0
    fires = points_on(grid, np.isin(cover, (20, 30, 40)).astype(float), 60, seed)
    fires["acq_date"] = pd.date_range("2015-01-03", periods=60, freq="31D").strftime("%Y-%m-%d")
    fires["acq_time"], fires["confidence"], fires["type"] = 530, rng.integers(10, 100, 60), 0
    left, bottom, right, top = grid.boundingbox
    return {
        "fwi": layer_on(grid, smooth_field(grid, seed, 1.0, 40.0), quantity="fire_weather_index", name="fwi"),
        "landcover": layer_on(grid, cover, quantity="landcover", name="landcover"),
        "elevation": layer_on(grid, smooth_field(grid, seed, 60.0, 3000.0), quantity="elevation", name="elevation"),
        "fire_points": fires.to_crs("EPSG:4326"),
        "roads": gpd.GeoDataFrame(geometry=[LineString([(left, bottom), (right, top)])], crs=grid.crs),
    }


def flood_by_terrain(grid: GeoBox, seed: int) -> dict[str, Any]:
    height = smooth_field(grid, seed, 0.0, 20.0)
    return {
        "height_above_drainage": layer_on(grid, height, quantity="height_above_drainage", name="height_above_drainage")
    }


def geology_by_susceptibility(grid: GeoBox, seed: int) -> dict[str, Any]:
    inputs = {key: value for key, value in geology(grid, seed).items() if key in ("elevation", "rainfall")}
    score = smooth_field(grid, seed + 3, 0.0, 1.0)
    return inputs | {"susceptibility": layer_on(grid, score, quantity="susceptibility", name="susceptibility")}


EXAMPLES: dict[str, Callable[[GeoBox, int], dict[str, Any]]] = {
    "earthquake": earthquake,
    "flood": flood,
    "geology": geology,
    "meteorology": meteorology,
    "drought": drought,
    "forest_fire": forest_fire,
    # Other inputs that a hazard takes instead: name of the hazard, a slash, what it works from.
    "earthquake/zones": earthquake_by_zones,
    "flood/terrain": flood_by_terrain,
    "geology/susceptibility": geology_by_susceptibility,
}


@pytest.fixture(autouse=True)
def heard(request: pytest.FixtureRequest) -> Iterator[Journal | None]:
    """Tests of whole hazards hear their notes here; where a note is the matter, a test hears it itself."""
    if request.path.stem not in ("test_assessment", "test_contract"):
        yield None
        return
    with hearing(Journal()) as journal:
        yield journal


@pytest.fixture
def hazard_grid() -> GeoBox:
    """20 x 24 cells of 1 km near 114 degrees east, 35.2 degrees north."""
    return analysis_grid((500_000, 3_896_000, 524_000, 3_916_000), crs="EPSG:4547", resolution=1000)


@pytest.fixture
def example_inputs() -> Callable[..., dict[str, Any]]:
    """example_inputs(name, grid, seed=0): plausible inputs of a hazard, by key."""

    def make(name: str, grid: GeoBox, seed: int = 0) -> dict[str, Any]:
        assert name in EXAMPLES, f"add an example of '{name}' to EXAMPLES in tests/hazards/conftest.py"
        return EXAMPLES[name](grid, seed)

    return make


@pytest.fixture
def lazy() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """lazy(inputs): the inputs with every layer cut into dask blocks."""

    def make(inputs: dict[str, Any]) -> dict[str, Any]:
        sizes = {"y": 7, "x": 9, "return_period": 1}
        return {
            key: value.chunk({dim: sizes[dim] for dim in value.dims}) if isinstance(value, xr.DataArray) else value
            for key, value in inputs.items()
        }

    return make
