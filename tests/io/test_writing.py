"""Whole or not at all, and the same bytes for the same content."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely import Point

from riskzoning import io
from riskzoning.errors import LayerError, RunError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old", encoding="utf-8")

    def half() -> None:
        with io.atomic(target) as partial:
            partial.write_text("half", encoding="utf-8")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        half()
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_folders_change_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "site"
    for number in (1, 2):
        with io.atomic_folder(target) as partial:
            (partial / f"{number}.txt").write_text("x", encoding="utf-8")
    assert [path.name for path in target.iterdir()] == ["2.txt"]
    with pytest.raises(ValueError, match="stop"), io.atomic_folder(target) as partial:
        raise ValueError("stop")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


def test_places_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RunError, match="cannot be written"), io.atomic(tmp_path / "file" / "a.txt") as partial:
        partial.write_text("x", encoding="utf-8")


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


def test_float_layers_come_back(tmp_path: Path) -> None:
    grid = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    layer = layer_on(grid, np.array([[1.5, np.nan, 2], [3, 4, 5]], np.float32), quantity="flood_depth")
    io.write_cog(tmp_path / "a.tif", layer)
    assert np.array_equal(
        io.read_layer(tmp_path / "a.tif", quantity="flood_depth").values, layer.values, equal_nan=True
    )


def test_geopackage_and_workbook_have_the_same_bytes_later(tmp_path: Path) -> None:
    layers = {
        "p": gpd.GeoDataFrame({"c": ["1", None]}, geometry=[Point(1, 2), None], crs=4490),
        "t": pd.DataFrame({"x": [1.5]}),
    }
    for name in ("a", "b"):
        io.write_vector(tmp_path / f"{name}.gpkg", layers, date="2026-06-30")
        io.write_workbook(tmp_path / f"{name}.xlsx", {"t": layers["t"]}, date="2026-06-30")
        time.sleep(1.1)
    for suffix in ("gpkg", "xlsx"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
    with pytest.raises(LayerError, match=r"ends in '\.shp'"):
        io.write_vector(tmp_path / "a.shp", layers)


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@sum", "\t=1"])
def test_cells_never_run_as_formulas(tmp_path: Path, text: str) -> None:
    frame = pd.DataFrame({"name": [text]})
    io.write_csv(tmp_path / "a.csv", frame)
    io.write_workbook(tmp_path / "a.xlsx", {"a": frame})
    for found in (pd.read_csv(tmp_path / "a.csv")["name"][0], pd.read_excel(tmp_path / "a.xlsx")["name"][0]):
        assert found.startswith("'")


def test_json_has_no_nan(tmp_path: Path) -> None:
    io.write_json(tmp_path / "a.json", {"b": np.nan, "a": [np.int64(1), np.float32(0.5), Path("x")], "乡": True})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"a": [1, 0.5, "x"], "b": None, "乡": True}


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be replaced on Windows")
def test_who_has_the_old_file_open_goes_on_reading_the_old_one_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old", encoding="utf-8")
    with target.open(encoding="utf-8") as reader:
        with io.atomic(target) as partial:
            partial.write_text("newest", encoding="utf-8")
        assert reader.read() == "old"
    assert target.read_text(encoding="utf-8") == "newest"
