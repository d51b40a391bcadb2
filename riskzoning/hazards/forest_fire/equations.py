"""The equations of single days of the fire weather index as xclim has them: the one place that reaches behind its face.

xclim publishes the whole system only, series by series. Its equations of a day take all series at once, thirty times as
fast where series have gaps of their own. They are private: a version that has not exactly these is told by their names
and arguments, and the public function does the work.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from riskzoning.hazards.cells import Array

_MODULE = "xclim.indices.fire._cffwis"
_ARGUMENTS = {
    "_fine_fuel_moisture_code": ("t", "p", "w", "h", "ffmc0"),
    "_duff_moisture_code": ("t", "p", "h", "mth", "lat", "dmc0"),
    "_drought_code": ("t", "p", "mth", "lat", "dc0"),
}


class DayEquations(NamedTuple):
    """The three codes of a day from its weather and the code of the day before; arrays that broadcast."""

    ffmc: Callable[..., Array]
    dmc: Callable[..., Array]
    dc: Callable[..., Array]


def day_equations(module: str = _MODULE) -> DayEquations | None:
    """The equations of a day, or None where this xclim has others than are known here."""
    try:
        home = importlib.import_module(module)
    except ImportError:
        return None
    equations = [getattr(home, name, None) for name in _ARGUMENTS]
    if all(_takes(equation, names) for equation, names in zip(equations, _ARGUMENTS.values())):
        for equation in equations:
            # Compiled once for all runs; where numba has no such way, or no place to keep them, they are compiled anew.
            with suppress(AttributeError, RuntimeError):
                equation._dispatcher.enable_caching()  # type: ignore[union-attr]
        return DayEquations(*equations)  # type: ignore[arg-type]
    return None


def _takes(equation: object, names: tuple[str, ...]) -> bool:
    if not callable(equation):
        return False
    try:
        return tuple(inspect.signature(equation).parameters) == names
    except (TypeError, ValueError):
        return False
