"""Facts of a vector layer as it stands in its file."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from riskzoning.errors import LayerError
from riskzoning.io.vectors.raw import raw_vector


def test_fields_bounds_and_a_column(tmp_path: Path) -> None:
    points = [Point(38_450_000, 3_900_000), Point(38_460_000, 3_910_000)]
    gpd.GeoDataFrame({"class": [1, 2], "b": ["x", None]}, geometry=points).to_file(tmp_path / "a.shp")
    layer = raw_vector(tmp_path / "a.shp")
    assert (layer.fields, layer.features, layer.crs) == (("class", "b"), 2, None)
    assert layer.bounds == (38_450_000, 3_900_000, 38_460_000, 3_910_000)
    assert layer.column("class").tolist() == [1, 2]


def test_no_layer(tmp_path: Path) -> None:
    (tmp_path / "a.shp").write_bytes(b"nothing")
    with pytest.raises(LayerError) as error:
        raw_vector(tmp_path / "a.shp")
    assert error.value.problems[0].rule == "product.unreadable"
