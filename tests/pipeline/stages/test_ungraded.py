"""Units without a grade: each with its reason, in words, in the tables of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

from riskzoning import standards
from riskzoning.config import load_study
from riskzoning.database import run_tables
from riskzoning.errors.sentences import phrases
from riskzoning.pipeline import run_study
from riskzoning.results import StudyResult

from ..conftest import SIDE, small_study, write_small_city

KEY = ["code", "level", "hazard", "receptor", "indicator"]


def run(folder: Path, *, without: slice | None = None, **changed: object) -> StudyResult:
    """The small city; ``without``: columns of cells in which no flood depth is known."""
    path = write_small_city(folder, **changed)
    if without is not None:
        for period in (20, 100):
            with rasterio.open(folder / f"depth_{period}.tif", "r+") as file:
                values = file.read(1)
                values[:, without] = file.nodata
                file.write(values, 1)
    return run_study(load_study(path), out=folder / "out", only="grade")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    """No depth in the westernmost county (its neighbours begin at a third of the width), and no forest fires here."""
    folder = tmp_path_factory.mktemp("bare")
    return run(folder, without=slice(0, SIDE // 2 - 6), not_applicable=["forest_fire"], language="zh")


def null_grades(result: StudyResult) -> set[tuple[str, ...]]:
    """Every unit and index without a grade, from the published units."""
    out = set()
    absent = [(name, "", f"{what}_grade") for name in result.not_applicable for what in ("hazard", "risk")]
    known = [(index.hazard, index.receptor or "", index.grade_quantity) for index in result.indices]
    for level, frame in result.units.items():
        for about, key in [
            *zip(known, (index.grade_key for index in result.indices), strict=True),
            *((about, f"{about[0]}_{about[2]}") for about in absent),
        ]:
            out |= {(code, level, *about) for code in frame.index[frame[key] == 0]}
    return out


def test_every_unit_without_a_grade_has_a_row_with_its_reason_and_no_other_unit_has_one(bare: StudyResult) -> None:
    table = bare.tables["no_grade"]
    assert {tuple(row) for row in table[KEY].to_numpy()} == null_grades(bare)
    assert not table.duplicated(KEY).any()
    west = table[(table["code"] == "320505") & (table["hazard"] == "flood")]
    assert set(west["reason"]) == {"no_hazard_data"}
    assert set(west["name"]) == {"Huqiu"}
    assert (west["valid_share"].fillna(0.0) == 0.0).all()
    assert set(table.loc[table["hazard"] == "forest_fire", "reason"]) == {"not_applicable"}


def test_the_reason_is_told_in_the_language_of_the_study(bare: StudyResult) -> None:
    table = bare.tables["no_grade"]
    for reason, text in table[["reason", "text"]].drop_duplicates().to_numpy():
        assert text == phrases()[f"reason_{reason}"]["zh"]


def test_the_database_has_the_same_rows(bare: StudyResult) -> None:
    stored = run_tables(bare)["risk_no_grade"]
    pd.testing.assert_frame_equal(stored.drop(columns="run_id"), bare.tables["no_grade"])
    known = standards.table("names/output_tables").data["tables"]["no_grade"]["columns"]
    assert list(known) == list(bare.tables["no_grade"])


def test_every_reason_that_there_is_stands_in_the_reference() -> None:
    told = standards.table("names/output_tables").data["tables"]["no_grade"]["columns"]["reason"]
    of_none = {key.removeprefix("reason_") for key in phrases() if key.startswith("reason_")} - {"by_area", "by_number"}
    assert set(told["en"].strip("`").split()) == of_none
    assert all(reason in told["zh"] for reason in of_none)


def test_too_few_units_with_a_value_are_told_with_their_number(tmp_path: Path) -> None:
    # Relative grades of all hazards together need three units; here one has no value of the only hazard.
    study = small_study()
    hazards = [item for item in study["hazards"] if item["hazard"] == "flood"]
    table = run(tmp_path, without=slice(0, SIDE // 2 - 6), hazards=hazards).tables["no_grade"]
    own = table[(table["hazard"] == "multi") & (table["indicator"] == "risk_grade") & (table["level"] == "county")]
    reasons = own.drop_duplicates("code").set_index("code")["reason"]
    assert reasons.to_dict() == {"320505": "no_hazard", "320506": "few_units", "320507": "few_units"}
    few = own.loc[own["reason"] == "few_units", "text"].iloc[0]
    assert few == "only 2 units with a value: no breaks are made from fewer than 3"
    assert np.isfinite(own.loc[own["reason"] == "few_units", "valid_share"]).all()


def test_where_every_unit_has_every_grade_there_is_no_table(tmp_path: Path) -> None:
    assert "no_grade" not in run(tmp_path).tables
