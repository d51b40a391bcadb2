"""Where a study lies: its grid, the belt of its longitude, and whether the inputs lie on it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from odc.geo.geom import Geometry
from pyproj import CRS, Proj
from shapely import affinity

from riskzoning.config import StudyConfig
from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.grid import analysis_grid
from riskzoning.grid.mapping import around
from riskzoning.layers import crs_name, grid_of

Bounds = tuple[float, float, float, float]
# Cells added around the study area, so that what looks at neighbours (slope) is whole at its border.
_MARGIN_CELLS = 3
# A hazard layer that covers less of the study area than this is worth a warning.
_LEAST_COVER = 0.98
# More cells than a nation has at 30 m are a typing error.
_MOST_CELLS = 2e10
# Fewer cells than this in the study area make no map.
_FEWEST_CELLS = 100
# Areas that are off by more than this make densities and lengths wrong.
_MOST_DISTORTION = 0.003


def belt_of(longitude: float) -> str:
    """The CGCS2000 three-degree Gauss-Kruger belt (without zone prefix) of a longitude in China."""
    meridian = 3 * round(longitude / 3)
    if not 75 <= meridian <= 135:
        raise ConfigError(Problem("grid.longitude", Phrase("study_area"), longitude=longitude))
    return f"EPSG:{4534 + (meridian - 75) // 3}"


def metric_crs(bounds: Bounds) -> str:
    """The projection in metres of a place anywhere: its UTM zone, or an equal-area one around it where that distorts.

    ``bounds`` are degrees, west, south, east, north; longitudes may run on beyond 180.
    """
    west, south, east, north = bounds
    longitude, latitude = (west + east) / 2, (south + north) / 2
    turned = (longitude + 180) % 360 - 180
    zone = f"EPSG:{(32600 if latitude >= 0 else 32700) + int((turned + 180) // 6) % 60 + 1}"
    if areas_off(zone, bounds) <= _MOST_DISTORTION:
        return zone
    return f"+proj=laea +lat_0={latitude:.1f} +lon_0={turned:.1f} +datum=WGS84 +units=m +no_defs"


def areas_off(crs: str, bounds: Bounds) -> float:
    """By how much of their size areas in a place are wrong in a projection, at the worst; infinite where it fails."""
    west, south, east, north = bounds
    places = [(x, y) for x in (west, (west + east) / 2, east) for y in (south, (south + north) / 2, north)]
    factors = Proj(CRS.from_user_input(crs)).get_factors([x for x, _ in places], [y for _, y in places])
    scale = factors.areal_scale
    off = np.max(np.abs(np.asarray(scale) - 1))
    return float(off) if np.isfinite(off) else np.inf


def grid_crs(study: StudyConfig, units: gpd.GeoDataFrame) -> str:
    """CRS of the analysis grid: that of the study, or the one of the place of its units."""
    if study.grid.crs != "auto":
        return study.grid.crs
    left, bottom, right, top = units.total_bounds if units.crs.is_geographic else units.to_crs("EPSG:4490").total_bounds
    if study.admin.profile == "free":
        return metric_crs((left, bottom, right, top))
    return belt_of((left + right) / 2)


def study_grid(study: StudyConfig, units: gpd.GeoDataFrame) -> GeoBox:
    """The analysis grid of a study: its bounds, or those of its units with a margin for neighbours."""
    config, crs = study.grid, grid_crs(study, units)
    placed = units.to_crs(crs)
    left, bottom, right, top = map(float, placed.total_bounds)
    if not np.all(np.isfinite([left, bottom, right, top])):
        raise ConfigError(Problem("grid.unplaceable", study.file, field="grid.crs", crs=crs))
    pad = _MARGIN_CELLS * config.resolution
    bounds = config.bounds or (left - pad, bottom - pad, right + pad, top + pad)
    _check_size(study, bounds, placed)
    beside = bounds[0] >= right or bounds[2] <= left or bounds[1] >= top or bounds[3] <= bottom
    if config.bounds is not None and beside:
        own = [f"{value:.0f}" for value in (left, bottom, right, top)]
        raise ConfigError(
            Problem("grid.bounds_elsewhere", study.file, field="grid.bounds", bounds=bounds, units=own, crs=crs)
        )
    return analysis_grid(bounds, crs=crs, resolution=config.resolution)


def _check_size(study: StudyConfig, bounds: Bounds, placed: gpd.GeoDataFrame) -> None:
    """Raise where a resolution makes more cells than any machine holds, or hardly any."""
    resolution, field = study.grid.resolution, "grid.resolution"
    cells = (bounds[2] - bounds[0]) * (bounds[3] - bounds[1]) / resolution**2
    if cells > _MOST_CELLS:
        problem = Problem(
            "grid.too_fine", study.file, field=field, resolution=resolution, cells=cells, most=_MOST_CELLS
        )
        raise ConfigError(problem)
    inside = float(placed.geometry.area.groupby(placed["level"]).sum().max()) / resolution**2
    if inside < _FEWEST_CELLS:
        problem = Problem(
            "grid.too_coarse", study.file, field=field, resolution=resolution, cells=inside, fewest=_FEWEST_CELLS
        )
        raise ConfigError(problem)


def grid_problems(study: StudyConfig, units: gpd.GeoDataFrame, grid: GeoBox) -> list[Problem]:
    """What is unusual about a grid: a belt far from the study area, units outside it, hardly a cell."""
    problems = []
    west, south, east, north = units.total_bounds
    worst = areas_off(str(grid.crs), (west, south, east, north))
    if not worst <= _MOST_DISTORTION:
        problems.append(
            Problem(
                "grid.distortion", study.file, field="grid.crs", severity="warning", crs=crs_name(grid.crs),
                share=worst, most=_MOST_DISTORTION, belt=_projection_hint(study, (west, south, east, north)),
            )
        )  # fmt: skip
    placed = units.to_crs(str(grid.crs))
    wholly = list(units.index[~placed.intersects(grid.extent.geom)])
    partly = list(units.index[~placed.within(grid.extent.geom)])
    field = "grid.bounds"
    if wholly:
        problems.append(Problem("grid.units_outside", study.file, field=field, count=len(wholly), codes=wholly))
    elif partly:
        problems.append(
            Problem(
                "grid.units_partly_outside",
                study.file,
                field=field,
                severity="warning",
                count=len(partly),
                codes=partly,
            )
        )
    return problems


def _projection_hint(study: StudyConfig, bounds: Bounds) -> Phrase | str:
    if study.admin.profile == "free":
        return metric_crs(bounds)
    try:
        return belt_of((bounds[0] + bounds[2]) / 2)
    except ConfigError:
        return Phrase("local_projection")


def overlap_problems(layer: xr.DataArray, thing: Phrase | str, grid: GeoBox | None) -> list[Problem]:
    """Whether a raster lies on the study area: an error beside it, a warning where it covers too little."""
    if grid is None:
        return []
    own = grid_of(layer)
    try:
        study, extent = in_degrees(grid.extent), in_degrees(own.extent)
    except Exception as error:  # noqa: BLE001 - any failure of the projection means that the places do not fit
        return [Problem("layer.unplaceable", thing, reason=str(error), crs=crs_name(own.crs))]
    share = study.intersection(everywhere(extent)).area / study.area if study.area else 0.0
    if share == 0.0:
        place, crs = _box(extent), crs_name(own.crs)
        return [Problem("layer.elsewhere", thing, extent=place, crs=crs, area=_box(study))]
    if share < _LEAST_COVER:
        return [Problem("layer.cover", thing, severity="warning", share=share, area=_box(study))]
    return []


def in_degrees(extent: Geometry) -> shapely.Geometry:
    """An extent in degrees, in one piece: longitudes run on beyond 180 where it lies across that line."""
    if extent.crs is not None and extent.crs.geographic:
        return extent.geom
    turned = extent.to_crs("EPSG:4490")
    middle = extent.centroid.to_crs("EPSG:4490").coords[0][0]
    return shapely.transform(turned.geom, lambda points: np.column_stack([around(points[:, 0], middle), points[:, 1]]))


def everywhere(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape in degrees, and the same a turn to the west and to the east: files count longitudes from either side."""
    return shapely.union_all([affinity.translate(shape, by) for by in (-360.0, 0.0, 360.0)])


def _box(extent: shapely.Geometry) -> Phrase:
    left, bottom, right, top = (f"{value:.3f}" for value in extent.bounds)
    return Phrase("degrees", left=left, right=right, bottom=bottom, top=top)


def vector_problems(frame: gpd.GeoDataFrame, thing: Phrase | str, grid: GeoBox) -> list[Problem]:
    """Whether any feature of a vector layer may lie in the study area."""
    if frame.empty:
        return []  # reported where it is opened
    crs = CRS(frame.crs)
    study = everywhere(in_degrees(grid.extent)) if crs.is_geographic else grid.extent.to_crs(crs).geom
    left, bottom, right, top = frame.total_bounds
    # Rings that cross themselves have bounds all the same; a union of them may fail.
    known = bool(np.all(np.isfinite([left, bottom, right, top])))
    if known and study.intersects(shapely.MultiPoint([(left, bottom), (right, top)]).envelope):
        return []
    numbers = {"left": left, "right": right, "bottom": bottom, "top": top}
    area = _box(in_degrees(grid.extent))
    return [Problem("vector.elsewhere", thing, crs=crs_name(frame.crs), area=area, **numbers)]
