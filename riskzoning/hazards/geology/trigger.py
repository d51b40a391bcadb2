"""From susceptibility to hazard: rain or shaking as the trigger, matrices of classes, yearly probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.layers.numbers import limits_like
from riskzoning.layers.plausible import takes
from riskzoning.methods.ladders import Ladder

_TABLE = "hazards/geology_matrix"
_KINDS = ("rain", "pga")
_ROUNDING = 1e-9


@takes()
def trigger_factor(trigger: Cells, *, low: float, high: float, floor: float = 0.5) -> Any:
    """How much of the susceptibility a trigger calls up: the floor up to a value, 1 from another on, linear between.

    Parameters
    ----------
    trigger : number, array or layer
        Rain of a return period (mm), or peak ground acceleration (g).
    low, high : float
        Where the factor begins to rise, and from where it is 1; fixed, not those of the study.
    floor : float
        Least factor, 0..1: little rain is not no hazard.

    Returns
    -------
    number, array or layer
        ``floor``..1; 1 where the trigger is not known.

    Raises
    ------
    LayerError
        ``low`` is not below ``high``, or the floor not in 0..1.

    Examples
    --------
    >>> trigger_factor(np.array([80.0, 175.0, 300.0]), low=100, high=250).tolist()
    [0.5, 0.75, 1.0]
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high and 0 <= floor <= 1):
        thing = Phrase("parameter", name="low, high, floor")
        raise LayerError(Problem("geology.trigger", thing, low=low, high=high, floor=floor))
    return by_cell(partial(share_called, low=low, high=high, floor=floor), trigger, quantity="susceptibility")


def share_called(values: Array, *, low: float, high: float, floor: float) -> Array:
    """The kernel of :func:`trigger_factor`."""
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.where(np.isfinite(share), floor + (1 - floor) * share, 1.0)


@takes()
def matrix_grade(rows: Cells, columns: Cells, *, matrix: Sequence[Sequence[int]] | None = None) -> Any:
    """Grade by a matrix of two gradings, e.g. susceptibility and trigger, or hazard and vulnerability.

    Parameters
    ----------
    rows, columns : number, array or layer
        Classes 1, 2, ... from low to high; 0 or NaN is no class.
    matrix : rows of int, optional
        ``matrix[row - 1][column - 1]``; default: the 4 x 4 matrix of ``hazards/geology_matrix``, a proposal.

    Returns
    -------
    number, array or layer
        Grade; 0 where a class is missing or beyond the matrix.

    Raises
    ------
    LayerError
        The matrix is not one, or falls along a row or column.

    Examples
    --------
    >>> matrix_grade(np.array([1, 3, 4, 0]), np.array([4, 3, 4, 2])).tolist()
    [2.0, 3.0, 4.0, 0.0]
    """
    table = standards.table(_TABLE).data["matrix"] if matrix is None else matrix
    told = [str(list(row)) for row in table]
    if len({len(row) for row in table}) != 1 or not len(table[0]):
        raise LayerError(Problem("geology.matrix", Phrase("geology_matrix"), matrix=told))
    grades = np.asarray(table, dtype=np.float64)
    if (np.diff(grades, axis=0) < 0).any() or (np.diff(grades, axis=1) < 0).any():
        raise LayerError(Problem("geology.matrix_falls", Phrase("geology_matrix"), matrix=told))
    return by_cell(partial(_looked_up, grades=grades), rows, columns, quantity="hazard_grade")


def _looked_up(rows: Array, columns: Array, *, grades: Array) -> Array:
    row, column = np.nan_to_num(rows).astype(np.intp), np.nan_to_num(columns).astype(np.intp)
    known = (row >= 1) & (row <= grades.shape[0]) & (column >= 1) & (column <= grades.shape[1])
    return np.where(known, grades[np.where(known, row - 1, 0), np.where(known, column - 1, 0)], 0.0)


@takes()
def trigger_class(trigger: Cells, kind: Literal["rain", "pga"] = "rain") -> Any:
    """Class of the rain of a return period (24 h), or of shaking, for the matrix, 1..4.

    Parameters
    ----------
    trigger : number, array or layer
        mm in 24 hours, or peak ground acceleration in g.
    kind : {"rain", "pga"}
        Whose limits of ``hazards/geology_matrix`` count; a limit belongs to the higher class.

    Returns
    -------
    number, array or layer
        NaN where the trigger is missing.

    Raises
    ------
    LayerError
        The table has no limits of that kind.

    Examples
    --------
    >>> trigger_class(np.array([49.9, 50.0, 120.0, 260.0])).tolist()
    [1.0, 2.0, 3.0, 4.0]
    >>> trigger_class(0.2, "pga")
    3.0
    """
    table = standards.table(_TABLE).data
    if kind not in _KINDS:
        thing = Phrase("parameter", name="kind")
        raise LayerError(Problem("geology.trigger_kind", thing, value=str(kind), known=list(_KINDS)))
    return by_cell(partial(_class_of, limits=table[kind]), trigger, quantity="hazard_grade")


def trigger_matrix(ladder: Ladder) -> dict[str, Any]:
    """The matrix of a study and the limits of its columns, for :func:`trigger_middle`."""
    table = standards.table(_TABLE).data
    grades, limits = np.asarray(table["matrix"], dtype=object), {kind: list(table[kind]) for kind in _KINDS}
    matrix_grade(1, 1, matrix=table["matrix"])
    wrong = grades.shape[0] != ladder.k or any(len(one) + 1 != grades.shape[1] for one in limits.values())
    if wrong or not set(grades.ravel()) <= set(range(1, ladder.k + 1)):
        thing, told = Phrase("geology_matrix"), [str(list(row)) for row in table["matrix"]]
        raise LayerError(Problem("geology.matrix_shape", thing, matrix=told, rows=ladder.k, top=ladder.k))
    return {"grades": table["matrix"], **limits}


def trigger_middle(
    index: Array, *triggers: Array, grades: Sequence[Sequence[int]], limits: Sequence[Sequence[float]]
) -> Array:
    """The middle of the class that the matrix gives to the class of an index and to the worst trigger; 0 stays 0."""
    table = np.asarray(grades, dtype=np.float64)
    rows, columns = table.shape
    # A trigger that is not known calls up all that is susceptible, as in the product.
    classes = [np.nan_to_num(_class_of(one, limits=few), nan=columns) for one, few in zip(triggers, limits)]
    # 0.1 x 3 is a little more than 0.3: a limit stays in the lower class.
    row = np.clip(np.ceil(np.nan_to_num(index) * rows - _ROUNDING), 1, rows).astype(np.intp)
    middle = (table[row - 1, np.maximum.reduce(classes).astype(np.intp) - 1] - 0.5) / rows
    return np.where(np.isnan(index), np.nan, np.where(index > 0, middle, 0.0))


def _class_of(values: Array, *, limits: Sequence[float]) -> Array:
    return np.where(
        np.isfinite(values), np.searchsorted(limits_like(limits, values), values, side="right") + 1.0, np.nan
    )


@takes()
def yearly_probability(period: Cells, years: float = 1.0) -> Any:
    """Probability that what returns every ``period`` years happens within some years: ``1 - (1 - 1/T)^t``.

    Parameters
    ----------
    period : number, array or layer
        Return period T, years, 1 or more.
    years : float

    Returns
    -------
    number, array or layer
        0..1; NaN where the period is missing or below 1.

    Examples
    --------
    >>> round(yearly_probability(100.0), 6), round(yearly_probability(100.0, 50), 6)
    (0.01, 0.394994)
    """
    return by_cell(partial(_within, years=years), period)


def _within(period: Array, *, years: float) -> Array:
    known = np.isfinite(period) & (period >= 1)
    return np.where(known, 1 - (1 - 1 / np.where(known, period, 1.0)) ** years, np.nan)


@takes()
def event_probability(events: Cells, cells: Cells, years: float) -> Any:
    """Probability of an event in a cell of a class within a year, from an inventory: ``1 - exp(-n / (years cells))``.

    Parameters
    ----------
    events : number or array
        Recorded events in the class.
    cells : number or array
        Cells of the class.
    years : float
        That the record covers.

    Returns
    -------
    number or array
        0..1; NaN where there are no cells or no years.

    Examples
    --------
    >>> round(event_probability(40, 1000, 20), 9)
    0.001998001
    """
    return by_cell(partial(_poisson, years=years), events, cells)


def _poisson(events: Array, cells: Array, *, years: float) -> Array:
    exposure = np.asarray(cells, dtype=np.float64) * years
    known = exposure > 0
    return np.where(known, -np.expm1(-events / np.where(known, exposure, 1.0)), np.nan)
