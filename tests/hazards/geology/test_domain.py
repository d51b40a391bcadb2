"""Susceptible ground: steep, rugged, or near."""

import numpy as np
import pytest

from riskzoning import standards
from riskzoning.hazards.geology.domain import relief_around, susceptible_ground
from riskzoning.layers import grid_of


def test_steep_ground_and_what_lies_within_200_m_of_it(make_layer):
    degrees = np.zeros((9, 9))
    degrees[4, 4] = 5.0
    degrees[0, 0] = np.nan
    slope = make_layer(degrees, "slope")
    mask = susceptible_ground(slope, None, grid_of(slope)).values
    y, x = np.mgrid[-4:5, -4:5]
    np.testing.assert_array_equal(mask, np.hypot(y, x) <= 2)
    lazy = susceptible_ground(slope.chunk(y=3, x=4), None, grid_of(slope))
    assert lazy.chunks is not None
    np.testing.assert_array_equal(lazy.values, mask)


def test_rugged_ground_counts_although_it_is_not_steep(make_layer):
    slope = make_layer(np.zeros((5, 9)), "slope")
    relief = np.zeros((5, 9))
    relief[2, 8], relief[2, 0] = 30.0, 29.9
    mask = susceptible_ground(slope, make_layer(relief, "relief"), grid_of(slope)).values
    assert mask[2].tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 1]
    own = {"ladders/geology": {**standards.table("ladders/geology").data}}
    own["ladders/geology"]["domain"] = {"slope": 5, "relief": 20, "relief_window_m": 500, "near_m": 0}
    with standards.session(own):
        mask = susceptible_ground(slope, make_layer(relief, "relief"), grid_of(slope)).values
    assert mask[2].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_relief_of_500_m_around_from_the_elevation_else_what_is_given(make_layer):
    heights = np.zeros((9, 9))
    heights[4, 4] = 40.0
    dem = make_layer(heights, "elevation")
    around = relief_around(dem, None, grid_of(dem)).values
    y, x = np.mgrid[-4:5, -4:5]
    np.testing.assert_array_equal(around, np.where((np.abs(y) <= 2) & (np.abs(x) <= 2), 40.0, 0.0))
    given = make_layer(heights, "relief")
    assert relief_around(None, given, grid_of(dem)) is given
    assert relief_around(None, None, grid_of(dem)) is None


@pytest.mark.parametrize("cell", [200, 1000])
def test_coarse_cells_look_at_their_neighbours(make_layer, cell):
    heights = np.zeros((7, 7))
    heights[3, 3] = 40.0
    dem = make_layer(heights, "elevation", resolution=cell)
    around = relief_around(dem, None, grid_of(dem)).values
    assert around[3, 4] == 40.0
    assert around[3, 5] == 0.0
