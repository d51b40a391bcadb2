"""Drought at stations: MCI of every day, days and processes by station, seasons of the crop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array
from riskzoning.hazards.drought.composite import Region, Season, composite, daily_pair, mci_parts
from riskzoning.hazards.drought.crops import daily_deficit, season_deficit
from riskzoning.hazards.drought.evaporation import net_radiation, penman_monteith, potential_evapotranspiration
from riskzoning.hazards.drought.processes import drought_days, drought_frequency, drought_processes
from riskzoning.hazards.drought.series import series_of
from riskzoning.hazards.drought.standardised import rule
from riskzoning.hazards.gridded import near
from riskzoning.hazards.inputs import HazardInputs, input_of
from riskzoning.hazards.stations import tell_gaps, valid_elements

_ELEMENTS = ("precipitation", "tmean", "tmin", "tmax", "humidity", "wind_mean", "sunshine")
_FULL = ("tmin", "tmax", "humidity", "wind_mean", "sunshine")
_WITHIN = ("tmin", "tmax")


class StationDrought(NamedTuple):
    """What MCI says of the stations: days of drought by year, processes, frequency by class, and what it rests on."""

    annual: pd.DataFrame
    processes: pd.DataFrame
    frequency: pd.DataFrame
    calibration: tuple[int, int]
    covered: int


def as_stations(inputs: HazardInputs) -> xr.Dataset:
    """The stations; or those that precipitation and temperature by station make."""
    stations = inputs.get("stations")
    if isinstance(stations, xr.Dataset):
        return stations
    series = {"precipitation": inputs.get("precipitation"), "tmean": inputs.get("temperature")}
    given = {name: value for name, value in series.items() if isinstance(value, xr.DataArray)}
    lacking = [key for key, name in (("precipitation", "precipitation"), ("temperature", "tmean")) if name not in given]
    if lacking:
        raise LayerError(Problem("drought.both", input_of("drought", lacking[0])))
    made = {name: near(value, None, thing=input_of("drought", name)) for name, value in given.items()}
    first, second = made.values()
    if not first.indexes["station"].equals(second.indexes["station"]):
        raise LayerError(Problem("drought.places", input_of("drought", "temperature")))
    # Only days that both have: the others are missing in one of them.
    return xr.Dataset(made)


def usable_stations(stations: xr.Dataset) -> xr.Dataset:
    """The stations with valid values of what drought needs; the middle of the extremes stands in for the mean."""
    lacking = [name for name in ("precipitation", "tmean") if not _has_values(stations, name)]
    if lacking == ["tmean"] and all(_has_values(stations, name) for name in _WITHIN):
        mean = (stations["tmin"] + stations["tmax"]) / 2.0
        stations = stations.assign(tmean=mean.assign_attrs(stations["tmin"].attrs))
        lacking = []
    if lacking:
        present = [name for name in map(str, stations.data_vars) if _has_values(stations, name)]
        thing = input_of("drought", "stations")
        raise LayerError(Problem("drought.elements", thing, missing=lacking, present=present or Phrase("nothing")))
    valid = valid_elements(stations, _ELEMENTS, hazard="drought").transpose("station", "time", ...)
    tell_gaps(valid, ("precipitation", "tmean"), hazard="drought")
    return valid


def _has_values(stations: xr.Dataset, name: str) -> bool:
    return name in stations and bool(np.isfinite(stations[name].to_numpy()).any())


def drought_of_stations(
    stations: xr.Dataset,
    *,
    region: Region,
    season: Season | Sequence[float],
    calibration: tuple[int, int] | None,
    thing: Phrase,
) -> StationDrought:
    """Days, processes and frequency of drought at every station; single missing days do not break a window."""
    plain = {name: stations[name].reset_coords(drop=True) for name in ("precipitation", "tmean")}
    rain, warm = daily_pair(
        series_of(plain["precipitation"], thing=thing), series_of(plain["tmean"], thing=thing), None
    )
    share = float(rule("mci")["min_window_share"])
    parts, fits = mci_parts(rain, warm, calibration=calibration, zero_rule=None, min_years=None, min_share=share)
    values = composite(parts, rain.time, region=region, season=season)
    names = stations["station"].to_numpy()
    index = xr.DataArray(values, dims=("station", "time"), coords={"station": names, "time": rain.time})
    annual = drought_days(index, undefined=parts.frozen)
    processes = drought_processes(index)
    years = annual.groupby("station", sort=False)["complete"].sum()
    tables = []
    for name, count in years[years > 0].items():
        table = drought_frequency(processes[processes["station"] == name], count).reset_index()
        table.insert(0, "station", [name] * len(table))
        tables.append(table)
    columns = ["station", "class", "count", "frequency", "mean_days", "mean_intensity"]
    frequency = pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
    first, last = fits["weighted"].calibration
    inside = (rain.time.year >= first) & (rain.time.year <= last) & np.isfinite(rain.values).any(axis=0)
    return StationDrought(annual, processes, frequency, (first, last), int(np.unique(rain.time.year[inside]).size))


def crop_seasons(stations: xr.Dataset, *, crop: str, stages: bool = False) -> tuple[pd.DataFrame, str]:
    """What each season of the crop lacks of water at every station, and how evapotranspiration was computed."""
    thing = input_of("drought", "stations")
    rain = series_of(stations["precipitation"].reset_coords(drop=True), thing=thing)
    names = stations["station"].to_numpy()
    evaporation, method = _reference(stations, rain.time)
    if evaporation is None:
        return pd.DataFrame({"station": [], "year": [], "value": [], "complete": []}), "none"
    deficit = daily_deficit(rain, rain.with_values(evaporation), crop=crop)
    layer = xr.DataArray(deficit, dims=("station", "time"), coords={"station": names, "time": rain.time})
    return season_deficit(layer, crop=crop, stages=stages), method


def _reference(stations: xr.Dataset, time: pd.DatetimeIndex) -> tuple[Array | None, str]:
    """Reference evapotranspiration: Penman-Monteith where its elements are there, else Hargreaves, else none."""

    def days(name: str) -> Array:
        return np.asarray(series_of(stations[name].reset_coords(drop=True)).values)

    if not all(_has_values(stations, name) for name in _WITHIN) or "lat" not in stations.variables:
        return None, "none"
    low, high = days("tmin"), days("tmax")
    latitude = stations["lat"].to_numpy().astype(np.float64)
    simple = potential_evapotranspiration(low, high, latitude=latitude, dates=time)
    if not all(_has_values(stations, name) for name in _FULL):
        return simple, "hargreaves"
    humidity, sun, wind = (days(name) for name in ("humidity", "sunshine", "wind_mean"))
    net = net_radiation(low, high, humidity=humidity, sunshine=sun, latitude=latitude, dates=time)
    known = stations["elevation"].to_numpy().astype(np.float64) if "elevation" in stations.variables else 0.0
    height = np.nan_to_num(known) * np.ones(len(latitude))
    pressure = 101.3 * ((293.0 - 0.0065 * height[:, None]) / 293.0) ** 5.26
    full = penman_monteith(low, high, humidity=humidity, wind=wind, net_radiation=net, pressure=pressure)
    # Days without sunshine, wind or humidity take the simpler formula.
    return np.where(np.isfinite(full), full, simple), "penman_monteith"
