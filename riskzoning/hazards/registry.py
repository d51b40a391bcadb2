"""The registry of hazards: keys at once, modules only when their hazard is asked for."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.faces import missing
from riskzoning.names import check_hazard_key

if TYPE_CHECKING:
    from riskzoning.hazards.base import HazardSpec

PACKAGE = "riskzoning.hazards"


class Registry(Mapping[str, "HazardSpec"]):
    """Hazards by key; a module is imported when its hazard is asked for."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        # A hazard whose file is not there is not offered.
        self._modules = {
            name: module for name, module in modules.items() if importlib.util.find_spec(f"{PACKAGE}.{module}")
        }
        self._specs: dict[str, HazardSpec] = {}

    def __getitem__(self, name: str) -> HazardSpec:
        if name in self._modules and name not in self._specs:
            module = importlib.import_module(f"{PACKAGE}.{self._modules[name]}")
            self._specs.update({spec.name: spec for spec in module.SPECS if spec.name not in self._specs})
        if name not in self._specs and (own := self._own(name)) is not None:
            return own
        if name not in self._specs:
            raise KeyError(str(Problem("hazard.unknown", Phrase("hazard", name=name), known=list(self))))
        return self._specs[name]

    def __contains__(self, name: object) -> bool:
        return name in self._modules or name in self._specs or name in self._open()

    def __iter__(self) -> Iterator[str]:
        return iter({**self._modules, **self._specs, **dict.fromkeys(self._open())})

    def __len__(self) -> int:
        return len({**self._modules, **self._specs, **dict.fromkeys(self._open())})

    @staticmethod
    def _open() -> list[str]:
        """Hazards that the study of the open session defines; those of other studies are no hazards of this one."""
        return list(standards.own_hazards()) if standards.OWN_TABLE in standards.replaced() else []

    @staticmethod
    def _own(name: str) -> HazardSpec | None:
        """A hazard that a study has defined without code."""
        if name not in standards.own_hazards():
            return None
        return importlib.import_module(f"{PACKAGE}.custom").defined(name)

    def __repr__(self) -> str:
        return f"HAZARDS({', '.join(self)})"

    def add(self, spec: HazardSpec) -> None:
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
        >>> from riskzoning.hazards import HAZARDS, register
        >>> try:
        ...     register(HAZARDS["flood"])
        ... except LayerError as error:
        ...     print(error.problems[0].found)
        is registered already
        """
        check_hazard_key(spec.name)
        if spec.name in self:
            raise LayerError(Problem("hazard.name", Phrase("hazard", name=spec.name)))
        self._specs[spec.name] = spec

    def module(self, name: str) -> ModuleType:
        """The module of a hazard, by its own name."""
        if name not in self._modules.values():
            missing(PACKAGE)(name)
        return importlib.import_module(f"{PACKAGE}.{name}")
