"""The script of roles can be read, run, and run again; planners read and cannot write; names are quoted."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from riskzoning.database.connecting import Facts, connect
from riskzoning.database.roles import Roles, role_script
from riskzoning.database.urls import server
from riskzoning.errors import TargetError

FACTS = Facts('lo"ader', "city", "risk", "UTF8", read_only=False, postgis="ext", version="15")


def test_the_script_names_everything_in_quotes_and_all_that_is_needed() -> None:
    script = role_script(FACTS, Roles("plan'ner", 'ed"itor'))
    for part in (
        'CREATE ROLE "plan\'ner" NOLOGIN;',
        "rolname = 'plan''ner'",
        'CREATE ROLE "ed""itor" NOLOGIN;',
        'GRANT CONNECT ON DATABASE "city" TO "plan\'ner";',
        'GRANT USAGE ON SCHEMA "risk" TO "plan\'ner";',
        'GRANT USAGE ON SCHEMA "ext" TO "plan\'ner";',
        'ALTER DEFAULT PRIVILEGES FOR ROLE "lo""ader" IN SCHEMA "risk" GRANT SELECT ON TABLES TO "plan\'ner";',
    ):
        assert part in script
    assert role_script(FACTS, Roles("planner")).count('CREATE ROLE "') == 1


@pytest.mark.parametrize("name", ["", "pg_reader", "public", "n" * 64, "三" * 22, "a\0b"])
def test_names_that_postgres_refuses_or_cuts_are_refused(name: str) -> None:
    with pytest.raises(TargetError, match="cannot have roles of these names"):
        Roles(name).check("postgresql://host/city")


def test_two_roles_have_two_names() -> None:
    with pytest.raises(TargetError, match="of one name"):
        Roles("planner", "planner").check("postgresql://host/city")


@pytest.mark.postgis
@pytest.mark.parametrize("reader", ["planner", "$role$; DROP TABLE t; --", "规划'\"科"])
def test_planners_read_what_is_there_and_what_comes_and_write_nothing(postgis: str, postgres: Any, reader: str) -> None:
    name = postgis.rsplit("/", 1)[1]
    postgres.run("CREATE TABLE t (x int)", "INSERT INTO t VALUES (1)", database=name)
    connection, facts = connect(server(postgis))
    script = role_script(facts, Roles(reader, "an editor"))
    quoted = '"' + reader.replace('"', '""') + '"'
    with connection:
        for _ in range(2):
            connection.execute(script.encode())
        connection.execute(b"CREATE TABLE later (x int)")
    with psycopg.connect(postgis, autocommit=True) as planner:
        planner.execute(f"SET ROLE {quoted}".encode())
        assert planner.execute("SELECT * FROM t").fetchall() == [(1,)]
        assert planner.execute("SELECT * FROM later").fetchall() == []
        for statement in ("INSERT INTO t VALUES (2)", "DELETE FROM later", "CREATE TABLE own ()", "DROP TABLE t"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                planner.execute(statement.encode())
        planner.execute("RESET ROLE")
        planner.execute('SET ROLE "an editor"')
        planner.execute("INSERT INTO t VALUES (2)")
    postgres.run(f'DROP OWNED BY {quoted}, "an editor"', f'DROP ROLE {quoted}, "an editor"', database=name)
