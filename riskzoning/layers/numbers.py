"""Arguments as numbers."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskzoning.errors import LayerError, Phrase, Problem


def numbers(values: object, *, name: Phrase | str, units: str) -> np.ndarray[Any, Any]:
    """Values as an array of float64; what is no number (text, dates) is told.

    Parameters
    ----------
    values : number, array, list or Series
        None is missing, NaN in the result; a number as text is read, one with its unit beside it is not.
    name : Phrase or str
        The argument, for messages.
    units : str
        The unit in which numbers are wanted.

    Raises
    ------
    LayerError
        A value is no number.

    Examples
    --------
    >>> numbers([0.2, None], name="pga", units="g")
    array([0.2, nan])
    >>> try:
    ...     numbers("0.2g", name="pga", units="g")
    ... except LayerError as error:
    ...     print(error.problems[0].found)
    is or holds what is no number: '0.2g'
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind in "biufOUS":
            return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        # Rows of unequal length make no array of numbers, but one of rows.
        array = np.asarray(values, dtype=object)
    thing = name if isinstance(name, Phrase) else Phrase("argument", name=name)
    shown = [repr(one)[:40] for one in array.ravel().tolist() if not _is_number(one)][:3] or [str(array.dtype)]
    wanted = Phrase("nothing") if units == "1" else Phrase("numbers_in", units=units)
    raise LayerError(Problem("argument.numbers", thing, shown=shown, units=wanted))


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        return value is None
    return True


def unmasked(values: Any) -> Any:
    """Masked arrays, and columns or arrays of objects that are numbers, as floats, NaN where missing; else the same."""
    if isinstance(values, np.ma.MaskedArray):
        return _filled(values)
    if isinstance(values, pd.Series) and (values.dtype.kind == "O" or pd.api.types.is_extension_array_dtype(values)):
        if values.dtype.kind in "bM" or not (pd.api.types.is_numeric_dtype(values) or _all_numbers(values.tolist())):
            return values
        return pd.Series(values.to_numpy(np.float64, na_value=np.nan), index=values.index, name=values.name)
    if isinstance(values, np.ndarray) and values.dtype.kind == "O" and _all_numbers(values.ravel().tolist()):
        return np.where(pd.isna(values), np.nan, values).astype(np.float64)
    if isinstance(values, list | tuple) and any(isinstance(item, np.ma.MaskedArray) for item in values):
        return type(values)(unmasked(item) for item in values)
    return values


def _filled(values: Any) -> np.ndarray[Any, Any]:
    kind = values.dtype.kind
    if kind == "b":
        # What is not known to be so is not so.
        return np.asarray(values.filled(False))
    if kind in "iu":
        return np.asarray(values.astype(np.float64).filled(np.nan))
    if kind in "fM":
        return np.asarray(values.filled(np.nan if kind == "f" else np.datetime64("NaT")))
    return np.asarray(unmasked(np.where(np.ma.getmaskarray(values), None, values.data.astype(object))))


def _all_numbers(items: list[Any]) -> bool:
    known = [item for item in items if item is not None and item is not pd.NA]
    plain = all(isinstance(one, Real | Decimal) and not isinstance(one, bool | np.bool_) for one in known)
    return bool(known) and plain


def limits_like(limits: ArrayLike, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Limits of classes in the float type of the values: 0.15 kept as float32 is the limit 0.15."""
    kind = values.dtype if values.dtype.kind == "f" else np.dtype(np.float64)
    return np.asarray(limits, dtype=kind)
