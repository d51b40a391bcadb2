"""致灾: one module per hazard and the registry of all of them.

``HAZARDS["flood"].assess(inputs)`` gives intensity and hazard index. A new hazard is one file that ends in ``SPECS``
and one line in the table below; a study's own hazard joins with :func:`register`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from riskzoning.hazards.registry import Registry

if TYPE_CHECKING:
    from riskzoning.hazards.base import HazardSpec

__all__ = ["HAZARDS", "register"]

# Key of the hazard -> module whose SPECS has it; loaded on first use, so that listing the keys stays fast.
_MODULES = {
    "earthquake": "earthquake",
    "geology": "geology",
    "flood": "flood",
    "meteorology": "meteorology",
    "forest_fire": "forest_fire",
}


_registry = Registry(_MODULES)
HAZARDS: Mapping[str, HazardSpec] = _registry
register = _registry.add


def __getattr__(name: str) -> ModuleType:
    return _registry.module(name)
