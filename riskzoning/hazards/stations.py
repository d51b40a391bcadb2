"""Station values on the grid, for the hazards that start from stations: heights, choice of method, surface, error."""

from __future__ import annotations

import warnings
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Problem
from riskzoning.hazards.base import valid_values
from riskzoning.layers import describe
from riskzoning.methods.interpolation import interpolate, leave_one_out

__all__ = ["loo_error", "station_points", "station_surface", "surface_method", "with_heights"]

# Constant and three slopes, and two stations more to tell whether they mean anything.
_FEWEST_WITH_HEIGHT = 6


def station_points(stations: xr.Dataset, values: pd.DataFrame, *, hazard: str) -> gpd.GeoDataFrame:
    """Values of stations as points, from the coordinates ``lon lat`` (degrees) and, where there is one, ``elevation``.

    Parameters
    ----------
    stations : Dataset
    values : DataFrame
        Index ``station``.
    hazard : str
        For the message.

    Raises
    ------
    LayerError
        The stations have no coordinates.

    Examples
    --------
    >>> places = xr.Dataset(coords={"station": ["a"], "lon": ("station", [114.0]), "lat": ("station", [35.0])})
    >>> station_points(places, pd.DataFrame({"value": [3.0]}, index=["a"]), hazard="drought").crs.to_epsg()
    4490
    """
    missing = [name for name in ("lon", "lat") if name not in stations.variables]
    if missing:
        raise LayerError(
            Problem(
                f"input 'stations' of hazard '{hazard}'",
                f"lacks the coordinates {', '.join(missing)}",
                "lon and lat of each station in degrees",
                "Give the station list with `stations:` in study.yaml.",
                rule="stations.place",
            )
        )
    places: dict[str, Any] = {
        name: stations[name].to_numpy().astype(np.float64)
        for name in ("lon", "lat", "elevation")
        if name in stations.variables
    }
    frame = pd.DataFrame(places, index=pd.Index(stations["station"].to_numpy(), name="station")).join(values)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4490")


def with_heights(points: gpd.GeoDataFrame, elevation: xr.DataArray | None) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """The stations with the height that a regression takes, and where it contradicts their altitude.

    The height is that of the elevation layer at the station, as for the cells of the grid; the altitude of the station
    stands in where the layer has none.

    Parameters
    ----------
    points : GeoDataFrame
        Column ``elevation`` (altitude, m) where it is known.
    elevation : layer, optional

    Returns
    -------
    (stations, report)
        ``report``: station -> [altitude, height of the layer] where they differ by more than 100 m.

    Examples
    --------
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 300, 300), crs="EPSG:4547", resolution=100)
    >>> dem = layer_on(geobox, 500.0, quantity="elevation")
    >>> one = gpd.GeoDataFrame({"elevation": [70.0]}, index=["a"], geometry=gpd.points_from_xy([150], [150]), crs=4547)
    >>> with_heights(one, dem)[1]
    {'a': [70.0, 500.0]}
    """
    if elevation is None:
        return points, {}
    stated = points["elevation"] if "elevation" in points else pd.Series(np.nan, index=points.index)
    found = pd.Series(grids.sample(elevation, points, resampling="bilinear"), index=points.index)
    most = float(standards.table("methods/interpolation").data["altitude_difference_m"])
    off = (stated - found).abs() > most
    report = {str(name): [float(stated[name]), round(float(found[name]), 1)] for name in points.index[off]}
    return points.assign(elevation=found.where(np.isfinite(found), stated)), report


def surface_method(points: gpd.GeoDataFrame, elevation: xr.DataArray | None, method: str) -> tuple[str, Any, str]:
    """How stations are brought to the grid, with which covariates, and why, if not as asked for.

    Regression needs stations enough for its slopes; with fewer, inverse distances. Heights of the grid beyond those of
    the stations are taken as the nearest height of a station: the slope with height is not carried further. ``best``
    takes whichever of regression and inverse distances foretells left-out stations better.

    Parameters
    ----------
    points : GeoDataFrame
        Stations with a ``value``, after :func:`with_heights`.
    elevation : layer, optional
    method : {"best", "regression_residual", "idw", "kriging"}

    Returns
    -------
    (method, covariates or None, note)

    Examples
    --------
    >>> surface_method(gpd.GeoDataFrame({"value": [1.0, 2.0, 3.0]}), None, "regression_residual")
    ('idw', None, '3 stations: too few for a regression')
    """
    regression = method in ("best", "regression_residual")
    if method == "idw" or (regression and len(points) < _FEWEST_WITH_HEIGHT):
        return "idw", None, f"{len(points)} stations: too few for a regression" if regression else ""
    covariates, note = _heights(points, elevation)
    if method != "best":
        return method, covariates, note
    errors = {
        "regression_residual": loo_error(points, None, method="regression_residual", covariates=covariates),
        "idw": loo_error(points, None, method="idw", covariates=None),
    }
    rmse = {name: np.inf if error is None else error["rmse"] for name, error in errors.items()}
    compared = f"leave-one-out RMSE: regression {rmse['regression_residual']:.3g}, inverse distance {rmse['idw']:.3g}"
    if rmse["idw"] <= rmse["regression_residual"]:
        return "idw", None, compared
    return "regression_residual", covariates, f"{compared}; {note}"


def _heights(points: gpd.GeoDataFrame, elevation: xr.DataArray | None) -> tuple[dict[str, xr.DataArray] | None, str]:
    """Elevation as covariate, within the heights of the stations."""
    if elevation is None or "elevation" not in points or not points["elevation"].notna().any():
        return None, "no elevation: regression on place only"
    low, high = float(points["elevation"].min()), float(points["elevation"].max())
    dem = valid_values(elevation, quantity="elevation").clip(low, high)
    note = f"heights below {low:.0f} m and above {high:.0f} m count as these"
    return {"elevation": describe(dem, quantity="elevation", like=elevation)}, note


def station_surface(
    points: gpd.GeoDataFrame, grid: GeoBox, *, method: str, covariates: Any, quantity: str, lazy: bool
) -> xr.DataArray:
    """Values of stations on the grid, within the range of the stations.

    Parameters
    ----------
    points : GeoDataFrame
        Column ``value``.
    grid : GeoBox
    method, covariates
        From :func:`surface_method`.
    quantity : str
    lazy : bool

    Returns
    -------
    layer
        float64, no missing cells: where a height is missing, inverse distances alone.

    Examples
    --------
    >>> geobox = grids.analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> three = gpd.GeoDataFrame({"value": [2.0, 2.0, 2.0]}, geometry=gpd.points_from_xy([0, 9, 300], [0, 50, 9]),
    ...     crs="EPSG:4547")
    >>> options = {"covariates": None, "quantity": "event_index", "lazy": False}
    >>> station_surface(three, geobox, method="idw", **options).values.tolist()
    [[2.0, 2.0, 2.0]]
    """
    options: dict[str, Any] = {"clip": "stations", "quantity": quantity, "lazy": lazy or None}
    with warnings.catch_warnings():
        # Heights are cut to those of the stations already; what is left is the rounding of the resampling.
        warnings.filterwarnings("ignore", message=".*beyond that of all stations")
        surface = interpolate(points, "value", grid, method=method, covariates=covariates, **options)  # type: ignore[arg-type]
    if covariates:
        plain = interpolate(points, "value", grid, method="idw", **options)
        surface = describe(surface.fillna(plain), quantity=quantity, like=surface)
    return surface


def loo_error(points: gpd.GeoDataFrame, grid: GeoBox | None, *, method: str, covariates: Any) -> dict[str, Any] | None:
    """Bias, RMSE and R2 of foretelling each station from the others; None where one station fewer is too few.

    Examples
    --------
    >>> places = gpd.points_from_xy([0, 1, 2], [0] * 3)
    >>> line = gpd.GeoDataFrame({"value": [1.0, 2.0, 3.0]}, geometry=places, crs="EPSG:4547")
    >>> round(loo_error(line, None, method="idw", covariates=None)["rmse"], 4)
    0.9798
    """
    try:
        found = leave_one_out(points, "value", grid, method=method, covariates=covariates)  # type: ignore[arg-type]
    except LayerError:
        return None
    numbers = {"bias": found.bias, "rmse": found.rmse, "r2": found.r2}
    return {name: float(value) if np.isfinite(value) else None for name, value in numbers.items()}
