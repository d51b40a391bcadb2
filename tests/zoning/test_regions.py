"""Regions of units: the chain by every method, order of rows, ties, islands, parts, floors, wrong input."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from riskzoning.errors import AdminError, Journal, hearing
from riskzoning.zoning.contiguity import contiguity, parts_of
from riskzoning.zoning.regions import METHODS, best_number, ground_of, regionalise, standardised


def chain(values: list[float], **more: Any) -> gpd.GeoDataFrame:
    boxes = [box(at, 0, at + 1, 1) for at in range(len(values))]
    codes = [f"41{at:02d}" for at in range(len(values))]
    return gpd.GeoDataFrame({"v": values, **more}, geometry=boxes, index=codes, crs="EPSG:4547")


def city(side: int = 6, seed: int = 0) -> gpd.GeoDataFrame:
    random = np.random.default_rng(seed)
    boxes = [box(column, row, column + 1, row + 1) for row in range(side) for column in range(side)]
    codes = [f"4107{at:05d}" for at in range(side * side)]
    values = {"flood": random.random(side * side), "fire": random.random(side * side)}
    return gpd.GeoDataFrame({**values, "people": 100.0}, geometry=boxes, index=codes, crs="EPSG:4547")


@pytest.mark.parametrize("method", METHODS)
def test_a_chain_of_two_kinds(method: Any) -> None:
    assert regionalise(chain([1, 1, 1, 9, 9, 9]), ["v"], n_regions=2, method=method).tolist() == [1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("method", METHODS)
def test_one_region_and_single_units(method: Any) -> None:
    units = city(3)
    assert set(regionalise(units, ["flood"], n_regions=1, method=method)) == {1}
    assert regionalise(units, ["flood"], n_regions=9, method=method).nunique() == 9


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), wanted=st.integers(2, 7))
def test_regions_do_not_depend_on_rows_and_units_of_measure(method: Any, seed: int, wanted: int) -> None:
    units = city(5, seed)
    labels = regionalise(units, ["flood", "fire"], n_regions=wanted, method=method)
    turned = units.sample(frac=1, random_state=seed)
    again = regionalise(turned, ["flood", "fire"], n_regions=wanted, method=method)
    assert again.index.equals(turned.index)
    assert again.reindex(units.index).tolist() == labels.tolist()
    other = units.assign(flood=units["flood"] * 1000 + 7)
    assert regionalise(other, ["flood", "fire"], n_regions=wanted, method=method).tolist() == labels.tolist()
    near = contiguity(units.geometry.to_numpy())
    inside = labels.to_numpy()[near.first] == labels.to_numpy()[near.second]
    assert len(np.unique(parts_of(len(units), near.first[inside], near.second[inside]))) == wanted
    assert labels.nunique() == wanted


@pytest.mark.parametrize("method", METHODS)
def test_ties_everywhere(method: Any) -> None:
    units = city(4).assign(flood=1.0)
    labels = regionalise(units, ["flood"], n_regions=3, method=method)
    assert labels.nunique() == 3
    assert labels.tolist() == regionalise(units[::-1], ["flood"], n_regions=3, method=method)[::-1].tolist()


@pytest.mark.parametrize("method", METHODS)
def test_a_floor_of_units_and_of_people(method: Any) -> None:
    units = city(4, 2)
    assert regionalise(units, ["flood"], n_regions=3, method=method, min_size=4).value_counts().min() >= 4
    heavy = units.assign(people=np.where(np.arange(16) < 4, 1000.0, 10.0))
    labels = regionalise(heavy, ["flood"], n_regions=2, method=method, min_size=1000, size="people")
    assert heavy["people"].groupby(labels).sum().min() >= 1000


def test_an_island_goes_with_the_nearest_and_is_told() -> None:
    units = chain([1, 1, 9])
    units.geometry = [box(0, 0, 1, 1), box(1, 0, 2, 1), box(7, 0, 8, 1)]
    with hearing(Journal()) as heard:
        labels = regionalise(units, ["v"], n_regions=1)
    assert set(labels) == {1}
    (problem,) = heard.steps
    assert problem.rule == "regions.islands"
    assert dict(problem.values)["codes"] == ("4102",)


def test_parts_that_do_not_touch_have_regions_of_their_own() -> None:
    units = chain([1, 1, 1, 1])
    units.geometry = [box(0, 0, 1, 1), box(1, 0, 2, 1), box(7, 0, 8, 1), box(8, 0, 9, 1)]
    for method in METHODS:
        assert regionalise(units, ["v"], n_regions=2, method=method).tolist() == [1, 1, 2, 2]
    with pytest.raises(AdminError) as caught:
        regionalise(units, ["v"], n_regions=1)
    assert caught.value.problems[0].rule == "regions.number"


@pytest.mark.parametrize(
    ("change", "call", "rule"),
    [
        (lambda u: u, {"columns": ["x"]}, "regions.columns"),
        (lambda u: u, {"columns": []}, "regions.columns"),
        (lambda u: u.assign(v=[np.nan, *u["v"][1:]]), {}, "regions.gaps"),
        (lambda u: u.rename(index={"4101": "4100"}), {}, "regions.codes"),
        (lambda u: u[:0], {}, "regions.empty"),
        (lambda u: u, {"n_regions": 9}, "regions.number"),
        (lambda u: u, {"n_regions": 3, "min_size": 3}, "regions.number"),
        (lambda u: u, {"method": "kmeans"}, "regions.method"),
        (lambda u: u, {"n_regions": None}, "regions.no_number"),
    ],
)
def test_what_cannot_be_divided(change: Any, call: dict[str, Any], rule: str) -> None:
    units = change(chain([1, 1, 1, 9, 9, 9]))
    arguments = {"columns": ["v"], "n_regions": 2, **call}
    with pytest.raises(AdminError) as caught:
        regionalise(units, arguments.pop("columns"), **arguments)
    assert rule in [problem.rule for problem in caught.value.problems]


def test_a_constant_column_says_nothing() -> None:
    values = np.array([[3.0, 1.0], [3.0, 5.0]])
    assert standardised(values).tolist() == [[0, -1], [0, 1]]


def test_the_number_of_regions_that_fits_best() -> None:
    units = chain([1, 1.1, 1, 9, 9.1, 9, 30, 30.1, 30])
    ground = ground_of(units, ["v"], contiguity(units.geometry.to_numpy()))
    number, scores = best_number(ground, 6, 0.0)
    assert number == 3
    assert scores[3] == max(scores.values())
    assert best_number(ground_of(units.assign(v=1.0), ["v"], contiguity(units.geometry.to_numpy())), 6, 0.0)[0] == 1


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), wanted=st.integers(2, 4), least=st.integers(2, 4))
def test_every_region_has_its_least_number_of_units_and_is_one_piece(
    method: Any, seed: int, wanted: int, least: int
) -> None:
    units = city(4, seed)
    with hearing(Journal()) as heard:
        labels = regionalise(units, ["flood", "fire"], n_regions=wanted, method=method, min_size=least)
    assert labels.index.equals(units.index)
    assert labels.notna().all()
    made = labels.nunique()
    # Where no more regions reach the floor there are fewer, which is said.
    assert made == wanted or (made < wanted and [one.rule for one in heard.warnings] == ["regions.fewer"])
    assert labels.value_counts().min() >= least
    near = contiguity(units.geometry.to_numpy())
    inside = labels.to_numpy()[near.first] == labels.to_numpy()[near.second]
    assert len(np.unique(parts_of(len(units), near.first[inside], near.second[inside]))) == made


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 5))
def test_a_chain_of_two_kinds_is_cut_where_they_meet_and_its_ends_are_one_region_and_single_units(
    method: Any, seed: int, cut: int
) -> None:
    low, high = np.sort(np.random.default_rng(seed).normal(0, 100, 2))
    units = chain([low] * cut + [high] * (6 - cut))
    assert regionalise(units, ["v"], n_regions=2, method=method).tolist() == [1] * cut + [2] * (6 - cut)
    assert regionalise(units, ["v"], n_regions=1, method=method).tolist() == [1] * 6
    assert sorted(regionalise(units, ["v"], n_regions=6, method=method)) == [1, 2, 3, 4, 5, 6]
