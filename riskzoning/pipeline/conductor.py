"""The conductor: a study from its files to its maps, readable from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import xarray as xr

from riskzoning import __version__, database, io, standards
from riskzoning.config import StudyConfig
from riskzoning.coverage import Coverage
from riskzoning.errors import (
    AdminError,
    ConfigError,
    LayerError,
    Problem,
    RiskZoningError,
    RunError,
    StandardTableError,
)
from riskzoning.hazards import HAZARDS
from riskzoning.io.writing.atomic import not_writable
from riskzoning.pipeline.check.location import grid_crs
from riskzoning.pipeline.check.study import Checked, examine, tables_of
from riskzoning.pipeline.stages.assess import assess
from riskzoning.pipeline.stages.calibrate import assessed_hazards, calibrate, targets_table, validation_table
from riskzoning.pipeline.stages.grade import grade
from riskzoning.pipeline.stages.prepare import prepare
from riskzoning.pipeline.stages.publish import publish
from riskzoning.pipeline.state import Calibrated, Run
from riskzoning.pipeline.workspace import resume as resuming
from riskzoning.pipeline.workspace.folder import clear
from riskzoning.pipeline.workspace.log import RunLog
from riskzoning.pipeline.workspace.noting import noted
from riskzoning.pipeline.workspace.progress import Progress, Silent, StageClock
from riskzoning.pipeline.workspace.record import input_places, input_records, run_record
from riskzoning.pipeline.workspace.store import CogStore, Store, fingerprint
from riskzoning.results import StudyResult

__all__ = ["STAGES", "explain_study", "run_study"]

STAGES = ("check", "prepare", "calibrate", "assess", "grade", "publish")
_INPUT_ERRORS = (ConfigError, LayerError, AdminError, StandardTableError)


def run_study(
    study: StudyConfig,
    out: str | Path | None = None,
    *,
    resume: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    only: str | None = None,
    progress: Progress | None = None,
) -> StudyResult:
    """Run a study: layers, hazards, exposure, risk, zoning, tables, database, maps, site, run record.

    Parameters
    ----------
    study : StudyConfig
        From :func:`riskzoning.load_study`.
    out : path, optional
        Folder of the results; default: ``outputs: folder`` of the study.
    resume : bool
        Go on where a stopped run of the same study ended; ends in the same bytes.
    workers : int, optional
        Threads.
    scheduler : str, optional
        Address of a dask scheduler, ``tcp://HOST:PORT``.
    only : str, optional
        Stop after this stage: ``check prepare calibrate assess grade publish``.
    progress : Progress, optional
        A listener.

    Returns
    -------
    StudyResult

    Raises
    ------
    ConfigError
        The study or an input is wrong; carries every problem, and nothing was written.
    LockedError
        Another run works in the folder.
    RunError
        The run failed for another reason; what was finished stays for ``resume``.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study
    >>> try:
    ...     run_study(load_study(sample_study()), only="asess")
    ... except ConfigError as error:
    ...     print(error.problems[0].found)
    is 'asess'
    """
    if only is not None and only not in STAGES:
        problem = Problem("--only", f"is '{only}'", f"one of {', '.join(STAGES)}", "Correct it.", rule="run.only")
        raise ConfigError(problem)
    listener, clock = progress or Silent(), StageClock()
    folder = Path(out) if out is not None else study.path(study.outputs.folder)
    with standards.session(tables_of(study)) as used:
        with clock.stage("check"):
            checked = examine(study, progress=listener)
        if checked.errors:
            raise ConfigError(problems=checked.errors)
        study = _resolved(study, checked, workers)
        if only == "check":
            return _checked(study, checked, folder)
        if only in (None, "publish"):
            _answering(study)
        with _cluster(scheduler or study.run.scheduler) as client, _new_folder(folder), io.lock(folder), _disk(folder):
            return _locked(study, checked, folder, listener, clock, client, used, resume=resume, only=only)


def _resolved(study: StudyConfig, checked: Checked, workers: int | None) -> StudyConfig:
    """The study with what it left open: the projection of its place, the threads of the command line."""
    assert checked.units is not None
    grid = study.grid.model_copy(update={"crs": grid_crs(study, checked.units.units)})
    settings = study.run.model_copy(update={"workers": workers or study.run.workers})
    return study.model_copy(update={"grid": grid, "run": settings})


def _locked(
    study: StudyConfig,
    checked: Checked,
    folder: Path,
    listener: Progress,
    clock: StageClock,
    client: Any,
    used: standards.Session,
    *,
    resume: bool,
    only: str | None,
) -> StudyResult:
    with clock.stage("check"):
        inputs = input_records(study)
    places = [study.path(path) for _, path in input_places(study)]
    key = fingerprint(study.model_dump(mode="json", exclude={"run", "outputs"}), inputs, __version__)
    work, goes_on = resuming.open_work(folder, key, resume=resume, code=study.code, keep=places)
    log = RunLog(folder / "log.jsonl", listener, append=goes_on)
    clock.told = log.event
    try:
        with log.run(run_id=key, version=__version__, resumed=goes_on, only=only):
            run = _surroundings(study, checked, folder, work, log, clock, client, key)
            return _stages(run, used, inputs, only)
    except _INPUT_ERRORS:
        # An input that turns out wrong only while it is used: nothing of this run stays, as if the check had seen it.
        if not goes_on:
            clear(folder, keep=places)
        raise


def _surroundings(
    study: StudyConfig,
    checked: Checked,
    folder: Path,
    work: Path,
    log: RunLog,
    clock: StageClock,
    client: Any,
    key: str,
) -> Run:
    assert checked.units is not None
    assert checked.grid is not None
    assert checked.catalogue is not None
    with clock.stage("prepare"):
        coverage = Coverage.cached(checked.grid, checked.units.units, work / "coverage")
    run = Run(
        study=study,
        catalogue=checked.catalogue,
        grid=checked.grid,
        units=checked.units.units,
        coverage=coverage,
        store=Store(work / "store", checked.grid),
        folder=folder,
        progress=log,
        clock=clock,
        workers=study.run.workers,
        client=client,
        memory_limit=study.run.memory_bytes,
        run_id=key,
    )
    run.steps += [dict(action) for action in checked.units.actions]
    run.steps += [{"hazard": name, "action": "not applicable, no grade"} for name in study.not_applicable]
    run.warnings += checked.warnings
    for problem in checked.warnings:
        log.event("warning", **problem.as_row())
    return run


def _checked(study: StudyConfig, checked: Checked, folder: Path) -> StudyResult:
    """What a run that stops after the check gives: the units and the grid; nothing is written."""
    assert checked.units is not None
    assert checked.grid is not None
    units = checked.units.units
    levels = [level for level in study.zoning.levels if (units["level"] == level).any()]
    record = {"study": study.model_dump(mode="json"), "warnings": [item.as_row() for item in checked.warnings]}
    return StudyResult(
        code=study.code,
        name={lang: study.title(lang) for lang in ("zh", "en")},
        grid=checked.grid,
        layers=xr.Dataset(),
        units={level: units[units["level"] == level] for level in levels},
        folder=folder,
        hazards=tuple(item.hazard for item in study.hazards),
        receptors=study.exposure.receptors,
        language=study.language,
        record=record,
    )


def _answering(study: StudyConfig) -> None:
    """A database server that does not answer is better known before the work than after it."""
    target = study.outputs.database
    if isinstance(target, str) and "://" in target:
        database.open_database(target).close()


@contextmanager
def _new_folder(folder: Path) -> Iterator[None]:
    """A folder that the run makes goes again when nothing stays in it."""
    new = not folder.exists()
    try:
        yield
    finally:
        if new:
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """Errors of disk and permissions under whatever writer become one message with the place."""
    try:
        yield
    except OSError as error:
        if isinstance(error, RiskZoningError):
            raise
        raise not_writable(Path(error.filename or folder), error) from error


def _stages(run: Run, used: standards.Session, inputs: list[dict[str, Any]], only: str | None) -> StudyResult:
    published = CogStore(run.folder / "layers", run.work / "layers", run.grid, run.study.code)
    with run.clock.stage("prepare"):
        prepared = prepare(run)
    if only == "prepare":
        return _result(run, published)
    with run.clock.stage("calibrate"):
        scalars = calibrate(run, prepared)
        with noted(run.warnings, "stage 'assess'"):
            calibrated = Calibrated(scalars, assessed_hazards(run, prepared, scalars))
    if only == "calibrate":
        return _result(run, published)
    with run.clock.stage("assess"):
        assessed = assess(run, prepared, calibrated, published)
    if only == "assess":
        return _result(run, published)
    with run.clock.stage("grade"), noted(run.warnings, "stage 'grade'"):
        graded = grade(run, prepared, assessed, published)
        tables = {
            **graded.tables,
            "validation": validation_table(run, scalars),
            "targets": targets_table(run, graded.units),
        }
    result = _result(run, published, units=graded.units, unit_table=graded.unit_table, tables=tables)
    with run.clock.stage("publish"), noted(run.warnings, "stage 'publish'"):
        record = _record(run, used, inputs, {**scalars, "ranges": assessed.ranges})
        result = _result(run, published, result=result, record=record)
        if only != "grade":
            date = str(run.study.data_date)
            run.warnings += publish(result, run.study.outputs, progress=run.progress, date=date)
    record = _record(run, used, inputs, {**scalars, "ranges": assessed.ranges})
    io.write_json(run.folder / "run.json", record)
    return _result(run, published, result=result, record=record)


def _record(
    run: Run, used: standards.Session, inputs: list[dict[str, Any]], calibration: dict[str, Any]
) -> dict[str, Any]:
    notes = run.catalogue.notes
    record = run_record(
        run.study,
        inputs=inputs,
        used=used.used,
        steps=[*run.steps, *[row for row in notes if row["action"] != "dropped"]],
        warnings=list(dict.fromkeys([*run.warnings, *run.catalogue.warnings])),
        dropped=[row for row in notes if row["action"] == "dropped"],
        calibration=calibration,
        timings=run.clock.seconds,
        schemes={item.hazard: HAZARDS[item.hazard].grade_scheme for item in run.study.hazards},
    )
    return {"run_id": run.run_id, **record}


def _result(run: Run, published: CogStore, *, result: StudyResult | None = None, **parts: Any) -> StudyResult:
    made = published.names()
    layers = {key: published.get(key) for key in made}
    if run.store.has("hillshade"):
        layers["hillshade"] = run.store.get("hillshade")
    kept = {} if result is None else {
        "units": result.units, "unit_table": result.unit_table, "tables": result.tables,
    }  # fmt: skip
    options: dict[str, Any] = {"units": {}, **kept, **parts}
    context = {what: run.catalogue.vector(name) for what, name in _drawn(run.study).items()}
    return StudyResult(
        code=run.study.code,
        name={lang: run.study.title(lang) for lang in ("zh", "en")},
        grid=run.grid,
        layers=xr.Dataset({key: layer.rename(key) for key, layer in layers.items()}),
        folder=run.folder,
        context=context,
        hazards=tuple(item.hazard for item in run.study.hazards),
        receptors=run.study.exposure.receptors,
        language=run.study.language,
        **options,
    )


def _drawn(study: StudyConfig) -> dict[str, str]:
    """Inputs that maps draw: those called ``rivers`` and ``seats``; without rivers the first that a hazard uses."""
    found: dict[str, str] = {what: what for what in ("rivers", "seats") if what in study.inputs}
    # The streams of a hazard may be a dense network; the rivers of the base map come first.
    used = [name for item in study.hazards for name in item.inputs.get("rivers", ())]
    return found if "rivers" in found or not used else {"rivers": used[0], **found}


@contextmanager
def _cluster(address: str | None) -> Iterator[Any]:
    if address is None:
        yield None
        return
    from distributed import Client

    try:
        client = Client(address, timeout="10s")
    except (OSError, TimeoutError, ValueError) as error:
        raise RunError(
            Problem(
                f"scheduler '{address}'",
                f"does not answer ({error})",
                "the address of a running dask scheduler",
                "Start one with `dask scheduler`, or leave --scheduler out.",
                rule="run.scheduler",
            )
        ) from None
    try:
        yield client
    finally:
        client.close()


def explain_study(study: StudyConfig, *, out: str | Path | None = None, resume: bool = False, lang: str = "en") -> str:
    """What a run would do: grid, stages, hazards with their inputs and method, outputs; nothing is computed.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study
    >>> "flood" in explain_study(load_study(sample_study()))
    True
    """
    folder = Path(out) if out is not None else study.path(study.outputs.folder)
    lines = [f"{study.title(lang)} ({study.code}), {study.grid.crs}, {study.grid.resolution:g}", f"-> {folder}"]
    for item in study.hazards:
        spec = HAZARDS[item.hazard]
        used = "; ".join(f"{key}: {', '.join(names)}" for key, names in item.inputs.items())
        lines += [f"{item.hazard}: {spec.title[lang]}", f"  {used}", f"  {spec.method.get(lang, '')}"]
    lines.append(f"exposure: {', '.join(study.exposure.receptors) or '-'}")
    lines.append(f"stages: {' -> '.join(STAGES)}")
    done = resuming.finished(folder) if resume else []
    lines.append(f"finished in {folder}: {', '.join(done) or '-'}")
    return "\n".join(lines)
