"""The family of exceptions: every one of them carries its problems."""

from __future__ import annotations

from collections.abc import Sequence

from riskzoning.errors.problem import Problem


class RiskZoningError(Exception):
    """Base of all errors of the package; ``problems`` lists every one that was found.

    Its text is rendered when it is shown, in the language spoken then (:func:`speaking`).

    Parameters
    ----------
    message : str or Problem
        Text, or one problem.
    problems : sequence of Problem, optional
        All problems; the message is then made from them.

    Examples
    --------
    >>> error = RiskZoningError(problems=[Problem("example.empty", "a.tif")])
    >>> str(error)
    'a.tif is empty; expected one value or more. Export it again.'
    """

    def __init__(self, message: str | Problem = "", *, problems: Sequence[Problem] = ()) -> None:
        if isinstance(message, Problem):
            problems, message = (message, *problems), ""
        self.problems: tuple[Problem, ...] = tuple(problems)
        self._message = message
        super().__init__(message)

    def __str__(self) -> str:
        return self._message or "\n".join(problem.text() for problem in self.problems)

    def __reduce__(self) -> tuple[type[RiskZoningError], tuple[str], dict[str, object]]:
        return type(self), (self._message,), {"problems": self.problems, "_message": self._message}


class LayerError(RiskZoningError, ValueError):
    """A raster or vector layer is not what it should be."""


class MissingCRSError(LayerError):
    """A layer carries no coordinate reference system."""


class UnitsError(LayerError):
    """A layer has other units than its quantity."""


class GridMismatchError(LayerError):
    """Two layers do not lie on the same grid."""


class AdminError(RiskZoningError, ValueError):
    """Administrative units are incomplete, doubled, misplaced or broken."""


class SurveyError(RiskZoningError, ValueError):
    """A survey table breaks its form."""


class ConfigError(RiskZoningError, ValueError):
    """study.yaml or an input that it names is wrong; carries every problem."""


class StandardTableError(RiskZoningError, LookupError):
    """A table of standards or a class in it does not exist."""


class MissingDependencyError(RiskZoningError, ImportError):
    """An optional package is not installed; the message has the install command."""


class RunError(RiskZoningError, RuntimeError):
    """A run failed for a reason that is not the input."""


class LockedError(RunError):
    """Another run holds the output folder."""


class DatabaseError(RiskZoningError, RuntimeError):
    """The disaster database cannot be opened, read or written."""


class TargetError(DatabaseError, ConfigError):
    """The database that is named cannot be meant: a URL with a mistake, or a place that holds something else."""
