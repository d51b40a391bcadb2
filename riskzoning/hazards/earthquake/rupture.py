"""A scenario earthquake on a fault: the field of a rupture along a line (断层设定地震)."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import pyproj
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, note
from riskzoning.hazards.cells import Array
from riskzoning.hazards.earthquake.scenario import check_magnitude, field_of
from riskzoning.hazards.earthquake.source import check_coordinates, tell_far
from riskzoning.layers.plausible import takes

_GEOD = pyproj.Geod(ellps="GRS80")


@takes()
def rupture_length(magnitude: float) -> float:
    """Length of the rupture at the surface (地表破裂长度), km: lg L = 0.69 M - 3.26.

    Examples
    --------
    >>> round(rupture_length(7.0), 1)
    37.2
    """
    slope, constant = standards.table("hazards/earthquake_attenuation").data["rupture_length"]
    return float(10 ** (slope * magnitude + constant))


@takes()
def fault_field(
    grid: GeoBox,
    fault: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    magnitude: float,
    region: str,
    measure: Literal["intensity", "pga"] = "intensity",
    spacing_km: float = 5.0,
) -> xr.DataArray:
    """Intensity or class-II PGA of an earthquake anywhere on a fault: at each cell the worst place on the line.

    Parameters
    ----------
    grid : GeoBox
    fault : GeoDataFrame or GeoSeries
        Lines with a CRS. The long axis lies along the line at each place.
    magnitude : float
        Ms.
    region : str
        As in :func:`attenuation`.
    measure : {"intensity", "pga"}
        Intensity, or PGA in **g**.
    spacing_km : float
        Distance between the places tried, km; the ends of the line are among them.

    Returns
    -------
    DataArray
        ``(y, x)`` float64. It is the envelope of earthquakes of this size along the fault, not one earthquake; that one
        breaks about :func:`rupture_length` of it.

    Raises
    ------
    LayerError
        There is no line, the spacing is none, or as :func:`scenario_field`.
    MissingCRSError
        The fault has no CRS.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> geobox = analysis_grid((113.8, 35.2, 114.0, 35.4), crs="EPSG:4490", resolution=0.1)
    >>> line = gpd.GeoSeries.from_wkt(["LINESTRING (113.85 35.25, 113.95 35.35)"], crs="EPSG:4490")
    >>> fault_field(geobox, line, magnitude=6.5, region="east").values.round(2).tolist()
    [[7.9, 8.57], [8.57, 7.9]]
    """
    if not 0 < spacing_km < np.inf:
        thing = Phrase("argument", name="spacing_km")
        raise LayerError(Problem("earthquake.spacing", thing, value=float(spacing_km)))
    places, worst = _places(fault, spacing_km), None
    magnitude = check_magnitude(magnitude, region)
    tell_far(grid, [place for place, _ in places])
    for place, strike in places:
        field = field_of(grid, (magnitude, place, strike), region=region, measure=measure)
        worst = field if worst is None else worst.copy(data=np.fmax(worst.values, field.values))
    assert worst is not None
    return worst.assign_attrs(source=f"fault, M {magnitude:g}, {region}")


def _places(fault: gpd.GeoDataFrame | gpd.GeoSeries, spacing_km: float) -> list[tuple[tuple[float, float], float]]:
    """Places on the lines (longitude, latitude) not further apart than the spacing, and the strike at each."""
    if fault.crs is None:
        raise MissingCRSError(Problem("layer.crs", Phrase("faults")))
    check_coordinates(fault, Phrase("faults"))
    parts = shapely.get_parts(fault.geometry.to_crs("EPSG:4490").dropna().to_numpy())
    lines = [part for part in parts if shapely.get_type_id(part) == 1 and not shapely.is_empty(part)]
    if not lines or len(lines) < len(parts):
        kinds = sorted({str(part.geom_type) for part in parts} - {"LineString"})
        raise LayerError(Problem("earthquake.fault_lines", Phrase("faults"), kinds=kinds, count=len(parts)))
    # A point drawn twice has no direction.
    paths = [points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]] for points in map(_coordinates, lines)]
    if short := [at + 1 for at, path in enumerate(paths) if len(path) < 2]:
        severity: Literal["error", "warning"] = "warning" if len(short) < len(paths) else "error"
        problem = Problem("earthquake.fault_points", Phrase("faults"), severity=severity, rows=short)
        if severity == "error":
            raise LayerError(problem)
        note(problem)
    return [row for path in paths if len(path) > 1 for row in _along(path, spacing_km)]


def _coordinates(line: shapely.Geometry) -> Array:
    return np.asarray(shapely.get_coordinates(line))


def _along(points: Array, spacing_km: float) -> list[tuple[tuple[float, float], float]]:
    azimuth, _, metres = _GEOD.inv(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
    rows = []
    for i, length in enumerate(metres):
        steps = max(1, int(np.ceil(length / 1000 / spacing_km)))
        last = i == len(metres) - 1
        for share in np.arange(steps + last) / steps:
            longitude, latitude, _ = _GEOD.fwd(points[i, 0], points[i, 1], azimuth[i], share * length)
            rows.append(((float(longitude), float(latitude)), float(azimuth[i])))
    return rows
