"""One cause, one row: problems of many rows of one file that say the same become one, with their count."""

from __future__ import annotations

from collections.abc import Iterable

from riskzoning.errors.problem import Phrase, Problem

# So many of one kind are shown one by one: each can be looked at.
_EACH = 3


def grouped(problems: Iterable[Problem]) -> list[Problem]:
    """Problems in their order, each once; more than three of one rule at one thing and field become the first of them.

    The first one says how many more there are, and in which rows.

    Parameters
    ----------
    problems : iterable of Problem

    Examples
    --------
    >>> many = [Problem("example.empty", "a.tif", row=row, field="code") for row in range(1, 161)]
    >>> (one,) = grouped(many)
    >>> print(one.found)
    is empty (and 159 more like this: rows 2, 3, 4, 5, 6 (and 154 more))
    """
    every = list(dict.fromkeys(problems))
    kinds: dict[tuple[object, ...], list[Problem]] = {}
    for problem in every:
        kinds.setdefault(_kind(problem), []).append(problem)
    out: list[Problem] = []
    for problem in every:
        same = kinds[_kind(problem)]
        if len(same) <= _EACH:
            out.append(problem)
        elif problem is same[0]:
            out.append(_one(same))
    return out


def _kind(problem: Problem) -> tuple[object, ...]:
    return problem.rule, problem.about, problem.severity, problem.sheet, problem.field


def _one(same: list[Problem]) -> Problem:
    """The first of many, with the count and the rows of the others."""
    rows = [problem.row for problem in same[1:] if problem.row is not None]
    if len(rows) == len(same) - 1:
        return same[0].at(more=Phrase("more_in_rows", count=len(rows), rows=rows))
    return same[0].at(more=Phrase("more_like_this", count=len(same) - 1))
