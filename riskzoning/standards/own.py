"""Hazards that a study defines itself: what they add to the tables of quantities, palettes and names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Under this name a session of a run, and of the processes that draw for it, has them.
OWN_TABLE = "hazards/custom"
# Of studies that were read in this process: results are looked at when no session is open.
_read: dict[str, Mapping[str, Any]] = {}
# Shares of white (above 0) and of black (below 0) that make a ramp of one colour, palest first.
_RAMP = (0.88, 0.62, 0.34, 0.0, -0.45)


def remember(definitions: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep the hazards of a study that was read; a later study may define one of the same key anew."""
    _read.update(definitions)


def own_hazards(overrides: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    """The hazards of the open session, or without one those of the studies that were read."""
    if overrides is None:
        return dict(_read)
    given = overrides.get(OWN_TABLE)
    return dict(given["data"]) if isinstance(given, Mapping) else {}


def additions(table: str, hazards: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What own hazards add to the data of a table."""
    if table == "quantities":
        return {str(one["quantity"]): _quantity(one) for one in hazards.values() if one.get("own_quantity")}
    if table == "palettes/grades":
        return {key: palette_of(one) for key, one in hazards.items() if one.get("colour") or one.get("palette")}
    return {key: dict(one["name"]) for key, one in hazards.items()} if table == "names/common" else {}


def palette_of(definition: Mapping[str, Any]) -> list[str]:
    """The ramp of a hazard: its colours, or its one colour from pale to dark."""
    if definition.get("palette"):
        return [str(colour) for colour in definition["palette"]]
    value = str(definition["colour"]).lstrip("#")
    parts = [int(value[at : at + 2], 16) for at in (0, 2, 4)]
    return ["#" + "".join(f"{_mixed(part, share):02X}" for part in parts) for share in _RAMP]


def _mixed(part: int, share: float) -> int:
    return round(part + (255 - part) * share if share >= 0 else part * (1 + share))


def _quantity(definition: Mapping[str, Any]) -> dict[str, Any]:
    names = {lang: str(text) for lang, text in (definition.get("measure") or definition["name"]).items()}
    entry = {"kind": "intensity", "units": str(definition["units"]), **names}
    return {**entry, "hard": list(definition["range"])} if definition.get("range") else entry
