"""Every hazard on one scale: equal index means equal class, zero means that it does not act."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import StandardTableError
from riskzoning.methods.ladders import Ladder, index_breaks, load_ladder

EVERY = [
    f"{name.removeprefix('ladders/')}/{part}" if part else name.removeprefix("ladders/")
    for name in standards.table_names()
    if name.startswith("ladders/")
    for part in (
        [""]
        if "limits" in standards.shipped_table(name).data
        else [k for k, v in standards.shipped_table(name).data.items() if isinstance(v, dict) and "limits" in v]
    )
]


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_corners_of_every_ladder(name: str, kind: type) -> None:
    ladder = load_ladder(name)
    steps = np.array([ladder.none, *ladder.limits, ladder.full], dtype=kind)
    assert ladder.index(steps).tolist() == np.array([0, *index_breaks(ladder.k)], dtype=kind).tolist()
    beyond = np.array([ladder.none - 1, ladder.full * 2 + 1, np.nan, np.inf], dtype=kind)
    np.testing.assert_array_equal(ladder.index(beyond), [0, 1, np.nan, np.nan])


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_the_grade_of_the_index_is_the_grade_of_the_measure(name: str, kind: type) -> None:
    ladder = load_ladder(name)
    steps = np.array([ladder.none, *ladder.limits, ladder.full], dtype=kind)
    values = np.unique(np.concatenate([np.linspace(ladder.none - 1, ladder.full + 1, 997, dtype=kind), steps]))
    np.testing.assert_array_equal(ladder.grade_of_index(ladder.index(values)), ladder.grade(values))
    grades = dict(zip(values.tolist(), ladder.grade(values).tolist(), strict=True))
    upper = 1 if ladder.closed == "left" else 0
    for place, limit in enumerate(np.array(ladder.limits, dtype=kind).tolist(), start=1):
        assert grades[limit] == place + upper


@given(st.lists(st.floats(-10, 1000), min_size=2, max_size=30), st.sampled_from(EVERY))
def test_never_falls_with_the_measure_and_knows_nobody_else(values: list[float], name: str) -> None:
    ladder = load_ladder(name)
    whole = ladder.index(np.array(values))
    assert np.all((whole >= 0) & (whole <= 1))
    assert np.all(np.diff(ladder.index(np.sort(values))) >= 0)
    assert ladder.index(np.array(values[:1])).tolist() == whole[:1].tolist()


@pytest.mark.parametrize(
    ("name", "measure", "index"),
    [
        ("meteorology/rainstorm", 0.7, 0.175),
        ("meteorology/rainstorm", 2.0, 0.5),
        ("meteorology/rainstorm", 4.3, 0.83),
        ("meteorology/dry_hot_wind", 0.21, 0.0525),
        ("meteorology/continuous_rain", 0.1, 0.75),
        ("geology/subsidence_rate", 20.0, 0.375),
        ("geology/subsidence_total", 1000.0, 0.5625),
    ],
)
def test_worked_examples(name: str, measure: float, index: float) -> None:
    assert load_ladder(name).index(np.array([measure]))[0] == pytest.approx(index)


def test_left_closed_examples_have_the_higher_grade() -> None:
    assert load_ladder("meteorology/rainstorm").grade(np.array([2.0])).tolist() == [3]
    assert load_ladder("meteorology/continuous_rain").grade(np.array([0.1])).tolist() == [4]


def test_a_falling_ladder_is_more_severe_the_smaller_the_measure() -> None:
    ladder = Ladder("visibility", none=1000, limits=(500, 200, 50), full=10, units="m", closed="left", direction=-1)
    values = np.array([2000.0, 1000, 500, 499, 50, 10, 0])
    assert ladder.index(values).tolist() == [0, 0, 0.25, pytest.approx(0.25 + 0.25 / 300), 0.75, 1, 1]
    assert ladder.grade(values).tolist() == [1, 1, 2, 2, 4, 4, 4]
    np.testing.assert_array_equal(ladder.grade_of_index(ladder.index(values)), ladder.grade(values))


@pytest.mark.parametrize("contain", [np.asarray, pd.Series, lambda values: da.from_array(values, chunks=2)])
def test_containers_stay_what_they_are(contain: Any) -> None:
    ladder, values = load_ladder("flood"), np.array([0.0, 0.25, 0.6, np.nan])
    given_values = contain(values)
    index, grades = ladder.index(given_values), ladder.grade(given_values)
    assert type(index) is type(given_values)
    np.testing.assert_allclose(np.asarray(index), [0, 0.25, 0.6, np.nan])
    assert np.asarray(grades).tolist() == [1, 1, 3, 0]


def test_layers_are_described_and_stay_lazy(make_layer: Any) -> None:
    layer = make_layer(np.array([[0.0, 0.09], [0.38, np.nan]]), "pga").chunk(1)
    index = load_ladder("earthquake").index(layer)
    assert index.attrs["quantity"] == "hazard_index"
    assert index.attrs["ladder"] == "earthquake"
    assert index.chunks is not None
    np.testing.assert_allclose(index.values, [[0, 0.25], [0.75, np.nan]])


@pytest.mark.parametrize(("limits", "full"), [((2, 1), 3), ((1, 1), 2), ((1, 2), 2), ((), 1), ((1, float("nan")), 3)])
def test_steps_that_do_not_rise_are_refused(limits: tuple[float, ...], full: float) -> None:
    with pytest.raises(StandardTableError) as caught:
        Ladder("own", none=0, limits=limits, full=full, units="m")
    assert caught.value.problems[0].rule == "ladder.steps"


def test_the_scheme_has_as_many_classes_as_the_ladder() -> None:
    assert load_ladder("geology/landslide").scheme == "geology_4"
    assert Ladder("own", none=0, limits=(1, 2, 3, 4), full=5, units="m").scheme == "risk_5"
    assert Ladder("own", none=0, limits=(1, 2), full=5, units="m").scheme == ""
    for limits, scheme in (((1, 2, 3), "risk_5"), ((1, 2, 3), "own_4"), ((1, 2), "hazard_4")):
        with pytest.raises(StandardTableError) as caught:
            Ladder("own", none=0, limits=limits, full=5, units="m", scheme=scheme)
        assert caught.value.problems[0].rule == "ladder.scheme"


def test_an_unknown_or_incomplete_ladder_says_which_there_are() -> None:
    with pytest.raises(StandardTableError) as caught:
        load_ladder("meteorology/sandstorm")
    assert caught.value.problems[0].rule == "ladder.unknown"
    assert "gale" in str(caught.value)
    with (
        standards.session({"ladders/flood": {"data": {"limits": [1, 2]}}}),
        pytest.raises(StandardTableError) as lacking,
    ):
        load_ladder("flood")
    assert lacking.value.problems[0].rule == "ladder.form"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=4, max_size=7, unique=True),
    st.sampled_from(["left", "right"]),
    st.sampled_from([1, -1]),
    st.lists(st.integers(-4000, 4000).map(lambda part: part / 64), max_size=20),
)
def test_laws_of_any_ladder(steps: list[int], closed: Any, direction: Any, values: list[float]) -> None:
    steps = sorted(steps, reverse=direction < 0)
    limits = tuple(map(float, steps[1:-1]))
    ladder = Ladder("own", none=steps[0], limits=limits, full=steps[-1], units="m", closed=closed, direction=direction)
    # Beside each step also the next numbers that a computer knows: their index rounds to that of the limit.
    beside = [np.nextafter(np.array(steps, float), side) for side in (-np.inf, np.inf)]
    measures = np.array([*values, *steps, *np.subtract(steps, 1e-9), *np.add(steps, 1e-9), *beside[0], *beside[1]])
    index = np.asarray(ladder.index(measures))
    assert ((index >= 0) & (index <= 1)).all()
    assert (index[direction * measures <= direction * steps[0]] == 0).all()
    assert (index[direction * measures >= direction * steps[-1]] == 1).all()
    assert (np.diff(index[np.argsort(direction * measures)]) >= 0).all()
    np.testing.assert_array_equal(ladder.grade_of_index(ladder.index(measures)), ladder.grade(measures))
    side: Any = "left" if closed == "right" else "right"
    counted = np.searchsorted(direction * np.array(limits), direction * measures, side=side) + 1
    np.testing.assert_array_equal(ladder.grade(measures), counted)
    # Nobody else counts: cut in two, each half has what the whole has.
    halves = [ladder.index(part) for part in np.array_split(measures, 2)]
    np.testing.assert_array_equal(np.concatenate(halves), index)
