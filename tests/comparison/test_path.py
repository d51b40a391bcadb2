"""The way of an index: every unit ends where the second run has it, whatever was exchanged on the way."""

from __future__ import annotations

import numpy as np

from riskzoning.comparison.path import WHOLE, Ends, Leg, legs, moved, regraded
from riskzoning.results import Breaks

CUT = Breaks("fixed", (0.3, 0.6, 1.0))


def ends(*, same: bool = True, last: int = 2) -> Ends:
    values = np.array([0.2, 0.5, 0.5, np.nan]), np.array([0.7, 0.5, 0.5 + 1e-9, np.nan])
    return Ends(values, (np.array([1, 2, 2, 0]), np.array([3, 2, last, 0])), CUT, same)


def told(steps: list[Leg]) -> list[tuple[str, list[int], list[float], list[int]]]:
    return [
        (leg.part, np.flatnonzero(leg.where).tolist(), np.round(leg.after[leg.where], 9).tolist(),
         np.asarray(leg.grade_after)[leg.where].tolist())
        for leg in steps
    ]  # fmt: skip


def test_the_last_step_of_a_unit_ends_in_the_stored_value() -> None:
    made = [("a", np.array([0.4, 0.5, 0.5, np.nan])), ("b", np.array([0.7 + 1e-8, 0.5, 0.5, np.nan]))]
    steps = list(legs(ends(), made))
    # What moves by less than can be made again is one step that is not taken apart.
    assert told(steps) == [("a", [0], [0.4], [2]), ("b", [0], [0.7], [3]), (WHOLE, [2], [0.500000001], [2])]
    assert steps[1].after[0] == 0.7


def test_without_anything_made_again_there_is_one_step() -> None:
    assert told(list(legs(ends(), []))) == [(WHOLE, [0, 2], [0.7, 0.500000001], [3, 2])]


def test_other_breaks_leave_the_grade_to_a_step_of_their_own() -> None:
    own = ends(same=False, last=1)
    (step,) = legs(own, [])
    assert np.asarray(step.grade_after).tolist() == [3, 2, 2, 0], "by the breaks of the first run"
    last = regraded(own, [])
    assert (np.flatnonzero(last.where).tolist(), np.asarray(last.grade_after)[2]) == ([2], 1)


def test_a_grade_that_does_not_follow_from_its_index_stays_until_the_last_step() -> None:
    values = np.array([0.2]), np.array([0.7])
    odd = Ends(values, (np.array([2]), np.array([1])), CUT, True)
    made = [("a", np.array([0.4])), ("b", np.array([0.7]))]
    assert told(list(legs(odd, made))) == [("a", [0], [0.4], [2]), ("b", [0], [0.7], [1])]


def test_missing_in_both_has_not_moved() -> None:
    one, other = np.array([np.nan, np.nan, 1.0]), np.array([np.nan, 1.0, 1.0 + 1e-13])
    assert moved(one, other, 1e-12).tolist() == [False, True, False]
