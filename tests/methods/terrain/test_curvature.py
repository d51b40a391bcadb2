"""Curvature: what is convex is above 0, along and across the fall; planes have none; blocks change nothing."""

import numpy as np
import pytest

from riskzoning.errors import LayerError
from riskzoning.methods.terrain import curvature


def surface(make_layer, form, size=9, cell=10):
    y, x = np.mgrid[:size, :size] * float(cell)
    return make_layer(form(x - x.mean(), y.mean() - y), "elevation", resolution=cell)


@pytest.mark.parametrize(
    ("form", "plan", "profile"),
    [
        (lambda x, y: 100 - 0.1 * y, 0.0, 0.0),
        (lambda x, y: 100 - 0.1 * y - 0.002 * x**2, 0.004, 0.0),
        (lambda x, y: 100 - 0.1 * y - 0.002 * y**2, 0.0, 0.004),
        (lambda x, y: 100 - 0.1 * y + 0.002 * y**2, 0.0, -0.004),
        (lambda x, y: 100 - 0.1 * (x + y) + 0.002 * (x - y) ** 2, -0.008, 0.0),
        (lambda x, y: 100.0 + 0 * x, 0.0, 0.0),
    ],
    ids=["plane", "nose", "crest", "foot", "hollow on the diagonal", "flat"],
)
def test_forms(make_layer, form, plan, profile):
    dem = surface(make_layer, form)
    assert curvature(dem, "plan")[4, 4] == pytest.approx(plan, abs=1e-9)
    assert curvature(dem, "profile")[4, 4] == pytest.approx(profile, abs=1e-9)


def test_edges_and_gaps_are_missing_and_blocks_change_nothing(make_layer):
    rng = np.random.default_rng(1)
    dem = make_layer(rng.random((20, 30)) * 50, "elevation")
    dem[7, 9] = np.nan
    plain = curvature(dem, "profile")
    assert np.isnan(plain[0]).all()
    assert np.isnan(plain[6:9, 8:11]).all()
    assert np.isfinite(plain[1:6, 1:-1]).all()
    lazy = curvature(dem.chunk(y=7, x=11), "profile")
    assert lazy.chunks is not None
    np.testing.assert_array_equal(lazy, plain)


def test_an_unknown_direction_is_refused(make_layer):
    with pytest.raises(LayerError) as caught:
        curvature(surface(make_layer, lambda x, y: x), "mean")
    assert caught.value.problems[0].rule == "terrain.direction"
