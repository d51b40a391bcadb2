"""The source of a scenario: what it cannot be, and where it lies too far away."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString

from riskzoning.errors import Journal, LayerError, Phrase, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards.earthquake import (
    attenuation,
    avoidance_strips,
    elliptical_attenuation,
    fault_field,
    isoseismal_axes,
    scenario_field,
)
from riskzoning.hazards.earthquake.source import check_coordinates, sizes, source, tell_far

GRID = analysis_grid((480_000, 3_880_000, 484_000, 3_884_000), crs="EPSG:4547", resolution=1000)
EPICENTRE: Any = (113.85, 35.1)


def field(**change: Any) -> Any:
    facts: Any = {"magnitude": 6.5, "epicentre": EPICENTRE, "strike_deg": 30, "region": "east"} | change
    return scenario_field(GRID, **facts)


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"epicentre": (35.1, 113.85)}, ["earthquake.epicentre"]),
        ({"epicentre": (486_000, 3_885_000)}, ["earthquake.epicentre"]),
        ({"epicentre": ("113.85",)}, ["earthquake.epicentre"]),
        ({"magnitude": 65}, ["earthquake.size"]),
        ({"magnitude": 0}, ["earthquake.size"]),
        ({"magnitude": np.nan}, ["earthquake.size"]),
        ({"magnitude": "six"}, ["earthquake.size"]),
        ({"strike_deg": "NE"}, ["earthquake.strike"]),
        (
            {"magnitude": "?", "epicentre": (35, 113), "strike_deg": None},
            ["earthquake.size", "earthquake.epicentre", "earthquake.strike"],
        ),
    ],
)
def test_a_source_that_cannot_be_is_refused_with_all_that_is_wrong(change: dict[str, Any], rules: list[str]) -> None:
    with pytest.raises(LayerError) as refused:
        field(**change)
    assert [problem.rule for problem in refused.value.problems] == rules
    assert all(problem.text(lang) for problem in refused.value.problems for lang in ("zh", "en"))


def test_exchanged_degrees_are_told_from_metres() -> None:
    said = []
    for place in ((35.1, 113.85), (486_000.0, 3_885_000.0)):
        with pytest.raises(LayerError) as refused:
            source(6.5, place, 0)
        said.append(dict(refused.value.problems[0].values)["why"])
    assert said == [Phrase("epicentre_turned"), Phrase("epicentre_metres")]


def test_numbers_as_text_are_read() -> None:
    assert source("M6.5", ("113.85", "35.1"), "30") == (6.5, (113.85, 35.1), 30.0)
    np.testing.assert_array_equal(field(magnitude="Ms 6.5"), field())
    np.testing.assert_array_equal(field(strike_deg=390), field())
    assert attenuation(["M6.5", "5"], [10, 20], region="east") == pytest.approx(
        attenuation([6.5, 5.0], [10, 20], region="east")
    )
    np.testing.assert_array_equal(sizes(np.array([6.0, np.nan])), [6.0, np.nan])


@pytest.mark.parametrize("function", [attenuation, elliptical_attenuation])
def test_magnitudes_that_are_none(function: Any) -> None:
    more = {"angle_deg": 0.0} if function is elliptical_attenuation else {}
    for wrong in (65, "big", -1):
        with pytest.raises(LayerError):
            function(wrong, 10.0, region="east", **more)
    with pytest.raises(LayerError):
        isoseismal_axes(65, 7.0, region="east")


def test_what_lies_beyond_the_relations_is_told_with_its_distance() -> None:
    with hearing(Journal()) as heard:
        far = field(epicentre=(100.0, 25.0))
        attenuation(6.5, [10_000, 50_000], region="east")
        elliptical_attenuation(6.5, 300.0, 0.0, region="east")
    assert [problem.rule for problem in heard.warnings] == ["earthquake.far"] * 3
    assert [round(float(str(dict(one.values)["distance"]))) for one in heard.warnings] == [1731, 50_000, 300]
    # An intensity is I at least.
    assert float(far.max()) == 1.0
    with hearing(Journal()) as heard:
        field(epicentre=(113.0, 34.0))  # 150 km away
        tell_far(GRID, [(100.0, 25.0), EPICENTRE])
    assert heard.warnings == []


def test_intensities_of_a_field_are_those_of_the_scale() -> None:
    assert float(field(magnitude=8.0).max()) <= 12
    assert float(field(magnitude=4.5, epicentre=(112.0, 34.2)).min()) >= 1


def lines(*points: tuple[float, float], crs: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"age": ["Q4"], "cover_m": ["5 m"]}, geometry=[LineString(points)], crs=crs)


@pytest.mark.parametrize(
    ("faults", "rule"),
    [
        (lines((113.8, 35.0), (114.0, 35.2), crs=4547), "crs.degrees"),
        (lines((35.0, 113.8), (35.2, 114.0), crs=4490), "points.swapped"),
    ],
)
def test_faults_whose_numbers_do_not_fit_their_crs_are_refused(faults: gpd.GeoDataFrame, rule: str) -> None:
    for call in (
        lambda: fault_field(GRID, faults, magnitude=7.0, region="east"),
        lambda: avoidance_strips(faults, intensity=8),
        lambda: check_coordinates(faults, Phrase("faults")),
    ):
        with pytest.raises(LayerError) as refused:
            call()
        assert refused.value.problems[0].rule == rule


def test_a_cover_with_its_unit_is_read() -> None:
    faults = lines((480_000, 3_880_000), (490_000, 3_890_000), crs=4547)
    assert avoidance_strips(faults, intensity=8)["status"].tolist() == ["binding"]
    assert avoidance_strips(faults.assign(cover_m="60.1米"), intensity=8).empty
