"""The form of hidden dangers: slopes of the layer, deficient reservoirs, levees, forest edges, old houses, ponds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from make.surveys.objects import overlapping
from make.surveys.scene import Scene, days, degrees, numbered

_OFFICE = {
    "GEO": "县自然资源局",
    "FLOOD": "县水利局",
    "FIRE": "县林业局",
    "EQ": "县住建局",
    "SECONDARY": "县应急管理局",
}
_MEASURES = {
    "GEO": ("群测群防", "工程治理", "搬迁避让"), "FLOOD": ("除险加固", "加强巡查", "限制蓄水"),
    "FIRE": ("清理可燃物", "增设隔离带"), "EQ": ("抗震加固", "拆除重建"), "SECONDARY": ("隐患整改", "在线监测"),
}  # fmt: skip
# People threatened from which a danger is major, considerable.
_LEVELS = (60, 20)


def dangers(scene: Scene, forms: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Hidden dangers; most lie in the mountains and along the Yellow River."""
    rng = scene.rng("dangers")
    parts = [
        _slopes(scene, rng), _reservoirs(forms["reservoir"], rng), _levees(scene, rng), _forest(scene, rng),
        _houses(scene, rng), _plants(scene, forms, rng),
    ]  # fmt: skip
    out = pd.concat(parts, ignore_index=True)
    out["town9"] = scene.township_at(out["lon"].to_numpy(), out["lat"].to_numpy())
    out = out[out["town9"] != ""].sort_values(["town9", "class"], kind="stable", ignore_index=True)
    count = len(out)
    out["level"] = np.select([out["people"] >= _LEVELS[0], out["people"] >= _LEVELS[1]], ["重大", "较大"], "一般")
    out["households"] = np.minimum(np.ceil(out["people"] / 3.2), out["people"]).astype(int)
    out["value_wan"] = np.round(out["people"] * rng.uniform(2.5, 9, count) + 5, 1)
    out["measures"] = [rng.choice(_MEASURES[kind]) for kind in out["class"]]
    out["owner"] = out["class"].map(_OFFICE)
    out["found_date"] = days(rng, count, "2020-09-01", "2021-08-31")
    term = pd.to_timedelta(rng.integers(200, 2700, count), unit="D")
    limit = pd.to_datetime(out["found_date"]) + term
    out["deadline"] = limit.dt.strftime("%Y-%m-%d")
    done = rng.random(count) < np.where(limit < "2026-06-30", 0.72, 0.2)
    out["status"] = np.where(done, "已销号", rng.choice(["待整治", "整治中"], count, p=[0.35, 0.65]))
    serial = (out.groupby(["town9", "kind"]).cumcount() + 1).astype(str)
    out["name"] = out["town9"].map(scene.towns["name"]) + serial + "号" + out["kind"]
    out.insert(0, "danger_id", numbered("YH410700", count))
    return scene.codes(out)


def _slopes(scene: Scene, rng: np.random.Generator) -> pd.DataFrame:
    rows = scene.slides
    out = pd.DataFrame({"class": "GEO", "kind": rows["type"].replace({"泥石流": "泥石流沟"})})
    out["lon"], out["lat"] = rows.geometry.x.round(6), rows.geometry.y.round(6)
    near = overlapping(scene, out, 1.1) * rng.uniform(0.01, 0.09, len(out))
    out["people"] = np.maximum(rows["threatened_people"], near.round().astype(int)) + rng.integers(2, 16, len(out))
    return out


def _reservoirs(form: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = form[form["sick"] == "是"]
    out = pd.DataFrame({"class": "FLOOD", "kind": "病险水库", "lon": rows["lon"], "lat": rows["lat"]})
    out["people"] = np.round(rows["people"] * rng.uniform(0.01, 0.05, len(rows))).astype(int)
    return out


def _levees(scene: Scene, rng: np.random.Generator, count: int = 12) -> pd.DataFrame:
    spots = [scene.ground.levee.interpolate(share, normalized=True) for share in np.linspace(0.08, 0.92, count)]
    lon, lat = degrees(np.array([p.x for p in spots]), np.array([p.y for p in spots]))
    out = pd.DataFrame({"class": "FLOOD", "kind": "险工险段", "lon": lon, "lat": lat})
    out["people"] = np.round(overlapping(scene, out, 2.0) * rng.uniform(0.01, 0.05, count)).astype(int) + 12
    return out


def _forest(scene: Scene, rng: np.random.Generator, count: int = 24) -> pd.DataFrame:
    """Villages at the edge of the woods."""
    rows = scene.communities
    wood = scene.ground.raster.distance((scene.lived.landcover == 20) & (scene.ground.mountain_km > 0))
    at = scene.ground.raster.index(rows["lon"].to_numpy(), rows["lat"].to_numpy())
    near = np.flatnonzero((wood[at] < 0.8) & (~rows["urban"]).to_numpy())
    chosen = rows.iloc[np.sort(rng.permutation(near)[:count])]
    out = pd.DataFrame({"class": "FIRE", "kind": "林区村庄", "lon": chosen["lon"], "lat": chosen["lat"]})
    out["people"] = np.round(chosen["pop"].to_numpy() * rng.uniform(0.03, 0.12, len(chosen))).astype(int)
    return out


def _houses(scene: Scene, rng: np.random.Generator, count: int = 16) -> pd.DataFrame:
    """Places of old houses of masonry, timber and earth in the villages."""
    rows = scene.objects["building"]
    rural = rows["class"].str.startswith("农村") & rows["town9"].map(scene.towns["area_km2"]).gt(30)
    weak = rows[(rows["built_year"] < 1985) & rural & rows["struct"].isin([1, 4, 5])]
    chosen = weak.iloc[np.sort(rng.permutation(len(weak))[:count])]
    out = pd.DataFrame({"class": "EQ", "kind": "老旧房屋"}, index=range(len(chosen)))
    out["lon"], out["lat"] = chosen.geometry.x.round(6).to_numpy(), chosen.geometry.y.round(6).to_numpy()
    return out.assign(people=rng.integers(6, 28, len(chosen)))


def _plants(scene: Scene, forms: dict[str, pd.DataFrame], rng: np.random.Generator) -> pd.DataFrame:
    ponds = forms["exp_mine"][forms["exp_mine"]["kind"] == "尾矿库"]
    plants = forms["exp_hazchem"][forms["exp_hazchem"]["major_lvl"].isin(["二级", "三级"])].head(9)
    parts = [
        pd.DataFrame({"class": "SECONDARY", "kind": "尾矿库", "lon": ponds["lon"], "lat": ponds["lat"]}),
        pd.DataFrame({"class": "SECONDARY", "kind": "危化品企业", "lon": plants["lon"], "lat": plants["lat"]}),
    ]
    out = pd.concat(parts, ignore_index=True)
    near = np.minimum(overlapping(scene, out, 1.2) * rng.uniform(0.005, 0.02, len(out)), 25)
    return out.assign(people=np.round(near).astype(int) + rng.integers(3, 15, len(out)))
