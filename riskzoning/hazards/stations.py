"""Station values on the grid, for the hazards that start from stations: heights, choice of method, surface, error."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.hazards.base import valid_values, warning_row
from riskzoning.layers import describe
from riskzoning.methods.elements import element_units, impossible, possible_range, too_many_impossible
from riskzoning.methods.interpolation import interpolate, leave_one_out
from riskzoning.methods.susceptibility import reduce_blocks

__all__ = [
    "beyond_stations",
    "loo_error",
    "station_points",
    "station_surface",
    "station_warnings",
    "surface_method",
    "valid_elements",
    "with_heights",
]

# Constant and three slopes, and two stations more to tell whether they mean anything.
_FEWEST_WITH_HEIGHT = 6


def valid_elements(stations: xr.Dataset, elements: Iterable[str], *, hazard: str) -> xr.Dataset:
    """The stations with NaN where no day can show such a value; an element in another unit is refused.

    Parameters
    ----------
    stations : Dataset
    elements : iterable of str
        Those that the hazard uses; what is not there is passed over.
    hazard : str
        For the message.

    Returns
    -------
    Dataset
        ``attrs["rejected"]``: element -> number of values that became NaN. The input is unchanged.

    Raises
    ------
    LayerError
        Naming every element whose attribute ``units`` is another one, or many of whose values no day can show.

    Examples
    --------
    >>> hot = xr.Dataset({"tmax": (("station", "time"), [[303.15, 305.2]])})
    >>> try:
    ...     valid_elements(hot, ["tmax"], hazard="meteorology")
    ... except LayerError as error:
    ...     print(error.problems[0].found)
    has 2 of 2 values of 'tmax' from 303.15 to 305.2
    """
    problems: list[Problem] = []
    units, masked, rejected = element_units(), {}, {}
    for name in elements:
        if name not in stations or name not in units:
            continue
        said = str(stations[name].attrs.get("units", "")).strip()
        if said and standards.unit_factor(said, units[name]) != (1.0, 0.0):
            problems.append(_element_problem(hazard, f"has '{name}' in '{said}'", f"'{name}' in '{units[name]}'"))
            continue
        values = stations[name].to_numpy()
        beyond, known = impossible(values, name), int(np.isfinite(values).sum())
        if too_many_impossible(beyond.sum(), known):
            low, high = possible_range(name)
            shown = f"from {np.nanmin(values[beyond]):g} to {np.nanmax(values[beyond]):g}"
            found = f"has {int(beyond.sum())} of {known} values of '{name}' {shown}"
            problems.append(_element_problem(hazard, found, f"'{name}' from {low:g} to {high:g} {units[name]}"))
        elif beyond.any():
            rejected[name] = int(beyond.sum())
            masked[name] = stations[name].where(~beyond)
    if problems:
        raise LayerError(problems=problems)
    return stations.assign(masked).assign_attrs(rejected=rejected)


def _element_problem(hazard: str, found: str, required: str) -> Problem:
    thing = f"input 'stations' of hazard '{hazard}'"
    fix = "Convert the element first, e.g. kelvin - 273.15, and mark missing values as NaN."
    return Problem(thing, found, required, fix, rule="stations.units")


def station_points(stations: xr.Dataset, values: pd.DataFrame, *, hazard: str) -> gpd.GeoDataFrame:
    """Values of stations as points, from the coordinates ``lon lat`` (degrees) and, where there is one, ``elevation``.

    Stations without a place are left out.

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
        The stations have no coordinates, or none has a place.

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
    placed = np.isfinite(frame["lon"]) & np.isfinite(frame["lat"])
    if len(frame) and not placed.any():
        raise LayerError(
            Problem(
                f"input 'stations' of hazard '{hazard}'",
                f"has {len(frame)} stations, none with a place",
                "lon and lat of each station in degrees",
                "Give the station list with `stations:` in study.yaml.",
                rule="stations.place",
            )
        )
    frame = frame[placed]
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


def beyond_stations(points: gpd.GeoDataFrame, elevation: xr.DataArray | None) -> str | None:
    """What to say about ground far above or below every station: how much there is of it; None where there is little.

    Parameters
    ----------
    points : GeoDataFrame
        Stations after :func:`with_heights`.
    elevation : layer, optional

    Examples
    --------
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    >>> dem = layer_on(geobox, np.array([[70.0, 80.0, 90.0, 900.0]]), quantity="elevation")
    >>> beyond_stations(gpd.GeoDataFrame({"elevation": [70.0, 97.0]}), dem)
    'lie between 70 and 97 m, 25% of the ground more than 100 m beyond: there the nearest height counts'
    """
    if elevation is None or "elevation" not in points or not points["elevation"].notna().any():
        return None
    low, high = float(points["elevation"].min()), float(points["elevation"].max())
    table = standards.table("methods/interpolation").data
    far = float(table["altitude_difference_m"])
    dem = valid_values(elevation, quantity="elevation")
    counts = np.sum(reduce_blocks(partial(_count_beyond, low=low - far, high=high + far), dem), axis=0)
    share = counts[0] / max(counts[1], 1)
    if share < float(table["extrapolated_share"]):
        return None
    text = f"lie between {low:.0f} and {high:.0f} m, {share:.0%} of the ground more than {far:.0f} m beyond"
    return f"{text}: there the nearest height counts"


def station_warnings(
    stations: xr.Dataset, *, hazard: str, altitudes: Mapping[str, Any], beyond: str | None, short: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """What a run must say about its stations, as rows for the ``warnings`` of a calibration.

    Parameters
    ----------
    stations : Dataset
    hazard : str
    altitudes : mapping
        The report of :func:`with_heights`.
    beyond : str or None
        From :func:`beyond_stations`.
    short : iterable of str
        Stations left out because their series are too short or have gaps.

    Examples
    --------
    >>> one = xr.Dataset(coords={"station": ["a"], "lon": ("station", [np.nan]), "lat": ("station", [35.0])})
    >>> station_warnings(one, hazard="meteorology", altitudes={}, beyond=None)[0]["found"]
    'has 1 stations without a place: a; they are left out'
    """
    thing = f"input 'stations' of hazard '{hazard}'"
    placed = np.isfinite(stations["lon"].to_numpy()) & np.isfinite(stations["lat"].to_numpy())
    nowhere = [str(name) for name in stations["station"].to_numpy()[~placed]]
    rows = []

    def add(found: str, required: str, fix: str, rule: str) -> None:
        rows.append(warning_row(thing, found, required, fix, rule=rule))

    if nowhere:
        found = f"has {len(nowhere)} stations without a place: {first_few(nowhere)}; they are left out"
        add(found, "lon and lat of each station", "Give the station list with `stations:`.", "stations.place")
    twice = pd.DataFrame({name: stations[name].to_numpy() for name in ("lon", "lat")})[placed].duplicated(keep=False)
    if twice.any():
        names = first_few(stations["station"].to_numpy()[placed][twice.to_numpy()])
        found = f"has stations at one place: {names}; their values are averaged"
        add(found, "one station at a place", "Check the station list.", "stations.place")
    if stations.attrs.get("rejected"):
        shown = first_few(f"{count} of {name}" for name, count in stations.attrs["rejected"].items())
        required = "values that a day can show"
        add(f"has impossible values: {shown}; they count as missing", required, "Check the series.", "stations.values")
    out = [str(name) for name in short]
    if out:
        found = f"has {len(out)} stations with series too short or with too many gaps: {first_few(out)}; left out"
        add(found, "enough complete years or seasons", "Add years, or lower the limit in params.", "stations.years")
    if altitudes:
        shown = first_few(f"{name} ({own:.0f} against {layer:.0f} m)" for name, (own, layer) in altitudes.items())
        found = f"and the elevation layer disagree about the height of {shown}; the layer is used"
        add(found, "places and heights that agree", "Check the coordinates of the stations.", "stations.altitude")
    if beyond is not None:
        fix = "Add stations of the neighbourhood at such heights, or read the result there with care."
        add(beyond, "stations at the heights of the ground", fix, "stations.heights")
    return rows


def _count_beyond(block: Any, *, low: float, high: float) -> tuple[int, int]:
    good = block[np.isfinite(block)]
    return int(((good < low) | (good > high)).sum()), int(good.size)


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
