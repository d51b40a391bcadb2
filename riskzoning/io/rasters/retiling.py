"""A temporary tiled copy of a raster whose stored pieces are too large to decode again for every band of rows."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from pathlib import Path

import rasterio
from rasterio.windows import Window

from riskzoning.io.rasters.facts import RasterFacts

# A stored piece above this many cells is decoded once into a tiled copy instead of once for each band of rows.
BLOCK_LIMIT = 1 << 24
_copies: dict[tuple[str, int, int, int], str] = {}
_lock = threading.Lock()
_folder: list[str] = []


def is_badly_tiled(facts: RasterFacts) -> bool:
    """Whether a band of rows costs decoding far more than the band: one huge compressed piece.

    Examples
    --------
    >>> from affine import Affine
    >>> is_badly_tiled(RasterFacts("a.tif", "GTiff", None, Affine.scale(1, -1), (9, 9), "uint8", block_shape=(9, 9)))
    False
    """
    pieces = facts.block_shape[0] * facts.block_shape[1]
    return facts.compressed and pieces > BLOCK_LIMIT and facts.driver in ("GTiff", "COG")


def tiled_copy(facts: RasterFacts) -> str:
    """The path to read from: the file itself, or its temporary copy in tiles, made once per process."""
    if not is_badly_tiled(facts):
        return facts.path
    stat = Path(facts.path).stat()
    key = (facts.path, stat.st_mtime_ns, stat.st_size, facts.band)
    with _lock:
        if key not in _copies:
            _copies[key] = _make(facts, len(_copies))
    return _copies[key]


def _make(facts: RasterFacts, number: int) -> str:
    if not _folder:
        _folder.append(tempfile.mkdtemp(prefix="riskzoning-tiles-"))
        atexit.register(shutil.rmtree, _folder[0], ignore_errors=True)
    target = str(Path(_folder[0]) / f"{number}.tif")
    piece_mb = facts.block_shape[0] * facts.block_shape[1] * 8 // 2**20
    # With a cache that holds one piece GDAL decodes each piece once.
    with rasterio.Env(GDAL_CACHEMAX=piece_mb + 64), rasterio.open(facts.path) as dataset:
        profile = {"driver": "GTiff", "height": dataset.height, "width": dataset.width, "count": 1, "tiled": True}
        profile |= {"dtype": facts.dtype, "blockxsize": 512, "blockysize": 512, "BIGTIFF": "IF_SAFER"}
        with rasterio.open(target, "w", **profile, transform=dataset.transform) as out:
            for first in range(0, dataset.height, 512):
                window = Window(0, first, dataset.width, min(512, dataset.height - first))
                out.write(dataset.read(facts.band, window=window), 1, window=window)
    return target
