"""The same study in a file and on a server gives equal answers to the same questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from riskzoning.database import Database, open_database

from . import NAMES, run_of, shelters

pytestmark = pytest.mark.postgis
QUERIES = {
    "counts by level": "SELECT level, count(*) FROM base_admin GROUP BY level ORDER BY level",
    "sums by indicator": "SELECT indicator, units, sum(value), count(grade) FROM risk_unit GROUP BY 1, 2 ORDER BY 1, 2",
    "highest": "SELECT code, value FROM risk_unit WHERE value > 0 ORDER BY value DESC, code, indicator LIMIT 5",
    "join by unit": """SELECT a.name, r.hazard, r.value FROM base_admin a JOIN risk_unit r
        ON r.code = a.code AND r.run_id = a.run_id WHERE a.level = 'county' ORDER BY 1, 2, 3""",
    "join with parent": """SELECT p.name, count(*), sum(c.area_km2) FROM base_admin c JOIN base_admin p
        ON c.parent = p.code AND c.run_id = p.run_id GROUP BY p.name ORDER BY 1""",
    "of the newest run": """SELECT run_id, count(*) FROM unit_township GROUP BY run_id""",
    "versions": """SELECT run_id, load, closed_load, valid_from, valid_to, count(*) FROM cap_shelter
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3""",
    "names as they were": "SELECT name FROM cap_shelter WHERE closed_load IS NULL ORDER BY shelter_id",
    "one name by value": "SELECT count(*) FROM cap_shelter WHERE name = :name AND closed_load IS NULL",
    "missing values": "SELECT count(*), count(valid_to), count(area_m2) FROM cap_shelter",
    "set aside": "SELECT form, key, rule, record FROM qc_rejected ORDER BY key, rule",
    "runs": "SELECT run_id, code, created, crs, cfg_sha FROM meta_run ORDER BY run_id",
    "tables": "SELECT table_name, type, title FROM meta_table ORDER BY table_name",
}


@pytest.fixture(scope="module")
def both(postgres: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Database]]:
    """Two runs with survey records, changed and refused ones among them, in a file and on a server."""
    name = postgres.database()  # type: ignore[attr-defined]
    path: Path = tmp_path_factory.mktemp("equal") / "city.gpkg"
    first = run_of("y1", shelter=shelters(*NAMES))
    second = run_of(
        "y2", "2027-06-30", shelter=shelters(*NAMES[:-1], "新名称", "refused", capacity=-1.0 * (np.arange(7) == 6))
    )
    databases = open_database(path), open_database(postgres.url(name) + "?schema=risk")  # type: ignore[attr-defined]
    for database in databases:
        database.write(first)
        database.write(second)
    yield databases
    for database in databases:
        database.close()


def answer(database: Database, query: str) -> list[tuple[object, ...]]:
    with database.reading() as transaction:
        statement = sa.text(query)
        rows = transaction.connection.execute(statement, {"name": NAMES[0]} if ":name" in query else {}).all()
    return [tuple(_plain(value) for value in row) for row in rows]


def _plain(value: object) -> object:
    """Sums of whole numbers are decimals at a server, days are days; a file has numbers and text."""
    if value is None or isinstance(value, str):
        return value
    try:
        return pytest.approx(float(value), rel=1e-12)  # type: ignore[arg-type]
    except TypeError:
        return str(value)


@pytest.mark.parametrize("question", QUERIES)
def test_answers_are_equal(both: tuple[Database, Database], question: str) -> None:
    here, there = (answer(database, QUERIES[question]) for database in both)
    assert here == there
    assert here


def test_areas_and_places_are_equal(both: tuple[Database, Database]) -> None:
    layers = ("base_admin", "unit_county", "unit_township", "cap_shelter")
    for name in layers:
        here, there = (database.read(name) for database in both)
        assert isinstance(here, gpd.GeoDataFrame)
        assert isinstance(there, gpd.GeoDataFrame)
        assert here.crs == there.crs
        one, two = (frame.sort_values(list(frame.columns[:4]), kind="stable").geometry for frame in (here, there))
        assert one.area.to_numpy() == pytest.approx(two.area.to_numpy(), rel=1e-12)
        assert one.centroid.x.to_numpy() == pytest.approx(two.centroid.x.to_numpy(), rel=1e-12)


@pytest.mark.parametrize(
    ("table", "chosen"),
    [
        ("base_admin", {"region": "990101"}),
        ("shelter", {"region": "990101"}),
        ("shelter", {"run": "y1"}),
        ("risk_unit", {"level": "county"}),
        ("unit_township", {}),
        ("breaks", {"run": "all"}),
    ],
)
def test_chosen_rows_are_equal(both: tuple[Database, Database], table: str, chosen: dict[str, str]) -> None:
    here, there = (database.query(table, **chosen) for database in both)  # type: ignore[arg-type]
    assert len(here) > 0
    pd.testing.assert_frame_equal(
        pd.DataFrame(here.drop(columns=["geometry", "fid"], errors="ignore")),
        pd.DataFrame(there.drop(columns=["geometry", "fid"], errors="ignore")),
        check_dtype=False,
    )


def test_both_are_verified_alike(both: tuple[Database, Database]) -> None:
    here, there = ([problem.rule for problem in database.verify()] for database in both)
    assert here == there
