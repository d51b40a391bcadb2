"""Checks of what is exposed: the inputs of every receptor, and the ratios that show a wrong unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import geopandas as gpd
from odc.geo.geobox import GeoBox

from riskzoning import io, standards
from riskzoning.config import StudyConfig
from riskzoning.errors import Phrase, Problem, RiskZoningError, about_input
from riskzoning.exposure import RECEPTORS, ReceptorSpec, StudyUnits
from riskzoning.inputs import InputSpec, InputValue, Section, check_inputs, points_for_lines
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.workspace.progress import Work

Job = Callable[[], list[Problem]]
# How the check of a study looks at one entry of the catalogue: place, form, values of rasters.
Look = Callable[[Catalogue, tuple[str, ...], InputSpec, GeoBox | None], list[Problem]]


def exposure_jobs(
    study: StudyConfig, catalogue: Catalogue, units: gpd.GeoDataFrame | None, grid: GeoBox | None, look: Look
) -> Iterator[tuple[Work, Job]]:
    """What is to be checked about the exposure of a study, by name: each entry, each receptor, the ratios."""
    known = None if units is None else StudyUnits(units, study.admin.pseudo_counties)
    for name in study.exposure.receptors:
        spec, params = RECEPTORS[name], study.exposure.params(name)
        entries = _entries(study, spec, params)
        for item in spec.inputs:
            if item.key in entries:
                yield Work("exposure", entries[item.key]), partial(look, catalogue, (entries[item.key],), item, grid)
        yield Work(name), partial(_content_problems, catalogue, spec, params, known)
    yield Work("ratios"), partial(_ratio_problems, study, catalogue)


def _entries(study: StudyConfig, spec: ReceptorSpec[Any], params: Section) -> dict[str, str]:
    """Entries of the catalogue that a receptor reads; a weight that is a receptor is none."""
    return {
        key: name
        for key, name in spec.entries(params).items()
        if name in study.inputs and not (key == "spread_by" and name in spec.spread_by)
    }


def _opened(catalogue: Catalogue, spec: ReceptorSpec[Any], params: Section) -> dict[str, InputValue | None] | None:
    """The inputs of a receptor; None where one cannot be opened, which the check of that entry reports."""
    entries = _entries(catalogue.study, spec, params)
    named = {key for key in spec.entries(params) if key != "spread_by"}
    if named - set(entries):
        return None
    try:
        return {
            item.key: catalogue.hazard_input((entries[item.key],), item)
            for item in spec.inputs
            if item.key in entries and item.key != "spread_by"
        }
    except RiskZoningError:
        return None


def _content_problems(
    catalogue: Catalogue, spec: ReceptorSpec[Any], params: Section, units: StudyUnits | None
) -> list[Problem]:
    """What the receptor itself says about the contents of its inputs, at the files that they come from."""
    inputs = _opened(catalogue, spec, params)
    if inputs is None:
        return []
    files: dict[Phrase | str, Phrase] = {
        spec.thing(key): Phrase("input_file", name=name, path=str(catalogue.entry(name).path))
        for key, name in _entries(catalogue.study, spec, params).items()
    }
    read = {str(spec.thing(key)): name for key, name in _entries(catalogue.study, spec, params).items()}
    try:
        # What features an entry has was told when it was opened; of wrong ones nothing more is to be told.
        check_inputs(spec.inputs, inputs, thing=spec.thing, features=False)
        if any(points_for_lines(inputs.get(one.key), one) for one in spec.inputs):
            return []
        with about_input(next(iter(read.values()), ""), read):
            problems = spec.check(inputs, params, units)
    except RiskZoningError as error:
        problems = list(error.problems)
    return [problem.at(files.get(problem.about, problem.about)) for problem in problems]


def _ratio_problems(study: StudyConfig, catalogue: Catalogue) -> list[Problem]:
    """Exposed quantities by each other: a figure of ten thousand times too much per person is a wrong unit."""
    totals: dict[str, tuple[str, float]] = {}
    for name in study.exposure.receptors:
        spec, params = RECEPTORS[name], study.exposure.params(name)
        for count, total in _totals(catalogue, spec, params).items():
            totals[count] = (name, total)
    return [
        problem
        for key, limits in standards.table("exposure/ratios").data.items()
        if limits["of"] in totals and totals.get(limits["per"], ("", 0.0))[1]
        for problem in _ratio_problem(key, totals[limits["of"]], totals[limits["per"]][1])
    ]


def _totals(catalogue: Catalogue, spec: ReceptorSpec[Any], params: Section) -> dict[str, float]:
    inputs = _opened(catalogue, spec, params)
    try:
        if inputs is None or any(problem.severity == "error" for problem in spec.check(inputs, params, None)):
            return {}
        return spec.totals(inputs, params, io.scan_layer)
    except RiskZoningError:
        return {}


def _ratio_problem(key: str, of: tuple[str, float], per: float) -> Iterator[Problem]:
    receptor, total = of
    limits, ratio = standards.table("exposure/ratios").data[key], total / per
    low, high = limits["soft"]
    if not low <= ratio <= high:
        refused = not limits["hard"][0] <= ratio <= limits["hard"][1]
        yield Problem(
            f"exposure.{key}", Phrase("receptor", name=receptor), severity="error" if refused else "warning",
            field=f"exposure.{receptor}", ratio=ratio, low=low, high=high, units=limits["units"], receptor=receptor,
        )  # fmt: skip
