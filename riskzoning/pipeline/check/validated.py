"""Checks of the events that the results are held against: columns, units that they name, places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import geopandas as gpd
import pandas as pd
from odc.geo.geobox import GeoBox

from riskzoning.config import EventsConfig, StudyConfig
from riskzoning.errors import Phrase, Problem
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.check.location import vector_problems
from riskzoning.pipeline.stages.proof.events import figure_problems
from riskzoning.pipeline.stages.proof.named import units_named
from riskzoning.pipeline.workspace.progress import Work
from riskzoning.rasters.places import names_rasters

Job = Callable[[], list[Problem]]


def validation_jobs(
    study: StudyConfig, catalogue: Catalogue, units: gpd.GeoDataFrame | None, grid: GeoBox | None
) -> Iterator[tuple[Work, Job]]:
    """What is to be checked about the events of the study."""
    for given in study.validation.events.values():
        if given.input in study.inputs:
            yield Work("validation", given.input), partial(_events, catalogue, given, units, grid)


def _events(
    catalogue: Catalogue, given: EventsConfig, units: gpd.GeoDataFrame | None, grid: GeoBox | None
) -> list[Problem]:
    if given.units:
        return _table(catalogue.table(given.input), given, units)
    if names_rasters(catalogue.study.path(catalogue.entry(given.input).path)):
        catalogue.layer(given.input, "mask")
        return []
    frame = catalogue.vector(given.input)
    return [] if grid is None else vector_problems(frame, Phrase("input", name=given.input), grid)


def _table(table: pd.DataFrame, given: EventsConfig, units: gpd.GeoDataFrame | None) -> list[Problem]:
    thing, present = Phrase("input", name=given.input), [str(column) for column in table.columns]
    missing = [name for name in given.units if name not in present]
    if missing:
        return [Problem("proof.columns", thing, missing=missing, present=present)]
    problems = figure_problems(table, thing)
    if units is not None:
        cells = table[list(given.units)].to_numpy().ravel()
        levels = list(dict.fromkeys(units["level"]))
        if not units_named(cells, pd.DataFrame(units[["name", "level"]]), levels):
            problems.append(Problem("proof.no_unit", thing, columns=list(given.units)))
    return problems
