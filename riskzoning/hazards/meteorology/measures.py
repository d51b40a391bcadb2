"""From the elements of stations to what stands on the ladders: daily series, and their days or events in a year.

A series is an element, or made from several. What a day adds to the measure of a year is the factor of its class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array
from riskzoning.hazards.inputs import Facts, input_of
from riskzoning.hazards.meteorology.grading import cold_wave_level, dry_hot_degree, rain_grade, snow_grade, snow_water
from riskzoning.methods.events import in_spell, season_year, spells

_TABLE = "hazards/meteorology_measures"
# Readings come in 0.1 mm, 0.1 degrees, 0.1 h; a limit is met within the noise of floats, also of float32.
TOLERANCE = 1e-4
_DROPS = (1, 2, 3)


def _rule(key: str) -> Facts:
    rule: Facts = standards.table(_TABLE).data[key]
    return rule


def _cold_waves(stations: xr.Dataset) -> xr.DataArray:
    level: xr.DataArray = cold_wave_level(stations["tmin"])
    return level


def _largest_drop(stations: xr.Dataset) -> xr.DataArray:
    """Largest fall of the daily minimum over 24, 48 and 72 hours; a window that lacks its first day does not count."""
    tmin = stations["tmin"]
    days = pd.date_range(tmin.indexes["time"][0], tmin.indexes["time"][-1], freq="D")
    every = tmin.reindex(time=days)
    drops = xr.concat([every.shift(time=days) - every for days in _DROPS], dim="window")
    return drops.max("window").sel(time=tmin["time"])


def _snow(stations: xr.Dataset) -> xr.DataArray:
    water: xr.DataArray = snow_water(stations["precipitation"], stations["tmean"])
    return water


def _low_temperature(stations: xr.Dataset) -> xr.DataArray:
    """1 on the days of low-temperature events, 0 on others, NaN where an element is missing."""
    rule = _rule("low_temperature")
    freezing, overcast = rule["freezing"], rule["overcast"]
    tmean, tmin, rain, sun = (stations[name] for name in _LOW_TEMPERATURE)
    known = np.isfinite(tmean) & np.isfinite(tmin) & np.isfinite(rain) & np.isfinite(sun)
    frozen = (
        (tmean <= freezing["tmean_to"] + TOLERANCE)
        & (tmin <= freezing["tmin_to"] + TOLERANCE)
        & (rain > freezing["precipitation_above"] + TOLERANCE)
    )
    first = in_spell(frozen.where(known).astype(float), 1.0, min_length=int(freezing["days"]))
    cold = (tmean < overcast["tmean_below"] - TOLERANCE).where(known).astype(float)
    second = _sunless(cold, sun, most=float(overcast["sunshine_below"]), days=int(overcast["days"]))
    return (first | second).astype(float).where(known)


_LOW_TEMPERATURE = ("tmean", "tmin", "precipitation", "sunshine")


def _sunless(cold: xr.DataArray, sun: xr.DataArray, *, most: float, days: int) -> xr.DataArray:
    """Days of cold spells whose mean sunshine is below a limit."""
    events = spells(cold, 1.0, min_length=days)
    values, time = sun.transpose("station", "time").to_numpy(), cold.indexes["time"]
    rows = {station: row for row, station in enumerate(cold["station"].to_numpy())}
    inside = np.zeros(values.shape, dtype=bool)
    for station, first, last in zip(events["station"], *(time.get_indexer(events[end]) for end in ("start", "end"))):
        part = (rows[station], slice(first, last + 1))
        inside[part] = values[part].mean() < most
    return cold.transpose("station", "time").copy(data=inside)


def _harvest_rain(stations: xr.Dataset) -> xr.DataArray:
    """Degree of continuous rain at the harvest of wheat on the last day of the harvest, 0 on its other days."""
    rule = _rule("harvest_rain")
    rain, sun = (stations[name].transpose("station", "time") for name in ("precipitation", "sunshine"))
    time = rain.indexes["time"]
    inside = in_window(time, rule["window"])
    known = np.isfinite(rain.to_numpy()) & np.isfinite(sun.to_numpy())
    amount, hours = (np.where(known, layer.to_numpy(), 0.0) for layer in (rain, sun))
    out = np.where(known, 0.0, np.nan)
    for year in np.unique(time.year[inside]):
        days = np.flatnonzero(inside & (time.year == year))
        total, wet = amount[:, days].sum(axis=1), (amount[:, days] >= rule["wet_day"] - TOLERANCE).sum(axis=1)
        points = (
            _points(total, rule["rain"]) + _points(wet, rule["wet_days"])
            + _few(hours[:, days].sum(axis=1), rule["sunshine"])
        )  # fmt: skip
        degree = np.searchsorted(np.asarray(rule["degree"]), points, side="right").astype(np.float64)
        out[:, days[-1]] = np.where(known[:, days].any(axis=1), degree, np.nan)
    return rain.copy(data=out)


def _points(values: Array, rule: Facts) -> Array:
    """0..3 points: ``from`` counts itself, the others only what lies above."""
    points = (values >= rule["from"] - TOLERANCE).astype(int)
    return points + sum((values > limit + TOLERANCE).astype(int) for limit in rule["above"])


def _few(values: Array, rule: Facts) -> Array:
    """0..3 points of what is less: ``to`` counts itself, the others only what lies below."""
    points = (values <= rule["to"] + TOLERANCE).astype(int)
    return points + sum((values < limit - TOLERANCE).astype(int) for limit in rule["below"])


def _dry_hot(stations: xr.Dataset) -> xr.DataArray:
    humidity, wind = (stations[_first(stations, names)] for names in (_HUMIDITY, _WIND))
    degree: xr.DataArray = dry_hot_degree(stations["tmax"], humidity, wind, table=_rule("dry_hot_wind"))
    return degree


def _ground_frost(stations: xr.Dataset) -> xr.DataArray:
    """1 on days whose ground falls to 0 degC, 0 on others; where no ground is measured, those whose air falls to 2."""
    rule = _rule("ground_frost")
    element = _first(stations, _GROUND)
    values = stations[element]
    return (values <= float(rule[element]) + TOLERANCE).astype(float).where(np.isfinite(values))


_GROUND = ("ground_tmin", "tmin")
_HUMIDITY, _WIND = ("humidity_14h", "humidity_min"), ("wind_14h", "wind_mean")

# Series made from elements: the elements needed, each with those that may stand in, and how.
_DERIVED: dict[str, tuple[tuple[tuple[str, ...], ...], Callable[[xr.Dataset], Any]]] = {
    "rain_grade": ((("precipitation",),), lambda stations: rain_grade(stations["precipitation"])),
    "snow_grade": ((("precipitation",), ("tmean",)), lambda stations: snow_grade(_snow(stations))),
    "snow_water": ((("precipitation",), ("tmean",)), _snow),
    "cold_wave_level": ((("tmin",),), _cold_waves),
    "largest_drop": ((("tmin",),), _largest_drop),
    "ground_frost": ((_GROUND,), _ground_frost),
    "low_temperature": (tuple((name,) for name in _LOW_TEMPERATURE), _low_temperature),
    "harvest_rain": ((("precipitation",), ("sunshine",)), _harvest_rain),
    "dry_hot_wind": ((("tmax",), _HUMIDITY, _WIND), _dry_hot),
}


def in_window(time: pd.DatetimeIndex, window: Sequence[str] | None) -> Array:
    """Which days lie in a part of the year, given as two texts ``month-day``, both inside."""
    if window is None:
        return np.ones(time.size, dtype=bool)
    first, last = (tuple(int(part) for part in text.split("-")) for text in window)
    day = time.month * 100 + time.day
    return np.asarray((day >= 100 * first[0] + first[1]) & (day <= 100 * last[0] + last[1]))


def daily_series(stations: xr.Dataset, name: str) -> xr.DataArray:
    """An element, or a series made from elements, ``station`` x ``time``."""
    series = _DERIVED[name][1](stations) if name in _DERIVED else stations[name]
    return series.transpose("station", "time").reset_coords(drop=True)


def elements_for(stations: xr.Dataset | None, names: Sequence[str]) -> dict[str, str]:
    """Elements that series need -> the one of the stations that serves (the first choice where none does)."""
    groups = [group for name in names for group in (_DERIVED[name][0] if name in _DERIVED else ((name,),))]
    return {group[0]: _first(stations, group) for group in groups}


def _first(stations: xr.Dataset | None, names: Sequence[str]) -> str:
    return next((name for name in names if stations is not None and has_values(stations, name)), names[0])


def has_values(stations: xr.Dataset, name: str) -> bool:
    """Whether an element has a value at any station."""
    return name in stations and bool(np.isfinite(stations[name].to_numpy()).any())


def most_severe(values: Array, rule: Mapping[str, Any], factors: Mapping[Any, float]) -> Array:
    """Factor of the most severe class that each value reaches: 0 below all, NaN where it is missing."""
    out = np.where(np.isfinite(values), 0.0, np.nan)
    for limits, sign in ((rule.get("at_least", {}), 1.0), (rule.get("below", {}), -1.0)):
        for code, limit in limits.items():
            # At least: the limit itself counts. Below: it does not.
            met = values >= limit - TOLERANCE if sign > 0 else values < limit - TOLERANCE
            out = np.where(met, np.maximum(out, float(factors.get(code, 1.0))), out)
    return out


def kinds() -> dict[str, dict[str, Any]]:
    """The entries of ``hazards/meteorology_measures``, one a sub-hazard."""
    entries: dict[str, dict[str, Any]] = standards.table(_TABLE).data["kinds"]
    return entries


def elements_of(kind: str, stations: xr.Dataset | None = None) -> list[str]:
    """Elements that a sub-hazard needs; of those that may stand in for each other the one that the stations have."""
    return list(dict.fromkeys(elements_for(stations, [kinds()[kind]["series"]]).values()))


def stand_ins(kind: str, stations: xr.Dataset) -> dict[str, str]:
    """Elements that are not observed -> what stands in for them."""
    pairs = elements_for(stations, [kinds()[kind]["series"]]).items()
    return {wanted: used for wanted, used in pairs if wanted != used}


def kinds_available(
    stations: xr.Dataset, wanted: Sequence[str] | None = None
) -> tuple[list[str], dict[str, list[str]]]:
    """Sub-hazards (default: all) that the elements of the stations allow; for the others the elements they lack."""
    table = kinds()
    unknown = [kind for kind in wanted or () if kind not in table]
    thing = Phrase("hazard", name="meteorology")
    if unknown:
        raise LayerError(Problem("meteorology.kind_names", thing, field="kinds", names=unknown, known=list(table)))
    lacking = {
        kind: [name for name in elements_of(kind, stations) if not has_values(stations, name)]
        for kind in wanted or table
    }
    usable, skipped = [kind for kind in lacking if not lacking[kind]], {k: v for k, v in lacking.items() if v}
    if not usable:
        needs = [Phrase("meteorology_needs", kind=kind, elements=elements_of(kind)) for kind in table]
        have = list(map(str, stations.data_vars))
        shown = Phrase("these_elements", names=have) if have else Phrase("no_elements")
        raise LayerError(Problem("meteorology.elements", input_of("meteorology", "stations"), have=shown, needs=needs))
    return usable, skipped


def daily_scores(stations: xr.Dataset, kind: str) -> xr.DataArray:
    """What each day adds to the measure, ``station`` x ``time``: the factor of its class, 0, or NaN where unknown."""
    rule = kinds()[kind]
    factors = standards.table("ladders/meteorology").data.get(kind, {}).get("factors", {})
    series = daily_series(stations, rule["series"])
    scores = most_severe(series.to_numpy(), rule, factors)
    if rule["per"] == "event":
        scores = _once(series.copy(data=scores))
    return series.copy(data=scores)


def _once(scores: xr.DataArray) -> Array:
    """The score of consecutive days, the largest of them, on the first of them."""
    events = spells(scores, 0.0, op=">")
    out = np.where(np.isfinite(scores.to_numpy()), 0.0, np.nan)
    rows = {station: row for row, station in enumerate(scores["station"].to_numpy())}
    first = scores.indexes["time"].get_indexer(events["start"])
    out[[rows[station] for station in events["station"]], first] = events["extreme"].to_numpy()
    return out


def annual_measures(stations: xr.Dataset, kind: str) -> pd.DataFrame:
    """The measure of each year: ``station year value count complete``, NaN where too many days lack a value.

    ``count``: days or events, whatever their class. A year that the series only touches is not complete.
    """
    rule, least = kinds()[kind], float(standards.table(_TABLE).data["min_year_share"])
    scores = daily_scores(stations, kind)
    time = scores.indexes["time"]
    inside = in_window(time, rule.get("window"))
    years = season_year(time, start_month=int(rule["start_month"]))
    every = np.unique(years)
    values = scores.to_numpy()[:, inside]
    place = np.searchsorted(every, years[inside])
    known, value, count = (
        np.stack([np.bincount(place, weights=row, minlength=every.size) for row in rows])
        for rows in (np.isfinite(values), np.nan_to_num(values), np.nan_to_num(values) > 0)
    )
    length = np.array([_days_of(int(year), rule) for year in every])
    complete = known >= least * length
    names = scores["station"].to_numpy()
    return pd.DataFrame(
        {
            "station": np.repeat(names, every.size),
            "year": np.tile(every, names.size),
            "value": np.where(complete, value, np.nan).ravel(),
            "count": np.where(complete, count, np.nan).ravel(),
            "complete": complete.ravel(),
        }
    )


def _days_of(year: int, rule: dict[str, Any]) -> int:
    """Days of a year of a sub-hazard that count."""
    first = pd.Timestamp(year, int(rule["start_month"]), 1)
    days = pd.date_range(first, first + pd.DateOffset(years=1), inclusive="left")
    return int(in_window(days, rule.get("window")).sum())


def station_measures(annual: pd.DataFrame, *, min_years: int) -> pd.DataFrame:
    """Mean of the complete years of each station: ``value count years``; NaN with fewer years than needed."""
    grouped = annual.groupby("station", sort=False)
    out = grouped[["value", "count"]].mean()
    out["years"] = grouped["complete"].sum().astype(int)
    out.loc[out["years"] < min_years, ["value", "count"]] = np.nan
    return out
