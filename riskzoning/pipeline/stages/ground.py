"""What zones are made of: units with their risks and landforms, the legible size, own ground of hazards, land cover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.codes import unit_names
from riskzoning.coverage import zonal_statistics
from riskzoning.errors import Phrase, Problem, RiskZoningError, note
from riskzoning.grid import align, analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.layers import describe
from riskzoning.maps.frame import Frame
from riskzoning.maps.surroundings import SIZES, WINDOW
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.state import Graded, Run
from riskzoning.pipeline.workspace.resume import frames_once
from riskzoning.zoning.landforms import group_words, landform, landform_classes
from riskzoning.zoning.own_ground import OwnGround, Reaches, own_ground, own_rules, reach_rule, reaches_of
from riskzoning.zoning.patches import legible_km2
from riskzoning.zoning.risk_regions import Units

_SIZE = "A3"


def legible(run: Run) -> tuple[float, float]:
    """Denominator of the printed sheet, and the smallest patch that it shows, km2."""
    setting, maps = run.setting, run.setting.study.outputs.maps
    width, height = SIZES[maps.size if maps else _SIZE]
    bounds = setting.units.to_crs(str(setting.grid.crs)).total_bounds
    frame = Frame.around(bounds, width=WINDOW[2] * width * 25.4, height=WINDOW[3] * height * 25.4)
    return frame.denominator, legible_km2(frame.denominator)


def ground_units(run: Run, graded: Graded) -> Units:
    """The finest published units with what regions and zones are made of."""
    setting, study = run.setting, run.setting.study
    level = next(name for name in setting.levels if name in graded.units)
    frame = graded.units[level].sort_index()
    index = next((one for one in (Index(MULTI, "risk"), Index(MULTI, "hazard")) if one.key in frame), None)
    if index is None:
        index = sorted(graded.indices, key=lambda one: (one.what != "risk", one.receptor is not None))[0]
    areas = pd.Series(setting.coverage.areas / 1e6, index=setting.units.index)
    above = _above(graded, frame)
    columns: dict[str, Any] = {
        "name": unit_names(frame).to_numpy(),
        "above": above,
        "area_km2": areas.reindex(frame.index).to_numpy(),
        "population": frame["population"].fillna(0.0).to_numpy() if "population" in frame else 0.0,
        "index": frame[index.key].to_numpy(dtype=np.float64) if index.key in frame else np.nan,
        "grade": frame[index.grade_key].fillna(0).astype("int64").to_numpy(),
    }
    out = gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), index=frame.index, crs=frame.crs)
    landforms, words = _landforms(run, out)
    out["landform"], out["group"] = landforms["landform"], landforms["group"]
    breaks = graded.breaks.get(index)
    bounds = () if breaks is None or breaks.units.by_share else breaks.units.bounds
    return Units(
        frame=out,
        parts=_parts(graded, frame),
        city=study.code,
        metric=str(setting.grid.crs),
        bounds=tuple(bounds),
        closed="right" if breaks is None else breaks.units.closed,
        level_word=_level_word(run, level),
        landform_words=words,
        villages=villages(run),
    )


def villages(run: Run) -> gpd.GeoDataFrame | None:
    """Villages that have a name, as points: the units of that level, else the input of that name."""
    setting, rule = run.setting, standards.table("zoning/names").data["villages"]
    if len(setting.villages):
        frame = setting.units.loc[setting.villages]
    else:
        entry = next((name for name in rule["inputs"] if name in setting.study.inputs), None)
        if entry is None:
            return None
        try:
            frame = run.catalogue.vector(entry)
        except RiskZoningError:
            return None  # a raster under that name
    column = next((name for name in rule["columns"] if name in frame.columns), None)
    if column is None:
        return None
    own = frame[~(frame.geometry.is_empty | frame.geometry.isna())]
    names = own[column].astype("string").fillna("").str.strip()
    spots = own.geometry.to_crs(str(setting.grid.crs)).representative_point()
    return gpd.GeoDataFrame({"name": names}, geometry=spots)[(names != "").to_numpy()]


def _above(graded: Graded, frame: gpd.GeoDataFrame) -> NDArray[Any]:
    """The name of the unit above, where there are several of them."""
    for units in graded.units.values():
        names = unit_names(units).reindex(frame["parent"])
        if names.notna().all() and len(set(names)) > 1:
            return names.to_numpy()
    return np.full(len(frame), "", dtype=object)


def _level_word(run: Run, level: str) -> dict[str, str]:
    own = run.setting.study.admin.level_names.get(level)
    out = {}
    for lang in ("zh", "en"):
        word = own[lang] if own else standards.names("level", level, lang)
        plural = word.lower()
        plural = f"{plural[:-1]}ies" if plural.endswith("y") and plural[-2:-1] not in "aeiou" else f"{plural}s"
        out[lang] = word.removesuffix("级") if lang == "zh" else plural
    return out


def _parts(graded: Graded, frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Weighted risk index of each hazard in each unit; of the hazard where nothing is exposed."""
    weights = graded.tables["weights"].set_index("hazard")["weight"]
    out = {}
    for hazard, weight in weights.items():
        own = (Index(str(hazard), "risk").key, Index(str(hazard), "hazard").key)
        key = next((name for name in own if name in frame and frame[name].notna().any()), None)
        if key is not None:
            out[str(hazard)] = float(weight) * frame[key].astype(float).fillna(0.0)
    return pd.DataFrame(out, index=frame.index)


def _landforms(run: Run, frame: gpd.GeoDataFrame) -> tuple[pd.DataFrame, dict[str, Mapping[str, str]]]:
    """Landform and its group for each unit, and what they are called."""
    given = run.setting.study.zoning.landforms
    words: dict[str, Mapping[str, str]] = {key: {"zh": own.zh, "en": own.en} for key, own in given.names.items()}
    if given.input is not None and given.column is not None:
        names = _of_polygons(run.catalogue.vector(given.input), given.column, frame)
        return pd.DataFrame({"landform": names, "group": names}, index=frame.index), words
    entry = next((name for name, item in run.setting.study.inputs.items() if item.quantity == "elevation"), None)
    if entry is None:
        return pd.DataFrame({"landform": "", "group": ""}, index=frame.index), words
    kept = frames_once(run, "landforms", lambda: ({"number": _of_elevation(run, entry, frame)}, {}))
    number = kept["number"]["number"].reindex(frame.index).fillna(0).to_numpy(np.int64)
    rows = [landform(int(at)) if at > 0 else None for at in number]
    table = pd.DataFrame(
        {"landform": ["" if row is None else str(row["key"]) for row in rows],
         "group": ["" if row is None else str(row["group"]) for row in rows]},
        index=frame.index,
    )  # fmt: skip
    for row in rows:
        if row is not None:
            own = {lang: str(row[lang]) for lang in ("zh", "en")}
            words.setdefault(str(row["group"]), group_words(str(row["group"])))
            # A place that names its mountains names the low and the middle ones as well.
            words.setdefault(str(row["key"]), words[str(row["group"])] if str(row["group"]) in given.names else own)
    return table, words


def _of_elevation(run: Run, entry: str, frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """The number of the landform that most of each unit has (``number``), 0 without elevation."""
    grid = run.setting.grid
    cell = max(float(standards.table("zoning/landforms").data["cell_m"]), abs(grid.affine.a))
    coarse = analysis_grid(tuple(grid.boundingbox), crs=str(grid.crs), resolution=cell)
    elevation = align(run.catalogue.layer(entry, "elevation"), coarse, quantity="elevation").compute()
    classes = landform_classes(elevation)
    known = classes.where(classes > 0)
    most = zonal_statistics(describe(known, quantity="landform", like=classes), frame, ["majority"])
    number = np.nan_to_num(most["majority"].to_numpy(dtype=np.float64)).astype(np.int64)
    return pd.DataFrame({"number": number}, index=frame.index)


def _of_polygons(polygons: gpd.GeoDataFrame, column: str, frame: gpd.GeoDataFrame) -> list[str]:
    """The class of most of the ground of each unit."""
    shapes = polygons.to_crs(frame.crs)
    units, grounds = frame.geometry.to_numpy(), shapely.make_valid(shapes.geometry.to_numpy())
    unit, polygon = shapely.STRtree(grounds).query(units, predicate="intersects")
    held = shapely.area(shapely.intersection(units[unit], grounds[polygon]))
    names = shapes[column].astype("string").fillna("").to_numpy()[polygon]
    table = pd.DataFrame({"unit": unit, "name": names, "area": held}).groupby(["unit", "name"])["area"].sum()
    best = table.reset_index().sort_values(["unit", "area", "name"], ascending=[True, False, True])
    first = best.drop_duplicates("unit").set_index("unit")["name"]
    return [str(name) for name in first.reindex(range(len(frame))).fillna("")]


def own_grounds(run: Run, hazard: str, units: Units, acts: Mapping[int, shapely.Geometry]) -> list[OwnGround]:
    """The ground of a hazard with a grade of its own, from the inputs that the study gives."""
    made: list[OwnGround] = []
    for rule in own_rules(hazard):
        if str(rule["input"]) not in [spec.key for spec in HAZARDS[hazard].inputs]:
            continue
        features = _features(run, hazard, str(rule["input"]))
        if features is None:
            continue
        grounds = own_ground(rule, features, units.metric, str(units.frame.crs), acts)
        made += grounds
        if any(ground.grade == 0 for ground in grounds):
            thing = Phrase("hazard", name=hazard)
            note(Problem("zones.to_check", thing, severity="info", what=str(rule[run.setting.study.language])))
    return made


def _features(run: Run, hazard: str, key: str) -> gpd.GeoDataFrame | None:
    """The features of an input of a hazard; None without one, or where it has no geometry of its own."""
    item = next((item for item in run.setting.study.hazards if item.hazard == hazard), None)
    names = item.inputs.get(key, ()) if item is not None else ()
    if not names:
        return None
    try:
        return gpd.GeoDataFrame(pd.concat([run.catalogue.vector(name) for name in names]))
    except RiskZoningError:
        return None  # a raster under that key


def reaches(run: Run, hazard: str, units: Units) -> Reaches | None:
    """The rivers along which zones of a hazard are joined: those of the hazard, else those that maps draw."""
    rule = reach_rule(hazard)
    if rule is None:
        return None
    study = run.setting.study
    for key in rule["inputs"]:
        own = _features(run, hazard, key)
        if own is None and key in study.inputs:
            try:
                own = run.catalogue.vector(key)
            except RiskZoningError:
                own = None
        if own is not None:
            return reaches_of(rule, own, units.metric)
    return None


def space_layers(run: Run) -> dict[str, xr.DataArray]:
    """Ground of each cell that is urban, agricultural, ecological, km2, from the land cover; nothing without one."""
    entry = next((name for name, item in run.setting.study.inputs.items() if item.quantity == "landcover"), None)
    if entry is None:
        return {}
    grid = run.setting.grid
    cover = align(run.catalogue.layer(entry, "landcover"), grid, quantity="landcover").compute()
    table: Mapping[Any, str] = standards.table("zoning/measures").data["landcover"]
    cell = float(abs(grid.affine.a * grid.affine.e)) / 1e6
    out = {}
    for space in sorted(set(table.values())):
        codes = [int(code) for code, name in table.items() if name == space]
        held = np.isin(cover.values, codes).astype(np.float32) * cell
        out[space] = describe(cover.copy(data=held), quantity="mask", like=cover).rename(space)
    return out
