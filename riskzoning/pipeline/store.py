"""Intermediate layers of a run on disk: written band by band once, read back lazily any number of times."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rioxarray
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from riskzoning.layers import layer_on

__all__ = ["Store", "StoreSink", "fingerprint"]

_TILE = 512


def fingerprint(*parts: Any) -> str:
    """A short hash of values that JSON can hold; equal values give equal hashes on every machine.

    Examples
    --------
    >>> fingerprint({"b": 1, "a": 2}) == fingerprint({"a": 2, "b": 1})
    True
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:24]


class Store:
    """A folder of layers on one grid, by key.

    Parameters
    ----------
    folder : Path
        Made when it does not exist.
    grid : GeoBox

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = Store(Path(folder), geobox)
    ...     sink = store.sink({"slope": layer_on(geobox, 3.0, quantity="slope")})
    ...     sink.update(0, {"slope": np.full((2, 3), 3.0)})
    ...     sink.close()
    ...     float(store.get("slope").max())
    3.0
    """

    def __init__(self, folder: Path, grid: GeoBox) -> None:
        self.folder = folder
        self.grid = grid
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, key: str) -> bool:
        """Whether the layer is there, whole.

        Examples
        --------
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Store(Path(folder), geobox).has("slope")
        False
        """
        return self._path(key).is_file() and self._facts(key).is_file()

    def sink(self, layers: Mapping[str, xr.DataArray]) -> StoreSink:
        """A sink that writes these layers as bands arrive; ``close`` makes them visible.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Store(Path(folder), geobox).sink({}).close()
        """
        return StoreSink(self, layers)

    def get(self, key: str) -> xr.DataArray:
        """The layer, lazily.

        Examples
        --------
        >>> Store.get.__name__
        'get'
        """
        facts = json.loads(self._facts(key).read_text(encoding="utf-8"))
        opened = rioxarray.open_rasterio(self._path(key), chunks={"band": 1, "y": _TILE, "x": -1}, lock=False)
        data = opened.data
        periods = facts["return_periods"]
        return layer_on(
            self.grid,
            data if periods else data[0],
            quantity=facts["quantity"],
            return_periods=periods or None,
            name=facts["name"],
            source=facts["source"],
            **facts["attrs"],
        )

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.tif"

    def _facts(self, key: str) -> Path:
        return self.folder / f"{key}.json"


class StoreSink:
    """Writes layers of a :class:`Store` as bands arrive. Names of stacks are ``key@T`` for each return period.

    Examples
    --------
    >>> StoreSink.band_names("depth", [5.0, 100.0])
    ['depth@5', 'depth@100']
    """

    def __init__(self, store: Store, layers: Mapping[str, xr.DataArray]) -> None:
        self._store = store
        self._layers = dict(layers)
        self._files: dict[str, Any] = {}
        for key, layer in self._layers.items():
            self._files[key] = self._open(key, layer)

    @staticmethod
    def band_names(key: str, periods: list[float]) -> list[str]:
        """Names of the bands of a layer in a pass; the key alone for a layer without return periods.

        Examples
        --------
        >>> StoreSink.band_names("slope", [])
        ['slope']
        """
        return [f"{key}@{period:g}" for period in periods] or [key]

    def _open(self, key: str, layer: xr.DataArray) -> Any:
        height, width = self._store.grid.shape
        floating = np.issubdtype(layer.dtype, np.floating)
        return rasterio.open(
            self._partial(key), "w", driver="GTiff", height=height, width=width, count=len(self._names(key)),
            dtype=str(layer.dtype), crs=str(self._store.grid.crs), transform=self._store.grid.affine,
            nodata=float("nan") if floating else None, tiled=True, blockxsize=_TILE, blockysize=_TILE,
            compress="zstd", zstd_level=1, predictor=1, bigtiff="if_safer", interleave="band",
        )  # fmt: skip

    def _partial(self, key: str) -> Path:
        return self._store.folder / f".{key}.{os.getpid()}.tif"

    def _periods(self, key: str) -> list[float]:
        layer = self._layers[key]
        return [float(value) for value in layer["return_period"].values] if "return_period" in layer.dims else []

    def _names(self, key: str) -> list[str]:
        return self.band_names(key, self._periods(key))

    def update(self, first_row: int, values: dict[str, np.ndarray[Any, Any]]) -> None:
        """Write the rows of a band.

        Examples
        --------
        >>> StoreSink.update.__name__
        'update'
        """
        for key, file in self._files.items():
            for index, name in enumerate(self._names(key), start=1):
                rows, width = values[name].shape
                file.write(values[name], index, window=Window(0, first_row, width, rows))

    def close(self) -> None:
        """Finish the files and make them visible under their keys.

        Examples
        --------
        >>> StoreSink.close.__name__
        'close'
        """
        for key, file in self._files.items():
            file.close()
            layer = self._layers[key]
            attrs = {k: v for k, v in layer.attrs.items() if k not in ("quantity", "units", "source", "long_name")}
            facts = {
                "quantity": layer.attrs["quantity"],
                "source": layer.attrs.get("source", ""),
                "name": layer.name,
                "return_periods": self._periods(key),
                "attrs": {k: v for k, v in attrs.items() if isinstance(v, str | int | float | bool)},
            }
            os.replace(self._partial(key), self._store._path(key))
            self._store._facts(key).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
        self._files = {}
