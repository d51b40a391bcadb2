"""Forms of what helps in an emergency: teams, stores, shelters, fire stations, monitoring stations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from make.boundaries import geography
from make.surveys.scene import Scene, days, degrees, numbered, one_of

_CITY_TEAMS = ("综合性消防救援队", "防汛抗旱队", "森林消防队", "危化救援队", "矿山救护队", "航空救援队")
_COUNTY_TEAMS = ("综合性消防救援队", "医疗救援队", "社会救援队")
_SHELTERS = (("小学操场", "室外"), ("中学", "室内外兼备"), ("文化广场", "室外"), ("体育馆", "室内"), ("公园", "室外"))


def teams(scene: Scene) -> pd.DataFrame:
    """Rescue teams of the city (100 people or more), the counties (50) and the townships (20); some are too small."""
    rng = scene.rng("teams")
    capital = scene.counties["seat"].iloc[0]
    rows = [(capital, kind, "市级", f"新乡市{kind}", rng.integers(96, 165)) for kind in _CITY_TEAMS]
    for _, county in scene.counties.iterrows():
        mountain = scene.towns.loc[county["seat"], "county"] in _mountain_counties(scene)
        kinds = [*_COUNTY_TEAMS, "森林消防队" if mountain else "防汛抗旱队"]
        rows += [(county["seat"], k, "县级", f"{county['name']}{k}", rng.integers(42, 110)) for k in kinds]
    for code, town in scene.towns.iterrows():
        name = f"{town['name']}综合应急救援队"
        rows.append((code, "综合应急救援队", "乡镇级", name, rng.integers(16 if town["pop"] < 3e4 else 18, 36)))
    out = pd.DataFrame(rows, columns=["town9", "type", "level", "name", "people"])
    out["lon"], out["lat"] = scene.near_hall(out["town9"], rng, 0.7)
    base = out["level"].map({"市级": 3.5, "县级": 2.2, "乡镇级": 0.9}).to_numpy(dtype=float)
    out["equip_wan"] = np.round(out["people"] * base * rng.uniform(0.6, 1.5, len(out)), 2)
    out["vehicles"] = np.maximum(1, np.round(out["people"] / 18 * rng.uniform(0.6, 1.4, len(out)))).astype(int)
    out["founded"] = days(rng, len(out), "2002-01-01", "2020-10-31")
    out.insert(0, "team_id", numbered("DW410700", len(out), 4))
    return scene.codes(out)


def _mountain_counties(scene: Scene) -> set[str]:
    return set(scene.towns.loc[scene.towns["mountain"] > 0.6, "county"])


def stores(scene: Scene) -> pd.DataFrame:
    """Stores of relief goods: one of the city, one a county, one in every second township."""
    rng = scene.rng("stores")
    rows = [(scene.counties["seat"].iloc[0], "市级", "新乡市救灾物资储备库", 60_000)]
    for _, county in scene.counties.iterrows():
        rows.append((county["seat"], "县级", f"{county['name']}救灾物资储备库", round(county["pop"] * 0.02, -2)))
    for code, town in scene.towns.iterrows():
        if rng.random() < 0.5 and not town["seat"]:
            rows.append((code, "乡镇级", f"{town['name']}救灾物资储备点", round(town["pop"] * 0.02, -1)))
    out = pd.DataFrame(rows, columns=["town9", "level", "name", "serves"]).astype({"serves": int})
    rate = np.where(out["level"] == "市级", 0.085, rng.uniform(0.13, 0.24, len(out)))
    out["area_m2"] = np.round(out["serves"] * rate + 40, 1)
    for field, rate in (("life_wan", 0.012), ("rescue_wan", 0.009), ("other_wan", 0.005)):
        out[field] = np.round(out["serves"] * rate * rng.uniform(0.7, 1.3, len(out)) + 1, 2)
    out["goods_wan"] = np.round(out["life_wan"] + out["rescue_wan"] + out["other_wan"], 2)
    out["tents"] = np.round(out["serves"] / 40 * rng.uniform(0.6, 1.4, len(out))).astype(int)
    out["lon"], out["lat"] = scene.near_hall(out["town9"], rng, 0.9)
    out.insert(0, "store_id", numbered("CK410700", len(out), 4))
    return scene.codes(out)


def shelters(scene: Scene) -> pd.DataFrame:
    """Shelters in the towns; what they hold together is a share of the residents, more in the seats of counties."""
    rng = scene.rng("shelters")
    rows = []
    for code, town in scene.towns.iterrows():
        count = int(np.clip(1 + town["pop"] // 25_000, 1, 5))
        places = town["pop"] * rng.uniform(0.18, 0.4) * (1.4 if town["seat"] else 1.0)
        share = rng.uniform(0.7, 1.3, count)
        for number in range(count):
            what, space = _SHELTERS[(number + int(rng.integers(2))) % len(_SHELTERS)]
            held = round(places * share[number] / share.sum(), -1)
            rows.append((code, f"{town['name']}{what}避难场所{number + 1}", space, held))
    out = pd.DataFrame(rows, columns=["town9", "name", "space", "capacity"]).astype({"capacity": int})
    out["type"] = rng.choice(["紧急避难场所", "短期避难场所", "长期避难场所"], len(out), p=[0.6, 0.3, 0.1])
    out["m2_person"] = out["type"].map({"紧急避难场所": 1.0, "短期避难场所": 2.0, "长期避难场所": 3.0})
    out["area_m2"] = np.ceil(out["capacity"] * out["m2_person"] * rng.uniform(1.02, 1.3, len(out)))
    out["lon"], out["lat"] = scene.near_hall(out["town9"], rng, 0.8)
    out["built_year"] = rng.integers(2008, 2021, len(out))
    out["water"] = one_of(rng, 0.65, len(out))
    serial = out.groupby("town9").cumcount() + 1
    out.insert(0, "shelter_id", [f"BN{code}{number:02d}" for code, number in zip(out["town9"], serial, strict=True)])
    return scene.codes(out)


def fire_stations(scene: Scene) -> pd.DataFrame:
    """Fire stations: of the city and the counties, of larger towns, and in the forests."""
    rng, towns = scene.rng("fire"), scene.towns
    rows = [(scene.counties["seat"].iloc[0], "特勤站", "新乡市特勤消防站")]
    for _, county in scene.counties.iterrows():
        kind = "一级站" if county["pop"] > 4e5 else "二级站"
        rows.append((county["seat"], kind, f"{county['name']}{kind[:2]}消防站"))
    big = towns[~towns["seat"]].sort_values("pop", ascending=False).index[:36]
    rows += [(code, "小型站" if towns.loc[code, "urban"] > 0.5 else "专职队", "") for code in sorted(big)]
    woods = towns[towns["mountain"] > 0.7].sort_values("area_km2", ascending=False).index[:4]
    rows += [(code, "森林消防站", "") for code in sorted(woods)]
    out = pd.DataFrame(rows, columns=["town9", "type", "name"])
    own = out["town9"].map(towns["name"]) + out["type"].str.replace("专职队", "专职消防队")
    out["name"] = out["name"].where(out["name"] != "", own)
    size = {"特勤站": 60, "一级站": 45, "二级站": 32, "小型站": 12, "专职队": 14, "森林消防站": 25}
    out["people"] = np.round(out["type"].map(size) * rng.uniform(0.85, 1.2, len(out))).astype(int)
    out["engines"] = np.maximum(1, np.round(out["people"] / 7)).astype(int)
    out["lon"], out["lat"] = scene.near_hall(out["town9"], rng, 0.9)
    out.insert(0, "obj_id", numbered("XF410700", len(out), 4))
    return scene.codes(out).assign(survey_date=days(rng, len(out)))


def monitoring(scene: Scene) -> pd.DataFrame:
    """Stations: weather where the sample's stations are and in the towns, hydrology on rivers, slopes, fire towers."""
    rng, towns = scene.rng("monitoring"), scene.towns
    rows: list[tuple[str, str, float, float, str]] = []
    for entry in geography()["stations"].values():
        if not entry.get("outside"):
            rows.append(("气象", f"{entry['name']}国家气象站", *entry["place"], "是"))
    for code in sorted(rng.choice(towns.index, 40, replace=False)):
        lon, lat = scene.near_hall([code], rng, 0.8)
        rows.append(("气象", f"{towns.loc[code, 'name']}区域气象站", float(lon[0]), float(lat[0]), "是"))
    for river in ("卫河", "共产主义渠", "天然文岩渠", "大沙河", "石门河", "峪河", "沧河"):
        line = scene.ground.rivers.get(river)
        for share in (0.35, 0.7) if line is not None else ():
            point = line[1].interpolate(share, normalized=True)
            lon, lat = degrees(np.array([point.x]), np.array([point.y]))
            rows.append(("水文", f"{river}{'上' if share < 0.5 else '下'}游水文站", float(lon[0]), float(lat[0]), "是"))
    risky = scene.slides.sort_values("threatened_people", ascending=False).head(24).sort_values("id")
    for number, point in enumerate(risky.geometry, 1):
        rows.append(("地质灾害", f"{number}号地质灾害监测点", point.x, point.y, "否"))
    for number, code in enumerate(sorted(towns[towns["mountain"] > 0.6].index)[:10], 1):
        lon, lat = scene.near_hall([code], rng, 1.2)
        rows.append(("森林防火", f"{towns.loc[code, 'name']}瞭望塔{number}", float(lon[0]), float(lat[0]), "否"))
    for number, code in enumerate(scene.counties["seat"].iloc[::3], 1):
        lon, lat = scene.near_hall([code], rng, 1.5)
        rows.append(("地震", f"{number}号测震台", float(lon[0]), float(lat[0]), "是"))
    out = pd.DataFrame(rows, columns=["type", "name", "lon", "lat", "automatic"])
    out["town9"] = scene.township_at(out["lon"].to_numpy(), out["lat"].to_numpy())
    out = out[out["town9"] != ""].reset_index(drop=True)
    out.insert(0, "obj_id", numbered("JC410700", len(out), 4))
    out["since"] = rng.integers(1985, 2021, len(out))
    return scene.codes(out).assign(survey_date=days(rng, len(out)))
