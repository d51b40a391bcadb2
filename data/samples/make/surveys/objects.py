"""Forms of buildings, public services, chemical plants and mines: where the sample's own objects stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from make.surveys.scene import Scene, days, degrees, numbered, one_of
from make.surveys.works import in_km


def buildings(scene: Scene) -> pd.DataFrame:
    """The sampled buildings of the city with what the form asks beyond the layer."""
    rng, rows = scene.rng("buildings"), scene.objects["building"]
    count = len(rows)
    out = pd.DataFrame({"obj_id": rows["obj_id"], "town9": rows["town9"]})
    out = scene.codes(out)
    out["lon"], out["lat"] = rows.geometry.x.round(6), rows.geometry.y.round(6)
    out["vill12"] = _community(scene, out)
    for field in ("class", "area_m2", "floors_up", "built_year"):
        out[field] = rows[field]
    out["struct"] = rows["struct"].astype(str)
    out["floors_dn"] = np.where(rows["floors_up"] >= 9, 1, 0)
    out["height_m"] = np.round(rows["floors_up"] * rng.uniform(2.8, 3.5, count), 1)
    out["seis_des"] = rows["seismic_design"].astype(str)
    out["design_int"] = np.where(rows["seismic_design"] == 1, 8, np.nan)
    old = rows["built_year"] < 2001
    out["retrofit"] = np.where(old & (rng.random(count) < 0.06), "1", "0")
    town = rows["class"].str.startswith("城镇")
    out["pro_design"] = np.where(town & (rng.random(count) < 0.92) | (rng.random(count) < 0.1), "1", "0")
    worn = 0.02 + 0.16 * (rows["built_year"] < 1980) + 0.15 * rows["struct"].isin([4, 5])
    out["damage"] = np.where(rng.random(count) < worn, "1", "0")
    out["value_yuan"] = np.round(rows["value_wan"] * 1e4, 0)
    home = rows["class"].isin(["城镇住宅", "农村独立住宅"])
    space = np.where(town, 38, 46)
    out["occupants"] = np.where(home, np.round(rows["area_m2"] / space), 0).astype(int)
    out["n_repr"] = rows["n_represented"]
    # All of a sample this small was seen in the field; a key field was wrong here and there.
    out["checked"], out["check_bad"] = "1", np.where(rng.random(count) < 0.05, 1, 0)
    return out.assign(survey_date=days(rng, count, "2020-10-01", "2021-08-31"), source="合成数据")


def _community(scene: Scene, frame: pd.DataFrame) -> list[str]:
    """The nearest community of the township of each place."""
    groups = scene.communities.groupby("town9")
    rows = {code: (part.index.to_numpy(), part[["lon", "lat"]].to_numpy()) for code, part in groups}
    out = []
    for code, lon, lat in frame[["town9", "lon", "lat"]].itertuples(index=False):
        names, places = rows[code]
        out.append(str(names[int(np.hypot(places[:, 0] - lon, places[:, 1] - lat).argmin())]))
    return out


def services(scene: Scene) -> pd.DataFrame:
    """Schools and hospitals of the layer, county hospitals, homes for the aged, markets, gyms, scenic places."""
    rng, layer = scene.rng("services"), scene.objects["public_service"]
    base = pd.DataFrame(
        {"name": layer["name"], "type": layer["type"], "town9": layer["town9"], "users": layer["users"]}
    )
    base["lon"], base["lat"] = layer.geometry.x.round(6), layer.geometry.y.round(6)
    base["floors_up"] = layer["floors"]
    rows = []
    for _, county in scene.counties.iterrows():
        for kind, what, users in (
            ("医疗卫生机构", "人民医院", county["pop"] * 2.6e-3),
            ("社会福利机构", "养老服务中心", county["pop"] * 7e-4),
            ("公共文化", "图书馆", 900), ("体育场馆", "体育馆", 2500),
            ("大型超市", "购物中心", 6000), ("酒店", "宾馆", 260),
        ):  # fmt: skip
            rows.append((f"{county['name']}{what}", kind, county["seat"], int(users)))
    hills = scene.towns[scene.towns["mountain"] > 0.6].sort_values("area_km2", ascending=False).head(9).sort_index()
    rows += [(f"{town['name']}景区", "旅游景区", code, int(rng.integers(600, 9000))) for code, town in hills.iterrows()]
    extra = pd.DataFrame(rows, columns=["name", "type", "town9", "users"])
    extra["lon"], extra["lat"] = scene.near_hall(extra["town9"], rng, 1.0)
    extra["floors_up"] = np.where(extra["type"] == "旅游景区", 1, rng.integers(2, 9, len(extra)))
    out = pd.concat([base, extra], ignore_index=True)
    clinic = (out["type"] == "医疗卫生机构").to_numpy()
    out["staff"] = np.maximum(2, np.round(out["users"] * np.where(clinic, 1.1, 0.065))).astype(int)
    out["area_m2"] = np.round(out["users"] * np.where(clinic, 60, 7) * rng.uniform(0.8, 1.3, len(out)) + 200, 0)
    out["struct"] = np.where(rng.random(len(out)) < 0.55, "2", "1")
    out["plan"] = one_of(rng, 0.85, len(out), "有", "无")
    out["drill_year"] = rng.integers(0, 5, len(out))
    out["shelter"] = one_of(rng, np.where(out["type"] == "学校", 0.5, 0.1), len(out))
    out.insert(0, "obj_id", numbered("PS410700", len(out)))
    return scene.codes(out).assign(survey_date=days(rng, len(out)), source="合成数据")


def beds(services_form: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Beds of the health centres by township, and of all hospitals by county."""
    clinics = services_form[services_form["type"] == "医疗卫生机构"]
    local = clinics[~clinics["name"].str.endswith("人民医院")]
    return local.groupby("town9")["users"].sum(), clinics.groupby("adcode6")["users"].sum()


def chemicals(scene: Scene) -> pd.DataFrame:
    """Chemical plants in the richer counties of the plain, filling stations along the roads."""
    rng, rows = scene.rng("chemicals"), []
    towns = scene.towns[(scene.towns["mountain"] < 0.2)]
    plants = towns[(towns["type"] == "镇")].sort_values("pop", ascending=False).index[:26]
    for number, code in enumerate(sorted(plants)):
        kind = ("生产", "储存", "使用", "经营(带储存)")[number % 4]
        lon, lat = scene.near_hall([code], rng, 1.6)
        rows.append((code, f"{towns.loc[code, 'name']}化工企业{number + 1}", kind, float(lon[0]), float(lat[0])))
    lines = [in_km(shape) for shape in scene.roads.geometry]
    order = rng.permutation(len(lines))[:70]
    for number, at in enumerate(sorted(order), 1):
        point = lines[at].interpolate(float(rng.uniform(0.2, 0.8)), normalized=True)
        lon, lat = degrees(np.array([point.x]), np.array([point.y]))
        code = scene.township_at(lon, lat)[0]
        if code:
            rows.append((code, f"{scene.towns.loc[code, 'name']}加油站{number}", "加油", float(lon[0]), float(lat[0])))
    out = pd.DataFrame(rows, columns=["town9", "name", "type", "lon", "lat"])
    station = (out["type"] == "加油").to_numpy()
    out["chemicals"] = np.where(station, "汽油、柴油", rng.choice(["甲醇", "液氨", "液氯", "苯", "硫酸"], len(out)))
    out["max_t"] = np.where(station, rng.integers(40, 120, len(out)), rng.integers(80, 3000, len(out))).astype(float)
    level = np.select([out["max_t"] > 2200, out["max_t"] > 1400, out["max_t"] > 600], ["二级", "三级", "四级"], "无")
    out["major_lvl"] = np.where(station, "无", level)
    out["tank_n"] = np.where(station, rng.integers(3, 6, len(out)), rng.integers(2, 14, len(out)))
    out["staff"] = np.where(station, rng.integers(5, 14, len(out)), rng.integers(30, 420, len(out)))
    out["resid_m"] = np.round(rng.uniform(60, 900, len(out)), 0)
    out["flood_rp"], out["design_int"] = np.where(station, 20, 50), 8
    out["pool_m3"] = np.where(station, 0, rng.integers(200, 2500, len(out))).astype(float)
    out.insert(0, "obj_id", numbered("WH410700", len(out), 4))
    return scene.codes(out).assign(survey_date=days(rng, len(out)), source="合成数据")


def mines(scene: Scene) -> pd.DataFrame:
    """Quarries, mines and tailings ponds in the mountains."""
    rng, ground = scene.rng("mines"), scene.ground
    raster = ground.raster
    row, column = np.nonzero(
        (ground.mountain_km > 1) & (ground.slope > 6) & (ground.slope < 28) & (ground.stream_km > 0.2)
    )
    x, y = raster.xy
    lon, lat = degrees(x[column], y[row])
    order = rng.permutation(len(lon))[:400]
    code = scene.township_at(lon[order], lat[order])
    chosen = order[code != ""][:26]
    out = pd.DataFrame({"lon": lon[chosen], "lat": lat[chosen], "town9": code[code != ""][:26]})
    kinds = ["露天"] * 12 + ["地下"] * 5 + ["尾矿库"] * 7 + ["煤矿"] * 2
    out["kind"] = kinds[: len(out)]
    pond = (out["kind"] == "尾矿库").to_numpy()
    below = out["kind"].isin(["地下", "煤矿"]).to_numpy()
    serial = out.groupby(["town9", "kind"]).cumcount() + 1
    title = out["kind"].map({"露天": "采石场", "地下": "地下矿山", "尾矿库": "尾矿库", "煤矿": "煤矿"})
    out["name"] = [f"{scene.towns.loc[c, 'name']}{t}{n}" for c, t, n in zip(out["town9"], title, serial, strict=True)]
    out["mineral"] = np.select([out["kind"] == "煤矿", pond], ["煤", "铁"], "石灰岩")
    out["cap_wt"] = np.where(pond, np.nan, np.round(rng.uniform(8, 120, len(out)), 1))
    out["staff_ug"] = np.where(below, rng.integers(20, 180, len(out)), 0)
    out["depth_m"] = np.where(below, np.round(rng.uniform(60, 420, len(out)), 0), np.nan)
    out["dam_m"] = np.where(pond, np.round(rng.uniform(12, 60, len(out)), 1), np.nan)
    out["store_m3"] = np.where(pond, np.round(rng.uniform(5e4, 2e6, len(out)), -2), np.nan)
    out["tail_grade"] = pd.Series(np.where(pond, rng.choice(["三等", "四等", "五等"], len(out)), None), dtype=object)
    out.insert(0, "obj_id", numbered("KS410700", len(out), 4))
    out = out.sort_values("obj_id", ignore_index=True)
    return scene.codes(out).assign(survey_date=days(rng, len(out)), source="合成数据")


def overlapping(scene: Scene, frame: pd.DataFrame, km: float) -> pd.Series:
    """Residents of communities within a distance of each place."""
    rows = scene.communities
    tree = shapely.STRtree(shapely.points(rows["x"], rows["y"]))
    spots = in_km(shapely.points(frame["lon"], frame["lat"]))
    at, near = tree.query(spots, predicate="dwithin", distance=km)
    return pd.Series(np.bincount(at, rows["pop"].to_numpy()[near], minlength=len(frame)).astype(int), index=frame.index)
