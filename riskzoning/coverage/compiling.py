"""One spelling of the numba options: kernels release the interpreter lock and stay compiled on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# Sums may be reordered (so that loops become vector code); NaN and infinity keep their meaning.
_REORDERED = {"reassoc", "contract", "nsz"}


def compiled(function: Function) -> Function:
    """The function as machine code with strict floating-point order."""
    return cast(Function, numba.njit(function, cache=True, nogil=True))


def vectorised(function: Function) -> Function:
    """The function as machine code whose sums may be reordered into vector lanes."""
    return cast(Function, numba.njit(function, cache=True, nogil=True, fastmath=_REORDERED))
