"""The disaster database on a server: tables are emptied and filled, never dropped under what stands on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from riskzoning.database.base import Database
from riskzoning.database.connecting import connect, engine, quoted
from riskzoning.database.faults import fault, rule_of
from riskzoning.database.plan import Load, Loaded
from riskzoning.database.readiness import check_ready, locked, other_loads
from riskzoning.database.urls import server
from riskzoning.errors import DatabaseError, Problem
from riskzoning.limits import DATABASE_LOAD_SECONDS

if TYPE_CHECKING:
    import sqlalchemy

RUN = "run_id"
# The first half of the lock that keeps two loads apart; the second is made from the name of the schema.
_LOCK = 0x72697A6B
_TAKE = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"


class PostGIS(Database):
    """A schema of a database on a server."""

    kind = "postgis"

    def __init__(self, url: str) -> None:
        self.server = server(url)
        self.shown = self.server.shown
        connection, self.facts = connect(self.server)
        connection.close()
        self._engine = engine(self.server)
        # The table that is being written, for what is said when it fails.
        self._at = ""

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def tables(self) -> list[str]:
        """Names of the tables of the schema."""
        import sqlalchemy

        with self._telling(), self._engine.connect() as connection:
            own = set(sqlalchemy.inspect(connection).get_table_names(schema=self.facts.schema))
        return sorted(own - {"spatial_ref_sys"})

    def check(self, wanted: Mapping[str, Collection[str]]) -> None:
        """Raise with all that would make a load fail; ``wanted``: tables and the columns that each of ours has."""
        connection, facts = connect(self.server)
        try:
            with self._telling():
                check_ready(connection, facts, self.server, wanted)
        finally:
            connection.close()

    def _refuse_foreign(self, code: str, levels: Sequence[str]) -> None:
        """A server holds many studies; what else lies there is looked at by the check before a load."""

    def _bring(self, what: Load) -> Loaded:
        from riskzoning.database import filling

        tables = {**what.tables, **what.surveys, "meta_run": pd.DataFrame([what.run])}
        run_id = str(tables["meta_run"][RUN].iloc[0])
        srid = _srid(tables["base_admin"])
        frames = {n: t if RUN in t.columns else t.assign(**{RUN: run_id}) for n, t in tables.items()}
        made = [filling.fitting_table(name, frame, self.facts.schema, srid) for name, frame in frames.items()]
        with self.writing(dict.fromkeys(tables, (RUN,))) as connection:
            gone = [run_id, *self._earlier(connection, tables["meta_run"])]
            new = filling.ensure_tables(connection, made)
            for table in made:
                self._at = table.name
                filling.delete_runs(connection, table, gone)
                filling.append(connection, table, frames[table.name])
            filling.finish_tables(connection, made, new)
        return Loaded(1)

    @contextmanager
    def writing(self, wanted: Mapping[str, Collection[str]]) -> Iterator[sqlalchemy.Connection]:
        """A connection to write tables, in one transaction, with no other load beside it, after :meth:`check`."""
        self.check(wanted)
        self._extension()
        with self._telling(list(wanted)), self._engine.begin() as connection:
            self._alone(connection)
            yield connection

    def _extension(self) -> None:
        """PostGIS, where it is not there and the user may make it; in the schema public, where there is one."""
        if self.facts.postgis is not None:
            return
        import psycopg

        connection, _ = connect(self.server)
        try:
            with self._telling():
                connection.autocommit = True
                public = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'public'").fetchone()
                place = " SCHEMA public" if public else ""
                # Another load may make it at the same moment.
                with suppress(psycopg.errors.UniqueViolation, psycopg.errors.DuplicateObject):
                    connection.execute(f"CREATE EXTENSION IF NOT EXISTS postgis{place}".encode())
        finally:
            connection.close()
        again, self.facts = connect(self.server)
        again.close()

    def _alone(self, connection: sqlalchemy.Connection) -> None:
        """The schema, made where it lacks, and the lock of its loads: a second load waits for the end of the first."""
        driver = connection.connection.driver_connection
        assert driver is not None
        patience = driver.execute("SELECT current_setting('lock_timeout')").fetchone()
        driver.execute("SELECT set_config('lock_timeout', %s, true)", (f"{DATABASE_LOAD_SECONDS}s",))
        driver.execute(_TAKE, (_LOCK, self.facts.schema))
        driver.execute("SELECT set_config('lock_timeout', %s, true)", patience)
        there = driver.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (self.facts.schema,)).fetchone()
        if there is None:
            driver.execute(f"CREATE SCHEMA {quoted(self.facts.schema)}".encode())

    def _earlier(self, connection: sqlalchemy.Connection, run: pd.DataFrame) -> list[str]:
        """Runs that the new one takes the place of: those of the same study and the same date of data."""
        import sqlalchemy

        if not sqlalchemy.inspect(connection).has_table("meta_run", self.facts.schema):
            return []
        statement = f"SELECT run_id FROM {quoted(self.facts.schema)}.meta_run WHERE code = %s AND created = %s"
        driver = connection.connection.driver_connection
        assert driver is not None
        values = (str(run["code"].iloc[0]), str(run["created"].iloc[0]))
        return [str(row[0]) for row in driver.execute(statement.encode(), values).fetchall()]

    def _read(self, table: str) -> pd.DataFrame:
        import sqlalchemy

        place = f"{quoted(self.facts.schema)}.{quoted(table)}"
        with self._telling([table]), self._engine.connect() as connection:
            inspector = sqlalchemy.inspect(connection)
            columns = {column["name"] for column in inspector.get_columns(table, schema=self.facts.schema)}
            if "geometry" in columns:
                statement = sqlalchemy.text(f"SELECT * FROM {place}".replace(":", "\\:"))
                return gpd.read_postgis(statement, connection, geom_col="geometry")
            return pd.read_sql_table(table, connection, schema=self.facts.schema)

    @contextmanager
    def _telling(self, names: Sequence[str] = ()) -> Iterator[None]:
        """What the driver raises becomes what has happened, in words."""
        import psycopg
        import sqlalchemy

        self._at = ""
        try:
            yield
        except (psycopg.Error, sqlalchemy.exc.SQLAlchemyError, UnicodeError) as error:
            raise self._failed(error, names) from None

    def _failed(self, error: Exception, names: Sequence[str]) -> DatabaseError:
        cause = getattr(error, "orig", None) or error
        rule = rule_of(getattr(cause, "sqlstate", None))
        if rule == "database.locked":
            with suppress(Exception):
                problems = self._holders(names)
                if problems:
                    return DatabaseError(problems=problems)
        lost = isinstance(cause, _operational()) and rule is None
        facts = self.facts
        return fault(error, self.server, at=self._at, user=facts.user, schema=facts.schema, lost=lost)

    def _holders(self, names: Sequence[str]) -> list[Problem]:
        connection, facts = connect(self.server)
        try:
            row = connection.execute("SELECT hashtext(%s)", (facts.schema,)).fetchone()
            loads = other_loads(connection, self.server, (_LOCK, int(str(row and row[0]))))
            wanted = [self._at] if self._at else list(names)
            return loads or locked(connection, facts, self.server, wanted, rows=True)
        finally:
            connection.close()


def _operational() -> type[Exception]:
    import psycopg

    return psycopg.OperationalError


def _srid(admin: pd.DataFrame) -> int:
    """The number of the CRS in which geometries are exchanged."""
    crs = getattr(admin, "crs", None)
    return 4490 if crs is None else crs.to_epsg() or 4490
