"""Values of a layer at points given in its pixel coordinates: bilinear that respects missing cells, and nearest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

Array = np.ndarray[Any, Any]
compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)
# A point on the border of two cells belongs to the right or lower one, whatever the last bits of its coordinates are.
NUDGE = 1e-7


@compiled
def bilinear(values, top, left, height, width, X, Y, out):  # type: ignore[no-untyped-def]
    """Bilinear interpolation between cell centres at the points (X, Y)."""
    rows, columns = values.shape
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.nan
            x, y = X[i, j], Y[i, j]
            # Also false for infinite and NaN coordinates, and false for points beyond the layer.
            if not (-NUDGE <= x < width + NUDGE and -NUDGE <= y < height + NUDGE):
                continue
            c, r = int(np.floor(x - 0.5)), int(np.floor(y - 0.5))
            u, v = x - 0.5 - c, y - 0.5 - r
            c, r = c - left, r - top
            if 0 <= r < rows - 1 and 0 <= c < columns - 1:
                upper = (1.0 - u) * values[r, c] + u * values[r, c + 1]
                lower = (1.0 - u) * values[r + 1, c] + u * values[r + 1, c + 1]
                out[i, j] = (1.0 - v) * upper + v * lower
                if np.isfinite(out[i, j]):
                    continue
            out[i, j] = np.nan
            home_c = min(max(int(np.floor(x + NUDGE)), 0), width - 1) - left
            home_r = min(max(int(np.floor(y + NUDGE)), 0), height - 1) - top
            if not (0 <= home_r < rows and 0 <= home_c < columns):
                continue
            home = values[home_r, home_c]
            if not np.isfinite(home):
                continue
            total, weights = 0.0, 0.0
            for dr in range(2):
                wy = v if dr else 1.0 - v
                rr = r + dr
                if wy == 0 or not 0 <= rr < rows:
                    continue
                for dc in range(2):
                    w = wy * (u if dc else 1.0 - u)
                    cc = c + dc
                    if w > 0 and 0 <= cc < columns and np.isfinite(values[rr, cc]):
                        total += w * values[rr, cc]
                        weights += w
            out[i, j] = total / weights if weights > 0 else home


def nearest(values: Array, top: int, left: int, X: Array, Y: Array) -> tuple[Array, Array]:
    """Values, of any dtype, of the cells that contain the points (X, Y), and whether the window holds them."""
    rows, columns = values.shape
    with np.errstate(invalid="ignore"):
        inside = (left <= X + NUDGE) & (left + columns > X + NUDGE) & (top <= Y + NUDGE) & (top + rows > Y + NUDGE)
    c = np.floor(np.where(inside, X + NUDGE, left)).astype(np.intp) - left
    r = np.floor(np.where(inside, Y + NUDGE, top)).astype(np.intp) - top
    return values[r, c], inside
