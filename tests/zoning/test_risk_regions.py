"""Regions in three tiers: a partition in each, nested, the same whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from riskzoning.errors import Journal, hearing
from riskzoning.zoning.contiguity import contiguity, parts_of
from riskzoning.zoning.risk_regions import COLUMNS, RegionRules, Units, described, region_table, tiers_of

Lattice = Callable[..., Units]


def made(units: Units, **rules: Any) -> Any:
    return region_table(units, tiers_of(units, RegionRules(**rules), least_km2=1.0))


@pytest.mark.parametrize("method", ["ward", "skater", "azp", "max_p"])
def test_every_tier_partitions_the_city(lattice: Lattice, method: Any) -> None:
    units = lattice()
    table = made(units, method=method)
    assert tuple(table.columns) == (*COLUMNS, "geometry")
    whole = shapely.coverage_union_all(units.frame.geometry.to_numpy())
    for tier in (1, 2, 3):
        rows = table[table["tier"] == tier]
        assert shapely.coverage_is_valid(rows.geometry.to_numpy())
        assert np.isclose(rows.geometry.area.sum(), whole.area, rtol=1e-12)
        assert shapely.equals(shapely.coverage_union_all(rows.geometry.to_numpy()), whole)
        assert np.isclose(rows["area_km2"].sum(), units.areas.sum(), rtol=1e-12)
        assert rows["population"].sum() == units.frame["population"].sum()
        assert set(rows.geometry.geom_type) == {"Polygon"}
        assert rows["name"].is_unique
        assert rows["name_en"].is_unique


def test_tiers_lie_in_each_other(lattice: Lattice) -> None:
    table = made(lattice()).set_index("code", drop=False)
    assert table.index.is_unique
    assert table["zone_id"].is_unique
    below = table[table["tier"] > 1]
    for row in below.itertuples():
        parent = table.loc[row.parent]
        assert parent["tier"] == row.tier - 1
        assert row.code.startswith(f"{row.parent}-")
        assert shapely.covers(parent.geometry.buffer(1e-6), row.geometry)
    assert set(table.loc[table["tier"] == 1, "parent"]) == {""}
    assert "410700-I-1-01" in table.index


def test_the_first_tier_is_the_landforms(lattice: Lattice) -> None:
    rows = made(lattice()).query("tier == 1")
    assert rows["name"].tolist() == ["北部山地自然灾害风险大区", "中部平原自然灾害风险大区"]
    assert rows["area_km2"].tolist() == [125, 375]


def test_a_small_part_of_a_landform_goes_with_what_is_around_it(lattice: Lattice) -> None:
    units = lattice(8, 8)
    units.frame.iloc[30, units.frame.columns.get_loc("group")] = "hills"
    assert made(units).query("tier == 1").shape[0] == 2


def test_rows_in_another_order_give_the_same_regions(lattice: Lattice) -> None:
    units = lattice(5, 6, 7)
    first = tiers_of(units, RegionRules())
    order = np.random.default_rng(2).permutation(len(units.frame))
    turned = replace(units, frame=units.frame.iloc[order], parts=units.parts.iloc[order])
    again = tiers_of(turned, RegionRules())
    for one, other in zip(
        (first.first, first.second, first.third), (again.first, again.second, again.third), strict=True
    ):
        pairs = set(zip(one[order].tolist(), other.tolist(), strict=True))
        assert len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))
    table, other_table = region_table(units, first), region_table(turned, again)
    kept = ["code", "name", "grade", "area_km2"]
    assert table[kept].to_dict() == other_table[kept].to_dict()


def test_regions_do_not_depend_on_the_unit_of_measure(lattice: Lattice) -> None:
    units = lattice(5, 6, 3)
    other = replace(units, parts=units.parts * 1000)
    assert tiers_of(units, RegionRules()).second.tolist() == tiers_of(other, RegionRules()).second.tolist()


def test_units_of_a_region_touch(lattice: Lattice) -> None:
    units = lattice(6, 6, 5)
    tiers = tiers_of(units, RegionRules(number=4))
    near = contiguity(units.frame.geometry.to_numpy())
    for labels in (tiers.first, tiers.second, tiers.third):
        same = labels[near.first] == labels[near.second]
        assert len(np.unique(parts_of(36, near.first[same], near.second[same]))) == len(np.unique(labels))


def test_one_unit_is_the_region_of_every_tier(lattice: Lattice) -> None:
    with hearing(Journal()) as heard:
        table = made(lattice(1, 1))
    assert table["tier"].tolist() == [1, 2, 3]
    assert [problem.rule for problem in heard.steps] == ["zones.one_unit"]


def test_equal_units_are_one_region(lattice: Lattice) -> None:
    units = lattice(4, 4)
    equal = replace(units, parts=units.parts * 0 + 0.3, frame=units.frame.assign(index=0.6, grade=3, group="plain"))
    assert made(equal)["tier"].tolist() == [1, 2, 3]


def test_an_island_has_its_place(lattice: Lattice) -> None:
    units = lattice(3, 3)
    units.frame.iloc[8, units.frame.columns.get_loc("geometry")] = shapely.box(0, 0, 5000, 5000)
    with hearing(Journal()):
        table = made(units)
    assert np.isclose(table[table["tier"] == 3]["area_km2"].sum(), 225)


def test_a_region_has_the_grade_of_its_mean(lattice: Lattice) -> None:
    units = lattice(1, 2)
    frame = units.frame.assign(index=[0.2, 0.9], grade=[1, 4])
    both = described(replace(units, frame=frame), np.arange(2))
    assert both.grade == 3  # 0.55 lies in (0.5, 0.7]
    assert described(replace(units, frame=frame, bounds=()), np.arange(2), np.array([9.0, 1.0])).grade == 1
    left = replace(units, frame=frame.assign(index=0.5), closed="left")
    assert described(left, np.arange(2)).grade == 3
    assert described(replace(left, closed="right"), np.arange(2)).grade == 2


def test_places_are_named_by_their_largest_unit(lattice: Lattice) -> None:
    units = lattice(4, 5)
    assert described(units, np.array([0, 1])).place == {"zh": "北县镇1等2个乡镇", "en": "北县 镇1 and 1 more"}
    assert described(units, np.array([12])).place == {"zh": "南县镇12", "en": "南县 镇12"}
    # Many units that are much of the city are named by where they lie.
    assert described(units, np.arange(20)).place == {"zh": "中部", "en": "central"}
    # What a zone only grazes is not counted.
    grazed = described(units, np.array([0, 1]), np.array([20.0, 0.1])).place
    assert grazed is not None
    assert grazed["zh"] == "北县镇0"


def test_subregions_are_large_enough_to_be_read(lattice: Lattice) -> None:
    units = lattice(6, 6, 2)
    tiers = tiers_of(units, RegionRules(), least_km2=60.0)
    sizes = np.bincount(tiers.third, units.areas)
    alone = {int(at) for at in np.unique(tiers.third) if (tiers.second == tiers.second[tiers.third == at][0]).sum() < 3}
    assert all(size >= 60 for at, size in enumerate(sizes) if at not in alone)
    assert tiers.merged.before - tiers.merged.after == tiers.merged.joined > 0


def test_no_region_holds_too_much_of_the_city(lattice: Lattice) -> None:
    units = lattice(10, 10, 1)
    tiers = tiers_of(units, RegionRules(largest_share=0.3, most=30))
    assert np.bincount(tiers.second, units.areas).max() <= 0.3 * units.areas.sum() + 1e-9
    assert {"part", "units", "regions", "within_share", "by_place"} == set(tiers.fit.columns)
    assert (tiers.fit["within_share"] < 1).all()


def test_a_large_region_is_divided_where_it_lies(lattice: Lattice) -> None:
    units = lattice(6, 12, 2)
    # One plain that is the same everywhere but for a corner: risks alone would leave it whole.
    parts = units.parts.assign(flood=0.5, geology=0.1)
    parts.iloc[:3, 0] = 0.9
    frame = units.frame.assign(landform="plain", group="plain")
    alike = replace(units, parts=parts, frame=frame)
    tiers = tiers_of(alike, RegionRules(largest_share=0.3))
    held = np.bincount(tiers.second, alike.areas) / alike.areas.sum()
    assert held.max() <= 0.3
    assert tiers.fit["by_place"].sum() >= 2
    near = contiguity(alike.frame.geometry.to_numpy())
    for label in np.unique(tiers.second):
        members = tiers.second == label
        inside = members[near.first] & members[near.second]
        assert len(np.unique(parts_of(len(members), near.first[inside], near.second[inside])[members])) == 1
    assert tiers_of(alike, RegionRules(number=2)).fit["by_place"].sum() == 0


@pytest.mark.parametrize(
    ("names", "word"),
    [(["甲镇", "乙乡"], "等2个乡镇"), (["甲街道", "乙街道"], "等2个街道"), (["甲镇", "乙街道"], "等2个乡镇（街道）")],
)
def test_streets_are_not_called_townships(lattice: Lattice, names: list[str], word: str) -> None:
    units = lattice()
    frame = units.frame.assign(name=[*names, *units.frame["name"].iloc[2:]])
    place = described(replace(units, frame=frame), np.array([0, 1])).place
    assert place is not None
    assert place["zh"].endswith(word)
