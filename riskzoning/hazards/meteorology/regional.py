"""Processes of a region from its stations: rainstorms (区域性暴雨过程) and cold air (区域性冷空气过程)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array
from riskzoning.hazards.meteorology.grading import cold_wave_level
from riskzoning.hazards.meteorology.scales import scale_rule
from riskzoning.hazards.readings import check_days, checked_values
from riskzoning.layers.plausible import takes
from riskzoning.methods.events import spells

_TOLERANCE = 1e-4


class ColdAir(NamedTuple):
    """Intensity of a process of cold air, weighted by its reach, and its class: 0 none, 1, 2, 3 cold wave.

    Examples
    --------
    >>> cold_air_index(0, 0, 4, stations=16)
    ColdAir(intensity=3.0, reach=1.5, grade=3)
    """

    intensity: float
    reach: float
    grade: int


@takes()
def cold_air_index(moderate: int, strong: int, wave: int, *, stations: int) -> ColdAir:
    """How strong a process of cold air was over a region (rule of Hubei).

    Parameters
    ----------
    moderate, strong, wave : int
        Stations whose strongest day had level 1, level 2, level 3 or more.
    stations : int
        All stations of the region.

    Returns
    -------
    ColdAir
        I = (3 N3 + 2 N2 + N1) / N, M = I sqrt(N / all), grade 1 from I 1, 2 from 1.7, 3 from 1.95.

    Raises
    ------
    LayerError
        More stations with cold air than there are, or negative numbers.

    Examples
    --------
    >>> cold_air_index(2, 3, 5, stations=40)
    ColdAir(intensity=2.3, reach=1.15, grade=3)
    """
    reached = moderate + strong + wave
    if min(moderate, strong, wave) < 0 or reached > stations or stations < 1:
        thing = Phrase("argument", name="stations")
        raise LayerError(Problem("meteorology.station_counts", thing, reached=reached, stations=stations))
    if not reached:
        return ColdAir(0.0, 0.0, 0)
    intensity = (3 * wave + 2 * strong + moderate) / reached
    limits = np.asarray(scale_rule("regional_cold")["limits"])
    grade = int(np.searchsorted(limits - 1e-9, intensity, side="right"))
    return ColdAir(intensity, float(intensity * np.sqrt(reached / stations)), grade)


@takes()
def cold_air_processes(tmin: xr.DataArray) -> pd.DataFrame:
    """Processes of cold air over the region of the stations: a fifth of them or more on two days or more.

    Parameters
    ----------
    tmin : DataArray
        ``station`` x ``time``, daily minimum, degC.

    Returns
    -------
    DataFrame
        ``start end days moderate strong wave intensity reach grade``, see :func:`cold_air_index`.

    Examples
    --------
    >>> days = pd.date_range("2001-11-01", periods=5)
    >>> cold = np.array([[12.0, 2.0, -6.0, -6.0, -6.0]] * 3)
    >>> series = xr.DataArray(cold, dims=("station", "time"), coords={"station": list("abc"), "time": days})
    >>> cold_air_processes(series)[["days", "wave", "intensity"]].values.tolist()
    [[3.0, 3.0, 3.0]]
    """
    rule = scale_rule("regional_cold")
    checked = checked_values(tmin, "tmin", thing=Phrase("daily_minima"))
    level = cold_wave_level(checked).transpose("station", "time")
    values = level.to_numpy()
    known = np.isfinite(values).sum(axis=0)
    share = np.where(known > 0, (values >= 1).sum(axis=0) / np.maximum(known, 1), np.nan)
    region = pd.Series(share, index=level.indexes["time"])
    rows = []
    for start, end, length in spells(region, rule["share"], min_length=int(rule["days"]))[
        ["start", "end", "length"]
    ].itertuples(index=False):
        first, last = region.index.get_indexer(pd.Index([start, end]))
        part = values[:, first : last + 1]
        seen = part[np.isfinite(part).any(axis=1)]
        highest = np.nanmax(seen, axis=1)
        counts = [int((highest == 1).sum()), int((highest == 2).sum()), int((highest >= 3).sum())]
        made = cold_air_index(*counts, stations=len(seen))
        rows.append([start, end, int(length), *counts, *made])
    columns = ["start", "end", "days", "moderate", "strong", "wave", "intensity", "reach", "grade"]
    return pd.DataFrame(rows, columns=columns)


@takes()
def rain_day_weight(day: ArrayLike) -> Array:
    """Weight of the first, second ... day of a regional rainstorm: near 1 at first, a half in the end.

    Examples
    --------
    >>> rain_day_weight(np.array([1, 6])).round(4).tolist()
    [0.9995, 0.75]
    """
    rule = scale_rule("regional_rain")
    number = np.asarray(day, dtype=np.float64)
    return np.asarray(1 - rule["half"] / (1 + np.exp(-rule["steep"] * (number - rule["middle"]))))


@takes()
def rain_process_index(mean_rain: ArrayLike, share_percent: ArrayLike) -> float:
    """Strength of a regional rainstorm (rule of Guangdong): sum over its days of rain x sqrt(share) x weight.

    Parameters
    ----------
    mean_rain : array
        Mean of the stations with 50 mm or more, mm, a value a day.
    share_percent : array
        Share of the stations that these are, %.

    Examples
    --------
    >>> round(rain_process_index([80.0, 60.0], [25.0, 9.0]), 3)
    579.486
    """
    rain, share = np.asarray(mean_rain, dtype=np.float64), np.asarray(share_percent, dtype=np.float64)
    return float(np.sum(rain * np.sqrt(share) * rain_day_weight(np.arange(1, rain.size + 1))))


@takes()
def rain_processes(precipitation: xr.DataArray) -> pd.DataFrame:
    """Regional rainstorms: days on which four stations, and 5 % of them, have 50 mm; one weaker day is bridged.

    Parameters
    ----------
    precipitation : DataArray
        ``station`` x ``time``, mm a day.

    Returns
    -------
    DataFrame
        ``start end days stations intensity``: ``stations`` that had 50 mm on one of its days. A day on which fewer
        stations report than a regional day needs ends a process.

    Raises
    ------
    LayerError
        There are fewer stations than a regional day needs.

    Examples
    --------
    >>> rain = np.zeros((5, 4))
    >>> rain[:4, 1], rain[0, 2], rain[:4, 3] = 80.0, 60.0, 55.0
    >>> days = pd.date_range("2021-07-19", periods=4)
    >>> series = xr.DataArray(rain, dims=("station", "time"), coords={"station": list("abcde"), "time": days})
    >>> rain_processes(series)[["days", "stations"]].values.tolist()
    [[3, 4]]
    """
    rule = scale_rule("regional_rain")
    thing = Phrase("argument", name="precipitation")
    days = checked_values(precipitation, "precipitation", thing=thing).transpose("station", "time")
    check_days(days.indexes.get("time"), thing)
    values, time = days.to_numpy(), days.indexes["time"]
    least = int(rule["stations"])
    if len(values) < least:
        raise LayerError(Problem("meteorology.region_stations", thing, count=len(values), least=least))
    wet = values >= rule["day_mm"] - _TOLERANCE
    known, count = np.isfinite(values).sum(axis=0), wet.sum(axis=0)
    needed = np.maximum(least, rule["share"] * known)
    regional = pd.Series(np.where(known < least, np.nan, (count >= needed).astype(float)), index=time)
    rain = np.where(count > 0, np.where(wet, values, 0.0).sum(axis=0) / np.maximum(count, 1), 0.0)
    share = 100.0 * count / np.maximum(known, 1)
    rows = []
    for start, end in spells(regional, 1.0, min_length=1, max_gap=int(rule["bridged"]))[["start", "end"]].itertuples(
        index=False
    ):
        first, last = time.get_indexer(pd.Index([start, end]))
        part = slice(first, last + 1)
        strength = rain_process_index(rain[part], share[part])
        rows.append([start, end, last - first + 1, int(wet[:, part].any(axis=1).sum()), strength])
    return pd.DataFrame(rows, columns=["start", "end", "days", "stations", "intensity"])
