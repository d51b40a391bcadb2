"""How far the places of a grid are from the stations: what lies beyond their reach is said."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from scipy.spatial import cKDTree

from riskzoning.errors import Phrase, Problem
from riskzoning.grid.vectors import in_crs
from riskzoning.methods.interpolation.stations import Array, limits, plane_of

# Places of the grid that are looked at, in each direction.
_SAMPLES = 15


def far_points(points: gpd.GeoDataFrame, grid: GeoBox) -> Problem | None:
    """As :func:`far_stations`, of stations in any CRS."""
    plane = plane_of(grid, points)
    moved = in_crs(points, plane.crs, Phrase("stations"))
    x, y = ~plane.affine * (moved.geometry.x.to_numpy(), moved.geometry.y.to_numpy())
    return far_stations(np.asarray(x), np.asarray(y), plane, grid)


def far_stations(own_x: Array, own_y: Array, plane: GeoBox, grid: GeoBox) -> Problem | None:
    """A warning where part of the grid is further from every station than values of stations reach; else None."""
    if not own_x.size:
        return None
    rows, columns = grid.shape
    row, column = np.meshgrid(np.linspace(0, rows, _SAMPLES), np.linspace(0, columns, _SAMPLES), indexing="ij")
    corners: tuple[Array, Array] = (column.ravel(), row.ravel())
    x, y = grid.affine * corners  # type: ignore[operator]
    if str(grid.crs) != str(plane.crs):
        x, y = Transformer.from_crs(str(grid.crs), str(plane.crs), always_xy=True).transform(x, y)
    x, y = ~plane.affine * (np.asarray(x), np.asarray(y))
    there = np.isfinite(x) & np.isfinite(y)
    tree = cKDTree(np.column_stack([own_x, own_y]))
    distance, _ = tree.query(np.column_stack([x[there], y[there]]))
    most = 1000 * float(limits()["far_km"])
    if not distance.size or distance.max() <= most:
        return None
    return Problem(
        "stations.far",
        Phrase("stations"),
        severity="warning",
        share=round(float(np.mean(distance > most)), 2),
        nearest=round(float(distance.min()) / 1000),
        farthest=round(float(distance.max()) / 1000),
        most=most / 1000,
    )
