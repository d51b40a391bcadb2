"""Warnings that the rooms of science give while they compute become warnings of the run, seen in its record."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskzoning.errors import Problem

__all__ = ["noted"]

_PACKAGE = Path(__file__).resolve().parents[1]


@contextmanager
def noted(found: list[Problem], thing: str) -> Iterator[None]:
    """Put every warning of the package that comes up inside on the list, once; those of other packages are dropped.

    Parameters
    ----------
    found : list of Problem
        Gets the warnings.
    thing : str
        What was being worked on.

    Examples
    --------
    >>> problems = []
    >>> with noted(problems, "grades"):
    ...     warnings.warn("a note of somebody else")
    >>> problems
    []
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for item in caught:
        text = str(item.message)
        if issubclass(item.category, UserWarning) and _PACKAGE in Path(item.filename).resolve().parents:
            problem = Problem(
                thing, f"says: {text}", "values without such a note", "Look whether that is meant.", rule="run.note",
                severity="warning",
            )  # fmt: skip
            if problem not in found:
                found.append(problem)
