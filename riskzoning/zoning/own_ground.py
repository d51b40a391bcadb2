"""Ground of a hazard with a geometry of its own: danger points, basins, fault strips, stands, reaches of rivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.zoning.contiguity import parts_of

_TABLE = "zoning/own_geometry"
TO_CHECK = "to_check"
Words = Mapping[str, str]


@dataclass(frozen=True)
class OwnGround:
    """Ground of a hazard with a grade of prevention of its own: one geometry in the CRS of the units.

    ``grade`` 0 raises nothing: the ground is only marked. ``whole``: a feature is one zone. ``names`` and ``shapes``
    are its features, ``word`` what one is called, ``label`` one without a name.
    """

    key: str
    geometry: shapely.Geometry
    grade: int
    whole: bool = False
    names: tuple[str, ...] = ()
    shapes: NDArray[Any] | None = None
    word: Words | None = None
    label: Words | None = None

    def named(self, zone: shapely.Geometry) -> str:
        """The name of the feature that holds most of a zone, empty without one."""
        if self.shapes is None or not any(self.names):
            return ""
        near = shapely.STRtree(self.shapes).query(zone, predicate="intersects")
        if not len(near):
            return ""
        held = shapely.area(shapely.intersection(self.shapes[near], zone))
        return self.names[int(near[np.lexsort((near, -np.round(held, 12)))[0]])]


def own_rules(hazard: str) -> list[Mapping[str, Any]]:
    """The rows of the table ``zoning/own_geometry`` of a hazard."""
    rows: list[Mapping[str, Any]] = standards.table(_TABLE).data.get(hazard, [])
    return rows


def own_ground(
    rule: Mapping[str, Any],
    frame: gpd.GeoDataFrame,
    metric: str,
    crs: str,
    acts: Mapping[int, shapely.Geometry] | None = None,
) -> list[OwnGround]:
    """The ground of the features that a rule means, widened; nothing where there are none of them.

    ``acts`` is the ground of each class of the hazard in ``metric``, for rules that depend on it.
    """
    if "classes" in rule:
        return _fault_strips(rule, frame, metric, crs, acts or {})
    chosen = frame[_meant(rule, frame)]
    if chosen.empty:
        return []
    shapes = chosen.geometry.to_crs(metric).to_numpy()
    width = float(rule.get("buffer_m", 0))
    shapes = shapely.buffer(shapes, width, quad_segs=4) if width > 0 else shapely.make_valid(shapes)
    return _grounds(str(rule["key"]), int(rule["grade"]), rule, shapes, _names(chosen), metric, crs)


def _meant(rule: Mapping[str, Any], frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """The rows that a rule means: by a word, or by a number from a least one on."""
    where, least = rule.get("where"), rule.get("at_least", ())
    if where is None and not least:
        return np.ones(len(frame), bool)
    out = np.zeros(len(frame), bool)
    values = {str(value).strip().lower() for value in (where or {}).get("values", ())}
    for column in (where or {}).get("columns", ()):
        if column in frame:
            out |= np.array([str(value).strip().lower() in values for value in frame[column]], bool)
    for one in least:
        # Of persons to be relocated and of all who are exposed the first that is known counts.
        number = pd.Series(np.nan, index=frame.index)
        for column in one["columns"]:
            number = number.fillna(pd.to_numeric(frame[column], errors="coerce")) if column in frame else number
        out |= (number >= float(one["value"])).to_numpy(bool)
    return out


def _column(frame: pd.DataFrame, names: Sequence[str]) -> str | None:
    return next((name for name in names if name in frame.columns), None)


def _names(frame: gpd.GeoDataFrame) -> list[str]:
    column = _column(frame, standards.table(_TABLE).data["names"])
    if column is None:
        return [""] * len(frame)
    return [str(text).strip().replace(",", "、") for text in frame[column].astype("string").fillna("")]


def _grounds(
    key: str, grade: int, rule: Mapping[str, Any], shapes: NDArray[Any], names: Sequence[str], metric: str, crs: str
) -> list[OwnGround]:
    parts = [part for part in shapely.get_parts(shapely.union_all(shapes)) if part.geom_type == "Polygon"]
    if not parts:
        return []
    own = gpd.GeoSeries([shapely.multipolygons(parts), *shapes], crs=metric).to_crs(crs)
    geometry = shapely.make_valid(own.iloc[0])
    features = shapely.make_valid(own.iloc[1:].to_numpy())
    checked = grade == 0
    word = rule.get("checked" if checked else "name")
    label = {lang: str(rule[lang]) for lang in ("zh", "en")}
    return [OwnGround(key, geometry, grade, bool(rule.get("whole")), tuple(names), features, word, label)]


def _fault_strips(
    rule: Mapping[str, Any], frame: gpd.GeoDataFrame, metric: str, crs: str, acts: Mapping[int, shapely.Geometry]
) -> list[OwnGround]:
    """Strips along faults where every condition holds, and those where one is not known."""
    lines = frame.geometry.to_crs(metric).to_numpy()
    names = _names(frame)
    young = _active(rule["age"], frame)
    column = _column(frame, rule["cover"]["columns"])
    cover = np.full(len(frame), np.nan) if column is None else pd.to_numeric(frame[column], errors="coerce").to_numpy()
    shapes: dict[bool, list[Any]] = {True: [], False: []}
    told: dict[bool, list[str]] = {True: [], False: []}
    for number, facts in rule["classes"].items():
        ground = acts.get(int(number))
        if ground is None or shapely.is_empty(ground):
            continue
        thick = np.where(np.isnan(cover), np.nan, cover <= float(facts["cover_m"]))
        for at, line in enumerate(lines):
            if young[at] == 0 or thick[at] == 0:
                continue
            strip = shapely.intersection(shapely.buffer(line, float(facts["buffer_m"]), quad_segs=4), ground)
            if shapely.area(strip) > 0:
                known = bool(young[at] == 1 and thick[at] == 1)
                shapes[known].append(strip)
                told[known].append(names[at])
    out = []
    for known, key, grade in ((False, f"{rule['key']}_{TO_CHECK}", 0), (True, str(rule["key"]), int(rule["grade"]))):
        if shapes[known]:
            own = np.array(shapes[known], dtype=object)
            out += _grounds(key, grade, rule, own, told[known], metric, crs)
    return out


def _active(rule: Mapping[str, Any], frame: pd.DataFrame) -> NDArray[np.float64]:
    """1 where a fault was active in the Holocene, 0 where it was not, NaN where nobody says."""
    out = np.full(len(frame), np.nan)
    for name in rule["columns"]:
        if name not in frame.columns:
            continue
        for at, text in enumerate(frame[name].astype("string").fillna("").str.strip().str.lower()):
            if np.isnan(out[at]) and text:
                out[at] = float(any(str(value) in text for value in rule["values"]))
    return out


@dataclass(frozen=True)
class Reaches:
    """Rivers in a projection, one line each, their names, and how far the ground that belongs to them reaches.

    A river with less than ``least_km2`` in a county counts among the small ones.
    """

    names: tuple[str, ...]
    lines: NDArray[Any]
    metric: str
    most_m: float
    least_km2: float


def reach_rule(hazard: str) -> Mapping[str, Any] | None:
    """How the zones of a hazard are joined along rivers; None for a hazard that has none."""
    rule: Mapping[str, Any] | None = standards.table(_TABLE).data["reaches"].get(hazard)
    return rule


def reach_words(hazard: str) -> tuple[Words, Words, Words]:
    """What zones are called along a river with a name, along small ones, and beyond the reach of any."""
    rule = standards.table(_TABLE).data["reaches"][hazard]
    name, small, local = ({lang: str(rule[key][lang]) for lang in ("zh", "en")} for key in ("name", "small", "local"))
    return name, small, local


def reaches_of(rule: Mapping[str, Any], frame: gpd.GeoDataFrame, metric: str) -> Reaches | None:
    """Rivers by their names; where none has a name, lines that hang together."""
    own = frame[~(frame.geometry.is_empty | frame.geometry.isna())]
    if own.empty:
        return None
    shapes, names = own.geometry.to_crs(metric).to_numpy(), np.array(_names(own), dtype=object)
    named = names != ""
    if named.any():
        keys, place = np.unique(names[named].astype(str), return_inverse=True)
        shapes = shapes[named]
    else:
        first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        place = parts_of(len(shapes), first.astype(np.int64), second.astype(np.int64))
        keys = np.full(int(place.max()) + 1, "")
    lines = [shapely.union_all(shapes[place == at]) for at in range(len(keys))]
    own_lines, names_told = np.array(lines, dtype=object), tuple(map(str, keys))
    return Reaches(names_told, own_lines, metric, float(rule["join_m"]), float(rule["small_km2"]))


def nearest_reach(reaches: Reaches, shapes: NDArray[Any], crs: str) -> NDArray[np.int64]:
    """The river that each shape belongs to, -1 beyond its reach; of several at hand that which runs farthest in it."""
    own = gpd.GeoSeries(shapes, crs=crs).to_crs(reaches.metric).to_numpy()
    tree = shapely.STRtree(reaches.lines)
    at, river = tree.query_nearest(own, max_distance=reaches.most_m, all_matches=True)
    out = np.full(len(shapes), -1, np.int64)
    if len(at):
        length = shapely.length(shapely.intersection(reaches.lines[river], own[at]))
        order = np.lexsort((river, -np.round(length, 3), at))
        first = order[np.unique(at[order], return_index=True)[1]]
        out[at[first]] = river[first]
    return out
