"""Rasters that GDAL reads (GeoTIFF and many more): facts, and blocks in any thread or process."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from riskzoning.errors import LayerError, Phrase, Problem, first_few
from riskzoning.files import existing, text_beginning
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.placing import arrange, crs_name, in_degrees
from riskzoning.rasters.retiling import tiled_copy

# GDAL keeps 5 % of the memory by default; blocks are read once, so little is enough.
CACHE_MB = 64
_UNIT_KEYS = ("units", "unit", "unittype", "unit_type")
_FAILURES = (RasterioError, OSError, ValueError, MemoryError)


def gdal_facts(path: Path, *, band: int | str | None = None) -> tuple[RasterFacts, list[Problem]]:
    """Facts of one band of a raster file, and what is unusual about it.

    Parameters
    ----------
    band : int or str, optional
        Number from 1, or its description; default the first band, with a warning when there are more.

    Raises
    ------
    LayerError
        Not a raster, cut off, rotated, not georeferenced, no such band.
    """
    try:
        with warnings.catch_warnings(), rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as dataset:
                return _facts(path, dataset, band)
    except _FAILURES as error:
        if isinstance(error, LayerError):
            raise
        raise LayerError(_not_a_raster(path, error)) from None


def _facts(path: Path, dataset: Any, band: int | str | None) -> tuple[RasterFacts, list[Problem]]:
    number, problems = _band_number(path, dataset, band)
    shape = (int(dataset.height), int(dataset.width))
    crs = crs_name(dataset.crs) if dataset.crs else None
    if dataset.transform.is_identity and dataset.driver != "MEM":
        raise LayerError(
            Problem(
                str(path),
                "has no geotransform (its cells have no coordinates)",
                "a georeferenced raster",
                "Georeference it in a GIS, or put its world file (.tfw) beside it.",
                rule="layer.grid",
            )
        )
    degrees = bool(dataset.crs.is_geographic) if dataset.crs else in_degrees(None, dataset.transform, shape)
    affine, orientation = arrange(dataset.transform, shape, geographic=degrees, thing=str(path))
    structure = dataset.tags(ns="IMAGE_STRUCTURE")
    flags = dataset.mask_flag_enums[number - 1]
    nodata = dataset.nodatavals[number - 1]
    block = tuple(int(size) for size in dataset.block_shapes[number - 1])
    dtype = np.dtype(dataset.dtypes[number - 1])
    if dtype.kind not in "iuf":
        raise LayerError(_wrong_type(path, str(dtype)))
    _check_complete(path, dataset, number, block)
    facts = RasterFacts(
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
        compressed="COMPRESSION" in structure,
        overviews=len(dataset.overviews(number)),
        size_bytes=path.stat().st_size,
        scale=float(dataset.scales[number - 1]),
        offset=float(dataset.offsets[number - 1]),
        masked=MaskFlags.all_valid not in flags and MaskFlags.nodata not in flags,
        alpha=_alpha(dataset, flags),
        tags={str(key): str(value) for key, value in dataset.tags().items()},
    )
    return facts, problems


def _band_number(path: Path, dataset: Any, band: int | str | None) -> tuple[int, list[Problem]]:
    names = [name or "" for name in dataset.descriptions]
    data = [i + 1 for i, kind in enumerate(dataset.colorinterp) if kind != ColorInterp.alpha]
    listed = first_few(f"{i}" + (f" '{names[i - 1]}'" if names[i - 1] else "") for i in data)
    if band is None:
        problems = []
        if len(data) > 1:
            problems.append(
                Problem(
                    str(path),
                    f"has {len(data)} bands ({listed}); band 1 is read",
                    "one band for a layer",
                    'Say which one with "band:" in study.yaml.',
                    rule="layer.band",
                    severity="warning",
                )
            )
        return (data or [1])[0], problems
    number = names.index(band) + 1 if isinstance(band, str) and band in names else band
    if isinstance(number, str) or not 1 <= int(number) <= dataset.count:
        raise LayerError(
            Problem(
                str(path),
                f"has no band {band!r}",
                f"one of its bands: {listed}",
                'Correct "band:" in study.yaml.',
                rule="layer.band",
            )
        )
    return int(number), []


def _alpha(dataset: Any, flags: Any) -> int:
    """The alpha band that GDAL does not take as a mask, since its cells are no small integers; 0 when there is none."""
    if MaskFlags.all_valid not in flags:
        return 0
    bands = [i + 1 for i, kind in enumerate(dataset.colorinterp) if kind == ColorInterp.alpha]
    return bands[0] if bands else 0


def _units(dataset: Any, number: int) -> str | None:
    if dataset.units[number - 1]:
        return str(dataset.units[number - 1])
    for tags in (dataset.tags(number), dataset.tags()):
        for key, value in tags.items():
            if key.lower() in _UNIT_KEYS and str(value).strip():
                return str(value).strip()
    return None


def _check_complete(path: Path, dataset: Any, number: int, block: tuple[int, ...]) -> None:
    """A file that was cut off while copying still opens: the place of its last block tells."""
    if dataset.driver not in ("GTiff", "COG"):
        return
    size = path.stat().st_size
    last_row, last_column = (dataset.height - 1) // block[0], (dataset.width - 1) // block[1]
    for row, column in ((0, 0), (last_row, 0), (last_row, last_column)):
        offset = dataset.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=number)
        length = dataset.get_tag_item(f"BLOCK_SIZE_{column}_{row}", "TIFF", bidx=number)
        if offset and length and int(offset) + int(length) > size:
            raise LayerError(
                _cut_off(path, f"ends after {size} bytes, its blocks reach to {int(offset) + int(length)}")
            )


def _cut_off(path: Path | str, found: str) -> Problem:
    return Problem(
        str(path),
        found,
        "a complete raster file",
        "Copy or export it again; the transfer was probably cut off.",
        rule="file.truncated",
    )


def _wrong_type(path: Path, dtype: str) -> Problem:
    return Problem(
        str(path), f"has cells of type {dtype}", "integers or real numbers", "Export one real band.", rule="layer.type"
    )


def _not_a_raster(path: Path, error: Exception) -> Problem:
    words = text_beginning(path) if path.is_file() else None
    if words is not None and path.suffix.lower() not in (".asc", ".vrt", ".xyz"):
        found = f"is text, not a raster (it begins with '{words}')"
        fix = "Download or export the raster itself; a web page or a pointer file was saved under its name."
    else:
        found = (
            f"is not a raster that can be read ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        )
        fix = "Open it in a GIS and export it as GeoTIFF."
    return Problem(str(path), found, "a GeoTIFF, NetCDF, Zarr or other raster", fix, rule="file.format")


@dataclass(frozen=True)
class GdalBand:
    """Blocks of one band as stored. Each read opens the file anew: cheap beside decoding, and safe in threads."""

    facts: RasterFacts

    def read(self, rows: slice, columns: slice) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any] | None]:
        """Stored values of a window, and its mask (0 = no data) where the file has a mask band or alpha.

        Raises
        ------
        LayerError
            The block cannot be decoded; names file and rows.
        """
        window = Window.from_slices(rows, columns)
        path = tiled_copy(self.facts)
        band = self.facts.band if path == self.facts.path else 1
        try:
            with rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
                with rasterio.open(path) as dataset:
                    values = dataset.read(band, window=window)
                mask = None
                if self.facts.masked or self.facts.alpha:
                    with rasterio.open(self.facts.path) as dataset:
                        number = self.facts.alpha or self.facts.band
                        read = dataset.read if self.facts.alpha else dataset.read_masks
                        mask = read(number, window=window)
        except _FAILURES as error:
            existing(self.facts.path, what=Phrase("raster_file"))
            cause = error.__cause__ or error
            reason = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
            raise LayerError(
                _cut_off(self.facts.path, f"cannot be read in rows {rows.start} to {rows.stop - 1} ({reason})")
            ) from None
        return values, mask
