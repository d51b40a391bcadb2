"""A raster file as bands of whole tile rows, decoded: one handle and one buffer for each thread."""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from riskzoning.errors import LayerError, Problem, note
from riskzoning.layers.decoding import Decoder, Seen, make_decoder
from riskzoning.rasters.blocks import joined
from riskzoning.rasters.decided import decision, record
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.gdal import CACHE_MB, FAILURES, block_problem, read_mask
from riskzoning.rasters.held import numbered
from riskzoning.rasters.opening import band_reader, raster_bands
from riskzoning.rasters.retiling import is_badly_tiled

Array = np.ndarray[Any, Any]
_LOOK_AHEAD_CELLS = 1 << 23
_MOST_HELD = 1 << 26


@dataclass(frozen=True, eq=False)
class RasterRows:
    """A raster file read in bands of rows, north up, missing cells NaN; facts, decoder and name for each band.

    With a ``window`` (rows, columns) nothing beyond it is read, and rows count from its first.
    """

    facts: tuple[RasterFacts, ...]
    decoders: tuple[Decoder, ...]
    names: tuple[str, ...]
    seen: Seen = field(default_factory=Seen)
    window: tuple[slice, slice] | None = None

    @property
    def path(self) -> str:
        """The file as it was named."""
        return self.facts[0].path

    @property
    def grid(self) -> GeoBox:
        """The grid, north up; with a window, its part."""
        grid = self.facts[0].grid
        return grid if self.window is None else grid[self.window]

    def within(self, rows: slice, columns: slice) -> RasterRows:
        """The part of the file in a window."""
        return replace(self, window=(rows, columns))

    @property
    def tile_rows(self) -> int:
        """Rows that the file stores together."""
        return self.facts[0].block_shape[0]

    def integer(self, index: int) -> bool:
        """Whether the values of a band are integers."""
        facts = self.facts[index]
        return np.dtype(facts.dtype).kind in "iu" and facts.scale == 1.0 and facts.offset == 0.0

    def rows_at_once(self, least: int = 512) -> int:
        """Rows of a band: whole tile rows, at least ``least``."""
        step = least * self.tile_rows // np.gcd(least, self.tile_rows)
        # Files stored in one piece or in odd strips: a band need not match what is stored.
        return int(step) if step * self.grid.shape[1] <= _LOOK_AHEAD_CELLS or self.tile_rows <= least else least

    @property
    def most_rows(self) -> int:
        """Rows that may be held at once, however many columns and bands there are."""
        return max(1, _MOST_HELD // (self.grid.shape[1] * len(self.facts)))

    @contextmanager
    def reader(self) -> Iterator[_Reader]:
        """Something that reads rows from any thread; closes every handle at the end."""
        # The environment of GDAL belongs to each read: two files that are read in turn would leave theirs crosswise.
        reading = _Reader(self)
        try:
            yield reading
        finally:
            reading.close()


class _Reader:
    """Handles and buffers by thread."""

    def __init__(self, file: RasterRows) -> None:
        self._file = file
        self._local = threading.local()
        self._handles: list[Any] = []
        self._lock = threading.Lock()
        first = file.facts[0]
        # NetCDF, Zarr and files in huge pieces have readers of their own.
        self._by_band = first.variable is not None or is_badly_tiled(first)
        self._dtype = np.result_type(*(facts.dtype for facts in file.facts))

    def read(self, first: int, last: int) -> list[Array]:
        """Rows ``first`` to ``last`` (not included) of each band; the thread's next read reuses the arrays."""
        file = self._file
        shape = file.facts[0].shape
        down, across = file.window or (slice(0, shape[0]), slice(0, shape[1]))
        turn = file.facts[0].orientation
        rows, pieces = turn.stored(slice(down.start + first, down.start + last), across, shape)
        read = self._bands_in_turn if self._by_band else self._bands_at_once
        parts = [read(rows, piece, alone=len(pieces) == 1) for piece in pieces]
        out = []
        for i, decode in enumerate(file.decoders):
            values = joined([turn.turned(stored[i]) for stored, _ in parts])
            masks = [turn.turned(mask) for _, own in parts if (mask := own[i]) is not None]
            out.append(decode(values, joined(masks) if masks else None, file.seen))
        return out

    def _bands_in_turn(
        self,
        rows: slice,
        columns: slice,
        *,
        alone: bool,  # noqa: ARG002
    ) -> tuple[Sequence[Array], list[Array | None]]:
        pairs = [band_reader(facts).read(rows, columns) for facts in self._file.facts]
        return [values for values, _ in pairs], [mask for _, mask in pairs]

    def _bands_at_once(
        self, rows: slice, columns: slice, *, alone: bool
    ) -> tuple[Sequence[Array] | Array, list[Array | None]]:
        file = self._file
        shape = (len(file.facts), rows.stop - rows.start, columns.stop - columns.start)
        buffer = getattr(self._local, "buffer", None)
        if buffer is None or buffer.shape != shape or not alone:
            buffer = self._local.buffer = _mapped(shape, self._dtype)
        window = Window.from_slices(rows, columns)
        try:
            with rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
                handle = self._handle()
                handle.read([facts.band for facts in file.facts], out=buffer, window=window)
                return buffer, [read_mask(handle, facts, window) for facts in file.facts]
        except FAILURES as error:
            raise LayerError(block_problem(file.facts[0], rows, error)) from None

    def _handle(self) -> Any:
        handle = getattr(self._local, "handle", None)
        if handle is None:
            handle = self._local.handle = rasterio.open(self._file.facts[0].opens)
            with self._lock:
                self._handles.append(handle)
        return handle

    def close(self) -> None:
        """Close every handle."""
        for handle in self._handles:
            handle.close()


def _mapped(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """An array on pages of its own: the system has them back when its thread ends, which the heap would keep."""
    size = int(np.prod(shape))
    return np.frombuffer(mmap.mmap(-1, max(size * dtype.itemsize, 1)), dtype=dtype, count=size).reshape(shape)


def open_rows(path: str | os.PathLike[str], *, crs: str | None = None) -> RasterRows:
    """A raster file for reading in rows; what is unusual about it, and what was decided about it, is noted.

    ``crs`` is that of a file which states none.

    Raises
    ------
    LayerError
        Not there, not a raster, rotated, cut off.
    MissingCRSError
        No CRS.

    Examples
    --------
    >>> try:
    ...     open_rows("no-such.tif")
    ... except LayerError as error:
    ...     print(error.problems[0].rule)
    file.missing
    """
    bands, problems = raster_bands(Path(path))
    if crs is not None:
        bands = [replace(facts, crs=crs) if facts.crs is None else facts for facts in bands]
    # Nothing says what the values measure: a quantity without a plausible range.
    decoders = [make_decoder(None, facts) for facts in bands]
    names, doubled = numbered([_name(facts) for facts in bands])
    if doubled:
        problems.append(Problem("raster.doubled_names", str(path), severity="warning", names=doubled))
    file = RasterRows(tuple(bands), tuple(decoders), names)
    assert file.grid.crs is not None  # a file without a CRS is refused here
    for problem in [*problems, *_decisions(file)]:
        note(problem)
    for facts, decoder in zip(bands, decoders, strict=True):
        record(facts, decoder, crs=str(facts.crs), factor=(1.0, 0.0), declared=None)
    return file


def _name(facts: RasterFacts) -> str:
    own = facts.band_names[facts.band - 1] if facts.band_names else facts.variable
    return own or f"band_{facts.band}"


def _decisions(file: RasterRows) -> list[Problem]:
    said = [decision(facts, decoder) for facts, decoder in zip(file.facts, file.decoders, strict=True)]
    return list(dict.fromkeys(problem for problem in said if problem is not None))


def row_bands(path: str | os.PathLike[str], rows: int | None = None) -> Iterator[tuple[int, Array]]:
    """The file from top to bottom: first row and array ``(band, row, column)``; an array is reused by the next one.

    Parameters
    ----------
    rows : int, optional
        Rows at a time; default whole tile rows.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> first, values = next(row_bands(sample_study().parent / "elevation.tif"))
    >>> first, values.ndim
    (0, 3)
    """
    file = open_rows(path)
    step = rows or min(file.rows_at_once(), file.most_rows)
    with file.reader() as reader:
        for first in range(0, file.grid.shape[0], step):
            values = reader.read(first, min(first + step, file.grid.shape[0]))
            yield first, values[0][None] if len(values) == 1 else np.stack(values)
