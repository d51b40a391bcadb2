"""Checks of what losses are held against and cut by: the history of losses, protected areas, values by sector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from odc.geo.geobox import GeoBox

from riskzoning import io
from riskzoning.config import HistoryConfig, ProtectionConfig, SectorConfig, StudyConfig
from riskzoning.errors import Phrase, Problem, RiskZoningError
from riskzoning.inputs import InputSpec
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.stages.recorded import by_year
from riskzoning.pipeline.stages.sector_losses import SECTOR_CURVES
from riskzoning.pipeline.workspace.progress import Work
from riskzoning.rasters.places import names_rasters
from riskzoning.vulnerability import load_curve

Job = Callable[[], list[Problem]]


# How the check of a study looks at one entry of the catalogue: place, form, values of rasters.
Look = Callable[[Catalogue, tuple[str, ...], InputSpec, GeoBox | None], list[Problem]]


def loss_jobs(study: StudyConfig, catalogue: Catalogue, grid: GeoBox | None, look: Look) -> Iterator[tuple[Work, Job]]:
    """What is to be checked, by name: the columns of the history and of each protected area, values by sector."""
    for sector, stated in study.risk.sectors.items():
        if stated.layer in study.inputs:
            yield Work("sector", stated.layer), partial(_sector, catalogue, sector, stated, grid, look)
    if study.history is not None and study.history.table in study.inputs:
        yield Work("history", study.history.table), partial(_history, catalogue, study.history)
    for given in study.risk.protection.values():
        if given.areas in study.inputs:
            yield Work("protection", str(given.areas)), partial(_protection, catalogue, given)


def _sector(catalogue: Catalogue, sector: str, given: SectorConfig, grid: GeoBox | None, look: Look) -> list[Problem]:
    """The curve of a sector and its raster of values; a unit that nobody states is told with the total."""
    problems: list[Problem] = []
    try:
        load_curve(given.curve or f"{SECTOR_CURVES}/{sector}")
    except RiskZoningError as error:
        problems += [problem.at(field=f"risk.sectors.{sector}") for problem in error.problems]
    if not names_rasters(catalogue.study.path(catalogue.entry(given.layer).path)):
        return [*problems, Problem("loss.sector_raster", Phrase("input", name=given.layer), sector=sector)]
    problems += look(catalogue, (given.layer,), InputSpec("sectors", "layer", "building_value"), grid)
    entry, layer = catalogue.entry(given.layer), catalogue.layer(given.layer, "building_value")
    if entry.units is None and io.probe(catalogue.study.path(entry.path), band=entry.band).units is None:
        total = io.scan_layer(layer, name=given.layer).total
        thing = Phrase("input", name=given.layer)
        problems.append(Problem("loss.sector_units", thing, severity="warning", total=total, sector=sector))
    return problems


def _history(catalogue: Catalogue, given: HistoryConfig) -> list[Problem]:
    records, thing = catalogue.table(given.table), Phrase("input", name=given.table)
    named = (given.hazard, given.year, given.loss, given.unit, given.gdp, given.population, given.dead, given.missing)
    present = [str(column) for column in records.columns]
    missing = [name for name in (*named, given.affected) if name is not None and name not in present]
    if missing:
        return [Problem("input.columns", thing, field="history", missing=missing, present=present)]
    by_year(records, given)
    return []


def _protection(catalogue: Catalogue, given: ProtectionConfig) -> list[Problem]:
    frame, thing = catalogue.vector(str(given.areas)), Phrase("input", name=given.areas)
    present = [str(column) for column in frame.columns]
    if given.column not in present:
        return [Problem("study.class_column", thing, field="risk.protection", column=given.column, columns=present)]
    if given.within_m is None and not frame.geometry.geom_type.str.contains("Polygon").all():
        return [Problem("loss.protection_lines", thing, field="within_m")]
    return []
