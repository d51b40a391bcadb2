"""A load: rows that keep the rules, what has changed; whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from riskzoning.database import open_database
from riskzoning.database.loading import load
from riskzoning.database.plan import load_of
from riskzoning.errors import DatabaseError
from riskzoning.samples import toy_result

from . import NAMES, Place, run_of, shelters


def test_names_come_back_as_they_were(place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("r1", shelter=shelters(*NAMES)))
        assert database.query("shelter")["name"].tolist() == NAMES
        one = database.query("cap_shelter", name=NAMES[0])
        assert one["shelter_id"].tolist() == ["BN000"]
        assert one.geometry.iloc[0].geom_type == "Point"


def test_the_same_run_twice_changes_nothing(place: Place) -> None:
    with place.opened() as database:
        result = run_of("r1", shelter=shelters("a", "b", capacity=[3.0, -1.0]))
        first = database._bring(load_of(result))
        before = place.content()
        second = database._bring(load_of(result))
        assert (first.number, second.number) == (1, None)
        assert first.rejected == second.rejected == 1
        assert place.content() == before


def test_rows_that_break_a_rule_are_kept_apart_with_the_rule(place: Place) -> None:
    earlier = pd.DataFrame(
        {
            "form": ["shelter"],
            "file": ["a.xlsx"],
            "sheet": ["s"],
            "row": [7],
            "key": ["Z"],
            "rule": ["Q05"],
            "record": ["{}"],
        }
    )
    frame = shelters("good", "full", "far", "odd", adcode6=["990101", "990101", "320500", "990171"])
    frame["capacity"] = [1.0, -3.0, 1.0, 1.0]
    frame["town9"] = ["990101100", "990101100", "990101100", "990171001"]
    result = run_of("r1", shelter=frame)
    with place.opened() as database:
        database.write(replace(result, tables={**result.tables, "qc_rejected": earlier}))
        assert database.query("shelter")["name"].tolist() == ["good", "odd"]
        rejected = database.query("qc_rejected").set_index("key")
        assert rejected["rule"].to_dict() == {
            "Z": "Q05", "BN001": "Q02: capacity >= 0", "BN002": "Q03: adcode6 REFERENCES base_admin",
        }  # fmt: skip
        assert rejected.loc["Z", ["file", "row"]].tolist() == ["a.xlsx", 7]
        assert json.loads(rejected.loc["BN001", "record"])["name"] == "full"
        # A county of statistics has no ground, but a place among the units.
        assert database.query("base_admin", stat_only=1)["code"].tolist() == ["990171", "990171001"]
        assert database.verify() == []


def test_the_database_itself_refuses_what_breaks_a_rule(tmp_path: Path) -> None:
    open_database(tmp_path / "a.gpkg").write(run_of("r1", shelter=shelters("a")))
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as connection:
        connection.execute("DROP TRIGGER rtree_cap_shelter_geometry_insert")
        for change in ("capacity = -1", "type = '亭子'", "town9 = '1'", "water = NULL"):
            with pytest.raises(sqlite3.IntegrityError, match=r"CHECK|NOT NULL"):
                connection.execute(
                    f"INSERT INTO cap_shelter SELECT 99, {_changed(connection, change)} FROM cap_shelter"
                )
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute(f"INSERT INTO cap_shelter SELECT 99, {_changed(connection, '')} FROM cap_shelter")
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def _changed(connection: sqlite3.Connection, change: str) -> str:
    name, _, value = change.partition(" = ")
    columns = [row[1] for row in connection.execute("PRAGMA table_info(cap_shelter)")]
    return ", ".join(value if column == name else f'"{column}"' for column in columns if column != "fid")


def test_several_studies_and_runs_stand_side_by_side(place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("r1"))
        database.write(run_of("r2"))
        database.write(replace(_other(), record={**toy_result().record, "run_id": "r3"}))
        assert sorted(database.query("meta_run")["code"]) == ["320500", "990100", "990100"]
        assert set(database.query("risk_unit")["run_id"]) == {"r2", "r3"}
        assert set(database.query("risk_unit", run="all")["run_id"]) == {"r1", "r2", "r3"}
        assert set(database.query("risk_unit", run="r1")["run_id"]) == {"r1"}
        assert len(database.query("unit_county")) == 2 * len(toy_result().units["county"])
        assert len(database.query("unit_county", region="990100")) == 2


def _other() -> object:
    result = toy_result()
    code = {code: f"3205{code[4:]}" for code in [*result.unit_table["code"].unique(), "990100"]}
    units = {
        level: frame.rename(index=code).assign(parent=frame["parent"].replace(code))
        for level, frame in result.units.items()
    }
    tidy = result.unit_table.assign(code=result.unit_table["code"].map(code))
    return replace(result, code="320500", units=units, unit_table=tidy)


def test_a_run_with_other_content_under_its_number_is_replaced(place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("r1", shelter=shelters("a", "b")))
        database.write(run_of("r1", shelter=shelters("a", "c", "d")))
        assert database.query("shelter", run="all")["name"].tolist() == ["a", "c", "d"]
        assert database.query("meta_load")["load"].tolist() == [1]
        result = run_of("r1", shelter=shelters("a", "c", "d"))
        fewer = replace(result, tables={name: frame for name, frame in result.tables.items() if name != "weights"})
        database.write(fewer)
        assert database.query("weights").empty


def test_tables_of_others_with_our_names_are_not_touched(tmp_path: Path) -> None:
    open_database(tmp_path / "a.gpkg").write(run_of("r1"))
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as connection:
        connection.execute("CREATE TABLE cap_shelter (mine TEXT)")
        connection.commit()
    before = (tmp_path / "a.gpkg").read_bytes()
    with pytest.raises(DatabaseError) as caught:
        open_database(tmp_path / "a.gpkg").write(run_of("r2", shelter=shelters("a")))
    assert caught.value.problems[0].rule == "database.foreign"
    assert (tmp_path / "a.gpkg").read_bytes() == before


def test_a_load_that_fails_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_database(tmp_path / "a.gpkg")
    database.write(run_of("r1"))
    before = (tmp_path / "a.gpkg").read_bytes()
    monkeypatch.setattr("riskzoning.database.codes.lost_codes", None)
    monkeypatch.setattr("riskzoning.database.loading.lost_codes", lambda *_: {}, raising=True)
    wrong = shelters("far", adcode6="320500")
    with pytest.raises(DatabaseError, match="FOREIGN KEY"):
        load(database, load_of(run_of("r2", shelter=wrong)))
    assert (tmp_path / "a.gpkg").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.gpkg"]


def test_shapes_that_a_later_run_brings_join_their_table(place: Place) -> None:
    result = run_of("r1")
    table = pd.DataFrame({"object_id": ["A"], "kind": ["school"], "max_grade": [3]})
    shapes = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy([114.0], [35.25]), crs="EPSG:4490")
    with place.opened() as database:
        database.write(replace(result, tables={**result.tables, "objects": table, "extra": table}))
        later = replace(run_of("r2"), zones={"objects": shapes, "extra": shapes})
        database.write(later)
        for name in ("objects", "extra"):
            rows = database.query(name)
            assert rows.geometry.geom_type.tolist() == ["Point"], name
            assert rows["max_grade"].tolist() == [3], name
        assert database.verify() == []
