"""What a quantity is, and which units become which."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from riskzoning.errors import LayerError, Phrase, Problem, StandardTableError, UnitsError
from riskzoning.standards.tables import near_names, table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr

# The palette of every risk, from blue to red; the others are of one hue.
RISK_PALETTE = "risk_5"
Values = TypeVar("Values", float, "pd.Series", "pd.DataFrame", "xr.DataArray", "np.ndarray[Any, np.dtype[Any]]")


@dataclass(frozen=True)
class Quantity:
    """What a quantity is: kind, unit, plausible range, names.

    ``kind`` is one of ``count intensity density index class distance direction``. Outside ``hard`` a value is an error,
    outside ``soft`` a warning. ``whole`` says what a layer of nothing but whole numbers ``above``
    a value probably is.

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
    hint: Mapping[str, str] = field(default_factory=dict, hash=False)
    whole: Mapping[str, Any] = field(default_factory=dict, hash=False)
    negative_is_nodata: bool = False

    @property
    def beyond(self) -> Phrase:
        """The likely cause of values above the range, for the end of a sentence; empty where none is known.

        Examples
        --------
        >>> str(quantity("pga").beyond)
        '; values as large as this are probably m/s2, to be divided by 9.81, or gal (cm/s2), to be divided by 981'
        """
        return Phrase("range_hint", cause=Phrase("title", **self.hint)) if self.hint else Phrase("nothing")


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


def palette_colours(palette: str, k: int, *, zero: bool = False) -> list[str]:
    """Colours of k classes, lowest first, spread over a palette of ``palettes/grades``.

    Parameters
    ----------
    palette : str
    k : int
        At least one, and no more than the palette has colours.
    zero : bool
        A colour for where the hazard does not act stands beside them: the palest one of a single hue is left out.

    Raises
    ------
    LayerError

    Examples
    --------
    >>> palette_colours("risk_5", 2), palette_colours("risk_5", 1)
    (['#2B83BA', '#D7191C'], ['#FFFF73'])
    >>> palette_colours("flood", 4)[0], palette_colours("flood", 4, zero=True)[0]
    ('#EAF3FB', '#B5D4E9')
    """
    known = {name: ramp for name, ramp in table("palettes/grades").data.items() if isinstance(ramp, list)}
    if palette not in known:
        raise LayerError(Problem("maps.palette", Phrase("palette", name=palette), known=list(known)))
    colours = known[palette]
    if not 1 <= k <= len(colours):
        thing = Phrase("palette", name=palette)
        raise LayerError(Problem("maps.palette_short", thing, colours=len(colours), k=k))
    if zero and palette != RISK_PALETTE and k < len(colours):
        colours = colours[1:]
    if k == 1:
        # One class takes the middle of the ramp; it is neither low nor high.
        return [str(colours[len(colours) // 2])]
    return [str(colours[round(at * (len(colours) - 1) / (k - 1))]) for at in range(k)]


def unit_factor(found: str, wanted: str) -> tuple[float, float] | None:
    """Factor and offset that turn a value in unit ``found`` into ``wanted``; None when that is impossible.

    Examples
    --------
    >>> unit_factor("cm", "m"), unit_factor("K", "degC"), unit_factor("kg", "m")
    ((0.01, 0.0), (1.0, -273.15), None)
    >>> unit_factor("0.1mm", "mm"), unit_factor("KM/H", "m/s") == unit_factor("km/h", "m/s")
    ((0.1, 0.0), True)
    """
    given, needed = (_unit(text) for text in (found, wanted))
    if given == needed:
        return 1.0, 0.0
    known = {needed: (1.0, 0.0), **table("units").data.get(needed, {})}
    # MM and KM/H are mm and km/h, as far as the case makes no difference among what can become the wanted unit.
    same_case = [name for name in known if name.casefold() == given.casefold()]
    pair = known.get(given) or (known[same_case[0]] if len(same_case) == 1 else None)
    if pair is None:
        parts = _TENTHS.match(given)
        whole = unit_factor(parts.group("unit"), wanted) if parts else None
        if parts is None or whole is None:
            return None
        share = parts.group("factor")
        return whole[0] * (0.1 if share == "1/10" else float(share)), whole[1]
    return float(pair[0]), float(pair[1])


# 0.1mm, ×0.1 ℃, 1/10 m/s: so many of a unit.
_TENTHS = re.compile(r"^[x×*]?\s*(?P<factor>1/10|0?\.0*1)\s*[x×*]?\s*(?P<unit>[^\d\s.].*)$")


def _unit(text: str) -> str:
    """A unit under its name in the table of units."""
    aliases = table("units").info["aliases"]
    plain = unicodedata.normalize("NFKC", text).strip()
    for name in (text.strip(), plain, "".join(plain.split())):
        if name in aliases:
            return str(aliases[name])
    return plain


def is_unit(text: str) -> bool:
    """Whether a text names a unit of measure that the table of units knows; words and plain numbers are none.

    Examples
    --------
    >>> is_unit("cm"), is_unit("metres"), is_unit("persons in the cell"), is_unit("1")
    (True, True, False, False)
    """
    name, data = _unit(text), table("units").data
    return name != "1" and any(name == wanted or name in known for wanted, known in data.items())


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
