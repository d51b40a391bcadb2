"""Go on where a stopped run ended: what a stage made is kept under a fingerprint of everything that it depends on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from riskzoning import io
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.files import bounded
from riskzoning.io.writing.atomic import not_writable
from riskzoning.io.writing.ledger import Ledger, recording
from riskzoning.limits import RECORD_BYTES
from riskzoning.pipeline.state import Run
from riskzoning.pipeline.workspace import values
from riskzoning.pipeline.workspace.folder import clear, clear_but, remove_partial
from riskzoning.pipeline.workspace.frames import Frames, UnkeepableError, keep_frames, linked, read_frames
from riskzoning.pipeline.workspace.heard import heard, told_again
from riskzoning.pipeline.workspace.kept import WORK
from riskzoning.pipeline.workspace.keys import KEPT
from riskzoning.pipeline.workspace.sheets import lay_aside
from riskzoning.pipeline.workspace.store import fingerprint

_STATE = "state.json"
# Folders below that of the work in which stages keep their frames.
FRAMES = "frames"


@dataclass(frozen=True)
class Claim:
    """What a run is: the fingerprint of all that it depends on, its study area, the keys of its stages, the program."""

    key: str
    code: str = ""
    stages: Mapping[str, str] = field(default_factory=dict)
    program: Mapping[str, str] = field(default_factory=dict)


def open_work(ledger: Ledger, claim: Claim, *, resume: bool) -> tuple[Path, bool]:
    """The folder for intermediate results, and whether a stopped run of the same study goes on.

    Of a run of another study the stages stay that have the same key, and what was made in them; everything else is
    cleared. Nothing stays of what another program has made.
    """
    work = ledger.folder / WORK
    state = _read(work)
    same = resume and _is_ours(state, claim, ledger.folder)
    if same and state.get("key") == claim.key:
        remove_partial(ledger, claim.code)
        return work, True
    held = _holding(work, state, claim.stages) if same and state.get("code") == claim.code else []
    if held:
        _forget(ledger, state, held)
    else:
        clear(ledger)
        try:
            work.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_writable(work, error) from None
    io.write_json(work / _STATE, _state(claim, claim.key, held), indent=None)
    return work, False


def _state(claim: Claim, key: str, done: Sequence[str]) -> dict[str, Any]:
    stages, program = dict(claim.stages), dict(claim.program)
    return {"key": key, "code": claim.code, "done": list(done), "stages": stages, "program": program}


def _is_ours(state: Mapping[str, Any], claim: Claim, folder: Path) -> bool:
    """Whether this program has made what lies there; else nothing is gone on from, and why is told."""
    made_by = state.get("program")
    if not state or made_by == dict(claim.program):
        return True
    if not isinstance(made_by, Mapping):
        made_by = {}
    parts = [name for name, value in claim.program.items() if made_by.get(name) != value]
    made, here = str(made_by.get("version", "?")), claim.program.get("version", "?")
    differing = [Phrase(f"program_{name}") for name in parts]
    thing = Phrase("run_folder", path=str(folder))
    note(Problem("reuse.program", thing, severity="warning", parts=differing, made=made, here=here))
    return False


def _holding(work: Path, state: Mapping[str, Any], wanted: Mapping[str, str]) -> list[str]:
    """The stages that an earlier run has finished and that would be made the same again."""
    done, keys, held = state.get("done", []), state.get("stages", {}), list[str]()
    for stage, key in wanted.items():
        after = KEPT[stage].after if stage in KEPT else None
        stands = after is None or after in held
        if stands and stage in done and keys.get(stage) == key and (work / f"{stage}.json").is_file():
            held.append(stage)
    return held


def _forget(ledger: Ledger, state: Mapping[str, Any], held: Sequence[str]) -> None:
    """Remove what later stages and outputs have left; sheets that may hold are laid aside."""
    work, code = ledger.folder / WORK, str(state.get("code", ""))
    # A run that is killed here is no run of any study: the next one takes up the same stages and removes the rest.
    io.write_json(work / _STATE, {**state, "key": "", "done": list(held)}, indent=None)
    remove_partial(ledger, code)
    lay_aside(ledger, ledger.folder, move=True)
    clear_but(ledger, code, layers_of(work, held), held)


def layers_of(work: Path, stages: Sequence[str]) -> list[str]:
    """The published layers that these stages have made."""
    made = [_content(work / f"{stage}.json")["made"] for stage in stages]
    return list(dict.fromkeys(str(layer) for one in made for layer in one.get("layers", ())))


def take_over(ledger: Ledger, previous: Path, claim: Claim) -> None:
    """Copy from the folder of another run the stages that would be made the same again; nothing of it is changed."""
    source, target = previous / WORK, ledger.folder / WORK
    state = _read(source)
    if not state:
        note(Problem("reuse.nothing", Phrase("run_folder", path=str(previous)), severity="warning"))
        return
    if not _is_ours(state, claim, previous):
        return
    held = _holding(source, state, claim.stages) if state.get("code") == claim.code else []
    if not held:
        return
    # A run that is killed here is no run of any study: the next one begins anew.
    io.write_json(target / _STATE, _state(claim, "", ()), indent=None)
    frames = [f"{FRAMES}/{stage}" for stage in held]
    for inner in ("store", "assess", "coverage", *frames):
        for path in sorted((source / inner).glob("[!.]*")) if (source / inner).is_dir() else []:
            linked(path, target / inner / path.name)
    with recording(ledger):
        for layer in layers_of(source, held):
            name = f"{claim.code}_{layer}.tif"
            with io.atomic(ledger.folder / "layers" / name) as partial:
                shutil.copyfile(previous / "layers" / name, partial)
            values.copied(previous / "layers" / name, ledger.folder / "layers" / name)
            linked(source / "layers" / f"{layer}.json", target / "layers" / f"{layer}.json")
    lay_aside(ledger, previous, move=False)
    for stage in held:
        linked(source / f"{stage}.json", target / f"{stage}.json")
    io.write_json(target / _STATE, _state(claim, claim.key, held), indent=None)


def finished(folder: Path) -> list[str]:
    """Stages that a run in this folder has finished."""
    return list(_read(folder / WORK).get("done", []))


def _read(work: Path) -> dict[str, Any]:
    try:
        content = json.loads(bounded(work / _STATE, RECORD_BYTES))
    except (LayerError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def known_answer(folder: Path, stage: str, key: str, program: Mapping[str, str]) -> dict[str, Any] | None:
    """What a stage of a run in a folder gave and told, where its key and its program are these."""
    state = _read(folder / WORK)
    holds = state.get("program") == dict(program) and stage in state.get("done", [])
    if not holds or state.get("stages", {}).get(stage) != key:
        return None
    try:
        return _content(folder / WORK / f"{stage}.json")
    except (OSError, ValueError):
        return None


def keep_answer(work: Path, stage: str, content: Mapping[str, Any]) -> None:
    """Keep what a piece of work gave and told as that of a finished stage."""
    io.write_json(work / f"{stage}.json", dict(content), indent=None)
    state = _read(work)
    done = [*state.get("done", []), *([] if stage in state.get("done", []) else [stage])]
    io.write_json(work / _STATE, {**state, "done": done}, indent=None)


def once(run: Run, stage: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a stage makes, as JSON values: computed and kept with its notes, or read (and rung again) when finished."""
    path = run.workspace.work / f"{stage}.json"
    if stage in finished(run.workspace.folder):
        return told_again(_content(path))
    keep_answer(run.workspace.work, stage, heard(make, run.journal.add))
    # Read back: a resumed run and a straight one go on from the same values.
    return dict(_content(path)["made"])


def frames_once(
    run: Run,
    stage: str,
    make: Callable[[], tuple[Mapping[str, pd.DataFrame], dict[str, Any]]],
    *,
    given: Sequence[object] = (),
) -> Frames:
    """The frames that a stage makes, by name: kept with its notes, or read (and rung again) when finished.

    ``make`` gives them and what else is to be kept (``layers``). Frames that would not come back exactly as they are
    are not kept: such a stage is done in every run. ``given`` is what the frames depend on beside the key of the stage,
    as JSON values: of other ones they are made anew.
    """
    work, known = run.workspace.work, fingerprint(*given)
    if stage in finished(run.workspace.folder):
        content = _content(work / f"{stage}.json")
        if content["made"].get("given") == known:
            frames = read_frames(work / FRAMES / stage, content["made"]["frames"])
            told_again(content)
            return frames
    made: list[Mapping[str, pd.DataFrame]] = []

    def kept() -> dict[str, Any]:
        frames, facts = make()
        made.append(frames)
        return facts

    content = heard(kept, run.journal.add)
    frames = dict(made[0])
    try:
        content["made"] |= {"frames": keep_frames(work / FRAMES / stage, frames), "given": known}
    except (UnkeepableError, ValueError, TypeError, NotImplementedError):
        return frames
    keep_answer(work, stage, content)
    return frames


def _content(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
