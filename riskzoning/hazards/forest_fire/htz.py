"""The daily rank of forest fire weather HTZ (森林火险天气等级) by tables of points, and the related index SHZ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.hazards.inputs import Facts, input_of
from riskzoning.hazards.readings import element_values
from riskzoning.layers.plausible import takes

_TABLE, _SHZ = "hazards/forest_fire_htz", "hazards/forest_fire_shz"
_PARTS = ("a", "b", "c", "d", "e")
_ROLES = ("temperature", "humidity", "wind")
# Readings come in 0.1 degrees and 0.1 m/s.
_TOLERANCE = 1e-5


def _table() -> Facts:
    table: Facts = standards.table(_TABLE).data
    return table


@takes(temperature="temperature", humidity="relative_humidity", wind_ms="wind_speed")
def htz_parts(
    temperature: Cells,
    humidity: Cells,
    rain_mm: Cells,
    days_ago: Cells,
    wind_ms: Cells,
    *,
    month: Cells | None = None,
    cover: Cells | None = None,
    smooth: bool = False,
) -> dict[str, Any]:
    """Points A to E of the daily rank of forest fire weather, their sum HTZ = A + B + C + D - E, and the rank.

    Parameters
    ----------
    temperature, humidity : number, array, Series or DataArray
        Daily maximum, degC; daily minimum relative humidity, %.
    rain_mm, days_ago : number, array, Series or DataArray
        Rain of the last rainy day, mm, and how many days ago it was (0: today). No rain for more than eight days:
        rain 0 (or any) and a number of days above 8.
    wind_ms : number, array, Series or DataArray
        Daily maximum wind, m/s.
    month : number or array, optional
        Month of the day that is asked for, 1..12: what is green, where nobody says.
    cover : number or array, optional
        Share of the ground that is green or under snow, 0..1; comes before the month. One of the two is needed.
    smooth : bool
        Let the points of the rain go on rising to 50 after the eighth day. By the table they jump there, from 35 after
        rain of 10 mm and more.

    Returns
    -------
    dict
        ``a b c d e htz rank`` in the container of the values; NaN where one is missing.

    Raises
    ------
    LayerError
        Neither month nor cover is given, or they cannot be.

    References
    ----------
    LY/T 1172-95, ranks as reproduced; points of a public implementation, table ``hazards/forest_fire_htz``.

    Examples
    --------
    >>> parts = htz_parts(12.0, 25.0, 1.0, 3, 6.0, month=3)
    >>> parts["htz"], parts["rank"]
    (68.0, 3.0)
    """
    table = _table()
    out: dict[str, Any] = {
        "a": by_cell(partial(_points, part=table["a"]), temperature),
        "b": by_cell(partial(_points, part=table["b"]), humidity),
        "c": by_cell(partial(_rain_points, part=table["c"], smooth=smooth), rain_mm, days_ago),
        "d": by_cell(partial(_points, part=table["d"]), wind_ms),
        "e": _green_points(month, cover, table),
    }
    out["htz"] = by_cell(_summed, *(out[part] for part in _PARTS))
    return {**out, "rank": htz_rank(out["htz"])}


def _points(values: Array, *, part: Facts) -> Any:
    side: Any = "left" if part["closed"] == "right" else "right"
    place = _step(part["limits"], values, side=side)
    points = np.array(part["points"], dtype=np.float64)[place]
    return np.where(np.isfinite(values), points, np.nan)


def _step(limits: Sequence[float], values: Array, *, side: Literal["left", "right"]) -> Any:
    """The step between limits on which a value stands; a limit is met within the noise of floats, also of float32."""
    noise = _TOLERANCE if side == "left" else -_TOLERANCE
    return np.searchsorted(np.asarray(limits, dtype=np.float64) + noise, values, side=side)


def _rain_points(rain: Array, ago: Array, *, part: Facts, smooth: bool) -> Any:
    rain, ago = np.asarray(rain, dtype=np.float64), np.asarray(ago, dtype=np.float64)
    rows = part["rows"]
    place = np.searchsorted([row["from"] for row in rows], rain, side="right") - 1
    first, step, free = (
        np.array([row[key] for row in rows], dtype=np.float64)[np.maximum(place, 0)]
        for key in ("first", "per_day", "free_days")
    )
    points = np.minimum(first + step * np.maximum(ago - free, 0.0), part["dry"])
    dry = (place < 0) | (rain < part["least_mm"])
    if not smooth:
        dry |= ago > part["days"]
    return np.where(np.isfinite(rain) & np.isfinite(ago), np.where(dry, part["dry"], points), np.nan)


def _green_points(month: Cells | None, cover: Cells | None, table: Facts) -> Any:
    thing = Phrase("fire_weather")
    if cover is not None:
        if _beyond(cover, 0.0, 1.0):
            raise LayerError(Problem("forest_fire.htz_cover", thing))
        return by_cell(partial(_points, part=table["e"]), cover)
    if month is None:
        raise LayerError(Problem("forest_fire.htz_green", thing))
    if _beyond(month, 1, 12):
        raise LayerError(Problem("forest_fire.htz_month", thing))
    return by_cell(partial(_monthly, points=table["e_month"]), month)


def _beyond(value: Cells, low: float, high: float) -> bool:
    if isinstance(value, xr.DataArray) and value.chunks is not None:
        return False
    numbers = np.asarray(value, dtype=np.float64)
    return bool(((numbers < low) | (numbers > high)).any())


def _monthly(month: Array, *, points: Sequence[float]) -> Any:
    number = np.asarray(month, dtype=np.float64)
    place = np.where(np.isfinite(number), number, 1).astype(np.intp) - 1
    return np.where(np.isfinite(number), np.asarray(points, dtype=np.float64)[place], np.nan)


def _summed(a: Array, b: Array, c: Array, d: Array, e: Array) -> Any:
    return np.asarray(a + b + c + d - e, dtype=np.float64)


@takes()
def htz_rank(htz: Cells) -> Any:
    """Rank of forest fire weather by the HTZ sum (森林火险天气等级): 1 none .. 5 extreme; right-closed.

    Parameters
    ----------
    htz : number, array or DataArray
        Points, e.g. from :func:`htz_parts`.

    Returns
    -------
    float, array or DataArray
        float64; NaN where the sum is missing.

    References
    ----------
    LY/T 1172-95 (as reproduced).

    Examples
    --------
    >>> htz_rank(np.array([25.0, 25.5, 72.0, 90.0, 90.1]))
    array([1., 2., 3., 4., 5.])
    """
    limits = np.array(_table()["ranks"], dtype=np.float64)
    return by_cell(partial(_ranked, limits=limits), htz)


def _ranked(values: Array, *, limits: Array) -> Any:
    values = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(values), np.nan, np.searchsorted(limits, values, side="left") + 1.0)


@takes()
def htz_days(stations: xr.Dataset, *, cover: xr.DataArray | None = None, smooth: bool = False) -> xr.Dataset:
    """HTZ and its rank of every day at stations, from daily maximum temperature, humidity, wind and rain.

    The first of the elements that the table names for each part is taken: with a mean instead of an extreme the sum is
    rather too low. A day is missing where one of its values is, or where rain is missing before a rainy day is found
    within the last eight days. Dates decide which days are near: a day that the series leaves out is missing.

    Parameters
    ----------
    stations : Dataset
        ``station`` x ``time``, daily.
    cover : DataArray, optional
        Share of the ground that is green or under snow, 0..1, by ``time``, or ``station`` and ``time``.
    smooth : bool
        As :func:`htz_parts`.

    Returns
    -------
    Dataset
        ``htz`` (points) and ``rank`` (1..5), ``station`` x ``time``.

    Raises
    ------
    LayerError
        An element is missing.

    Examples
    --------
    >>> days = pd.date_range("2021-03-01", periods=3)
    >>> values = {"tmax": [12.0] * 3, "humidity_min": [25.0] * 3, "wind_max": [6.0] * 3, "precipitation": [3.0, 0, 0]}
    >>> data = {name: (("station", "time"), [row]) for name, row in values.items()}
    >>> htz_days(xr.Dataset(data, {"station": ["a"], "time": days}))["htz"].values.tolist()
    [[48.0, 53.0, 58.0]]
    """
    names = htz_elements(stations)
    part = _table()["c"]
    thing = input_of("forest_fire", "stations")
    time = pd.DatetimeIndex(np.asarray(stations["time"]))
    known = {
        role: element_values(stations[name].transpose("station", "time"), name, thing=thing)
        for role, name in names.items()
    }
    rain, ago = last_rain(known["precipitation"].to_numpy(), time, least=part["least_mm"], days=int(part["days"]))
    green = None if cover is None else xr.broadcast(cover, known["temperature"])[0].transpose("station", "time")
    parts = htz_parts(
        known["temperature"].to_numpy(),
        np.clip(known["humidity"].to_numpy(), 0, 100),
        rain,
        ago,
        known["wind"].to_numpy(),
        month=np.broadcast_to(time.month.to_numpy(), rain.shape) if green is None else None,
        cover=None if green is None else green.to_numpy(),
        smooth=smooth,
    )
    coords = {"station": stations["station"].to_numpy(), "time": time}
    return xr.Dataset({name: (("station", "time"), parts[name]) for name in ("htz", "rank")}, coords)


def htz_elements(stations: xr.Dataset) -> dict[str, str]:
    """Which element of the stations stands for each part of the sum."""
    return elements_by_role(stations, _table())


def elements_by_role(stations: xr.Dataset, table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The first element of each role's list that has values; roles without any are told together."""
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


def last_rain(rain: Array, time: pd.DatetimeIndex, *, least: float, days: int) -> tuple[Array, Array]:
    """Rain (mm) of the last day with ``least`` or more, and how many days ago it was; without one 0 and days + 1.

    Both are NaN where a missing day comes before any rainy one, going back.
    """
    amount, ago = np.zeros(rain.shape), np.full(rain.shape, days + 1.0)
    open_, lost = np.ones(rain.shape, dtype=bool), np.zeros(rain.shape, dtype=bool)
    position = pd.Series(np.arange(len(time)), index=time.normalize())
    for back in range(days + 1):
        place = position.reindex(time.normalize() - pd.Timedelta(days=back)).to_numpy(np.float64)
        there = np.isfinite(place)
        then = np.where(there, rain[:, np.where(there, place, 0).astype(np.intp)], np.nan)
        wet = open_ & (then >= least)
        amount[wet], ago[wet] = then[wet], back
        lost |= open_ & np.isnan(then)
        open_ &= ~wet & ~np.isnan(then)
    amount[lost], ago[lost] = np.nan, np.nan
    return amount, ago


@takes(temperature="temperature", humidity="relative_humidity", wind_ms="wind_speed")
def htz_sum(temperature: Cells, humidity: Cells, dry_days: Cells, wind_ms: Cells) -> Any:
    """Sum A + B + C + D of the index SHZ of 2020, which takes humidity and wind of 14 h; not exchangeable with HTZ.

    How its six parts are combined and where its ranks lie is not known; for the rank by LY/T 1172 see
    :func:`htz_parts`.

    Parameters
    ----------
    temperature, humidity : number, array or DataArray
        Daily maximum in degC; relative humidity at 14 h in %.
    dry_days : number, array or DataArray
        Consecutive days with rain of 0.1 mm or less.
    wind_ms : number, array or DataArray
        Wind at 14 h, m/s.

    Returns
    -------
    float, array or DataArray
        Points; NaN where one is missing.

    References
    ----------
    DOI 10.12677/wjf.2020.93016; table ``hazards/forest_fire_shz``.

    Examples
    --------
    >>> htz_sum(12.0, 60.0, 2, 9.0)
    47.0
    """
    table = standards.table(_SHZ).data
    return by_cell(partial(_shz, table=table), temperature, humidity, dry_days, wind_ms)


def _shz(temperature: Array, humidity: Array, dry_days: Array, wind: Array, *, table: Facts) -> Any:
    def points(values: Array, part: Facts) -> Any:
        return np.array(part["points"], dtype=np.float64)[_step(part["limits"], values, side="left")]

    force = _step(table["force"], wind, side="left")
    total = (
        points(temperature, table["temperature"])
        + points(np.rint(humidity), table["humidity"])
        + np.minimum(np.asarray(dry_days) * table["dry_days"]["per_day"], table["dry_days"]["most"])
        + np.clip(force * table["wind"]["per_force"], table["wind"]["least"], table["wind"]["most"])
    )
    known = np.isfinite(temperature) & np.isfinite(humidity) & np.isfinite(dry_days) & np.isfinite(wind)
    return np.where(known, total, np.nan)
