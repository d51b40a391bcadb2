"""A band of a raster file as lazy blocks of whole rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np

from riskzoning.rasters.decoding import Decoder, Seen
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.gdal import GdalBand, gdal_bands
from riskzoning.rasters.opening import band_reader
from riskzoning.rasters.placing import Orientation
from riskzoning.rasters.stores import StoreBand

Array = np.ndarray[Any, Any]
# Cells of a block that is decoded at once; whole tile rows, so that a band of rows decodes nothing twice.
_BLOCK_CELLS = 1 << 22


def decoded_blocks(facts: RasterFacts, decoder: Decoder, chunks: int | None = None) -> da.Array:
    """The values of a band, lazily, in blocks of ``chunks`` rows (default: whole tile rows of a sensible size)."""
    return _blocks(band_reader(facts), decoder, chunks or _block_rows(facts), decoder.dtype)


def stored_blocks(path: Path, rows: int) -> list[da.Array]:
    """The bands of a file that this program wrote, as they are, lazily: their NaN are NaN, nothing is to be decided."""
    stamp = path.stat().st_mtime_ns
    return [_blocks(GdalBand(facts, stamp), None, rows, facts.dtype) for facts in gdal_bands(path)]


def read_rows(facts: RasterFacts, decoder: Decoder, first: int, last: int, seen: Seen | None = None) -> Array:
    """Decoded rows of a band, north up; ``seen`` takes what was met."""
    return _read(band_reader(facts), decoder, slice(first, last), slice(0, facts.shape[1]), seen)


def turned(values: Array, turn: Orientation) -> Array:
    """Stored cells as they lie north up, west to east, within -180..180 degrees."""
    if turn.flip_rows:
        values = values[::-1]
    if turn.flip_columns:
        values = values[:, ::-1]
    return np.roll(values, turn.roll, axis=1) if turn.roll else values


def _blocks(reader: GdalBand | StoreBand, decoder: Decoder | None, step: int, dtype: str) -> da.Array:
    rows, columns = reader.facts.shape
    sizes = tuple(min(step, rows - first) for first in range(0, rows, step))
    template = da.empty(reader.facts.shape, chunks=(sizes, (columns,)), dtype=dtype)
    meta = np.empty((0, 0), dtype)
    return da.map_blocks(_read_block, template, reader=reader, decoder=decoder, dtype=dtype, meta=meta)


def _block_rows(facts: RasterFacts) -> int:
    tile = max(1, facts.block_shape[0])
    if tile >= facts.shape[0]:
        tile = 512
    fitting = max(1, _BLOCK_CELLS // max(1, facts.shape[1]))
    return min(facts.shape[0], max(tile, fitting // tile * tile))


def _read_block(
    block: Array,
    reader: GdalBand | StoreBand | None = None,
    decoder: Decoder | None = None,
    block_info: Any = None,
) -> Array:
    if block_info is None or reader is None:
        return np.asarray(block)
    (first, last), (left, right) = block_info[0]["array-location"]
    return _read(reader, decoder, slice(first, last), slice(left, right), None)


def _read(
    reader: GdalBand | StoreBand, decoder: Decoder | None, rows: slice, columns: slice, seen: Seen | None
) -> Array:
    facts = reader.facts
    turn = facts.orientation
    if turn.flip_rows:
        rows = slice(facts.shape[0] - rows.stop, facts.shape[0] - rows.start)
    raw, mask = reader.read(rows, columns)
    values = turned(raw, turn)
    return values if decoder is None else decoder(values, None if mask is None else turned(mask, turn), seen)
