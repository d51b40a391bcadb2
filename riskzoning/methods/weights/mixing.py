"""Several weight vectors into one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning.errors import ConfigError, Phrase, Problem, note
from riskzoning.layers.plausible import takes
from riskzoning.methods.weights.normalisation import check_weights
from riskzoning.methods.weights.objective import ObjectiveWeights
from riskzoning.methods.weights.pairwise import PairwiseWeights

Floats = NDArray[np.float64]
# Plain weights, or what a method of weights gave.
Vector: TypeAlias = ArrayLike | ObjectiveWeights | PairwiseWeights
# Printed weights are rounded: a sum that misses 1 by no more is divided out, with a warning.
_PRINTED = 5e-3
# A coefficient that small beside the largest is rounding of 0.
_NO_PART = 1e-10


@dataclass(frozen=True, eq=False)
class MixedWeights:
    """One weight vector made from several.

    Parameters
    ----------
    weights : array or Series
        Sum 1.
    coefficients : array
        Share of each vector, sum 1.
    distance : float
        Largest consistency distance between two of the vectors; up to 0.4 they agree well enough to be mixed.

    Examples
    --------
    >>> game_theory([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]).coefficients
    array([0.5, 0.5])
    """

    weights: Any
    coefficients: Floats
    distance: float


@takes()
def combine(
    w1: Vector,
    w2: Vector,
    a: float = 0.5,
    *,
    method: Literal["linear", "multiplicative", "square_root"] = "linear",
) -> Any:
    """Two weight vectors into one: a w1 + (1 - a) w2, or in proportion to w1 w2 or to its square root.

    Parameters
    ----------
    w1, w2 : sequence, Series, or the result of a method of weights
        Sum 1 each; two Series are matched by label. Both must come from indicators scaled in the same way: results
        that know their scaling (:class:`ObjectiveWeights`) are refused where they differ.
    a : float
        Share of w1 in the linear form, 0..1.
    method : {"linear", "multiplicative", "square_root"}

    Raises
    ------
    ConfigError
        The vectors do not fit each other or do not sum to 1, or a lies outside 0..1.

    Examples
    --------
    >>> combine([0.5, 0.3, 0.2], [0.2, 0.3, 0.5], method="multiplicative").round(6)
    array([0.344828, 0.310345, 0.344828])
    """
    plain = _plain(w1, w2)
    one, two = _vectors(*plain)
    if method == "linear" and 0 <= a <= 1:
        w = a * one + (1 - a) * two
    elif method == "multiplicative":
        w = one * two
    elif method == "square_root":
        w = np.sqrt(one * two)
    else:
        raise ConfigError(Problem("weights.combine", Phrase("combination_of_weights"), method=method, a=a))
    if w.sum() <= 0:
        raise ConfigError(Problem("weights.combine_zero", Phrase("combination_of_weights")))
    return _like(w / w.sum(), plain[0])


def game_theory(*weight_vectors: Vector) -> MixedWeights:
    """Weight vectors mixed by game theory (博弈论组合赋权): the mix that deviates least from each of them.

    Parameters
    ----------
    *weight_vectors : sequences, Series, or results of methods of weights
        Sum 1 each (rounded print is divided out, with a warning); Series are matched by label. One table of them has a
        vector in each row.

    Returns
    -------
    MixedWeights
        Where a coefficient would be negative, the vectors are mixed equally, with a warning.

    Raises
    ------
    ConfigError
        The vectors do not fit each other.

    Notes
    -----
    Solve [w_i . w_j] beta = [w_i . w_i]; alpha = beta / sum beta; w = sum alpha_k w_k. Consistency distance
    d = sqrt(0.5 sum (w1 - w2)^2).

    Examples
    --------
    >>> game_theory([0.6, 0.3, 0.1], [0.3, 0.3, 0.4]).weights.round(6)
    array([0.536111, 0.3     , 0.163889])
    """
    plain = _plain(*weight_vectors)
    if len(plain) == 1 and np.ndim(plain[0]) == 2:
        plain = list(np.asarray(plain[0], dtype=np.float64))
    w = np.array(_vectors(*plain))
    gram = w @ w.T
    # Least squares: equal vectors make the system singular and share their part equally.
    beta = np.linalg.lstsq(gram, np.diag(gram), rcond=None)[0]
    beta = np.where(np.abs(beta) <= _NO_PART * np.abs(beta).max(), 0.0, beta)
    if np.any(beta < 0):
        note(Problem("weights.game_theory", Phrase("game_theory"), severity="warning", least=beta.min()))
        beta = np.ones(len(w))
    alpha = beta / beta.sum()
    distance = max((consistency_distance(a, b) for a in w for b in w), default=0.0)
    return MixedWeights(_like(alpha @ w, plain[0]), alpha, distance)


@takes()
def consistency_distance(w1: Vector, w2: Vector) -> float:
    """How far two weight vectors lie apart: sqrt(0.5 sum (w1 - w2)^2), 0..1; up to 0.4 counts as consistent.

    Examples
    --------
    >>> round(consistency_distance([0.6, 0.3, 0.1], [0.3, 0.3, 0.4]), 6)
    0.3
    """
    one, two = _vectors(*_plain(w1, w2))
    return float(np.sqrt(0.5 * np.sum((one - two) ** 2)))


def _plain(*vectors: Vector) -> list[Any]:
    """The weights themselves; those of two scalings of the indicators say different things and are refused."""
    scalings = list(dict.fromkeys(one.scaling for one in vectors if isinstance(one, ObjectiveWeights)))
    if len(scalings) > 1:
        raise ConfigError(Problem("weights.scalings", Phrase("weight_vectors"), scalings=scalings))
    return [one.weights if isinstance(one, (ObjectiveWeights, PairwiseWeights)) else one for one in vectors]


def _vectors(*weights: ArrayLike) -> list[Floats]:
    if not weights:
        raise ConfigError(Problem("weights.no_vector", Phrase("weight_vectors")))
    labels = weights[0].index if isinstance(weights[0], pd.Series) else None
    names = labels if labels is not None else range(len(np.atleast_1d(np.asarray(weights[0], dtype=float))))
    return [
        check_weights(
            vector,
            names if labels is None or isinstance(vector, pd.Series) else range(len(labels)),
            renormalise=abs(float(np.sum(np.asarray(vector, dtype=float))) - 1) <= _PRINTED,
            thing=Phrase("weight_vector", number=i + 1),
        )
        for i, vector in enumerate(weights)
    ]


def _like(weights: Floats, first: ArrayLike) -> Any:
    return pd.Series(weights, index=first.index) if isinstance(first, pd.Series) else weights
