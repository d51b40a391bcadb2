"""Zonal statistics in one call."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr

from riskzoning.coverage.engine import Coverage
from riskzoning.coverage.sources import Source, open_source
from riskzoning.coverage.table import Rule
from riskzoning.errors import LayerError, Problem
from riskzoning.layers import crs_name

__all__ = ["OverlapWarning", "zonal_statistics"]


class OverlapWarning(UserWarning):
    """Units overlap: each gets its full value, and their sums do not add up to the whole.

    Examples
    --------
    >>> from shapely import box
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> twice = gpd.GeoDataFrame(geometry=[box(0, 0, 200, 200), box(100, 0, 300, 200)], crs="EPSG:4547")
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     _ = zonal_statistics(layer_on(geobox, 1.0, quantity="slope"), twice, ["sum"])
    >>> [str(item.message) for item in caught if item.category is OverlapWarning]
    ['units overlap: each gets ...']
    """


def zonal_statistics(
    layer: xr.DataArray | xr.Dataset | Mapping[Any, xr.DataArray] | str | os.PathLike[str],
    units: gpd.GeoDataFrame,
    statistics: Sequence[str] = ("mean",),
    *,
    weights: xr.DataArray | str | os.PathLike[str] | None = None,
    coverage: Rule = "fraction",
) -> pd.DataFrame:
    """Statistics of a raster inside polygons, each cell with the exact share that the polygon covers.

    Parameters
    ----------
    layer : DataArray, Dataset, mapping or path
        dims ``(y, x)``; several layers as a Dataset, a mapping or a leading dimension are done in one pass. A file is
        streamed. NaN, infinities and declared no-data values are missing.
    units : GeoDataFrame
        Polygons; another CRS is transformed.
    statistics : sequence of str
        ``count`` (sum of coverage fractions of valid cells) ``sum mean min max std var`` (population) ``median majority
        minority variety pNN``.
    weights : DataArray or path, optional
        A layer on the same grid: each cell counts coverage x weight; a cell without a weight is missing.
    coverage : {"fraction", "centre", "touched"}

    Returns
    -------
    DataFrame
        The units' own index; one column a statistic and ``valid_share``, the share of the unit's whole area on valid
        cells; columns ``(layer, statistic)`` for several layers. A unit without a valid cell has NaN and count 0.

    Raises
    ------
    LayerError
        Layer and units do not meet, unknown statistic, unreadable file.
    AdminError
        Units are invalid or no polygons.

    Warns
    -----
    OverlapWarning
        Units overlap: each gets its full value, totals are not additive.

    Examples
    --------
    >>> from shapely import box
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> units = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 150, 100)], crs="EPSG:4547")
    >>> zonal_statistics(layer_on(geobox, [[1.0, 4.0, 9.0]], quantity="slope"), units, ["mean", "sum", "count"])
       mean  sum  count  valid_share
    a   2.0  3.0    1.5          1.0
    """
    source = open_source(layer)
    made = Coverage.from_units(source.grid, units, coverage=coverage)
    _check_meeting(source, units, made)
    if made.overlaps(units):
        text = "units overlap: each gets its full value, and their sums do not add up to the whole"
        warnings.warn(text, OverlapWarning, stacklevel=2)
    return made.statistics(layer, statistics, weights=weights)


def _check_meeting(source: Source, units: gpd.GeoDataFrame, coverage: Coverage) -> None:
    if not len(units) or coverage.table.covered.any() or not coverage.areas.any():
        return
    box = source.grid.boundingbox
    left, bottom, right, top = units.total_bounds
    name = source.file.path if source.file is not None else str(source.names[0])
    raise LayerError(
        Problem(
            f"layer '{name}'",
            f"lies within {box.left:.6g}..{box.right:.6g}, {box.bottom:.6g}..{box.top:.6g} "
            f"({crs_name(source.grid.crs)})",
            f"the place of the units, {left:.6g}..{right:.6g}, {bottom:.6g}..{top:.6g} ({crs_name(units.crs)})",
            "Check the files, their CRS and the order of their axes.",
            rule="zonal.apart",
        )
    )
