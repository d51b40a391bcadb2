"""The database of a run has its zones; a server is asked before the work."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from riskzoning.database import open_database
from riskzoning.errors import DatabaseError
from riskzoning.pipeline.outputs.database import DATABASE, answering, write_database
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.samples import toy_result

from . import toy_study


def test_a_run_writes_its_database_with_its_zones(tmp_path: Path) -> None:
    result = dataclasses.replace(toy_result(), folder=tmp_path)
    zones = result.units["county"].reset_index()[["code", "name", "geometry"]]
    zoned = dataclasses.replace(result, zones={"zone_region": zones})
    write_database(Writing(toy_study(database="city.gpkg"), zoned))
    assert [path.name for path in DATABASE.left(tmp_path, result.code)] == ["city.gpkg"]
    with open_database(tmp_path / "city.gpkg") as opened:
        assert list(opened.read("zone_region")["code"]) == list(zones["code"])


def test_a_server_that_does_not_answer_is_an_error_and_a_new_file_is_none() -> None:
    def study(target: str | bool) -> Any:
        return SimpleNamespace(outputs=SimpleNamespace(database=target, folder="no-such-folder"), path=Path)

    for target in ("database.gpkg", False):
        answering(study(target))
    with pytest.raises(DatabaseError):
        answering(study("postgresql://me@127.0.0.1:1/none"))


@pytest.mark.parametrize(("target", "place"), [(False, "database.gpkg"), ("a.gpkg", "a.gpkg")])
def test_people_find_it_in_the_folder(tmp_path: Path, target: str | bool, place: str) -> None:
    result = dataclasses.replace(toy_result(), folder=tmp_path)
    assert DATABASE.place is not None
    assert DATABASE.place(Writing(toy_study(database=target), result)) == tmp_path / place


def test_people_find_a_server_under_its_url_without_the_password() -> None:
    assert DATABASE.place is not None
    url = "postgresql://me:secret@host/city"
    assert DATABASE.place(Writing(toy_study(database=url), toy_result())) == "postgresql://me:***@host/city"
