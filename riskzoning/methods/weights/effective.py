"""What a weight really does: the share of a weighted sum's spread that comes from each part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from riskzoning.errors import Phrase, Problem, note

# An effective weight this many times smaller or larger than the stated one is worth a warning.
_FAR = 4.0


def effective_weights(parts: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series[float]:
    """Effective weights (有效权重) of a weighted sum: cov(w x, sum w x) / var(sum w x) of each part.

    A part that hardly varies over the units moves nothing, whatever its weight says; one that varies much carries the
    order of the units. A share below a quarter or above four times the stated weight is a warning.

    Parameters
    ----------
    parts : DataFrame, units x parts
        The indices that are summed; units with a missing part are left out.
    weights : mapping part -> stated weight

    Returns
    -------
    Series by part
        Sum 1; NaN where the sum does not vary at all. A negative share works against the order of the sum.

    Examples
    --------
    >>> parts = pd.DataFrame({"flood": [0.0, 0.5, 1.0], "heat": [0.2, 0.2, 0.2]})
    >>> effective_weights(parts, {"flood": 0.7, "heat": 0.3}).round(3).to_dict()
    {'flood': 1.0, 'heat': 0.0}
    """
    names = list(parts.columns)
    weighted = parts.dropna() * [float(weights[name]) for name in names]
    total = weighted.sum(axis=1)
    spread = float(total.var(ddof=0)) if len(total) else 0.0
    if not spread > (1e-9 * float(total.abs().max() if len(total) else 0.0)) ** 2:
        return pd.Series(np.nan, index=names)
    shares = {name: float(((weighted[name] - weighted[name].mean()) * (total - total.mean())).mean()) for name in names}
    return pd.Series(shares) / spread


def warn_of_far(effective: pd.Series[float], weights: Mapping[str, float]) -> None:
    """Note every part whose effective share is below a quarter or above four times its stated weight.

    Parameters
    ----------
    effective : Series by part
        From :func:`effective_weights`.
    weights : mapping part -> stated weight

    Examples
    --------
    >>> from riskzoning.errors import Journal, hearing
    >>> with hearing(Journal()) as heard:
    ...     warn_of_far(pd.Series({"flood": 0.98, "heat": 0.02}), {"flood": 0.7, "heat": 0.3})
    >>> [problem.rule for problem in heard.warnings]
    ['weights.effective']
    """
    for name, share in effective.dropna().items():
        stated = float(weights[str(name)])
        if stated > 0 and not stated / _FAR <= share <= stated * _FAR:
            thing = Phrase("hazard", name=name)
            note(Problem("weights.effective", thing, severity="warning", stated=stated, share=float(share)))
