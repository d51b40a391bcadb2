"""Raster files as lazy layers: one mask, the units of the quantity, north up; nothing is read until it is computed."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import dask.array as da
import numpy as np
import pyproj
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.admin import crs_contradiction, suggest_crs
from riskzoning.errors import GridMismatchError, LayerError, Phrase, Problem, UnitsError, note
from riskzoning.io.rasters.scanning import Origin, origin_of, with_origin
from riskzoning.layers import describe, grid_difference, grid_of, layer_on
from riskzoning.layers.decoding import Decoder, make_decoder
from riskzoning.rasters.blocks import decoded_blocks
from riskzoning.rasters.decided import decision, record
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.opening import raster_facts
from riskzoning.rasters.placing import CRSLike, agreed_crs
from riskzoning.standards import Quantity

# A return period in years and the options of `read_layer` with `path`.
Item: TypeAlias = tuple[float, Mapping[str, Any]]


def probe(path: str | os.PathLike[str], *, band: int | str | None = None, variable: str | None = None) -> RasterFacts:
    """Facts of a raster file without reading its values.

    Raises
    ------
    LayerError
        Missing, empty, not a raster, rotated, no such band or variable.

    Examples
    --------
    >>> try:
    ...     probe("no-such.tif")
    ... except LayerError as error:
    ...     print(error.problems[0].rule)
    file.missing
    """
    return raster_facts(Path(path), band=band, variable=variable)[0]


def read_layer(
    path: str | os.PathLike[str],
    *,
    quantity: str,
    units: str | None = None,
    nodata: float | None = None,
    band: int | str | None = None,
    variable: str | None = None,
    crs: CRSLike | None = None,
    scale: float | None = None,
    offset: float | None = None,
    name: str | None = None,
    chunks: int | None = None,
    dry_is_nodata: bool = False,
) -> xr.DataArray:
    """A raster file as a lazy layer ``(y, x)`` in the units of its quantity.

    GeoTIFF and whatever else GDAL reads, NetCDF (CF), Zarr. Declared and undeclared no-data values, mask bands, alpha,
    NaN and infinities become one mask: NaN, or 0 for classes. Rows come north up, longitudes within -180..180.

    Parameters
    ----------
    path : path
    quantity : str
        A quantity of the vocabulary; classes stay integers.
    units : str, optional
        Unit of the values in the file; default: what the file says, else the quantity's own.
    nodata : float, optional
        A further value that means no data, as stored.
    band, variable : optional
        Which band of a GeoTIFF, which variable of a NetCDF.
    crs : optional
        CRS of a file that has none.
    scale, offset : float, optional
        Instead of the file's own.
    name : str, optional
        Name of the layer; default the file's stem.
    chunks : int, optional
        Rows of a block.
    dry_is_nodata : bool
        No data means dry ground, a value of 0, as most flood models write it.

    Returns
    -------
    DataArray
        dask inside. What is unusual about the file and what was decided about it is noted.

    Raises
    ------
    MissingCRSError, UnitsError, LayerError
        With the file, what was found and what to do.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> layer = read_layer(sample_study().parent / "elevation.tif", quantity="elevation", units="m")
    >>> layer.dims, layer.attrs["units"], layer.odc.crs.to_epsg()
    (('y', 'x'), 'm', 4490)
    """
    facts, problems = raster_facts(Path(path), band=band, variable=variable)
    placed = _placed(facts, crs)
    grid = GeoBox(facts.shape, facts.transform, placed)
    factor, more = _unit_factor(facts, quantity, units)
    decoder = make_decoder(standards.quantity(quantity), facts, nodata=nodata, scale=scale, offset=offset, units=factor)
    if dry_is_nodata:
        decoder = _with_dry_ground(decoder, quantity)
    told = decision(facts, decoder)
    for problem in [*problems, *more, *([told] if told else [])]:
        note(problem)
    record(facts, decoder, crs=placed, factor=factor, declared=units)
    data = decoded_blocks(facts, decoder, chunks)
    out = layer_on(grid, data, quantity=quantity, name=name or Path(path).stem, source=Path(path).name)
    return with_origin(out, [Origin(facts, decoder)])


def _with_dry_ground(decoder: Decoder, quantity: str) -> Decoder:
    """The decoder with 0 where there is no data, for quantities of which nothing is 0."""
    facts = standards.quantity(quantity)
    if not facts.negative_is_nodata:
        known = [name for name in standards.table("quantities").data if standards.quantity(name).negative_is_nodata]
        raise LayerError(Problem("layer.dry_quantity", decoder.thing, quantity=quantity, known=known))
    return dataclasses.replace(decoder, absent=0.0)


def _placed(facts: RasterFacts, declared: CRSLike | None) -> str:
    """The CRS of the raster, when the size of its coordinates does not contradict it."""
    hint = suggest_crs(facts.bounds) if facts.crs is None and declared is None else ""
    name = agreed_crs(facts.crs, declared, thing=facts.path, raw=facts.crs_raw, hint=hint)
    left, bottom, right, top = facts.bounds
    crs = pyproj.CRS(name)
    box = np.array([[left, bottom, right, top]])
    if crs.is_geographic and max(abs(bottom), abs(top)) <= 91:
        # Worldwide rasters may run beyond 180 degrees; only rows prove degrees or metres.
        return name
    contradiction = crs_contradiction(box, crs)
    if contradiction is not None:
        raise LayerError(contradiction[1].at(facts.path))
    return name


def _unit_factor(facts: RasterFacts, quantity: str, declared: str | None) -> tuple[tuple[float, float], list[Problem]]:
    wanted = standards.quantity(quantity)
    own = facts.units
    factor = None if own is None else standards.unit_factor(own, wanted.units)
    if declared is not None:
        standards.convert_units(1.0, declared, quantity, thing=f"layer '{Path(facts.path).name}'")
        asked = standards.unit_factor(declared, wanted.units) or (1.0, 0.0)
        if factor is not None and factor != asked:
            conflict = Problem("layer.units_conflict", facts.path, severity="warning", units=own, declared=declared)
            return asked, [conflict]
        return asked, []
    if factor is not None:
        return factor, []
    if own is not None and wanted.kind != "class":
        return (1.0, 0.0), [_strange_unit(facts, own, wanted)]
    return (1.0, 0.0), []


def _strange_unit(facts: RasterFacts, units: str, wanted: Quantity) -> Problem:
    """A unit of another kind is an error; words that are no unit are told, and the quantity's own unit is taken."""
    if standards.is_unit(units) and standards.is_unit(wanted.units):
        raise UnitsError(Problem("raster.units", facts.path, units=units, quantity=wanted.name, wanted=wanted.units))
    return Problem("layer.units_unknown", facts.path, severity="warning", units=units, wanted=wanted.units)


def read_stack(items: Sequence[Item], *, quantity: str, name: str | None = None) -> xr.DataArray:
    """Rasters of several return periods as one lazy layer ``(return_period, y, x)``, ascending.

    Parameters
    ----------
    items : sequence of (return period in years, options of :func:`read_layer` with ``path``)
    quantity : str

    Raises
    ------
    LayerError
        A return period occurs twice, or there is none.
    GridMismatchError
        Two files lie on different grids; names both.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> folder = sample_study().parent / "flood"
    >>> items = [(100, {"path": folder / "depth_T100.tif"}), (5, {"path": folder / "depth_T005.tif"})]
    >>> read_stack(items, quantity="flood_depth").return_period.values.tolist()
    [5.0, 100.0]
    """
    if not items:
        raise LayerError(Problem("layer.stack_empty", Phrase("raster_stack")))
    ordered = sorted(items, key=lambda item: float(item[0]))
    layers: list[xr.DataArray] = []
    for period, given in ordered:
        options = {**given, "quantity": quantity}
        path = options.pop("path")
        layer = read_layer(path, **options)
        if layers:
            _check_next(layers, layer, ordered, period, Path(path))
        layers.append(layer)
    grid = layers[0].odc.geobox
    out = layer_on(
        grid,
        da.stack([layer.data for layer in layers]),
        quantity=quantity,
        return_periods=[float(period) for period, _ in ordered],
        name=name or quantity,
        source=", ".join(str(layer.attrs["source"]) for layer in layers),
    )
    out = describe(out, quantity=quantity, like=out)
    return with_origin(out, [origin for layer in layers for origin in origin_of(layer)])


def _check_next(
    layers: list[xr.DataArray], layer: xr.DataArray, ordered: Sequence[Item], period: float, path: Path
) -> None:
    before, options = ordered[len(layers) - 1]
    if float(before) == float(period):
        other = Path(options["path"]).name
        raise LayerError(Problem("layer.stack_period", str(path), period=float(period), other=other))
    difference = grid_difference(grid_of(layer), grid_of(layers[0]))
    if difference is not None:
        first = Path(ordered[0][1]["path"]).name
        raise GridMismatchError(Problem("layer.stack", str(path), difference=difference, first=first))
