"""Catchments with their Melton ratio, and slope units: whole ground, areas that add up, ridges that divide."""

import numpy as np
import pytest

from riskzoning.errors import LayerError
from riskzoning.hazards.geology import debris_flow_catchments, slope_units
from riskzoning.layers import layer_on


@pytest.fixture(scope="module")
def valley():
    from riskzoning.grid import analysis_grid

    y, x = np.mgrid[:40, :41]
    heights = 2600.0 - 40 * y + 25 * abs(x - 20) + 3 * np.sin(y / 3.0)
    return layer_on(analysis_grid((0, 0, 4100, 4000), crs="EPSG:4547", resolution=100), heights, quantity="elevation")


def test_areas_are_of_all_ground_above_and_relief_from_the_outlet(valley):
    rows = debris_flow_catchments(valley, least_km2=1.0)
    assert rows["own_km2"].sum() == pytest.approx(16.4)
    assert (rows["area_km2"] >= rows["own_km2"] - 1e-9).all()
    assert (rows["area_km2"][rows["headwater"]] == rows["own_km2"][rows["headwater"]]).all()
    assert rows.geometry.area.sum() / 1e6 == pytest.approx(16.4)
    largest = rows.loc[rows["area_km2"].idxmax()]
    assert largest["relief_m"] > 1500
    np.testing.assert_allclose(rows["melton"], rows["relief_m"] / np.sqrt(rows["area_km2"] * 1e6))
    kinds = np.where(rows["melton"] > 0.6, "debris_flow", np.where(rows["melton"] > 0.3, "debris_flood", "flood"))
    assert rows["kind"].tolist() == kinds.tolist()
    assert rows.crs == "EPSG:4547"


def test_slope_units_are_divided_by_valley_and_ridge(valley):
    units = slope_units(valley, least_km2=0.5).values
    assert units.dtype == np.int32
    assert set(np.unique(units)) == set(range(1, units.max() + 1))
    assert not set(np.unique(units[5:35, :17])) & set(np.unique(units[5:35, 24:]))
    assert np.bincount(units.ravel())[1:].min() >= 9


def test_without_height_there_is_no_unit(valley):
    holed = valley.copy(deep=True)
    holed[:5, :5] = np.nan
    assert (slope_units(holed).values[:5, :5] == 0).all()
    with pytest.raises(LayerError) as caught:
        slope_units((holed * np.nan).assign_attrs(holed.attrs))
    assert caught.value.problems[0].rule == "geology.no_height"
    with pytest.raises(LayerError) as caught:
        debris_flow_catchments(valley, least_km2=0)
    assert caught.value.problems[0].rule == "geology.catchment_area"
