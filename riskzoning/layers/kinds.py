"""What to say when a public function stops at an argument of another kind: text for a number, a path for a table."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Iterator, Mapping
from typing import Any, cast

import dask.array as da
import numpy as np
import xarray as xr

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers.numbers import numbers

_NUMBERS = frozenset({"Array", "ArrayLike", "Cells", "float", "int"})
_SEVERAL = frozenset({"Array", "ArrayLike", "Cells", "Sequence", "Series", "tuple"})
# What is no number by its annotation, or is one of several things.
_WORDS = frozenset({"Any", "Axis", "Callable", "Dates", "Literal", "Options", "Rows", "bool", "str"})
# Kinds of values -> how they are called and got.
_KINDS = {
    "GeoBox": "wants_grid",
    "GeoDataFrame": "wants_places",
    "GeoSeries": "wants_places",
    "DataFrame": "wants_table",
    "Dataset": "wants_stations",
    "DataArray": "wants_layer",
    "DatetimeIndex": "wants_dates",
}


def wrong_kinds(signature: inspect.Signature, arguments: Mapping[str, object]) -> list[Problem]:
    """Arguments of another kind than the annotations of a function name; only asked when it has stopped."""
    return [
        problem
        for name, value in arguments.items()
        for problem in _wrong(Phrase("argument", name=name), str(signature.parameters[name].annotation), value)
    ]


def unusable(name: str, arguments: Mapping[str, object], error: Exception) -> list[Problem]:
    """What a function stopped at, where every argument is of a kind that it takes: empty, of another shape, unknown.

    Nothing where it stopped inside a function that was given: what that raises is its own matter.
    """
    own = {value.__code__ for value in arguments.values() if inspect.isfunction(value)}
    if any(frame.f_code in own for frame, _ in traceback.walk_tb(error.__traceback__)):
        return []
    given = [
        Phrase("argument_given", name=key, value=f"{_shown(value)}{_shape(value)}") for key, value in arguments.items()
    ]
    reason = f"{type(error).__name__}: {error}"
    return [Problem("argument.unusable", Phrase("function", name=name), reason=reason[:200], given=given)]


def _shape(value: object) -> str:
    shape = getattr(value, "shape", None)
    return f" {tuple(shape)}" if isinstance(shape, tuple) else ""


def _wrong(thing: Phrase, annotation: str, value: object) -> Iterator[Problem]:
    words = set(re.findall(r"\w+", annotation))
    if value is None and "None" in words:
        return
    if "Mapping" in words and isinstance(value, Mapping):
        for part in value.values() if words & _NUMBERS else ():
            # A mapping of mappings has its numbers one step further in.
            if not isinstance(part, Mapping):
                yield from _no_numbers(thing, part)
        return
    wanted = _wanted(words, value)
    if wanted:
        yield Problem("argument.kind", thing, shown=_shown(value), wanted=Phrase(wanted))
    elif words & _NUMBERS and not words & _WORDS:
        yield from _no_numbers(thing, value)


def _wanted(words: set[str], value: object) -> str | None:
    """What the words of an annotation ask for, where the value is clearly something else."""
    if "Mapping" in words:
        return "wants_mapping"
    if "Callable" in words and not callable(value):
        return "wants_function"
    if words & {kind.__name__ for kind in type(value).__mro__}:
        return None
    if words & _WORDS:
        return "wants_name" if words & {"Literal", "str"} and isinstance(value, list | dict | set) else None
    kind = next((name for kind, name in _KINDS.items() if kind in words), None)
    several = bool(words & _SEVERAL)
    if kind is None and words & _NUMBERS and (value is None or (np.ndim(cast(Any, value)) > 0 and not several)):
        return "wants_number"
    return kind


def _no_numbers(thing: Phrase, value: object) -> Iterator[Problem]:
    if isinstance(value, xr.DataArray):
        value = value.data
    if isinstance(value, da.Array):
        return
    try:
        numbers(value, name=thing, units="1")
    except LayerError as error:
        yield from error.problems


def _shown(value: object) -> str:
    return repr(value)[:40] if isinstance(value, str | int | float | list | tuple) else type(value).__name__
