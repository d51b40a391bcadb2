"""The sheet: right colours in the right place, everything inside, nothing invented."""

from __future__ import annotations

import io
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from shapely import box

from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.maps import MapNotes, zoning_map
from riskzoning.maps.sheet import palette_colours

LEFT, BOTTOM = 450000, 3870000


@pytest.fixture
def units() -> gpd.GeoDataFrame:
    cells = [box(LEFT + 20000 * i, BOTTOM, LEFT + 20000 * (i + 1), BOTTOM + 60000) for i in range(5)]
    frame = gpd.GeoDataFrame(
        {
            "name": ["甲县", "乙县", "丙县", "丁县", "戊县"],
            "level": "county",
            "grade": [1, 2, 3, 5, 0],
            "index": [0.1, 0.3, 0.5, 0.9, np.nan],
            "population": [10.0, 20.0, 30.0, 40.0, 0.0],
        },
        geometry=cells,
        crs="EPSG:4547",
    )
    city = gpd.GeoDataFrame({"name": ["市"], "level": "city"}, geometry=[frame.union_all()], crs=frame.crs)
    return gpd.GeoDataFrame(pd.concat([frame, city], ignore_index=True), crs=frame.crs)


def pixels(figure: Figure, dpi: int = 50) -> np.ndarray[Any, Any]:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return np.asarray(Image.open(buffer).convert("RGB")).astype(int)


def all_text(figure: Figure) -> list[str]:
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    return [*found, *(text.get_text() for text in figure.texts)]


def drawn(units: gpd.GeoDataFrame, **options: Any) -> Figure:
    counties = units[units["level"] == "county"]
    return zoning_map(counties, column="grade", title="风险区划图", outlines=units, **options)


def test_units_take_the_colour_of_their_grade_and_no_data_its_own(units: gpd.GeoDataFrame) -> None:
    figure = drawn(units, lang="zh")
    image = pixels(figure)
    colours = [*palette_colours("risk_5", 5), "#D9D9D9"]
    present = {tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in colours}
    seen = {tuple(pixel) for pixel in image.reshape(-1, 3)}
    used = {tuple(int(colours[i - 1][j : j + 2], 16) for j in (1, 3, 5)) for i in (1, 2, 3, 5)} | {(217, 217, 217)}
    assert used <= seen
    assert len(present & seen) == 6


def test_sketch_note_without_a_review_number_and_the_number_with_one(units: gpd.GeoDataFrame) -> None:
    assert "示意图（内部使用）" in all_text(drawn(units))
    text = all_text(drawn(units, notes=MapNotes(review_number="豫S(2026)001号")))
    assert "审图号：豫S(2026)001号" in text
    assert not any("示意图" in item for item in text)


def test_nothing_is_cut_off_by_the_sheet(units: gpd.GeoDataFrame) -> None:
    notes = MapNotes(
        data_date="2026-06-30",
        method="加权乘积",
        run="abcdef",
        status=dict.fromkeys(("official", "literature", "project_default", "unverified"), 12),
    )
    figure = drawn(units, notes=notes, value_column="index", people="population", breaks=[0.2, 0.4, 0.6, 0.8, 1.0])
    width, height = figure.bbox.width, figure.bbox.height
    for axes in figure.axes:
        for text in axes.texts:
            box = text.get_window_extent()
            assert box.x0 >= 0, text.get_text()
            assert box.x1 <= width, text.get_text()
            assert 0 <= box.y0 <= box.y1 <= height, text.get_text()
    for text in figure.texts:
        box = text.get_window_extent()
        assert box.x0 >= 0, text.get_text()
        assert box.x1 <= width, text.get_text()


def test_legend_states_intervals_and_the_closed_end(units: gpd.GeoDataFrame) -> None:
    text = all_text(drawn(units, breaks=[0.2, 0.4, 0.6, 0.8, 1.0], closed="left", lang="en"))
    assert "0.2 – 0.4" in text
    assert "intervals include their lower bound" in text


def test_layers_are_drawn_with_their_grades() -> None:
    grid = analysis_grid((LEFT, BOTTOM, LEFT + 100000, BOTTOM + 60000), crs="EPSG:4547", resolution=1000)
    codes = np.repeat(np.array([[1, 2, 3, 4, 0]], dtype=np.uint8), 20, axis=1).repeat(60, axis=0)
    layer = layer_on(grid, codes, quantity="hazard_grade", name="flood_hazard_grade")
    figure = zoning_map(layer, title="Flood", lang="en", scheme="flood_4", palette="flood")
    seen = {tuple(pixel) for pixel in pixels(figure).reshape(-1, 3)}
    for colour in palette_colours("flood", 4):
        assert tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) in seen
    assert "very high" in all_text(figure)


def test_wrong_columns_and_grades_are_told(units: gpd.GeoDataFrame) -> None:
    with pytest.raises(LayerError, match="column 'x' is not in the units; one of name, level"):
        zoning_map(units, column="x", title="t")
    with pytest.raises(LayerError, match="holds grade 5; grades 0 to 4 of scheme 'flood_4'"):
        zoning_map(units[units["level"] == "county"], column="grade", title="t", scheme="flood_4")


def test_same_units_same_picture(units: gpd.GeoDataFrame) -> None:
    assert np.array_equal(pixels(drawn(units)), pixels(drawn(units)))


@pytest.mark.parametrize(
    "palette", ["risk_5", "flood", "geology", "earthquake", "meteorology", "forest_fire", "drought"]
)
def test_neighbouring_classes_can_be_told_apart(palette: str) -> None:
    colours = [*palette_colours(palette, 5), "#D9D9D9"]
    levels = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours]) / 255
    steps = np.abs(np.diff(levels[:-1], axis=0)).sum(axis=1)
    assert steps.min() > 0.2
    assert np.abs(levels[:-1] - levels[-1]).sum(axis=1).min() > 0.15
