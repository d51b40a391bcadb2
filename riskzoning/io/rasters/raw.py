"""A raster as it stands in its file: what a check of files looks at, where the gate of layers would turn it away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.errors import RasterioError
from rasterio.windows import Window

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.files import existing
from riskzoning.rasters.placing import crs_definition

_BLOCK_ROWS = 512


@dataclass(frozen=True)
class RawRaster:
    """Facts of a raster, none of them judged; ``crs`` is ``EPSG:n`` where it has a code."""

    path: Path
    width: int
    height: int
    bands: int
    dtype: str
    nodata: float | None
    affine: Affine
    crs: str | None

    def blocks(self) -> Iterator[tuple[int, np.ndarray[Any, Any]]]:
        """First row and values of the first band, some hundred rows at a time."""
        with rasterio.open(self.path) as file:
            for first in range(0, self.height, _BLOCK_ROWS):
                rows = min(_BLOCK_ROWS, self.height - first)
                yield first, file.read(1, window=Window(0, first, self.width, rows))


def raw_raster(path: str | os.PathLike[str]) -> RawRaster:
    """The facts of a raster file."""
    place = existing(path, what=Phrase("raster_file"))
    try:
        with rasterio.open(place) as file:
            crs = crs_definition(file.crs)
            return RawRaster(
                place, file.width, file.height, file.count, file.dtypes[0], file.nodata, file.transform, crs
            )
    except RasterioError as error:
        raise LayerError(Problem("product.unreadable", place, reason=str(error).splitlines()[0])) from None
