"""One bell for everything a run must tell: in a run it is kept in the journal, elsewhere Python warns at the caller."""

from __future__ import annotations

import contextlib
import contextvars
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from riskzoning.errors.problem import Problem

_PACKAGE = str(Path(__file__).resolve().parents[1])


class RiskZoningWarning(UserWarning):
    """Something unusual that does not stop the work; ``problem`` has the rule and the values."""

    def __init__(self, problem: Problem) -> None:
        # The problem is the argument: a copy in another process is made from it, and speaks the language of its reader.
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem.text()


@dataclass
class Journal:
    """What a run must tell: ``warnings``, ``steps`` (severity ``info``) and what was ``dropped``, each thing once.

    Examples
    --------
    >>> with hearing(Journal()) as journal:
    ...     note(Problem("example.empty", "a.tif", severity="warning"))
    ...     note(Problem("example.empty", "a.tif", severity="warning"))
    >>> [problem.rule for problem in journal.warnings]
    ['example.empty']
    """

    warnings: list[Problem] = field(default_factory=list)
    steps: list[Problem] = field(default_factory=list)
    dropped: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Keep a note: rules that begin with ``dropped.`` apart, else by severity.

        Examples
        --------
        >>> journal = Journal()
        >>> journal.add(Problem("example.empty", "a.tif", severity="info"))
        >>> len(journal.steps)
        1
        """
        kind = self.warnings if problem.severity != "info" else self.steps
        kind = self.dropped if problem.rule.startswith("dropped.") else kind
        if problem not in kind:
            kind.append(problem)


_journal: contextvars.ContextVar[Journal | None] = contextvars.ContextVar("riskzoning_journal", default=None)


@contextlib.contextmanager
def hearing(journal: Journal) -> Iterator[Journal]:
    """Put every note that is given while the block runs into this journal.

    Examples
    --------
    >>> with hearing(Journal()) as journal:
    ...     note(Problem("example.empty", "a.tif", severity="warning"))
    >>> len(journal.warnings)
    1
    """
    token = _journal.set(journal)
    try:
        yield journal
    finally:
        _journal.reset(token)


def note(problem: Problem) -> None:
    """Tell something: into the journal of the run, or, outside a run, as a Python warning at the caller's line.

    Notes of severity ``info`` (what was done as asked) are silent outside a run.

    Examples
    --------
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     note(Problem("example.empty", "a.tif", severity="warning"))
    >>> print(caught[0].message)
    a.tif is empty; expected one value or more. Export it again.
    """
    journal = _journal.get()
    if journal is not None:
        journal.add(problem)
    elif problem.severity != "info":
        _warn_at_the_caller(problem)


def _warn_at_the_caller(problem: Problem) -> None:
    """Warn at the first line outside the package, however deep the call came from."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    place, registry = frame.f_globals, frame.f_globals.setdefault("__warningregistry__", {})
    warnings.warn_explicit(
        RiskZoningWarning(problem), None, frame.f_code.co_filename, frame.f_lineno,
        module=str(place.get("__name__", "")), registry=registry,
    )  # fmt: skip
