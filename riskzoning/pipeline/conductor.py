"""The conductor: a study from its files to its maps, readable from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from riskzoning import __version__, io, standards
from riskzoning.config import StudyConfig, load_study
from riskzoning.coverage import Coverage
from riskzoning.errors import (
    AdminError,
    ConfigError,
    Decisions,
    LayerError,
    Phrase,
    Problem,
    RiskZoningError,
    RunError,
    StandardTableError,
    deciding,
    grouped,
    hearing,
    note,
)
from riskzoning.files import same_place
from riskzoning.hazards import HAZARDS
from riskzoning.io.writing.atomic import not_writable
from riskzoning.io.writing.ledger import Ledger, recording
from riskzoning.limits import SCHEDULER_SECONDS
from riskzoning.names import DRAWN, WORKS
from riskzoning.pipeline.check.basemap import basemap_problems
from riskzoning.pipeline.check.checked import Checked
from riskzoning.pipeline.check.location import grid_crs
from riskzoning.pipeline.check.study import examine
from riskzoning.pipeline.check.target import target_problems
from riskzoning.pipeline.outputs import OUTPUTS
from riskzoning.pipeline.outputs.maps import drawing
from riskzoning.pipeline.stages.accept import accept
from riskzoning.pipeline.stages.adjusted import adjusted
from riskzoning.pipeline.stages.assess import assess
from riskzoning.pipeline.stages.calibrate import calibrated
from riskzoning.pipeline.stages.grade import graded
from riskzoning.pipeline.stages.objects import objects
from riskzoning.pipeline.stages.planning import planning
from riskzoning.pipeline.stages.prepare import prepare
from riskzoning.pipeline.stages.stability import stable
from riskzoning.pipeline.stages.surveyed import surveyed
from riskzoning.pipeline.stages.validated import validated
from riskzoning.pipeline.stages.zones import zones
from riskzoning.pipeline.state import (
    Assessed,
    Calibrated,
    Graded,
    Machine,
    Made,
    Prepared,
    Provenance,
    Run,
    Setting,
    Stage,
    Workspace,
)
from riskzoning.pipeline.workspace import resume as resuming
from riskzoning.pipeline.workspace.folder import LOG, check_folder, clear, is_log
from riskzoning.pipeline.workspace.journal import Overheard
from riskzoning.pipeline.workspace.keys import stage_keys
from riskzoning.pipeline.workspace.log import RunLog
from riskzoning.pipeline.workspace.parts import about, layers_of
from riskzoning.pipeline.workspace.program import program
from riskzoning.pipeline.workspace.progress import Progress, Silent, StageClock, Work
from riskzoning.pipeline.workspace.record import input_places, input_records, run_record, shown_study
from riskzoning.pipeline.workspace.resume import Claim
from riskzoning.pipeline.workspace.stated import stated
from riskzoning.pipeline.workspace.store import CogStore, Store, fingerprint
from riskzoning.results import StudyResult

if TYPE_CHECKING:
    from distributed import Client
from functools import partial
from typing import Literal

from riskzoning.errors import MissingDependencyError
from riskzoning.pipeline.outputs.output import Ahead, Writing

# Each takes what earlier ones made and gives one value more.
CHAIN = (
    Stage("prepare", lambda run, _: prepare(run)),
    Stage("calibrate", lambda run, made: calibrated(run, made.of(Prepared))),
    Stage("assess", lambda run, made: assess(run, made.of(Prepared), made.of(Calibrated))),
    Stage("grade", graded),
    Stage("stability", stable),
    Stage("accept", lambda run, _: accept(run)),
    Stage("survey", surveyed),
    Stage("adjusted", adjusted),
    Stage("objects", objects),
    Stage("zones", zones),
    Stage("planning", planning),
    Stage("validation", validated),
)
STAGES = ("check", *(stage.name for stage in CHAIN), "publish")
# After the one the ground is there that outputs share, after the other everything that goes on beside later stages.
_WARM, _BEGIN = "prepare", "grade"
_INPUT_ERRORS = (ConfigError, LayerError, AdminError, StandardTableError)


@dataclass(frozen=True)
class _Known:
    """What is known before the check: the program and, of an earlier run, what its inputs showed when they were opened.

    ``inputs`` are the records of the inputs as they are now, where they were made already.
    """

    program: Mapping[str, str]
    inputs: list[dict[str, Any]] | None = None
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class _Order:
    """What is to be run, and where."""

    study: StudyConfig
    given: StudyConfig
    checked: Checked
    folder: Path
    used: standards.Session
    resume: bool
    only: str | None
    decisions: Decisions
    known: _Known
    previous: Path | None = None


def run_study(
    study: StudyConfig | str | Path,
    out: str | Path | None = None,
    *,
    resume: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    only: str | None = None,
    progress: Progress | None = None,
    reuse: StudyResult | str | Path | None = None,
) -> StudyResult:
    """Run a study: layers, hazards, exposure, risk, zoning, tables, database, maps, site, run record.

    Parameters
    ----------
    study : StudyConfig or path
        From :func:`riskzoning.load_study`, or the path of a study.yaml.
    out : path, optional
        Folder of the results; default: ``outputs: folder`` of the study.
    resume : bool
        Go on where a stopped run of the same study ended; ends in the same bytes. Of a run of the study as it was
        before a change, the stages stay that do not depend on the change.
    workers : int, optional
        Threads.
    scheduler : str, optional
        Address of a dask scheduler, ``tcp://HOST:PORT``.
    only : str, optional
        Stop after this stage, one of :data:`STAGES`; after ``validation`` all is computed and nothing is printed yet.
    progress : Progress, optional
        A listener.
    reuse : StudyResult or path, optional
        An earlier run in another folder: what does not depend on what was changed since is taken over from it. The
        bytes are those of a run without it. Nothing is taken from a run of another version of the program, and why is
        told.

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
        raise ConfigError(Problem("run.only", "--only", value=only, known=STAGES))
    study, listener, clock = load_study(study), progress or Silent(), StageClock()
    folder = Path(out) if out is not None else study.path(study.outputs.folder)
    with standards.session(study.replaced_tables) as used, deciding(Decisions()) as decisions:
        previous = reuse.folder if isinstance(reuse, StudyResult) else None if reuse is None else Path(reuse)
        if previous is not None and same_place(previous, folder):
            resume, previous = True, None
        with clock.stage("check"):
            # The database is asked first: what it says takes seconds, the inputs of a large study take minutes.
            unready = _unready(study, folder) if only in (None, "publish") else []
            earlier = folder if resume else previous
            known = _Known(program(study)) if earlier is None else _known(study, earlier)
            checked = examine(study, progress=listener, answer=known.answer)
            checked.problems += [*target_problems(study), *basemap_problems(study)]
        errors = list(dict.fromkeys([*checked.errors, *unready]))
        if errors:
            raise ConfigError(problems=grouped(errors))
        given, study = study, _resolved(study, checked, workers)
        if only == "check":
            return _checked(study, checked, folder)
        check_folder(folder)
        order = _Order(study, given, checked, folder, used, resume, only, decisions, known, previous)
        address = scheduler or study.run.scheduler
        with _cluster(address) as client, _new_folder(folder), io.lock(folder), _disk(folder):
            return _locked(order, listener, clock, client)


def _known(study: StudyConfig, earlier: Path) -> _Known:
    """What the inputs showed in an earlier run, when they, the program and what they are looked at for are the same."""
    made_by = program(study)
    try:
        inputs = input_records(study)
    except (OSError, RiskZoningError):
        return _Known(made_by)  # the check says what is wrong with them
    answer = resuming.known_answer(earlier, "inputs", stage_keys(study, inputs, made_by)["inputs"], made_by)
    return _Known(made_by, None if answer is None else inputs, answer)


def _resolved(study: StudyConfig, checked: Checked, workers: int | None) -> StudyConfig:
    """The study with what it left open: the projection of its place, the threads of the command line."""
    units, _ = checked.placed
    grid = study.grid.model_copy(update={"crs": grid_crs(study, units)})
    settings = study.run.model_copy(update={"workers": workers or study.run.workers})
    return study.model_copy(update={"grid": grid, "run": settings})


def _locked(order: _Order, listener: Progress, clock: StageClock, client: Client | None) -> StudyResult:
    study, folder = order.study, order.folder
    with clock.stage("check"):
        inputs = input_records(study) if order.known.inputs is None else order.known.inputs
    key = fingerprint(study.model_dump(mode="json", exclude={"run", "outputs"}), inputs, __version__)
    ledger = Ledger(folder, [study.path(path) for _, path in input_places(study)])
    stages = stage_keys(study, inputs, order.known.program)
    # What the inputs show is asked for before the place of the study is known.
    stages["inputs"] = stage_keys(order.given, inputs, order.known.program)["inputs"]
    work, goes_on = _opened(order, ledger, Claim(key, study.code, stages, order.known.program))
    log = RunLog(folder / LOG, listener, append=goes_on, lang=study.language)
    clock.told = log.event
    try:
        with log.run(run_id=key, version=__version__, resumed=goes_on, only=order.only):
            setting = _setting(order.checked, study, clock, work)
            run = Run(
                setting=setting,
                workspace=_workspace(setting, folder, work, key, stages),
                machine=Machine(study.run.workers, study.run.memory_bytes, client),
                catalogue=order.checked.catalogue,
                provenance=Provenance(tuple(inputs), order.used, order.decisions),
                journal=Overheard(told=log.note),
                progress=log,
                clock=clock,
            )
            with hearing(run.journal), recording(ledger):
                result = _stages(run, order.checked, order.only)
            ledger.settle()
            return result
    except _INPUT_ERRORS:
        # An input that turns out wrong only while it is used: nothing of this run stays, as if the check had seen it.
        if not goes_on:
            clear(ledger)
        raise


def _opened(order: _Order, ledger: Ledger, claim: Claim) -> tuple[Path, bool]:
    """The folder of the run, with the results of earlier ones gone and what is not of a run out of the way."""
    with hearing(order.checked.journal):
        work, goes_on = resuming.open_work(ledger, claim, resume=order.resume)
        for name in ("run.json", LOG):
            if name != LOG or not is_log(ledger.folder / LOG):
                ledger.make_way(ledger.folder / name)
        if order.previous is not None and not resuming.finished(ledger.folder):
            with io.lock(order.previous) if order.previous.is_dir() else nullcontext():
                resuming.take_over(ledger, order.previous, claim)
        if order.checked.answer is not None and not goes_on:
            resuming.keep_answer(work, "inputs", order.checked.answer)
    return work, goes_on


def _setting(checked: Checked, study: StudyConfig, clock: StageClock, work: Path) -> Setting:
    units, grid = checked.placed
    with clock.stage("prepare"):
        coverage = Coverage.cached(grid, units, work / "coverage")
    return Setting(study, grid, units, coverage)


def _workspace(setting: Setting, folder: Path, work: Path, key: str, stages: Mapping[str, str]) -> Workspace:
    published = CogStore(folder / "layers", work / "layers", setting.grid, setting.study.code)
    return Workspace(folder, work, Store(work / "store", setting.grid), published, key, stages)


def _checked(study: StudyConfig, checked: Checked, folder: Path) -> StudyResult:
    """What a run that stops after the check gives: the units and the grid; nothing is written."""
    units, grid = checked.placed
    levels = [level for level in study.published_levels if (units["level"] == level).any()]
    warnings = [problem.as_row(study.language) for problem in checked.warnings]
    return StudyResult(
        grid=grid,
        layers=xr.Dataset(),
        units={level: units[units["level"] == level] for level in levels},
        folder=folder,
        record={"study": shown_study(study), "warnings": warnings},
        **about(study),
    )


def _unready(study: StudyConfig, folder: Path) -> list[Problem]:
    """Why an output could not be written after the work, where study.yaml is wrong; raise when its surroundings are."""
    problems: list[Problem] = []
    study = study.model_copy(update={"outputs": study.outputs.model_copy(update={"folder": folder.absolute()})})
    for output in OUTPUTS:
        if output.ready is not None and output.asked(study.outputs):
            try:
                output.ready(study)
            except ConfigError as error:
                problems += error.problems
    return problems


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


def _stages(run: Run, checked: Checked, only: str | None) -> StudyResult:
    """Ring what the check has heard, do one stage after the other, publish."""
    checked.ring()
    for hazard in run.setting.study.not_applicable:
        note(Problem("step.not_applicable", Phrase("hazard", name=hazard), severity="info", hazard=hazard))
    made = Made()
    with _beside(run.setting.study, only) as beside:
        for stage in CHAIN:
            with run.clock.stage(stage.name):
                made = made.also(stage.work(run, made))
            if stage.name == _WARM:
                _warm(run, made, beside)
            if stage.name == _BEGIN:
                _begin(run, made, beside)
            if stage.name == only:
                break
        if not made.has(Graded):
            return _result(run, made)
        with run.clock.stage("publish"):
            result = _result(run, made)
            if only in (None, "publish"):
                for ahead in beside.values():
                    ahead.go_on(Writing(run.setting.study, result))
                publish(run.setting.study, result, progress=run.progress, beside=beside)
    # The record has the time of the stage that has just ended.
    result = replace(result, record=_record(run, made))
    publish(run.setting.study, result, progress=run.progress, when="end")
    return result


@contextmanager
def _beside(study: StudyConfig, only: str | None) -> Iterator[dict[str, Ahead]]:
    """What goes on beside the stages for the outputs of a run that gets to them, by their keys."""
    asked = [output for output in OUTPUTS if only in (None, "publish") and output.asked(study.outputs)]
    begun = {output.key: output.ahead for output in asked if output.ahead is not None}
    if not begun:
        yield {}
        return
    with drawing(study) as crew:
        yield {key: ahead(crew) for key, ahead in begun.items()}


def _warm(run: Run, made: Made, beside: Mapping[str, Ahead]) -> None:
    """Begin what needs no more than the boundaries and the ground: it goes on while hazards are assessed."""
    ready = [beside[output.key] for output in OUTPUTS if output.key in beside and output.warms]
    if ready:
        setting = run.setting
        units = {level: setting.units.loc[setting.codes(level)].sort_index() for level in reversed(setting.levels)}
        result = replace(_result(run, made), units=units)
        for ahead in ready:
            ahead.warm(Writing(setting.study, result))


def _begin(run: Run, made: Made, beside: Mapping[str, Ahead]) -> None:
    """Begin what needs no more than the grades: it goes on beside the later stages and the other outputs."""
    if beside:
        result = _result(run, made)
        for ahead in beside.values():
            ahead.begin(Writing(run.setting.study, result))


def publish(
    study: StudyConfig,
    result: StudyResult,
    *,
    progress: Progress,
    when: Literal["publish", "end"] = "publish",
    beside: Mapping[str, Ahead] = MappingProxyType({}),
) -> None:
    """Write the outputs of the stage, or those of the very end; one whose package is missing is skipped and noted.

    What was begun beside the stages is waited for.
    """
    chosen = [output for output in OUTPUTS if output.when == when and output.asked(study.outputs)]
    total = sum(output.weight for output in chosen if output.write is not None)
    done = 0.0
    for output in chosen:
        write = beside[output.key].write if output.key in beside else output.write
        if write is None:
            continue
        told = partial(_tell, progress, done / total, output.weight / total)
        told(0.0, output.key)
        try:
            write(Writing(study, result, told))
        except MissingDependencyError as error:
            thing = Phrase("output", name=output.key)
            note(Problem("output.skipped", thing, severity="warning", reason=str(error)))
        done += output.weight
    progress.step("publish", 1.0)


def _tell(progress: Progress, done: float, share: float, part: float, text: str) -> None:
    progress.step("publish", done + share * part, text)


def _record(run: Run, made: Made) -> dict[str, Any]:
    study = run.setting.study
    record = run_record(
        study,
        provenance=run.provenance,
        journal=run.journal,
        calibration={**made.of(Calibrated).scalars, "ranges": made.of(Assessed).ranges},
        timings=run.clock.seconds,
        schemes={item.hazard: HAZARDS[item.hazard].grade_scheme for item in study.hazards},
    )
    graded = made.of(Graded)
    return {
        "run_id": run.workspace.key,
        "stages": dict(run.workspace.stages),
        **record,
        "stated": stated(study, graded.breaks, graded.units, made.tables()),
    }


def _result(run: Run, made: Made) -> StudyResult:
    study = run.setting.study
    graded = made.of(Graded) if made.has(Graded) else None
    return StudyResult(
        grid=run.setting.grid,
        layers=layers_of(run.workspace.published, run.workspace.store),
        units={} if graded is None else graded.units,
        breaks={} if graded is None else graded.breaks,
        unit_table=pd.DataFrame() if graded is None else graded.unit_table,
        tables=made.tables(),
        zones=made.zones(),
        surveys=made.surveys(),
        folder=run.workspace.folder,
        context={what: run.catalogue.vector(name) for what, name in _drawn(study).items()},
        record={} if graded is None else _record(run, made),
        **about(study),
    )


def _drawn(study: StudyConfig) -> dict[str, str]:
    """Inputs that maps draw: those called ``rivers``, ``levees`` ...; else the first that a hazard uses so."""
    drawn: dict[str, str] = {what: what for what in DRAWN if what in study.inputs}
    # The streams of a hazard may be a dense network; the rivers of the base map come first.
    for what in ("rivers", *WORKS):
        used = [name for item in study.hazards for name in item.inputs.get(what, ())]
        if what not in drawn and used:
            drawn[what] = used[0]
    return drawn


@contextmanager
def _cluster(address: str | None) -> Iterator[Any]:
    if address is None:
        yield None
        return
    from distributed import Client

    try:
        client = Client(address, timeout="10s")
    except (OSError, TimeoutError, ValueError) as error:
        thing = Phrase("scheduler", address=address)
        raise RunError(Problem("run.scheduler", thing, reason=str(error))) from None
    try:
        _check_workers(client, address)
        yield client
    finally:
        client.close()


def _check_workers(client: Client, address: str) -> None:
    """A scheduler without workers takes every task and never answers."""
    try:
        client.wait_for_workers(1, timeout=SCHEDULER_SECONDS)
    except TimeoutError:
        thing = Phrase("scheduler", address=address)
        raise RunError(Problem("run.no_workers", thing, seconds=SCHEDULER_SECONDS)) from None


def explain_study(study: StudyConfig, *, out: str | Path | None = None, resume: bool = False, lang: str = "en") -> str:
    """What a run would do: grid, hazards with their inputs and method, stages, outputs; nothing is computed.

    Parameters
    ----------
    study : StudyConfig
        From :func:`riskzoning.load_study`.
    out : path, optional
        Folder of the results; default: ``outputs: folder`` of the study.
    resume : bool
        Name the stages that a stopped run in that folder has finished.
    lang : {"zh", "en"}
        Language of the text.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study
    >>> print(explain_study(load_study(sample_study()), out="out").splitlines()[0])
    Xinxiang (410700), EPSG:4547, 200
    """
    folder = Path(out) if out is not None else study.path(study.outputs.folder)
    nothing = Phrase("none_given").text(lang)
    colon, comma, stop = (": ", ", ", "; ") if lang == "en" else ("：", "、", "；")
    lines = [f"{study.title(lang)} ({study.code}), {study.grid.crs}, {study.grid.resolution:g}", f"-> {folder}"]
    for item in study.hazards:
        spec = HAZARDS[item.hazard]
        used = stop.join(f"{key}{colon}{comma.join(names)}" for key, names in item.inputs.items())
        lines += [f"{item.hazard}{colon}{spec.title[lang]}", f"  {used}", f"  {spec.method.get(lang, '')}"]
    outputs = [Work(output.key).text(lang) for output in OUTPUTS if output.asked(study.outputs)]
    finished = [name for name in resuming.finished(folder) if name in STAGES] if resume else []
    facts = {
        "explain_exposure": comma.join(Work(name).text(lang) for name in study.exposure.receptors) or nothing,
        "explain_stages": " -> ".join(STAGES),
        "explain_outputs": comma.join(outputs),
        "explain_finished": comma.join(finished) or nothing,
    }
    return "\n".join([*lines, *(Phrase(key, text=text).text(lang) for key, text in facts.items())])


def output_places(study: StudyConfig, result: StudyResult) -> dict[str, Path | str]:
    """Where people find the outputs of a run, by their keys.

    Parameters
    ----------
    study : StudyConfig
    result : StudyResult
        What :func:`run_study` gave.

    Returns
    -------
    dict
        Key of the output (``layers tables database site maps record``) to its path, or the URL of its database without
        the password. A path may not exist: the study did not ask for that output, or the run stopped before it.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> study = StudyConfig(name="X", code="990100", data_date="2026-06-30", admin={"path": "admin.gpkg"})
    >>> output_places(study, toy_result())["maps"].name
    'maps'
    """
    writing = Writing(study, result)
    return {output.key: output.place(writing) for output in OUTPUTS if output.place is not None}
