"""What would make a load fail is seen before it: rights, foreign tables, locks, servers that cannot be written."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest

from riskzoning.database.connecting import connect
from riskzoning.database.readiness import check_ready
from riskzoning.database.urls import server
from riskzoning.errors import ConfigError, DatabaseError

pytestmark = pytest.mark.postgis
OURS = (
    "CREATE TABLE meta_schema (version int, crs text)",
    "CREATE TABLE meta_table (table_name text, type text)",
    "CREATE TABLE base_admin (run_id text)",
)


def asked(url: str) -> None:
    place = server(url)
    connection, facts = connect(place)
    try:
        check_ready(connection, facts, place)
    finally:
        connection.close()


def rules(url: str) -> list[str]:
    with pytest.raises(DatabaseError) as caught:
        asked(url)
    for problem in caught.value.problems:
        for lang in ("zh", "en"):
            assert "{" not in problem.text(lang)
    return [problem.rule for problem in caught.value.problems]


@pytest.fixture
def guest(postgis: str, postgres: Any) -> str:
    """URL of a user without rights of his own."""
    postgres.run('DO $$ BEGIN CREATE ROLE "li ming" LOGIN; EXCEPTION WHEN duplicate_object THEN END $$')
    return postgis.replace("tester@", "li%20ming@")


def name_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


def test_an_empty_database_and_tables_of_ours_are_ready_and_stay_as_they_are(postgis: str, postgres: Any) -> None:
    asked(postgis)
    asked(f"{postgis}?schema=new")
    postgres.run(*OURS, "CREATE TABLE other (x int)", database=name_of(postgis))
    asked(postgis)
    schemas = postgres.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'new'", database=name_of(postgis))
    assert schemas == [(0,)]


def test_rights_that_lack_are_named_with_what_gives_them(guest: str, postgis: str, postgres: Any) -> None:
    assert rules(guest) == ["database.schema_rights"]
    assert rules(f"{guest}?schema=new") == ["database.schema"]
    with pytest.raises(DatabaseError, match='GRANT USAGE, CREATE ON SCHEMA "public" TO "li ming"') as caught:
        asked(guest)
    assert not isinstance(caught.value, ConfigError)
    name = name_of(postgis)
    postgres.run(
        'GRANT CREATE ON SCHEMA public TO "li ming"', *OURS,
        'GRANT ALL ON meta_schema, meta_table TO "li ming"', 'GRANT SELECT ON base_admin TO "li ming"', database=name,
    )  # fmt: skip
    with pytest.raises(DatabaseError, match=r'GRANT INSERT, UPDATE, DELETE ON "public"\."base_admin" TO "li ming"'):
        asked(guest)
    postgres.run('GRANT ALL ON base_admin TO "li ming"', database=name)
    asked(guest)


def test_tables_of_an_earlier_program_are_no_foreign_ones(postgis: str, postgres: Any) -> None:
    postgres.run(
        "CREATE TABLE meta_run (run_id text, cfg_sha text)", "CREATE TABLE base_admin (code text)",
        database=name_of(postgis),
    )  # fmt: skip
    asked(postgis)
    postgres.run("ALTER TABLE meta_run DROP COLUMN cfg_sha", database=name_of(postgis))
    assert rules(postgis) == ["database.foreign_table"] * 2


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE risk_unit (own int)",
        "CREATE TABLE meta_schema (own int)",
        "CREATE TABLE unit_county (own int)",
        "CREATE TABLE exp_building (own int)",
        "CREATE VIEW risk_unit AS SELECT 'a' AS run_id",
        "CREATE MATERIALIZED VIEW risk_unit AS SELECT 'a' AS run_id",
        "CREATE SEQUENCE risk_unit",
    ],
)
def test_what_others_have_put_there_is_wrong_input_and_stays(postgis: str, postgres: Any, statement: str) -> None:
    postgres.run(statement, database=name_of(postgis))
    with pytest.raises(ConfigError) as caught:
        asked(postgis)
    assert isinstance(caught.value, DatabaseError)
    assert [problem.rule for problem in caught.value.problems] == ["database.foreign_table"]
    asked(f"{postgis}?schema=mine")


def test_all_that_is_wrong_is_said_at_once(guest: str, postgis: str, postgres: Any) -> None:
    postgres.run("CREATE TABLE risk_unit (own int)", database=name_of(postgis))
    assert rules(guest) == ["database.schema_rights", "database.foreign_table"]


def test_a_table_that_somebody_holds_is_told_with_who_and_since_when(postgis: str, postgres: Any) -> None:
    postgres.run(*OURS, database=name_of(postgis))
    hurried = f"{postgis}?options=-clock_timeout%3D300ms"
    with psycopg.connect(postgis, application_name="QGIS") as planner:
        planner.execute("SELECT * FROM base_admin")
        asked(hurried)
        planner.execute("LOCK TABLE base_admin IN ACCESS EXCLUSIVE MODE")
        start = time.monotonic()
        with pytest.raises(DatabaseError) as caught:
            asked(hurried)
        assert time.monotonic() - start < 5
        problem = caught.value.problems[0]
        told = dict(problem.values)
        assert problem.rule == "database.locked"
        assert (told["pid"], told["who"]) == (planner.info.backend_pid, "tester (QGIS)")
        assert str(told["since"]).startswith("20")


def test_a_table_that_is_free_again_soon_is_waited_for(postgis: str, postgres: Any) -> None:
    postgres.run(*OURS, database=name_of(postgis))
    planner = psycopg.connect(postgis)
    planner.execute("LOCK TABLE base_admin IN ACCESS EXCLUSIVE MODE")
    start = time.monotonic()
    threading.Timer(0.5, planner.close).start()
    asked(postgis)
    assert 0.4 < time.monotonic() - start < 8


def test_a_server_that_is_read_only(postgis: str) -> None:
    assert rules(f"{postgis}?options=-cdefault_transaction_read_only%3Don") == ["database.read_only"]


def test_a_database_that_cannot_hold_chinese_names(postgres: Any) -> None:
    postgres.run("CREATE DATABASE western ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    assert rules(postgres.url("western")) == ["database.encoding"]


def test_postgis_that_lacks_is_told_with_what_to_type(postgres: Any, guest: str) -> None:
    name = postgres.database("template0")
    asked(postgres.url(name))
    postgres.run('GRANT CREATE ON SCHEMA public TO "li ming"', database=name)
    url = guest.rsplit("/", 1)[0] + f"/{name}"
    with pytest.raises(DatabaseError, match=f"psql -d {name} -c 'CREATE EXTENSION postgis'"):
        asked(url)
    assert rules(url) == ["database.postgis"]
