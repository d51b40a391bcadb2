"""What a quantity is, and which units become which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from riskzoning.errors import Phrase, Problem, StandardTableError, UnitsError
from riskzoning.standards.tables import near_names, table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr

Values = TypeVar("Values", float, "pd.Series", "pd.DataFrame", "xr.DataArray", "np.ndarray[Any, np.dtype[Any]]")


@dataclass(frozen=True)
class Quantity:
    """What a quantity is: kind, unit, plausible range, names.

    ``kind`` is one of ``count intensity density index class distance direction``. Outside ``hard`` a value is an error,
    outside ``soft`` a warning.

    Examples
    --------
    >>> quantity("population").kind, quantity("population").units
    ('count', 'person')
    """

    name: str
    kind: Literal["count", "intensity", "density", "index", "class", "distance", "direction"]
    units: str
    zh: str
    en: str
    hard: tuple[float, float] | None = None
    soft: tuple[float, float] | None = None
    hint: str = ""
    negative_is_nodata: bool = False


def quantity(name: str) -> Quantity:
    """The quantity of that name from the vocabulary.

    Raises
    ------
    StandardTableError
        When the vocabulary does not have it.

    Examples
    --------
    >>> quantity("flood_depth").hard
    (0.0, 30.0)
    """
    entries = table("quantities").data
    if name not in entries:
        near = near_names(name, entries)
        raise StandardTableError(
            Problem("standards.quantity", Phrase("quantity", name=name), count=len(entries), near=near)
        )
    entry = dict(entries[name])
    for key in ("hard", "soft"):
        if key in entry:
            low, high = entry[key]
            entry[key] = (float(low), float(high))
    return Quantity(name=name, **entry)


def unit_factor(found: str, wanted: str) -> tuple[float, float] | None:
    """Factor and offset that turn a value in unit ``found`` into ``wanted``; None when that is impossible.

    Examples
    --------
    >>> unit_factor("cm", "m"), unit_factor("K", "degC"), unit_factor("kg", "m")
    ((0.01, 0.0), (1.0, -273.15), None)
    """
    entry = table("units")
    aliases = entry.info["aliases"]
    given, needed = (aliases.get(text.strip(), text.strip()) for text in (found, wanted))
    if given == needed:
        return 1.0, 0.0
    pair = entry.data.get(needed, {}).get(given)
    return None if pair is None else (float(pair[0]), float(pair[1]))


def is_unit(text: str) -> bool:
    """Whether a text names a unit of measure that the table of units knows; words and plain numbers are none.

    Examples
    --------
    >>> is_unit("cm"), is_unit("metres"), is_unit("persons in the cell"), is_unit("1")
    (True, True, False, False)
    """
    entry = table("units")
    name = entry.info["aliases"].get(text.strip(), text.strip())
    return name != "1" and any(name == wanted or name in known for wanted, known in entry.data.items())


def convert_units(values: Values, found: str, quantity_name: str, *, thing: Phrase | str) -> Values:
    """Values in the unit of the quantity; works on arrays, layers and tables, lazily when they are lazy.

    Raises
    ------
    UnitsError
        When the declared unit cannot become the quantity's unit; names ``thing``.

    Examples
    --------
    >>> convert_units(150.0, "cm", "flood_depth", thing="layer 'depth'")
    1.5
    """
    wanted = quantity(quantity_name).units
    pair = unit_factor(found, wanted)
    if pair is None:
        known = sorted(table("units").data.get(wanted, {wanted: None}))
        raise UnitsError(
            Problem("standards.units", thing, units=found, wanted=wanted, quantity=quantity_name, known=known)
        )
    factor, offset = pair
    if factor == 1.0 and offset == 0.0:
        return values
    return values * factor + offset if offset else values * factor
