"""From statistics of classes to a score in every cell: look up, add up, fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeAlias

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers import check_same_grid, describe
from riskzoning.layers.numbers import limits_like, unmasked
from riskzoning.layers.plausible import takes
from riskzoning.methods.susceptibility.counting import check_shapes

Array: TypeAlias = NDArray[Any]

_SMALL_CODES = 1 << 16


@takes()
def combine_certainty(first: ArrayLike, *others: ArrayLike) -> Any:
    """Certainty factors of several factors folded into one, in the order given; -1..1.

    Both >= 0: ``x + y - xy``; both < 0: ``x + y + xy``; mixed: ``(x+y) / (1 - min(|x|, |y|))``. A certain yes
    with a certain no is undefined: 0, with a warning. NaN in any factor gives NaN.

    Parameters
    ----------
    first, *others : number, array or layer
        Values -1..1 of the same shape or grid.

    Raises
    ------
    GridMismatchError
        Two layers lie on different grids.

    Examples
    --------
    >>> round(float(combine_certainty(0.292413, -0.601487)), 6)
    -0.4368
    """
    layers = [item for item in (first, *others) if isinstance(item, xr.DataArray)]
    if len(layers) > 1 and all({"y", "x"} <= set(layer.dims) for layer in layers):
        check_same_grid(**{f"factor {i + 1}": layer for i, layer in enumerate(layers)})
    result = first
    for other in others:
        if layers:
            result = xr.apply_ufunc(
                combined, result, other, dask="parallelized", output_dtypes=[np.float64], keep_attrs=True
            )
        else:
            result = combined(result, other)
    return result


def combined(x: ArrayLike, y: ArrayLike) -> Any:
    """Two certainty factors as one."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    least = np.minimum(np.abs(x), np.abs(y))
    undefined = (x * y < 0) & (least >= 1)
    if undefined.any():
        note(Problem("susceptibility.undefined", Phrase("certainty_factors"), severity="warning"))
    mixed = (x + y) / np.where(least >= 1, 1.0, 1 - least)
    same = np.where(x >= 0, x + y - x * y, x + y + x * y)
    result = np.where((x >= 0) == (y >= 0), same, np.where(undefined, 0.0, mixed))
    result = np.where(np.isnan(x) | np.isnan(y), np.nan, result)
    return result if result.ndim else float(result)


@takes()
def score_classes(
    values: ArrayLike, scheme: Literal["certainty", "probability"], *, breaks: Sequence[float] | None = None
) -> Any:
    """Five classes of a combined certainty factor or of a probability, 1 极低 .. 5 极高.

    Parameters
    ----------
    values : number, array or layer
        -1..1, or 0..1; numpy or dask.
    scheme : {"certainty", "probability"}
        Limits of ``methods/susceptibility``: -.5, 0, .3, .6 or .2, .4, .6, .8; a limit belongs to the higher class.
    breaks : sequence of float, optional
        Other limits, e.g. quantiles of the study.

    Returns
    -------
    number, array or layer
        1..5; 0 where the value is missing.

    Raises
    ------
    LayerError
        The scheme is unknown.

    Examples
    --------
    >>> score_classes(np.array([-0.51, -0.5, 0.0, 0.3, 0.6, np.nan]), "certainty").tolist()
    [1, 2, 3, 4, 5, 0]
    """
    table = standards.table("methods/susceptibility").data["classes"]
    if breaks is None and scheme not in table:
        thing = Phrase("parameter", name="scheme")
        raise LayerError(Problem("susceptibility.scheme", thing, scheme=scheme, known=list(table)))
    limits = np.asarray(table[scheme] if breaks is None else breaks, dtype=np.float64)
    if not isinstance(values, xr.DataArray):
        out = _classed(np.asarray(values), limits=limits)
        return out if out.ndim else int(out)
    layer = xr.apply_ufunc(
        partial(_classed, limits=limits), values, dask="parallelized", output_dtypes=[np.uint8], keep_attrs=False
    )
    return describe(layer, quantity="grade", like=values)


def _classed(values: Array, *, limits: Array) -> Array:
    place = np.searchsorted(limits_like(limits, values), values, side="right")
    return np.where(np.isfinite(values), place + 1, 0).astype(np.uint8)


@takes()
def score(classes: ArrayLike, values: Mapping[Any, float] | pd.Series, *, quantity: str = "information_value") -> Any:
    """The value of its class in every cell: a class layer turned into scores.

    Parameters
    ----------
    classes : layer or array
        Class codes; numpy or dask, and the result is the same.
    values : mapping or Series
        Code -> value, e.g. ``information_value(...)["information_value"]``.
    quantity : str
        Quantity of the result, when ``classes`` is a layer.

    Returns
    -------
    layer or array
        float64; NaN where the code is not in ``values`` (no data, or a class that was never seen).

    Examples
    --------
    >>> score(np.array([1, 2, 0]), {1: -0.5, 2: 1.25}).tolist()
    [-0.5, 1.25, nan]
    """
    codes, numbers = _code_table(values)
    if isinstance(classes, xr.DataArray):
        out = xr.apply_ufunc(
            _look_up,
            classes,
            kwargs={"codes": codes, "numbers": numbers},
            dask="parallelized",
            output_dtypes=[np.float64],
        )
        return describe(out, quantity=quantity, like=classes)
    if isinstance(classes, da.Array):
        lazy: Any = classes
        return lazy.map_blocks(_look_up, codes=codes, numbers=numbers, dtype=np.float64)
    return _look_up(np.asarray(classes), codes=codes, numbers=numbers)


def _code_table(values: Mapping[Any, float] | pd.Series) -> tuple[Any, Any]:
    """Codes in ascending order and their values."""
    pairs = sorted((float(code), float(value)) for code, value in dict(values).items())
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


def _look_up(block: Array, *, codes: Array, numbers: Array) -> Any:
    """Values of the codes in a block; small codes through a table, others by search."""
    if codes.size == 0:
        return np.full(block.shape, np.nan)
    integral = np.issubdtype(block.dtype, np.integer) or block.dtype == bool
    if integral and block.dtype.itemsize <= 2 and codes.min() >= 0 and codes.max() < _SMALL_CODES:
        table = np.full(_SMALL_CODES, np.nan)
        whole = codes == np.rint(codes)
        table[codes[whole].astype(np.intp)] = numbers[whole]
        low = int(np.min(block, initial=0))
        return table[block] if low >= 0 else np.where(block >= 0, table[np.maximum(block, 0)], np.nan)
    place = np.minimum(np.searchsorted(codes, block), codes.size - 1)
    return np.where(codes[place] == block, numbers[place], np.nan)


@takes()
def total_score(
    classes: Mapping[str, ArrayLike],
    values: Mapping[str, Mapping[Any, float] | pd.Series],
    *,
    weights: Mapping[str, float] | None = None,
    required: Sequence[str] = (),
) -> Any:
    """Sum of the scores of all factors: ``I = sum I_k``, or ``sum w_k I_k`` with weights (加权信息量).

    Where a factor has no value, the sum of the others is scaled up by the missing weight.

    Parameters
    ----------
    classes : mapping factor -> class layer or array
        On one grid, or of one shape; numpy or dask.
    values : mapping factor -> mapping code -> value
        For every factor of ``classes``.
    weights : mapping factor -> weight, optional
        Sum 1; without them every factor counts 1.
    required : sequence of str
        Factors without which there is no result.

    Returns
    -------
    layer or array
        float64, quantity ``information_value``; NaN where a required factor, or every factor, is missing. A class with
        minus infinity (``floor=None``) gives minus infinity.

    Raises
    ------
    LayerError
        A factor lacks its values or weight, or the weights do not sum to 1.
    GridMismatchError
        The layers lie on different grids.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> slope = layer_on(geobox, np.array([[1, 2]], dtype="uint8"), quantity="mask")
    >>> rock = layer_on(geobox, np.array([[1, 0]], dtype="uint8"), quantity="lithology")
    >>> tables = {"slope": {1: -0.4, 2: 0.3}, "rock": {1: 0.2}}
    >>> total_score({"slope": slope, "rock": rock}, tables).values.round(6).tolist()
    [[-0.2, 0.6]]
    """
    factors = list(classes)
    shares = _checked_weights(factors, values, weights)
    layers = {name: _held(classes[name]) for name in factors}
    check_shapes(layers)
    tables = [_code_table(values[name]) for name in factors]
    need = [name in required for name in factors]
    out = xr.apply_ufunc(
        partial(_weighted_sum, tables=tables, shares=shares, need=need),
        *layers.values(),
        dask="parallelized",
        output_dtypes=[np.float64],
        join="override",
        keep_attrs=False,
    )
    first = classes[factors[0]]
    return describe(out, quantity="information_value", like=first) if isinstance(first, xr.DataArray) else out


def _held(codes: ArrayLike) -> Any:
    """A layer or lazy array as it is, anything else as an array; what is masked has no class."""
    return codes if isinstance(codes, xr.DataArray | da.Array) else np.asarray(unmasked(codes))


def _weighted_sum(*blocks: Array, tables: Sequence[tuple[Array, Array]], shares: Array, need: list[bool]) -> Any:
    total, present = np.zeros(blocks[0].shape), np.zeros(blocks[0].shape)
    lost = np.zeros(blocks[0].shape, dtype=bool)
    for block, (codes, numbers), share, needed in zip(blocks, tables, shares, need):
        value = _look_up(block, codes=codes, numbers=numbers)
        valid = ~np.isnan(value)
        total += np.where(valid, share * value, 0.0)
        present += share * valid
        if needed:
            lost |= ~valid
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(lost | (present <= 0), np.nan, total * (float(np.sum(shares)) / present))


def _checked_weights(factors: list[str], values: Mapping[str, object], weights: Mapping[str, float] | None) -> Any:
    lacking = [name for name in factors if name not in values or (weights is not None and name not in weights)]
    if lacking:
        raise LayerError(Problem("susceptibility.factors", Phrase("factors"), names=lacking))
    if not factors:
        raise LayerError(Problem("susceptibility.no_factor", Phrase("factors")))
    if weights is None:
        return np.ones(len(factors))
    shares = np.array([float(weights[name]) for name in factors])
    if not np.all(np.isfinite(shares)) or np.any(shares < 0) or abs(shares.sum() - 1) > 1e-6:
        raise LayerError(Problem("weights.sum", Phrase("factor_weights"), total=shares.sum()))
    return shares
