"""Every odd raster through every door that reads rasters: one decision about what is missing, everywhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import xarray as xr
from rasterio.enums import ColorInterp
from shapely import box
from typer.testing import CliRunner

from riskzoning import io
from riskzoning.cli import app
from riskzoning.config import StudyConfig
from riskzoning.coverage import Coverage, zonal_statistics
from riskzoning.errors import Journal, hearing
from riskzoning.grid import align, analysis_grid
from riskzoning.layers import grid_of, scan
from riskzoning.methods.classification import classify
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.rasters import row_bands
from riskzoning.rasters.opening import band_reader

QUANTITY = "station_value"
AFFINE = rasterio.Affine(100, 0, 500000, 0, -100, 3900200)
UNITS = gpd.GeoDataFrame({"code": ["a"]}, geometry=[box(500000, 3900000, 500400, 3900200)], crs="EPSG:4547")
GRID = analysis_grid((500000, 3900000, 500400, 3900200), crs="EPSG:4547", resolution=100)
LOWEST = np.finfo("f4").min


def write(path: Path, values: Any, **options: Any) -> None:
    """A raster of one or more bands; ``mask``, ``scales``, ``offsets`` and ``interp`` as rasterio names them."""
    bands = np.atleast_3d(np.asarray(values).T).T
    extra = {key: options.pop(key) for key in ("mask", "scales", "offsets", "interp") if key in options}
    shape = {"count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
    profile = {"driver": "GTiff", "crs": "EPSG:4547", "transform": AFFINE, **shape, **options}
    with rasterio.open(path, "w", **profile) as file:
        if "interp" in extra:
            file.colorinterp = extra["interp"]
        file.write(bands)
        if "mask" in extra:
            file.write_mask(np.asarray(extra["mask"], dtype=bool))
        if "scales" in extra:
            file.scales, file.offsets = extra["scales"], extra["offsets"]


def stack_of(path: Path) -> None:
    """A VRT whose two bands declare values of their own as no data."""
    files = (("a", 65535, [[1, 2, 3, 65535], [4, 5, 6, 7]]), ("b", 65000, [[10, 20, 30, 40], [65000, 50, 60, 65535]]))
    text = '<VRTDataset rasterXSize="4" rasterYSize="2"><SRS>EPSG:4547</SRS>'
    text += "<GeoTransform>500000,100,0,3900200,0,-100</GeoTransform>"
    for number, (name, nodata, values) in enumerate(files, 1):
        write(path.parent / f"{name}.tif", np.array(values, "u2"), nodata=nodata)
        text += (
            f'<VRTRasterBand dataType="UInt16" band="{number}"><NoDataValue>{nodata}</NoDataValue><ComplexSource>'
            f'<SourceFilename relativeToVRT="1">{name}.tif</SourceFilename><SourceBand>1</SourceBand>'
            f"<NODATA>{nodata}</NODATA></ComplexSource></VRTRasterBand>"
        )
    path.write_text(text + "</VRTDataset>", encoding="utf-8")


def stored(path: Path, values: Any, **attrs: Any) -> None:
    """NetCDF or Zarr on the same cells; rows from the south where ``south`` is given."""
    values, rows = np.asarray(values), 3900200 - 100 * (np.arange(2) + 0.5)
    if attrs.pop("south", False):
        values, rows = values[::-1], rows[::-1]
    axes = {"y": ("y", rows.astype(attrs.get("axis", "f8"))), "x": ("x", 500000 + 100 * (np.arange(4.0) + 0.5))}
    attrs.pop("axis", None)
    data = xr.Dataset({"a": (("y", "x"), values, {"grid_mapping": "crs", **attrs})}, coords=axes)
    data["crs"] = ((), 0, {"crs_wkt": pyproj.CRS(4547).to_wkt()})
    if path.suffix == ".zarr":
        data.to_zarr(path, encoding={"a": {"_FillValue": None}} if "_FillValue" not in attrs else {})
    else:
        data.to_netcdf(path, encoding={"a": {"_FillValue": None}} if "_FillValue" not in attrs else {})


def tiles(path: Path, values: Any, **options: Any) -> None:
    """A folder of two tiles, or a zip with that folder in it."""
    folder = path.with_suffix("") if path.suffix == ".zip" else path
    folder.mkdir()
    for column in (0, 2):
        place = AFFINE @ rasterio.Affine.translation(column, 0)
        write(folder / f"{column}.tif", np.asarray(values)[:, column : column + 2], transform=place, **options)
    if path.suffix == ".zip":
        shutil.make_archive(str(folder), "zip", folder.parent, folder.name)


def grid_text(path: Path, values: Any) -> None:
    """An ASCII grid of Esri with its projection beside it."""
    head = "ncols 4\nnrows 2\nxllcorner 500000\nyllcorner 3900000\ncellsize 100\nNODATA_value -9999\n"
    rows = [" ".join(f"{value:g}" for value in row) for row in np.asarray(values)]
    path.write_text(head + "\n".join(rows) + "\n", encoding="ascii")
    path.with_suffix(".prj").write_text(pyproj.CRS(4547).to_wkt("WKT1_ESRI"), encoding="ascii")


N = np.nan
PLAIN = [[1, 2, 3, 4], [5, 6, 7, 8]]
HOLED = [[1, N, 3, 4], [5, 6, N, 8]]


def holed(value: float, dtype: str) -> Any:
    return np.where(np.isnan(HOLED), value, HOLED).astype(dtype)


GREY_ALPHA = [ColorInterp.gray, ColorInterp.alpha]
SCALED = {"scales": (0.5,), "offsets": (10.0,)}
# Name -> how the file is written, and the values of its first band that every door must see.
CASES: dict[str, tuple[Callable[[Path], None], Any]] = {
    "plain": (lambda path: write(path, np.array(PLAIN, "f4")), PLAIN),
    "undeclared -9999": (lambda path: write(path, holed(-9999, "f4")), HOLED),
    "undeclared -9999 in int16": (lambda path: write(path, holed(-9999, "i2")), HOLED),
    "undeclared lowest float": (lambda path: write(path, holed(LOWEST, "f4")), HOLED),
    "undeclared -1e20 in float64": (lambda path: write(path, holed(-1e20, "f8")), HOLED),
    "declared": (lambda path: write(path, holed(-9999, "f4"), nodata=-9999), HOLED),
    "declared within the values": (lambda path: write(path, holed(0, "f4"), nodata=0), HOLED),
    "declared NaN": (lambda path: write(path, holed(N, "f4"), nodata=N), HOLED),
    "int16 with nodata": (lambda path: write(path, holed(-1, "i2"), nodata=-1), HOLED),
    "int32 with nodata": (lambda path: write(path, holed(-2147483648, "i4"), nodata=-2147483648), HOLED),
    "infinities": (lambda path: write(path, holed(np.inf, "f4")), HOLED),
    "mask band": (lambda path: write(path, np.array(PLAIN, "f4"), mask=~np.isnan(HOLED)), HOLED),
    "mask band and nodata": (
        lambda path: write(path, holed(0, "f4"), mask=np.array(PLAIN) < 8, nodata=0),
        [[1, N, 3, 4], [5, 6, N, N]],
    ),
    "float alpha": (
        lambda path: write(path, np.stack([np.array(PLAIN, "f4"), ~np.isnan(HOLED)]).astype("f4"), interp=GREY_ALPHA),
        HOLED,
    ),
    "byte alpha": (
        lambda path: write(path, np.stack([np.array(PLAIN), 255 * ~np.isnan(HOLED)]).astype("u1"), interp=GREY_ALPHA),
        HOLED,
    ),
    "scale and offset": (
        lambda path: write(path, holed(-1, "i2"), nodata=-1, **SCALED),
        np.array(HOLED) * 0.5 + 10,
    ),
    "south up": (
        lambda path: write(path, holed(-9999, "f4")[::-1], transform=rasterio.Affine(100, 0, 5e5, 0, 100, 3900000)),
        HOLED,
    ),
    "skew of rounding": (
        lambda path: write(path, holed(N, "f4"), transform=AFFINE * rasterio.Affine(1, 3e-11, 0, 3e-11, 1, 0)),
        HOLED,
    ),
    "nodata by band": (stack_of, [[1, 2, 3, N], [4, 5, 6, 7]]),
    "nodata and alpha": (
        lambda path: write(
            path, np.stack([holed(0, "f4"), np.array(PLAIN, "f4") < 8]).astype("f4"), interp=GREY_ALPHA, nodata=0
        ),
        [[1, N, 3, 4], [5, 6, N, N]],
    ),
    "beyond any quantity": (lambda path: write(path, holed(1e38, "f4")), HOLED),
    "netcdf.nc": (lambda path: stored(path, holed(-9999, "f4")), HOLED),
    "declared.nc": (lambda path: stored(path, holed(-1, "i2"), _FillValue=np.int16(-1)), HOLED),
    "two values.nc": (lambda path: stored(path, holed(1e20, "f8"), missing_value=1e20), HOLED),
    "packed.nc": (
        lambda path: stored(path, holed(-1, "i2"), _FillValue=np.int16(-1), scale_factor=0.5, add_offset=10.0),
        np.array(HOLED) * 0.5 + 10,
    ),
    "valid range.nc": (lambda path: stored(path, holed(99, "i2"), valid_max=np.int16(8)), HOLED),
    "from the south.nc": (lambda path: stored(path, holed(N, "f4"), south=True), HOLED),
    "float32 axes.nc": (lambda path: stored(path, holed(N, "f4"), axis="f4"), HOLED),
    "stored.zarr": (lambda path: stored(path, holed(-9999, "f4")), HOLED),
    "text.asc": (lambda path: grid_text(path, holed(-9999, "f4")), HOLED),
    "tiles/": (lambda path: tiles(path, holed(-9999, "f4"), nodata=-9999), HOLED),
    "undeclared tiles/": (lambda path: tiles(path, holed(-9999, "i2")), HOLED),
    "packed.zip": (lambda path: tiles(path, holed(N, "f4"), nodata=N), HOLED),
}


def first_of(table: Any) -> tuple[float, float]:
    """Count and sum of a zonal table with plain columns, or of its first layer."""
    row = table.iloc[0]
    names = [name for name in table.columns if (name[-1] if isinstance(name, tuple) else name) in ("count", "sum")]
    values = {name[-1] if isinstance(name, tuple) else name: float(row[name]) for name in reversed(names)}
    return values["count"], values["sum"]


def counted(values: Any) -> tuple[float, float]:
    values = np.asarray(values, dtype=np.float64)
    return float(np.isfinite(values).sum()), float(values[np.isfinite(values)].sum())


def by_command(path: Path) -> tuple[float, float]:
    UNITS.to_file(path.parent / "units.gpkg")
    out = path.parent / "out.csv"
    words = [
        "zonal",
        str(path),
        str(path.parent / "units.gpkg"),
        "--statistic",
        "count",
        "--statistic",
        "sum",
        "-o",
        str(out),
    ]
    done = CliRunner().invoke(app, words)
    assert done.exit_code in (0, 1), done.output
    head, line = out.read_text(encoding="utf-8-sig").splitlines()[:2]
    row = dict(zip(head.split(","), line.split(","), strict=True))
    name = next((key[: -len("count")] for key in row if key.endswith("count")), "")
    return float(row[f"{name}count"]), float(row[f"{name}sum"])


def graded(layer: xr.DataArray) -> tuple[float, float]:
    """Count and sum of the cells that have a class."""
    codes = classify(layer, "fixed", breaks=[3, 1e9]).codes
    values = np.asarray(layer.where(codes > 0))
    return counted(values)


def by_study(path: Path) -> tuple[float, float]:
    """The layer as a study gets it, on its grid."""
    entry = {"path": path.name, "quantity": QUANTITY}
    given = {"name": "a", "code": "410700", "data_date": "2025-12-31", "admin": {"path": "units.gpkg"}}
    study = StudyConfig.model_validate({**given, "inputs": {"a": entry}, "hazards": [{"hazard": "flood"}]})
    layer = Catalogue(study.model_copy(update={"base": path.parent})).layer("a")
    return counted(align(layer, GRID).values)


def in_memory(path: Path, layer: xr.DataArray) -> xr.DataArray:
    """The numbers as they are stored, with attributes that say what they mean, as other libraries hand them over."""
    if layer.encoding["riskzoning"]["origins"][0].facts.masked or "alpha" in str(path):
        return layer  # a mask has no place in memory
    facts = layer.encoding["riskzoning"]["origins"][0].facts
    raw, mask = band_reader(facts).read(slice(0, 2), slice(0, 4))
    if mask is not None:
        return layer
    attrs: dict[str, Any] = {"scale_factor": facts.scale, "add_offset": facts.offset}
    attrs |= {"missing_value": list(facts.nodata)} if facts.nodata else {}
    attrs |= {"valid_range": facts.valid_range} if facts.valid_range else {}
    return layer.copy(data=facts.orientation.turned(raw)).assign_attrs(attrs)


STATISTICS = ["count", "sum"]
DOORS: dict[str, Callable[[Path, xr.DataArray], tuple[float, float]]] = {
    "values of read_layer": lambda path, layer: counted(layer.values),
    "zonal_statistics of the path": lambda path, layer: first_of(zonal_statistics(path, UNITS, STATISTICS)),
    "zonal_statistics of the layer": lambda path, layer: first_of(zonal_statistics(layer, UNITS, STATISTICS)),
    "zonal_statistics of a Dataset": lambda path, layer: first_of(
        zonal_statistics(xr.Dataset({"a": layer}), UNITS, STATISTICS)
    ),
    "coverage with weights": lambda path, layer: first_of(
        Coverage.from_units(GRID, UNITS).statistics(path, STATISTICS, weights=layer * 0 + 1)
    ),
    "scan": lambda path, layer: (lambda facts: (facts.valid, facts.total))(scan(layer)),
    "scan_layer": lambda path, layer: (lambda facts: (facts.valid, facts.total))(io.scan_layer(layer)),
    "align": lambda path, layer: counted(align(layer, GRID, quantity=QUANTITY).values),
    "bands of rows": lambda path, layer: counted(np.concatenate([band[0].copy() for _, band in row_bands(path, 1)])),
    "the command": lambda path, layer: by_command(path),
    "classes": lambda path, layer: graded(layer),
    "a study": lambda path, layer: by_study(path),
    "a layer of xarray, south up": lambda path, layer: first_of(
        zonal_statistics(layer.isel(y=slice(None, None, -1)).transpose("x", "y"), UNITS, STATISTICS)
    ),
    "stored numbers in memory": lambda path, layer: first_of(
        zonal_statistics(in_memory(path, layer), UNITS, STATISTICS)
    ),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for name, (make, _) in CASES.items():
        folder = tmp_path_factory.mktemp("odd")
        kind = "" if name.endswith("/") else Path(name).suffix or (".vrt" if make is stack_of else ".tif")
        made[name] = folder / f"a{kind}"
        make(made[name])
    return made


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", CASES)
def test_every_door_sees_the_same_cells(
    files: dict[str, Path], case: str, door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISKZONING_CACHE", str(tmp_path))
    with hearing(Journal()):
        layer = io.read_layer(files[case], quantity=QUANTITY, name="a")
        assert DOORS[door](files[case], layer) == pytest.approx(counted(CASES[case][1]))


@pytest.mark.parametrize("case", CASES)
def test_cells_lie_where_they_belong(files: dict[str, Path], case: str) -> None:
    with hearing(Journal()):
        layer = io.read_layer(files[case], quantity=QUANTITY)
    assert np.allclose(layer.values, CASES[case][1], equal_nan=True)
    assert grid_of(layer) == GRID


def test_what_was_decided_is_told_once(files: dict[str, Path]) -> None:
    for case, wanted in (
        ("declared", "no data -9999"),
        ("mask band", "its mask band"),
        ("float alpha", "band 2 as alpha"),
    ):
        with hearing(Journal()) as journal:
            io.read_layer(files[case], quantity=QUANTITY).compute()
            zonal_statistics(files[case], UNITS, ["mean", "p50"])
        assert [(problem.rule, wanted in problem.found) for problem in journal.steps] == [("raster.decided", True)]
        assert journal.warnings == []
    with hearing(Journal()) as journal:
        zonal_statistics(files["undeclared -9999"], UNITS, ["mean", "p50"])
    assert [problem.rule for problem in journal.warnings] == ["layer.nodata"]
    json.dumps([problem.as_row("zh") for problem in journal.warnings])


def test_bands_of_one_name_keep_their_results(tmp_path: Path) -> None:
    write(tmp_path / "a.tif", np.stack([np.full((2, 4), 1.0), np.full((2, 4), 5.0)]).astype("f4"))
    with rasterio.open(tmp_path / "a.tif", "r+") as file:
        file.descriptions = ("depth", "depth")
    with hearing(Journal()) as journal:
        table = zonal_statistics(tmp_path / "a.tif", UNITS, ["mean"])
    assert (table[("depth", "mean")].item(), table[("depth_2", "mean")].item()) == (1, 5)
    assert [problem.rule for problem in journal.warnings] == ["raster.doubled_names"]


def test_longitudes_beyond_180_meet_units_on_both_sides_of_greenwich(tmp_path: Path) -> None:
    values = np.tile(np.arange(360, dtype="f4"), (3, 1))
    write(tmp_path / "globe.tif", values, crs="EPSG:4490", transform=rasterio.Affine(1, 0, 0, 0, -1, 53))
    units = gpd.GeoDataFrame(geometry=[box(-2, 50, 2, 53)], crs="EPSG:4490")
    with hearing(Journal()):
        table = zonal_statistics(tmp_path / "globe.tif", units, ["mean", "count"])
    assert table.iloc[0][["mean", "count"]].tolist() == [179.5, 12]


def test_layers_of_other_libraries_have_the_fill_values_that_they_declare(files: dict[str, Path]) -> None:
    rioxarray = pytest.importorskip("rioxarray")
    for masked in (False, True):
        layer = rioxarray.open_rasterio(files["declared"], masked=masked).squeeze("band", drop=True)
        assert first_of(zonal_statistics(layer, UNITS, STATISTICS)) == counted(HOLED)
        assert counted(align(layer, GRID, quantity="elevation").values) == counted(HOLED)
    decoded = rioxarray.open_rasterio(files["scale and offset"], mask_and_scale=True).squeeze("band", drop=True)
    decoded.encoding["_FillValue"] = 10.5  # as decoded, this is a value
    assert first_of(zonal_statistics(decoded, UNITS, STATISTICS)) == counted(CASES["scale and offset"][1])
