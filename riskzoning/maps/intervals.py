"""Texts of the intervals of classes: from upper bounds, or from a ladder in the units of its measure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from riskzoning.methods.ladders import Ladder

# Digits that tell any two numbers apart; whole parts of more than so many digits are written in groups of three.
_MOST_DIGITS, _GROUPED = 17, 4
_EMPTY = "—"
# Whole numbers beyond this are rounded like others.
_WRITTEN_OUT = 1e9
_LEAST, _LARGEST = 1e-6, 1e12


def intervals(breaks: Sequence[float] | None, k: int, closed: str) -> list[str]:
    """Texts of the intervals of k classes, lowest first; digits are added until neighbouring bounds look different."""
    if breaks is None:
        return [""] * k
    bounds = [float(value) for value in breaks][:k]
    text = _texts(bounds)
    below, above = ("<", "≥") if closed == "left" else ("≤", ">")
    shown = []
    for index, upper in enumerate(bounds):
        if index == 0:
            shown.append(f"{below} {text[0]}" if np.isfinite(upper) else "")
        elif upper == bounds[index - 1]:
            # Between two equal limits there is nothing.
            shown.append(_EMPTY)
        else:
            shown.append(f"{text[index - 1]} – {text[index]}" if np.isfinite(upper) else f"{above} {text[index - 1]}")
    return shown + [""] * (k - len(shown))


def ladder_intervals(ladder: Ladder) -> list[str]:
    """Texts of the classes of a ladder, lowest first, in the units of its measure."""
    text = _texts([ladder.none, *ladder.limits])
    inner = [f"{low} – {high}" for low, high in pairwise(text)]
    above = "≥" if ladder.closed == "left" else ">"
    below = "≤" if ladder.closed == "left" else "<"
    return [*inner, f"{above if ladder.direction == 1 else below} {text[-1]}"]


def none_interval(ladder: Ladder) -> str:
    """Text of the row for where the hazard does not act."""
    if ladder.none == 0:
        return "0"
    return f"{'≤' if ladder.direction == 1 else '≥'} {_texts([ladder.none])[0]}"


def measure_text(ladder: Ladder, lang: str) -> str:
    """What a ladder measures, with its units."""
    measure = ladder.measure.get(lang, "")
    if ladder.units in ("", "1"):
        return measure
    units = ladder.units.replace("1/a", "/a" if lang == "en" else "次(日)/年")
    return f"{measure}, {units}" if lang == "en" else f"{measure}（{units}）"


def _texts(bounds: Sequence[float]) -> list[str]:
    """Numbers with as many digits as tell them apart, three at least; whole numbers are written out."""
    finite = [value for value in bounds if np.isfinite(value)]
    digits = next((d for d in range(3, _MOST_DIGITS) if len({f"{v:.{d}g}" for v in finite}) == len(set(finite))), None)
    return [_number(value, _MOST_DIGITS if digits is None or _whole(value) else digits) for value in bounds]


def _whole(value: float) -> bool:
    return np.isfinite(value) and abs(value) < _WRITTEN_OUT and value == round(value)


def _number(value: float, digits: int) -> str:
    """A number with a true minus sign and its thousands apart; powers of ten only where zeros would be many."""
    if not np.isfinite(value):
        return "∞" if value > 0 else "−∞"
    shown = float(f"{value:.{digits}g}") + 0.0
    if shown and not _LEAST <= abs(shown) < _LARGEST:
        return np.format_float_scientific(shown, trim="-", exp_digits=1).replace("e+", "e").replace("-", "−")
    text = np.format_float_positional(shown, trim="-")
    whole, point, rest = text.partition(".")
    grouped = f"{int(whole):,}" if len(whole.lstrip("-")) > _GROUPED else whole
    return f"{grouped}{point}{rest}".replace("-", "−")
