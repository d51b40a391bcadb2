"""Depths of HEC-RAS and MIKE, from files made here by the libraries that read them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import pytest
from odc.geo.geobox import GeoBox

from riskzoning import io
from riskzoning.errors import LayerError, MissingCRSError, MissingDependencyError
from riskzoning.grid import analysis_grid
from riskzoning.io.hydraulics import model_place
from riskzoning.layers import layer_on

CRS = "EPSG:4547"
LEFT, BOTTOM = 500_000.0, 3_900_000.0


@pytest.fixture
def grid() -> GeoBox:
    """4 x 3 cells of 50 m on the left part of a mesh, and a column beyond it."""
    return analysis_grid((LEFT, BOTTOM, LEFT + 200, BOTTOM + 150), crs=CRS, resolution=50)


def hec_ras(path: Path, *, summary: bool = True, units: str = "SI Units", scale: float = 1.0, crs: str = CRS) -> Path:
    """Three cells of 50 m in a row, the last one dry, and a cell of the border without area."""
    h5py = pytest.importorskip("h5py")
    points = np.array([[x, y] for y in (0, 150) for x in (0, 50, 100, 150)], dtype=float) * scale
    points += np.array([LEFT, BOTTOM])
    index = np.array([[0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 7, -1, -1]])
    ground = np.array([70.0, 71.0, 74.0, np.nan])
    level = np.array([72.5, 72.0, 74.0, np.nan])
    with h5py.File(path, "w") as store:
        store.attrs["Units System"] = np.bytes_(units)
        if crs:
            store.attrs["Projection"] = pyproj.CRS.from_user_input(crs).to_wkt().encode("utf-8")
        area = store.create_group("Geometry/2D Flow Areas/city")
        # As HEC-RAS writes them: tables of all areas lie beside the groups of the areas.
        attributes = np.array([(b"city", 0.06)], dtype=[("Name", "S16"), ("Mann", "f4")])
        store["Geometry/2D Flow Areas/Attributes"] = attributes
        store["Geometry/2D Flow Areas/Cell Points"] = np.zeros((4, 2))
        area["FacePoints Coordinate"], area["Cells FacePoint Indexes"] = points, index
        area["Cells Minimum Elevation"] = ground
        block = "Results/Unsteady/Output/Output Blocks/Base Output"
        if summary:
            top = store.create_group(f"{block}/Summary Output/2D Flow Areas/city")
            top["Maximum Water Surface"] = np.stack([level, np.zeros(4)])
        series = store.create_group(f"{block}/Unsteady Time Series/2D Flow Areas/city")
        series["Water Surface"] = np.stack([ground, level, np.minimum(level, 71.0)])
    return path


def test_hec_ras_depth_above_the_lowest_ground_of_each_cell(tmp_path: Path, grid: GeoBox) -> None:
    depth = io.read_hec_ras(hec_ras(tmp_path / "a.p01.hdf"), grid)
    np.testing.assert_allclose(depth, np.tile([2.5, 1.0, 0.0, np.nan], (3, 1)))
    assert depth.attrs["quantity"] == "flood_depth"
    series = io.read_hec_ras(hec_ras(tmp_path / "b.p01.hdf", summary=False), grid, area="city")
    np.testing.assert_array_equal(series, depth)


def test_hec_ras_depth_above_a_terrain_and_in_feet(tmp_path: Path, grid: GeoBox) -> None:
    ground = np.tile([71.0, 73.0, 70.0, 70.0], (3, 1))
    terrain = layer_on(grid, ground, quantity="elevation")
    depth = io.read_hec_ras(hec_ras(tmp_path / "a.p01.hdf"), grid, terrain=terrain)
    np.testing.assert_allclose(depth, np.tile([1.5, 0.0, 0.0, np.nan], (3, 1)))
    feet = io.read_hec_ras(hec_ras(tmp_path / "b.p01.hdf", units="US Customary"), grid)
    np.testing.assert_allclose(feet, np.tile([2.5, 1.0, 0.0, np.nan], (3, 1)) * 0.3048)


def test_what_hec_ras_files_are_refused_for(tmp_path: Path, grid: GeoBox) -> None:
    h5py = pytest.importorskip("h5py")
    path = hec_ras(tmp_path / "a.p01.hdf", crs="")
    with pytest.raises(MissingCRSError) as caught:
        io.read_hec_ras(path, grid)
    assert caught.value.problems[0].rule == "hydraulics.crs"
    assert float(io.read_hec_ras(path, grid, crs=CRS).max()) == 2.5
    with h5py.File(tmp_path / "empty.hdf", "w") as store:
        store["x"] = 1
    (tmp_path / "text.hdf").write_text("no model", encoding="utf-8")
    beyond = analysis_grid((0, 0, 100, 100), crs=CRS, resolution=50)
    for name, options, rule in (
        ("empty.hdf", {}, "hydraulics.no_mesh"),
        ("text.hdf", {}, "hydraulics.read"),
        ("a.p01.hdf", {"area": "town", "crs": CRS}, "hydraulics.area"),
        ("a.p01.hdf", {"grid": beyond, "crs": CRS}, "hydraulics.elsewhere"),
    ):
        with pytest.raises(LayerError) as refused:
            io.read_hec_ras(tmp_path / name, **{"grid": grid, **options})  # type: ignore[arg-type]
        assert refused.value.problems[0].rule == rule


def mike_item(name: str = "Total water depth", kind: str = "Water_Depth", unit: str = "meter") -> Any:
    mikeio = pytest.importorskip("mikeio")
    return mikeio.ItemInfo(name, getattr(mikeio.EUMType, kind), getattr(mikeio.EUMUnit, unit))


def wkt() -> str:
    return pyproj.CRS.from_user_input(CRS).to_wkt("WKT1_ESRI")


def dfs2(path: Path, *, item: Any = None, orientation: float = 0.0, projection: str = "", values: Any = None) -> Path:
    mikeio = pytest.importorskip("mikeio")
    place = mikeio.Grid2D(
        x0=0, y0=0, dx=50.0, dy=50.0, nx=4, ny=3, origin=(LEFT + 25, BOTTOM + 25),
        orientation=orientation, projection=projection or wkt(),
    )  # fmt: skip
    if values is None:
        values = np.stack([np.zeros((3, 4)), np.arange(12.0).reshape(3, 4), np.ones((3, 4))])
        values[:, 0, 0] = np.nan
    else:
        values = np.stack([values] * 3)
    data = mikeio.DataArray(
        values, time=pd.date_range("2021-07-20", periods=3, freq="h"), geometry=place, item=item or mike_item()
    )
    data.to_dfs(path)
    return path


def test_dfs2_comes_north_up_on_its_own_grid_or_on_another(tmp_path: Path, grid: GeoBox) -> None:
    path = dfs2(tmp_path / "a.dfs2")
    depth = io.read_mike(path)
    expected = np.maximum(np.arange(12.0).reshape(3, 4), 1.0)[::-1].copy()
    expected[2, 0] = np.nan
    np.testing.assert_allclose(depth, expected)
    assert depth.odc.geobox.boundingbox.bbox == (LEFT, BOTTOM, LEFT + 200, BOTTOM + 150)
    np.testing.assert_allclose(io.read_mike(path, grid), expected)
    feet = io.read_mike(dfs2(tmp_path / "b.dfs2", item=mike_item(unit="feet")))
    np.testing.assert_allclose(feet, expected * 0.3048)


def dfsu(path: Path) -> Path:
    mikeio = pytest.importorskip("mikeio")
    nodes = np.array([[0, 0], [50, 0], [150, 0], [0, 150], [50, 150], [150, 150]], dtype=float) + np.array(
        [LEFT, BOTTOM]
    )
    mesh = mikeio.spatial.GeometryFM2D(
        node_coordinates=np.c_[nodes, np.zeros(6)], element_table=[[0, 1, 4, 3], [1, 2, 5, 4]], projection=wkt()
    )
    data = mikeio.DataArray(
        np.array([[0.0, 0.5], [2.0, 0.0]]), time=pd.date_range("2021-07-20", periods=2), geometry=mesh, item=mike_item()
    )
    data.to_dfs(path)
    return path


def test_dfsu_is_put_on_a_grid(tmp_path: Path, grid: GeoBox) -> None:
    path = dfsu(tmp_path / "a.dfsu")
    np.testing.assert_allclose(io.read_mike(path, grid), np.tile([2.0, 0.5, 0.5, np.nan], (3, 1)))
    with pytest.raises(LayerError) as caught:
        io.read_mike(path)
    assert caught.value.problems[0].rule == "hydraulics.grid"


def test_what_mike_files_are_refused_for(tmp_path: Path, grid: GeoBox) -> None:
    level = dfs2(tmp_path / "level.dfs2", item=mike_item("Surface elevation", "Water_Level"))
    local = dfs2(tmp_path / "local.dfs2", projection="NON-UTM")
    (tmp_path / "text.dfs2").write_text("no model", encoding="utf-8")
    for path, options, rule in (
        (level, {}, "hydraulics.items"),
        (level, {"item": "depth"}, "hydraulics.item"),
        (local, {}, "hydraulics.crs"),
        (tmp_path / "text.dfs2", {}, "hydraulics.read"),
        (
            dfs2(tmp_path / "flux.dfs2", item=mike_item("Depth", "Undefined", "meter_pow_3_per_sec")),
            {},
            "hydraulics.unit",
        ),
        (dfs2(tmp_path / "snow.dfs2", item=mike_item("Depth", "Snow_Depth", "millimeter")), {}, "hydraulics.items"),
        (level, {"item": 0}, "hydraulics.kind"),
        (level, {"item": "Surface elevation"}, "hydraulics.kind"),
        (layered(tmp_path / "layers.dfsu"), {}, "hydraulics.shape"),
    ):
        with pytest.raises((LayerError, MissingCRSError)) as caught:
            io.read_mike(path, grid, **options)  # type: ignore[arg-type]
        assert caught.value.problems[0].rule == rule
    with pytest.raises(LayerError) as placed:
        model_place(tmp_path / "layers.dfsu")
    assert placed.value.problems[0].rule == "hydraulics.shape"
    # What a model says nothing of is what the caller says it is.
    unnamed = dfs2(tmp_path / "unnamed.dfs2", item=mike_item("result", "Undefined"))
    assert io.read_mike(unnamed, item="result").shape == (3, 4)


def layered(path: Path) -> Path:
    """Two layers of one column: no depth over ground."""
    mikeio = pytest.importorskip("mikeio")
    corners = np.array([[0, 0], [50, 0], [0, 50]], dtype=float) + np.array([LEFT, BOTTOM])
    nodes = np.concatenate([np.c_[corners, np.full(3, height)] for height in (-10.0, -5.0, 0.0)])
    column = [[0, 1, 2, 3, 4, 5], [3, 4, 5, 6, 7, 8]]
    shape = mikeio.spatial.GeometryFM3D(
        node_coordinates=nodes, element_table=column, projection=wkt(), n_layers=2, n_sigma=2
    )
    data = mikeio.DataArray(
        np.ones((1, 2)),
        time=pd.date_range("2021-07-20", periods=1),
        geometry=shape,
        item=mike_item(),
        zn=nodes[None, :, 2],
    )
    data.to_dfs(path)
    return path


def test_utm_in_short_is_known(tmp_path: Path) -> None:
    layer = io.read_mike(dfs2(tmp_path / "a.dfs2", projection="UTM-33"))
    assert layer.odc.crs.to_epsg() == 32633


def test_depths_below_the_ground_are_no_depths(tmp_path: Path) -> None:
    values = np.arange(12.0).reshape(3, 4)
    assert float(io.read_mike(dfs2(tmp_path / "a.dfs2", values=values - 0.005)).min()) == 0.0
    with pytest.raises(LayerError) as caught:
        io.read_mike(dfs2(tmp_path / "b.dfs2", values=values - 4.0))
    (problem,) = caught.value.problems
    assert problem.rule == "hydraulics.negative"
    assert (dict(problem.values)["count"], dict(problem.values)["lowest"]) == (4, -4.0)


def test_a_speed_is_that_of_its_two_components(tmp_path: Path) -> None:
    mikeio = pytest.importorskip("mikeio")
    place = mikeio.Grid2D(x0=0, y0=0, dx=50.0, dy=50.0, nx=2, ny=1, origin=(LEFT + 25, BOTTOM + 25), projection=wkt())
    time = pd.date_range("2021-07-20", periods=2, freq="h")
    parts = {
        "u": ("u_velocity_component", [[[3.0, 0.0]], [[0.0, 1.0]]]),
        "v": ("v_velocity_component", [[[-4.0, 0.0]], [[1.0, 0.0]]]),
    }
    data = [
        mikeio.DataArray(np.array(values), time=time, geometry=place, item=mike_item(name, kind, "meter_per_sec"))
        for name, (kind, values) in parts.items()
    ]
    mikeio.Dataset(data).to_dfs(tmp_path / "a.dfs2")
    np.testing.assert_allclose(io.read_mike(tmp_path / "a.dfs2", quantity="flood_velocity"), [[5.0, 1.0]])
    mikeio.Dataset(data[:1]).to_dfs(tmp_path / "b.dfs2")
    with pytest.raises(LayerError) as caught:
        io.read_mike(tmp_path / "b.dfs2", quantity="flood_velocity")
    assert caught.value.problems[0].rule == "hydraulics.items"


def test_a_missing_library_is_named(tmp_path: Path, grid: GeoBox, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.hdf"
    path.write_bytes(b"x" * 100)
    for name, read in (("h5py", io.read_hec_ras), ("mikeio", io.read_mike)):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(MissingDependencyError) as caught:
            read(path, grid)
        assert caught.value.problems[0].rule == f"dependency.{name}"
        assert "riskzoning[hydraulics]" in caught.value.problems[0].fix
