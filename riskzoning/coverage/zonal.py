"""Zonal statistics in one call."""

from __future__ import annotations

import os
from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import shapely
import xarray as xr

from riskzoning import standards
from riskzoning.coverage.adding import BLOCK
from riskzoning.coverage.engine import Coverage, check_weights
from riskzoning.coverage.sources import Layers, Source, open_source
from riskzoning.coverage.table import Rule, on_grid, window_of
from riskzoning.errors import LayerError, Phrase, Problem, RiskZoningWarning, decided, note
from riskzoning.layers import crs_name

# The class of every warning of the package; that of overlapping units has the rule ``zonal.overlap``.
OverlapWarning = RiskZoningWarning


def zonal_statistics(
    layer: Layers,
    units: gpd.GeoDataFrame,
    statistics: Sequence[str] = ("mean",),
    *,
    weights: xr.DataArray | str | os.PathLike[str] | None = None,
    coverage: Rule = "fraction",
    crs: str | None = None,
) -> pd.DataFrame:
    """Statistics of a raster inside polygons, each cell with the exact share that the polygon covers.

    Parameters
    ----------
    layer : DataArray, Dataset, mapping or path
        dims ``(y, x)``; several layers as a Dataset, a mapping or a leading dimension are done in one pass. A file is
        streamed and decoded as :func:`riskzoning.io.read_layer` does for a quantity without a plausible range: mask,
        alpha, scale, declared no-data values, and undeclared ones such as -9999, which are told. Of a layer in memory,
        NaN, infinities and the fill values that its attributes declare are missing.
    units : GeoDataFrame
        Polygons; another CRS is transformed.
    statistics : sequence of str
        ``count`` (sum of coverage fractions of valid cells) ``sum mean min max std var`` (population) ``median majority
        minority variety pNN``.
    weights : DataArray or path, optional
        A layer on the same grid: each cell counts coverage x weight; a cell without a weight is missing.
    coverage : {"fraction", "centre", "touched"}
    crs : str, optional
        CRS of a file that states none, e.g. ``EPSG:4490``.

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
    RiskZoningWarning
        Rule ``zonal.overlap``: units overlap; each gets its full value, totals are not additive. Rule ``layer.nodata``:
        values of a file were taken as no data though it does not declare them. Rule ``zonal.density``: the sum of a
        layer whose quantity is a density was asked for.

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
    source = open_source(layer, crs=crs)
    weighing = None if weights is None else open_source(weights)
    placed = on_grid(units, source.grid)
    # Only the rows and columns of the units are read; whole blocks, so that sums have the same bits.
    window = window_of(placed, source.grid, BLOCK)
    part = source if window is None else source.within(*window)
    if window is not None and source.file is not None:
        rows, columns = window
        decided(source.file.path, "window", f"{rows.start}:{rows.stop}, {columns.start}:{columns.stop}", "units")
    if weighing is not None and window is not None:
        check_weights(weighing, source.grid)
        weighing = weighing.within(*window)
    made = Coverage.from_units(part.grid, placed, coverage=coverage)
    _check_meeting(source, units, made)
    if made.overlaps(placed):
        note(Problem("zonal.overlap", Phrase("units"), severity="warning"))
    if "sum" in statistics and weights is None:
        _tell_sums_of_densities(source)
    return made.statistics(part, statistics, weights=weighing)


def _tell_sums_of_densities(source: Source) -> None:
    """A density adds up to no amount; files state no quantity."""
    known = standards.table("quantities").data
    for name, layer in source.arrays.items():
        facts = known.get(layer.attrs.get("quantity", ""), {})
        if facts.get("kind") == "density":
            about = Phrase("layer", name=str(name))
            note(Problem("zonal.density", about, severity="warning", units=facts["units"]))


def _check_meeting(source: Source, units: gpd.GeoDataFrame, coverage: Coverage) -> None:
    if not len(units) or coverage.table.covered.any() or not coverage.areas.any():
        return
    box = source.grid.boundingbox
    left, bottom, right, top = units.total_bounds
    name = source.file.path if source.file is not None else str(source.names[0])
    raise LayerError(
        Problem(
            "zonal.apart",
            Phrase("layer", name=name),
            extent=[f"{value:.6g}" for value in (box.left, box.bottom, box.right, box.top)],
            crs=crs_name(source.grid.crs),
            place=[f"{value:.6g}" for value in (left, bottom, right, top)],
            units_crs=crs_name(units.crs),
            units=Phrase("the_units"),
            hint=Phrase("apart_turned" if _meet_when_turned(source, units) else "apart_check"),
        )
    )


def _meet_when_turned(source: Source, units: gpd.GeoDataFrame) -> bool:
    """Whether the units lie on the layer when their first coordinate is taken for the second."""
    left, bottom, right, top = units.total_bounds
    if units.crs.is_geographic and max(abs(left), abs(right)) > 90:
        return False
    turned = gpd.GeoSeries([shapely.box(bottom, left, top, right)], crs=units.crs).to_crs(str(source.grid.crs))
    return bool(turned.intersects(source.grid.extent.geom).all())
