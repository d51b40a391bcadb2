"""What the page knows: units of each level, their values, palettes and words, as plain JSON-ready values."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import standards
from riskzoning.codes import unit_names
from riskzoning.errors import LANGUAGES
from riskzoning.exposure import RECEPTORS
from riskzoning.maps.intervals import intervals
from riskzoning.maps.labels import middles
from riskzoning.maps.ranks import ranks_of
from riskzoning.maps.remarks import legend_notes
from riskzoning.names import LEADING, Index, Measure
from riskzoning.results import StudyResult
from riskzoning.webmap.flash import flash_data
from riskzoning.webmap.front import front_data
from riskzoning.webmap.outlines import thinned
from riskzoning.webmap.surveyed import form_names, objects_data, surveyed_units
from riskzoning.webmap.ungraded import reasons_of, ungraded_units
from riskzoning.webmap.villages import villages_data
from riskzoning.webmap.works import works_data
from riskzoning.webmap.zoned import units_of_zones, zones_data

# Degrees; about 50 m, which is less than a pixel at the closest zoom that the page offers for a city.
_TOLERANCE = 0.0005
_DECIMALS = 5
# A unit may differ by this share of its area from its children together.
_MOST_OFF = 0.02
_BY_GRADE = "exposure_by_grade"
_EXPOSED = tuple(count.name for spec in RECEPTORS.values() for count in spec.counts)


def simplified(units: gpd.GeoDataFrame, tolerance: float = _TOLERANCE) -> gpd.GeoSeries:
    """Outlines in degrees for the screen; shared borders stay shared, so that no gaps open between neighbours."""
    frame = units.to_crs("EPSG:4326")
    return gpd.GeoSeries(thinned(frame.geometry.to_numpy(), tolerance, _DECIMALS), index=frame.index)


def page_data(result: StudyResult) -> dict[str, Any]:
    """Everything that the page shows, ready for JSON; NaN becomes null.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> data = page_data(toy_result())
    >>> sorted(data)[:4]
    ['boundaries', 'capacity_grades', 'code', 'date']
    """
    # Pictures of rasters are added where files are written.
    return {
        "rasters": [],
        "code": result.code,
        "name": dict(result.name),
        "language": result.language,
        "date": result.data_date,
        "boundaries": result.boundary_source,
        "review": result.review_number,
        "hazards": _hazards(result),
        "receptors": {key: _both("receptor", key) for key in result.receptors},
        "exposed": _exposed(result),
        "levels": {level: _level(result, level, shapes) for level, shapes in _outlines(result).items()},
        "level_names": {level: {lang: result.level_name(level, lang) for lang in LANGUAGES} for level in result.levels},
        # Keys of JSON are sorted; the order of the levels is not that of the alphabet.
        "level_order": list(result.levels),
        "ranks": ranks_of(result.levels),
        "no_data": standards.table("palettes/grades").data["no_data"],
        "none": standards.table("palettes/grades").data["none"],
        "quantities": _quantities(result),
        "words": _words(result),
        "objects": objects_data(result),
        "zones": zones_data(result),
        "villages": villages_data(result),
        "works": works_data(result),
        "flash": flash_data(result),
        "front": front_data(result),
        "capacity_grades": {0: None} | standards.table("grades/schemes").data["capacity_5"]["names"],
        "forms": form_names(result),
        "reasons": reasons_of(result),
    }


def _words(result: StudyResult) -> dict[str, dict[str, str]]:
    """The words of the page; its switch of names is called after the level that they are of."""
    words: dict[str, dict[str, str]] = {lang: dict(standards.table("names/site").data[lang]) for lang in LANGUAGES}
    named = next((level for level, rank in ranks_of(result.levels).items() if rank == "county"), None)
    if named in result.level_names:
        for lang in LANGUAGES:
            words[lang]["labels"] = words[lang]["labels_of"].format(level=result.level_name(str(named), lang))
    return words


def _both(kind: str, key: str) -> dict[str, str]:
    return {lang: standards.names(kind, key, lang) for lang in LANGUAGES}


def _hazards(result: StudyResult) -> list[dict[str, Any]]:
    """The hazards that have grades, each with its indicators: the risk, the hazard, then the risk of each receptor."""
    columns = {str(column) for frame in result.units.values() for column in frame.columns}
    entries = []
    for hazard, indices in result.indices_by_hazard().items():
        graded = [index for index in indices if index.grade_key in columns]
        if graded:
            title = {lang: graded[0].hazard_title(lang) for lang in LANGUAGES}
            ordered = sorted(graded, key=lambda index: (index.receptor is not None, index.what == "hazard"))
            entries.append(
                {
                    "key": hazard,
                    "title": title,
                    "indicators": [_indicator(result, one) for one in ordered],
                    "loss_column": Measure("eal", hazard).key,
                }
            )
    return entries


def _indicator(result: StudyResult, index: Index) -> dict[str, Any]:
    names = standards.table("grades/schemes").data[index.scheme]["names"]
    colours = standards.palette_colours(index.palette, index.classes, zero=index.has_none)
    texts = _intervals(result, index)
    classes = [
        {"grade": g, "colour": colours[g - 1], "interval": texts[g - 1], **names[g]}
        for g in range(1, index.classes + 1)
    ]
    title = {lang: index.grade_title(lang) for lang in LANGUAGES}
    columns = {"index_column": index.key, "grade_column": index.grade_key}
    notes = {lang: legend_notes(result, index, lang) for lang in LANGUAGES}
    return {"key": index.stem, "title": title, "classes": classes, "zero": index.has_none, "notes": notes, **columns}


def _intervals(result: StudyResult, index: Index) -> list[str]:
    cut = result.breaks.get(index)
    breaks = None if cut is None or cut.units.by_share else cut.units.bounds or None
    return intervals(breaks, index.classes, "right" if cut is None else cut.units.closed)


def _exposed(result: StudyResult) -> list[dict[str, str]]:
    present = [name for name in _EXPOSED if any(name in frame.columns for frame in result.units.values())]
    return [{"key": name, **_both("exposed", name)} for name in present]


def _outlines(result: StudyResult) -> dict[str, gpd.GeoSeries]:
    """Outlines by level; a coarser one is put together from the finer, so that borders lie on the same lines."""
    outlines: dict[str, gpd.GeoSeries] = {}
    finer: str | None = None
    for level in reversed(result.levels):
        frame = result.units[level]
        joined = None if finer is None else _joined(outlines[finer], result.units[finer]["parent"], frame)
        outlines[level] = simplified(frame) if joined is None else joined
        finer = level
    return {level: outlines[level] for level in result.levels}


def _joined(shapes: gpd.GeoSeries, parents: pd.Series, frame: gpd.GeoDataFrame) -> gpd.GeoSeries | None:
    """Children of each unit dissolved; None where they do not cover their parents."""
    made = {}
    for code, part in shapes.groupby(parents.reindex(shapes.index).astype(str)):
        made[str(code)] = shapely.coverage_union_all(part.to_numpy())
    codes = [str(code) for code in frame.index]
    if set(codes) != set(made):
        return None
    out = gpd.GeoSeries([made[code] for code in codes], index=frame.index, crs="EPSG:4326")
    own = frame.geometry.to_crs("EPSG:4326").to_numpy()
    off = shapely.area(shapely.symmetric_difference(out.to_numpy(), own)) / shapely.area(own)
    return out if bool((off < _MOST_OFF).all()) else None


def _quantities(result: StudyResult) -> list[dict[str, str]]:
    """What the table by grade counts, with names: the area, then what is exposed."""
    table = result.tables.get(_BY_GRADE)
    counted = [] if table is None else list(dict.fromkeys(table["quantity"]))
    return [{"key": name, **_both("exposed", name)} for name in counted]


def _by_grade(result: StudyResult, level: str, codes: pd.Index[str]) -> dict[str, dict[str, list[list[float]]]]:
    """What lies in each class: hazard, quantity, then a row for each unit, from grade 0 (no data) on."""
    table = result.tables.get(_BY_GRADE)
    if table is None or table.empty:
        return {}
    own = table[table["level"] == level] if "level" in table.columns else table
    own = own.assign(code=own["code"].astype(str))
    sums = own.groupby(["hazard", "quantity", "code", "grade"], sort=False)["value"].sum().reset_index()
    sums["row"] = pd.Index([str(code) for code in codes]).get_indexer(pd.Index(sums["code"]))
    out: dict[str, dict[str, list[list[float]]]] = {}
    for (hazard, quantity), part in sums.groupby(["hazard", "quantity"], sort=False):
        grades, column = np.unique(part["grade"].to_numpy(), return_inverse=True)
        row, values = part["row"].to_numpy(), part["value"].to_numpy(dtype=np.float64)
        wide = np.zeros((len(codes), len(grades)))
        wide[row[row >= 0], column[row >= 0]] = values[row >= 0]
        rows = [[float(f"{value:.4g}") for value in row] for row in wide]
        out.setdefault(str(hazard), {})[str(quantity)] = rows
    return out


def _leading(frame: gpd.GeoDataFrame) -> list[list[str]]:
    """Keys of the leading hazards of each unit."""
    if LEADING not in frame.columns:
        return []
    return [[key for key in str(value).split(";") if key] if pd.notna(value) else [] for value in frame[LEADING]]


def _level(result: StudyResult, level: str, shapes: gpd.GeoSeries) -> dict[str, Any]:
    frame = result.units[level].sort_index()
    shapes = shapes.reindex(frame.index)
    outlines = json.loads(shapes.to_json())
    middle = middles(gpd.GeoDataFrame(geometry=shapes.to_numpy()))
    west, _, east, _ = frame.to_crs("EPSG:4326").total_bounds
    # Equal areas around the middle, so that no unit is torn at 180 degrees.
    areas = frame.geometry.to_crs(f"+proj=cea +lat_ts=30 +lon_0={(west + east) / 2} +datum=WGS84 +units=m").area / 1e6
    features = [
        {"type": "Feature", "id": code, "properties": {}, "geometry": feature["geometry"]}
        for code, feature in zip(frame.index, outlines["features"], strict=True)
    ]
    numbers = {
        str(column): _plain(frame[column])
        for column in frame.columns
        if column != frame.geometry.name and pd.api.types.is_numeric_dtype(frame[column])
    }
    parents = ["" if pd.isna(value) else str(value) for value in frame["parent"]]
    return {
        "codes": [str(code) for code in frame.index],
        "names": list(unit_names(frame)),
        "parents": parents,
        "middles": [[round(float(y), 4), round(float(x), 4)] for x, y in np.nan_to_num(middle)],
        "areas": [float(f"{area:.5g}") for area in areas],
        "values": numbers,
        "leading": _leading(frame),
        "by_grade": _by_grade(result, level, frame.index),
        "features": features,
        **surveyed_units(result, level, [str(code) for code in frame.index]),
        **ungraded_units(result, level, [str(code) for code in frame.index]),
        **({"unsure": unsure} if (unsure := _unsure(result, level, frame.index)) else {}),
        **({"zones": places} if any(places := units_of_zones(result, level)) else {}),
    }


def _unsure(result: StudyResult, level: str, codes: pd.Index[str]) -> list[int]:
    """Places of the units whose composite grade is unsure."""
    unsure = set(result.unsure_units(level))
    return [at for at, code in enumerate(codes) if str(code) in unsure]


def _plain(column: pd.Series) -> list[Any]:
    whole = pd.api.types.is_integer_dtype(column)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    return [None if not np.isfinite(v) else int(v) if whole else float(f"{v:.6g}") for v in values]
