"""A load on a server: tables with titles, keys and indexes; rows typed as they went in; columns gained under views."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
import shapely
import sqlalchemy as sa

from riskzoning.database.connecting import connect, engine
from riskzoning.database.frames import typed
from riskzoning.database.schema import Schema
from riskzoning.database.transaction import ServerTransaction
from riskzoning.database.urls import server

pytestmark = pytest.mark.postgis
FRAME = gpd.GeoDataFrame(
    {"n": [1, 2], "x": [0.5, None], "name": ["it's", None], "day": ["2024-02-29", None], "100% new": ["a", "b"]},
    geometry=[shapely.box(114, 35, 115, 36), None], crs=4490,
)  # fmt: skip
RUN = {"run_id": "r", "code": "410700", "created": "2024-01-01"}


@pytest.fixture
def transaction(postgis: str) -> Iterator[ServerTransaction]:
    place = server(postgis)
    with engine(place).connect() as connection:
        yield ServerTransaction(connection, "public", place.shown)


def made(transaction: ServerTransaction, frame: pd.DataFrame) -> sa.Table:
    """A table of a run with the rows of a frame, and the run."""
    schema = Schema()
    run = schema["meta_run"]
    table = schema.for_frame("risk_extra", frame.assign(run_id="r"))
    for each, rows in ((run, pd.DataFrame([RUN])), (table, frame.assign(run_id="r"))):
        transaction.create(each)
        transaction.insert(each, typed(rows, each, schema.crs))
    return table


def test_rows_come_back_as_they_went_in(transaction: ServerTransaction) -> None:
    table = made(transaction, FRAME)
    transaction.finish()
    rows = transaction.rows(table)
    assert rows["name"].tolist() == ["it's", None]
    assert rows["day"].tolist() == ["2024-02-29", None]
    assert rows["x"].isna().tolist() == [False, True]
    assert rows.index.tolist() == [1, 2]
    assert rows.geometry.iloc[0].equals(FRAME.geometry.iloc[0])
    assert rows.geometry.iloc[1] is None
    assert rows.crs.to_epsg() == 4490
    assert transaction.rows(table, table.c.n == 2)["100% new"].tolist() == ["b"]
    content = transaction.content("risk_extra")
    assert list(content["n"]) == [1, 2]
    assert content.crs.to_epsg() == 4490


def test_tables_have_titles_keys_and_indexes_when_they_are_finished(transaction: ServerTransaction) -> None:
    made(transaction, FRAME)
    execute = transaction.connection.exec_driver_sql
    count = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'risk_extra'::regclass"
    assert execute(count).scalar() == 0
    transaction.finish()
    assert execute(count).scalar() == 1
    indexes = execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'risk_extra'").scalars().all()
    assert any("gist" in index for index in indexes)
    assert "运行" in str(execute("SELECT col_description('risk_extra'::regclass, 2)").scalar())
    assert transaction.columns("risk_extra") == {
        "fid": "integer", "run_id": "text", "n": "number", "x": "number", "name": "text", "day": "text",
        "100% new": "text", "geometry": "geometry",
    }  # fmt: skip


def test_a_row_without_its_run_is_refused_at_the_end(transaction: ServerTransaction) -> None:
    table = made(transaction, FRAME)
    transaction.insert(table, typed(FRAME.assign(run_id="none"), table, Schema().crs))
    with pytest.raises(sa.exc.IntegrityError, match="run_risk_extra"):
        transaction.finish()


def test_columns_come_under_a_view_and_views_are_no_tables_of_extensions(transaction: ServerTransaction) -> None:
    table = made(transaction, FRAME)
    transaction.connection.exec_driver_sql("CREATE VIEW of_planners AS SELECT n FROM risk_extra")
    wider = Schema().for_frame("risk_extra", FRAME.assign(run_id="r", **{"more % words": "x"}))
    transaction.widen(wider, [wider.c["more % words"]])
    assert "more % words" in transaction.columns("risk_extra")
    assert transaction.connection.exec_driver_sql("SELECT count(*) FROM of_planners").scalar() == 2
    assert transaction.tables() == {"meta_run", "risk_extra", "of_planners"}
    assert table.name == "risk_extra"
    with pytest.raises(psycopg.errors.DependentObjectsStillExist, match="of_planners"):
        transaction.drop("risk_extra")


def test_types_are_known_where_postgis_lies_in_a_schema_of_its_own(postgis: str) -> None:
    place = server(f"{postgis}?schema=other")
    connection, _ = connect(place)
    with connection:
        connection.execute(b"CREATE SCHEMA other")
    with engine(place).connect() as here:
        transaction = ServerTransaction(here, "other", place.shown)
        made(transaction, FRAME)
        transaction.connection.exec_driver_sql("SET search_path TO other")
        assert transaction.columns("risk_extra")["geometry"] == "geometry"


def test_views_of_ours_grow_under_those_of_planners_and_keep_their_rights(transaction: ServerTransaction) -> None:
    table = made(transaction, FRAME)
    say = transaction.connection.exec_driver_sql
    transaction.make_view("v_one", "SELECT n FROM risk_extra", table)
    say("CREATE VIEW of_planners AS SELECT n FROM v_one")
    say("DO $$ BEGIN CREATE ROLE seer; EXCEPTION WHEN duplicate_object THEN END $$")
    say("GRANT SELECT ON v_one TO seer")
    transaction.drop_view("v_one")
    transaction.make_view("v_one", "SELECT n, name FROM risk_extra", table)
    transaction.finish()
    assert list(transaction.columns("v_one")) == ["n", "name"]
    assert say("SELECT has_table_privilege('seer', 'v_one', 'SELECT')").scalar() is True
    assert say("SELECT count(*) FROM of_planners").scalar() == 2
    transaction.drop_view("v_one")
    with pytest.raises(psycopg.errors.DependentObjectsStillExist, match="of_planners"):
        transaction.finish()
