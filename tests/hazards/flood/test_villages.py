"""The table of villages: zone of each, or why it is not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.flood import Params
from riskzoning.hazards.flood.villages import COLUMNS, village_table

MakeLayer = Callable[..., xr.DataArray]
X, Y = 500_000, 3_900_000


@pytest.fixture
def depths(make_layer: MakeLayer) -> xr.DataArray:
    values = np.array([[[0.4, 0, 0, 0, np.nan]], [[0.9, 0.3, 0, 0, np.nan]], [[2.0, 1.0, 0.2, 0, np.nan]]])
    return make_layer(values, quantity="flood_depth", return_periods=[2, 10, 100])


def places(depths: xr.DataArray, **columns: Any) -> gpd.GeoDataFrame:
    """A village in the middle of every cell."""
    return gpd.GeoDataFrame(
        columns, geometry=gpd.points_from_xy(depths.x.values, np.full(5, float(depths.y[0]))), crs=depths.odc.crs
    )


def table_of(inputs: dict[str, Any], **params: Any) -> Any:
    with hearing(Journal()) as heard:
        table = HAZARDS["flood"].prepare(inputs, params).tables["villages"]
    assert list(table.columns) == COLUMNS
    return table, [problem.rule for problem in heard.warnings]


def test_every_village_has_a_zone_or_a_reason(depths: xr.DataArray) -> None:
    villages = places(depths, name=list("abcde"), code=[f"41070200100{i}" for i in range(5)], people=range(5))
    table, told = table_of({"depth": depths, "villages": villages.to_crs(4490)}, village_people="people")
    assert table["zone"].tolist() == [3, 2, 1, 0, 0]
    np.testing.assert_array_equal(table["first_period"], [2, 10, 100, np.nan, np.nan])
    assert table["status"].tolist() == ["assessed"] * 4 + ["not_assessed"]
    assert table["reason"].tolist() == [""] * 4 + ["no_depth_there"]
    assert table["code"].tolist()[0] == "410702001000"
    assert table["people"].tolist() == [0, 1, 2, 3, 4]
    assert told == ["flood.villages_dark"]


def test_water_that_does_no_harm_and_the_flood_on_record(depths: xr.DataArray) -> None:
    villages = places(depths, seen=[0, 0, 0, 1, None])
    table, _ = table_of({"depth": depths, "villages": villages}, village_safe_depth=0.5, village_record="seen")
    assert table["zone"].tolist() == [2, 1, 0, 1, 0]
    assert table["code"].tolist() == list("12345")


def test_without_villages_or_depths_nothing_is_said_to_be_safe(depths: xr.DataArray, make_layer: MakeLayer) -> None:
    for villages in ({}, {"villages": places(depths).iloc[:0]}):
        table, _ = table_of({"depth": depths, **villages})
        assert table[["status", "reason"]].values.tolist() == [["not_assessed", "no_villages"]]
    height = make_layer(np.zeros((1, 5)), quantity="height_above_drainage")
    table, _ = table_of({"height_above_drainage": height, "villages": places(depths)})
    assert set(table["reason"]) == {"no_depths"}
    table, _ = table_of({"height_above_drainage": height, "villages": places(depths)}, stages={2: 1.0})
    assert set(table["zone"]) == {3}


def test_areas_count_by_a_point_inside_and_places_may_be_missing(depths: xr.DataArray) -> None:
    villages = places(depths)
    villages["geometry"] = villages.geometry.buffer(20)
    villages.loc[1, "geometry"] = None
    with hearing(Journal()) as heard:
        table = village_table(villages, depths, Params())
    assert table["zone"].tolist() == [3, 1, 0, 0]
    assert "flood.villages_unplaced" in [problem.rule for problem in heard.warnings]


def test_a_column_that_is_not_there_is_named(depths: xr.DataArray) -> None:
    with pytest.raises(LayerError) as caught:
        table_of({"depth": depths, "villages": places(depths)}, village_people="pop")
    assert caught.value.problems[0].rule == "input.columns"
