"""Daily weather of the sample city's stations, and the files in which the meteorological bureau hands it over.

A stochastic generator: days of rain from a two-state chain for the whole region, amounts with a correlated share for
each station and more on the mountain front, temperatures from a seasonal curve, slow anomalies and cold surges, the
other elements tied to both. July 2016 gets two storms. No day is an observation of the named station.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from make.boundaries import Plane, geography
from make.terrain import Ground
from riskzoning.samples.noise import Array, generator

# Element -> number in the name of its files.
ELEMENTS = {"TEM": "12001", "PRE": "13011", "RHU": "13003", "WIN": "11002", "SSD": "14032"}
_MISSING, _TRACE = 32766, 32700
# Climate of the months: rain (mm), share of rainy days, mean of daily temperature range on dry days (degC).
_RAIN_MM = np.array([5, 8, 17, 25, 42, 72, 170, 134, 70, 32, 18, 6], dtype=float)
_RAIN_DAYS = np.array([0.09, 0.12, 0.16, 0.18, 0.21, 0.26, 0.38, 0.33, 0.26, 0.19, 0.14, 0.09])
_RANGE = np.array([10.2, 10.8, 12.0, 12.6, 12.6, 12.0, 9.0, 8.8, 10.0, 11.2, 10.8, 10.0])


@dataclass(frozen=True)
class Weather:
    """Daily values, shape (station, day): rain mm (two half-days), temperatures degC, humidity %, wind m/s, sunshine
    h."""

    stations: pd.DataFrame
    days: pd.DatetimeIndex
    night_rain: Array
    day_rain: Array
    mean: Array
    high: Array
    low: Array
    humidity: Array
    humidity_min: Array
    wind: Array
    wind_max: Array
    gust: Array
    sunshine: Array

    @property
    def rain(self) -> Array:
        """Rain from 20 to 20 h, mm."""
        return np.round(self.night_rain + self.day_rain, 1)


def station_table(place: Ground) -> pd.DataFrame:
    """Stations of the city and around it: number, name, place in degrees, height of the sample ground (m)."""
    rows = []
    for number, entry in geography()["stations"].items():
        longitude, latitude = entry["place"]
        height = place.raster.sample(place.elevation, np.array([longitude]), np.array([latitude]))[0]
        inside = 0 if entry.get("outside") else 1
        rows.append((number, entry["name"], longitude, latitude, round(float(height), 1), inside))
    return pd.DataFrame(rows, columns=["site", "name", "lon", "lat", "alt", "in_city"])


def _correlated(rng: np.random.Generator, stations: pd.DataFrame, days: int, reach_km: float) -> Array:
    """Normal noise for each station and day that neighbouring stations share, shape (station, day)."""
    x, y = Plane.km(stations.lon.to_numpy(), stations.lat.to_numpy())
    gap = np.hypot(x[:, None] - x, y[:, None] - y)
    mixing = np.linalg.cholesky(np.exp(-gap / reach_km) + 1e-6 * np.eye(len(x)))
    out: Array = mixing @ rng.normal(size=(len(x), days))
    return out


def _persistent(rng: np.random.Generator, days: int, memory: float) -> Array:
    noise, out = rng.normal(size=days), np.zeros(days)
    for day in range(1, days):
        out[day] = memory * out[day - 1] + np.sqrt(1 - memory**2) * noise[day]
    return out


def _rainy(rng: np.random.Generator, month: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Days on which it rains somewhere: a two-state chain whose share of rainy days follows the month."""
    draw, out = rng.random(month.size), np.zeros(month.size, dtype=bool)
    stay = 0.5
    for day in range(1, month.size):
        share = _RAIN_DAYS[month[day]] * 1.15
        out[day] = draw[day] < (stay if out[day - 1] else share * (1 - stay) / (1 - share))
    return out


def _rain(rng: np.random.Generator, stations: pd.DataFrame, days: pd.DatetimeIndex) -> Array:
    month = days.month.to_numpy() - 1
    wet = _rainy(rng, month)
    heavy = np.where(np.isin(month, (5, 6, 7, 8)), 0.62, 0.85)
    region = np.where(wet, rng.gamma(heavy, size=month.size) + 0.02, 0)
    here = _correlated(rng, stations, month.size, 70.0)
    amount = region * np.exp(0.55 * here) * (here > -1.25)
    x, y = Plane.km(stations.lon.to_numpy(), stations.lat.to_numpy())
    # The front of the mountains gets more, the south-east less.
    front = 1 + 0.16 * np.exp(-(((y - 13 - 0.15 * x) / 14) ** 2)) - 0.0008 * x
    amount *= front[:, None]
    years = np.ptp(days.year.to_numpy()) + 1
    for number in range(12):
        total = amount[:, month == number].sum(axis=1).mean() / years
        amount[:, month == number] *= _RAIN_MM[number] / max(total, 1e-9)
    spread = np.exp(0.10 * rng.normal(size=years))[days.year.to_numpy() - days.year.min()]
    amount = np.where(amount > 110, 110 + 25 * np.log1p(np.maximum(amount - 110, 0) / 25), amount) * spread
    for date, place, peak, size in (("2016-07-09", (113.86, 35.42), 290, 38), ("2016-07-19", (114.05, 35.55), 175, 55)):
        when = np.flatnonzero(days == pd.Timestamp(date))
        east, north = Plane.km(*np.asarray(place, dtype=float))
        storm = peak * np.exp(-(((x - east) ** 2 + (y - north) ** 2) / (2 * size**2)))
        amount[:, when] = np.maximum(amount[:, when], storm[:, None])
    out: Array = np.round(amount, 2)
    return out


def _temperature(
    rng: np.random.Generator, stations: pd.DataFrame, days: pd.DatetimeIndex, wet: Array
) -> tuple[Array, ...]:
    """Mean, highest and lowest temperature; ``wet`` (0..1) damps the daily range."""
    day = days.dayofyear.to_numpy()
    season = -np.cos(2 * np.pi * (day - 18) / 365.25)
    slow = _persistent(rng, day.size, 0.78) * np.where(season < 0, 2.7, 2.3)
    surge = np.zeros(day.size)
    for start in np.flatnonzero((rng.random(day.size) < 0.028) & (season < 0.35)):
        drop = rng.uniform(5, 12.5)
        for step, share in enumerate((0.55, 1.0, 0.95, 0.7, 0.45, 0.2)):
            if start + step < day.size:
                surge[start + step] = min(surge[start + step], -drop * share)
    height, north = stations.alt.to_numpy(), stations.lat.to_numpy()
    base = 15.1 + 13.2 * season + slow + surge + 2.4 * (season < 0) * (surge == 0) * 0.25
    local = 0.45 * _correlated(rng, stations, day.size, 40.0)
    mean = base - 1.8 * wet * np.maximum(season, 0) + local - (0.0056 * (height - 75) + 0.6 * (north - 35.2))[:, None]
    month = days.month.to_numpy() - 1
    span = _RANGE[month] * (1 - 0.5 * wet) * np.exp(0.16 * rng.normal(size=mean.shape))
    high = mean + span * 0.53
    low = mean - span * 0.47
    return np.round(mean, 1), np.round(high, 1), np.round(low, 1)


def daily_weather(stations: pd.DataFrame, *, years: tuple[int, int], seed: int) -> Weather:
    """Daily weather of all stations for whole years."""
    rng = generator(seed, "weather")
    days = pd.date_range(f"{years[0]}-01-01", f"{years[1]}-12-31", freq="D")
    rain = _rain(rng, stations, days)
    wet = np.clip(np.log1p(rain) / 2.2, 0, 1)
    mean, high, low = _temperature(rng, stations, days, wet)
    split = np.clip(rng.beta(1.2, 1.2, rain.shape), 0.02, 0.98)
    night = np.round(rain * split, 1)
    month = days.month.to_numpy() - 1
    moist = np.array([58, 57, 55, 58, 61, 62, 79, 81, 74, 67, 65, 60], dtype=float)[month]
    humid = moist + 17 * wet + 8 * _persistent(rng, len(days), 0.7) + 3 * rng.normal(size=rain.shape)
    humidity = np.clip(np.round(humid), 14, 99)
    lowest = np.clip(np.round(humidity * (0.52 + 0.25 * wet) + 4 * rng.normal(size=rain.shape)), 5, humidity)
    windy = np.array([1.9, 2.2, 2.7, 2.8, 2.5, 2.4, 2.0, 1.8, 1.7, 1.8, 1.9, 1.9])[month]
    cooling = np.clip(-np.diff(mean, axis=1, prepend=mean[:, :1]) / 6, 0, 2)
    squall = 1 + 0.8 * (rng.random(rain.shape) < 0.05) * (wet > 0.4)
    exposed = 1 + 0.25 * (stations.alt.to_numpy() > 500)[:, None]
    wind = windy * exposed * np.exp(0.30 * _persistent(rng, len(days), 0.4) + 0.16 * rng.normal(size=rain.shape))
    wind = np.round(np.clip(wind * (1 + 0.5 * cooling), 0.2, 14), 1)
    strongest = np.round(wind * np.exp(0.15 * rng.normal(size=rain.shape)) * 1.75 * squall + 0.8, 1)
    gust = np.round(np.minimum(strongest * (1.48 + 0.1 * np.abs(rng.normal(size=rain.shape))) + 0.4, 33), 1)
    length = 12.1 + 2.35 * np.sin(2 * np.pi * (days.dayofyear.to_numpy() - 80) / 365.25)
    clear = np.clip(1 - 0.95 * wet - np.abs(rng.normal(0, 0.32, rain.shape)) - (humidity - 45) / 160, 0, 0.95)
    sunshine = np.round(length * clear, 1)
    return Weather(
        stations,
        days,
        night,
        np.round(rain - night, 1),
        mean,
        high,
        low,
        humidity,
        lowest,
        wind,
        strongest,
        gust,
        sunshine,
    )


def _rain_code(amount: Array, mean: Array, near: Array) -> NDArray[np.int64]:
    """Rain in the coding of the bureau: 0.1 mm; 32700 trace, 31xxx rain with snow, 30xxx snow, 32xxx dew or frost."""
    tenths = np.round(amount * 10).astype(np.int64)
    out = np.where((tenths > 0) & (mean < -0.8), 30000 + tenths, tenths)
    out = np.where((tenths > 0) & (mean >= -0.8) & (mean < 1.2), 31000 + tenths, out)
    out = np.where((tenths == 0) & (near < 0.035), _TRACE, out)
    return np.where((tenths == 0) & (near > 0.985) & (mean > -4) & (mean < 12), 32001, out)


def _columns(made: Weather, element: str, seed: int) -> tuple[NDArray[np.int64], ...]:
    rng = generator(seed, "weather", "codes", element)
    tenths: Callable[[Array], NDArray[np.int64]] = lambda values: np.round(values * 10).astype(np.int64)  # noqa: E731
    if element == "PRE":
        near = rng.random(made.mean.shape)
        parts = [_rain_code(amount, made.mean, near) for amount in (made.night_rain, made.day_rain, made.rain)]
        return tuple(parts)
    if element == "TEM":
        return tenths(made.mean), tenths(made.high), tenths(made.low)
    if element == "RHU":
        return made.humidity.astype(np.int64), made.humidity_min.astype(np.int64)
    if element == "SSD":
        return (tenths(made.sunshine),)
    direction = np.where(rng.random(made.wind.shape) < 0.55, rng.choice([3, 4, 11, 12], made.wind.shape), 17)
    return tenths(made.wind), tenths(made.wind_max), direction, tenths(made.gust), direction


def element_archive(made: Weather, element: str, *, seed: int) -> bytes:
    """A zip of the monthly text files of one element, as SURF_CLI_CHN_MUL_DAY files are handed over."""
    columns = [column.copy() for column in _columns(made, element, seed)]
    rng = generator(seed, "weather", "gaps", element)
    lost = rng.random(made.mean.shape) < 0.0004
    number = int(np.flatnonzero(made.stations.site == "53997")[0])
    start = int(np.argmax(made.days >= pd.Timestamp(made.days.year[-1], 6, 3)))
    lost[number, start : start + 9] = True
    quality = np.where(lost, 8, 0)
    for column in columns:
        column[lost] = _MISSING
    order = np.argsort(made.stations.site.to_numpy(), kind="stable")
    heads = [_head(row) for row in made.stations.iloc[order].itertuples()]
    table = np.stack([*columns, *[quality] * len(columns)])[:, order]
    pattern = " %7d" * len(columns) + " %d" * len(columns) + "\n"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for year, month in dict.fromkeys(zip(made.days.year, made.days.month)):
            which = np.flatnonzero((made.days.year == year) & (made.days.month == month))
            dates = [f" {year} {month:2d} {day:2d}" for day in made.days.day[which]]
            rows = table[:, :, which].transpose(1, 2, 0).tolist()
            text = "".join(
                head + date + pattern % tuple(values)
                for head, block in zip(heads, rows)
                for date, values in zip(dates, block)
            )
            name = f"SURF_CLI_CHN_MUL_DAY-{element}-{ELEMENTS[element]}-{year}{month:02d}.TXT"
            entry = zipfile.ZipInfo(name, date_time=(2021, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, text, compresslevel=9)
    return stream.getvalue()


def _head(station: Any) -> str:
    """Station, latitude and longitude in degrees and minutes, height in 0.1 m (plus 100000 where it is an estimate)."""
    latitude, longitude = (int(value) * 100 + round((value - int(value)) * 60) for value in (station.lat, station.lon))
    height = round(station.alt * 10) + (100000 if station.alt > 500 else 0)
    return f"{station.site} {latitude:6d} {longitude:6d} {height:7d}"


def yearly_summary(made: Weather) -> Mapping[str, float]:
    """Means over stations and years that a climatologist would look at first."""
    years = made.days.year.nunique()
    summer = np.isin(made.days.month, (6, 7, 8, 9))
    return {
        "rain_mm": float(made.rain.sum(axis=1).mean() / years),
        "summer_share": float(made.rain[:, summer].sum() / made.rain.sum()),
        "days_50mm": float((made.rain >= 50).sum(axis=1).mean() / years),
        "temperature": float(made.mean.mean()),
        "hot_days": float((made.high >= 35).sum(axis=1).mean() / years),
    }
