"""A band of a raster file as lazy blocks of whole rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskzoning.layers.decoding import Decoder, Seen
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.gdal import GdalBand, gdal_bands
from riskzoning.rasters.opening import band_reader
from riskzoning.rasters.stores import StoreBand

if TYPE_CHECKING:
    import dask.array as da

Array = np.ndarray[Any, Any]
# Cells of a block that is decoded at once; whole tile rows, so that a band of rows decodes nothing twice.
_BLOCK_CELLS = 1 << 22
_WIDEST_BLOCK = 1 << 25


def decoded_blocks(facts: RasterFacts, decoder: Decoder, chunks: int | None = None) -> da.Array:
    """The values of a band, lazily, in blocks of ``chunks`` rows (default: whole tile rows of a sensible size)."""
    return _blocks(band_reader(facts), decoder, chunks or _block_rows(facts), decoder.dtype)


def stored_blocks(path: Path, rows: int) -> list[da.Array]:
    """The bands of a file that this program wrote, as they are, lazily: their NaN are NaN, nothing is to be decided."""
    stamp = path.stat().st_mtime_ns
    return [_blocks(GdalBand(facts, stamp), None, rows, facts.dtype) for facts in gdal_bands(path)]


def stored_values(path: Path) -> list[Array]:
    """The bands of a file that this program wrote, as they are, read at once: for rasters smaller than a block."""
    readers = [GdalBand(facts, path.stat().st_mtime_ns) for facts in gdal_bands(path)]
    parts = [[slice(0, length) for length in reader.facts.shape] for reader in readers]
    return [_read(reader, None, rows, columns, None) for reader, (rows, columns) in zip(readers, parts, strict=True)]


def read_rows(
    facts: RasterFacts,
    decoder: Decoder,
    first: int,
    last: int,
    seen: Seen | None = None,
    *,
    columns: slice | None = None,
) -> Array:
    """Decoded rows of a band, or some of their columns, north up; ``seen`` takes what was met."""
    return _read(band_reader(facts), decoder, slice(first, last), columns or slice(0, facts.shape[1]), seen)


def _blocks(reader: GdalBand | StoreBand, decoder: Decoder | None, step: int, dtype: str) -> da.Array:
    import dask.array as da
    from dask.base import tokenize

    rows, columns = reader.facts.shape
    width = _block_columns(reader.facts, step)
    parts = [
        [slice(first, min(first + size, whole)) for first in range(0, whole, size)]
        for size, whole in ((step, rows), (width, columns))
    ]
    # A graph of a task for each block: what makes one of a function looks at the function longer than at the file.
    name = f"stored-{tokenize(reader, decoder, step, dtype)}"
    graph = {
        (name, row, column): (_read_block, reader, decoder, own.start, own.stop, across.start, across.stop)
        for row, own in enumerate(parts[0])
        for column, across in enumerate(parts[1])
    }
    chunks = tuple(tuple(part.stop - part.start for part in axis) for axis in parts)
    return da.Array(graph, name, chunks, meta=np.empty((0, 0), dtype))


def _block_rows(facts: RasterFacts) -> int:
    tile = max(1, facts.block_shape[0])
    if tile >= facts.shape[0]:
        tile = 512
    fitting = max(1, _BLOCK_CELLS // max(1, facts.shape[1]))
    return min(facts.shape[0], max(tile, fitting // tile * tile))


def _block_columns(facts: RasterFacts, rows: int) -> int:
    """All columns, but for rasters so wide that a block of whole rows would be far too large: whole tiles then."""
    if rows * facts.shape[1] <= _WIDEST_BLOCK:
        return facts.shape[1]
    tile = max(1, facts.block_shape[1])
    fitting = max(1, _BLOCK_CELLS // max(1, rows))
    return max(tile if tile < facts.shape[1] else fitting, fitting // tile * tile)


def _read_block(
    reader: GdalBand | StoreBand, decoder: Decoder | None, first: int, last: int, left: int, right: int
) -> Array:
    return _read(reader, decoder, slice(first, last), slice(left, right), None)


def _read(
    reader: GdalBand | StoreBand, decoder: Decoder | None, rows: slice, columns: slice, seen: Seen | None
) -> Array:
    facts = reader.facts
    turn = facts.orientation
    stored, pieces = turn.stored(rows, columns, facts.shape)
    read = [reader.read(stored, piece) for piece in pieces]
    values = joined([turn.turned(raw) for raw, _ in read])
    masks = [turn.turned(mask) for _, mask in read if mask is not None]
    return values if decoder is None else decoder(values, joined(masks) if masks else None, seen)


def joined(pieces: list[Array]) -> Array:
    """Pieces of the same rows side by side."""
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)
