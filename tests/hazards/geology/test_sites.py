"""The inventory of danger points: grades by their limits, and rows that are odd."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from riskzoning.errors import Journal, hearing
from riskzoning.hazards.geology import graded_sites


def heard(points, **columns):
    journal = Journal()
    with hearing(journal):
        out = graded_sites(points, columns or None)
    return out, {problem.rule.removeprefix("geology.site_"): dict(problem.values) for problem in journal.warnings}


def sites(**columns):
    places = columns.pop("geometry", None) or [
        Point(113.7 + 0.01 * i, 35.5) for i in range(len(next(iter(columns.values()))))
    ]
    return gpd.GeoDataFrame(columns, geometry=places, crs="EPSG:4490")


def test_threat_is_by_those_who_must_be_relocated_else_an_upper_bound():
    points = sites(
        灾害类型=["滑坡"] * 3, 威胁人数=[1200, 120, 5], 需搬迁转移人数=[100, np.nan, np.nan], 威胁财产万元=[0, 0, 5000]
    )
    out, told = heard(points)
    assert out["threat_grade"].tolist() == [2, 2, 3]
    assert out["flags"].tolist() == [[], ["upper_bound"], ["upper_bound"]]
    assert told["upper_bound"]["rows"] == ("2", "3")


def test_what_happened_and_volume_are_graded_apart():
    points = sites(
        type=["debris_flow", "landslide", "crack"], deaths=[3, 0, 0], direct_loss=[0, 600, 0], volume_m3=[2e4, 2e6, 5e9]
    )
    out, told = heard(points)
    assert out["event_grade"].tolist() == [2, 3, 1]
    np.testing.assert_array_equal(out["volume_grade"], [2, 3, np.nan])
    assert np.isnan(out["threat_grade"]).all()
    assert told["unknown_type"]["rows"] == ("3",)


def test_duplicates_swapped_and_missing_places_are_flagged():
    places = [Point(113.70, 35.5), Point(113.7001, 35.5), Point(113.71, 35.5), Point(35.5, 113.7), None]
    points = sites(名称=["甲"] * 3 + ["乙", "丙"], 灾害类型=["崩塌"] * 5, geometry=places)
    out, told = heard(points)
    assert out["flags"].tolist() == [[], ["duplicate"], [], ["swapped"], ["no_place"]]
    assert told.pop("no_criteria") == {"columns": ("名称", "灾害类型")}
    assert {name: values["count"] for name, values in told.items()} == {"duplicate": 1, "swapped": 1, "no_place": 1}


def test_columns_of_other_names():
    out, _ = heard(sites(人=[600], 种类=["滑坡"]), people="人", type="种类")
    assert out["threat_grade"].tolist() == [3]


@pytest.mark.parametrize("value", ["many", -5, None])
def test_what_is_no_number_says_nothing(value):
    out, _ = heard(sites(需搬迁转移人数=[value]))
    assert np.isnan(out["threat_grade"]).all()


def test_what_is_written_and_not_read_is_told():
    points = sites(
        灾害类型=["滑坡"] * 4, 需搬迁转移人数=["1,200", "120人", -5, ""], 体积m3=["10,000", None, "2万", " "]
    )
    out, told = heard(points)
    np.testing.assert_array_equal(out["threat_grade"], [4, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(out["volume_grade"], [1, np.nan, np.nan, np.nan])
    assert told["unreadable"] == {"count": 2, "rows": ("2", "3")}


def test_a_blocked_river_counts_where_its_column_is_named():
    points = sites(
        灾害类型=["滑坡"] * 4, 需搬迁转移人数=[5, 5, 200, 5], 堵江=["是", "否", None, "?"], 断路=[0, 1, True, False]
    )
    assert heard(points)[0]["threat_grade"].tolist() == [1, 1, 2, 1]
    both, _ = heard(points, river_blocked="堵江", route_cut="断路")
    assert both["threat_grade"].tolist() == [4, 3, 3, 1]


def test_money_written_in_yuan_is_told():
    points = sites(
        灾害类型=["滑坡"] * 4, 需搬迁转移人数=[5, 0, 10, 2000], 威胁财产万元=[300_000, 2_000_000, 90_000, 500_000]
    )
    out, told = heard(points)
    assert told["money"] == {"count": 2, "rows": ("1", "2")}
    assert out["flags"].tolist() == [["money"], ["money"], [], []]
