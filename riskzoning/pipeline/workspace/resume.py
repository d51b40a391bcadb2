"""Go on where a stopped run ended: what a stage made is kept under a fingerprint of everything that it depends on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from riskzoning import io, standards
from riskzoning.errors import Decisions, LayerError, deciding, hearing, note
from riskzoning.files import bounded
from riskzoning.io.writing.atomic import not_writable
from riskzoning.io.writing.ledger import Ledger, recording
from riskzoning.limits import RECORD_BYTES
from riskzoning.pipeline.state import Run
from riskzoning.pipeline.workspace.folder import clear, clear_but, remove_partial
from riskzoning.pipeline.workspace.journal import Overheard, as_state, decide_again, decision_state, from_state
from riskzoning.pipeline.workspace.kept import WORK

_STATE = "state.json"


def open_work(
    ledger: Ledger,
    key: str,
    *,
    resume: bool,
    code: str = "",
    stages: Mapping[str, str] | None = None,
) -> tuple[Path, bool]:
    """The folder for intermediate results, and whether a stopped run of the same study goes on.

    Of a run of another study the stages stay that have the same key in ``stages``, in their order, and what was made
    in them; everything else is cleared.
    """
    work, wanted = ledger.folder / WORK, dict(stages or {})
    state = _read(work)
    if resume and state.get("key") == key:
        remove_partial(ledger, code)
        return work, True
    held = _holding(work, state, wanted) if resume and state.get("code") == code else []
    if held:
        _forget(ledger, state, held)
    else:
        clear(ledger)
        try:
            work.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_writable(work, error) from None
    io.write_json(work / _STATE, {"key": key, "code": code, "done": held, "stages": wanted})
    return work, False


def _holding(work: Path, state: Mapping[str, Any], wanted: Mapping[str, str]) -> list[str]:
    """The first stages that an earlier run has finished and that would be made the same again."""
    done, keys, held = state.get("done", []), state.get("stages", {}), list[str]()
    for stage, key in wanted.items():
        if stage not in done or keys.get(stage) != key or not (work / f"{stage}.json").is_file():
            break
        held.append(stage)
    return held


def _forget(ledger: Ledger, state: Mapping[str, Any], held: Sequence[str]) -> None:
    """Remove what later stages and outputs have left."""
    work, code = ledger.folder / WORK, str(state.get("code", ""))
    # A run that is killed here is no run of any study: the next one takes up the same stages and removes the rest.
    io.write_json(work / _STATE, {**state, "key": "", "done": list(held)})
    remove_partial(ledger, code)
    clear_but(ledger, code, layers_of(work, held), held)


def layers_of(work: Path, stages: Sequence[str]) -> list[str]:
    """The published layers that were there at the end of the last of these stages."""
    made = _content(work / f"{stages[-1]}.json")["made"] if stages else {}
    return [str(layer) for layer in made.get("layers", ())]


def take_over(ledger: Ledger, previous: Path, stages: Mapping[str, str], code: str) -> None:
    """Copy from the folder of another run the stages that would be made the same again; nothing of it is changed."""
    source, target = previous / WORK, ledger.folder / WORK
    state = _read(source)
    held = _holding(source, state, stages) if state.get("code") == code else []
    if not held:
        return
    own = _read(target)
    # A run that is killed here is no run of any study: the next one begins anew.
    io.write_json(target / _STATE, {**own, "key": ""})
    for inner in ("store", "assess", "coverage"):
        for path in sorted((source / inner).glob("[!.]*")) if (source / inner).is_dir() else []:
            _copied(path, target / inner / path.name)
    with recording(ledger):
        for layer in layers_of(source, held):
            name = f"{code}_{layer}.tif"
            with io.atomic(ledger.folder / "layers" / name) as partial:
                shutil.copyfile(previous / "layers" / name, partial)
            _copied(source / "layers" / f"{layer}.json", target / "layers" / f"{layer}.json")
    for stage in held:
        _copied(source / f"{stage}.json", target / f"{stage}.json")
    io.write_json(target / _STATE, {**own, "done": held})


def _copied(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


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
    # Tables of its own: what the check of another study has read is no part of what the stage is made of.
    with hearing(kept), deciding(Decisions()) as decisions, standards.session(standards.replaced()) as used:
        made = make()
    tables = sorted(used.used)
    for name in tables:
        standards.table(name)
    content = {
        "made": made,
        "notes": [as_state(problem) for problem in kept.everything],
        "decisions": [decision_state(decision) for decision in decisions.made],
        "tables": tables,
    }
    io.write_json(path, content)
    state = _read(work)
    io.write_json(work / _STATE, {**state, "done": [*state.get("done", []), stage]})
    # Read back: a resumed run and a straight one go on from the same values.
    return dict(_content(path)["made"])


def _content(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
