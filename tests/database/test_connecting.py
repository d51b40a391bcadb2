"""A connection knows its schema and that of PostGIS, waits for nothing longer than it should, keeps what a URL sets."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from riskzoning.database.connecting import connect, quoted
from riskzoning.database.urls import server
from riskzoning.errors import DatabaseError
from riskzoning.limits import DATABASE_CONNECT_SECONDS, DATABASE_LOCK_SECONDS


def facts_of(url: str) -> Any:
    connection, facts = connect(server(url))
    connection.close()
    return facts


def test_a_name_is_quoted_whatever_its_signs() -> None:
    assert quoted('a"b; DROP') == '"a""b; DROP"'


@pytest.mark.postgis
def test_the_server_says_who_and_where_one_is(postgis: str) -> None:
    facts = facts_of(postgis)
    assert (facts.user, facts.schema, facts.encoding, facts.read_only, facts.postgis) == (
        "tester", "public", "UTF8", False, "public",
    )  # fmt: skip
    assert facts.database in postgis


@pytest.mark.postgis
def test_the_schema_is_the_one_that_the_url_names_there_or_not_yet(postgis: str, postgres: Any) -> None:
    name = postgis.rsplit("/", 1)[1]
    postgres.run('CREATE SCHEMA "风险"', database=name)
    assert facts_of(f"{postgis}?schema=risk").schema == "risk"
    assert facts_of(f"{postgis}?options=-csearch_path%3D%22风险%22,public").schema == "风险"
    assert facts_of(f"{postgis}?options=-csearch_path%3Dnew_one,public").schema == "public"
    postgres.run("DROP SCHEMA public CASCADE", database=name)
    assert facts_of(f"{postgis}?options=-csearch_path%3Dnew_one").schema == "new_one"


@pytest.mark.postgis
def test_types_of_postgis_are_known_where_the_extension_lies_elsewhere(postgres: Any) -> None:
    name = postgres.database("template0")
    postgres.run('CREATE SCHEMA "Geo ext"', 'CREATE EXTENSION postgis SCHEMA "Geo ext"', database=name)
    connection, facts = connect(server(postgres.url(name) + "?schema=risk"))
    with connection:
        assert facts.postgis == "Geo ext"
        row = connection.execute("SELECT ST_AsText('POINT(1 2)'::geometry)").fetchone()
    assert row == ("POINT(1 2)",)


@pytest.mark.postgis
def test_locks_are_waited_for_ten_seconds_unless_the_url_says_otherwise(postgis: str) -> None:
    for url, seconds in ((postgis, DATABASE_LOCK_SECONDS), (f"{postgis}?options=-clock_timeout%3D3s", 3)):
        connection, _ = connect(server(url))
        with connection:
            assert connection.execute("SHOW lock_timeout").fetchone() == (f"{seconds}s",)


def test_a_server_that_takes_the_call_and_says_nothing_is_left_soon() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        start = time.monotonic()
        with pytest.raises(DatabaseError) as caught:
            connect(server(f"postgresql://me@127.0.0.1:{deaf.getsockname()[1]}/city"))
        assert time.monotonic() - start < DATABASE_CONNECT_SECONDS + 5
    assert caught.value.problems[0].rule == "database.connect"
