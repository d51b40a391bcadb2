"""Layers of a run on disk: written band by band once, read back lazily any number of times."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import rasterio
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from riskzoning import io
from riskzoning.layers import layer_on
from riskzoning.rasters.blocks import stored_blocks

__all__ = ["CogSink", "CogStore", "Store", "StoreSink", "band_names", "fingerprint"]

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


def band_names(key: str, layer: xr.DataArray) -> list[str]:
    """Names of the 2-D parts of a layer in a pass: ``key@T`` for each return period, else the key alone.

    Examples
    --------
    >>> band_names("slope", xr.DataArray([[1.0]], dims=("y", "x")))
    ['slope']
    """
    return [f"{key}@{period:g}" for period in _periods(layer)] or [key]


def _periods(layer: xr.DataArray) -> list[float]:
    return [float(value) for value in layer["return_period"].values] if "return_period" in layer.dims else []


def _facts(layer: xr.DataArray) -> dict[str, Any]:
    attrs = {k: v for k, v in layer.attrs.items() if k not in ("quantity", "units", "source", "long_name")}
    return {
        "quantity": layer.attrs["quantity"],
        "source": layer.attrs.get("source", ""),
        "name": None if layer.name is None else str(layer.name),
        "return_periods": _periods(layer),
        "attrs": {k: v for k, v in attrs.items() if isinstance(v, str | int | float | bool)},
    }


class Store:
    """A folder of intermediate layers on one grid, by key.

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
        self._opened: dict[str, xr.DataArray] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, key: str) -> bool:
        """Whether the layer is there, whole.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Store(Path(folder), geobox).has("slope")
        False
        """
        return self.path(key).is_file() and self.facts_path(key).is_file()

    def path(self, key: str) -> Path:
        """Where the layer lies.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Store(Path(folder), geobox).path("slope").name
        'slope.tif'
        """
        return self.folder / f"{key}.tif"

    def facts_path(self, key: str) -> Path:
        """Where its quantity, return periods and attributes lie.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Store(Path(folder), geobox).facts_path("slope").name
        'slope.json'
        """
        return self.folder / f"{key}.json"

    def sink(self, layers: Mapping[str, xr.DataArray]) -> StoreSink:
        """A sink that writes these layers as bands arrive; ``close`` makes them visible.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> slope = layer_on(geobox, 3.0, quantity="slope")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = Store(Path(folder), geobox)
        ...     sink = store.sink({"slope": slope})
        ...     sink.update(0, {"slope": slope.to_numpy()})
        ...     before = store.has("slope")
        ...     sink.close()
        ...     before, store.has("slope")
        (False, True)
        """
        return StoreSink(self, layers)

    def get(self, key: str) -> xr.DataArray:
        """The layer, lazily, as it was written.

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
        ...     store.get("slope").attrs["units"]
        'degree'
        """
        # Opening a file costs more than most of what is then done with it; a run asks for each layer many times.
        if key not in self._opened:
            self._opened[key] = self._open(key)
        return self._opened[key].copy(deep=False)

    def forget(self, key: str) -> None:
        """Open the layer anew when it is asked for again: it has been written.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = Store(Path(folder), geobox)
        ...     for value in (1.0, 2.0):
        ...         sink = store.sink({"slope": layer_on(geobox, value, quantity="slope")})
        ...         sink.update(0, {"slope": np.full((2, 3), value)})
        ...         sink.close()
        ...     float(store.get("slope").max())
        2.0
        """
        self._opened.pop(key, None)

    def _open(self, key: str) -> xr.DataArray:
        facts = json.loads(self.facts_path(key).read_text(encoding="utf-8"))
        bands = stored_blocks(self.path(key), _TILE)
        periods = facts["return_periods"]
        return layer_on(
            self.grid,
            da.stack(bands) if periods else bands[0],
            quantity=facts["quantity"],
            return_periods=periods or None,
            name=facts["name"],
            source=facts["source"],
            **facts["attrs"],
        )


class StoreSink:
    """Writes layers of a :class:`Store` as bands arrive; see :func:`band_names` for the names of stacks.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> slope = layer_on(geobox, 3.0, quantity="slope")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = Store(Path(folder), geobox)
    ...     sink = StoreSink(store, {"slope": slope})
    ...     sink.update(0, {"slope": slope.to_numpy()})
    ...     sink.close()
    ...     float(store.get("slope").mean())
    3.0
    """

    def __init__(self, store: Store, layers: Mapping[str, xr.DataArray]) -> None:
        self._store = store
        self._layers = dict(layers)
        self._files: dict[str, Any] = {key: self._open(key, layer) for key, layer in self._layers.items()}

    def _open(self, key: str, layer: xr.DataArray) -> Any:
        height, width = self._store.grid.shape
        floating = np.issubdtype(layer.dtype, np.floating)
        return rasterio.open(
            self._partial(key), "w", driver="GTiff", height=height, width=width, count=len(band_names(key, layer)),
            dtype=str(layer.dtype), crs=str(self._store.grid.crs), transform=self._store.grid.affine,
            nodata=float("nan") if floating else None, tiled=True, blockxsize=_TILE, blockysize=_TILE,
            compress="zstd", zstd_level=1, predictor=1, bigtiff="if_safer", interleave="band",
        )  # fmt: skip

    def _partial(self, key: str) -> Path:
        return self._store.folder / f".{key}.{os.getpid()}.tif"

    def update(self, first_row: int, values: dict[str, np.ndarray[Any, Any]]) -> None:
        """Write the rows of a band.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> slope = layer_on(geobox, 3.0, quantity="slope")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = Store(Path(folder), geobox)
        ...     sink = StoreSink(store, {"slope": slope})
        ...     for row in (0, 1):
        ...         sink.update(row, {"slope": np.full((1, 3), float(row))})
        ...     sink.close()
        ...     store.get("slope").mean("x").values.tolist()
        [0.0, 1.0]
        """
        for key, file in self._files.items():
            for index, name in enumerate(band_names(key, self._layers[key]), start=1):
                rows, width = values[name].shape
                file.write(values[name], index, window=Window(0, first_row, width, rows))

    def close(self) -> None:
        """Finish the files and make them visible under their keys.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> slope = layer_on(geobox, 3.0, quantity="slope")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     sink = StoreSink(Store(Path(folder), geobox), {"slope": slope})
        ...     sink.update(0, {"slope": slope.to_numpy()})
        ...     sink.close()
        ...     sorted(path.name for path in Path(folder).iterdir())
        ['slope.json', 'slope.tif']
        """
        for key, file in self._files.items():
            file.close()
            facts = json.dumps(_facts(self._layers[key]), ensure_ascii=False)
            self._store.facts_path(key).write_text(facts, encoding="utf-8")
            os.replace(self._partial(key), self._store.path(key))
            self._store.forget(key)
        self._files = {}


class CogStore(Store):
    """The layers that a run publishes: 2-D, one COG each, named ``{code}_{key}.tif``.

    Parameters
    ----------
    folder, work : Path
        Where the COGs lie; where their facts lie.
    grid : GeoBox
    code : str

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     CogStore(Path(folder) / "layers", Path(folder) / "work", geobox, "410700").path("slope").name
    '410700_slope.tif'
    """

    def __init__(self, folder: Path, work: Path, grid: GeoBox, code: str) -> None:
        super().__init__(folder, grid)
        self._work = work
        self._code = code
        work.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """Where the COG lies.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = CogStore(Path(folder) / "layers", Path(folder) / "work", geobox, "410700")
        ...     store.path("slope").relative_to(folder).as_posix()
        'layers/410700_slope.tif'
        """
        return self.folder / f"{self._code}_{key}.tif"

    def facts_path(self, key: str) -> Path:
        """Where its facts lie, out of the sight of users.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = CogStore(Path(folder) / "layers", Path(folder) / "work", geobox, "410700")
        ...     store.facts_path("slope").relative_to(folder).as_posix()
        'work/slope.json'
        """
        return self._work / f"{key}.json"

    def names(self) -> list[str]:
        """Keys of the layers that are there, sorted.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     CogStore(Path(folder) / "layers", Path(folder) / "work", geobox, "410700").names()
        []
        """
        return sorted(path.stem for path in self._work.glob("*.json") if self.path(path.stem).is_file())


class CogSink:
    """Writes published layers as bands arrive: values, colour table, tags; ``close`` makes each a COG.

    Parameters
    ----------
    store : CogStore
    layers : mapping key -> layer ``(y, x)``
    colours : mapping, optional
        Key -> colours of the classes, lowest first, for grade layers.
    tags : mapping, optional
        Tags for every file.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning import grid
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = CogStore(Path(folder) / "layers", Path(folder) / "work", geobox, "410700")
    ...     sink = CogSink(store, {"slope": layer_on(geobox, np.float32(3), quantity="slope")})
    ...     sink.update(0, {"slope": np.full((2, 3), 3.0, np.float32)})
    ...     sink.close()
    ...     store.names()
    ['slope']
    """

    def __init__(
        self,
        store: CogStore,
        layers: Mapping[str, xr.DataArray],
        *,
        colours: Mapping[str, list[str]] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self._store = store
        self._layers = dict(layers)
        self._writers: dict[str, Any] = {}
        for key, layer in self._layers.items():
            grade = np.issubdtype(layer.dtype, np.integer)
            about = {"UNITS": layer.attrs["units"], "QUANTITY": layer.attrs["quantity"], **(tags or {})}
            about = {key.upper(): str(value) for key, value in _facts(layer)["attrs"].items()} | about
            self._writers[key] = io.CogWriter(
                store.path(key),
                store.grid,
                str(layer.dtype),
                nodata=0 if grade else float("nan"),
                colormap=(colours or {}).get(key),
                tags=about,
                overview="mode" if grade else "average",
            )

    def update(self, first_row: int, values: dict[str, np.ndarray[Any, Any]]) -> None:
        """Write the rows of a band.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> grade = layer_on(geobox, np.uint8(4), quantity="grade")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = CogStore(Path(folder) / "layers", Path(folder) / "work", geobox, "410700")
        ...     sink = CogSink(store, {"grade": grade})
        ...     for row in (0, 1):
        ...         sink.update(row, {"grade": np.full((1, 3), row + 1, np.uint8)})
        ...     sink.close()
        ...     store.get("grade").values.tolist()
        [[1, 1, 1], [2, 2, 2]]
        """
        for key, writer in self._writers.items():
            writer.write_band(first_row, values[key])

    def close(self) -> None:
        """Make the COGs, one after the other.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning import grid
        >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> grade = layer_on(geobox, np.uint8(4), quantity="grade")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = CogStore(Path(folder) / "layers", Path(folder) / "work", geobox, "410700")
        ...     sink = CogSink(store, {"grade": grade})
        ...     sink.update(0, {"grade": grade.to_numpy()})
        ...     before = store.names()
        ...     sink.close()
        ...     before, store.names()
        ([], ['grade'])
        """
        for key, writer in self._writers.items():
            writer.close()
            self._store.forget(key)
            facts = json.dumps(_facts(self._layers[key]), ensure_ascii=False)
            self._store.facts_path(key).write_text(facts, encoding="utf-8")
        self._writers = {}
