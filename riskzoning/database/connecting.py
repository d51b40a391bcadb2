"""Connections to a server: how long anything is waited for, in which schema the tables lie, what the server is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskzoning.database.faults import connection_fault
from riskzoning.database.urls import Server
from riskzoning.limits import DATABASE_CONNECT_SECONDS, DATABASE_LOCK_SECONDS

if TYPE_CHECKING:
    import psycopg
    import sqlalchemy

    Driver = psycopg.Connection[tuple[object, ...]]

# What a URL may state otherwise. A dead line is noticed within two minutes, at both ends.
_DEFAULTS = {
    "connect_timeout": str(DATABASE_CONNECT_SECONDS),
    "application_name": "riskzoning",
    "client_encoding": "UTF8",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_FACTS = """
SELECT current_user, current_database(), current_schema(), current_schemas(false),
       pg_encoding_to_char(d.encoding), current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery(),
       (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'),
       current_setting('search_path'), current_setting('server_version')
FROM pg_database d WHERE d.datname = current_database()
"""
_SET = "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s AND setting IN ('0', '')"
_SETTINGS = (
    ("lock_timeout", f"{DATABASE_LOCK_SECONDS}s"),
    ("client_connection_check_interval", "5s"),
)


@dataclass(frozen=True)
class Facts:
    """What a server says of itself and of who has logged in."""

    user: str
    database: str
    schema: str
    encoding: str
    read_only: bool
    postgis: str | None
    version: str


def connect(server: Server) -> tuple[Driver, Facts]:
    """A connection whose search path is the schema of the study and that of PostGIS, and what the server is."""
    import psycopg

    try:
        connection = psycopg.connect(**{**_DEFAULTS, **server.settings}, autocommit=True)  # type: ignore[arg-type]
    except psycopg.Error as error:
        raise connection_fault(error, server) from None
    try:
        facts = _facts(connection, server)
        for name, value in _SETTINGS:
            # What the URL or the administrator has set stays; not every server knows each setting.
            with suppress(psycopg.errors.InvalidParameterValue):
                connection.execute(_SET, (value, name))
        path = ", ".join(quoted(name) for name in dict.fromkeys((facts.schema, facts.postgis or "public")))
        connection.execute(
            "SELECT set_config('search_path', %s, false), set_config('DateStyle', 'ISO', false)", (path,)
        )
        connection.autocommit = False
    except psycopg.Error as error:
        connection.close()
        raise connection_fault(error, server) from None
    return connection, facts


def _facts(connection: Driver, server: Server) -> Facts:
    row = connection.execute(_FACTS).fetchone()
    assert row is not None
    user, database, current, _, encoding, read_only, postgis, path, version = row
    # Without a schema that is there, the first of the search path is the one that is meant.
    named = [part.strip().strip('"') for part in str(path).split(",")]
    meant = [name for name in named if name and name != "$user"]
    schema = server.schema or (str(current) if current else (meant or ["public"])[0])
    return Facts(
        str(user),
        str(database),
        schema,
        str(encoding),
        bool(read_only),
        str(postgis) if postgis else None,
        str(version),
    )


def engine(server: Server) -> sqlalchemy.Engine:
    """An engine whose connections are those of :func:`connect`; none is kept open between two uses."""
    import sqlalchemy

    return sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: connect(server)[0], poolclass=sqlalchemy.pool.NullPool
    )


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever signs it has."""
    return '"' + name.replace('"', '""') + '"'
