"""Exceptions of riskzoning and the four-part message that every one of them carries.

A message says which thing is wrong, what was found, what is required and what to do. Problems are values
(:class:`Problem`), so that a check can gather all of them before anything is raised, and so that the command line can
print the same rows as a table or as JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.errors.counted import counted
from riskzoning.errors.decisions import Decision, Decisions, about_input, decided, deciding
from riskzoning.errors.family import (
    AdminError,
    ConfigError,
    DatabaseError,
    GridMismatchError,
    LayerError,
    LockedError,
    MissingCRSError,
    MissingDependencyError,
    RiskZoningError,
    RunError,
    StandardTableError,
    SurveyError,
    TargetError,
    UnitsError,
)
from riskzoning.errors.grouping import grouped
from riskzoning.errors.notes import Journal, RiskZoningWarning, hearing, note
from riskzoning.errors.problem import Phrase, Problem, Severity
from riskzoning.errors.sentences import LANGUAGES, escaped_json, in_words, language, speaking, visible, without_secrets
from riskzoning.faces import missing

__all__ = [
    "LANGUAGES",
    "AdminError",
    "ConfigError",
    "DatabaseError",
    "Decision",
    "Decisions",
    "GridMismatchError",
    "Journal",
    "LayerError",
    "LockedError",
    "MissingCRSError",
    "MissingDependencyError",
    "Phrase",
    "Problem",
    "RiskZoningError",
    "RiskZoningWarning",
    "RunError",
    "Severity",
    "StandardTableError",
    "SurveyError",
    "TargetError",
    "UnitsError",
    "about_input",
    "counted",
    "decided",
    "deciding",
    "escaped_json",
    "grouped",
    "hearing",
    "in_words",
    "language",
    "note",
    "speaking",
    "visible",
    "without_secrets",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
