"""Forms of works against water: reservoirs in the mountains, levees and sluices on the rivers, detention areas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from make.boundaries import Plane
from make.surveys.scene import Scene, days, degrees, numbered, one_of

# Size: total storage (10 000 m3), height of the dam (m), design and check flood (years).
_SIZES = {
    "中型": ((1000, 6000), (50, 90), 100, 1000),
    "小(1)型": ((100, 900), (25, 50), 50, 500),
    "小(2)型": ((12, 95), (10, 25), 20, 200),
}


def counties_km(scene: Scene) -> dict[str, Any]:
    """Counties in kilometres of the drawing plane."""
    counties = scene.units[scene.units["level"] == "county"]
    return {str(code): in_km(shape) for code, shape in counties.geometry.items()}


def in_km(shape: Any) -> Any:
    """A geometry in degrees in kilometres of the drawing plane."""
    return shapely.transform(shape, lambda xy: np.column_stack(Plane.km(*xy.T)))


def reservoirs(scene: Scene, most: int = 22) -> pd.DataFrame:
    """Reservoirs on the streams of the mountains, large ones where much water comes together."""
    rng, ground = scene.rng("reservoirs"), scene.ground
    spots = []
    for _, (rank, line) in sorted(ground.rivers.items()):
        if rank == 4:
            spots += [line.interpolate(share, normalized=True) for share in (0.3, 0.6, 0.9)]
    x, y = np.array([p.x for p in spots]), np.array([p.y for p in spots])
    lon, lat = degrees(x, y)
    row, column = ground.raster.index(lon, lat)
    town = scene.township_at(lon, lat)
    water = ground.upstream_km2[row, column]
    usable = (town != "") & (ground.mountain_km[row, column] > 0.3)
    county = np.array([code and scene.towns.loc[code, "county"] for code in town], dtype=object)
    chosen: list[int] = []
    for at in np.argsort(-water, kind="stable"):
        apart = all(np.hypot(x[at] - x[o], y[at] - y[o]) > 3.5 for o in chosen)
        if usable[at] and apart and len(chosen) < most and (county[chosen] == county[at]).sum() < 0.7 * most:
            chosen.append(int(at))
    size = ["中型"] * 3 + ["小(1)型"] * 8 + ["小(2)型"] * most
    out = pd.DataFrame({"town9": town[chosen], "lon": lon[chosen], "lat": lat[chosen], "size": size[: len(chosen)]})
    serial = out.groupby("town9").cumcount() + 1
    out["name"] = [f"{scene.towns.loc[code, 'name']}{n}号水库" for code, n in zip(out["town9"], serial, strict=True)]
    store, dam = zip(*(_SIZES[kind][:2] for kind in out["size"]), strict=True)
    out["store_wm3"] = np.round([rng.uniform(*bounds) for bounds in store], 1)
    out["dam_m"] = np.round([rng.uniform(*bounds) for bounds in dam], 1)
    out["dam_type"] = np.where(out["dam_m"] > 45, "重力坝", "土石坝")
    out["built_year"] = rng.integers(1956, 1982, len(out))
    out["design_rp"] = [_SIZES[kind][2] for kind in out["size"]]
    out["check_rp"] = [_SIZES[kind][3] for kind in out["size"]]
    out["sick"] = one_of(rng, 0.27, len(out))
    out["strong"] = np.where(out["sick"] == "是", "否", one_of(rng, 0.8, len(out)))
    out["people"] = _below(scene, x[chosen], y[chosen], ground.elevation[row, column][chosen])
    out.insert(0, "obj_id", numbered("SK410700", len(out), 4))
    return scene.codes(out).assign(survey_date=days(rng, len(out)))


def _below(scene: Scene, x: Any, y: Any, height: Any) -> list[int]:
    """Residents of villages within 8 km that lie lower than a dam."""
    rows = scene.communities
    lon, lat = rows["lon"].to_numpy(), rows["lat"].to_numpy()
    low = scene.ground.elevation[scene.ground.raster.index(lon, lat)]
    near = [np.hypot(rows["x"] - a, rows["y"] - b) < 8 for a, b in zip(x, y, strict=True)]
    return [int(rows["pop"][mask & (low < top)].sum()) for mask, top in zip(near, height, strict=True)]


def levees(scene: Scene) -> pd.DataFrame:
    """Levees by county: the great one of the Yellow River, and both banks of the rivers of the plain."""
    rng = scene.rng("levees")
    lines = [("黄河", scene.ground.levee, 1, "1级", 1000, 1000)]
    for river, banks, grade, design, real in (
        ("卫河", 2, "4级", 20, 10), ("共产主义渠", 2, "4级", 20, 20), ("天然文岩渠", 2, "4级", 20, 10),
        ("大沙河", 2, "5级", 10, 10),
    ):  # fmt: skip
        lines.append((river, scene.ground.rivers[river][1], banks, grade, design, real))
    rows = []
    for code, county in counties_km(scene).items():
        for river, line, banks, grade, design, real in lines:
            length = banks * shapely.intersection(line, county).length
            if length > 1:
                name = f"{river}{'大堤' if banks == 1 else '两岸堤防'}{scene.counties.loc[code, 'name']}段"
                rows.append((name, river, code, round(length, 2), grade, design, real))
    columns = ["name", "river", "adcode6", "length_km", "grade", "design_rp", "real_rp"]
    out = pd.DataFrame(rows, columns=columns)
    met = np.where(out["real_rp"] == out["design_rp"], 0.97, 0.6) * rng.uniform(0.85, 1.0, len(out))
    out["ok_km"] = np.round(out["length_km"] * met, 2)
    out["danger_n"] = rng.poisson(out["length_km"] / 22)
    out.insert(0, "obj_id", numbered("DF410700", len(out), 4))
    return out.assign(survey_date=days(rng, len(out)))


def sluices(scene: Scene) -> pd.DataFrame:
    """Sluices along the rivers and canals of the plain."""
    rng = scene.rng("sluices")
    rows = []
    for river, (rank, line) in scene.ground.rivers.items():
        if rank not in (2, 3):
            continue
        for number, share in enumerate(np.arange(0.12, 0.95, 0.11), 1):
            point = line.interpolate(float(share), normalized=True)
            lon, lat = degrees(np.array([point.x]), np.array([point.y]))
            rows.append((f"{river}{number}号闸", rank, float(lon[0]), float(lat[0])))
    out = pd.DataFrame(rows, columns=["name", "rank", "lon", "lat"])
    out["town9"] = scene.township_at(out["lon"].to_numpy(), out["lat"].to_numpy())
    out = out[out["town9"] != ""].reset_index(drop=True)
    large = (out["rank"] == 2) & (rng.random(len(out)) < 0.4)
    out["size"] = np.where(large, "中型", rng.choice(["小(1)型", "小(2)型"], len(out)))
    out["flow_m3s"] = np.where(large, rng.integers(100, 400, len(out)), rng.integers(8, 95, len(out))).astype(float)
    out["built_year"] = rng.integers(1958, 2016, len(out))
    out["safety"] = rng.choice(["一类", "二类", "三类", "四类"], len(out), p=[0.3, 0.4, 0.2, 0.1])
    out["sick"] = np.where(out["safety"].isin(["三类", "四类"]), "是", "否")
    out.insert(0, "obj_id", numbered("SZ410700", len(out), 4))
    return scene.codes(out.drop(columns="rank")).assign(survey_date=days(rng, len(out)))


def detention(scene: Scene) -> pd.DataFrame:
    """Two detention areas on the lower rivers of the plain (made up, as everything here)."""
    rng = scene.rng("detention")
    rows = [("卫河右岸滞洪区（示意）", "410781", 46.0, 10), ("共产主义渠左岸滞洪区（示意）", "410704", 21.5, 10)]
    out = pd.DataFrame(rows, columns=["name", "adcode6", "area_km2", "use_rp"])
    out["store_wm3"] = np.round(out["area_km2"] * 100 * rng.uniform(1.4, 2.0, len(out)), 0)
    out["people"] = np.round(out["area_km2"] * rng.uniform(500, 650, len(out)), -1).astype(int)
    out["crop_ha"] = np.round(out["area_km2"] * 100 * 0.7, 0)
    out["used"] = [3, 2]
    out.insert(0, "obj_id", numbered("XZ410700", len(out), 4))
    return out.assign(survey_date=days(rng, len(out)))
