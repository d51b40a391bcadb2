"""Mathematics that several rooms share and that knows no hazard."""

from __future__ import annotations

import importlib
from typing import Any

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
    "susceptibility",
    "terrain",
    "uncertainty",
    "validation",
    "weights",
)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"riskzoning.methods.{name}")
    raise AttributeError(f"module 'riskzoning.methods' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(_MODULES)
