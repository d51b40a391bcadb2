"""Lightning: strokes that count, density that keeps their number, fuzzy levels by hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.meteorology.lightning import (
    kept_strokes,
    lightning_density,
    lightning_intensity,
    lightning_level,
    lightning_risk,
    lightning_site,
    memberships,
    thunder_day_density,
)

LIMITS = {"strokes": [24.5, 49, 73.5, 98], "current": [34.5, 69, 103.5, 138]}


def strokes(grid: GeoBox, current: list[float]) -> gpd.GeoDataFrame:
    left, bottom, right, top = grid.boundingbox
    x = np.linspace(left + (right - left) * 0.4, left + (right - left) * 0.6, len(current))
    points = gpd.GeoSeries.from_xy(x, np.full(len(current), (bottom + top) / 2), crs=grid.crs)
    return gpd.GeoDataFrame({"current_ka": current}, geometry=points)


@pytest.mark.parametrize(
    ("strokes_per_hour", "current", "expected", "level"),
    [(95.0, 64.0, [0.047, 0.277, 0.083, 0.594], 4), (24.0, 67.0, [0.374, 0.626, 0.0, 0.0], 2)],
)
def test_fuzzy_levels_by_hand(strokes_per_hour: float, current: float, expected: list[float], level: int) -> None:
    made = lightning_level({"strokes": strokes_per_hour, "current": current}, LIMITS)
    np.testing.assert_allclose(made.memberships, expected, atol=6e-4)
    assert made.memberships.sum() == pytest.approx(1)
    assert made.level == level


def test_weights_are_the_values_by_the_mean_of_their_limits() -> None:
    raw = np.array([95 / 61.25, 64 / 86.25])
    np.testing.assert_allclose(raw, [1.551, 0.742], atol=5e-4)
    np.testing.assert_allclose(raw / raw.sum(), [0.676, 0.324], atol=5e-4)
    with pytest.raises(LayerError) as caught:
        lightning_level({"strokes": 1.0, "hail": 2.0}, LIMITS)
    assert caught.value.problems[0].rule == "meteorology.fuzzy"


def test_memberships_rise_and_fall_and_hold_beyond_the_ends() -> None:
    assert memberships(0.0, [1, 2, 3]).tolist() == [1, 0, 0]
    assert memberships(9.0, [1, 2, 3]).tolist() == [0, 0, 1]
    assert memberships(1.5, [1, 2, 3]).tolist() == [0.5, 0.5, 0]
    assert memberships(1.5, [3, 2, 1]).tolist() == [0, 0.5, 0.5]


@pytest.mark.parametrize(
    ("density", "current", "soil", "points", "grade"),
    [(0.1, 1, 9000, 1, 1), (2.5, 30, 650, 5, 3), (9, 99, 10, 9, 5), (1.5, 15, 2000, 3, 2)],
)
def test_points_of_a_site(density: float, current: float, soil: float, points: float, grade: int) -> None:
    assert lightning_site(density, current, soil) == (pytest.approx(points), grade)
    assert lightning_site(density, current, soil, weights=(2, 1, 1))[1] == grade


def test_weak_and_absurd_currents_do_not_count(hazard_grid: GeoBox) -> None:
    with hearing(Journal()) as heard:
        kept = kept_strokes(strokes(hazard_grid, [-46.0, 2.0, 250.0, 199.0, np.nan]))
    assert kept["current_ka"].tolist() == [-46.0, 199.0]
    assert [dict(problem.values)["count"] for problem in heard.dropped] == [3]
    plain = strokes(hazard_grid, [1.0]).drop(columns="current_ka")
    assert kept_strokes(plain) is plain
    with pytest.raises(LayerError):
        kept_strokes(plain, current="peak")


def test_density_keeps_the_number_of_strokes(hazard_grid: GeoBox) -> None:
    points = strokes(hazard_grid, [30.0] * 50)
    density = lightning_density(points, hazard_grid, years=2.0)
    cell = abs(hazard_grid.affine.a * hazard_grid.affine.e) / 1e6
    assert float(density.sum()) * cell == pytest.approx(25, rel=0.02)
    with pytest.raises(LayerError) as caught:
        lightning_density(points, hazard_grid, years=0)
    assert caught.value.problems[0].rule == "meteorology.lightning_years"
    assert thunder_day_density(np.array([20.0, 30.0])).tolist() == [2.0, 3.0]
    for wrong in (750.0, [20, -1]):
        with pytest.raises(LayerError) as caught:
            thunder_day_density(wrong)
        assert caught.value.problems[0].rule == "meteorology.thunder_days"


def test_the_stronger_currents_count_more() -> None:
    current, cell = np.arange(1.0, 101.0), np.r_[np.zeros(90, int), np.ones(10, int)]
    few, strong = lightning_intensity(current, cell, cells=2)
    assert strong > few
    assert 0.5 <= few <= strong <= 1
    with pytest.raises(LayerError):
        lightning_intensity([], [], cells=2)


def test_strokes_of_a_city(city_data: Path) -> None:
    table = pd.read_csv(city_data / "meteorology" / "lightning_2019.csv")
    points = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table.longitude, table.latitude), crs="EPSG:4490")
    with hearing(Journal()):
        kept = kept_strokes(points)
    assert 0.9 < len(kept) / len(points) <= 1


STROKES, GROUND = ("density", "intensity"), ("soil", "elevation", "terrain")
HIT = ("population", "gdp", "casualties", "losses", "protection")


def test_risk_of_lightning_by_hand() -> None:
    given = {"density": 0.9, "intensity": 0.6, "soil": 0.5, "elevation": 0.8, "terrain": 0.7}
    given |= {"population": 0.9, "gdp": 0.6, "casualties": 0.5, "losses": 0.6, "protection": 0.75}
    weights = {
        "density": 6,
        "intensity": 4,
        "soil": 0.5,
        "elevation": 0.3,
        "terrain": 0.2,
        "population": 0.7,
        "gdp": 0.3,
    }
    weights |= {"casualties": 0.4, "losses": 0.4, "protection": 0.2}
    made = lightning_risk(given, weights=weights, parts={"hazard": 0.6, "exposure": 0.25, "fragility": 0.15})
    # (0.9 x 0.6 + 0.6 x 0.4) x (0.5 x 0.5 + 0.8 x 0.3 + 0.7 x 0.2) = 0.78 x 0.63
    assert made.hazard == pytest.approx(0.4914)
    assert made.exposure == pytest.approx(0.81)
    # 0.5 x 0.4 + 0.6 x 0.4 + (1 - 0.75) x 0.2
    assert made.fragility == pytest.approx(0.49)
    assert made.risk == pytest.approx(0.4914 * 0.6 * (0.81 * 0.25 + 0.49 * 0.15))


def test_risk_of_lightning_of_arrays_rises_with_all_but_protection() -> None:
    rng = np.random.default_rng(5)
    given = {name: rng.uniform(0.2, 0.8, 20) for name in (*STROKES, *GROUND, *HIT)}
    given["soil"][3] = np.nan
    plain = lightning_risk(given).risk
    assert np.flatnonzero(np.isnan(plain)).tolist() == [3]
    for name in given:
        more = lightning_risk({**given, name: given[name] + 0.1}).risk
        assert ((more < plain) if name == "protection" else (more > plain))[np.isfinite(plain)].all()
        assert (more >= 0).sum() == (more <= 1).sum() == 19


def test_what_lacks_and_what_is_not_scaled_is_said_at_once() -> None:
    with pytest.raises(LayerError) as caught:
        lightning_risk({"density": 3.0, "soils": 0.5}, weights={"rain": 1.0})
    rules = [problem.rule for problem in caught.value.problems]
    assert rules == ["meteorology.lightning_lacks", "meteorology.lightning_names", "meteorology.lightning_scaled"]
    even = dict.fromkeys((*STROKES, *GROUND, *HIT), 0.5)
    with pytest.raises(LayerError) as caught:
        lightning_risk(even, weights={"population": 0.0, "gdp": 0.0})
    assert caught.value.problems[0].rule == "meteorology.lightning_weights"


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 200), st.floats(0.1, 300), st.lists(st.floats(0.1, 300), min_size=4, max_size=4, unique=True))
def test_memberships_are_shares_of_two_neighbours(value: float, current: float, limits: list[float]) -> None:
    limits = sorted(round(limit, 1) + step for step, limit in enumerate(sorted(limits)))
    made = memberships(value, limits)
    assert made.sum() == pytest.approx(1)
    assert (made >= 0).all()
    held = np.flatnonzero(made > 0)
    assert held[-1] - held[0] <= 1
    if limits[0] <= value <= limits[-1]:
        # Triangles: the limits weighed by their memberships give the value back.
        assert np.dot(made, limits) == pytest.approx(value, rel=1e-9, abs=1e-9)
    level = lightning_level({"strokes": value, "current": current}, {"strokes": limits, "current": LIMITS["current"]})
    assert level.memberships.sum() == pytest.approx(1)
    assert level.level == 1 + int(np.argmax(level.memberships))
