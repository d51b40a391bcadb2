"""Plans and landforms of a study: polygons at the right place, the columns that are named, rules as they must be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from odc.geo.geobox import GeoBox

from riskzoning.config import PlanConfig, StudyConfig
from riskzoning.errors import Phrase, Problem
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.check.inputs import Job, geometry_problems
from riskzoning.pipeline.check.location import vector_problems
from riskzoning.pipeline.workspace.progress import Work
from riskzoning.zoning.planning.plans import rule_problems


def planning_jobs(study: StudyConfig, catalogue: Catalogue, grid: GeoBox | None) -> Iterator[tuple[Work, Job]]:
    """What is to be checked about plans and landforms."""
    landforms = study.zoning.landforms
    if landforms.input is not None and landforms.input in study.inputs:
        job = partial(_polygons, catalogue, landforms.input, landforms.column, grid)
        yield Work("planning", landforms.input), job
    for plan in study.planning.plans.values():
        if plan.input in study.inputs:
            yield Work("planning", plan.input), partial(_plan, catalogue, plan, grid)


def _plan(catalogue: Catalogue, plan: PlanConfig, grid: GeoBox | None) -> list[Problem]:
    problems = _polygons(catalogue, plan.input, plan.column, grid)
    if plan.rules is not None and plan.rules in catalogue.study.inputs:
        problems += rule_problems(catalogue.table(plan.rules), Phrase("input", name=plan.rules))
    return problems


def _polygons(catalogue: Catalogue, name: str, column: str | None, grid: GeoBox | None) -> list[Problem]:
    frame, thing = catalogue.vector(name), Phrase("input", name=name)
    problems = geometry_problems(frame, "polygons", thing)
    if column is not None and column not in frame.columns:
        columns = list(map(str, frame.columns))
        problems.append(Problem("catalogue.column", thing, column=column, columns=columns))
    return problems if problems or grid is None else vector_problems(frame, thing, grid)
