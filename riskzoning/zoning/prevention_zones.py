"""Prevention zones: of all hazards together from the units or the cells, of one hazard with its own geometry."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.zoning.partition import Faces, Zones, zones_of
from riskzoning.zoning.prevention import FLAGS, code_of, codes_by_risk, codes_of, grades_of, measure_text, measures
from riskzoning.zoning.risk_regions import Units, described
from riskzoning.zoning.titles import Named, in_reading_order, names_of

COLUMNS = (
    "zone_id", "code", "name", "name_en", "hazard", "grade", "priority", "capacity_building", "measures", "basis",
    "land_function", "area_km2", "population",
)  # fmt: skip
# Own ground below this share of what can be read is no ground of its own.
_SLIVER = 0.05


@dataclass(frozen=True)
class OwnGround:
    """Ground of a hazard with a grade of prevention of its own: one geometry in the CRS of the units."""

    key: str
    geometry: shapely.Geometry
    grade: int


@dataclass(frozen=True)
class Counted:
    """What lies in each face: people, and its land function by km2 (columns ``urban agricultural ecological``)."""

    people: NDArray[np.float64]
    functions: pd.DataFrame


def own_rules(hazard: str) -> list[Mapping[str, Any]]:
    """The rows of the table ``zoning/own_geometry`` of a hazard."""
    rows: list[Mapping[str, Any]] = standards.table("zoning/own_geometry").data.get(hazard, [])
    return rows


def own_ground(rule: Mapping[str, Any], frame: gpd.GeoDataFrame, metric: str, crs: str) -> OwnGround | None:
    """The ground of the features that a rule means, widened; None where there are none of them."""
    chosen = frame
    where = rule.get("where")
    if where is not None:
        column = next((name for name in where["columns"] if name in frame.columns), None)
        if column is None:
            return None
        values = {str(value).strip().lower() for value in where["values"]}
        chosen = frame[[str(value).strip().lower() in values for value in frame[column]]]
    if chosen.empty:
        return None
    shapes = chosen.geometry.to_crs(metric).to_numpy()
    width = float(rule.get("buffer_m", 0))
    shapes = shapely.buffer(shapes, width, quad_segs=4) if width > 0 else shapely.make_valid(shapes)
    ground = shapely.union_all(shapes)
    parts = [part for part in shapely.get_parts(ground) if part.geom_type == "Polygon"]
    if not parts:
        return None
    whole = gpd.GeoSeries([shapely.multipolygons(parts)], crs=metric).to_crs(crs).iloc[0]
    return OwnGround(str(rule["key"]), shapely.make_valid(whole), int(rule["grade"]))


def zones_from_units(units: Units, grades: pd.DataFrame) -> tuple[Faces, Zones, NDArray[np.int64]]:
    """Units of equal grade and flags that touch; no unit is given to a neighbour."""
    faces, codes = units.faces(), codes_of(grades)
    return faces, zones_of(faces, codes), codes


def zones_from_cells(
    faces: Faces, need: NDArray[np.int64], own: Sequence[OwnGround], *, least_km2: float
) -> tuple[Zones, list[str]]:
    """Faces by their grade of risk (0: the hazard does not act) and the need of their unit, own ground raised.

    The own ground keeps its borders however small it is. Gives the zones and what each rests on.
    """
    codes = codes_by_risk(need[faces.unit], faces.grade)
    spots = shapely.point_on_surface(faces.shapes)
    basis = np.zeros(len(codes), np.int64)
    for number, ground in enumerate(own, start=1):
        inside = shapely.intersects(_prepared(ground.geometry), spots)
        raised = inside & (codes < code_of(ground.grade))
        codes = np.where(raised, code_of(ground.grade), codes)
        basis = np.where(raised, number, basis)
    zones = zones_of(faces, codes, least=least_km2, within=basis)
    held = np.bincount(zones.of_face, faces.area)[zones.of_face]
    slivers = (basis > 0) & (held < _SLIVER * max(least_km2, 1.0))
    if slivers.any():
        # What is left of own ground beside a zone that is graded as high anyway.
        basis = np.where(slivers, 0, basis)
        zones = zones_of(faces, codes, least=least_km2, within=basis)
    of_zone = np.zeros(len(zones.shapes), np.int64)
    of_zone[zones.of_face] = basis
    return zones, ["" if number == 0 else own[number - 1].key for number in of_zone.tolist()]


def _prepared(geometry: shapely.Geometry) -> shapely.Geometry:
    shapely.prepare(geometry)
    return geometry


def zone_table(
    hazard: str, zones: Zones, faces: Faces, units: Units, counted: Counted, basis: Sequence[str], lang: str
) -> gpd.GeoDataFrame:
    """Zones as they stand in ``zone_prevention``: those without a grade are left out."""
    grades = grades_of(zones.code)
    kept = np.flatnonzero(grades["grade"] > 0)
    area = np.bincount(zones.of_face, faces.area, minlength=len(zones.shapes))
    people = np.bincount(zones.of_face, counted.people, minlength=len(zones.shapes))
    functions = _functions(zones, counted)
    spots = gpd.GeoSeries(zones.shapes, crs=faces.crs).to_crs(units.metric).representative_point()
    order = kept[in_reading_order(spots.x.to_numpy()[kept], spots.y.to_numpy()[kept])]
    order = order[np.argsort(-zones.code[order], kind="stable")]
    held = _held(zones, faces)
    items = [_named(hazard, int(grades["grade"][at]), units, *held[at]) for at in order]
    rows = grades.iloc[order].reset_index(drop=True)
    number = rows.groupby("grade").cumcount() + 1
    rows["hazard"] = hazard
    rows["code"] = [f"{units.city}-{hazard}-{grade}-{at:02d}" for grade, at in zip(rows["grade"], number, strict=True)]
    rows["name"], rows["name_en"] = names_of("prevention", items, "zh"), names_of("prevention", items, "en")
    rows["land_function"] = [functions[at] for at in order]
    rows["basis"] = [basis[at] for at in order]
    rows["measures"] = [
        measure_text(measures(hazard, int(row["grade"]), row["land_function"] or "any", _flags(row)), lang)
        for row in rows.to_dict("records")
    ]
    rows["area_km2"], rows["population"] = area[order], people[order]
    return gpd.GeoDataFrame(rows, geometry=zones.shapes[order], crs=faces.crs)


def _flags(row: Mapping[Any, Any]) -> tuple[str, ...]:
    return tuple(name for name in FLAGS if row[name])


def _functions(zones: Zones, counted: Counted) -> list[str]:
    """The land function of most of each zone; empty where none is known."""
    if counted.functions.empty:
        return [""] * len(zones.shapes)
    names = list(counted.functions.columns)
    sums = np.column_stack(
        [np.bincount(zones.of_face, counted.functions[name], minlength=len(zones.shapes)) for name in names]
    )
    return [names[int(np.argmax(row))] if row.sum() > 0 else "" for row in sums]


def _held(zones: Zones, faces: Faces) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """The units of each zone and what it has of them, km2."""
    table = pd.DataFrame({"zone": zones.of_face, "unit": faces.unit, "area": faces.area})
    sums = table.groupby(["zone", "unit"])["area"].sum().reset_index()
    bounds = np.searchsorted(sums["zone"], np.arange(len(zones.shapes) + 1))
    unit, area = sums["unit"].to_numpy(np.int64), sums["area"].to_numpy(np.float64)
    return [(unit[a:b], area[a:b]) for a, b in itertools.pairwise(bounds)]


def _named(hazard: str, grade: int, units: Units, members: NDArray[np.int64], areas: NDArray[np.float64]) -> Named:
    item = described(units, members, areas)
    hazards = item.hazards if hazard == "multi" else (hazard,)
    marking = item.marked if hazard == "multi" else ()
    return Named(hazards, marking, grade, item.landform, item.direction, item.place, item.seat)


def numbered(tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """The zones of all hazards in one layer, with ids."""
    table = pd.concat(tables, ignore_index=True)
    table["zone_id"] = [f"prevention_{at:05d}" for at in range(1, len(table) + 1)]
    return gpd.GeoDataFrame(table[[*COLUMNS, "geometry"]], geometry="geometry", crs=tables[0].crs)
