"""Facts of a raster file of any kind, and readers of its bands."""

from __future__ import annotations

import os
from pathlib import Path

from riskzoning.errors import LayerError, Phrase, Problem, decided
from riskzoning.files import existing
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.gdal import GdalBand, gdal_bands, gdal_facts
from riskzoning.rasters.places import mosaic, place_of
from riskzoning.rasters.retiling import is_badly_tiled
from riskzoning.rasters.stores import StoreBand, is_store, store_bands, store_facts

# The whole world at 10 m has 8e12 cells; more is a damaged header.
_MOST_CELLS = 10**13


def raster_facts(
    path: Path, *, band: int | str | None = None, variable: str | None = None
) -> tuple[RasterFacts, list[Problem]]:
    """Facts of one band or variable, and what is unusual about the file."""
    if is_store(path):
        there = existing(path, what=Phrase("raster_file"), folder=True)
        facts, problems = store_facts(there, variable=variable)
    else:
        name, problems = _name_of(path)
        facts, more = gdal_facts(path, band=band, name=name)
        problems += more
    return _sound(facts), [*problems, *_tile_problems(facts)]


def raster_bands(path: Path) -> tuple[list[RasterFacts], list[Problem]]:
    """Facts of every band that holds data, and what is unusual about the file."""
    problems: list[Problem] = []
    if is_store(path):
        bands = store_bands(existing(path, what=Phrase("raster_file"), folder=True))
    else:
        name, problems = _name_of(path)
        bands = gdal_bands(path, name=name)
    return [_sound(facts) for facts in bands], [*problems, *_tile_problems(bands[0])]


def _name_of(path: Path) -> tuple[str, list[Problem]]:
    """What GDAL opens for a path; several rasters are one mosaic, with a word."""
    place = place_of(path)
    if len(place.names) == 1:
        (name,) = place.names
        plain = name == os.path.abspath(path)
        said = [] if plain else [Problem("raster.inside", path, severity="info", name=os.path.basename(name))]
        return name, said
    text = mosaic(place, [gdal_bands(path, name=name) for name in place.names])
    decided(path, "parts", [os.path.basename(name) for name in place.names], "file")
    return text, [Problem("raster.mosaic", path, severity="info", count=len(place.names))]


def band_reader(facts: RasterFacts) -> GdalBand | StoreBand:
    """The reader of stored blocks that suits the file."""
    return StoreBand(facts) if facts.variable is not None else GdalBand(facts)


def _sound(facts: RasterFacts) -> RasterFacts:
    if facts.cells > _MOST_CELLS:
        rows, columns = facts.shape
        raise LayerError(Problem("layer.size", facts.path, rows=rows, columns=columns, most=_MOST_CELLS))
    return facts


def _tile_problems(facts: RasterFacts) -> list[Problem]:
    if not is_badly_tiled(facts):
        return []
    rows, columns = facts.block_shape
    return [Problem("layer.tiles", facts.path, severity="warning", rows=rows, columns=columns)]
