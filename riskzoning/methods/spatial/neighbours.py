"""Who is whose neighbour: units that share a border, or points within a distance."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import scipy.sparse as sparse
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from riskzoning.layers.plausible import takes

# Borders of at most a metre are corners.
_CORNER_M = 1.0
_DEGREE_M = 111_195.0


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Binary weights between units, 1 for neighbours, 0 on the diagonal.

    Parameters
    ----------
    weights : sparse array (units, units)
        Symmetric.

    Examples
    --------
    >>> from shapely import box
    >>> squares = gpd.GeoDataFrame(geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9), box(90, 0, 99, 9)], crs="EPSG:4547")
    >>> near = Neighbours.of_units(squares)
    >>> near.counts.tolist(), near.islands.tolist()
    ([1, 1, 0], [2])
    """

    weights: sparse.csr_array

    @classmethod
    def of_units(cls, units: gpd.GeoDataFrame) -> Neighbours:
        """Units that share a border of positive length (more than a metre), not a corner.

        Examples
        --------
        >>> from riskzoning.samples import city_units
        >>> towns = city_units()
        >>> Neighbours.of_units(towns[towns["level"] == "township"]).islands.size
        0
        """
        # Borders are shared in the coordinates that they were drawn in; another projection bends them apart.
        shapes = units.geometry.to_numpy()
        tree = shapely.STRtree(shapes)
        left, right = tree.query(shapes, predicate="intersects")
        one = left < right
        left, right = left[one], right[one]
        borders = shapely.intersection(shapes[left], shapes[right])
        if units.crs is not None and units.crs.is_geographic:
            borders = shapely.transform(borders, _in_metres)
        some = shapely.length(borders) > _CORNER_M
        return cls(_symmetric(left[some], right[some], len(shapes)))

    @property
    def counts(self) -> NDArray[np.int64]:
        """Neighbours of each unit.

        Examples
        --------
        >>> within_distance([[0, 0], [1, 0], [9, 0]], 2.0).counts.tolist()
        [1, 1, 0]
        """
        return np.asarray(self.weights.sum(axis=1)).ravel().astype(np.int64)

    @property
    def islands(self) -> NDArray[np.int64]:
        """Places of the units without any neighbour; they tell nothing and are reported, never taken for 0.

        Examples
        --------
        >>> within_distance([[0, 0], [1, 0], [9, 0]], 2.0).islands.tolist()
        [2]
        """
        return np.flatnonzero(self.counts == 0)


@takes()
def within_distance(points: object, distance: float) -> Neighbours:
    """Points within a distance of each other, the limit included; a point is no neighbour of itself.

    Parameters
    ----------
    points : array (points, 2)
    distance : float
        In the units of the points.

    Returns
    -------
    Neighbours

    Examples
    --------
    >>> within_distance([[0, 0], [3, 4]], 5.0).counts.tolist()
    [1, 1]
    """
    places = np.asarray(points, dtype=np.float64)
    pairs = cKDTree(places).query_pairs(distance, output_type="ndarray")
    return Neighbours(_symmetric(pairs[:, 0], pairs[:, 1], len(places)))


def _in_metres(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude and latitude as metres east and north, good to a hundredth: enough to tell a border from a corner."""
    return np.column_stack([degrees[:, 0] * np.cos(np.radians(degrees[:, 1])), degrees[:, 1]]) * _DEGREE_M


def _symmetric(left: NDArray[np.int64], right: NDArray[np.int64], size: int) -> sparse.csr_array:
    ones = np.ones(2 * len(left))
    both = (np.concatenate([left, right]), np.concatenate([right, left]))
    return sparse.csr_array((ones, both), shape=(size, size))
