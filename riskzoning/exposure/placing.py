"""Which cells objects lie on, and how much of each: looked for once, asked of any number of layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from riskzoning.coverage import Coverage
from riskzoning.coverage.quantiles import expand
from riskzoning.grid.cutting import cell_pieces
from riskzoning.layers import without_fill

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
POINT, LINE, AREA = 0, 1, 2
# Areas on a grid in degrees are measured in a projection that keeps them.
_EQUAL_AREA = "EPSG:6933"


@dataclass(frozen=True)
class Placed:
    """Objects on the cells of a grid.

    ``owner row column amount``: pieces on the grid and how much of their object each is: 1 of a point, metres of a
    line, square metres of an area. ``kinds``: 0 points, 1 lines, 2 areas; ``whole``: the amount of each object.
    """

    owner: Integers
    row: Integers
    column: Integers
    amount: Numbers
    kinds: Integers
    whole: Numbers

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """As tables that :meth:`of` reads back."""
        pieces = {"owner": self.owner, "row": self.row, "column": self.column, "amount": self.amount}
        return {"pieces": pd.DataFrame(pieces), "wholes": pd.DataFrame({"kind": self.kinds, "whole": self.whole})}

    @classmethod
    def of(cls, frames: Mapping[str, pd.DataFrame]) -> Placed:
        """From its tables."""
        pieces, wholes = frames["pieces"], frames["wholes"]
        owner, row, column, amount = (pieces[name].to_numpy() for name in ("owner", "row", "column", "amount"))
        return cls(owner, row, column, amount, wholes["kind"].to_numpy(), wholes["whole"].to_numpy())

    def by_class(self, layer: xr.DataArray) -> Numbers:
        """How much of each object lies in each class of a layer, classes 1 and up; what has no class is in none."""
        layer = without_fill(layer)
        classes = np.nan_to_num(_values_at(layer, self.row, self.column).astype(np.float64)).astype(np.int64)
        known = classes > 0
        wide = max(int(classes.max(initial=0)), 1)
        place = self.owner[known] * wide + classes[known] - 1
        sums = np.bincount(place, weights=self.amount[known], minlength=len(self.whole) * wide)
        return sums.reshape(len(self.whole), wide).astype(np.float64)


def placed(frame: gpd.GeoDataFrame, grid: GeoBox) -> Placed:
    """The cells of points, lines and areas; ``frame`` is in the CRS of the grid and has no empty geometry."""
    shapes = _of_one_kind(frame.geometry.to_numpy())
    kinds = shapely.get_dimensions(shapes).astype(np.int64)
    whole = np.ones(len(shapes))
    parts = []
    for kind, look in ((POINT, _points), (LINE, _lines), (AREA, _areas)):
        at = np.flatnonzero(kinds == kind)
        if at.size:
            own = gpd.GeoDataFrame(geometry=shapes[at], crs=frame.crs)
            owner, row, column, amount, total = look(own, grid)
            inside = row >= 0
            parts.append((at[owner[inside]], row[inside], column[inside], amount[inside]))
            whole[at] = total
    none = np.zeros(0, dtype=np.int64)
    owner, row, column = (np.concatenate([none, *(part[i] for part in parts)]) for i in range(3))
    amount = np.concatenate([np.zeros(0), *(part[3] for part in parts)])
    return Placed(owner, row, column, amount, kinds, whole)


def _of_one_kind(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Geometries, of a collection its parts of the highest dimension."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    if not mixed.size:
        return shapes
    out = shapes.copy()
    for at in mixed:
        parts = shapely.get_parts(shapes[at])
        highest = shapely.get_dimensions(parts)
        out[at] = shapely.union_all(parts[highest == highest.max()])
    return out


def _values_at(layer: xr.DataArray, row: Integers, column: Integers) -> NDArray[np.generic]:
    """Values of cells; of a lazy layer only the blocks that are asked for are read."""
    data = layer.data
    if isinstance(data, np.ndarray):
        return data[row, column]
    return np.asarray(data.vindex[row, column].compute()) if row.size else np.zeros(0)


def _points(frame: gpd.GeoDataFrame, grid: GeoBox) -> tuple[Integers, Integers, Integers, Numbers, Numbers]:
    points = frame.geometry.representative_point()
    x, y = ~grid.affine * (points.x.to_numpy(), points.y.to_numpy())
    row, column = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    inside = (row >= 0) & (row < grid.shape[0]) & (column >= 0) & (column < grid.shape[1])
    one = np.ones(len(frame))
    return np.arange(len(frame)), np.where(inside, row, -1), np.where(inside, column, -1), one, one


def _lines(frame: gpd.GeoDataFrame, grid: GeoBox) -> tuple[Integers, Integers, Integers, Numbers, Numbers]:
    line, row, column, length = cell_pieces(frame, grid)
    return line, row, column, length, np.bincount(line, weights=length, minlength=len(frame)).astype(np.float64)


def _areas(frame: gpd.GeoDataFrame, grid: GeoBox) -> tuple[Integers, Integers, Integers, Numbers, Numbers]:
    table = Coverage.from_units(grid, frame).full_table()
    row, column, owner, share = expand(table, 0, grid.shape[0])
    plane = frame.to_crs(_EQUAL_AREA) if grid.crs is not None and grid.crs.geographic else frame
    square_metres = plane.geometry.area.to_numpy()
    cells = shapely.area(frame.geometry.to_numpy()) / abs(grid.resolution.x * grid.resolution.y)
    owner = owner.astype(np.int64)
    return owner, row, column, share * (square_metres / cells)[owner], square_metres
