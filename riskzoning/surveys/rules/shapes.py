"""Rules of layers of lines and areas: sound, not empty, without slivers, not over each other, in their county."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from riskzoning.surveys.context import Context
from riskzoning.surveys.findings import Findings
from riskzoning.surveys.reading import EXCHANGE
from riskzoning.surveys.records import Records

Shapes = NDArray[np.object_]
# Metres of a degree of latitude (GRS80, mean).
_DEGREE = 111_195.0
_FIELD = "geometry"


def check_shapes(records: Records, context: Context, findings: Findings) -> None:
    """Q06: the geometry of each row of a layer, and the CRS that the layer states; Q05: it lies in its county."""
    _check_crs(records, findings)
    shapes = records.shapes
    if shapes is None:
        return
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    findings.add("Q06.empty", ~there, field=_FIELD)
    sound = there & shapely.is_valid(shapes)
    broken = np.flatnonzero(there & ~sound)
    reasons = np.array([shapely.is_valid_reason(shapes[at]) for at in broken], dtype=object)
    findings.add("Q06.invalid", broken, field=_FIELD, reason=reasons)
    rows = np.flatnonzero(sound)
    if not rows.size:
        return
    metric = _metric(shapes[rows])
    _check_slivers(rows, metric, context, findings)
    _check_overlaps(rows, metric, records, context, findings)
    _check_county(rows, shapes, records, context, findings)


def _check_crs(records: Records, findings: Findings) -> None:
    places = records.places
    for (file, sheet), crs in records.crs.items():
        if crs == EXCHANGE:
            continue
        here = (places.file == places.files.index(file)) & (places.sheet == places.sheets.index(sheet))
        first = int(np.flatnonzero(here)[0]) if here.any() else -1
        if not crs:
            findings.about_all("Q06.no_crs", field=_FIELD, like=first, wanted=EXCHANGE)
        else:
            shown = crs if len(crs) < 40 else crs[:40]
            findings.about_all("Q06.crs", severity="warning", field=_FIELD, like=first, crs=shown, wanted=EXCHANGE)


def _metric(shapes: Shapes) -> Shapes:
    """Shapes in local metres: good for small areas, wherever they lie."""
    box = shapely.total_bounds(shapes)
    scale = np.array([_DEGREE * np.cos(np.radians((box[1] + box[3]) / 2)), _DEGREE])
    return np.asarray(shapely.transform(shapes, lambda points: points * scale))


def _check_slivers(rows: NDArray[np.intp], metric: Shapes, context: Context, findings: Findings) -> None:
    """Areas, or parts of them, smaller than a square metre; lines without a length."""
    least = float(context.limits["sliver_m2"])
    areas = np.isin(shapely.get_type_id(metric), (3, 6))
    parts, owner = shapely.get_parts(metric[areas], return_index=True)
    sizes = np.full(int(areas.sum()), np.inf)
    np.minimum.at(sizes, owner, shapely.area(parts))
    small = np.flatnonzero(sizes < least)
    findings.add("Q06.sliver", rows[areas][small], field=_FIELD, area=sizes[small], least=least)
    lines = np.isin(shapely.get_type_id(metric), (1, 5)) & (shapely.length(metric) == 0)
    findings.add("Q06.short", rows[lines], field=_FIELD)


def _check_overlaps(
    rows: NDArray[np.intp], metric: Shapes, records: Records, context: Context, findings: Findings
) -> None:
    """Areas that lie over each other, and lines that are there twice; each told at the later row."""
    tree = shapely.STRtree(metric)
    first, second = tree.query(metric, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    if not first.size:
        return
    kinds = shapely.get_type_id(metric)
    areas = np.isin(kinds, (3, 6))
    both = areas[first] & areas[second]
    shared = np.zeros(first.size)
    shared[both] = shapely.area(shapely.intersection(metric[first[both]], metric[second[both]]))
    same = ~both & shapely.equals(metric[first], metric[second])
    over = np.flatnonzero((shared > float(context.limits["sliver_m2"])) | same)
    if not over.size:
        return
    # Of several that a row lies over the one that it shares most with.
    best: dict[int, int] = {}
    for at in over[np.argsort(shared[over], kind="stable")].tolist():
        best[int(second[at])] = at
    chosen = np.array(sorted(best.values(), key=lambda at: int(second[at])))
    partner = rows[first[chosen]]
    values: dict[str, Any] = {"other": records.places.row[partner], "area": np.round(shared[chosen])}
    also = [records.places.text(int(at)) for at in partner]
    twice = shared[chosen] == 0
    for rule, mask in (("Q06.overlap", ~twice), ("Q06.twice", twice)):
        named = [text for text, yes in zip(also, mask, strict=True) if yes]
        chosen_values = {name: value[mask] for name, value in values.items()}
        findings.add(rule, rows[second[chosen[mask]]], field=_FIELD, also=named, **chosen_values)


def _check_county(
    rows: NDArray[np.intp], shapes: Shapes, records: Records, context: Context, findings: Findings
) -> None:
    """A line or an area reaches into the county that its row names."""
    if context.units is None or not records.has("adcode6"):
        return
    counties = context.units[context.units["level"] == "county"].to_crs(EXCHANGE)
    known = dict(zip(counties.index, counties.geometry, strict=True))
    names = counties["name"].to_dict()
    stated = context.county(records)[rows]
    reach = float(context.limits["border_m"]) / _DEGREE
    away = np.zeros(rows.size, dtype=bool)
    for code in {str(name) for name in stated} & set(known):
        here = stated == code
        away[here] = shapely.distance(known[code], shapes[rows[here]]) > reach
    wanted = np.array([f"{names[code]} ({code})" for code in stated[away]], dtype=object)
    findings.add("Q05.shape", rows[away], field=_FIELD, wanted=wanted)
