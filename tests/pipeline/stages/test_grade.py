"""Grades of a run: breaks computed, fixed by a hazard or frozen by the study, the same for cells and units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from riskzoning.config import load_study
from riskzoning.names import Index
from riskzoning.pipeline import run_study
from riskzoning.results import StudyResult

from ..conftest import small_study, write_small_city

City = Callable[..., Path]
FROZEN = [0.55, 0.6, 0.65, 0.7, 1.0]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("city")
    path = write_small_city(folder)
    content = small_study()
    content["zoning"] = {"frozen": {"flood_risk_index": FROZEN}}
    content["not_applicable"] = ["forest_fire", "drought"]
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return run_study(load_study(path), out=folder / "out", only="grade")


def breaks(result: StudyResult, index: Index, where: str) -> pd.DataFrame:
    table = result.tables["breaks"]
    return table[(table["index"] == index.key) & (table["applied_to"] == where)]


@pytest.mark.parametrize("where", ["grid", "units"])
def test_frozen_breaks_are_used_as_they_are(graded: StudyResult, where: str) -> None:
    rows = breaks(graded, Index("flood", "risk"), where)
    assert rows["upper_bound"].tolist() == FROZEN
    assert set(rows["rule"]) == {"frozen"}
    grades = graded.layers["flood_risk_grade"].to_numpy()
    values = graded.layers["flood_risk_index"].to_numpy()
    known = np.isfinite(values)
    np.testing.assert_array_equal(grades[known], 1 + np.searchsorted(FROZEN, values[known], side="left"))


@pytest.mark.parametrize("where", ["grid", "units"])
def test_the_classes_of_a_hazard_are_those_of_its_ladder(graded: StudyResult, where: str) -> None:
    for hazard, closed, scheme in (("flood", "right", "flood_4"), ("earthquake", "left", "hazard_4")):
        rows = breaks(graded, Index(hazard, "hazard"), where)
        assert rows["upper_bound"].tolist() == [0.25, 0.5, 0.75, 1.0]
        assert set(rows["closed"]) == {closed}
        assert set(rows["scheme"]) == {scheme}


def test_other_breaks_are_those_of_the_scheme(graded: StudyResult) -> None:
    rows = breaks(graded, Index("earthquake", "risk"), "grid")
    assert set(rows["rule"]) == {"natural_breaks"}
    assert len(rows) == 5
    assert graded.layers["earthquake_risk_grade"].attrs["scheme"] == "risk_5"


def test_a_hazard_that_does_not_exist_here_has_no_value_and_no_grade(graded: StudyResult) -> None:
    frame = graded.units["county"]
    for name in ("forest_fire", "drought"):
        for index in (Index(name, "hazard"), Index(name, "risk")):
            assert frame[index.key].isna().all()
            assert (frame[index.grade_key] == 0).all()
    columns = [str(column) for column in frame.columns if "drought" in str(column) or "forest" in str(column)]
    assert columns == [
        f"{name}_{what}" for name in ("forest_fire", "drought")
        for what in ("hazard_index", "risk_index", "hazard_grade", "risk_grade")
    ]  # fmt: skip


def test_the_tidy_table_has_every_column_of_the_wide_one(graded: StudyResult) -> None:
    table = graded.unit_table
    one = table[table["code"] == graded.units["county"].index[0]]
    made = {(row.hazard, row.receptor, row.indicator) for row in one.itertuples()}
    assert len(one) == len(made) == 3 * 3 + 2 * 2 + 2
    assert ("flood", "population", "risk_index") in made
    assert ("", "", "population") in made
    assert ("drought", "", "risk_index") in made
    population = one[one["indicator"] == "population"].iloc[0]
    assert population["units"] == "person"
    assert population["value"] == pytest.approx(400_000)


def test_what_is_unusual_in_several_indices_is_told_once_with_their_names(small_city: City, tmp_path: Path) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["zoning"] = {"scheme": "natural_breaks"}

    result = run_study(load_study(small_city(change)), out=tmp_path / "out", only="grade")
    told = [row for row in result.record["warnings"] if str(row["file"]).startswith("grades of the units")]
    assert len(told) == 2
    assert any("earthquake_risk_index, flood_population_risk_index" in row["file"] for row in told)
