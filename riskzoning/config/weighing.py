"""Which weights the receptors have in the risk of a hazard: its own, those of the study, or the usual ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from riskzoning import standards


def receptor_weights(
    hazard: str, *, hazards: Collection[Any], stated: Mapping[str, float], receptors: Collection[str]
) -> dict[str, float] | None:
    """The weights of the receptors in the risk of one hazard; None: the usual ones.

    ``hazards`` are the items of the study (models or mappings), ``stated`` its weights for all hazards. A receptor that
    only some hazards concern, such as the forest, weighs in these when the study has it (``weights/receptors_of``).
    """
    for item in hazards:
        name, own = _of(item, "hazard"), _of(item, "receptors")
        if name == hazard and own:
            return {str(receptor): float(weight) for receptor, weight in own.items()}
    if stated:
        return dict(stated)
    usual = standards.table("weights/receptors").data
    special = standards.table("weights/receptors_of").data.get(hazard, {})
    if any(name in receptors for name in special if name not in usual):
        return {str(receptor): float(weight) for receptor, weight in special.items()}
    return None


def _of(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, Mapping) else getattr(item, key)
