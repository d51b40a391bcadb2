"""Ground and people of zones that do not add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskzoning.database.stored_run import StoredRun
from riskzoning.database.zone_sums import zones_resummed
from riskzoning.errors import Phrase, Problem

CRS = "EPSG:4490"
# Four squares of .1 degrees side by side, and what lies in each.
SQUARES = [shapely.box(114 + at / 10, 35, 114 + (at + 1) / 10, 35.1) for at in range(4)]
PEOPLE = [100.0, 200.0, 300.0, 400.0]


def _km2(shape: shapely.Geometry) -> float:
    return abs(gpd.GeoSeries([shape], crs=CRS).crs.get_geod().geometry_area_perimeter(shape)[0]) / 1e6


def _layer(rows: Mapping[str, object], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=CRS)
    return frame.assign(area_km2=[_km2(shape) for shape in shapes])


def tables() -> dict[str, pd.DataFrame]:
    """A city of four townships, two regions of two in the second tier, and prevention zones by units."""
    halves = [shapely.union_all(SQUARES[:2]), shapely.union_all(SQUARES[2:])]
    city = shapely.union_all(SQUARES)
    codes = ["410700", "t1", "t2", "t3", "t4"]
    base = _layer(
        {"code": codes, "level": ["city"] + ["township"] * 4, "parent": ["41"] + ["410700"] * 4, "stat_only": 0},
        [city, *SQUARES],
    )
    regions = _layer(
        {
            "zone_id": ["r1", "r2", "r3"], "code": ["I", "I-1", "I-2"], "tier": [1, 2, 2], "parent": ["", "I", "I"],
            "population": [1000.0, 300.0, 700.0],
        },
        [city, *halves],
    )  # fmt: skip
    prevention = _layer(
        {
            "zone_id": ["p1", "p2", "p3"], "code": ["a", "b", "c"], "hazard": ["multi", "multi", "flood"],
            "population": [100.0, 900.0, 7.0],
        },
        [SQUARES[0], shapely.union_all(SQUARES[1:]), SQUARES[3].buffer(-0.01)],
    )  # fmt: skip
    return {"base_admin": base, "zone_region": regions, "zone_prevention": prevention}


def _problems(given: Mapping[str, pd.DataFrame], basis: str = "units") -> list[Problem]:
    tidy = pd.DataFrame(
        {
            "code": ["410700", "t1", "t2", "t3", "t4"], "level": ["city"] + ["township"] * 4, "hazard": "",
            "receptor": "", "indicator": "population", "value": [1000.0, *PEOPLE],
        }
    )  # fmt: skip
    run = StoredRun(given, lambda name: Phrase("layer", name=name), {"zoning": {"prevention": {"basis": basis}}})
    return list(zones_resummed(run, tidy))


def _told(problems: list[Problem]) -> set[tuple[object, object]]:
    return {(problem.field, dict(problem.values)["code"]) for problem in problems}


def test_zones_that_add_up_have_no_problem() -> None:
    assert _problems(tables()) == []
    assert _problems(tables(), "cells") == []


@pytest.mark.parametrize(
    ("table", "column", "at", "by", "told"),
    [
        ("zone_region", "population", 0, 50.0, {("population", "r1"), ("population", "I")}),
        ("zone_region", "population", 2, 50.0, {("population", "r3"), ("population", "I")}),
        ("zone_region", "area_km2", 1, 3.0, {("area_km2", "r2"), ("area_km2", "I")}),
        ("zone_prevention", "population", 1, -50.0, {("population", "p2")}),
        ("zone_prevention", "area_km2", 1, -50.0, {("area_km2", "p2")}),
        # A zone of one hazard has its own ground.
        ("zone_prevention", "area_km2", 2, 5.0, {("area_km2", "p3")}),
    ],
)
def test_a_changed_sum_is_told_with_its_zone(
    table: str, column: str, at: int, by: float, told: set[tuple[object, object]]
) -> None:
    given = tables()
    given[table].loc[at, column] += by
    assert _told(_problems(given)) == told


def _without(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.drop(index=2)


def _over(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy().copy()
    shapes[1] = shapely.union_all([shapes[1], shapely.box(114.2, 35, 114.29, 35.1)])
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=CRS)).assign(area_km2=[_km2(shape) for shape in shapes])


@pytest.mark.parametrize("spoil", [_without, _over])
def test_a_tier_with_a_gap_or_an_overlap_is_told(spoil: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> None:
    given = tables()
    given["zone_region"] = spoil(gpd.GeoDataFrame(given["zone_region"]))
    assert ("geometry", "tier 2") in _told(_problems(given))


def test_units_of_statistics_have_no_ground() -> None:
    given = tables()
    extra = given["base_admin"].iloc[[1]].assign(code="s1", stat_only=1)
    given["base_admin"] = gpd.GeoDataFrame(pd.concat([given["base_admin"], extra], ignore_index=True), crs=CRS)
    assert _problems(given) == []


def test_a_run_without_population_is_judged_by_its_ground() -> None:
    given = tables()
    given["zone_region"]["population"] = np.nan
    given["zone_prevention"]["population"] = np.nan
    run = StoredRun(given, lambda name: Phrase("layer", name=name), {})
    tidy = pd.DataFrame(
        {"code": ["t1"], "level": ["township"], "hazard": [""], "receptor": [""], "indicator": ["x"], "value": [1.0]}
    )
    assert list(zones_resummed(run, tidy)) == []
