"""Danger zones of villages by the flood that first reaches them, and maps held against records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.flood import danger_zone, first_period, high_zone_share, village_zones

MakeLayer = Callable[..., xr.DataArray]
REFERENCE = Path(__file__).parents[2] / "reference"


@pytest.mark.parametrize("row", pd.read_csv(REFERENCE / "flash_flood_agreement.csv", comment="#").itertuples())
def test_agreement_as_published(row: Any) -> None:
    got = high_zone_share([row.very_high, row.high, row.medium, row.low])
    assert got.share == pytest.approx(row.share, abs=5e-5)
    assert got.accepted == bool(row.accepted)
    assert not high_zone_share([row.very_high, row.high, row.medium, row.low], least=0.95).accepted


@pytest.mark.parametrize("counts", [[], [3, 4], [0, 0, 0], [1, -1, 5]])
def test_counts_that_say_nothing(counts: list[float]) -> None:
    with pytest.raises(LayerError) as caught:
        high_zone_share(counts)
    assert caught.value.problems[0].rule == "flood.class_counts"


def test_zones_at_their_limits() -> None:
    years = [1, 4.99, 5, 19.99, 20, 100, 100.1, np.inf, np.nan]
    assert danger_zone(years).tolist() == [3, 3, 2, 2, 1, 1, 0, 0, 0]
    assert danger_zone([3, 200, np.nan], on_record=[True, True, True]).tolist() == [3, 1, 1]


def test_first_period_of_depths_and_of_levels() -> None:
    depths = np.array([[0.0, 0.0, np.nan, np.nan], [0.0, 0.3, 0.2, np.nan], [0.1, 1.0, np.nan, np.nan]])
    np.testing.assert_array_equal(first_period(depths, [5, 20, 100]), [100, 20, 20, np.nan])
    turned = first_period(depths[::-1], [100, 20, 5])
    np.testing.assert_array_equal(turned, first_period(depths, [5, 20, 100]))
    assert first_period([61.2, 62.4, 63.0], [5, 20, 100], critical=62.0) == 20
    for periods in ([5, 20], [5, 5, 20], [0, 5, 20]):
        with pytest.raises(LayerError):
            first_period(depths, periods)


@given(st.lists(st.floats(0, 3), min_size=4, max_size=4), st.floats(0, 2))
def test_more_water_and_lower_ground_are_never_safer(depths: list[float], more: float) -> None:
    periods = [2, 10, 50, 200]
    zone = danger_zone(first_period(depths, periods))
    assert danger_zone(first_period([depth + more for depth in depths], periods)) >= zone
    assert danger_zone(first_period(depths, periods, critical=more)) <= zone


def test_villages_take_the_depth_where_they_stand(make_layer: MakeLayer) -> None:
    stack = np.zeros((3, 1, 4))
    stack[0, 0, 0], stack[1, 0, :2], stack[2, 0, :3] = 0.5, 1.0, 2.0
    depths = make_layer(stack, "flood_depth", return_periods=[2, 10, 50])
    y = float(depths.y[0])
    places = gpd.GeoDataFrame(
        {"name": list("abcde"), "seen": [0, 0, 0, 1, None]},
        geometry=gpd.points_from_xy([*depths.x.values, 0.0], [y] * 5),
        crs="EPSG:4547",
    )
    zones = village_zones(places.to_crs(4490), depths, record="seen")
    assert zones["zone"].tolist() == [3, 2, 1, 1, 0]
    assert zones["zone_zh"].tolist()[:2] == ["极高危险区", "高危险区"]
    assert zones["colour"].tolist()[2] == "#FFFF00"
    assert np.isnan(zones["first_period"].iloc[4])
    assert village_zones(places, depths, within=1.5)["zone"].tolist()[:3] == [1, 1, 1]
    with hearing(Journal()) as journal:
        assert village_zones(places, depths.isel(return_period=slice(1, None)))["zone"].tolist()[0] == 2
    assert [problem.rule for problem in journal.warnings] == ["flood.no_frequent"]
    with pytest.raises(LayerError):
        village_zones(places, depths, record="none")
    with pytest.raises(LayerError):
        village_zones(places, depths.isel(return_period=0, drop=True))
