"""Grades of geological disasters: both sides of every limit, and that the two official scales are kept apart."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.geology.grading import (
    debris_flow_grade,
    debris_flow_score,
    event_grade,
    melton_ratio,
    sinking_index,
    subsidence_grade,
    subsidence_index,
    threat_grade,
    volume_grade,
)


@pytest.mark.parametrize(
    ("criteria", "grade"),
    [
        ({"deaths": 30}, 4),
        ({"deaths": 29}, 3),
        ({"deaths": 10}, 3),
        ({"deaths": 9}, 2),
        ({"deaths": 3}, 2),
        ({"deaths": 2}, 1),
        ({"deaths": 2, "direct_loss": 600}, 3),
        ({"direct_loss": 1000}, 4),
        ({"direct_loss": 99.9}, 1),
        ({"direct_loss": 100}, 2),
        ({"deaths": 0, "direct_loss": 0}, 1),
        ({"deaths": np.nan, "direct_loss": 500}, 3),
    ],
)
def test_what_happened(criteria, grade):
    assert event_grade(**criteria) == grade


@pytest.mark.parametrize(
    ("criteria", "grade"),
    [
        ({"people": 100}, 2),
        ({"people": 99, "potential_loss": 499}, 1),
        ({"people": 10, "potential_loss": 10000}, 4),
        ({"people": 500}, 3),
        ({"people": 1000}, 4),
        ({"potential_loss": 500}, 2),
        ({"potential_loss": 5000}, 3),
    ],
)
def test_what_is_threatened(criteria, grade):
    assert threat_grade(**criteria) == grade


def test_columns_and_missing_criteria():
    with hearing(Journal()) as heard:
        np.testing.assert_array_equal(event_grade(deaths=np.array([30, np.nan, -1])), [4, np.nan, np.nan])
    assert [problem.rule for problem in heard.warnings] == ["geology.negative"]
    np.testing.assert_array_equal(
        threat_grade(people=np.array([100, np.nan]), potential_loss=np.array([np.nan, np.nan])), [2, np.nan]
    )
    with pytest.raises(LayerError, match="one of deaths, direct_loss"):
        event_grade()


REFERENCE = pd.read_csv(Path(__file__).parents[2] / "reference/geology_grades.csv", comment="#")


@pytest.mark.parametrize("row", REFERENCE.to_dict("records"), ids=lambda row: "-".join(map(str, row.values())))
def test_worked_examples(row):
    first, second = (None if np.isnan(row[name]) else row[name] for name in ("first", "second"))
    grade = {
        "event": lambda: event_grade(deaths=first, direct_loss=second),
        "threat": lambda: threat_grade(people=first, potential_loss=second),
        "volume": lambda: volume_grade(first, row["kind"]),
        "subsidence5": lambda: subsidence_grade(first, second),
        "subsidence3": lambda: subsidence_grade(first, second, classes=3),
    }[row["what"]]()
    assert grade == row["grade"]


def test_volumes():
    volumes = np.array([9, 10, 100, 1000, 10000])
    assert volume_grade(volumes, "滑坡").tolist() == [1, 2, 3, 4, 4]
    assert volume_grade(volumes, "landslide", classes=5).tolist() == [1, 2, 3, 4, 5]
    assert volume_grade(np.array([0.9, 1, 10, 100]), "崩塌", classes=5).tolist() == [1, 2, 3, 4]
    assert volume_grade(np.array([1.9, 2, 20, 50]), "debris_flow", version=2).tolist() == [1, 2, 3, 4]
    with pytest.raises(LayerError, match="avalanche"):
        volume_grade(1.0, "avalanche")


def test_debris_flows():
    assert debris_flow_grade(np.array([15, 43, 44, 86, 87, 115, 116, 130])).tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    assert np.isnan(debris_flow_grade(14))
    assert melton_ratio(600, 1e6) == pytest.approx(0.6)
    assert np.isnan(melton_ratio(600, 0))
    with hearing(Journal()) as journal:
        assert melton_ratio(np.array([600, 500]), np.array([1e6, 2.5])).tolist() == pytest.approx([0.6, 316.227766])
    assert [problem.rule for problem in journal.warnings] == ["geology.melton_high"]


def test_the_score_of_a_gully_is_the_sum_of_its_items():
    table = {"slope": {"steep": 12, "flat": 1}, "loose": {"much": 16, "little": 1}}
    assert debris_flow_score({"slope": "steep", "loose": "much"}, table) == 28
    total = debris_flow_score({"a": np.array([60, 20, np.nan]), "b": np.array([56.0, 24, 1])})
    np.testing.assert_array_equal(debris_flow_grade(total), [4, 2, np.nan])
    with pytest.raises(LayerError) as caught:
        debris_flow_score({"slope": "odd", "water": "much"}, table)
    assert caught.value.problems[0].rule == "geology.items"
    with pytest.raises(LayerError):
        debris_flow_score({})


def test_subsidence(make_layer):
    for classes in (5, 3):
        rates = np.linspace(10, -120, 60)
        assert (np.diff(subsidence_grade(rates, classes=classes)) >= 0).all()
    assert np.isnan(subsidence_grade(np.nan))
    assert subsidence_grade(np.nan, -900.0) == 4
    for wrong in ({}, {"rate_mm_a": 1.0, "classes": 4}):
        with pytest.raises(LayerError):
            subsidence_grade(**wrong)
    index = subsidence_index(make_layer(np.array([[5.0, -5.0, -30.0, np.nan]]), "subsidence_rate"))
    np.testing.assert_allclose(index, [[0, 0, 0.5, np.nan]])
    assert (subsidence_index(-20.0), subsidence_index(-20.0, -1000.0)) == (0.375, 0.5625)
    assert subsidence_index(-20.0, -50.0) == 0.375
    assert np.isnan(subsidence_index(np.nan, -1000.0))
    assert index.attrs["quantity"] == "hazard_index"


@pytest.mark.parametrize(
    ("criteria", "grade"),
    [
        ({"people": 10, "river_blocked": True}, 4),
        ({"people": 10, "route_cut": True}, 3),
        ({"people": 1000, "route_cut": True}, 4),
        ({"people": 10, "river_blocked": False, "route_cut": 0}, 1),
        ({"people": 10, "river_blocked": np.nan}, 1),
        ({"route_cut": True}, 3),
    ],
)
def test_what_a_plan_counts_beside_people_and_money(criteria, grade):
    assert threat_grade(**criteria) == grade


def test_numbers_that_came_as_text():
    np.testing.assert_array_equal(event_grade(deaths=np.array(["30", "x", " 2 "], dtype=object)), [4, np.nan, 1])


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("volume", lambda: volume_grade(np.array([9.0, -3.0]), "debris_flow")),
        ("area_m2", lambda: melton_ratio(600.0, -1e6)),
        ("relief_m", lambda: melton_ratio(-600.0, 1e6)),
        ("slope", lambda: debris_flow_score({"collapses": 21, "slope": -9999})),
    ],
)
def test_negative_volumes_areas_and_points_are_refused_by_name(name, call):
    with pytest.raises(LayerError) as caught:
        call()
    (problem,) = caught.value.problems
    assert (problem.rule, dict(problem.about.values)["name"]) == ("geology.negative", name)


COUNTS = st.integers(0, 60)
MONEY = st.floats(0, 20_000)


@settings(max_examples=40, deadline=None)
@given(COUNTS, MONEY, st.integers(0, 40), st.floats(0, 15_000))
def test_the_highest_of_either_criterion_counts_and_more_is_never_less(deaths, loss, more_deaths, more_loss):
    for grade, one, two, many in (
        (event_grade, "deaths", "direct_loss", 1),
        (threat_grade, "people", "potential_loss", 30),
    ):
        both = grade(**{one: many * deaths, two: loss})
        assert both == max(grade(**{one: many * deaths}), grade(**{two: loss}))
        assert 1 <= both <= 4
        assert grade(**{one: many * (deaths + more_deaths), two: loss + more_loss}) >= both
        assert grade(**{one: many * deaths, two: np.nan}) == grade(**{one: many * deaths})


@settings(max_examples=40, deadline=None)
@given(st.floats(-150, 20), st.floats(-4000, 50), st.floats(0, 50), st.floats(0, 500))
def test_the_worse_of_rate_and_sum_counts_and_sinking_more_is_never_less(rate, total, faster, further):
    index = subsidence_index(rate, total)
    assert index == max(sinking_index(rate, "subsidence_rate"), sinking_index(total, "subsidence_total"))
    assert 0 <= index <= subsidence_index(rate - faster, total - further) <= 1
    for classes in (5, 3):
        grade = subsidence_grade(rate, total, classes=classes)
        assert grade == max(subsidence_grade(rate, classes=classes), subsidence_grade(total_mm=total, classes=classes))
        assert grade <= subsidence_grade(rate - faster, total - further, classes=classes)
