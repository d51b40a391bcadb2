"""Results of HEC-RAS and MIKE as inputs of a study."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from odc.geo.geobox import GeoBox

from riskzoning.config import InputConfig
from riskzoning.errors import (
    GridMismatchError,
    Journal,
    LayerError,
    MissingCRSError,
    MissingDependencyError,
    hearing,
)
from riskzoning.io import write_cog
from riskzoning.io.model_layers import ModelFile, is_model, read_model
from riskzoning.layers import layer_on
from riskzoning.pipeline.catalogue import Catalogue
from tests.io.test_hydraulics import BOTTOM, CRS, LEFT, dfs2, dfsu, hec_ras, mike_item


def with_faces(path: Path) -> Path:
    """Face velocities of a plan: ten faces, four to a cell."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "a") as store:
        area = store["Geometry/2D Flow Areas/city"]
        faces = [0, 1, 2, 3, 1, 4, 5, 6, 4, 7, 8, 9]
        area["Cells Face and Orientation Info"] = np.array([[0, 4], [4, 4], [8, 4], [12, 0]])
        area["Cells Face and Orientation Values"] = np.array([[face, 1] for face in faces])
        speed = np.array([0.1, -0.8, 0.2, 0.3, 1.5, 0.1, 0.2, 0.4, 0.0, 0.0])
        block = "Results/Unsteady/Output/Output Blocks/Base Output/Summary Output/2D Flow Areas/city"
        store[f"{block}/Maximum Face Velocity"] = np.stack([speed, np.zeros(10)])
    return path


def test_a_format_is_told_by_ending_and_content(tmp_path: Path) -> None:
    plan = hec_ras(tmp_path / "a.p01.hdf")
    (tmp_path / "text.hdf").write_text("no model", encoding="utf-8")
    told = [is_model(path) for path in (plan, tmp_path / "text.hdf", "b.DFS2", "c.dfsu", "d.tif", "e.nc")]
    assert told == [True, False, True, True, False, False]


def test_plans_by_return_period_become_a_stack_on_cells_of_the_study(tmp_path: Path) -> None:
    files = [ModelFile(hec_ras(tmp_path / f"{t}.p01.hdf"), period=t) for t in (100.0, 20.0)]
    stack = read_model(files, quantity="flood_depth", resolution=50, name="depth")
    assert stack["return_period"].values.tolist() == [20, 100]
    np.testing.assert_allclose(stack.sel(return_period=20), np.tile([2.5, 1.0, 0.0], (3, 1)))
    assert stack.odc.geobox.boundingbox.bbox == (LEFT, BOTTOM, LEFT + 150, BOTTOM + 150)
    larger = ModelFile(hec_ras(tmp_path / "large.p01.hdf", scale=2.0), period=200.0, dry_is_nodata=True)
    wide = read_model([*files, larger], quantity="flood_depth", resolution=50, name="depth")
    assert wide.shape == (3, 6, 6)
    assert float(wide.sel(return_period=200).min()) == 0.0


def test_depths_over_a_terrain_cell_by_cell(tmp_path: Path) -> None:
    plan = hec_ras(tmp_path / "a.p01.hdf")
    ground = np.tile([71.0, 71.5, 70.0, np.nan], (3, 1))
    ground[0, 1] = np.nan
    box = GeoBox.from_bbox((LEFT, BOTTOM, LEFT + 200, BOTTOM + 150), crs=CRS, resolution=50)
    terrain = layer_on(box, ground, quantity="elevation")
    file = ModelFile(plan, terrain=terrain, dry_is_nodata=True)
    with hearing(Journal()) as heard:
        depth = read_model([file], quantity="flood_depth", resolution=50, name="depth")
    # Level 72.5 over 71.0, 72.0 over 71.5; the third cell of the mesh is dry; no ground, no depth.
    np.testing.assert_allclose(depth, [[1.5, np.nan, 0.0], [1.5, 0.5, 0.0], [1.5, 0.5, 0.0]])
    assert [(p.rule, dict(p.values)["count"]) for p in heard.warnings] == [("hydraulics.terrain_gaps", 1)]
    speed = read_model(
        [ModelFile(with_faces(plan), terrain=terrain)], quantity="flood_velocity", resolution=50, name="v"
    )
    assert float(speed.max()) == 1.5
    mike = ModelFile(dfs2(tmp_path / "a.dfs2"), terrain=terrain)
    with pytest.raises(LayerError) as caught:
        read_model([mike], quantity="flood_depth", resolution=50, name="depth")
    assert caught.value.problems[0].rule == "hydraulics.terrain"


def test_velocities_of_faces_and_of_mike(tmp_path: Path) -> None:
    plan = ModelFile(with_faces(hec_ras(tmp_path / "a.p01.hdf")))
    fast = read_model([plan], quantity="flood_velocity", resolution=50, name="velocity")
    np.testing.assert_allclose(fast, np.tile([0.8, 1.5, 1.5], (3, 1)))
    assert (fast.attrs["quantity"], fast.attrs["units"]) == ("flood_velocity", "m/s")
    speed = dfs2(tmp_path / "v.dfs2", item=mike_item("Current speed", "Current_Speed", "meter_per_sec"))
    own = read_model([ModelFile(speed)], quantity="flood_velocity", resolution=1, name="velocity")
    assert float(own.max()) == 11.0
    mesh = read_model([ModelFile(dfsu(tmp_path / "b.dfsu"), 20.0)], quantity="flood_depth", resolution=50, name="d")
    np.testing.assert_allclose(mesh[0], np.tile([2.0, 0.5, 0.5], (3, 1)))


def test_what_is_refused(tmp_path: Path) -> None:
    plan = hec_ras(tmp_path / "a.p01.hdf", crs="")
    with pytest.raises(MissingCRSError):
        read_model([ModelFile(plan)], quantity="flood_depth", resolution=50, name="d")
    files = [ModelFile(plan, 20.0, crs=CRS), ModelFile(plan, 100.0, crs="EPSG:4549")]
    with pytest.raises(GridMismatchError):
        read_model(files, quantity="flood_depth", resolution=50, name="d")
    for quantity, rule in (("elevation", "hydraulics.quantity"), ("flood_velocity", "hydraulics.no_velocity")):
        with pytest.raises(LayerError) as caught:
            read_model([ModelFile(plan, crs=CRS)], quantity=quantity, resolution=50, name="d")
        assert caught.value.problems[0].rule == rule
    speeds = ModelFile(dfs2(tmp_path / "a.dfs2"))
    with pytest.raises(LayerError) as caught:
        read_model([speeds], quantity="flood_velocity", resolution=50, name="d")
    assert caught.value.problems[0].rule == "hydraulics.items"


def catalogue(folder: Path, **inputs: Any) -> Catalogue:
    study: Any = SimpleNamespace(
        file="study.yaml", path=lambda path: folder / path, grid=SimpleNamespace(resolution=50.0),
        inputs={name: InputConfig(**entry) for name, entry in inputs.items()},
    )  # fmt: skip
    return Catalogue(study)


def test_an_entry_of_the_catalogue_may_be_a_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_faces(hec_ras(tmp_path / "a.p01.hdf"))
    hec_ras(tmp_path / "b.p01.hdf")
    plan = {"path": "a.p01.hdf", "return_period": 20}
    entries = catalogue(
        tmp_path, t20=plan, t100={"path": "b.p01.hdf", "return_period": 100}, fast={"path": "a.p01.hdf"},
        raster={"path": "c.tif", "return_period": 50},
    )  # fmt: skip
    assert entries.stack(("t100", "t20"), "flood_depth").return_period.values.tolist() == [20, 100]
    assert float(entries.layer("fast", "flood_velocity").max()) == 1.5
    with pytest.raises(LayerError) as caught:
        entries.stack(("t20", "raster"), "flood_depth")
    assert caught.value.problems[0].rule == "catalogue.mixed"
    ground = np.tile([71.0, 71.5, 70.0], (3, 1))
    box = GeoBox.from_bbox((LEFT, BOTTOM, LEFT + 150, BOTTOM + 150), crs=CRS, resolution=50)
    write_cog(tmp_path / "dem.tif", layer_on(box, ground, quantity="elevation"))
    dem = {"path": "dem.tif", "quantity": "elevation"}
    over = catalogue(tmp_path, t20={**plan, "terrain": "dem"}, dem=dem, flat={**dem, "terrain": "dem"})
    np.testing.assert_allclose(over.stack(("t20",), "flood_depth")[0], np.tile([1.5, 0.5, 0.0], (3, 1)))
    with pytest.raises(LayerError) as caught:
        over.layer("flat", "elevation")
    assert caught.value.problems[0].rule == "hydraulics.terrain"
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingDependencyError) as missing:
        catalogue(tmp_path, t20=plan).stack(("t20",), "flood_depth")
    assert "riskzoning[hydraulics]" in missing.value.problems[0].fix
