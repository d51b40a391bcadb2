"""Risk by matrix: the grade of a hazard against the grade of its consequence, and the index that stands for it."""

from __future__ import annotations

from typing import Any, Literal

import dask.array as da
import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, note
from riskzoning.methods.classification import grade_values
from riskzoning.risk.index import unknown_option
from riskzoning.risk.operands import Array, Operands, Values, check_range, finite

# Classes of a risk.
_CLASSES = 5


def risk_matrix(hazard_grade: Values, consequence_grade: Values, matrix: ArrayLike | str) -> Any:
    """Risk grade by matrix (风险矩阵): ``matrix[h-1][c-1]``, grades ascending.

    Parameters
    ----------
    hazard_grade, consequence_grade : class layer, Series or array
        1 = lowest; 0 or NaN (no data) in either gives 0.
    matrix : rows of grades, or a name
        Rows: hazard grades ascending; columns: consequence grades ascending. Names of the table ``damage/risk_matrix``:
        ``risk_5x5``, ``risk_4x5``.

    Returns
    -------
    layer, Series or array of uint8
        ``risk_grade``, lazy for lazy inputs.

    Raises
    ------
    LayerError
        A grade lies beyond the matrix (named with it), or is no whole number.
    ConfigError
        The matrix is not rectangular with grades of 1 and more.

    Examples
    --------
    >>> risk_matrix(np.array([4, 3, 0]), np.array([2, 5, 1]), "risk_5x5")
    array([3, 4, 0], dtype=uint8)
    """
    table = _matrix(matrix)
    operands = Operands.of({"hazard grade": hazard_grade, "consequence grade": consequence_grade})
    hazard, consequence = operands.arrays.values()
    if operands.lazy:
        # Chunks of the two may differ; blockwise makes them equal.
        axes = tuple(range(hazard.ndim))
        pairs = [part for a in (hazard, consequence) for part in (da.asarray(a), axes)]
        out: Any = da.blockwise(_look_up, axes, *pairs, table=table, dtype=np.uint8)
    else:
        out = _look_up(hazard, consequence, table)
    return operands.contain(out, quantity="risk_grade", class_order="ascending", matrix=table[1:, 1:].tolist())


def _look_up(hazard: Array, consequence: Array, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    codes = []
    problems = []
    for name, grade, most in zip(("hazard", "consequence"), (hazard, consequence), np.subtract(table.shape, 1)):
        whole = np.nan_to_num(grade, nan=0.0, posinf=0.0, neginf=0.0)
        code = whole.astype(np.int64)
        if np.any(code != whole) or code.min(initial=0) < 0 or code.max(initial=0) > most:
            problems.append(
                Problem(
                    "risk.matrix",
                    Phrase(f"grade_{name}"),
                    least=float(whole.min()),
                    most=float(whole.max()),
                    top=int(most),
                    rows=table.shape[0] - 1,
                    columns=table.shape[1] - 1,
                )
            )
        codes.append(code)
    if problems:
        raise LayerError(problems=problems)
    return np.asarray(table[codes[0], codes[1]])


def _matrix(matrix: ArrayLike | str) -> NDArray[np.uint8]:
    """The matrix with a row and a column of zeros for no data."""
    if isinstance(matrix, str):
        shipped = standards.table("damage/risk_matrix").data
        if matrix not in shipped:
            raise unknown_option("matrix", matrix, list(shipped))
        matrix = shipped[matrix]
    try:
        rows = np.array(matrix, dtype=np.float64)
    except (TypeError, ValueError):
        rows = np.empty(0)
    if rows.ndim != 2 or not rows.size or np.any(rows != np.rint(rows)) or rows.min() < 1 or rows.max() > 255:
        raise ConfigError(Problem("risk.matrix_shape", Phrase("risk_matrix"), matrix=repr(matrix)[:120]))
    if np.any(np.diff(rows, axis=0) < 0) or np.any(np.diff(rows, axis=1) < 0):
        note(Problem("risk.matrix_falls", Phrase("risk_matrix"), severity="warning"))
    return np.pad(rows.astype(np.uint8), ((1, 0), (1, 0)))


def consequence_grade(exposure: Values, vulnerability: Values | None = None) -> Any:
    """Grade of the consequence (后果等级) 1..5: exposure on its scale, halved at most by vulnerability.

    Parameters
    ----------
    exposure, vulnerability : layer, Series, array or number
        0..1. No vulnerability, or NaN in it, takes nothing off.

    Returns
    -------
    layer, Series or array of uint8
        Class of E (.5 + .5 V) by the limits ``consequence`` of the table ``damage/combination``; 0 where the exposure
        is missing.

    Examples
    --------
    >>> consequence_grade(np.array([0.0, 0.2, 0.7, 1.0, np.nan])).tolist()
    [1, 1, 4, 5, 0]
    >>> consequence_grade(np.array([0.7]), np.array([0.0])).tolist()
    [2]
    """
    given = {"exposure": exposure} if vulnerability is None else {"exposure": exposure, "vulnerability": vulnerability}
    operands = Operands.of(given)
    check_range(operands.arrays, 0, 1, rule="risk.range")
    value = finite(operands.arrays["exposure"])
    if vulnerability is not None:
        weak = operands.arrays["vulnerability"]
        value = value * (0.5 + 0.5 * np.where(np.isfinite(weak), weak, 1.0))
    rule = standards.table("damage/combination").data["consequence"]
    codes = grade_values(value, [*rule["limits"], 1.0], closed=rule["closed"])
    return operands.contain(codes, quantity="risk_grade", class_order="ascending")


def matrix_index(
    hazard_grade: Values, consequence_grade: Values, matrix: ArrayLike | str, *, none: Values | None = None
) -> Any:
    """Risk index that stands for the grades of :func:`risk_matrix`: the middle of the class, .1 .3 .5 .7 .9.

    It goes on as any risk index does: fixed limits give the grade of the matrix back, and receptors and hazards are
    brought together by it.

    Parameters
    ----------
    hazard_grade, consequence_grade, matrix
        As :func:`risk_matrix`; grades of five classes.
    none : layer, Series or array of bool, optional
        Where nothing acts or nothing is there: the index is 0 whatever the matrix has for the lowest grades.

    Returns
    -------
    layer, Series or array
        ``risk_index``; NaN where a grade is 0.

    Raises
    ------
    LayerError, ConfigError
        As :func:`risk_matrix`, or the matrix has grades above 5.

    Examples
    --------
    >>> matrix_index(np.array([4, 1, 0]), np.array([2, 1, 3]), "risk_4x5").round(2).tolist()
    [0.7, 0.1, nan]
    """
    if _matrix(matrix).max() > _CLASSES:
        raise ConfigError(Problem("risk.matrix_classes", Phrase("risk_matrix"), top=_CLASSES))
    given = {"grade": risk_matrix(hazard_grade, consequence_grade, matrix)}
    operands = Operands.of(given if none is None else given | {"none": none})
    codes = operands.arrays["grade"]
    index = np.where(codes > 0, (codes - np.float64(0.5)) / _CLASSES, np.nan)
    if none is not None:
        index = np.where((codes > 0) & operands.arrays["none"].astype(bool), 0.0, index)
    name = matrix if isinstance(matrix, str) else "own"
    return operands.contain(index, quantity="risk_index", form="matrix", matrix=name)


def risk_by_matrix(
    hazard: Values,
    exposure: Values,
    vulnerability: Values | None,
    matrix: ArrayLike | str,
    *,
    breaks: ArrayLike,
    closed: Literal["right", "left"] = "right",
) -> Any:
    """Risk index of indices by matrix: hazard graded by its breaks, consequence by its limits, true zeros kept.

    Parameters
    ----------
    hazard, exposure, vulnerability
        0..1, as :func:`riskzoning.risk.risk_index` takes them; no vulnerability takes nothing off.
    matrix
        As :func:`risk_matrix`.
    breaks : sequence of float
        Upper bounds of the classes of the hazard.
    closed : {"right", "left"}

    Returns
    -------
    layer, Series or array
        As :func:`matrix_index`; 0 where the hazard or the exposure is exactly 0.

    Examples
    --------
    >>> hazard, exposed = np.array([0.9, 0.0]), np.array([0.7, 0.7])
    >>> risk_by_matrix(hazard, exposed, None, "risk_4x5", breaks=[0.25, 0.5, 0.75, 1]).tolist()
    [0.9, 0.0]
    """
    grades = grade_values(hazard, breaks, closed=closed)
    # Where nothing acts or nothing is there, the lowest grades would still give a risk.
    none: Any = (hazard == 0) | (exposure == 0)
    return matrix_index(grades, consequence_grade(exposure, vulnerability), matrix, none=none)
