"""Older databases come to the present schema; newer ones are refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from riskzoning import io
from riskzoning.database import open_database, run_tables
from riskzoning.database.loading import opened_schema
from riskzoning.database.migrations import Step, run
from riskzoning.errors import DatabaseError
from riskzoning.results import StudyResult
from riskzoning.samples import toy_result

from . import run_of, shelters


def unnumbered(path: Path, result: StudyResult) -> None:
    """A file as it was written before the schema had a number: tables without keys, a layer of somebody's beside."""
    tables = run_tables(result)
    mine = result.units["county"].reset_index()[["code", "geometry"]]
    io.write_vector(path, {**tables, "my_layer": mine}, date="2026-06-30")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIEW my_view AS SELECT code, value FROM risk_unit")
        connection.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_name TEXT, styleQML TEXT)")
        connection.execute("INSERT INTO layer_styles VALUES (1, 'unit_county', '<qml/>')")
        connection.commit()


def test_a_database_without_a_number_is_migrated_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    result = toy_result()
    by_grade = {"code": "990100", "level": "city", "hazard": "flood", "quantity": "area_km2", "grade": 1, "value": 2.0}
    result = replace(result, tables={**result.tables, "exposure_by_grade": pd.DataFrame([{**by_grade, "share": 1.0}])})
    unnumbered(path, result)
    database = open_database(path)
    assert len(database.query("risk_unit", level="county")) == int((result.unit_table["level"] == "county").sum())
    assert database.verify() == []
    database.write(run_of("second", shelter=shelters("a")))
    assert database.read("meta_load")["run_id"].tolist() == ["toy", "second"]
    assert len(database.query("risk_unit", run="toy")) == len(result.unit_table)
    assert database.query("exposure_by_grade", run="toy")["value"].tolist() == [2.0]
    assert database.query("shelter")["name"].tolist() == ["a"]
    assert database.verify() == []
    assert len(database.read("my_layer")) == 2
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM my_view").fetchone()[0] == 2 * len(result.unit_table)
        assert connection.execute("SELECT styleQML FROM layer_styles").fetchall() == [("<qml/>",)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.rollback("second")
    assert set(database.read("unit_county")["run_id"]) == {"toy"}


def test_steps_are_taken_in_order_once_and_a_newer_database_is_refused(tmp_path: Path) -> None:
    database = open_database(tmp_path / "city.gpkg")
    database.write(toy_result())
    taken: list[int] = []
    steps = tuple(Step(number, "test", lambda *_, n=number: taken.append(n)) for number in (1, 2, 3))
    with database.begin() as transaction:
        schema = opened_schema(transaction)
        run(transaction, schema, 1, steps)
        stored = transaction.connection.execute(sa.select(schema["meta_schema"].c.version)).scalar_one()
        assert (taken, stored) == ([2, 3], 3)
    with pytest.raises(DatabaseError) as caught:
        database.write(run_of("r2"))
    assert caught.value.problems[0].rule == "database.newer"
