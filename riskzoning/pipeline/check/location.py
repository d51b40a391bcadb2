"""Where a study lies: its grid, the belt of its longitude, and whether the inputs lie on it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import CRS, Proj

from riskzoning.config import StudyConfig
from riskzoning.errors import ConfigError, Problem, first_few
from riskzoning.grid import analysis_grid
from riskzoning.layers import crs_name, grid_of

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
        raise ConfigError(
            Problem(
                "study area", f"lies at {longitude:.1f} degrees east", "a place within 73.5..136.5 degrees east",
                "Declare the analysis grid: `grid: {crs: ...}`.", rule="study.grid",
            )
        )  # fmt: skip
    return f"EPSG:{4534 + (meridian - 75) // 3}"


def grid_crs(study: StudyConfig, units: gpd.GeoDataFrame) -> str:
    """CRS of the analysis grid: that of the study, or the belt of its units."""
    if study.grid.crs != "auto":
        return study.grid.crs
    left, _, right, _ = units.to_crs("EPSG:4490").total_bounds
    return belt_of((left + right) / 2)


def study_grid(study: StudyConfig, units: gpd.GeoDataFrame) -> GeoBox:
    """The analysis grid of a study: its bounds, or those of its units with a margin for neighbours."""
    config, crs = study.grid, grid_crs(study, units)
    left, bottom, right, top = units.to_crs(crs).total_bounds
    if not np.all(np.isfinite([left, bottom, right, top])):
        found = f"is {crs}, in which the units cannot be placed"
        raise ConfigError(_grid_problem(study, "crs", found, "a projection of the study area"))
    pad = _MARGIN_CELLS * config.resolution
    bounds = config.bounds or (left - pad, bottom - pad, right + pad, top + pad)
    cells = (bounds[2] - bounds[0]) * (bounds[3] - bounds[1]) / config.resolution**2
    if cells > _MOST_CELLS:
        found = f"is {config.resolution:g} m, which makes {cells:.3g} cells"
        raise ConfigError(
            _grid_problem(study, "resolution", found, f"a cell that makes {_MOST_CELLS:.0g} cells or fewer")
        )
    inside = units.to_crs(crs).geometry.area.groupby(units["level"]).sum().max() / config.resolution**2
    if inside < _FEWEST_CELLS:
        found = f"is {config.resolution:g} m, which makes {inside:.0f} cells in the study area"
        raise ConfigError(_grid_problem(study, "resolution", found, f"a cell that makes {_FEWEST_CELLS} cells or more"))
    if config.bounds is not None and (
        bounds[0] >= right or bounds[2] <= left or bounds[1] >= top or bounds[3] <= bottom
    ):
        found = (
            f"is {list(config.bounds)}, beside the units ({left:.0f}, {bottom:.0f}, {right:.0f}, {top:.0f} in {crs})"
        )
        raise ConfigError(
            _grid_problem(study, "bounds", found, "[left, bottom, right, top] around the units, in metres")
        )
    return analysis_grid(bounds, crs=crs, resolution=config.resolution)


def grid_problems(study: StudyConfig, units: gpd.GeoDataFrame, grid: GeoBox) -> list[Problem]:
    """What is unusual about a grid: a belt far from the study area, units outside it, hardly a cell."""
    problems = []
    bounds = units.to_crs("EPSG:4490").total_bounds
    scale = Proj(CRS.from_user_input(str(grid.crs))).get_factors(
        [bounds[0], bounds[2], bounds[0], bounds[2]], [bounds[1], bounds[1], bounds[3], bounds[3]]
    ).areal_scale  # fmt: skip
    worst = float(np.max(np.abs(np.asarray(scale) - 1)))
    if not worst <= _MOST_DISTORTION:
        found = f"is {crs_name(grid.crs)}, in which areas of the study area are off by {worst:.1%}"
        required = f"a projection that keeps areas within {_MOST_DISTORTION:.1%} there"
        problems.append(
            Problem(
                study.file, found, required, f"Take {_belt_hint(bounds)}, or leave `crs:` out.", rule="study.grid",
                field="grid.crs", severity="warning",
            )
        )  # fmt: skip
    placed = units.to_crs(str(grid.crs))
    wholly = units[~placed.intersects(grid.extent.geom)]
    outside = units[~placed.within(grid.extent.geom)]
    if len(wholly):
        found = f"leaves {len(wholly)} units outside: {first_few(wholly.index)}"
        problems.append(
            Problem(
                study.file, found, "bounds that hold every unit", "Widen or remove `bounds:`.", rule="study.grid",
                field="grid.bounds",
            )
        )  # fmt: skip
    elif len(outside):
        found = f"leaves {len(outside)} units partly outside, such as {first_few(outside.index, shown=3)}"
        problems.append(
            Problem(
                study.file, found, "bounds that hold every unit", "Widen or remove `bounds:`.", rule="study.grid",
                field="grid.bounds", severity="warning",
            )
        )  # fmt: skip
    return problems


def _belt_hint(bounds: Any) -> str:
    try:
        return belt_of((bounds[0] + bounds[2]) / 2)
    except ConfigError:
        return "a local projection"


def _grid_problem(study: StudyConfig, key: str, found: str, required: str) -> Problem:
    return Problem(study.file, found, required, "Correct it.", rule="study.grid", field=f"grid.{key}")


def overlap_problems(layer: xr.DataArray, thing: str, grid: GeoBox | None) -> list[Problem]:
    """Whether a raster lies on the study area: an error beside it, a warning where it covers too little."""
    if grid is None:
        return []
    own = grid_of(layer)
    try:
        study, found = grid.extent.to_crs("EPSG:4490"), own.extent.to_crs("EPSG:4490")
    except Exception as error:  # noqa: BLE001 - any failure of the projection means that the places do not fit
        return [_elsewhere(thing, f"cannot be placed on the study area ({error})", own, grid)]
    share = (study & found).area / study.area if study.area else 0.0
    if share == 0.0:
        return [_elsewhere(thing, f"covers {_box(found)} ({crs_name(own.crs)})", own, grid)]
    if share < _LEAST_COVER:
        return [
            Problem(
                thing,
                f"covers {share:.0%} of the study area",
                f"the whole of {_box(study)}",
                "Use a larger file, or accept cells without data.",
                rule="layer.cover",
                severity="warning",
            )
        ]
    return []


def _box(extent: Any) -> str:
    box = extent.boundingbox
    return f"{box.left:.3f}..{box.right:.3f} E, {box.bottom:.3f}..{box.top:.3f} N"


def _elsewhere(thing: str, found: str, own: GeoBox, grid: GeoBox) -> Problem:
    return Problem(
        thing,
        found,
        f"data in the study area {_box(grid.extent.to_crs('EPSG:4490'))}",
        "Check the path, and the CRS of the file (declare it with `crs:`).",
        rule="layer.elsewhere",
    )


def vector_problems(frame: gpd.GeoDataFrame, thing: str, grid: GeoBox) -> list[Problem]:
    """Whether any feature of a vector layer may lie in the study area."""
    if frame.empty:
        return []  # reported where it is opened
    study = grid.extent.to_crs(frame.crs).geom
    left, bottom, right, top = frame.total_bounds
    if not np.all(np.isfinite([left, bottom, right, top])) or not study.intersects(frame.union_all().envelope):
        return [
            Problem(
                thing,
                f"lies within {left:.4g}..{right:.4g}, {bottom:.4g}..{top:.4g} ({crs_name(frame.crs)})",
                f"features in the study area {_box(grid.extent.to_crs('EPSG:4490'))}",
                "Check the path, the order of the axes and the CRS (declare it with `crs:`).",
                rule="vector.elsewhere",
            )
        ]
    return []
