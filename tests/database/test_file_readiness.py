"""What would make a load into a file fail is seen before it, and the file is as it was."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from riskzoning.database import Database, file_readiness, open_database
from riskzoning.errors import DatabaseError, TargetError
from riskzoning.samples import toy_result

from . import run_of


def rule_of(path: Path, kind: type[DatabaseError]) -> str:
    with pytest.raises(DatabaseError) as caught:
        open_database(path).check()
    assert isinstance(caught.value, TargetError) == (kind is TargetError)
    (problem,) = caught.value.problems
    for lang in ("zh", "en"):
        assert "{" not in problem.text(lang)
    return problem.rule


def load_while(database: Database, editor: sqlite3.Connection, *statements: str, close: bool = False) -> None:
    """A load during which another program works in the file."""
    with database.begin() as transaction:
        transaction.changed = True
        for statement in statements:
            if statement != "COMMIT" or editor.in_transaction:
                editor.execute(statement)
        if close:
            editor.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "city.gpkg"
    open_database(place).write(toy_result())
    return place


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_readiness, "_PATIENCE_SECONDS", 0.2)


def test_a_new_place_and_a_database_of_ours_are_ready_and_stay_as_they_are(path: Path) -> None:
    before = path.read_bytes()
    open_database(path).check()
    open_database(path.parent / "new" / "deep" / "city.gpkg").check()
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["city.gpkg"]


def _text(path: Path) -> None:
    path.write_text("name,value\n")


def _folder(path: Path) -> None:
    path.mkdir()


def _cut(path: Path) -> None:
    open_database(path).write(toy_result())
    path.write_bytes(path.read_bytes()[:3000])


@pytest.mark.parametrize("make", [_text, _folder, _cut, Path.touch])
def test_what_is_no_geopackage_is_wrong_input_and_stays(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "strange.gpkg"
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    assert rule_of(path, TargetError) == "database.no_package"
    with pytest.raises(TargetError):
        open_database(path).write(toy_result())
    assert path.is_dir() if before is None else path.read_bytes() == before


def test_tables_of_others_and_a_newer_schema_are_wrong_input(path: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "roads.gpkg"
    toy_result().units["county"].reset_index().to_file(foreign, layer="county", driver="GPKG")
    assert rule_of(foreign, TargetError) == "database.foreign"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE meta_schema SET version = 99")
        connection.commit()
    assert rule_of(path, TargetError) == "database.newer"


def test_a_place_that_takes_no_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert rule_of(tmp_path / "file" / "city.gpkg", DatabaseError) == "database.folder"
    assert rule_of(Path("/proc/city.gpkg"), DatabaseError) == "database.folder"


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_file_in_which_another_program_is_writing(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path)) as editor:
        editor.execute(f"PRAGMA journal_mode={mode}")
        editor.execute("CREATE TABLE my_notes (text TEXT)")
        editor.commit()
        editor.execute("INSERT INTO my_notes VALUES ('x')")
        assert rule_of(path, DatabaseError) == "database.busy"
        with pytest.raises(DatabaseError) as caught:
            open_database(path).write(run_of("r2"))
        assert caught.value.problems[0].rule == "database.busy"
        editor.commit()
    open_database(path).write(run_of("r2"))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT text FROM my_notes").fetchall() == [("x",)]


def test_who_begins_to_write_during_a_load_loses_nothing(path: Path) -> None:
    database = open_database(path)
    with closing(sqlite3.connect(path)) as editor:
        during = ("CREATE TABLE my_notes (text TEXT)", "INSERT INTO my_notes VALUES ('x')")
        with pytest.raises(DatabaseError) as caught:
            load_while(database, editor, *during)
        assert caught.value.problems[0].rule == "database.busy"
        editor.commit()
        assert editor.execute("SELECT text FROM my_notes").fetchall() == [("x",)]


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_what_another_program_has_written_during_a_load_stays(path: Path, mode: str) -> None:
    database = open_database(path)
    editor = sqlite3.connect(path)
    with pytest.raises(DatabaseError) as caught:
        load_while(
            database, editor, f"PRAGMA journal_mode={mode}", "CREATE TABLE my_notes (text TEXT)", "COMMIT", close=True
        )
    assert caught.value.problems[0].rule == "database.edited"
    database.write(run_of("r2"))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM my_notes").fetchall() == [(0,)]
        assert connection.execute("SELECT count(*) FROM meta_load").fetchall() == [(2,)]


def test_a_reader_is_in_nobodys_way(path: Path) -> None:
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM risk_unit").fetchall()
        open_database(path).check()
