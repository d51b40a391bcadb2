"""A raster file as bands of whole tile rows: one handle and one buffer for each thread."""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError
from rasterio.windows import Window

from riskzoning.errors import LayerError, MissingCRSError, Problem

Array = np.ndarray[Any, Any]
# GDAL keeps 5 % of the machine by default and so hides what a pass needs; whole tile rows are read once.
CACHE_MB = 64
_LOOK_AHEAD_CELLS = 1 << 23


@dataclass(frozen=True)
class RasterRows:
    """A raster file that is read in bands of rows.

    Parameters
    ----------
    path : str
    grid : GeoBox
    bands : int
    dtype : str
    tile_rows : int
        Rows that the file stores together.
    nodata : float or None
    masked : bool
        Whether there is a mask band or alpha.
    scale, offset : tuple of float
        One for each band.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> file = open_rows(sample_study().parent / "landcover.tif")
    >>> file.bands, file.dtype, file.tile_rows, file.nodata
    (1, 'uint8', 256, 0.0)
    """

    path: str
    grid: GeoBox
    bands: int
    dtype: str
    tile_rows: int
    nodata: float | None
    masked: bool
    scale: tuple[float, ...]
    offset: tuple[float, ...]
    names: tuple[str, ...]

    def rows_at_once(self, least: int = 512) -> int:
        """Rows of a band: whole tile rows, at least ``least``.

        Examples
        --------
        >>> from riskzoning.samples import sample_study
        >>> open_rows(sample_study().parent / "landcover.tif").rows_at_once()
        512
        """
        step = least * self.tile_rows // np.gcd(least, self.tile_rows)
        # Files stored in one piece or in odd strips: a band need not match what is stored.
        return int(step) if step * self.grid.shape[1] <= _LOOK_AHEAD_CELLS or self.tile_rows <= least else least

    @contextmanager
    def reader(self) -> Iterator[_Reader]:
        """Something that reads rows from any thread; closes every handle at the end.

        Examples
        --------
        >>> from riskzoning.samples import sample_study
        >>> with open_rows(sample_study().parent / "landcover.tif").reader() as reader:
        ...     reader.read(0, 2).shape[:2]
        (1, 2)
        """
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

    def read(self, first: int, last: int) -> Array:
        """Rows ``first`` to ``last`` (not included) of all bands; the thread's next read reuses the array."""
        shape = (self._file.bands, last - first, self._file.grid.shape[1])
        buffer = getattr(self._local, "buffer", None)
        if buffer is None or buffer.shape != shape:
            buffer = self._local.buffer = _mapped(shape, np.dtype(self._file.dtype))
        window = Window(0, first, shape[2], shape[1])
        try:
            with rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
                handle = self._handle()
                handle.read(out=buffer, window=window)
                return self._cleaned(handle, buffer, window)
        except (RasterioError, OSError) as error:
            raise LayerError(
                Problem(
                    self._file.path,
                    f"cannot be read in rows {first} to {last - 1} ({str(error).splitlines()[0]})",
                    "a complete raster file",
                    "Copy or export it again; the transfer was probably cut off.",
                    rule="file.truncated",
                )
            ) from None

    def _cleaned(self, handle: Any, values: Array, window: Window) -> Array:
        file = self._file
        plain = all(s == 1.0 for s in file.scale) and all(o == 0.0 for o in file.offset)
        if plain and not file.masked:
            return values
        missing = handle.read_masks(window=window) == 0 if file.masked else np.zeros(values.shape, bool)
        if file.nodata is not None:
            missing |= values == file.nodata
        out: Any = values.astype(np.float64 if values.dtype.itemsize > 2 else np.float32)
        out *= np.asarray(file.scale, dtype=out.dtype)[:, None, None]
        out += np.asarray(file.offset, dtype=out.dtype)[:, None, None]
        out[missing] = np.nan
        return np.asarray(out)

    def _handle(self) -> Any:
        handle = getattr(self._local, "handle", None)
        if handle is None:
            handle = self._local.handle = rasterio.open(self._file.path)
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


def open_rows(path: str | os.PathLike[str]) -> RasterRows:
    """Facts of a raster file for reading it in rows.

    Raises
    ------
    LayerError
        Not there, not a raster, rotated.
    MissingCRSError
        No CRS.

    Examples
    --------
    >>> try:
    ...     open_rows("no-such.tif")
    ... except LayerError as error:
    ...     print(error.problems[0].rule)
    file.raster
    """
    if not Path(path).is_file():
        found = "is a folder" if Path(path).is_dir() else "does not exist"
        raise LayerError(Problem(str(path), found, "a raster file", "Correct the path.", rule="file.raster"))
    try:
        with rasterio.open(path) as file:
            if file.crs is None:
                raise MissingCRSError(
                    Problem(
                        str(path),
                        "has no coordinate reference system",
                        "every layer needs one",
                        "Set it in the file (gdal_edit -a_srs EPSG:...).",
                        rule="layer.crs",
                    )
                )
            flags = [set(item) for item in file.mask_flag_enums]
            masked = any(MaskFlags.per_dataset in item or MaskFlags.alpha in item for item in flags)
            return RasterRows(
                path=str(path),
                grid=GeoBox(file.shape, file.transform, file.crs.to_wkt()),
                bands=file.count,
                dtype=str(np.result_type(*file.dtypes)),
                tile_rows=int(file.block_shapes[0][0]),
                nodata=file.nodata,
                masked=masked,
                scale=tuple(float(value) for value in file.scales),
                offset=tuple(float(value) for value in file.offsets),
                names=tuple(text or f"band_{i}" for i, text in enumerate(file.descriptions, start=1)),
            )
    except RasterioError as error:
        raise LayerError(
            Problem(
                str(path),
                f"is no raster ({str(error).splitlines()[0]})",
                "a GeoTIFF or other raster",
                "Open it in a GIS and export it as GeoTIFF.",
                rule="file.raster",
            )
        ) from None


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
    step = rows or file.rows_at_once()
    with file.reader() as reader:
        for first in range(0, file.grid.shape[0], step):
            yield first, reader.read(first, min(first + step, file.grid.shape[0]))
