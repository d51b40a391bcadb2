"""What a ranking of units hangs on: indices left out, other methods, other breaks; and indices of Sobol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.layers.plausible import takes
from riskzoning.methods.classification.grades import check_breaks, grade_values
from riskzoning.methods.classification.schemes import Closed
from riskzoning.methods.weights.normalisation import check_weights

Floats = NDArray[np.float64]


@takes()
def one_at_a_time(
    indices: pd.DataFrame, weights: Mapping[str, float] | pd.Series, breaks: ArrayLike, *, closed: Closed = "right"
) -> pd.DataFrame:
    """Leave out one index after the other (逐一剔除), its weight shared among the others: who moves, and how far.

    Parameters
    ----------
    indices : DataFrame
        Units by index, 0..1; a missing one is left out of the sum of its unit.
    weights : mapping name -> weight
        Sum 1, of the columns.
    breaks : sequence of float
        Upper bounds of the classes.
    closed : {"right", "left"}

    Returns
    -------
    DataFrame
        A row for each index left out: ``largest_rank_shift``, ``rank_correlation`` (Spearman), ``changed`` (share of
        the units that get another grade).

    Raises
    ------
    ConfigError
        Fewer than two indices, or weights that do not sum to 1.

    Examples
    --------
    >>> units = pd.DataFrame({"flood": [0.9, 0.5, 0.1], "geology": [0.1, 0.3, 0.2]})
    >>> one_at_a_time(units, {"flood": 0.8, "geology": 0.2}, [0.2, 0.4, 0.6, 0.8, 1.0])["largest_rank_shift"]
    flood      2
    geology    0
    Name: largest_rank_shift, dtype: int64
    """
    vector = pd.Series(check_weights(weights, indices.columns, thing=Phrase("index_weights")), index=indices.columns)
    if len(vector) < 2:
        raise ConfigError(Problem("uncertainty.one_index", Phrase("risk_indices"), count=len(vector)))
    base = _sum(indices, vector)
    return compare_variants(
        base, {str(name): _sum(indices, vector.drop(name)) for name in vector.index}, breaks, closed=closed
    )


@takes()
def compare_variants(
    base: pd.Series[float],
    variants: Mapping[str, pd.Series[float]],
    breaks: ArrayLike,
    *,
    closed: Closed = "right",
    own_breaks: Mapping[str, ArrayLike] | None = None,
) -> pd.DataFrame:
    """The same units by other methods: the largest shift of a rank, the rank correlation, the share of other grades.

    Parameters
    ----------
    base : Series
        Index of the units as it is published.
    variants : mapping name -> Series
        Another normalisation, another combination, other inputs; matched by label.
    breaks : sequence of float
        Upper bounds of the classes, for all of them.
    closed : {"right", "left"}
    own_breaks : mapping name -> sequence of float, optional
        Upper bounds of a variant whose classes are computed from its own values.

    Returns
    -------
    DataFrame
        A row for each variant; units without a value in either are left out. NaN where ranks cannot be told.

    Examples
    --------
    >>> base = pd.Series([0.1, 0.5, 0.9])
    >>> compare_variants(base, {"doubled": base * 2}, [0.4, 2.0]).round(2)
             largest_rank_shift  rank_correlation  changed
    doubled                   0               1.0      0.0
    """
    rows = {}
    for name, other in variants.items():
        both = pd.DataFrame({"base": base, "other": other}).dropna()
        first, second = both["base"].to_numpy(np.float64), both["other"].to_numpy(np.float64)
        varies = len(both) > 1 and min(np.ptp(first), np.ptp(second)) > 0
        shift = np.abs(rankdata(-first, "min") - rankdata(-second, "min"))
        rows[name] = {
            "largest_rank_shift": int(shift.max(initial=0)),
            "rank_correlation": float(np.corrcoef(rankdata(first), rankdata(second))[0, 1]) if varies else np.nan,
            "changed": _changed(both["base"], both["other"], breaks, (own_breaks or {}).get(name, breaks), closed),
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["largest_rank_shift", "rank_correlation", "changed"])


@takes()
def break_sensitivity(
    values: pd.Series[float], breaks: ArrayLike, *, share: float = 0.1, closed: Closed = "right"
) -> pd.Series[float]:
    """Share of the units that get another grade when all inner breaks are lower or higher by a share (断点敏感性).

    Parameters
    ----------
    values : Series
        Index of the units.
    breaks : sequence of float
        Upper bounds of the classes; the last one stays.
    share : float
    closed : {"right", "left"}

    Returns
    -------
    Series
        ``lower`` and ``higher``, 0..1; NaN without values.

    Examples
    --------
    >>> break_sensitivity(pd.Series([0.19, 0.21, 0.5, 0.9]), [0.2, 0.6, 1.0]).tolist()
    [0.25, 0.25]
    """
    inner = np.asarray(check_breaks(breaks), dtype=np.float64)[:-1]
    known = values.dropna().to_numpy(dtype=np.float64)
    side: Literal["left", "right"] = "left" if closed == "right" else "right"
    # Inner breaks may pass the last one: what is above them all is in the highest class anyway.
    base = np.searchsorted(inner, known, side=side)
    moved = {"lower": inner * (1 - share), "higher": inner * (1 + share)}
    changed = {name: np.searchsorted(other, known, side=side) != base for name, other in moved.items()}
    return pd.Series({name: float(own.mean()) if len(known) else np.nan for name, own in changed.items()})


@takes()
def sobol(
    function: Callable[[Floats], ArrayLike],
    ranges: Mapping[str, tuple[float, float]],
    *,
    n: int = 1024,
    seed: int = 0,
) -> pd.DataFrame:
    """Indices of Sobol (方差分解): how much of the variance of a result comes from each input, alone and with others.

    Parameters
    ----------
    function : callable
        Takes values (inputs, samples) in the order of ``ranges`` and gives one result for each sample.
    ranges : mapping name -> (low, high)
        Inputs, each uniform in its range.
    n : int
        A power of two; the function sees n (inputs + 2) samples.
    seed : int

    Returns
    -------
    DataFrame
        Index: the names; ``first`` order and ``total``; 0 where the result does not vary.

    Raises
    ------
    ConfigError
        ``n`` is no power of two, a range is none, or the function gives no number for each sample.

    References
    ----------
    Saltelli et al. 2010, as in ``scipy.stats.sobol_indices``.

    Examples
    --------
    >>> sobol(lambda x: x[0] + 2 * x[1], {"a": (0, 1), "b": (0, 1)}, n=512)["first"].round(2)
    a    0.2
    b    0.8
    Name: first, dtype: float64
    """
    from scipy import stats

    problems = []
    if n < 2 or n & (n - 1):
        problems.append(
            Problem("uncertainty.option", Phrase("parameter", name="n"), value=n, allowed="256, 512, 1024 ...")
        )
    wrong = [name for name, (low, high) in ranges.items() if not (np.isfinite([low, high]).all() and low < high)]
    if wrong or not ranges:
        problems.append(Problem("uncertainty.ranges", Phrase("parameter", name="ranges"), names=wrong))
    if problems:
        raise ConfigError(problems=problems)
    dists: list[Any] = [stats.uniform(low, high - low) for low, high in ranges.values()]
    names = list(ranges)

    def results(values: Floats) -> Floats:
        made = np.asarray(function(values), dtype=np.float64).ravel()
        known = int(np.isfinite(made).sum())
        if made.size != values.shape[1] or known < made.size:
            thing, samples = Phrase("argument", name="function"), int(values.shape[1])
            raise ConfigError(
                Problem("uncertainty.function", thing, count=made.size, known=known, samples=samples, inputs=len(names))
            )
        return made.reshape(1, -1)

    with np.errstate(invalid="ignore", divide="ignore"):
        made = stats.sobol_indices(func=results, n=n, dists=dists, rng=np.random.default_rng(seed))
    table = {"first": np.ravel(made.first_order), "total": np.ravel(made.total_order)}
    return pd.DataFrame(table, index=names)


def _sum(indices: pd.DataFrame, weights: pd.Series[float]) -> pd.Series[float]:
    """Weighted mean of the columns that weights name, over the values that are there."""
    values = indices[list(weights.index)].astype(np.float64)
    total = (values.notna() * weights).sum(axis=1)
    return (values * weights).sum(axis=1).where(total > 0) / total.where(total > 0)


def _changed(
    base: pd.Series[float], other: pd.Series[float], breaks: ArrayLike, others: ArrayLike, closed: Closed
) -> float:
    if not len(base):
        return float("nan")
    first, second = grade_values(base, breaks, closed=closed), grade_values(other, others, closed=closed)
    return float((np.asarray(first) != np.asarray(second)).mean())
