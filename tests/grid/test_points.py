"""Values at points."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.grid import sample

MakeLayer = Callable[..., xr.DataArray]
POINTS = gpd.GeoSeries.from_xy([500050, 500100, 500240, 600000], [3900050] * 4, crs="EPSG:4547")


def test_bilinear_for_surfaces_nearest_for_classes(make_layer: MakeLayer) -> None:
    np.testing.assert_allclose(sample(make_layer([[10.0, 20.0, 40.0]]), POINTS), [10, 15, 38, np.nan])
    codes = make_layer(np.array([[3, 4, 9]], dtype="uint8"), "landcover")
    np.testing.assert_array_equal(sample(codes, POINTS), [3, 4, 9, np.nan])
    np.testing.assert_array_equal(
        sample(make_layer([[10.0, np.nan, 40.0]], "population"), POINTS), [10, np.nan, 40, np.nan]
    )
    np.testing.assert_array_equal(
        sample(make_layer([[10.0, 20.0, 40.0]]), POINTS, resampling="nearest")[:3], [10, 20, 40]
    )


def test_lazy_layers_and_other_crs(make_layer: MakeLayer) -> None:
    layer = make_layer(np.random.default_rng(0).random((30, 40)))
    rng = np.random.default_rng(1)
    points = gpd.GeoSeries.from_xy(rng.uniform(500000, 504000, 9), rng.uniform(3900000, 3903000, 9), crs="EPSG:4547")
    wanted = sample(layer, points)
    assert np.isfinite(wanted).all()
    np.testing.assert_array_equal(sample(layer.chunk({"y": 7}), points), wanted)
    np.testing.assert_allclose(sample(layer, points.to_crs("EPSG:4490")), wanted, atol=1e-7)


def test_stacks_and_empty_points_are_refused(make_layer: MakeLayer) -> None:
    with pytest.raises(LayerError, match="return periods"):
        sample(make_layer(np.ones((2, 3, 3)), return_periods=[1, 2]), POINTS)
    with pytest.raises(LayerError, match="empty points"):
        sample(make_layer([[1.0]]), gpd.GeoSeries([shapely.Point()], crs="EPSG:4547"))
