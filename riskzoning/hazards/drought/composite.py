"""The composite drought index MCI (气象干旱综合指数) of days, its parts, and the classes of drought."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.hazards.drought.evaporation import heat_index, thornthwaite
from riskzoning.hazards.drought.series import Daily, Dates, series_of
from riskzoning.hazards.drought.standardised import (
    Standard,
    ZeroRule,
    fit_standard,
    rule,
    standardise,
    weighted_sums,
)
from riskzoning.layers.numbers import limits_like
from riskzoning.layers.plausible import plausible, takes

Region = Literal["north", "south"]
Season = Literal["public", "none", "henan_draft"]


class Parts(NamedTuple):
    """The four parts of MCI, each with time last."""

    weighted: Array
    moisture: Array
    three_months: Array
    five_months: Array
    # Days on which the moisture is not defined because nothing evaporates.
    frozen: Array


@takes()
def relative_moisture(precipitation: Cells, evapotranspiration: Cells) -> Any:
    """Relative moisture (相对湿润度指数, MI): (P - PET) / PET of the same days.

    Parameters
    ----------
    precipitation, evapotranspiration : number, array, Series or DataArray
        mm in the same period, usually the last 30 days.

    Returns
    -------
    float, array, Series or DataArray
        -1 without rain; NaN where nothing evaporates (months of frost) or a value is missing.

    Examples
    --------
    >>> relative_moisture(np.array([0.0, 30.0, 5.0]), np.array([60.0, 60.0, 0.0])).tolist()
    [-1.0, -0.5, nan]
    """
    return by_cell(_moisture, precipitation, evapotranspiration)


def _moisture(rain: Array, potential: Array) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(potential > 0, (rain - potential) / potential, np.nan)


@takes()
def mci_of_parts(
    spiw60: Cells, mi30: Cells, spi90: Cells, spi150: Cells, *, season: Cells = 1.0, region: Region = "north"
) -> Any:
    """MCI of its four parts: Ka (a SPIW60 + b MI30 + c SPI90 + d SPI150).

    Parameters
    ----------
    spiw60, mi30, spi90, spi150 : number, array, Series or DataArray
        Standardised weighted rain of 60 days, relative moisture of 30 days, SPI of 90 and of 150 days.
    season : number or array
        Ka, the factor of season and crops.
    region : {"north", "south"}
        Whose coefficients: 北方及西部, 南方.

    Returns
    -------
    float, array, Series or DataArray
        NaN where a part is missing.

    References
    ----------
    GB/T 20481-2017.

    Examples
    --------
    >>> round(mci_of_parts(-1.2, -0.6, -0.9, -0.4, season=1.2), 3)
    -1.212
    """
    regions = rule("mci")["regions"]
    if region not in regions:
        thing = Phrase("argument", name="region")
        raise LayerError(Problem("drought.method", thing, given=str(region), known=list(regions)))
    factors = tuple(float(regions[region][name]) for name in "abcd")
    return by_cell(partial(_composite, factors=factors), spiw60, mi30, spi90, spi150, season)


def _composite(
    weighted: Array, moisture: Array, three: Array, five: Array, season: Array, *, factors: Sequence[float]
) -> Any:
    a, b, c, d = factors
    return season * (a * weighted + b * moisture + c * three + d * five)


def season_factors(season: Season | Sequence[float]) -> Array:
    """Ka of January to December: a row of the table, or twelve numbers."""
    rows = rule("mci")["season"]
    thing = Phrase("argument", name="season")
    if isinstance(season, str):
        if season not in rows:
            raise LayerError(Problem("drought.method", thing, given=season, known=list(rows)))
        return np.asarray(rows[season], dtype=np.float64)
    factors = np.asarray(list(season), dtype=np.float64)
    if factors.shape != (12,) or not np.isfinite(factors).all() or (factors < 0).any():
        raise LayerError(Problem("drought.season", thing, given=[float(value) for value in factors.ravel()]))
    return factors


@takes()
def mci(
    precipitation: Cells,
    temperature: Cells,
    *,
    dates: Dates | None = None,
    region: Region = "north",
    season: Season | Sequence[float] = "none",
    calibration: Sequence[int] | None = None,
    zero_rule: ZeroRule | None = None,
    min_years: int | None = None,
) -> Any:
    """Composite meteorological drought index of every day (气象干旱综合指数, MCI) from daily rain and mean temperature.

    Parameters
    ----------
    precipitation : array, Series or DataArray
        mm a day; time is the first axis of an array (with ``dates``), the index of a Series, the dim ``time`` of a
        DataArray, which may have further dims (stations, cells).
    temperature : as ``precipitation``
        Daily mean, degC, of the same days and places.
    dates : array of dates, optional
        For plain arrays.
    region : {"north", "south"}
        Coefficients of 北方及西部 or of 南方.
    season : {"none", "public", "henan_draft"} or twelve numbers
        Ka of January to December: 1 all year (the default: no row for Henan was found), the row of two public systems
        of a country with one harvest, or a draft for wheat and maize that nobody published.
    calibration, zero_rule, min_years
        As for :func:`spi`.

    Returns
    -------
    same container
        -0.5 and below is light drought, see :func:`drought_class`. NaN where rain or temperature is missing, in the
        first 149 days, and while nothing evaporates (mean temperature of 30 days at or below 0): never 0 instead.
        Where hardly anything evaporates the moisture term counts as 10 at most (``moisture_most``): wet, and no more.

    Raises
    ------
    LayerError
        As :func:`spi`; the two series are of other days; monthly values.

    Warns
    -----
    RiskZoningWarning
        A temperature that is the same on every day of a place.

    References
    ----------
    GB/T 20481-2017.

    Examples
    --------
    >>> days = pd.date_range("2001-01-01", "2014-12-31")
    >>> rng = np.random.default_rng(2)
    >>> rain = pd.Series(np.where(rng.random(days.size) < 0.25, rng.gamma(0.7, 9.0, days.size), 0.0), days)
    >>> warm = pd.Series(14.0 - 14.0 * np.cos(2 * np.pi * (days.dayofyear - 15) / 365.25), days)
    >>> index = mci(rain, warm, calibration=(2001, 2014))
    >>> int(index.isna().sum()), bool(index.min() < -1.0 < 1.0 < index.max())
    (149, True)
    """
    rain, warm = daily_pair(precipitation, temperature, dates)
    _tell_constant(warm)
    parts, _ = mci_parts(rain, warm, calibration=calibration, zero_rule=zero_rule, min_years=min_years)
    return rain.back(composite(parts, rain.time, region=region, season=season))


def _tell_constant(warm: Daily) -> None:
    """No place has the same temperature every day: that is a fill value or a failed export."""
    values = warm.values.reshape(-1, warm.values.shape[-1])
    known = np.isfinite(values).sum(axis=1) > 1
    low, high = np.nanmin(values[known], axis=1), np.nanmax(values[known], axis=1)
    if same := int((low == high).sum()):
        value = float(low[low == high][0])
        rule_of = "drought.constant_temperature"
        note(Problem(rule_of, warm.thing, severity="warning", count=same, total=len(values), value=value))


def composite(parts: Parts, time: pd.DatetimeIndex, *, region: Region, season: Season | Sequence[float]) -> Array:
    """MCI of parts with time last."""
    factors = season_factors(season)[time.month.to_numpy() - 1]
    out = mci_of_parts(
        parts.weighted, parts.moisture, parts.three_months, parts.five_months, season=factors, region=region
    )
    return np.asarray(out)


def daily_pair(precipitation: Cells | Daily, temperature: Cells | Daily, dates: Dates | None) -> tuple[Daily, Daily]:
    """Daily rain and temperature of the same days."""
    rain = series_of(precipitation, dates, element="precipitation", negative=False)
    warm = series_of(temperature, dates, element="tmean")
    for series in (rain, warm):
        if series.step != "day":
            raise LayerError(Problem("drought.daily", series.thing))
    if not rain.time.equals(warm.time) or rain.values.shape != warm.values.shape:
        spans = [f"{one.time[0].date()}..{one.time[-1].date()}" for one in (rain, warm)]
        raise LayerError(Problem("drought.pair", warm.thing, precipitation=spans[0], temperature=spans[1]))
    return rain, warm


def mci_parts(
    rain: Daily,
    warm: Daily,
    *,
    calibration: Sequence[int] | None,
    zero_rule: ZeroRule | None,
    min_years: int | None,
    min_share: float = 1.0,
) -> tuple[Parts, dict[str, Standard]]:
    """The parts of MCI and the distributions behind them; ``min_share`` of a window must have rain."""
    table = rule("mci")
    windows = table["windows"]
    zeros: ZeroRule = zero_rule or rule("zero_rule")
    ones = {name: np.ones(int(windows[name])) for name in ("three_months", "five_months")}
    decay = float(table["decay"]) ** np.arange(int(windows["weighted"]) + 1)[::-1]
    indices, fits = {}, {}
    for name, weights in {"weighted": decay, **ones}.items():
        sums = weighted_sums(rain.values, weights=weights, min_share=min_share)
        fits[name] = fit_standard(
            rain.with_values(sums), weights.size, calibration=calibration, min_years=min_years, summed=True
        )
        indices[name] = standardise(sums, rain.time, "day", fits[name], zero_rule=zeros)
    years = fits["weighted"].calibration
    days = np.ones(int(windows["moisture"]))
    mean = weighted_sums(warm.values, weights=days, min_share=min_share) / days.size
    heat = heat_index(monthly_normals(warm, years))
    potential = thornthwaite(mean, heat=np.asarray(heat)[..., None], days=float(days.size))
    total = weighted_sums(rain.values, weights=days, min_share=min_share)
    frozen = np.isfinite(total) & (potential <= 0)
    moisture = np.asarray(relative_moisture(total, potential))
    most = table.get("moisture_most")
    moisture = moisture if most is None else np.minimum(moisture, float(most))
    return Parts(indices["weighted"], moisture, indices["three_months"], indices["five_months"], frozen), fits


def monthly_normals(series: Daily, years: tuple[int, int]) -> Array:
    """Means of the twelve months (last axis) over the years of a calibration; NaN where a month has no value."""
    inside = (series.time.year >= years[0]) & (series.time.year <= years[1])
    out = np.full((*series.values.shape[:-1], 12), np.nan)
    for month in range(12):
        part = series.values[..., inside & (series.time.month == month + 1)]
        count = np.isfinite(part).sum(axis=-1)
        with np.errstate(invalid="ignore"):
            out[..., month] = np.where(count > 0, np.nansum(part, axis=-1) / np.maximum(count, 1), np.nan)
    return out


@takes()
def drought_class(index: Cells, *, kind: Literal["index", "moisture"] = "index") -> Any:
    """Class of drought: 0 none (无旱), 1 light (轻旱), 2 moderate (中旱), 3 severe (重旱), 4 extreme (特旱).

    Parameters
    ----------
    index : number, array, Series or DataArray
        SPI, SPEI or MCI; relative moisture for ``kind="moisture"``.
    kind : {"index", "moisture"}

    Returns
    -------
    float, array, Series or DataArray
        A value at a limit belongs to the drier class; NaN where the index is missing.

    Warns
    -----
    RiskZoningWarning
        Values that no such index has (below -5 or above 20): another quantity, another unit or a code for missing.

    References
    ----------
    GB/T 20481-2017.

    Examples
    --------
    >>> drought_class(np.array([-0.4999, -0.5, -1.0, -2.0, np.nan]))
    array([ 0.,  1.,  2.,  4., nan])
    """
    limits = rule("classes")
    if kind not in limits:
        raise LayerError(
            Problem("drought.method", Phrase("argument", name="kind"), given=str(kind), known=list(limits))
        )
    checked = plausible(index, "drought_index" if kind == "index" else "relative_moisture", name="index")
    return by_cell(partial(_class, limits=-np.asarray(limits[kind], dtype=np.float64)), checked)


def _class(values: Array, *, limits: Array) -> Any:
    place = np.searchsorted(limits_like(limits, values), -values, side="right")
    return np.where(np.isnan(values), np.nan, place.astype(np.float64))
