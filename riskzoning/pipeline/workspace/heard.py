"""What a piece of work gave and told while it was done, as JSON values: told again word for word where it holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from riskzoning import standards
from riskzoning.errors import Decisions, Problem, deciding, hearing, note
from riskzoning.pipeline.workspace.journal import Overheard, as_state, decide_again, decision_state, from_state


def heard(make: Callable[[], dict[str, Any]], told: Callable[[Problem], None]) -> dict[str, Any]:
    """What ``make`` gives, as ``made``, with its notes, its decisions and the tables that it has read."""
    kept = Overheard(told=told)
    # Tables of its own: what the check of another study has read is no part of what this is made of.
    with hearing(kept), deciding(Decisions()) as decisions, standards.session(standards.replaced()) as used:
        made = make()
    tables = sorted(used.used)
    for name in tables:
        standards.table(name)
    return {
        "made": made,
        "notes": [as_state(problem) for problem in kept.everything],
        "decisions": [decision_state(decision) for decision in decisions.made],
        "tables": tables,
    }


def told_again(content: Mapping[str, Any]) -> dict[str, Any]:
    """Tell once more what was told then; gives what was made."""
    for state in content["notes"]:
        note(from_state(state))
    for state in content["decisions"]:
        decide_again(state)
    for name in content["tables"]:
        standards.table(name)
    return dict(content["made"])


def comes_back(problems: list[Problem]) -> bool:
    """Whether problems are the same after they were written: their values may not all be those of JSON."""
    try:
        return [from_state(json.loads(json.dumps(as_state(problem)))) for problem in problems] == problems
    except (TypeError, ValueError):
        return False
