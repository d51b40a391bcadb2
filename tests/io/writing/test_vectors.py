"""GeoPackages: layers and tables, the same bytes."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
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


def geopackage(path: Path, *layers: str) -> Path:
    shapes = gpd.GeoDataFrame({"code": ["1"]}, geometry=[Point(114, 35)], crs="EPSG:4490")
    io.write_vector(path, dict.fromkeys(layers, shapes))
    return path


def test_other_layers_of_a_geopackage_stay_when_that_is_asked_for(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg", "mine", "zonal")
    new = gpd.GeoDataFrame({"x": [1, 2]}, geometry=[Point(1, 1), Point(2, 2)], crs="EPSG:4490")
    io.write_vector(path, {"zonal": new}, keep=True)
    assert sorted(pyogrio.list_layers(path)[:, 0]) == ["mine", "zonal"]
    assert (len(gpd.read_file(path, layer="mine")), len(gpd.read_file(path, layer="zonal"))) == (1, 2)


def test_what_another_program_has_just_written_into_it_stays(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg", "mine")
    with closing(sqlite3.connect(path)) as holder:
        holder.execute("PRAGMA journal_mode=WAL")
        holder.execute("CREATE TABLE notes (x)")
        holder.commit()
        io.write_vector(path, {"zonal": gpd.read_file(path, layer="mine")}, keep=True)
    with closing(sqlite3.connect(path)) as again:
        assert again.execute("SELECT count(*) FROM notes").fetchall() == [(0,)]


@pytest.mark.parametrize("kind", ["text", "locked", "pipe", "database"])
def test_what_is_no_geopackage_or_in_use_is_not_replaced(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    holder = sqlite3.connect(":memory:")
    if kind == "text":
        path.write_text("mine", encoding="utf-8")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("CREATE TABLE mine (x)")
    if kind == "locked":
        holder.execute("BEGIN EXCLUSIVE")
    shapes = gpd.GeoDataFrame({"code": ["1"]}, geometry=[Point(114, 35)], crs="EPSG:4490")
    with closing(holder), pytest.raises(LayerError) as caught:
        io.write_vector(path, {"zonal": shapes}, keep=True)
    wanted = "file.special" if kind == "pipe" else "output.not_geopackage"
    assert caught.value.problems[0].rule == wanted
    assert [item.name for item in tmp_path.iterdir() if "journal" not in item.name] == ["a.gpkg"]
