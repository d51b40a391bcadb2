"""What the page knows of objects and surveys: where the objects lie, capacity, dangers and quality of the units."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning.errors import LANGUAGES
from riskzoning.exposure.kinds import kind_names
from riskzoning.names import MULTI, object_grades
from riskzoning.results import StudyResult
from riskzoning.surveys.titles import form_title

# So many objects a page shows at a time without delay; of more, those of the highest grades.
MOST_OBJECTS = 20_000
# Degrees, as for the outlines of units.
_TOLERANCE, _DECIMALS = 0.0005, 5
_CODES = ("adcode6", "town9")


def objects_data(result: StudyResult) -> dict[str, Any]:
    """The objects by column: kinds, places, grades, units; empty without any."""
    frame = result.zones.get("objects")
    if frame is None or frame.empty:
        return {}
    kept = frame.head(MOST_OBJECTS)
    kinds = sorted(set(kept["kind"]))
    at = {kind: place for place, kind in enumerate(kinds)}
    hazards = [hazard for hazard in (*result.hazards, MULTI) if object_grades(hazard)[0] in kept]
    middles = kept.geometry.representative_point().to_crs("EPSG:4326")
    return {
        "all": len(frame),
        "kinds": [kind_names(kind) for kind in kinds],
        "kind": [at[kind] for kind in kept["kind"]],
        "name": [str(name) for name in kept["name"]],
        "people": [int(round(float(people))) for people in kept["people"]],
        "size": [float(f"{size:.4g}") for size in _sizes(kept)],
        "x": [round(float(x), _DECIMALS) for x in middles.x],
        "y": [round(float(y), _DECIMALS) for y in middles.y],
        # One digit an object: a row of text is a tenth of a list of numbers.
        "grades": {hazard: _digits(kept[object_grades(hazard)[0]]) for hazard in hazards},
        "highest": _digits(kept["max_grade"]),
        "units": _units(kept),
        "shapes": dict(_shapes(kept)),
    }


def _sizes(frame: gpd.GeoDataFrame) -> pd.Series[float]:
    """Length in km of lines, area in km2 of areas, 0 of points."""
    return frame["length_km"].where(frame["length_km"] > 0, frame["area_km2"])


def _digits(grades: pd.Series[int]) -> str:
    return "".join(str(int(grade)) for grade in grades.fillna(0))


def _units(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """Codes of the units, each once, and for every object the places of its own in that list; -1 without one."""
    codes = sorted({code for column in _CODES for code in frame[column]} - {""})
    place = {code: at for at, code in enumerate(codes)}
    return {"codes": codes, "of": [[place.get(code, -1) for code in frame[column]] for column in _CODES]}


def _shapes(frame: gpd.GeoDataFrame) -> Iterator[tuple[str, Any]]:
    """Lines and areas as GeoJSON by the number of their object, thinned for the screen."""
    drawn = np.flatnonzero(frame.geom_type.str.removeprefix("Multi") != "Point")
    shapes = frame.geometry.iloc[drawn].to_crs("EPSG:4326").to_numpy()
    thin = shapely.transform(shapely.simplify(shapes, _TOLERANCE), lambda xy: np.round(xy, _DECIMALS))
    for at, text in zip(drawn, shapely.to_geojson(thin), strict=True):
        yield str(at), json.loads(text)


def surveyed_units(result: StudyResult, level: str, codes: Sequence[str]) -> dict[str, Any]:
    """What surveys say of the units of a level, in their order: capacity, hidden dangers, quality of the forms."""
    parts: dict[str, Sequence[object]] = {
        "capacity": _capacity(result, level, codes),
        "dangers": _rows(result.tables.get("hidden_dangers"), level, codes, _DANGERS),
        "quality": _quality(result, codes),
    }
    return {key: part for key, part in parts.items() if any(part)}


_DANGERS = ("grade", "dangers", "major", "people", "unresolved", "overdue")


def _rows(
    table: pd.DataFrame | None, level: str, codes: Sequence[str], columns: Sequence[str]
) -> list[dict[str, Any] | None]:
    """The row of each unit as a mapping; None where the table has none."""
    if table is None or not {"code", "level"} <= set(table.columns):
        return [None] * len(codes)
    own = table[table["level"] == level]
    rows = own.assign(code=own["code"].astype(str)).drop_duplicates("code").set_index("code")
    rows = rows[[column for column in columns if column in rows]]
    return [_plain(rows.loc[code].to_dict()) if code in rows.index else None for code in codes]


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Values as JSON has them; a missing number is null."""
    return {str(key): None if pd.isna(value) else _rounded(value) for key, value in row.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, str | bool):
        return value
    number = float(value)
    return int(number) if number == int(number) else float(f"{number:.4g}")


def _capacity(result: StudyResult, level: str, codes: Sequence[str]) -> list[dict[str, Any] | None]:
    """Index and grade of each block of a unit."""
    table = result.tables.get("capacity")
    if table is None or not {"code", "level", "block", "grade", "index"} <= set(table.columns):
        return [None] * len(codes)
    own = table[table["level"] == level]
    blocks = {str(block): _rows(part, level, codes, ("grade", "index")) for block, part in own.groupby("block")}
    units = [{block: rows[at] for block, rows in blocks.items() if rows[at] is not None} for at in range(len(codes))]
    return [unit or None for unit in units]


def _quality(result: StudyResult, codes: Sequence[str]) -> list[list[dict[str, Any]]]:
    """Score of each form of a unit, the worst first; the row without a code is that of the whole study area."""
    table = result.tables.get("survey_quality")
    if table is None or not {"form", "code", "score", "rows", "errors"} <= set(table.columns):
        return [[] for _ in codes]
    known = table.assign(code=table["code"].fillna("").astype(str).replace("", result.code))
    known = known.sort_values(["score", "form"], kind="stable")
    rows = {
        str(code): [_plain(row) for row in part[["form", "score", "rows", "errors"]].to_dict("records")]
        for code, part in known.groupby("code")
    }
    return [rows.get(code, []) for code in codes]


def form_names(result: StudyResult) -> dict[str, dict[str, str]]:
    """What the forms of the study are called, by their key."""
    table = result.tables.get("survey_quality")
    known = [] if table is None or "form" not in table else sorted(set(table["form"]))
    return {name: {lang: form_title(name, lang) for lang in LANGUAGES} for name in known}
