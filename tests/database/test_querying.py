"""Rows by region, run and equal values."""

from __future__ import annotations

import pytest

from riskzoning.errors import DatabaseError

from . import Place, run_of, shelters


def test_a_region_is_a_unit_and_all_below_it(place: Place) -> None:
    with place.opened() as database:
        towns = ["990101100", "990101101", "990102100"]
        counties = ["990101", "990101", "990102"]
        database.write(run_of("r1", shelter=shelters("a", "b", "c", town9=towns, adcode6=counties)))
        assert len(database.query("base_admin", region="990101")) == 4
        assert database.query("shelter", region="990101")["name"].tolist() == ["a", "b"]
        assert database.query("shelter", region="990102100")["name"].tolist() == ["c"]
        assert len(database.query("shelter", region="990100")) == 3
        assert database.query("shelter", region="' OR 1=1 --").empty
        assert len(database.query("weights", region="990101")) == 2


def test_names_of_forms_and_of_tables_of_a_run_are_known(place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("r1", shelter=shelters("a")))
        assert len(database.query("breaks")) == len(database.query("risk_breaks"))
        frame = database.query("shelter", type="短期避难场所", capacity=400)
        assert frame["capacity"].dtype == "int64"
        assert frame.crs is not None


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ({"table": "nothing"}, "database.table"),
        ({"table": ""}, "database.table"),
        ({"table": "sqlite_master"}, "database.table"),
        ({"table": "shelter", "levl": "x"}, "database.column"),
        ({"table": "shelter", "fid": 1}, "database.column"),
        ({"table": "shelter", "run": "r9"}, "database.run"),
    ],
)
def test_what_is_not_there_is_told(place: Place, words: dict[str, str], rule: str) -> None:
    with place.opened() as database:
        database.write(run_of("r1", shelter=shelters("a")))
        with pytest.raises(DatabaseError) as caught:
            database.query(**words)  # type: ignore[arg-type]
        assert caught.value.problems[0].rule == rule
