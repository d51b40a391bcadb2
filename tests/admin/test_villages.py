"""Villages below townships: codes, names, parents, what they cover; townships keep their borders."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import box

from riskzoning import admin
from riskzoning.errors import AdminError

TOWNS = {"410702001": box(113.8, 35.2, 113.9, 35.3), "410702002": box(113.9, 35.2, 114.0, 35.3)}


def townships() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": list(TOWNS), "name": ["西街街道", "东街街道"]}, geometry=list(TOWNS.values()), crs="EPSG:4490"
    )


def villages(**changes: object) -> gpd.GeoDataFrame:
    """Each township in two halves, north and south."""
    codes = [f"{code}{number}" for code in TOWNS for number in ("001", "201")]
    shapes = []
    for west, east in ((113.8, 113.9), (113.9, 114.0)):
        shapes += [box(west, 35.25, east, 35.3), box(west, 35.2, east, 35.25)]
    columns = {"code": codes, "name": ["一社区", "二村", "三社区", "四村"], "geometry": shapes, **changes}
    return gpd.GeoDataFrame(columns, geometry="geometry", crs="EPSG:4490")


def rules(made: admin.AdminUnits) -> set[str]:
    return {problem.rule for problem in made.problems}


def test_villages_are_the_fourth_level_and_lie_under_their_townships() -> None:
    made = admin.assemble({"township": townships(), "village": villages()})
    assert made.problems == ()
    assert made.units["level"].value_counts().to_dict() == {"village": 4, "township": 2, "county": 1, "city": 1}
    assert made.units.loc["410702002201", ["name", "level", "parent"]].tolist() == ["四村", "village", "410702002"]


@pytest.mark.parametrize("count", [2, 4])
def test_the_units_above_are_the_same_with_and_without_villages(count: int) -> None:
    alone = admin.assemble({"township": townships()}).units
    below = admin.assemble({"township": townships(), "village": villages().iloc[:count]}).units
    own = below[below["level"] != "village"]
    assert own.index.tolist() == alone.index.tolist()
    assert all(shapely.equals_exact(own.geometry.to_numpy(), alone.geometry.to_numpy(), 0.0))


def test_villages_alone_make_their_townships() -> None:
    frame = villages().assign(乡镇名称=["西街街道"] * 2 + ["东街街道"] * 2).rename(columns={"name": "村名"})
    made = admin.assemble({"village": frame})
    assert made.units.loc["410702001", ["name", "level", "parent"]].tolist() == ["西街街道", "township", "410702"]
    assert made.units.loc["410702001001", "name"] == "一社区"
    assert made.units.loc["410702001"].geometry.equals(TOWNS["410702001"])


def test_one_layer_of_long_codes_is_split_by_their_form() -> None:
    towns = townships().assign(code=lambda frame: frame["code"] + "000")
    both = gpd.GeoDataFrame(pd.concat([towns, villages()], ignore_index=True), crs="EPSG:4490")
    made = admin.assemble(both)
    assert made.units["level"].value_counts().to_dict()["village"] == 4
    assert "410702001" in made.units.index


def test_a_lake_between_villages_is_told_by_township_and_stops_nothing() -> None:
    less = villages()
    less.loc[1, "geometry"] = box(113.8, 35.2, 113.88, 35.25)
    made = admin.assemble({"township": townships(), "village": less})
    assert rules(made) == {"admin.villages_apart"}
    text = made.problems[0].text("en")
    assert "410702001 (-10.0%)" in text
    assert made.units.loc["410702001"].geometry.equals(TOWNS["410702001"])


def test_a_hole_inside_a_village_layer_is_no_gap() -> None:
    holed = villages()
    holed.loc[1, "geometry"] = holed.geometry[1].difference(box(113.84, 35.22, 113.86, 35.23))
    assert rules(admin.assemble({"township": townships(), "village": holed})) == {"admin.villages_apart"}


def test_townships_without_villages_are_a_note() -> None:
    made = admin.assemble({"township": townships(), "village": villages().iloc[:2]})
    assert [(problem.rule, problem.severity) for problem in made.problems] == [("admin.villages_none", "info")]


def test_a_village_in_another_township_than_its_code_says_is_told() -> None:
    swapped = villages()
    swapped["code"] = swapped["code"].iloc[[2, 1, 0, 3]].to_numpy()
    assert rules(admin.assemble({"township": townships(), "village": swapped})) == {"admin.villages_outside"}
    named = swapped.assign(parent=["410702001", "410702001", "410702002", "410702002"])
    assert rules(admin.assemble({"township": townships(), "village": named})) == set()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"code": ["410702001001", "410702001201", "410702003001", "410702002201"]}, "admin.parent"),
        ({"code": ["410702001001", "410702001001", "410702002001", "410702002201"]}, "admin.duplicate"),
        ({"code": ["41070200100", "410702001201", "410702002001", "410702002201"]}, "admin.code"),
    ],
)
def test_codes_of_villages_must_be_right(changes: dict[str, list[str]], rule: str) -> None:
    with pytest.raises(AdminError) as caught:
        admin.assemble({"township": townships(), "village": villages(**changes)})
    assert rule in {problem.rule for problem in caught.value.problems}


def test_ground_of_two_villages_is_refused_and_mended_where_asked() -> None:
    over = villages()
    over.loc[0, "geometry"] = box(113.8, 35.24, 113.9, 35.3)
    with pytest.raises(AdminError) as caught:
        admin.assemble({"township": townships(), "village": over})
    assert "admin.overlap" in {problem.rule for problem in caught.value.problems}
    made = admin.assemble({"township": townships(), "village": over}, repair=True)
    mended = made.units.loc[["410702001001", "410702001201"]].geometry.to_numpy()
    assert shapely.area(mended).sum() == pytest.approx(0.01, rel=1e-9)


def test_a_village_smaller_than_anything_drawn_and_one_of_many_parts_are_villages() -> None:
    parts = shapely.MultiPolygon([box(113.8, 35.25, 113.9, 35.3), box(113.82, 35.21, 113.8201, 35.2101)])
    rest = box(113.8, 35.2, 113.9, 35.25).difference(parts)
    shapes = [parts, rest, *villages().geometry[2:]]
    made = admin.assemble({"township": townships(), "village": villages(geometry=shapes)})
    assert made.problems == ()
    assert made.units.loc["410702001001"].geometry.geom_type == "MultiPolygon"


def test_a_column_of_parents_that_other_layers_have_need_not_be_in_that_of_villages() -> None:
    towns = townships().assign(parent="410702")
    columns = {"code": "code", "name": "name", "parent": "parent"}
    made = admin.assemble({"township": towns, "village": villages()}, columns=columns)
    assert made.units.loc["410702002201", "parent"] == "410702002"
