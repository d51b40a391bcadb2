"""The database in a file."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest

from riskzoning.database import open_database
from riskzoning.errors import DatabaseError
from riskzoning.samples import toy_result

from . import check_content, run_of, shelters, written


def test_geopackage_has_the_run(tmp_path: Path) -> None:
    check_content(written(open_database(tmp_path / "city.gpkg")))


def test_geopackage_has_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("a.gpkg", "b.gpkg"):
        written(open_database(tmp_path / name))
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_what_no_run_has_written_is_not_touched(tmp_path: Path) -> None:
    foreign = tmp_path / "admin.gpkg"
    toy_result().units["county"].reset_index().to_file(foreign, layer="county", driver="GPKG")
    before = foreign.read_bytes()
    with pytest.raises(DatabaseError, match="holds tables that no run has written: county"):
        written(open_database(foreign))
    assert foreign.read_bytes() == before


def test_broken_files_and_strange_names_are_messages(tmp_path: Path) -> None:
    (tmp_path / "broken.gpkg").write_bytes(b"no database at all")
    with pytest.raises(DatabaseError, match="is no GeoPackage"):
        written(open_database(tmp_path / "broken.gpkg"))
    database = written(open_database(tmp_path / "city.gpkg"))
    for name in ('base_admin"; DROP TABLE meta_run; --', "base_admin' OR '1'='1", "", "sqlite_master"):
        with pytest.raises(DatabaseError, match="does not exist"):
            database.query(name)
    with pytest.raises(DatabaseError, match="has no column levl"):
        database.query("base_admin", levl="city")
    assert database.query("base_admin", region="' OR '1'='1").empty
    assert database.verify() == []


def test_what_others_keep_in_the_file_survives_a_load(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    database = open_database(path)
    database.write(run_of("r1", shelter=shelters("a")))
    toy_result().units["county"].reset_index().to_file(path, layer="my layer", driver="GPKG")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIEW my_view AS SELECT code, value FROM risk_unit WHERE grade > 3")
        connection.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_name TEXT, styleQML TEXT)")
        connection.execute("INSERT INTO layer_styles VALUES (1, 'unit_county', '<qml/>'), (2, 'cap_shelter', '<q/>')")
        connection.execute("CREATE TABLE my_notes (text TEXT)")
        connection.execute("INSERT INTO my_notes VALUES ('😀')")
        connection.commit()
        before = connection.execute("SELECT count(*) FROM my_view").fetchone()[0]
    database.write(run_of("r2", shelter=shelters("a", "b")))
    database.rollback("r2")
    database.write(run_of("r3"))
    assert len(gpd.read_file(path, layer="my layer")) == 2
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM my_view").fetchone()[0] == 2 * before
        assert connection.execute("SELECT count(*) FROM layer_styles").fetchone() == (2,)
        assert connection.execute("SELECT text FROM my_notes").fetchall() == [("😀",)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_another_program_has_not_yet_written_into_the_file_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    database = open_database(path)
    database.write(run_of("r1"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE my_notes (text TEXT)")
        connection.execute("INSERT INTO my_notes VALUES ('x')")
        connection.commit()
        assert path.with_name("city.gpkg-wal").exists()
        # The other program still has it open: its journal would be taken for that of the new file.
        with pytest.raises(DatabaseError) as caught:
            database.write(run_of("r2"))
        assert caught.value.problems[0].rule == "database.busy"
    database.write(run_of("r2"))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT text FROM my_notes").fetchall() == [("x",)]
        assert connection.execute("SELECT count(*) FROM meta_load").fetchone() == (2,)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["city.gpkg"]


def test_two_loads_at_once_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    with ThreadPoolExecutor(3) as pool:
        runs = [run_of(f"r{number}", shelter=shelters(f"name {number}")) for number in range(3)]
        list(pool.map(lambda result: open_database(path).write(result), runs))
    database = open_database(path)
    assert sorted(database.read("meta_load")["run_id"]) == ["r0", "r1", "r2"]
    assert len(database.read("cap_shelter")) == 3
    assert database.verify() == []
    assert [item.name for item in tmp_path.iterdir()] == ["city.gpkg"]


def test_a_gis_reads_layers_and_tables_with_their_keys(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    open_database(path).write(run_of("r1", shelter=shelters("a", "b")))
    listed = dict(pyogrio.list_layers(path))
    assert listed["cap_shelter"] == "Point"
    assert listed["unit_county"] == "MultiPolygon"
    assert listed["risk_unit"] is None
    info = pyogrio.read_info(path, layer="cap_shelter")
    assert info["fid_column"] == "fid"
    assert dict(zip(info["fields"], info["dtypes"], strict=True))["capacity"] == "int64"
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT table_name FROM gpkg_contents")}
        extents = connection.execute("SELECT min_x FROM gpkg_contents WHERE table_name = 'cap_shelter'").fetchone()
    assert {"risk_unit", "meta_run", "cap_shelter", "base_admin"} <= tables
    assert extents[0] is not None


def test_many_rows_are_written_fast_and_found_by_their_place(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    open_database(path).write(run_of("r1", shelter=shelters(*map(str, range(3000)))))
    all_points = gpd.read_file(path, layer="cap_shelter")
    around = all_points.geometry.iloc[1500].buffer(1)
    inside = gpd.read_file(path, layer="cap_shelter", bbox=around.bounds)
    assert inside["name"].tolist() == ["1500"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM rtree_cap_shelter_geometry").fetchone() == (3000,)
        triggers = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert "rtree_cap_shelter_geometry_insert" in triggers
