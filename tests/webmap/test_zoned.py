"""What the page is told of zones: sets in order, columns of equal length, measures in both languages, their units."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

from riskzoning.samples import toy_result
from riskzoning.webmap.zoned import units_of_zones, zones_data
from tests.zoned_result import zoned_result


def test_sets_come_in_the_order_of_a_planners_questions() -> None:
    sets = zones_data(zoned_result())
    assert [one["key"] for one in sets] == ["prevention_multi", "regions_1", "prevention_flood"]
    assert (
        sets[0]["title"] == {"zh": "自然灾害综合防治区", "en": "Prevention zones: All hazards"}
        or sets[0]["title"]["zh"]
    )
    assert [one["zh"] for one in sets[0]["classes"]] == ["一般", "次重点", "重点"]
    assert len(sets[1]["classes"]) == 5
    for one in sets:
        columns = (one["codes"], one["grades"], one["hazards"], one["areas"], one["people"], one["shapes"])
        assert {len(column) for column in columns} == {len(one["names"]["zh"])}
    assert sets[1]["hazards"] == [["flood", "earthquake"]] * 2


def test_measures_are_there_in_both_languages_whatever_the_study_speaks() -> None:
    result = zoned_result()
    both = zones_data(result)[0]["measures"]
    assert both["zh"][0] == "工程治理、监测预警"
    assert both["en"][0] == "engineering works, monitoring and warning"
    own = result.zones["zone_prevention"].assign(measures=["engineering works, 自定措施", None, *[""] * 6])
    words = zones_data(dataclasses.replace(result, zones={"zone_prevention": own}))[0]["measures"]
    assert words["zh"][:3] == ["工程治理、自定措施", "", ""]


def test_neighbouring_zones_keep_the_line_that_they_share(three_corners: gpd.GeoDataFrame) -> None:
    result = zoned_result()
    met = (
        result.zones["zone_prevention"]
        .iloc[:3]
        .set_geometry(three_corners.geometry.to_numpy())
        .set_crs("EPSG:4326", allow_override=True)
    )
    sets = zones_data(dataclasses.replace(result, zones={"zone_prevention": met}))
    assert shapely.coverage_is_valid(np.array([shape(one) for one in sets[0]["shapes"]]))
    shapes = np.array([shape(one) for one in zones_data(zoned_result())[0]["shapes"]])
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapely.coverage_union_all(shapes)) == shapely.area(shapes).sum()


def test_a_unit_belongs_to_the_zone_that_holds_half_of_it() -> None:
    result = zoned_result()
    towns = units_of_zones(result, "township")
    assert [one["prevention_multi"] for one in towns] == [0, 1, 2, 3, 4, 5]
    parents = result.units["township"].sort_index()["parent"]
    counties = list(result.units["county"].sort_index().index)
    assert [counties[one["regions_1"]] for one in towns] == list(parents)
    # The city lies in no region by half, unless one is that large.
    shares = result.units["county"].sort_index().area / result.units["county"].area.sum()
    assert units_of_zones(result, "city") == [{"regions_1": int(shares.argmax())} if shares.max() >= 0.5 else {}]


def test_without_zones_nothing_is_said() -> None:
    assert zones_data(toy_result()) == []
    assert not any(units_of_zones(toy_result(), "township"))
    empty = gpd.GeoDataFrame({"hazard": [], "tier": []}, geometry=[], crs="EPSG:4490")
    bare = dataclasses.replace(toy_result(), zones={"zone_prevention": empty, "zone_region": empty})
    assert zones_data(bare) == []


def test_what_is_missing_in_a_zone_is_null() -> None:
    result = zoned_result()
    frame = result.zones["zone_region"].assign(population=[np.nan, 5], grade=[pd.NA, 2])
    one = zones_data(dataclasses.replace(result, zones={"zone_region": frame}))[0]
    assert (one["people"], one["grades"]) == ([None, 5], [0, 2])
