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


def register(spec: HazardSpec) -> None:
    """Add a hazard of one's own to ``HAZARDS``; from then on a study may name it.

    Parameters
    ----------
    spec : HazardSpec
        Its ``name`` must be new, no reserved word (``multi``, a level, a receptor), and not end in a receptor.

    Raises
    ------
    LayerError
        When the name is taken or cannot be the key of a hazard.

    Examples
    --------
    >>> from riskzoning.errors import LayerError
    >>> try:
    ...     register(HAZARDS["flood"])
    ... except LayerError as error:
    ...     print(error.problems[0].found)
    is registered already
    """
    _registry.add(spec)


def __getattr__(name: str) -> ModuleType:
    return _registry.module(name)
