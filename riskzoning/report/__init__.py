"""The report of a study (评估与区划报告): a Word document in the language of the study, from the tables of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.report.writing import report

__all__ = ["report"]

_PLACES = {".writing": ("report",)}
__getattr__, __dir__ = lazy(__name__, _PLACES)
