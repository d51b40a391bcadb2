"""Headings of coordinates."""

from __future__ import annotations

import pytest

from riskzoning.places.columns import PlaceColumns, is_degree_column, offset_datum, place_columns


@pytest.mark.parametrize(
    ("headings", "x", "y"),
    [
        (["name", "lon", "lat"], "lon", "lat"),
        (["LATITUDE", "LONGITUDE"], "LONGITUDE", "LATITUDE"),
        (["站号", "纬度", "经度"], "经度", "纬度"),
        (["经度(°)", "纬度（度）"], "经度(°)", "纬度（度）"),
        (["东经", "北纬"], "东经", "北纬"),
        (["台站经度", "台站纬度"], "台站经度", "台站纬度"),
        (["Lon [deg]", "Lat [deg]"], "Lon [deg]", "Lat [deg]"),
        (["station_lon", "stationLat"], "station_lon", "stationLat"),
        (["X", "Y"], "X", "Y"),
        (["POINT_X", "POINT_Y"], "POINT_X", "POINT_Y"),
        (["x", "y", "lon", "lat"], "lon", "lat"),
        (["lat", "lon", "lon_error"], "lon", "lat"),
        (["Easting", "Northing"], "Easting", "Northing"),
    ],
)
def test_columns_are_known_in_any_case_and_script(headings: list[str], x: str, y: str) -> None:
    assert place_columns(headings) == PlaceColumns(x, y)


def test_projected_coordinates_prefer_x_and_y() -> None:
    assert place_columns(["lon", "lat", "x", "y"], geographic=False) == PlaceColumns("x", "y")


def test_pairs_in_one_column() -> None:
    assert place_columns(["name", "经纬度"]) == PlaceColumns("经纬度", "经纬度", pair=True)
    assert place_columns(["LatLng"]).turned


def test_headings_say_degrees_and_minutes() -> None:
    assert place_columns(["经度(度分)", "纬度(度分)"]).minutes
    assert not place_columns(["经度(度)", "纬度(度)"]).minutes


def test_what_is_missing_or_may_be_several_is_told() -> None:
    assert place_columns(["code", "lat"]) == PlaceColumns(None, "lat")
    assert place_columns(["起点经度", "终点经度", "起点纬度", "终点纬度"]).several[:2] == ("起点经度", "终点经度")
    assert place_columns(["a"]) == PlaceColumns()


def test_columns_of_degrees() -> None:
    assert [is_degree_column(name) for name in ("LON", "测站纬度", "x", "longest")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("name", "datum"),
    [
        ("gcj_lon", "gcj02"),
        ("高德经度", "gcj02"),
        ("百度坐标x", "bd09"),
        ("bd_lat", "bd09"),
        ("lon", None),
        (None, None),
    ],
)
def test_headings_that_name_an_offset_datum(name: str | None, datum: str | None) -> None:
    assert offset_datum([name]) == (None if datum is None else (datum, name))
