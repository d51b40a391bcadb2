"""Fire weather of the fire season at stations: one number a station, ready to be interpolated."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.hazards.forest_fire.weather import fire_weather_index

__all__ = ["noon_elements", "season_fwi"]

_ROLES = ("temperature", "humidity", "wind")


def noon_elements(stations: xr.Dataset) -> dict[str, str]:
    """Which element of the stations stands for the noon value of each role; daily extremes and means where need be.

    Parameters
    ----------
    stations : Dataset
        ``station`` x ``time``.

    Returns
    -------
    dict
        ``temperature humidity wind precipitation`` -> name of the element.

    Raises
    ------
    LayerError
        A role has no element with values; all of them are named.

    Examples
    --------
    >>> days = pd.date_range("2020-01-01", periods=1)
    >>> data = {name: (("station", "time"), [[1.0]]) for name in ("tmax", "humidity", "wind_mean", "precipitation")}
    >>> noon_elements(xr.Dataset(data, {"station": ["a"], "time": days}))["temperature"]
    'tmax'
    """
    table = standards.table("hazards/forest_fire_weather").data
    choices = {role: list(table[role]) for role in _ROLES} | {"precipitation": ["precipitation"]}
    found, problems = {}, []
    for role, names in choices.items():
        there = [name for name in names if name in stations and bool(np.isfinite(stations[name].to_numpy()).any())]
        if there:
            found[role] = there[0]
        else:
            problems.append(
                Problem(
                    "input 'stations' of hazard 'forest_fire'",
                    f"has no values of {role}; it has {first_few(stations.data_vars) or 'no elements'}",
                    f"one of {', '.join(names)}",
                    "Read the element, map its name with `columns:`, or give a layer `fwi`.",
                    rule="forest_fire.elements",
                )
            )
    if problems:
        raise LayerError(problems=problems)
    return found


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
    _check_places(stations)
    names = noon_elements(stations)
    parts = [stations[names[role]].transpose("station", "time") for role in ("temperature", "humidity", "wind")]
    found = fire_weather_index(
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
    for series in found:
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


def _check_places(stations: xr.Dataset) -> None:
    missing = [name for name in ("lon", "lat") if name not in stations.variables]
    if missing:
        raise LayerError(
            Problem(
                "input 'stations' of hazard 'forest_fire'",
                f"lacks the coordinates {', '.join(missing)}",
                "lon and lat of each station in degrees",
                "Give the station list with `stations:` in study.yaml.",
                rule="stations.place",
            )
        )
