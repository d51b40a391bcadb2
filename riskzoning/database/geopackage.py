"""The disaster database in a file: a load works on a copy and renames it, so it is whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import sqlalchemy as sa
from filelock import FileLock, Timeout
from pyproj import CRS
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from riskzoning import io
from riskzoning.database import blobs, package
from riskzoning.database.base import Database
from riskzoning.database.file_readiness import check_file, check_free
from riskzoning.database.frames import typed
from riskzoning.database.plan import Transaction
from riskzoning.database.schema import GEOMETRY, ROW
from riskzoning.errors import DatabaseError, Problem
from riskzoning.io.writing.ledger import remove_unfinished
from riskzoning.limits import DATABASE_LOAD_SECONDS

_NO_DAY = "2000-01-01"
_KINDS = {"INTEGER": "integer", "DOUBLE": "number", "REAL": "number", "FLOAT": "number", "DATE": "date", "TEXT": "text"}
# A second load waits so long for the first.
_WAIT_SECONDS = float(DATABASE_LOAD_SECONDS)
_BLOCK = 50_000
# From so many rows on their extents are entered into the spatial index at once.
_MANY = 1000


class GeoPackage(Database):
    """A file."""

    kind = "geopackage"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shown = str(path)

    def tables(self) -> list[str]:
        """Names of the tables and layers of the file."""
        if not self.path.is_file():
            return []
        try:
            return sorted(str(name) for name, _ in pyogrio.list_layers(self.path))
        except pyogrio.errors.DataSourceError as error:
            raise DatabaseError(Problem("database.open", self.shown, reason=str(error))) from None

    def check(self) -> None:
        """Raise when a load would fail; nothing is changed."""
        check_file(self.path)

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction on a copy of the file, which takes its place when something has changed."""
        self.check()
        held = FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=_WAIT_SECONDS)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            held.acquire()
        except Timeout:
            raise DatabaseError(Problem("database.busy", self.shown)) from None
        except OSError as error:
            raise DatabaseError(Problem("database.write", self.shown, reason=error.strerror or error)) from None
        copy = self.path.with_name(f".{self.path.stem}.{uuid.uuid4().hex[:8]}{self.path.suffix}")
        try:
            remove_unfinished(self.path)
            state = self._state()
            with self._copied(copy) as transaction:
                yield transaction
            if transaction.changed:
                self._settle(state)
                with io.atomic(self.path) as partial:
                    os.replace(copy, partial)
        except (sqlite3.Error, sa.exc.DatabaseError) as error:
            raise self._failed(error) from None
        finally:
            for ending in ("", "-journal"):
                with suppress(OSError):
                    copy.with_name(copy.name + ending).unlink(missing_ok=True)
            with suppress(OSError):
                Path(held.lock_file).unlink(missing_ok=True)
            held.release()

    def _failed(self, error: Exception) -> DatabaseError:
        cause = getattr(error, "orig", None) or error
        if isinstance(cause, sqlite3.IntegrityError):
            name = str(cause).rpartition(": ")[2]
            table = name.rpartition(".")[0] or name.partition(" -> ")[0]
            return DatabaseError(
                Problem("database.constraint", self.shown, table=table, constraint=name, reason=str(cause))
            )
        # A write that fails for want of room has two names in SQLite: of the disk, or of a limit on files.
        full = getattr(cause, "sqlite_errorname", "") in ("SQLITE_FULL", "SQLITE_IOERR_WRITE")
        return DatabaseError(Problem("database.disk_full" if full else "database.write", self.shown, reason=str(cause)))

    @contextmanager
    def _copied(self, copy: Path) -> Iterator[_Package]:
        with closing(package.connected(copy)) as connection:
            if self.path.is_file():
                with closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)) as source:
                    source.backup(connection)
            transaction = _Package(connection, self.shown)
            package.ensure_package(connection)
            connection.execute("BEGIN")
            yield transaction
            if transaction.changed:
                transaction.finish()
            connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """The file as it is, not to be written."""
        try:
            with closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                yield _Package(connection, self.shown)
        except sqlite3.Error as error:
            raise DatabaseError(Problem("database.open", self.shown, reason=str(error))) from None
        except sa.exc.DatabaseError as error:
            raise DatabaseError(Problem("database.open", self.shown, reason=str(error.orig))) from None

    def _state(self) -> tuple[int, int] | None:
        """What changes when another program writes into the file."""
        if not self.path.is_file():
            return None
        status = self.path.stat()
        return status.st_mtime_ns, status.st_size

    def _settle(self, state: tuple[int, int] | None) -> None:
        """What another program has written beside the file goes into it: it would be taken for part of the new one."""
        check_free(self.path)
        if self._state() != state:
            raise DatabaseError(Problem("database.edited", self.shown))
        beside = self.path.with_name(f"{self.path.name}-wal")
        if not beside.exists():
            return
        try:
            with closing(sqlite3.connect(self.path, timeout=5)) as connection:
                mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.Error:
            mode = "wal"
        if mode == "wal" or beside.exists():
            raise DatabaseError(Problem("database.busy", self.shown))

    def _read(self, table: str) -> pd.DataFrame:
        frame = gpd.read_file(self.path, layer=table)
        return frame if isinstance(frame, gpd.GeoDataFrame) else pd.DataFrame(frame)


class _Package:
    """A load in a GeoPackage."""

    def __init__(self, raw: sqlite3.Connection, shown: str) -> None:
        self.shown = shown
        self.changed = False
        self.day: str | None = None
        self._raw = raw
        self._touched: set[str] = set()
        self._new: list[sa.Table] = []
        engine = sa.create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool, pool_reset_on_return=None)
        self.connection = engine.connect()

    @property
    def _now(self) -> str:
        """The day of the data as the file notes it: no clock."""
        return f"{self.day or _NO_DAY}T00:00:00.000Z"

    def tables(self) -> set[str]:
        """Tables and views, without those of the format."""
        rows = self._raw.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        return {name for (name,) in rows if not name.startswith(("gpkg_", "rtree_", "sqlite_"))}

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table and their kinds."""
        shape = self._raw.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,))
        shapes = {name for (name,) in shape}
        rows = self._raw.execute(f"PRAGMA table_info({package.quoted(table)})").fetchall()
        return {row[1]: "geometry" if row[1] in shapes else _KINDS.get(row[2].upper(), "text") for row in rows}

    def create(self, table: sa.Table) -> None:
        """Make a table and enter it where a GIS looks."""
        self.connection.execute(CreateTable(table))
        if self._list(table.name, table):
            package.index_shapes(self._raw, table.name, GEOMETRY, ROW)
        self._touched.add(table.name)
        self._new.append(table)

    def _list(self, name: str, table: sa.Table) -> bool:
        """Enter a table or a view of it where a GIS looks; whether it has shapes."""
        title = str(table.info["titles"].get("zh", ""))
        geometry = None
        if GEOMETRY in table.c:
            srs = package.srs_id(self._raw, CRS.from_user_input(table.info["crs"]))
            geometry = (GEOMETRY, str(table.info["geometry"]), srs)
        package.listed(self._raw, name, title, self._now, geometry)
        return geometry is not None

    def make_view(self, name: str, query: str, table: sa.Table) -> None:
        """Make a view and enter it where a GIS looks."""
        self._raw.execute(f"CREATE VIEW {package.quoted(name)} AS {query}")
        self._list(name, table)

    def drop_view(self, name: str) -> None:
        """Remove a view."""
        self._raw.execute(f"DROP VIEW {package.quoted(name)}")
        package.unlisted(self._raw, name)

    def widen(self, table: sa.Table, columns: Sequence[sa.Column[Any]]) -> None:
        """Add columns to a table."""
        for column in columns:
            kind = column.type.compile(dialect=self.connection.dialect)
            name = package.quoted(column.name)
            self._raw.execute(f"ALTER TABLE {package.quoted(table.name)} ADD COLUMN {name} {kind}")
            if column.name == GEOMETRY and self._list(table.name, table):
                package.index_shapes(self._raw, table.name, GEOMETRY, ROW)

    def drop(self, table: str) -> None:
        """Remove a table; views on it stay, and see what is made again under its name."""
        package.drop_table(self._raw, table)

    def insert(self, table: sa.Table, frame: pd.DataFrame) -> None:
        """Append rows, many at a time."""
        self._touched.add(table.name)
        names = [column.name for column in table.c if column.name in frame.columns]
        places = ", ".join("?" * len(names))
        columns = ", ".join(map(package.quoted, names))
        statement = f"INSERT INTO {package.quoted(table.name)} ({columns}) VALUES ({places})"
        srs = package.srs_id(self._raw, CRS.from_user_input(table.info["crs"])) if GEOMETRY in names else 0
        with ExitStack() as stack:
            if GEOMETRY in names and len(frame) >= _MANY:
                shapes = frame[GEOMETRY].to_numpy()
                stack.enter_context(package.entered_at_once(self._raw, table.name, GEOMETRY, ROW, shapes))
            for start in range(0, len(frame), _BLOCK):
                block = frame.iloc[start : start + _BLOCK]
                self._raw.executemany(statement, zip(*(_values(block[name], srs) for name in names), strict=True))

    def content(self, table: str) -> pd.DataFrame:
        """All of a table of any shape."""
        cursor = self._raw.execute(f"SELECT * FROM {package.quoted(table)}")
        frame = pd.DataFrame(cursor.fetchall(), columns=[entry[0] for entry in cursor.description])
        query = """SELECT column_name, definition FROM gpkg_geometry_columns JOIN gpkg_spatial_ref_sys USING (srs_id)
            WHERE table_name = ?"""
        for column, definition in self._raw.execute(query, (table,)).fetchall():
            shapes = gpd.GeoSeries(blobs.decoded(frame.pop(column)), crs=package.crs_of(definition))
            frame = gpd.GeoDataFrame(frame.assign(**{GEOMETRY: shapes}), geometry=GEOMETRY)
        return frame.drop(columns=ROW, errors="ignore")

    def rows(self, table: sa.Table, where: sa.ColumnElement[bool] | None = None) -> pd.DataFrame:
        """Rows in the order in which they came, by their number."""
        # Days are text already.
        columns = [sa.type_coerce(c, sa.Text).label(c.name) if isinstance(c.type, sa.Date) else c for c in table.c]
        query = sa.select(*columns).order_by(table.c[ROW])
        rows = self.connection.execute(query if where is None else query.where(where)).all()
        frame = pd.DataFrame(rows, columns=[column.name for column in table.c]).astype({ROW: "int64"})
        crs = None
        if GEOMETRY in frame.columns:
            crs = CRS.from_user_input(table.info["crs"])
            frame = frame.assign(**{GEOMETRY: gpd.GeoSeries(blobs.decoded(frame[GEOMETRY]), crs=crs)})
        out = typed(frame, table, crs)
        out.index = pd.Index(frame[ROW], name=ROW)
        return out

    def finish(self) -> None:
        """Indexes of new tables, cheaper at once than row by row; keys of others once more; extents of layers."""
        for table in self._new:
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                if not str(index.name).startswith("sidx_"):
                    self.connection.execute(CreateIndex(index))
        lost = self._raw.execute("PRAGMA foreign_key_check").fetchmany(5)
        if lost:
            names = sorted({f"{row[0]} -> {row[2]}" for row in lost})
            raise sqlite3.IntegrityError(f"FOREIGN KEY: {', '.join(names)}")
        layers = dict(self._raw.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
        for name in sorted(self._touched & set(layers)):
            package.measured(self._raw, name, layers[name], self._now)


def _values(series: pd.Series, srs: int) -> list[Any]:
    """Values as SQLite takes them."""
    if series.name == GEOMETRY:
        return list(blobs.encoded(series.to_numpy(), srs))
    if series.dtype.kind in "fi" and isinstance(series.dtype, np.dtype):
        return list(series.to_numpy().tolist())
    plain = series.astype(object)
    return list(plain.where(series.notna().to_numpy(), None).tolist())
