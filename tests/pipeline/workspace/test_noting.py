"""Warnings of the rooms become problems of the run."""

from __future__ import annotations

import warnings

import pandas as pd

from riskzoning.errors import Problem
from riskzoning.pipeline.workspace.noting import noted
from riskzoning.zoning.scales import grade_units


def test_a_warning_of_the_package_is_noted_once_and_foreign_ones_are_not() -> None:
    found: list[Problem] = []
    with noted(found, "grades"):
        for _ in range(2):
            grade_units({"county": pd.Series([1.0, 2.0, 2.0])}, k=5)
        warnings.warn("somebody else", UserWarning, stacklevel=1)
    assert [(problem.file, problem.severity) for problem in found] == [("grades", "warning")]
