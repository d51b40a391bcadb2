"""What is said of a failure is what happened, by SQLSTATE or, for a login, by the words of the server."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import sqlalchemy

from riskzoning.database import open_database
from riskzoning.database.connecting import connect
from riskzoning.database.faults import connection_fault, fault, rule_of
from riskzoning.database.urls import server
from riskzoning.errors import ConfigError, DatabaseError, TargetError

HERE = server("postgresql://me:geheim@host/city")


@pytest.mark.parametrize(
    ("state", "rule"),
    [
        ("42501", "database.permission"),
        ("25006", "database.read_only"),
        ("53100", "database.disk_full"),
        ("57P01", "database.gone"),
        ("08006", "database.gone"),
        ("2BP01", "database.depends"),
        ("23514", "database.constraint"),
        ("22003", "database.value"),
        ("55P03", "database.locked"),
        ("57014", "database.cancelled"),
        ("XX000", None),
        (None, None),
    ],
)
def test_sqlstates_by_their_whole_or_their_class(state: str | None, rule: str | None) -> None:
    assert rule_of(state) == rule


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ('connection failed: connection to server at "h", port 1 failed: Connection refused\n\tIs it?', "connect"),
        ('... failed: FATAL:  database "city" does not exist', "no_database"),
        ('... failed: 致命错误:  数据库 "city" 不存在', "no_database"),
        ('... failed: FATAL:  password authentication failed for user "me"', "login"),
        ('... failed: 致命错误:  用户 "me" Password 认证失败 (0)', "login"),
        ('... failed: FATAL:  role "me" does not exist', "login"),
        ("... failed: fe_sendauth: no password supplied", "login"),
        ('... failed: FATAL:  unrecognized configuration parameter "serch_path"', "url"),
        ("... failed: FATAL:  sorry, too many clients already", "connections"),
        ("... failed: FATAL:  the database system is starting up", "not_ready"),
        ("failed to resolve host 'no.such.host': [Errno -2] Name or service not known", "connect"),
    ],
)
def test_logins_are_read_from_the_words_of_the_server(said: str, rule: str) -> None:
    problem = connection_fault(psycopg.OperationalError(said), HERE).problems[0]
    assert problem.rule == f"database.{rule}"
    assert "FATAL" not in problem.found


def test_the_database_that_is_not_there_is_wrong_input_and_the_password_is_not_shown() -> None:
    error = connection_fault(psycopg.OperationalError('failed: FATAL:  database "geheim" does not exist'), HERE)
    assert isinstance(error, TargetError)
    assert isinstance(error, ConfigError)
    assert "geheim" not in str(error)


@pytest.mark.parametrize(
    ("statement", "rule", "words"),
    [
        ("SELECT 1/0", "database.value", "division by zero"),
        ("INSERT INTO t VALUES (-1, 1)", "database.constraint", "small"),
        ("INSERT INTO t VALUES (1, 1), (1, 1)", "database.constraint", "t_pkey"),
        ("ALTER TABLE t ALTER b TYPE text", "database.depends", "view w"),
        ("DROP TABLE t", "database.depends", "w"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", "database.gone", "terminat"),
        ("SET statement_timeout = '50ms'; SELECT pg_sleep(5)", "database.cancelled", "statement timeout"),
        ("SET transaction_read_only = on; CREATE TABLE x ()", "database.read_only", "read-only"),
        ("SET ROLE nobody_special; CREATE TABLE x ()", "database.permission", "permission denied"),
        ("SELECT * FROM no_such_table", "database.changed", "no_such_table"),
    ],
)
@pytest.mark.postgis
def test_what_a_server_refuses_is_said_in_its_kind(
    postgis: str, postgres: Any, statement: str, rule: str, words: str
) -> None:
    postgres.run(
        "CREATE TABLE t (a int PRIMARY KEY CONSTRAINT small CHECK (a > 0), b int)",
        "CREATE VIEW w AS SELECT b FROM t",
        "DO $$ BEGIN CREATE ROLE nobody_special; EXCEPTION WHEN duplicate_object THEN END $$",
        database=postgis.rsplit("/", 1)[1],
    )
    place = server(postgis)
    connection, facts = connect(place)
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement.encode())
    connection.close()
    problem = fault(caught.value, place, user=facts.user, schema=facts.schema).problems[0]
    assert problem.rule == rule
    assert words in problem.found
    for lang in ("zh", "en"):
        assert "{" not in problem.text(lang)


def test_what_the_driver_refuses_itself_is_said_too() -> None:
    nul = psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    problem = fault(nul, HERE, at="exp_building").problems[0]
    assert (problem.rule, dict(problem.values)["table"]) == ("database.value", "exp_building")
    wrapped = sqlalchemy.exc.DBAPIError("x", None, psycopg.OperationalError("the connection is lost"))
    assert fault(wrapped, HERE, lost=True).problems[0].rule == "database.gone"
    assert fault(psycopg.InternalError("odd"), HERE).problems[0].rule == "database.write"


@pytest.mark.postgis
def test_a_wrong_password_a_wrong_user_and_a_wrong_name(postgres: Any) -> None:
    postgres.run("DO $$ BEGIN CREATE ROLE asked LOGIN PASSWORD 'right'; EXCEPTION WHEN duplicate_object THEN END $$")
    there = postgres.url().replace("tester@", "{}@")
    for who, rule, kind in (
        ("asked:wrong", "database.login", DatabaseError),
        ("asked", "database.login", DatabaseError),
        ("nobody_here", "database.login", DatabaseError),
    ):
        with pytest.raises(kind) as caught:
            open_database(there.format(who))
        assert caught.value.problems[0].rule == rule
        assert not isinstance(caught.value, ConfigError)
        assert "wrong" not in str(caught.value)
    with pytest.raises(TargetError) as missing:
        open_database(postgres.url("no_such"))
    assert missing.value.problems[0].rule == "database.no_database"
