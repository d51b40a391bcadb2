"""Clusters of a run: townships in a pattern and without, counties that are too few, islands with their codes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
from shapely import box

from riskzoning.pipeline.stages.clusters import COLUMNS, SPOTS, cluster_tables
from riskzoning.pipeline.state import Graded, Made
from tests.pipeline.stages.test_stability import ALL, FLOOD, GEOLOGY, made_of

SIDE = 8


def tables(values: Any, *, island: bool = False) -> Any:
    shapes = [box(x, y, x + 1000, y + 1000) for y in range(0, SIDE * 1000, 1000) for x in range(0, SIDE * 1000, 1000)]
    if island:
        shapes[0] = box(-9000, -9000, -8000, -8000)
    columns = {FLOOD.key: values, GEOLOGY.key: 0.3, ALL.key: np.random.default_rng(0).random(SIDE**2)}
    codes = [f"u{at:02d}" for at in range(SIDE**2)]
    towns = gpd.GeoDataFrame(columns, geometry=shapes, index=codes, crs="EPSG:4547")
    made = made_of()
    graded = replace(made.of(Graded), units={"township": towns, "county": towns.iloc[:12], "city": towns.iloc[:1]})
    setting = SimpleNamespace(levels=("township", "county", "city"), grid=SimpleNamespace(crs="EPSG:4547"))
    run: Any = SimpleNamespace(setting=setting)
    return cluster_tables(run, Made((graded,)))


def test_a_pattern_is_seen_and_noise_is_not() -> None:
    x = np.tile(np.arange(SIDE), SIDE)
    made = tables(np.where(x < 3, 0.9, 0.1))
    table = made["spatial_statistics"]
    assert list(table) == COLUMNS
    own = table[table["level"] == "township"].set_index("hazard")
    assert own.loc["flood", "moran_i"] > 0.7
    assert own.loc["flood", "p_value"] < 1e-6
    assert own.loc["flood", "hot_spots"] > 0
    assert own.loc["multi", "p_value"] > 0.05
    assert own.loc["geology", "remark"] == "the same everywhere"
    spots = made["hot_spots"]
    assert list(spots) == SPOTS
    hot = spots[(spots["hazard"] == "flood") & (spots["spot"] == 1)]["code"]
    assert set(x[[int(code[1:]) for code in hot]]) <= {0, 1, 2}


def test_counties_are_too_few_and_it_is_said_and_one_unit_has_no_row() -> None:
    table = tables(np.random.default_rng(1).random(SIDE**2))["spatial_statistics"]
    assert set(table["level"]) == {"township", "county"}
    county = table[table["level"] == "county"]
    assert set(county["remark"]) == {"too few units"}
    assert county["moran_i"].isna().all()


def test_islands_are_named() -> None:
    made = tables(np.random.default_rng(1).random(SIDE**2), island=True)
    table = made["spatial_statistics"]
    assert set(table.loc[table["level"] == "township", "islands"]) == {"u00"}
    spots = made["hot_spots"]
    assert spots.loc[spots["code"] == "u00", "z"].isna().all()
