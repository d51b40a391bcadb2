"""Layers that are only drawn are read before the run: a broken one is told with the others."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import yaml
from shapely import LineString, box

from riskzoning.errors import Problem
from riskzoning.pipeline import check_study
from tests.pipeline.stages.test_objects import write_objects


def problems(folder: Path, **inputs: str) -> list[Problem]:
    path = write_objects(folder)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["inputs"] |= {name: {"path": file} for name, file in inputs.items()}
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return [item for item in check_study(path) if item.severity == "error"]


def test_layers_that_can_be_read_pass(tmp_path: Path) -> None:
    gpd.GeoDataFrame(geometry=[box(113, 34, 115, 36)], crs="EPSG:4490").to_file(tmp_path / "province.gpkg")
    gpd.GeoDataFrame(geometry=[LineString([(114, 35), (114.1, 35)])], crs="EPSG:4490").to_file(tmp_path / "dyke.gpkg")
    assert problems(tmp_path, province="province.gpkg", levees="dyke.gpkg") == []


def test_a_broken_layer_and_one_without_a_crs_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "broken.gpkg").write_bytes(b"no database")
    gpd.GeoDataFrame(geometry=[box(500_000, 3_900_000, 510_000, 3_910_000)]).to_file(tmp_path / "bare.gpkg")
    told = problems(tmp_path, province="broken.gpkg", reservoirs="bare.gpkg")
    said = " ".join(f"{item.place('en')} {item.text('en')}" for item in told)
    assert len(told) >= 2, said
    assert "broken.gpkg" in said, said
    assert "bare.gpkg" in said, said
