"""A run from the folder that it has left into another database."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from riskzoning.database import open_database, records, transfer, versions
from riskzoning.errors import DatabaseError
from riskzoning.samples import toy_result

from . import NAMES, Place, run_of, shelters
from .test_migrations import unnumbered


def test_a_run_goes_over_with_its_survey_records(tmp_path: Path, place: Place) -> None:
    folder = tmp_path / "out"
    source = open_database(folder / "database.gpkg")
    source.write(run_of("r1", shelter=shelters("old")))
    source.write(run_of("r2", shelter=shelters(*NAMES, capacity=[-1.0, 1, 2, 3, 4, 5])))
    with place.opened() as target:
        done = target.load(folder)
        assert done.number == 1
        assert target.query("shelter")["name"].tolist() == NAMES[1:]
        assert target.query("qc_rejected")["key"].tolist() == ["BN000"]
        assert target.query("meta_run")["run_id"].tolist() == ["r2"]
        assert len(target.query("unit_township")) == len(toy_result().units["township"])
        assert target.verify() == []
        assert target.load(folder).number is None


def test_records_are_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (transfer, records, versions):
        monkeypatch.setattr(module, "ROWS_AT_ONCE", 2)
    source = open_database(tmp_path / "out" / "database.gpkg")
    source.write(run_of("r1", shelter=shelters(*"abcdefg")))
    source.write(run_of("r2", shelter=shelters(*"abxdexg", water=["是", None, "否", None, None, None, "是"])))
    target = open_database(tmp_path / "new.gpkg")
    target.load(tmp_path / "out")
    assert target.load(tmp_path / "out").number is None
    one, two = (pd.DataFrame(frame.query("shelter")).sort_values("shelter_id") for frame in (source, target))
    versioned = ["run_id", "load", "valid_from"]
    assert one.drop(columns=versioned).astype(str).to_numpy().tolist() == (
        two.drop(columns=versioned).astype(str).to_numpy().tolist()
    )
    assert target.verify() == []


def test_a_file_from_before_the_schema_had_a_number_goes_over_too(tmp_path: Path) -> None:
    unnumbered(tmp_path / "old.gpkg", toy_result())
    target = open_database(tmp_path / "new.gpkg")
    target.load(tmp_path / "old.gpkg")
    assert len(target.query("risk_unit")) == len(toy_result().unit_table)


def test_a_folder_without_a_database_is_told(tmp_path: Path) -> None:
    empty, other = tmp_path / "empty", tmp_path / "other"
    empty.mkdir(), other.mkdir()
    toy_result().units["county"].reset_index().to_file(other / "units.gpkg")
    for place, rule in ((empty, "none_there"), (other, "no_run"), (tmp_path / "nothing", "no_folder"),
                        (other / "units.gpkg", "no_run")):  # fmt: skip
        with pytest.raises(DatabaseError) as caught:
            open_database(tmp_path / "new.gpkg").load(place)
        assert caught.value.problems[0].rule == f"database.{rule}"
    assert not (tmp_path / "new.gpkg").exists()
