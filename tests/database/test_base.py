"""What every database answers, whatever it lies in."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning.database import Database, open_database
from riskzoning.errors import DatabaseError

from . import Place, run_of, shelters


def test_a_database_is_let_go_at_the_end_of_its_block(place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("r1"))
        assert "base_admin" in database.tables()
    database.close()


def test_everything_that_is_stored_is_read_and_what_is_not_there_is_told(place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("r1", shelter=shelters("a", "b")))
        database.write(run_of("r2", shelter=shelters("a")))
        assert len(database.read("cap_shelter")) == 2
        assert database.read("unit_county").crs is not None
        with pytest.raises(DatabaseError, match="does not exist"):
            database.read("shelter_of_mine")


def test_a_run_that_is_not_there_is_told_before_anything_is_made(tmp_path: Path) -> None:
    database = open_database(tmp_path / "none.gpkg")
    for call in (database.rollback, lambda run: database.compare("shelter", run, run)):
        with pytest.raises(DatabaseError) as caught:
            call("r1")
        assert caught.value.problems[0].rule == "database.run"
    assert list(tmp_path.iterdir()) == []


def test_a_server_of_a_kind_without_transactions_says_so() -> None:
    for call in (Database().begin, Database().reading, Database().tables):
        with pytest.raises(NotImplementedError):
            call()
