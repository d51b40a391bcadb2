"""From susceptibility to hazard: triggers, matrices and probabilities, with their laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import LayerError
from riskzoning.hazards.geology import (
    event_probability,
    matrix_grade,
    trigger_class,
    trigger_factor,
    yearly_probability,
)
from riskzoning.hazards.geology.trigger import share_called, trigger_matrix, trigger_middle
from riskzoning.methods.ladders import load_ladder


def test_rain_calls_up_more_and_what_is_not_known_all():
    rain = np.array([0, 100, 175, 250, 900, np.nan])
    np.testing.assert_allclose(trigger_factor(rain, low=100, high=250), [0.5, 0.5, 0.75, 1, 1, 1])
    np.testing.assert_allclose(share_called(rain, low=100, high=250, floor=0.0), [0, 0, 0.5, 1, 1, 1])
    with pytest.raises(LayerError) as caught:
        trigger_factor(rain, low=250, high=100)
    assert caught.value.problems[0].rule == "geology.trigger"


def test_the_default_matrix_never_falls_and_never_exceeds_both():
    row, column = np.meshgrid(np.arange(1, 5), np.arange(1, 5), indexing="ij")
    grades = matrix_grade(row, column)
    assert grades.tolist() == [[1, 1, 2, 2], [1, 2, 2, 3], [2, 2, 3, 4], [2, 3, 4, 4]]
    assert (np.diff(grades, axis=0) >= 0).all()
    assert (np.diff(grades, axis=1) >= 0).all()
    assert (grades <= np.maximum(row, column)).all()


def test_what_has_no_class_has_no_grade_and_a_matrix_may_be_the_users(make_layer):
    assert matrix_grade(np.array([0, 5, 2, np.nan]), np.array([1, 1, 0, 3])).tolist() == [0, 0, 0, 0]
    own = [[1, 2, 3], [2, 3, 3]]
    layer = matrix_grade(make_layer(np.array([[1, 2]]), "grade"), make_layer(np.array([[3, 1]]), "grade"), matrix=own)
    assert layer.values.tolist() == [[3, 2]]
    lazy = make_layer(np.array([[1, 2]]), "grade").chunk(x=1)
    assert matrix_grade(lazy, lazy, matrix=own).chunks is not None
    for wrong, rule in (([[1, 2], [1]], "geology.matrix"), ([[2, 1], [2, 3]], "geology.matrix_falls")):
        with pytest.raises(LayerError) as caught:
            matrix_grade(1, 1, matrix=wrong)
        assert caught.value.problems[0].rule == rule


def test_classes_of_rain_are_closed_at_the_left():
    assert trigger_class(np.array([49.9, 50, 99.9, 100, 250])).tolist() == [1, 2, 2, 3, 4]
    assert np.isnan(trigger_class(np.nan))


@given(st.floats(1, 1e5), st.integers(1, 200))
def test_the_chance_of_a_return_period_grows_with_the_years(period, years):
    once, longer = yearly_probability(period, years), yearly_probability(period, years + 1)
    assert 0 < once <= longer <= 1
    assert yearly_probability(period) == pytest.approx(1 / period)


def test_chances_of_nothing_are_missing():
    assert np.isnan(yearly_probability(0.5))
    assert np.isnan(event_probability(3, 0, 10))
    assert event_probability(0, 100, 10) == 0
    assert event_probability(5, 1000, 20) == pytest.approx(1 - np.exp(-5 / 20000))


def test_classes_of_shaking_are_those_of_intensity():
    assert trigger_class(np.array([0.05, 0.09, 0.189, 0.19, 0.4]), "pga").tolist() == [1, 2, 2, 3, 4]
    with pytest.raises(LayerError) as caught:
        trigger_class(0.1, "snow")
    assert caught.value.problems[0].rule == "geology.trigger_kind"


def test_the_matrix_gives_the_middle_of_its_class_and_leaves_safe_ground_alone():
    """Rows 1..4 by index, columns by rain 30, 60, 120, 300 mm: classes 1..4 of the default matrix, by hand."""
    matrix = trigger_matrix(load_ladder("geology/landslide"))
    index = np.array([0.0, 0.25, 0.26, 0.6, 0.9, np.nan])
    rain = np.array([300.0, 300.0, 60.0, np.nan, 30.0, 300.0])
    made = trigger_middle(index, rain, grades=matrix["grades"], limits=[matrix["rain"]])
    # Class 1 with 4 -> 2; 2 with 2 -> 2; 3 with what nobody knows -> 4; 4 with 1 -> 2.
    np.testing.assert_allclose(made, [0.0, 0.375, 0.375, 0.875, 0.375, np.nan])
    worse = trigger_middle(
        index, rain, np.full(6, 0.2), grades=matrix["grades"], limits=[matrix["rain"], matrix["pga"]]
    )
    np.testing.assert_allclose(worse[4], 0.875)  # class 3 of shaking is worse than class 1 of rain


@pytest.mark.parametrize(
    "change",
    [
        {"matrix": [[1, 2], [2, 3]]},
        {"rain": [50, 100]},
        {"matrix": [[1, 1, 2, 2], [1, 2, 2, 3], [2, 2, 3, 4], [2, 3, 4, 5]]},
    ],
)
def test_a_matrix_that_does_not_fit_the_classes_is_refused(change):
    ladder, data = load_ladder("geology/landslide"), dict(standards.table("hazards/geology_matrix").data)
    with standards.session({"hazards/geology_matrix": {"data": data | change}}), pytest.raises(LayerError) as caught:
        trigger_matrix(ladder)
    assert caught.value.problems[0].rule == "geology.matrix_shape"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 5000), st.integers(1, 10_000), st.floats(1, 100), st.integers(0, 500))
def test_more_events_on_the_same_ground_are_never_less_probable(events, cells, years, more):
    chance, likelier = event_probability(events, cells, years), event_probability(events + more, cells, years)
    assert 0 <= chance <= likelier <= 1
    assert event_probability(events, cells + more, years) <= chance
    # Twice the record with twice the events says the same.
    assert event_probability(2 * events, cells, 2 * years) == pytest.approx(chance)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 2), st.integers(0, 2))
def test_a_higher_class_never_has_a_lower_grade(row, column, more_rows, more_columns):
    grade = matrix_grade(row, column)
    known = 1 <= row <= 4 and 1 <= column <= 4
    assert grade == 0 if not known else 1 <= grade <= max(row, column)
    if known:
        assert matrix_grade(min(row + more_rows, 4), min(column + more_columns, 4)) >= grade
