"""Numbers as people read them: with separators in tables, in words (万, 亿, million) in sentences."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from riskzoning import standards
from riskzoning.errors import in_words

GAP = "—"


def cell(value: Any) -> str:
    """A value in a table; what is missing is a dash, what is there is never rounded to nothing."""
    if isinstance(value, str):
        return value
    if not math.isfinite(number := number_of(value)):
        return GAP
    if number == int(number) and abs(number) < 1e15:
        return f"{number:,.0f}".replace("-", "−")
    digits = 0 if abs(number) >= 1000 else 1 if abs(number) >= 10 else 2
    text = f"{number:,.{digits}f}"
    return (f"{number:.2g}" if float(text.replace(",", "")) == 0 else text).replace("-", "−")


def whole(value: Any) -> str:
    """People and other things that come whole, in a table."""
    number = number_of(value)
    return cell(round(number)) if math.isfinite(number) else GAP


def number_of(value: Any) -> float:
    """A value of a table as a number; NaN for what is missing in any of the ways that tables have."""
    return math.nan if value is None or pd.isna(value) else float(value)


def percent(value: Any) -> str:
    """A share (0..1) as a percentage with one decimal; a dash where it is missing."""
    share = number_of(value)
    if not math.isfinite(share):
        return GAP
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def worded(value: float, lang: str) -> str:
    """A number in a sentence: 123.4 万, 1.23 million."""
    if not math.isfinite(value):
        return GAP
    return cell(value) if abs(value) < 1000 else in_words(value, lang)


def scaled(quantity: str, lang: str) -> tuple[float, str]:
    """What a quantity is divided by in tables of the report, and its heading with that unit."""
    own = standards.table("names/report").data["scaled"].get(quantity)
    if own is None:
        return 1.0, standards.names("exposed", quantity, lang)
    return float(own[f"by_{lang}"]), str(own[lang])
