"""A toy city that is made in memory in a moment: for docstrings, tests and first steps in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.samples.noise import Waves, generator

_CRS = "EPSG:4547"


@dataclass(frozen=True)
class ToyCity:
    """A grid, units of three levels and layers on the grid.

    Parameters
    ----------
    grid : GeoBox
    units : GeoDataFrame
        Index ``code``; columns ``name level parent geometry``; one city, two counties, six townships.
    layers : mapping
        ``elevation landcover population flood_depth pga site_class``; depths for T = 10 and 100
        years, PGA for 475 and 2475.

    Examples
    --------
    >>> toy_city().units.level.value_counts().to_dict()
    {'township': 6, 'county': 2, 'city': 1}
    """

    grid: GeoBox
    units: gpd.GeoDataFrame
    layers: Mapping[str, xr.DataArray]


def toy_city(*, rows: int = 48, columns: int = 60, resolution: float = 100, seed: int = 1) -> ToyCity:
    """A made-up city of a few kilometres: a hill in the north-west, a river through the plain, people beside it.

    Parameters
    ----------
    rows, columns : int
        Cells of the grid.
    resolution : float
        Cell in metres.
    seed : int

    Examples
    --------
    >>> city = toy_city()
    >>> city.layers["flood_depth"].sizes["return_period"], city.layers["population"].attrs["units"]
    (2, 'person')
    >>> float(city.layers["population"].sum())
    20000.0
    """
    left, bottom = 500_000.0, 3_900_000.0
    bounds = (left, bottom, left + columns * resolution, bottom + rows * resolution)
    grid = analysis_grid(bounds, crs=_CRS, resolution=resolution)
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, 1 - (np.arange(rows) + 0.5) / rows)
    noise = Waves.drawn(generator(seed, "toy"), [0.5, 0.2]).grid(x[0], y[:, 0])
    hill = np.clip(y - x - 0.05, 0, None)
    height = 60 + 6 * y + 420 * hill**1.5 * (1 + 0.25 * noise) + 0.8 * noise
    river = np.abs(y - (0.32 + 0.06 * np.sin(6 * x)))
    town = np.exp(-(((x - 0.62) ** 2 + (y - 0.42) ** 2) / 0.03)) + 0.08 * np.clip(1 + noise, 0, None)
    town *= (hill < 0.1) & (river > 0.02)
    people = np.round(town / town.sum() * 20_000, 6)
    people[np.unravel_index(people.argmax(), people.shape)] += 20_000 - people.sum()
    cover = np.where(hill > 0.12, 20, 10)
    cover[(town > 0.3)] = 80
    cover[river < 0.02] = 60
    level = np.array([0.9, 2.4])[:, None, None]
    rise = height - height[river < 0.02].mean()
    depth = np.clip(level * np.clip(1 - river / 0.22, 0, None) - np.clip(rise, 0, None) / 4, 0, None) * (hill < 0.1)
    basic = 0.15 + 0.05 * (1 - x)
    site = np.where(hill > 0.2, 2, np.where(hill > 0.05, 3, 4))
    layers = {
        "elevation": layer_on(grid, np.round(height, 2), quantity="elevation", name="elevation"),
        "landcover": layer_on(grid, cover.astype(np.uint8), quantity="landcover", name="landcover"),
        "population": layer_on(grid, people, quantity="population", name="population"),
        "flood_depth": layer_on(
            grid, np.round(depth, 3), quantity="flood_depth", return_periods=(10, 100), name="flood_depth"
        ),
        "pga": layer_on(grid, np.stack([basic, 1.9 * basic]), quantity="pga", return_periods=(475, 2475), name="pga"),
        "site_class": layer_on(grid, site.astype(np.uint8), quantity="site_class", name="site_class"),
    }
    return ToyCity(grid, _units(bounds), layers)


def _units(bounds: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Six townships in two counties, with slanted borders and one cell of margin inside the grid."""
    left, bottom, right, top = bounds
    across, up = (right - left), (top - bottom)
    corner = np.array([left, bottom])

    def at(*share: tuple[float, float]) -> list[tuple[float, float]]:
        return [tuple(corner + np.array([across * a, up * b])) for a, b in share]

    frame = shapely.Polygon(at((0.03, 0.06), (0.95, 0.03), (0.97, 0.94), (0.05, 0.97)))
    cuts = [
        at((0.45, -0.1), (0.55, 1.1)),
        at((-0.1, 0.38), (0.5, 0.31), (1.1, 0.37)),
        at((-0.1, 0.70), (0.5, 0.66), (1.1, 0.73)),
    ]
    lines = shapely.union_all([frame.exterior, *(shapely.LineString(cut) for cut in cuts)], grid_size=0.01)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    faces = faces[shapely.contains(frame.buffer(0.1), faces)]
    middle = shapely.get_coordinates(shapely.centroid(faces))
    west = middle[:, 0] < left + across / 2
    rows = []
    for county, name, side in (("990101", "西县", west), ("990102", "东县", ~west)):
        own = faces[side][np.argsort(-middle[side, 1])]
        rows.append((county, name, "county", "990100", shapely.coverage_union_all(own)))
        rows += [
            (f"{county}{number + 100}", f"{name[0]}{word}镇", "township", county, face)
            for number, (word, face) in enumerate(zip(("北", "中", "南"), own))
        ]
    city = shapely.coverage_union_all([row[4] for row in rows if row[2] == "county"])
    rows.insert(0, ("990100", "示例市", "city", "990000", city))
    frame_of = pd.DataFrame(rows, columns=["code", "name", "level", "parent", "geometry"]).set_index("code")
    order = frame_of.level.map({"city": 0, "county": 1, "township": 2})
    frame_of = frame_of.iloc[np.argsort(order.to_numpy(), kind="stable")]
    return gpd.GeoDataFrame(frame_of, geometry="geometry", crs=_CRS)
