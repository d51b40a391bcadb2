"""Rows of the table ``validation``: a number, of how many cases, from when, and what it has seen before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

# Seen when the model was fitted, kept away from it, never meant for it; empty for what is no skill.
Sample = Literal["in-sample", "hold-out", "independent", ""]
COLUMNS = ["hazard", "measure", "value", "n", "period", "calibrated_on", "sample"]


class Row(NamedTuple):
    """A number of skill: of ``n`` units or events of a ``period``; what was fitted to ``calibrated_on``."""

    hazard: str
    measure: str
    value: float
    n: float = np.nan
    period: str = ""
    calibrated_on: str = ""
    sample: Sample = ""


def table_of(rows: Iterable[Row]) -> pd.DataFrame:
    """The rows as a table."""
    return pd.DataFrame([tuple(row) for row in rows], columns=COLUMNS).astype({"value": float, "n": float})
