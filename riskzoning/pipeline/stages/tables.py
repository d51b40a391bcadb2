"""Tables of standards that a study replaces: whether they have the shape of the shipped ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskzoning import standards
from riskzoning.errors import Problem, StandardTableError, first_few

__all__ = ["replaced_table_problems"]


def replaced_table_problems(name: str) -> Iterator[Problem]:
    """Compare the replacement of a table, in the open session, with the shipped table: kind, keys, numbers.

    Examples
    --------
    >>> with standards.session({"weights/hazards": {"hazards": ["flood"]}}):
    ...     [problem.found for problem in replaced_table_problems("weights/hazards")]
    ['lacks the keys matrix, a, random_index']
    """
    try:
        found = standards.table(name)
    except StandardTableError as error:
        yield from error.problems
        return
    shipped = standards.shipped_table(name)
    thing = f"table '{name}' ({found.info.get('replaced_by', 'study.yaml')})"
    yield from _differences(found.data, shipped.data, thing, ())


def _differences(found: Any, shipped: Any, thing: str, at: tuple[str, ...]) -> Iterator[Problem]:
    field = ".".join(("data", *at))
    if _kind(found) != _kind(shipped):
        yield _problem(thing, field, f"is {_shown(found)}", _kind(shipped))
    elif isinstance(shipped, Mapping) and not at:
        lost = [str(key) for key in shipped if key not in found]
        if lost:
            yield _problem(thing, None, f"lacks the keys {first_few(lost, shown=8)}", "every key of the shipped table")
        for key in shipped:
            if key in found:
                yield from _differences(found[key], shipped[key], thing, (str(key),))


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return "true or false"
    return "a number" if isinstance(value, int | float) else "text" if isinstance(value, str) else "nothing"


def _shown(value: Any) -> str:
    return _kind(value) if isinstance(value, Mapping | list | tuple) else repr(value)


def _problem(thing: str, field: str | None, found: str, required: str) -> Problem:
    fix = "Correct the table under `standards:`; `riskzoning hazards` names the shipped ones."
    return Problem(thing, found, required, fix, rule="standards.shape", field=field)
