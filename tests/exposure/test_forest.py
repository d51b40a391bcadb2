from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from riskzoning.exposure import RECEPTORS, Ground, StudyUnits
from riskzoning.layers import layer_on


def counted(make_grid: Any, codes: list[list[int]], **params: Any) -> dict[str, Any]:
    grid = make_grid(rows=len(codes), columns=len(codes[0]))
    cover = layer_on(grid, np.array(codes, dtype=np.uint8), quantity="landcover")
    ground = Ground(grid, StudyUnits(gpd.GeoDataFrame()))
    return dict(RECEPTORS["forest"].prepare({"landcover": cover}, {"landcover": "a", **params}, ground).counts)


def test_forest_is_counted_in_hectares(make_grid: Any) -> None:
    counts = counted(make_grid, [[20, 10, 0]])
    np.testing.assert_array_equal(counts["forest_ha"].layer, [[1.0, 0.0, np.nan]])
    assert list(counts) == ["forest_ha"]
    shrub = counted(make_grid, [[20, 40, 10]], classes=[20, 40])
    assert shrub["forest_ha"].total.input == 2


def test_a_hectare_has_a_value_where_the_study_says_so(make_grid: Any) -> None:
    counts = counted(make_grid, [[20, 20, 10]], value_per_ha=60_000)
    assert float(counts["forest_value_yuan"].layer.sum()) == 120_000
    assert counts["forest_value_yuan"].total.input == pytest.approx(120_000)


def test_it_weighs_in_no_hazard_by_itself() -> None:
    assert RECEPTORS["forest"].weight is None
    assert RECEPTORS["forest"].loss_count is None
