"""Go on where a stopped run ended: what a stage made is kept under a fingerprint of everything that it depends on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from riskzoning import io, standards
from riskzoning.errors import Problem
from riskzoning.pipeline.state import Run

__all__ = ["finished", "once", "open_work"]

_STATE = "state.json"


def open_work(folder: Path, key: str, *, resume: bool) -> Path:
    """The folder for intermediate results; emptied unless the same study is resumed.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    key : str
        Fingerprint of study, inputs and program.
    resume : bool

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     open_work(Path(folder), "abc", resume=False).name
    '.work'
    """
    work = folder / ".work"
    state = _read(work)
    if not (resume and state.get("key") == key):
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(folder / "layers", ignore_errors=True)
        work.mkdir(parents=True, exist_ok=True)
        io.write_json(work / _STATE, {"key": key, "done": []})
    return work


def finished(folder: Path) -> list[str]:
    """Stages that a run in this folder has finished.

    Examples
    --------
    >>> finished(Path("no-such-folder"))
    []
    """
    return list(_read(folder / ".work").get("done", []))


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
    >>> once.__name__
    'once'
    """
    path = run.work / f"{stage}.json"
    if stage not in finished(run.folder):
        steps, warnings, notes = len(run.steps), len(run.warnings), len(run.catalogue.notes)
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
    run.warnings += [Problem(**row) for row in content["warnings"]]
    run.catalogue.notes += content["notes"]
    for name in content["tables"]:
        standards.table(name)
    return dict(content["found"])
