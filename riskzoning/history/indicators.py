"""Indicators of the plan from a series of years, and whether its targets are met."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, language
from riskzoning.history.losses import note_gaps
from riskzoning.methods.trend import trend

# Indicator -> what is counted, what it is told against, and the factor between them.
_RATIOS = {
    "loss_gdp": ("loss", "gdp", 100.0),
    "deaths_per_million": ("dead_missing", "population", 1e6),
    "affected_per_100000": ("affected", "population", 1e5),
}


def loss_indicators(annual: pd.DataFrame) -> pd.Series[float]:
    """Indicators of the plan from a series of years (GB/T 24438.1 基本指标): losses, deaths, people affected.

    Parameters
    ----------
    annual : DataFrame
        One row a year, complete: ``year``, and of ``loss gdp`` (one unit), ``population``, ``dead_missing`` and
        ``affected`` (persons) what is there. A year without a row is missing, not free of losses; a year in which one
        of two values is unknown counts for neither.

    Returns
    -------
    Series
        ``loss_gdp`` (%, ratio of the sums), ``loss_gdp_mean_of_years`` (%), ``deaths_per_million`` and
        ``affected_per_100000`` (mean of the years over the mean population); for each of the three ``_met``: 1 where
        it is strictly below the target of the plan, else 0. NaN where a column is not there.

    Raises
    ------
    LayerError
        A year is there twice, or none is.

    Warns
    -----
    RiskZoningWarning
        The years have gaps.

    Examples
    --------
    >>> years = pd.DataFrame({"year": [2018, 2019, 2020], "loss": [2.0, 0, 4], "gdp": [100.0, 200, 100]})
    >>> loss_indicators(years).round(6).iloc[:2].to_dict()
    {'loss_gdp': 1.5, 'loss_gdp_mean_of_years': 2.0}
    >>> bool(loss_indicators(years)["loss_gdp_met"])
    False
    """
    thing = Phrase("losses_recorded")
    if annual.empty or annual["year"].duplicated().any():
        years = annual["year"][annual["year"].duplicated()].tolist() if len(annual) else []
        raise LayerError(Problem("history.years", thing, years=years or Phrase("none_given")))
    note_gaps(annual["year"], thing)
    values = {key: ratio_of_sums(annual, key) for key in _RATIOS}
    out = {"loss_gdp": values["loss_gdp"], "loss_gdp_mean_of_years": float(yearly_ratios(annual, "loss_gdp").mean())}
    out |= values
    out |= {f"{key}_met": _met(value, _target(key)) for key, value in values.items()}
    return pd.Series(out, dtype=np.float64)


def plan_targets(annual: pd.DataFrame) -> pd.DataFrame:
    """The targets of the plan, answered by a series of years: both kinds of mean, met or not, and the trend.

    Parameters
    ----------
    annual : DataFrame
        As for :func:`loss_indicators`.

    Returns
    -------
    DataFrame
        One row a target: ``indicator target units value`` (ratio of the sums) ``mean_of_years`` (mean of the yearly
        ratios) ``met`` (True, False, or None where it is not known) ``first_year last_year years`` (that have both
        values) ``trend slope p_value trend_text`` (of the yearly ratios).

    Examples
    --------
    >>> years = pd.DataFrame({"year": [2018, 2019, 2020], "loss": [2.0, 0, 4], "gdp": [100.0, 200, 100]})
    >>> plan_targets(years).loc[0, ["value", "mean_of_years", "met"]].to_dict()
    {'value': 1.5, 'mean_of_years': 2.0, 'met': False}
    """
    rows = []
    for key, facts in standards.table("grades/plan_targets").data.items():
        yearly = yearly_ratios(annual, key).dropna()
        value, target = ratio_of_sums(annual, key), float(facts["target"])
        known = bool(np.isfinite(value))
        tells = trend(yearly.index.to_numpy(), yearly.to_numpy())
        row = {"indicator": key, "target": target, "units": facts["units"], "value": value if known else None}
        row |= {"mean_of_years": float(yearly.mean()) if known else None, "met": value < target if known else None}
        row |= {"first_year": yearly.index.min() if known else None, "last_year": yearly.index.max() if known else None}
        row |= {"years": len(yearly), "trend": tells.direction, "slope": tells.slope, "p_value": tells.p}
        rows.append({**row, "trend_text": tells.phrase().text(language())})
    return pd.DataFrame(rows)


def ratio_of_sums(annual: pd.DataFrame, key: str) -> float:
    """An indicator over all years: the sums over the years in which both are known."""
    what, against, factor = _RATIOS[key]
    if not {what, against} <= set(annual.columns):
        return float("nan")
    both = annual[[what, against]].astype(np.float64).dropna()
    base = float(both[against].sum())
    return factor * float(both[what].sum()) / base if base > 0 else float("nan")


def yearly_ratios(annual: pd.DataFrame, key: str) -> pd.Series[float]:
    """An indicator of every year, index year."""
    what, against, factor = _RATIOS[key]
    years = pd.Index(annual["year"].astype(int), name="year")
    if not {what, against} <= set(annual.columns):
        return pd.Series(np.nan, index=years)
    base = annual[against].astype(np.float64)
    values = factor * annual[what].astype(np.float64) / base.where(base > 0)
    return pd.Series(values.to_numpy(), index=years).sort_index()


def _target(key: str) -> float:
    return float(standards.table("grades/plan_targets").data[key]["target"])


def _met(value: float, target: float) -> float:
    return float(value < target) if np.isfinite(value) else float("nan")
