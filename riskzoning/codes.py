"""Codes and ids (行政区划代码, 站号, class codes) are text: one rule for every table, layer and column they come in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from riskzoning.faces import missing

__all__ = ["code_text", "code_texts", "is_code_column", "is_padded", "unit_names"]

# Columns that hold codes or ids: their digits are text, also where a spreadsheet made numbers of them.
_CODE = re.compile(
    r"(code|代码|编码|区划码|adcode|town9|vill12|xzqdm|^id$|_id$|_id_|^pac$|^gb$|^编号$|[站点]号|^station$|^site$"
    r"|^stn$|^st_?id$|^stnm$|^wmo$)",
    re.IGNORECASE,
)
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
# An apostrophe before a number is how spreadsheets mark text.
_QUOTES = "'`\u2018\u2019"
_SCIENTIFIC = re.compile(r"^\d(?:\.(\d+))?[eE]\+?(\d+)$")
_WHOLE = re.compile(r"^\d+\.0+$")
_FRACTION = re.compile(r"^\d+\.\d*[1-9]\d*$")
_EMPTY = ("nan", "none", "null", "<na>", "nat")
_PADDED = 5


def is_code_column(name: object) -> bool:
    """Whether a column holds codes or ids, by its name.

    Examples
    --------
    >>> [is_code_column(name) for name in ("区划代码", "Station_Id_C", "people")]
    [True, True, False]
    """
    return _CODE.search(str(name).strip()) is not None


def is_padded(texts: Iterable[str]) -> bool:
    """Whether digits are codes whatever their column is called: all of one width of five and more, some begin with 0.

    Examples
    --------
    >>> is_padded(["00123", "53986"]), is_padded(["0450", "1630"])
    (True, False)
    """
    widths, zero = set(), False
    for text in texts:
        if not (text.isascii() and text.isdigit()):
            return False
        widths.add(len(text))
        zero = zero or text.startswith("0")
    return zero and len(widths) == 1 and min(widths) >= _PADDED


def code_text(value: object) -> str | None:
    """A code as text: half-width digits, no blanks, none of the decimals that a spreadsheet adds; None when empty.

    Parameters
    ----------
    value : object
        Text or number: ``410702``, ``410702.0``, ``"410702.0"``, ``"４１０７０２"``, ``"410 702"``, ``"'410702"``,
        ``"4.10702E+05"`` (when all digits are there). Zeros at the beginning of a text stay.

    Examples
    --------
    >>> [code_text(value) for value in (410702.0, "410702.0", " 410 702", "00123", "P.1", float("nan"))]
    ['410702', '410702', '410702', '00123', 'P.1', None]
    """
    return _without_decimals(_tidy(value))


def code_texts(values: Iterable[object]) -> list[str | None]:
    """The codes of a column: as :func:`code_text`, but 1.0 beside 1.1 is a number of a section and stays.

    Examples
    --------
    >>> code_texts(["410702.0", "410703"]), code_texts(["1.0", "1.1"])
    (['410702', '410703'], ['1.0', '1.1'])
    """
    texts = [_tidy(value) for value in values]
    if any(text and _FRACTION.match(text) for text in texts):
        return texts
    return [_without_decimals(text) for text in texts]


def unit_names(units: pd.DataFrame) -> pd.Series[str]:
    """What units are called where people read it: their name on one line, or their code where they have none.

    Parameters
    ----------
    units : DataFrame
        The index is the code; a column ``name`` may be missing, or empty for some.

    Examples
    --------
    >>> unit_names(pd.DataFrame({"name": ["红旗区", None]}, index=["410702", "410703"])).tolist()
    ['红旗区', '410703']
    """
    codes = [str(code) for code in units.index]
    given = units["name"] if "name" in units.columns else [None] * len(codes)
    tidy = [_tidy(name) for name in given]
    # No control character reaches a map, a page or a terminal.
    shown = ["".join(c if c.isprintable() else " " for c in name).split() if name else [] for name in tidy]
    names = [" ".join(words) or code for words, code in zip(shown, codes, strict=True)]
    return pd.Series(names, index=units.index, dtype=object, name="name")


def _tidy(value: object) -> str | None:
    if value is None:
        return None
    text = str(value)
    if text.isascii() and text.isdigit():
        return text
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).strip().lstrip(_QUOTES).strip()
    if not text or text.lower() in _EMPTY:
        return None
    if re.fullmatch(r"[\d\s]+", text):
        return "".join(text.split())
    scientific = _SCIENTIFIC.match(text)
    if scientific and len(scientific.group(1) or "") >= int(scientific.group(2)):
        return str(int(Decimal(text)))
    return text


def _without_decimals(text: str | None) -> str | None:
    return text.split(".")[0] if text and _WHOLE.match(text) else text


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
