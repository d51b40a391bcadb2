"""Boundaries without attributes get them from a table of codes, or every id that does not fit is told."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from riskzoning.admin import join_codes
from riskzoning.errors import AdminError, Journal, hearing

TABLE = pd.DataFrame({"no": [7, 8, 9], "code": ["410702", "410703", "410704"], "name": ["红旗区", "卫滨区", "凤泉区"]})


def polygons(ids: list[object] | None) -> gpd.GeoDataFrame:
    count = 3 if ids is None else len(ids)
    shapes = [box(at, 0, at + 1, 1) for at in range(count)]
    return gpd.GeoDataFrame({} if ids is None else {"id": ids}, geometry=shapes, crs="EPSG:4490")


def told(frame: gpd.GeoDataFrame, table: pd.DataFrame = TABLE, **names: str) -> dict[str, tuple[str, ...]]:
    with pytest.raises(AdminError) as caught:
        join_codes(frame, table, **{"key": "id", "column": "no", **names})
    for problem in caught.value.problems:
        assert all(problem.text(lang) for lang in ("zh", "en"))
    return {problem.rule: tuple(map(str, dict(problem.values).get("ids", ()))) for problem in caught.value.problems}


@pytest.mark.parametrize("ids", [[9, 7, 8], ["9", " 7", "8.0"], [9.0, 7.0, 8.0]])
def test_each_polygon_gets_the_row_of_its_id(ids: list[object]) -> None:
    made = join_codes(polygons(ids), TABLE, key="id", column="no")
    assert made["code"].tolist() == ["410704", "410702", "410703"]
    assert made.geometry.equals(polygons(ids).geometry)
    assert (made.crs, "no" in made.columns) == (polygons(ids).crs, False)


def test_without_any_column_the_number_of_the_polygon_counts() -> None:
    made = join_codes(polygons(None), TABLE.assign(no=[0, 2, 1]), column="no")
    assert made["name"].tolist() == ["红旗区", "凤泉区", "卫滨区"]


def test_the_table_says_what_both_have() -> None:
    frame = polygons([7, 8, 9]).assign(name="?")
    assert join_codes(frame, TABLE, key="id", column="no")["name"].tolist() == TABLE["name"].tolist()
    own = pd.DataFrame({"code": ["410702"], "name": ["红旗区"]})
    by_code = gpd.GeoDataFrame({"code": [410702]}, geometry=[box(0, 0, 1, 1)], crs="EPSG:4490")
    assert join_codes(by_code, own, key="code")[["code", "name"]].to_numpy().tolist() == [["410702", "红旗区"]]


def test_what_does_not_fit_is_told_all_at_once() -> None:
    assert told(polygons([7, 12, None])) == {"admin.join_lost": ("12", "(without an id)")}
    doubled = pd.concat([TABLE, TABLE.head(1)])
    assert told(polygons([7, 12]), doubled) == {"admin.join_twice": ("7",), "admin.join_lost": ("12",)}
    assert set(told(polygons([7]), key="nr", column="nr")) == {"admin.join_key", "admin.join_column"}


def test_rows_without_a_polygon_are_listed() -> None:
    with hearing(Journal()) as heard:
        made = join_codes(polygons([8]), TABLE, key="id", column="no")
    assert made["name"].tolist() == ["卫滨区"]
    (problem,) = heard.warnings
    assert (problem.rule, dict(problem.values)["ids"]) == ("admin.join_idle", ("7", "9"))
