"""People within reach of a place."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.capacity import distance_coverage
from riskzoning.errors import LayerError

POINT = st.tuples(st.integers(0, 5000), st.integers(0, 5000))


def layer(points: list[tuple[float, float]], **columns: object) -> gpd.GeoDataFrame:
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    return gpd.GeoDataFrame({**columns}, geometry=gpd.points_from_xy(x, y), crs="EPSG:4547")


def test_shares_by_unit_and_kind() -> None:
    homes = layer([(0, 0), (1500, 0), (9000, 0)], people=[100, 50, 50], code=["a", "a", "b"])
    shelters = layer([(0, 800), (9000, 3000)], type=["near", "far"])
    table = distance_coverage(homes, shelters, {"near": 1000, "far": 5000, "none": 100}).set_index(["kind", "code"])
    assert table["share"].to_dict() == {
        ("near", "a"): pytest.approx(2 / 3), ("near", "b"): 0, ("far", "a"): 0, ("far", "b"): 1,
        ("none", "a"): 0, ("none", "b"): 0,
    }  # fmt: skip
    assert table.loc[("near", "a"), "mean_distance_m"] == pytest.approx((100 * 800 + 50 * 1700) / 150)
    assert np.isnan(table.loc[("none", "a"), "mean_distance_m"])
    assert table.loc[("near", "b"), "places"] == 1


def test_a_place_of_another_unit_serves_too_and_the_limit_counts() -> None:
    homes = layer([(0, 0)], people=[7], code=["a"])
    assert distance_coverage(homes, layer([(1000, 0)], type=["s"]), {"s": 1000})["covered"].tolist() == [7]
    assert distance_coverage(homes, layer([(1001, 0)], type=["s"]), {"s": 1000})["covered"].tolist() == [0]


def test_nobody_has_no_share() -> None:
    table = distance_coverage(layer([(0, 0)], people=[0], code=["a"]), layer([(0, 0)], type=["s"]), {"s": 10})
    assert np.isnan(table["share"].iloc[0])


def test_degrees_and_missing_columns_are_refused() -> None:
    homes, places = layer([(0, 0)], people=[1], code=["a"]), layer([(0, 0)], type=["s"])
    for people, other in ((homes.to_crs(4490), places.to_crs(4490)), (homes, places.to_crs(4490))):
        with pytest.raises(LayerError) as caught:
            distance_coverage(people, other, {"s": 10})
        assert caught.value.problems[0].rule == "capacity.metres"
    with pytest.raises(LayerError):
        distance_coverage(homes.drop(columns="people"), places, {"s": 10})


@settings(max_examples=40, deadline=None)
@given(st.lists(POINT, min_size=1, max_size=8), st.lists(POINT, min_size=1, max_size=4), st.integers(1, 4000))
def test_a_larger_radius_or_one_more_place_never_covers_less(homes: list, places: list, radius: int) -> None:
    people = layer(homes, people=np.arange(1, len(homes) + 1), code=["u"] * len(homes))
    told = distance_coverage(people, layer(places, type=["s"] * len(places)), {"s": radius}).iloc[0]
    assert 0 <= told["share"] <= 1
    assert (
        distance_coverage(people, layer(places, type=["s"] * len(places)), {"s": radius + 500}).iloc[0]["covered"]
        >= told["covered"]
    )
    fewer = distance_coverage(people, layer(places[1:], type=["s"] * (len(places) - 1)), {"s": radius}).iloc[0]
    assert fewer["covered"] <= told["covered"]
    brute = sum(at + 1 for at, (x, y) in enumerate(homes) if min(np.hypot(x - a, y - b) for a, b in places) <= radius)
    assert told["covered"] == brute
