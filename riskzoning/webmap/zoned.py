"""What the page knows of zones: risk regions by tier, prevention zones of all hazards and of each, with measures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import standards
from riskzoning.errors import LANGUAGES
from riskzoning.names import MULTI
from riskzoning.results import StudyResult
from riskzoning.webmap.outlines import thinned

# Degrees, as for the outlines of units; zones of cells have more corners than any screen shows.
_TOLERANCE, _DECIMALS = 0.0005, 5
# A zone belongs to the units that lie in it by half of their area or more.
_HALF = 0.5
_PREVENTION, _REGIONS = (1, 2, 3), (1, 2, 3, 4, 5)
_PALETTE = "risk_5"


def zones_data(result: StudyResult) -> list[dict[str, Any]]:
    """The sets of zones, in the order of the page's list: comprehensive prevention, regions, then each hazard."""
    return [*_prevention(result, whole=True), *_regions(result), *_prevention(result, whole=False)]


def _prevention(result: StudyResult, *, whole: bool) -> Iterator[dict[str, Any]]:
    frame = result.zones.get("zone_prevention")
    if frame is None or frame.empty:
        return
    words = standards.table("names/site").data
    grades = standards.table("zoning/names").data["prevention"]
    for hazard in [MULTI] if whole else [one for one in result.hazards if one != MULTI]:
        own = frame[frame["hazard"] == hazard]
        if own.empty:
            continue
        title = {
            lang: words[lang]["prevention_zones"].format(hazard=standards.names("hazard", hazard, lang))
            for lang in LANGUAGES
        }
        yield {
            "key": f"prevention_{hazard}",
            "title": title,
            "classes": _classes(grades, _PREVENTION),
            **_columns(own),
            "measures": _measures(own["measures"]),
        }


def _regions(result: StudyResult) -> Iterator[dict[str, Any]]:
    frame = result.zones.get("zone_region")
    if frame is None or frame.empty:
        return
    words = standards.table("names/site").data
    grades = standards.table("zoning/names").data["grades"]
    for tier in sorted({int(tier) for tier in frame["tier"]}):
        own = frame[frame["tier"] == tier]
        yield {
            "key": f"regions_{tier}",
            "title": {lang: words[lang]["regions_of_tier"].format(tier=tier) for lang in LANGUAGES},
            "classes": _classes(grades, _REGIONS),
            **_columns(own),
        }


def _classes(names: dict[int, dict[str, str]], grades: tuple[int, ...]) -> list[dict[str, Any]]:
    colours = standards.palette_colours(_PALETTE, len(grades))
    return [
        {"grade": grade, "colour": colour, **{lang: names[grade][lang] for lang in LANGUAGES}}
        for grade, colour in zip(grades, colours, strict=True)
    ]


def _columns(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """The zones by column, with their outlines; neighbours keep the lines that they share."""
    shapes = thinned(frame.to_crs("EPSG:4326").geometry.to_numpy(), _TOLERANCE, _DECIMALS)
    hazards = frame["leading_hazards"] if "leading_hazards" in frame else pd.Series("", index=frame.index)
    people = frame["population"] if "population" in frame else pd.Series(np.nan, index=frame.index)
    return {
        "codes": [str(code) for code in frame["code"]],
        "names": {"zh": [str(name) for name in frame["name"]], "en": [str(name) for name in frame["name_en"]]},
        "grades": [0 if pd.isna(grade) else int(grade) for grade in frame["grade"]],
        "hazards": [[one for one in str(text).split(";") if one] if pd.notna(text) else [] for text in hazards],
        "areas": [float(f"{area:.4g}") for area in frame["area_km2"]],
        "people": [None if pd.isna(count) else round(float(count)) for count in people],
        "shapes": [json.loads(text) for text in shapely.to_geojson(shapes)],
    }


def _measures(texts: pd.Series) -> dict[str, list[str]]:
    """Measures of each zone in both languages: the table has them in the language of the study."""
    names = standards.table("zoning/measures").data["names"]
    known = {entry[lang]: entry for entry in names.values() for lang in LANGUAGES}
    joint = {"zh": "、", "en": ", "}
    parts = [[] if pd.isna(text) else str(text).replace(", ", "、").split("、") for text in texts]
    return {
        lang: [joint[lang].join(known[one][lang] if one in known else one for one in own if one) for own in parts]
        for lang in LANGUAGES
    }


def units_of_zones(result: StudyResult, level: str) -> list[dict[str, int]]:
    """For every unit of a level, by code, the place of its zone in each set of :func:`zones_data` that covers it."""
    units = result.units[level].sort_index()
    places: list[dict[str, int]] = [{} for _ in range(len(units))]
    shapes = units.geometry.to_numpy()
    for entry, frame in _whole_sets(result):
        zones = frame.to_crs(units.crs).geometry.to_numpy()
        tree = shapely.STRtree(zones)
        unit, zone = tree.query(shapes, predicate="intersects")
        shared = shapely.area(shapely.intersection(shapes[unit], zones[zone]))
        for at, number, area in zip(unit, zone, shared, strict=True):
            if area >= _HALF * shapes[at].area:
                places[at][entry] = int(number)
    return places


def _whole_sets(result: StudyResult) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """The sets that cover the whole area, by their keys, in the order of their zones."""
    prevention, regions = result.zones.get("zone_prevention"), result.zones.get("zone_region")
    if prevention is not None and (prevention["hazard"] == MULTI).any():
        yield f"prevention_{MULTI}", prevention[prevention["hazard"] == MULTI]
    if regions is not None:
        for tier in sorted({int(tier) for tier in regions["tier"]}):
            yield f"regions_{tier}", regions[regions["tier"] == tier]
