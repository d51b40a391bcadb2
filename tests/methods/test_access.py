"""Access on roads: crossings, bridges, exact times, supply within reach."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.methods.access import road_network, shares_within, supply_access, travel_minutes

# 30 km/h: 500 m a minute.
PER_MINUTE = 500.0


def roads(*lines: object, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"tech_class": ["四级"] * len(lines), **columns}, geometry=list(lines), crs="EPSG:4547")


def spots(*points: tuple[float, float], **columns: object) -> gpd.GeoDataFrame:
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(x, y), crs="EPSG:4547", index=range(len(points)))


def line(*points: tuple[float, float]) -> LineString:
    return LineString(points)


def test_lines_that_cross_are_joined_without_a_common_vertex() -> None:
    network = road_network(roads(line((0, 0), (2000, 0)), line((1000, -1000), (1000, 1000))))
    assert (len(network.nodes), len(network.lines), network.parts) == (5, 4, 1)
    told = travel_minutes(network, spots((0, 0)), spots((1000, 1000)))
    assert told["minutes"].tolist() == pytest.approx([2000 / PER_MINUTE])


def test_what_passes_below_a_bridge_does_not_turn_onto_it() -> None:
    lines = [line((0, 0), (2000, 0)), line((1000, -1000), (1000, 1000)), line((2000, 0), (2000, 1000), (1000, 1000))]
    layer = roads(*lines, bridge=["是", "否", "否"])
    here, there = spots((0, 0)), spots((1000, 0.0))
    assert road_network(layer).parts == 1
    network = road_network(layer, bridge="bridge")
    # Around by the third road: 2000 + 2000 m, then back 1000 m along the second.
    assert travel_minutes(network, here, spots((1000, 500)))["minutes"].tolist() == pytest.approx([4500 / PER_MINUTE])
    assert travel_minutes(road_network(layer), here, there)["minutes"].tolist() == pytest.approx([1000 / PER_MINUTE])


def test_a_ramp_joins_a_bridge_at_its_own_end() -> None:
    layer = roads(line((0, 0), (2000, 0)), line((1000, 0), (1000, 900)), bridge=[0, 1])
    assert road_network(layer, bridge="bridge").parts == 1


def test_roads_that_overlap_and_ends_that_nearly_meet() -> None:
    twice = road_network(roads(line((0, 0), (1000, 0)), line((500, 0), (1500, 0))))
    assert twice.parts == 1
    near = roads(line((0, 0), (1000, 0)), line((500, 0.3), (500, 800)))
    assert road_network(near, snap_m=0.5).parts == 1
    assert road_network(near, snap_m=0.1).parts == 2


def test_a_place_and_people_on_the_same_road() -> None:
    network = road_network(roads(line((0, 0), (10_000, 0))))
    told = travel_minutes(network, spots((4000, 0)), spots((3500, 0), (4500, 0), (4000, 75)))
    assert told["minutes"].tolist() == pytest.approx([1, 1, 1])
    assert told["off_road_m"].tolist() == pytest.approx([0, 0, 75])


def test_the_fastest_of_parallel_roads_counts() -> None:
    layer = roads(line((0, 0), (0, 500), (2000, 500), (2000, 0)), line((0, 0), (2000, 0)))
    layer["tech_class"] = ["高速", "等外"]
    told = travel_minutes(road_network(layer), spots((0, 0)), spots((2000, 0)))
    assert told["minutes"].tolist() == pytest.approx([3 / 80 * 60])


def test_parts_that_are_not_connected_are_out_of_reach() -> None:
    network = road_network(roads(line((0, 0), (3000, 0)), line((0, 9000), (1000, 9000)), line((3000, 0), (3000, 500))))
    assert network.parts == 2
    assert np.bincount(network.components).tolist() == [3, 2]
    told = travel_minutes(network, spots((0, 0)), spots((1000, 0), (500, 9000)))
    assert told["connected"].tolist() == [True, False]
    assert np.isinf(told["minutes"].iloc[1])
    assert not travel_minutes(network, spots(), spots((0, 0)))["connected"].any()


def test_on_foot_nobody_walks_on_expressways() -> None:
    layer = roads(line((0, 0), (900, 0)), line((0, 0), (0, 900)))
    layer["tech_class"] = ["motorway", "residential"]
    network = road_network(layer, mode="walk")
    assert len(network.lines) == 1
    told = travel_minutes(network, spots((0, 0)), spots((0, 750)))
    assert told["minutes"].tolist() == pytest.approx([10])


def test_unknown_classes_are_told_and_own_speeds_count() -> None:
    layer = roads(line((0, 0), (1000, 0)))
    layer["tech_class"] = ["乡间小道"]
    with hearing(Journal()) as heard:
        network = road_network(layer)
    assert [dict(problem.values)["classes"] for problem in heard.warnings] == [("乡间小道",)]
    assert network.minutes.tolist() == pytest.approx([3])
    with hearing(Journal()) as heard:
        assert road_network(layer, speeds={"乡间小道": 60}).minutes.tolist() == pytest.approx([1])
    assert not heard.warnings


def test_layers_that_are_no_network_are_refused() -> None:
    layer = roads(MultiLineString([[(0, 0), (1, 0)], [(1, 0), (2, 0)]]))
    assert len(road_network(layer).lines) == 2
    for wrong, rule in (
        (layer.to_crs(4490), "access.metres"),
        (layer.set_geometry([Point(0, 0)], crs=layer.crs), "access.no_roads"),
        (layer.rename(columns={"tech_class": "x"}), "input.columns"),
    ):
        with pytest.raises(LayerError) as caught:
            road_network(wrong)
        assert caught.value.problems[0].rule == rule
    with pytest.raises(LayerError):
        road_network(layer, speeds={"四级": 0})
    nowhere = spots((0, 0)).set_geometry([None], crs=layer.crs)
    with pytest.raises(LayerError):
        travel_minutes(road_network(layer), nowhere, spots((0, 0)))
    with pytest.raises(LayerError):
        travel_minutes(road_network(layer), spots((0, 0)).to_crs(4490), spots((0, 0)))


def test_shares_of_units() -> None:
    table = shares_within([10, 30, 60], [5, 15, np.inf], [15, 30], pd.Series(["a", "a", "b"]))
    assert table[["code", "minutes", "covered", "share"]].values.tolist() == [
        ["a", 15.0, 40.0, 1.0], ["a", 30.0, 40.0, 1.0], ["b", 15.0, 0.0, 0.0], ["b", 30.0, 0.0, 0.0],
    ]  # fmt: skip
    assert table["mean_minutes"].iloc[0] == pytest.approx(12.5)
    assert np.isnan(table["mean_minutes"].iloc[2])


# A lattice of streets 100 m apart, cut nowhere: every street is one line.
LATTICE = [line((0, 100 * at), (400, 100 * at)) for at in range(5)] + [
    line((100 * at, 0), (100 * at, 400)) for at in range(5)
]
CORNER = st.tuples(st.integers(0, 4), st.integers(0, 4))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(CORNER, min_size=1, max_size=4),
    st.lists(CORNER, min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_times_on_a_lattice_are_those_of_a_taxi(places: list, homes: list, random) -> None:
    streets = LATTICE.copy()
    random.shuffle(streets)
    network = road_network(roads(*streets))
    assert (len(network.nodes), len(network.lines)) == (25, 40)
    told = travel_minutes(
        network, spots(*[(100 * x, 100 * y) for x, y in places]), spots(*[(100 * x, 100 * y) for x, y in homes])
    )
    taxi = [min(100 * (abs(x - a) + abs(y - b)) for a, b in places) / PER_MINUTE for x, y in homes]
    assert told["minutes"].tolist() == pytest.approx(taxi, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(CORNER, st.integers(1, 90)), min_size=1, max_size=5),
    st.lists(st.tuples(CORNER, st.integers(1, 90)), min_size=1, max_size=8),
    st.sampled_from([0.3, 0.5, 1.7]),
)
def test_supply_is_given_away_whole(places: list, homes: list, limit: float) -> None:
    """What everyone has, added up, is what the places have that somebody can reach."""
    network = road_network(roads(*LATTICE))
    supply = spots(*[(100 * x, 100 * y) for (x, y), _ in places], beds=[beds for _, beds in places])
    people = spots(*[(100 * x, 100 * y) for (x, y), _ in homes], people=[count for _, count in homes])
    told = supply_access(network, supply, people, minutes=limit, supply="beds")
    assert (told >= 0).all()
    reached = [
        beds
        for (a, b), beds in places
        if any(100 * (abs(x - a) + abs(y - b)) / PER_MINUTE <= limit + 1e-6 for (x, y), _ in homes)
    ]
    assert (told * people["people"]).sum() == pytest.approx(sum(reached))
    doubled = supply_access(network, supply.assign(beds=supply["beds"] * 2), people, minutes=limit, supply="beds")
    assert np.allclose(doubled, 2 * told)


def test_many_places_are_taken_in_turns() -> None:
    network = road_network(roads(line((0, 0), (50_000, 0))))
    places = spots(*[(100.0 * at, 0) for at in range(150)], beds=[1] * 150)
    people = spots((0, 0), (14_900, 0), people=[10, 30])
    told = supply_access(network, places, people, minutes=1e3, supply="beds")
    assert told.tolist() == pytest.approx([150 / 40] * 2)


def test_places_on_one_road_may_stand_in_any_order() -> None:
    network = road_network(roads(line((0, 0), (9000, 0))))
    told = travel_minutes(network, spots((6000, 0), (2000, 0), (8000, 0)), spots((6500, 0), (3000, 0), (7500, 0)))
    assert told["minutes"].tolist() == pytest.approx([1, 2, 1])


def test_the_way_from_a_place_to_the_road_counts_for_its_supply() -> None:
    network = road_network(roads(line((0, 0), (9000, 0))))
    away = spots((1000, 300), beds=[10])
    people = spots((1500, 0), people=[5])
    # 300 m on foot are 4 minutes, 500 m by road are one.
    assert supply_access(network, away, people, minutes=4.9, supply="beds").tolist() == [0]
    assert supply_access(network, away, people, minutes=5.1, supply="beds").tolist() == [2]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_between_two_crossings_the_fastest_of_two_roads_counts(order: tuple[int, int]) -> None:
    pair = [line((1000, 0), (1500, 400), (2000, 0)), line((1000, 0), (2000, 0))]
    layer = roads(line((0, 0), (1000, 0)), *[pair[at] for at in order], line((2000, 0), (3000, 0)))
    told = travel_minutes(road_network(layer), spots((0, 0)), spots((3000, 0)))
    assert told["minutes"].tolist() == pytest.approx([3000 / PER_MINUTE])
