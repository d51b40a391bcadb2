"""Cropland (耕地) per cell, from the classes of a land-cover raster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BeforeValidator, Field

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.exposure.base.receptor import Counted, CountSpec, Exposed, Ground, ReceptorSpec, beyond
from riskzoning.inputs import Inputs, InputSpec, Section, Whole, one_or_many
from riskzoning.layers import check_layer, describe, grid_of, scan


def cropland(landcover: xr.DataArray, grid: GeoBox, *, classes: Sequence[int] | None = None) -> xr.DataArray:
    """Hectares of cropland in every cell of the grid.

    The area of each cropland cell is counted on the raster's own grid and brought over as a count, so that hectares are
    neither lost nor made by resampling.

    Parameters
    ----------
    landcover : DataArray
        Class codes on their own grid; 0 is no data.
    grid : GeoBox
    classes : sequence of int, optional
        Codes of cropland; default of ``exposure/cropland``: 10 (GlobeLand30).

    Returns
    -------
    DataArray
        ha per cell, 0 where there is none, NaN where the land cover has no data; lazy when the land cover is lazy.

    Raises
    ------
    LayerError
        When no class is given, or the layer is no land cover.

    Examples
    --------
    >>> import numpy as np
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> cover = layer_on(geobox, np.array([[10, 80]], dtype=np.uint8), quantity="landcover")
    >>> cropland(cover, geobox).values.tolist()
    [[1.0, 0.0]]
    """
    check_layer(landcover, name=str(landcover.name or "landcover"), quantity="landcover")
    codes = standards.table("exposure/cropland").data["classes"] if classes is None else list(classes)
    if not codes:
        raise LayerError(Problem("exposure.crop_classes", Phrase("parameter", name="classes")))
    factor = standards.unit_factor("m2", standards.quantity("cropland").units)
    assert factor is not None
    area = grids.cell_area(grid_of(landcover)).data * factor[0]
    known = landcover.notnull() & (landcover != 0)
    hectares = (landcover.isin(codes) * area).where(known)
    own = describe(hectares, quantity="cropland", like=landcover)
    return own if grid_of(landcover) == grid else grids.align(own, grid)


class Params(Section):
    """Cropland from the classes of a land-cover raster."""

    landcover: str
    classes: Annotated[tuple[Whole, ...], BeforeValidator(one_or_many)] = Field(default=(10,), min_length=1)


def _count(inputs: Inputs, params: Params, ground: Ground) -> Exposed:
    raster = inputs["landcover"]
    assert isinstance(raster, xr.DataArray)
    layer = cropland(raster, ground.grid, classes=params.classes)
    outside = beyond(cropland(raster, grid_of(raster), classes=params.classes), ground.grid)
    return Exposed({"cropland_ha": Counted(layer, scan(layer).total + outside, outside)})


SPEC = ReceptorSpec(
    name="crops",
    counts=(CountSpec("cropland_ha", "cropland"),),
    inputs=(InputSpec("landcover", "layer", "landcover", native=True, note="classes of which some are cropland"),),
    params=Params,
    count=_count,
)
