"""Loss of crops from the areas that were affected, damaged and lost."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem


def crop_loss(
    affected: ArrayLike,
    damaged: ArrayLike,
    lost: ArrayLike,
    *,
    yield_kg_ha: ArrayLike,
    price: ArrayLike,
    ratios: Mapping[str, float] | None = None,
) -> NDArray[np.float64]:
    """Loss of crops (yuan) from nested areas: 受灾 affected >= 成灾 damaged >= 绝收 lost, each class with its share.

    Parameters
    ----------
    affected, damaged, lost : array, ha
        Areas that lost 10 %, 30 %, 80 % of the yield and more; the larger contain the smaller.
    yield_kg_ha : array
        Yield of a normal year (last year's statistics), kg/ha.
    price : array
        Yuan per kg.
    ratios : mapping, optional
        ``affected damaged lost`` -> share of the yield that is gone; by default ``standards/history/crop_ratios``.

    Returns
    -------
    array
        Yuan; NaN where a value is missing.

    Raises
    ------
    LayerError
        An area is negative, or a smaller class is larger than the one that contains it.

    Examples
    --------
    >>> float(crop_loss(100, 60, 20, yield_kg_ha=6000, price=2.4).round(2))
    691200.0
    """
    first, second, third = (np.asarray(area, dtype=np.float64) for area in (affected, damaged, lost))
    with np.errstate(invalid="ignore"):
        wrong = (third < 0) | (second < third) | (first < second)
    if wrong.any():
        rows = np.flatnonzero(np.atleast_1d(wrong)).tolist()
        raise LayerError(Problem("history.crop_areas", Phrase("losses_recorded"), count=len(rows), rows=rows))
    share = dict(standards.table("history/crop_ratios").data if ratios is None else ratios)
    gone = (first - second) * share["affected"] + (second - third) * share["damaged"] + third * share["lost"]
    return np.asarray(gone * np.asarray(yield_kg_ha, dtype=np.float64) * np.asarray(price, dtype=np.float64))
