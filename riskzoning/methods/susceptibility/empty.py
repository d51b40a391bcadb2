"""Classes of factors in which no event is: told once for a model, by names that a person knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from riskzoning.errors import Phrase, Problem, note
from riskzoning.methods.susceptibility.factors import Facts
from riskzoning.methods.susceptibility.model import Rules, Tables, all_blocks

# Eight directions from north, clockwise; the last class of a factor of directions is flat ground.
_SECTORS = ("n", "ne", "e", "se", "s", "sw", "w", "nw", "flat")


def tell_empty(
    tables: Tables, breaks: Mapping[str, Sequence[float]], rules: Rules, names: Iterable[str], floor: object
) -> None:
    """One message with the number and the names of all classes that have ground and no event.

    A factor of which a single class has all the events is told as such elsewhere.
    """
    empty = {name: _empty(all_blocks(tables[name][0])) for name in names if name in tables}
    classes = [
        Phrase(
            "factor_classes",
            factor=name,
            classes=[_title(rules.factors[name], code, breaks.get(name)) for code in codes],
        )
        for name, codes in empty.items()
        if codes
    ]
    count = sum(len(codes) for codes in empty.values())
    if count:
        thing, how = rules.about or Phrase("class_table"), str(floor)
        note(
            Problem("susceptibility.empty_classes", thing, severity="warning", count=count, classes=classes, floor=how)
        )


def _empty(rows: pd.DataFrame) -> list[int]:
    hit = rows["event_area"].to_numpy() > 0
    if np.count_nonzero(hit) < 2:
        return []
    return [int(code) for code in rows["class"].to_numpy()[~hit & (rows["area"].to_numpy() > 0)]]


def _title(factor: Facts, code: int, breaks: Sequence[float] | None) -> Phrase | str:
    """A class by its limits or its direction; where it has none, by its code."""
    kind = factor.get("kind")
    if kind == "sectors" and 1 <= code <= len(_SECTORS):
        return Phrase(f"sector_{_SECTORS[code - 1]}")
    limits = list(factor.get("breaks", ()) if breaks is None else breaks)
    if kind == "class" or not limits or not 1 <= code <= len(limits) + 1:
        return str(code)
    if code == 1:
        return f"<{limits[0]:g}"
    return f"≥{limits[-1]:g}" if code == len(limits) + 1 else f"{limits[code - 2]:g}–{limits[code - 1]:g}"
