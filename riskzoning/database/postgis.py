"""The disaster database on a server: tables are emptied and filled, never dropped under what stands on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pandas as pd

from riskzoning.database.base import Database
from riskzoning.database.connecting import connect, engine, quoted
from riskzoning.database.faults import fault, rule_of
from riskzoning.database.plan import Transaction
from riskzoning.database.readiness import check_ready, locked, other_loads
from riskzoning.database.roles import Roles, role_script
from riskzoning.database.transaction import ServerTransaction
from riskzoning.database.urls import server
from riskzoning.errors import DatabaseError, Problem
from riskzoning.limits import DATABASE_LOAD_SECONDS

if TYPE_CHECKING:
    import sqlalchemy

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
        # The load that runs, for what is said when it fails.
        self._at: ServerTransaction | None = None

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def tables(self) -> list[str]:
        """Names of the tables of the schema."""
        with self.reading() as transaction:
            return sorted(transaction.tables())

    def check(self) -> None:
        """Raise with all that would make a load fail; nothing is changed."""
        connection, facts = connect(self.server)
        try:
            with self._telling():
                check_ready(connection, facts, self.server)
        finally:
            connection.close()

    def role_script(self, roles: Roles) -> str:
        """SQL that makes roles and gives them their rights."""
        roles.check(self.shown)
        return role_script(self.facts, roles)

    def make_roles(self, roles: Roles) -> None:
        """Make roles and give them their rights, in one transaction."""
        script = self.role_script(roles)
        connection, _ = connect(self.server)
        try:
            with self._telling():
                connection.execute(script.encode())
                connection.commit()
        finally:
            connection.close()

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction with no other load beside it, after :meth:`check`; readers see the old rows until its end."""
        self.check()
        self._extension()
        with self._telling(), self._engine.connect() as connection:
            self._alone(connection)
            transaction = ServerTransaction(connection, self.facts.schema, self.shown)
            self._at = transaction
            yield transaction
            if transaction.changed:
                transaction.finish()
                connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """The database as it is at one moment, not to be written."""
        with self._telling(), self._engine.connect() as connection:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield ServerTransaction(connection, self.facts.schema, self.shown)

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

    def _read(self, table: str) -> pd.DataFrame:
        with self.reading() as transaction:
            return transaction.content(table)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What the driver raises becomes what has happened, in words."""
        import psycopg
        import sqlalchemy

        self._at = None
        try:
            yield
        except (psycopg.Error, sqlalchemy.exc.SQLAlchemyError, UnicodeError) as error:
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> DatabaseError:
        cause = getattr(error, "orig", None) or error
        rule = rule_of(getattr(cause, "sqlstate", None))
        at = self._at.at if self._at is not None else ""
        if rule == "database.locked":
            with suppress(Exception):
                problems = self._holders()
                if problems:
                    return DatabaseError(problems=problems)
        lost = isinstance(cause, _operational()) and rule is None
        facts = self.facts
        return fault(error, self.server, at=at, user=facts.user, schema=facts.schema, lost=lost)

    def _holders(self) -> list[Problem]:
        connection, facts = connect(self.server)
        try:
            row = connection.execute("SELECT hashtext(%s)", (facts.schema,)).fetchone()
            loads = other_loads(connection, self.server, (_LOCK, int(str(row and row[0]))))
            return loads or locked(connection, facts, self.server)
        finally:
            connection.close()


def _operational() -> type[Exception]:
    import psycopg

    return psycopg.OperationalError
