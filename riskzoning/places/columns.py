"""Which columns of a table hold places, by their headings: any case, any script, with or without a unit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from riskzoning import standards

_UNIT = re.compile(r"[(（\[【].*$")
_NO_COORDINATE = re.compile(r"err|accuracy|precision|std|name|误差|精度|类型")


@dataclass(frozen=True)
class PlaceColumns:
    """Columns of the coordinates of a table.

    Parameters
    ----------
    x, y : str, optional
        Longitude or easting, latitude or northing; None where no heading says so. One column of pairs is both.
    pair : bool
        Both coordinates stand in one cell.
    turned : bool
        In a pair, y comes first.
    minutes : bool
        The headings say that degrees and minutes stand in one number.
    several : tuple of str
        Columns that may be meant, where more than one may.

    Examples
    --------
    >>> PlaceColumns("Lon", "Lat").pair
    False
    """

    x: str | None = None
    y: str | None = None
    pair: bool = False
    turned: bool = False
    minutes: bool = False
    several: tuple[str, ...] = ()


def _names() -> Any:
    return standards.table("formats/place_columns").data


def _plain(name: object) -> str:
    """A heading in small letters without its unit, blanks, hyphens and underscores."""
    text = unicodedata.normalize("NFKC", str(name)).strip().lower()
    return re.sub(r"[\s_\-.·:]+", "", _UNIT.sub("", text))


def place_columns(columns: Iterable[object], *, geographic: bool = True) -> PlaceColumns:
    """The columns of longitude and latitude, or of easting and northing, among the headings of a table.

    Parameters
    ----------
    columns : iterable
        Headings.
    geographic : bool
        Degrees are wanted: ``lon lat`` come before ``x y``; off: the other way round.

    Examples
    --------
    >>> place_columns(["站号", "纬度", "经度"]).x, place_columns(["LON", "LAT", "x", "y"], geographic=False).x
    ('经度', 'x')
    """
    headings = [str(name) for name in columns]
    names = _names()
    kinds = [("longitude", "latitude"), ("easting", "northing")]
    for first, second in kinds if geographic else kinds[::-1]:
        x, y = _exact(headings, names[first]), _exact(headings, names[second])
        if x is None and y is None:
            continue
        if first == "longitude":
            x, y = x or _part(headings, "longitude")[0], y or _part(headings, "latitude")[0]
        if x is not None and y is not None:
            return PlaceColumns(x, y, minutes=_says_minutes(x, y))
    (x, xs), (y, ys) = _part(headings, "longitude"), _part(headings, "latitude")
    if x is not None and y is not None and x != y:
        return PlaceColumns(x, y, minutes=_says_minutes(x, y))
    for key, turned in (("pair_x_first", False), ("pair_y_first", True)):
        pair = _exact(headings, names[key])
        if pair is not None:
            return PlaceColumns(pair, pair, pair=True, turned=turned)
    if len(xs) > 1 or len(ys) > 1:
        return PlaceColumns(several=(*xs, *ys))
    one = {key: _exact(headings, [*names[a], *names[b]]) for key, a, b in _AXES}
    return PlaceColumns(x or one["x"], y or one["y"])


_AXES = (("x", "longitude", "easting"), ("y", "latitude", "northing"))


def is_degree_column(name: object) -> bool:
    """Whether a heading says longitude or latitude, so that a comma in its cells is that of a decimal.

    Examples
    --------
    >>> is_degree_column("Lon (deg)"), is_degree_column("people")
    (True, False)
    """
    names = _names()
    exact = _plain(name) in (*names["longitude"], *names["latitude"])
    return exact or any(_holds(str(name), names[f"{axis}_parts"]) for axis in ("longitude", "latitude"))


def _exact(headings: Sequence[str], usual: Sequence[str]) -> str | None:
    by_name = {_plain(name): name for name in reversed(headings)}
    return next((by_name[name] for name in usual if name in by_name), None)


def _part(headings: Sequence[str], axis: str) -> tuple[str | None, list[str]]:
    """The one heading with a word of the axis in it, and all of them."""
    words = _names()[f"{axis}_parts"]
    there = [name for name in headings if _holds(name, words)]
    return (there[0] if len(there) == 1 else None), there


def _holds(name: str, words: Sequence[str]) -> bool:
    text = unicodedata.normalize("NFKC", _UNIT.sub("", name)).lower()
    if _NO_COORDINATE.search(text):
        return False
    tokens = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", _UNIT.sub("", name)).lower())
    return any(word in (tokens if word.isascii() else text) for word in words)


def _says_minutes(*columns: str) -> bool:
    texts = ["".join(column.lower().split()) for column in columns]
    return any(word in text for text in texts for word in _names()["minutes"])


def offset_datum(names: Iterable[object]) -> tuple[str, str] | None:
    """The shifted datum (``gcj02``, ``bd09``) that a heading or the name of a file states, and where it does.

    Examples
    --------
    >>> offset_datum(["name", "gcj_lon", "gcj_lat"]), offset_datum(["lon", "lat"])
    (('gcj02', 'gcj_lon'), None)
    """
    for name in map(str, names):
        for datum in ("gcj02", "bd09"):
            if any(word in name.lower() for word in _names()[datum]):
                return datum, name
    return None
