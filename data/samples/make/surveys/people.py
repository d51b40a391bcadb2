"""Forms of people and money: population, gross product, crops."""

from __future__ import annotations

import numpy as np
import pandas as pd

from make.surveys.scene import Scene

_CROPS = {"小麦": (0.80, 6700, 2.5), "玉米": (0.66, 6600, 2.4), "花生": (0.12, 4300, 6.5)}


def population(scene: Scene) -> pd.DataFrame:
    """Residents of the townships: the census table, by sex, age, place and household."""
    rng, census = scene.rng("population"), scene.census.reset_index(drop=True)
    communities = scene.communities
    urban = communities["pop"].where(communities["urban"], 0).groupby(communities["town9"]).sum()
    out = pd.DataFrame({"adcode6": census["county"], "town9": census["code"], "town_name": census["name"]})
    out["pop_res"] = census["pop"]
    out["pop_reg"] = np.round(census["pop"] * rng.uniform(0.97, 1.12, len(out))).astype(int)
    for name in ("male", "female", "age0_14", "age15_59", "age60p"):
        out[name] = census[name]
    out["age65p"] = np.round(out["age60p"] * rng.uniform(0.68, 0.76, len(out))).astype(int)
    out["pop_urban"] = census["code"].map(urban).fillna(0).astype(int)
    out["pop_rural"] = out["pop_res"] - out["pop_urban"]
    out["hh_group"] = np.round(out["pop_res"] * rng.uniform(0.01, 0.05, len(out))).astype(int)
    out["hh_family"] = out["pop_res"] - out["hh_group"]
    out["hh"] = census["households"]
    share = np.where(census["code"].map(scene.towns["urban"]) > 0.5, 1.08, 0.95)
    out["pop_day"] = np.round(out["pop_res"] * share).astype(int)
    out["pop_night"] = out["pop_res"]
    out["year"], out["source"] = 2020, "合成数据"
    return out


def gross_product(scene: Scene) -> pd.DataFrame:
    """Gross product of the counties in 10 000 yuan and its three sectors."""
    rows = scene.gdp
    out = pd.DataFrame({"adcode6": rows["code"], "county_name": rows["name"]})
    for name in ("gdp_wan", "gdp1_wan", "gdp2_wan", "gdp3_wan"):
        out[name] = rows[name].to_numpy(dtype=float)
    out["year"], out["price_base"], out["source"] = rows["year"], rows["year"], "合成数据"
    return out


def crops(scene: Scene) -> pd.DataFrame:
    """Sown area, yield and price of the crops of each township that has fields."""
    rng = scene.rng("crops")
    towns = scene.towns[scene.towns["cropland"] > 30]
    rows = []
    for code, town in towns.iterrows():
        for crop, (share, kilograms, price) in _CROPS.items():
            sown = round(town["cropland"] * share * rng.uniform(0.85, 1.1), 1)
            rows.append((town["county"], code, crop, sown, round(kilograms * rng.uniform(0.9, 1.1)), price))
    out = pd.DataFrame(rows, columns=["adcode6", "town9", "crop", "sown_ha", "yield_kgha", "price"])
    out.insert(0, "obj_id", [f"NZ{code}{number:02d}" for code, number in _counted(out["town9"])])
    return out.assign(year=2020, source="合成数据")


def _counted(codes: pd.Series) -> list[tuple[str, int]]:
    return list(zip(codes, codes.groupby(codes).cumcount() + 1, strict=True))
