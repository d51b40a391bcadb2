"""Class breaks that follow from the values: those of a draw are made of the values of that draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning.layers.plausible import takes
from riskzoning.methods.uncertainty.draws import Draws

Floats = NDArray[np.float64]
# The least index of a product, as in ``risk.combine_hazards``.
_FLOOR = 0.01


def combined(values: Floats, draws: Draws, *, product: bool = False) -> Floats:
    """The combined index (units, draws) of indices (units, names), as :func:`stability` combines them."""
    good = np.isfinite(values)
    known = np.where(good, values, 0.0)
    out = np.zeros((len(values), draws.n))
    for at in range(len(draws.names)):
        one = known[:, at, None]
        if draws.factors is not None:
            one = np.minimum(one * draws.factors[at], 1.0)
        one = np.log(np.maximum(one, _FLOOR)) if product else one
        out += np.where(good[:, at, None], one * draws.weights[at], 0.0)
    total = good.astype(np.float64) @ draws.weights
    with np.errstate(invalid="ignore", divide="ignore"):
        out = np.where(total > 0, out / total, np.nan)
    return np.exp(out) if product else out


@takes()
def breaks_anew(
    units: pd.DataFrame, draws: Draws, cut: Callable[[Floats], ArrayLike], *, method: str = "weighted_sum"
) -> Draws:
    """The same draws with the class breaks that each of them would have: relative grades rank anew (断点随样本重算).

    Breaks that were computed from the values of a city say where a unit stands among the others. Weights that raise the
    index of all units alike change no such grade; against breaks that stay they seem to change every one.

    Parameters
    ----------
    units : DataFrame
        The units that the breaks are computed from; columns: the indices of the draws, 0..1.
    draws : Draws
        Their own breaks give the number of classes.
    cut : callable
        Values of one draw -> upper bounds of the classes, e.g. :func:`riskzoning.zoning.natural_breaks`.
    method : {"weighted_sum", "weighted_product"}
        As for :func:`stability`.

    Returns
    -------
    Draws

    Examples
    --------
    >>> from riskzoning.methods.classification import natural_breaks
    >>> from riskzoning.methods.uncertainty import draw, stability
    >>> units = pd.DataFrame({"flood": [0.1, 0.3, 0.8], "geology": [0.4, 0.6, 0.9]}, index=["a", "b", "c"])
    >>> draws = draw({"flood": 0.5, "geology": 0.5}, [0.3, 0.6, 1.0], n=200, concentration=5)
    >>> stability(units, draws)["probability"].round(2).tolist()
    [0.75, 1.0, 1.0]
    >>> anew = breaks_anew(units, draws, lambda values: natural_breaks(values, 3))
    >>> stability(units, anew)["probability"].tolist()
    [1.0, 1.0, 1.0]
    """
    values = units[list(draws.names)].to_numpy(dtype=np.float64, na_value=np.nan)
    whole = combined(values, draws, product=method == "weighted_product")
    whole = whole[np.isfinite(whole).any(axis=1)]
    bounds = np.full(draws.bounds.shape, np.inf)
    for at in range(draws.n if len(whole) else 0):
        made = np.asarray(cut(np.ascontiguousarray(whole[:, at])), dtype=np.float64)[:-1]
        bounds[: min(len(made), len(bounds)), at] = made[: len(bounds)]
    return replace(draws, bounds=bounds) if len(whole) else draws
