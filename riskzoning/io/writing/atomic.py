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


def not_writable(path: Path, error: OSError) -> RunError:
    """The error of a place that cannot be written: full disk, missing permission, a file where a folder should be."""
    rule = "output.disk_full" if error.errno == errno.ENOSPC else "output.write"
    return RunError(Problem(rule, path, reason=error.strerror or error))


@contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A path beside the target to write to; renamed to the target when the block ends well, removed when it does not.

    The ending of the name stays, since some writers choose the format by it. Missing folders are made.

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
        target.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        os.replace(partial, target)
    except OSError as error:
        raise not_writable(target, error) from error
    finally:
        for ending in ("", ".aux.xml", "-journal"):
            with suppress(OSError):
                partial.with_name(partial.name + ending).unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A folder beside the target to fill; takes its place, with all its content, when the block ends well.

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
    old = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.old")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        yield partial
        if target.exists():
            os.replace(target, old)
        os.replace(partial, target)
    except OSError as error:
        if old.exists() and not target.exists():
            os.replace(old, target)
        raise not_writable(target, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
