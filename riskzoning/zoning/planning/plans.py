"""Plans: polygons with classes, told apart by the table ``zoning/planning``; ground that overlaps counts once."""

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
from riskzoning.errors import Phrase, Problem, note

_TABLE = "zoning/planning"
# Overlaps below this are rounding, km2.
_NOISE_KM2 = 1e-4
# The class of ground whose class a plan does not say.
_NOT_STATED = "not_stated"


@dataclass(frozen=True)
class Plan:
    """A plan: one geometry for each class, none overlapping another; ``space`` is empty where no rule says it.

    ``frame`` has the columns ``class space line`` and the geometry, in the projection of the grid. ``rules`` are rows
    ``class risk_grade conflict text`` of its own.
    """

    name: str
    frame: gpd.GeoDataFrame
    rules: pd.DataFrame | None = None


def classes() -> Mapping[str, Mapping[str, Any]]:
    """Classes of plans by their keys."""
    known: Mapping[str, Mapping[str, Any]] = standards.table(_TABLE).data["classes"]
    return known


def class_of(text: str) -> str | None:
    """The key of a class by its key or one of its words."""
    wanted = text.strip()
    if wanted in classes():
        return wanted
    return next((key for key, facts in classes().items() if wanted in facts["words"]), None)


def plan_of(
    name: str,
    polygons: gpd.GeoDataFrame,
    *,
    metric: str,
    column: str | None = None,
    kind: str | None = None,
    spaces: Mapping[str, str] | None = None,
    rules: pd.DataFrame | None = None,
) -> Plan:
    """A plan of its polygons; classes that nothing is known of are told, and so is ground that several claim."""
    texts = _stated(name, polygons, column) if column else [kind or name] * len(polygons)
    shapes = shapely.make_valid(polygons.to_crs(metric).geometry.to_numpy())
    keys = [class_of(text) or text for text in texts]
    rows, unknown = [], []
    for key in sorted(set(keys)):
        facts = classes().get(key, {})
        space = str((spaces or {}).get(key, facts.get("space", "")))
        ruled = rules is not None and (rules["class"].astype(str).str.strip() == key).any()
        if not space and not ruled and key != _NOT_STATED:
            unknown.append(key)
        own = np.array([shape for shape, of in zip(shapes, keys, strict=True) if of == key], dtype=object)
        ground = shapely.union_all(own)
        twice = float(shapely.area(own).sum() - shapely.area(ground)) / 1e6
        if twice > _NOISE_KM2:
            _tell_overlap(name, [key], twice)
        rows.append({"class": key, "space": space, "line": bool(facts.get("line")), "geometry": ground})
    if unknown:
        thing = Phrase("plan", name=name)
        note(Problem("planning.class", thing, severity="warning", classes=unknown, known=list(classes())))
    rows = _apart(name, rows)
    return Plan(name, gpd.GeoDataFrame(rows, geometry="geometry", crs=metric), rules)


def _stated(name: str, polygons: gpd.GeoDataFrame, column: str) -> list[str]:
    """The classes as text; polygons without one are told, and kept under a word of their own."""
    texts = polygons[column].astype("string").fillna("").str.strip()
    empty = texts == ""
    if empty.any():
        thing, count, whole = Phrase("plan", name=name), int(empty.sum()), len(polygons)
        note(Problem("planning.no_class", thing, severity="warning", count=count, of=whole, column=column))
    return [str(text) or _NOT_STATED for text in texts]


def _apart(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Classes without what a class before them claims as well: the stricter space first, then by name."""
    order = [*standards.table(_TABLE).data["order"], ""]
    rows = sorted(rows, key=lambda row: (order.index(row["space"]), row["class"]))
    taken: shapely.Geometry | None = None
    for row in rows:
        if taken is not None:
            shared = float(shapely.area(shapely.intersection(row["geometry"], taken))) / 1e6
            if shared > _NOISE_KM2:
                _tell_overlap(name, [other["class"] for other in rows], shared)
            row["geometry"] = shapely.difference(row["geometry"], taken)
        taken = row["geometry"] if taken is None else shapely.union(taken, row["geometry"])
    return [row for row in rows if not shapely.is_empty(row["geometry"])]


def _tell_overlap(name: str, names: Sequence[str], area: float) -> None:
    thing = Phrase("plan", name=name)
    note(Problem("planning.overlap", thing, severity="warning", classes=list(names), area=area))


def overlaps_of_lines(plans: Sequence[Plan]) -> pd.DataFrame:
    """Ground that two of the control lines claim (``first second area_km2``); such lines must not overlap."""
    lines = [
        (plan.name, str(row["class"]), row["geometry"])
        for plan in plans
        for row in plan.frame.to_dict("records")
        if row["line"]
    ]
    rows = []
    for at, (name, kind, shape) in enumerate(lines):
        for other_name, other, other_shape in lines[at + 1 :]:
            if kind == other:
                continue
            area = float(shapely.area(shapely.intersection(shape, other_shape))) / 1e6
            if area > _NOISE_KM2:
                rows.append({"first": kind, "second": other, "area_km2": area})
                thing = Phrase("plan", name=name)
                note(Problem("planning.lines_overlap", thing, severity="warning", other=other_name, area=area))
    return pd.DataFrame(rows, columns=["first", "second", "area_km2"])


def space_shapes(plans: Sequence[Plan]) -> dict[str, shapely.Geometry]:
    """The ground of each space over all plans, control lines before other classes, no ground twice."""
    order = [str(space) for space in standards.table(_TABLE).data["order"]]
    rows = [row for plan in plans for row in plan.frame.to_dict("records") if row["space"] in order]
    out: dict[str, list[Any]] = {space: [] for space in order}
    taken: shapely.Geometry = shapely.Polygon()
    for line in (True, False):
        for space in order:
            own = [row["geometry"] for row in rows if row["space"] == space and bool(row["line"]) == line]
            if own:
                ground = shapely.difference(shapely.union_all(np.array(own, dtype=object)), taken)
                out[space].append(ground)
                taken = shapely.union(taken, ground)
    return {space: shapely.union_all(np.array(parts, dtype=object)) for space, parts in out.items() if parts}


def space_pieces(zones: gpd.GeoDataFrame, spaces: Mapping[str, shapely.Geometry], metric: str) -> gpd.GeoDataFrame:
    """What each zone has of each space: ``zone`` (its row) ``space share`` (of the zone), geometry in ``metric``.

    ``spaces`` is the ground of each in that projection (:func:`space_shapes`).
    """
    shapes = shapely.make_valid(zones.geometry.to_crs(metric).to_numpy())
    whole = shapely.area(shapes)
    parts = []
    for space, ground in spaces.items():
        own = np.array([_polygons(part) for part in shapely.intersection(shapes, ground)], dtype=object)
        sizes = shapely.area(own)
        kept = np.flatnonzero(sizes > 1e-9 * whole)
        share = np.minimum(sizes[kept] / whole[kept], 1.0)
        parts.append(pd.DataFrame({"zone": kept, "space": space, "share": share, "geometry": own[kept]}))
    columns = ["zone", "space", "share", "geometry"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return gpd.GeoDataFrame(table[columns], geometry="geometry", crs=metric)


def pieces(plan: Plan, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What each unit has of each class: columns ``region class space``, geometry; empty pieces are left out."""
    shapes, kinds = units.geometry.to_numpy(), plan.frame
    rows = []
    for row in kinds.to_dict("records"):
        parts = shapely.intersection(shapes, row["geometry"])
        parts = np.array([_polygons(part) for part in parts], dtype=object)
        for code, part in zip(units.index, parts, strict=True):
            if not shapely.is_empty(part):
                rows.append({"region": str(code), "class": row["class"], "space": row["space"], "geometry": part})
    columns = ["region", "class", "space", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=units.crs)


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """The areas of an intersection, without the lines and points where two only touch."""
    parts = shapely.get_parts(shape)
    kept = parts[shapely.get_type_id(parts) == 3] if len(parts) else parts
    kept = kept[shapely.area(kept) > 0] if len(kept) else kept
    return shapely.multipolygons(kept) if len(kept) else shapely.Polygon()


def ruling(plan: Plan, kinds: NDArray[Any], spaces: NDArray[Any], grades: NDArray[np.int64], lang: str) -> pd.DataFrame:
    """Conflict, intensity and text for classes in grades of risk; no conflict is known without a rule."""
    table: Mapping[str, Any] = standards.table(_TABLE).data["rules"]
    own = {} if plan.rules is None else _own_rules(plan.rules)
    rows = []
    for kind, space, grade in zip(kinds, spaces, grades, strict=True):
        said = own.get((str(kind), int(grade)))
        rule = table.get(str(space), {}).get(int(grade), {})
        if said is not None:
            rows.append({"conflict": said[0], "intensity": rule.get("intensity", ""), "text": said[1]})
        else:
            rows.append(
                {"conflict": rule.get("conflict"), "intensity": rule.get("intensity", ""), "text": rule.get(lang, "")}
            )
    frame = pd.DataFrame(rows, columns=["conflict", "intensity", "text"])
    return frame.astype({"conflict": "Int64"})


def _own_rules(table: pd.DataFrame) -> dict[tuple[str, int], tuple[int, str]]:
    out = {}
    for row in table.to_dict("records"):
        key = (class_of(str(row["class"])) or str(row["class"]).strip(), int(row["risk_grade"]))
        out[key] = (int(row["conflict"]), str(row.get("text", "")))
    return out


def rule_problems(table: pd.DataFrame, thing: Phrase) -> list[Problem]:
    """What is wrong with a table of rules that a study gives."""
    wanted = ("class", "risk_grade", "conflict", "text")
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        columns = list(map(str, table.columns))
        return [Problem("planning.rules_columns", thing, missing=missing, wanted=wanted, columns=columns)]
    problems = []
    for name, least, most in (("risk_grade", 1, 5), ("conflict", 0, 3)):
        numbers = pd.to_numeric(table[name], errors="coerce")
        wrong = ~numbers.between(least, most) | (numbers % 1 != 0)
        if wrong.any():
            rows = [int(at) + 2 for at in np.flatnonzero(wrong)]
            problems.append(Problem("planning.rules_values", thing, field=name, rows=rows, least=least, most=most))
    return problems
