"""Printed sheets of an earlier run, laid aside by their content: one that would come out the same is not drawn."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riskzoning import io
from riskzoning.errors import LayerError
from riskzoning.files import bounded
from riskzoning.io.writing.ledger import MANIFEST, Ledger
from riskzoning.limits import RECORD_BYTES

_WORK, _ASIDE, _INDEX, _MAPS = Path(MANIFEST).parent, "sheets", "sheets.json", "maps"


@dataclass
class Sheets:
    """The sheets of a run in its folder: what was laid aside for it, and what it has."""

    folder: Path
    printed: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def aside(self) -> Path:
        """Where sheets of an earlier run lie."""
        return self.folder / _WORK / _ASIDE

    def taken(self, stem: str, key: str, formats: Sequence[str]) -> list[Path] | None:
        """Put a sheet of the same content in its place; None where there is none in all these formats."""
        row = _rows(self.aside / _INDEX).get(stem, {})
        names = [f"{stem}.{suffix}" for suffix in formats]
        if row.get("key") != key or not all((self.aside / name).is_file() for name in names):
            return None
        written = []
        for name in names:
            with io.atomic(self.folder / _MAPS / name) as partial:
                shutil.copyfile(self.aside / name, partial)
            written.append(self.folder / _MAPS / name)
        self.printed[stem] = row
        return written

    def tables(self, stem: str) -> list[str]:
        """The tables that a sheet was drawn with."""
        return [str(name) for name in self.printed.get(stem, {}).get("tables", ())]

    def settle(self) -> None:
        """At the end: write down what was printed; what was laid aside goes."""
        if (self.folder / _WORK).is_dir():
            io.write_json(self.folder / _WORK / _INDEX, self.printed)
            forget_sheets(self.folder)


def lay_aside(ledger: Ledger, source: Path, *, move: bool) -> None:
    """Lay sheets of the run in ``source`` aside in the folder of the ledger: those that nobody has changed since."""
    rows, target = _rows(source / _WORK / _INDEX), ledger.folder / _WORK / _ASIDE
    own = ledger if move else Ledger(source)
    kept = {}
    for stem, row in rows.items():
        files = [path for suffix in ("png", "pdf", "svg") if (path := source / _MAPS / f"{stem}.{suffix}").is_file()]
        if not files or not all(own.is_own(path) for path in files):
            continue
        target.mkdir(parents=True, exist_ok=True)
        for path in files:
            place = target / path.name
            place.unlink(missing_ok=True)
            _put(path, place, move=move)
        kept[stem] = row
    if kept:
        io.write_json(target / _INDEX, kept)


def _put(path: Path, place: Path, *, move: bool) -> None:
    if move:
        os.replace(path, place)
        return
    try:
        os.link(path, place)
    except OSError:
        shutil.copyfile(path, place)


def forget_sheets(folder: Path) -> None:
    """Remove what was laid aside."""
    aside = folder / _WORK / _ASIDE
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside, ignore_errors=True)


def _rows(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(bounded(path, RECORD_BYTES))
    except (LayerError, ValueError, RecursionError, OSError):
        return {}
    return {name: row for name, row in content.items() if isinstance(row, dict)} if isinstance(content, dict) else {}
