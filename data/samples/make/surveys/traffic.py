"""Forms of roads and what stands on them, of municipal works and lifelines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from make.surveys.scene import Scene, days, degrees, numbered
from make.surveys.works import counties_km, in_km

_FLOOD = {"高速": 100, "一级": 100, "二级": 50, "三级": 25, "四级": 25}
_SURFACE = {
    "高速": "沥青混凝土",
    "一级": "沥青混凝土",
    "二级": "沥青混凝土",
    "三级": "水泥混凝土",
    "四级": "水泥混凝土",
}


def roads(scene: Scene) -> pd.DataFrame:
    """The road network by county: each road as the part of it that lies there."""
    rng, rows = scene.rng("roads"), []
    lines = [in_km(shape) for shape in scene.roads.geometry]
    for code, county in counties_km(scene).items():
        shapely.prepare(county)
        for line, road in zip(lines, scene.roads.itertuples(), strict=True):
            part = shapely.intersection(line, county) if shapely.intersects(line, county) else None
            if part is not None and part.length > 0.3:
                steep = _steep(scene, part)
                rows.append((road.road_code, road.name, code, road.tech_class, road.width_m, part.length, steep))
    columns = ["road_code", "name", "adcode6", "tech_class", "width_m", "length_km", "steep"]
    out = pd.DataFrame(rows, columns=columns)
    letters = out["road_code"].str[0]
    out["admin_class"] = letters
    out["name"] = np.where(out["name"] == "", letters.map({"Y": "乡道", "X": "县道"}).fillna(""), out["name"])
    out["surface"] = out["tech_class"].map(_SURFACE)
    out["length_km"] = out["length_km"].round(2)
    out["flood_rp"] = out["tech_class"].map(_FLOOD)
    out["slope_haz"] = np.where(out["steep"], "有", "无")
    out.insert(0, "obj_id", numbered("LD410700", len(out)))
    return out.drop(columns="steep").assign(survey_date=days(rng, len(out)), source="合成数据")


def _steep(scene: Scene, line: Any) -> bool:
    """Whether a road runs for a while over ground steeper than 18 degrees."""
    spots = [line.interpolate(at) for at in np.arange(0, line.length, 0.25)]
    lon, lat = degrees(np.array([p.x for p in spots]), np.array([p.y for p in spots]))
    return bool((scene.ground.slope[scene.ground.raster.index(lon, lat)] > 18).mean() > 0.12)


def bridges(scene: Scene) -> pd.DataFrame:
    """Bridges and culverts where roads cross rivers, tunnels where they meet the steepest ground."""
    rng, rows = scene.rng("bridges"), []
    lines = [in_km(shape) for shape in scene.roads.geometry]
    rivers = sorted(scene.ground.rivers.items())
    for road, line in zip(scene.roads.itertuples(), lines, strict=True):
        for river, (rank, water) in rivers:
            crossing = shapely.intersection(line, water)
            for point in shapely.get_parts(crossing):
                if point.geom_type == "Point":
                    rows.append(("涵洞" if rank == 4 and rng.random() < 0.5 else "桥梁", road, river, rank, point))
    rows += [("隧道", road, "", 9, point) for road, point in _tunnels(scene, lines)]
    lon, lat = degrees(np.array([r[4].x for r in rows]), np.array([r[4].y for r in rows]))
    out = pd.DataFrame({"kind": [r[0] for r in rows], "lon": lon, "lat": lat, "rank": [r[3] for r in rows]})
    out["tech_class"] = [r[1].tech_class for r in rows]
    out["title"] = [f"{r[1].road_code}{r[2]}" for r in rows]
    out["town9"] = scene.township_at(lon, lat)
    out = out[out["town9"] != ""].reset_index(drop=True)
    serial = (out.groupby(["title", "kind"]).cumcount() + 1).astype(str)
    out["name"] = out["title"] + out["kind"].str[:1] + serial
    length = out["rank"].map({1: 3000, 2: 130, 3: 70, 4: 32, 9: 420}) * rng.uniform(0.7, 1.4, len(out))
    out["length_m"] = np.round(np.where(out["kind"] == "涵洞", 6 * rng.uniform(0.7, 1.5, len(out)), length), 1)
    out["span_max"] = np.round(out["length_m"] * np.where(out["kind"] == "桥梁", 0.3, 1.0), 1)
    out["size"] = np.select(
        [out["length_m"] > 1000, out["length_m"] > 100, out["length_m"] > 30], ["特大", "大", "中"], "小"
    )
    out["tech_grade"] = rng.choice([1, 2, 3, 4], len(out), p=[0.35, 0.4, 0.2, 0.05])
    out["built_year"] = rng.integers(1975, 2021, len(out))
    out["design_int"] = np.where(out["built_year"] > 2001, 8, 7)
    out["flood_rp"] = out["tech_class"].map(_FLOOD)
    out.insert(0, "obj_id", numbered("QL410700", len(out)))
    out = out.drop(columns=["rank", "tech_class", "title"])
    return scene.codes(out).assign(survey_date=days(rng, len(out)), source="合成数据")


def _tunnels(scene: Scene, lines: list[Any], most: int = 5) -> list[tuple[Any, Any]]:
    steepest = []
    for road, line in zip(scene.roads.itertuples(), lines, strict=True):
        spots = [line.interpolate(at) for at in np.arange(0, line.length, 0.3)]
        lon, lat = degrees(np.array([p.x for p in spots]), np.array([p.y for p in spots]))
        slope = scene.ground.slope[scene.ground.raster.index(lon, lat)]
        at = int(slope.argmax())
        steepest.append((float(slope[at]), road, spots[at]))
    steepest.sort(key=lambda entry: -entry[0])
    return [(road, point) for slope, road, point in steepest[:most] if slope > 15]


def municipal(scene: Scene) -> pd.DataFrame:
    """Streets, bridges, water works and mains of the county towns."""
    rng, rows = scene.rng("municipal"), []
    for _, county in scene.counties.iterrows():
        for kind, what, capacity in (
            ("供水厂站", "水厂", round(county["pop"] * 0.18 / 1e4, 1)), ("道路", "主干路", 3.2),
            ("桥梁", "跨河桥", 60.0), ("管线", "供水主管", 12.0),
        ):  # fmt: skip
            rows.append((county["seat"], kind, f"{county['name']}{what}", capacity))
    out = pd.DataFrame(rows, columns=["town9", "type", "name", "capacity"])
    out["lon"], out["lat"] = scene.near_hall(out["town9"], rng, 1.0)
    out["built_year"] = rng.integers(1990, 2020, len(out))
    out["design_int"] = np.where(out["built_year"] > 2001, 8, 7)
    out.insert(0, "obj_id", numbered("SZ410700", len(out), 4))
    return scene.codes(out).assign(survey_date=days(rng, len(out)), source="合成数据")


def lifelines(scene: Scene) -> pd.DataFrame:
    """Substations in the larger townships; exchanges, gas, heat and water of the counties."""
    rng, rows = scene.rng("lifelines"), []
    for _, county in scene.counties.iterrows():
        for kind in ("变电站", "通信枢纽", "燃气站", "供热", "供水"):
            rows.append((county["seat"], kind, f"{county['name']}{kind}", round(county["pop"] * 0.4)))
    towns = scene.towns[~scene.towns["seat"]]
    for code, town in towns.sort_values("pop", ascending=False).head(45).sort_index().iterrows():
        rows.append((code, "变电站", f"{town['name']}变电站", int(town["pop"])))
    out = pd.DataFrame(rows, columns=["town9", "type", "name", "serves"])
    out["lon"], out["lat"] = scene.near_hall(out["town9"], rng, 1.2)
    out.insert(0, "obj_id", numbered("SM410700", len(out), 4))
    return scene.codes(out).assign(survey_date=days(rng, len(out)), source="合成数据")
