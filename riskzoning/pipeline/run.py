"""The conductor: a study from its files to its maps, readable from top to bottom."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xarray as xr

from riskzoning import __version__, io, standards
from riskzoning.config import StudyConfig
from riskzoning.coverage import Coverage
from riskzoning.errors import ConfigError, Problem, RunError
from riskzoning.hazards import HAZARDS
from riskzoning.pipeline import resuming
from riskzoning.pipeline.assess import assess
from riskzoning.pipeline.calibrate import assessed_hazards, calibrate, targets_table, validation_table
from riskzoning.pipeline.checking import Checked, examine, tables_of
from riskzoning.pipeline.grade import grade
from riskzoning.pipeline.prepare import prepare
from riskzoning.pipeline.progress import Progress, Silent, StageClock
from riskzoning.pipeline.publish import publish
from riskzoning.pipeline.record import input_records, run_record
from riskzoning.pipeline.state import Calibrated, Run
from riskzoning.pipeline.store import CogStore, Store, fingerprint
from riskzoning.results import StudyResult

__all__ = ["STAGES", "explain_study", "run_study"]

STAGES = ("check", "prepare", "calibrate", "assess", "grade", "publish")
_MIB = 1024**2
_UNITS = {"kb": 1024, "mb": _MIB, "gb": 1024**3, "kib": 1024, "mib": _MIB, "gib": 1024**3}


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
        with io.lock(folder), _cluster(scheduler or study.run.scheduler) as client:
            run, inputs = _surroundings(study, checked, folder, listener, clock, workers, client, resume)
            return _stages(run, used, inputs, only)


def _surroundings(
    study: StudyConfig,
    checked: Checked,
    folder: Path,
    listener: Progress,
    clock: StageClock,
    workers: int | None,
    client: Any,
    resume: bool,
) -> tuple[Run, list[dict[str, Any]]]:
    assert checked.units is not None
    assert checked.grid is not None
    assert checked.catalogue is not None
    with clock.stage("check"):
        inputs = input_records(study)
    key = fingerprint(study.model_dump(mode="json", exclude={"run", "outputs"}), inputs, __version__)
    work = resuming.open_work(folder, key, resume=resume)
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
        progress=listener,
        clock=clock,
        workers=workers or study.run.workers,
        client=client,
        memory_limit=_bytes(study.run.memory_limit),
        run_id=key,
    )
    run.steps += [dict(action) for action in checked.units.actions]
    run.warnings += checked.warnings
    return run, inputs


def _stages(run: Run, used: standards.Session, inputs: list[dict[str, Any]], only: str | None) -> StudyResult:
    published = CogStore(run.folder / "layers", run.work / "layers", run.grid, run.study.code)
    if only == "check":
        return _result(run, published)
    with run.clock.stage("prepare"):
        prepared = prepare(run)
    if only == "prepare":
        return _result(run, published)
    with run.clock.stage("calibrate"):
        scalars = calibrate(run, prepared)
        calibrated = Calibrated(scalars, assessed_hazards(run, prepared, scalars))
    if only == "calibrate":
        return _result(run, published)
    with run.clock.stage("assess"):
        assessed = assess(run, prepared, calibrated, published)
    if only == "assess":
        return _result(run, published)
    with run.clock.stage("grade"):
        graded = grade(run, prepared, assessed, published)
        tables = {
            **graded.tables,
            "validation": validation_table(run, scalars),
            "targets": targets_table(run, graded.units),
        }
    result = _result(run, published, units=graded.units, unit_table=graded.unit_table, tables=tables)
    with run.clock.stage("publish"):
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
    context = {"rivers": run.catalogue.vector(_rivers(run))} if _rivers(run) else {}
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


def _rivers(run: Run) -> str:
    for item in run.study.hazards:
        for name in item.inputs.get("rivers", ()):
            return name
    return "rivers" if "rivers" in run.study.inputs else ""


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


def _bytes(text: str | None) -> int:
    if text is None:
        return 1536 * _MIB
    lowered = text.strip().lower().replace(" ", "")
    for unit, factor in sorted(_UNITS.items(), key=lambda item: -len(item[0])):
        if lowered.endswith(unit):
            try:
                return int(float(lowered.removesuffix(unit)) * factor)
            except ValueError:
                break
    raise ConfigError(
        Problem("run.memory_limit", f"is '{text}'", "a size such as 2 GB", "Correct it.", rule="run.memory_limit")
    )


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


def remove_work(folder: Path) -> None:
    """Remove the intermediate layers of a finished run.

    Examples
    --------
    >>> import tempfile
    >>> remove_work(Path(tempfile.gettempdir()) / "no-such-run")
    """
    shutil.rmtree(folder / ".work", ignore_errors=True)
