"""Weights from pairwise comparisons: the analytic hierarchy process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning import numerals, standards
from riskzoning.errors import ConfigError, Phrase, Problem, StandardTableError, note
from riskzoning.layers.plausible import takes
from riskzoning.methods.weights.normalisation import labelled

Floats = NDArray[np.float64]
Method = Literal["eigenvector", "column_mean", "geometric"]
Comparisons: TypeAlias = ArrayLike | pd.DataFrame | Sequence[Sequence[float | str]]
# Users type 0.33 for 1/3 and 0.14 for 1/7.
RECIPROCAL = 1e-2


@dataclass(frozen=True, eq=False)
class PairwiseWeights:
    """Weights of a comparison matrix with the consistency of that matrix by the same method.

    Parameters
    ----------
    weights : array or Series
        Sum 1, in the order of the matrix.
    lambda_max, ci, cr : float
        Principal eigenvalue, consistency index (lambda_max - n) / (n - 1), consistency ratio CI / RI (0 for n <= 2).
    consistent : bool
        Whether CR is below the limit of the table ``weights/random_index`` (0.10).
    method, random_index : str
        How they were found, and which table of random indices was used.

    Examples
    --------
    >>> ahp([[1, 2], ["1/2", 1]]).consistent
    True
    """

    weights: Any
    lambda_max: float
    ci: float
    cr: float
    consistent: bool
    method: str
    random_index: str


@takes()
def ahp(matrix: Comparisons, *, method: Method = "eigenvector", random_index: str = "saaty-1980") -> PairwiseWeights:
    """Weights by the analytic hierarchy process (层次分析法) with the consistency of the comparisons.

    An inconsistent matrix is not refused: look at ``consistent``.

    Parameters
    ----------
    matrix : n x n array or DataFrame
        ``a[i][j]`` says how much more important i is than j, above 0; ``a[j][i] = 1 / a[i][j]`` within 0.01 (0.33 for
        1/3 is accepted with a warning), 1 on the diagonal. Text such as ``"1/3"`` is accepted.
    method : {"eigenvector", "column_mean", "geometric"}
        Principal eigenvector; mean of the columns that each sum to 1; geometric mean of the rows.
    random_index : str
        Table of random indices: ``saaty-1980``, ``saaty-ahpy``, ``donegan-dodd``.

    Raises
    ------
    ConfigError
        The matrix is not square, positive and reciprocal, or the method does not exist: everything that is wrong.
    StandardTableError
        The table of random indices does not exist or does not reach n; names those that do.

    Notes
    -----
    A w = lambda_max w; CI = (lambda_max - n) / (n - 1); CR = CI / RI. For the other two methods lambda_max is the mean
    of (A w)_i / w_i. Weights of one method do not go with the CR of another.

    References
    ----------
    Saaty, T. L. (1980): The Analytic Hierarchy Process. McGraw-Hill.

    Examples
    --------
    >>> compared = ahp([[1, 2, 4], [1/2, 1, 3], [1/4, 1/3, 1]])
    >>> compared.weights.round(4), round(compared.cr, 4), compared.consistent
    (array([0.5584, 0.3196, 0.122 ]), 0.0158, True)
    """
    a = _comparisons(matrix)
    n = len(a)
    if method == "eigenvector":
        values, vectors = np.linalg.eig(a)
        at = int(np.argmax(values.real))
        w = np.abs(vectors[:, at].real)
    elif method == "column_mean":
        w = (a / a.sum(axis=0)).mean(axis=1)
    elif method == "geometric":
        w = np.exp(np.log(a).mean(axis=1))
    else:
        raise ConfigError(Problem("weights.ahp", Phrase("ahp_method"), name=method))
    w = w / w.sum()
    lambda_max = float(values[at].real) if method == "eigenvector" else float(((a @ w) / w).mean())
    ci = (lambda_max - n) / (n - 1) if n > 1 else 0.0
    index = random_index_of(n, random_index)
    cr = ci / index if index > 0 else 0.0
    limit = float(standards.table("weights/random_index").info["limit"])
    return PairwiseWeights(labelled(w, matrix), lambda_max, ci, cr, bool(cr < limit), method, random_index)


def random_index_of(n: int, name: str = "saaty-1980") -> float:
    """Random index RI of a comparison matrix of n x n; 0 for n <= 2."""
    tables = standards.table("weights/random_index").data
    thing = Phrase("random_index", name=name)
    if name not in tables:
        raise StandardTableError(Problem("weights.random_index", thing, known=list(tables)))
    if n <= 2:
        return 0.0
    if n in tables[name]:
        return float(tables[name][n])
    reach = [other for other, entries in tables.items() if n in entries]
    last = max(tables[name])
    if not reach:
        raise StandardTableError(Problem("weights.random_index_none", thing, last=last, n=n))
    raise StandardTableError(Problem("weights.random_index_short", thing, last=last, n=n, reach=reach, first=reach[0]))


def _comparisons(matrix: Comparisons) -> Floats:
    thing = Phrase("ahp_matrix")
    entries: Any = _labels_alike(matrix, thing).to_numpy() if isinstance(matrix, pd.DataFrame) else matrix
    try:
        cells = [list(row) for row in entries]
    except TypeError:
        cells = []
    a: Floats = np.empty(0)
    if cells and all(len(row) == len(cells) for row in cells):
        a = np.array([[numerals.ratio(cell) for cell in row] for row in cells], dtype=np.float64)
        _refuse_texts(cells, a, thing)
    if a.ndim != 2 or a.shape[0] != a.shape[1] or not a.size:
        raise ConfigError(Problem("weights.ahp_square", thing, shape=str(np.shape(entries))))
    if not np.all(np.isfinite(a)) or np.any(a <= 0):
        i, j = np.argwhere(~np.isfinite(a) | (a <= 0))[0]
        raise ConfigError(Problem("weights.ahp_positive", thing, i=i + 1, j=j + 1, value=a[i, j]))
    _check_reciprocal(a, thing)
    return a


def _labels_alike(matrix: pd.DataFrame, thing: Phrase) -> pd.DataFrame:
    """The matrix with its rows in the order of its columns, where rows have names."""
    if isinstance(matrix.index, pd.RangeIndex) or len(matrix.index) != len(matrix.columns):
        return matrix
    rows, columns = [str(name) for name in matrix.index], [str(name) for name in matrix.columns]
    if sorted(rows) != sorted(columns) or len(set(rows)) < len(rows):
        raise ConfigError(Problem("weights.ahp_labels", thing, rows=rows, columns=columns))
    return matrix.iloc[[rows.index(name) for name in columns]]


def _refuse_texts(cells: list[list[object]], a: Floats, thing: Phrase) -> None:
    """A cell that is no number, or a date that a spreadsheet has made of a fraction, is named with its place."""
    unread = [(i, j) for i, j in np.argwhere(np.isnan(a)) if not pd.isna(cells[i][j])]
    if unread:
        dates = any(numerals.is_date(cells[i][j]) for i, j in unread)
        shown = [Phrase("cell_of_matrix", row=i + 1, column=j + 1, text=str(cells[i][j])) for i, j in unread]
        raise ConfigError(Problem("weights.dates" if dates else "weights.ahp_text", thing, cells=shown))


def _check_reciprocal(a: Floats, thing: Phrase) -> None:
    problems = []
    if np.any(np.abs(np.diag(a) - 1) > RECIPROCAL):
        i = int(np.argmax(np.abs(np.diag(a) - 1)))
        problems.append(Problem("weights.ahp_diagonal", thing, i=i + 1, value=a[i, i]))
    off = np.abs(np.minimum(a, a.T) - 1 / np.maximum(a, a.T))
    if np.any(off > RECIPROCAL):
        i, j = np.argwhere(off > RECIPROCAL)[0]
        problems.append(Problem("weights.ahp_reciprocal", thing, i=i + 1, j=j + 1, value=a[i, j], other=a[j, i]))
    elif np.any(off > 1e-6):
        i, j = np.argwhere(off > 1e-6)[0]
        note(Problem("weights.ahp_roughly", thing, severity="warning", value=a[i, j], other=a[j, i]))
    if problems:
        raise ConfigError(problems=problems)
