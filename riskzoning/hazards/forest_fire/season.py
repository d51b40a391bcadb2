"""Fire weather of the fire season at stations: one number a station, ready to be interpolated."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.forest_fire.weather import fire_weather_index
from riskzoning.hazards.inputs import input_of
from riskzoning.hazards.stations import station_places

_ROLES = ("temperature", "humidity", "wind")


def noon_elements(stations: xr.Dataset) -> dict[str, str]:
    """Which element of the stations stands for the noon value of each role; daily extremes and means where need be."""
    table = standards.table("hazards/forest_fire_weather").data
    choices = {role: list(table[role]) for role in _ROLES} | {"precipitation": ["precipitation"]}
    chosen: dict[str, str] = {}
    lacking: list[Phrase] = []
    for role, names in choices.items():
        there = [name for name in names if name in stations and bool(np.isfinite(stations[name].to_numpy()).any())]
        if there:
            chosen[role] = there[0]
        else:
            lacking.append(Phrase("fire_element", role=role, names=names))
    if lacking:
        raise LayerError(Problem("forest_fire.elements", input_of("forest_fire", "stations"), lacking=lacking))
    return chosen


def season_fwi(stations: xr.Dataset, *, statistic: Literal["mean", "p90"] = "mean") -> pd.DataFrame:
    """Fire weather index of the fire season at each station, over all seasons with enough days.

    Noon values are approximated by what there is (:func:`noon_elements`): with daily maxima of temperature and minima
    of humidity the index is rather too high. The first days of the series are not used: they depend on the start.

    Parameters
    ----------
    stations : Dataset
        ``station`` x ``time``, coordinates ``lon lat``.
    statistic : {"mean", "p90"}
        Mean, or the value that one day in ten exceeds.

    Returns
    -------
    DataFrame
        Index ``station``: ``fwi`` (NaN without a complete season), ``seasons``, ``days``.

    Raises
    ------
    LayerError
        An element is missing.

    Examples
    --------
    >>> days = pd.date_range("2019-07-01", "2020-06-30")
    >>> values = {"tmax": 15.0, "humidity": 40.0, "wind_mean": 3.0, "precipitation": 0.0}
    >>> data = {name: (("station", "time"), np.full((1, days.size), value)) for name, value in values.items()}
    >>> places = {"lat": ("station", [35.0]), "lon": ("station", [114.0])}
    >>> dry = xr.Dataset(data, {"station": ["a"], "time": days, **places})
    >>> season_fwi(dry)[["seasons", "days"]].values.tolist()
    [[1, 182]]
    """
    table = standards.table("hazards/forest_fire_weather").data
    station_places(stations, hazard="forest_fire")
    names = noon_elements(stations)
    parts = [stations[names[role]].transpose("station", "time") for role in ("temperature", "humidity", "wind")]
    index = fire_weather_index(
        parts[0],
        parts[1].clip(0, 100),
        parts[2] * 3.6,
        stations["precipitation"].transpose("station", "time"),
        latitude=stations["lat"].reset_coords(drop=True),
    )["fwi"].to_numpy()
    time = pd.DatetimeIndex(np.asarray(stations["time"]))
    months = list(table["season_months"])
    late = np.asarray(time - time[0] >= pd.Timedelta(days=int(table["spin_up_days"])))
    chosen = np.isin(time.month, months) & late
    label = np.asarray(time.year - (time.month < months[0]))
    rows = []
    for series in index:
        values, seasons = [], 0
        for season in np.unique(label[chosen]):
            days = series[chosen & (label == season)]
            days = days[np.isfinite(days)]
            if days.size >= table["min_season_share"] * _season_days(int(season), months):
                values.append(days)
                seasons += 1
        pooled = np.concatenate(values) if values else np.full(1, np.nan)
        number = pooled.mean() if statistic == "mean" else np.quantile(pooled, 0.9)
        rows.append((float(number), seasons, sum(len(days) for days in values)))
    return pd.DataFrame(
        rows, columns=["fwi", "seasons", "days"], index=pd.Index(stations["station"].to_numpy(), name="station")
    )


def _season_days(year: int, months: list[int]) -> int:
    """Days of the season that starts in a year."""
    return sum(pd.Period(f"{year + (month < months[0])}-{month:02d}").days_in_month for month in months)
