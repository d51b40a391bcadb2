"""Station values to a grid: inverse distance weighting, regression with residuals, kriging; cross-validation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, Unpack

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.errors import LayerError, MissingDependencyError, Phrase, Problem, note
from riskzoning.grid import align
from riskzoning.grid.lattice import LAZY_CELLS
from riskzoning.grid.mapping import PixelMap
from riskzoning.grid.tiles import Tile, fill, side_for
from riskzoning.layers import layer_on
from riskzoning.layers.plausible import takes
from riskzoning.methods.interpolation.reach import far_stations
from riskzoning.methods.interpolation.stations import (
    Stations,
    as_covariates,
    limits,
    plane_of,
    quantity_of,
    read_stations,
)
from riskzoning.methods.ranges import spans

Array = np.ndarray[Any, Any]
Method = Literal["idw", "regression_residual", "kriging", "mean"]
Clip = Literal["limits", "stations"] | tuple[float, float] | None
_METHODS = ("idw", "regression_residual", "kriging", "mean")
_VARIOGRAMS = ("spherical", "exponential", "gaussian", "linear")
# Degrees on a grid of 1e-4 degrees: PixelMap is exact to 1e-8 of that.
_FINE_DEGREE = 1e-4
_BAND = 64


class Fitting(TypedDict, total=False):
    """How stations become a surface, as keywords of :func:`interpolate` and :func:`leave_one_out`."""

    coefficients: Mapping[str, float] | None
    power: float | None
    radius_m: float | None
    min_stations: int
    max_stations: int | None
    variogram: Literal["spherical", "exponential", "gaussian", "linear"]


def interpolate(
    stations: gpd.GeoDataFrame,
    column: str,
    grid: GeoBox,
    *,
    method: Method = "idw",
    covariates: Mapping[str, xr.DataArray] | xr.Dataset | xr.DataArray | None = None,
    clip: Clip = "limits",
    quantity: str | None = None,
    lazy: bool | None = None,
    **fitting: Unpack[Fitting],
) -> xr.DataArray:
    """Station values on a grid (站点插值).

    Parameters
    ----------
    stations : GeoDataFrame
        Points in any CRS; stations without a value are dropped and counted.
    column : str
        The element.
    grid : GeoBox
        Distances are metres on its plane; on a geographic grid, on a transverse Mercator through its middle.
    method : {"idw", "regression_residual", "kriging", "mean"}
        ``idw``: mean with weights 1 / d^power. ``regression_residual`` (小网格推算): least squares on the coordinates
        (in the CRS of the stations: longitude and latitude for EPSG:4490) and the covariates, plus IDW of the
        residuals. ``kriging``: ordinary kriging (extra ``kriging``), of the residuals when there are covariates; below
        30 stations regression with a warning. ``mean``: the mean of the stations everywhere.
    covariates : mapping of layers, Dataset or layer, optional
        E.g. ``{"elevation": dem}``, on any grid; taken at the stations as on the grid, bilinear. A column of the
        stations with the name of the covariate stands in where the layer has no value.
    clip : "limits", "stations", (low, high) or None
        To the possible values of the quantity, to the range of the stations, to given limits, or not at all.
    quantity : str, optional
        Default: ``column`` where the vocabulary knows it, else ``station_value``.
    lazy : bool, optional
        Default: when a covariate is, or above 1.7e7 cells.
    **fitting
        ``coefficients`` (mapping): prescribed ones by covariate, e.g. ``{"elevation": -0.006}`` for a temperature: the
        way when the stations know nothing about the heights of the grid; with ``idw``: z_idw + k (height - height_idw).
        ``power`` of the inverse distance, default 2. ``radius_m``, ``min_stations``, ``max_stations``: search radius;
        the nearest ``min_stations`` (default 1) count also beyond it, and at most ``max_stations`` do. ``variogram``:
        ``spherical`` (default), ``exponential``, ``gaussian`` or ``linear``, fitted by pykrige.

    Returns
    -------
    DataArray
        float64; NaN where a covariate is missing. ``attrs``: ``method``, ``stations``, ``dropped``, ``merged`` and,
        when not lazy, ``clipped_share`` and ``extrapolated_share`` (cells whose fitted covariates no station has).

    Warns
    -----
    UserWarning
        Stations at one place (averaged), too few stations for kriging, altitudes that contradict the elevation layer,
        covariates beyond those of the stations, stations on one line.

    Raises
    ------
    LayerError
        Too few stations, a missing column or covariate, all values equal (kriging).
    MissingDependencyError
        ``kriging`` without the package pykrige.

    Notes
    -----
    At a station the value is that of the station, to the last bit, but for ``mean``. IDW never leaves the range of the
    stations.

    References
    ----------
    Shepard, D. (1968), Proc. 23rd ACM National Conference.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.methods.interpolation import interpolate
    >>> two = gpd.GeoDataFrame({"rain": [10.0, 20.0]}, geometry=gpd.points_from_xy([0, 2], [0, 0]), crs="EPSG:4547")
    >>> grid = analysis_grid((0, 0, 2, 1), crs="EPSG:4547", resolution=1)
    >>> interpolate(two, "rain", grid).values.round(6)
    array([[11.666667, 18.333333]])
    """
    layers = as_covariates(covariates)
    options = _Options(method, **fitting)
    options.check(layers)
    plane = plane_of(grid, stations)
    facts = standards.quantity(quantity or quantity_of(column))
    known = read_stations(stations, column, plane, layers, grid, quantity=facts.name)
    far = far_stations(known.x, known.y, plane, grid)
    if far is not None:
        note(far)
    model = _fit(known, options)
    low, high = _clip_limits(clip, facts, known)
    aligned = {name: align(layer, grid) for name, layer in layers.items()}
    shape = (grid.shape[0], grid.shape[1])
    if lazy is None:
        lazy = shape[0] * shape[1] > LAZY_CELLS or any(layer.chunks is not None for layer in aligned.values())
    places = PixelMap(grid, plane)
    trend_box = _trend_box(stations) if model.uses_coordinates else None
    cut: list[int] = []
    beyond: list[int] = []

    def sources(tile: Tile) -> tuple[Any, ...]:
        return tuple(aligned[name].data[tile.slices] for name in model.names)

    def work(tile: Tile, out: Array, *columns: Array) -> None:
        far, over = _evaluate(model, grid, tile, places, trend_box, columns, (low, high), out)
        beyond.append(far)
        cut.append(over)

    values = fill(
        shape, "float64", work, side=side_for(shape), sources=sources, lazy=lazy, label=f"interpolate-{method}"
    )
    attrs: dict[str, Any] = {"method": model.method, "stations": known.values.size}
    attrs |= {"dropped": known.dropped, "merged": known.merged}
    if not lazy:
        cells = shape[0] * shape[1]
        attrs |= {"clipped_share": sum(cut) / cells, "extrapolated_share": sum(beyond) / cells}
        _note_extrapolated(model, sum(beyond) / cells)
    return layer_on(grid, values, quantity=facts.name, name=column, **attrs)


@dataclass(frozen=True)
class CrossValidation:
    """How well stations foretell each other (留一交叉验证).

    ``bias`` is the mean of predicted minus observed, ``rmse`` the root of the mean square, ``r2`` = 1 - SSE / SST (NaN
    when all stations are equal), ``count`` the stations, ``table`` the columns station, observed, predicted.

    Examples
    --------
    >>> CrossValidation(0.1, 0.5, 0.9, 8, pd.DataFrame()).rmse
    0.5
    """

    bias: float
    rmse: float
    r2: float
    count: int
    table: pd.DataFrame


@takes()
def leave_one_out(
    stations: gpd.GeoDataFrame,
    column: str,
    grid: GeoBox | None = None,
    *,
    method: Method = "idw",
    covariates: Mapping[str, xr.DataArray] | xr.Dataset | xr.DataArray | None = None,
    **fitting: Unpack[Fitting],
) -> CrossValidation:
    """Cross-validation of an interpolation: each station is foretold by all the others.

    Parameters
    ----------
    grid : GeoBox, optional
        Plane of the distances; default: that of the stations.
    stations, column, method, covariates, **fitting
        As in :func:`interpolate`; nothing is clipped.

    Returns
    -------
    CrossValidation

    Raises
    ------
    LayerError
        One station fewer is too few for the method.
    MissingDependencyError
        As in :func:`interpolate`.

    Examples
    --------
    >>> places = gpd.points_from_xy([0, 1, 2], [0, 0, 0], crs="EPSG:4547")
    >>> line = gpd.GeoDataFrame({"t": [1.0, 2.0, 3.0]}, geometry=places)
    >>> leave_one_out(line, "t").table["predicted"].round(3).tolist()
    [2.2, 2.0, 1.8]
    """
    layers = as_covariates(covariates)
    options = _Options(method, **fitting)
    options.check(layers)
    known = read_stations(stations, column, plane_of(grid, stations), layers, grid)
    predicted = np.empty(known.values.size)
    for index in range(known.values.size):
        model = _fit(known.without(index), options)
        at = slice(index, index + 1)
        coordinates = (known.u[at][None], known.v[at][None]) if model.uses_coordinates else None
        columns = [known.covariates[name][at][None] for name in model.names]
        trend = model.trend(coordinates, columns, (1, 1))
        out = np.empty((1, 1))
        model.fill(known.x[at][None], known.y[at][None], trend, out)
        predicted[index] = out[0, 0]
    error = predicted - known.values
    spread = float(np.sum((known.values - known.values.mean()) ** 2))
    varies = spans(known.values.min(), known.values.max())
    return CrossValidation(
        bias=float(error.mean()),
        rmse=float(np.sqrt(np.mean(error**2))),
        r2=1 - float(np.sum(error**2)) / spread if varies else math.nan,
        count=known.values.size,
        table=pd.DataFrame({"station": known.label, "observed": known.values, "predicted": predicted}),
    )


@dataclass(frozen=True)
class _Options:
    """The method and how it fits; the defaults of :class:`Fitting`."""

    method: str
    coefficients: Mapping[str, float] | None = None
    power: float | None = None
    radius_m: float | None = None
    min_stations: int = 1
    max_stations: int | None = None
    variogram: str = "spherical"

    @property
    def prescribed(self) -> Mapping[str, float]:
        """Coefficients by covariate."""
        return self.coefficients or {}

    def check(self, covariates: Mapping[str, xr.DataArray]) -> None:
        """All mistakes of the options at once."""
        problems = self._wrong_numbers()
        thing = Phrase("interpolation")
        if self.variogram not in _VARIOGRAMS:
            problems.insert(0, Problem("interpolation.variogram", thing, variogram=self.variogram, known=_VARIOGRAMS))
        if self.method not in _METHODS:
            problems.insert(0, Problem("interpolation.method", thing, method=self.method, known=_METHODS))
        unknown = [name for name in self.prescribed if name not in covariates]
        if unknown:
            problems.append(Problem("interpolation.coefficients", thing, names=unknown))
        free = [name for name in covariates if name not in self.prescribed]
        if self.method in ("idw", "mean") and free:
            problems.append(Problem("interpolation.free", thing, names=free))
        if problems:
            raise LayerError(problems=problems)

    def _wrong_numbers(self) -> list[Problem]:
        problems, thing = [], Phrase("interpolation")
        fewest, most = self.min_stations, self.max_stations
        if self.power is not None and not self.power > 0:
            problems.append(Problem("interpolation.power", thing, power=self.power))
        if self.radius_m is not None and not self.radius_m > 0:
            problems.append(Problem("interpolation.radius", thing, radius=self.radius_m))
        if fewest < 1 or (most is not None and most < fewest):
            problems.append(Problem("interpolation.neighbours", thing, fewest=fewest, most=most))
        return problems


@dataclass(frozen=True)
class _Model:
    """A fitted interpolation: constant + sum of slopes * (predictor - its mean) + a surface of residuals."""

    method: str
    stations: Stations
    constant: float
    slopes: Array
    means: Array
    uses_coordinates: bool
    names: tuple[str, ...]
    fitted: tuple[str, ...]
    surface: Callable[[Array, Array, Array, Array], None]

    def trend(self, coordinates: tuple[Array, Array] | None, columns: Sequence[Array], shape: tuple[int, int]) -> Array:
        """The trend on cells; NaN where a covariate is missing."""
        out = np.full(shape, self.constant)
        predictors = [*(coordinates or ()), *columns]
        for slope, mean, predictor in zip(self.slopes, self.means, predictors):
            out += slope * (np.asarray(predictor, dtype=float) - mean)
        return out

    def fill(self, X: Array, Y: Array, trend: Array, out: Array) -> None:
        """Trend and residuals at places in metres; the observed value at a station."""
        self.surface(np.ascontiguousarray(X), np.ascontiguousarray(Y), trend, out)


def _fit(stations: Stations, options: _Options) -> _Model:
    method = _method_for(stations, options)
    names = tuple(stations.covariates)
    coordinates = method == "regression_residual" or (method == "kriging" and bool(names))
    predictors = np.column_stack(
        [*((stations.u, stations.v) if coordinates else ()), *stations.covariates.values()]
        or [np.empty((stations.values.size, 0))]
    )
    labels = (["x", "y"] if coordinates else []) + list(names)
    slopes, means = np.zeros(len(labels)), predictors.mean(axis=0)
    # A predictor that is the same at all stations has no slope, also where rounding lets it vary.
    predictors = np.where(spans(predictors.min(axis=0), predictors.max(axis=0)), predictors, means)
    fixed = [k for k, label in enumerate(labels) if label in options.prescribed]
    slopes[fixed] = [options.prescribed[labels[k]] for k in fixed]
    free = [k for k in range(len(labels)) if k not in fixed]
    rest = stations.values - (predictors - means) @ slopes
    constant = float(stations.values.mean()) if method == "mean" else 0.0
    if coordinates:
        slopes[free], constant = _least_squares(predictors[:, free] - means[free], rest, [labels[k] for k in free])
    residuals = stations.values - constant - (predictors - means) @ slopes
    fitted = tuple(name for name in names if name not in options.prescribed)
    of_residuals = {"kriging": _kriged, "mean": _flat}.get(method, _weighted)
    surface = of_residuals(stations, residuals, options)
    return _Model(method, stations, constant, slopes, means, coordinates, names, fitted, surface)


def _method_for(stations: Stations, options: _Options) -> str:
    """The method asked for, or regression where there are too few stations for kriging."""
    table = limits()
    count, fewest = stations.values.size, int(table["fewest_stations"][options.method])
    if count < fewest:
        raise LayerError(
            Problem(
                "stations.count",
                Phrase("stations"),
                count=count,
                fewest=fewest,
                method=options.method,
                dropped=stations.dropped,
                merged=stations.merged,
            )
        )
    if options.method != "kriging":
        return options.method
    if count < int(table["kriging_stations"]):
        needed = int(table["kriging_stations"])
        note(Problem("stations.kriging", Phrase("stations"), severity="warning", count=count, fewest=needed))
        return "regression_residual"
    if not spans(stations.values.min(), stations.values.max()):
        raise LayerError(Problem("stations.constant", Phrase("stations"), value=stations.values[0]))
    return "kriging"


def _least_squares(predictors: Array, values: Array, labels: list[str]) -> tuple[Array, float]:
    """Slopes of centred predictors and the constant."""
    count, columns = predictors.shape
    if count < columns + 1:
        raise LayerError(Problem("stations.trend", Phrase("stations"), count=count, fewest=columns + 1, labels=labels))
    scale = np.sqrt(np.mean(predictors**2, axis=0))
    scale[scale == 0] = 1.0
    slopes, _, rank, _ = np.linalg.lstsq(predictors / scale, values - values.mean(), rcond=1e-9)
    if rank < columns:
        note(Problem("stations.aligned", Phrase("stations"), severity="warning", labels=labels))
    return slopes / scale, float(values.mean())


def _weighted(stations: Stations, residuals: Array, options: _Options) -> Callable[..., None]:
    power = float(options.power if options.power is not None else limits()["idw_power"])
    radius = float(options.radius_m) if options.radius_m is not None else math.inf
    count = stations.values.size
    most = min(options.max_stations or count, count)

    def surface(X: Array, Y: Array, trend: Array, out: Array) -> None:
        known = (stations.x, stations.y, residuals, stations.values)
        inverse_distance(known, (power, radius, options.min_stations, most), (X, Y), trend, out)

    return surface


def _flat(_stations: Stations, _residuals: Array, _options: _Options) -> Callable[..., None]:
    def surface(_X: Array, _Y: Array, trend: Array, out: Array) -> None:
        out[:] = trend

    return surface


def _kriged(stations: Stations, residuals: Array, options: _Options) -> Callable[..., None]:
    try:
        from pykrige.ok import OrdinaryKriging
    except ImportError:
        raise MissingDependencyError(Problem("dependency.pykrige", Phrase("package", name="pykrige"))) from None
    # From the middle of the stations: eastings of millions of metres cost digits.
    cx, cy = stations.x.mean(), stations.y.mean()
    model = OrdinaryKriging(
        stations.x - cx,
        stations.y - cy,
        residuals,
        variogram_model=options.variogram,
        pseudo_inv=True,
        exact_values=True,
    )
    rows = max(1, int(4e6 // max(residuals.size, 1)))

    def surface(X: Array, Y: Array, trend: Array, out: Array) -> None:
        flat_x, flat_y, flat = X.ravel(), Y.ravel(), np.empty(X.size)
        for first in range(0, flat.size, rows):
            part = slice(first, first + rows)
            flat[part] = model.execute("points", flat_x[part] - cx, flat_y[part] - cy, backend="vectorized")[0]
        out[:] = trend + flat.reshape(X.shape)
        for x, y, value in zip(stations.x, stations.y, stations.values):
            out[((X - x) ** 2 + (Y - y) ** 2 <= 1e-12) & np.isfinite(trend)] = value

    return surface


def _clip_limits(clip: Clip, facts: standards.Quantity, stations: Stations) -> tuple[float, float]:
    if clip is None:
        return -math.inf, math.inf
    if clip == "limits":
        return facts.hard if facts.hard is not None else (-math.inf, math.inf)
    if clip == "stations":
        return float(stations.values.min()), float(stations.values.max())
    try:
        low, high = (float(value) for value in clip)
    except (TypeError, ValueError):
        low = high = math.nan
    if not low <= high:
        raise LayerError(Problem("interpolation.clip", Phrase("interpolation"), clip=repr(clip)))
    return low, high


def _trend_box(stations: gpd.GeoDataFrame) -> GeoBox:
    scale = _FINE_DEGREE if stations.crs.is_geographic else 1.0
    return GeoBox((1, 1), Affine.scale(scale), stations.crs)


def _evaluate(
    model: _Model,
    grid: GeoBox,
    tile: Tile,
    places: PixelMap,
    trend_box: GeoBox | None,
    columns: tuple[Any, ...],
    clip: tuple[float, float],
    out: Array,
) -> tuple[int, int]:
    """Values of a tile; cells beyond the covariates of the stations, and cells that were clipped."""
    j, i = np.arange(tile.left, tile.right) + 0.5, np.arange(tile.top, tile.bottom) + 0.5
    metres = places.lattice(j, i)
    degrees = PixelMap(grid, trend_box).lattice(j, i) if trend_box is not None else None
    columns = tuple(np.asarray(column) for column in columns)
    far = over = 0
    for first in range(0, tile.shape[0], _BAND):
        last = min(first + _BAND, tile.shape[0])
        X, Y = metres.rows(first, last)
        coordinates = None
        if degrees is not None and trend_box is not None:
            u, v = degrees.rows(first, last)
            coordinates = (u * trend_box.affine.a, v * trend_box.affine.e)
        band = [column[first:last] for column in columns]
        trend = model.trend(coordinates, band, X.shape)
        model.fill(X, Y, trend, out[first:last])
        over += int(np.count_nonzero((out[first:last] < clip[0]) | (out[first:last] > clip[1])))
        np.clip(out[first:last], *clip, out=out[first:last])
        strange = np.zeros(X.shape, dtype=bool)
        for name, column in zip(model.names, band):
            if name not in model.fitted:
                continue
            at = model.stations.covariates[name]
            strange |= (column < at.min()) | (column > at.max())
        far += int(strange.sum())
    return far, over


def _note_extrapolated(model: _Model, share: float) -> None:
    if share > float(limits()["extrapolated_share"]):
        note(Problem("stations.extrapolated", Phrase("stations"), severity="warning", share=share, names=model.fitted))


compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)
# A point within a micrometre of a station is at the station.
_AT_STATION = 1e-12


@compiled
def _nearest(x, y, at_x, at_y, squares):  # type: ignore[no-untyped-def]
    """Squared distances of all stations, the smallest of them and its station."""
    near, nearest = np.inf, 0
    for n in range(x.size):
        dx, dy = at_x - x[n], at_y - y[n]
        squares[n] = dx * dx + dy * dy
        if squares[n] < near:
            near, nearest = squares[n], n
    return near, nearest


@compiled
def _reach(squares, ordered, radius, fewest, most):  # type: ignore[no-untyped-def]
    """Square of the distance up to which stations count."""
    ordered[:] = squares
    ordered.sort()
    limit = max(radius * radius, ordered[min(fewest, squares.size) - 1])
    return min(limit, ordered[min(most, squares.size) - 1])


@compiled
def inverse_distance(stations, search, places, trend, out):  # type: ignore[no-untyped-def]
    """Trend plus the mean of the residuals with weights 1 / d^power; at a station the observed value itself."""
    # Stations: x, y, residuals, observed. Search: power, radius, fewest and most stations. Places: x and y of cells.
    x, y, residuals, observed = stations
    power, radius, fewest, most = search
    X, Y = places
    count = x.size
    squares, ordered = np.empty(count), np.empty(count)
    everyone = not np.isfinite(radius) and most >= count
    low, high = residuals.min(), residuals.max()
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            if not np.isfinite(trend[i, j]):
                out[i, j] = np.nan
                continue
            near, nearest = _nearest(x, y, X[i, j], Y[i, j], squares)
            if near <= _AT_STATION:
                out[i, j] = observed[nearest]
                continue
            if not np.isfinite(near):
                out[i, j] = np.nan
                continue
            limit = np.inf
            if not everyone:
                limit = _reach(squares, ordered, radius, fewest, most)
            total, weights = 0.0, 0.0
            for n in range(count):
                if squares[n] <= limit:
                    # Relative to the nearest one: no overflow close to a station, no underflow far from all.
                    share = near / squares[n]
                    weight = share if power == 2.0 else share ** (power / 2.0)
                    total += weight * residuals[n]
                    weights += weight
            out[i, j] = trend[i, j] + min(max(total / weights, low), high)
