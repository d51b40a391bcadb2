"""Go on where a stopped run ended: what a stage made is kept under a fingerprint of everything that it depends on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from riskzoning import io, standards
from riskzoning.errors import Decisions, LayerError, deciding, hearing, note
from riskzoning.files import bounded
from riskzoning.io.writing.atomic import not_writable
from riskzoning.io.writing.ledger import Ledger
from riskzoning.limits import RECORD_BYTES
from riskzoning.pipeline.state import Run
from riskzoning.pipeline.workspace.folder import WORK, clear, remove_partial
from riskzoning.pipeline.workspace.journal import Overheard, as_state, decide_again, decision_state, from_state

_STATE = "state.json"


def open_work(ledger: Ledger, key: str, *, resume: bool, code: str = "") -> tuple[Path, bool]:
    """The folder for intermediate results, and whether a stopped run of the same study goes on; else all is cleared."""
    work = ledger.folder / WORK
    goes_on = resume and _read(work).get("key") == key
    if goes_on:
        remove_partial(ledger, code)
    else:
        clear(ledger)
        try:
            work.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_writable(work, error) from None
        io.write_json(work / _STATE, {"key": key, "code": code, "done": []})
    return work, goes_on


def finished(folder: Path) -> list[str]:
    """Stages that a run in this folder has finished."""
    return list(_read(folder / WORK).get("done", []))


def _read(work: Path) -> dict[str, Any]:
    try:
        content = json.loads(bounded(work / _STATE, RECORD_BYTES))
    except (LayerError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def once(run: Run, stage: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a stage makes, as JSON values: computed and kept with its notes, or read (and rung again) when finished."""
    work = run.workspace.work
    path = work / f"{stage}.json"
    if stage in finished(run.workspace.folder):
        content = _content(path)
        for state in content["notes"]:
            note(from_state(state))
        for state in content["decisions"]:
            decide_again(state)
        for name in content["tables"]:
            standards.table(name)
        return dict(content["made"])
    kept = Overheard(told=run.journal.add)
    with hearing(kept), deciding(Decisions()) as decisions:
        made = make()
    content = {
        "made": made,
        "notes": [as_state(problem) for problem in kept.everything],
        "decisions": [decision_state(decision) for decision in decisions.made],
        "tables": standards.used_tables(),
    }
    io.write_json(path, content)
    state = _read(work)
    io.write_json(work / _STATE, {**state, "done": [*state.get("done", []), stage]})
    # Read back: a resumed run and a straight one go on from the same values.
    return dict(_content(path)["made"])


def _content(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
