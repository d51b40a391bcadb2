"""A made-up city of units on a lattice, for regions and zones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.zoning.risk_regions import Units

CRS = "EPSG:4547"
LEFT, BOTTOM, SIDE = 500_000.0, 3_900_000.0, 5_000.0


@pytest.fixture
def lattice() -> Callable[..., Units]:
    """lattice(rows, columns, seed): square units of 5 km, mountains in the first row, hazards at random."""

    def make(rows: int = 4, columns: int = 5, seed: int = 1, **changes: Any) -> Units:
        count = rows * columns
        random = np.random.default_rng(seed)
        boxes = [
            box(LEFT + c * SIDE, BOTTOM + (rows - 1 - r) * SIDE, LEFT + (c + 1) * SIDE, BOTTOM + (rows - r) * SIDE)
            for r in range(rows)
            for c in range(columns)
        ]
        codes = [f"4107{at:05d}" for at in range(count)]
        parts = pd.DataFrame({"flood": random.random(count), "geology": random.random(count) / 5}, index=codes)
        index = parts.sum(axis=1)
        frame = gpd.GeoDataFrame(
            {
                "name": [f"镇{at}" for at in range(count)],
                "above": np.where(np.arange(count) < count // 2, "北县", "南县"),
                "area_km2": SIDE**2 / 1e6,
                "population": np.arange(count) * 100.0 + 50,
                "index": index,
                "grade": np.digitize(index, [0.3, 0.5, 0.7, 0.9]) + 1,
                "landform": np.where(np.arange(count) < columns, "low_mountains", "plain"),
                "group": np.where(np.arange(count) < columns, "mountains", "plain"),
            },
            geometry=boxes,
            index=codes,
            crs=CRS,
        )
        words = {"plain": {"zh": "平原", "en": "plain"}, "mountains": {"zh": "山地", "en": "mountains"},
                 "low_mountains": {"zh": "低山", "en": "low mountains"}}  # fmt: skip
        given: dict[str, Any] = {
            "frame": frame, "parts": parts, "city": "410700", "metric": CRS, "bounds": (0.3, 0.5, 0.7, 0.9, 2.0),
            "level_word": {"zh": "乡镇", "en": "townships"}, "landform_words": words,
        }  # fmt: skip
        return Units(**{**given, **changes})

    return make


@pytest.fixture
def grades() -> Callable[..., Any]:
    """grades(values): a class layer of cells of 250 m from the upper left corner of a lattice of four rows."""

    def make(values: Any, top: float = BOTTOM + 4 * SIDE) -> Any:
        array = np.asarray(values, np.uint8)
        rows, columns = array.shape
        bounds = (LEFT, top - rows * 250, LEFT + columns * 250, top)
        return layer_on(analysis_grid(bounds, crs=CRS, resolution=250), array, quantity="risk_grade")

    return make
