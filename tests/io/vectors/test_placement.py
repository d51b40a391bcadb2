"""Whether features lie where their CRS says."""

from __future__ import annotations

import geopandas as gpd
import pytest

from riskzoning import io
from riskzoning.errors import LayerError


def test_features_must_lie_where_their_crs_says() -> None:
    def points(x: float, y: float, crs: int) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(geometry=gpd.points_from_xy([x, 2 * x], [y, y]), crs=crs)

    for x, y, crs, text in (
        (500000.0, 3900000.0, 4490, "under the geographic EPSG:4490"),
        (38500000.0, 3900000.0, 4547, "zone prefix 38: EPSG:4526"),
        (57.0, 36.0, 4547, "has degrees .* in rows 2"),
        (35.0, 114.0, 4490, "has swapped axes"),
    ):
        with pytest.raises(LayerError, match=text):
            io.check_place(points(x, y, crs).iloc[: 1 if crs == 4490 and x < 100 else 2], thing="a.shp")
    io.check_place(points(57.0, 36.0, 4490), thing="a.shp")
    io.check_place(gpd.GeoDataFrame(geometry=[None], crs=4490), thing="a.shp")
