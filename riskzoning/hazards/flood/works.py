"""Flood works in bad condition (病险工程): how much of their design period they still keep."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import numerals, standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers.plausible import takes


@takes()
def effective_protection(
    works: gpd.GeoDataFrame | pd.DataFrame, *, period: str, condition: str, name: str = "effective_rp"
) -> gpd.GeoDataFrame | pd.DataFrame:
    """Reservoirs, sluices, levees or detention areas with the return period that they still keep (有效防洪标准).

    The design period times the share that works of this condition keep (``hazards/flood_works``, proposals of this
    project): a levee for 20 years that is below its standard counts for 10. The column serves ``risk: protection:
    {flood: {areas: ..., column: effective_rp}}``, by which losses up to that period fall away.

    Parameters
    ----------
    works : GeoDataFrame or DataFrame
    period : str
        Column of the design period, years, as people write it.
    condition : str
        Column of the condition: 一类 ... 四类 with or without 坝 or 闸, 病险, or whether the standard is met (1 or 0,
        是 or 否). In a column that asks for the defect (是否病险, 险工险段) a yes, or a number above 0, is one.
    name : str
        Column to write.

    Returns
    -------
    GeoDataFrame or DataFrame
        As given, with the column in years; NaN where there is no design period. Works of unknown condition keep the
        design period, which is told.

    Raises
    ------
    LayerError
        A column is not there.

    Examples
    --------
    >>> table = pd.DataFrame({"rp": [20, 50, 20, "100年一遇"], "state": ["一类闸", "三类坝", 0, "四类"]})
    >>> effective_protection(table, period="rp", condition="state")["effective_rp"].tolist()
    [20.0, 25.0, 10.0, 30.0]
    """
    missing = [column for column in (period, condition) if column not in works.columns]
    if missing:
        columns = list(map(str, works.columns))
        thing = Phrase("argument", name="works")
        raise LayerError(Problem("input.columns", thing, missing=missing, present=columns))
    years = np.asarray(numerals.periods(works[period].astype(object)), dtype=np.float64)
    shares = kept_shares(works[condition])
    kept = np.array([1.0 if share is None else share for share in shares])
    return works.assign(**{name: np.where(years > 0, years * kept, np.nan)})


def kept_shares(column: pd.Series) -> list[float | None]:
    """The share that each work keeps by its condition; None, which is told, where the condition is not understood.

    In a column that asks for the defect (是否病险, 险工险段) a yes or a number above 0 is one.
    """
    words = standards.table("hazards/flood_works").data
    asks = any(word in str(column.name).lower() for word in words["asks_for_defects"])
    states = [_text(value) for value in column]
    shares = [_share(_answer(state) if asks else state) for state in states]
    unknown = sorted({state or "-" for state, share in zip(states, shares) if share is None})
    if unknown:
        count = sum(share is None for share in shares)
        thing = Phrase("column", name=str(column.name))
        note(Problem("flood.condition", thing, severity="warning", count=count, states=unknown))
    return shares


def _answer(state: str) -> str:
    """What an answer to the question for defects says of the work: a yes is one, a no is none."""
    words = standards.table("hazards/flood_works").data
    number = numerals.number(state)
    if state.lower() in words["yes"] or number > 0:
        return str(words["defective"])
    return str(words["sound"]) if state.lower() in words["no"] or number == 0 else state


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:g}" if isinstance(value, int | float | np.number) else str(value).strip()


def _share(state: str) -> float | None:
    """The share of a condition: its own word, else the longest word of the table in it."""
    table = standards.table("hazards/flood_works").data["kept"]
    if state in table:
        return float(table[state])
    within = [word for word in table if word in state and not word.isascii()]
    return float(table[max(within, key=len)]) if within else None
