"""Sums of what is exposed to each class: equal to a count by hand, however the rows arrive."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from riskzoning.coverage import Coverage
from riskzoning.grid import analysis_grid
from riskzoning.names import Index
from riskzoning.pipeline.stages.exposed import AREA, ExposedMeanSink, ExposedSink, ExposedSums
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
