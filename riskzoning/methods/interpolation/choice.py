"""Whether a surface says more than the mean of the stations: whether they differ, which method foretells them best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError
from riskzoning.layers.plausible import takes
from riskzoning.methods.interpolation.stations import Covariates, limits
from riskzoning.methods.interpolation.surfaces import CrossValidation, Fitting, Method, leave_one_out
from riskzoning.methods.ranges import spans

# A method must be better by more than rounding.
_BETTER = 1 - 1e-9


@dataclass(frozen=True, eq=False)
class Comparison:
    """Candidates by how well they foretell left-out stations.

    ``method``: the best one, ``mean`` where none beats the mean of the stations; ``errors``: the cross-validation of
    each candidate that could be made, the mean among them.

    Examples
    --------
    >>> Comparison("mean", {}).method
    'mean'
    """

    method: Method
    errors: Mapping[str, CrossValidation]


@takes()
def best_method(
    stations: gpd.GeoDataFrame,
    column: str,
    grid: GeoBox | None = None,
    *,
    candidates: Mapping[Method, Covariates],
    **fitting: Unpack[Fitting],
) -> Comparison:
    """The interpolation that foretells left-out stations best; a surface that does not beat their mean is not drawn.

    Parameters
    ----------
    stations, column, grid, **fitting
        As in :func:`leave_one_out`.
    candidates : mapping method -> covariates
        The methods that may be used; ``mean`` always joins them. One that cannot be cross-validated, for too few
        stations, is no candidate.

    Returns
    -------
    Comparison

    Raises
    ------
    MissingDependencyError
        As in :func:`interpolate`.

    Notes
    -----
    Left out one by one, n stations are foretold by the mean of the others with R2 = 1 - (n / (n - 1))^2: -0.174 for 13.

    Examples
    --------
    >>> places = gpd.points_from_xy([0, 1, 2, 3], [0, 0, 0, 0], crs="EPSG:4547")
    >>> slope = gpd.GeoDataFrame({"t": [1.0, 2.0, 3.0, 4.0], "luck": [1.0, 4.0, 1.0, 4.0]}, geometry=places)
    >>> [best_method(slope, column, candidates={"idw": None}).method for column in ("t", "luck")]
    ['idw', 'mean']
    """
    every: dict[Method, Covariates] = {"mean": None, **candidates}
    errors: dict[str, CrossValidation] = {}
    best: Method = "mean"
    for method, covariates in every.items():
        try:
            errors[method] = leave_one_out(stations, column, grid, method=method, covariates=covariates, **fitting)
        except LayerError:
            continue
        if best not in errors or errors[method].rmse < _BETTER * errors[best].rmse:
            best = method
    return Comparison(best if best in errors else "mean", errors)


Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StationEffect:
    """What the years say about the differences between stations.

    Parameters
    ----------
    differ : bool
        Whether the stations differ more than chance: every test that can be made says so.
    p_annual, p_counts : float or None
        Chance of such differences between stations that are alike: F test on the values of the years, chi-squared
        test on the sums of counts; None where a test cannot be made.
    mean : float
        Of the stations.
    shares : Series by station
        How far the mean of a station is believed, 0..1.
    values : Series by station
        Means drawn to the common mean by ``shares``; the common mean for all where they do not differ.

    Examples
    --------
    >>> same = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0, 3.0]}, index=[2001, 2002, 2003])
    >>> station_effect(same).differ, station_effect(same).values.tolist()
    (False, [2.0, 2.0])
    """

    differ: bool
    p_annual: float | None
    p_counts: float | None
    mean: float
    shares: pd.Series[float]
    values: pd.Series[float]


@takes()
def station_effect(annual: pd.DataFrame, *, counts: pd.DataFrame | None = None) -> StationEffect:
    """Test whether stations differ more than chance, and shrink their means to what the years support.

    Between a dozen stations of one city most differences of rare events are luck; a surface through them draws hills
    that the next thirty years move elsewhere.

    Parameters
    ----------
    annual : DataFrame, years x stations
        The value of each year; NaN where a year is not complete. A year that is high at all stations counts as a year,
        not as a difference between stations.
    counts : DataFrame, years x stations, optional
        Whole numbers of events or days behind the values, for the test against a Poisson of equal rate.

    Returns
    -------
    StationEffect

    Notes
    -----
    F = (S_station / (n - 1)) / (S_rest / rest), with the sums of squares of value = year + station + rest;
    chi2 = sum (c_i - e_i)^2 / e_i with e_i = years_i x common rate, n - 1 degrees of freedom. p > 0.1 (table
    ``methods/interpolation``) in either is chance. The share of a station is between / (between + s^2 / years_i), where
    between = var(means) - mean(s^2 / years_i), at least 0.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rates = pd.DataFrame(rng.poisson([2.0, 2.0, 9.0], (30, 3)), columns=["a", "b", "hill"]).astype(float)
    >>> effect = station_effect(rates, counts=rates)
    >>> effect.differ, bool(effect.shares["hill"] > 0.9), bool(effect.values["hill"] < rates["hill"].mean())
    (True, True, True)
    """
    values = annual.to_numpy(dtype=np.float64)
    years = np.isfinite(values).sum(axis=0)
    known = years > 0
    values, years = values[:, known], years[known]
    labels = annual.columns[known]
    means = _mean_of_columns(values)
    middle = float(means.mean()) if means.size else float("nan")
    effect, rest, freedom = _squares(values)
    p_annual = _p_of_f(effect, rest, means.size, freedom)
    p_counts = None if counts is None else _p_of_counts(counts.reindex_like(annual).to_numpy(np.float64)[:, known])
    chances = [p for p in (p_annual, p_counts) if p is not None]
    spread = rest / freedom if freedom > 0 else max(middle, 0.0)
    shares = _shares(means, spread / np.maximum(years, 1))
    differ = bool(chances) and max(chances) <= float(limits()["chance"]) and bool(shares.any())
    drawn = middle + shares * (means - middle) if differ else np.full(means.size, middle)
    return StationEffect(
        differ, p_annual, p_counts, middle, pd.Series(shares, index=labels), pd.Series(drawn, index=labels)
    )


def _mean_of_columns(values: Floats) -> Floats:
    good = np.isfinite(values)
    return np.asarray(np.where(good, values, 0.0).sum(axis=0) / np.maximum(good.sum(axis=0), 1))


def _squares(values: Floats) -> tuple[float, float, int]:
    """Sums of squares of the stations within years and of the rest, and the degrees of freedom of the rest."""
    good = np.isfinite(values).astype(np.float64)
    size = good.sum(axis=1)
    values, good, size = values[size > 0], good[size > 0], size[size > 0]
    if not size.size:
        return 0.0, 0.0, 0
    filled = np.where(good > 0, values, 0.0)
    # About the mean of each year: what the years explain is gone.
    within = (filled - (filled.sum(axis=1) / size)[:, None]) * good
    total = float((within**2).sum())
    if not spans(0.0, total) or not spans((filled**2).sum(), (filled**2).sum() + total):
        return 0.0, 0.0, int(good.sum() - len(size) - good.shape[1] + 1)
    # Effects of the stations, the years eliminated: normal equations of value = year + station.
    normal = np.diag(good.sum(axis=0)) - good.T @ (good / size[:, None])
    pull = within.sum(axis=0)
    solved, _, rank, _ = np.linalg.lstsq(normal, pull, rcond=1e-9)
    effect = min(float(solved @ pull), total)
    return effect, total - effect, int(good.sum() - len(size) - rank)


def _p_of_f(effect: float, rest: float, stations: int, freedom: int) -> float | None:
    from scipy import stats

    if stations < 2 or freedom < 1:
        return None
    if not spans(0.0, effect):
        return 1.0
    if not spans(effect, effect + rest):
        return 0.0
    return float(stats.f.sf((effect / (stations - 1)) / (rest / freedom), stations - 1, freedom))


def _p_of_counts(counts: Floats) -> float | None:
    from scipy import stats

    good = np.isfinite(counts)
    years, sums = good.sum(axis=0), np.where(good, counts, 0.0).sum(axis=0)
    if sums.size < 2 or not years.all():
        return None
    if not sums.sum() > 0:
        return 1.0
    expected = years * sums.sum() / years.sum()
    return float(stats.chi2.sf(float(((sums - expected) ** 2 / expected).sum()), sums.size - 1))


def _shares(means: Floats, sampling: Floats) -> Floats:
    if means.size < 2 or not spans(means.min(), means.max()):
        return np.zeros(means.size)
    between = max(float(means.var(ddof=1) - sampling.mean()), 0.0)
    return np.asarray(between / (between + sampling)) if between > 0 else np.zeros(means.size)
