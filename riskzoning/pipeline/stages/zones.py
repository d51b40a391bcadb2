"""Stage ``zones``: risk regions in tiers and prevention zones, of all hazards together and of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.coverage import Coverage
from riskzoning.errors import Phrase, Problem, note
from riskzoning.hazards import HAZARDS
from riskzoning.layers import describe
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.ground import ground_units, legible, own_grounds, reaches, space_layers
from riskzoning.pipeline.state import Graded, Made, Prepared, Run, Zoned
from riskzoning.pipeline.workspace.frames import Frames
from riskzoning.pipeline.workspace.resume import frames_once
from riskzoning.zoning.own_ground import OwnGround, nearest_reach, own_rules, reach_words
from riskzoning.zoning.partition import Faces, class_polygons, faces_of_units, faces_within, snapped
from riskzoning.zoning.patches import Merged, legible_km2, majority, merged_patches, scale_of_cells
from riskzoning.zoning.prevention import prevention_grades
from riskzoning.zoning.prevention_zones import (
    Basis,
    Counted,
    Rivers,
    numbered,
    zone_table,
    zones_from_cells,
    zones_from_units,
)
from riskzoning.zoning.risk_regions import RegionRules, Units, region_table, tiers_of
from riskzoning.zoning.scales import three_high_one_low

_NOTHING = Zoned({}, {})
# A class layer of zones: 0 no data, 1 the hazard does not act, from 2 on its grades.
_ACTS = 1
_SPLINTER_KM2 = 0.02
# Among the frames that are kept of single hazards: the land functions of the units.
_OF_UNITS = "units functions"


@dataclass(frozen=True)
class _Setting:
    """What all zones of a run share."""

    run: Run
    graded: Graded
    units: Units
    inside: NDArray[np.bool_]
    least_km2: float
    denominator: float

    @property
    def level(self) -> str:
        """The finest published level."""
        return next(name for name in self.run.setting.levels if name in self.graded.units)

    @cached_property
    def spaces(self) -> dict[str, xr.DataArray]:
        """Land functions of the cells."""
        return space_layers(self.run)

    @property
    def by_units(self) -> bool:
        """Whether the zones of all hazards together are made of units instead of cells."""
        return self.run.setting.study.zoning.prevention.basis == "units"

    @property
    def cell_km2(self) -> float:
        """Area of a cell."""
        return float(abs(self.run.setting.grid.affine.a * self.run.setting.grid.affine.e)) / 1e6


def zones(run: Run, made: Made) -> Zoned:
    """Layers and tables of zones; nothing where the study wants none."""
    study, graded = run.setting.study, made.of(Graded)
    if not study.zoning.zones or not graded.indices:
        return _NOTHING
    units = ground_units(run, graded)
    denominator, least = legible(run)
    inside = made.of(Prepared).mask.values > 0
    setting = _Setting(run, graded, units, inside, least, denominator)
    rules = study.zoning.regions
    divided = RegionRules(
        method=rules.method, number=rules.n_regions, most=rules.most, min_size=rules.min_size, seed=study.seed
    )
    tiers = tiers_of(units, divided, least_km2=least)
    regions = region_table(units, tiers)
    grades = _unit_grades(run, made, units)
    need = grades["need"].reindex(units.frame.index).to_numpy(np.int64)
    names = [item.hazard for item in study.hazards]
    single = frames_once(run, "ground", lambda: (_singles(setting, names, need), {}), given=_given(setting, need))
    together, rows = _together(setting, grades, need, single.get(_OF_UNITS, pd.DataFrame()))
    patches = [pd.DataFrame(_patch_rows("regions", setting, tiers.merged, None)), *map(pd.DataFrame, rows)]
    patches += [single[f"{name} patches"] for name in names if f"{name} patches" in single]
    tables = [] if together is None else [together]
    tables += [gpd.GeoDataFrame(single[f"{name} zones"]) for name in names if f"{name} zones" in single]
    layers = {"zone_region": regions}
    if tables:
        layers["zone_prevention"] = numbered(tables)
    return Zoned(
        layers,
        {
            "prevention_units": grades.rename_axis("code").reset_index(),
            "zone_patches": pd.concat(patches, ignore_index=True),
            "region_fit": tiers.fit,
        },
    )


def _given(setting: _Setting, need: NDArray[np.int64]) -> list[Any]:
    """What the zones of single hazards look at beside their stage: scale, need, and the words that name ground."""
    frame, words = setting.units.frame, setting.units.landform_words
    named = frame[["name", "above", "landform", "group"]].astype(str).to_numpy().tolist()
    return [setting.denominator, need.tolist(), named, {key: dict(own) for key, own in words.items()}]


def _singles(setting: _Setting, hazards: Sequence[str], need: NDArray[np.int64]) -> Frames:
    """The zones of each hazard and rows about their patches: other weights leave them as they are."""
    frames: Frames = {}
    for hazard in hazards:
        own = own_grounds(setting.run, hazard, setting.units, _acts(setting, hazard))
        made = _of_cells(setting, hazard, need, own)
        if made is not None:
            table, rows = made
            frames[f"{hazard} zones"] = table
            frames[f"{hazard} patches"] = pd.DataFrame(rows)
    return frames | ({_OF_UNITS: _functions(setting, setting.units.faces())} if setting.by_units else {})


def _together(
    setting: _Setting, grades: pd.DataFrame, need: NDArray[np.int64], functions: pd.DataFrame
) -> tuple[gpd.GeoDataFrame | None, list[list[dict[str, Any]]]]:
    """The zones of all hazards together, of cells or of whole units, and rows about their patches."""
    if not setting.by_units:
        made = _of_cells(setting, MULTI, need, [])
        return (None, []) if made is None else (made[0], [made[1]])
    units, lang = setting.units, setting.run.setting.study.language
    faces, zoned, _ = zones_from_units(units, grades.reindex(units.frame.index))
    counted = Counted(units.population, functions)
    table = zone_table(MULTI, zoned, faces, units, counted, [Basis()] * len(zoned.shapes), lang)
    return table, [_patch_rows(MULTI, setting, zoned.merged, None)]


def _of_cells(
    setting: _Setting, hazard: str, need: NDArray[np.int64], own: Sequence[OwnGround]
) -> tuple[gpd.GeoDataFrame, list[dict[str, Any]]] | None:
    """The prevention zones of a hazard and rows about their patches; None where it has no cells in the city."""
    lang, units = setting.run.setting.study.language, setting.units
    cut = _cut(setting, hazard, own)
    if cut is None:
        note(Problem("zones.no_cells", Phrase("hazard", name=hazard), severity="warning"))
        return None
    if not _in_places(hazard):
        # Units keep their ground however small; what own ground cuts off in splinters does not stay.
        made, basis = zones_from_cells(cut.faces, need, own, least_km2=_SPLINTER_KM2)
        table = zone_table(hazard, made, cut.faces, units, cut.counted, basis, lang)
        return table, _patch_rows(hazard, setting, made.merged, None)
    rows, rivers = cut.rows, _rivers(setting, hazard, cut.faces)
    county = units.factor("above")[0]
    made, basis = zones_from_cells(cut.faces, need, own, least_km2=setting.least_km2, rivers=rivers, county=county)
    table = zone_table(hazard, made, cut.faces, units, cut.counted, basis, lang)
    if rivers is not None:
        # Patches are told before they are joined along rivers, zones after it.
        joined = {"scale": "reaches", "before": made.merged.after, "after": len(made.shapes)}
        # Along rivers patches are joined, at the borders of counties they are cut.
        joined["merged"] = max(made.merged.after - len(made.shapes), 0)
        rows = [*rows, {**rows[0], **joined, "moved_km2": 0.0}]
    return table, rows


def _in_places(hazard: str) -> bool:
    """Whether zones follow the cells of a hazard instead of the units."""
    return hazard == MULTI or HAZARDS[hazard].acts == "places"


@dataclass(frozen=True)
class _Cut:
    """The ground of a hazard cut up: its faces, what lies in each, and rows about the patches they came from."""

    faces: Faces
    counted: Counted
    rows: list[dict[str, Any]]


def _cut(setting: _Setting, hazard: str, own: Sequence[OwnGround]) -> _Cut | None:
    """The ground of a hazard as faces; None where it has no cells in the city."""
    more = np.array([ground.geometry for ground in own], dtype=object) if own else None
    if not _in_places(hazard):
        return _cut_units(setting, hazard, more)
    return _cut_cells(setting, hazard, more)


def _cut_units(setting: _Setting, hazard: str, more: NDArray[Any] | None) -> _Cut | None:
    """The units by their grade of a hazard that acts over areas, cut by its own ground."""
    units = setting.units
    frame = setting.graded.units[setting.level].reindex(units.frame.index)
    index = next((one for one in (Index(hazard, "risk"), Index(hazard, "hazard")) if one.grade_key in frame), None)
    if index is None:
        return None
    grades = frame[index.grade_key].fillna(0).to_numpy(np.int64)
    if not grades.any():
        return None
    faces = faces_of_units(units.frame, grades, units.areas, units.metric, more)
    return _Cut(faces, Counted(_people(setting, faces), _functions(setting, faces)), [])


def _cut_cells(setting: _Setting, hazard: str, more: NDArray[Any] | None) -> _Cut | None:
    """The classes of the cells of a hazard as faces that can be read."""
    classes = _classes(setting, hazard)
    if classes is None or not (classes.values > _ACTS).any():
        return None
    smooth = majority(classes)
    least = max(int(np.ceil(setting.least_km2 / setting.cell_km2)), 1)
    merged, done = merged_patches(smooth, least)
    rules = standards.table("zoning/patches").data
    tolerance = float(rules["smoothing_mm"]) * setting.denominator / 1000
    polygons = class_polygons(merged, setting.inside, tolerance=tolerance)
    faces = faces_within(polygons, setting.units.frame, setting.units.areas, more)
    snap_m = float(setting.run.setting.study.zoning.prevention.snap_m)
    faces, moved = snapped(faces, setting.units.frame, setting.units.metric, snap_m)
    faces = Faces(faces.shapes, faces.unit, np.maximum(faces.grade - _ACTS, 0), faces.area, faces.crs)
    own_scale = max(int(np.ceil(legible_km2(scale_of_cells(setting.cell_km2**0.5 * 1000)) / setting.cell_km2)), 1)
    _, at_layer = merged_patches(smooth, own_scale)
    rows = _patch_rows(hazard, setting, done, at_layer)
    if moved.any():
        told = {"scale": "snapped", "before": int(moved.sum()), "after": 0, "merged": int(moved.sum())}
        rows.append({**rows[0], **told, "moved_km2": float(faces.area[moved].sum())})
    return _Cut(faces, Counted(_people(setting, faces), _functions(setting, faces)), rows)


def _acts(setting: _Setting, hazard: str) -> dict[int, shapely.Geometry]:
    """The ground of the upper classes of a hazard, for rules of its own ground that depend on them."""
    wanted = {int(number) for rule in own_rules(hazard) for number in rule.get("classes", {})}
    layer = setting.graded.layers.get(Index(hazard, "hazard").grade_key)
    if not wanted or layer is None:
        return {}
    grades = layer.compute()
    grades = grades.copy(data=np.where(np.isin(grades.values, list(wanted)), grades.values, 1).astype(np.uint8))
    polygons = class_polygons(grades, setting.inside, tolerance=0.0)
    return {number: shapely.union_all(polygons.shapes[polygons.classes == number]) for number in sorted(wanted)}


def _rivers(setting: _Setting, hazard: str, faces: Faces) -> Rivers | None:
    """The river that each face of a hazard belongs to, and what the ground along it is called; None without any."""
    lines = reaches(setting.run, hazard, setting.units)
    if lines is None:
        return None
    acts = np.flatnonzero(faces.grade > 0)
    of_face = np.full(len(faces.shapes), -1, np.int64)
    of_face[acts] = nearest_reach(lines, faces.shapes[acts], faces.crs)
    held = pd.DataFrame({"river": of_face, "county": setting.units.factor("above")[0][faces.unit]}).iloc[acts]
    held = held.assign(area=faces.area[acts])
    of_county = held.groupby(["river", "county"])["area"].transform("sum").to_numpy()
    count = len(lines.names)
    of_face[acts] = np.where(of_face[acts] < 0, count + 1, np.where(of_county < lines.least_km2, count, of_face[acts]))
    word, small, local = reach_words(hazard)
    named = [(str(name), word if name else small) for name in lines.names]
    return Rivers(of_face, (*named, ("", small), ("", local)))


def _classes(setting: _Setting, hazard: str) -> xr.DataArray | None:
    """The grade of risk of each cell + 1, 1 where the hazard does not act, 0 without data."""
    layers = setting.graded.layers
    risk, index = Index(hazard, "risk"), Index(hazard, "hazard")
    grade = layers.get(risk.grade_key, layers.get(index.grade_key))
    if grade is None:
        return None
    values = grade.values.astype(np.uint8)
    acts = layers[index.key].values > 0 if index.key in layers and hazard != MULTI else values > 0
    known = values > 0
    codes = np.where(known & acts, values + _ACTS, np.where(known, _ACTS, 0)).astype(np.uint8)
    return describe(grade.copy(data=codes), quantity="risk_grade", like=grade)


def _people(setting: _Setting, faces: Faces) -> NDArray[np.float64]:
    """People of each face; those of the faces of a unit add up to the unit's."""
    population = setting.graded.layers.get("population")
    held = setting.units.population
    if population is None:
        return np.zeros(len(faces.shapes))
    sums = _sums(setting, faces, {"population": population})["population"].to_numpy()
    return _shared_out(sums, held, faces)


def _shared_out(sums: NDArray[np.float64], held: NDArray[np.float64], faces: Faces) -> NDArray[np.float64]:
    """Sums of faces brought to the totals of their units; by area where a unit has people and its faces have none."""
    total = np.bincount(faces.unit, sums, minlength=len(held))
    area = np.bincount(faces.unit, faces.area, minlength=len(held))
    own = np.where(total[faces.unit] > 0, sums, faces.area)
    base = np.where(total > 0, total, area)
    factor = np.divide(held, base, out=np.zeros_like(base), where=base > 0)
    return np.asarray(own * factor[faces.unit])


def _functions(setting: _Setting, faces: Faces) -> pd.DataFrame:
    """Ground of each face by land function, km2."""
    if not setting.spaces:
        return pd.DataFrame()
    return _sums(setting, faces, setting.spaces)


def _sums(setting: _Setting, faces: Faces, layers: dict[str, xr.DataArray]) -> pd.DataFrame:
    grid = setting.run.setting.grid
    frame = faces_in(faces, str(grid.crs))
    made = Coverage.from_units(grid, frame).statistics(xr.Dataset(layers), ["sum"])
    return pd.DataFrame({name: made[(name, "sum")].fillna(0.0).to_numpy() for name in layers})


def faces_in(faces: Faces, crs: str) -> gpd.GeoDataFrame:
    """The faces in another CRS, valid there: a splinter as narrow as rounding may cross itself on the way."""
    frame = gpd.GeoDataFrame(geometry=faces.shapes, crs=faces.crs).to_crs(crs)
    shapes = frame.geometry.to_numpy()
    tied = ~shapely.is_valid(shapes)
    if tied.any():
        shapes[tied] = shapely.make_valid(shapes[tied], method="structure", keep_collapsed=False)
        frame.geometry = shapes
    return frame


def _patch_rows(what: str, setting: _Setting, printed: Merged, layer: Merged | None) -> list[dict[str, Any]]:
    """How many patches there were and are, at the printed scale and at that of the layer."""
    cell = setting.cell_km2
    own = scale_of_cells(cell**0.5 * 1000)
    rows = []
    for scale, denominator, done in (("printed", setting.denominator, printed), ("layer", own, layer)):
        if done is not None:
            moved = done.cells * cell if layer is not None else done.cells
            rows.append(
                {
                    "zones": what, "scale": scale, "denominator": denominator,
                    "legible_km2": legible_km2(denominator), "before": done.before, "after": done.after,
                    "merged": done.joined, "moved_km2": moved,
                }
            )  # fmt: skip
    return rows


def _unit_grades(run: Run, made: Made, units: Units) -> pd.DataFrame:
    """Grades of prevention of the units, and which of them are key units (三高一低)."""
    tables = made.tables()
    codes = units.frame.index
    capacity = _surveyed(tables.get("capacity"), codes)
    danger = _surveyed(tables.get("hidden_dangers"), codes)
    risk = units.frame["grade"]
    out = prevention_grades(risk, capacity, danger)
    if capacity is None and danger is None:
        note(Problem("zones.need_unknown", Phrase("units"), severity="info"))
    index = _surveyed(tables.get("hidden_dangers"), codes, "index")
    history = _surveyed(tables.get("history"), codes, "index")
    nothing = pd.Series(np.nan, index=codes)
    flags = three_high_one_low(
        nothing if history is None else history,
        nothing if index is None else index,
        risk.where(risk > 0),
        nothing if capacity is None else capacity.astype(float),
    )
    table = out.join(flags)
    table.insert(0, "level", run.setting.finest)
    table.insert(1, "risk_grade", risk)
    return table


def _surveyed(table: pd.DataFrame | None, codes: pd.Index, column: str = "grade") -> pd.Series[Any] | None:
    """A column of a table of units by code, None where it says nothing of these units."""
    if table is None or "code" not in table or column not in table:
        return None
    rows = table
    if "block" in rows and (rows["block"] == "township").any():
        # Of the blocks that a unit may have, the one of the unit itself.
        rows = rows[rows["block"].isin(["township", "both", "combined"])]
    own = rows[rows["code"].astype(str).isin(codes)].drop_duplicates("code").set_index("code")
    return own[column].reindex(codes) if len(own) else None
