"""What each stage of a run depends on, as one text: a stage of an earlier run holds as long as its key is the same.

A key is made of the program, the stage before, the inputs and all of the study but what is named here. So whatever a
study learns to say makes a stage run again, until somebody has seen that it does not matter there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskzoning.config import StudyConfig
from riskzoning.pipeline.workspace.store import fingerprint

# No stage that is kept looks at these.
_NEVER = ("outputs", "run", "planning", "uncertainty", "zoning.zones", "zoning.regions", "zoning.landforms",
          "zoning.prevention", "admin.source")  # fmt: skip
_BUT_PLANS = tuple(name for name in _NEVER if name != "planning")
# Zones of hazards that act in places are snapped, those of all hazards are made of units or of cells.
_BUT_PREVENTION = tuple(name for name in _NEVER if name != "zoning.prevention")
_WEIGHTS = ("weights", "standards.weights/hazards")
_OF_RISK = ("risk", "grades", "zoning.scheme")
# What the inputs are looked at for: plans and landforms are some of them, protected areas stand under the risk.
_NOT_OF_INPUTS = ("outputs", "run", "uncertainty", "zoning.zones", "zoning.regions", "zoning.prevention",
                  "zoning.frozen", "zoning.scheme", "grades", "risk.form", "risk.combine", "risk.receptor_weights",
                  "admin.source", *_WEIGHTS)  # fmt: skip


@dataclass(frozen=True)
class KeptStage:
    """A stage that is kept: the one that it goes on from, and what of the study neither of them looks at."""

    after: str | None
    without: tuple[str, ...]


# In their order; those that hang on the same stage know nothing of each other.
KEPT: Mapping[str, KeptStage] = {
    "inputs": KeptStage(None, _NOT_OF_INPUTS),
    "prepare": KeptStage(None, (*_NEVER, *_WEIGHTS, *_OF_RISK)),
    "calibrate": KeptStage("prepare", (*_NEVER, *_WEIGHTS, *_OF_RISK)),
    "assess": KeptStage("calibrate", (*_NEVER, *_WEIGHTS)),
    "composite": KeptStage("assess", _NEVER),
    "single": KeptStage("assess", (*_NEVER, *_WEIGHTS)),
    "scale": KeptStage("assess", (*_NEVER, *_WEIGHTS)),
    "losses": KeptStage("assess", (*_NEVER, *_WEIGHTS)),
    "landforms": KeptStage("prepare", (*_NEVER, *_WEIGHTS, *_OF_RISK)),
    "ground": KeptStage("single", (*_BUT_PREVENTION, *_WEIGHTS)),
    "rules": KeptStage("single", (*_NEVER, *_WEIGHTS)),
    "proofs": KeptStage("single", (*_NEVER, *_WEIGHTS)),
    "plans": KeptStage("single", (*_BUT_PLANS, *_WEIGHTS)),
    "accept": KeptStage(None, (*_NEVER, *_WEIGHTS, *_OF_RISK)),
    "places": KeptStage(None, (*_NEVER, *_WEIGHTS, *_OF_RISK)),
    "history": KeptStage(None, (*_NEVER, *_WEIGHTS, *_OF_RISK)),
    "record": KeptStage(None, (*_NEVER, *_WEIGHTS, *_OF_RISK)),
    "survey": KeptStage("assess", (*_NEVER, *_WEIGHTS)),
}


def stage_keys(study: StudyConfig, inputs: Sequence[Mapping[str, Any]], program: object) -> dict[str, str]:
    """The key of each stage that is kept, in their order."""
    whole = study.model_dump(mode="json")
    keys: dict[str, str] = {}
    for stage, kept in KEPT.items():
        files = [row for row in inputs if not _within(str(row["name"]), kept.without)]
        before = program if kept.after is None else keys[kept.after]
        keys[stage] = fingerprint(before, stage, _cut(whole, kept.without), files)
    return keys


def _within(name: str, without: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in without)


def _cut(section: Mapping[str, Any], without: tuple[str, ...], at: str = "") -> dict[str, Any]:
    """A section without what does not matter."""
    out = {}
    for name, value in section.items():
        place = f"{at}.{name}" if at else name
        if place not in without:
            deeper = isinstance(value, Mapping) and any(one.startswith(f"{place}.") for one in without)
            out[name] = _cut(value, without, place) if deeper else value
    return out
