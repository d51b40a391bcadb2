"""Ground that shakes more for its shape: factors by hand, the layer of a study, what is refused."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from riskzoning.errors import LayerError
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.earthquake import ridge_factor
from riskzoning.hazards.earthquake.ridges import ridge_layer
from riskzoning.layers import grid_of

SPEC = HAZARDS["earthquake"]


@pytest.mark.parametrize(
    ("height", "steepness", "distance", "rock", "factor"),
    [
        (60, 1.0, 0.0, True, 1.6),
        (59.9, 0.99, 0.0, True, 1.4),
        (19.9, 0.29, 0.0, True, 1.0),
        (19.9, 2.0, 0.0, True, 1.3),
        (25, 0.3, 2.5, False, 1.24),
        (25, 0.3, 5.0, False, 1.12),
        (4.9, 0.6, 2.4, False, 1.2),
    ],
)
def test_factors_by_hand(height, steepness, distance, rock, factor):
    assert ridge_factor(height, steepness, distance, rock=rock) == pytest.approx(factor)


@given(st.floats(0, 200), st.floats(0, 3), st.floats(0, 9), st.floats(0, 50))
def test_higher_and_steeper_never_shakes_less_and_farther_never_more(height, steepness, distance, more):
    factor = ridge_factor(height, steepness, distance)
    assert 1.0 <= factor <= 1.6
    assert ridge_factor(height + more, steepness, distance) >= factor
    assert ridge_factor(height, steepness + more, distance) >= factor
    assert ridge_factor(height, steepness, distance + more) <= factor


def test_what_is_not_known_has_no_factor():
    np.testing.assert_array_equal(np.isnan(ridge_factor(np.array([np.nan, -1, 30]), 0.5)), [True, True, False])


def test_a_study_raises_the_site_pga_on_its_ridges(make_layer):
    pga = make_layer(np.stack([np.full((4, 4), 0.1), np.full((4, 4), 0.2)]), "pga", return_periods=[475, 2475])
    west = box(500_000, 3_900_000, 500_200, 3_900_400)
    ridges = gpd.GeoDataFrame({"factor": ["1.4"]}, geometry=[west], crs=4547).to_crs(4490)
    made = SPEC.assess({"pga": pga, "ridges": ridges}, grid=grid_of(pga))
    np.testing.assert_allclose(made["site_pga"][0], [[0.14, 0.14, 0.1, 0.1]] * 4)
    np.testing.assert_allclose(made["basic_pga"], [[0.14, 0.14, 0.1, 0.1]] * 4)
    layer = make_layer(np.where(np.arange(16).reshape(4, 4) == 5, np.nan, 1.2), "amplification")
    lazy = SPEC.assess({"pga": pga.chunk(x=2), "ridges": layer.chunk(x=2)}, grid=grid_of(pga))
    assert lazy["site_pga"].chunks is not None
    np.testing.assert_allclose(lazy["site_pga"][1, 1, :2], [0.24, 0.2])


def test_factors_that_are_none_are_named(make_layer):
    grid = grid_of(make_layer(np.zeros((4, 4)), "pga"))
    boxes = [box(500_000 + 100 * at, 3_900_000, 500_100 + 100 * at, 3_900_400) for at in range(3)]
    with pytest.raises(LayerError) as caught:
        ridge_layer(gpd.GeoDataFrame({"factor": [1.2, 2.4, "steep"]}, geometry=boxes, crs=4547), grid)
    assert caught.value.problems[0].rule == "earthquake.ridges"
    assert dict(caught.value.problems[0].values)["rows"] == ("2 (2.4)", "3 (steep)")
