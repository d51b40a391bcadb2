"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from riskzoning.errors import Problem, RunError
from riskzoning.files import refuse_protected
from riskzoning.io.writing.ledger import ledger_of


def not_writable(path: Path, error: OSError) -> RunError:
    """The error of a place that cannot be written: full disk, missing permission, a file where a folder should be."""
    rule = "output.disk_full" if error.errno == errno.ENOSPC else "output.write"
    return RunError(Problem(rule, path, reason=error.strerror or error))


@contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A path beside the target to write to; renamed to the target when the block ends well, removed when it does not.

    The ending of the name stays, since some writers choose the format by it. Missing folders are made. In the folder of
    a run nothing is replaced but what runs have written (:mod:`riskzoning.io.writing.ledger`).

    Raises
    ------
    RunError
        The place cannot be written; nothing half-written stays.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "a.txt"
    ...     with atomic(target) as partial:
    ...         _ = partial.write_text("whole")
    ...     target.read_text()
    'whole'
    """
    target = Path(path)
    partial = target.with_name(f".{target.stem}.{uuid.uuid4().hex[:8]}{target.suffix}")
    try:
        refuse_protected(target)
        ledger = ledger_of(target)
        if ledger is not None:
            ledger.make_way(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        if ledger is not None:
            ledger.enter(partial, target)
        os.replace(partial, target)
    except OSError as error:
        raise not_writable(target, error) from error
    finally:
        for ending in ("", ".aux.xml", "-journal"):
            with suppress(OSError):
                partial.with_name(partial.name + ending).unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A folder beside the target to fill; takes its place when the block ends well.

    Where the target is there already, its files are replaced one by one; what else lies in it stays.

    Raises
    ------
    RunError
        The place cannot be written; what was there before stays.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_folder(Path(folder) / "site") as partial:
    ...         _ = (partial / "index.html").write_text("x")
    ...     sorted(item.name for item in (Path(folder) / "site").iterdir())
    ['index.html']
    """
    target = Path(path)
    partial = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        yield partial
        _move_in(partial, target)
    except OSError as error:
        raise not_writable(target, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _move_in(partial: Path, target: Path) -> None:
    """The files of a folder to their places in another, those at its top (the page that names the others) last."""
    names = [path.relative_to(partial) for path in partial.rglob("*") if path.is_file()]
    ledger = ledger_of(target / "any")
    if ledger is not None:
        for name in names:
            ledger.make_way(target / name)
            ledger.enter(partial / name, target / name)
    if not os.path.lexists(target):
        os.replace(partial, target)
        return
    for name in sorted(names, key=lambda name: (len(name.parts) == 1, name)):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(partial / name, target / name)
