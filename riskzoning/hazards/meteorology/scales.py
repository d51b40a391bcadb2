"""Classes of single readings (wind, fog, hail), what the environment adds, and late frost of wheat."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.hazards.readings import check_days, checked_values
from riskzoning.layers.plausible import takes
from riskzoning.methods.ranges import spans

_TABLE = "hazards/meteorology_scales"
_TOLERANCE = 1e-4
_ELEMENTS = {"wind": "wind_gust", "fog": "visibility", "fog_warning": "visibility", "hail": "hail_diameter"}


def scale_rule(key: str) -> Any:
    """An entry of the table of scales."""
    return standards.table(_TABLE).data[key]


@takes()
def weather_class(values: Cells, scale: Literal["wind", "fog", "fog_warning", "hail"]) -> Any:
    """Class of a reading: Beaufort force 6 to 12 of wind, grade 1 to 4 of fog or hail, signal of fog; 0 is none.

    Parameters
    ----------
    values : number, array or DataArray
        Wind m/s, visibility m, largest diameter of hail mm.
    scale : {"wind", "fog", "fog_warning", "hail"}
        ``fog_warning``: colour of the signal, 2 yellow, 3 orange, 4 red.

    Returns
    -------
    float, array or DataArray
        As the input, float64; NaN where it is missing. Limits belong to the class above: a gust of 17.2 m/s is force 8;
        visibility of 500 m is grade 1 of fog, below 500 m grade 2.

    Examples
    --------
    >>> weather_class(np.array([10.7, 17.2, 32.7]), "wind").tolist()
    [0.0, 8.0, 12.0]
    >>> weather_class(np.array([1000.0, 500.0, 499.0, 49.0]), "fog").tolist()
    [0.0, 1.0, 2.0, 4.0]
    """
    if scale not in _ELEMENTS:
        thing = Phrase("argument", name="scale")
        raise LayerError(Problem("meteorology.scale", thing, scale=str(scale), known=list(_ELEMENTS)))
    rule = scale_rule(scale)
    kernel = partial(_class_kernel, limits=np.array(rule["limits"]), classes=np.array(rule["classes"]),
                     down=rule["direction"] == "down")  # fmt: skip
    readings = checked_values(values, _ELEMENTS[scale], thing=Phrase("argument", name="values"))
    return by_cell(kernel, readings)


def _class_kernel(values: Array, *, limits: Array, classes: Array, down: bool) -> Array:
    numbers = np.asarray(values, dtype=np.float64)
    if down:
        # Limits fall: below the first, below the second ...
        reached = sum((numbers < limit - _TOLERANCE).astype(int) for limit in limits)
    else:
        reached = np.searchsorted(limits - _TOLERANCE, numbers, side="right")
    grades = np.concatenate([[0.0], classes.astype(np.float64)])
    known = np.isfinite(numbers) & (numbers >= 0)
    return np.where(known, grades[np.where(known, reached, 0)], np.nan)


@takes()
def environment_share(factor: Cells, *, low: float | None = None, high: float | None = None) -> Any:
    """Share e by which the environment of a place (孕灾环境) raises the hazard of rain: -0.3 to 0.3; H' = H (1 + e).

    Parameters
    ----------
    factor : number, array or DataArray
        Sensitivity of the place, larger is worse (terrain, distance to rivers ...).
    low, high : float, optional
        Values that count as least and most; by default those that are there. Give them where cities are to compare.

    Returns
    -------
    same container
        NaN where the factor is missing; 0 everywhere where it is the same.

    Examples
    --------
    >>> environment_share(np.array([0.2, 0.5, 0.7, 1.0])).round(3).tolist()
    [-0.3, -0.075, 0.075, 0.3]
    """
    numbers = np.asarray(factor, dtype=np.float64)
    known = numbers[np.isfinite(numbers)]
    least = low if low is not None else float(known.min()) if known.size else np.nan
    most = high if high is not None else float(known.max()) if known.size else np.nan
    start, wide = scale_rule("environment")
    return by_cell(partial(_environment_kernel, least=least, most=most, start=start, wide=wide), factor)


def _environment_kernel(values: Array, *, least: float, most: float, start: float, wide: float) -> Array:
    numbers = np.asarray(values, dtype=np.float64)
    if not spans(least, most):
        return np.where(np.isfinite(numbers), 0.0, np.nan)
    return np.asarray(start + wide * np.clip((numbers - least) / (most - least), 0.0, 1.0))


@takes()
def late_frost_index(tmin: xr.DataArray) -> pd.DataFrame:
    """Late frost of wheat (晚霜冻, rule of Henan): days of April below 0 and below -1.5 degC, scaled and weighted.

    Parameters
    ----------
    tmin : DataArray
        ``station`` x ``time``, daily minimum, degC.

    Returns
    -------
    DataFrame
        ``station year below_0 below_hard index class``: the index is 0.3 x and 0.7 x the days, each between the least
        and the most of all years of all stations; class 0 to 3 by 0.45, 0.55 and 0.65. NaN where a day of April lacks.

    Examples
    --------
    >>> days = pd.date_range("2001-04-01", "2002-04-30")
    >>> cold = np.where(days < "2001-04-04", -2.0, 5.0)
    >>> series = xr.DataArray([cold], dims=("station", "time"), coords={"station": ["a"], "time": days})
    >>> late_frost_index(series)[["year", "below_0", "index", "class"]].values.tolist()
    [[2001.0, 3.0, 1.0, 3.0], [2002.0, 0.0, 0.0, 0.0]]
    """
    rule = scale_rule("late_frost")
    values = checked_values(tmin, "tmin", thing=Phrase("daily_minima"))
    check_days(values.indexes.get("time"), Phrase("daily_minima"))
    days = values.transpose("station", "time")
    time = days.indexes["time"]
    parts = []
    for year in np.unique(time.year):
        inside = (time.year == year) & (time.month == rule["month"])
        nights = days.to_numpy()[:, inside]
        whole = np.isfinite(nights).sum(axis=1) == pd.Timestamp(int(year), int(rule["month"]), 1).days_in_month
        counts = [np.where(whole, (nights < limit - _TOLERANCE).sum(axis=1), np.nan) for limit in rule["below"]]
        parts.append(
            pd.DataFrame({"station": days["station"], "year": int(year), "below_0": counts[0], "below_hard": counts[1]})
        )
    table = pd.concat(parts, ignore_index=True)
    scaled = [_between(table[name]) for name in ("below_0", "below_hard")]
    table["index"] = sum(weight * part for weight, part in zip(rule["weights"], scaled))
    grade = np.searchsorted(np.asarray(rule["breaks"]) - 1e-9, table["index"], side="right").astype(np.float64)
    table["class"] = np.where(np.isfinite(table["index"]), grade, np.nan)
    return table


def _between(values: pd.Series[float]) -> pd.Series[float]:
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if spans(low, high) else values * 0.0
