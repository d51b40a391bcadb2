"""Grades of daily weather: rain, snow, cold waves, dry-hot wind. Limits stand in ``standards/hazards``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.hazards.inputs import Facts
from riskzoning.layers.plausible import takes

# Readings come in 0.1 mm and 0.1 degrees; a limit is met within the noise of floats, also of float32.
_TOLERANCE = 1e-4
_DAY = np.timedelta64(1, "D")


@takes("amount_mm", amount_mm="precipitation")
def rain_grade(amount_mm: Cells, *, hours: Literal[24, 12] = 24) -> Any:
    """Grade of rain (降雨等级): 0 none, 1 小雨, 2 中雨, 3 大雨, 4 暴雨, 5 大暴雨, 6 特大暴雨.

    Parameters
    ----------
    amount_mm : number, array or DataArray
        Rain of the period, mm; numpy or dask. NaN and values below 0 are missing.
    hours : {24, 12}
        Length of the period.

    Returns
    -------
    float, array or DataArray
        As the input, float64; NaN where it is missing. Limits are left-closed: 50 mm is 暴雨.

    Raises
    ------
    LayerError
        There are no limits for so many hours.

    References
    ----------
    GB/T 28592-2012 (as reproduced).

    Examples
    --------
    >>> rain_grade(np.array([0, 0.1, 9.9, 10, 50, 250, np.nan]))
    array([ 0.,  1.,  1.,  2.,  4.,  6., nan])
    """
    return _graded(amount_mm, "rain", hours)


@takes("amount_mm", amount_mm="precipitation")
def snow_grade(amount_mm: Cells, *, hours: Literal[24, 12] = 24) -> Any:
    """Grade of snowfall by its water (降雪等级): 0 none, 1 小雪 .. 4 暴雪, 5 大暴雪, 6 特大暴雪.

    Parameters
    ----------
    amount_mm : number, array or DataArray
        Water of the snow that fell, mm, not its depth. NaN and values below 0 are missing.
    hours : {24, 12}
        Length of the period.

    Returns
    -------
    float, array or DataArray
        As the input, float64; NaN where it is missing.

    Raises
    ------
    LayerError
        There are no limits for so many hours.

    Examples
    --------
    >>> snow_grade(np.array([11.0, 22.0, 32.0]))
    array([4., 5., 6.])
    """
    return _graded(amount_mm, "snow", hours)


def _graded(amount: Cells, kind: str, hours: int) -> Any:
    limits = standards.table("hazards/meteorology_grades").data[kind]
    if hours not in limits:
        raise LayerError(
            Problem(
                "meteorology.hours",
                Phrase("hours_of", kind=Phrase(kind)),
                hours=hours,
                known=[str(known) for known in limits],
            )
        )
    return by_cell(partial(_grade_kernel, limits=np.array(limits[hours], dtype=np.float64)), amount)


def _grade_kernel(values: Array, *, limits: Array) -> Any:
    values = np.asarray(values, dtype=np.float64)
    grade = np.searchsorted(limits - _TOLERANCE, values, side="right").astype(np.float64)
    return np.where(np.isfinite(values) & (values >= 0), grade, np.nan)


@takes("precipitation", precipitation="precipitation", temperature="temperature")
def snow_water(precipitation: Cells, temperature: Cells) -> Any:
    """Water of snow in the precipitation of a day: all of it below 0.5 degrees, else none.

    Parameters
    ----------
    precipitation : number, array or DataArray
        mm.
    temperature : number, array or DataArray
        Mean temperature of the same day, degC.

    Returns
    -------
    float, array or DataArray
        mm; NaN where either is missing.

    Examples
    --------
    >>> snow_water(np.array([40.0, 30.0]), np.array([3.0, 0.2]))
    array([ 0., 30.])
    """
    limit = float(standards.table("hazards/meteorology_grades").data["snow_below_degc"])
    return by_cell(partial(_snow_kernel, limit=limit), precipitation, temperature)


def _snow_kernel(precipitation: Array, temperature: Array, *, limit: float) -> Any:
    known = np.isfinite(precipitation) & np.isfinite(temperature)
    return np.where(known, np.where(temperature < limit, precipitation, 0.0), np.nan)


@takes(tmax="temperature", humidity_14h="relative_humidity", wind_14h="wind_speed")
def dry_hot_wind(tmax: Cells, humidity_14h: Cells, wind_14h: Cells) -> Any:
    """Dry-hot wind (干热风) of a day: 0 none, 1 light, 2 severe.

    Parameters
    ----------
    tmax : number, array or DataArray
        Daily maximum, degC.
    humidity_14h, wind_14h : number, array or DataArray
        Relative humidity (%) and wind (m/s) at 14 h.

    Returns
    -------
    float, array or DataArray
        float64; NaN where one is missing.

    Examples
    --------
    >>> dry_hot_wind(np.array([36.0, 36.0, 31.9]), np.array([28.0, 25.0, 20.0]), np.array([3.0, 3.0, 5.0]))
    array([1., 2., 0.])
    """
    table = standards.table("hazards/meteorology_dry_hot_wind").data
    return dry_hot_degree(tmax, humidity_14h, wind_14h, table=table)


def dry_hot_degree(tmax: Cells, humidity_14h: Cells, wind_14h: Cells, *, table: Facts) -> Any:
    """The highest degree of a table whose limits of temperature, humidity and wind all hold."""
    return by_cell(partial(_dry_hot_kernel, table=table), tmax, humidity_14h, wind_14h)


def _dry_hot_kernel(tmax: Array, humidity: Array, wind: Array, *, table: Facts) -> Any:
    degree = np.zeros(np.broadcast_shapes(np.shape(tmax), np.shape(humidity), np.shape(wind)))
    for code in sorted(table):
        row = table[code]
        met = (
            (tmax >= row["tmax_from"] - _TOLERANCE)
            & (humidity <= row["humidity_14h_to"] + _TOLERANCE)
            & (wind >= row["wind_14h_from"] - _TOLERANCE)
        )
        degree = np.where(met, float(code), degree)
    known = np.isfinite(tmax) & np.isfinite(humidity) & np.isfinite(wind)
    return np.where(known, degree, np.nan)


@takes(tmin="temperature")
def cold_wave_level(tmin: Array | pd.Series[float] | xr.DataArray, *, time_dim: str = "time") -> Any:
    """Level of cold air on each day (冷空气等级): 0 none, 1 moderate, 2 strong, 3 寒潮 cold wave, 4 strong, 5 super.

    A day gets the highest level of the windows of 24, 48 and 72 hours that end on it. The fall of a window is the daily
    minimum of the day before it minus that of its last day; the condition on the minimum looks at the lowest day of the
    window.

    Parameters
    ----------
    tmin : array, Series or DataArray
        Daily minimum temperature, degC; time is the first axis of a plain array. Missing days are NaN or left out of
        the time axis; a window that lacks a day does not count.
    time_dim : str
        Name of the time dimension of a DataArray; other dimensions are free, dask stays lazy.

    Returns
    -------
    array, Series or DataArray
        Shape of the input, float64; NaN on days without any complete window.

    Raises
    ------
    LayerError
        There is no such dimension, or the dates do not rise by whole days.

    References
    ----------
    GB/T 20484-2017, QX/T 393-2017 (as reproduced).

    Examples
    --------
    >>> cold_wave_level(np.array([12.0, 3.0, 3.0, 3.0]))
    array([nan,  3.,  2.,  0.])
    """
    table = standards.table("hazards/meteorology_cold_wave").data
    strong = bool(table.get("strong_tmin", True))
    kernel = partial(_cold_wave_kernel, levels=table["levels"], moderate=table["moderate_tmin"], strong=strong)
    return _along_days(tmin, time_dim, kernel, "cold_wave_level")


@takes(tmin="temperature")
def cold_wave_warning(tmin: Array | pd.Series[float] | xr.DataArray, *, time_dim: str = "time") -> Any:
    """Colour of the signal that the cold of a day deserves (寒潮预警信号): 0 none, 1 blue, 2 yellow, 3 orange, 4 red.

    Blue: the daily minimum falls by 8 degrees and more within 48 hours, to 4 degC or below; yellow: by 10 within 24
    hours, to 4 degC; orange: by 12 within 24 hours, to 0 degC; red: by 16 within 24 hours, to 0 degC. The force of the
    wind, which the signals ask for as well, is not looked at: a day without wind is overrated.

    Parameters
    ----------
    tmin : array, Series or DataArray
        As of :func:`cold_wave_level`.
    time_dim : str

    Returns
    -------
    array, Series or DataArray
        Shape of the input, float64; NaN on days without any complete window.

    Raises
    ------
    LayerError
        As :func:`cold_wave_level`.

    Examples
    --------
    >>> cold_wave_warning(np.array([12.0, 3.0, 2.0, -14.5]))
    array([nan,  0.,  1.,  4.])
    """
    rows = standards.table("hazards/meteorology_cold_wave").data["warnings"]
    return _along_days(tmin, time_dim, partial(_cold_wave_kernel, levels=rows, moderate=None), "cold_wave_warning")


def _along_days(
    tmin: Array | pd.Series[float] | xr.DataArray, time_dim: str, kernel: Callable[[Array], Any], name: str
) -> Any:
    """A kernel over the days of a series, in the container in which it came; left out days are missing."""
    if isinstance(tmin, pd.Series):
        dim = "time"
        layer = xr.DataArray(tmin.to_numpy(dtype=float), coords={dim: tmin.index}, dims=dim)
        return pd.Series(_along_days(layer, dim, kernel, name).to_numpy(), index=tmin.index, name=tmin.name)
    if not isinstance(tmin, xr.DataArray):
        if np.ndim(tmin) == 0:
            raise LayerError(Problem("events.dims", Phrase("daily_minima"), dims=0))
        values = np.moveaxis(np.asarray(tmin, dtype=np.float64), 0, -1)
        return np.moveaxis(kernel(values), -1, 0)
    if time_dim not in tmin.dims:
        raise LayerError(
            Problem("meteorology.time_dim", Phrase("daily_minima"), dims=list(map(str, tmin.dims)), dim=time_dim)
        )
    every, whole = _every_day(tmin, time_dim)
    whole = whole.chunk({time_dim: -1}) if whole.chunks is not None else whole
    out = xr.apply_ufunc(
        kernel,
        whole,
        input_core_dims=[[time_dim]],
        output_core_dims=[[time_dim]],
        dask="parallelized",
        output_dtypes=[np.float64],
        keep_attrs=False,
    ).transpose(*tmin.dims)
    out = out.isel({time_dim: every}) if every is not None else out
    return out.rename(name)


def _every_day(tmin: xr.DataArray, time_dim: str) -> tuple[Any, xr.DataArray]:
    """The series with the days that its time axis leaves out, and the places of its own days (None: nothing added)."""
    index = tmin.indexes.get(time_dim)
    if not isinstance(index, pd.DatetimeIndex) or len(index) < 2:
        return None, tmin
    steps = np.diff(index.values)
    if steps.min() < _DAY or np.any(steps % _DAY):
        raise LayerError(Problem("meteorology.time", Phrase("daily_minima")))
    if steps.max() == _DAY:
        return None, tmin
    days = pd.date_range(index[0], index[-1], freq="D")
    return days.get_indexer(index), tmin.reindex({time_dim: days})


def _cold_wave_kernel(values: Array, *, levels: Sequence[Facts], moderate: float | None, strong: bool = True) -> Any:
    """Levels along the last axis; not ``strong``: no minimum for level 2, falls from the warmest night before."""
    values = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    size = values.shape[-1]
    level, known = np.zeros(values.shape), np.zeros(values.shape, dtype=bool)
    for days in (1, 2, 3):
        if size <= days:
            break
        last = values[..., days:]
        drop = values[..., : size - days] - last
        lowest = last
        for back in range(1, days):
            # A missing day makes the minimum, and with it the window, missing.
            before = values[..., days - back : size - back]
            lowest = np.minimum(lowest, before)
            drop = drop if strong else np.maximum(drop, before - last)
        complete = np.isfinite(drop) & np.isfinite(lowest)
        known[..., days:] |= complete
        for row in levels:
            if days not in row["drops"]:
                continue
            met = complete & (drop >= row["drops"][days] - _TOLERANCE)
            limit = row["tmin"] if strong or row["code"] != 2 else None
            if row["code"] == 1 and moderate is not None:
                # Falls that reach level 2 but for the minimum stay level 1 without a condition.
                enough = next(other["drops"][days] for other in levels if other["code"] == 2)
                met &= (lowest <= moderate + _TOLERANCE) | (drop >= enough - _TOLERANCE)
            elif limit is not None:
                met &= lowest <= limit + _TOLERANCE
            target = level[..., days:]
            target[met] = np.maximum(target[met], row["code"])
    return np.where(known, level, np.nan)
