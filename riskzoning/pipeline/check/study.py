"""Validate a study and every input before anything slow: all problems, each with what was found and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import admin, io, standards
from riskzoning.admin import AdminUnits
from riskzoning.config import AdminConfig, HazardConfig, StudyConfig, parse_study, reference_problems
from riskzoning.config.reading import StudyText
from riskzoning.errors import Journal, Problem, RiskZoningError, StandardTableError, first_few, hearing, note
from riskzoning.exposure import RECEPTORS
from riskzoning.grid import align, analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import HazardSpec, check_inputs, rehearse
from riskzoning.inputs import InputSpec
from riskzoning.layers import fact_problems
from riskzoning.pipeline.catalogue import Catalogue, problems_of
from riskzoning.pipeline.check.exposed import exposure_jobs
from riskzoning.pipeline.check.features import geometry_problems
from riskzoning.pipeline.check.location import grid_problems, overlap_problems, study_grid, vector_problems
from riskzoning.pipeline.stages.hazard_weights import weight_problems
from riskzoning.pipeline.stages.tables import replaced_table_problems
from riskzoning.pipeline.workspace.journal import rung
from riskzoning.pipeline.workspace.progress import Progress, Silent
from riskzoning.pipeline.workspace.record import input_places
from riskzoning.results import LEVELS
from riskzoning.vulnerability import load_curve

# Cells along the longer side of the grid on which hazards of station series are rehearsed.
_REHEARSAL_CELLS = 24


@dataclass
class Checked:
    """What the check of a study opened and found."""

    catalogue: Catalogue | None
    units: AdminUnits | None = None
    grid: GeoBox | None = None
    problems: list[Problem] = field(default_factory=list)
    journal: Journal = field(default_factory=Journal)

    @property
    def opened(self) -> Catalogue:
        """The catalogue, with what the check has opened."""
        assert self.catalogue is not None
        return self.catalogue

    def ring(self) -> None:
        """Ring the bell of the run for everything that the check has heard and found."""
        done = () if self.units is None else self.units.actions
        for problem in [*done, *self.journal.steps, *self.journal.dropped, *self.warnings]:
            note(problem)

    @property
    def errors(self) -> list[Problem]:
        """The problems that stop a run."""
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        """The problems that a run lives with."""
        return [problem for problem in self.problems if problem.severity != "error"]


def check_study(study: str | Path | StudyConfig, *, progress: Progress | None = None) -> list[Problem]:
    """All problems of a study: its keys, boundaries and inputs; an empty list when it is clean.

    Parameters
    ----------
    study : path or StudyConfig
    progress : Progress, optional

    Examples
    --------
    >>> check_study("no/such/study.yaml")[0].found
    'does not exist'
    """
    problems: list[Problem] = []
    if not isinstance(study, StudyConfig):
        parsed = parse_study(study)
        problems += parsed.problems
        if parsed.study is None:
            return problems
        study = parsed.study
    known = {(problem.rule, problem.field) for problem in problems}
    try:
        with standards.session(tables_of(study)):
            found = examine(study, progress=progress)
    except StandardTableError as error:
        return _unique([*problems, *error.problems])
    # A file that does not exist was reported with its line in study.yaml; opening it again says nothing new.
    missing = [str(study.path(p.found.split("'")[1])) for p in problems if p.rule == "study.file" and "'" in p.found]
    rest = [p for p in found.problems if not any(p.file == name or p.file.endswith(f"/{name}") for name in missing)]
    return _unique([*problems, *(p for p in rest if (p.rule, p.field) not in known or p.field is None)])


def tables_of(study: StudyConfig) -> dict[str, Any]:
    """Tables of standards that the study replaces, paths made absolute."""
    return {name: study.path(value) if isinstance(value, str) else value for name, value in study.standards.items()}


def _unique(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def examine(study: StudyConfig, *, progress: Progress | None = None) -> Checked:
    """Open everything that a study names and look at it; problems are gathered, never raised."""
    checked = Checked(Catalogue(study))
    with hearing(checked.journal):
        _examine(study, checked, progress or Silent())
    checked.problems = _unique([*checked.problems, *checked.journal.warnings])
    return checked


def _examine(study: StudyConfig, checked: Checked, listener: Progress) -> None:
    checked.problems += [*study.notes, *_unused_sections(study), *_own_problems(study)]
    if any(problem.rule.startswith("standards.") for problem in checked.errors):
        return  # nothing can be looked at with a broken table
    with _gathered(checked, "weights"):
        checked.problems += weight_problems(study)
    with _gathered(checked, "loss curves"):
        for curves in standards.table("loss_curves/receptors").data.values():
            for curve in (name for key, name in curves.items() if key in RECEPTORS):
                load_curve(curve)
    with _gathered(checked, "admin"):
        checked.units = _named(study, _admin_units(study))
        checked.problems += checked.units.problems
        checked.problems += _unit_problems(study, checked.units.units)
        checked.grid = study_grid(study, checked.units.units)
        checked.problems += grid_problems(study, checked.units.units, checked.grid)
    jobs = list(_jobs(study, checked))
    for index, (name, job) in enumerate(jobs):
        listener.step("check", index / max(len(jobs), 1), name)
        with _gathered(checked, name), rung(name):
            checked.problems += job()
    listener.step("check", 1.0)


class _gathered:  # noqa: N801 - used as a with-statement, like contextlib.suppress
    """Puts the problems of an error on the list instead of raising it."""

    def __init__(self, checked: Checked, thing: str) -> None:
        self._checked, self._thing = checked, thing

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, RiskZoningError):
            self._checked.problems += problems_of(error, self._thing)
            return True
        return False


def _unused_sections(study: StudyConfig) -> Iterator[Problem]:
    for key in ("surveys", "planning"):
        if getattr(study, key):
            yield Problem(
                study.file,
                "is given",
                "nothing: this version of riskzoning does not use it yet",
                "Leave it; the run goes on without it.",
                rule="study.unused",
                severity="warning",
                field=key,
            )


def _own_problems(study: StudyConfig) -> Iterator[Problem]:
    """What can be said without opening an input: names (also of a study made in Python), tables, places."""
    text = StudyText(study.base / study.file, study.model_dump(mode="json"))
    yield from (problem for problem in reference_problems(text) if problem.severity == "error")
    for name in study.standards:
        if name in standards.table_names():
            yield from replaced_table_problems(name)
    database = study.outputs.database
    if isinstance(database, str) and "://" not in database:
        target = study.path(study.outputs.folder) / database
        for name, path in input_places(study):
            if study.path(path).resolve() == target.resolve():
                yield Problem(
                    study.file, f"names {target}, which is the input '{name}'", "a database of its own", "Rename it.",
                    rule="study.database", field="outputs.database",
                )  # fmt: skip


def _named(study: StudyConfig, found: AdminUnits) -> AdminUnits:
    """A city that was built up from its counties has no name of its own; it is the study area."""
    names = found.units["name"].where(found.units["name"] != found.units.index, None)
    bare = names.isna() & (found.units.index == study.code)
    return replace(found, units=found.units.assign(name=found.units["name"].mask(bare, study.title())))


def _unit_problems(study: StudyConfig, units: gpd.GeoDataFrame) -> Iterator[Problem]:
    own = units.index.astype(str)
    if not any(code == study.code or code.startswith(study.code[:4]) for code in own):
        yield Problem(
            study.file, f"is {study.code}, but the units have codes such as {first_few(own[:3])}",
            "the code of the study area", "Correct `code:` or the boundaries.", rule="study.code", field="code",
            severity="warning",
        )  # fmt: skip
    present = set(units["level"])
    explicit = "levels" in study.zoning.model_fields_set
    lost = [level for level in study.zoning.levels if level not in present]
    if (explicit and lost) or not present & set(study.zoning.levels):
        yield Problem(
            study.file, f"names {first_few(lost)}, which the boundaries do not have",
            f"levels of the boundaries: {', '.join(level for level in LEVELS if level in present)}",
            "Add the layer under `admin:`, or leave the level out.", rule="study.levels", field="zoning.levels",
        )  # fmt: skip


def _admin_units(study: StudyConfig) -> AdminUnits:
    config = study.admin
    raw = _admin_layers(study, config)
    reference, name = None, "none"
    if config.reference is not None:
        where = config.reference
        path = study.path(where.path)
        name = str(where.path)
        if path.suffix.lower() in (".csv", ".xlsx", ".tsv", ".txt"):
            reference = io.read_points(
                path, x=where.x, y=where.y, crs=where.crs or "EPSG:4490", encoding=where.encoding
            )
        else:
            reference = io.read_vector(path, layer=where.layer, crs=where.crs, encoding=where.encoding)
        if where.column in reference.columns and where.column != "code":
            reference = reference.rename(columns={where.column: "code"})
    return admin.assemble(
        raw,
        columns={str(key): value for key, value in config.columns.items()} or None,
        datum=config.datum if "datum" in config.model_fields_set else None,
        repair=config.repair,
        reference=reference,
        pseudo_counties=dict(config.pseudo_counties) or None,
        name=str(config.path or "admin") + (f" (reference {name})" if reference is not None else ""),
    )


def _admin_layers(study: StudyConfig, config: AdminConfig) -> Any:
    options: dict[str, Any] = {"crs": config.crs, "encoding": config.encoding}
    if config.paths:
        return {
            level: io.read_vector(study.path(path), layer=config.layers.get(level), **options)
            for level, path in config.paths.items()
        }
    assert config.path is not None
    path = study.path(config.path)
    if config.layers:
        return {level: io.read_vector(path, layer=layer, **options) for level, layer in config.layers.items()}
    frame = io.read_vector(path, **options)
    return {config.level: frame} if config.level else frame


def _jobs(study: StudyConfig, checked: Checked) -> Iterator[tuple[str, Callable[[], list[Problem]]]]:
    assert checked.catalogue is not None
    catalogue = checked.catalogue
    for item in study.hazards:
        if item.hazard not in HAZARDS:
            continue
        spec = HAZARDS[item.hazard]
        for wanted in spec.inputs:
            names = tuple(name for name in item.inputs.get(wanted.key, ()) if name in study.inputs)
            if names:
                yield (
                    f"{item.hazard}: {wanted.key}",
                    partial(_hazard_input_problems, catalogue, names, wanted, checked.grid),
                )
        yield f"{item.hazard}: inputs", partial(_door_problems, catalogue, item, spec, checked.grid)
    units = None if checked.units is None else checked.units.units
    yield from exposure_jobs(study, catalogue, units, checked.grid, _hazard_input_problems)


def _door_problems(catalogue: Catalogue, item: HazardConfig, spec: HazardSpec, grid: GeoBox | None) -> list[Problem]:
    """What the hazard itself says about its inputs taken together: columns, elements, forms."""
    study = catalogue.study
    given: dict[str, Any] = {}
    for wanted in spec.inputs:
        names = item.inputs.get(wanted.key, ())
        if not names or not all(name in study.inputs for name in names):
            continue
        try:
            given[wanted.key] = catalogue.hazard_input(names, wanted)
        except RiskZoningError:
            return []  # reported by the check of that input
    try:
        check_inputs(spec, given)
        if grid is not None and any(isinstance(value, xr.Dataset) for value in given.values()):
            _rehearse(given, item, spec, _coarse(grid))
    except RiskZoningError as error:
        return problems_of(error, f"hazard '{item.hazard}'")
    return []


def _coarse(grid: GeoBox) -> GeoBox:
    longest = max(grid.boundingbox.span_x, grid.boundingbox.span_y)
    return analysis_grid(grid.boundingbox.bbox, crs=str(grid.crs), resolution=longest / _REHEARSAL_CELLS)


def _rehearse(given: dict[str, Any], item: HazardConfig, spec: HazardSpec, grid: GeoBox) -> None:
    """Prepare a hazard of station series on a few cells: which events the series allow shows only then."""
    kept = {
        wanted.key: align(value, grid) if isinstance(value, xr.DataArray) and not wanted.native else value
        for wanted in spec.inputs
        if (value := given.get(wanted.key)) is not None and wanted.form in ("stations", "layer")
    }
    kept = {key: value for key, value in kept.items() if not isinstance(value, gpd.GeoDataFrame)}
    rehearse(spec, kept, spec.params(**item.params), grid)


def _hazard_input_problems(
    catalogue: Catalogue, names: tuple[str, ...], wanted: InputSpec, grid: GeoBox | None
) -> list[Problem]:
    value = catalogue.hazard_input(names, wanted)
    if isinstance(value, xr.DataArray):
        paths = first_few([str(catalogue.entry(name).path) for name in names], shown=3)
        return _layer_problems(value, f"input '{wanted.key}' ({paths})", wanted, grid)
    if isinstance(value, gpd.GeoDataFrame):
        thing, column = f"input '{names[0]}'", catalogue.entry(names[0]).column
        kind = "polygons" if wanted.form == "layer" else wanted.form
        problems = geometry_problems(value, kind, thing)
        if column is not None and column not in value.columns:
            required = f"one of {first_few(value.columns, shown=12)}"
            fix = "Correct `column:` of the entry."
            problems.append(Problem(thing, f"has no column '{column}'", required, fix, rule="study.column"))
        return problems if problems or grid is None else vector_problems(value, thing, grid)
    return []


def _layer_problems(layer: xr.DataArray, thing: str, wanted: InputSpec | None, grid: GeoBox | None) -> list[Problem]:
    problems = overlap_problems(layer, thing, grid)
    if any(problem.severity == "error" for problem in problems):
        return problems
    quantity = str(layer.attrs["quantity"])
    monotone = bool(wanted and wanted.monotone_in_period)
    return problems + fact_problems(io.scan_layer(layer, name=thing), thing=thing, quantity=quantity, monotone=monotone)
