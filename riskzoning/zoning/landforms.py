"""Landforms of cells by local relief and height, and what units are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from riskzoning import standards
from riskzoning.layers import describe, grid_of

_TABLE = "zoning/landforms"


def landform_classes(elevation: xr.DataArray) -> xr.DataArray:
    """Number of the landform of each cell (from 1, as in the table ``zoning/landforms``; 0 without a height)."""
    rules = standards.table(_TABLE).data
    cell = abs(grid_of(elevation).affine.a)
    size = max(3, 2 * round(float(rules["window_m"]) / cell / 2) + 1)
    height = elevation.values.astype(np.float32)
    known = np.isfinite(height)
    highest, lowest = np.where(known, height, -np.inf), np.where(known, height, np.inf)
    for axis in (0, 1):
        highest = maximum_filter1d(highest, size, axis=axis, mode="nearest")
        lowest = minimum_filter1d(lowest, size, axis=axis, mode="nearest")
    relief = np.where(known, highest - lowest, np.nan)
    out = np.zeros(height.shape, np.uint8)
    for number, row in reversed(list(enumerate(rules["classes"], start=1))):
        fits = known & (relief < row.get("relief_below", np.inf)) & (height < row.get("height_below", np.inf))
        out[fits] = number
    return describe(elevation.copy(data=out), quantity="landform", like=elevation)


def landform(number: int) -> Mapping[str, Any]:
    """A landform by its number."""
    row: Mapping[str, Any] = standards.table(_TABLE).data["classes"][number - 1]
    return row


def group_words(group: str) -> dict[str, str]:
    """What a group of landforms is called."""
    words = standards.table(_TABLE).data["groups"].get(group, {"zh": group, "en": group})
    return {lang: str(words[lang]) for lang in ("zh", "en")}
