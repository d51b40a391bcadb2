"""Exceptions of riskzoning and the four-part message that every one of them carries.

A message says which thing is wrong, what was found, what is required and what to do. Problems are values
(:class:`Problem`), so that a check can gather all of them before anything is raised, and so that the command line can
print the same rows as a table or as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

__all__ = [
    "AdminError",
    "ConfigError",
    "DatabaseError",
    "GridMismatchError",
    "LayerError",
    "LockedError",
    "MissingCRSError",
    "MissingDependencyError",
    "Problem",
    "RiskZoningError",
    "RunError",
    "StandardTableError",
    "SurveyError",
    "UnitsError",
    "first_few",
]

Severity = Literal["error", "warning", "info"]
_SHOWN = 5


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong (or only unusual) in an input, in four parts.

    Parameters
    ----------
    file : str
        The thing: a path, or words such as ``layer 'flood_depth_rp100'``.
    found, required, fix : str
        What was found, what is required, what to do (a sentence).
    rule : str
        Dotted name of the rule, e.g. ``layer.units``, or an id such as ``Q05``.
    severity : {"error", "warning", "info"}
    sheet, row, field : optional
        Place inside the file; ``row`` as a person sees it (first row = 1).

    Examples
    --------
    >>> print(Problem("layer 'depth'", "has units 'cm'", "'flood_depth' needs 'm'", "Declare units: cm in study.yaml."))
    layer 'depth' has units 'cm'; 'flood_depth' needs 'm'. Declare units: cm in study.yaml.
    """

    file: str
    found: str
    required: str
    fix: str
    rule: str = "input"
    severity: Severity = "error"
    sheet: str | None = None
    row: int | None = None
    field: str | None = None

    @property
    def thing(self) -> str:
        """The place in words, e.g. ``study.yaml, field 'grid.crs'``.

        Examples
        --------
        >>> Problem("a.xlsx", "is empty", "a value", "Fill it.", sheet="人口", row=4).thing
        "a.xlsx, sheet '人口', row 4"
        """
        parts = [self.file]
        if self.sheet is not None:
            parts.append(f"sheet '{self.sheet}'")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.field is not None:
            parts.append(f"field '{self.field}'")
        return ", ".join(parts)

    def __str__(self) -> str:
        return f"{self.thing} {self.found}; {self.required.rstrip('.')}. {self.fix}"

    def as_row(self) -> dict[str, object]:
        """The problem as a JSON-ready mapping with the keys of ``--format json``.

        Examples
        --------
        >>> list(Problem("a.tif", "is empty", "a raster", "Export it again.").as_row())
        ['file', 'sheet', 'row', 'field', 'rule', 'severity', 'found', 'required', 'fix']
        """
        row = asdict(self)
        return {
            key: row[key] for key in ("file", "sheet", "row", "field", "rule", "severity", "found", "required", "fix")
        }


def first_few(items: Iterable[object], shown: int = _SHOWN) -> str:
    """The first items as text, with the number of those not shown.

    Examples
    --------
    >>> first_few(["a", "b", "c"], shown=2)
    'a, b (and 1 more)'
    """
    texts = [str(item) for item in items]
    rest = len(texts) - shown
    return ", ".join(texts[:shown]) + (f" (and {rest} more)" if rest > 0 else "")


class RiskZoningError(Exception):
    """Base of all errors of the package; ``problems`` lists every one that was found.

    Parameters
    ----------
    message : str or Problem
        Text, or one problem.
    problems : sequence of Problem, optional
        All problems; the message is then made from them.

    Examples
    --------
    >>> error = RiskZoningError(problems=[Problem("a.tif", "is empty", "a raster is needed", "Export it again.")])
    >>> str(error)
    'a.tif is empty; a raster is needed. Export it again.'
    """

    def __init__(self, message: str | Problem = "", *, problems: Sequence[Problem] = ()) -> None:
        if isinstance(message, Problem):
            problems, message = (message, *problems), ""
        self.problems: tuple[Problem, ...] = tuple(problems)
        if not message:
            message = "\n".join(str(problem) for problem in self.problems)
        super().__init__(message)


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
