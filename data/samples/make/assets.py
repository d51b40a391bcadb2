"""What the people of the sample city own and use: buildings, money, fields, schools, roads; and what they lost."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from make.boundaries import Plane, geography, warped_line
from make.exposure import Settlement, whole_numbers
from riskzoning import standards
from riskzoning.samples.noise import Array, generator

# Gross product of the city in 2024, 10^4 yuan: a published total; the split is made up.
GDP_WAN = 35_697_000
_CRS = "EPSG:4490"


def points_of(frame: pd.DataFrame, x: Array, y: Array) -> gpd.GeoDataFrame:
    """A table with points given in kilometres of the drawing plane, as degrees to the metre."""
    longitude, latitude = (np.round(value, 5) for value in Plane.degrees(np.asarray(x), np.asarray(y)))
    return gpd.GeoDataFrame(frame, geometry=shapely.points(longitude, latitude), crs=_CRS)


def villages(lived: Settlement) -> gpd.GeoDataFrame:
    """Villages as points with persons (made-up names; codes are the township's and a number)."""
    rows = lived.villages
    frame = pd.DataFrame({"code": rows.code, "name": rows.name, "town9": rows.township})
    frame["name"] = rows["name"]
    frame["pop"] = np.round(rows.people).astype(int)
    return points_of(frame, rows.x.to_numpy(), rows.y.to_numpy())


# Structure codes of the census form: 1 masonry, 11 masonry on a frame, 2 reinforced concrete, 3 steel, 4 timber,
# 5 earth or stone.
_KINDS: dict[str, dict[str, Any]] = {
    "城镇住宅": {"struct": {1: 0.34, 2: 0.56, 11: 0.10}, "area": 2600, "floors": (4, 18), "price": 0.19, "m2": 38},
    "城镇非住宅": {"struct": {1: 0.30, 2: 0.50, 3: 0.20}, "area": 1900, "floors": (1, 8), "price": 0.20, "m2": 14},
    "农村独立住宅": {
        "struct": {1: 0.86, 2: 0.07, 4: 0.03, 5: 0.04},
        "area": 185,
        "floors": (1, 3),
        "price": 0.10,
        "m2": 46,
    },
    "农村非住宅": {"struct": {1: 0.80, 2: 0.12, 3: 0.08}, "area": 420, "floors": (1, 2), "price": 0.09, "m2": 5},
}


def buildings(
    units: gpd.GeoDataFrame, lived: Settlement, table: pd.DataFrame, *, seed: int, count: int = 1600
) -> gpd.GeoDataFrame:
    """A sample of buildings; each stands for ``n_represented`` of its kind, so that floor area per head is
    plausible."""
    rng = generator(seed, "assets", "buildings")
    rows: list[dict[str, Any]] = []
    spots: list[tuple[float, float]] = []
    share = table["pop"] / table["pop"].sum()
    by_town = lived.villages.groupby("township")
    for number, (code, people) in enumerate(zip(table["code"], table["pop"])):
        town = lived.towns.loc[code]
        size = max(6, int(np.ceil(share.iloc[number] * count)))
        homes = by_town.get_group(code) if code in by_town.groups else None
        urban = town.urban if homes is not None else 1.0
        kinds = [("城镇住宅", urban), ("城镇非住宅", urban), ("农村独立住宅", 1 - urban), ("农村非住宅", 1 - urban)]
        for kind, part in kinds:
            if part <= 0.02:
                continue
            sample = max(1, round(size * part * (0.7 if "非" not in kind else 0.3)))
            made = [_building(kind, rng) for _ in range(sample)]
            each = people * part * _KINDS[kind]["m2"] / sum(row["area_m2"] for row in made)
            for row in made:
                rows.append({"town9": code, "class": kind, **row, "n_represented": round(each, 3)})
                spots.append(_spot(town, homes, kind.startswith("城镇"), rng))
    frame = pd.DataFrame(rows)
    frame.insert(0, "obj_id", [f"B410700{number + 1:06d}" for number in range(len(frame))])
    return _inside(units, lived, frame, np.array(spots))


def _inside(units: gpd.GeoDataFrame, lived: Settlement, frame: pd.DataFrame, xy: Array) -> gpd.GeoDataFrame:
    """Points in the townships of ``town9``; those that fell over the border go to the middle of their town."""
    points = points_of(frame, xy[:, 0], xy[:, 1])
    home = units.geometry.loc[frame["town9"]].to_numpy()
    out = ~shapely.contains(home, points.geometry.to_numpy())
    xy[out] = lived.towns.loc[frame["town9"], ["x", "y"]].to_numpy()[out]
    return points_of(frame, xy[:, 0], xy[:, 1])


def _building(kind: str, rng: np.random.Generator) -> dict[str, Any]:
    entry = _KINDS[kind]
    struct = int(rng.choice(list(entry["struct"]), p=list(entry["struct"].values())))
    low, high = entry["floors"]
    limit = high if struct in (2, 3) else min(high, {4: 1, 5: 1}.get(struct, 6))
    floors = int(rng.integers(min(low, limit), limit + 1))
    area = round(float(entry["area"] * np.exp(0.45 * rng.normal()) * (1 + 0.06 * floors)), 1)
    built = int(
        rng.integers(1958, 1990)
        if struct in (4, 5)
        else rng.choice([1982, 1992, 2001, 2009, 2016]) + rng.integers(0, 5)
    )
    price = entry["price"] * {2: 1.25, 3: 1.0, 4: 0.6, 5: 0.45}.get(struct, 1.0) * float(np.exp(0.15 * rng.normal()))
    return {
        "struct": struct,
        "floors_up": floors,
        "area_m2": area,
        "built_year": built,
        "seismic_design": int(built >= 2001 and struct in (1, 2, 3, 11) and rng.random() < 0.7),
        "value_wan": round(area * price, 2),
    }


def _spot(town: Any, homes: pd.DataFrame | None, urban: bool, rng: np.random.Generator) -> tuple[float, float]:
    if urban or homes is None:
        radius = 0.22 * np.sqrt(max(town.people * town.urban, 2000) / 6000)
        x, y = town.x, town.y
    else:
        home = homes.iloc[int(rng.integers(len(homes)))]
        radius, x, y = 0.16, home.x, home.y
    return float(x + radius * rng.normal()), float(y + radius * rng.normal())


def gdp_by_county(table: pd.DataFrame) -> pd.DataFrame:
    """Gross product of the counties and its three sectors, 10^4 yuan; they add up to the published city total of
    2024."""
    drawn = geography()["counties"]
    names = standards.table("names/xinxiang_townships").data["counties"]
    people = table.groupby("county")["pop"].sum()
    rich = people.index.map({code: entry["gdp"] for code, entry in drawn.items()}).to_numpy(dtype=float)
    gdp = whole_numbers(people.to_numpy() * rich, GDP_WAN)
    first = np.round(gdp * np.clip(0.30 - 0.19 * rich, 0.02, 0.2)).astype(np.int64)
    second = np.round((gdp - first) * (0.50 + 0.03 * (rich > 1.1))).astype(np.int64)
    out = pd.DataFrame({"code": people.index, "name": [names[code]["zh"] for code in people.index], "year": 2024})
    out["gdp_wan"], out["gdp1_wan"], out["gdp2_wan"], out["gdp3_wan"] = gdp, first, second, gdp - first - second
    out["status"] = "synthetic split of the reported city total"
    return out


def crops(units: gpd.GeoDataFrame, cropland_ha: Array, *, seed: int) -> pd.DataFrame:
    """Sown area, yield and price of three crops by township."""
    rng = generator(seed, "assets", "crops")
    towns = units[units.level == "township"]
    kinds = (
        ("冬小麦", 0.80, 6700, 2.5, "10-10", "06-05"),
        ("夏玉米", 0.66, 6600, 2.4, "06-10", "09-30"),
        ("花生", 0.12, 4300, 6.5, "05-01", "09-15"),
    )
    rows = []
    for code, name, area in zip(towns.index, towns.name, cropland_ha):
        for crop, part, yield_kg, price, start, end in kinds:
            sown = round(area * part * rng.uniform(0.85, 1.1), 1)
            rows.append((code, name, crop, sown, round(yield_kg * rng.uniform(0.9, 1.1)), price, start, end, 2020))
    columns = ["code", "name", "crop", "sown_ha", "yield_kg_ha", "price_yuan_kg", "stage_start", "stage_end", "year"]
    return pd.DataFrame(rows, columns=columns)


def public_services(units: gpd.GeoDataFrame, lived: Settlement, *, seed: int) -> gpd.GeoDataFrame:
    """Schools and hospitals as points with the number of users."""
    rng = generator(seed, "assets", "services")
    rows: list[tuple[Any, ...]] = []
    spots = []
    by_town = lived.villages.groupby("township")
    for code, town in lived.towns.iterrows():
        homes = by_town.get_group(code) if code in by_town.groups else None
        plan = [("学校", "中学", True, 0.055), ("学校", "小学", True, 0.05), ("医疗卫生机构", "卫生院", True, 0.004)]
        if homes is not None and len(homes) > 10:
            plan.append(("学校", "村小学", False, 0.012))
        for kind, title, urban, rate in plan:
            least = 4 if title == "卫生院" else 30
            users = int(max(least, town.people * rate * np.exp(0.2 * rng.normal())))
            rows.append(
                (
                    f"{units.loc[code, 'name']}{title}",
                    kind,
                    code,
                    users,
                    int(rng.integers(1, 6)),
                    int(rng.choice([1, 1, 2])),
                )
            )
            spots.append(_spot(town, homes, urban, rng))
    frame = pd.DataFrame(rows, columns=["name", "type", "town9", "users", "floors", "structure"])
    frame.insert(0, "obj_id", [f"PS410700{number + 1:05d}" for number in range(len(frame))])
    return _inside(units, lived, frame, np.array(spots))


def roads(units: gpd.GeoDataFrame, lived: Settlement, steep: Any, *, seed: int) -> gpd.GeoDataFrame:
    """Main roads as drawn, and a net that joins every town to its county seat and the seats to each other."""
    rows: list[tuple[str, str, str]] = []
    lines: list[Any] = []
    city = _city_km(units).buffer(6)
    for code, entry in geography()["roads"].items():
        line = shapely.simplify(warped_line(entry["line"], seed=seed), 0.05)
        rows.append((code, entry["name"], entry["class"]))
        lines.append(shapely.intersection(line, city))
    seats, towns = [], lived.towns
    for _, group in towns.groupby("county"):
        seat = str(group.people.idxmax())
        seats.append(seat)
        for a, b in _tree(group[["x", "y"]].to_numpy()):
            rows.append((f"Y{group.index[a]}", "", "三级" if towns.urban[group.index[b]] > 0.3 else "四级"))
            lines.append(_winding(group[["x", "y"]].to_numpy()[[a, b]], steep))
    places = towns.loc[seats, ["x", "y"]].to_numpy()
    for a, b in _tree(places):
        rows.append((f"X{seats[a][:6]}", "", "二级"))
        lines.append(_winding(places[[a, b]], steep))
    frame = pd.DataFrame(rows, columns=["road_code", "name", "tech_class"])
    width = {"高速": 28.0, "一级": 24.0, "二级": 12.0, "三级": 8.0, "四级": 6.0}
    frame["width_m"] = frame.tech_class.map(width)
    frame["length_km"] = np.round([line.length for line in lines], 2)
    degrees = [shapely.transform(line, lambda xy: np.round(np.column_stack(Plane.degrees(*xy.T)), 5)) for line in lines]
    return gpd.GeoDataFrame(frame, geometry=degrees, crs=_CRS)


def _city_km(units: gpd.GeoDataFrame) -> Any:
    city = units.geometry[units.level == "city"].iloc[0]
    return shapely.transform(city, lambda xy: np.column_stack(Plane.km(*xy.T)))


def _tree(points: Array) -> list[tuple[int, int]]:
    """Shortest tree through points, as pairs of positions."""
    joined, rest, pairs = [0], set(range(1, len(points))), []
    while rest:
        left = sorted(rest)
        gaps = ((points[left][:, None] - points[joined][None]) ** 2).sum(axis=2)
        new, old = np.unravel_index(int(gaps.argmin()), gaps.shape)
        pairs.append((left[new], joined[old]))
        joined.append(left[new])
        rest.remove(left[new])
    return pairs


def _winding(ends: Array, steep: Any) -> Any:
    """A line between two points that is bent, step by step, to the side where the ground is less steep."""
    count = max(3, int(np.hypot(*(ends[1] - ends[0])) / 0.8) + 1)
    line = np.linspace(ends[0], ends[1], count)
    along = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
    across = np.array([-along[1], along[0]])
    offsets = np.linspace(-1.4, 1.4, 15)
    shift = np.zeros(count)
    for number in range(1, count - 1):
        spots = line[number] + offsets[:, None] * across
        cost = steep(spots[:, 0], spots[:, 1]) + 1.5 * np.abs(offsets - shift[number - 1])
        shift[number] = offsets[int(np.argmin(cost))]
    shift[1:-1] = 0.25 * shift[:-2] + 0.5 * shift[1:-1] + 0.25 * shift[2:]
    return shapely.LineString(line + shift[:, None] * across)
