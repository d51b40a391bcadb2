"""Landforms from heights: a plain, a slope, a mountain."""

from __future__ import annotations

import numpy as np

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.zoning.landforms import group_words, landform, landform_classes


def classes(height: np.ndarray) -> np.ndarray:
    rows, columns = height.shape
    grid = analysis_grid((0, 0, columns * 250, rows * 250), crs="EPSG:4547", resolution=250)
    return landform_classes(layer_on(grid, height.astype(np.float32), quantity="elevation")).values


def test_a_plain_with_a_mountain_beside_it() -> None:
    x = np.arange(60)
    height = np.tile(80 + np.clip(x - 30, 0, None) * 60.0, (20, 1))
    keys = [str(landform(int(number))["key"]) for number in classes(height)[10]]
    assert keys[0] == "plain"
    assert keys[20] == "plain"
    assert keys[26] == "hills"
    assert keys[40] == "low_mountains"
    assert keys[50] == "middle_mountains"


def test_the_relief_counts_and_not_the_height() -> None:
    assert set(classes(np.full((20, 20), 2500.0)).ravel()) == {1}


def test_cells_without_height_have_none() -> None:
    height = np.full((20, 20), 90.0)
    height[:5, :5] = np.nan
    made = classes(height)
    assert (made[:5, :5] == 0).all()
    assert (made[5:, 5:] == 1).all()


def test_words_of_groups() -> None:
    assert group_words("mountains")["zh"] == "山地"
    assert group_words("黄河滩区") == {"zh": "黄河滩区", "en": "黄河滩区"}
