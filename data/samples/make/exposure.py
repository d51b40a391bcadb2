"""Where people live in the sample city: towns, villages, land cover, population as raster and as table.

Everything follows one settlement pattern, so that rasters, tables and points agree: the table of the townships is the
sum of the population raster by exact shares of cells. All of it is made up; only the city's total is the published one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage

from make.boundaries import Plane, drawn_units, geography
from make.terrain import Ground, Raster, ground
from riskzoning import standards
from riskzoning.samples.noise import Array, Waves, generator

# Residents of the city, census of 2020: a published total; every split is made up.
RESIDENTS = 6_251_929
_VILLAGE_KM = 1.75


@dataclass(frozen=True)
class Settlement:
    """Where people live, on the grid of the ground."""

    towns: pd.DataFrame
    villages: pd.DataFrame
    people: Array
    landcover: NDArray[np.uint8]


def township_index(units: gpd.GeoDataFrame, raster: Raster) -> NDArray[np.int16]:
    """Number of the township (order of the frame) that holds each cell centre; -1 outside."""
    shapes = units.geometry[units.level == "township"]
    out: NDArray[np.int16] = rasterize(
        zip(shapes, range(len(shapes))),
        out_shape=raster.shape,
        transform=raster.transform,
        fill=-1,
        dtype="int16",
    )
    return out


def whole_numbers(values: Array, total: int) -> NDArray[np.int64]:
    """Whole numbers near ``values`` whose sum is exactly ``total`` (largest remainders)."""
    scaled = np.round(values * (total / values.sum()), 6)
    out: NDArray[np.int64] = np.floor(scaled).astype(np.int64)
    rest = scaled - out
    largest = np.argsort(-rest, kind="stable", axis=None)[: total - int(out.sum())]
    out.flat[largest] += 1
    return out


def _towns(units: gpd.GeoDataFrame, place: Ground, index: NDArray[np.int16], seed: int) -> pd.DataFrame:
    """Seat, residents and urban share of each township; more where land is flat, most in the seats of the counties."""
    drawn, rng = geography()["counties"], generator(seed, "exposure", "towns")
    towns = units[units.level == "township"]
    flat = (place.slope < 8) & (np.abs(place.river_km) > 1.5)
    room: Array = np.bincount(index[index >= 0], flat[index >= 0].astype(float), minlength=len(towns))
    room = room * place.raster.cell_km[0] * place.raster.cell_km[1]
    rows = []
    seats = {entry["seat"] for entry in standards.table("names/xinxiang_townships").data["counties"].values()}
    x, y = place.raster.xy
    for number, (code, unit) in enumerate(towns.iterrows()):
        cells = np.argwhere(index == number)
        seat = Plane.km(*np.asarray(drawn[unit.parent]["seat"], dtype=float))
        to_seat = np.hypot(x[cells[:, 1]] - seat[0], y[cells[:, 0]] - seat[1])
        capital = unit["name"] in seats or unit.type == "街道"
        worst = place.slope[cells[:, 0], cells[:, 1]] + 0.12 * _off_middle(cells) * place.raster.seconds / 6
        best = int(np.argmin(worst + (0.8 * to_seat if capital else 0)))
        urban = 0.9 if capital else {"街道": 0.9, "镇": 0.36, "乡": 0.15}[unit.type]
        pull = (4.0 if capital else {"街道": 4.0, "镇": 1.0, "乡": 0.8}[unit.type]) * (
            1 + 1.5 * np.exp(-to_seat[best] / 4)
        )
        weight = pull * max(room[number], 4.0) ** 0.8 * np.exp(0.22 * rng.normal())
        rows.append((code, unit.parent, x[cells[best, 1]], y[cells[best, 0]], weight, urban))
    frame = pd.DataFrame(rows, columns=["code", "county", "x", "y", "weight", "urban"]).set_index("code")
    county = frame.county.map({code: entry["people"] for code, entry in drawn.items()}).astype(float)
    share = frame.weight / frame.groupby("county").weight.transform("sum") * county
    frame["people"] = share / share.sum() * RESIDENTS
    return frame.drop(columns="weight")


def _off_middle(cells: NDArray[np.int64]) -> Array:
    out: Array = np.hypot(*(cells - np.median(cells, axis=0)).T)
    return out


def _village_sites(place: Ground, units: gpd.GeoDataFrame, rng: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
    """Places of villages (km) and the township of each: evenly spread in the plain, in the valleys of the mountains."""
    x, y = place.raster.xy
    columns, rows = np.arange(x[0], x[-1], _VILLAGE_KM), np.arange(y[-1], y[0], _VILLAGE_KM)
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    spots = grid + rng.uniform(-0.36, 0.36, grid.shape) * _VILLAGE_KM
    longitude, latitude = Plane.degrees(*spots.T)
    row, column = place.raster.index(longitude, latitude)
    hilly = place.mountain_km[row, column] > 0.5
    valley = (place.stream_km[row, column] < 0.9) & (place.above_drainage[row, column] < 70)
    chance = np.where(hilly, np.where(valley, 0.75, 0.18), 0.97)
    side = place.river_km[row, column]
    chance = np.where((side > -4.6) & (side < 4.6), 0.35 * (side > 1.9), chance)
    chance = np.where(place.slope[row, column] > np.where(hilly, 14, 6), 0, chance)
    keep = (rng.random(len(spots)) < chance) & (place.stream_km[row, column] > 0.16) & (np.abs(side - 4.6) > 0.35)
    tree = shapely.STRtree(units.geometry[units.level == "township"].to_numpy())
    number, owner = tree.query(shapely.points(longitude[keep], latitude[keep]), predicate="within")
    return spots[keep][number], owner


_SYLLABLES = (
    "张王李赵刘陈杨孙马朱胡郭何高林罗郑梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢",
    "庄村屯营寨店集堂楼庙湾沟坡窑",
)


def _villages(place: Ground, towns: pd.DataFrame, units: gpd.GeoDataFrame, seed: int) -> pd.DataFrame:
    rng = generator(seed, "exposure", "villages")
    spots, owner = _village_sites(place, units, rng)
    codes = towns.index.to_numpy()
    first, last = _SYLLABLES
    frame = pd.DataFrame({"township": codes[owner], "x": spots[:, 0], "y": spots[:, 1]})
    frame["weight"] = np.exp(0.45 * rng.normal(size=len(frame)))
    side = ["", "东", "西", "南", "北", "前", "后", "大", "小"]
    frame["name"] = [
        side[rng.integers(len(side))] + first[rng.integers(len(first))] + last[rng.integers(len(last))]
        for _ in range(len(frame))
    ]
    frame = frame.sort_values(["township", "y", "x"], ignore_index=True)
    number = frame.groupby("township").cumcount()
    frame["code"] = frame.township + (200 + number).map("{:03d}".format)
    share = frame.weight / frame.groupby("township").weight.transform("sum")
    rural = towns.people * (1 - towns.urban)
    frame["people"] = share * frame.township.map(rural)
    return frame[["code", "name", "township", "x", "y", "people"]]


def _spread(place: Ground, x: Array, y: Array, people: Array, radius_km: float) -> Array:
    """People at points, spread over a bell of the given radius."""
    row, column = place.raster.index(*Plane.degrees(x, y))
    out = np.zeros(place.raster.shape)
    np.add.at(out, (row, column), people)
    sigma = tuple(radius_km / cell for cell in place.raster.cell_km)
    smooth: Array = ndimage.gaussian_filter(out, sigma, mode="constant", truncate=3.5)
    return smooth


def _people(place: Ground, towns: pd.DataFrame, villages: pd.DataFrame, index: NDArray[np.int16]) -> Array:
    """Persons in each cell: villages and towns spread out, nobody in water or on steep ground, township totals kept."""
    people = _spread(place, villages.x.to_numpy(), villages.y.to_numpy(), villages.people.to_numpy(), 0.26)
    urban = (towns.people * towns.urban).to_numpy()
    radius = 0.30 * np.sqrt(urban / 6000)
    for low, high in ((0, 0.55), (0.55, 0.8), (0.8, 1.1), (1.1, 9)):
        part = (radius >= low) & (radius < high)
        if part.any():
            size = float(np.clip(radius[part].mean(), 0.35, 1.5))
            people += _spread(place, towns.x.to_numpy()[part], towns.y.to_numpy()[part], urban[part], size)
    wet = (np.abs(place.river_km) < 0.9) | (place.stream_km < 0.05)
    people *= (index >= 0) & ~wet & (place.slope < 22)
    people[people < 0.02 * place.raster.seconds**2 / 36] = 0
    total = np.bincount(index[index >= 0], people[index >= 0], minlength=len(towns))
    # On a coarse grid a small township may have no settled cell: then its people are everywhere in it.
    for number in np.flatnonzero(total == 0):
        people[index == number] = 1.0
    total = np.bincount(index[index >= 0], people[index >= 0], minlength=len(towns))
    factor = towns.people.to_numpy() / np.maximum(total, 1e-9)
    return np.where(index >= 0, people * factor[np.maximum(index, 0)], 0)


def _landcover(place: Ground, people: Array, seed: int) -> NDArray[np.uint8]:
    """Codes of GlobeLand30 from slope, height, water and where people live."""
    x, y = place.raster.xy
    rng = generator(seed, "exposure", "landcover")
    broad = Waves.drawn(rng, [14.0, 6.0, 2.5], persistence=0.7).grid(x, y)
    fine = Waves.drawn(rng, [2.4, 1.0], persistence=0.8).grid(x, y)
    height, slope, depth = place.elevation, place.slope, place.mountain_km
    out = np.full(place.raster.shape, 10, dtype=np.uint8)
    out[(depth < 0) & (broad + 0.5 * fine > 2.3)] = 20
    hills = (depth > 0.4) & (slope > 6)
    out[hills] = 40
    out[hills & (broad + 0.6 * fine < -0.5)] = 30
    out[hills & (0.9 * broad + 0.5 * fine + (height - 520) / 420 + (slope - 20) / 30 > 0.15)] = 20
    out[hills & (slope > 37) & (fine > 0.9)] = 90
    area = place.raster.cell_km[0] * place.raster.cell_km[1]
    out[people / area > 1500] = 80
    side = np.abs(place.river_km)
    out[(side < 1.5) & (side + 0.25 * fine > 1.0)] = 30
    out[side + 0.22 * fine < 0.85] = 60
    main = place.raster.burn(line for rank, line in place.rivers.values() if rank == 2)
    out[main & (depth < 0) & (side > 4.6)] = 60
    return out


@lru_cache(maxsize=3)
def settlement(seed: int = 20260630, seconds: float = 6) -> Settlement:
    """Towns, villages, persons and land cover of the sample city on the grid of its ground."""
    units, place = drawn_units(seed), ground(seed, seconds)
    index = township_index(units, place.raster)
    towns = _towns(units, place, index, seed)
    villages = _villages(place, towns, units, seed)
    people = _people(place, towns, villages, index)
    return Settlement(towns, villages, people, _landcover(place, people, seed))


def cell_shares(shapes: Any, raster: Raster) -> pd.DataFrame:
    """Exact share of each cell in each polygon, as rows ``cell`` (flat number), ``unit`` (position), ``share``."""
    rows, columns = raster.shape
    step = raster.seconds / 3600
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    left, top = raster.left + column.ravel() * step, raster.top - row.ravel() * step
    cells = shapely.box(left, top - step, left + step, top)
    shapes = np.asarray(shapes, dtype=object)
    shapely.prepare(shapes)
    unit, cell = shapely.STRtree(cells).query(shapes, predicate="intersects")
    whole = shapely.contains_properly(shapes[unit], cells[cell])
    share = np.ones(len(unit))
    cut = ~whole
    share[cut] = shapely.area(shapely.intersection(shapes[unit[cut]], cells[cell[cut]])) / step**2
    table = pd.DataFrame({"cell": cell, "unit": unit, "share": np.round(share, 9)})
    return table[table.share > 0].sort_values(["cell", "unit"], ignore_index=True)


def people_raster(units: gpd.GeoDataFrame, lived: Settlement, source: Raster, target: Raster) -> NDArray[np.int64]:
    """Persons (whole) in each cell of ``target``; nobody in cells that the city border cuts, -9999 outside the city."""
    spread = source.overlap(target, 0) @ lived.people @ source.overlap(target, 1).T
    city = units.geometry[units.level == "city"].to_numpy()
    table = cell_shares(city, target)
    covered = np.zeros(target.shape)
    covered.flat[table.cell.to_numpy()] = table.share.to_numpy()
    spread = np.where(covered > 1 - 1e-6, np.round(spread, 6), 0)
    out = whole_numbers(spread, RESIDENTS)
    out[covered == 0] = -9999
    return out


def people_by_township(units: gpd.GeoDataFrame, people: NDArray[np.int64], raster: Raster, seed: int) -> pd.DataFrame:
    """The census table of the townships: persons of the raster by exact shares of cells, split by sex and age."""
    towns = units[units.level == "township"]
    shares = cell_shares(towns.geometry.to_numpy(), raster)
    counted = np.maximum(people, 0).ravel()[shares.cell.to_numpy()] * shares.share.to_numpy()
    total = np.bincount(shares.unit, counted, minlength=len(towns))
    rng = generator(seed, "exposure", "census")
    whole = whole_numbers(total, RESIDENTS)
    out = pd.DataFrame({"code": towns.index, "name": towns["name"].to_numpy(), "type": towns["type"].to_numpy()})
    out["county"] = towns.parent.to_numpy()
    out["pop"] = whole
    out["male"] = np.round(whole * (0.502 + 0.008 * rng.normal(size=len(out)))).astype(int)
    out["female"] = out["pop"] - out.male
    young = np.round(whole * np.clip(0.232 + 0.02 * rng.normal(size=len(out)), 0.12, 0.32)).astype(int)
    old = np.round(whole * np.clip(0.177 + 0.02 * rng.normal(size=len(out)), 0.09, 0.28)).astype(int)
    out["age0_14"], out["age15_59"], out["age60p"] = young, whole - young - old, old
    out["households"] = np.round(whole / 3.2).astype(int)
    out["year"], out["status"] = 2020, "synthetic; only the city total is published"
    return out
