"""A temporary tiled copy of a raster whose stored pieces are too large to decode again for every band of rows."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window

from riskzoning.rasters.facts import RasterFacts

# A stored piece above this many cells is decoded once into a tiled copy instead of once for each band of rows.
BLOCK_LIMIT = 1 << 24
_copies: dict[tuple[Any, ...], str] = {}
_lock = threading.Lock()
_folder: list[str] = []


# Reads stored values of a window: (rows, columns).
Reader = Callable[[slice, slice], "np.ndarray[Any, Any]"]


def is_badly_tiled(facts: RasterFacts) -> bool:
    """Whether a band of rows costs decoding far more than the band: one huge compressed piece.

    Examples
    --------
    >>> from affine import Affine
    >>> is_badly_tiled(RasterFacts("a.tif", "GTiff", None, Affine.scale(1, -1), (9, 9), "uint8", block_shape=(9, 9)))
    False
    """
    pieces = facts.block_shape[0] * facts.block_shape[1]
    return facts.compressed and pieces > BLOCK_LIMIT and facts.driver in ("GTiff", "COG", "netCDF", "Zarr")


def tiled_copy(facts: RasterFacts, read: Reader | None = None) -> str:
    """The path to read from: the file itself, or its temporary copy in tiles, made once per process.

    Parameters
    ----------
    read : callable, optional
        Reads stored values of a file that GDAL does not read.
    """
    if not is_badly_tiled(facts):
        return facts.path
    stat = Path(facts.path).stat()
    key = (facts.path, stat.st_mtime_ns, stat.st_size, facts.band, facts.variable)
    with _lock:
        if key not in _copies:
            _copies[key] = _make(facts, len(_copies), read)
    return _copies[key]


def read_copy(path: str, rows: slice, columns: slice) -> np.ndarray[Any, Any]:
    """Values of a window of a tiled copy."""
    with rasterio.open(path) as dataset:
        return np.asarray(dataset.read(1, window=Window.from_slices(rows, columns)))


def _make(facts: RasterFacts, number: int, read: Reader | None) -> str:
    if not _folder:
        _folder.append(tempfile.mkdtemp(prefix="riskzoning-tiles-"))
        atexit.register(shutil.rmtree, _folder[0], ignore_errors=True)
    target = str(Path(_folder[0]) / f"{number}.tif")
    height, width = facts.shape
    profile = {"driver": "GTiff", "height": height, "width": width, "count": 1, "tiled": True}
    profile |= {"dtype": facts.dtype, "blockxsize": 512, "blockysize": 512, "BIGTIFF": "IF_SAFER"}
    # Any geotransform but the identity will do: it is not read, and none would be warned about.
    profile["transform"] = facts.transform
    with rasterio.open(target, "w", **profile) as out:
        if read is not None:
            # Whole rows of stored pieces: each piece is decoded once.
            step = max(1, facts.block_shape[0])
            for first in range(0, height, step):
                last = min(first + step, height)
                values = read(slice(first, last), slice(0, width))
                out.write(values, 1, window=Window(0, first, width, last - first))
            return target
        piece_mb = facts.block_shape[0] * facts.block_shape[1] * 8 // 2**20
        # With a cache that holds one piece GDAL decodes each piece once.
        with rasterio.Env(GDAL_CACHEMAX=piece_mb + 64), rasterio.open(facts.path) as dataset:
            for first in range(0, height, 512):
                window = Window(0, first, width, min(512, height - first))
                out.write(dataset.read(facts.band, window=window), 1, window=window)
    return target
