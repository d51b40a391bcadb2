"""Prevention zones: of all hazards together from the units or the cells, of one hazard with its own geometry."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskzoning.zoning.own_ground import OwnGround, Words
from riskzoning.zoning.partition import Faces, Zones, united, zones_of
from riskzoning.zoning.prevention import FLAGS, code_of, codes_by_risk, codes_of, grades_of, measure_text, measures
from riskzoning.zoning.risk_regions import Units, county_of, described, largest_of
from riskzoning.zoning.titles import Named, direction, in_reading_order, names_of

COLUMNS = (
    "zone_id", "code", "name", "name_en", "hazard", "grade", "priority", "capacity_building", "measures", "basis",
    "feature", "land_function", "area_km2", "population",
)  # fmt: skip
# Own ground below this share of what can be read is no ground of its own.
_SLIVER = 0.05
# A village farther away than this names no zone.
_NEAR_M = 5000.0


@dataclass(frozen=True)
class Basis:
    """What a zone rests on: the key of its own ground, empty for grades, and the feature that it is named after."""

    key: str = ""
    feature: str = ""
    word: Words | None = None


@dataclass(frozen=True)
class Rivers:
    """The reach that each face belongs to (-1 none): the name of its river, and what the ground along it is called."""

    of_face: NDArray[np.int64]
    reaches: tuple[tuple[str, Words], ...]


@dataclass(frozen=True)
class Counted:
    """What lies in each face: people, and its land function by km2 (columns ``urban agricultural ecological``)."""

    people: NDArray[np.float64]
    functions: pd.DataFrame


def zones_from_units(units: Units, grades: pd.DataFrame) -> tuple[Faces, Zones, NDArray[np.int64]]:
    """Units of equal grade and flags that touch; no unit is given to a neighbour."""
    faces, codes = units.faces(), codes_of(grades)
    return faces, zones_of(faces, codes), codes


def zones_from_cells(
    faces: Faces,
    need: NDArray[np.int64],
    own: Sequence[OwnGround],
    *,
    least_km2: float,
    rivers: Rivers | None = None,
    county: NDArray[np.int64] | None = None,
) -> tuple[Zones, list[Basis]]:
    """Faces by their grade of risk (0: the hazard does not act) and the need of their unit, own ground raised.

    The own ground keeps its borders however small it is. With ``rivers`` the ground of a grade along a river in a
    ``county`` (a number for each unit) is one zone, of as many parts as there are. Gives the zones and what each rests
    on.
    """
    codes, number, bases = _own(faces, codes_by_risk(need[faces.unit], faces.grade), own)
    zones = zones_of(faces, codes, least=least_km2, within=number)
    held = np.bincount(zones.of_face, faces.area)[zones.of_face]
    slivers = (number > 0) & (held < _SLIVER * max(least_km2, 1.0))
    if slivers.any():
        # What is left of own ground beside a zone that is graded as high anyway.
        number = np.where(slivers, 0, number)
        zones = zones_of(faces, codes, least=least_km2, within=number)
    river = np.full(len(codes), -1, np.int64)
    if rivers is not None:
        river = np.where((number == 0) & (zones.code[zones.of_face] > 0), rivers.of_face, -1)
        above = county if county is not None else np.zeros(len(need), np.int64)
        zones, river = _along(zones, faces, river, above, least_km2)
    of_zone, river_of = np.zeros(len(zones.shapes), np.int64), np.full(len(zones.shapes), -1, np.int64)
    of_zone[zones.of_face], river_of[zones.of_face] = number, river
    out = []
    for shape, at, along in zip(zones.shapes, of_zone.tolist(), river_of.tolist(), strict=True):
        if at > 0:
            ground, feature = bases[at - 1]
            name = ground.named(shape) if feature is None else feature
            out.append(Basis(ground.key, name, ground.word if name else ground.label))
        elif rivers is not None and along >= 0:
            out.append(Basis("", *rivers.reaches[along]))
        else:
            out.append(Basis())
    return zones, out


def _own(
    faces: Faces, codes: NDArray[np.int64], own: Sequence[OwnGround]
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[tuple[OwnGround, str | None]]]:
    """Codes with own ground raised, the number of the ground that each face belongs to (0 none), what numbers mean."""
    spots = shapely.point_on_surface(faces.shapes)
    number = np.zeros(len(codes), np.int64)
    bases: list[tuple[OwnGround, str | None]] = []
    for ground in own:
        parts: list[tuple[shapely.Geometry, str | None]] = [(ground.geometry, None)]
        if ground.whole and ground.shapes is not None:
            parts = list(zip(ground.shapes, ground.names, strict=True))
        for shape, feature in parts:
            inside = shapely.intersects(_prepared(shape), spots)
            if not inside.any():
                continue
            bases.append((ground, feature))
            wanted = code_of(ground.grade)
            if ground.whole:
                wanted, taken = max(wanted, int(codes[inside].max())), inside
            else:
                taken = inside & (codes < wanted if ground.grade > 0 else number == 0)
            codes = np.where(taken, np.maximum(codes, wanted), codes)
            number = np.where(taken, len(bases), number)
    return codes, number, bases


def _along(
    zones: Zones, faces: Faces, river: NDArray[np.int64], county: NDArray[np.int64], least_km2: float
) -> tuple[Zones, NDArray[np.int64]]:
    """Zones of a code along a river in a county taken together; splinters of a zone stay with most of it.

    Gives the river of each face as well.
    """
    parts = pd.DataFrame({"zone": zones.of_face, "code": zones.code[zones.of_face], "river": river})
    parts["county"], parts["area"] = county[faces.unit], faces.area
    held = parts.groupby(["zone", "county", "river"])["area"].sum().reset_index()
    held["none"] = held["river"] < 0
    first = held.sort_values(["zone", "none", "area"], ascending=[True, True, False], kind="stable")
    main = first.drop_duplicates("zone").set_index("zone").loc[zones.of_face]
    sizes = parts.groupby(["zone", "county", "river"])["area"].transform("sum").to_numpy()
    small = ((sizes < least_km2) | (river < 0)) & (main["river"].to_numpy() >= 0)
    parts["county"] = np.where(small, main["county"].to_numpy(), parts["county"])
    parts["river"] = river = np.where(small, main["river"].to_numpy(), river)
    # A zone of no river keeps to itself, whatever counties it lies in.
    parts.loc[river < 0, "county"] = -1
    parts.loc[river >= 0, "zone"] = -1
    label: NDArray[np.int64] = np.asarray(
        parts.groupby(["code", "river", "county", "zone"], sort=True).ngroup(), dtype=np.int64
    )
    code = np.zeros(int(label.max(initial=-1)) + 1, np.int64)
    code[label] = parts["code"].to_numpy(np.int64)
    return Zones(united(faces.shapes, label, len(code)), code, label, zones.merged, zones.before), river


def _prepared(geometry: shapely.Geometry) -> shapely.Geometry:
    shapely.prepare(geometry)
    return geometry


def zone_table(
    hazard: str, zones: Zones, faces: Faces, units: Units, counted: Counted, basis: Sequence[Basis], lang: str
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
    held = _held(zones, faces, units.metric)
    facts = grades.to_dict("records")
    items = [_named(hazard, facts[at], units, held[at], basis[at]) for at in order]
    rows = grades.iloc[order].reset_index(drop=True)
    number = rows.groupby("grade").cumcount() + 1
    rows["hazard"] = hazard
    rows["code"] = [f"{units.city}-{hazard}-{grade}-{at:02d}" for grade, at in zip(rows["grade"], number, strict=True)]
    rows["name"], rows["name_en"] = names_of("prevention", items, "zh"), names_of("prevention", items, "en")
    rows["land_function"] = [functions[at] for at in order]
    rows["basis"] = [basis[at].key for at in order]
    rows["feature"] = [basis[at].feature for at in order]
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


@dataclass(frozen=True)
class _Part:
    """The units of a zone, what it has of them (km2), and the middle of that in the projection."""

    members: NDArray[np.int64]
    areas: NDArray[np.float64]
    spots: NDArray[np.float64]


def _held(zones: Zones, faces: Faces, metric: str) -> list[_Part]:
    """The units of each zone and what it has of them."""
    middle = gpd.GeoSeries(shapely.centroid(faces.shapes), crs=faces.crs).to_crs(metric)
    table = pd.DataFrame({"zone": zones.of_face, "unit": faces.unit, "area": faces.area})
    # Faces of no area would have no middle.
    weight = np.maximum(faces.area, 1e-12)
    table["weight"], table["x"], table["y"] = weight, middle.x.to_numpy() * weight, middle.y.to_numpy() * weight
    sums = table.groupby(["zone", "unit"])[["area", "weight", "x", "y"]].sum().reset_index()
    bounds = np.searchsorted(sums["zone"], np.arange(len(zones.shapes) + 1))
    unit, area = sums["unit"].to_numpy(np.int64), sums["area"].to_numpy(np.float64)
    spots = sums[["x", "y"]].to_numpy() / sums[["weight"]].to_numpy()
    return [_Part(unit[a:b], area[a:b], spots[a:b]) for a, b in itertools.pairwise(bounds)]


def _named(hazard: str, row: Mapping[Any, Any], units: Units, part: _Part, basis: Basis) -> Named:
    item = described(units, part.members, part.areas)
    hazards = item.hazards if hazard == "multi" else (hazard,)
    marking = item.marked if hazard == "multi" else ()
    flags = tuple(name for name in FLAGS if row[name])
    at = largest_of(units, part.members, part.areas)
    unit, spot = part.members[at], part.spots[at]
    here, centre = (float(spot[0]), float(spot[1])), (float(units.spots[unit, 0]), float(units.spots[unit, 1]))
    within = direction(here, centre, float(units.areas[unit]) * 1e6)
    made = replace(
        item,
        hazards=hazards,
        marked=marking,
        grade=int(row["grade"]),
        flags=flags,
        within=within,
        near=_near(units, spot),
        spot=here,
    )
    if basis.word is None:
        return made
    feature = {lang: str(basis.word[lang]).format(name=basis.feature) for lang in ("zh", "en")}
    return replace(made, place=county_of(units, part.members, part.areas) or item.place, feature=feature)


def _near(units: Units, spot: NDArray[np.float64]) -> dict[str, str] | None:
    """The village nearest to a spot, None where none is at hand."""
    name = None if units.settlements is None else units.settlements.nearest(spot, _NEAR_M)
    return None if name is None else dict.fromkeys(("zh", "en"), name)


def numbered(tables: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """The zones of all hazards in one layer, with ids."""
    table = pd.concat(tables, ignore_index=True)
    table["zone_id"] = [f"prevention_{at:05d}" for at in range(1, len(table) + 1)]
    return gpd.GeoDataFrame(table[[*COLUMNS, "geometry"]], geometry="geometry", crs=tables[0].crs)
