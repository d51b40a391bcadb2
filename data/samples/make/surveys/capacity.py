"""Forms of capacity: townships, communities, households, county governments, enterprises, organisations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from make.surveys.scene import Scene, days, numbered, one_of
from riskzoning.samples.noise import Array

# What a township has for each 10 000 residents, on the mean; seats of counties have more of everything.
_A_HEAD = {"staff": 3.2, "funds_wan": 9.0, "goods_wan": 11.0, "fire_men": 3.0, "volunteer": 55.0, "militia": 28.0}
_SEAT = 1.35


def _strength(scene: Scene, codes: pd.Series, rng: np.random.Generator) -> Array:
    """How well townships are off: 1 on the mean, seats and rich counties better, the remote mountains worse."""
    towns = scene.towns.loc[codes]
    rich = towns["county"].map(scene.counties["rich"]).to_numpy() ** 0.2
    seat = np.where(towns["seat"], _SEAT, np.where(towns["type"] == "街道", 1.05, 0.95))
    remote = np.where(towns["mountain"] > 0.6, 0.8, 1.0)
    return rich * seat * remote * rng.uniform(0.55, 1.45, len(towns))


def townships(scene: Scene, shelters: pd.DataFrame, beds: pd.Series) -> pd.DataFrame:
    """Capacity of townships; places in shelters and beds are those of the forms of shelters and hospitals."""
    rng, towns = scene.rng("townships"), scene.towns
    out = pd.DataFrame({"town9": towns.index, "name": towns["name"].to_numpy(), "adcode6": towns["county"].to_numpy()})
    out["lon"], out["lat"], out["pop"] = towns["lon"].to_numpy(), towns["lat"].to_numpy(), towns["pop"].to_numpy()
    made = {}
    for field, rate in _A_HEAD.items():
        amount = rate * out["pop"] / 1e4 * _strength(scene, out["town9"], rng)
        made[field] = np.round(amount, 2) if field.endswith("_wan") else np.maximum(np.round(amount), 1).astype(int)
    careful = _strength(scene, out["town9"], rng)
    out["staff"] = made["staff"]
    out["risk_done"] = one_of(rng, 0.45 * careful, len(out))
    out["funds_wan"], out["goods_wan"] = made["funds_wan"], made["goods_wan"]
    out["beds"] = out["town9"].map(beds).fillna(0).astype(int)
    out["fire_men"], out["volunteer"], out["militia"] = made["fire_men"], made["volunteer"], made["militia"]
    out["trained"] = np.round(out["pop"] * 0.05 * _strength(scene, out["town9"], rng)).astype(int)
    out["shelter"] = out["town9"].map(shelters.groupby("town9")["capacity"].sum()).fillna(0).astype(int)
    out["office"] = one_of(rng, 0.85, len(out), "有", "无")
    return out.assign(fill_date=days(rng, len(out)))


def communities(scene: Scene) -> pd.DataFrame:
    """Capacity of villages and urban communities."""
    rng, rows = scene.rng("communities", "capacity"), scene.communities
    count, pop = len(rows), rows["pop"].to_numpy()
    strength = _strength(scene, rows["town9"], rng)
    out = pd.DataFrame({"vill12": rows.index, "name": rows["name"].to_numpy(), "town9": rows["town9"].to_numpy()})
    out = scene.codes(out)
    out["lon"], out["lat"], out["pop"] = rows["lon"].to_numpy(), rows["lat"].to_numpy(), pop
    for field, share in (("plan", 0.6), ("weak_list", 0.55), ("dgr_list", 0.5), ("map", 0.35)):
        out[field] = one_of(rng, np.clip(share * strength, 0.05, 0.97), count, "有", "无")
    out["funds_wan"] = np.round(pop * 6e-4 * strength * rng.uniform(0.7, 1.3, count), 2)
    out["goods_wan"] = np.round(pop * 7e-4 * strength * rng.uniform(0.7, 1.3, count), 2)
    # Small villages share one with their neighbours.
    out["clinics"] = np.floor(pop / 1800 + rng.uniform(0, 1, count)).astype(int)
    out["militia"] = np.round(pop * 3e-3 * strength).astype(int)
    out["volunteer"] = np.round(pop * 6e-3 * strength).astype(int)
    out["trained"] = np.round(pop * 0.06 * strength * rng.uniform(0.6, 1.4, count)).astype(int)
    out["drilled"] = np.round(pop * 0.05 * strength * rng.uniform(0.6, 1.4, count)).astype(int)
    out["shelter"] = np.round(pop * 0.28 * strength, -1).astype(int)
    return out.assign(fill_date=days(rng, count))


def households(scene: Scene, count: int = 300) -> pd.DataFrame:
    """A sample of households, their members and what they have at home."""
    rng, rows = scene.rng("households"), scene.communities
    share = np.sqrt(rows["pop"].to_numpy(dtype=float))
    chosen = np.sort(rng.choice(len(rows), count // 3, replace=False, p=share / share.sum()))
    at = np.repeat(chosen, 3)
    out = pd.DataFrame({"obj_id": numbered("JT410700", len(at)), "town9": rows["town9"].to_numpy()[at]})
    out = scene.codes(out)
    out["vill12"] = rows.index.to_numpy()[at]
    members = 1 + rng.binomial(6, 0.38, len(at))
    out["members"] = members
    out["old"] = rng.binomial(members, 0.2)
    out["young"] = rng.binomial(members - out["old"], 0.25)
    out["disabled"] = rng.binomial(members, 0.03)
    strength = _strength(scene, out["town9"], rng)
    for field, rate, yes, no in (
        ("water", 0.4, "有", "无"), ("food", 0.5, "有", "无"), ("kit", 0.22, "有", "无"),
        ("warning", 0.75, "能", "否"), ("route", 0.5, "是", "否"), ("drill", 0.3, "是", "否"),
    ):  # fmt: skip
        out[field] = one_of(rng, np.clip(rate * strength, 0.03, 0.97), len(at), yes, no)
    return out.assign(fill_date=days(rng, len(at)))


def governments(scene: Scene, parts: dict[str, pd.DataFrame], beds: pd.Series) -> pd.DataFrame:
    """Capacity of county governments; stations, goods and firefighters are those of their forms."""
    rng, counties = scene.rng("governments"), scene.counties
    out = pd.DataFrame({"adcode6": counties.index, "county_name": counties["name"].to_numpy()})
    rich, pop, count = counties["rich"].to_numpy(), counties["pop"].to_numpy(), len(counties)
    out["staff"] = np.round(pop / 1e4 * 0.9 * rich**0.3 * rng.uniform(0.8, 1.2, count) + 12).astype(int)
    out["plans"] = rng.integers(22, 46, count)
    out["red_plan"] = one_of(rng, 0.75, count, "有", "无")
    out["invest_wan"] = np.round(pop / 1e4 * 75 * rich * rng.uniform(0.8, 1.25, count), 1)
    sums = {name: frame.groupby("adcode6") for name, frame in parts.items()}
    out["goods_wan"] = out["adcode6"].map(sums["material_store"]["goods_wan"].sum()).round(2)
    out["fire_men"] = out["adcode6"].map(sums["fire_station"]["people"].sum())
    out["fire_cars"] = out["adcode6"].map(sums["fire_station"]["engines"].sum())
    out["beds"] = out["adcode6"].map(beds).astype(int)
    out["medics"] = np.round(out["beds"] * rng.uniform(1.0, 1.3, count)).astype(int)
    out["stations"] = out["adcode6"].map(sums["monitoring_station"].size()).fillna(0).astype(int)
    villages = scene.communities.groupby(scene.communities["town9"].map(scene.towns["county"])).size()
    out["broadcast"] = np.round(out["adcode6"].map(villages) * rng.uniform(0.8, 0.98, count)).astype(int)
    out["drills"] = rng.integers(8, 24, count)
    return out.assign(fill_date=days(rng, count), source="合成数据")


def enterprises(scene: Scene) -> pd.DataFrame:
    """Firms with machines or money for disasters, in the towns of the counties."""
    rng, seats = scene.rng("enterprises"), scene.counties["seat"]
    kinds = ["大型工程企业", "大型工程企业", "保险企业", "救援装备生产企业"]
    rows = []
    for county, seat in seats.items():
        count = 2 + int(round(2 * scene.counties.loc[county, "rich"]))
        chosen = [kinds[number % len(kinds)] for number in range(count)]
        chosen += ["大型矿山企业"] * (scene.towns.loc[scene.towns["county"] == county, "mountain"].max() > 0.6)
        rows += [(seat, kind, f"{scene.counties.loc[county, 'name']}{kind}{n + 1}") for n, kind in enumerate(chosen)]
    out = pd.DataFrame(rows, columns=["town9", "type", "name"])
    out["lon"], out["lat"] = scene.near_hall(out["town9"], rng, 1.0)
    insurer = (out["type"] == "保险企业").to_numpy()
    for field, low, high in (("staff", 15, 120), ("machines", 4, 40), ("transport", 6, 60)):
        out[field] = np.where(insurer, 0, rng.integers(low, high, len(out)))
    out["payout_wan"] = np.where(insurer, np.round(rng.uniform(2000, 30000, len(out)), 0), 0.0)
    out.insert(0, "obj_id", numbered("QY410700", len(out), 4))
    return scene.codes(out).assign(fill_date=days(rng, len(out)))


def organisations(scene: Scene) -> pd.DataFrame:
    """Organisations of volunteers that are registered in the counties."""
    rng = scene.rng("organisations")
    kinds = ["红十字志愿服务队", "应急救援协会", "无线电协会", "社会工作服务中心"]
    rows = []
    for county, row in scene.counties.iterrows():
        for kind in kinds[: 2 + (row["rich"] > 0.8) + (row["rich"] > 1.3)]:
            rows.append((county, row["seat"], f"{row['name']}{kind}"))
    out = pd.DataFrame(rows, columns=["adcode6", "town9", "name"])
    out["lon"], out["lat"] = scene.near_hall(out["town9"], rng, 0.8)
    out["members"] = rng.integers(18, 160, len(out))
    out["skilled"] = np.floor(out["members"] * rng.uniform(0.1, 0.5, len(out))).astype(int)
    out["missions"] = rng.integers(0, 18, len(out))
    out["equip_wan"] = np.round(out["members"] * rng.uniform(0.1, 0.8, len(out)), 2)
    out.insert(0, "obj_id", numbered("SZ410700", len(out), 4))
    return out.drop(columns="town9").assign(fill_date=days(rng, len(out)))
