"""One cell with a coordinate: decimals, degrees with minutes and seconds, letters or words of its side."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_QUOTES = "'`\u2018\u2019\""
# Marks of degrees, minutes and seconds in all scripts, as one sign each; longer ones first.
_MARKS = (
    ("''", '"'), ("′′", '"'), ("’’", '"'), ("´´", '"'),
    ("&deg;", "°"), ("º", "°"), ("˚", "°"), ("度", "°"), ("゜", "°"),
    ("′", "'"), ("’", "'"), ("‘", "'"), ("ʹ", "'"), ("´", "'"), ("`", "'"), ("分", "'"),
    ("″", '"'), ("”", '"'), ("“", '"'), ("ʺ", '"'), ("秒", '"'), ("\u2212", "-"), ("−", "-"), ("－", "-"), ("：", ":"),
    ("，", ","),
)  # fmt: skip
_SIDES = {
    "东经": ("x", 1), "西经": ("x", -1), "北纬": ("y", 1), "南纬": ("y", -1), "东": ("x", 1), "西": ("x", -1),
    "北": ("y", 1), "南": ("y", -1), "east": ("x", 1), "west": ("x", -1), "north": ("y", 1), "south": ("y", -1),
    "e": ("x", 1), "w": ("x", -1), "n": ("y", 1), "s": ("y", -1), "经": ("x", 1), "纬": ("y", 1),
}  # fmt: skip
_NUMBER = r"\d{1,2}(?:\.\d+)?"
_PARTS = re.compile(
    rf"""^([-+]?)\s*(\d+)\s*(?:°|d(?:eg)?\.?|:|\s|-)\s*          # degrees
    (?:({_NUMBER})\s*(?:'|m(?:in)?\.?|:|\s|-|$)\s*               # minutes
    (?:({_NUMBER})\s*(?:"|s(?:ec)?\.?|$)\s*)?)?$""",
    re.VERBOSE | re.IGNORECASE,
)
_DECIMAL_COMMA = re.compile(r"^[-+]?\d{1,3},\d+$")
_GROUPS = re.compile(r"^[-+]?\d{1,3}([ ,\u00a0\u202f]\d{3})+(\.\d+)?$")


class Cell(NamedTuple):
    """A coordinate: its number (NaN where the cell is empty, None where it is no coordinate) and the axis it names.

    ``axis`` is ``x`` for a cell with E, W, 东 or 经, ``y`` for one with N, S, 北 or 纬, else empty.

    Examples
    --------
    >>> Cell(113.9, "x").axis
    'x'
    """

    value: float | None
    axis: str = ""


def degrees_of(value: object, *, geographic: bool = True) -> float | None:
    """The number of a coordinate in a cell; NaN when it is empty, None when it cannot be read.

    Parameters
    ----------
    value : object
        A number, or text: ``113.9``, ``113,9``, ``113°54′E``, ``东经113度54分``, ``113 54 00``, ``113:54:00``,
        ``35.3N``.
    geographic : bool
        Degrees are wanted: a comma is that of a decimal, 113,900 is 113.9. Off: 500,000 is half a million.

    Examples
    --------
    >>> [degrees_of(text) for text in ("113°54′E", "35 18 36 N", "113,9", "30°S", "unknown")]
    [113.9, 35.31, 113.9, -30.0, None]
    """
    return read_cell(value, geographic=geographic).value


def read_cell(value: object, *, geographic: bool = True) -> Cell:
    """The number of a coordinate and the axis that its cell names.

    Examples
    --------
    >>> read_cell("北纬35°18′"), read_cell("113.9")
    (Cell(value=35.3, axis='y'), Cell(value=113.9, axis=''))
    """
    if value is None:
        return Cell(float("nan"))
    if not isinstance(value, str):
        try:
            return Cell(float(value))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return Cell(None)
    text = _plain(value)
    if not text or text in ("-", "--", "/"):
        return Cell(float("nan"))
    number = _number(text, geographic=geographic)
    if number is not None:
        return Cell(number)
    text, axis, sign = _side(text)
    number = _number(text, geographic=geographic) if axis else None
    if number is None:
        number = _sexagesimal(text)
    if number is None:
        number = _grouped(text)
    if number is None:
        return Cell(None)
    return Cell(-abs(number) if sign < 0 else number, axis)


def _plain(value: str) -> str:
    """Text with one sign for each mark, half-width digits, no quotes around it."""
    text = value
    for mark, sign in _MARKS:
        text = text.replace(mark, sign)
    text = unicodedata.normalize("NFKC", text).strip()
    # A quote at the end may be a mark of seconds or minutes; one before a number is how spreadsheets mark text.
    text = text.lstrip(_QUOTES).strip()
    return text.rstrip(_QUOTES).strip() if re.fullmatch(r"[^°dm:]*", text) else text


def _number(text: str, *, geographic: bool) -> float | None:
    if geographic and _DECIMAL_COMMA.match(text):
        text = text.replace(",", ".")
    text = text.removesuffix("°").strip()
    try:
        return float(text)
    except ValueError:
        return None


def _side(text: str) -> tuple[str, str, int]:
    """Text without the letter or word of its side, the axis that this names, and the sign."""
    lowered = text.lower()
    for word, (axis, sign) in _SIDES.items():
        if lowered.startswith(word):
            return text[len(word) :].strip(" :,."), axis, sign
        # A small s behind minutes is a mark of seconds: 113d54m0s.
        seconds = word == "s" and text.endswith("s") and re.search(r"[m'°d:]", text[:-1]) is not None
        if lowered.endswith(word) and not seconds:
            return text[: -len(word)].strip(" ,."), axis, sign
    return text, "", 1


def _sexagesimal(text: str) -> float | None:
    parts = _PARTS.match(text.replace(",", ".") if "°" in text else text)
    if parts is None:
        return None
    sign, degrees, minutes, seconds = parts.groups()
    if minutes is not None and seconds is not None and "." in minutes:
        return None
    small = float(minutes or 0), float(seconds or 0)
    if max(small) >= 60 or float(degrees) > 360:
        return None
    total = float(degrees) + small[0] / 60 + small[1] / 3600
    return round(-total if sign == "-" else total, 10)


def _grouped(text: str) -> float | None:
    """A number with blanks or commas between thousands, as eastings are written."""
    return float(re.sub(r"[ ,\u00a0\u202f]", "", text)) if _GROUPS.match(text) else None
