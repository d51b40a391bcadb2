"""The folder of a run: what belongs to a run in it, so that old and new results never stand side by side."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from riskzoning.pipeline.outputs import OUTPUTS

WORK = ".work"
# A file that was being written when its run was killed: a dot, the name, eight random digits.
_PARTIAL = re.compile(r"^\.(?P<stem>.+)\.[0-9a-f]{8}(\.old)?(\.\w+)*$")
_PLACES = tuple(sorted(set().union(*(output.places() for output in OUTPUTS))))


def is_run_folder(folder: Path) -> bool:
    """Whether a run has worked in this folder."""
    return bool(_codes(folder)) or (folder / WORK / "state.json").is_file()


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _codes(folder: Path) -> set[str]:
    """Codes of the study areas whose results may lie here, by the records of the runs."""
    study = _read(folder / "run.json").get("study")
    codes = {str(study["code"])} if isinstance(study, dict) and "code" in study else set()
    kept = _read(folder / WORK / "state.json").get("code")
    return codes | ({str(kept)} if kept else set())


def run_files(folder: Path) -> Iterator[Path]:
    """Files and folders in a run folder that a run has made, by their names; a user's own files are none of them."""
    if not is_run_folder(folder):
        return
    for output in OUTPUTS:
        yield from dict.fromkeys(path for code in sorted(_codes(folder)) for path in output.left(folder, code))
    if (folder / WORK).is_dir():
        yield folder / WORK


def clear(folder: Path, *, keep: Iterable[Path] = ()) -> list[Path]:
    """Remove what earlier runs left in a folder, never an input (``keep``); gives what was removed."""
    inputs = {path.resolve() for path in keep}
    removed = []
    for path in list(run_files(folder)):
        own = path.resolve()
        if own in inputs or any(own in item.parents for item in inputs):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed.append(path)
    for name in _PLACES:
        with suppress(OSError):
            (folder / name).rmdir()  # only when nothing is left in it
    return removed


def remove_partial(folder: Path, code: str) -> None:
    """Remove what a killed run was writing: files that never got their final name."""
    own = (code, *sorted(set().union(*(output.stems() for output in OUTPUTS))))
    for place in (folder, *(folder / name for name in _PLACES)):
        for path in place.glob(".*") if place.is_dir() else ():
            match = _PARTIAL.match(path.name)
            if match is None or not (place != folder or match["stem"].startswith(own)):
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    for path in (folder / WORK / "store").glob(".*"):
        path.unlink(missing_ok=True)
