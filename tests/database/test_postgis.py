"""The database on a server."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
import psycopg
import pytest

from riskzoning.database import open_database, run_tables
from riskzoning.errors import DatabaseError, TargetError
from riskzoning.results import StudyResult
from riskzoning.samples import toy_result

from . import check_content, written


@pytest.mark.postgis
def test_postgis_has_the_same(postgis: str) -> None:
    with open_database(postgis) as database:
        written(database)
        database.write(toy_result())
        check_content(database)


@pytest.mark.postgis
def test_strange_names_are_no_tables(postgis: str) -> None:
    with open_database(postgis) as database:
        written(database)
        with pytest.raises(DatabaseError, match="does not exist"):
            database.query('base_admin"; DROP TABLE meta_run; --')
        assert database.verify() == []


def name_of(url: str) -> str:
    return url.split("?")[0].rsplit("/", 1)[1]


@pytest.mark.postgis
def test_what_planners_have_built_on_the_tables_survives_a_rerun(postgis: str, postgres: Any) -> None:
    name = name_of(postgis)
    with open_database(postgis) as database:
        written(database)
        postgres.run(
            "DO $$ BEGIN CREATE ROLE reader; EXCEPTION WHEN duplicate_object THEN END $$",
            "GRANT SELECT ON base_admin, unit_county TO reader",
            "ALTER TABLE unit_county ADD COLUMN remark text",
            "COMMENT ON TABLE unit_county IS 'seen by the bureau'",
            "CREATE VIEW high AS SELECT code, name, geometry FROM unit_county WHERE multi_risk_index > 0",
            "CREATE MATERIALIZED VIEW frozen AS SELECT * FROM high",
            "GRANT SELECT ON high TO reader",
            "CREATE INDEX own ON unit_county (name)",
            database=name,
        )
        before = postgres.run("SELECT count(*) FROM high", database=name)
        written(database)
        postgres.run("REFRESH MATERIALIZED VIEW frozen", database=name)
    assert postgres.run("SELECT count(*) FROM high", database=name) == before != [(0,)]
    assert postgres.run("SELECT count(*) FROM frozen", database=name) == before
    assert postgres.run("SELECT obj_description('unit_county'::regclass)", database=name) == [("seen by the bureau",)]
    assert postgres.run("SELECT remark FROM unit_county", database=name)[0] == (None,)
    assert postgres.run("SELECT 1 FROM pg_indexes WHERE indexname = 'own'", database=name) == [(1,)]
    rights = "SELECT bool_and(has_table_privilege('reader', t, 'SELECT')) FROM unnest(ARRAY['base_admin', 'high']) t"
    assert postgres.run(rights, database=name) == [(True,)]


@pytest.mark.postgis
def test_several_studies_and_years_lie_beside_one_another(postgis: str) -> None:
    here = toy_result()
    later = dated(here, "2030-01-01", "next year")
    other = dataclasses.replace(dated(here, str(here.record["study"]["data_date"]), "elsewhere"), code="320500")
    with open_database(postgis) as database:
        for result in (here, later, other):
            database.write(result)
        runs = {(row.code, row.run_id) for row in database.read("meta_run").itertuples()}
        assert runs == {(here.code, "toy"), (here.code, "next year"), ("320500", "elsewhere")}
        counts = database.read("base_admin")["run_id"].value_counts()
        assert counts.to_dict() == dict.fromkeys(("toy", "next year", "elsewhere"), len(run_tables(here)["base_admin"]))
        # Units are those of the newest run of each study.
        assert set(database.read("unit_county")["run_id"]) == {"next year", "elsewhere"}


def dated(result: StudyResult, day: str, run_id: str) -> StudyResult:
    """The result as a run with data of another day."""
    study = {**result.record["study"], "data_date": day}
    return dataclasses.replace(result, record={**result.record, "study": study, "run_id": run_id}, data_date=day)


@pytest.mark.postgis
@pytest.mark.parametrize("query", ["?schema=%E9%A3%8E%E9%99%A9", "?options=-csearch_path%3D%22My%5C%20schema%22"])
def test_the_schema_is_chosen_and_postgis_may_lie_elsewhere(postgres: Any, query: str) -> None:
    name = postgres.database("template0")
    postgres.run("CREATE SCHEMA ext", "CREATE EXTENSION postgis SCHEMA ext", 'CREATE SCHEMA "My schema"', database=name)
    with open_database(postgres.url(name) + query) as database:
        written(database)
        check_content(database)
        written(database)
        assert database.tables() != []
    with open_database(postgres.url(name)) as beside:
        assert beside.tables() == []


@pytest.mark.postgis
def test_postgis_is_made_where_it_lacks_and_the_user_may(postgres: Any) -> None:
    name = postgres.database("template0")
    with open_database(postgres.url(name) + "?schema=risk") as database:
        written(database)
        check_content(database)
    place = (
        "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'postgis'"
    )
    assert postgres.run(place, database=name) == [("public",)]


@pytest.mark.postgis
def test_a_load_that_fails_leaves_everything_as_it_was(postgis: str, postgres: Any) -> None:
    with open_database(postgis) as database:
        written(database)
        before = database.read("risk_unit")
        spoiled = toy_result()
        spoiled.units["county"].loc[:, "name"] = "NUL \0 in a name"
        with pytest.raises(DatabaseError) as caught:
            database.write(spoiled)
        assert caught.value.problems[0].rule == "database.value"
        assert dict(caught.value.problems[0].values)["table"] == "base_admin"
        pd.testing.assert_frame_equal(database.read("risk_unit"), before)
        postgres.run("CREATE VIEW taken AS SELECT 1", "ALTER TABLE risk_unit RENAME TO gone", database=name_of(postgis))
        postgres.run("CREATE VIEW risk_unit AS SELECT 1 AS x", database=name_of(postgis))
        with pytest.raises(TargetError, match="is a view of 'tester' that no run has written"):
            database.write(toy_result())


@pytest.mark.postgis
def test_a_table_that_somebody_holds_while_it_is_written_is_told_with_who(postgis: str) -> None:
    with open_database(f"{postgis}?options=-clock_timeout%3D300ms") as database:
        written(database)
        changed = toy_result()
        changed.unit_table["value"] += 1
        with psycopg.connect(postgis, application_name="QGIS") as planner:
            planner.execute("UPDATE risk_unit SET value = 0")
            with pytest.raises(DatabaseError) as caught:
                database.write(changed)
        problem = caught.value.problems[0]
        assert (problem.rule, dict(problem.values)["who"]) == ("database.locked", "tester (QGIS)")
        database.write(changed)
        values = database.read("risk_unit")["value"]
    assert values.sum() == pytest.approx(changed.unit_table["value"].sum())
