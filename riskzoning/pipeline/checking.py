"""Validate a study and every input before anything slow: all problems, each with what was found and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import admin, io, standards
from riskzoning.admin import AdminUnits
from riskzoning.config import AdminConfig, StudyConfig, parse_study
from riskzoning.errors import Problem, RiskZoningError, StandardTableError, first_few
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import InputSpec
from riskzoning.layers import crs_name, fact_problems, grid_of
from riskzoning.pipeline.opening import Catalogue, problems_of
from riskzoning.pipeline.progress import Progress, Silent
from riskzoning.pipeline.weighing import weight_problems
from riskzoning.vulnerability import load_curve

__all__ = ["Checked", "check_study", "examine", "study_grid", "tables_of"]

# Cells added around the study area, so that what looks at neighbours (slope) is whole at its border.
_MARGIN_CELLS = 3
# A hazard layer that covers less of the study area than this is worth a warning.
_LEAST_COVER = 0.98


@dataclass
class Checked:
    """What the check of a study opened and found.

    Examples
    --------
    >>> Checked(catalogue=None).problems
    []
    """

    catalogue: Catalogue | None
    units: AdminUnits | None = None
    grid: GeoBox | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        """The problems that stop a run.

        Examples
        --------
        >>> Checked(catalogue=None).errors
        []
        """
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        """The problems that a run lives with.

        Examples
        --------
        >>> Checked(catalogue=None).warnings
        []
        """
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
    missing = [p.found.split("'")[1] for p in problems if p.rule == "study.file"]
    rest = [p for p in found.problems if not any(p.file.endswith(name) for name in missing)]
    return _unique([*problems, *(p for p in rest if (p.rule, p.field) not in known or p.field is None)])


def tables_of(study: StudyConfig) -> dict[str, Any]:
    """Tables of standards that the study replaces, paths made absolute.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study
    >>> tables_of(load_study(sample_study()))
    {}
    """
    return {name: study.path(value) if isinstance(value, str) else value for name, value in study.standards.items()}


def _unique(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def examine(study: StudyConfig, *, progress: Progress | None = None) -> Checked:
    """Open everything that a study names and look at it; problems are gathered, never raised.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study
    >>> examine(load_study(sample_study())).errors
    []
    """
    listener = progress or Silent()
    checked = Checked(Catalogue(study))
    for entry in _unused_sections(study):
        checked.problems.append(entry)
    with _gathered(checked, "weights"):
        checked.problems += weight_problems(study)
    with _gathered(checked, "loss curves"):
        for curves in standards.table("loss_curves/receptors").data.values():
            load_curve(curves["buildings"])
    with _gathered(checked, "admin"):
        checked.units = _admin_units(study)
        checked.problems += checked.units.problems
        checked.grid = study_grid(study, checked.units.units)
    jobs = list(_jobs(study, checked))
    for index, (name, job) in enumerate(jobs):
        listener.step("check", index / max(len(jobs), 1), name)
        with _gathered(checked, name):
            checked.problems += job()
    assert checked.catalogue is not None
    checked.problems += checked.catalogue.warnings
    checked.problems = _unique(checked.problems)
    listener.step("check", 1.0)
    return checked


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
        datum=config.datum,
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


def study_grid(study: StudyConfig, units: gpd.GeoDataFrame) -> GeoBox:
    """The analysis grid of a study: its bounds, or those of its units with a margin for neighbours.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study, toy_city
    >>> study = load_study(sample_study())
    >>> str(study_grid(study, toy_city().units).crs)
    'EPSG:4547'
    """
    config = study.grid
    if config.bounds is not None:
        return analysis_grid(config.bounds, crs=config.crs, resolution=config.resolution)
    left, bottom, right, top = units.to_crs(config.crs).total_bounds
    pad = _MARGIN_CELLS * config.resolution
    return analysis_grid(
        (left - pad, bottom - pad, right + pad, top + pad), crs=config.crs, resolution=config.resolution
    )


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
    yield from _exposure_jobs(study, checked, catalogue)


def _hazard_input_problems(
    catalogue: Catalogue, names: tuple[str, ...], wanted: InputSpec, grid: GeoBox | None
) -> list[Problem]:
    value = catalogue.hazard_input(names, wanted)
    if isinstance(value, xr.DataArray):
        paths = first_few([str(catalogue.entry(name).path) for name in names], shown=3)
        return _layer_problems(value, f"input '{wanted.key}' ({paths})", wanted, grid)
    if isinstance(value, gpd.GeoDataFrame) and grid is not None and len(value):
        return _vector_problems(value, f"input '{names[0]}'", grid)
    return []


def _layer_problems(layer: xr.DataArray, thing: str, wanted: InputSpec | None, grid: GeoBox | None) -> list[Problem]:
    problems = _overlap_problems(layer, thing, grid)
    if any(problem.severity == "error" for problem in problems):
        return problems
    quantity = str(layer.attrs["quantity"])
    monotone = bool(wanted and wanted.monotone_in_period)
    return problems + fact_problems(io.scan_layer(layer, name=thing), thing=thing, quantity=quantity, monotone=monotone)


def _overlap_problems(layer: xr.DataArray, thing: str, grid: GeoBox | None) -> list[Problem]:
    if grid is None:
        return []
    own = grid_of(layer)
    try:
        study, found = grid.extent.to_crs("EPSG:4490"), own.extent.to_crs("EPSG:4490")
    except Exception as error:  # noqa: BLE001 - any failure of the projection means that the places do not fit
        return [_elsewhere(thing, f"cannot be placed on the study area ({error})", own, grid)]
    share = (study & found).area / study.area if study.area else 0.0
    if share == 0.0:
        return [_elsewhere(thing, f"covers {_box(found)} ({crs_name(own.crs)})", own, grid)]
    if share < _LEAST_COVER:
        return [
            Problem(
                thing,
                f"covers {share:.0%} of the study area",
                f"the whole of {_box(study)}",
                "Use a larger file, or accept cells without data.",
                rule="layer.cover",
                severity="warning",
            )
        ]
    return []


def _box(extent: Any) -> str:
    box = extent.boundingbox
    return f"{box.left:.3f}..{box.right:.3f} E, {box.bottom:.3f}..{box.top:.3f} N"


def _elsewhere(thing: str, found: str, own: GeoBox, grid: GeoBox) -> Problem:
    return Problem(
        thing,
        found,
        f"data in the study area {_box(grid.extent.to_crs('EPSG:4490'))}",
        "Check the path, and the CRS of the file (declare it with `crs:`).",
        rule="layer.elsewhere",
    )


def _vector_problems(frame: gpd.GeoDataFrame, thing: str, grid: GeoBox) -> list[Problem]:
    study = grid.extent.to_crs(frame.crs).geom
    left, bottom, right, top = frame.total_bounds
    if not np.all(np.isfinite([left, bottom, right, top])) or not study.intersects(frame.union_all().envelope):
        return [
            Problem(
                thing,
                f"lies within {left:.4g}..{right:.4g}, {bottom:.4g}..{top:.4g} ({crs_name(frame.crs)})",
                f"features in the study area {_box(grid.extent.to_crs('EPSG:4490'))}",
                "Check the path, the order of the axes and the CRS (declare it with `crs:`).",
                rule="vector.elsewhere",
            )
        ]
    return []


def _exposure_jobs(
    study: StudyConfig, checked: Checked, catalogue: Catalogue
) -> Iterator[tuple[str, Callable[[], list[Problem]]]]:
    exposure = study.exposure
    rasters = [
        (item.raster, quantity)
        for item, quantity in ((exposure.population, "population"), (exposure.economy, "gdp"))
        if item is not None and item.raster in study.inputs
    ]
    if exposure.crops is not None and exposure.crops.landcover in study.inputs:
        rasters.append((exposure.crops.landcover, "landcover"))
    for name, quantity in rasters:
        assert name is not None
        yield (
            f"exposure: {name}",
            partial(_raster_problems, catalogue, name, quantity, checked.grid),
        )
    for receptor in ("population", "economy"):
        item = getattr(exposure, receptor)
        if item is not None and item.table in study.inputs:
            yield f"exposure: {item.table}", partial(_table_problems, catalogue, item, checked)
    for item, attribute in ((exposure.buildings, "points"), (exposure.roads, "lines")):
        objects = getattr(item, attribute, None)
        if item is not None and objects in study.inputs:
            yield f"exposure: {objects}", partial(_object_problems, catalogue, objects, item, checked)


def _raster_problems(catalogue: Catalogue, name: str, quantity: str, grid: GeoBox | None) -> list[Problem]:
    return _layer_problems(catalogue.layer(name, quantity), f"input '{name}'", None, grid)


def _table_problems(catalogue: Catalogue, item: Any, checked: Checked) -> list[Problem]:
    frame = catalogue.table(item.table)
    thing = str(catalogue.entry(item.table).path)
    problems = _column_problems(frame, (item.code, item.column), thing)
    if problems:
        return problems
    codes = frame[item.code].astype(str).str.strip()
    values = pd.to_numeric(frame[item.column], errors="coerce")
    for label, bad in (("negative", values < 0), ("not a number", values.isna())):
        if bad.any():
            rows = first_few(
                f"{code} ({value})" for code, value in zip(codes[bad], frame[item.column][bad], strict=True)
            )
            problems.append(
                Problem(
                    thing,
                    f"is {label} for {rows}",
                    "a number of 0 or more for each unit",
                    "Correct the table.",
                    rule=f"table.{label.replace(' ', '_')}",
                    field=item.column,
                )
            )
    repeated = codes[codes.duplicated()]
    if len(repeated):
        problems.append(
            Problem(
                thing,
                f"repeats {first_few(repeated)}",
                "each code once",
                "Remove the double rows.",
                rule="table.double",
            )
        )
    if checked.units is not None:
        known = set(checked.units.units.index)
        unknown = [code for code in codes if code not in known and code not in _folded(checked)]
        if unknown:
            problems.append(
                Problem(
                    thing,
                    f"has codes that no unit has: {first_few(unknown)}",
                    "codes of the administrative units",
                    "Correct them, or map statistical counties with `pseudo_counties:` under `admin:`.",
                    rule="table.unknown_code",
                    field=item.code,
                )
            )
    return problems


def _folded(checked: Checked) -> set[str]:
    assert checked.catalogue is not None
    return set(checked.catalogue.study.admin.pseudo_counties)


def _column_problems(frame: pd.DataFrame, columns: tuple[str | None, ...], thing: str) -> list[Problem]:
    return [
        Problem(
            thing,
            f"has no column '{column}'",
            f"one of {', '.join(map(str, frame.columns))}",
            "Name the right column in study.yaml.",
            rule="table.column",
        )
        for column in columns
        if column is not None and column not in frame.columns
    ]


def _object_problems(catalogue: Catalogue, name: str, item: Any, checked: Checked) -> list[Problem]:
    frame = catalogue.vector(name)
    wanted = [getattr(item, key, None) for key in ("area", "value", "factor", "structure", "built_year")]
    problems = _column_problems(frame, tuple(wanted), f"input '{name}'")
    if checked.grid is not None and len(frame):
        problems += _vector_problems(frame, f"input '{name}'", checked.grid)
    return problems
