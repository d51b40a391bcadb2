"""The journal of a run: what is rung reaches the log at once, is kept with its stage, and is rung again on resume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from riskzoning.errors import Decision, Journal, Phrase, Problem, about_input, decided


def _deaf(problem: Problem) -> None:
    """Tell nobody."""


@dataclass
class Overheard(Journal):
    """A journal that tells each new note on: to a log, or to the journal of the whole run."""

    told: Callable[[Problem], None] = _deaf

    def add(self, problem: Problem) -> None:
        """Keep a note; tell it on when it is new."""
        before = len(self.everything)
        super().add(problem)
        if len(self.everything) > before:
            self.told(problem)

    @property
    def everything(self) -> list[Problem]:
        """All notes: steps, warnings, what was dropped."""
        return [*self.steps, *self.warnings, *self.dropped]


def as_state(problem: Problem) -> dict[str, Any]:
    """A problem as JSON values from which :func:`from_state` makes an equal one, in any language."""
    place = {"severity": problem.severity, "sheet": problem.sheet, "row": problem.row, "field": problem.field}
    # Pairs, because their order is part of a problem and JSON objects are written sorted.
    values = [[name, _packed(value)] for name, value in problem.values]
    return {"rule": problem.rule, "about": _packed(problem.about), **place, "values": values}


def from_state(state: Mapping[str, Any]) -> Problem:
    """The problem that :func:`as_state` has packed."""
    place = {key: state[key] for key in ("severity", "sheet", "row", "field")}
    values = {name: _unpacked(value) for name, value in state["values"]}
    return Problem(state["rule"], _unpacked(state["about"]), **place, **values)


def decision_state(decision: Decision) -> dict[str, Any]:
    """A decision as JSON values, from which :func:`decide_again` makes it once more."""
    packed = {key: _packed(getattr(decision, key)) for key in ("thing", "value", "why")}
    return {**packed, "what": decision.what, "entry": decision.entry}


def decide_again(state: Mapping[str, Any]) -> None:
    """Tell what was decided before, from the values that :func:`decision_state` has packed."""
    with about_input(state["entry"]):
        decided(_unpacked(state["thing"]), state["what"], _unpacked(state["value"]), _unpacked(state["why"]))


def _packed(value: object) -> Any:
    if isinstance(value, Phrase):
        return {"phrase": value.key, "values": [[name, _packed(item)] for name, item in value.values]}
    return [_packed(item) for item in value] if isinstance(value, tuple) else value


def _unpacked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Phrase(value["phrase"], **{name: _unpacked(item) for name, item in value["values"]})
    return [_unpacked(item) for item in value] if isinstance(value, list) else value
