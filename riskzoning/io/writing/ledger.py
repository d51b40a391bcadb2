"""Who wrote what in a folder of results: only that is ever removed or replaced; what else lies there is kept."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from riskzoning.errors import ConfigError, LayerError, Problem, note
from riskzoning.files import bounded, opened, same_place
from riskzoning.limits import RECORD_BYTES

MANIFEST = ".work/written.jsonl"
_CHUNK = 1 << 20
# What a library keeps beside a database while somebody works in it: it belongs to the file.
_BESIDE = ("-wal", "-shm", "-journal")
_UNFINISHED = re.compile(r"^\.(?P<stem>.+?)\.[0-9a-f]{8}(?P<rest>(\.old)?([.-][\w-]+)*)$")


@dataclass
class Ledger:
    """The manifest of a folder: path and checksum of every file that runs have written into it.

    ``inputs`` are never replaced, whatever the manifest says. The file has one JSON object a line, written before the
    file of results gets its name: a killed run has told of all that it left.
    """

    folder: Path
    inputs: Sequence[Path] = ()
    _known: dict[str, set[str]] | None = field(default=None, repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder, "inputs": tuple(self.inputs)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    @property
    def known(self) -> dict[str, set[str]]:
        """Checksums by path; rows that point outside of the folder, or make no sense, count for nothing."""
        if self._known is None:
            self._known = {}
            for row in _rows(self.folder / MANIFEST):
                path, digest = row.get("path"), row.get("sha256")
                if isinstance(path, str) and isinstance(digest, str) and self.inside(path) is not None:
                    self._known.setdefault(path, set()).add(digest)
        return self._known

    def inside(self, name: str) -> Path | None:
        """The place of a name below the folder; None for one that leads out of it, by dots, a root or a link."""
        parts = PurePosixPath(name).parts
        if not parts or "\0" in name or "\\" in name or ".." in parts or PurePosixPath(name).is_absolute():
            return None
        place = self.folder.joinpath(*parts)
        return None if self.linked(place.parent) else place

    def linked(self, place: Path) -> Path | None:
        """The first link on the way from the folder to a place below it."""
        steps = [place, *place.parents]
        steps = steps[: steps.index(self.folder)] if self.folder in steps else steps
        return next((step for step in reversed(steps) if step.is_symlink()), None)

    def covers(self, target: Path) -> bool:
        """Whether a file is a result in this folder; the hidden ones are the program's own."""
        return self.folder in target.parents and not target.relative_to(self.folder).parts[0].startswith(".")

    def is_own(self, path: Path) -> bool:
        """Whether a file is one that a run has written, unchanged since."""
        digests = self.known.get(path.relative_to(self.folder).as_posix())
        if not digests or path.is_symlink() or any(_size(path, ending) for ending in _BESIDE):
            return False
        if any(same_place(path, item) for item in self.inputs):
            return False
        try:
            return _digest(path) in digests
        except (LayerError, OSError):
            return False

    def make_way(self, target: Path) -> None:
        """Keep what is no result of a run and lies in the place of one: it is renamed, and that is told.

        Raises
        ------
        ConfigError
            The place is an input of the study, or behind a link.
        """
        link = self.linked(target.parent)
        if link is not None:
            raise ConfigError(Problem("output.linked", link, target=_target(link)))
        if not os.path.lexists(target) or self.is_own(target):
            return
        if any(same_place(target, item) for item in self.inputs):
            raise ConfigError(Problem("output.input", target))
        kept = _free(target)
        target.rename(kept)
        for ending in _BESIDE:
            with suppress(OSError):
                target.with_name(target.name + ending).rename(kept.with_name(kept.name + ending))
        note(Problem("output.kept", target, severity="warning", kept=kept.name))

    def enter(self, written: Path, target: Path) -> None:
        """A file that is about to get its name becomes a row of the manifest."""
        name, digest = target.relative_to(self.folder).as_posix(), _digest(written)
        with self._lock:
            known = self.known.setdefault(name, set())
            if digest not in known:
                known.add(digest)
                self._append({"path": name, "sha256": digest})

    def _append(self, row: dict[str, str]) -> None:
        line = (json.dumps(row, ensure_ascii=False) + "\n").encode()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        (self.folder / MANIFEST).parent.mkdir(parents=True, exist_ok=True)
        number = os.open(self.folder / MANIFEST, flags, 0o644)
        try:
            os.write(number, line)  # one write: rows of several processes do not mix
        finally:
            os.close(number)

    def clear(self, keep: Collection[str] = ()) -> list[Path]:
        """Remove what earlier runs wrote and nobody has changed, except for ``keep``; gives what was removed."""
        removed = []
        self._known = None  # other processes, which draw sheets ahead, have written rows too
        kept = {name: digests for name, digests in self.known.items() if name in keep}
        for name in sorted(set(self.known) - set(kept)):
            path = self.inside(name)
            if path is not None and self.is_own(path):
                path.unlink()
                removed.append(path)
        for folder in sorted({step for path in removed for step in path.parents}, reverse=True):
            if self.folder in folder.parents:
                with suppress(OSError):
                    folder.rmdir()  # only when nothing is left in it
        if kept:
            self._rewrite([{"path": name, "sha256": digest} for name in kept for digest in sorted(kept[name])])
        else:
            with suppress(OSError):
                (self.folder / MANIFEST).unlink()
        self._known = kept
        return removed

    def settle(self) -> None:
        """At the end of a run: one row for each file that is there, and nothing half-written beside it."""
        rows = []
        self._known = None  # other processes have written rows too
        for name in sorted(self.known):
            path = self.inside(name)
            if path is None:
                continue
            remove_unfinished(path)
            if path.is_file() and not path.is_symlink():
                rows += [{"path": name, "sha256": digest} for digest in sorted(self.known[name])]
        self._rewrite(rows)

    def _rewrite(self, rows: Sequence[Mapping[str, str]]) -> None:
        partial = self.folder / f"{MANIFEST}.new"
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        partial.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        os.replace(partial, self.folder / MANIFEST)


def remove_unfinished(path: Path) -> None:
    """Remove what a killed run was writing on its way to this path, and what lay beside it (a journal)."""
    for item in path.parent.glob(f".{glob.escape(path.stem)}.*"):
        match = _UNFINISHED.match(item.name)
        if match is None or match["stem"] != path.stem or item.is_dir():
            continue
        rest = match["rest"]
        if any(rest.startswith(ending) for ending in (path.suffix, f".spool{path.suffix}")):
            item.unlink(missing_ok=True)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_symlink() or not path.exists():
        return
    try:
        lines = bounded(path, RECORD_BYTES).decode("utf-8", errors="replace").splitlines()
    except LayerError:
        return
    for line in lines:
        with suppress(ValueError, RecursionError):
            row = json.loads(line)
            if isinstance(row, dict):
                yield row


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with opened(path) as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def _size(path: Path, ending: str) -> int:
    try:
        return path.with_name(path.name + ending).stat().st_size
    except OSError:
        return 0


def _free(target: Path) -> Path:
    """A name beside a file that nothing has yet."""
    number = 1
    while os.path.lexists(kept := target.with_name(f"{target.stem}.kept-{number}{target.suffix}")):
        number += 1
    return kept


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return "?"


_open: list[Ledger] = []


@contextmanager
def recording(ledger: Ledger | None) -> Iterator[None]:
    """What is written below the folder of a ledger while the block runs is entered into it."""
    if ledger is None:
        yield
        return
    _open.append(ledger)
    try:
        yield
    finally:
        _open.pop(next(place for place, item in enumerate(_open) if item is ledger))


def ledger_of(target: Path) -> Ledger | None:
    """The ledger of the folder that a file is written into, when a run holds it."""
    return next((ledger for ledger in _open if ledger.covers(target)), None)
