"""The folder of a run: what belongs to a run in it, so that old and new results never stand side by side."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from riskzoning import database
from riskzoning.errors import RiskZoningError

__all__ = ["clear", "is_run_folder", "remove_partial", "run_files"]

WORK = ".work"
# A file that was being written when its run was killed: a dot, the name, eight random digits.
_PARTIAL = re.compile(r"^\.(?P<stem>.+)\.[0-9a-f]{8}(\.old)?(\.\w+)*$")
_PLACES = ("layers", "maps", "tables")


def is_run_folder(folder: Path) -> bool:
    """Whether a run has worked in this folder.

    Examples
    --------
    >>> is_run_folder(Path("no-such-folder"))
    False
    """
    return bool(_codes(folder)) or (folder / WORK / "state.json").is_file()


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _codes(folder: Path) -> set[str]:
    """Codes of the study areas whose results may lie here, by the records of the runs."""
    study = _read(folder / "run.json").get("study")
    codes = {str(study["code"])} if isinstance(study, dict) and "code" in study else set()
    kept = _read(folder / WORK / "state.json").get("code")
    return codes | ({str(kept)} if kept else set())


def run_files(folder: Path) -> Iterator[Path]:
    """Files and folders in a run folder that a run has made, by their names; a user's own files are none of them.

    Examples
    --------
    >>> list(run_files(Path("no-such-folder")))
    []
    """
    if not is_run_folder(folder):
        return
    for code in sorted(_codes(folder)):
        yield from sorted((folder / "layers").glob(f"{code}_*.tif*"))
        yield from sorted((folder / "maps").glob(f"{code}_*.*"))
    yield from sorted((folder / "tables").glob("*.csv"))
    for name in ("tables.xlsx", "run.json", "log.jsonl"):
        if (folder / name).is_file():
            yield folder / name
    if (folder / "site" / "index.html").is_file():
        yield folder / "site"
    for path in sorted(folder.glob("*.gpkg")):
        if _is_own_database(path):
            yield path
    if (folder / WORK).is_dir():
        yield folder / WORK


def _is_own_database(path: Path) -> bool:
    try:
        with database.open_database(path) as opened:
            return "meta_run" in opened.tables()
    except RiskZoningError:
        return False


def clear(folder: Path, *, keep: Iterable[Path] = ()) -> list[Path]:
    """Remove what earlier runs left in a folder; gives what was removed.

    Parameters
    ----------
    folder : Path
    keep : iterable of Path
        Inputs of the study; never removed, wherever they lie.

    Examples
    --------
    >>> clear(Path("no-such-folder"))
    []
    """
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
    """Remove what a killed run was writing: files that never got their final name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in (".run.1a2b3c4d.json", "run.json", ".notes"):
    ...         (Path(folder) / name).touch()
    ...     remove_partial(Path(folder), "410700")
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['.notes', 'run.json']
    """
    own = (code, "tables", "run", "database", "site", "units", "log")
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
