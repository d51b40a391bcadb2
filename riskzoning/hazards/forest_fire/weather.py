"""Fire weather (森林火险天气): the Canadian fire weather index through xclim, and its classes."""

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
from riskzoning.hazards.forest_fire.equations import DayEquations, day_equations
from riskzoning.hazards.readings import check_days, element_values
from riskzoning.layers.numbers import limits_like, numbers
from riskzoning.layers.plausible import takes
from riskzoning.methods.dates import parse_dates
from riskzoning.methods.labels import paired

# Days as pandas reads them.
Dates = pd.DatetimeIndex | pd.Series | Sequence[object] | Array
_CODES = ("FFMC", "DMC", "DC", "ISI", "BUI", "FWI", "DSR")
_LONG_NAMES = {
    "ffmc": "fine fuel moisture code",
    "dmc": "duff moisture code",
    "dc": "drought code",
    "isi": "initial spread index",
    "bui": "buildup index",
    "fwi": "fire weather index",
    "dsr": "daily severity rating",
}
_WEATHER = Phrase("fire_weather")
_LATITUDE = Phrase("argument", name="latitude")
_FFMC_LIMIT = 101.0
# Degrees that no thermometer tells: see _ffmc.
_ASIDE = 1e-9
# Readings in other units than asked for lie outside.
_LIMITS = {
    "temperature": (-90.0, 70.0, "degC", "hint_kelvin"),
    "humidity": (0.0, 110.0, "%", "hint_undeclared"),
    "wind_kmh": (0.0, 430.0, "km/h", "hint_wind"),
    "precipitation_mm": (0.0, 2000.0, "mm", "hint_rain"),
}


_ELEMENTS = {
    "temperature": ("tmean", "degC"),
    "humidity": ("humidity", "%"),
    "wind_kmh": ("wind_mean", "km/h"),
    "precipitation_mm": ("precipitation", "mm"),
}


@takes()
def fire_weather_index(
    temperature: Cells,
    humidity: Cells,
    wind_kmh: Cells,
    precipitation_mm: Cells,
    *,
    latitude: Cells,
    dates: Dates | None = None,
    start: Sequence[float] = (85.0, 6.0, 15.0),
) -> xr.Dataset:
    """Canadian fire weather index system, day by day (加拿大森林火险天气指数), in the variant of cffdrs and xclim.

    Parameters
    ----------
    temperature, humidity, wind_kmh, precipitation_mm : array, Series or DataArray
        Noon values of each day in degC, %, km/h (m/s x 3.6), and the rain of the 24 hours before noon in mm; a
        DataArray that declares another unit is converted, and labels decide which values belong together. Time is
        the first axis of plain arrays, the index of Series, the dim ``time`` of DataArrays, which may have further
        dims (stations, cells) and may be lazy. Humidity above 100 counts as 100.
    latitude : float, array or DataArray
        Degrees north, one or one for each station; for the length of the day.
    dates : array of dates, optional
        One for each day; only optional where the values have a time coordinate or an index of dates.
    start : three floats
        FFMC, DMC and DC of the day before the first. The codes forget them after 3 to 6 months.

    Returns
    -------
    Dataset
        ``ffmc dmc dc isi bui fwi dsr``, dims as the input. On a day on which one of the four is missing, and on a date
        that the series leaves out, the codes stay as they were the day before; the missing day is NaN.

    Raises
    ------
    LayerError
        Lengths or labels differ, dates do not rise or are hours, values cannot be in the units asked for, a latitude
        is none, or the codes of the start are not three codes.

    References
    ----------
    Van Wagner 1987; Wang et al. 2017 (cffdrs); computed with xclim.

    Examples
    --------
    >>> days = pd.date_range("2021-03-01", periods=2)
    >>> found = fire_weather_index([14, 18], [30, 25], [12, 20], [0, 0], latitude=35.3, dates=days)
    >>> found["fwi"].round(4).values.tolist()
    [6.2374, 13.5902]
    """
    given = dict(zip(_LIMITS, (temperature, humidity, wind_kmh, precipitation_mm)))
    parts = _as_layers([_readings(value, name) for name, value in paired(given, _WEATHER).items()], dates)
    _check_limits(dict(zip(_LIMITS, parts)))
    time = parts[0].indexes["time"]
    kernel = partial(_codes, months=time.month.to_numpy(), start=_start(start))
    place = _places(latitude, parts[0])
    lazy = any(part.chunks is not None for part in parts)
    parts = [part.chunk(time=-1) for part in parts] if lazy else parts
    out = xr.apply_ufunc(
        kernel,
        *parts,
        place,
        input_core_dims=[["time"]] * 4 + [[]],
        output_core_dims=[["code", "time"]],
        dask="parallelized",
        output_dtypes=[np.float64],
        dask_gufunc_kwargs={"output_sizes": {"code": len(_CODES)}},
        join="override",
        keep_attrs=False,
    )
    data = {name.lower(): out.isel(code=i).transpose(*parts[0].dims) for i, name in enumerate(_CODES)}
    for name, layer in data.items():
        layer.attrs = {"units": "1", "long_name": _LONG_NAMES[name]}
    return xr.Dataset(data)


def _readings(value: Cells, name: str) -> Any:
    """Values in the unit of the index: a declared one is converted, codes for missing are read."""
    element, units = _ELEMENTS[name]
    thing = Phrase("argument", name=name)
    return element_values(value, element, thing=thing, units=units)


def _places(latitude: Cells, like: xr.DataArray) -> xr.DataArray:
    """Degrees north beside the days: one number, or one for each series in the order of their dims."""
    others = [dim for dim in like.dims if dim != "time"]
    if isinstance(latitude, xr.DataArray):
        place = latitude
    else:
        degrees = numbers(latitude, name="latitude", units="degrees north")
        if degrees.ndim > len(others) or any(size != like.sizes[dim] for dim, size in zip(others, degrees.shape)):
            given, wanted = list(degrees.shape), [like.sizes[dim] for dim in others]
            raise LayerError(Problem("forest_fire.weather_places", _LATITUDE, given=given, wanted=wanted))
        place = xr.DataArray(degrees, dims=others[: degrees.ndim])
    if place.chunks is None:
        beyond = np.unique(place.to_numpy()[np.abs(place.to_numpy()) > 90])
        if beyond.size:
            raise LayerError(Problem("forest_fire.weather_latitude", _LATITUDE, degrees=beyond.tolist()))
    return place


def _start(start: Sequence[float]) -> tuple[float, ...]:
    """FFMC, DMC and DC of the day before the first."""
    codes = numbers(start, name="start", units="1")
    if codes.shape != (3,) or not (codes >= 0).all() or codes[0] > _FFMC_LIMIT:
        shown = codes.ravel().tolist()
        raise LayerError(Problem("forest_fire.weather_start", Phrase("argument", name="start"), codes=shown))
    return tuple(codes.tolist())


def _as_layers(values: list[Any], dates: Dates | None) -> list[xr.DataArray]:
    """The four elements as DataArrays with a rising time axis."""
    layers = []
    if dates is None and isinstance(values[0], pd.Series) and isinstance(values[0].index, pd.DatetimeIndex):
        dates = values[0].index
    for value in values:
        if not isinstance(value, xr.DataArray):
            array = np.atleast_1d(np.asarray(value, dtype=np.float64))
            value = xr.DataArray(array, dims=["time", *[f"dim_{i}" for i in range(1, array.ndim)]])
        layers.append(value.astype(np.float64))
    sizes = [dict(layer.sizes) for layer in layers]
    if any(size != sizes[0] for size in sizes) or "time" not in sizes[0]:
        shown = [", ".join(f"{dim} {count}" for dim, count in size.items()) for size in sizes]
        raise LayerError(Problem("forest_fire.weather_sizes", _WEATHER, sizes=shown))
    own = layers[0].indexes.get("time")
    if dates is None and not isinstance(own, pd.DatetimeIndex):
        raise LayerError(Problem("forest_fire.weather_dates", _WEATHER))
    stamps = own if dates is None else dates if isinstance(dates, pd.DatetimeIndex) else _parsed(dates)
    time = pd.DatetimeIndex(np.asarray(stamps))
    if len(time) != sizes[0]["time"] or not (time.is_monotonic_increasing and time.is_unique):
        raise LayerError(Problem("forest_fire.weather_days", _WEATHER, dates=len(time), days=sizes[0]["time"]))
    check_days(time, _WEATHER)
    return [layer.transpose(*layers[0].dims).assign_coords(time=time) for layer in layers]


def _parsed(dates: Dates) -> Any:
    return parse_dates(np.atleast_1d(np.asarray(dates, dtype=object)), thing=_WEATHER).to_numpy()


def _check_limits(parts: dict[str, xr.DataArray]) -> None:
    problems = []
    for name, part in parts.items():
        if part.chunks is not None or not part.size:
            continue
        low, high, units, hint = _LIMITS[name]
        values = part.to_numpy()
        wrong = np.isfinite(values) & ((values < low) | (values > high))
        if wrong.any():
            lowest, highest = float(np.nanmin(values[wrong])), float(np.nanmax(values[wrong]))
            problems.append(Problem(
                "forest_fire.weather_range", _WEATHER,
                element=name, low=low, high=high, units=units, hint=Phrase(hint), lowest=lowest, highest=highest,
            ))  # fmt: skip
    if problems:
        raise LayerError(problems=problems)


def _codes(
    t: Array, h: Array, w: Array, p: Array, latitude: Array, *, months: Array, start: tuple[float, ...]
) -> Array:
    """All codes, shape (..., code, time)."""
    shape = t.shape
    flat = [np.broadcast_to(part, shape).reshape(-1, shape[-1]) for part in (t, np.minimum(h, 100.0), w, p)]
    latitude = np.broadcast_to(latitude, shape[:-1]).reshape(-1).astype(np.float64)
    valid = np.logical_and.reduce([np.isfinite(part) for part in flat]) & np.isfinite(latitude)[:, None]
    equations = day_equations()
    if equations is None:
        out = _pattern_by_pattern(flat, latitude, valid, months, start)
    else:
        out = _day_by_day(flat, latitude, valid, months, start, equations)
    return out.reshape(*shape[:-1], len(_CODES), shape[-1])


def _day_by_day(
    flat: list[Array],
    latitude: Array,
    valid: Array,
    months: Array,
    start: tuple[float, ...],
    equations: DayEquations,
) -> Array:
    """One step a day for all series at once, with the equations of a day; a series without values stands still."""
    from xclim.indices import fire

    t, h, w, p = (np.ascontiguousarray(part.T) for part in flat)
    lat = np.where(np.isfinite(latitude), latitude, 0.0)
    ffmc, dmc, dc = (np.full(latitude.size, code) for code in start)
    moisture = np.full((3, *t.shape), np.nan)
    for day, month in enumerate(months):
        good = valid[:, day]
        # Rows without values go through the equations as well, but are not kept.
        with np.errstate(invalid="ignore"):
            moisture[0, day] = np.where(good, _ffmc(equations.ffmc, t[day], p[day], w[day], h[day], ffmc), np.nan)
            moisture[1, day] = np.where(good, equations.dmc(t[day], p[day], h[day], month, lat, dmc), np.nan)
            moisture[2, day] = np.where(good, equations.dc(t[day], p[day], month, lat, dc), np.nan)
        ffmc = np.where(good, moisture[0, day], ffmc)
        dmc = np.where(good, moisture[1, day], dmc)
        dc = np.where(good, moisture[2, day], dc)
    isi = fire.initial_spread_index(w, moisture[0])
    bui = fire.build_up_index(moisture[1], moisture[2])
    fwi = fire.fire_weather_index(isi, bui)
    every = [*moisture, isi, bui, fwi, fire.daily_severity_rating(fwi)]
    return np.where(valid[:, None, :], np.stack(every).transpose(2, 0, 1), np.nan)


def _ffmc(equation: Callable[..., Array], *day: Array) -> Array:
    """The fine fuel moisture code of a day. Fuel exactly at the limit of wetting stays as it is (cffdrs).

    There xclim has no answer for the whole day. The code is continuous at the limit: the cells on it, and no others,
    are computed a little aside.
    """
    try:
        return equation(*day)
    except ValueError:
        if day[0].size == 1:
            return equation(day[0] + _ASIDE, *day[1:])
    half = day[0].size // 2
    return np.concatenate([_ffmc(equation, *(part[s] for part in day)) for s in (slice(half), slice(half, None))])


def _pattern_by_pattern(
    flat: list[Array], latitude: Array, valid: Array, months: Array, start: tuple[float, ...]
) -> Array:
    """Series that miss the same days go through the public function of xclim together, without those days."""
    out = np.full((valid.shape[0], len(_CODES), valid.shape[1]), np.nan)
    patterns, group = np.unique(valid, axis=0, return_inverse=True)
    group = np.asarray(group).ravel()
    for number, days in enumerate(patterns):
        if not days.any():
            continue
        members = np.flatnonzero(group == number)
        block = [part[members][:, days] for part in flat]
        try:
            codes = _xclim_codes(block, latitude[members], months[days], start)
        except ValueError:
            # As in _ffmc, but the days of all these series together.
            codes = _xclim_codes([block[0] + _ASIDE, *block[1:]], latitude[members], months[days], start)
        out[np.ix_(members, np.arange(len(_CODES)), np.flatnonzero(days))] = codes
    return out


def _xclim_codes(block: list[Array], latitude: Array, months: Array, start: tuple[float, ...]) -> Array:
    from xclim.indices.fire import fire_weather_ufunc

    t, h, w, p = block
    # xclim reads the month of each day from the time axis, and nothing else: the days need not follow each other.
    stamps = np.array([f"2001-{month:02d}-15" for month in range(1, 13)], dtype="datetime64[ns]")[months - 1]

    def series(values: Array) -> xr.DataArray:
        return xr.DataArray(values, dims=("point", "time"), coords={"time": stamps})

    def state(value: float) -> xr.DataArray:
        return xr.DataArray(np.full(latitude.size, value), dims="point")

    codes = fire_weather_ufunc(
        tas=series(t),
        pr=series(p),
        hurs=series(h),
        sfcWind=series(w),
        lat=xr.DataArray(latitude, dims="point"),
        ffmc0=state(start[0]),
        dmc0=state(start[1]),
        dc0=state(start[2]),
        indexes=list(_CODES),
    )
    return np.stack([codes[name].transpose("point", "time").to_numpy() for name in _CODES], axis=1)


@takes(fwi="fire_weather_index")
def fwi_class(fwi: Cells) -> Any:
    """Danger class of the fire weather index: 1 very low, 2 low, 3 moderate, 4 high, 5 very high, 6 extreme.

    Parameters
    ----------
    fwi : number, array or DataArray
        Fire weather index; an upper limit belongs to the next class.

    Returns
    -------
    float, array or DataArray
        float64; NaN where the index is missing.

    References
    ----------
    EFFIS danger classes.

    Examples
    --------
    >>> fwi_class(np.array([5.1, 5.2, 37.9, 38.0, 50.0]))
    array([1., 2., 4., 5., 6.])
    """
    limits = np.array(standards.table("hazards/forest_fire_weather").data["fwi_classes"], dtype=np.float64)
    return by_cell(partial(_class_kernel, limits=limits, side="right"), fwi)


def _class_kernel(values: Array, *, limits: Array, side: Literal["left", "right"]) -> Any:
    place = np.searchsorted(limits_like(limits, values), values, side=side)
    return np.where(np.isnan(values), np.nan, place + 1.0)
