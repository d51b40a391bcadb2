"""Roads (公路) and other lines: kilometres per cell."""

from __future__ import annotations

import geopandas as gpd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning.exposure.base.receptor import CountSpec, Exposed, Ground, ReceptorSpec, feature_count
from riskzoning.inputs import Inputs, InputSpec, Section
from riskzoning.layers import describe


def road_length(roads: gpd.GeoDataFrame, grid: GeoBox) -> xr.DataArray:
    """Kilometres of road in every cell (公路里程), lines cut exactly at the cell borders.

    Parameters
    ----------
    roads : GeoDataFrame
        Lines, any CRS; each road once.
    grid : GeoBox
        Projected: planar lengths; geographic: geodesic ones.

    Returns
    -------
    DataArray
        km per cell, float64; ``attrs["outside"]`` is the length beyond the grid.

    Raises
    ------
    LayerError, MissingCRSError
        Polygons instead of lines; no CRS.

    Examples
    --------
    >>> from shapely.geometry import LineString
    >>> geobox = grids.analysis_grid((0, 0, 2000, 1000), crs="EPSG:4547", resolution=1000)
    >>> roads = gpd.GeoDataFrame(geometry=[LineString([(500, 500), (1800, 500)])], crs="EPSG:4547")
    >>> road_length(roads, geobox).values.tolist()
    [[0.5, 0.8]]
    """
    out = grids.line_length(roads, grid, quantity="road_length")
    return describe(out, quantity="road_length", like=out, source="roads", outside=out.attrs["outside"])


class Params(Section):
    """Road lines."""

    lines: str


def _count(inputs: Inputs, _params: Params, ground: Ground) -> Exposed:
    lines = inputs["lines"]
    assert isinstance(lines, gpd.GeoDataFrame)
    return Exposed({"road_km": feature_count(road_length(lines, ground.grid))})


SPEC = ReceptorSpec(
    name="roads",
    counts=(CountSpec("road_km", "road_length"),),
    inputs=(InputSpec("lines", "lines", note="each road once"),),
    params=Params,
    count=_count,
)
