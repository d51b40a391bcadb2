"""Whether a server takes a load, asked before the work: rights, what lies there, what is held; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from riskzoning import standards
from riskzoning.database.connecting import Facts, quoted
from riskzoning.database.faults import WRONG_TARGETS, table_of
from riskzoning.database.loading import BASE
from riskzoning.database.naming import form_table
from riskzoning.database.urls import Server
from riskzoning.errors import DatabaseError, Phrase, Problem, TargetError
from riskzoning.results import LEVELS
from riskzoning.surveys.forms import form_names

if TYPE_CHECKING:
    from riskzoning.database.connecting import Driver

# Locks that keep out who writes rows.
_STRONG = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
_KINDS = {"v": "view", "m": "materialized_view", "f": "foreign_table", "S": "sequence", "r": "table", "p": "table"}
_SPACE = """
SELECT n.oid IS NOT NULL, coalesce(has_schema_privilege(n.oid, 'USAGE'), false),
       coalesce(has_schema_privilege(n.oid, 'CREATE'), false), has_database_privilege(current_database(), 'CREATE')
FROM (SELECT %s::text AS name) wanted LEFT JOIN pg_namespace n ON n.nspname = wanted.name
"""
_EXTENSION = """
SELECT bool_or(NOT superuser OR (trusted AND has_database_privilege(current_database(), 'CREATE'))
               OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))
FROM pg_available_extension_versions WHERE name = 'postgis'
"""
_RELATIONS = """
SELECT c.relname, c.relkind, pg_get_userbyid(c.relowner), CASE WHEN c.relkind IN ('r', 'p') THEN
    ARRAY(SELECT r FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) r WHERE NOT has_table_privilege(c.oid, r))
    ELSE '{}' END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
ORDER BY c.relname
"""
_MARKS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = %s AND table_name IN ('meta_schema', 'meta_table', 'meta_run')
"""
_HOLDERS = """
SELECT c.relname, a.pid, a.usename, a.application_name, to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS')
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND n.nspname = %s AND c.relkind IN ('r', 'p')
  AND (%s::text[] IS NULL OR c.relname = ANY(%s)) AND l.mode = ANY(%s) AND l.pid <> pg_backend_pid()
ORDER BY a.xact_start NULLS LAST LIMIT 5
"""
_LOADERS = """
SELECT '', a.pid, a.usename, a.application_name, to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS')
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.locktype = 'advisory' AND l.classid = %s AND l.objid::bigint = %s & 4294967295
  AND l.pid <> pg_backend_pid()
"""


def check_ready(connection: Driver, facts: Facts, server: Server) -> None:
    """Raise with all that would make a load fail: of the server, the schema, its tables, who holds them."""
    problems = [*_of_server(connection, facts, server)]
    problems += _of_schema(connection, facts, server)
    ours = _ours(connection, facts)
    names = sorted({*known_names(), *(ours or ())})
    relations = connection.execute(_RELATIONS, (facts.schema, names)).fetchall()
    problems += _of_tables(relations, facts, server, ours)
    problems += [] if problems or not ours else _of_version(connection, facts, server)
    connection.rollback()
    if not problems:
        problems += _held(connection, facts, server, [str(row[0]) for row in relations])
    if problems:
        # What somebody else has put there is a matter of the name of the target, the rest one of its surroundings.
        kind: type[DatabaseError] = DatabaseError
        if all(problem.rule in WRONG_TARGETS for problem in problems):
            kind = TargetError
        raise kind(problems=problems)


def known_names() -> set[str]:
    """Names of tables that a load may make, as far as they are known before it."""
    names = standards.shipped_table("database/schema").data
    units = {f"unit_{level}" for level in LEVELS}
    return {*names["tables"], *names["names"].values(), *map(form_table, form_names()), *units}


def _ours(connection: Driver, facts: Facts) -> set[str] | None:
    """The tables that loads have made; None where a program from before the schema had a number has written."""
    columns: dict[str, set[str]] = {}
    for name, column in connection.execute(_MARKS, (facts.schema,)).fetchall():
        columns.setdefault(str(name), set()).add(str(column))
    if {"version", "crs"} <= columns.get("meta_schema", set()) and "table_name" in columns.get("meta_table", set()):
        rows = connection.execute(
            f"SELECT table_name FROM {quoted(facts.schema)}.meta_table WHERE type <> 'view'".encode()
        ).fetchall()
        return {*BASE, *(str(row[0]) for row in rows)}
    return None if {"run_id", "cfg_sha"} <= columns.get("meta_run", set()) else set()


def _of_version(connection: Driver, facts: Facts, server: Server) -> Iterator[Problem]:
    row = connection.execute(f"SELECT max(version) FROM {quoted(facts.schema)}.meta_schema".encode()).fetchone()
    version, known = row and row[0], int(standards.shipped_table("database/schema").data["version"])
    if version is not None and int(str(version)) > known:
        yield Problem("database.newer", server.shown, version=version, known=known)


def _of_server(connection: Driver, facts: Facts, server: Server) -> Iterator[Problem]:
    if facts.read_only:
        yield Problem("database.read_only", server.shown, reason="transaction_read_only = on")
    if facts.encoding != "UTF8":
        yield Problem("database.encoding", server.shown, encoding=facts.encoding, name=facts.database)
    if facts.postgis is None:
        row = connection.execute(_EXTENSION).fetchone()
        may = None if row is None else row[0]
        if may is None:
            yield Problem("database.postgis_package", server.shown, version=facts.version, name=facts.database)
        elif not may:
            yield Problem("database.postgis", server.shown, name=facts.database, user=facts.user)


def _of_schema(connection: Driver, facts: Facts, server: Server) -> Iterator[Problem]:
    row = connection.execute(_SPACE, (facts.schema,)).fetchone()
    assert row is not None
    there, usage, create, new = row
    values: dict[str, Any] = {
        "schema": facts.schema,
        "user": facts.user,
        "name": facts.database,
        "role": quoted(facts.user),
    }
    if not there and not new:
        yield Problem("database.schema", server.shown, place=quoted(facts.schema), **values)
    elif there and not (usage and create):
        yield Problem("database.schema_rights", server.shown, place=quoted(facts.schema), **values)


def _of_tables(
    relations: Sequence[tuple[Any, ...]], facts: Facts, server: Server, ours: set[str] | None
) -> Iterator[Problem]:
    for name, kind, owner, lacking in relations:
        table = table_of(server, str(name))
        if str(kind) not in "rp" or (ours is not None and name not in ours):
            values: dict[str, Any] = {"kind": Phrase(f"relation_{_KINDS[str(kind)]}"), "owner": owner}
            yield Problem("database.foreign_table", table, schema=facts.schema, **values)
        elif lacking:
            place = f"{quoted(facts.schema)}.{quoted(str(name))}"
            values = {"rights": lacking, "user": facts.user, "place": place, "role": quoted(facts.user)}
            yield Problem("database.table_rights", table, listed=", ".join(map(str, lacking)), **values)


def _held(connection: Driver, facts: Facts, server: Server, names: Sequence[str]) -> Iterator[Problem]:
    """Tables that somebody holds so that no row can be written, after waiting as long as is waited for any lock."""
    import psycopg

    if not names:
        return
    tables = ", ".join(f"{quoted(facts.schema)}.{quoted(name)}" for name in names)
    try:
        connection.execute(f"LOCK TABLE {tables} IN ROW EXCLUSIVE MODE".encode())
    except psycopg.errors.LockNotAvailable as error:
        connection.rollback()
        reason = str(error.diag.message_primary)
        yield from locked(connection, facts, server, names) or [Problem("database.lock", server.shown, reason=reason)]
    finally:
        connection.rollback()


def locked(connection: Driver, facts: Facts, server: Server, names: Sequence[str] | None = None) -> list[Problem]:
    """Who holds tables, one problem a table and process; without names any, also who has changed rows and goes on."""
    modes = [*_STRONG, *(("RowExclusiveLock",) if names is None else ())]
    wanted = None if names is None else list(names)
    holders = connection.execute(_HOLDERS, (facts.schema, wanted, wanted, modes)).fetchall()
    return [_held_by("database.locked", table_of(server, str(row[0])), row) for row in holders]


def other_loads(connection: Driver, server: Server, lock: tuple[int, int]) -> list[Problem]:
    """Who else loads into the same schema."""
    holders = connection.execute(_LOADERS, lock).fetchall()
    return [_held_by("database.loading", server.shown, row) for row in holders]


def _held_by(rule: str, thing: Phrase | str, row: Sequence[object]) -> Problem:
    _, pid, user, program, since = row
    who = str(user or "?") + (f" ({program})" if program else "")
    return Problem(rule, thing, pid=pid, who=who, since=since or "?")
