"""Weights from the data themselves: entropy, CRITIC, standard deviation, MEREC."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers.plausible import takes
from riskzoning.methods.ranges import spans
from riskzoning.methods.weights.normalisation import (
    Directions,
    Matrix,
    check_directions,
    indicator_matrix,
    labelled,
    scaled,
)

Floats = NDArray[np.float64]
Normalise = Literal["minmax", "half"] | None


@dataclass(frozen=True, eq=False)
class ObjectiveWeights:
    """Weights found from the data: sum 1, a Series where the matrix was a DataFrame.

    Parameters
    ----------
    weights : array or Series
    method : str
    scaling : str
        ``raw``, ``minmax`` or ``half``; weights of different scalings must not be compared.
    entropies : array or Series, optional
        Entropy per indicator, 0..1 (entropy method only).

    Examples
    --------
    >>> entropy([[1, 1], [2, 1], [3, 1]]).weights
    array([1., 0.])
    """

    weights: Any
    method: str
    scaling: str
    entropies: Any = None


@takes()
def entropy(
    matrix: Matrix,
    *,
    directions: Directions = None,
    normalise: Normalise = None,
    epsilon: float = 0.0,
    most: float | None = None,
) -> ObjectiveWeights:
    """Entropy weights (熵权法): the more an indicator differs between units, the more it weighs.

    Parameters
    ----------
    matrix : DataFrame or array, units x indicators
        At least two units; raw values not negative. NaN is left out of its column.
    directions : sequence or mapping of +1, -1
        +1 benefit, -1 cost; "+", "-", "benefit", "cost" as well.
    normalise : {None, "minmax", "half"}
        None: raw values without directions, min-max with directions; ``half``: 0.5..1, which flattens entropies.
    epsilon : float
        Added to the values before shares are taken; some codes use 1e-4 or 0.01, which changes the weights.
    most : float, optional
        No weight above it: what is cut off goes to the others by their weights. Min-max counts, most of them small,
        else take nearly everything.

    Returns
    -------
    ObjectiveWeights
        ``weights`` and ``entropies``. A constant indicator has entropy 1 and weight 0.

    Raises
    ------
    LayerError
        No table of numbers, fewer than two units, negative raw values, or all indicators constant.
    ConfigError
        Directions or normalisation do not fit.

    Notes
    -----
    With m units, p_ij = x_ij / sum_i x_ij; E_j = -1/ln m sum_i p_ij ln p_ij with 0 ln 0 = 0;
    w_j = (1 - E_j) / sum_j (1 - E_j).

    Examples
    --------
    >>> found = entropy([[30, 2, 5], [55, 3, 8], [80, 1, 2], [45, 5, 9], [60, 4, 4]], normalise="minmax")
    >>> found.weights.round(5)
    array([0.31963, 0.33834, 0.34203])
    """
    values, _, columns = indicator_matrix(matrix)
    signs = check_directions(directions, columns)
    scaling = normalise or ("raw" if directions is None else "minmax")
    _refuse_constant(values)
    x = values if scaling == "raw" else scaled(values, signs, scaling)
    if np.nanmin(x) < 0:
        raise LayerError(Problem("weights.entropy", Phrase("indicator_matrix"), least=np.nanmin(x)))
    x = x + epsilon
    units = np.maximum((~np.isnan(x)).sum(axis=0), 2)
    total = np.nansum(x, axis=0)
    p = np.nan_to_num(x / np.where(total > 0, total, 1.0))
    entropies = -np.sum(p * np.log(np.where(p > 0, p, 1.0)), axis=0) / np.log(units)
    entropies = np.where(_constant(values), 1.0, np.clip(entropies, 0.0, 1.0) + 0.0)
    weights = (1 - entropies) / (1 - entropies).sum()
    if most is not None:
        weights = _capped(weights, float(most))
    return ObjectiveWeights(labelled(weights, matrix), "entropy", scaling, labelled(entropies, matrix))


def _capped(weights: Floats, most: float) -> Floats:
    """Weights of the same sum, none above ``most``; all equal where that cannot be."""
    total, out = weights.sum(), weights.copy()
    if most * out.size <= total:
        return np.full(out.size, total / out.size)
    for _ in range(out.size):
        over, free = out >= most, out < most
        if not (out > most).any():
            break
        rest, shared = total - most * over.sum(), out[free]
        out[free] = shared * rest / shared.sum() if shared.sum() > 0 else rest / free.sum()
        out[over] = most
    return out


@takes()
def critic(matrix: Matrix, *, directions: Directions = None, normalise: Normalise = None) -> ObjectiveWeights:
    """CRITIC weights: contrast of an indicator times its conflict with the others.

    Parameters
    ----------
    matrix : DataFrame or array, units x indicators
        At least two units; NaN is left out of its column and of the correlations of its row.
    directions : sequence or mapping of +1, -1
        A cost turns the sign of its correlations, so it changes all weights.
    normalise : {None, "minmax", "half"}
        None is min-max.

    Returns
    -------
    ObjectiveWeights
        A constant indicator has weight 0. Where all indicators agree perfectly there is no conflict: the weights are
        then those of the standard deviation, with a warning.

    Raises
    ------
    LayerError, ConfigError
        As :func:`entropy`.

    Notes
    -----
    C_j = s_j sum_k (1 - r_jk) on min-max values, s with ddof 1; w = C / sum C.

    References
    ----------
    Diakoulaki, D. et al. (1995): Determining objective weights in multiple criteria problems. Comput. Oper. Res. 22.

    Examples
    --------
    >>> critic([[1, 9], [2, 5], [4, 6]], directions=[1, -1]).weights.round(4)
    array([0.4945, 0.5055])
    """
    values, _, columns = indicator_matrix(matrix)
    _refuse_constant(values)
    scaling = normalise or "minmax"
    x = scaled(values, check_directions(directions, columns), scaling)
    spread = _spread(x)
    correlation = pd.DataFrame(x).corr().to_numpy().copy()
    constant = _constant(values)
    # A constant indicator conflicts with nothing: with or without it the others weigh the same.
    correlation[constant, :] = correlation[:, constant] = 1.0
    np.fill_diagonal(correlation, 1.0)
    conflict = np.nansum(1 - correlation, axis=0)
    content = spread * np.where(conflict > 1e-12, conflict, 0.0)
    if content.sum() <= 0:
        if len(content) > 1:
            note(Problem("weights.no_conflict", Phrase("critic"), severity="warning"))
        content = spread
    return ObjectiveWeights(labelled(content / content.sum(), matrix), "critic", scaling)


@takes()
def std_dev(matrix: Matrix, *, directions: Directions = None, normalise: Normalise = None) -> ObjectiveWeights:
    """Weights by the standard deviation of the min-max values: w = s / sum s.

    Parameters
    ----------
    matrix, directions, normalise
        As :func:`critic`; directions have no effect here.

    Raises
    ------
    LayerError, ConfigError
        As :func:`entropy`.

    Examples
    --------
    >>> std_dev([[1, 9], [2, 5], [4, 6]]).weights.round(4)
    array([0.4945, 0.5055])
    """
    values, _, columns = indicator_matrix(matrix)
    _refuse_constant(values)
    scaling = normalise or "minmax"
    spread = _spread(scaled(values, check_directions(directions, columns), scaling))
    return ObjectiveWeights(labelled(spread / spread.sum(), matrix), "std_dev", scaling)


@takes()
def merec(matrix: Matrix, *, directions: Directions = None) -> ObjectiveWeights:
    """MEREC weights: how much the score of the units changes when an indicator is removed.

    Parameters
    ----------
    matrix : DataFrame or array, units x indicators
        Values above 0, no NaN.
    directions : sequence or mapping of +1, -1

    Raises
    ------
    LayerError
        A value is missing, 0 or negative; or all indicators are constant.

    Notes
    -----
    Benefit n = min x / x, cost n = x / max x; ``S_i = ln(1 + mean_j |ln n_ij|)``; S'_ij without column j, divided
    by the full number of columns; ``w_j = sum_i |S'_ij - S_i|``, normalised.

    References
    ----------
    Keshavarz-Ghorabaee, M. et al. (2021): Determination of objective weights using a new method based on the removal
    effects of criteria (MEREC). Symmetry 13:525.

    Examples
    --------
    >>> merec([[1, 9], [2, 5], [4, 6]]).weights.round(4)
    array([0.718, 0.282])
    """
    values, _, columns = indicator_matrix(matrix)
    signs = check_directions(directions, columns)
    _refuse_constant(values)
    if not np.all(values > 0):
        raise LayerError(Problem("weights.merec", Phrase("indicator_matrix")))
    logs = np.abs(np.log(np.where(signs > 0, values.min(axis=0) / values, values / values.max(axis=0))))
    total = logs.sum(axis=1, keepdims=True)
    n = values.shape[1]
    effect = np.abs(np.log1p((total - logs) / n) - np.log1p(total / n)).sum(axis=0)
    return ObjectiveWeights(labelled(effect / effect.sum(), matrix), "merec", "raw")


def _constant(values: Floats) -> NDArray[np.bool_]:
    return np.asarray(~spans(np.nanmin(values, axis=0), np.nanmax(values, axis=0)))


def _spread(x: Floats) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column with one value has no deviation
        return np.asarray(np.nan_to_num(np.nanstd(x, axis=0, ddof=1)))


def _refuse_constant(values: Floats) -> None:
    if _constant(values).all():
        raise LayerError(Problem("weights.all_constant", Phrase("indicator_matrix")))
