"""Where the map lies on the sheet: extent at a round scale, and the graticule at the neat line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from riskzoning import standards
from riskzoning.admin.crs import in_box

POINTS = 72 / 25.4
# Denominators of printed scales, in one power of ten.
_ROUND = (1.0, 1.2, 1.25, 1.5, 1.6, 1.8, 2.0, 2.2, 2.5, 2.8, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 9.0)
# Room between the outermost unit and the neat line, mm on paper.
_MARGIN = 4.0
# Length of a tick, mm.
_TICK = 1.8
_TURN = 360.0
_EXCHANGE = "EPSG:4490"


@dataclass(frozen=True)
class Frame:
    """The map window: its extent in metres of the projection, its size on paper, its scale."""

    left: float
    bottom: float
    right: float
    top: float
    width: float
    height: float
    denominator: float

    @classmethod
    def around(cls, bounds: Sequence[float], *, width: float, height: float) -> Frame:
        """The window of a size on paper (mm) that shows ``bounds`` at the largest round scale."""
        left, bottom, right, top = (float(value) for value in bounds)
        least = max((right - left) / (width - 2 * _MARGIN), (top - bottom) / (height - 2 * _MARGIN), 1e-3) * 1000
        power = 10.0 ** np.floor(np.log10(least))
        denominator = float(next(step * power for step in (*_ROUND, 10.0) if step * power >= least * (1 - 1e-9)))
        x, y = (left + right) / 2, (bottom + top) / 2
        half_x, half_y = width / 2000 * denominator, height / 2000 * denominator
        return cls(x - half_x, y - half_y, x + half_x, y + half_y, width, height, denominator)

    @property
    def metres_a_millimetre(self) -> float:
        """Metres on the ground under a millimetre on paper."""
        return self.denominator / 1000

    def on_paper(self, points: NDArray[Any]) -> NDArray[np.float64]:
        """Coordinates (n, 2) in metres as points (1/72 inch) from the lower left corner of the window."""
        scale = self.width / (self.right - self.left) * POINTS
        return (np.asarray(points, dtype=float) - (self.left, self.bottom)) * scale

    def on_ground(self, points: NDArray[Any]) -> NDArray[np.float64]:
        """The inverse of :meth:`on_paper`."""
        scale = self.width / (self.right - self.left) * POINTS
        return np.asarray(points, dtype=float) / scale + (self.left, self.bottom)


def sheet_crs(bounds: Sequence[float], crs: Any) -> str:
    """Projection for a sheet: the data's own when it is projected, else the CGCS2000 3-degree belt, else UTM."""
    own = CRS.from_user_input(crs)
    metric = own.is_projected and own.axis_info and abs(own.axis_info[0].unit_conversion_factor - 1) < 1e-9
    # A world projection in metres keeps neither distances nor areas; a sheet has a scale.
    if metric and "Pseudo-Mercator" not in own.name:
        return own.to_string()
    left, bottom, right, top = bounds
    degrees = Transformer.from_crs(own, _EXCHANGE, always_xy=True)
    west, south, east, north = degrees.transform_bounds(left, bottom, right, top)
    longitude, latitude = (west + east) / 2, (south + north) / 2
    belt = next(b for b in standards.table("admin/checks").data["belts"] if b["name"] == "3-degree")
    zone = round(longitude / 3)
    inside = bool(np.all(in_box(np.array([[longitude, latitude, longitude, latitude]]))))
    if inside and belt["first"] <= zone <= belt["last"]:
        return f"EPSG:{belt['plain'] + zone - belt['first']}"
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + int((longitude + 180) // 6) % 60 + 1}"


def graticule(axes: Axes, frame: Frame, crs: str, *, size: float) -> None:
    """Ticks every 15 minutes at the neat line (further apart on small scales), labels outside."""
    to_degrees = Transformer.from_crs(CRS(crs), _EXCHANGE, always_xy=True)
    corners = (frame.left, frame.bottom, frame.right, frame.top)
    west, south, east, north = to_degrees.transform_bounds(*corners)
    # Across 180 degrees the east is the smaller number.
    east = east + _TURN if east < west else east
    step = _step(max(east - west, north - south))
    axes.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top), xlabel="", ylabel="")
    for axis, low, high in (("x", west, east), ("y", south, north)):
        for secondary in (False, True):
            at, names = _ticks(
                frame, to_degrees, axis, secondary, np.arange(np.floor(low / step), high / step + 1) * step
            )
            _mark(axes, frame, axis, secondary, at, names, size)
    axes.tick_params(direction="in", length=_TICK * POINTS, width=0.8)


def _step(span: float) -> float:
    """Degrees between ticks: 15 minutes, more or fewer only where that gives over 14 of them or not even two."""
    steps = (1 / 60, 1 / 30, 1 / 12, 1 / 6, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
    first = next(step for step in steps if span / step <= 14) if span <= 140 else 10.0
    return first if first > 0.25 or span < 0.5 else 0.25


def _ticks(
    frame: Frame, to_degrees: Transformer, axis: str, far: bool, values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], list[str]]:
    """Where meridians (or parallels) cross one side of the neat line: read off the side itself, not off its middle."""
    along = np.linspace(0, 1, 257)
    if axis == "x":
        x, y = frame.left + along * (frame.right - frame.left), np.full(257, frame.top if far else frame.bottom)
        degrees, position = np.unwrap(to_degrees.transform(x, y)[0], period=_TURN), x
        degrees = degrees + _TURN * np.round((values[0] - degrees[0]) / _TURN)
    else:
        x, y = np.full(257, frame.right if far else frame.left), frame.bottom + along * (frame.top - frame.bottom)
        degrees, position = to_degrees.transform(x, y)[1], y
    inside = values[(values > degrees[0]) & (values < degrees[-1])]
    sides = "EW" if axis == "x" else "NS"
    return np.interp(inside, degrees, position), [_degrees(value, sides) for value in inside]


def _mark(
    axes: Axes, frame: Frame, axis: str, far: bool, at: NDArray[np.float64], names: list[str], size: float
) -> None:
    if far:
        # The far side has crossings of its own, since meridians converge; an axis of matplotlib has one set of ticks.
        inward = _TICK * frame.metres_a_millimetre
        ends = [[(x, frame.top), (x, frame.top - inward)] for x in at]
        if axis == "y":
            ends = [[(frame.right, y), (frame.right - inward, y)] for y in at]
        axes.add_collection(LineCollection(ends, colors="black", linewidths=0.8, zorder=19), autolim=False)
    elif axis == "x":
        axes.set_xticks(at, names, fontsize=size)
    else:
        axes.set_yticks(at, names, fontsize=size, rotation=90, va="center")


def _degrees(value: float, sides: str) -> str:
    value = value if abs(value) <= _TURN / 2 else (value + _TURN / 2) % _TURN - _TURN / 2
    minutes = round(abs(value) * 60)
    return f"{minutes // 60}°{minutes % 60:02d}′{sides[0] if value >= 0 else sides[1]}"
