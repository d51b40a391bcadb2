"""Versions of survey records: closed, opened, taken back, compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from riskzoning.database import Database, frames, versions
from riskzoning.database.plan import load_of
from riskzoning.errors import DatabaseError
from riskzoning.samples import toy_result

from . import Place, run_of, shelters


def _three_years(database: Database) -> None:
    database.write(run_of("y1", "2024-12-31", shelter=shelters("a", "b", "c")))
    database.write(run_of("y2", "2025-12-31", shelter=shelters("a", "b2", "c", "d")))
    database.write(run_of("y3", "2026-12-31", shelter=shelters("a", "b2")))


def test_a_changed_row_closes_the_old_version_and_opens_a_new_one(place: Place) -> None:
    with place.opened() as database:
        _three_years(database)
        rows = database.query("shelter", run="all")
        shown = rows[["name", "run_id", "load", "closed_load"]].astype(object).where(rows["closed_load"].notna(), None)
        assert rows["name"].tolist() == ["a", "b", "c", "b2", "d"]
        assert rows["run_id"].tolist() == ["y1", "y1", "y1", "y2", "y2"]
        assert rows["closed_load"].fillna(0).tolist() == [0, 2, 3, 0, 3]
        assert rows["valid_from"].tolist() == ["2024-12-31"] * 3 + ["2025-12-31"] * 2
        assert rows["valid_to"].fillna("").tolist() == ["", "2025-12-31", "2026-12-31", "", "2026-12-31"]
        assert len(shown) == 5


def test_what_held_after_a_run_is_told(place: Place) -> None:
    with place.opened() as database:
        _three_years(database)
        names = {run: database.query("shelter", run=run)["name"].tolist() for run in ("y1", "y2", "y3")}
        assert names == {"y1": ["a", "b", "c"], "y2": ["a", "c", "b2", "d"], "y3": ["a", "b2"]}
        assert database.query("shelter")["name"].tolist() == ["a", "b2"]


def test_a_form_that_a_run_does_not_bring_stays(place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("y1", shelter=shelters("a")))
        database.write(run_of("y2"))
        assert database.query("shelter")["name"].tolist() == ["a"]


def test_a_rollback_restores_the_state_before(place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("y1", "2024-12-31", shelter=shelters("a", "b")))
        before = place.content()
        changed = run_of("y2", "2025-12-31", shelter=shelters("a", "b2", "c"))
        units = {level: frame.assign(population=1.0) for level, frame in changed.units.items()}
        database.write(replace(changed, units=units))
        assert set(database.query("unit_county")["population"]) == {1.0}
        with pytest.raises(DatabaseError) as caught:
            database.rollback("y1")
        assert caught.value.problems[0].rule == "database.rollback"
        assert dict(caught.value.problems[0].values)["later"] == ("y2",)
        database.rollback("y2")
        assert place.content() == before
        assert database.verify() == []
        with pytest.raises(DatabaseError) as unknown:
            database.rollback("y9")
        assert unknown.value.problems[0].rule == "database.run"


@pytest.mark.slow
def test_two_runs_take_turns_as_often_as_one_likes(place: Place) -> None:
    with place.opened() as database:
        for name in ("y1", "y2", "y1", "y2", "y1"):
            database.write(run_of(name, shelter=shelters(name)))
            assert set(database.query("unit_city")["run_id"]) == {name}
        database.rollback("y1")
        assert set(database.query("unit_city")["run_id"]) == {"y2"}
        assert database.query("shelter")["name"].tolist() == ["y2"]


def test_back_and_forth_between_two_runs_is_three_loads(place: Place) -> None:
    with place.opened() as database:
        first, second = run_of("y1", shelter=shelters("a", "b")), run_of("y2", shelter=shelters("a"))
        for result in (first, second, first):
            database.write(result)
        assert database.query("shelter")["name"].tolist() == ["a", "b"]
        assert set(database.query("unit_city")["run_id"]) == {"y1"}
        database.rollback("y1")
        assert database.query("shelter")["name"].tolist() == ["a"]
        assert set(database.query("unit_city")["run_id"]) == {"y2"}
        database.rollback("y2")
        assert set(database.query("unit_city")["run_id"]) == {"y1"}
        assert len(database.query("risk_unit")) == len(toy_result().unit_table)
        assert database._bring(load_of(first)).number is None


def test_two_runs_are_compared_by_key_and_field(place: Place) -> None:
    with place.opened() as database:
        _three_years(database)
        added, changed, removed = database.compare("shelter", "y1", "y2")
        assert added["name"].tolist() == ["d"]
        assert removed.empty
        assert changed.to_numpy().tolist() == [["BN001", "name", "b", "b2"]]
        _, _, gone = database.compare("cap_shelter", "y1", "y3")
        assert gone["shelter_id"].tolist() == ["BN002"]
        for table, one, two, rule in (
            ("shelter", "y1", "y7", "database.run"),
            ("nothing", "y1", "y2", "database.table"),
            ("risk_breaks", "y1", "y2", "database.no_key"),
        ):
            with pytest.raises(DatabaseError) as caught:
                database.compare(table, one, two)
            assert caught.value.problems[0].rule == rule
        assert all(part.empty for part in database.compare("risk_unit", "y1", "y2"))


def test_many_rows_are_loaded_and_compared_in_parts(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def after() -> list[tuple[object, ...]]:
        with place.opened() as database:
            rows = database.query("shelter", run="all")[["shelter_id", "name", "run_id", "load", "closed_load"]]
            rejected = database.query("qc_rejected", run="all")[["key", "rule", "run_id"]]
        return [*map(tuple, rows.fillna(0).to_numpy().tolist()), *map(tuple, rejected.to_numpy().tolist())]

    first = shelters(*"abcdefg", capacity=[1.0, 2.0, -1.0, 4.0, 5.0, 6.5, 7.0])
    second = shelters(*"abxdefy", capacity=[1.0, 2.0, 3.0, 4.0, -5.0, 6.0, 7.0])
    for runs in (("r1", "r2"), ("r3", "r4")):
        with place.opened() as database:
            for run, frame in zip(runs, (first, second), strict=True):
                database.write(run_of(run, shelter=frame))
        whole = after()
        with place.opened() as database:
            for run in reversed(runs):
                database.rollback(run)
        if runs[0] == "r1":
            expected = [tuple(str(value).replace("r1", "r3").replace("r2", "r4") for value in row) for row in whole]
            for module in (frames, versions):
                monkeypatch.setattr(module, "ROWS_AT_ONCE", 2)
    assert [tuple(map(str, row)) for row in whole] == expected
    assert len(expected) == 11
