"""Whether the record told where a later disaster hit: a year that was kept out of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.history.yearly import unit_years

# Units that lost so much more than the others in a year are those that it hit.
_HIT_SHARE = 1 / 3


class Foresight(NamedTuple):
    """How high the places that were hit stood before.

    ``auc``: chance that a place that was hit stood above one that was not (.5 is chance, 1 all of them did);
    ``p_value``: chance of that or more by luck, one-sided; ``units``, ``hit``: their numbers.

    Examples
    --------
    >>> places_hit({"a": 3.0, "b": 2.0, "c": 1.0}, ["a"]).auc
    1.0
    """

    auc: float
    p_value: float
    units: int
    hit: int


def places_hit(scores: Mapping[str, float] | pd.Series[float], hit: Collection[str]) -> Foresight:
    """Whether the places that a disaster hit stood high in a ranking made without it.

    Parameters
    ----------
    scores : mapping
        Code of a unit -> its loss, intensity or risk from other years; NaN is left out.
    hit : collection of str
        Codes of the units that were hit.

    Returns
    -------
    Foresight

    Raises
    ------
    LayerError
        No unit was hit, or all were: nothing can be told.

    Examples
    --------
    >>> told = places_hit({"a": 9.0, "b": 7.0, "c": 5.0, "d": 1.0}, ["a", "c"])
    >>> told.auc, round(told.p_value, 3)
    (0.75, 0.333)
    """
    known = pd.Series(dict(scores), dtype=np.float64).dropna()
    inside = known.index.astype(str).isin([str(code) for code in hit])
    if inside.all() or not inside.any():
        raise LayerError(Problem("history.hit", Phrase("losses_recorded"), units=len(known), hit=int(inside.sum())))
    above, below = known[inside].to_numpy(), known[~inside].to_numpy()
    test = mannwhitneyu(above, below, alternative="greater")
    return Foresight(float(test.statistic) / (len(above) * len(below)), float(test.pvalue), len(known), len(above))


def worst_years(records: pd.DataFrame, unit_of: Mapping[str, str], *, years: int = 5) -> pd.DataFrame:
    """Each of the worst years kept out: whether units with high losses in all other years were those that it hit.

    Losses are shares of the GDP where it is known; hit is the third of the units that lost most. Columns
    ``year units hit auc p_value``.
    """
    sums = unit_years(records, unit_of)
    product = sums["gdp"].where(sums["gdp"] > 0)
    money = sums["loss"] / product if product.notna().any() else sums["loss"]
    table = sums.assign(money=money, weight=product.fillna(0.0) if product.notna().any() else 1.0)
    whole = table[table["complete"]]
    worst = whole.groupby("year")["loss"].sum().div(whole.groupby("year")["weight"].sum()).nlargest(years)
    rows = []
    for year in worst.index:
        then = whole[whole["year"] == year].set_index("code")["money"]
        others = whole[whole["year"] != year].groupby("code")["money"].mean()
        hit = then.nlargest(max(1, round(len(then) * _HIT_SHARE))).index
        if len(others) > len(hit) and then.max() > 0:
            told = places_hit(others, list(hit))
            rows.append({"year": int(str(year)), **told._asdict()})
    return pd.DataFrame(rows, columns=["year", "units", "hit", "auc", "p_value"])
