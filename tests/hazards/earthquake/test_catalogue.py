"""Catalogues of earthquakes in the forms that they come in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards.earthquake import catalogue_points

ROWS = pd.DataFrame(
    {
        "year": [1587, 1814, 1830, 1830, 1966, 1990],
        "lon": [113.9, 113.9, 114.1, 114.1, 200.0, 114.0],
        "lat": [35.2, 35.3, 35.5, 35.5, 35.0, 35.0],
        "magnitude": [6.0, 5.5, 7.5, 7.5, 5.0, np.nan],
        "location_precision_deg": [0.1, np.nan, 0.5, 0.5, 0, 0],
    }
)


def test_the_strongest_first_and_what_is_left_out_is_listed() -> None:
    with hearing(Journal()) as heard:
        points = catalogue_points(ROWS)
    assert points["magnitude"].tolist() == [7.5, 6.0, 5.5]
    assert points["class"].tolist() == [4, 3, 2]
    assert points["accuracy_km"].tolist()[:2] == pytest.approx([55.5, 11.1])
    assert points.crs.to_epsg() == 4490
    left = {dict(problem.values)["why"].key: dict(problem.values)["rows"] for problem in heard.dropped}
    assert left == {"catalogue_place": (5,), "catalogue_magnitude": (6,), "catalogue_twice": (4,)}


def test_chinese_headings_letters_before_the_magnitude_and_points() -> None:
    rows = pd.DataFrame({"经度": ["113.9"], "纬度": ["35.3"], "震级": ["Ms 5.5"], "参考地名": ["河南新乡"]})
    points = catalogue_points(rows)
    assert points[["magnitude", "place"]].values.tolist() == [[5.5, "河南新乡"]]
    placed = gpd.GeoDataFrame({"M": [5.5]}, geometry=gpd.points_from_xy([113.9], [35.3]), crs=4490).to_crs(4547)
    assert catalogue_points(placed).geometry[0].x == pytest.approx(113.9)


def test_small_ones_may_be_left_out() -> None:
    with hearing(Journal()):
        assert len(catalogue_points(ROWS, least_magnitude=6)) == 2
        with pytest.raises(LayerError) as refused:
            catalogue_points(ROWS, least_magnitude=9)
    assert refused.value.problems[0].rule == "earthquake.no_event"


def test_a_table_without_magnitudes() -> None:
    with pytest.raises(LayerError) as refused:
        catalogue_points(ROWS.drop(columns="magnitude"))
    assert dict(refused.value.problems[0].values)["missing"] == ("magnitude",)


def test_years_from_dates_also_from_before_the_time_stamps_of_the_libraries() -> None:
    dates = ["1303-09-17", "公元前780年", "1830年6月12日", "1966/3/8 05:29", "18/3/1966", "", "2021072008", "1814"]
    rows = pd.DataFrame({"发震时刻": dates, "lon": 114.0, "lat": np.arange(35.0, 35.8, 0.1), "M": 6.0})
    points = catalogue_points(rows)
    assert points["year"].tolist()[:-1] == [-780, 1303, 1814, 1830, 1966, 1966, 2021]
    assert np.isnan(points["year"].tolist()[-1])
    known = points.set_index("year")
    assert known.loc[1303, ["month", "day"]].tolist() == [9, 17]
    assert known.loc[1830, ["month", "day"]].tolist() == [6, 12]
    assert known.loc[1966, ["month", "day"]].values.tolist() == [[3, 8], [3, 18]]
    assert known.loc[2021, ["month", "day"]].tolist() == [7, 20]


def test_a_date_that_is_none_is_told() -> None:
    with hearing(Journal()) as heard:
        points = catalogue_points(pd.DataFrame({"date": ["1830-06-12", "long ago"], "x": 114.0, "y": [35, 36], "m": 6}))
    assert points["year"].tolist()[0] == 1830
    assert any("long ago" in str(problem) for problem in heard.warnings)


def test_years_of_their_own_stay() -> None:
    rows = pd.DataFrame({"year": [1830], "date": ["1990-01-01"], "x": 114.0, "y": 35.0, "m": 6})
    assert catalogue_points(rows)["year"].tolist() == [1830]


def test_a_year_to_come_is_left_out_and_degrees_with_minutes_are_read() -> None:
    rows = pd.DataFrame(
        {"经度": ["113°48′", "114.1"], "纬度": ["35°06′", "35.5"], "震级": ["Ms5.5", 6], "年": [1987, 2999]}
    )
    with hearing(Journal()) as heard:
        points = catalogue_points(rows)
    assert (points.geometry[0].x, points.geometry[0].y) == pytest.approx((113.8, 35.1))
    assert points["year"].tolist() == [1987]
    (dropped,) = heard.dropped
    assert dict(dropped.values)["rows"] == (2,)
    assert "今年" in dropped.text("zh")
