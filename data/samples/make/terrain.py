"""Ground of the sample city: a plain that falls to the north-east, a raised river bed, mountains carved by water.

The mountains come from the detachment-limited stream-power law solved implicitly on the drainage tree (Braun and
Willett 2013, Geomorphology 180-181, 170-179) with exponents m = 0.5 and n = 1, under an uplift that rises from the
mountain front. Only additions, products and square roots enter the loop, and what goes in is rounded, so that the same
seed gives the same ground on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numba
import numpy as np
import pyflwdir
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage

from make.boundaries import Plane, geography, warped_line
from riskzoning.samples.noise import Array, Waves, generator

# Extent of the ground in degrees (west, south, east, north): the city and a margin.
EXTENT = (113.25, 34.80, 115.10, 35.95)
_STREAM_KM2 = 12.0
_LEVEE_KM = 4.6


@dataclass(frozen=True)
class Raster:
    """A grid in degrees, north up: origin, cell in arc-seconds, shape; its cells also in kilometres of the plane."""

    left: float
    top: float
    seconds: float
    shape: tuple[int, int]

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float], seconds: float, margin: int = 0) -> Raster:
        """The grid of whole multiples of the cell that covers ``bounds`` (west, south, east, north) and a margin."""
        cell = 3600 / seconds
        west, south = (int(np.floor(value * cell + 1e-6)) - margin for value in bounds[:2])
        east, north = (int(np.ceil(value * cell - 1e-6)) + margin for value in bounds[2:])
        return cls(west / cell, north / cell, seconds, (north - south, east - west))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        rows, columns = (size * self.seconds / 3600 for size in self.shape)
        return self.left, self.top - rows, self.left + columns, self.top

    @property
    def transform(self) -> Affine:
        """Affine of the grid in degrees."""
        return Affine(self.seconds / 3600, 0, self.left, 0, -self.seconds / 3600, self.top)

    @property
    def cell_km(self) -> tuple[float, float]:
        """Height and width of a cell (km)."""
        return Plane.km_per_degree[1] * self.seconds / 3600, Plane.km_per_degree[0] * self.seconds / 3600

    @property
    def xy(self) -> tuple[Array, Array]:
        """Columns and rows of the cell centres (km of the plane)."""
        rows, columns = self.shape
        longitude = self.left + (np.arange(columns) + 0.5) * self.seconds / 3600
        latitude = self.top - (np.arange(rows) + 0.5) * self.seconds / 3600
        return Plane.km(longitude, np.zeros(1))[0], Plane.km(np.zeros(1), latitude)[1]

    def index(self, longitude: Array, latitude: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Row and column of points, clipped to the grid."""
        row = np.floor((self.top - latitude) * 3600 / self.seconds + 1e-9).astype(np.intp)
        column = np.floor((longitude - self.left) * 3600 / self.seconds + 1e-9).astype(np.intp)
        return np.clip(row, 0, self.shape[0] - 1), np.clip(column, 0, self.shape[1] - 1)

    def burn(self, shapes: Iterable[Any], *, touched: bool = True) -> NDArray[np.bool_]:
        """Cells under geometries in kilometres of the plane."""
        moved = [shapely.transform(shape, lambda xy: np.column_stack(Plane.degrees(*xy.T))) for shape in shapes]
        out: NDArray[np.bool_] = rasterize(
            [shape for shape in moved if not shape.is_empty] or [shapely.Point(0, 0)],
            out_shape=self.shape,
            transform=self.transform,
            all_touched=touched,
            dtype="uint8",
        ).astype(bool)
        return out

    def distance(self, mask: NDArray[np.bool_]) -> Array:
        """Distance of each cell to the nearest cell of ``mask`` (km)."""
        out: Array = ndimage.distance_transform_edt(~mask, sampling=self.cell_km)
        return out

    def sample(self, values: Array, longitude: Array, latitude: Array, *, order: int = 1) -> Array:
        """Values between cells at points, linear (``order`` 1), cubic (3) or nearest (0)."""
        row = (self.top - latitude) * 3600 / self.seconds - 0.5
        column = (longitude - self.left) * 3600 / self.seconds - 0.5
        out: Array = ndimage.map_coordinates(values, [row, column], order=order, mode="nearest")
        return out

    def onto(self, values: Array, target: Raster, *, order: int = 1) -> Array:
        """Values on another grid: between cells on a finer or equal one, area means of whole cells on a coarser one."""
        if target.seconds > self.seconds and order > 0:
            down, across = self.overlap(target, 0), self.overlap(target, 1)
            area = np.maximum(down.sum(axis=1)[:, None] * across.sum(axis=1), 1e-12)
            out: Array = (down @ values.astype(float) @ across.T) / area
            return out
        rows, columns = target.shape
        longitude = target.left + (np.arange(columns) + 0.5) * target.seconds / 3600
        latitude = target.top - (np.arange(rows) + 0.5) * target.seconds / 3600
        points = np.meshgrid(longitude, latitude)
        return self.sample(values.astype(float), points[0], points[1], order=order)

    def overlap(self, target: Raster, axis: int) -> Array:
        """Share of each row (axis 0) or column (1) of this grid in each one of another, shape (target, this)."""
        starts = (-self.top, -target.top) if axis == 0 else (self.left, target.left)
        fine, coarse = (
            start + np.arange(grid.shape[axis] + 1) * grid.seconds / 3600 for start, grid in zip(starts, (self, target))
        )
        low = np.maximum(fine[None, :-1], coarse[:-1, None])
        high = np.minimum(fine[None, 1:], coarse[1:, None])
        share: Array = np.clip(high - low, 0, None) / (self.seconds / 3600)
        return share


@dataclass(frozen=True)
class Ground:
    """The ground on its own grid: heights (m), slope (degree), drainage and the lines that water follows."""

    raster: Raster
    elevation: Array
    slope: Array
    mountain_km: Array
    river_km: Array
    upstream_km2: Array
    above_drainage: Array
    stream_km: Array
    rivers: dict[str, tuple[int, Any]]
    levee: Any


@numba.njit(cache=True)
def _receivers(height: Any, dy: float, dx: float) -> Any:
    """Steepest downhill neighbour of each cell (itself in a pit) and the distance to it."""
    rows, columns = height.shape
    receiver = np.arange(rows * columns)
    length = np.ones(rows * columns)
    diagonal = np.sqrt(dx * dx + dy * dy)
    for row in range(rows):
        for column in range(columns):
            best = 0.0
            for i in range(-1, 2):
                for j in range(-1, 2):
                    r, c = row + i, column + j
                    if (i == 0 and j == 0) or r < 0 or c < 0 or r >= rows or c >= columns:
                        continue
                    far = diagonal if i != 0 and j != 0 else (dy if i != 0 else dx)
                    fall = (height[row, column] - height[r, c]) / far
                    if fall > best:
                        best = fall
                        receiver[row * columns + column] = r * columns + c
                        length[row * columns + column] = far
    return receiver, length


@numba.njit(cache=True)
def _downstream_order(receiver: Any) -> Any:
    """Cells ordered so that each comes after its receiver."""
    count = receiver.size
    donors = np.zeros(count + 1, dtype=np.int64)
    for cell in range(count):
        if receiver[cell] != cell:
            donors[receiver[cell] + 1] += 1
    for cell in range(count):
        donors[cell + 1] += donors[cell]
    listed = np.empty(count, dtype=np.int64)
    place = donors[:-1].copy()
    for cell in range(count):
        if receiver[cell] != cell:
            listed[place[receiver[cell]]] = cell
            place[receiver[cell]] += 1
    order = np.empty(count, dtype=np.int64)
    head = 0
    for cell in range(count):
        if receiver[cell] == cell:
            order[head] = cell
            head += 1
    at = 0
    while at < head:
        cell = order[at]
        for k in range(donors[cell], donors[cell + 1]):
            order[head] = listed[k]
            head += 1
        at += 1
    return order


@numba.njit(cache=True)
def _carve(
    height: Any, uplift: Any, fixed: Any, erodibility: Any, dy: float, dx: float, turns: int, steepest: float
) -> Any:
    """Heights (m) after ``turns`` of uplift (m) and stream-power erosion; cells are in km, ``steepest`` in m per km."""
    rows, columns = height.shape
    area = np.empty(rows * columns)
    flat, lift, still, soft = height.ravel().copy(), uplift.ravel(), fixed.ravel(), erodibility.ravel()
    for _ in range(turns):
        receiver, length = _receivers(flat.reshape(rows, columns), dy, dx)
        order = _downstream_order(receiver)
        area[:] = dx * dy
        for k in range(order.size - 1, -1, -1):
            cell = order[k]
            if receiver[cell] != cell:
                area[receiver[cell]] += area[cell]
        for cell in order:
            if still[cell]:
                continue
            raised = flat[cell] + lift[cell]
            down = receiver[cell]
            if down != cell:
                power = soft[cell] * np.sqrt(area[cell]) / length[cell]
                raised = (raised + power * flat[down]) / (1.0 + power)
                raised = min(raised, flat[down] + steepest * length[cell])
            flat[cell] = raised
    return flat.reshape(rows, columns)


def _signed(raster: Raster, line: Any, far: tuple[float, float]) -> Array:
    """Distance to a line that crosses the whole extent (km), positive on the side of the point ``far``."""
    mask = raster.burn([line])
    sides, _ = ndimage.label(~mask)
    x, y = raster.xy
    row, column = np.abs(y - far[1]).argmin(), np.abs(x - far[0]).argmin()
    distance = raster.distance(mask)
    return np.where((sides == sides[row, column]) | mask, distance, -distance)


def _plain(raster: Raster, river_km: Array, mountain_km: Array, seed: int) -> Array:
    """Heights of the plain (m): a gentle fall, fans at the foot of the mountains, old ridges, the raised river bed."""
    x, y = raster.xy
    rng = generator(seed, "terrain", "plain")
    ridges = Waves.drawn(rng, [22.0, 9.0, 4.0], persistence=0.6).grid(x, y)
    fine = Waves.drawn(rng, [2.2, 1.1], persistence=0.7).grid(x, y)
    base = 71.0 - 0.135 * x[None, :] - 0.10 * y[:, None] + 1.3 * ridges + 0.35 * fine
    below = np.maximum(-mountain_km, 0)
    fans = (1 + 0.22 * ridges + 0.10 * fine) * (38 * np.exp(-below / 3.5) + 26 * np.exp(-below / 11))
    side = np.abs(river_km)
    inside = 0.5 - 0.5 * np.tanh((side - _LEVEE_KM) / 0.24)
    bed = 5.2 + 0.9 * np.exp(-(((side - 1.6) / 0.8) ** 2)) - 3.2 * np.exp(-((side / 0.75) ** 4)) + 0.5 * fine
    apron = 1.6 * np.exp(-np.maximum(side - _LEVEE_KM, 0) / 1.8)
    crest = 9.0 * np.exp(-(((side - _LEVEE_KM) / 0.16) ** 2))
    raised = base - 1.1 * ridges * inside + bed * inside + apron * (1 - inside) + np.maximum(crest - 3.5 * inside, 0)
    out: Array = np.where(side < 12, raised, base) + fans
    return out


def _mountains(raster: Raster, plain: Array, mountain_km: Array, seed: int) -> Array:
    """The plain with mountains carved out of an uplift behind the front; heights in m."""
    rng = generator(seed, "terrain", "mountains")
    x, y = raster.xy
    rough = Waves.drawn(rng, [24.0, 11.0, 5.0], persistence=0.6).grid(x, y)
    inside = mountain_km > 0
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    window = np.s_[0 : rows.max() + 2, 0 : columns.max() + 2]
    depth = np.maximum(mountain_km[window], 0)
    uplift = 22.0 * (1 - np.exp(-depth / 1.6)) * (0.75 + 0.25 * np.tanh((depth - 8) / 5)) * (1 + 0.25 * rough[window])
    start = plain[window] + depth * 14 + rng.normal(0, 2.0, depth.shape) * (depth > 0)
    soft = 0.15 * np.exp(0.35 * Waves.drawn(rng, [9.0, 3.0]).grid(x, y))[window]
    cell = raster.cell_km
    height = _carve(
        np.round(start, 3), np.round(np.maximum(uplift, 0), 3), depth <= 0, np.round(soft, 4), *cell, 130, 1000.0
    )
    # The highest parts are a plateau: heights above 1200 m rise ever more slowly, which keeps every slope downhill.
    height = np.where(height > 1200, 1200 + 620 * np.tanh((height - 1200) / 800), height)
    out = plain.copy()
    out[window] = np.where(depth > 0, height, plain[window])
    return out


def _slope(height: Array, raster: Raster) -> Array:
    dy, dx = (1000 * cell for cell in raster.cell_km)
    south, east = np.gradient(height, dy, dx)
    out: Array = np.degrees(np.arctan(np.hypot(south, east)))
    return out


def _flow(raster: Raster, height: Array, channels: NDArray[np.bool_], perched: NDArray[np.bool_]) -> tuple[Any, Array]:
    """Drainage with the canals lowered and without the bed of the Yellow River; and heights without closed pits."""
    routed = np.where(perched, -9999.0, height - 12.0 * channels).astype(np.float32)
    filled, directions = pyflwdir.fill_depressions(routed, nodata=-9999.0)
    flow = pyflwdir.from_array(directions, ftype="d8", check_ftype=False, transform=raster.transform, latlon=True)
    return flow, filled.astype(float)


def _stream_lines(flow: Any, mask: NDArray[np.bool_]) -> dict[str, tuple[int, Any]]:
    """Streams that the ground makes, as smooth lines; four that leave the mountains at a known place get its name."""
    lines = []
    for feature in flow.streams(mask=mask, min_sto=1):
        xy = np.asarray(feature["geometry"]["coordinates"], dtype=float)
        if len(xy) < 4:
            continue
        line = shapely.LineString(np.column_stack(Plane.km(xy[:, 0], xy[:, 1])))
        lines.append(shapely.simplify(_smooth(line), 0.05))
    lines.sort(key=lambda line: -line.length)
    names: dict[int, str] = {}
    for name, place in geography()["stream_names"].items():
        spot = shapely.Point([float(value) for value in Plane.km(*np.asarray(place, dtype=float))])
        gaps = [line.distance(spot) if number not in names else np.inf for number, line in enumerate(lines)]
        if gaps and min(gaps) < 8:
            names[int(np.argmin(gaps))] = name
    return {names.get(number, f"山溪{number + 1:02d}"): (4, line) for number, line in enumerate(lines)}


def _smooth(line: Any) -> Any:
    xy = shapely.get_coordinates(line)
    soft = xy.copy()
    for _ in range(2):
        soft[1:-1] = 0.25 * soft[:-2] + 0.5 * soft[1:-1] + 0.25 * soft[2:]
    return shapely.LineString(soft)


@lru_cache(maxsize=3)
def ground(seed: int = 20260630, seconds: float = 6) -> Ground:
    """The ground of the sample city on a grid of ``seconds`` arc-seconds (6 for the real thing, 30 for a quick
    look)."""
    drawn = geography()
    raster = Raster.over(EXTENT, seconds)
    front = warped_line(drawn["mountain_front"], seed=seed)
    river = warped_line(drawn["yellow_river"], seed=seed)
    mountain_km, river_km = _signed(raster, front, (-80, 60)), _signed(raster, river, (-20, 10))
    height = _mountains(raster, _plain(raster, river_km, mountain_km, seed), mountain_km, seed)
    rivers = {"黄河": (1, river)}
    rivers |= {name: (entry["rank"], warped_line(entry["line"], seed=seed)) for name, entry in drawn["rivers"].items()}
    channels = raster.burn(line for rank, line in rivers.values() if rank > 1) & (np.abs(river_km) > _LEVEE_KM + 0.6)
    perched = river_km < _LEVEE_KM + 0.3
    flow, filled = _flow(raster, height, channels, perched)
    upstream = np.where(perched, 0, flow.upstream_area(unit="km2"))
    cells = raster.cell_km[0] * raster.cell_km[1] * (mountain_km > 0)
    streams = (np.where(perched, 0, flow.accuflux(cells.astype(np.float32))) > _STREAM_KM2) & ~channels
    # Mountain valleys drain everywhere; in the plain shallow pans stay, and canals lie a little under the fields.
    height = np.where((mountain_km > -1) & ~channels & ~perched, np.maximum(height, filled), height)
    height = np.round(height - 1.2 * (channels & (mountain_km < 0)), 2)
    drains = channels | streams
    above = flow.hand(drain=drains, elevtn=np.where(perched, 0, height).astype(np.float32))
    rivers |= _stream_lines(flow, streams)
    return Ground(
        raster=raster,
        elevation=height,
        slope=_slope(height, raster),
        mountain_km=mountain_km,
        river_km=river_km,
        upstream_km2=upstream,
        above_drainage=np.where(perched, 99, np.maximum(above, 0)).astype(float),
        stream_km=raster.distance(drains),
        rivers=rivers,
        levee=shapely.simplify(shapely.offset_curve(river, _LEVEE_KM), 0.05),
    )
