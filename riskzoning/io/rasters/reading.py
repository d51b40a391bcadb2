"""Raster files as lazy layers: one mask, the units of the quantity, north up; nothing is read until it is computed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pyproj
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.admin import crs_contradiction, suggest_crs
from riskzoning.errors import GridMismatchError, LayerError, Phrase, Problem, UnitsError
from riskzoning.files import existing
from riskzoning.io.rasters.scanning import origin_of, source_note, with_origin
from riskzoning.layers import check_same_grid, describe, layer_on
from riskzoning.rasters.decoding import Decoder, make_decoder
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.gdal import GdalBand, gdal_facts
from riskzoning.rasters.placing import agreed_crs
from riskzoning.rasters.retiling import is_badly_tiled
from riskzoning.rasters.stores import StoreBand, is_store, store_facts
from riskzoning.standards import Quantity

__all__ = ["probe", "read_layer", "read_stack"]

# Cells of a block that is decoded at once; whole tile rows, so that a band of rows decodes nothing twice.
_BLOCK_CELLS = 1 << 22
# The whole world at 10 m has 8e12 cells; more is a damaged header.
_MOST_CELLS = 10**13


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
    return _facts(Path(path), band, variable)[0]


def _facts(path: Path, band: int | str | None, variable: str | None) -> tuple[RasterFacts, list[Problem]]:
    store = is_store(path)
    found = existing(path, what=Phrase("raster_file"), folder=store)
    facts, problems = store_facts(found, variable=variable) if store else gdal_facts(found, band=band)
    _check_size(facts)
    if is_badly_tiled(facts):
        rows, columns = facts.block_shape
        fix = "Save it in tiles for speed (gdal_translate -of COG); a temporary copy in tiles is made now."
        found_text = f"is stored in compressed pieces of {rows} x {columns} cells, each decoded as a whole"
        row = Problem(facts.path, found_text, "tiles of about 512 x 512", fix, rule="layer.tiles", severity="warning")
        problems = [*problems, row]
    return facts, problems


def _check_size(facts: RasterFacts) -> None:
    if facts.cells > _MOST_CELLS:
        raise LayerError(
            Problem(
                facts.path,
                f"says that it has {facts.shape[0]} x {facts.shape[1]} cells",
                f"at most {_MOST_CELLS:.0e} cells",
                "Cut it to the study area first; if it is not that large, its header is damaged: export it again.",
                rule="layer.size",
            )
        )


def read_layer(
    path: str | os.PathLike[str],
    *,
    quantity: str,
    units: str | None = None,
    nodata: float | None = None,
    band: int | str | None = None,
    variable: str | None = None,
    crs: Any = None,
    scale: float | None = None,
    offset: float | None = None,
    name: str | None = None,
    chunks: int | None = None,
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

    Returns
    -------
    DataArray
        dask inside; attribute ``warnings`` lists what is unusual.

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
    wanted = standards.quantity(quantity)
    facts, problems = _facts(Path(path), band, variable)
    grid = GeoBox(facts.shape, facts.transform, _placed(facts, crs))
    factor, more = _unit_factor(facts, quantity, units)
    decoder = make_decoder(
        wanted,
        thing=facts.path,
        stored=np.dtype(facts.dtype),
        nodata=facts.nodata if nodata is None else (*facts.nodata, float(nodata)),
        scale=facts.scale if scale is None else float(scale),
        offset=facts.offset if offset is None else float(offset),
        units=factor,
        valid_range=facts.valid_range,
    )
    data = _blocks(facts, decoder, chunks)
    out = layer_on(grid, data, quantity=quantity, name=name or Path(path).stem, source=Path(path).name)
    warnings = [*problems, *more]
    if warnings:
        out.attrs["warnings"] = warnings
    return with_origin(out, [source_note(facts, decoder)])


def _placed(facts: RasterFacts, declared: Any) -> str:
    """The CRS of the raster, when the size of its coordinates does not contradict it."""
    hint = str(suggest_crs(facts.bounds)) if facts.crs is None and declared is None else ""
    found = agreed_crs(facts.crs, declared, thing=facts.path, raw=facts.crs_raw, hint=hint)
    left, bottom, right, top = facts.bounds
    crs = pyproj.CRS(found)
    box = np.array([[left, bottom, right, top]])
    if crs.is_geographic and max(abs(bottom), abs(top)) <= 91:
        # Worldwide rasters may run beyond 180 degrees; only rows prove degrees or metres.
        return found
    contradiction = crs_contradiction(box, crs)
    if contradiction is not None:
        raise LayerError(contradiction[1].at(facts.path))
    return found


def _unit_factor(facts: RasterFacts, quantity: str, declared: str | None) -> tuple[tuple[float, float], list[Problem]]:
    wanted = standards.quantity(quantity)
    found = facts.units
    problems: list[Problem] = []
    usable = found is not None and standards.unit_factor(found, wanted.units) is not None
    if declared is not None:
        standards.convert_units(1.0, declared, quantity, thing=f"layer '{Path(facts.path).name}'")
        if usable and standards.unit_factor(str(found), wanted.units) != standards.unit_factor(declared, wanted.units):
            problems.append(
                Problem(
                    facts.path,
                    f"says units '{found}' but '{declared}' is declared; the declared ones are used",
                    "one unit",
                    'Check the values, then correct "units:" in study.yaml or the file.',
                    rule="layer.units_conflict",
                    severity="warning",
                )
            )
        return standards.unit_factor(declared, wanted.units) or (1.0, 0.0), problems
    if usable:
        return standards.unit_factor(str(found), wanted.units) or (1.0, 0.0), problems
    if found is not None and wanted.kind != "class":
        problems.append(_strange_unit(facts, found, wanted))
    return (1.0, 0.0), problems


def _strange_unit(facts: RasterFacts, found: str, wanted: Quantity) -> Problem:
    """A unit of another kind is an error; words that are no unit are told, and the quantity's own unit is taken."""
    if standards.is_unit(found) and standards.is_unit(wanted.units):
        raise UnitsError(
            Problem(
                facts.path,
                f"says units '{found}'",
                f"quantity '{wanted.name}' needs '{wanted.units}' or what converts to it",
                'Correct "quantity:", or declare the true "units:" in study.yaml.',
                rule="layer.units",
            )
        )
    return Problem(
        facts.path,
        f"says units '{found}', which is no known unit; its values are taken as '{wanted.units}'",
        f"the unit '{wanted.units}' or one that converts to it",
        'Check the values and declare "units:" in study.yaml.',
        rule="layer.units_unknown",
        severity="warning",
    )


def _blocks(facts: RasterFacts, decoder: Decoder, chunks: int | None) -> da.Array:
    rows, columns = facts.shape
    step = chunks or _block_rows(facts)
    sizes = tuple(min(step, rows - first) for first in range(0, rows, step))
    template = da.empty(facts.shape, chunks=(sizes, (columns,)), dtype=decoder.dtype)
    reader: GdalBand | StoreBand = StoreBand(facts) if facts.variable is not None else GdalBand(facts)
    return da.map_blocks(
        _read_block, template, reader=reader, decoder=decoder, dtype=decoder.dtype, meta=np.empty((0, 0), decoder.dtype)
    )


def _block_rows(facts: RasterFacts) -> int:
    tile = max(1, facts.block_shape[0])
    if tile >= facts.shape[0]:
        tile = 512
    fitting = max(1, _BLOCK_CELLS // max(1, facts.shape[1]))
    return min(facts.shape[0], max(tile, fitting // tile * tile))


def _read_block(block: Any, reader: Any = None, decoder: Any = None, block_info: Any = None) -> np.ndarray[Any, Any]:
    if block_info is None:
        return np.asarray(block)
    (first, last), (left, right) = block_info[0]["array-location"]
    facts: RasterFacts = reader.facts
    turn = facts.orientation
    rows = slice(facts.shape[0] - last, facts.shape[0] - first) if turn.flip_rows else slice(first, last)
    raw, mask = reader.read(rows, slice(left, right))
    return np.asarray(decoder(_turned(raw, turn), None if mask is None else _turned(mask, turn)))


def _turned(values: np.ndarray[Any, Any], turn: Any) -> np.ndarray[Any, Any]:
    if turn.flip_rows:
        values = values[::-1]
    if turn.flip_columns:
        values = values[:, ::-1]
    return np.roll(values, turn.roll, axis=1) if turn.roll else values


def read_stack(
    items: Sequence[tuple[float, Mapping[str, Any]]], *, quantity: str, name: str | None = None
) -> xr.DataArray:
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
        raise LayerError(Problem("stack", "has no raster", "one raster or more", "Name them.", rule="layer.stack"))
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
    warnings = [item for layer in layers for item in layer.attrs.get("warnings", ())]
    if warnings:
        out.attrs["warnings"] = warnings
    return with_origin(out, [note for layer in layers for note in origin_of(layer)])


def _check_next(layers: list[xr.DataArray], layer: xr.DataArray, ordered: Any, period: float, path: Path) -> None:
    before, options = ordered[len(layers) - 1]
    if float(before) == float(period):
        raise LayerError(
            Problem(
                str(path),
                f"has the return period {float(period):g} years, as {Path(options['path']).name}",
                "a return period of its own for each raster",
                "Correct return_period: in study.yaml.",
                rule="layer.return_period",
            )
        )
    try:
        check_same_grid(**{Path(ordered[0][1]["path"]).name: layers[0], path.name: layer})
    except GridMismatchError as error:
        (problem,) = error.problems
        fix = "Bring the rasters of a stack onto one grid first (gdalwarp), or check which file belongs here."
        raise GridMismatchError(Problem(str(path), problem.found, problem.required, fix, rule="layer.stack")) from None
