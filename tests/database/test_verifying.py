"""What is wrong inside a database is told: keys, rules, references, codes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from riskzoning import io
from riskzoning.database import open_database, run_tables
from riskzoning.samples import toy_result

from . import Place, run_of, shelters


def _spoiled(path: Path, *statements: str) -> list[tuple[str, str, dict[str, object]]]:
    """Problems of a database that somebody has changed past its rules: rule, table, values."""
    database = open_database(path)
    database.write(run_of("r1", shelter=shelters("a", "b")))
    assert database.verify() == []
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            if name.startswith("rtree_"):
                connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    out = []
    for problem in database.verify():
        name = dict(getattr(problem.about, "values", ())).get("name", "")
        out.append((problem.rule, str(name), dict(problem.values)))
        assert all(problem.text(lang) for lang in ("zh", "en"))
    return out


@pytest.mark.parametrize(
    ("statement", "rule", "table"),
    [
        ("UPDATE cap_shelter SET capacity = -5 WHERE shelter_id = 'BN000'", "database.check", "cap_shelter"),
        ("UPDATE cap_shelter SET town9 = '990102100' WHERE shelter_id = 'BN000'", "database.check", "cap_shelter"),
        ("UPDATE risk_unit SET grade = 12 WHERE fid = 1", "database.check", "risk_unit"),
        ("UPDATE risk_unit SET code = '1' WHERE fid = 1", "database.code", "risk_unit"),
        ("UPDATE cap_shelter SET town9 = '990101999' WHERE shelter_id = 'BN000'", "database.code", "cap_shelter"),
        ("UPDATE cap_shelter SET run_id = 'r7' WHERE shelter_id = 'BN000'", "database.reference", "cap_shelter"),
        ("UPDATE base_admin SET parent = '7' WHERE code = '990102'", "database.parent", "base_admin"),
        ("UPDATE base_admin SET parent = '990102' WHERE code = '990101100'", "database.prefix", "base_admin"),
        ("UPDATE risk_unit SET value = value + 0.1 WHERE fid = 1", "database.recomputed", "unit_city"),
        ("DROP TABLE risk_unit", "database.tables", ""),
        ("DROP TABLE risk_weights", "database.tables", ""),
    ],
)
def test_a_change_past_the_rules_is_told(tmp_path: Path, statement: str, rule: str, table: str) -> None:
    problems = _spoiled(tmp_path / "a.gpkg", statement)
    assert (rule, table) in [(name, about) for name, about, _ in problems]


def test_how_many_rows_and_the_first_of_them_are_told(tmp_path: Path) -> None:
    ((rule, _, values),) = _spoiled(tmp_path / "a.gpkg", "UPDATE cap_shelter SET water = 'maybe'")
    assert rule == "database.check"
    assert (values["count"], values["first"], values["check"]) == (2, "BN000", "Q02: water IN ('是', '否')")


def test_a_second_version_that_holds_is_told(tmp_path: Path) -> None:
    copy = "CREATE TABLE t AS SELECT * FROM cap_shelter LIMIT 1"
    columns = "fid = 99, load = 7"
    problems = _spoiled(
        tmp_path / "a.gpkg", copy, f"UPDATE t SET {columns}", "INSERT INTO cap_shelter SELECT * FROM t", "DROP TABLE t"
    )
    assert [(rule, table, values["key"]) for rule, table, values in problems] == [
        ("database.key", "cap_shelter", ("shelter_id", "closed_load"))
    ]


def test_a_database_without_keys_is_looked_through_as_well(tmp_path: Path) -> None:
    tables = run_tables(toy_result())
    tidy = tables["risk_unit"]
    spoiled = pd.concat([tidy, tidy.iloc[[0]], tidy.iloc[[1]].assign(code="1")])
    io.write_vector(tmp_path / "old.gpkg", {**tables, "risk_unit": spoiled}, date="2026-06-30")
    assert {problem.rule for problem in open_database(tmp_path / "old.gpkg").verify()} == {
        "database.key", "database.code",
    }  # fmt: skip


def test_nothing_is_no_database(tmp_path: Path) -> None:
    (problem,) = open_database(tmp_path / "none.gpkg").verify()
    assert problem.rule == "database.tables"


@pytest.mark.parametrize(
    ("statement", "rule", "field"),
    [
        ("UPDATE unit_township SET multi_risk_index = 0.01 WHERE code = '990101100'", "recomputed", "multi_risk_index"),
        ("UPDATE unit_township SET name = 'X' WHERE code = '990101100'", "unit_differs", "name"),
        (
            "UPDATE unit_township SET geometry = (SELECT geometry FROM unit_township WHERE code = '990102100') "
            "WHERE code = '990101100'",
            "unit_differs",
            "geometry",
        ),
    ],
)
def test_a_unit_that_was_changed_by_hand_is_named(place: Place, statement: str, rule: str, field: str) -> None:
    """What somebody changes in a GIS, in a file or on a server."""
    with place.opened() as database:
        database.write(run_of("r1"))
        assert database.verify() == []
        with database.begin() as transaction:
            transaction.connection.execute(sa.text(statement))
            transaction.changed = True
        (problem,) = database.verify()
    assert (problem.rule, problem.field, dict(problem.values)["code"]) == (f"database.{rule}", field, "990101100")
