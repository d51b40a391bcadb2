"""Zonal tables of files: what is mended or transformed is said."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import xarray as xr
from shapely import Polygon, box

from riskzoning import io
from riskzoning.errors import AdminError, Journal, LayerError, MissingCRSError, RiskZoningWarning, hearing
from riskzoning.pipeline import check_zonal_output, zonal_table


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    path = tmp_path / "raster.tif"
    facts = {"height": 4, "width": 5, "count": 1, "dtype": "float64", "crs": "EPSG:4547"}
    with rasterio.open(path, "w", driver="GTiff", transform=rasterio.Affine(100, 0, 0, 0, -100, 400), **facts) as file:
        file.write(np.arange(20.0).reshape(4, 5), 1)
    return path


def units(path: Path, *shapes: Polygon, crs: str = "EPSG:4547") -> Path:
    frame = gpd.GeoDataFrame({"code": [f"u{i}" for i in range(len(shapes))]}, geometry=list(shapes), crs="EPSG:4547")
    frame.to_crs(crs).to_file(path)
    return path


def test_repair_keeps_what_has_an_area(raster: Path, tmp_path: Path) -> None:
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    spike = Polygon([(0, 0), (100, 0), (100, 100), (300, 300), (100, 100), (0, 100)])
    path = units(tmp_path / "units.gpkg", bow, spike, box(0, 0, 200, 100))
    with pytest.raises(AdminError, match="u0"):
        zonal_table(raster, path, ["count"])
    with hearing(Journal()) as journal:
        table = zonal_table(raster, path, ["count"], repair=True)
    assert table["count"].tolist() == pytest.approx([0.5, 1.0, 2.0])
    assert [(note.rule, dict(note.values)["count"]) for note in journal.steps] == [("zonal.repaired", 2)]


def test_another_crs_is_transformed_and_said(raster: Path, tmp_path: Path) -> None:
    path = units(tmp_path / "units.gpkg", box(0, 0, 200, 100), crs="EPSG:4490")
    with hearing(Journal()) as journal:
        table = zonal_table(raster, path, ["count"])
    assert table["count"].tolist() == pytest.approx([2.0], rel=1e-3)
    assert [note.rule for note in journal.steps] == ["zonal.transformed"]
    assert dict(journal.steps[0].values) == {"units_crs": "EPSG:4490", "crs": "EPSG:4547"}
    with hearing(Journal()) as journal:
        zonal_table(raster, units(tmp_path / "same.gpkg", box(0, 0, 200, 100)), ["count"])
    assert journal == Journal()


@pytest.mark.filterwarnings("ignore::riskzoning.errors.RiskZoningWarning")  # the refused call notes too
def test_units_without_a_shape_have_no_values_and_doubled_ids_are_said(raster: Path, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["a", "a", "b"]}, geometry=[box(0, 0, 200, 100), None, Polygon()], crs="EPSG:4547"
    )
    frame.to_file(tmp_path / "units.gpkg")
    with pytest.raises(AdminError, match="2 units without a geometry: a, b"):
        zonal_table(raster, tmp_path / "units.gpkg")
    with hearing(Journal()) as journal:
        table = zonal_table(raster, tmp_path / "units.gpkg", ["count", "mean"], repair=True)
    assert table["count"].tolist() == [2, 0, 0]
    assert table["mean"].tolist() == pytest.approx([15.5, np.nan, np.nan], nan_ok=True)
    told = {note.rule: dict(note.values) for note in journal.warnings}
    assert told["zonal.repeats"] == {"column": "code", "values": ("a",)}
    assert told["zonal.no_values"] == {"count": 2, "units": ("a", "b")}


def test_undeclared_no_data_is_missing_but_not_in_silence(raster: Path, tmp_path: Path) -> None:
    with rasterio.open(raster, "r+") as file:
        file.write(np.where(np.arange(20.0).reshape(4, 5) == 15, -9999, 1.0), 1)
    path = units(tmp_path / "units.gpkg", box(0, 0, 200, 100))
    with pytest.warns(RiskZoningWarning, match="-9999"):
        table = zonal_table(raster, path, ["sum"])
    assert table.columns.tolist() == ["sum", "valid_share", "geometry"]
    assert table["sum"].tolist() == [1.0]
    with rasterio.open(raster, "r+") as file:
        file.nodata = -9999
    with hearing(Journal()) as journal:
        assert zonal_table(raster, path, ["sum"])["sum"].tolist() == [1.0]
    assert journal.warnings == []


def test_netcdf_and_zarr_are_rasters_too(raster: Path, tmp_path: Path) -> None:
    layer = io.read_layer(raster, quantity="station_value").rename("t").drop_vars("spatial_ref")
    data = layer.to_dataset().drop_attrs()
    data["crs"] = xr.DataArray(0, attrs={"crs_wkt": pyproj.CRS(4547).to_wkt()})
    data["t"].attrs["grid_mapping"] = "crs"
    data["t"].encoding = {}
    data.to_netcdf(tmp_path / "a.nc")
    data.to_zarr(tmp_path / "a.zarr", zarr_format=2, consolidated=False)
    path = units(tmp_path / "units.gpkg", box(0, 0, 200, 100))
    expected = zonal_table(raster, path, ["sum"])["sum"].tolist()
    for name in ("a.nc", "a.zarr"):
        assert zonal_table(tmp_path / name, path, ["sum"])["sum"].tolist() == expected


def test_messages_speak_of_the_command(raster: Path, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": ["a"]}, geometry=[box(0, 0, 200, 100)], crs="EPSG:4547")
    for layer in ("x", "y"):
        frame.to_file(tmp_path / "two.gpkg", layer=layer)
    frame.iloc[:0].to_file(tmp_path / "none.gpkg")
    frame.set_crs(None, allow_override=True).to_file(tmp_path / "bare.shp")
    for name, text in (
        ("two.gpkg", "Name it with --layer"),
        ("none.gpkg", "has no features"),
        ("bare.shp", "State it with --crs EPSG:"),
    ):
        with pytest.raises(LayerError, match=text):
            zonal_table(raster, tmp_path / name)
    assert zonal_table(raster, tmp_path / "two.gpkg", layer="y")["mean"].tolist() == [15.5]
    assert zonal_table(raster, tmp_path / "bare.shp", crs="EPSG:4547")["mean"].tolist() == [15.5]
    with hearing(Journal()) as journal:
        zonal_table(raster, tmp_path / "two.gpkg", layer="y", crs="EPSG:4547")
    assert [note.rule for note in journal.warnings] == ["zonal.crs_unused"]


def test_a_raster_without_a_crs_gets_the_one_that_is_given(raster: Path, tmp_path: Path) -> None:
    path = units(tmp_path / "units.gpkg", box(0, 0, 200, 100))
    with rasterio.open(raster) as file:
        values, profile = file.read(), file.profile
    with rasterio.open(tmp_path / "bare.tif", "w", **{**profile, "crs": None}) as file:
        file.write(values)
    assert zonal_table(tmp_path / "bare.tif", path, crs="EPSG:4547")["mean"].tolist() == [15.5]
    with pytest.raises(LayerError, match="State it with --crs"):
        zonal_table(tmp_path / "bare.tif", path)


def test_units_that_meet_the_raster_only_when_turned_are_told_so(raster: Path, tmp_path: Path) -> None:
    with pytest.raises(LayerError) as caught:
        zonal_table(raster, units(tmp_path / "u.gpkg", box(0, 450, 100, 480)))
    assert "axes of the units are swapped" in caught.value.problems[0].fix
    assert "u.gpkg" in caught.value.problems[0].required
    with pytest.raises(LayerError, match=r"ends in '\.doc'"):
        check_zonal_output(tmp_path / "table.doc")


def test_the_command_gives_advice_that_it_can_follow_itself(tmp_path: Path) -> None:
    values = np.arange(8.0).reshape(2, 4)
    axes = {"lat": ("lat", [35.995, 35.985]), "lon": ("lon", [113.005, 113.015, 113.025, 113.035])}
    data = xr.Dataset({"a": (("lat", "lon"), values), "b": (("lat", "lon"), values + 1)}, coords=axes)
    data.to_netcdf(tmp_path / "bare.nc")
    units = tmp_path / "units.gpkg"
    gpd.GeoDataFrame(geometry=[box(113.0, 35.98, 113.02, 36.0)], crs="EPSG:4490").to_file(units)
    with pytest.raises(MissingCRSError) as caught:
        zonal_table(tmp_path / "bare.nc", units)
    assert "study.yaml" not in str(caught.value)
    data["crs"] = ((), 0, {"crs_wkt": pyproj.CRS(4490).to_wkt()})
    for name in "ab":
        data[name].attrs["grid_mapping"] = "crs"
    data["a"][0, 0] = -9999
    data.to_netcdf(tmp_path / "two.nc")
    with hearing(Journal()) as journal:
        table = zonal_table(tmp_path / "two.nc", units, ["sum"])
    assert table[["a_sum", "b_sum"]].to_numpy().tolist() == [[10, 14]]
    assert [problem.rule for problem in journal.warnings] == ["layer.nodata"]
    assert "study.yaml" not in str(journal.warnings[0])
