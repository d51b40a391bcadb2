"""One run in a folder at a time."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from riskzoning.errors import LockedError, Problem
from riskzoning.io.writing.atomic import not_writable

__all__ = ["lock"]

_NAME = ".lock"
# A lock that says nothing yet belongs to a run that is just writing it.
_YOUNG_S = 10.0


@contextmanager
def lock(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Hold a folder for one run; the lock of a process that is gone is taken over.

    Raises
    ------
    LockedError
        Another run works in the folder; names its process, machine and start.
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
    mine = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        "started": _started(os.getpid()),
    }
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(Path(folder), error) from None
    for _ in range(2):
        try:
            with open(path, "x", encoding="utf-8") as stream:
                json.dump(mine, stream)
            break
        except FileExistsError:
            holder = _holder(path)
            if _alive(holder) or (not holder and _age(path) < _YOUNG_S):
                raise _locked(path, holder) from None
            # Its process is gone (a killed run): the lock means nothing any more.
            path.unlink(missing_ok=True)
        except OSError as error:
            raise not_writable(path, error) from None
    else:
        raise _locked(path, _holder(path))
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _holder(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _alive(holder: dict[str, Any]) -> bool:
    if not isinstance(holder.get("pid"), int):
        return False
    if holder.get("host") != socket.gethostname():
        return True  # another machine on a shared folder cannot be asked
    # A number that another process bears by now is told by the time at which that process began.
    started = _started(holder["pid"])
    return started is not None and holder.get("started", started) == started


def _started(pid: int) -> float | None:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:
        return 0.0  # it is there, and this user may not ask more


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return _YOUNG_S


def _locked(path: Path, holder: dict[str, Any]) -> LockedError:
    who = f"process {holder.get('pid', '?')} on {holder.get('host', '?')} since {holder.get('since', '?')}"
    return LockedError(
        Problem(
            str(path.parent),
            f"is in use by {who}",
            "a folder in which no other run works",
            f"Wait for it, choose another folder with --out, or remove {path} when that process is gone.",
            rule="output.locked",
        )
    )
