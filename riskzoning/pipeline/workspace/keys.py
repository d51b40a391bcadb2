"""What each stage of a run depends on, as one text: a stage of an earlier run holds as long as its key is the same.

A key is made of the program, the stage before, the inputs and all of the study but what is named here. So whatever a
study learns to say makes a stage run again, until somebody has seen that it does not matter there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from riskzoning.config import StudyConfig
from riskzoning.pipeline.workspace.store import fingerprint

# No stage that is kept looks at these.
_NEVER = ("outputs", "run", "planning", "uncertainty", "zoning.zones", "zoning.regions", "zoning.landforms",
          "zoning.prevention")  # fmt: skip
_WEIGHTS = ("weights", "standards.weights/hazards")
_OF_RISK = ("risk", "grades", "zoning.scheme")
# Stages in their order, and what of the study they do not look at.
WITHOUT: Mapping[str, tuple[str, ...]] = {
    "prepare": (*_NEVER, *_WEIGHTS, *_OF_RISK),
    "calibrate": (*_NEVER, *_WEIGHTS, *_OF_RISK),
    "assess": (*_NEVER, *_WEIGHTS),
    "composite": _NEVER,
}


def stage_keys(study: StudyConfig, inputs: Sequence[Mapping[str, Any]], version: str) -> dict[str, str]:
    """The key of each stage that is kept, in their order."""
    whole, before = study.model_dump(mode="json"), version
    keys = {}
    for stage, without in WITHOUT.items():
        files = [row for row in inputs if not _within(str(row["name"]), without)]
        keys[stage] = before = fingerprint(before, stage, _cut(whole, without), files)
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
