"""The value that a run returns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import xarray as xr

from riskzoning.results import StudyResult


def test_levels_are_ordered_from_coarse_to_fine(make_grid: Callable[..., Any]) -> None:
    units: Any = {"township": None, "city": None, "county": None}
    found = StudyResult("410700", {"zh": "市"}, make_grid(), layers=xr.Dataset(), units=units, folder=Path("."))
    assert found.levels == ("city", "county", "township")
