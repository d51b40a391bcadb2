"""Inputs of the hazards of the sample city: earthquake, geology, flood, forest fire; they agree with its ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes as raster_shapes
from rasterio.features import sieve
from scipy import ndimage

from make.assets import points_of
from make.boundaries import Plane, geography, warped_line
from make.exposure import Settlement
from make.terrain import Ground, Raster
from riskzoning.samples.noise import Array, Waves, generator

PERIODS_PGA = (50, 475, 2475, 10000)
PERIODS_FLOOD = (5, 10, 20, 50, 100, 200)
_CRS = "EPSG:4490"


def _lines(rows: Sequence[Mapping[str, Any]], lines: Sequence[Any]) -> gpd.GeoDataFrame:
    degrees = [shapely.transform(line, lambda xy: np.round(np.column_stack(Plane.degrees(*xy.T)), 5)) for line in lines]
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=degrees, crs=_CRS)


def zones_of_classes(
    classes: NDArray[np.uint8], raster: Raster, *, smallest: int, tolerance_km: float
) -> gpd.GeoDataFrame:
    """Polygons of a class raster: small patches merged, borders simplified together, no gaps; column ``value``."""
    merged = sieve(classes, size=smallest, connectivity=4)
    outlines = [shapely.geometry.shape(shape) for shape, _ in raster_shapes(merged, transform=raster.transform)]
    # Noding gives neighbours the same points where three patches meet; without it they are no coverage.
    borders = shapely.union_all(shapely.boundary(np.array(outlines)))
    polygons = shapely.get_parts(shapely.polygonize(shapely.get_parts(borders)))
    inside = shapely.get_coordinates(shapely.point_on_surface(polygons))
    values = merged[raster.index(inside[:, 0], inside[:, 1])]
    frame = gpd.GeoDataFrame({"value": values.astype(int)}, geometry=_simplified(polygons, tolerance_km), crs=_CRS)
    frame["order"] = [(-round(p.bounds[3], 4), round(p.bounds[0], 4)) for p in frame.geometry]
    return frame.sort_values("order", ignore_index=True).drop(columns="order")


def _simplified(polygons: NDArray[Any], tolerance_km: float) -> NDArray[Any]:
    """Borders with fewer points, moved together; gentler where rounding to a decimetre would make two of them touch."""
    for share in (1.0, 0.8, 0.6, 0.4, 0.2, 0.0):
        simple = shapely.coverage_simplify(polygons, share * tolerance_km / Plane.km_per_degree[1])
        rounded: NDArray[Any] = shapely.transform(simple, lambda xy: np.round(xy, 6))
        if shapely.is_valid(rounded).all() and shapely.coverage_is_valid(rounded):
            break
    return rounded


def faults(*, seed: int) -> gpd.GeoDataFrame:
    """Schematic faults: name, nature, age of the last movement."""
    drawn = geography()["faults"]
    rows = [{"name": name, "nature": entry["nature"], "age": entry["age"]} for name, entry in drawn.items()]
    return _lines(rows, [shapely.simplify(warped_line(entry["line"], seed=seed), 0.05) for entry in drawn.values()])


def pga(target: Raster, *, seed: int) -> dict[int, Array]:
    """Peak ground acceleration (g) on class II ground for T = 50, 475, 2475, 10000 years; grows with T in every
    cell."""
    x, y = target.xy
    rng = generator(seed, "hazards", "pga")
    mask = np.zeros(target.shape, dtype=bool)
    for entry in geography()["faults"].values():
        weight = 1.0 if entry["age"] == "Q3" else 0.6
        if weight == 1.0:
            mask |= target.burn([warped_line(entry["line"], seed=seed)])
    near = np.exp(-target.distance(mask) / 16)
    field = 0.137 + 0.085 * near + 0.007 * Waves.drawn(rng, [60.0]).grid(x, y) - 0.0002 * x[None, :]
    basic = np.clip(field, 0.10, 0.25)
    # Ratios to the basic level: 1/3, 1, 1.9, 2.9, the rarer ones a little smaller where the basic level is high.
    soft = 1 - 0.5 * (basic - 0.15)
    factors: dict[int, Any] = {50: 1 / 3, 475: 1.0, 2475: 1.9 * soft, 10000: 2.9 * soft}
    return {period: np.round(basic * factors[period], 4) for period in PERIODS_PGA}


def site_class(place: Ground, *, seed: int) -> gpd.GeoDataFrame:
    """Site classes I0, I1, II, III, IV as polygons that cover the extent: rock, shallow cover, firm, soft, very
    soft."""
    x, y = place.raster.xy
    rng = generator(seed, "hazards", "site")
    bend = Waves.drawn(rng, [18.0, 7.0]).grid(x, y)
    depth = place.mountain_km + 0.8 * bend
    classes = np.full(place.raster.shape, 3, dtype=np.uint8)
    classes[depth > 0.2] = 2
    classes[depth > 7.5] = 1
    classes[depth < -7.0] = 4
    classes[(np.abs(place.river_km) + 1.5 * bend < 6.0) & (place.mountain_km < -10)] = 5
    classes[(bend > 1.75) & (place.mountain_km < -20)] = 5
    scale = (6 / place.raster.seconds) ** 2
    frame = zones_of_classes(classes, place.raster, smallest=max(4, round(360 * scale)), tolerance_km=0.7)
    names = {1: "I0", 2: "I1", 3: "II", 4: "III", 5: "IV"}
    frame.insert(0, "site_class", frame["value"].map(names))
    frame["vs30_ms"] = frame["value"].map({1: 900, 2: 620, 3: 340, 4: 210, 5: 145})
    return frame[["site_class", "vs30_ms", "geometry"]]


def earthquakes(*, seed: int) -> pd.DataFrame:
    """Catalogue of the surroundings: great historic events (published) and small ones since 1970 (made up)."""
    rng = generator(seed, "hazards", "earthquakes")
    rows = [
        (date, longitude, latitude, np.nan, magnitude, "Ms", "published, place to 0.1 degree")
        for date, longitude, latitude, magnitude in geography()["earthquakes"]
    ]
    size = 3.0 + rng.exponential(1 / (0.85 * np.log(10)), 90)
    for magnitude in np.minimum(size, 5.6):
        day = pd.Timestamp("1970-01-01") + pd.Timedelta(days=int(rng.integers(0, 18600)))
        place = (114.2 + 1.2 * rng.normal(), 35.5 + 0.8 * rng.normal())
        rows.append(
            (
                f"{day:%Y-%m-%d}",
                round(place[0], 2),
                round(place[1], 2),
                int(rng.integers(5, 20)),
                round(float(magnitude), 1),
                "ML",
                "synthetic",
            )
        )
    frame = pd.DataFrame(rows, columns=["date", "lon", "lat", "depth_km", "magnitude", "mag_type", "status"])
    frame = frame.sort_values(["date", "lon"], ignore_index=True)
    frame.insert(0, "event_id", [f"EQ{number + 1:04d}" for number in range(len(frame))])
    frame["depth_km"] = frame.depth_km.astype("Int64")
    return frame


# Rock groups: code, name, age, strength (MPa) and how much a slope in it likes to fail.
_ROCKS: dict[int, tuple[str, str, str, int, float]] = {
    1: ("QH", "松散堆积土组", "Q4", 1, 0.4),
    2: ("QL", "黄土及洪积砾石组", "Q2-3", 2, 1.0),
    3: ("YH", "坚硬中厚层灰岩组", "O", 60, 0.35),
    4: ("YR", "软弱页岩泥灰岩互层组", "Є", 18, 2.6),
    5: ("BX", "片麻岩组", "Ar", 90, 0.8),
    6: ("SX", "石英砂岩组", "Pt", 110, 0.55),
}


def _rocks(place: Ground, seed: int) -> NDArray[np.uint8]:
    x, y = place.raster.xy
    rng = generator(seed, "hazards", "rocks")
    bend = Waves.drawn(rng, [16.0, 6.0]).grid(x, y)
    depth = place.mountain_km + 1.3 * bend
    # Beds dip gently to the north-west: which one is at the surface depends on height and on distance from the front.
    level = place.elevation + 9 * depth + 45 * bend
    out = np.full(place.raster.shape, 1, dtype=np.uint8)
    out[(place.mountain_km > -3.5 + bend) & (place.elevation > 105)] = 2
    hills = place.mountain_km > 0.3
    beds = ((5, 240), (6, 350), (4, 520), (3, 820), (4, 930), (3, 9999))
    low = -999.0
    for code, high in beds:
        out[hills & (level >= low) & (level < high)] = code
        low = high
    return out


def lithology(place: Ground, *, seed: int) -> gpd.GeoDataFrame:
    """Engineering rock groups as polygons that cover the whole extent, with strength in MPa."""
    scale = (6 / place.raster.seconds) ** 2
    frame = zones_of_classes(_rocks(place, seed), place.raster, smallest=max(4, round(170 * scale)), tolerance_km=0.42)
    for number, column in enumerate(("unit_code", "rock_group", "age", "ucs_mpa")):
        frame.insert(number, column, [_ROCKS[value][number] for value in frame["value"]])
    return frame.drop(columns="value")


def landslides(
    place: Ground, lived: Settlement, inside: NDArray[np.bool_], *, seed: int, count: int = 170
) -> gpd.GeoDataFrame:
    """Points of slope failures, drawn where slope, rock and distance to streams make them likely (and people see
    them)."""
    rng = generator(seed, "hazards", "landslides")
    rocks = _rocks(place, seed)
    weak = np.array([0.0] + [_ROCKS[code][4] for code in sorted(_ROCKS)])[rocks]
    slope = place.slope
    steepness = np.exp(-(((slope - 31) / 9) ** 2)) + 0.5 / (1 + np.exp(-(slope - 36)))
    near = 0.15 + np.exp(-place.stream_km / 0.7)
    chance = np.where(inside & (slope > 7) & (place.mountain_km > 0), steepness * weak**1.3 * near, 0)
    count = min(count, int((chance > 0).sum()))
    cells = rng.choice(chance.size, size=count, replace=False, p=(chance / chance.sum()).ravel())
    cells.sort()
    row, column = np.unravel_index(cells, chance.shape)
    x, y = place.raster.xy
    jitter = rng.uniform(-0.3, 0.3, (2, count))
    east = x[column] + jitter[0] * place.raster.cell_km[1]
    north = y[row] + jitter[1] * place.raster.cell_km[0]
    volume = np.round(10 ** rng.normal(3.6, 0.7, count), -1)
    steep = slope[row, column]
    kind = np.where(
        rng.random(count) < 0.12, "泥石流", np.where(steep + 6 * rng.normal(size=count) > 34, "崩塌", "滑坡")
    )
    people = np.floor(
        rng.exponential(9, count) * (lived.landcover[row, column] == 80) + rng.exponential(3, count)
    ).astype(int)
    frame = pd.DataFrame(
        {
            "id": [f"DZ410700{number + 1:04d}" for number in range(count)],
            "type": kind,
            "volume_m3": volume,
            "slope_deg": np.round(steep, 1),
            "threatened_people": people,
            "threatened_wan": np.round(people * rng.uniform(1.5, 6, count), 1),
            "found": [f"{year}" for year in rng.integers(1990, 2021, count)],
        }
    )
    return points_of(frame, east, north)


def rivers(place: Ground, area: Any) -> gpd.GeoDataFrame:
    """Rivers, canals and mountain streams inside ``area`` (km of the plane): name, rank (1 largest), class."""
    kinds = {1: "干流", 2: "主要河道", 3: "排涝河道", 4: "山溪"}
    rows, lines = [], []
    for name, (rank, line) in place.rivers.items():
        for part in shapely.get_parts(shapely.intersection(line, area)):
            if part.geom_type == "LineString" and part.length > 0.4:
                rows.append({"name": name, "rank": rank, "class": kinds[rank]})
                lines.append(shapely.simplify(part, 0.04))
    return _lines(rows, lines)


def levees(place: Ground, area: Any) -> gpd.GeoDataFrame:
    """The left main levee of the Yellow River."""
    line = shapely.intersection(place.levee, area)
    row = {"name": "黄河左岸大堤（示意）", "class": 1, "design_period": 1000, "length_km": round(line.length, 1)}
    return _lines([row], [line])


def flood_depths(place: Ground, target: Raster, *, seed: int) -> dict[int, Array]:
    """Depth of water (m) for T = 5 to 200 years: never falls as T rises, 0 where dry."""
    x, y = place.raster.xy
    rng = generator(seed, "hazards", "flood")
    bend = Waves.drawn(rng, [16.0, 6.0, 2.5], persistence=0.7).grid(x, y)
    hilly = np.clip((place.mountain_km + 2) / 4, 0, 1)
    size = np.clip(place.upstream_km2, 1, 4000) ** 0.12
    pan = _hollowness(place)
    side = np.abs(place.river_km)
    out: dict[int, Array] = {}
    before = np.zeros(place.raster.shape)
    for period in PERIODS_FLOOD:
        growth = np.log(period / 2) / np.log(100)
        stage = (0.2 + 3.3 * growth) * (1 - 0.2 * hilly) + 0.35 * bend + 0.15 * size - 1.1 * (1 - hilly)
        reach = (0.2 + 3.4 * growth**1.3) * (1 - 0.88 * hilly) * (1 + 0.4 * bend)
        fade = np.clip(1 - place.stream_km / np.maximum(reach, 0.1), 0, 1) ** 0.7
        rivers_depth = (stage - place.above_drainage) * fade
        ponded = pan - 1.62 + 0.6 * growth + 0.06 * bend
        level = 0.1 + 2.5 * growth + 0.25 * bend
        bed = (
            np.where(side < 1.0, 2.2, 0.0)
            - 0.9 * np.exp(-(((side - 1.8) / 0.9) ** 2))
            - 0.12 * np.maximum(4.6 - side, 0)
        )
        between = np.where(side < 4.35, level + bed - 0.7, 0)
        flat = (place.mountain_km < -12) & (side > 6.5)
        depth = np.maximum.reduce([rivers_depth * (side > 4.9), ponded * flat, between])
        before = np.maximum(before, np.where(depth > 0.05, depth, 0))
        whole = np.round(np.maximum(place.raster.onto(before, target), 0), 2)
        out[period] = np.where(whole >= 0.05, whole, 0)
    return out


def _hollowness(place: Ground) -> Array:
    """How much lower a cell lies than its surroundings of about 3 km (m), smoothed."""
    cell = place.raster.cell_km
    near = ndimage.gaussian_filter(place.elevation, tuple(0.5 / size for size in cell))
    far = ndimage.gaussian_filter(place.elevation, tuple(3.0 / size for size in cell))
    out: Array = np.clip(far - near, -2, 2.2)
    return out


# Fuel: species, burning class, dry load (t/ha).
_FUELS = {
    1: ("油松", "易燃", 18.0),
    2: ("侧柏", "易燃", 14.0),
    3: ("栎类", "可燃", 12.0),
    4: ("刺槐", "难燃", 8.0),
    5: ("灌丛", "可燃", 6.5),
    6: ("杨树", "难燃", 7.0),
}


def fuel_type(place: Ground, lived: Settlement, inside: NDArray[np.bool_], *, seed: int) -> gpd.GeoDataFrame:
    """Forest and shrub stands as polygons: species, burning class, load (t/ha)."""
    x, y = place.raster.xy
    rng = generator(seed, "hazards", "fuel")
    a, b = (Waves.drawn(rng, [7.0, 3.0]).grid(x, y) for _ in range(2))
    forest, hills = lived.landcover == 20, place.mountain_km > 0
    stands = np.zeros(place.raster.shape, dtype=np.uint8)
    stands[inside & forest & hills] = 3
    stands[inside & forest & hills & (a > 0.3) & (place.elevation > 550)] = 1
    stands[inside & forest & hills & (a <= 0.3) & (b > 0.2)] = 2
    stands[inside & forest & hills & (a < -0.9)] = 4
    stands[inside & (lived.landcover == 40) & hills] = 5
    stands[inside & forest & ~hills] = 6
    scale = (6 / place.raster.seconds) ** 2
    frame = zones_of_classes(stands, place.raster, smallest=max(2, round(45 * scale)), tolerance_km=0.35)
    frame = frame[frame["value"] > 0].reset_index(drop=True)
    for number, column in enumerate(("species", "burning_class", "load_t_ha")):
        frame.insert(number, column, [_FUELS[value][number] for value in frame["value"]])
    frame["load_t_ha"] = np.round(frame.load_t_ha * rng.uniform(0.8, 1.25, len(frame)), 1)
    frame.insert(0, "stand", [f"XB{number + 1:05d}" for number in range(len(frame))])
    return frame.drop(columns="value")


def fire_points(
    place: Ground,
    lived: Settlement,
    inside: NDArray[np.bool_],
    *,
    years: tuple[int, int],
    seed: int,
    per_year: int = 34,
) -> pd.DataFrame:
    """Satellite fire points in the columns of FIRMS (MODIS, UTC): forest fires in the dry season, straw in June."""
    rng = generator(seed, "hazards", "fires")
    count = per_year * (years[1] - years[0] + 1)
    straw = rng.random(count) < 0.33
    near = np.exp(-place.raster.distance(lived.landcover == 80) / 2.0) + 0.1
    wood = np.where(
        inside & np.isin(lived.landcover, (20, 30, 40)) & (place.mountain_km > 0), near * (0.4 + place.slope / 40), 0
    )
    field = np.where(inside & (lived.landcover == 10), 1.0, 0)
    if not field.any():
        field = wood
    cells = np.where(
        straw,
        rng.choice(field.size, count, p=(field / field.sum()).ravel()),
        rng.choice(wood.size, count, p=(wood / wood.sum()).ravel()),
    )
    row, column = np.unravel_index(cells, wood.shape)
    x, y = place.raster.xy
    east = x[column] + rng.uniform(-0.4, 0.4, count) * place.raster.cell_km[1]
    north = y[row] + rng.uniform(-0.4, 0.4, count) * place.raster.cell_km[0]
    longitude, latitude = Plane.degrees(east, north)
    months = [11, 12, 1, 2, 3, 4, 5, 10]
    season = rng.choice(months, count, p=[0.08, 0.08, 0.12, 0.19, 0.25, 0.19, 0.05, 0.04])
    month = np.where(straw, np.where(rng.random(count) < 0.75, 6, 10), season)
    year, day = rng.integers(years[0], years[1] + 1, count), rng.integers(1, 29, count)
    late = rng.random(count) < 0.25
    frp = np.round(np.exp(rng.normal(2.3, 0.6, count)), 1)
    frame = pd.DataFrame({"latitude": np.round(latitude, 4), "longitude": np.round(longitude, 4)})
    frame["brightness"] = np.round(306 + 6 * np.log(frp) + 4 * rng.random(count), 1)
    frame["scan"], frame["track"] = np.round(rng.uniform(1, 2.2, count), 1), np.round(rng.uniform(1, 1.5, count), 1)
    frame["acq_date"] = [f"{a}-{b:02d}-{c:02d}" for a, b, c in zip(year, month, day)]
    hour = np.where(late, rng.integers(14, 19, count), rng.integers(2, 7, count))
    frame["acq_time"] = [f"{a:02d}{b:02d}" for a, b in zip(hour, rng.integers(0, 60, count))]
    frame["satellite"], frame["instrument"] = rng.choice(["Terra", "Aqua"], count), "MODIS"
    frame["confidence"] = np.clip(np.round(rng.normal(66, 18, count)), 5, 100).astype(int)
    frame["version"], frame["bright_t31"] = "6.03", np.round(rng.uniform(285, 305, count), 1)
    frame["frp"], frame["daynight"], frame["type"] = frp, np.where(late, "N", "D"), 0
    return frame.sort_values(["acq_date", "acq_time", "latitude"], ignore_index=True)
