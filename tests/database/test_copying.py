"""COPY brings every value as it was: text with any sign, missing values, geometries of the CRS of the column."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
import sqlalchemy
from geoalchemy2 import Geometry

from riskzoning.database.connecting import connect
from riskzoning.database.copying import copy_frame, values
from riskzoning.database.urls import server

NAMES = [
    "it's", 'a "quote"', "a;DROP TABLE x;--", "two\nlines", "tab\tand \\ back", "\\N", "",
    "😀 村", "<script>alert(1)</script>", "新乡市", None,
]  # fmt: skip


def column(kind: Any, name: str = "x") -> sqlalchemy.Column[Any]:
    return sqlalchemy.Column(name, kind)


@pytest.mark.parametrize(
    ("given", "kind", "expected"),
    [
        (pd.Series([1.0, np.nan]), sqlalchemy.Integer(), [1, None]),
        (pd.Series([1.5]), sqlalchemy.Integer(), [1.5]),
        (pd.Series([True, False]), sqlalchemy.BigInteger(), [1, 0]),
        (pd.Series([1, None], dtype="Int64"), sqlalchemy.Double(), [1, None]),
        (pd.Series([0, 1]), sqlalchemy.Boolean(), [False, True]),
        (pd.Series([410700, "a", None, ["b"]], dtype=object), sqlalchemy.Text(), ["410700", "a", None, '["b"]']),
        (pd.Series([pd.Timestamp("2024-02-29"), pd.NaT]), sqlalchemy.Date(), [pd.Timestamp("2024-02-29"), None]),
        (pd.Series([np.float32(0.5), np.inf]), sqlalchemy.Double(), [0.5, np.inf]),
    ],
)
def test_values_are_those_of_the_type_of_the_column(given: pd.Series, kind: Any, expected: list[object]) -> None:
    assert values(given, column(kind)) == expected


def test_geometries_take_the_crs_and_the_kind_of_the_column() -> None:
    box = shapely.box(500000, 3900000, 500100, 3900100)
    given = gpd.GeoSeries([box, None, shapely.Polygon()], crs=4547)
    written = values(given, column(Geometry("MULTIPOLYGON", srid=4490, spatial_index=False)))
    first = shapely.from_wkb(bytes.fromhex(str(written[0])))
    assert (first.geom_type, shapely.get_srid(first)) == ("MultiPolygon", 4490)
    assert first.centroid.x == pytest.approx(114, abs=0.01)
    assert written[1] is None
    assert shapely.from_wkb(bytes.fromhex(str(written[2]))).is_empty
    high = gpd.GeoSeries([shapely.Point(114, 35, 80)], crs=4490)
    low = shapely.from_wkb(bytes.fromhex(str(values(high, column(Geometry("POINT", srid=4490)))[0])))
    assert not low.has_z


@pytest.mark.postgis
def test_every_text_comes_back_as_it_was(postgis: str) -> None:
    table = sqlalchemy.Table(
        'odd "name";', sqlalchemy.MetaData(schema="public"), column(sqlalchemy.Text(), 'na"me'),
        column(sqlalchemy.Date(), "day"), column(sqlalchemy.Double(), "value"),
    )  # fmt: skip
    frame = pd.DataFrame({'na"me': NAMES, "day": dt.date(2024, 2, 29), "value": 0.1, "not in the table": 1})
    connection, _ = connect(server(postgis))
    with connection:
        connection.execute(b'CREATE TABLE "odd ""name"";" ("na""me" text, day date, value double precision)')
        assert copy_frame(connection, table, "public", frame) == len(NAMES)
        rows = connection.execute(b'SELECT * FROM "odd ""name"";" ').fetchall()
    assert [row[0] for row in rows] == NAMES
    assert rows[0][1:] == (dt.date(2024, 2, 29), 0.1)


@pytest.mark.postgis
def test_what_cannot_be_stored_stops_the_copy(postgis: str) -> None:
    table = sqlalchemy.Table("t", sqlalchemy.MetaData(schema="public"), column(sqlalchemy.Text()))
    for bad in ("a\0b", "\ud800"):
        connection, _ = connect(server(postgis))
        with connection:
            connection.execute(b"CREATE TABLE IF NOT EXISTS t (x text)")
            with pytest.raises((psycopg.DataError, UnicodeError)):
                copy_frame(connection, table, "public", pd.DataFrame({"x": ["good", bad]}))
            connection.rollback()
