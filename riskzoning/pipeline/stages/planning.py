"""Stage ``planning``: plans held against the composite risk, guidance for zones, risk capacity of units."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.names import MULTI, Index, Measure
from riskzoning.pipeline.stages.ground import legible
from riskzoning.pipeline.state import Graded, Made, Prepared, Run, Zoned
from riskzoning.zoning.partition import ClassPolygons, class_polygons
from riskzoning.zoning.patches import majority, merged_patches
from riskzoning.zoning.planning.capacity import conflict_index, risk_capacity
from riskzoning.zoning.planning.overlay import (
    CONFLICTS,
    Ground,
    areas_table,
    conflict_polygons,
    conflict_table,
)
from riskzoning.zoning.planning.plans import Plan, overlaps_of_lines, pieces, plan_of, space_shapes

_GDP = "gdp_yuan"


def planning(run: Run, made: Made) -> Zoned:
    """Tables and polygons of conflicts where plans are given; risk capacity where GDP and losses are known."""
    graded = made.of(Graded)
    tables = _capacity(run, graded)
    grade = next((graded.layers[key] for key in _grade_keys() if key in graded.layers), None)
    if not run.setting.study.planning or grade is None or not graded.units:
        return Zoned({}, tables)
    metric, lang = str(run.setting.grid.crs), run.setting.study.language
    regions = _regions(run, graded)
    # Ground is cut in the projection of the grid: there the pieces of a unit add up to it.
    units = regions.to_crs(metric)
    plans = [_plan(run, name, metric) for name in run.setting.study.planning.plans]
    ground = Ground(grade, graded.layers.get("population"))
    areas = units.area / 1e6
    parts = {plan.name: pieces(plan, units) for plan in plans}
    conflicts = [conflict_table(plan, parts[plan.name], ground, lang) for plan in plans]
    table = pd.concat([part for part in conflicts if len(part)] or [pd.DataFrame(columns=CONFLICTS)], ignore_index=True)
    polygons, least = _risk_polygons(run, made, grade)
    drawn = [
        conflict_polygons(plan, parts[plan.name], polygons, least_km2=least, lang=lang, metric=metric) for plan in plans
    ]
    layer = gpd.GeoDataFrame(pd.concat(drawn, ignore_index=True), geometry="geometry", crs=metric).to_crs(regions.crs)
    # A ring that touches another inside one of its edges crosses it in another projection, by a hair.
    layer.geometry = shapely.make_valid(layer.geometry.to_numpy())
    layer.insert(0, "zone_id", [f"conflict_{at:05d}" for at in range(1, len(layer) + 1)])
    index = conflict_index(table, list(units.index))
    tables |= {
        "planning_conflicts": table,
        "planning_areas": pd.concat([areas_table(p, parts[p.name], areas, metric) for p in plans], ignore_index=True),
        "planning_overlaps": overlaps_of_lines(plans),
        "conflict_index": index.reset_index().assign(level=units["level"].to_numpy()),
    }
    if "zone_region" in made.zones():
        tables["development_guidance"] = _guidance(made.zones()["zone_region"], plans, metric, lang)
    return Zoned({"planning_conflict": layer}, tables)


def _grade_keys() -> list[str]:
    return [Index(MULTI, kind).grade_key for kind in ("risk", "hazard")]


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


def _risk_polygons(run: Run, made: Made, grade: Any) -> tuple[ClassPolygons, float]:
    """Polygons of the grades of the composite risk at the printed scale."""
    denominator, least = legible(run)
    grid = run.setting.grid
    cell = float(abs(grid.affine.a * grid.affine.e)) / 1e6
    merged, _ = merged_patches(majority(grade.compute()), max(int(np.ceil(least / cell)), 1))
    rules = standards.table("zoning/patches").data
    tolerance = float(rules["smoothing_mm"]) * denominator / 1000
    return class_polygons(merged, made.of(Prepared).mask.values > 0, tolerance=tolerance), least


def _guidance(regions: gpd.GeoDataFrame, plans: list[Plan], metric: str, lang: str) -> pd.DataFrame:
    """For each region of the finest tier: which space it is planned for, and how densely that may be built."""
    table = standards.table("zoning/planning").data
    zones = regions[regions["tier"] == regions["tier"].max()]
    shapes = shapely.make_valid(zones.geometry.to_crs(metric).to_numpy())
    areas = zones["area_km2"].to_numpy(dtype=np.float64)
    rows = []
    for space, ground in space_shapes(plans).items():
        sizes = shapely.area(shapely.intersection(shapes, ground)) / 1e6
        for zone, size, area in zip(zones.to_dict("records"), sizes, areas, strict=True):
            rule = table["rules"][space].get(int(zone["grade"]))
            if size > 1e-9 * area and rule is not None:
                rows.append(
                    {
                        "zone": zone["code"], "name": zone["name" if lang == "zh" else "name_en"], "space": space,
                        "risk_grade": zone["grade"], "area_km2": size, "share": size / area,
                        "intensity": rule["intensity"], "guidance": table["intensities"][rule["intensity"]][lang],
                        "text": rule[lang],
                    }
                )  # fmt: skip
    columns = ["zone", "name", "space", "risk_grade", "area_km2", "share", "intensity", "guidance", "text"]
    return pd.DataFrame(rows, columns=columns).sort_values(["zone", "space"], kind="stable", ignore_index=True)


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
