"""Arguments of public functions through the checks of a run: unit, undeclared fill values, plausible range."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr
from pyproj.exceptions import CRSError

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, RiskZoningError, UnitsError, note
from riskzoning.layers.decoding import Seen, make_decoder
from riskzoning.layers.kinds import unusable, wrong_kinds
from riskzoning.layers.memory import Declared, undeclared_problems, without_fill
from riskzoning.layers.numbers import numbers, unmasked

P = ParamSpec("P")
R = TypeVar("R")
V = TypeVar("V")
_settled: contextvars.ContextVar[bool] = contextvars.ContextVar("riskzoning_settled", default=False)


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """What functions are given while the block runs has passed the checks already, or was computed from what had.

    Examples
    --------
    >>> with settled():
    ...     plausible(200.0, "flood_depth", name="depth")
    200.0
    """
    token = _settled.set(True)
    try:
        yield
    finally:
        _settled.reset(token)


def is_settled() -> bool:
    """Whether what functions are given now has passed the checks already.

    Examples
    --------
    >>> is_settled()
    False
    """
    return _settled.get()


# What a function stops with at an argument that it cannot take.
_STOPS = (
    ArithmeticError, AssertionError, AttributeError, CRSError, LookupError, NotImplementedError, TypeError, ValueError
)  # fmt: skip


def plausible(values: V, quantity: str, *, name: Phrase | str, below_is_missing: bool = False) -> V:
    """Values of a quantity as a run would take them, in their own container; the same object where nothing is to do.

    A layer with another unit is refused. Values that producers write for "no data" become NaN, with a word; others
    beyond the range of the quantity are refused, or warned about where the range is a soft one. Lazy values are looked
    at when they are computed, not before.

    Parameters
    ----------
    values : number, array, list, Series or DataArray
    quantity : str
    name : Phrase or str
        The argument, for messages.
    below_is_missing : bool
        Whether values below the range stand for missing ones, as the function says.

    Raises
    ------
    LayerError, UnitsError

    Examples
    --------
    >>> plausible([0.5, 2.0], "flood_depth", name="depths")
    [0.5, 2.0]
    >>> try:
    ...     plausible([50.0, 200.0], "flood_depth", name="depths")
    ... except LayerError as error:
    ...     print(error.problems[0].rule)
    argument.range
    """
    if _settled.get() or values is None:
        return values
    if isinstance(values, list | tuple) and any(isinstance(item, xr.DataArray | da.Array) for item in values):
        parts = [plausible(item, quantity, name=name, below_is_missing=below_is_missing) for item in values]
        return type(values)(parts)
    thing = name if isinstance(name, Phrase) else Phrase("argument", name=name)
    facts = standards.quantity(quantity)
    if isinstance(values, xr.DataArray):
        _check_unit(values, facts, thing)
        if values.chunks is not None:
            lazy = without_fill(values, quantity=quantity)
            return lazy.copy(data=_later(lazy.data, facts, thing, below_is_missing))  # type: ignore[return-value]
    if isinstance(values, da.Array):
        return _later(values, facts, thing, below_is_missing)
    if facts.kind == "class":
        return values
    array = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan) if _is_masked(values) else np.asarray(values)
    if array.dtype.kind not in "biuf":
        array = numbers(values, name=thing, units=facts.units)
        values = _like(values, array)
    if array.dtype.kind == "b":
        return values
    seen = Seen()
    declared = Declared(path=thing, dtype="float64")
    clean = make_decoder(facts, declared).held(array.astype(np.float64, copy=False), seen)
    low = facts.hard[0] if facts.hard and below_is_missing else -np.inf
    for problem in undeclared_problems((value for value in seen.taken if value >= low), thing):
        note(problem.at(fix=Phrase("argument_fix_missing")))
    _check_range(clean, facts, thing, below_is_missing=below_is_missing)
    return values if not seen.taken else _like(values, clean)


def _later(values: Any, facts: standards.Quantity, thing: Phrase, below_is_missing: bool) -> Any:
    """Lazy values whose range is looked at, block by block, when they are computed."""
    if values.dtype.kind not in "iuf" or facts.kind == "class" or facts.hard is None:
        return values
    look: Any = da.map_blocks
    return look(_looked_at, values, facts, thing, below_is_missing, dtype=values.dtype, meta=values._meta)


def _looked_at(
    block: np.ndarray[Any, Any], facts: standards.Quantity, thing: Phrase, below_is_missing: bool
) -> np.ndarray[Any, Any]:
    _check_range(block, replace(facts, soft=None), thing, below_is_missing=below_is_missing)
    return block


def _is_masked(values: object) -> bool:
    return isinstance(values, np.ma.MaskedArray)


def _like(values: Any, clean: np.ndarray[Any, Any]) -> Any:
    """Cleaned values in the container of the given ones."""
    if isinstance(values, xr.DataArray):
        return values.copy(data=clean)
    if isinstance(values, pd.Series):
        return pd.Series(clean, index=values.index, name=values.name)
    return clean if np.ndim(values) else float(clean)


def _check_unit(layer: xr.DataArray, facts: standards.Quantity, thing: Phrase) -> None:
    units = layer.attrs.get("units")
    if units is not None and standards.unit_factor(str(units), facts.units) != (1.0, 0.0):
        given: dict[str, Any] = {"units": str(units), "wanted": facts.units, "quantity": facts.name}
        raise UnitsError(Problem("argument.units", thing, **given))


def _check_range(
    values: np.ndarray[Any, Any], facts: standards.Quantity, thing: Phrase, *, below_is_missing: bool
) -> None:
    good = values[np.isfinite(values)]
    if not good.size:
        return
    least, most = float(good.min()), float(good.max())
    for limits, hard in ((facts.hard, True), (facts.soft, False)):
        if limits is None or (most <= limits[1] and (least >= limits[0] or below_is_missing)):
            continue
        hint = facts.beyond if most > limits[1] else Phrase("nothing")
        # A number without a unit is not to be converted.
        rule = "argument.range_pure" if facts.units == "1" else "argument.range"
        problem = Problem(
            rule, thing, severity="error" if hard else "warning", minimum=least, maximum=most,
            quantity=facts.name, low=limits[0], high=limits[1], units=facts.units, hint=hint,
        )  # fmt: skip
        if hard:
            raise LayerError(problem)
        note(problem)
        return


def takes(*below_is_missing: str, **quantities: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A public function whose arguments are of these quantities; they pass :func:`plausible` before it runs.

    Masked arrays and arrays of objects come to it as floats, their missing entries NaN. Where it stops at an argument
    of another kind (text for a number, a path for a table), that is told.

    Parameters
    ----------
    *below_is_missing : str
        Arguments whose values below the range stand for missing ones.
    **quantities : str
        Argument -> quantity.

    Examples
    --------
    >>> @takes(depth="flood_depth")
    ... def doubled(depth):
    ...     return 2 * depth
    >>> doubled(1.5)
    3.0
    """

    def wrapped(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            if _settled.get():
                return function(*args, **kwargs)
            bound = signature.bind(*args, **kwargs)
            for name, value in bound.arguments.items():
                bound.arguments[name] = unmasked(value)
            for name, quantity in quantities.items():
                if name in bound.arguments:
                    lenient = name in below_is_missing
                    value = bound.arguments[name]
                    bound.arguments[name] = plausible(value, quantity, name=name, below_is_missing=lenient)
            try:
                return function(*bound.args, **bound.kwargs)
            except RiskZoningError:
                raise
            except _STOPS as error:
                wrong = wrong_kinds(signature, bound.arguments) or unusable(function.__name__, bound.arguments, error)
                if not wrong:
                    raise
                raise LayerError(problems=wrong) from error

        return checked

    return wrapped
