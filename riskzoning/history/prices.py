"""Losses of different years at the prices of one of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note


def constant_prices(
    amounts: pd.Series[float], *, base: int, cpi: Mapping[int, float] | pd.Series[float] | None = None
) -> pd.Series[float]:
    """Amounts of years at the prices of a base year: amount x level of the base year / level of the year.

    Parameters
    ----------
    amounts : Series
        Index: year; money at the prices of its year. A year may stand there several times.
    base : int
        Year whose prices are taken.
    cpi : mapping, optional
        Year -> level of prices, on any scale; by default the national consumer prices, ``standards/history/cpi``.

    Returns
    -------
    Series
        Same index; NaN in a year without a level, which is noted.

    Raises
    ------
    LayerError
        There is no level of the base year, or one is not positive.

    Examples
    --------
    >>> constant_prices(pd.Series({1990: 616.0, 2000: 2045.3, 2005: 2042.1}), base=2000).round(0).to_dict()
    {1990: 1235.0, 2000: 2045.0, 2005: 1910.0}
    """
    levels = price_levels() if cpi is None else pd.Series(dict(cpi), dtype=np.float64)
    thing = Phrase("prices")
    wrong = [int(year) for year in levels.index[~(levels > 0)]]
    if wrong:
        raise LayerError(Problem("history.price_level", thing, years=wrong))
    if base not in levels.index:
        raise LayerError(
            Problem("history.price_base", thing, year=base, first=min(levels.index), last=max(levels.index))
        )
    own = levels.reindex(amounts.index)
    lacking = sorted({int(year) for year in amounts.index[own.isna().to_numpy()]})
    if lacking:
        note(Problem("history.prices", thing, severity="warning", years=lacking))
    return amounts * (float(levels[base]) / own)


def price_levels() -> pd.Series[float]:
    """Levels of consumer prices by year, chained from the changes of the table; the year before the first has 1."""
    return _chained(tuple(standards.table("history/cpi").data.items())).copy()


@lru_cache(maxsize=8)
def _chained(yearly: tuple[tuple[int, float], ...]) -> pd.Series[float]:
    changes = pd.Series(dict(yearly), dtype=np.float64).sort_index()
    chained = (changes / 100).cumprod()
    return pd.concat([pd.Series({int(changes.index[0]) - 1: 1.0}), chained])
