"""Cloud Optimized GeoTIFFs, written in bands of rows and encoded once."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import rasterio
import rasterio.shutil
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError
from rasterio.windows import Window

from riskzoning import standards
from riskzoning.errors import LayerError, Problem, RunError
from riskzoning.io.writing.atomic import atomic, not_writable
from riskzoning.layers import grid_of

_TILE = 512
Array = np.ndarray[Any, Any]


class CogWriter:
    """Takes a raster as bands of rows from top to bottom and leaves a COG: 512 tiles, overviews, DEFLATE.

    The rows wait in an uncompressed file beside the target, so that they are encoded once; the target appears whole
    when :meth:`close` ends.

    Parameters
    ----------
    path : path
    grid : GeoBox
    dtype : str
    nodata : float, optional
    colormap : sequence of str or mapping, optional
        Colours of the classes 1..k (``#RRGGBB``), or code -> colour; only for uint8. Class 0 is transparent.
    tags : mapping, optional
    overview : {"average", "mode", "nearest", "bilinear"}
        How overviews are made; classes take ``mode``.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning.grid import analysis_grid
    >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.tif"
    ...     writer = CogWriter(path, geobox, "float32", nodata=float("nan"))
    ...     writer.write_band(0, np.ones((2, 3), np.float32))
    ...     writer.close()
    ...     is_cog(path)
    True
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        grid: GeoBox,
        dtype: str,
        *,
        nodata: float | None = None,
        colormap: Sequence[str] | Mapping[int, str] | None = None,
        tags: Mapping[str, str] | None = None,
        overview: Literal["average", "mode", "nearest", "bilinear"] = "average",
    ) -> None:
        self.path = Path(path)
        self._overview = overview
        self._dtype = np.dtype(dtype)
        if colormap is not None and self._dtype != np.uint8:
            raise LayerError(Problem("output.colours", self.path, dtype=str(self._dtype)))
        self._spool = self.path.with_name(f".{self.path.stem}.{uuid.uuid4().hex[:8]}.spool.tif")
        height, width = grid.shape
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = rasterio.open(
                self._spool, "w", driver="GTiff", height=height, width=width, count=1, dtype=dtype,
                crs=str(grid.crs), transform=grid.affine, nodata=nodata, bigtiff="if_safer",
                tiled=True, blockxsize=_TILE, blockysize=_TILE,
            )  # fmt: skip
        except (OSError, RasterioError) as error:
            raise _failed(self.path, error) from error
        if colormap is not None:
            self._file.write_colormap(1, _colours(colormap))
            self._file.colorinterp = (ColorInterp.palette,)
        if tags:
            self._file.update_tags(**{key: str(value) for key, value in tags.items()})

    def write_band(self, first_row: int, values: Array) -> None:
        """Write whole rows, beginning at ``first_row``.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.grid import analysis_grid
        >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     writer = CogWriter(Path(folder) / "a.tif", geobox, "uint8")
        ...     writer.write_band(0, np.full((1, 3), 4, np.uint8))
        ...     writer.write_band(1, np.full((1, 3), 5, np.uint8))
        ...     writer.close()
        ...     with rasterio.open(writer.path) as file:
        ...         file.read(1).tolist()
        [[4, 4, 4], [5, 5, 5]]
        """
        rows, width = values.shape
        try:
            self._file.write(values.astype(self._dtype, copy=False), 1, window=Window(0, first_row, width, rows))
        except (OSError, RasterioError) as error:
            self.discard()
            raise _failed(self.path, error) from error

    def close(self) -> None:
        """Encode, put in place, remove what was only needed on the way.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.grid import analysis_grid
        >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     writer = CogWriter(Path(folder) / "a.tif", geobox, "uint8")
        ...     writer.write_band(0, np.ones((2, 3), np.uint8))
        ...     writer.close()
        ...     [path.name for path in Path(folder).iterdir()]
        ['a.tif']
        """
        try:
            self._file.close()
            with rasterio.Env(GDAL_CACHEMAX=64, GDAL_NUM_THREADS="2"), atomic(self.path) as partial:
                rasterio.shutil.copy(
                    self._spool, partial, driver="COG", blocksize=_TILE, compress="DEFLATE", level=6,
                    predictor="YES" if self._dtype.kind == "f" else "NO", overview_resampling=self._overview,
                    overviews="AUTO", bigtiff="IF_SAFER", statistics="NO",
                )  # fmt: skip
        except (OSError, RasterioError) as error:
            raise _failed(self.path, error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Give up: remove what was written so far; the target stays as it was.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.grid import analysis_grid
        >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     writer = CogWriter(Path(folder) / "a.tif", geobox, "uint8")
        ...     writer.write_band(0, np.ones((2, 3), np.uint8))
        ...     writer.discard()
        ...     list(Path(folder).iterdir())
        []
        """
        if not self._file.closed:
            self._file.close()
        self._spool.unlink(missing_ok=True)
        self._spool.with_name(self._spool.name + ".aux.xml").unlink(missing_ok=True)


def _failed(path: Path, error: Exception) -> RunError:
    if isinstance(error, OSError) and not isinstance(error, RasterioError):
        return not_writable(path, error)
    return RunError(Problem("output.write", path, reason=str(error).splitlines()[0]))


def _colours(colormap: Sequence[str] | Mapping[int, str]) -> dict[int, tuple[int, int, int, int]]:
    pairs = colormap.items() if isinstance(colormap, Mapping) else enumerate(colormap, start=1)
    table = {code: (*(int(text[i : i + 2], 16) for i in (1, 3, 5)), 255) for code, text in pairs}
    return {0: (0, 0, 0, 0), **table}  # type: ignore[dict-item]


def missing_value(layer: xr.DataArray) -> float | None:
    """What stands for missing in the file of a layer; None where every value of its type can be one."""
    if not np.issubdtype(layer.dtype, np.integer):
        return float("nan")
    quantity = str(layer.attrs.get("quantity", ""))
    kind = standards.table("quantities").data.get(quantity, {}).get("kind")
    return 0 if kind == "class" and quantity != "mask" else None


def write_cog(
    path: str | os.PathLike[str],
    layer: xr.DataArray,
    *,
    nodata: float | None = None,
    colormap: Sequence[str] | Mapping[int, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """A layer ``(y, x)`` as a COG, band by band when it is lazy.

    Without ``nodata`` missing is NaN in floats and 0 in classes, whose 0 is no class. The 0 of a mask and of integers
    that count or measure is a value: such a file declares none.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_cog(Path(folder) / "a.tif", layer_on(geobox, 1.0, quantity="slope"))
    ...     is_cog(Path(folder) / "a.tif")
    True
    """
    if nodata is None:
        nodata = missing_value(layer)
    about = {"UNITS": layer.attrs.get("units", ""), "QUANTITY": layer.attrs.get("quantity", ""), **(tags or {})}
    overview: Literal["mode", "average"] = "mode" if np.issubdtype(layer.dtype, np.integer) else "average"
    options: dict[str, Any] = {"nodata": nodata, "colormap": colormap, "tags": about, "overview": overview}
    writer = CogWriter(path, grid_of(layer), str(layer.dtype), **options)
    try:
        for first in range(0, layer.sizes["y"], _TILE):
            writer.write_band(first, layer.isel(y=slice(first, first + _TILE)).to_numpy())
    except BaseException:
        writer.discard()
        raise
    writer.close()


def is_cog(path: str | os.PathLike[str]) -> bool:
    """Whether a file was laid out as a COG (tiled, overviews where it is larger than a tile, header in front).

    Examples
    --------
    >>> is_cog("no-such.tif")
    False
    """
    try:
        with rasterio.open(path) as file:
            layout = file.tags(ns="IMAGE_STRUCTURE").get("LAYOUT")
            small = max(file.shape) <= _TILE
            return layout == "COG" and file.is_tiled and (small or bool(file.overviews(1)))
    except RasterioError:
        return False
