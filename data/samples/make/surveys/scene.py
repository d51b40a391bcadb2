"""The city that the forms are about: its townships, communities, ground and roads, and places in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from make.boundaries import Plane, geography
from make.exposure import Settlement, township_index, whole_numbers
from make.terrain import Ground
from riskzoning import standards
from riskzoning.samples.noise import Array, generator

# Residents of an urban community (社区居委会), about.
_COMMUNITY = 7500
_NUMBERS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Scene:
    """What the forms must agree with. ``census`` is the table of the townships, ``roads`` are lines in degrees."""

    seed: int
    units: gpd.GeoDataFrame
    ground: Ground
    lived: Settlement
    census: pd.DataFrame
    gdp: pd.DataFrame
    roads: gpd.GeoDataFrame
    cropland_ha: Array
    objects: dict[str, gpd.GeoDataFrame]
    slides: gpd.GeoDataFrame

    def rng(self, *words: str) -> np.random.Generator:
        """A random generator of its own for each form."""
        return generator(self.seed, "surveys", *words)

    @cached_property
    def counties(self) -> pd.DataFrame:
        """Counties by code: name, township of the seat, residents, wealth a head relative to the city."""
        names = standards.table("names/xinxiang_townships").data["counties"]
        drawn = geography()["counties"]
        people = self.census.groupby("county")["pop"].sum()
        seats = {code: self._seat(code, names[code]["seat"]) for code in people.index}
        frame = pd.DataFrame({"pop": people, "name": [names[code]["zh"] for code in people.index]})
        frame["seat"] = pd.Series(seats)
        frame["rich"] = [float(drawn[code]["gdp"]) for code in people.index]
        return frame

    def _seat(self, county: str, name: str) -> str:
        own = self.units[(self.units["parent"] == county) & (self.units["level"] == "township")]
        return str(own.index[own["name"] == name][0])

    @cached_property
    def towns(self) -> pd.DataFrame:
        """Townships by code: name, county, residents, place of the town hall, whether it is a seat or lies in the
        mountains."""
        census = self.census.set_index("code")
        frame = pd.DataFrame({"name": census["name"], "county": census["county"], "pop": census["pop"]})
        frame["type"] = census["type"]
        frame["county_name"] = frame["county"].map(self.counties["name"])
        lived = self.lived.towns.loc[frame.index]
        frame["x"], frame["y"], frame["urban"] = lived["x"], lived["y"], lived["urban"]
        frame["lon"], frame["lat"] = degrees(frame["x"].to_numpy(), frame["y"].to_numpy())
        frame["seat"] = frame.index.isin(self.counties["seat"])
        raster = self.ground.raster
        index = township_index(self.units, raster)
        order = self.units.index[self.units["level"] == "township"]
        inside = index >= 0
        high = np.bincount(index[inside], (self.ground.mountain_km > 0.5)[inside].astype(float), minlength=len(order))
        share = high / np.maximum(np.bincount(index[inside], minlength=len(order)), 1)
        frame["mountain"] = pd.Series(share, index=order)
        frame["cropland"] = pd.Series(self.cropland_ha, index=order)
        frame["area_km2"] = self.units.loc[frame.index, "area_km2"]
        return frame

    @cached_property
    def communities(self) -> pd.DataFrame:
        """Villages and urban communities by code; their residents add up to their township's."""
        rng = self.rng("communities")
        villages = dict(iter(self.lived.villages.groupby("township")))
        parts = []
        for code, town in self.towns.iterrows():
            own = villages.get(code)
            rows = [] if own is None else list(own[["code", "name", "x", "y", "people"]].itertuples(index=False))
            rural = float(sum(row[4] for row in rows))
            urban = max(float(town["pop"]) - rural, 0.0)
            count = max(round(urban / _COMMUNITY), 0 if rows else 1)
            spread = 0.25 * np.sqrt(max(urban, 2000) / 6000)
            size = rng.uniform(0.7, 1.3, count)
            for number in range(count):
                x, y = town["x"] + spread * rng.normal(), town["y"] + spread * rng.normal()
                name = f"{town['name']}第{_NUMBERS[number % 10]}{'' if number < 10 else number // 10}社区"
                rows.append((f"{code}{number + 1:03d}", name, x, y, urban * size[number] / size.sum()))
            frame = pd.DataFrame([tuple(row) for row in rows], columns=["code", "name", "x", "y", "people"])
            frame["pop"] = whole_numbers(np.maximum(frame["people"].to_numpy(), 20.0), int(town["pop"]))
            frame["town9"] = code
            parts.append(frame)
        out = pd.concat(parts, ignore_index=True)
        out["urban"] = ~out["code"].str[9:].str.startswith("2")
        out["name"] = np.where(out["urban"], out["name"], out["name"] + "村")
        out["lon"], out["lat"] = self.inside(out["town9"], *degrees(out["x"].to_numpy(), out["y"].to_numpy()))
        return out.sort_values("code").set_index("code")

    def inside(self, codes: pd.Series[str] | NDArray[Any], lon: Array, lat: Array) -> tuple[Array, Array]:
        """Points moved to the town hall where they lie outside the township that they belong to."""
        home = self.units.geometry.loc[np.asarray(codes, dtype=object)].to_numpy()
        out = ~shapely.contains_xy(home, lon, lat)
        halls = self.towns.loc[np.asarray(codes, dtype=object), ["lon", "lat"]].to_numpy()
        return np.where(out, halls[:, 0], lon), np.where(out, halls[:, 1], lat)

    def near_hall(self, codes: Any, rng: np.random.Generator, km: float = 0.6) -> tuple[Array, Array]:
        """Places in the towns of these townships, each some hundred metres from the hall."""
        at = np.asarray(codes, dtype=object)
        towns = self.towns.loc[at]
        x = towns["x"].to_numpy() + km * rng.normal(size=len(at))
        y = towns["y"].to_numpy() + km * rng.normal(size=len(at))
        return self.inside(at, *degrees(x, y))

    def township_at(self, lon: Array, lat: Array) -> NDArray[np.object_]:
        """Code of the township at each place; empty outside the city."""
        towns = self.units[self.units["level"] == "township"]
        tree = shapely.STRtree(towns.geometry.to_numpy())
        point, town = tree.query(shapely.points(lon, lat), predicate="within")
        out = np.full(len(np.atleast_1d(lon)), "", dtype=object)
        out[point] = towns.index.to_numpy(dtype=object)[town]
        return out

    def codes(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with ``adcode6`` of its ``town9``."""
        return frame.assign(adcode6=frame["town9"].map(self.towns["county"]))


def degrees(x: Array, y: Array) -> tuple[Array, Array]:
    """Degrees of kilometres of the drawing plane, to a tenth of a metre."""
    lon, lat = Plane.degrees(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    return np.round(lon, 6), np.round(lat, 6)


def days(rng: np.random.Generator, count: int, first: str = "2021-03-01", last: str = "2021-09-30") -> NDArray[Any]:
    """Days of the survey as text."""
    start, end = pd.Timestamp(first), pd.Timestamp(last)
    shift = rng.integers(0, (end - start).days + 1, count)
    return (start + pd.to_timedelta(shift, unit="D")).strftime("%Y-%m-%d").to_numpy(dtype=object)


def one_of(rng: np.random.Generator, share: Array | float, count: int, yes: str = "是", no: str = "否") -> NDArray[Any]:
    """Answers to a question, ``yes`` with a probability."""
    return np.where(rng.random(count) < share, yes, no).astype(object)


def numbered(prefix: str, count: int, digits: int = 5) -> list[str]:
    """Keys of records."""
    return [f"{prefix}{number + 1:0{digits}d}" for number in range(count)]
