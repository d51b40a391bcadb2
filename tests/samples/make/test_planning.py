"""Plans of the sample city: lines that do not overlap, inside the city, of the classes that the program knows."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from make import boundaries, exposure, planning, terrain

from riskzoning.samples import sample_study
from riskzoning.zoning.planning.plans import class_of

SECONDS = 30


@pytest.fixture(scope="module")
def lines() -> dict[str, gpd.GeoDataFrame]:
    units, place, lived = boundaries.drawn_units(1), terrain.ground(1, SECONDS), exposure.settlement(1, SECONDS)
    return planning.control_lines(place, lived, exposure.township_index(units, place.raster) >= 0)


def test_lines_have_their_classes_and_do_not_overlap(lines: dict[str, gpd.GeoDataFrame]) -> None:
    assert {layer: class_of(str(frame["类型"].iloc[0])) for layer, frame in lines.items()} == {
        "urban_boundary": "urban_boundary", "farmland": "farmland", "red_line": "red_line",
    }  # fmt: skip
    shapes = np.concatenate([frame.geometry.to_numpy() for frame in lines.values()])
    assert shapely.is_valid(shapes).all()
    assert abs(shapely.area(shapes).sum() - shapely.union_all(shapes).area) < 1e-12


def test_main_function_has_every_county() -> None:
    frame = planning.main_function(boundaries.drawn_units(1))
    assert len(frame) == 12
    assert {class_of(name) for name in frame["主体功能"]} == {"key_development", "farming_area", "ecological_area"}


def test_the_shipped_plans_are_small_and_lie_in_the_city() -> None:
    folder = sample_study().parent
    path = folder / "planning" / "planning.gpkg"
    assert path.stat().st_size < 400_000
    assert sorted(pyogrio.list_layers(path)[:, 0]) == ["farmland", "main_function", "red_line", "urban_boundary"]
    city = gpd.read_file(folder / "admin.gpkg", layer="city").to_crs("EPSG:4547").geometry.iloc[0].buffer(1500)
    for layer, least, most in (("urban_boundary", 200, 1500), ("farmland", 3000, 6500), ("red_line", 200, 1500)):
        frame = gpd.read_file(path, layer=layer).to_crs("EPSG:4547")
        assert least < frame.area.sum() / 1e6 < most
        assert shapely.covers(city, frame.geometry.to_numpy()).all()
