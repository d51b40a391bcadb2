"""Potential evapotranspiration (潜在蒸散, PET): Thornthwaite, Hargreaves, Penman-Monteith and two more."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.hazards.drought.standardised import rule
from riskzoning.layers.plausible import takes

# W/m2 on the top of the atmosphere, and its MJ a day and m2; mm of water that a MJ evaporates.
_SOLAR_W = 1367.0
_SOLAR = 0.0820 * 60 * 24
_WATER = 0.408


@takes()
def solar_declination(day_of_year: Cells) -> Any:
    """Declination of the sun (太阳赤纬), radians (FAO-56).

    Parameters
    ----------
    day_of_year : number or array
        1..366.

    Examples
    --------
    >>> round(solar_declination(30), 6)
    -0.313551
    """
    return by_cell(_declination, day_of_year)


def _declination(day: Array) -> Any:
    return 0.409 * np.sin(2 * np.pi * np.asarray(day, dtype=np.float64) / 365.0 - 1.39)


@takes()
def sunset_angle(latitude: Cells, declination: Cells) -> Any:
    """Hour angle of sunset, radians: 0 in polar night, pi in polar day.

    Parameters
    ----------
    latitude : number or array
        Degrees north.
    declination : number or array
        Radians.

    Examples
    --------
    >>> round(sunset_angle(10.0, float(np.deg2rad(10.0))), 6)
    1.601893
    """
    return by_cell(_sunset, latitude, declination)


def _sunset(latitude: Array, declination: Array) -> Any:
    return np.arccos(np.clip(-np.tan(np.deg2rad(latitude)) * np.tan(declination), -1.0, 1.0))


@takes()
def daylight(angle: Cells) -> Any:
    """Hours from sunrise to sunset for an hour angle of sunset (radians).

    Examples
    --------
    >>> round(daylight(float(np.pi / 3)), 9)
    8.0
    """
    return by_cell(_hours, angle)


def _hours(angle: Array) -> Any:
    return 24.0 / np.pi * np.asarray(angle)


@takes()
def extraterrestrial_radiation(latitude: Cells, dates: pd.DatetimeIndex) -> Any:
    """Radiation on the top of the atmosphere, MJ/m2 a day (FAO-56), last axis time.

    Parameters
    ----------
    latitude : number or array
        Degrees north.
    dates : DatetimeIndex

    Examples
    --------
    >>> extraterrestrial_radiation(45.0, pd.DatetimeIndex(["2000-07-03"])).round(1).tolist()
    [41.5]
    """
    day = dates.dayofyear.to_numpy().astype(np.float64)
    place = np.deg2rad(np.asarray(latitude, dtype=np.float64))[..., None]
    tilt = _declination(day)
    near = 1.0 + 0.033 * np.cos(2 * np.pi * day / 365.0)
    sunset = np.arccos(np.clip(-np.tan(place) * np.tan(tilt), -1.0, 1.0))
    radiation = sunset * np.sin(place) * np.sin(tilt) + np.cos(place) * np.cos(tilt) * np.sin(sunset)
    return np.asarray(_SOLAR / np.pi * near * radiation)


@takes()
def heat_index(monthly_temperature: Cells) -> Any:
    """Heat index H of the twelve mean temperatures of the months (last axis, degC): months below 0 count as 0.

    Examples
    --------
    >>> round(heat_index([-2, 1, 8, 15, 21, 26, 27, 26, 21, 15, 7, 0]), 5)
    69.02427
    """
    values = np.asarray(monthly_temperature, dtype=np.float64)
    if values.shape[-1] != 12:
        raise LayerError(
            Problem("drought.months", Phrase("argument", name="monthly_temperature"), count=values.shape[-1])
        )
    out = ((np.maximum(values, 0.0) / 5.0) ** float(rule("thornthwaite")["exponent"])).sum(axis=-1)
    return out if np.ndim(out) else float(out)


@takes()
def heat_exponent(heat: Cells) -> Any:
    """Exponent A of Thornthwaite's formula for a heat index H.

    Examples
    --------
    >>> round(heat_exponent(69.02427), 5)
    1.58156
    """
    return by_cell(partial(np.polyval, np.asarray(rule("thornthwaite")["heat"], dtype=np.float64)), heat)


@takes(temperature="temperature")
def thornthwaite(temperature: Cells, *, heat: Cells, days: Cells = 30.0, hours: Cells = 12.0) -> Any:
    """Potential evapotranspiration of a period after Thornthwaite (桑斯维特法); MCI takes it with days of 12 hours.

    Parameters
    ----------
    temperature : number or array
        Mean of the period, degC; at or below 0 the result is 0.
    heat : number or array
        Heat index of the place, from :func:`heat_index`.
    days : number or array
        Length of the period.
    hours : number or array
        Mean hours from sunrise to sunset in it.

    Returns
    -------
    float or array
        mm in the period; NaN where the temperature is missing.

    Examples
    --------
    >>> thornthwaite(np.array([-2.0, 15.0, 27.0]), heat=69.02427).round(2)
    array([  0.  ,  54.61, 138.35])
    """
    return by_cell(_thornthwaite, temperature, heat, heat_exponent(heat), days, hours)


def _thornthwaite(temperature: Array, heat: Array, exponent: Array, days: Array, hours: Array) -> Any:
    warm = np.maximum(temperature, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = 16.0 * (10.0 * warm / heat) ** exponent * days / 30.0 * hours / 12.0
    # Where no month is above freezing nothing evaporates.
    return np.where(np.isnan(temperature), np.nan, np.where((warm <= 0) | (heat <= 0), 0.0, out))


@takes()
def potential_evapotranspiration(
    tmin: Cells,
    tmax: Cells,
    *,
    latitude: Cells,
    dates: pd.DatetimeIndex,
    method: str = "hargreaves",
    tmean: Cells | None = None,
) -> Any:
    """Potential evapotranspiration of days from their temperatures (time the last axis), mm a day.

    Parameters
    ----------
    tmin, tmax : array
        degC, last axis time.
    latitude : number or array
        Degrees north, one or one for each series.
    dates : DatetimeIndex
    method : {"hargreaves", "baier_robertson", "mcguinness_bordne"}
        Hargreaves-Samani 1985, Baier-Robertson 1965, McGuinness-Bordne 1972 (as calibrated in Britain).
    tmean : array, optional
        Default: the middle of ``tmin`` and ``tmax``.

    Returns
    -------
    array
        mm a day, not below 0; NaN where a temperature is missing.

    Raises
    ------
    LayerError
        Unknown method.

    Examples
    --------
    >>> days = pd.date_range("2000-07-01", periods=3)
    >>> potential_evapotranspiration([0, 5, 10], [10, 15, 20], latitude=45.0, dates=days)[2].round(2)
    np.float64(4.04)
    """
    low, high = (np.asarray(value, dtype=np.float64) for value in (tmin, tmax))
    mean = (low + high) / 2.0 if tmean is None else np.asarray(tmean, dtype=np.float64)
    radiation = extraterrestrial_radiation(latitude, dates)
    if method == "hargreaves":
        with np.errstate(invalid="ignore"):
            out = 0.0023 * _WATER * radiation * (mean + 17.8) * np.sqrt(np.maximum(high - low, 0.0))
    elif method == "baier_robertson":
        calories = radiation * 1e6 / 4.184 / 1e4
        warm, span = high * 1.8 + 32.0, (high - low) * 1.8
        out = 0.094 * (-87.03 + 0.928 * warm + 0.933 * span + 0.0486 * calories)
    elif method == "mcguinness_bordne":
        # Radiation in W/m2 of another solar constant; coefficients for Britain.
        out = (
            radiation
            * _MCGUINNESS_SCALE
            / (4185.5 * (751.78 - 0.5655 * (mean + 273.15)))
            * (_MCGUINNESS[0] * mean + _MCGUINNESS[1])
        )
    else:
        known = ["hargreaves", "baier_robertson", "mcguinness_bordne"]
        raise LayerError(Problem("drought.method", Phrase("argument", name="method"), given=method, known=known))
    return np.maximum(out, 0.0)


# Coefficients of Tanguy et al. 2018; MJ of FAO-56 to J of a day under 1367 W/m2.
_MCGUINNESS = (0.00516409319477, 0.0874972822289)
_MCGUINNESS_SCALE = 1e6 * _SOLAR_W * 86_400.0 / (_SOLAR * 1e6)


@takes()
def penman_monteith(
    tmin: Cells, tmax: Cells, *, humidity: Cells, wind: Cells, net_radiation: Cells, pressure: Cells = 101.325
) -> Any:
    """Reference evapotranspiration of days after FAO-56 Penman-Monteith, mm a day (time of any shape).

    Parameters
    ----------
    tmin, tmax : number or array
        degC.
    humidity : number or array
        Mean relative humidity, %.
    wind : number or array
        m/s at 10 m.
    net_radiation : number or array
        MJ/m2 a day; from sunshine by :func:`net_radiation`.
    pressure : number or array
        kPa.

    Examples
    --------
    >>> net = (70.20 - 20.36 - (311.3 - 275.4)) * 0.0864
    >>> round(penman_monteith(10.0, 20.0, humidity=73.0, wind=10.7 / 3.6, net_radiation=net), 2)
    1.22
    """
    return by_cell(_penman, tmin, tmax, humidity, wind, net_radiation, pressure)


def _saturation(temperature: Array) -> Any:
    return 0.6108 * np.exp(17.27 * temperature / (temperature + 237.3))


def _penman(tmin: Array, tmax: Array, humidity: Array, wind: Array, net: Array, pressure: Array) -> Any:
    mean = (tmin + tmax) / 2.0
    full = (_saturation(tmin) + _saturation(tmax)) / 2.0
    slope = 4098.0 * _saturation(mean) / (mean + 237.3) ** 2
    psychrometric = 0.665e-3 * pressure
    wind2 = wind * 4.87 / np.log(67.8 * 10.0 - 5.42)
    lacking = full * (1.0 - np.minimum(humidity, 100.0) / 100.0)
    upper = _WATER * slope * net + psychrometric * 900.0 / (mean + 273.0) * wind2 * lacking
    return np.maximum(upper / (slope + psychrometric * (1.0 + 0.34 * wind2)), 0.0)


@takes()
def net_radiation(
    tmin: Cells, tmax: Cells, *, humidity: Cells, sunshine: Cells, latitude: Cells, dates: pd.DatetimeIndex
) -> Any:
    """Net radiation of days from hours of sunshine (FAO-56: albedo 0.23, a = 0.25, b = 0.50), MJ/m2 a day, time last.

    Parameters
    ----------
    tmin, tmax : array
        degC.
    humidity : array
        %.
    sunshine : array
        Hours.
    latitude : number or array
        Degrees north.
    dates : DatetimeIndex

    Examples
    --------
    >>> day = pd.DatetimeIndex(["2001-05-15"])
    >>> net_radiation([15.0], [28.0], humidity=[55.0], sunshine=[9.0], latitude=35.3, dates=day).round(1).tolist()
    [13.4]
    """
    low, high, damp, hours = (np.asarray(value, dtype=np.float64) for value in (tmin, tmax, humidity, sunshine))
    above = extraterrestrial_radiation(latitude, dates)
    tilt = _declination(dates.dayofyear.to_numpy())
    longest = 24.0 / np.pi * _sunset(np.asarray(latitude, dtype=np.float64)[..., None], tilt)
    share = np.clip(hours / np.maximum(longest, 1e-6), 0.0, 1.0)
    short = (0.25 + 0.50 * share) * above
    vapour = (_saturation(low) + _saturation(high)) / 2.0 * np.minimum(damp, 100.0) / 100.0
    clear = np.clip(short / np.maximum(0.75 * above, 1e-6), 0.0, 1.0)
    kelvin = ((high + 273.16) ** 4 + (low + 273.16) ** 4) / 2.0
    long = 4.903e-9 * kelvin * (0.34 - 0.14 * np.sqrt(vapour)) * (1.35 * clear - 0.35)
    return 0.77 * short - long
