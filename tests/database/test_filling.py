"""Tables are made once, with their indexes; later they gain columns and rows, and stay the same tables."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import sqlalchemy
from geoalchemy2 import Geometry

from riskzoning.database import filling
from riskzoning.database.connecting import engine
from riskzoning.database.urls import server

FRAME = gpd.GeoDataFrame(
    {
        "code": ["1", "2"], "n": [1, 2], "x": [0.5, None], "ok": [True, False], "day": pd.Timestamp("2024-01-01"),
        "run_id": "a",
    },
    geometry=[shapely.box(114, 35, 115, 36), None], crs=4490,
)  # fmt: skip


@pytest.fixture
def connection(postgis: str) -> Iterator[sqlalchemy.Connection]:
    with engine(server(postgis)).begin() as made:
        yield made


def test_a_frame_gives_its_table() -> None:
    table = filling.fitting_table("t", FRAME, "public", 4490)
    kinds = {column.name: type(column.type).__name__ for column in table.columns}
    assert kinds == {
        "code": "Text", "n": "BigInteger", "x": "Double", "ok": "Boolean", "day": "DateTime", "run_id": "Text",
        "geometry": "Geometry",
    }  # fmt: skip
    assert {index.name for index in table.indexes} == {"t_code_idx", "t_run_id_idx", "t_geometry_idx"}
    mixed = gpd.GeoDataFrame(geometry=[shapely.Point(1, 2), shapely.box(0, 0, 1, 1)], crs=4490)
    kind = filling.fitting_table("m", mixed, "public", 4490).c.geometry.type
    assert isinstance(kind, Geometry)
    assert kind.geometry_type == "GEOMETRY"


@pytest.mark.postgis
def test_tables_gain_columns_under_a_view_and_rows_of_one_run_leave(connection: sqlalchemy.Connection) -> None:
    first = filling.fitting_table("t", FRAME, "public", 4490)
    new = filling.ensure_tables(connection, [first])
    assert new == [first]
    assert filling.append(connection, first, FRAME) == 2
    filling.append(connection, first, FRAME.assign(run_id="b"))
    filling.finish_tables(connection, [first], new)
    connection.exec_driver_sql("CREATE VIEW of_planners AS SELECT code, x, geometry FROM t")
    wider = FRAME.assign(**{"100% new": "words"})
    second = filling.fitting_table("t", wider, "public", 4490)
    assert filling.ensure_tables(connection, [second]) == []
    filling.delete_runs(connection, second, ["a"])
    filling.append(connection, second, wider)
    filling.finish_tables(connection, [second], [])
    rows = connection.exec_driver_sql('SELECT run_id, "100%% new" FROM t ORDER BY 1').fetchall()
    assert [tuple(row) for row in rows] == [("a", "words")] * 2 + [("b", None)] * 2
    assert connection.exec_driver_sql("SELECT count(*) FROM of_planners").scalar() == 4
    indexes = connection.exec_driver_sql("SELECT indexdef FROM pg_indexes WHERE tablename = 't'").scalars().all()
    assert len(indexes) == 3
    assert any("gist" in index for index in indexes)
