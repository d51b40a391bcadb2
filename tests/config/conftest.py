"""A small right study whose text a test changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = """\
name: {zh: 市, en: City}
code: "410700"
data_date: 2026-06-30
admin: {path: admin.gpkg, layers: {county: county}}
grid: {crs: "EPSG:4547", resolution: 100}
inputs:
  dem: {path: dem.tif, quantity: elevation, units: m}
  depth_5: {path: d5.tif, quantity: flood_depth, units: m, return_period: 5}
  depth_100: {path: d100.tif, quantity: flood_depth, units: m, return_period: 100}
hazards:
  - hazard: flood
    inputs: {depth: [depth_5, depth_100]}
    params: {form: integral}
exposure:
  population: {raster: dem}
"""
FILES = ("admin.gpkg", "dem.tif", "d5.tif", "d100.tif")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_bytes(b"x")
    path = tmp_path / "study.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def changed(study: Path) -> Callable[..., Path]:
    """changed((old, new), ...): the study with parts of its text replaced."""

    def change(*pairs: tuple[str, str]) -> Path:
        text = study.read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        study.write_text(text, encoding="utf-8")
        return study

    return change
