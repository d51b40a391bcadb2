"""A small city that is not the sample one: another code, another belt, English names, counties without townships."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import yaml
from rasterio.transform import from_origin
from shapely.geometry import LineString, Point, box

CRS = "EPSG:4549"
ALL_BUT_DRAWN = {"maps": False, "site": False, "report": False}
LEFT, TOP, CELL, SIDE = 480_000.0, 3_470_000.0, 250.0, 48


def write_raster(path: Path, values: Any, *, crs: str = CRS, nodata: float | None = None, left: float = LEFT) -> None:
    values = np.asarray(values)
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype=str(values.dtype),
        crs=crs, transform=from_origin(left, TOP, CELL, CELL), nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values, 1)


def units() -> gpd.GeoDataFrame:
    width = SIDE * CELL
    inner = (LEFT + 3 * CELL, TOP - width + 3 * CELL, LEFT + width - 3 * CELL, TOP - 3 * CELL)
    thirds = np.linspace(inner[0], inner[2], 4)
    shapes = [box(thirds[i], inner[1], thirds[i + 1], inner[3]) for i in range(3)]
    rows = {"code": ["320505", "320506", "320507"], "name": ["Huqiu", "Wuzhong", "Xiangcheng"]}
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS).to_crs("EPSG:4490")


def write_small_city(folder: Path, **changed: Any) -> Path:
    """Files and study.yaml of a city with three counties, earthquake and flood, and people from a table only.

    ``changed`` are other keys of the study.
    """
    folder.mkdir(parents=True, exist_ok=True)
    units().to_file(folder / "admin.gpkg", layer="county", driver="GPKG")
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    height = 2 + 30 * np.clip(0.7 - np.hypot(x - 0.2, y - 0.2), 0, None)
    write_raster(folder / "dem.tif", height.astype(np.float32))
    for period, level in ((20, 0.4), (100, 1.5)):
        depth = np.clip(level * (1.2 - height / 6), 0, None)
        write_raster(folder / f"depth_{period}.tif", depth.astype(np.float32), nodata=-9999)
    for period, level in ((475, 0.1), (2475, 0.19)):
        write_raster(folder / f"pga_{period}.tif", (level + 0.02 * x).astype(np.float32))
    write_raster(folder / "people.tif", np.where(height < 10, 12.0, 1.0).astype(np.float32))
    pd.DataFrame({"code": units()["code"], "pop": [400_000, 600_000, 350_000]}).to_csv(folder / "pop.csv", index=False)
    pd.DataFrame({"code": units()["code"], "gdp": [6e6, 9e6, 5e6]}).to_csv(folder / "gdp.csv", index=False)
    spots = np.random.default_rng(1).uniform(0.1, 0.9, (60, 2)) * SIDE * CELL
    houses = {"area_m2": 9e5, "struct": [1, 2, 5] * 20, "built_year": 1995}
    points = [Point(LEFT + a, TOP - b) for a, b in spots]
    gpd.GeoDataFrame(houses, geometry=points, crs=CRS).to_file(folder / "houses.gpkg", driver="GPKG")
    lines = [LineString([(LEFT + 500, TOP - 500 - 900 * i), (LEFT + 11_000, TOP - 900 - 900 * i)]) for i in range(9)]
    gpd.GeoDataFrame({"id": range(9)}, geometry=lines, crs=CRS).to_file(folder / "roads.gpkg", driver="GPKG")
    study = folder / "study.yaml"
    study.write_text(yaml.safe_dump({**small_study(), **changed}, allow_unicode=True), encoding="utf-8")
    return study


def write_planned_city(folder: Path) -> Path:
    """The small city with a plan, objects, relief and records of losses: all that a later stage makes something of."""
    names = {"dem": "dem.tif", "line": "line.gpkg", "roads": "roads.gpkg", "losses": "losses.csv"}
    more: dict[str, Any] = {name: {"path": path} for name, path in names.items()}
    more["dem"]["quantity"] = "elevation"
    study = small_study()
    columns = {"unit": "code", "year": "year", "hazard": "kind", "loss": "loss", "units": "yuan"}
    changed = {
        "inputs": {**study["inputs"], **more},
        "planning": {"plans": {"line": {"input": "line", "kind": "ecological_red_line"}}},
        "exposure": {**study["exposure"], "objects": [{"layer": "roads"}]},
        "history": {"table": "losses", **columns},
    }
    path = write_small_city(folder, **changed)
    plan = gpd.GeoDataFrame(geometry=[units().geometry.iloc[0].centroid.buffer(0.02)], crs=units().crs)
    plan.to_file(folder / "line.gpkg", driver="GPKG")
    rows = [
        (code, year, "FLOOD", 1e6 * at)
        for at, code in enumerate(units()["code"], start=1)
        for year in range(2010, 2020)
    ]
    pd.DataFrame(rows, columns=["code", "year", "kind", "loss"]).to_csv(folder / "losses.csv", index=False)
    return path


def small_study() -> dict[str, Any]:
    inputs: dict[str, Any] = {"population": {"path": "pop.csv"}}
    for period in (20, 100):
        inputs[f"depth_{period}"] = {
            "path": f"depth_{period}.tif", "quantity": "flood_depth", "units": "m", "return_period": period,
        }  # fmt: skip
    for period in (475, 2475):
        inputs[f"pga_{period}"] = {
            "path": f"pga_{period}.tif", "quantity": "pga", "units": "g", "return_period": period,
        }  # fmt: skip
    return {
        "name": "Suzhou",
        "code": 320500,
        "data_date": "2025-12-31",
        "language": "en",
        "admin": {"path": "admin.gpkg", "layers": {"county": "county"}},
        "grid": {"resolution": 250},
        "inputs": inputs,
        "hazards": [
            {"hazard": "earthquake", "inputs": {"pga": ["pga_475", "pga_2475"]}},
            {"hazard": "flood", "inputs": {"depth": ["depth_20", "depth_100"]}},
        ],
        "exposure": {"population": {"table": "population", "column": "pop"}},
        # Few draws, and no output that has tests of its own: this study is run a hundred times.
        "uncertainty": {"draws": 100},
        "outputs": {**ALL_BUT_DRAWN, "workbook": False},
    }


@pytest.fixture
def small_city(tmp_path: Path) -> Callable[..., Path]:
    """small_city(change=None): study.yaml of the small city; ``change(content, folder)`` alters both before."""

    def make(change: Callable[[dict[str, Any], Path], None] | None = None) -> Path:
        folder = tmp_path / "city"
        path = write_small_city(folder)
        if change is not None:
            content = small_study()
            change(content, folder)
            path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return path

    return make
