"""Stage ``planning``: plans held against the composite risk, guidance for zones, risk capacity of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.layers import grid_of
from riskzoning.names import MULTI, Index, Measure
from riskzoning.pipeline.stages.classes import risk_limits
from riskzoning.pipeline.stages.ground import legible
from riskzoning.pipeline.state import Graded, Made, Prepared, Run, Zoned
from riskzoning.pipeline.workspace.frames import Frames
from riskzoning.pipeline.workspace.resume import frames_once
from riskzoning.zoning.partition import ClassPolygons, class_polygons
from riskzoning.zoning.patches import majority, merged_patches
from riskzoning.zoning.planning.capacity import conflict_index, population_capacity, risk_capacity
from riskzoning.zoning.planning.overlay import (
    CONFLICTS,
    Ground,
    areas_table,
    conflict_polygons,
    conflict_table,
)
from riskzoning.zoning.planning.plans import Plan, overlaps_of_lines, pieces, plan_of, space_pieces, space_shapes
from riskzoning.zoning.planning.worst import worst_of
from riskzoning.zoning.scales import grade_from_shares

_GDP = "gdp_yuan"
_GUIDANCE = [
    "zone", "name", "space", "risk_grade", "hazard", "area_km2", "share", "high_km2", "intensity", "guidance", "text",
]  # fmt: skip


def planning(run: Run, made: Made) -> Zoned:
    """Tables and polygons of conflicts where plans are given; risk capacity where GDP and losses are known."""
    graded = made.of(Graded)
    tables = _capacity(run, graded)
    if run.setting.study.planning:
        tables |= _people_capacity(run, graded)
    if not run.setting.study.planning or not graded.units:
        return Zoned({}, tables)
    ground = _ground(run, graded)
    if ground is None:
        return Zoned({}, tables)
    # Plans held against the worst single hazard stay as they are when weights change.
    of_hazards = len(ground.hazards) > 0
    drawn = _Drawn(*legible(run))
    held = (
        frames_once(run, "plans", lambda: (_conflicts(run, made, ground, drawn), {}), given=[drawn.denominator])
        if of_hazards
        else _conflicts(run, made, ground, drawn)
    )
    layer, spaces = held.pop("planning_conflict"), held.pop("spaces")
    tables |= held
    if "zone_region" in made.zones():
        ground_of = dict(zip(spaces["space"], spaces["geometry"], strict=True))
        lang = run.setting.study.language
        tables["development_guidance"] = _guidance(made.zones()["zone_region"], ground_of, ground, lang)
    return Zoned({"planning_conflict": gpd.GeoDataFrame(layer)}, tables)


@dataclass(frozen=True)
class _Drawn:
    """The printed sheet: the denominator of its scale, and the smallest patch that it shows, km2."""

    denominator: float
    least_km2: float


def _conflicts(run: Run, made: Made, ground: Ground, drawn: _Drawn) -> Frames:
    """The tables of all plans against the grades of the ground, the layer ``planning_conflict``, and all ``spaces``."""
    metric, lang = str(run.setting.grid.crs), run.setting.study.language
    regions = _regions(run, made.of(Graded))
    # Ground is cut in the projection of the grid: there the pieces of a unit add up to it.
    units = regions.to_crs(metric)
    plans, areas = [_plan(run, name, metric) for name in run.setting.study.planning.plans], units.area / 1e6
    parts = {plan.name: pieces(plan, units) for plan in plans}
    conflicts = [conflict_table(plan, parts[plan.name], ground, lang) for plan in plans]
    table = pd.concat([part for part in conflicts if len(part)] or [pd.DataFrame(columns=CONFLICTS)], ignore_index=True)
    polygons, least = _risk_polygons(run, made, ground.grade, drawn), drawn.least_km2
    shapes = [
        conflict_polygons(plan, parts[plan.name], polygons, least_km2=least, lang=lang, metric=metric) for plan in plans
    ]
    layer = gpd.GeoDataFrame(pd.concat(shapes, ignore_index=True), geometry="geometry", crs=metric).to_crs(regions.crs)
    # A ring that touches another inside one of its edges crosses it in another projection, by a hair.
    layer.geometry = shapely.make_valid(layer.geometry.to_numpy())
    layer.insert(0, "zone_id", [f"conflict_{at:05d}" for at in range(1, len(layer) + 1)])
    index = conflict_index(table, list(units.index))
    spaces = space_shapes(plans)
    return {
        "spaces": gpd.GeoDataFrame({"space": list(spaces)}, geometry=list(spaces.values()), crs=metric),
        "planning_conflict": layer,
        "planning_conflicts": table,
        "planning_areas": pd.concat([areas_table(p, parts[p.name], areas, metric) for p in plans], ignore_index=True),
        "planning_overlaps": overlaps_of_lines(plans),
        "conflict_index": index.reset_index().assign(level=units["level"].to_numpy()),
    }


def _ground(run: Run, graded: Graded) -> Ground | None:
    """The grades that plans are held against, as the study wants them or as its hazards allow."""
    study, layers = run.setting.study, graded.layers
    people, wanted = layers.get("population"), study.planning.grade
    elsewhere = standards.table("zoning/planning").data.get("not_of_siting", ())
    every = [item.hazard for item in study.hazards]
    names = [name for name in every if name not in elsewhere] or every
    of_risk = {name: layers[key] for name in names if (key := Index(name, "risk").key) in layers}
    of_hazard = {name: layers[key] for name in names if (key := Index(name, "hazard").key) in layers}
    relative = study.risk.form == "half_scaled"
    if wanted == "worst" and of_risk and not relative:
        limits, closed = risk_limits()
        worst = worst_of(of_risk, limits, closed=closed)
        return Ground(worst.grade, people, worst.hazard, worst.hazards)
    if of_hazard and (wanted == "hazard" or (wanted == "worst" and not of_risk)):
        # The classes of a ladder are equal parts of its index; where a hazard does not act it is 0.
        worst = worst_of(of_hazard, (0.0, 0.25, 0.5, 0.75, 1.0))
        return Ground(worst.grade, people, worst.hazard, worst.hazards)
    grade = next((layers[key] for kind in ("risk", "hazard") if (key := Index(MULTI, kind).grade_key) in layers), None)
    if grade is None:
        return None
    note(Problem("planning.relative", Phrase("plans"), severity="info"))
    return Ground(grade, people)


def _regions(run: Run, graded: Graded) -> gpd.GeoDataFrame:
    """The units by which conflicts are told: those above the finest of three levels or more, else the finest."""
    levels = [level for level in run.setting.levels if level in graded.units]
    return graded.units[levels[1 if len(levels) > 2 else 0]].sort_index()


def _plan(run: Run, name: str, metric: str) -> Plan:
    given = run.setting.study.planning.plans[name]
    rules = None if given.rules is None else run.catalogue.table(given.rules)
    return plan_of(
        name,
        run.catalogue.vector(given.input),
        metric=metric,
        column=given.column,
        kind=given.kind,
        spaces=given.spaces,
        rules=rules,
    )


def _risk_polygons(run: Run, made: Made, grade: Any, drawn: _Drawn) -> ClassPolygons:
    """Polygons of the grades of the ground at the printed scale."""
    grid = run.setting.grid
    cell = float(abs(grid.affine.a * grid.affine.e)) / 1e6
    merged, _ = merged_patches(majority(grade.compute()), max(int(np.ceil(drawn.least_km2 / cell)), 1))
    rules = standards.table("zoning/patches").data
    tolerance = float(rules["smoothing_mm"]) * drawn.denominator / 1000
    return class_polygons(merged, made.of(Prepared).mask.values > 0, tolerance=tolerance)


def _guidance(
    regions: gpd.GeoDataFrame, spaces: Mapping[str, shapely.Geometry], ground: Ground, lang: str
) -> pd.DataFrame:
    """For each region of the finest tier and each space in it: how bad its ground is, how densely it may be built."""
    table = standards.table("zoning/planning").data
    zones = regions[regions["tier"] == regions["tier"].max()]
    parts = space_pieces(zones, spaces, str(grid_of(ground.grade).crs))
    if parts.empty:
        return pd.DataFrame(columns=_GUIDANCE)
    held = ground.by_grade(parts)
    known = pd.DataFrame(held.area[:, 1:], columns=[1, 2, 3, 4, 5])
    grades = grade_from_shares(known).to_numpy()
    rows = []
    for at, (zone, space, share, grade) in enumerate(
        zip(parts["zone"], parts["space"], parts["share"], grades, strict=True)
    ):
        rule = table["rules"][space].get(int(grade))
        if rule is not None:
            facts = zones.iloc[zone]
            rows.append(
                {
                    "zone": facts["code"], "name": facts["name" if lang == "zh" else "name_en"], "space": space,
                    "risk_grade": int(grade), "hazard": held.hazard[at, int(grade)],
                    "area_km2": held.area[at].sum(), "share": share, "high_km2": held.area[at, 4:].sum(),
                    "intensity": rule["intensity"], "guidance": table["intensities"][rule["intensity"]][lang],
                    "text": rule[lang],
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=_GUIDANCE).sort_values(["zone", "space"], kind="stable", ignore_index=True)


def _people_capacity(run: Run, graded: Graded) -> dict[str, pd.DataFrame]:
    """How many people the units of every level bear; nothing where no hazard tells expected deaths."""
    hazards = [item.hazard for item in run.setting.study.hazards]
    parts = []
    for level, frame in graded.units.items():
        known = [name for name in hazards if Measure("deaths", name).key in frame]
        if not known or "population" not in frame:
            return {}
        deaths = frame[[Measure("deaths", name).key for name in known]].sum(axis=1)
        table = population_capacity(frame["population"], deaths)
        parts.append(table.rename_axis("code").reset_index().assign(level=level, hazards=";".join(known)))
    columns = ["code", "level", "hazards", "population", "deaths", "per_million", "capacity", "used"]
    return {"population_capacity": pd.concat(parts, ignore_index=True)[columns]} if parts else {}


def _capacity(run: Run, graded: Graded) -> dict[str, pd.DataFrame]:
    """Risk capacity of the units of every level; nothing where GDP or losses are unknown."""
    loss = Measure("eal", MULTI).key
    target = run.setting.study.planning.target_loss_share
    parts = []
    for level, frame in graded.units.items():
        missing = [name for name in (_GDP, loss) if name not in frame]
        if missing:
            if run.setting.study.planning:
                note(Problem("planning.no_capacity", Phrase("units"), severity="info", columns=missing))
            return {}
        table = risk_capacity(frame[_GDP], frame[loss], target=target)
        parts.append(table.rename_axis("code").reset_index().assign(level=level))
    if not parts:
        return {}
    columns = ["code", "level", "gdp_yuan", "eal", "capacity", "used"]
    return {"risk_capacity": pd.concat(parts, ignore_index=True)[columns]}
