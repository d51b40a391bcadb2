"""Which classes and colours an index has, by its name."""

from __future__ import annotations

import numpy as np

from riskzoning import standards
from riskzoning.hazards import HAZARDS

__all__ = ["MULTI", "grade_colours", "grade_scheme", "palette_of"]

MULTI = "multi"


def grade_scheme(name: str) -> tuple[str, int]:
    """Scheme and number of classes of an index by its name: risk has five, a hazard those of its specification.

    Examples
    --------
    >>> grade_scheme("flood_hazard_index"), grade_scheme("multi_risk_index")
    (('flood_4', 4), ('risk_5', 5))
    """
    hazard = next((key for key in HAZARDS if name == f"{key}_hazard_index"), None)
    if hazard is not None:
        return HAZARDS[hazard].grade_scheme, HAZARDS[hazard].grades
    return ("hazard_4", 4) if name == f"{MULTI}_hazard_index" else ("risk_5", 5)


def palette_of(name: str) -> str:
    """Palette of an index: risk its own ramp, a hazard the ramp of its hue.

    Examples
    --------
    >>> palette_of("flood_hazard_index"), palette_of("flood_risk_index")
    ('flood', 'risk_5')
    """
    hazard = name.removesuffix("_hazard_index")
    return hazard if hazard != name and hazard in standards.table("palettes/grades").data else "risk_5"


def grade_colours(name: str, k: int) -> list[str]:
    """Colours of the classes of an index, lowest first.

    Examples
    --------
    >>> len(grade_colours("flood_hazard_index", 4))
    4
    """
    colours = list(standards.table("palettes/grades").data[palette_of(name)])
    keep = np.unique(np.rint(np.linspace(0, len(colours) - 1, k)).astype(int))
    return [str(colours[i]) for i in keep]
