"""A fitted distribution: levels, periods, quality, band, and its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers.plausible import takes
from riskzoning.methods.extremes.curve import by_curve
from riskzoning.methods.extremes.distributions import NAMES, Floats, Parameters, exceedance, level
from riskzoning.methods.extremes.likelihood import by_likelihood
from riskzoning.methods.extremes.moments import by_l_moments, by_moments
from riskzoning.methods.extremes.positions import chances
from riskzoning.methods.extremes.quality import (
    Goodness,
    chances_of_fit,
    distances,
    drawn,
    likelihood_cost,
    resampled,
)
from riskzoning.methods.extremes.series import Given, Series


class Band(NamedTuple):
    """Levels between which the true one lies with the confidence asked for, and the level itself.

    Examples
    --------
    >>> Band(90.0, 100.0, 120.0).upper
    120.0
    """

    lower: Any
    level: Any
    upper: Any


@dataclass(frozen=True, eq=False)
class Fitted:
    """A distribution fitted to one series or to many (:func:`fit`).

    Parameters
    ----------
    distribution : str
    method : str
        How the parameters were found.
    mode : {"max", "min"}
    ratio : float, optional
        Cs / Cv that was kept.
    own, zero_share, series
        Parameters, share of zeros (mixed distribution) and values as rows; read them by the properties.

    Examples
    --------
    >>> from riskzoning.methods.extremes import fit
    >>> rain = [62, 45, 88, 120, 51, 75, 97, 66, 58, 83, 140, 71, 49, 92, 78]
    >>> fitted = fit(rain)
    >>> {name: round(value, 3) for name, value in fitted.parameters.items()}
    {'skew': 1.249, 'loc': 78.333, 'scale': 27.924}
    >>> fitted.return_level([10, 100]).round(1)
    array([115.7, 167.1])
    >>> round(fitted.return_period(115.7), 1)
    10.0
    """

    distribution: str
    method: str
    mode: str
    own: Parameters
    zero_share: Floats
    series: Series
    ratio: float | None = None

    # ---------------------------------------------------------------- what was fitted

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameters by name: ``skew``, ``loc`` (mean), ``scale`` (deviation) of Pearson III; ``c``, ``loc``, ``scale``
        of the GEV, sign of c as in scipy (c > 0 is bounded above); ``loc``, ``scale`` of Gumbel. With ``mode="min"``
        those of the values with the sign turned.
        """
        every = (self.own.shape, self.own.loc, self.own.scale)[-len(NAMES[self.distribution]) :]
        return {name: self.series.back(part) for name, part in zip(NAMES[self.distribution], every)}

    @property
    def cv(self) -> Any:
        """Cv of Pearson III: deviation through mean (变差系数); NaN where the mean is not above 0."""
        if self.distribution != "pearson3":
            return self.series.back(np.full(self.own.loc.shape, np.nan))
        mean = np.where(self.own.loc > 0, self.own.loc, np.nan)
        return self.series.back(self.own.scale / mean)

    @property
    def count(self) -> Any:
        """Values that were there, by series."""
        return self.series.back(np.isfinite(self.series.values).sum(axis=1))

    @property
    def missing(self) -> Any:
        """Years without a value, by series."""
        return self.series.back(np.isnan(self.series.values).sum(axis=1))

    @property
    def zeros(self) -> Any:
        """Share of years without an event that the mixed distribution keeps apart; else 0."""
        return self.series.back(self.zero_share)

    @property
    def period(self) -> tuple[int, int] | None:
        """First and last year of the series, where it has years."""
        return self.series.span

    # ---------------------------------------------------------------- what it says

    def return_level(self, return_period: ArrayLike) -> Any:
        """Level that is reached once in so many years on the average (重现期水平, 设计值).

        Parameters
        ----------
        return_period : number or array
            More than 1, years.

        Returns
        -------
        float, array, DataFrame or DataArray
            Several periods lead: ``(return_period, ...)``. With ``mode="min"``: values fall below it once in T years.
        """
        periods = np.asarray(return_period, dtype=np.float64)
        rows = self._levels(self._periods(periods), self.own, self.zero_share)
        levels = self.series.back(rows, periods) if periods.ndim else self.series.back(rows[0])
        return levels.assign_attrs(self.series.attrs) if self.series.dims else levels

    def return_period(self, x: Given) -> Any:
        """Return period in years of a value: 1 where every year reaches it, infinite where none can.

        Parameters
        ----------
        x : number or array
            For many series a number, one value for each (matched by label), or those with a leading axis.
        """
        chance, leading = self._exceedance(x)
        with np.errstate(divide="ignore"):
            return self._given(1 / chance, leading)

    def exceedance(self, x: Given) -> Any:
        """Chance 0..1 that a year reaches a value (with ``mode="min"`` falls below it); x as in ``return_period``."""
        return self._given(*self._exceedance(x))

    def plotting_positions(self, formula: str = "weibull") -> pd.DataFrame:
        """The values of a single series with rank, chance and return period, the most extreme first."""
        self._one("plotting_positions")
        ordered, at = chances(self._rows[:1], formula)
        known = np.isfinite(ordered[0])
        value, at = self._sign * ordered[0][known], at[0][known]
        rank = np.arange(1, value.size + 1)
        return pd.DataFrame({"value": value, "rank": rank, "probability": at, "return_period": 1 / at})

    def goodness(self, *, draws: int = 0, seed: int = 0) -> Goodness:
        """How well the distribution fits its values; with draws also the chances p of the tests.

        Parameters
        ----------
        draws : int
            Series to be drawn and fitted again for p; 0: none. 500 take a moment, with ``method="ml"`` seconds.
        seed : int
            The same seed gives the same p.
        """
        rows = self._positive
        ks, ad, rmse = distances(self.distribution, rows, self.own)
        p_ks = p_ad = np.full(len(rows), np.nan)
        if draws:
            p_ks, p_ad = chances_of_fit(self.distribution, rows, self.own, self._refit, draws, seed)
        cost = likelihood_cost(self.distribution, rows, self.own)
        aic = 2 * cost + 2 * len(NAMES[self.distribution])
        return Goodness(*(self.series.back(part) for part in (ks, ad, rmse, p_ks, p_ad, cost, aic)))

    def confidence_band(
        self, return_period: ArrayLike, *, confidence: float | None = None, draws: int | None = None, seed: int = 0,
        kind: str = "parametric",
    ) -> Band:  # fmt: skip
        """Band of the levels by bootstrap: series as long as this one are drawn and fitted in the same way.

        Parameters
        ----------
        return_period : number or array
            As in :meth:`return_level`.
        confidence : float
            Share of the drawn levels inside; default 0.9.
        draws : int
            Default 1000.
        seed : int
            The same seed gives the same band.
        kind : {"parametric", "resample"}
            Drawn from the fitted distribution, or from the values with replacement.
        """
        defaults = standards.table("methods/extremes").data["band"]
        confidence = float(defaults["confidence"] if confidence is None else confidence)
        draws = int(defaults["draws"] if draws is None else draws)
        _refuse_band(confidence, draws, kind)
        periods = self._periods(np.asarray(return_period, dtype=np.float64))
        low, high = (np.full((len(periods), len(self.own.loc)), np.nan) for _ in range(2))
        for i in np.flatnonzero(np.isfinite(self.own.scale)):
            levels = self._drawn_levels(int(i), periods, draws, seed, kind)
            tails = np.nanquantile(levels, [(1 - confidence) / 2, (1 + confidence) / 2], axis=1)
            low[:, i], high[:, i] = tails
        single = np.ndim(return_period) == 0
        lower, upper = (
            self.series.back(part[0]) if single else self.series.back(part, periods) for part in (low, high)
        )
        return Band(lower, self.return_level(return_period), upper)

    def record(self) -> dict[str, Any]:
        """The fit of a single series as plain numbers to be stored, so that later data do not change it.

        :func:`from_record` reads it back. It has no values: what it gives knows levels and periods, nothing of quality.
        """
        self._one("record")
        numbers = {name: float(value) for name, value in self.parameters.items()}
        return {
            "distribution": self.distribution, "method": self.method, "mode": self.mode, "parameters": numbers,
            "zero_share": float(self.zero_share[0]), "count": int(self.count), "period": list(self.period or ()),
        }  # fmt: skip

    # ---------------------------------------------------------------- inside

    @property
    def _sign(self) -> float:
        return -1.0 if self.mode == "min" else 1.0

    @property
    def _rows(self) -> Floats:
        return self._sign * self.series.values

    @property
    def _positive(self) -> Floats:
        """The values that the distribution itself describes: without the zeros of a mixed one."""
        mixed = (self.zero_share > 0)[:, None]
        return np.where(mixed & (self._rows == 0), np.nan, self._rows)

    def _refit(self, rows: Floats) -> Parameters:
        return estimated(self.distribution, rows, self.method, self.ratio)

    def _levels(self, periods: Floats, own: Parameters, zero_share: Floats) -> Floats:
        chance = 1 / periods[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            above = chance / (1 - zero_share)
        rare = np.clip(above, 0.0, 1.0)
        levels = level(self.distribution, rare, own)
        return self._sign * np.where(above >= 1, np.where(zero_share > 0, 0.0, levels), levels)

    def _drawn_levels(self, i: int, periods: Floats, draws: int, seed: int, kind: str) -> Floats:
        """Levels (periods x draws) of series drawn like the i-th; zeros of a mixed one are drawn with their share."""
        row, own, key = self._rows[i], self.own.at(i), (seed, i)
        n = int(np.isfinite(row).sum())
        if kind == "resample":
            sample = resampled(row, draws, key)
        else:
            sample = drawn(self.distribution, n, own, draws, key)
            if self.zero_share[i] > 0:
                dry = np.random.default_rng((seed, i, 1)).uniform(size=sample.shape) < self.zero_share[i]
                sample = np.where(dry, 0.0, sample)
        share = np.zeros(draws)
        if self.zero_share[i] > 0:
            share = (sample == 0).mean(axis=1)
            sample = np.where(sample == 0, np.nan, sample)
        return self._levels(periods, self._refit(sample), share)

    def _exceedance(self, x: Given) -> tuple[Floats, tuple[int, ...] | None]:
        rows, leading = self.series.rows_of(x)
        rows = self._sign * rows
        chance = (1 - self.zero_share) * exceedance(self.distribution, rows, self.own)
        dry = np.where((self.zero_share > 0) & (rows <= 0), 1.0, chance)
        return np.where(np.isnan(self.own.scale) | np.isnan(rows), np.nan, dry), leading

    def _given(self, rows: Floats, leading: tuple[int, ...] | None) -> Any:
        if leading is None:
            return self.series.back(rows[0])
        if self.series.single:
            return rows[:, 0].reshape(leading)
        return rows.reshape(*leading, *self.series.shape)

    def _periods(self, periods: Floats) -> Floats:
        wrong = ~(periods > 1)
        if wrong.any():
            thing = Phrase("argument", name="return_period")
            raise LayerError(Problem("extremes.return_period", thing, value=float(periods[wrong].flat[0])))
        return np.atleast_1d(periods).ravel()

    def _one(self, what: str) -> None:
        if not self.series.single:
            raise LayerError(Problem("extremes.one_series", Phrase("argument", name=what), count=len(self.own.loc)))


def estimated(distribution: str, rows: Floats, method: str, ratio: float | None) -> Parameters:
    """Parameters of series (rows, NaN left out) by a method."""
    if method == "ml":
        return by_likelihood(distribution, rows)
    if method == "curve":
        return by_curve(distribution, rows, ratio=ratio)
    if method == "moments":
        return by_moments(distribution, rows)
    return by_l_moments(distribution, rows, exact=method == "lmoments_exact")


@takes()
def from_record(record: Mapping[str, object]) -> Fitted:
    """A fit from what :meth:`Fitted.record` gave, or from parameters that a standard prints.

    Parameters
    ----------
    record : mapping
        ``distribution`` and ``parameters`` at least. Pearson III also takes ``mean``, ``cv``, ``cs``.

    Raises
    ------
    LayerError
        The distribution is not known, or a parameter is missing or no number.

    Examples
    --------
    >>> printed = {"distribution": "pearson3", "parameters": {"mean": 100, "cv": 0.5, "cs": 1.5}}
    >>> from_record(printed).return_level([10, 100]).round(2)
    array([166.67, 266.52])
    """
    name, given = str(record.get("distribution")), dict(cast("Mapping[str, float]", record.get("parameters") or {}))
    thing = Phrase("argument", name="record")
    if name not in NAMES:
        raise LayerError(Problem("extremes.choice", thing, value=name, known=list(NAMES)))
    if name == "pearson3" and "cv" in given:
        mean = float(given.get("mean", np.nan))
        given = {"loc": mean, "scale": float(given["cv"]) * mean, "skew": float(given.get("cs", np.nan))}
    try:
        numbers = [float(given[key]) for key in NAMES[name]]
    except (KeyError, TypeError, ValueError):
        numbers = [np.nan]
    if not np.all(np.isfinite(numbers)) or numbers[-1] <= 0:
        raise LayerError(Problem("extremes.record", thing, parameters=list(given), wanted=list(NAMES[name])))
    shape, loc, scale = ([0.0, *numbers])[-3:]
    own = Parameters(np.array([shape]), np.array([loc]), np.array([scale]))
    first_last = tuple(cast("list[int]", record.get("period") or []))
    series = Series(np.full((1, 1), np.nan), span=(int(first_last[0]), int(first_last[1])) if first_last else None)
    share = np.array([float(cast("float", record.get("zero_share") or 0.0))])
    return Fitted(name, str(record.get("method", "given")), str(record.get("mode", "max")), own, share, series)


def _refuse_band(confidence: float, draws: int, kind: str) -> None:
    problems = []
    if not 0 < confidence < 1:
        thing = Phrase("argument", name="confidence")
        problems.append(Problem("extremes.number", thing, value=confidence, low=0.0, high=1.0))
    if draws < 1:
        thing = Phrase("argument", name="draws")
        problems.append(Problem("extremes.number", thing, value=draws, low=1, high=1_000_000))
    if kind not in ("parametric", "resample"):
        thing = Phrase("argument", name="kind")
        problems.append(Problem("extremes.choice", thing, value=kind, known=["parametric", "resample"]))
    if problems:
        raise LayerError(problems=problems)
