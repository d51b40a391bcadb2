"""The way of an index from one run to the other: values and grades of all units after each part was exchanged."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskzoning.methods.classification import grade_values
from riskzoning.results import Breaks

Numbers = NDArray[np.float64]
Marks = NDArray[np.bool_]
Grades = NDArray[np.int64]
# Of the larger of 1 and the value: what differs less is the arithmetic of another machine.
SAME = 1e-12
# Indices of cells are kept in single precision: so far may a unit that is made again lie from the stored one.
MADE_AGAIN = 1e-6
# What could not be taken apart.
WHOLE = "whole"


def moved(one: Numbers, other: Numbers, least: float) -> Marks:
    """Where two values are not the same; missing in both is the same."""
    apart = np.abs(one - other) > least * np.maximum(1.0, np.abs(one))
    missing = np.isnan(one), np.isnan(other)
    return np.asarray(np.where(missing[0] | missing[1], missing[0] != missing[1], apart))


class Leg(NamedTuple):
    """One step of the units that take it: the part exchanged, values and grades at both ends."""

    part: str
    where: Marks
    before: Numbers
    after: Numbers
    grade_before: Grades | None
    grade_after: Grades | None


@dataclass(frozen=True)
class Ends:
    """An index in both runs: stored values, stored grades, and how the first run cuts it into classes."""

    values: tuple[Numbers, Numbers]
    grades: tuple[Grades, Grades]
    cut: Breaks | None
    same_cut: bool


def legs(ends: Ends, made: Sequence[tuple[str, Numbers]]) -> Iterator[Leg]:
    """The steps from the first run to the second; ``made``: the index after each part was exchanged.

    The last step of a unit ends in its stored value. Without other breaks it ends in the stored grade as well; what
    other breaks make of the value that was reached is told by :func:`regraded`.
    """
    parts, values = _values(ends, made)
    grades = _grades(ends, values)
    for place, part in enumerate(parts):
        old, new = values[place], values[place + 1]
        where = moved(old, new, 0.0)
        if where.any():
            yield Leg(part, where, old, new, grades[place], grades[place + 1])


def regraded(ends: Ends, made: Sequence[tuple[str, Numbers]]) -> Leg:
    """The step in which only the grade changes: by other breaks, or because it does not follow from the index."""
    _, values = _values(ends, made)
    reached = _grades(ends, values)[-1]
    return Leg("grade", reached != ends.grades[1], values[-1], values[-1], reached, ends.grades[1])


def _values(ends: Ends, made: Sequence[tuple[str, Numbers]]) -> tuple[list[str], list[Numbers]]:
    """The values after each part; a unit moves by more than the rounding of what is stored, or stays."""
    start, end = ends.values
    end = np.where(moved(start, end, SAME), end, start)
    parts, values = [part for part, _ in made], [start]
    for _, new in made:
        values.append(np.where(moved(values[-1], new, MADE_AGAIN), new, values[-1]))
    steps = np.zeros((len(parts), len(start)), bool)
    for place, (old, new) in enumerate(itertools.pairwise(values)):
        steps[place] = moved(old, new, 0.0)
    ever = steps.any(axis=0)
    if ever.any():
        last = len(parts) - 1 - steps[::-1].argmax(axis=0)
        values = [np.where(ever & (place > last), end, value) for place, value in enumerate(values)]
    # What moves less than can be made again moves in one step that is not taken apart.
    return [*parts, WHOLE], [*values, end]


def _grades(ends: Ends, values: Sequence[Numbers]) -> list[Grades]:
    """The grades at each value by the breaks of the first run."""
    first, final = ends.grades
    graded = [_cut(value, ends.cut) for value in values]
    # A unit whose grade does not follow from its value (the city, from those below it) keeps it on the way.
    follows = graded[0] == first
    out = [first]
    for place in range(1, len(values)):
        steps = moved(values[place - 1], values[place], 0.0)
        out.append(np.where(steps & follows, graded[place], out[-1]))
    if not ends.same_cut:
        return out
    still = np.ones(len(first), bool)
    for place in range(len(values) - 1, 0, -1):
        steps = moved(values[place - 1], values[place], 0.0)
        # From the last step of a unit on, its grade is the stored one.
        out[place] = np.where(still & _any(values, place, steps), final, out[place])
        still &= ~steps
    return out


def _any(values: Sequence[Numbers], place: int, steps: Marks) -> Marks:
    """Where a unit has moved at this step or before it."""
    return steps | np.asarray(moved(values[0], values[place], 0.0))


def _cut(values: Numbers, cut: Breaks | None) -> Grades:
    if cut is None or not cut.bounds:
        return np.full(len(values), -1, dtype=np.int64)
    graded: Any = grade_values(values, cut.bounds, closed=cut.closed)
    return np.asarray(graded, dtype=np.int64)
