"""Trends of yearly series: the test of Mann and Kendall, the slope of Sen, and both in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from riskzoning import standards
from riskzoning.errors import Phrase
from riskzoning.faces import missing
from riskzoning.layers.plausible import takes

__all__ = ["Trend", "trend"]


@dataclass(frozen=True)
class Trend:
    """What a yearly series does.

    Parameters
    ----------
    direction : {"rising", "falling", "none", "short"}
        ``none``: no trend at the level of the test; ``short``: too few years to say.
    slope : float
        Sen's slope, units of the values a year; NaN for fewer than two years.
    p : float
        Chance of a series as ordered as this one without a trend (two-sided); NaN when ``short``.
    tau : float
        Kendall's tau, -1 to 1.
    years : int
        Values that were there.

    Examples
    --------
    >>> trend(range(2001, 2011), [3, 5, 4, 6, 7, 8, 7, 9, 11, 12]).direction
    'rising'
    """

    direction: Literal["rising", "falling", "none", "short"]
    slope: float
    p: float
    tau: float
    years: int

    def phrase(self) -> Phrase:
        """The trend as a sentence.

        Examples
        --------
        >>> print(trend(range(2001, 2011), [1] * 10).phrase().text("en"))
        no significant trend (p = 1.00, 10 years)
        """
        return Phrase(f"trend_{self.direction}", slope=self.slope, p=self.p, years=self.years)


@takes()
def trend(years: Sequence[int] | ArrayLike, values: ArrayLike) -> Trend:
    """Whether a yearly series rises or falls (Mann-Kendall test with ties), and by how much a year (Sen's slope).

    Parameters
    ----------
    years : array of int, shape (n,)
        Need not be complete; a missing year counts as none, not as zero.
    values : array, shape (n,)
        NaN is left out.

    Returns
    -------
    Trend

    References
    ----------
    Mann (1945), Econometrica 13; Kendall (1975), Rank correlation methods; Sen (1968), JASA 63.

    Examples
    --------
    >>> fall = trend(range(2000, 2010), [20, 18, 19, 15, 14, 12, 13, 9, 8, 6])
    >>> fall.direction, round(fall.slope, 2), round(fall.p, 4)
    ('falling', -1.5, 0.0003)
    """
    rules = standards.table("methods/trend").data
    when, what = np.asarray(years, dtype=np.float64), np.asarray(values, dtype=np.float64)
    known = np.isfinite(what) & np.isfinite(when)
    when, what = when[known], what[known]
    count = len(what)
    first, second = np.triu_indices(count, 1)
    apart, change = when[second] - when[first], what[second] - what[first]
    # A year that is there twice has no slope with itself, and no order.
    usable = apart != 0
    slope = float(np.median(change[usable] / apart[usable])) if usable.any() else float("nan")
    score = float(np.sign(change * np.sign(apart)).sum())
    pairs = count * (count - 1) / 2
    tau = score / pairs if pairs else float("nan")
    if count < int(rules["least_years"]):
        return Trend("short", slope, float("nan"), tau, count)
    _, ties = np.unique(what, return_counts=True)
    spread = (count * (count - 1) * (2 * count + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    z = (score - np.sign(score)) / np.sqrt(spread) if spread > 0 else 0.0
    chance = float(min(1.0, 2 * ndtr(-abs(z))))
    if chance >= float(rules["alpha"]):
        return Trend("none", slope, chance, tau, count)
    return Trend("rising" if score > 0 else "falling", slope, chance, tau, count)


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
