"""Headings of station tables in any case and script, with their units."""

from __future__ import annotations

import pytest

from riskzoning.io.weather.headings import columns_of, plain_name


@pytest.mark.parametrize(
    ("heading", "element", "unit"),
    [
        ("PRE_Time_2020", "precipitation", ""),
        ("pre_time_2020", "precipitation", ""),
        ("降水量(0.1mm)", "precipitation", "0.1mm"),
        ("降水量（毫米）", "precipitation", "毫米"),
        ("P_mm", "precipitation", "mm"),
        ("P_hPa", "pressure", "hPa"),
        ("Rainfall (in)", "precipitation", "in"),
        ("降水量(20-20时)", "precipitation", ""),
        ("TEM_MAX(°F)", "tmax", "°F"),
        ("日最低气温 0.1℃", "tmin", "0.1°C"),
        ("气温(2m)", "tmean", ""),
        ("风速(m/s)", "wind_mean", "m/s"),
        ("wind_kmh", "wind_mean", "km/h"),
        ("极大风速[km/h]", "wind_gust", "km/h"),
        ("RH_%", "humidity", "%"),
        ("积雪深度cm", "snow_depth", "cm"),
        ("visibility_km", "visibility", "km"),
        ("SSH", "sunshine", ""),
    ],
)
def test_what_a_column_holds_and_in_which_unit(heading: str, element: str, unit: str) -> None:
    columns = columns_of(["Station_Id_C", "Year", heading], "rain.csv")
    assert columns.problems == ()
    assert dict(columns.elements) == {element: heading}
    assert dict(columns.units) == {element: unit}


@pytest.mark.parametrize("heading", ["tmaxc", "remark", "QPRE", "宽度(mm)"])
def test_what_is_no_element_is_none(heading: str) -> None:
    assert not columns_of([heading], "rain.csv").elements


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("station", "区站号"),
        ("station", "STATION_ID"),
        ("date", "日期"),
        ("hour", "Hour"),
    ],
)
def test_where_a_place_and_a_date_stand(key: str, heading: str) -> None:
    assert columns_of([heading], "rain.csv").places[key] == heading


def test_two_columns_of_one_element_and_units_that_do_not_fit_are_problems() -> None:
    twice = columns_of(["TEM_Max", "tem max"], "a.csv").problems
    assert [(p.rule, dict(p.values)["columns"]) for p in twice] == [("stations.two_columns", ("TEM_Max", "tem max"))]
    unfit = columns_of(["风速(mm)"], "a.csv").problems
    assert [(p.rule, p.field) for p in unfit] == [("stations.column_units", "风速(mm)")]
    assert columns_of(["风速(mm)"], "a.csv", {"wind_mean": "km/h"}).units == {"wind_mean": "km/h"}
    # An odd column is no problem beside one that fits.
    assert columns_of(["风速(mm)", "WIN_S_2mi_Avg"], "a.csv").problems == ()


def test_plain_names() -> None:
    assert plain_name(" TEM_Max (℃)") == plain_name("tem max") == "temmax"
