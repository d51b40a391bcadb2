"""Roles of a database server: planners read, editors write; as a script that an administrator can read and run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from riskzoning.database.connecting import Facts, quoted
from riskzoning.errors import Problem, TargetError

# PostgreSQL cuts longer names without a word (NAMEDATALEN).
_MOST_BYTES = 63
_READ, _WRITE = "SELECT", "SELECT, INSERT, UPDATE, DELETE"


@dataclass(frozen=True)
class Roles:
    """Names of the roles; without an editor only the readers' is made."""

    reader: str = "riskzoning_reader"
    editor: str | None = None

    def check(self, shown: str) -> None:
        """Raise TargetError for names that PostgreSQL refuses or would cut."""
        wrong = [name for name in (self.reader, self.editor) if name is not None and not _possible(name)]
        if wrong:
            raise TargetError(Problem("database.role_name", shown, names=wrong, most=_MOST_BYTES))
        if self.reader == self.editor:
            raise TargetError(Problem("database.role_twice", shown, name=self.reader))


def _possible(name: str) -> bool:
    reserved = name.startswith("pg_") or name.lower() in ("public", "none")
    return 0 < len(name.encode()) <= _MOST_BYTES and "\0" not in name and not reserved


def role_script(facts: Facts, roles: Roles) -> str:
    """SQL that makes the roles and gives them their rights on what is there and on what is loaded later."""
    lines = [
        f"-- Roles of database {_comment(facts.database)}, schema {_comment(facts.schema)}.",
        "-- It may be run again: nothing is made twice. Run it as the owner of the tables or as an administrator.",
    ]
    schema = quoted(facts.schema)
    missing = f"to_regnamespace({_literal(schema)}) IS NULL"
    lines += [*_unless(missing, f"CREATE SCHEMA {schema}", facts.schema)]
    lines += _role(facts, roles.reader, _READ)
    if roles.editor is not None:
        lines += _role(facts, roles.editor, _WRITE)
        lines += [f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {quoted(facts.schema)} TO {quoted(roles.editor)};"]
    lines += [
        "-- A planner with a login of his own, password asked for by psql:",
        f"--   CREATE ROLE li_ming LOGIN IN ROLE {_comment(quoted(roles.reader))};",
        "--   \\password li_ming",
    ]
    return "\n".join(lines) + "\n"


def _role(facts: Facts, name: str, rights: str) -> Iterator[str]:
    role, schema = quoted(name), quoted(facts.schema)
    missing = f"NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {_literal(name)})"
    yield ""
    yield from _unless(missing, f"CREATE ROLE {role} NOLOGIN", name)
    yield f"GRANT CONNECT ON DATABASE {quoted(facts.database)} TO {role};"
    for place in dict.fromkeys((facts.schema, facts.postgis or facts.schema)):
        yield f"GRANT USAGE ON SCHEMA {quoted(place)} TO {role};"
    yield f"GRANT {rights} ON ALL TABLES IN SCHEMA {schema} TO {role};"
    loader = quoted(facts.user)
    yield f"ALTER DEFAULT PRIVILEGES FOR ROLE {loader} IN SCHEMA {schema} GRANT {rights} ON TABLES TO {role};"


def _unless(missing: str, statement: str, name: str) -> Iterator[str]:
    """A statement that is run where something lacks; the mark around it is none that its name has."""
    mark = "$role$"
    while mark in name:
        mark = f"{mark[:-1]}_$"
    yield f"DO {mark} BEGIN"
    yield f"  IF {missing} THEN"
    yield f"    {statement};"
    yield "  END IF;"
    yield f"END {mark};"


def _literal(text: str) -> str:
    """A text as SQL takes it: a backslash needs nothing, standard_conforming_strings is on since PostgreSQL 9.1."""
    return "'" + text.replace("'", "''") + "'"


def _comment(text: str) -> str:
    """A text in a comment of one line."""
    return " ".join(text.split())
