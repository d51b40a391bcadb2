"""The axes of a grid from the centres of its cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from riskzoning.errors import LayerError, Phrase, Problem

# Centres of a regular axis may wander by this share of a cell; coordinates kept as float32 by their own precision.
_AXIS_TOLERANCE, _WIDEST_WANDER = 0.01, 0.25


def regular_axis(
    centres: np.ndarray[Any, Any], *, thing: Phrase | str, axis: str, cell: float | None = None
) -> tuple[float, float]:
    """Outer edge before the first centre and signed cell size of an axis given by cell centres.

    Noise of float32 coordinates and of printed decimals is taken out, so that the same grid in two files is one grid.

    Parameters
    ----------
    centres : array
        Cell centres, rising or falling.
    cell : float, optional
        Cell size when there is only one centre.

    Raises
    ------
    LayerError
        The centres are not evenly spaced, or not finite.

    Examples
    --------
    >>> regular_axis(np.array([34.85, 34.95, 35.05]), thing="pr.nc", axis="lat")
    (34.8, 0.1)
    """
    values = np.asarray(centres, dtype=np.float64)
    count = values.size
    step = (values[-1] - values[0]) / (count - 1) if count > 1 else cell
    if count == 0 or step is None or not np.all(np.isfinite(values)) or not np.isfinite(step) or step == 0:
        raise LayerError(Problem("layer.axis_single" if count == 1 else "layer.axis_none", thing, axis=axis))
    precision = np.finfo(centres.dtype if centres.dtype.kind == "f" else np.float64).eps
    noise = float(precision) * float(np.abs(values).max())
    wander = float(np.max(np.abs(values - (values[0] + step * np.arange(count)))))
    if wander > max(_AXIS_TOLERANCE * abs(step), min(noise, _WIDEST_WANDER * abs(step))):
        steps = np.diff(values)
        smallest, largest = float(steps.min()), float(steps.max())
        raise LayerError(Problem("layer.axis_uneven", thing, axis=axis, smallest=smallest, largest=largest))
    step = _round_step(float(step), tolerance=max(4 * noise / count, 1e-6 * abs(step) / count))
    edge = float(values[0]) - step / 2
    snapped = round(edge / (step / 2)) * (step / 2)
    if abs(snapped - edge) < max(2 * noise, 1e-6 * abs(step)):
        edge = snapped
    return round(edge, 12), step


def _round_step(step: float, tolerance: float) -> float:
    """The step as short decimal or as whole fraction of an arc second, when that lies within the tolerance."""
    decimals = [round(step, digits) for digits in range(9)]
    arcs = [round(step * 3600 * parts) / (3600 * parts) for parts in (1, 2, 4, 10)]
    # Below a degree a short decimal near by is mostly a fraction cut off: 0.0008333 for three arc seconds.
    ordered = [*arcs, *decimals] if abs(step) < 1 else [*decimals, *arcs]
    return next((value for value in ordered if value and abs(value - step) <= tolerance), step)


X_NAMES = ("x", "lon", "longitude", "long", "经度", "easting", "projection_x_coordinate")
Y_NAMES = ("y", "lat", "latitude", "纬度", "northing", "projection_y_coordinate")


def axes_among(attrs: Mapping[Any, Mapping[Any, Any]]) -> tuple[Any, Any]:
    """Dimensions of rows and of columns, by their usual names, else by ``axis`` or ``standard_name``; None unknown.

    Parameters
    ----------
    attrs : mapping
        Attributes of the coordinate of each dimension.

    Examples
    --------
    >>> axes_among({"time": {}, "lat": {}, "i": {"axis": "X"}})
    ('lat', 'i')
    """
    return _axis(attrs, Y_NAMES, "Y"), _axis(attrs, X_NAMES, "X")


def _axis(attrs: Mapping[Any, Mapping[Any, Any]], names: tuple[str, ...], letter: str) -> Any:
    lowered = {str(dim).lower(): dim for dim in attrs}
    for name in names:
        if name in lowered:
            return lowered[name]
    for dim, own in attrs.items():
        if str(own.get("axis", "")).upper() == letter or str(own.get("standard_name", "")).lower() in names:
            return dim
    return None
