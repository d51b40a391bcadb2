"""The units that surveys are checked against: faults of their borders are told, and the check goes on."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from riskzoning.pipeline.survey_units import survey_units
from riskzoning.pipeline.surveys import Surroundings, check_surveys
from tests.surveys.conftest import make_units, shelters


def write(path: Path, units: gpd.GeoDataFrame) -> Path:
    for level in ("city", "county", "township"):
        units[units["level"] == level].reset_index().to_file(path, layer=level, driver="GPKG")
    return path


def test_sound_units_have_no_fault(tmp_path: Path) -> None:
    units, problems = survey_units(write(tmp_path / "units.gpkg", make_units()))
    assert problems == []
    assert units["level"].value_counts().to_dict() == {"township": 4, "county": 2, "city": 1}


def test_overlaps_gaps_and_sums_are_told_and_mended(tmp_path: Path) -> None:
    units = make_units()
    shapes = units.geometry.to_dict()
    shapes["410702002"] = shapes["410702002"].buffer(0.002).intersection(shapes["410700"])
    units = units.set_geometry(gpd.GeoSeries(shapes, crs=units.crs))
    mended, problems = survey_units(write(tmp_path / "units.gpkg", units))
    assert {problem.rule for problem in problems} & {"admin.overlap"}
    areas = mended.to_crs("EPSG:6933").area.groupby(mended["level"]).sum()
    assert areas["township"] == pytest.approx(areas["city"], rel=1e-6)


def test_counties_that_are_not_the_city(tmp_path: Path) -> None:
    units = make_units()
    shapes = units.geometry.to_dict()
    shapes["410700"] = shapes["410700"].buffer(0.01)
    _, problems = survey_units(write(tmp_path / "units.gpkg", units.set_geometry(gpd.GeoSeries(shapes, crs=units.crs))))
    assert "Q07.sum" in {problem.rule for problem in problems}


def test_the_check_of_surveys_tells_them(tmp_path: Path) -> None:
    units = make_units()
    shapes = units.geometry.to_dict()
    shapes["410700"] = shapes["410700"].buffer(0.01)
    path = write(tmp_path / "units.gpkg", units.set_geometry(gpd.GeoSeries(shapes, crs=units.crs)))
    shelters().to_csv(tmp_path / "shelters.csv", index=False)
    check = check_surveys([tmp_path / "shelters.csv"], Surroundings(units=path), lang="zh")
    wrong = check.problems[check.problems["severity"] == "error"]
    assert set(wrong["rule"]) == {"Q07"}
    assert wrong["file"].str.contains("units.gpkg").all()
    assert wrong["found"].str.contains("km²|面积").all()
