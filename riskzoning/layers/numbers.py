"""Arguments as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

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
