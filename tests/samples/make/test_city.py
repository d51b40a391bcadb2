from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from make import boundaries, exposure, terrain
from make.city import write_city

from riskzoning.samples import sample_study


@pytest.fixture(scope="module")
def shipped():
    return sample_study().parent


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    return write_city(tmp_path_factory.mktemp("city")).parent


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("[!.]*") if path.is_file())


def forget():
    for cached in (boundaries.drawn_units, boundaries._warp_fields, terrain.ground, exposure.settlement):
        cached.cache_clear()


def test_the_sample_is_complete_and_under_8_mb(shipped):
    found = files(shipped)
    assert len(found) < 90
    assert sum((shipped / name).stat().st_size for name in found) < 8_000_000
    assert (shipped / "admin.gpkg").stat().st_size < 400_000


def sheets(path: Path) -> dict[str, list[tuple[object, ...]]]:
    return {sheet.title: list(sheet.values) for sheet in openpyxl.load_workbook(path, read_only=True)}


@pytest.mark.slow
def test_making_it_again_gives_the_committed_files(shipped, again):
    assert files(again) == files(shipped)
    for name in files(shipped):
        if name.endswith((".csv", ".yaml", ".zip")):
            assert (again / name).read_bytes() == (shipped / name).read_bytes(), name
        elif name.endswith(".tif"):
            with rasterio.open(again / name) as one, rasterio.open(shipped / name) as two:
                assert one.profile == two.profile, name
                assert one.tags() == two.tags(), name
                assert np.array_equal(one.read(), two.read()), name
        elif name.endswith(".xlsx"):
            assert sheets(again / name) == sheets(shipped / name), name
        elif name.endswith((".gpkg", ".shp")):
            assert (pyogrio.list_layers(again / name) == pyogrio.list_layers(shipped / name)).all(), name
            for layer in pyogrio.list_layers(shipped / name)[:, 0]:
                one, two = (gpd.read_file(folder / name, layer=layer) for folder in (again, shipped))
                assert one.crs == two.crs
                pd.testing.assert_frame_equal(one.drop(columns="geometry"), two.drop(columns="geometry"))
                assert shapely.equals_exact(one.geometry.to_numpy(), two.geometry.to_numpy(), 1e-9).all(), (name, layer)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        forget()
        write_city(tmp_path / name, seed=seed, scale="quick")
    assert files(tmp_path / "a") == files(tmp_path / "b") == files(tmp_path / "c")
    for name in files(tmp_path / "a"):
        bytes_of = {run: (tmp_path / run / name).read_bytes() for run in "abc"}
        assert bytes_of["a"] == bytes_of["b"], name
        # What only says how a shapefile is written is the same for all.
        assert bytes_of["a"] != bytes_of["c"] or name.endswith((".cpg", ".prj")), name


def test_the_units_of_the_files_tile_each_other(shipped):
    towns, counties, city = (
        gpd.read_file(shipped / "admin.gpkg", layer=level) for level in ("township", "county", "city")
    )
    assert towns.crs.to_epsg() == 4490
    assert shapely.coverage_is_valid(towns.geometry.to_numpy())
    assert shapely.equals(shapely.coverage_union_all(towns.geometry.to_numpy()), city.geometry.iloc[0])
    assert shapely.equals(shapely.coverage_union_all(counties.geometry.to_numpy()), city.geometry.iloc[0])
    assert set(towns["parent"]) == set(counties["code"])
    for frame, level in ((towns, "township"), (counties, "county"), (city, "city")):
        assert {"code", "name", "level", "parent", "type", "area_km2"} <= set(frame.columns)
        assert (frame["level"] == level).all()


def test_the_population_table_is_the_sum_of_the_raster(shipped):
    exactextract = pytest.importorskip("exactextract")
    table = pd.read_csv(shipped / "exposure" / "population_township.csv", dtype={"code": str}, encoding="utf-8-sig")
    towns = gpd.read_file(shipped / "admin.gpkg", layer="township")
    found = exactextract.exact_extract(
        str(shipped / "exposure" / "population.tif"), towns, ["sum"], include_cols=["code"], output="pandas"
    )
    merged = table.merge(found, on="code")
    assert (merged["pop"] - merged["sum"]).abs().max() < 1
    assert merged["pop"].sum() == 6_251_929
    with rasterio.open(shipped / "exposure" / "population.tif") as file:
        people = file.read(1)
    assert people[people >= 0].sum() == 6_251_929


def test_tables_name_the_units_as_the_boundaries_do(shipped):
    towns = gpd.read_file(shipped / "admin.gpkg", layer="township").set_index("code")
    table = pd.read_csv(shipped / "exposure" / "population_township.csv", dtype={"code": str}, encoding="utf-8-sig")
    assert table["code"].tolist() == towns.index.tolist()
    for column in ("name", "type"):
        assert table[column].tolist() == towns[column].tolist(), column
    assert set(towns["type"]) == {"街道", "镇", "乡"}
    counties = set(gpd.read_file(shipped / "admin.gpkg", layer="county")["code"])
    for name in ("gdp_county", "history_annual"):
        rows = pd.read_csv(shipped / "exposure" / f"{name}.csv", dtype={"code": str}, encoding="utf-8-sig")
        assert set(rows["code"]) == counties, name
    gdp = pd.read_csv(shipped / "exposure" / "gdp_county.csv", encoding="utf-8-sig")
    assert gdp["gdp_wan"].sum() == 35_697_000
    assert (gdp[["gdp1_wan", "gdp2_wan", "gdp3_wan"]].sum(axis=1) == gdp["gdp_wan"]).all()


def test_water_rises_with_the_return_period_and_rock_falls_from_slopes(shipped):
    before = None
    for path in sorted((shipped / "flood").glob("*.tif")):
        with rasterio.open(path) as file:
            depth = file.read(1, masked=True).filled(0)
        if before is not None:
            assert (depth >= before).all(), path.name
            assert depth.sum() > before.sum(), path.name
        before = depth
    slides = gpd.read_file(shipped / "geology" / "geology.gpkg", layer="landslide")
    with rasterio.open(shipped / "elevation.tif") as file:
        height, places = file.read(1).astype(float), slides.get_coordinates().to_numpy()
        down, across = np.gradient(height, 185.0, 151.0)
        slope = np.degrees(np.arctan(np.hypot(down, across)))
        column, row = ~file.transform * tuple(places.T)
    assert np.median(slope[row.astype(int), column.astype(int)]) > 15
    assert np.median(slope) < 2


def test_stations_lie_in_the_county_that_bears_their_name(shipped):
    stations = pd.read_csv(shipped / "meteorology" / "stations.csv", dtype=str, encoding="utf-8-sig")
    names = gpd.read_file(shipped / "admin.gpkg", layer="county").set_index("code")["name"]
    inside = stations[stations.in_city == "1"].set_index("name").county.map(names)
    assert (inside.str[:2] == inside.index).sum() >= 6
    assert stations[stations.in_city == "0"].county.isna().all()


def test_rasters_reach_beyond_the_city(shipped):
    west, south, east, north = gpd.read_file(shipped / "admin.gpkg", layer="city").total_bounds
    for path in shipped.rglob("*.tif"):
        with rasterio.open(path) as file:
            box = file.bounds
            assert file.crs.to_epsg() == 4490
            margin = 0.012
            assert box.left < west - margin, path
            assert box.bottom < south - margin, path
            assert box.right > east + margin, path
            assert box.top > north + margin, path


@pytest.mark.slow
def test_a_finer_terrain_is_the_same_ground(tmp_path):
    write_city(tmp_path / "a", seed=3, terrain_seconds=60, other_seconds=120, years=(2020, 2020))
    write_city(tmp_path / "b", seed=3, terrain_seconds=3, other_seconds=60, years=(2020, 2020), scale="quick")
    with (
        rasterio.open(tmp_path / "a" / "elevation.tif") as coarse,
        rasterio.open(tmp_path / "b" / "elevation.tif") as fine,
    ):
        assert (coarse.res[0] * 3600, fine.res[0] * 3600) == pytest.approx((60, 15))
        assert coarse.bounds == pytest.approx(fine.bounds)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"terrain_seconds": 0}, "arc-seconds"),
        ({"other_seconds": -1}, "arc-seconds"),
        ({"years": (2020, 2011)}, "first year is after the last"),
        ({"scale": "town", "terrain_seconds": 0}, "arc-seconds; scale 'town'"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(tmp_path, options, said):
    with pytest.raises(ValueError, match=said):
        write_city(tmp_path / "city", **options)
    assert list(tmp_path.iterdir()) == []
