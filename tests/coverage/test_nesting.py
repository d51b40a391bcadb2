"""Levels in one table."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from riskzoning.coverage.nesting import merged_table, nesting
from riskzoning.coverage.table import build_table
from riskzoning.grid import analysis_grid

GRID = analysis_grid((0, 0, 400, 200), crs="EPSG:4547", resolution=100)


def units(county: object) -> gpd.GeoDataFrame:
    shapes = [county, box(0, 0, 150, 200), box(150, 0, 400, 200)]
    data = {"level": ["county", "township", "township"], "parent": [None, "410702", "410702"]}
    return gpd.GeoDataFrame(data, index=["410702", "410702001", "410702002"], geometry=shapes, crs="EPSG:4547")


def test_a_county_that_is_the_union_of_its_townships_is_their_sum() -> None:
    frame = units(box(0, 0, 400, 200))
    walked, targets, sources = nesting(frame, frame.geometry.to_numpy(), exact=True)
    assert (walked.tolist(), targets.tolist(), sources.tolist()) == ([1, 2], [0, 0], [0, 1])
    table = build_table(GRID, frame.geometry.to_numpy()[walked], "fraction")
    merged = merged_table(table, walked, targets, sources, 3)
    assert merged.areas.tolist() == [8, 3, 5]
    assert merged.covered == pytest.approx(merged.areas)


def test_a_county_of_another_shape_is_walked_itself() -> None:
    frame = units(box(0, 0, 300, 200))
    walked, targets, _ = nesting(frame, frame.geometry.to_numpy(), exact=True)
    assert (walked.tolist(), len(targets)) == ([0, 1, 2], 0)
    assert np.array_equal(nesting(units(box(0, 0, 400, 200)), frame.geometry.to_numpy(), exact=False)[0], [0, 1, 2])
