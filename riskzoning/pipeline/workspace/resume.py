"""Go on where a stopped run ended: what a stage made is kept under a fingerprint of everything that it depends on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from riskzoning import io, standards
from riskzoning.errors import Problem
from riskzoning.io.writing.atomic import not_writable
from riskzoning.pipeline.state import Run
from riskzoning.pipeline.workspace.folder import WORK, clear, remove_partial
from riskzoning.pipeline.workspace.noting import noted

__all__ = ["finished", "once", "open_work"]

_STATE = "state.json"


def open_work(folder: Path, key: str, *, resume: bool, code: str = "", keep: Iterable[Path] = ()) -> tuple[Path, bool]:
    """The folder for intermediate results, and whether a stopped run of the same study goes on in it.

    Without ``resume``, or when study or inputs have changed, everything that earlier runs left in the folder is
    removed first (see :func:`~riskzoning.pipeline.workspace.folder.clear`), so that old and new results
    never stand side by side.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    key : str
        Fingerprint of study, inputs and program.
    resume : bool
    code : str
        Code of the study area, which the names of its files begin with.
    keep : iterable of Path
        Inputs of the study.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     work, goes_on = open_work(Path(folder), "abc", resume=False)
    ...     work.name, goes_on
    ('.work', False)
    """
    work = folder / WORK
    goes_on = resume and _read(work).get("key") == key
    if goes_on:
        remove_partial(folder, code)
    else:
        clear(folder, keep=keep)
        shutil.rmtree(work, ignore_errors=True)
        try:
            work.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_writable(work, error) from None
        io.write_json(work / _STATE, {"key": key, "code": code, "done": []})
    return work, goes_on


def finished(folder: Path) -> list[str]:
    """Stages that a run in this folder has finished.

    Examples
    --------
    >>> finished(Path("no-such-folder"))
    []
    """
    return list(_read(folder / WORK).get("done", []))


def _read(work: Path) -> dict[str, Any]:
    try:
        found = json.loads((work / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def once(run: Run, stage: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a stage found, as JSON values: computed and kept, or read when the stage was finished before.

    Steps and warnings that the stage adds to the run are kept with it, so that a resumed run records the same.

    Parameters
    ----------
    make : callable
        Does the work of the stage and gives what later stages need, ready for JSON.

    Examples
    --------
    >>> import tempfile
    >>> from types import SimpleNamespace
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = open_work(Path(folder), "abc", resume=False)
    ...     work = Path(folder) / ".work"
    ...     run = SimpleNamespace(
    ...         folder=Path(folder), work=work, steps=[], warnings=[], catalogue=SimpleNamespace(notes=[])
    ...     )
    ...     first = once(run, "calibrate", lambda: {"slope": 1.5})
    ...     again = once(run, "calibrate", lambda: {"slope": 9.9})
    >>> first, again
    ({'slope': 1.5}, {'slope': 1.5})
    """
    path = run.work / f"{stage}.json"
    if stage not in finished(run.folder):
        steps, warnings, notes = len(run.steps), len(run.warnings), len(run.catalogue.notes)
        with noted(run.warnings, f"stage '{stage}'"):
            found = make()
        content = {
            "found": found,
            "steps": run.steps[steps:],
            "warnings": [problem.as_row() for problem in run.warnings[warnings:]],
            "notes": run.catalogue.notes[notes:],
            "tables": standards.used_tables(),
        }
        io.write_json(path, content)
        state = _read(run.work)
        io.write_json(run.work / _STATE, {**state, "done": [*state.get("done", []), stage]})
        run.steps, run.warnings = run.steps[:steps], run.warnings[:warnings]
        run.catalogue.notes = run.catalogue.notes[:notes]
    # Read back in either case: a resumed run and a straight one go on from the same values.
    content = json.loads(path.read_text(encoding="utf-8"))
    run.steps += content["steps"]
    run.warnings += [Problem.from_row(row) for row in content["warnings"]]
    run.catalogue.notes += content["notes"]
    for name in content["tables"]:
        standards.table(name)
    return dict(content["found"])
