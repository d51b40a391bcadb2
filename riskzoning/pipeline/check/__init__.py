"""What is looked at before anything slow: the study, its boundaries, its inputs, what is exposed, where it all lies."""

from __future__ import annotations

from riskzoning.pipeline.check.study import check_study

__all__ = ["check_study"]
