"""Schools and hospitals with the people who use them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.exposure import RECEPTORS, Ground, StudyUnits
from riskzoning.layers import Total

SPEC = RECEPTORS["public_services"]


@pytest.fixture
def ground(make_grid: Any, make_towns: Any) -> Ground:
    grid = make_grid(rows=1, columns=3)
    return Ground(grid, StudyUnits(make_towns(grid, 1)))


def schools(users: list[Any]) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy([500_050, 500_060, 500_250, 500_950], [3_900_050] * 4)
    return gpd.GeoDataFrame({"pupils": users}, geometry=points, crs="EPSG:4547")


def test_users_are_added_up_by_cell_and_those_beyond_the_grid_are_said(ground: Ground) -> None:
    exposed = SPEC.prepare({"points": schools([300, 200, 50, 7])}, {"points": "a", "users": "pupils"}, ground)
    layer, total = exposed.counts["public_service_users"]
    assert layer.values.tolist() == [[500.0, 0.0, 50.0]]
    assert (total, layer.attrs["units"]) == (Total(557.0, beyond_grid=7.0), "person")
    assert exposed.vulnerability is None


def test_points_without_users_are_noted(ground: Ground) -> None:
    with hearing(Journal()) as journal:
        exposed = SPEC.prepare({"points": schools([300, np.nan, 50, 7])}, {"points": "a", "users": "pupils"}, ground)
    assert exposed.counts["public_service_users"].total.input == 357
    (dropped,) = journal.dropped
    assert {"count": 1, "total": 4}.items() <= dict(dropped.values).items()


def test_it_enters_the_risk_only_with_a_stated_weight() -> None:
    assert SPEC.weight is None
    assert SPEC.title == {"zh": "公共服务", "en": "public services"}
