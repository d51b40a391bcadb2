"""What a run keeps on disk: layers written band by band once and read back lazily, facts, tables."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import rasterio
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.windows import Window
from xarray.backends import BackendArray
from xarray.core import indexing

from riskzoning import io
from riskzoning.io.writing.cog import missing_value
from riskzoning.layers import layer_on
from riskzoning.pipeline.workspace import values
from riskzoning.rasters.blocks import stored_blocks, stored_values

Array = np.ndarray[Any, Any]

_TILE = 512
# On grids of so few cells the graph of a lazy layer costs more than its values: these are held, so many bytes of them.
_SMALL = 1 << 19
_HELD = 256 * 1024**2


def fingerprint(*parts: object) -> str:
    """A short hash of values that JSON can hold; equal values give equal hashes on every machine."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:24]


def band_names(key: str, layer: xr.DataArray) -> list[str]:
    """Names of the 2-D parts of a layer in a pass: ``key@T`` for each return period, else the key alone."""
    return [f"{key}@{period:g}" for period in _periods(layer)] or [key]


def _periods(layer: xr.DataArray) -> list[float]:
    return [float(value) for value in layer["return_period"].values] if "return_period" in layer.dims else []


def _name(layer: xr.DataArray) -> str | None:
    """The name of a layer; the token that a lazy array brings is none, and another one in every run."""
    token = getattr(layer.data, "name", None)
    return None if layer.name is None or layer.name == token else str(layer.name)


def _facts(layer: xr.DataArray) -> dict[str, Any]:
    attrs = {k: v for k, v in layer.attrs.items() if k not in ("quantity", "units", "source", "long_name")}
    return {
        "quantity": layer.attrs["quantity"],
        "source": layer.attrs.get("source", ""),
        "name": _name(layer),
        "return_periods": _periods(layer),
        "dtype": str(layer.dtype),
        "attrs": {k: v for k, v in attrs.items() if isinstance(v, str | int | float | bool)},
    }


class Bands:
    """The values of a layer as they come in, band by band; ``names`` are its 2-D parts."""

    def __init__(self, names: list[str], dtype: np.dtype[Any]) -> None:
        self._rows: dict[str, list[Array]] = {name: [] for name in names}
        self._dtype = dtype

    def take(self, values: Mapping[str, Array]) -> None:
        """Take the next rows, as a file takes them."""
        for name, rows in self._rows.items():
            rows.append(values[name].astype(self._dtype, order="C", copy=False))

    def whole(self) -> list[Array]:
        """The parts, each in one piece; nothing when nothing was taken."""
        return [rows[0] if len(rows) == 1 else np.concatenate(rows) for rows in self._rows.values() if rows]


class _Kept(BackendArray):
    """The values of a file, read whole when somebody asks for any of them, and held then."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: str) -> None:
        self.path, self.shape, self.dtype = path, shape, np.dtype(dtype)
        self._values: Array | None = None
        self._lock = Lock()

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Array:
        given: Array = indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, lambda at: self._all()[at]
        )
        return given

    def _all(self) -> Array:
        with self._lock:
            if self._values is None:
                bands = values.recall(self.path)
                if bands is None:
                    bands = stored_values(self.path)
                    values.remember(self.path, bands)
                self._values = np.stack(bands) if len(self.shape) > 2 else bands[0]
            return self._values

    def __reduce__(self) -> tuple[Any, ...]:
        return _Kept, (self.path, self.shape, str(self.dtype))


def _bytes(layer: xr.DataArray | list[Array]) -> int:
    return int(layer.nbytes) if isinstance(layer, xr.DataArray) else sum(band.nbytes for band in layer)


class Store:
    """A folder of intermediate layers on one grid, by key."""

    def __init__(self, folder: Path, grid: GeoBox) -> None:
        self.folder = folder
        self.grid = grid
        # Layers, or the bands of those that were written and not asked for yet.
        self._opened: dict[str, xr.DataArray | list[Array]] = {}
        self._held = 0
        self.small = grid.shape[0] * grid.shape[1] <= _SMALL
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, key: str) -> bool:
        """Whether the layer is there, whole."""
        return self.path(key).is_file() and self.facts_path(key).is_file()

    def path(self, key: str) -> Path:
        """Where the layer lies."""
        return self.folder / f"{key}.tif"

    def facts_path(self, key: str) -> Path:
        """Where its quantity, return periods and attributes lie."""
        return self.folder / f"{key}.json"

    def keep_facts(self, key: str, facts: Mapping[str, object]) -> None:
        """Keep what JSON holds under a key, in its own order."""
        with io.atomic(self.folder / f"{key}.facts.json") as partial:
            partial.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")

    def facts(self, key: str) -> dict[str, Any]:
        """The facts of a key, as they were kept."""
        return dict(json.loads((self.folder / f"{key}.facts.json").read_text(encoding="utf-8")))

    def keep_table(self, key: str, table: pd.DataFrame) -> None:
        """Keep a frame with its index and types; equal frames give equal bytes."""
        io.write_frame(self.folder / f"{key}.arrow", table)

    def table(self, key: str) -> pd.DataFrame:
        """The frame of a key, as it was kept."""
        return io.read_frame(self.folder / f"{key}.arrow")

    def sink(self, layers: Mapping[str, xr.DataArray]) -> StoreSink:
        """A sink that writes these layers as bands arrive; ``close`` makes them visible."""
        return StoreSink(self, layers)

    def get(self, key: str) -> xr.DataArray:
        """The layer, lazily, as it was written."""
        return self.held(key).copy(deep=False)

    def held(self, key: str) -> xr.DataArray:
        """The layer as it is held, for those who only look at it: what is changed in it is changed for all."""
        # Opening a file costs more than most of what is then done with it; a run asks for each layer many times.
        held = self._let_go(key)
        layer = held if isinstance(held, xr.DataArray) else self._open(key, held)
        self._hold(key, layer)
        return layer

    def read_ahead(self, keys: Iterable[str], workers: int) -> None:
        """Read the values of layers that will be asked for, several at a time, on grids where they are held."""
        if self.small:
            layers = [self.get(key) for key in keys]
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(lambda layer: layer.data, layers))

    def written(self, key: str, bands: Bands | None) -> None:
        """The layer has been written: what was opened before is forgotten, its values are held if it is small."""
        self._let_go(key)
        whole = bands.whole() if bands else []
        if whole:
            self._hold(key, whole)

    def _hold(self, key: str, layer: xr.DataArray | list[Array]) -> None:
        self._opened[key] = layer
        self._held += _bytes(layer)
        # Values take memory, unlike lazy layers: those that were not asked for the longest are read again.
        while self.small and self._held > _HELD and len(self._opened) > 1:
            self._let_go(next(iter(self._opened)))

    def _let_go(self, key: str) -> xr.DataArray | list[Array] | None:
        layer = self._opened.pop(key, None)
        self._held -= 0 if layer is None else _bytes(layer)
        return layer

    def _open(self, key: str, written: list[Array] | None) -> xr.DataArray:
        facts = json.loads(self.facts_path(key).read_text(encoding="utf-8"))
        periods = facts["return_periods"]
        return layer_on(
            self.grid,
            self._values(key, written, facts),
            quantity=facts["quantity"],
            return_periods=periods or None,
            name=facts["name"] or key,
            source=facts["source"],
            **facts["attrs"],
        )

    def _values(self, key: str, written: list[Array] | None, facts: Mapping[str, Any]) -> Any:
        """The values that were just written, else those of the file: of small grids as a whole, of others in blocks."""
        periods = facts["return_periods"]
        if written is not None:
            if self.small:
                values.remember(self.path(key), written)
            return np.stack(written) if periods else written[0]
        # Who knows no type of the values wrote them before it was kept: they are found in the file.
        if self.small and "dtype" in facts:
            shape = (*([len(periods)] if periods else []), *self.grid.shape)
            return indexing.LazilyIndexedArray(_Kept(self.path(key), shape, facts["dtype"]))
        blocks = stored_blocks(self.path(key), _TILE)
        return da.stack(blocks) if periods else blocks[0]


class StoreSink:
    """Writes layers of a :class:`Store` as bands arrive; see :func:`band_names` for the names of stacks."""

    def __init__(self, store: Store, layers: Mapping[str, xr.DataArray]) -> None:
        self._store = store
        self._layers = dict(layers)
        self._files: dict[str, Any] = {key: self._open(key, layer) for key, layer in self._layers.items()}
        self._bands = _bands_of(store, self._layers)

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

    def update(self, first_row: int, values: dict[str, Array]) -> None:
        """Write the rows of a band."""
        for bands in self._bands.values():
            bands.take(values)
        for key, file in self._files.items():
            for index, name in enumerate(band_names(key, self._layers[key]), start=1):
                rows, width = values[name].shape
                file.write(values[name], index, window=Window(0, first_row, width, rows))

    def close(self) -> None:
        """Finish the files and make them visible under their keys."""
        for key, file in self._files.items():
            file.close()
            facts = json.dumps(_facts(self._layers[key]), ensure_ascii=False)
            self._store.facts_path(key).write_text(facts, encoding="utf-8")
            os.replace(self._partial(key), self._store.path(key))
            self._store.written(key, self._bands.get(key))
        self._files, self._bands = {}, {}


def _bands_of(store: Store, layers: Mapping[str, xr.DataArray]) -> dict[str, Bands]:
    """What holds the values of layers while they are written, on grids where they are held at all."""
    return {key: Bands(band_names(key, layer), layer.dtype) for key, layer in layers.items()} if store.small else {}


class CogStore(Store):
    """The layers that a run publishes: 2-D, one COG each, named ``{code}_{key}.tif``."""

    def __init__(self, folder: Path, work: Path, grid: GeoBox, code: str) -> None:
        super().__init__(folder, grid)
        self._work = work
        self._code = code
        work.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """Where the COG lies."""
        return self.folder / f"{self._code}_{key}.tif"

    def facts_path(self, key: str) -> Path:
        """Where its facts lie, out of the sight of users."""
        return self._work / f"{key}.json"

    def names(self) -> list[str]:
        """Keys of the layers that are there, sorted."""
        return sorted(path.stem for path in self._work.glob("*.json") if self.path(path.stem).is_file())


class CogSink:
    """Writes published layers as bands arrive: values, colour table, tags; ``close`` makes each a COG."""

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
        self._bands = _bands_of(store, self._layers)
        for key, layer in self._layers.items():
            about = {"UNITS": layer.attrs["units"], "QUANTITY": layer.attrs["quantity"], **(tags or {})}
            about = {key.upper(): str(value) for key, value in _facts(layer)["attrs"].items()} | about
            self._writers[key] = io.CogWriter(
                store.path(key),
                store.grid,
                str(layer.dtype),
                nodata=missing_value(layer),
                colormap=(colours or {}).get(key),
                tags=about,
                overview="mode" if np.issubdtype(layer.dtype, np.integer) else "average",
            )

    def update(self, first_row: int, values: dict[str, Array]) -> None:
        """Write the rows of a band."""
        for bands in self._bands.values():
            bands.take(values)
        for key, writer in self._writers.items():
            writer.write_band(first_row, values[key])

    def close(self) -> None:
        """Make the COGs, two at a time."""
        with self.closing():
            pass

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Make the COGs beside what is done in the block; all of them are there when it ends."""
        with ThreadPoolExecutor(2) as pool:
            made = pool.map(lambda writer: writer.close(), self._writers.values())
            yield
            list(made)
        for key in self._writers:
            self._store.written(key, self._bands.get(key))
            facts = json.dumps(_facts(self._layers[key]), ensure_ascii=False)
            self._store.facts_path(key).write_text(facts, encoding="utf-8")
        self._writers, self._bands = {}, {}
