"""One run in an output folder at a time: the operating system holds the lock and lets it go when its process ends."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from riskzoning.errors import LockedError, Phrase, Problem
from riskzoning.io.writing.atomic import not_writable

_NAME = ".lock"
# Beside the lock: a locked file cannot be read on every system.
_HOLDER = ".lock-holder.json"


@contextmanager
def lock(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Hold a folder for one run; the lock of a run that was killed does not block the next one.

    Raises
    ------
    LockedError
        Another run works in the folder; the message has its process, machine and start.
    RunError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, lock(folder) as path:
    ...     path.name
    '.lock'
    """
    path = Path(folder) / _NAME
    holder = path.with_name(_HOLDER)
    held = FileLock(path, timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held.acquire()
    except Timeout:
        raise LockedError(_in_use(path)) from None
    except OSError as error:
        raise not_writable(path, error) from None
    try:
        _sign(holder)
        yield path
    finally:
        # Removed while it is held: who opened it before sees that the file has no name any more, and takes a new one.
        for leftover in (holder, path):
            with suppress(OSError):
                leftover.unlink(missing_ok=True)
        held.release()


def _sign(holder: Path) -> None:
    mine = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
    try:
        holder.write_text(json.dumps(mine), encoding="utf-8")
    except OSError as error:
        raise not_writable(holder, error) from None


def _in_use(path: Path) -> Problem:
    try:
        facts = json.loads(path.with_name(_HOLDER).read_text(encoding="utf-8"))
        who = Phrase("lock_holder", pid=facts["pid"], host=facts["host"], since=facts["since"])
    except (OSError, ValueError, KeyError, TypeError):
        who = Phrase("lock_holder_unknown")
    return Problem("output.locked", path.parent, who=who)
