"""What is looked at before anything slow: the study, its boundaries, its inputs, what is exposed, where it all lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.pipeline.check.study import check_study

__all__ = ["check_study"]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
