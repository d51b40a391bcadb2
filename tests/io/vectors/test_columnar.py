"""GeoParquet and Feather."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from riskzoning import io
from riskzoning.errors import LayerError


def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": ["410702"], "people": [3]}, geometry=[box(113, 35, 114, 36)], crs="EPSG:4490")


@pytest.mark.parametrize("ending", ["parquet", "geoparquet", "feather"])
def test_columns_of_geometry_are_read_without_gdal(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    (frame().to_feather if ending == "feather" else frame().to_parquet)(path)
    read = io.read_vector(path)
    assert (read["code"].tolist(), str(read.crs)) == (["410702"], "EPSG:4490")


def test_a_named_index_is_a_column(tmp_path: Path) -> None:
    frame().set_index("code").to_parquet(tmp_path / "a.parquet")
    assert io.read_vector(tmp_path / "a.parquet")["code"].tolist() == ["410702"]


def test_a_table_without_geometry_and_a_broken_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"code": ["1"], "people": [3]}).to_parquet(path)
    with pytest.raises(LayerError, match=r"no geometry \(columns: code, people\)"):
        io.read_vector(path)
    path.write_bytes(b"PAR1 cut")
    with pytest.raises(LayerError) as caught:
        io.read_vector(path)
    assert caught.value.problems[0].rule == "vector.damaged"
    frame().to_parquet(path)
    with pytest.raises(LayerError) as caught:
        io.read_vector(path, layer="county")
    assert caught.value.problems[0].rule == "vector.one_layer"
