"""COGs: values, colours, tags, the same bytes."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import box

from riskzoning import io
from riskzoning.coverage import zonal_statistics
from riskzoning.errors import LayerError, RunError
from riskzoning.grid import align, analysis_grid
from riskzoning.layers import layer_on


def test_cog_keeps_values_colours_tags_and_bytes(tmp_path: Path) -> None:
    grid = analysis_grid((0, 0, 120000, 90000), crs="EPSG:4547", resolution=100)
    values = np.random.default_rng(0).integers(0, 5, grid.shape).astype(np.uint8)
    for name in ("a.tif", "b.tif"):
        writer = io.CogWriter(
            tmp_path / name, grid, "uint8", nodata=0, colormap=["#FF0000", "#00FF00"], tags={"UNITS": "1"}
        )
        for first in range(0, 900, 512):
            writer.write_band(first, values[first : first + 512])
        writer.close()
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    assert io.is_cog(tmp_path / "a.tif")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "b.tif"]
    with rasterio.open(tmp_path / "a.tif") as file:
        assert np.array_equal(file.read(1), values)
        assert file.colormap(1)[2] == (0, 255, 0, 255)
        assert (file.nodata, file.tags()["UNITS"], file.block_shapes[0]) == (0, "1", (512, 512))
        assert file.overviews(1)


@pytest.mark.parametrize("dtype", ["int16", "int32", "float32"])
def test_colours_that_the_format_would_drop_are_refused(tmp_path: Path, dtype: str) -> None:
    grid = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    classes = layer_on(grid, np.ones(grid.shape, dtype), quantity="risk_grade")
    with pytest.raises(LayerError, match=f"of type {dtype}, of which GeoTIFF drops the colour table"):
        io.write_cog(tmp_path / "a.tif", classes, colormap=["#FF0000"])
    assert not list(tmp_path.iterdir())
    io.write_cog(tmp_path / "a.tif", classes)


def test_float_layers_come_back(tmp_path: Path) -> None:
    grid = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    layer = layer_on(grid, np.array([[1.5, np.nan, 2], [3, 4, 5]], np.float32), quantity="flood_depth")
    io.write_cog(tmp_path / "a.tif", layer)
    assert np.array_equal(
        io.read_layer(tmp_path / "a.tif", quantity="flood_depth").values, layer.values, equal_nan=True
    )


def test_bands_come_together_and_what_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    grid = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    writer = io.CogWriter(tmp_path / "a.tif", grid, "uint8")
    writer.write_band(0, np.full((1, 3), 4, np.uint8))
    writer.write_band(1, np.full((1, 3), 5, np.uint8))
    writer.close()
    with rasterio.open(writer.path) as file:
        assert file.read(1).tolist() == [[4, 4, 4], [5, 5, 5]]
    writer = io.CogWriter(tmp_path / "b.tif", grid, "uint8")
    writer.write_band(0, np.ones((2, 3), np.uint8))
    writer.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    grid = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    with pytest.raises(RunError) as caught:
        io.CogWriter(tmp_path / "file" / "a.tif", grid, "uint8")
    assert caught.value.problems[0].rule == "output.write"


@pytest.mark.parametrize(
    ("quantity", "dtype", "declared"),
    [("mask", "uint8", None), ("elevation", "int16", None), ("population", "int32", None), ("risk_grade", "uint8", 0)],
)
def test_a_zero_that_is_a_value_is_not_declared_missing(
    tmp_path: Path, quantity: str, dtype: str, declared: float | None
) -> None:
    """A mask of which half is 0 covers half a unit: as it lies in memory, in its file, and on a finer grid."""
    grid = analysis_grid((0, 0, 400, 200), crs="EPSG:4547", resolution=100)
    layer = layer_on(grid, np.array([[0, 1, 1, 0]] * 2, dtype), quantity=quantity)
    unit = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 400, 200)], crs="EPSG:4547")
    path = tmp_path / "a.tif"
    io.write_cog(path, layer)
    with rasterio.open(path) as file:
        assert file.nodata == declared
    back = io.read_layer(path, quantity=quantity)
    np.testing.assert_array_equal(back.values, layer.values)
    if declared is None:
        finer = align(back, analysis_grid((0, 0, 400, 200), crs="EPSG:4547", resolution=50))
        given = [layer, path, *([finer] if quantity == "mask" else [])]
        for one in given:
            assert zonal_statistics(one, unit, ["mean"]).loc["a", ["mean", "valid_share"]].tolist() == [0.5, 1.0]
