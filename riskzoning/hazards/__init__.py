"""致灾: one module per hazard and the registry of all of them.

``HAZARDS["flood"].assess(inputs)`` gives intensity and hazard index. A new hazard is one file that ends in ``SPECS``
and one line in the table below; a study's own hazard joins with :func:`register`.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riskzoning.errors import LayerError, Problem
from riskzoning.names import check_hazard_key

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


class _Registry(Mapping[str, "HazardSpec"]):
    """Hazards by key; a module is imported when its hazard is asked for."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        # A hazard whose file is not there is not offered.
        self._modules = {
            name: module for name, module in modules.items() if importlib.util.find_spec(f"{__name__}.{module}")
        }
        self._specs: dict[str, HazardSpec] = {}

    def __getitem__(self, name: str) -> HazardSpec:
        if name in self._modules and name not in self._specs:
            module = importlib.import_module(f"{__name__}.{self._modules[name]}")
            self._specs.update({spec.name: spec for spec in module.SPECS if spec.name not in self._specs})
        if name not in self._specs:
            raise KeyError(
                str(
                    Problem(
                        f"hazard '{name}'",
                        "is unknown",
                        f"one of {', '.join(self)}",
                        "Correct the key, or register a hazard of your own with riskzoning.hazards.register.",
                    )
                )
            )
        return self._specs[name]

    def __contains__(self, name: object) -> bool:
        return name in self._modules or name in self._specs

    def __iter__(self) -> Iterator[str]:
        return iter({**self._modules, **self._specs})

    def __len__(self) -> int:
        return len({**self._modules, **self._specs})

    def __repr__(self) -> str:
        return f"HAZARDS({', '.join(self)})"

    def add(self, spec: HazardSpec) -> None:
        """Add a hazard; the key must be new and no reserved word."""
        check_hazard_key(spec.name)
        if spec.name in self:
            raise LayerError(
                Problem(
                    f"hazard '{spec.name}'",
                    "is there already",
                    "a key of its own for each hazard",
                    "Give the hazard another name.",
                    rule="hazard.name",
                )
            )
        self._specs[spec.name] = spec


_registry = _Registry(_MODULES)
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
    >>> try:
    ...     register(HAZARDS["flood"])
    ... except LayerError as error:
    ...     print(error.problems[0].found)
    is there already
    """
    _registry.add(spec)


def __getattr__(name: str) -> Any:
    if name in _MODULES.values():
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
