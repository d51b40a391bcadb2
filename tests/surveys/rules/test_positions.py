"""Rules of coordinates."""

from __future__ import annotations

import geopandas as gpd
import pytest

from riskzoning.surveys.context import Context
from tests.surveys.conftest import TODAY, rules_of, shelters


@pytest.mark.parametrize(
    ("place", "rule"),
    [
        ((35.05, 113.9), "Q05.swapped"),
        ((115.9, 35.05), "Q05.city"),
        ((13.9, 35.05), "Q05.china"),
        ((500000.0, 3880000.0), "Q05.metres_of"),
        ((500000.0, 9880000.0), "Q05.metres"),
        ((11_390_000.0, 35.05), "Q05.degree"),
        ((38_500_000.0, 3_880_000.0), "Q06.zone"),
        ((114.1, 35.05), "Q05.other_county"),
        # Inside the county, 500 m west of its east border: the shift of GCJ-02 carries it about 540 m east.
        ((114.0005, 35.05), "Q05.gcj02_or_border"),
        ((113.797, 35.05), "Q05.border"),
    ],
)
def test_one_finding_a_point_the_likeliest(place: tuple[float, float], rule: str, units: gpd.GeoDataFrame) -> None:
    rows = shelters()
    rows.loc[5, ["经度", "纬度"]] = place
    assert rules_of("shelter", rows, Context(units=units, today=TODAY)) == [(5, "lon", rule)]


def test_points_inside_are_good_and_the_shifted_ones_are_named() -> None:
    rows = shelters()
    assert rules_of("shelter", rows) == []


def test_zone_prefix_names_the_crs(units: gpd.GeoDataFrame) -> None:
    from riskzoning.surveys import check

    rows = shelters(2)
    rows.loc[0, ["经度", "纬度"]] = (38_500_000.0, 3_880_000.0)
    told = check(rows, "shelter", units=units)
    assert told.loc[told["rule"] == "Q06", "found"].iloc[0].endswith("zone prefix 38: EPSG:4526")


def test_one_object_under_two_keys() -> None:
    rows = shelters()
    rows.loc[8, ["场所名称", "经度", "纬度"]] = [rows.loc[1, "场所名称"], rows.loc[1, "经度"] + 0.0002, 35.05]
    assert rules_of("shelter", rows) == [(1, "lon", "Q04.near"), (8, "lon", "Q04.near")]
    rows.loc[8, "经度"] += 0.01
    assert rules_of("shelter", rows) == []


def test_several_points_that_the_shift_explains_are_encrypted(units: gpd.GeoDataFrame) -> None:
    # One alone may lie at a border that is drawn coarsely; borders err to all sides, the shift to one.
    rows = shelters()
    rows.loc[[1, 4, 8], "经度"] = [114.0005, 114.002, 114.0035]
    told = rules_of("shelter", rows, Context(units=units, today=TODAY))
    assert [rule for _, _, rule in told] == ["Q05.gcj02"] * 3
    rows.loc[[0, 2], "经度"] = [113.7995, 113.7985]
    told = rules_of("shelter", rows, Context(units=units, today=TODAY))
    assert sorted(rule for _, _, rule in told) == ["Q05.border"] * 2 + ["Q05.gcj02_or_border"] * 3
