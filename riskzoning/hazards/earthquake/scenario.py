"""Scenario earthquakes (设定地震): attenuation along the axes of the ellipse, and the field between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import dask.array as da
import numpy as np
import pyproj
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.hazards.earthquake.source import sizes, source, tell_far
from riskzoning.layers import layer_on
from riskzoning.layers.plausible import takes

Measure = Literal["intensity", "pga", "pgv"]
Axis = Literal["long", "short"]

# Halvings of the bracket: 60 leave less than 1e-16 of it.
_HALVINGS = 60


@dataclass(frozen=True)
class _Line:
    """Attenuation along one axis, I or lg Y = A + B M + C log(R + R0(M)); carries its numbers into lazy blocks."""

    a1: float
    b1: float
    a2: float
    b2: float
    c: float
    near: float
    growth: float
    split: float
    log_base: float
    smallest: float

    def _terms(self, magnitude: Array | float) -> tuple[Any, Any]:
        magnitude = np.asarray(magnitude, dtype=np.float64)
        low = magnitude <= self.split
        a, b = np.where(low, self.a1, self.a2), np.where(low, self.b1, self.b2)
        return a + b * magnitude, self.near * np.exp(self.growth * magnitude)

    def value(self, magnitude: Array | float, distance: Array | float) -> Array:
        """Intensity or lg Y; NaN at negative distances."""
        level, near = self._terms(magnitude)
        distance = np.where(np.asarray(distance, dtype=np.float64) >= 0, distance, np.nan)
        return np.asarray(level + self.c * np.log(distance + near) / np.log(self.log_base))

    def radius(self, magnitude: Array | float, value: Array | float) -> Array:
        """Distance in km at which the value is reached, 1 m where even the epicentre has less."""
        level, near = self._terms(magnitude)
        return np.asarray(np.maximum(self.log_base ** ((value - level) / self.c) - near, self.smallest))


def _line(region: str, axis: str, measure: str) -> _Line:
    data = standards.table("hazards/earthquake_attenuation").data
    sets = {"intensity": data["intensity"], **data["motion"]}
    _one_of("measure", measure, sets)
    _one_of("region", region, sets[measure])
    _one_of("axis", axis, ("long", "short"))
    entry = sets[measure][region]
    split, smallest = float(data["magnitude_split"]), float(data["smallest_axis_km"])
    if measure == "intensity":
        a, b, c, near = (float(number) for number in entry[axis])
        base = np.e if entry.get("base") == "e" else 10.0
        return _Line(a, b, a, b, c, near, 0.0, split, base, smallest)
    a1, b1, a2, b2, c, near, growth = (float(number) for number in entry[axis])
    return _Line(a1, b1, a2, b2, c, near, growth, split, 10.0, smallest)


def _one_of(what: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise LayerError(Problem("earthquake.choice", Phrase("argument", name=what), value=value, known=list(known)))


def _warn_magnitude(magnitude: Cells, region: str) -> None:
    valid = standards.table("hazards/earthquake_attenuation").data["magnitude_valid"].get(region)
    if not valid or isinstance(magnitude, (da.Array, xr.DataArray)):
        return
    values = np.ravel(np.asarray(magnitude, dtype=np.float64))
    beyond = values[(values < valid[0]) | (values > valid[1])]
    if beyond.size:
        low, high = map(float, valid)
        thing, first = Phrase("scenario_magnitude"), float(beyond[0])
        note(Problem(
            "earthquake.magnitude", thing, severity="warning", magnitude=first, low=low, high=high, region=region
        ))  # fmt: skip


def check_magnitude(magnitude: object, region: str) -> float:
    """A magnitude as a number: refused where it is none, told where the relation of the region does not hold."""
    size = float(sizes(magnitude))
    _warn_magnitude(size, region)
    return size


def _warn_distance(distance_km: Cells) -> None:
    if isinstance(distance_km, da.Array | xr.DataArray):
        return
    limit = float(standards.table("hazards/earthquake_attenuation").data["distance_valid_km"][1])
    values = np.ravel(np.asarray(distance_km, dtype=np.float64))
    if (values > limit).any():
        farthest, thing = float(np.nanmax(values)), Phrase("argument", name="distance_km")
        note(Problem("earthquake.far", thing, severity="warning", distance=farthest, limit=limit))


@takes()
def attenuation(
    magnitude: Cells, distance_km: Cells, *, region: str, axis: Axis = "long", measure: Measure = "intensity"
) -> Any:
    """Intensity, PGA or PGV at an epicentral distance along an axis of the ellipse (椭圆烈度衰减关系).

    Intensity: I = A + B M + C lg(R + R0). Motion: lg Y = A + B M + C lg(R + D e^(E M)), with a second branch of A and B
    above M 6.5. Values are not limited to 1..12.

    Parameters
    ----------
    magnitude : number or array
        Surface-wave magnitude Ms; holds for 4.5..8.0 (``moderate``: ..7.0). Beyond it there is a warning.
    distance_km : number, array or layer
        Epicentral distance along the axis, km, 0..200; beyond it there is a warning. Negative and NaN give NaN.
    region : str
        ``east`` (North China), ``moderate``, ``xinjiang``, ``tibet``; for intensity also ``sichuan``, ``yunnan``,
        ``north_china_rapid`` (rapid assessment) and the older ``east_circular`` and ``east_2000`` (unverified).
    axis : {"long", "short"}
    measure : {"intensity", "pga", "pgv"}
        Result in intensity degrees, **gal** or **cm/s**.

    Raises
    ------
    LayerError
        For an unknown region, axis or measure, or a magnitude that is no number above 0 and up to 10.

    References
    ----------
    GB 18306-2015 textbook; Yu et al. 2013.

    Examples
    --------
    >>> round(attenuation(7.0, 50.0, region="east"), 4)
    7.2059
    >>> round(attenuation(6.5, 10.0, region="east", axis="short", measure="pga"), 2)
    388.59
    """
    line = _line(region, axis, measure)
    magnitude = sizes(magnitude)
    _warn_magnitude(magnitude, region)
    _warn_distance(distance_km)
    return by_cell(partial(_along, line=line, lg=measure != "intensity"), distance_km, magnitude)


def _along(distance: Array, magnitude: Array, *, line: _Line, lg: bool) -> Array:
    value = line.value(magnitude, distance)
    return 10.0**value if lg else value


@takes()
def isoseismal_axes(
    magnitude: float, value: float, *, region: str, measure: Measure = "intensity"
) -> tuple[float, float]:
    """Semi-axes in km of the ellipse on which intensity, PGA (gal) or PGV (cm/s) has a value.

    Never smaller than 1 m; the short axis is not longer than the long one.

    Examples
    --------
    >>> [round(axis, 4) for axis in isoseismal_axes(6.0, 7.0, region="east")]
    [15.3143, 10.1963]
    """
    long, short = _line(region, "long", measure), _line(region, "short", measure)
    level = value if measure == "intensity" else np.log10(value)
    magnitude = sizes(magnitude)
    _warn_magnitude(magnitude, region)
    a, b = _semi_axes(np.asarray(level), float(magnitude), long, short)
    return float(a), float(b)


def _semi_axes(level: Array, magnitude: float, long: _Line, short: _Line) -> tuple[Array, Array]:
    a = long.radius(magnitude, level)
    return a, np.minimum(a, short.radius(magnitude, level))


@takes()
def elliptical_attenuation(
    magnitude: float, distance_km: Cells, angle_deg: Cells, *, region: str, measure: Measure = "intensity"
) -> Any:
    """Intensity, PGA (gal) or PGV (cm/s) at a distance and an angle from the strike of the rupture.

    The value v at (R, theta) solves (R cos theta / a(v))^2 + (R sin theta / b(v))^2 = 1, where a(v) and b(v) are the
    distances that give v on the long and the short axis.

    Parameters
    ----------
    magnitude : float
        Ms.
    distance_km : number, array or layer
        Epicentral distance, km; NaN stays NaN.
    angle_deg : number, array or layer
        Angle between the direction to the site and the long axis, degrees; any sign, any multiple of 180.
    region, measure : str
        As in :func:`attenuation`.

    Examples
    --------
    >>> elliptical_attenuation(6.0, 30.0, np.array([0.0, 45.0, 90.0]), region="east").round(6).tolist()
    [6.421222, 6.203073, 6.050942]
    """
    magnitude = sizes(magnitude)
    _warn_magnitude(magnitude, region)
    _warn_distance(distance_km)
    return _ellipse(magnitude, distance_km, angle_deg, region=region, measure=measure)


def _ellipse(magnitude: float, distance_km: Cells, angle_deg: Cells, *, region: str, measure: Measure) -> Any:
    kernel = partial(
        _on_ellipse,
        magnitude=float(magnitude),
        lines=(_line(region, "long", measure), _line(region, "short", measure)),
        lg=measure != "intensity",
    )
    return by_cell(kernel, distance_km, angle_deg)


def _on_ellipse(distance: Array, angle: Array, *, magnitude: float, lines: tuple[_Line, _Line], lg: bool) -> Array:
    long, short = lines
    distance, angle = np.broadcast_arrays(
        np.asarray(distance, dtype=np.float64), np.radians(np.asarray(angle, dtype=np.float64))
    )
    along, across = distance * np.cos(angle), distance * np.sin(angle)
    # The ellipse lies between the circle of its short axis and that of its long one.
    high = long.value(magnitude, distance)
    low = np.minimum(short.value(magnitude, distance), high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        a, b = _semi_axes(middle, magnitude, long, short)
        outside = (along / a) ** 2 + (across / b) ** 2 > 1.0
        low, high = np.where(outside, low, middle), np.where(outside, middle, high)
    value = np.where(np.isfinite(distance + angle), (low + high) / 2, np.nan)
    return 10.0**value if lg else value


@takes()
def scenario_field(
    grid: GeoBox,
    *,
    magnitude: float,
    epicentre: tuple[float, float],
    strike_deg: float,
    region: str,
    measure: Literal["intensity", "pga"] = "intensity",
    chunks: int | None = None,
) -> xr.DataArray:
    """Intensity or class-II PGA of a scenario earthquake on a grid (设定地震影响场).

    Parameters
    ----------
    grid : GeoBox
    magnitude : float
        Ms, above 0 and up to 10.
    epicentre : (longitude, latitude)
        Degrees, in this order. More than 200 km away from the grid there is a warning.
    strike_deg : float
        Direction of the long axis, degrees clockwise from north.
    region : str
        As in :func:`attenuation`.
    measure : {"intensity", "pga"}
        Intensity, or PGA in **g**.
    chunks : int, optional
        Cells along each side of a block; then the layer is lazy.

    Returns
    -------
    DataArray
        ``(y, x)`` float64; distances are geodesic, intensities limited to 1..12.

    Raises
    ------
    LayerError
        The magnitude, the epicentre or the strike is none (longitude and latitude exchanged, metres, text), or as
        :func:`attenuation`.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> geobox = analysis_grid((113.8, 35.2, 114.0, 35.4), crs="EPSG:4490", resolution=0.1)
    >>> field = scenario_field(geobox, magnitude=6.5, epicentre=(113.85, 35.25), strike_deg=45, region="east")
    >>> field.values.round(2).tolist()
    [[7.73, 7.72], [8.57, 7.86]]
    """
    _one_of("measure", measure, ("intensity", "pga"))
    magnitude, place, strike = source(magnitude, epicentre, strike_deg)
    tell_far(grid, [place])
    check_magnitude(magnitude, region)
    return field_of(grid, (magnitude, place, strike), region=region, measure=measure, chunks=chunks)


def field_of(
    grid: GeoBox,
    origin: tuple[float, tuple[float, float], float],
    *,
    region: str,
    measure: Literal["intensity", "pga"],
    chunks: int | None = None,
) -> xr.DataArray:
    """The field of a source (magnitude, epicentre, strike) that has been looked at."""
    magnitude, place, strike = origin
    kernel = partial(
        _cell_values,
        grid=grid,
        epicentre=place,
        strike=strike,
        magnitude=magnitude,
        region=region,
        measure=measure,
    )
    rows, columns = tuple(grid.shape)
    if chunks is None:
        values: Any = kernel(np.arange(rows)[:, None], np.arange(columns)[None, :])
    else:
        row = da.arange(rows, chunks=chunks)[:, None]
        column = da.arange(columns, chunks=chunks)[None, :]
        values = da.map_blocks(kernel, row, column, dtype=np.float64)
    quantity = {"intensity": "seismic_intensity", "pga": "pga"}[measure]
    return layer_on(grid, values, quantity=quantity, source=f"scenario M {magnitude:g}, {region}")


def _cell_values(
    rows: Array,
    columns: Array,
    *,
    grid: GeoBox,
    epicentre: tuple[float, float],
    strike: float,
    magnitude: float,
    region: str,
    measure: Measure,
) -> Array:
    transform = grid.affine
    x, y = np.broadcast_arrays(transform.c + transform.a * (columns + 0.5), transform.f + transform.e * (rows + 0.5))
    to_degrees = pyproj.Transformer.from_crs(pyproj.CRS(str(grid.crs)), "EPSG:4490", always_xy=True)
    longitude, latitude = to_degrees.transform(x, y)
    start_x, start_y = np.full(x.shape, epicentre[0]), np.full(x.shape, epicentre[1])
    azimuth, _, metres = pyproj.Geod(ellps="GRS80").inv(start_x, start_y, longitude, latitude)
    values = _ellipse(magnitude, metres / 1000.0, azimuth - strike, region=region, measure=measure)
    if measure == "pga":
        factor = standards.unit_factor("gal", standards.quantity("pga").units)
        assert factor is not None
        return np.asarray(values * factor[0])
    return np.clip(values, *standards.table("hazards/earthquake_intensity").data["limits"])
