"""GeoPackages: layers and tables, the same bytes."""

from __future__ import annotations

import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from shapely import Point

from riskzoning import io
from riskzoning.errors import LayerError


def test_geopackages_have_the_same_bytes_later(tmp_path: Path) -> None:
    layers = {
        "p": gpd.GeoDataFrame({"c": ["1", None]}, geometry=[Point(1, 2), None], crs=4490),
        "t": pd.DataFrame({"x": [1.5]}),
    }
    for name in ("a", "b"):
        io.write_vector(tmp_path / f"{name}.gpkg", layers, date="2026-06-30")
        time.sleep(1.1)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    assert pyogrio.list_layers(tmp_path / "a.gpkg")[:, 0].tolist() == ["p", "t"]
    for path, rule in (("a.shp", "output.format"), ("a.geojson", "output.format_layers")):
        with pytest.raises(LayerError) as caught:
            io.write_vector(tmp_path / path, layers)
        assert caught.value.problems[0].rule == rule
