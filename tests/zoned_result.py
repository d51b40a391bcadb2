"""The toy city of ``full_result`` with risk regions and prevention zones; numbers are made up."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import pandas as pd

from riskzoning.results import StudyResult
from tests.full_result import full_result


def zoned_result() -> StudyResult:
    """Zones of townships for all hazards, of counties for the flood, regions of one tier."""
    result = full_result()
    towns, counties = result.units["township"].sort_index(), result.units["county"].sort_index()
    grades = [3, 2, 1, 3, 2, 1]
    whole = _frame(
        towns, hazard="multi", grade=grades, measures="工程治理、监测预警", name=[f"第{n}区" for n in range(6)]
    )
    flood = _frame(counties, hazard="flood", grade=[3, 1], measures="监测预警", name=["<b>甲</b>", "乙"])
    regions = _frame(counties, tier=1, grade=[4, 2], leading_hazards="flood;earthquake", name=["甲", "乙"])
    prevention = gpd.GeoDataFrame(pd.concat([whole, flood], ignore_index=True), crs=towns.crs)
    return dataclasses.replace(result, zones={**result.zones, "zone_prevention": prevention, "zone_region": regions})


def _frame(units: gpd.GeoDataFrame, **columns: object) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(geometry=units.geometry.to_numpy(), crs=units.crs).assign(**columns)
    numbers = range(len(frame))
    return frame.assign(
        code=[f"z{n}" for n in numbers],
        name_en=[f"zone {n}" for n in numbers],
        area_km2=[10.0 + n for n in numbers],
        population=[100.0 - n for n in numbers],
    )
