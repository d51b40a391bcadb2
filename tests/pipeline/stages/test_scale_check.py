"""The assessment on large cells beside that of the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from riskzoning.config import load_study
from riskzoning.grid import analysis_grid
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages import scale_check
from riskzoning.pipeline.stages.scale_check import ScaleSink, coarser
from riskzoning.results import StudyResult

from ..conftest import small_study, write_small_city

# Four cells make a kilometre.
GRID = analysis_grid((0, 0, 2500, 1750), crs="EPSG:4547", resolution=250)


def run(folder: Path, **sections: object) -> StudyResult:
    path = write_small_city(folder)
    path.write_text(yaml.safe_dump({**small_study(), **sections}, allow_unicode=True), encoding="utf-8")
    return run_study(load_study(path), out=folder / "out", only="grade")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return run(tmp_path_factory.mktemp("scale"))


@pytest.mark.parametrize(
    ("resolution", "crs", "factor"), [(100, "EPSG:4547", 10), (900, "EPSG:4547", 2), (3 / 3600, "EPSG:4490", 10)]
)
def test_large_cells_are_about_a_kilometre_and_whole_multiples(resolution: float, crs: str, factor: int) -> None:
    corner = (0, 0) if crs == "EPSG:4547" else (113, 35)
    bounds = (*corner, corner[0] + 25 * resolution, corner[1] + 12 * resolution)
    grid, times = coarser(analysis_grid(bounds, crs=crs, resolution=resolution))
    assert times == factor
    assert abs(grid.affine.a) == pytest.approx(resolution * factor)
    assert grid.shape == (-(-12 // factor), -(-25 // factor))


@pytest.mark.parametrize("rows", [1, 2, 5, 7])
def test_large_cells_have_the_sums_and_means_of_small_ones_however_rows_arrive(rows: int) -> None:
    random = np.random.default_rng(1)
    index, people = random.random((7, 10)).astype(np.float32), random.random((7, 10))
    index[2, 3] = np.nan
    sink = ScaleSink(GRID, ["index"], ["people"])
    for first in range(0, 7, rows):
        sink.update(first, {"index": index[first : first + rows], "people": people[first : first + rows]})
    made = sink.layers()
    assert made["people"].sum() == pytest.approx(people.sum())
    assert made["people"][1, 2] == pytest.approx(people[4:, 8:].sum())
    assert made["index"][0, 0] == pytest.approx(np.nanmean(index[:4, :4].astype(np.float64)))


def test_every_hazard_and_all_together_are_compared_by_level(result: StudyResult) -> None:
    table = result.tables["scale_check"]
    pairs = set(zip(table["hazard"], table["indicator"], strict=True))
    each = {(hazard, grade) for hazard in ("earthquake", "flood") for grade in ("hazard_grade", "risk_grade")}
    assert pairs == {*each, ("multi", "risk_grade")}
    # One city has no order.
    assert set(table["level"]) == {"county"}
    assert (table["units"] == 3).all()
    assert (table["cells"] == 1000).all()
    assert table["share"].between(0, 1).all()
    assert (table["far"] <= table["differing"]).all()


def test_the_same_cells_give_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale_check, "coarser", lambda grid: (grid, 1))
    table = run(tmp_path).tables["scale_check"]
    np.testing.assert_allclose(table["index_difference"], 0, atol=1e-6)
    np.testing.assert_allclose(table["rank_correlation"].dropna(), 1)
    assert (table["differing"] == 0).all()


def test_a_study_can_do_without_it(tmp_path: Path, result: StudyResult) -> None:
    without = run(tmp_path, uncertainty={"scale_check": False})
    assert "scale_check" not in without.tables
    pd.testing.assert_frame_equal(without.tables["grades_by_rule"], result.tables["grades_by_rule"])
