"""Disasters of 1978 to 2020: series of residents, product and prices, events by county, and their annual sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from make.surveys.scene import Scene
from riskzoning.samples.noise import Array

YEARS = (1978, 2020)
# Gross product of the city in these years, 100 million yuan, about; between them it grows evenly.
_GDP = {
    1978: 10.5,
    1985: 24.0,
    1990: 55.0,
    1995: 170.0,
    2000: 285.0,
    2005: 545.0,
    2010: 1190.0,
    2015: 1990.0,
    2020: 3015.0,
}
# Consumer prices, 1978 = 100, rounded after the national index: illustrative.
_CPI = {
    1978: 100,
    1985: 131,
    1988: 178,
    1990: 216,
    1993: 273,
    1995: 397,
    1997: 442,
    2003: 439,
    2008: 523,
    2015: 615,
    2020: 687,
}
_RESIDENTS_1978 = 0.66


@dataclass(frozen=True)
class _Kind:
    """A hazard: events a year and county, its season, and what an event of middling size does.

    ``loss`` is a share of the gross product, ``affected`` of the residents, ``crop`` of the cropland; ``rooms`` fall
    for each 100 000 residents, ``dead`` for each million.
    """

    code: str
    often: float
    months: tuple[int, ...]
    days: int
    loss: float
    affected: float
    crop: float
    rooms: float
    dead: float
    parts: tuple[float, float, float, float, float, float]


_KINDS = {
    "洪涝": _Kind("FLOOD", 0.42, (6, 7, 7, 8), 5, 0.0050, 0.070, 0.09, 45, 0.45, (0.42, 0.14, 0.21, 0.07, 0.13, 0.03)),
    "干旱": _Kind("DROUGHT", 0.22, (4, 5, 6, 9), 45, 0.0036, 0.100, 0.16, 0, 0.0, (0.92, 0.01, 0.03, 0.01, 0.02, 0.01)),
    "风雹": _Kind("WIND_HAIL", 0.50, (5, 6, 7, 8), 1, 0.0018, 0.03, 0.05, 9, 0.13, (0.68, 0.07, 0.1, 0.03, 0.1, 0.02)),
    "低温冷冻": _Kind("COLD", 0.09, (3, 4, 11), 4, 0.0014, 0.028, 0.06, 0, 0.0, (0.95, 0.01, 0.01, 0.01, 0.01, 0.01)),
    "雪灾": _Kind("SNOW", 0.07, (1, 2, 12), 3, 0.0012, 0.022, 0.02, 6, 0.03, (0.62, 0.12, 0.12, 0.06, 0.06, 0.02)),
    "崩塌滑坡泥石流": _Kind("GEO", 0.28, (7, 8), 2, 6e-4, 0.003, 0.002, 6, 0.35, (0.12, 0.14, 0.48, 0.06, 0.16, 0.04)),
    "森林火灾": _Kind("FIRE", 0.30, (2, 3, 4), 2, 0.0001, 0.0006, 0.0, 0, 0.05, (0.88, 0.0, 0.05, 0.0, 0.02, 0.05)),
}  # fmt: skip
_MOUNTAINS = ("崩塌滑坡泥石流", "森林火灾")
# Rows of these are handed in each year, with nothing in them where nothing happened.
_ALWAYS = ("洪涝", "干旱", "风雹")
# Great floods, droughts and storms of the whole city: how much larger than usual, and the day when they began.
_GREAT = {
    ("洪涝", 1982): (3.0, "08-01"), ("洪涝", 1996): (3.4, "08-03"), ("洪涝", 2000): (2.6, "07-05"),
    ("洪涝", 2016): (7.5, "07-08"), ("干旱", 1986): (2.5, "04-10"), ("干旱", 1997): (2.6, "05-15"),
    ("干旱", 2001): (2.0, "04-20"), ("风雹", 2018): (2.2, "06-11"),
}  # fmt: skip
_PERSONS = ("affected", "dead", "missing", "evacuated")
_CROPS = ("crop_aff", "crop_dam", "crop_lost")
_HOUSES = ("coll_hh", "coll_room", "sev_hh", "sev_room", "sli_hh", "sli_room")
_LOSSES = ("loss_agri", "loss_ind", "loss_infra", "loss_publ", "loss_hh", "loss_other")
SUMMED = (*_PERSONS, *_CROPS, *_HOUSES, *_LOSSES, "loss_total")


def series(scene: Scene) -> pd.DataFrame:
    """Residents at the end of each year, gross product (10 000 yuan) and consumer prices of each county."""
    rng, years = scene.rng("series"), np.arange(YEARS[0], YEARS[1] + 1)
    city = np.exp(np.interp(years, list(_GDP), np.log(list(_GDP.values())))) * 1e4
    prices = np.interp(years, list(_CPI), list(_CPI.values()))
    product = scene.gdp.set_index("code")["gdp_wan"]
    parts = []
    for code, county in scene.counties.iterrows():
        share = product[code] / product.sum()
        drift = np.exp(np.cumsum(0.012 * rng.normal(size=len(years)))[::-1])
        growth = np.interp(years, YEARS, (_RESIDENTS_1978 * rng.uniform(0.95, 1.05), 1.0))
        frame = pd.DataFrame({"adcode6": code, "year": years, "pop_end": np.round(county["pop"] * growth).astype(int)})
        frame["gdp_wan"] = np.round(city * share * drift / drift[-1], 1)
        frame["cpi"] = np.round(prices, 1)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def events(scene: Scene, table: pd.DataFrame) -> pd.DataFrame:
    """Events of each county: when, and what they did; money in the prices of their year."""
    rng, rows = scene.rng("events"), []
    mountain = scene.towns.groupby("county").apply(
        lambda t: np.average(t["mountain"], weights=t["area_km2"]), include_groups=False
    )
    field = scene.towns.groupby("county")["cropland"].sum()
    for line in table.itertuples(index=False):
        high = float(mountain[line.adcode6])
        for hazard, kind in _KINDS.items():
            great, day = _GREAT.get((hazard, line.year), (0.0, ""))
            often = kind.often * (high * 2.2 if hazard in _MOUNTAINS else 1.0)
            count = int(rng.poisson(often))
            if hazard in _MOUNTAINS and high < 0.05:
                continue
            count = max(count, 1) if great else min(count, 2)
            for number in range(count):
                whole = bool(great) and number == 0
                size = float(np.exp(0.75 * rng.normal() - 0.28)) * (great if whole else 1.0)
                size *= 1 + 0.6 * high * (hazard == "洪涝")
                start = _start(kind, line.year, day if whole else "", rng)
                rows.append(_event(line, (hazard, kind), start, size, float(field[line.adcode6]), rng))
    out = pd.DataFrame(rows)
    out = out.sort_values(["adcode6", "start", "hazard"], kind="stable", ignore_index=True)
    stem = (
        out["adcode6"] + out["start"].str.replace("-", "") + out["hazard"].map({h: k.code for h, k in _KINDS.items()})
    )
    serial = (stem.groupby(stem).cumcount() + 1).map("{:02d}".format)
    out.insert(0, "event_id", stem + serial)
    out.insert(2, "county_name", out["adcode6"].map(scene.counties["name"]))
    return out


def _start(kind: _Kind, year: int, day: str, rng: np.random.Generator) -> pd.Timestamp:
    """A day of the season, or of the days when a great event began."""
    month, number = int(rng.choice(kind.months)), int(rng.integers(1, 27))
    if day:
        return pd.Timestamp(f"{year}-{day}") + pd.Timedelta(days=number % 3)
    return pd.Timestamp(year=year, month=month, day=number)


def _event(
    line: Any, what: tuple[str, _Kind], start: pd.Timestamp, size: float, field: float, rng: np.random.Generator
) -> dict[str, Any]:
    """One event. People and houses were hit harder when houses were weak and warnings rare."""
    hazard, kind = what
    early = float(np.interp(line.year, (1978, 1990, 2008), (2.6, 1.9, 1.0)))
    last = int(np.clip(rng.poisson(kind.days), 1, 75))
    end = min(start + pd.Timedelta(days=last), pd.Timestamp(year=line.year, month=12, day=31))
    own: dict[str, Any] = {"adcode6": line.adcode6, "year": line.year, "hazard": hazard}
    own |= {"start": start.strftime("%Y-%m-%d"), "end": end.strftime("%Y-%m-%d")}
    affected = round(line.pop_end * min(0.75, kind.affected * size * early**0.5))
    dead = min(int(rng.poisson(kind.dead * size * early * line.pop_end / 1e6)), affected)
    missing = int(dead > 2 and rng.random() < 0.3)
    own |= {"affected": max(affected, dead + missing), "dead": dead, "missing": missing}
    own["evacuated"] = round(affected * rng.uniform(0.02, 0.12) * (hazard in ("洪涝", "崩塌滑坡泥石流")))
    crop = round(min(0.8, kind.crop * size * early**0.4) * field * rng.uniform(0.8, 1.2), 1)
    damaged = round(crop * rng.uniform(0.35, 0.6), 1)
    own |= {"crop_aff": crop, "crop_dam": damaged, "crop_lost": round(damaged * rng.uniform(0.15, 0.4), 1)}
    rooms = kind.rooms * size * early * line.pop_end / 1e5
    for name, rate in (("coll", 1.0), ("sev", 1.8), ("sli", 4.0)):
        number = int(rng.poisson(rooms * rate * rng.uniform(0.7, 1.3))) if rooms else 0
        own |= {f"{name}_hh": int(np.ceil(number / 2.8)), f"{name}_room": number}
    loss = kind.loss * size * early * line.gdp_wan * rng.uniform(0.85, 1.15)
    share: Array = np.asarray(kind.parts) * rng.uniform(0.8, 1.2, 6)
    own |= {name: round(loss * part / share.sum(), 2) for name, part in zip(_LOSSES, share, strict=True)}
    own["loss_total"] = round(sum(own[name] for name in _LOSSES), 2)
    return own


def annual(scene: Scene, table: pd.DataFrame, happened: pd.DataFrame) -> pd.DataFrame:
    """Annual rows: the sums of the events of each county, year and hazard."""
    by = ["adcode6", "year", "hazard"]
    sums = happened.groupby(by)[list(SUMMED)].sum().round(2)
    sums["events"] = happened.groupby(by).size()
    years = range(YEARS[0], YEARS[1] + 1)
    owed = pd.MultiIndex.from_product([scene.counties.index, years, _ALWAYS], names=by)
    whole = sums.reindex(sums.index.union(owed), fill_value=0).reset_index()
    out = whole.merge(table.drop(columns="cpi"), on=["adcode6", "year"])
    code = out["hazard"].map({hazard: kind.code for hazard, kind in _KINDS.items()})
    out.insert(0, "rec_id", out["adcode6"] + "-" + out["year"].astype(str) + "-" + code)
    out.insert(2, "county_name", out["adcode6"].map(scene.counties["name"]))
    out = out.astype(dict.fromkeys((*_PERSONS, *_HOUSES, "events"), int))
    return out.sort_values(["adcode6", "year", "hazard"], kind="stable", ignore_index=True).assign(
        price_year=out["year"]
    )


def losses(rows: pd.DataFrame) -> pd.DataFrame:
    """What a study reads: losses of each year and county with residents and gross product."""
    by = rows.assign(dead_missing=rows["dead"] + rows["missing"]).groupby(["adcode6", "year"])
    out = by.agg(
        population=("pop_end", "first"), gdp=("gdp_wan", "first"), loss=("loss_total", "sum"),
        dead_missing=("dead_missing", "sum"), affected=("affected", "sum"),
    )  # fmt: skip
    return out.round({"loss": 2}).reset_index().rename(columns={"adcode6": "code"})
