"""Strips along active faults (发震断裂避让) under the conditions of the standard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import numerals, standards
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, note
from riskzoning.hazards.earthquake.source import check_coordinates
from riskzoning.layers.plausible import takes

Category: TypeAlias = Literal["甲", "乙", "丙", "丁"]
_TABLE = "hazards/earthquake_faults"


@takes()
def avoidance_strips(
    faults: gpd.GeoDataFrame, *, intensity: int | gpd.GeoDataFrame, category: Category = "丙"
) -> gpd.GeoDataFrame:
    """Strips to be kept free along faults, for buildings of a category.

    Parameters
    ----------
    faults : GeoDataFrame
        Lines. Read where they are there: the age of the last movement (``age``, 最晚活动时代: 全新世, Q4, Q3 ...), the
        soil over the fault (``cover_m``, 覆盖层厚度, m; 0 where it reaches the surface) and ``name``. Faults without
        name or age are taken.
    intensity : int or GeoDataFrame
        Basic intensity (基本烈度) 5..12 everywhere, or polygons with a column ``intensity`` (:func:`county_pga`); a
        strip ends where its intensity does.
    category : {"甲", "乙", "丙", "丁"}
        Category of protection (抗震设防类别) of the buildings.

    Returns
    -------
    GeoDataFrame
        ``fault`` (label of the row), ``name``, ``intensity``, ``width_m`` (to each side), ``status``: ``binding``,
        ``to_check`` where age or cover is not known, ``own_study`` for 甲 (of the width of 乙); CRS of the faults.
        Empty below VIII, for 丁, and for faults that did not move in the Holocene.

    Raises
    ------
    LayerError
        No lines, a category or an intensity that is none.
    MissingCRSError
        Faults or zones have no CRS.

    References
    ----------
    GB 50011-2010 (2016), 4.1.7.

    Examples
    --------
    >>> from shapely import LineString
    >>> faults = gpd.GeoDataFrame(
    ...     {"name": ["F1", "F2"], "age": ["全新世", "Q2"], "cover_m": [30.0, 0.0]},
    ...     geometry=[LineString([(0, 0), (5000, 0)]), LineString([(0, 9000), (5000, 9000)])],
    ...     crs="EPSG:4547",
    ... )
    >>> avoidance_strips(faults, intensity=8)[["name", "width_m", "status"]].values.tolist()
    [['F1', 100.0, 'binding']]
    >>> len(avoidance_strips(faults, intensity=7))
    0
    """
    rules = standards.table(_TABLE).data
    _check_faults(faults, category, rules)
    metres = faults.to_crs(faults.estimate_utm_crs()) if faults.crs.is_geographic else faults
    drawn = (metres.geometry.length > 0).to_numpy()
    if not drawn.all():
        short = (np.flatnonzero(~drawn) + 1).tolist()
        note(Problem("earthquake.fault_points", Phrase("faults"), severity="warning", rows=short))
    ages, covers = _ages(faults, rules), _covers(faults, rules)
    names = _first_of(faults, rules["columns"]["name"])
    rows, geometry = [], []
    for degree, place in _places(intensity, metres.crs):
        width = _width(degree, category, rules)
        if width is None:
            continue
        strips = metres.geometry.buffer(width)
        strips = strips if place is None else strips.intersection(place)
        for i, strip in enumerate(strips):
            if not drawn[i]:
                continue
            status = _status(ages[i], covers[i], float(rules["cover"][min(degree, 9)]), category, rules)
            if status and strip is not None and not strip.is_empty:
                rows.append((faults.index[i], names[i], degree, width, status))
                geometry.append(strip)
    columns = ["fault", "name", "intensity", "width_m", "status"]
    frame = pd.DataFrame(rows, columns=columns)
    open_rows = int((frame["status"] == "to_check").sum())
    if open_rows:
        thing = Phrase("faults")
        note(Problem("earthquake.faults_open", thing, severity="warning", count=open_rows, total=len(faults)))
    strips = gpd.GeoDataFrame(frame, geometry=geometry, crs=metres.crs)
    return strips if metres is faults else strips.to_crs(faults.crs)


def _check_faults(faults: gpd.GeoDataFrame, category: str, rules: dict[str, Any]) -> None:
    known = [*rules["own_study"], *rules["widths"][8], *rules["none"]]
    if category not in known:
        thing = Phrase("argument", name="category")
        raise LayerError(Problem("earthquake.choice", thing, value=str(category), known=known))
    if faults.crs is None:
        raise MissingCRSError(Problem("layer.crs", Phrase("faults")))
    kinds = set(faults.geometry.dropna().geom_type) - {"LineString", "MultiLineString"}
    if kinds or faults.empty:
        raise LayerError(Problem("earthquake.fault_lines", Phrase("faults"), kinds=sorted(kinds), count=len(faults)))
    check_coordinates(faults, Phrase("faults"))


def _places(intensity: int | gpd.GeoDataFrame, crs: Any) -> Iterator[tuple[int, Any]]:
    """Degree of intensity, and where it holds (None: everywhere)."""
    if isinstance(intensity, gpd.GeoDataFrame):
        if intensity.crs is None:
            raise MissingCRSError(Problem("layer.crs", Phrase("county_units")))
        if "intensity" not in intensity:
            columns = list(map(str, intensity.columns))
            thing = Phrase("county_units")
            raise LayerError(Problem("earthquake.columns", thing, missing=["intensity"], columns=columns))
        zones = intensity.to_crs(crs)
        for degree, part in zones.dropna(subset=["intensity"]).groupby("intensity"):
            yield int(float(str(degree))), part.geometry.make_valid().union_all()
        return
    if isinstance(intensity, bool) or not float(intensity).is_integer() or not 5 <= intensity <= 12:
        thing = Phrase("argument", name="intensity")
        known = [str(degree) for degree in range(5, 13)]
        raise LayerError(Problem("earthquake.choice", thing, value=str(intensity), known=known))
    yield int(intensity), None


def _width(degree: int, category: str, rules: dict[str, Any]) -> float | None:
    """Distance to each side; None where the standard asks for none."""
    if degree < min(rules["widths"]) or category in rules["none"]:
        return None
    widths = rules["widths"][min(degree, max(rules["widths"]))]
    return float(max(widths.values()) if category in rules["own_study"] else widths[category])


def _status(age: bool | None, cover: float, thickest: float, category: str, rules: dict[str, Any]) -> str | None:
    """What a strip means; None where the fault is too old or too deep for one."""
    if age is False or cover > thickest:
        return None
    if category in rules["own_study"]:
        return "own_study"
    return "to_check" if age is None or np.isnan(cover) else "binding"


def _first_of(faults: gpd.GeoDataFrame, columns: list[str]) -> list[Any]:
    for name in columns:
        if name in faults:
            return [None if pd.isna(value) or not str(value).strip() else value for value in faults[name]]
    return [None] * len(faults)


def _ages(faults: gpd.GeoDataFrame, rules: dict[str, Any]) -> list[bool | None]:
    """Whether each fault moved in the Holocene; None where nothing, or nothing that can be read, is said."""

    def moved(text: object) -> bool | None:
        words = str(text or "").lower()
        if any(word.lower() in words for word in rules["active"]):
            return True
        return False if any(word.lower() in words for word in rules["old"]) else None

    return [moved(text) for text in _first_of(faults, rules["columns"]["age"])]


def _covers(faults: gpd.GeoDataFrame, rules: dict[str, Any]) -> list[float]:
    """Thickness of the soil, m; also of texts such as "60m"."""
    given = _first_of(faults, rules["columns"]["cover"])
    plain = [value.strip().rstrip("mM米 ") if isinstance(value, str) else value for value in given]
    return [numerals.number(value) for value in plain]
