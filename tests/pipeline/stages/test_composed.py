"""Sums of a pass by class of hazard, and the risk of units that is composed of them."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from riskzoning.config import StudyConfig
from riskzoning.coverage import Coverage
from riskzoning.grid import analysis_grid
from riskzoning.names import Index
from riskzoning.pipeline.stages.composed import (
    AREA,
    ExposedMeanSink,
    ExposedSink,
    ExposedSums,
    UnitSums,
    beside_the_composite,
    composed_risks,
    exposure_by_grade,
    hazard_grades,
    unit_parts,
)
from riskzoning.results import Breaks

FLOOD = Index("flood", "hazard", scheme="flood_4")
QUARTERS = Breaks("ladder", (0.25, 0.5, 0.75, 1.0), "right")
# Two units of 2 x 2 cells of 1 km, side by side; a third has no cell on the grid.
GRID = analysis_grid((0, 0, 4000, 2000), crs="EPSG:4547", resolution=1000)
UNITS = gpd.GeoDataFrame(
    index=["west", "east", "away"],
    geometry=[box(0, 0, 2000, 2000), box(2000, 0, 4000, 2000), box(9000, 0, 9500, 500)],
    crs="EPSG:4547",
)
SEVERITY = np.array([[0.0, 0.25, 0.6, np.nan], [1.0, 0.0, 0.6, 0.9]], dtype=np.float32)
PEOPLE = np.array([[10.0, 20.0, 0.0, 7.0], [30.0, 40.0, 0.0, 5.0]])
WEAK = np.array([[0.5, np.nan, 0.2, 0.2], [1.0, np.nan, 0.2, 0.2]], dtype=np.float32)


def bands(first: int, last: int) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    layers = {FLOOD.key: SEVERITY, "population": PEOPLE, "population_vulnerability_index": WEAK}
    return {name: values[first:last] for name, values in layers.items()}


def summed(*edges: int) -> ExposedSums:
    coverage = Coverage.from_units(GRID, UNITS)
    sink = ExposedSink(coverage, {FLOOD: QUARTERS}, ["population"], {"population": "population"}, ["population"])
    for first, last in pairwise(edges):
        sink.update(first, bands(first, last))
    return sink.sums()


def test_what_lies_in_each_class_is_counted() -> None:
    sums = summed(0, 2)
    people, area = sums.of_class("flood", "population"), sums.of_class("flood", AREA)
    assert people.loc["west"].tolist() == [70.0, 0.0, 0.0, 30.0]
    assert people.loc["east"].tolist() == [0.0, 0.0, 0.0, 5.0]
    assert area.loc["west"].tolist() == [3.0, 0.0, 0.0, 1.0]
    assert area.loc["east"].tolist() == [0.0, 0.0, 2.0, 1.0]
    assert sums.known("flood", "population").tolist() == [100.0, 5.0, 0.0]
    assert sums.ground.tolist() == [4.0, 4.0, 0.0]
    assert sums.none["flood"].tolist() == [2.0, 0.0, 0.0]


def test_severity_and_weakness_are_weighed_by_what_is_there() -> None:
    sums = summed(0, 2)
    assert sums.severity["flood"].loc["west", "population"] == pytest.approx(20 * 0.25 + 30)
    assert sums.severity["flood"].loc["east", "population"] == pytest.approx(5 * 0.9, rel=1e-6)
    weak, known = sums.weakness["population"]
    assert (weak["west"], known["west"]) == (35.0, 40.0)


def test_rows_may_arrive_one_by_one() -> None:
    whole, rows = summed(0, 2), summed(0, 1, 2)
    np.testing.assert_array_equal(whole.by_class["flood"], rows.by_class["flood"])
    np.testing.assert_array_equal(whole.severity["flood"], rows.severity["flood"])


def test_a_hazard_that_grades_its_cells_is_counted_by_its_grades() -> None:
    sink = ExposedSink(Coverage.from_units(GRID, UNITS), {FLOOD: QUARTERS}, ["population"], {})
    own = np.array([[2, 2, 2, 0], [2, 2, 2, 2]], dtype=np.uint8)
    sink.update(0, {**bands(0, 2), FLOOD.grade_key: own})
    assert sink.sums().of_class("flood", "population").loc["west"].tolist() == [0.0, 100.0, 0.0, 0.0]


def test_means_by_what_is_exposed() -> None:
    sink = ExposedMeanSink(Coverage.from_units(GRID, UNITS), {FLOOD.key: "population"})
    sink.update(0, bands(0, 2))
    means = sink.means()[FLOOD.key]
    assert means["west"] == pytest.approx((20 * 0.25 + 30) / 100)
    assert means["east"] == pytest.approx(0.9)
    assert np.isnan(means["away"])


STUDY = StudyConfig(name="X", code="410700", data_date="2026-06-30", admin={"path": "a"})  # type: ignore[arg-type]
Cells = list[tuple[float, float]]


def sums_of(units: dict[str, Cells], *, weak: dict[str, float] | None = None) -> UnitSums:
    """Units of cells of 1 km2, each with its hazard index and its people."""
    index = pd.Index(list(units), name="code")
    cells = {code: (np.array([h for h, _ in own]), np.array([p for _, p in own])) for code, own in units.items()}
    grades = {code: np.clip(np.ceil(h * 4), 1, 4) for code, (h, _) in cells.items()}
    columns = {
        (grade, name): [
            float(((grades[code] == grade) * (1.0 if name == AREA else cells[code][1])).sum()) for code in index
        ]
        for grade in range(1, 5)
        for name in (AREA, "population")
    }
    people = pd.Series([cells[code][1].sum() for code in index], index=index)
    severity = pd.Series([float(np.prod(cells[code], axis=0).sum()) for code in index], index=index)
    known = {} if weak is None else {"population": (people * pd.Series(weak), people)}
    exposed = ExposedSums(
        ground=pd.Series([float(len(cells[code][0])) for code in index], index=index),
        by_class={"flood": pd.DataFrame(columns, index=index)},
        none={"flood": pd.Series([float((cells[code][0] == 0).sum()) for code in index], index=index)},
        severity={"flood": pd.DataFrame({"population": severity})},
        weakness=known,
    )
    means = pd.DataFrame({FLOOD.key: [cells[code][0].mean() for code in index]}, index=index)
    return UnitSums(means, pd.DataFrame({"population": people}), {"population": "population"}, exposed)


def risk_of(units: dict[str, Cells], *, weak: dict[str, float] | None = None) -> pd.Series[float]:
    parts = unit_parts(sums_of(units, weak=weak), [FLOOD])
    risks = composed_risks(STUDY, parts, [FLOOD], ["population"])
    pd.testing.assert_series_equal(risks["flood_risk_index"], risks["flood_population_risk_index"], check_names=False)
    return risks["flood_risk_index"]


def scaled(density: float) -> float:
    return float(np.log1p(min(density, 20_000) / 10) / np.log1p(20_000 / 10))


def test_a_unit_worked_by_hand() -> None:
    units = {"a": [(0.8, 300.0), (0.0, 100.0), (0.4, 0.0), (0.0, 0.0)]}
    parts = unit_parts(sums_of(units, weak={"a": 0.5}), [FLOOD])
    assert parts["flood_population_exposed_hazard_index"]["a"] == pytest.approx(0.6)
    assert parts["population_exposure_index"]["a"] == pytest.approx(scaled(100))
    assert parts["population_vulnerability_index"]["a"] == pytest.approx(0.5)
    assert parts["flood_none_share"]["a"] == 0.5
    expected = np.sqrt(0.6 * scaled(100))
    assert risk_of(units)["a"] == pytest.approx(expected)
    assert risk_of(units, weak={"a": 0.5})["a"] == pytest.approx(0.75 * expected)
    assert risk_of(units, weak={"a": np.nan})["a"] == pytest.approx(expected)


def test_no_hazard_no_risk_and_nobody_there_no_risk() -> None:
    risks = risk_of({"dry": [(0.0, 9000.0), (0.0, 10.0)], "empty": [(0.9, 0.0), (0.5, 0.0)]})
    assert risks.tolist() == [0.0, 0.0]
    parts = unit_parts(sums_of({"empty": [(0.9, 0.0), (0.5, 0.0)]}), [FLOOD])
    assert parts["flood_population_exposed_hazard_index"]["empty"] == pytest.approx(0.7)


def test_a_unit_cut_in_two_equal_halves_keeps_its_index() -> None:
    half: Cells = [(0.8, 300.0), (0.1, 50.0)]
    risks = risk_of({"whole": [*half, *half], "north": half, "south": half})
    assert risks["north"] == risks["south"] == pytest.approx(risks["whole"], rel=1e-12)


def test_what_is_exposed_to_the_lowest_class_never_gets_above_the_middle() -> None:
    risks = risk_of({"crowded": [(0.25, 90_000.0)] * 3})
    assert risks["crowded"] <= 0.5 + 1e-12


@pytest.mark.parametrize("more", [0.0, 100.0, 1e4])
def test_people_on_dry_ground_lower_the_severity_and_add_no_more_than_their_number(more: float) -> None:
    before, after = [(0.6, 200.0), (0.0, 0.0)], [(0.6, 200.0), (0.0, more)]
    parts = unit_parts(sums_of({"before": before, "after": after}), [FLOOD])
    met, exposed = parts["flood_population_exposed_hazard_index"], parts["population_exposure_index"]
    assert met["after"] <= met["before"]
    risks = risk_of({"before": before, "after": after})
    assert risks["after"] <= np.sqrt(met["before"] * exposed["after"]) + 1e-12


def test_the_grade_of_a_hazard_in_places_is_the_highest_class_with_a_fifth() -> None:
    sums = sums_of({"a": [(0.9, 1.0), *[(0.1, 99.0)] * 4], "b": [(0.9, 600.0), *[(0.1, 100.0)] * 9]})
    assert hazard_grades(sums.exposed, "flood", AREA).to_dict() == {"a": 4, "b": 1}
    assert hazard_grades(sums.exposed, "flood", "population").to_dict() == {"a": 1, "b": 4}


def test_a_unit_without_a_class_has_no_grade() -> None:
    exposed = sums_of({"a": [(0.9, 0.0)]}).exposed
    assert hazard_grades(exposed, "flood", "population").to_dict() == {"a": 0}


def test_the_values_by_grade_add_up_and_what_has_no_class_is_grade_0() -> None:
    sums = sums_of({"a": [(0.9, 1.0), (0.1, 99.0)], "b": [(0.0, 5.0)]})
    totals = sums.sums + pd.DataFrame({"population": {"a": 7.0, "b": 0.0}})
    table = exposure_by_grade(sums.exposed, totals, pd.Series({"a": 2.5, "b": 1.0}))
    people = table[table["quantity"] == "population"].pivot_table(index="code", columns="grade", values="value")
    assert people.loc["a"].tolist() == [7.0, 99.0, 0.0, 0.0, 1.0]
    area = table[table["quantity"] == AREA].pivot_table(index="code", columns="grade", values="value")
    assert area.loc["a"].tolist() == [0.5, 1.0, 0.0, 0.0, 1.0]
    np.testing.assert_allclose(table.groupby(["code", "quantity"])["share"].sum(), 1.0)


def test_a_severe_hazard_does_not_disappear_in_a_mean() -> None:
    risks = pd.DataFrame(
        {"flood": [0.9, 0.0, np.nan, 0.61], "heat": [0.1, 0.0, np.nan, 0.8], "hail": [0.05, 0.0, 0.2, 0.5]},
        index=["a", "none", "part", "many"],
    )
    beside = beside_the_composite(risks, {"flood": 0.5, "heat": 0.3, "hail": 0.2})
    assert beside["multi_max_grade"].to_dict() == {"a": 5, "none": 1, "part": 1, "many": 4}
    assert beside["multi_leading"].to_dict() == {"a": "flood", "none": "", "part": "hail", "many": "flood;heat"}
    assert beside["multi_high_count"].to_dict() == {"a": 1, "none": 0, "part": 0, "many": 2}


PLACES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 50_000)), min_size=1, max_size=5)


@settings(max_examples=20, deadline=None)
@given(cells=PLACES, more=st.floats(0, 1e5), weak=st.none() | st.floats(0, 1))
def test_laws_of_units_that_are_composed(cells, more, weak):
    """Halves keep the index; people on dry ground never raise it beyond their number; no hazard is no risk."""
    units = {
        "whole": [*cells, *cells],
        "half": cells,
        "before": [*cells, (0.0, 0.0)],
        "after": [*cells, (0.0, more)],
        "dry": [(0.0, people) for _, people in cells],
        "empty": [(severity, 0.0) for severity, _ in cells],
        "low": [(min(severity, 0.25), people) for severity, people in cells],
    }
    known = None if weak is None else dict.fromkeys(units, weak)
    risks, parts = risk_of(units, weak=known), unit_parts(sums_of(units, weak=known), [FLOOD])
    met, there = parts["flood_population_exposed_hazard_index"], parts["population_exposure_index"]
    assert risks.between(0, 1).all()
    assert risks["half"] == pytest.approx(risks["whole"], rel=1e-9)
    assert risks["dry"] == risks["empty"] == 0
    assert risks["low"] <= 0.5 + 1e-12
    if sum(people for _, people in cells) > 0:
        assert met["after"] <= met["before"] + 1e-12
        assert risks["after"] <= np.sqrt(met["before"] * there["after"]) + 1e-12
