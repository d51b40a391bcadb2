"""The standard grid of the census: cells of 30 arc-seconds that carry the code of their township."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from riskzoning.io.rasters.raw import RawRaster, raw_raster

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """Some cells of a raster, by rows and columns from the upper left."""

    rows: Indices
    columns: Indices

    def __len__(self) -> int:
        return int(self.rows.size)

    def extent(self, raster: RawRaster) -> tuple[float, float, float, float]:
        """West, south, east, north of the cells; right is left and a cell, lower is upper less a cell."""
        x, y = self.corners(raster)
        wide, high = abs(raster.affine.a), abs(raster.affine.e)
        return float(x.min()), float((y - high).min()), float((x + wide).max()), float(y.max())

    def corners(self, raster: RawRaster) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Left and upper edge of each cell, whichever way the rows go."""
        affine = raster.affine
        x = affine.c + self.columns * affine.a
        y = affine.f + self.rows * affine.e
        return np.minimum(x, x + affine.a), np.maximum(y, y + affine.e)


@dataclass(frozen=True)
class StandardGrid:
    """The standard grid of a file, which is read in blocks."""

    raster: RawRaster

    def cells(self, low: int, high: int) -> Cells:
        """The cells whose codes lie in a range, both ends included."""
        rows, columns = [], []
        for first, values in self.raster.blocks():
            inside = (values >= low) & (values <= high)
            if self.raster.nodata is not None:
                inside &= values != self.raster.nodata
            at, across = np.nonzero(inside)
            rows.append(at + first)
            columns.append(across)
        return Cells(np.concatenate(rows).astype(np.int64), np.concatenate(columns).astype(np.int64))


def standard_grid(path: str | os.PathLike[str] | StandardGrid) -> StandardGrid:
    """The standard grid of a file."""
    return path if isinstance(path, StandardGrid) else StandardGrid(raw_raster(Path(path)))
