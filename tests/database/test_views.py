"""Views of one region."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest

from riskzoning.database import open_database
from riskzoning.errors import DatabaseError

from . import Place, run_of, shelters

TOWNS = {"town9": ["990101100", "990101101", "990102100"], "adcode6": ["990101", "990101", "990102"]}


def test_a_view_has_what_holds_now_in_a_region(place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("r1", shelter=shelters("old", "b", "c", **TOWNS)))
        database.write(run_of("r2", shelter=shelters("a", "b", "c", **TOWNS)))
        names = database.views("990101")
        assert {"v_cap_shelter_990101", "v_unit_township_990101", "v_base_admin_990101"} <= set(names)
        assert sorted(database.read("v_cap_shelter_990101")["name"]) == ["a", "b"]
        assert len(database.read("v_unit_township_990101")) == 3
        assert set(database.read("v_risk_unit_990101")["run_id"]) == {"r2"}
        assert database.verify() == []
        database.write(run_of("r3", shelter=shelters("a", "b2", "c", **TOWNS)))
        assert sorted(database.read("v_cap_shelter_990101")["name"]) == ["a", "b2"]
        town = database.views("990102100")
        assert database.read("v_cap_shelter_990102100")["name"].tolist() == ["c"]
        assert not set(town) & set(names)


def test_views_that_are_there_already_change_nothing_and_grow_with_their_table(place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("r1"))
        names = database.views("990101")
        before = place.content()
        assert database.views("990101") == names
        assert place.content() == before
        database.write(run_of("r2", shelter=shelters("a")))
        assert set(database.views("990101")) - set(names) == {"v_cap_shelter_990101"}


def test_a_gis_sees_the_views_of_a_file_with_their_shapes(tmp_path: Path) -> None:
    database = open_database(tmp_path / "a.gpkg")
    database.write(run_of("r1", shelter=shelters("a", "b", "c", **TOWNS)))
    database.views("990101")
    kinds = dict(pyogrio.list_layers(tmp_path / "a.gpkg"))
    assert kinds["v_cap_shelter_990101"] == "Point"
    assert kinds["v_risk_unit_990101"] is None
    frame = gpd.read_file(tmp_path / "a.gpkg", layer="v_cap_shelter_990101", bbox=tuple(_around(tmp_path)))
    assert frame["name"].tolist() == ["a"]


def _around(folder: Path) -> list[float]:
    shape = gpd.read_file(folder / "a.gpkg", layer="cap_shelter").query("name == 'a'").geometry.iloc[0]
    return list(shape.buffer(0.001 if abs(shape.x) < 360 else 10).bounds)


@pytest.mark.parametrize("region", ["1", "", "' OR 1=1 --", "990101; DROP TABLE meta_run"])
def test_a_region_that_is_no_unit_is_told(place: Place, region: str) -> None:
    with place.opened() as database:
        database.write(run_of("r1"))
        before = place.content()
        with pytest.raises(DatabaseError) as caught:
            database.views(region)
        assert caught.value.problems[0].rule == "database.region"
        assert place.content() == before


def test_what_others_have_named_so_stays(tmp_path: Path) -> None:
    database = open_database(tmp_path / "a.gpkg")
    database.write(run_of("r1"))
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as connection:
        connection.execute("CREATE VIEW v_risk_unit_990101 AS SELECT 1 AS mine")
        connection.commit()
    with pytest.raises(DatabaseError) as caught:
        database.views("990101")
    assert caught.value.problems[0].rule == "database.views"
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as connection:
        assert connection.execute("SELECT mine FROM v_risk_unit_990101").fetchall() == [(1,)]


def test_a_database_that_is_not_there_has_no_region(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError):
        open_database(tmp_path / "none.gpkg").views("990101")
    assert list(tmp_path.iterdir()) == []
