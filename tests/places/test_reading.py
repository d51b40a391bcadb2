"""Coordinates of tables as numbers."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.places import PlaceColumns, check_degrees, check_frame, is_turned, place_columns, read_places


def table(**columns: list[Any]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    frame.index = pd.RangeIndex(2, 2 + len(frame), name="row")
    return frame


def places(frame: pd.DataFrame) -> tuple[list[float], list[float]]:
    with hearing(Journal()):
        read = read_places(frame, place_columns(frame.columns), thing="a.csv")
    return list(read.east), list(read.north)


def test_rows_without_a_place_have_a_reason() -> None:
    frame = table(lon=["113°54′E", "", "abc", 0, -9999, 114], lat=["35.3", "35", "35", 0, -9999, 999999])
    read = read_places(frame, PlaceColumns("lon", "lat"), thing="a.csv")
    assert np.isfinite(read.east + read.north).tolist() == [True] + [False] * 5
    assert [reason.key for reason in read.reasons] == [
        "place_missing", "place_unreadable", "place_zero", "place_missing", "place_missing",
    ]  # fmt: skip
    assert str(read.reasons[1]) == "row 4: 'abc' in column 'lon' is not a coordinate"


def test_pairs_of_one_cell() -> None:
    assert places(table(location=["113.9,35.3", "POINT (114 36)"])) == ([113.9, 114.0], [35.3, 36.0])
    assert places(table(latlng=["35.3; 113.9"])) == ([113.9], [35.3])
    assert np.isnan(places(table(坐标=["113.9", ""]))[0]).all()


def test_longitudes_to_360_go_west() -> None:
    assert places(table(lon=[245.0], lat=[10.0])) == ([-115.0], [10.0])


def test_a_heading_of_minutes_counts_for_mere_numbers_only() -> None:
    assert places(table(**{"经度(度分)": [113.54], "纬度(度分)": [35.18]})) == ([113.9], [35.3])
    assert places(table(**{"经度(度分)": ["113°30′"], "纬度(度分)": ["35°30′"]})) == ([113.5], [35.5])


@pytest.mark.parametrize(
    ("frame", "rule", "field", "row"),
    [
        (table(lon=[35.3], lat=[113.9]), "points.swapped", "lon", 2),
        (table(经度=["北纬35°18′"], 纬度=["东经113°54′"]), "points.swapped", "经度", 2),
        (table(lon=[114, 114], lat=["35", "113°54′E"]), "points.swapped", "lat", 3),
        (table(lon=[3518, 3518], lat=[11354, 11354]), "points.swapped", "lon", 2),
        (table(lon=[114, 114, 35], lat=[35, 35, 114]), "points.range", None, 4),
        (table(lon=[500000], lat=[3900000]), "points.no_degrees", None, 2),
        (table(lon=[11354, 11354, 11375], lat=[3518] * 3), "points.minutes_mixed", None, 4),
    ],
)
def test_what_cannot_be_a_place_is_refused_by_column_and_row(
    frame: pd.DataFrame, rule: str, field: str | None, row: int
) -> None:
    with pytest.raises(LayerError) as caught:
        places(frame)
    (problem,) = caught.value.problems
    assert (problem.rule, problem.field, problem.row) == (rule, field, row)


def test_stations_are_named_in_messages() -> None:
    with pytest.raises(LayerError, match="station 53986"):
        check_degrees(np.array([35.3]), np.array([113.9]), thing="x", labels=["53986"], kind="station")


def test_places_that_are_meant_the_other_way_round() -> None:
    east, north = np.array([35.3, 113.9, 10.0, np.nan]), np.array([113.9, 35.3, 20.0, 1.0])
    assert is_turned(east, north).tolist() == [True, False, False, False]


def test_features_in_degrees_that_lie_elsewhere_are_refused() -> None:
    swapped = gpd.GeoDataFrame(geometry=gpd.points_from_xy([35.3, 35.2], [113.9, 114]), index=["a", "b"], crs=4490)
    with pytest.raises(LayerError) as caught:
        check_frame(swapped, "stations")
    assert (caught.value.problems[0].rule, "feature a" in caught.value.problems[0].found) == ("points.swapped", True)
    far = gpd.GeoDataFrame(geometry=gpd.points_from_xy([10, 500000], [20, 3900000]), crs=4490)
    with pytest.raises(LayerError, match="cannot be longitude and latitude"):
        check_frame(far, "stations")
    check_frame(swapped.set_crs(4547, allow_override=True), "stations")
    check_frame(swapped.iloc[:0], "stations")
