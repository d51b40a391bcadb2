"""Fire weather of the fire season at stations: one number a station, ready to be interpolated."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.hazards.cells import Array
from riskzoning.hazards.forest_fire.htz import elements_by_role, htz_days, htz_rank
from riskzoning.hazards.forest_fire.weather import fire_weather_index, fwi_class
from riskzoning.hazards.stations import station_places
from riskzoning.layers.plausible import takes

Weather = Literal["fwi", "htz"]


def noon_elements(stations: xr.Dataset) -> dict[str, str]:
    """Which element of the stations stands for the noon value of each role; daily extremes and means where need be."""
    return elements_by_role(stations, standards.table("hazards/forest_fire_weather").data)


@takes()
def season_fwi(stations: xr.Dataset, *, statistic: Literal["mean", "p90"] = "p90") -> pd.DataFrame:
    """Fire weather index of the fire season at each station, over all seasons with enough days.

    Noon values are approximated by what there is (:func:`noon_elements`): with daily maxima of temperature and minima
    of humidity the index is rather too high. The first days of the series are not used: they depend on the start.

    Parameters
    ----------
    stations : Dataset
        ``station`` x ``time``, coordinates ``lon lat``.
    statistic : {"mean", "p90"}
        Mean, or the value that one day in ten exceeds: the dangerous days, not the wet ones, decide.

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
    values = season_values(season_days(stations), stations["station"].to_numpy(), statistic=statistic)
    return values.rename(columns={"value": "fwi"})


def season_values(days: pd.DataFrame, names: Array, *, statistic: Literal["mean", "p90"]) -> pd.DataFrame:
    """Fire weather over all seasons of each of the named stations: ``value seasons days``, from :func:`season_days`."""
    numbers = days.groupby("station", sort=False)["value"].agg(lambda values: statistic_of(values, statistic))
    seasons = days.groupby("station", sort=False)["season"].nunique()
    out = pd.DataFrame({"value": numbers, "seasons": seasons, "days": days.groupby("station", sort=False).size()})
    out = out.reindex(pd.Index(names, name="station"))
    return out.fillna({"seasons": 0, "days": 0}).astype({"seasons": int, "days": int})


def season_years(days: pd.DataFrame, *, statistic: Literal["mean", "p90"]) -> pd.DataFrame:
    """The fire weather of each season: ``station year value``, from :func:`season_days`."""
    values = days.groupby(["station", "season"], sort=False)["value"].agg(lambda rows: statistic_of(rows, statistic))
    return values.rename("value").reset_index().rename(columns={"season": "year"})


def station_table(days: pd.DataFrame, values: pd.DataFrame, places: pd.DataFrame, weather: Weather) -> pd.DataFrame:
    """What each station tells of the fire season: its value, and how many days of a season are high and extreme.

    ``days`` from :func:`season_days`, ``values`` from :func:`season_values`, ``places`` with ``lon lat`` by station.
    """
    limits = standards.table("hazards/forest_fire_weather").data["counted"][weather]
    grades = (fwi_class if weather == "fwi" else htz_rank)(days["value"].to_numpy(dtype=np.float64))
    out = places[["lon", "lat"]].join(values)
    for name, least in limits.items():
        counted = pd.Series(grades >= least, index=days.index).groupby(days["station"], sort=False).sum()
        out[f"{name}_days"] = counted.reindex(out.index) / out["seasons"].where(out["seasons"] > 0)
    out.insert(2, "weather", weather)
    return out.rename_axis("station").reset_index().astype({"station": str})


def statistic_of(values: pd.Series[float], statistic: Literal["mean", "p90"]) -> float:
    """Mean, or the value that one day in ten exceeds."""
    return float(values.mean() if statistic == "mean" else np.quantile(values, 0.9))


def season_days(stations: xr.Dataset, weather: Weather = "fwi") -> pd.DataFrame:
    """The daily value of fire weather in all complete fire seasons: ``station season value``."""
    table = standards.table("hazards/forest_fire_weather").data
    station_places(stations, hazard="forest_fire")
    time = pd.DatetimeIndex(np.asarray(stations["time"]))
    months = list(table["season_months"])
    chosen = np.isin(time.month, months)
    if weather == "fwi":
        # The codes depend on where they started; HTZ looks eight days back and no further.
        chosen &= np.asarray(time - time[0] >= pd.Timedelta(days=int(table["spin_up_days"])))
    index = _fwi(stations) if weather == "fwi" else htz_days(stations)["htz"].to_numpy()
    label = np.asarray(time.year - (time.month < months[0]))
    rows = []
    for station, series in zip(stations["station"].to_numpy(), index):
        good = chosen & np.isfinite(series)
        for season in np.unique(label[good]):
            days = series[good & (label == season)]
            if days.size >= table["min_season_share"] * _season_days(int(season), months):
                rows.append(pd.DataFrame({"station": station, "season": int(season), "value": days}))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame({"station": [], "season": [], "value": []})


def _fwi(stations: xr.Dataset) -> Array:
    names = noon_elements(stations)
    parts = [stations[names[role]].transpose("station", "time") for role in ("temperature", "humidity", "wind")]
    made = fire_weather_index(
        parts[0],
        parts[1].clip(0, 100),
        # Arithmetic of xarray keeps the attributes: without its unit the wind would be converted twice.
        (parts[2] * 3.6).assign_attrs(units="km/h"),
        stations["precipitation"].transpose("station", "time"),
        latitude=stations["lat"].reset_coords(drop=True),
    )
    return np.asarray(made["fwi"].to_numpy())


def _season_days(year: int, months: list[int]) -> int:
    """Days of the season that starts in a year."""
    return sum(pd.Period(f"{year + (month < months[0])}-{month:02d}").days_in_month for month in months)
