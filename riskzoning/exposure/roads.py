"""Roads (公路) and other lines: kilometres per cell."""

from __future__ import annotations

import geopandas as gpd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import Field

from riskzoning import grid as grids
from riskzoning.exposure.base.receptor import CountSpec, Exposed, Ground, ReceptorSpec, feature_count
from riskzoning.inputs import Inputs, InputSpec, Real, Section
from riskzoning.layers import describe
from riskzoning.layers.plausible import takes


@takes()
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
    """Road lines; ``value_per_km`` (yuan) is what a kilometre costs to build again: without it roads have no loss."""

    lines: str
    value_per_km: Real | None = Field(default=None, gt=0)


LENGTH, VALUE = CountSpec("road_km", "road_length"), CountSpec("road_value_yuan", "road_value")


def _count(inputs: Inputs, params: Params, ground: Ground) -> Exposed:
    lines = inputs["lines"]
    assert isinstance(lines, gpd.GeoDataFrame)
    length = road_length(lines, ground.grid)
    counts = {LENGTH.name: feature_count(length)}
    if params.value_per_km is not None:
        outside = float(length.attrs["outside"]) * params.value_per_km
        value = length * params.value_per_km
        layer = describe(value, quantity=VALUE.quantity, like=length, source="roads", outside=outside)
        counts[VALUE.name] = feature_count(layer)
    return Exposed(counts)


SPEC = ReceptorSpec(
    name="roads",
    counts=(LENGTH, VALUE),
    inputs=(InputSpec("lines", "lines", note="each road once"),),
    params=Params,
    count=_count,
    loss_count=VALUE.name,
)
