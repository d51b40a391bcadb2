"""Mathematics that several rooms share and that knows no hazard."""

from __future__ import annotations

from riskzoning.faces import lazy

_MODULES = (
    "access",
    "classification",
    "dates",
    "density",
    "elements",
    "events",
    "extremes",
    "interpolation",
    "ladders",
    "ranges",
    "spatial",
    "susceptibility",
    "terrain",
    "trend",
    "uncertainty",
    "validation",
    "weights",
)

__getattr__, __dir__ = lazy(__name__, {}, _MODULES)
