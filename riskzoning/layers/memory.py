"""Layers in memory through the decisions of files: what their attributes declare, and what nobody declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import dask
import numpy as np
import xarray as xr

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.layers.decoding import Decoder, Seen, make_decoder

Array = np.ndarray[Any, Any]
_FILL_KEYS = ("_FillValue", "missing_value", "nodata")
_RANGE_KEYS = ("valid_range", "valid_min", "valid_max")
_OWN_KEYS = (*_FILL_KEYS, *_RANGE_KEYS, "scale_factor", "add_offset", "_Unsigned")


@dataclass(frozen=True)
class Declared:
    """What the attributes of a layer in memory say about its numbers."""

    path: Phrase | str
    dtype: str
    nodata: tuple[float, ...] = ()
    scale: float = 1.0
    offset: float = 0.0
    valid_range: tuple[float, float] | None = None


def without_fill(
    layer: xr.DataArray, *, quantity: str | None = None, name: str | None = None, seen: Seen | None = None
) -> xr.DataArray:
    """The layer with one mark for missing, as a file would be read: NaN, or 0 for classes; lazy stays lazy.

    Missing are the fill values and what lies beyond the valid range that its attributes declare, and the undeclared
    values that producers write for "no data"; ``scale_factor`` and ``add_offset`` among the attributes are applied.
    Attributes speak of the values as they are; what stands in ``encoding`` speaks of values before they were decoded
    and counts for nothing here.

    Parameters
    ----------
    layer : DataArray
        The same object comes back where there is nothing to do.
    quantity : str, optional
        Default: that of the layer; its plausible range says which values cannot be values.
    name : str, optional
        For messages.
    seen : Seen, optional
        Takes the values that were taken as no data undeclared; default: they are noted, where the layer is not lazy.

    Examples
    --------
    >>> from riskzoning import grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = grid.analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> layer = layer_on(geobox, [[1.0, -9999.0, 3.0]], quantity="elevation", missing_value=[-9999.0, 1e20])
    >>> without_fill(layer).values
    array([[ 1., nan,  3.]])
    """
    decoder = decoder_of(layer, quantity=quantity, name=name)
    if decoder is None:
        return layer
    met = seen or Seen()
    data: Any = layer.data
    if dask.is_dask_collection(data):  # type: ignore[attr-defined]
        data = data.map_blocks(_decoded, decoder=decoder, dtype=decoder.dtype, meta=np.empty((0,) * data.ndim))
    else:
        data = decoder.held(np.asarray(data), met)
        if data is layer.data and not set(_OWN_KEYS) & set(layer.attrs):
            return layer
    if seen is None:
        for problem in undeclared_problems(met.taken, decoder.thing):
            note(problem)
    out = layer.copy(data=data)
    out.attrs = {key: value for key, value in layer.attrs.items() if key not in _OWN_KEYS}
    return out


def _decoded(block: Array, decoder: Decoder) -> Array:
    return decoder.held(block).astype(decoder.dtype, copy=False)


def decoder_of(layer: xr.DataArray, *, quantity: str | None = None, name: str | None = None) -> Decoder | None:
    """How the numbers of a layer in memory become values; None where they are values whatever they are.

    Examples
    --------
    >>> decoder_of(xr.DataArray([1.0], attrs={"_FillValue": -1})).inside
    (-1.0,)
    """
    dtype = layer.dtype
    if dtype.kind not in "iuf":
        return None
    unsigned = str(layer.attrs.get("_Unsigned", "")).lower() == "true" and dtype.kind == "i"
    nodata = numbers_of(layer.attrs, *_FILL_KEYS)
    if unsigned:
        nodata = tuple(value + 2.0 ** (8 * dtype.itemsize) if value < 0 else value for value in nodata)
    declared = Declared(
        path=Phrase("layer", name=str(name or layer.name or layer.attrs.get("quantity") or "unnamed")),
        dtype=str(dtype),
        nodata=tuple(value for value in nodata if np.isfinite(value) and _fits(value, dtype)),
        scale=next(iter(numbers_of(layer.attrs, "scale_factor")), 1.0),
        offset=next(iter(numbers_of(layer.attrs, "add_offset")), 0.0),
        valid_range=valid_limits(layer.attrs),
    )
    facts = _quantity_of(layer, quantity)
    if facts is not None and facts.kind == "class":
        if dtype.kind == "f":
            facts = replace(facts, kind="intensity")
        else:
            return replace(make_decoder(facts, declared), dtype=str(dtype))
    decoder = make_decoder(facts, declared)
    return decoder if dtype.kind == "f" or _has_work(decoder, dtype) else None


def _quantity_of(layer: xr.DataArray, quantity: str | None) -> standards.Quantity | None:
    """The quantity of the values, when they are in its unit: only then its range says what they cannot be."""
    wanted = quantity or str(layer.attrs.get("quantity") or "")
    if not wanted or (not quantity and wanted not in standards.table("quantities").data):
        return None
    facts = standards.quantity(wanted)
    units = layer.attrs.get("units")
    return facts if units is None or standards.unit_factor(str(units), facts.units) == (1.0, 0.0) else None


def _has_work(decoder: Decoder, dtype: np.dtype[Any]) -> bool:
    """Whether an integer type can hold anything that is not a value as it stands."""
    limits = np.iinfo(dtype)
    linear = decoder.factor != 1.0 or decoder.offset != 0.0
    held = any(_fits(value, dtype) for value in (*decoder.inside, *decoder.outside))
    cut = limits.min < decoder.lowest or limits.max > decoder.highest
    return bool(linear or held or cut or (decoder.negative_is_nodata and limits.min < 0))


def _fits(value: float, dtype: np.dtype[Any]) -> bool:
    """Whether a cell of this type can hold the value."""
    if dtype.kind not in "iu":
        return dtype.kind == "f"
    limits = np.iinfo(dtype)
    return value == round(value) and limits.min <= value <= limits.max


def numbers_of(attrs: Mapping[Any, Any], *keys: str) -> tuple[float, ...]:
    """Numbers under some attributes, each once; text that is no number is left out.

    Examples
    --------
    >>> numbers_of({"missing_value": [-9999, 1e20], "nodata": "none"}, "missing_value", "nodata")
    (-9999.0, 1e+20)
    """
    return tuple(dict.fromkeys(number for key in keys for number in _numbers(attrs.get(key))))


def _numbers(given: object) -> Iterator[float]:
    """Numbers of an attribute, which may hold one, several or none."""
    for value in np.ravel(np.asarray(given)) if given is not None else ():
        try:
            yield float(value)
        except (TypeError, ValueError):
            continue


def valid_limits(attrs: Mapping[Any, Any]) -> tuple[float, float] | None:
    """Numbers beyond are missing: ``valid_range``, or ``valid_min`` and ``valid_max``.

    Examples
    --------
    >>> valid_limits({"valid_min": 0})
    (0.0, inf)
    """
    both = list(_numbers(attrs.get("valid_range")))
    if len(both) == 2:
        return both[0], both[1]
    low, high = numbers_of(attrs, "valid_min"), numbers_of(attrs, "valid_max")
    if not low and not high:
        return None
    return (low[0] if low else -np.inf), (high[0] if high else np.inf)


def undeclared_problems(values: Iterable[float], thing: Phrase | str) -> list[Problem]:
    """The warnings that values were taken as no data though nothing declares them.

    Examples
    --------
    >>> [problem.rule for problem in undeclared_problems([-9999.0, 1e308], "dem.tif")]
    ['layer.nodata', 'layer.beyond']
    """
    huge = float(standards.table("formats/nodata").data["huge"])
    every = sorted(values)
    rows = {"layer.nodata": [v for v in every if abs(v) < huge], "layer.beyond": [v for v in every if abs(v) >= huge]}
    return [
        Problem(rule, thing, severity="warning", numbers=[f"{value:g}" for value in numbers], limit=huge)
        for rule, numbers in rows.items()
        if numbers
    ]
