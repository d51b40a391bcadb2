"""Rasters that GDAL reads (GeoTIFF and many more): facts, and blocks in any thread or process."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.files import existing, on_disk, text_beginning
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.placing import arrange, crs_definition, in_degrees
from riskzoning.rasters.retiling import tiled_copy

Array = np.ndarray[Any, Any]
# GDAL keeps 5 % of the memory by default; blocks are read once, so little is enough.
CACHE_MB = 64
_UNIT_KEYS = ("units", "unit", "unittype", "unit_type")
FAILURES = (RasterioError, OSError, ValueError, MemoryError)


def gdal_facts(
    path: Path, *, band: int | str | None = None, name: str | None = None
) -> tuple[RasterFacts, list[Problem]]:
    """Facts of one band (number from 1, or its description; default the first), and what is unusual about them.

    ``name`` is what GDAL opens for the path, by default its absolute form: no sign in it then means anything.
    """
    name = name or os.path.abspath(path)
    with _opened(path, name) as dataset:
        number, problems = _band_number(path, dataset, band)
        return _facts(path, name, dataset, number), problems


def gdal_bands(path: Path, *, name: str | None = None) -> list[RasterFacts]:
    """Facts of every band that holds data: alpha is a mask, not a layer."""
    name = name or os.path.abspath(path)
    with _opened(path, name) as dataset:
        return [_facts(path, name, dataset, number) for number in _data_bands(dataset)]


@contextmanager
def _opened(path: Path, name: str) -> Iterator[DatasetReader]:
    try:
        with warnings.catch_warnings(), rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(name) as dataset:
                yield dataset
    except FAILURES as error:
        if isinstance(error, LayerError):
            raise
        raise LayerError(_not_a_raster(path, error)) from None


def _facts(path: Path, name: str, dataset: DatasetReader, number: int) -> RasterFacts:
    shape = (int(dataset.height), int(dataset.width))
    crs = crs_definition(dataset.crs) if dataset.crs else None
    if dataset.transform.is_identity and dataset.driver != "MEM":
        raise LayerError(Problem("raster.georeference", str(path)))
    degrees = bool(dataset.crs.is_geographic) if dataset.crs else in_degrees(None, dataset.transform, shape)
    affine, orientation = arrange(dataset.transform, shape, geographic=degrees, thing=str(path))
    flags = dataset.mask_flag_enums[number - 1]
    nodata = dataset.nodatavals[number - 1]
    block = tuple(int(size) for size in dataset.block_shapes[number - 1])
    dtype = np.dtype(dataset.dtypes[number - 1])
    if dtype.kind not in "iuf":
        raise LayerError(Problem("raster.type", str(path), type=str(dtype)))
    _check_complete(path, dataset, number, block)
    return RasterFacts(
        path=str(path),
        driver=str(dataset.driver),
        crs=crs,
        crs_raw="" if crs or not dataset.crs else str(dataset.crs.to_wkt())[:60],
        transform=affine,
        orientation=orientation,
        shape=shape,
        dtype=str(dtype),
        nodata=() if nodata is None else (float(nodata),),
        units=_units(dataset, number),
        band=number,
        bands=int(dataset.count),
        band_names=tuple(name or "" for name in dataset.descriptions),
        block_shape=(block[0], block[1]),
        tiled=block[1] < shape[1] or (block[1] >= shape[1] and block[0] >= shape[0]),
        compressed="COMPRESSION" in dataset.tags(ns="IMAGE_STRUCTURE"),
        overviews=len(dataset.overviews(number)),
        size_bytes=sum(item.stat().st_size for item in on_disk(path) if item.is_file()),
        source=name,
        scale=float(dataset.scales[number - 1]),
        offset=float(dataset.offsets[number - 1]),
        masked=MaskFlags.all_valid not in flags and MaskFlags.nodata not in flags,
        alpha=_alpha(dataset, flags),
        tags={str(key): str(value) for key, value in dataset.tags().items()},
    )


def _data_bands(dataset: DatasetReader) -> list[int]:
    return [i + 1 for i, kind in enumerate(dataset.colorinterp) if kind != ColorInterp.alpha] or [1]


def _band_number(path: Path, dataset: DatasetReader, band: int | str | None) -> tuple[int, list[Problem]]:
    names = [name or "" for name in dataset.descriptions]
    numbers = _data_bands(dataset)
    listed = [f"{i}" + (f" '{names[i - 1]}'" if names[i - 1] else "") for i in numbers]
    if band is None:
        many = Problem("layer.bands", str(path), severity="warning", count=len(numbers), bands=listed)
        return numbers[0], [many] if len(numbers) > 1 else []
    number = names.index(band) + 1 if isinstance(band, str) and band in names else band
    if isinstance(number, str) or not 1 <= int(number) <= dataset.count:
        raise LayerError(Problem("layer.band", str(path), band=band, bands=listed))
    return int(number), []


def _alpha(dataset: DatasetReader, flags: Sequence[MaskFlags]) -> int:
    """The alpha band that GDAL does not take as a mask: no small integers, or beside a no-data value; 0 for none."""
    if MaskFlags.alpha in flags:
        return 0
    bands = [i + 1 for i, kind in enumerate(dataset.colorinterp) if kind == ColorInterp.alpha]
    return bands[0] if bands else 0


def _units(dataset: DatasetReader, number: int) -> str | None:
    if dataset.units[number - 1]:
        return str(dataset.units[number - 1])
    for tags in (dataset.tags(number), dataset.tags()):
        for key, value in tags.items():
            if key.lower() in _UNIT_KEYS and str(value).strip():
                return str(value).strip()
    return None


def _check_complete(path: Path, dataset: DatasetReader, number: int, block: tuple[int, ...]) -> None:
    """A file that was cut off while copying still opens: the place of its last block tells."""
    if dataset.driver not in ("GTiff", "COG") or not path.is_file() or dataset.name.startswith("/vsi"):
        return
    size = path.stat().st_size
    last_row, last_column = (dataset.height - 1) // block[0], (dataset.width - 1) // block[1]
    for row, column in ((0, 0), (last_row, 0), (last_row, last_column)):
        offset = dataset.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=number)
        length = dataset.get_tag_item(f"BLOCK_SIZE_{column}_{row}", "TIFF", bidx=number)
        if offset and length and int(offset) + int(length) > size:
            raise LayerError(Problem("raster.truncated", str(path), size=size, reach=int(offset) + int(length)))


def _not_a_raster(path: Path, error: Exception) -> Problem:
    words = text_beginning(path) if path.is_file() else None
    if words is not None and path.suffix.lower() not in (".asc", ".vrt", ".xyz"):
        return Problem("raster.text", str(path), words=words)
    return Problem("raster.format", str(path), reason=first_line(error))


def first_line(error: BaseException) -> str:
    """What a library says about a failure, in one line."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def block_problem(facts: RasterFacts, rows: slice, error: BaseException) -> Problem:
    """The message of rows that cannot be decoded; a file that is gone meanwhile is told as such."""
    for place in on_disk(facts.path) or [Path(facts.path)]:
        existing(place, what=Phrase("raster_file"), folder=True)
    reason = first_line(error.__cause__ or error)
    return Problem("raster.block", facts.path, first=rows.start, last=rows.stop - 1, reason=reason)


def read_mask(dataset: DatasetReader, facts: RasterFacts, window: Window) -> Array | None:
    """The mask of a window (0 = no data), where the file has a mask band or alpha."""
    masks = [np.asarray(dataset.read_masks(facts.band, window=window))] if facts.masked else []
    masks += [np.asarray(dataset.read(facts.alpha, window=window))] if facts.alpha else []
    return None if not masks else masks[0] if len(masks) == 1 else np.logical_and(*masks)


@dataclass(frozen=True)
class GdalBand:
    """Blocks of one band as stored. Each read opens the file anew: cheap beside decoding, and safe in threads."""

    facts: RasterFacts
    # Time of the file: blocks of a file that was written again have other names in a graph.
    stamp: int = 0

    def read(self, rows: slice, columns: slice) -> tuple[Array, Array | None]:
        """Stored values of a window, and its mask (0 = no data) where the file has a mask band or alpha."""
        window = Window.from_slices(rows, columns)
        facts = self.facts
        try:
            copy = tiled_copy(facts)
            own = copy == facts.opens
            with rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
                with rasterio.open(copy) as dataset:
                    values = dataset.read(facts.band if own else 1, window=window)
                    mask = read_mask(dataset, facts, window) if own else None
                if not own and (facts.masked or facts.alpha):
                    with rasterio.open(facts.opens) as dataset:
                        mask = read_mask(dataset, facts, window)
        except FAILURES as error:
            raise LayerError(block_problem(facts, rows, error)) from None
        return values, mask
