"""致灾: one module per hazard and the registry of all of them.

``HAZARDS["flood"].assess(inputs)`` gives intensity and hazard index. A new hazard is one file that ends in ``SPECS``
and one line in the table below; a study's own hazard joins with :func:`register`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from riskzoning.hazards.registry import Registry

if TYPE_CHECKING:
    from riskzoning.hazards.base import HazardSpec, InputSpec, Prepared, Stages

__all__ = ["HAZARDS", "HazardSpec", "InputSpec", "Prepared", "Stages", "register"]

# Key of the hazard -> module whose SPECS has it; loaded on first use, so that listing the keys stays fast.
_MODULES = {
    "earthquake": "earthquake",
    "geology": "geology",
    "flood": "flood",
    "drought": "drought",
    "meteorology": "meteorology",
    "forest_fire": "forest_fire",
}


_registry = Registry(_MODULES)
HAZARDS: Mapping[str, HazardSpec] = _registry
register = _registry.add


def __getattr__(name: str) -> ModuleType | type:
    # What the author of a hazard needs comes with geopandas and xarray: only when asked for.
    if name in ("HazardSpec", "InputSpec", "Prepared", "Stages"):
        kind: type = getattr(importlib.import_module(f"{__name__}.base"), name)
        return kind
    return _registry.module(name)
