"""From a count layer to its density and to an exposure index 0..1: on a fixed scale, or with a frozen reference."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, StandardTableError, note
from riskzoning.layers import check_layer, describe, grid_of, scan
from riskzoning.layers.plausible import takes
from riskzoning.methods.ranges import spans

Array = np.ndarray[Any, Any]
Method = Literal["log_minmax", "percentile"]

_M2_PER_KM2 = 1e6
_BINS = 65536
_BAND = 512


@takes()
def density(counts: xr.DataArray) -> xr.DataArray:
    """Count per km2 of cell area, e.g. persons/km2 from persons.

    Parameters
    ----------
    counts : DataArray
        A count layer (``population``, ``gdp``, ``building_area`` ...), ``(y, x)``. NaN stays NaN.

    Returns
    -------
    DataArray
        Quantity ``<count>_density``.

    Raises
    ------
    LayerError
        When the quantity of the layer is no count, or has no density in the vocabulary.

    Examples
    --------
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 1000, 500), crs="EPSG:4547", resolution=500)
    >>> people = density(layer_on(geobox, np.array([[100.0, np.nan]]), quantity="population"))
    >>> people.values.tolist(), people.attrs["units"]
    ([[400.0, nan]], 'person/km2')
    """
    quantity = _count_quantity(counts)
    name = f"{quantity}_density"
    if name not in standards.table("quantities").data:
        raise LayerError(Problem("exposure.density", _thing(counts), quantity=quantity))
    area = grids.cell_area(grid_of(counts))
    out = counts / (area / _M2_PER_KM2).data
    return describe(out, quantity=name, like=counts)


def _thing(counts: xr.DataArray) -> Phrase:
    return Phrase("layer", name=str(counts.name or counts.attrs.get("quantity") or "counts"))


def _count_quantity(counts: xr.DataArray) -> str:
    check_layer(counts, name=str(counts.name or "counts"))
    quantity = str(counts.attrs.get("quantity", ""))
    known = standards.table("quantities").data
    if quantity not in known or known[quantity]["kind"] != "count":
        raise LayerError(Problem("exposure.count", _thing(counts), quantity=quantity))
    return quantity


@takes()
def exposure_reference(counts: xr.DataArray, *, method: Method | None = None) -> dict[str, Any]:
    """What the exposure index is measured against, from one study area; store it to keep years comparable.

    Parameters
    ----------
    counts : DataArray
        A count layer; read once or twice, in bands of rows.
    method : {"log_minmax", "percentile"}, optional
        Default of the table ``exposure/index``.

    Returns
    -------
    dict
        Ready for JSON: ``method``, ``quantity``, and ``low`` and ``high`` (smallest and largest count) or ``counts``
        and ``shares`` (quantiles of the cells above 0).

    Raises
    ------
    LayerError
        When no cell has a value, or the layer is no count.

    Examples
    --------
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> exposure_reference(layer_on(geobox, np.array([[0.0, 9.0, np.nan]]), quantity="population"))
    {'method': 'log_minmax', 'quantity': 'population', 'low': 0.0, 'high': 9.0}
    """
    quantity = _count_quantity(counts)
    method = standards.table("exposure/index").data["method"] if method is None else method
    _check_method(method)
    facts = scan(counts, name=quantity)
    if not facts.valid:
        raise LayerError(Problem("exposure.no_values", _thing(counts)))
    out: dict[str, Any] = {"method": method, "quantity": quantity}
    if method == "log_minmax":
        return out | {"low": max(facts.minimum, 0.0), "high": max(facts.maximum, 0.0)}
    steps = int(standards.table("exposure/index").data["quantiles"])
    values, shares = _quantiles(counts, facts.maximum, steps)
    return out | {"counts": values, "shares": shares}


def _check_method(method: str) -> None:
    if method not in ("log_minmax", "percentile"):
        raise LayerError(Problem("exposure.method", Phrase("parameter", name="method"), method=method))


def _quantiles(counts: xr.DataArray, largest: float, steps: int) -> tuple[list[float], list[float]]:
    """Counts and the share of the cells above 0 that have at most that count, ascending in both."""
    top = np.log1p(max(largest, 0.0))
    tally = np.zeros(_BINS, dtype=np.int64)
    if top > 0:
        for first in range(0, counts.sizes["y"], _BAND):
            band = np.asarray(counts.isel(y=slice(first, first + _BAND)).to_numpy(), dtype=np.float64)
            band = band[np.isfinite(band) & (band > 0)]
            tally += np.bincount(np.minimum(np.log1p(band) / top * _BINS, _BINS - 1).astype(np.int64), minlength=_BINS)
    if not tally.any():
        return [0.0], [0.0]
    share = np.cumsum(tally) / tally.sum()
    at = np.unique(np.searchsorted(share, np.arange(1, steps + 1) / steps - 1e-12))
    upper = np.expm1((at + 1) / _BINS * top)
    return [0.0, *upper.tolist()], [0.0, *share[at].tolist()]


@takes()
def exposure_index(
    counts: xr.DataArray,
    *,
    method: Method | None = None,
    reference: Mapping[str, Any] | tuple[float, float] | None = None,
) -> xr.DataArray:
    """Exposure index 0..1 (暴露度指数) of one receptor: larger where more is exposed.

    ``log_minmax``: (ln(1 + x) - ln(1 + low)) / (ln(1 + high) - ln(1 + low)). ``percentile``: share of the exposed cells
    (x > 0) of the reference that hold at most x; 0 where nothing is. Receptors keep indices of their own: persons and
    money are never added.

    Parameters
    ----------
    counts : DataArray
        A count layer, numpy or dask. NaN stays NaN.
    method : {"log_minmax", "percentile"}, optional
        Default: that of the reference, else of the table ``exposure/index``.
    reference : mapping or (low, high), optional
        From :func:`exposure_reference`, or the smallest and largest count for ``log_minmax``; without it the layer is
        its own reference, which reads it. Values beyond the reference give 0 or 1.

    Returns
    -------
    DataArray
        float64; lazy when the input is lazy. 0 everywhere, with a warning, for a constant reference.

    Raises
    ------
    LayerError
        When the reference was made from another quantity or by another method.

    Examples
    --------
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    >>> people = layer_on(geobox, np.array([[0.0, 9.0, 99.0, np.nan]]), quantity="population")
    >>> exposure_index(people).values.round(6).tolist()
    [[0.0, 0.5, 1.0, nan]]
    """
    quantity = _count_quantity(counts)
    if reference is None:
        reference = exposure_reference(counts, method=method)
    elif not isinstance(reference, Mapping):
        low, high = reference
        reference = {"method": "log_minmax", "quantity": quantity, "low": low, "high": high}
    _check_reference(reference, quantity, method)
    if reference["method"] == "log_minmax":
        low, high = (float(np.log1p(float(reference[key]))) for key in ("low", "high"))
        if not spans(low, high):
            note(Problem("exposure.constant", Phrase("layer", name=quantity), severity="warning"))
        kernel = partial(_scaled_logarithm, low=low, high=high)
    else:
        values, shares = (np.asarray(reference[key], dtype=np.float64) for key in ("counts", "shares"))
        kernel = partial(_rank, counts=np.log1p(values), shares=shares)
    out = xr.apply_ufunc(kernel, counts, dask="parallelized", output_dtypes=[np.float64])
    return describe(out, quantity="exposure_index", like=counts, receptor=quantity)


def _check_reference(reference: Mapping[str, Any], quantity: str, method: str | None) -> None:
    _check_method(str(reference.get("method")))
    for what, given, wanted in (
        ("quantity", reference.get("quantity", quantity), quantity),
        ("method", reference["method"], reference["method"] if method is None else method),
    ):
        if given != wanted:
            thing = Phrase("exposure_reference")
            raise LayerError(Problem("exposure.reference", thing, what=what, given=given, wanted=wanted))


def _scaled_logarithm(values: Array, *, low: float, high: float) -> Array:
    values = np.asarray(values, dtype=np.float64)
    missing = ~np.isfinite(values)
    index = np.zeros(values.shape)
    if spans(low, high):
        index = np.clip((np.log1p(np.where(missing, 0.0, np.maximum(values, 0.0))) - low) / (high - low), 0.0, 1.0)
    return np.where(missing, np.nan, index)


def _rank(values: Array, *, counts: Array, shares: Array) -> Array:
    values = np.asarray(values, dtype=np.float64)
    missing = ~np.isfinite(values)
    rank = np.interp(np.log1p(np.where(missing, 0.0, np.maximum(values, 0.0))), counts, shares)
    return np.where(missing, np.nan, rank)


Density = TypeVar("Density", xr.DataArray, pd.Series, NDArray[Any])


@takes()
def scaled_exposure(density: Density, receptor: str) -> Density:
    """Exposure index 0..1 (暴露度指数) of a density on the fixed scale of its receptor.

    E = ln(1 + x / x0) / ln(1 + xref / x0), 1 from xref on: nothing there is exactly 0, and the minimum and maximum of a
    study play no part.

    Parameters
    ----------
    density : DataArray, Series or array
        Per km2: persons, yuan, m2 of floor, ha of crops, km of roads; negative counts as 0, NaN stays NaN. Lazy layers
        stay lazy.
    receptor : str
        ``population economy buildings crops roads public_services``; x0 and xref are in the table ``exposure/scales``.

    Raises
    ------
    StandardTableError
        The receptor has no scale, or one that does not rise.

    Examples
    --------
    >>> scaled_exposure(np.array([0.0, 100.0, 20000.0, 50000.0]), "population").round(4)
    array([0.    , 0.3155, 1.    , 1.    ])
    """
    scales = standards.table("exposure/scales").data
    entry = scales.get(receptor)
    if entry is None:
        raise StandardTableError(Problem("exposure.scale", Phrase("receptor", name=receptor), known=sorted(scales)))
    low, full = float(entry["low"]), float(entry["full"])
    if not 0 < low < full < np.inf:
        raise StandardTableError(Problem("exposure.scale_order", Phrase("receptor", name=receptor), low=low, full=full))

    def scaled(values: NDArray[Any]) -> NDArray[Any]:
        values = np.asarray(values, dtype=np.float64)
        index = np.log1p(np.clip(values, 0.0, full) / low) / np.log1p(full / low)
        return np.where(np.isfinite(values), index, np.nan)

    if isinstance(density, xr.DataArray):
        index = xr.apply_ufunc(scaled, density, dask="parallelized", output_dtypes=[np.float64])
        return describe(index, quantity="exposure_index", like=density, receptor=receptor)
    if isinstance(density, pd.Series):
        return pd.Series(scaled(density.to_numpy()), index=density.index, name=density.name)
    return scaled(density)
