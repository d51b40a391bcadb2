"""The field of earthquakes along a fault."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, Point

from riskzoning.errors import Journal, LayerError, MissingCRSError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards.earthquake import fault_field, rupture_length, scenario_field

GRID = analysis_grid((113.5, 35.0, 114.3, 35.6), crs="EPSG:4490", resolution=0.1)
LINE = gpd.GeoSeries([LineString([(113.7, 35.2), (114.0, 35.4)])], crs="EPSG:4490")


def test_length_of_the_rupture() -> None:
    assert rupture_length(7.0) == pytest.approx(10 ** (0.69 * 7 - 3.26))
    assert rupture_length(8.0) > rupture_length(7.0)


def test_the_envelope_is_at_least_each_earthquake_on_the_line() -> None:
    field = fault_field(GRID, LINE, magnitude=6.5, region="east")
    ends = [
        scenario_field(GRID, magnitude=6.5, epicentre=end, strike_deg=50.7, region="east")
        for end in ((113.7, 35.2), (114.0, 35.4))
    ]
    assert all(np.all(field.values >= end.values - 0.02) for end in ends)
    assert field.attrs["quantity"] == "seismic_intensity"
    turned = fault_field(GRID, LINE.reverse(), magnitude=6.5, region="east")
    np.testing.assert_allclose(turned, field, atol=0.03)
    wider = fault_field(GRID, LINE.to_crs(4547), magnitude=7.0, region="east", measure="pga")
    assert (wider.attrs["units"], bool((wider > 0).all())) == ("g", True)


def test_finer_places_change_little() -> None:
    coarse, fine = (
        fault_field(GRID, LINE, magnitude=6.5, region="east", spacing_km=km).values for km in (5.0, 1.0)
    )  # fmt: skip
    assert np.abs(coarse - fine).max() < 0.1


def test_what_is_refused() -> None:
    for wrong in (gpd.GeoSeries([Point(113.7, 35.2)], crs=4490), LINE.iloc[:0]):
        with pytest.raises(LayerError):
            fault_field(GRID, wrong, magnitude=6.5, region="east")
    with pytest.raises(LayerError):
        fault_field(GRID, LINE, magnitude=6.5, region="east", spacing_km=0)
    with pytest.raises(MissingCRSError):
        fault_field(GRID, LINE.set_crs(None, allow_override=True), magnitude=6.5, region="east")


def test_points_drawn_twice_give_no_strike() -> None:
    twice = gpd.GeoSeries([LineString([(113.7, 35.2), (113.7, 35.2), (114.0, 35.4), (114.0, 35.4)])], crs="EPSG:4490")
    field = fault_field(GRID, twice, magnitude=6.5, region="east")
    np.testing.assert_allclose(field, fault_field(GRID, LINE, magnitude=6.5, region="east"))
    point = gpd.GeoSeries([LineString([(113.6, 35.1)] * 2)], crs="EPSG:4490")
    with hearing(Journal()) as heard:
        both = fault_field(GRID, gpd.GeoSeries([*LINE, *point], crs="EPSG:4490"), magnitude=6.5, region="east")
    np.testing.assert_allclose(both, field)
    assert [(one.rule, dict(one.values)["rows"]) for one in heard.warnings] == [("earthquake.fault_points", (2,))]
    with pytest.raises(LayerError) as caught:
        fault_field(GRID, point, magnitude=6.5, region="east")
    assert caught.value.problems[0].rule == "earthquake.fault_points"
