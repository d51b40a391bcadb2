"""The database in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning.database import open_database
from riskzoning.errors import DatabaseError
from riskzoning.samples import toy_result

from . import check_content, written


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
    with pytest.raises(DatabaseError, match="cannot be opened"):
        written(open_database(tmp_path / "broken.gpkg"))
    database = written(open_database(tmp_path / "city.gpkg"))
    for name in ('base_admin"; DROP TABLE meta_run; --', "base_admin' OR '1'='1", "", "sqlite_master"):
        with pytest.raises(DatabaseError, match="does not exist"):
            database.query(name)
    with pytest.raises(DatabaseError, match="has no column levl"):
        database.query("base_admin", levl="city")
    assert database.query("base_admin", region="' OR '1'='1").empty
    assert database.verify() == []
