"""Whether a file takes a load, asked before the work: its folder, what lies there, who holds it; nothing is changed."""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from riskzoning import standards
from riskzoning.errors import DatabaseError, Problem, TargetError

# So long is waited for another program that is writing at the moment.
_PATIENCE_SECONDS = 5
_HEAD = b"SQLite format 3\x00"
_SYSTEM = ("gpkg_", "rtree_", "sqlite_")


def check_file(path: Path) -> None:
    """Raise when a load into a file would fail."""
    if path.is_dir():
        raise TargetError(Problem("database.no_package", path, reason=os.strerror(errno.EISDIR)))
    _check_folder(path)
    if not path.exists():
        return
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_HEAD))
    except OSError as error:
        raise DatabaseError(Problem("database.open_denied", path, reason=error.strerror or error)) from None
    if head != _HEAD:
        raise TargetError(Problem("database.no_package", path, reason="not SQLite"))
    check_free(path)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            _check_content(connection, path)
    except sqlite3.Error as error:
        raise TargetError(Problem("database.no_package", path, reason=str(error))) from None


def _check_folder(path: Path) -> None:
    """The folder, or the nearest one that is there already, takes a file; the file of the test has no name."""
    folder = next(place for place in path.absolute().parents if os.path.lexists(place))
    try:
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        reason = error.strerror or error
        raise DatabaseError(Problem("database.folder", path, folder=folder, reason=reason)) from None


def check_free(path: Path) -> None:
    """Raise when another program writes to a file, or keeps changes of it beside it: replaced, they would be lost.

    What a program that has ended left beside the file goes into it, as at any opening.
    """
    beside = path.with_name(f"{path.name}-wal")
    if not path.exists() or not os.access(path, os.W_OK):
        return
    try:
        address = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE_SECONDS, isolation_level=None)) as connection:
            if beside.exists():
                connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise DatabaseError(Problem("database.busy", path)) from None
        raise DatabaseError(Problem("database.write", path, reason=str(error))) from None
    except sqlite3.DatabaseError as error:
        raise TargetError(Problem("database.no_package", path, reason=str(error))) from None


def _check_content(connection: sqlite3.Connection, path: Path) -> None:
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    tables = sorted(name for name in names if not name.startswith(_SYSTEM))
    if tables and "meta_run" not in names:
        raise TargetError(Problem("database.foreign", path, tables=tables))
    if "meta_schema" in names:
        (version,) = connection.execute("SELECT max(version) FROM meta_schema").fetchone()
        known = int(standards.shipped_table("database/schema").data["version"])
        if version is not None and int(version) > known:
            raise TargetError(Problem("database.newer", path, version=version, known=known))
