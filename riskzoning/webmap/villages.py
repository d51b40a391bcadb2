"""What the page knows of villages: too many to be drawn as areas, they are points with grades, and found by name."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.codes import unit_names
from riskzoning.names import Index
from riskzoning.results import VILLAGE, StudyResult

# So many villages a page holds within its budget; of more, none are left out silently: the page says how many.
MOST_VILLAGES = 80_000
_DECIMALS = 4
# Where the index is exactly 0 the hazard does not act; grades are 0 to 5.
_NONE = 9


def villages_data(result: StudyResult) -> dict[str, Any]:
    """The villages by column, in the order of their codes; empty without any, or where they are drawn like others."""
    frame = result.units.get(VILLAGE)
    if frame is None or VILLAGE in result.levels or frame.empty:
        return {}
    kept = frame.sort_index().head(MOST_VILLAGES)
    points = kept.geometry.representative_point().to_crs("EPSG:4326")
    known = points.notna() & ~points.is_empty
    kept, points = kept[known], points[known]
    parents = ["" if pd.isna(code) else str(code) for code in kept["parent"]]
    above = sorted(set(parents))
    place = {code: at for at, code in enumerate(above)}
    people = kept["population"] if "population" in kept else pd.Series(np.nan, index=kept.index)
    return {
        "all": len(frame),
        "codes": [str(code) for code in kept.index],
        "names": [str(name) for name in unit_names(kept)],
        "above": above,
        "of": [place[code] for code in parents],
        "x": [round(float(x), _DECIMALS) for x in points.x],
        "y": [round(float(y), _DECIMALS) for y in points.y],
        "people": [None if not np.isfinite(value) else round(float(value)) for value in people.astype(float)],
        # One digit a village: a row of text is a tenth of a list of numbers.
        "grades": {index.grade_key: _digits(kept, index) for index in result.indices if index.grade_key in kept},
    }


def _digits(frame: gpd.GeoDataFrame, index: Index) -> str:
    grades = pd.to_numeric(frame[index.grade_key], errors="coerce").fillna(0).astype(int).to_numpy()
    if index.has_none and index.key in frame:
        grades = np.where((grades > 0) & (frame[index.key].to_numpy() == 0), _NONE, grades)
    return "".join(map(str, grades))
