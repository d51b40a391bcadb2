"""Stability of classes: how often a cell or a unit has its grade among all draws."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import numba
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.layers import check_same_grid, describe
from riskzoning.layers.plausible import takes
from riskzoning.methods.classification.schemes import Closed, check_closed
from riskzoning.methods.uncertainty.draws import CONCENTRATION, Draws, draw

Array = np.ndarray[Any, Any]
Floats = NDArray[np.float64]
Combination = Literal["weighted_sum", "weighted_product"]
# Cells that a thread takes at a time: their counts stay in the cache, results do not depend on it.
_BLOCK = 16_384
# Sums of the same numbers in another order differ by so much: a value on a break stays in its class.
_ROUNDING = 1e-12
_QUANTITIES = {"modal_grade": "risk_grade", "probability": "grade_probability", "entropy": "grade_entropy"}
_TYPES = (np.uint8, np.float32, np.float32)
compiled: Callable[..., Any] = numba.njit(nogil=True, cache=True)
# The least index of a product, as in ``risk.combine_hazards``.
_FLOOR = 0.01


@takes()
def stability(
    indices: Mapping[str, Any] | xr.Dataset | pd.DataFrame,
    draws: Draws,
    *,
    closed: Closed = "right",
    method: Combination = "weighted_sum",
    workers: int | None = None,
) -> Any:
    """Modal grade, its probability and the entropy of grades for each cell or unit (等级稳定性).

    Parameters
    ----------
    indices : mapping name -> layer or array, Dataset, or DataFrame of units
        0..1, those that ``draws`` names. One that is NaN is left out there and its weight shared among the others; NaN
        where all are.
    draws : Draws
        From :func:`draw`.
    closed : {"right", "left"}
        The class of a value that is equal to a break: the lower or the higher one.
    method : {"weighted_sum", "weighted_product"}
        How the indices are combined; a product takes max(x, 0.01).
    workers : int, optional
        Threads, for values in memory; default: cores of the machine.

    Returns
    -------
    Dataset of layers, or DataFrame for a table
        ``modal_grade`` (uint8, 1..k, 0 = no data; of two grades as frequent the more severe one), ``probability`` of it
        (float32, 0..1) and ``entropy`` (float32, 0 = one grade only, 1 = all equally often; in units of ln k). Lazy for
        lazy layers. Maps hatch what is below a probability of 0.6.

    Raises
    ------
    ConfigError
        An index that ``draws`` names is missing, or an unknown option.

    Examples
    --------
    >>> from riskzoning.methods.uncertainty import draw
    >>> units = pd.DataFrame({"flood": [0.9, 0.5], "geology": [0.8, 0.26]}, index=["410702", "410703"])
    >>> draws = draw({"flood": 0.5, "geology": 0.5}, [0.2, 0.4, 0.6, 0.8, 1.0], n=500)
    >>> stability(units, draws)[["modal_grade", "probability"]].round(2)
            modal_grade  probability
    410702            5         1.00
    410703            2         0.89
    """
    arrays, like = _operands(indices, draws)
    options = _options(draws, closed, method)
    if isinstance(like, xr.DataArray):
        return _of_layers(arrays, options, workers, draws=draws.n, method=method)
    columns = dict(zip(_QUANTITIES, _summaries(arrays, options, workers), strict=True))
    if like is None:
        return xr.Dataset({name: (_dims(part), part) for name, part in columns.items()})
    return pd.DataFrame(columns, index=like)


@takes()
def class_stability(
    indices: Mapping[str, Any] | xr.Dataset | pd.DataFrame,
    weights: Mapping[str, float] | pd.Series,
    breaks: ArrayLike,
    *,
    draws: int = 1000,
    concentration: float = CONCENTRATION,
    seed: int,
) -> xr.Dataset:
    """Stability of grades when the weights are not sure, in one call: :func:`draw`, then :func:`stability`.

    Parameters
    ----------
    indices : mapping name -> layer or array, Dataset, or DataFrame of units
        0..1; NaN as for :func:`stability`.
    weights : mapping name -> weight
        Sum 1; each draw is of a Dirichlet distribution around them.
    breaks : sequence of float
        Upper bounds of the classes, ascending; they do not vary.
    draws : int
        Number of draws.
    concentration : float
        The larger, the less the weights vary; infinity: not at all.
    seed : int
        The same seed gives the same result.

    Returns
    -------
    Dataset
        ``modal_grade`` (1..k, 0 = no data), ``probability`` of it (0..1), ``entropy`` (0..1): on the grid of layers
        or along the index of units.

    Raises
    ------
    ConfigError
        Weights that do not sum to 1, breaks that do not ascend, an index without values.

    Examples
    --------
    >>> units = pd.DataFrame({"flood": [0.9, 0.5], "geology": [0.8, 0.26]}, index=["410702", "410703"])
    >>> made = class_stability(units, {"flood": 0.5, "geology": 0.5}, [0.2, 0.4, 0.6, 0.8, 1.0], draws=500, seed=0)
    >>> made["modal_grade"].values.tolist(), [round(float(one), 2) for one in made["probability"]]
    ([5, 2], [1.0, 0.89])
    """
    made = stability(indices, draw(weights, breaks, n=draws, concentration=concentration, seed=seed))
    return made if isinstance(made, xr.Dataset) else xr.Dataset.from_dataframe(made)


@takes()
def grade_probabilities(
    units: pd.DataFrame, draws: Draws, *, closed: Closed = "right", method: Combination = "weighted_sum"
) -> pd.DataFrame:
    """Probability of every grade for each unit: columns 1..k, rows sum to 1; NaN where no index has a value.

    Parameters
    ----------
    units : DataFrame
        Columns: the indices, 0..1; others are not looked at.
    draws, closed, method
        As :func:`stability`.

    Examples
    --------
    >>> from riskzoning.methods.uncertainty import draw
    >>> units = pd.DataFrame({"flood": [0.9], "geology": [0.1]}, index=["410702"])
    >>> grade_probabilities(units, draw({"flood": 0.5, "geology": 0.5}, [0.5, 1.0], n=1000)).round(1)
             1    2
    410702  0.5  0.5
    """
    arrays, like = _operands(units, draws)
    options = _options(draws, closed, method)
    counts = _counted(np.stack([np.asarray(part, dtype=np.float64) for part in arrays], axis=-1), options)
    shares = counts / draws.n
    shares[counts.sum(axis=1) == 0] = np.nan
    return pd.DataFrame(shares, index=like, columns=range(1, draws.classes + 1))


@takes()
def stability_table(made: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The stability of units as one tidy table: ``code hazard modal_grade probability entropy``.

    Parameters
    ----------
    made : mapping hazard -> DataFrame
        What :func:`stability` gives for the units (index ``code``) of each hazard, or of all together.

    Examples
    --------
    >>> from riskzoning.methods.uncertainty import draw
    >>> units = pd.DataFrame({"flood": [0.9, 0.1]}, index=["410702", "410703"])
    >>> stability_table({"flood": stability(units, draw({"flood": 1.0}, [0.5, 1.0], n=10))})
         code hazard  modal_grade  probability  entropy
    0  410702  flood            2          1.0      0.0
    1  410703  flood            1          1.0      0.0
    """
    parts = [frame.rename_axis("code").reset_index().assign(hazard=hazard) for hazard, frame in made.items()]
    columns = ["code", "hazard", "modal_grade", "probability", "entropy"]
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True)[columns]
    # 0.699 of four bytes is 0.69900000095 in eight: a workbook and a database show what the CSV does.
    for name in ("probability", "entropy"):
        table[name] = table[name].astype(str).astype(np.float64)
    return table


class _Options:
    """Draws as the kernel takes them: a product is a sum of logarithms."""

    def __init__(self, draws: Draws, closed: Closed, method: Combination) -> None:
        self.product = method == "weighted_product"
        self.left = closed == "left"
        bounds, factors = draws.bounds, draws.factors
        if self.product:
            with np.errstate(divide="ignore"):
                bounds = np.log(np.maximum(bounds, 0.0))
            factors = None if factors is None else np.log(factors)
        step = -_ROUNDING if self.left else _ROUNDING
        with np.errstate(invalid="ignore"):
            self.bounds = np.ascontiguousarray(np.where(np.isfinite(bounds), bounds + step * np.abs(bounds), bounds))
        self.weights = np.ascontiguousarray(draws.weights)
        self.factors = np.empty((0, 0)) if factors is None else np.ascontiguousarray(factors)

    def ready(self, values: Floats) -> Floats:
        """Values (cells, indices) as the kernel takes them."""
        good = np.where(np.isfinite(values), values, np.nan)
        return np.ascontiguousarray(np.log(np.maximum(good, _FLOOR)) if self.product else good)


def _options(draws: Draws, closed: Closed, method: Combination) -> _Options:
    check_closed(closed)
    known = ("weighted_sum", "weighted_product")
    if method not in known:
        raise ConfigError(Problem("risk.combination", Phrase("parameter", name="method"), method=method, known=known))
    return _Options(draws, closed, method)


def _operands(indices: Mapping[str, Any] | xr.Dataset | pd.DataFrame, draws: Draws) -> tuple[list[Any], Any]:
    """The indices in the order of the draws, and what the result is like: a layer, an index of units, or nothing."""
    missing = [name for name in draws.names if name not in indices]
    if missing:
        given = [str(name) for name in indices if str(name) != "spatial_ref"]
        raise ConfigError(Problem("uncertainty.indices", Phrase("risk_indices"), missing=missing, given=given))
    parts: list[Any] = [indices[name] for name in draws.names]
    if isinstance(parts[0], xr.DataArray):
        check_same_grid(**dict(zip(draws.names, parts, strict=True)))
        return parts, parts[0]
    if isinstance(parts[0], pd.Series):
        frame = pd.DataFrame(dict(zip(draws.names, parts, strict=True)))
        return [frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in draws.names], frame.index
    return [np.asarray(part, dtype=np.float64) for part in parts], None


def _summaries(arrays: Sequence[Array], options: _Options, workers: int | None) -> tuple[Array, ...]:
    """Modal grade, probability and entropy of each cell, block by block; nothing holds all cells by all draws."""
    threads = workers or os.cpu_count() or 1
    shape = np.broadcast_shapes(*(np.shape(values) for values in arrays))
    flat = [np.broadcast_to(values, shape).reshape(-1) for values in arrays]
    out = tuple(np.empty(flat[0].size, dtype) for dtype in _TYPES)

    def one(first: int) -> None:
        rows = slice(first, first + _BLOCK)
        block = np.stack([part[rows] for part in flat], axis=-1).astype(np.float64)
        for target, made in zip(out, _summarised(_counted(block, options)), strict=True):
            target[rows] = made

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(0, flat[0].size, _BLOCK)))
    return tuple(part.reshape(shape) for part in out)


def _of_layers(layers: Sequence[xr.DataArray], options: _Options, workers: int | None, **attrs: Any) -> xr.Dataset:
    lazy = any(layer.chunks is not None for layer in layers)

    def block(*values: Array) -> tuple[Array, ...]:
        # The threads of lazy layers are those of the scheduler.
        return _summaries(values, options, 1 if lazy else workers)

    made = xr.apply_ufunc(
        block, *layers, output_core_dims=[[]] * len(_TYPES), dask="parallelized", output_dtypes=list(_TYPES),
        join="override",
    )  # fmt: skip
    pairs = zip(_QUANTITIES.items(), made, strict=True)
    return xr.Dataset(
        {name: describe(part, quantity=quantity, like=layers[0], **attrs) for (name, quantity), part in pairs}
    )


def _dims(part: Array) -> tuple[str, ...]:
    return tuple(f"dim_{axis}" for axis in range(part.ndim))


def _counted(block: Floats, options: _Options) -> NDArray[np.int32]:
    """Draws in each class, (cells, classes)."""
    classes = len(options.bounds) + 1
    counts = np.zeros((len(block), classes), np.int32)
    _count(
        options.ready(block), options.weights, options.bounds, options.factors, options.product, options.left, counts
    )
    return counts


def _summarised(counts: NDArray[np.int32]) -> tuple[Array, Array, Array]:
    """Modal grade, its probability, entropy in units of ln k; 0 and NaN where nothing was counted."""
    n, classes = counts.sum(axis=1), counts.shape[1]
    some = n > 0
    # The last of equal maxima: the more severe one.
    modal = classes - 1 - np.argmax(counts[:, ::-1], axis=1)
    shares = counts / np.where(some, n, 1)[:, None]
    best = np.where(some, shares[np.arange(len(counts)), modal], np.nan)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    entropy = -(shares * logs).sum(axis=1) / (np.log(classes) if classes > 1 else 1.0)
    return np.where(some, modal + 1, 0).astype(np.uint8), best, np.where(some, np.maximum(entropy, 0.0), np.nan)


@compiled
def _add(total, w, x, factors, product):  # type: ignore[no-untyped-def]
    """Add a weighted index to the sum of every draw; without factors it is the same in all."""
    top = 0.0 if product else 1.0
    if len(factors) == 0:
        for d in range(len(total)):
            total[d] += w[d] * x
    elif product:
        for d in range(len(total)):
            total[d] += w[d] * min(x + factors[d], top)
    else:
        for d in range(len(total)):
            total[d] += w[d] * min(x * factors[d], top)


@compiled
def _combined(values, weights, factors, product, total, weight):  # type: ignore[no-untyped-def]
    """The combined index of a cell in every draw, into ``total``; whether there is any."""
    total[:] = 0.0
    known, some = 0, False
    for name in range(len(values)):
        if np.isnan(values[name]):
            continue
        known += 1
        # A weight is above 0 in every draw or in none; without weight nothing is known.
        some = some or weights[name, 0] > 0
        _add(total, weights[name], values[name], factors[name] if len(factors) else weights[name][:0], product)
    if some and known < len(values):
        weight[:] = 0.0
        for name in range(len(values)):
            if not np.isnan(values[name]):
                for d in range(len(total)):
                    weight[d] += weights[name, d]
        for d in range(len(total)):
            total[d] /= weight[d]
    return some


@compiled
def _higher(total, limits, left):  # type: ignore[no-untyped-def]
    """In how many draws the index lies above the break."""
    count = 0
    if left:
        for d in range(len(total)):
            count += total[d] >= limits[d]
    else:
        for d in range(len(total)):
            count += total[d] > limits[d]
    return count


@compiled
def _count(values, weights, bounds, factors, product, left, counts):  # type: ignore[no-untyped-def]
    """Count the draws of each cell by class; what runs over the draws becomes vector code."""
    n = weights.shape[1]
    total, weight = np.empty(n), np.empty(n)
    for cell in range(len(values)):
        if not _combined(values[cell], weights, factors, product, total, weight):
            continue
        above = n
        for k in range(len(bounds)):
            higher = _higher(total, bounds[k], left)
            counts[cell, k] = above - higher
            above = higher
        counts[cell, len(bounds)] = above
