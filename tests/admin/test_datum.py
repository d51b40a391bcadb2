"""Offset datums of web maps, there and back."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from riskzoning import admin
from riskzoning.admin.datum import check_datum, shift
from riskzoning.errors import AdminError


@given(st.floats(75, 130), st.floats(18, 52))
def test_datum_shifts_turn_back(lon: float, lat: float) -> None:
    back = admin.gcj02_to_wgs84(*admin.wgs84_to_gcj02(lon, lat))
    assert np.allclose(back, (lon, lat), atol=1e-8)
    again = admin.bd09_to_wgs84(*admin.wgs84_to_bd09(lon, lat))
    assert np.allclose(again, (lon, lat), atol=1e-6)


def test_known_point_of_the_shift() -> None:
    assert np.allclose(admin.wgs84_to_gcj02(113.9, 35.3), (113.9059092, 35.2993976), atol=5e-8)


def test_a_datum_has_a_known_name() -> None:
    check_datum("gcj02")
    with pytest.raises(AdminError) as caught:
        check_datum("gcj-02")
    (problem,) = caught.value.problems
    assert (problem.rule, problem.field, problem.required) == ("admin.datum_name", "datum", "one of wgs84, gcj02, bd09")


def test_a_frame_is_converted_vertex_by_vertex_and_wants_a_crs() -> None:
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy([113.9059092], [35.2993976]), crs="EPSG:4326")
    point = admin.convert_datum(frame, "gcj02").geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((113.9, 35.3), abs=1e-6)
    with pytest.raises(AdminError) as caught:
        admin.convert_datum(frame.set_crs(None, allow_override=True), "gcj02")
    assert caught.value.problems[0].rule == "admin.convert_crs"


def test_a_shared_vertex_stays_shared() -> None:
    moved = shift(np.array([shapely.Point(1, 2)]), lambda lon, lat: (lon + 1, lat))
    assert moved[0] == shapely.Point(2, 2)
    left, right = admin.convert_datum(
        gpd.GeoDataFrame(geometry=[shapely.box(113, 35, 114, 36), shapely.box(114, 35, 115, 36)], crs=4490), "gcj02"
    ).geometry
    assert shapely.coverage_is_valid(np.array([left, right]))
