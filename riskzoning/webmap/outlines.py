"""Outlines for the screen: fewer points, and neighbours that keep the lines that they share."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

Shapes = np.ndarray[Any, Any]


def thinned(shapes: Shapes, tolerance: float, decimals: int) -> Shapes:
    """Shapes in degrees with fewer points, rounded; shared borders stay shared, so that no gaps open between them."""
    rounded = _rounded(shapes, decimals)
    # Borders that differ in their last digits are one when they are rounded.
    for kept in (shapes, rounded):
        if shapely.coverage_is_valid(kept):
            return _rounded(shapely.coverage_simplify(kept, tolerance), decimals)
    return rounded


def _rounded(shapes: Shapes, decimals: int) -> Shapes:
    """Rounding moves a shared vertex to the same place on both sides."""
    return np.asarray(shapely.transform(shapes, lambda xy: np.round(xy, decimals)))
