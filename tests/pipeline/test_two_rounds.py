"""A mountain city of another province, from `init` in two rounds of `check`: what the first one says is enough."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from shapely.geometry import box

from riskzoning.config import parse_study
from riskzoning.errors import Problem, speaking
from riskzoning.pipeline import check_study, init_study
from riskzoning.pipeline.check.boundaries import study_units
from riskzoning.pipeline.check.location import grid_crs

WEST, NORTH, CELL = 104.85, 27.45, 0.004
_LEFT_OUT = ("landcover:", "rivers: {", "stations: {", "fire_points: {", "hazard: meteorology", "forest_fire")


def raster(path: Path, values: np.ndarray, kind: str, nodata: float | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype=kind,
        crs="EPSG:4326", transform=from_origin(WEST, NORTH, CELL, CELL), nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values.astype(kind), 1)


def office_files(folder: Path) -> None:
    """Files as the offices of a city give them: their own headings, units and codes, shapefiles in a zoned CRS."""
    y, x = np.mgrid[0:150, 0:175]
    height = 1400 + 500 * np.sin(x / 18) * np.cos(y / 14) + 120 * np.sin(x / 4 + y / 6)
    edge = height.copy()
    edge[:3] = -32768
    raster(folder / "dem.tif", edge, "int16")
    for period, share in ((20, 0.5), (100, 1.0)):
        raster(folder / f"flood/depth_T{period:03d}.tif", np.clip((1100 - height) / 3, 0, None) * 10 * share, "uint16")
    raster(folder / "seismic/pga_475.tif", 50 + 30 * x / 175, "float32")
    raster(folder / "exposure/population.tif", np.where(height < 1500, 24.0, 2.0), "float32", -99999)
    edges = np.linspace(104.9, 105.5, 4)
    shapes = [box(edges[i], low, edges[i + 1], low + 0.25) for i in range(3) for low in (26.9, 27.15)]
    codes = [f"5205{number}" for number in ("02", "21", "22", "23", "24", "25")]
    counties = gpd.GeoDataFrame({"XZQDM": codes, "XZQMC": list("甲乙丙丁戊己")}, geometry=shapes, crs=4490)
    towns = []
    for code, shape in zip(codes, shapes, strict=True):
        west, south, east, north = shape.bounds
        middle = (west + east) / 2
        towns += [(f"{code}100000", f"{code}东镇", box(middle, south, east, north))]
        towns += [(f"{code}101000", f"{code}西镇", box(west, south, middle, north))]
    frame = gpd.GeoDataFrame(towns, columns=["XZQDM", "XZQMC", "geometry"], crs=4490)
    for name, layer in (("county", counties), ("town", frame)):
        layer.set_geometry(layer.segmentize(0.01)).to_crs("EPSG:4523").to_file(folder / f"{name}.shp", encoding="GBK")
    steep = np.argwhere(np.hypot(*np.gradient(height)) > 30)
    chosen = steep[np.random.default_rng(3).choice(len(steep), 120, replace=False)]
    places = {"经度": WEST + (chosen[:, 1] + 0.5) * CELL, "纬度": NORTH - (chosen[:, 0] + 0.5) * CELL}
    pd.DataFrame(places).to_csv(folder / "灾害点.csv", index=False, encoding="gb18030")
    people = np.linspace(0.8, 4, len(frame)).round(2)
    pd.DataFrame({"区划代码": frame["XZQDM"], "常住人口（万人）": people}).to_excel(folder / "人口.xlsx", index=False)
    pd.DataFrame({"区划代码": codes, "GDP（亿元）": [90, 120, 200, 70, 60, 80]}).to_excel(
        folder / "gdp.xlsx", index=False
    )


@pytest.fixture
def first_round(tmp_path: Path) -> Path:
    """The template with the paths of the files, nothing else changed; its other hazards are left out."""
    path = init_study(tmp_path / "study", code="520500")[0]
    office_files(path.parent)
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("path: admin.gpkg\n  layers: {city: city, county: county, township: township}",
         "paths: {county: county.shp, township: town.shp}"),
        (", parent: parent}", "}"), ("geology/landslides.gpkg", "灾害点.csv"), (", rivers: rivers", ""),
        ("forms/population_township.xlsx, sheet: population", "人口.xlsx"),
        ("forms/gdp_county.xlsx, sheet: gdp", "gdp.xlsx"),
        (", units: 万元", ""),
    ):  # fmt: skip
        assert old in text, old
        text = text.replace(old, new)
    kept = [line for line in text.splitlines() if not any(word in line for word in _LEFT_OUT)]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


def the(problems: list[Problem], rule: str, about: str = "") -> Problem:
    return next(problem for problem in problems if problem.rule == rule and about in str(problem.about))


def test_what_the_first_check_says_is_enough_for_the_second(first_round: Path) -> None:
    problems = check_study(first_round)
    text = first_round.read_text(encoding="utf-8")
    lost = [problem for problem in problems if problem.rule == "admin.columns"]
    likely = {problem.field: dict(problem.values)["likely"] for problem in lost}
    named = f"{{code: {likely['code']}, name: {likely['name']}}}"
    text = text.replace("columns: {code: code, name: name}", f"columns: {named}")
    for name, old in (("population_township", "column: pop"), ("gdp_county", "column: gdp_wan")):
        columns = dict(the(problems, "exposure.column", name).values)["columns"]
        text = text.replace(f"code: code, {old}", f"code: {columns[0]}, column: {columns[-1]}")
    with speaking("zh"):
        # The likely unit is said, in the language of the reader.
        assert "厘米" in the(problems, "layer.range", "depth").required
        assert "gal" in the(problems, "layer.range", "pga").required
    text = text.replace("flood_depth, units: m", "flood_depth, units: cm").replace("pga, units: g", "pga, units: gal")
    first_round.write_text(text, encoding="utf-8")
    again = [problem for problem in check_study(first_round) if problem.severity == "error"]
    assert again == [], "\n".join(map(str, again))


def test_levels_of_rounded_borders_are_valid_in_the_projection_of_the_study(first_round: Path) -> None:
    text = first_round.read_text(encoding="utf-8")
    first_round.write_text(text.replace("code: code, name: name", "code: XZQDM, name: XZQMC"), encoding="utf-8")
    study = parse_study(first_round).study
    assert study is not None
    units = study_units(study).units
    assert units.to_crs(grid_crs(study, units)).geometry.is_valid.all()
    for level in ("county", "township"):
        assert shapely.coverage_is_valid(units.geometry[units["level"] == level].to_numpy())
    assert sum(len(part.interiors) for part in shapely.get_parts(units.geometry["520500"])) == 0
