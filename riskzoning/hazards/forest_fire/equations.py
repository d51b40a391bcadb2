"""The equations of the Canadian fire weather index: moisture codes day by day as machine code, indices from them.

Van Wagner 1987 (numbers of equations in brackets), with the rain of the duff moisture code as in cffdrs (Wang et al.
2017). xclim computes the same; there each process compiles the equations anew, which takes longer than thirty years
of a hundred stations, and their days are private. The tests compare both, to the last digits.
"""

from __future__ import annotations

import math

import numpy as np

from riskzoning.coverage.compiling import compiled
from riskzoning.hazards.cells import Array


@compiled
def moisture_codes(
    weather: Array, valid: Array, months: Array, day_length: Array, drying: Array, start: Array
) -> Array:
    """FFMC, DMC and DC, shape (3, day, series); a series without values stands still and has NaN on that day.

    ``weather``: temperature, humidity, wind in km/h, rain, shape (4, day, series); ``day_length`` hours and ``drying``
    the day length factor, shape (series, 12).
    """
    days, series = valid.shape
    out = np.full((3, days, series), np.nan)
    for at in range(series):
        ffmc, dmc, dc = start[0], start[1], start[2]
        for day in range(days):
            if not valid[day, at]:
                continue
            t, h, w, p = weather[0, day, at], weather[1, day, at], weather[2, day, at], weather[3, day, at]
            month = months[day] - 1
            ffmc = _fine_fuel(t, h, w, p, ffmc)
            dmc = _duff(t, h, p, day_length[at, month], dmc)
            dc = _drought(t, p, drying[at, month], dc)
            out[0, day, at], out[1, day, at], out[2, day, at] = ffmc, dmc, dc
    return out


@compiled
def _fine_fuel(t: float, h: float, w: float, p: float, before: float) -> float:
    """Fine fuel moisture code of a day (1 to 10)."""
    water = (147.2 * (101.0 - before)) / (59.5 + before)
    if p > 0.5:
        rain = p - 0.5
        wetted = water + 42.5 * rain * np.exp(-100.0 / (251.0 - water)) * (1.0 - np.exp(-6.93 / rain))
        if water > 150.0:
            wetted = wetted + (0.0015 * (water - 150.0) ** 2) * np.sqrt(rain)
        water = min(wetted, 250.0)
    warmth = 0.18 * (21.1 - t) * (1.0 - 1.0 / np.exp(0.115 * h))
    drying = 0.942 * (h**0.679) + (11.0 * np.exp((h - 100.0) / 10.0)) + warmth
    wetting = 0.618 * (h**0.753) + (10.0 * np.exp((h - 100.0) / 10.0)) + warmth
    if water > drying:
        water = drying + (water - drying) / 10.0 ** _rate(h / 100.0, t, w)
    elif water < min(drying, wetting):
        water = wetting - (wetting - water) / 10.0 ** _rate((100.0 - h) / 100.0, t, w)
    return min(max((59.5 * (250.0 - water)) / (147.2 + water), 0.0), 101.0)


@compiled
def _rate(share: float, t: float, w: float) -> float:
    """How fast fine fuel dries or takes up water (6, 7)."""
    still = 0.424 * (1.0 - share**1.7) + (0.0694 * np.sqrt(w)) * (1.0 - share**8)
    return still * (0.581 * np.exp(0.0365 * t))


@compiled
def _duff(t: float, h: float, p: float, hours: float, before: float) -> float:
    """Duff moisture code of a day (11 to 17; water from the code, 12 and 15, as in cffdrs)."""
    dried = 0.0 if t < -1.1 else 1.894 * (t + 1.1) * (100.0 - h) * hours * 0.0001
    code = before
    if p > 1.5:
        rain = 0.92 * p - 1.27
        water = 20.0 + 280.0 / np.exp(0.023 * before)
        if before <= 33.0:
            slope = 100.0 / (0.5 + 0.3 * before)
        elif before <= 65.0:
            slope = 14.0 - 1.3 * np.log(before)
        else:
            slope = 6.2 * np.log(before) - 17.2
        wetted = water + (1000 * rain) / (48.77 + slope * rain)
        code = 43.43 * (5.6348 - np.log(wetted - 20.0))
    return max(max(code, 0.0) + dried, 0.0)


@compiled
def _drought(t: float, p: float, factor: float, before: float) -> float:
    """Drought code of a day (18 to 22)."""
    dried = max((0.36 * (max(t, -2.8) + 2.8) + factor) / 2, 0.0)
    if p <= 2.8:
        return before + dried
    rain = 0.83 * p - 1.27
    stored = 800.0 * np.exp(-before / 400.0)
    left = before - 400.0 * np.log(1.0 + ((3.937 * rain) / stored))
    return left + dried if left > 0.0 else dried


def spread(wind: Array, ffmc: Array) -> Array:
    """Initial spread index (1, 24 to 26)."""
    water = 147.2 * (101.0 - ffmc) / (59.5 + ffmc)
    fuel = 19.1152 * np.exp(water * -0.1386) * (1.0 + (water**5.31) / 49300000.0)
    return fuel * np.exp(0.05039 * wind)


def build_up(dmc: Array, dc: Array) -> Array:
    """Build-up index (27); 0 where both codes are."""
    nothing = (dmc == 0) & (dc == 0)
    both = np.where(nothing, np.nan, dmc + 0.4 * dc)
    dry = (0.8 * dc * dmc) / both
    moist = dmc - (1.0 - 0.8 * dc / both) * (0.92 + (0.0114 * dmc) ** 1.7)
    return np.clip(np.where(nothing, 0, np.where(dmc <= 0.4 * dc, dry, moist)), 0, None)


def fire_weather(isi: Array, bui: Array) -> Array:
    """Fire weather index (28 to 30)."""
    heavy = 0.1 * isi * (1000.0 / (25.0 + 108.64 / np.exp(0.023 * bui)))
    index = np.where(bui <= 80.0, 0.1 * isi * (0.626 * bui**0.809 + 2.0), heavy)
    strong = index > 1
    index[strong] = np.exp(2.72 * (0.434 * np.log(index[strong])) ** 0.647)
    return index


def severity(fwi: Array) -> Array:
    """Daily severity rating (41)."""
    return 0.0272 * fwi**1.77


def by_latitude(latitude: Array, bands: list[float], months: list[list[float]]) -> Array:
    """Twelve months of a value for each latitude: a band reaches from its southern limit to below the next."""
    held = [value if math.isfinite(value) else 0.0 for value in latitude.tolist()]
    return np.array(months, dtype=np.float64)[np.searchsorted(bands, held, side="right")]
