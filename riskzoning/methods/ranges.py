"""When a range is a range: what every formula asks before it divides by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dask.array as da
import numpy as np
from numpy.typing import ArrayLike

from riskzoning.faces import missing
from riskzoning.layers.numbers import unmasked
from riskzoning.layers.plausible import takes

__all__ = ["spans"]

# Differences this small against the values themselves are the rounding of earlier steps.
_NOISE = 1e-9


@takes()
def spans(low: ArrayLike, high: ArrayLike) -> Any:
    """Whether there is a range between two ends that may be divided by.

    Values that were the same before they were added up, resampled or read from text differ in their last digits. To
    divide by such a range makes 0..1 out of rounding.

    Parameters
    ----------
    low, high : number or array
        Ends of the range, e.g. the smallest and the largest value of an indicator; dask stays lazy.

    Returns
    -------
    bool or array of bool
        True where ``high`` exceeds ``low`` by more than 1e-9 of the larger of their sizes; False where either is NaN.

    Examples
    --------
    >>> spans(0.0, 1e-12), spans(5.0, 5.0 + 1e-12), spans(5.0, 5.1)
    (True, False, True)
    >>> spans([1.0, np.nan], [2.0, 3.0]).tolist()
    [True, False]
    """
    least, most = (
        end if isinstance(end, da.Array) else np.asarray(unmasked(end), dtype=np.float64) for end in (low, high)
    )
    with np.errstate(invalid="ignore"):
        wide = most - least > _NOISE * np.maximum(np.abs(least), np.abs(most))
    return wide if isinstance(wide, da.Array) or np.ndim(wide) else bool(wide)


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
