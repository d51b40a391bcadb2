"""Shared parts of the sheets: each line once, rivers near the city, seats where they are given."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from shapely import LineString, Point, box

import riskzoning
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.maps import map_backdrop, zoning_map
from riskzoning.maps.backdrop import line_parts


@pytest.fixture
def units() -> gpd.GeoDataFrame:
    cells = [box(450_000 + 20_000 * i, 3_870_000, 470_000 + 20_000 * i, 3_900_000) for i in range(3)]
    names = ["甲县", "乙县", "丙县", "市"]
    levels = ["county"] * 3 + ["city"]
    return gpd.GeoDataFrame(
        {"name": names, "level": levels},
        geometry=[*cells, box(450_000, 3_870_000, 510_000, 3_900_000)],
        crs="EPSG:4547",
    )


def length(lines: list[np.ndarray]) -> float:
    return sum(LineString(line).length for line in lines)


def test_shared_borders_are_drawn_once(units: gpd.GeoDataFrame) -> None:
    shared = map_backdrop(outlines=units)
    assert length(shared.lines["county"]) == pytest.approx(2 * 60_000 + 4 * 30_000)
    assert length(line_parts([box(0, 0, 1, 1).boundary] * 5)) == pytest.approx(4)


def test_rivers_end_a_little_outside_the_city(units: gpd.GeoDataFrame) -> None:
    river = gpd.GeoDataFrame(geometry=[LineString([(400_000, 3_880_000), (600_000, 3_880_000)]), None], crs=units.crs)
    shared = map_backdrop(outlines=units, rivers=river)
    assert 60_000 < length(shared.rivers) < 62_000
    lake = gpd.GeoDataFrame(geometry=[box(460_000, 3_880_000, 461_000, 3_881_000)], crs=units.crs)
    assert length(map_backdrop(outlines=units, rivers=lake).rivers) == pytest.approx(4000)


def test_given_seats_are_dots_and_otherwise_the_middle_is_named_as_such(units: gpd.GeoDataFrame) -> None:
    middle = map_backdrop(outlines=units)
    np.testing.assert_allclose(middle.seats[:, 1], 3_885_000, atol=2000)
    assert ("Middle of a county" in [name for name, _ in middle.keys("en")]) is True
    points = gpd.GeoDataFrame(geometry=[Point(455_000, 3_875_000)], crs=units.crs)
    given = map_backdrop(outlines=units, seats=points)
    assert given.seats.tolist() == [[455_000, 3_875_000]]
    assert "County seat" in [name for name, _ in given.keys("en")]


def test_relief_leaves_level_ground_clear_and_stays_inside_the_city(units: gpd.GeoDataFrame) -> None:
    grid = analysis_grid((430_000, 3_850_000, 530_000, 3_920_000), crs="EPSG:4547", resolution=1000)
    shade = np.full(grid.shape, 180.0)
    shade[40:44, 50:60] = 40
    shade[:, :5] = 20
    shared = map_backdrop(outlines=units, hillshade=layer_on(grid, shade, quantity="hillshade"))
    assert shared.relief is not None
    opacity = shared.relief[..., 3]
    assert (opacity > 0).sum() == 40
    assert opacity.max() < 0.5 * 255


def test_window_of_a_layer_without_outlines() -> None:
    grid = analysis_grid((113.5, 34.9, 114.3, 35.5), crs="EPSG:4490", resolution=0.01)
    shared = map_backdrop(layer_on(grid, 1, quantity="risk_grade"))
    assert shared.crs == "EPSG:4547"
    assert shared.frame.left < 454_500 < 527_000 < shared.frame.right


def test_names_without_room_are_counted_and_told_on_the_sheet(units: gpd.GeoDataFrame) -> None:
    narrow = [box(450_000 + 40 * i, 3_880_000, 450_040 + 40 * i, 3_899_000) for i in range(5)]
    towns = gpd.GeoDataFrame({"name": "某镇", "level": "township"}, geometry=narrow, index=range(5), crs=units.crs)
    shared = map_backdrop(outlines=pd.concat([units, towns]))
    assert shared.unnamed == 5
    assert map_backdrop(outlines=units).unnamed == 0
    graded = units.assign(g=[1, 2, 3, 1]).iloc[:3]
    figure = zoning_map(graded, column="g", title="x", backdrop=shared)
    assert any("另有 5 个单元的名称" in text.get_text() for text in figure.texts)
    plain = zoning_map(graded, column="g", title="x", backdrop=map_backdrop(outlines=units))
    assert not any("未标注" in text.get_text() for text in plain.texts)


def test_borders_of_the_world_are_never_drawn(units: gpd.GeoDataFrame) -> None:
    """Lines of a city map are those that the study gives; the package has no borders of its own to draw."""
    shared = map_backdrop(outlines=units)
    figure = Figure()
    axes = figure.add_subplot()
    shared.draw(axes)
    left, bottom, right, top = units.total_bounds
    drawn = [path.vertices for lines in axes.collections for path in lines.get_paths()]
    assert drawn
    for vertices in drawn:
        x, y = np.asarray(vertices).T
        assert left <= x.min() <= x.max() <= right
        assert bottom <= y.min() <= y.max() <= top
    package = Path(riskzoning.__file__).parent
    kinds = {".geojson", ".topojson", ".shp", ".gpkg", ".kml", ".gml", ".fgb", ".parquet"}
    assert not [path for path in package.rglob("*") if path.suffix in kinds]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    assert not re.search(r"naturalearth|natural_earth|geodatasets|cartopy|mpl_toolkits\.basemap", sources)
