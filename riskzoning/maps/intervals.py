"""Texts of the intervals of classes: from upper bounds, or from a ladder in the units of its measure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from riskzoning.methods.ladders import Ladder


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
    finite = [value for value in bounds if np.isfinite(value)]
    digits = next((d for d in range(3, 8) if len({f"{v:.{d}g}" for v in finite}) == len(set(finite))), 8)
    return [_number(value, digits) for value in bounds]


def _number(value: float, digits: int) -> str:
    """A number with a true minus sign, without powers of ten."""
    text = np.format_float_positional(float(f"{value:.{digits}g}"), trim="-")
    return text.replace("-", "−")
