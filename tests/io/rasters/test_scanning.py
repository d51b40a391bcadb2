"""Facts of the values of raster files: read once, and again when anything changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from riskzoning import io
from riskzoning.grid import analysis_grid
from riskzoning.io.rasters import scanning
from riskzoning.layers import LayerFacts, fact_problems, scan

AFFINE = rasterio.Affine(0.5, 0, 113, 0, -0.5, 36)


def write(path: Path, values: Any, *, mask: Any = None, scale: float = 1, offset: float = 0, **options: Any) -> Path:
    values = np.asarray(values)
    shape = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": values.dtype}
    profile = {"driver": "GTiff", "crs": "EPSG:4490", "transform": AFFINE, **shape, **options}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
        if mask is not None:
            file.write_mask(np.asarray(mask, dtype=bool))
        file.scales, file.offsets = (scale,), (offset,)
    return path


def facts_rules(path: Path, quantity: str) -> tuple[LayerFacts, list[str]]:
    facts = io.scan_layer(io.read_layer(path, quantity=quantity))
    return facts, [problem.rule for problem in fact_problems(facts, thing="a", quantity=quantity)]


def test_undeclared_no_data_is_taken_out_and_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.array([[5, -9999, 1e20]], np.float32))
    for quantity in ("elevation", "population", "wetness_index"):
        facts, rules = facts_rules(path, quantity)
        assert (facts.valid, facts.maximum) == (1, 5)
        assert -9999 in facts.undeclared
        assert "layer.nodata" in rules
    path = write(tmp_path / "b.tif", np.array([[5, 255]], np.uint8))
    facts, rules = facts_rules(path, "landcover")
    assert (facts.maximum, facts.doubtful, rules) == (255, (255.0,), ["layer.nodata_kept"])
    assert facts_rules(write(tmp_path / "c.tif", np.array([[5, 255]], np.uint8), nodata=255), "landcover")[1] == []


def test_facts_are_read_once_and_again_when_anything_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKZONING_CACHE", str(tmp_path / "cache"))
    scans: list[str] = []
    name_now = [""]
    whole, part = scanning.scan_files, scanning.scan
    monkeypatch.setattr(scanning, "scan_files", lambda *args: scans.append(name_now[0]) or whole(*args))
    monkeypatch.setattr(scanning, "scan", lambda layer, name: scans.append(name_now[0]) or part(layer, name=name))
    path = write(tmp_path / "a.tif", np.array([[1, 2]], np.float32))

    def largest(name: str, **options: Any) -> float:
        name_now[0] = name
        layer = io.read_layer(path, quantity="elevation", **options)
        return io.scan_layer(layer.isel(x=slice(0, 1)) if name == "part" else layer, name=name).maximum

    assert [largest("first"), largest("again"), largest("other nodata", nodata=2), largest("part")] == [2, 2, 1, 1]
    write(path, np.array([[1, 7]], np.float32))
    assert largest("other content") == 7
    moved = path.rename(tmp_path / "moved.tif")
    assert io.scan_layer(io.read_layer(moved, quantity="elevation"), name="moved").maximum == 7
    for record in (tmp_path / "cache" / "facts").iterdir():
        record.write_text(record.read_text(encoding="utf-8").replace("7.0", "8.0"), encoding="utf-8")
    name_now[0] = "damaged"
    assert io.scan_layer(io.read_layer(moved, quantity="elevation"), name="damaged").maximum == 7
    assert scans == ["first", "other nodata", "part", "other content", "damaged"]


def test_facts_of_stacks_come_back_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKZONING_CACHE", str(tmp_path / "cache"))
    a, b = (write(tmp_path / f"{i}.tif", np.full((2, 2), i, np.float32)) for i in (2, 1))
    stack = io.read_stack([(5, {"path": a}), (10, {"path": b}), (20, {"path": b})], quantity="flood_depth")
    first, again = io.scan_layer(stack), io.scan_layer(stack)
    assert first == again == scan(stack)
    assert (first.fall, first.identical) == (1.0, ((10.0, 20.0),))


def test_of_a_layer_far_larger_than_the_study_only_its_place_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISKZONING_CACHE", str(tmp_path / "cache"))
    values = np.arange(10_000, dtype="f4").reshape(100, 100)
    facts = {"height": 100, "width": 100, "count": 1, "dtype": "float32", "crs": "EPSG:4547"}
    affine = rasterio.Affine(100, 0, 500_000, 0, -100, 3_910_000)
    with rasterio.open(tmp_path / "a.tif", "w", driver="GTiff", transform=affine, **facts) as file:
        file.write(values, 1)
    layer = io.read_layer(tmp_path / "a.tif", quantity="station_value")
    study = analysis_grid((502_000, 3_905_000, 503_000, 3_906_000), crs="EPSG:4547", resolution=50)
    assert scanning.scan_layer(layer, within=study).cells == 10_000
    monkeypatch.setattr("riskzoning.grid.windows.SMALL", 1000)
    for given in (layer, layer.compute()):
        part = scanning.scan_layer(given, within=study)
        assert part.cells == 26 * 26
        assert part.minimum == values[32, 12]
    assert scanning.scan_layer(layer).cells == 10_000
    wide = analysis_grid((500_000, 3_900_000, 510_000, 3_910_000), crs="EPSG:4547", resolution=100)
    assert scanning.scan_layer(layer, within=wide).cells == 10_000
