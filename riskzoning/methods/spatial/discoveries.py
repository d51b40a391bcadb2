"""Many tests at once: which of them are no false discoveries."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskzoning.layers.plausible import takes


@takes()
def false_discovery(p_values: ArrayLike, *, rate: float = 0.05) -> NDArray[np.bool_]:
    """Which tests stand when at most a share of those that stand may be by chance (错误发现率校正).

    Parameters
    ----------
    p_values : array
        NaN stands for no test.
    rate : float
        That share.

    Returns
    -------
    array of bool

    References
    ----------
    Benjamini and Hochberg 1995.

    Examples
    --------
    >>> false_discovery([0.01, 0.02, 0.03, 0.5, float("nan")]).tolist()
    [True, True, True, False, False]
    >>> false_discovery([0.04, 0.04, 0.9, 0.9]).tolist()
    [False, False, False, False]
    """
    p = np.asarray(p_values, dtype=np.float64)
    good = np.isfinite(p)
    ordered = np.sort(p[good])
    below = np.flatnonzero(ordered <= rate * np.arange(1, len(ordered) + 1) / max(len(ordered), 1))
    limit = ordered[below[-1]] if len(below) else -1.0
    return good & (np.where(good, p, np.inf) <= limit)
