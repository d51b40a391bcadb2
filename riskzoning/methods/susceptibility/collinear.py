"""Factors that say the same twice: found by their correlation, the better one kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskzoning.layers.plausible import takes

Pair = tuple[str, str, float]


@takes()
def correlated_pairs(moments: NDArray[Any], names: Sequence[str], *, limit: float = 0.7) -> list[Pair]:
    """Pairs of factors whose scores correlate by more than the limit.

    Parameters
    ----------
    moments : array, shape (factors + 1, factors + 1)
        Sums of products of the scores, with a row and column of ones at the end: ``x @ x.T`` added up over blocks.
    names : sequence of str
    limit : float
        Of the absolute correlation.

    Returns
    -------
    list of (name, name, r)

    Examples
    --------
    >>> x = np.array([[1.0, 2, 3, 4], [2.0, 4, 6, 9], [1.0, -1, -1, 1], [1, 1, 1, 1]])
    >>> correlated_pairs(x @ x.T, ["slope", "relief", "aspect"])
    [('slope', 'relief', 0.994)]
    """
    count = moments[-1, -1]
    if count < 2:
        return []
    mean = moments[:-1, -1] / count
    covariance = moments[:-1, :-1] / count - np.outer(mean, mean)
    # A score that hardly varies beside its own size is constant: what is left is rounding.
    spread = np.sqrt(np.where(np.diag(covariance) > 1e-12 * np.diag(moments)[:-1] / count, np.diag(covariance), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = covariance / np.outer(spread, spread)
    return [
        (names[i], names[j], round(float(r[i, j]), 3))
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if np.isfinite(r[i, j]) and abs(r[i, j]) > limit
    ]


@takes()
def collinear_losers(pairs: Iterable[Pair], skill: Mapping[str, float]) -> list[Pair]:
    """Of each correlated pair the factor with the smaller skill goes, the closest pair first; ties lose the second.

    Parameters
    ----------
    pairs : iterable of (name, name, r)
        From :func:`correlated_pairs`.
    skill : mapping
        AUC of each factor alone.

    Returns
    -------
    list of (factor that goes, factor that stays, r)

    Examples
    --------
    >>> skill = {"slope": 0.7, "relief": 0.6, "height": 0.5}
    >>> collinear_losers([("slope", "relief", 0.9), ("relief", "height", 0.8)], skill)
    [('relief', 'slope', 0.9)]
    """
    gone: list[Pair] = []
    for one, two, r in sorted(pairs, key=lambda pair: -abs(pair[2])):
        if {one, two} & {lost for lost, _, _ in gone}:
            continue
        loser, winner = (one, two) if skill[one] < skill[two] else (two, one)
        gone.append((loser, winner, r))
    return gone


@takes()
def table_auc(scores: ArrayLike, cells: ArrayLike, events: ArrayLike) -> float:
    """AUC of classes by their score; NaN without events or without other cells.

    Parameters
    ----------
    scores, cells, events : array, shape (classes,)
        Score of each class, all its cells, its event cells.

    Examples
    --------
    >>> table_auc([0.1, 0.9], [100, 10], [1, 9])
    0.945
    """
    value, ground, hits = (np.ravel(np.asarray(one, dtype=np.float64)) for one in (scores, cells, events))
    levels, place = np.unique(value, return_inverse=True)
    hit = np.bincount(place, weights=hits, minlength=levels.size)
    other = np.bincount(place, weights=ground - hits, minlength=levels.size)
    if not hit.sum() or not other.sum():
        return float("nan")
    below = np.cumsum(other) - other
    return float(round(hit @ (below + 0.5 * other) / hit.sum() / other.sum(), 12))
