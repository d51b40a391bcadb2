"""Buildings that are weak in earthquakes, from their form and the ground motion of the basic level."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning import hidden_dangers
from riskzoning.grid import sample
from riskzoning.hazards.earthquake import at_return_period
from riskzoning.pipeline.stages.assessments.given import Given, Tables
from riskzoning.pipeline.state import Prepared

# The basic level: 10 % in 50 years.
_BASIC = 475.0


def tables(given: Given) -> Tables:
    """Grades of seismic hidden danger of the surveyed buildings by unit."""
    frame = given.forms.get("exp_building")
    if not isinstance(frame, gpd.GeoDataFrame):
        return {}
    placed = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    intensity = _intensity(given, placed) if len(placed) else None
    if intensity is None:
        return {}
    known = np.isfinite(intensity)
    buildings = pd.DataFrame(placed.drop(columns="geometry"))[known].reset_index(drop=True)
    if not len(buildings):
        return {}
    screened = hidden_dangers.screen_buildings(buildings, intensity[known])
    parts = []
    for level, unit in (("township", "town9"), ("county", "adcode6")):
        if given.codes(level) and unit in buildings:
            parts.append(hidden_dangers.buildings_by_unit(buildings, screened, unit=unit).assign(level=level))
    table = pd.concat(parts, ignore_index=True)
    return {"building_dangers": table[["code", "level", *(c for c in table.columns if c not in ("code", "level"))]]}


def _intensity(given: Given, places: gpd.GeoDataFrame) -> NDArray[np.float64] | None:
    """Intensity of the sites at the basic level; None where the study has no ground motion."""
    earthquake = given.made.of(Prepared).hazards.get("earthquake")
    if earthquake is None or "pga" not in earthquake.layers:
        return None
    return hidden_dangers.site_intensity(sample(at_return_period(earthquake.layers["pga"], _BASIC), places))
