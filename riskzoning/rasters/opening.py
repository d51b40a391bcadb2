"""Facts of a raster file of any kind, and readers of its bands."""

from __future__ import annotations

from pathlib import Path

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.files import existing
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.gdal import GdalBand, gdal_bands, gdal_facts
from riskzoning.rasters.retiling import is_badly_tiled
from riskzoning.rasters.stores import StoreBand, is_store, store_facts

# The whole world at 10 m has 8e12 cells; more is a damaged header.
_MOST_CELLS = 10**13


def raster_facts(
    path: Path, *, band: int | str | None = None, variable: str | None = None
) -> tuple[RasterFacts, list[Problem]]:
    """Facts of one band or variable, and what is unusual about the file."""
    store = is_store(path)
    there = existing(path, what=Phrase("raster_file"), folder=store)
    facts, problems = store_facts(there, variable=variable) if store else gdal_facts(there, band=band)
    return _sound(facts), [*problems, *_tile_problems(facts)]


def raster_bands(path: Path) -> tuple[list[RasterFacts], list[Problem]]:
    """Facts of every band that holds data, and what is unusual about the file."""
    store = is_store(path)
    there = existing(path, what=Phrase("raster_file"), folder=store)
    bands = [store_facts(there)[0]] if store else gdal_bands(there)
    return [_sound(facts) for facts in bands], _tile_problems(bands[0])


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
