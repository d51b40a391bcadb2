"""A temporary tiled copy of a raster whose stored pieces are too large to decode again for every band of rows."""

from __future__ import annotations

import atexit
import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from filelock import FileLock
from rasterio.windows import Window

from riskzoning.files import stamp
from riskzoning.rasters.facts import RasterFacts

# A stored piece above this many cells is decoded once into a tiled copy instead of once for each band of rows.
BLOCK_LIMIT = 1 << 24
# A raster of more cells is no matter of a temporary copy: of it a window is read, whatever its pieces are.
_MOST_COPIED = 1 << 31
# Reads stored values of a window: (rows, columns).
Reader = Callable[[slice, slice], "np.ndarray[Any, Any]"]


def is_badly_tiled(facts: RasterFacts) -> bool:
    """Whether a band of rows costs decoding far more than the band: one huge compressed piece."""
    pieces = facts.block_shape[0] * facts.block_shape[1]
    return facts.compressed and pieces > BLOCK_LIMIT and facts.driver in ("GTiff", "COG", "netCDF", "Zarr")


def tiled_copy(facts: RasterFacts, read: Reader | None = None) -> str:
    """The path to read from: the file itself, or its temporary copy in tiles; ``read`` reads what GDAL does not."""
    if not is_badly_tiled(facts) or facts.cells > _MOST_COPIED:
        return facts.opens
    target = _folder() / f"{_digest(facts)}.tif"
    if not target.is_file():
        with FileLock(f"{target}.lock"):
            if not target.is_file():
                partial = target.with_suffix(f".{os.getpid()}.tif")
                _write(facts, partial, read)
                partial.replace(target)
                atexit.register(_remove, target)
    return str(target)


def read_copy(path: str, rows: slice, columns: slice) -> np.ndarray[Any, Any]:
    """Values of a window of a tiled copy."""
    with rasterio.open(path) as dataset:
        return np.asarray(dataset.read(1, window=Window.from_slices(rows, columns)))


def _folder() -> Path:
    """A folder for temporary copies that belongs to this user alone."""
    owner = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"riskzoning-tiles-{owner}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder if not hasattr(os, "getuid") or folder.stat().st_uid == owner else Path(tempfile.mkdtemp())


def _digest(facts: RasterFacts) -> str:
    key = (os.path.realpath(facts.path), stamp(facts.path), facts.opens, facts.band, facts.variable)
    return hashlib.sha256(repr(key).encode()).hexdigest()[:32]


def _remove(target: Path) -> None:
    for path in (target, Path(f"{target}.lock")):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _write(facts: RasterFacts, target: Path, read: Reader | None) -> None:
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
            return
        piece_mb = facts.block_shape[0] * facts.block_shape[1] * 8 // 2**20
        # With a cache that holds one piece GDAL decodes each piece once.
        with rasterio.Env(GDAL_CACHEMAX=piece_mb + 64), rasterio.open(facts.opens) as dataset:
            for first in range(0, height, 512):
                window = Window(0, first, width, min(512, height - first))
                out.write(dataset.read(facts.band, window=window), 1, window=window)
