"""The folder of a run: what belongs to a run in it, so that old and new results never stand side by side."""

from __future__ import annotations

import glob
import json
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from riskzoning.errors import ConfigError, Problem
from riskzoning.files import opened
from riskzoning.io.writing.ledger import MANIFEST, Ledger, remove_unfinished
from riskzoning.pipeline.outputs import OUTPUTS
from riskzoning.pipeline.workspace.kept import KEPT, WORK, forget
from riskzoning.pipeline.workspace.keys import KEPT as STAGES

LOG = "log.jsonl"
_PLACES = tuple(sorted(set().union(*(output.places() for output in OUTPUTS))))
# What the program keeps between runs, by folder below .work: its own names, and nothing else in there is touched.
_WORK_FILES = {
    "": (".json",), "assess": (".arrow",), "coverage": (".npz",), "layers": (".json",),
    "store": (".tif", ".json", ".arrow", ".tif.aux.xml"), "sheets": (".json", ".png", ".pdf", ".svg"),
    "frames": (), **{f"frames/{stage}": (".arrow",) for stage in STAGES}, KEPT: (".json", ".arrow"),
}  # fmt: skip
_ENDINGS = (".tif", ".png", ".pdf", ".svg")
_UNFINISHED_FOLDER = re.compile(r"^\.\w+\.[0-9a-f]{8}(\.old)?$")


def check_folder(folder: Path) -> None:
    """Raise when a run could not work here without following a link, or without a folder of its own."""
    for path in _own_places(folder):
        if path.is_symlink():
            raise ConfigError(Problem("output.linked", path, target=os.readlink(path)))
        if path.name in (*_PLACES, "site", WORK, *_WORK_FILES) and path.exists() and not path.is_dir():
            raise ConfigError(Problem("output.not_folder", path))


def _own_places(folder: Path) -> Iterator[Path]:
    """What a run opens itself, without putting a whole file in the place."""
    for name in (*_PLACES, "site", WORK, *(f"{WORK}/{inner}" for inner in _WORK_FILES if inner)):
        yield folder / name
    for name in (".lock", ".lock-holder.json", MANIFEST, LOG):
        yield folder / name


def clear(ledger: Ledger) -> list[Path]:
    """Remove what earlier runs left in a folder and nobody has changed; gives what was removed."""
    removed = ledger.clear()
    log = ledger.folder / LOG
    if is_log(log):
        log.unlink()
        removed.append(log)
    clear_work(ledger.folder)
    for name in _PLACES:
        with suppress(OSError):
            (ledger.folder / name).rmdir()  # only when nothing is left in it
    return removed


def clear_but(ledger: Ledger, code: str, layers: Collection[str], stages: Collection[str]) -> None:
    """Remove what earlier runs left but the stages and the published layers that still hold."""
    folder = ledger.folder
    ledger.clear(keep={f"layers/{code}_{layer}.tif" for layer in layers})
    forget(folder)
    log = folder / LOG
    if is_log(log):
        log.unlink()
    work = folder / WORK
    for path in (work / "layers").glob("*.json"):
        if path.stem not in layers:
            path.unlink(missing_ok=True)
    for path in work.glob("*.json"):
        if path.stem not in (*stages, "state"):
            path.unlink(missing_ok=True)
    for path in (work / "frames").glob("*/*.arrow"):
        if path.parent.name not in stages:
            path.unlink(missing_ok=True)


def clear_work(folder: Path) -> None:
    """Remove what the program keeps between runs; what is not its own stays, and its folder with it."""
    for inner, endings in _WORK_FILES.items():
        place = folder / WORK / inner
        if (folder / WORK).is_symlink() or place.is_symlink() or not place.is_dir():
            continue
        for path in place.iterdir():
            if path.name.endswith(endings) and (path.is_symlink() or path.is_file()):
                path.unlink(missing_ok=True)
    for inner in sorted(_WORK_FILES, reverse=True):
        with suppress(OSError):
            (folder / WORK / inner).rmdir()


def is_log(path: Path) -> bool:
    """Whether a file is the log of runs and nothing else: each line an event with its time."""
    if path.is_symlink() or not path.is_file():
        return False
    with opened(path) as stream:
        for number, line in enumerate(stream):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                # The last line of a killed run may be cut.
                return number > 0 and not line.endswith(b"\n")
            if not isinstance(row, dict) or not {"time", "event"} <= set(row):
                return False
    return True


def remove_partial(ledger: Ledger, code: str) -> None:
    """Remove what a killed run was writing: files that never got their final name."""
    folder = ledger.folder
    for path in {*_named_outputs(folder), *_begun(folder, code), *filter(None, map(ledger.inside, ledger.known))}:
        remove_unfinished(path)
    for item in folder.glob(".site.*"):
        if _UNFINISHED_FOLDER.match(item.name):
            shutil.rmtree(item, ignore_errors=True)
    for item in (folder / WORK / "store").glob(".*"):
        item.unlink(missing_ok=True)


def _named_outputs(folder: Path) -> Iterator[Path]:
    """Results whose names are always the same."""
    yield from (folder / name for output in OUTPUTS for name in output.files if "*" not in name)


def _begun(folder: Path, code: str) -> Iterator[Path]:
    """Results that bear the code of the study and were being written."""
    for place in (folder / name for name in _PLACES):
        for item in place.glob(f".{glob.escape(code)}_*"):
            stem = item.name[1:].split(".")[0]
            yield from (place / f"{stem}{ending}" for ending in _ENDINGS)
