"""The CRS that is declared, and coordinates that contradict it: metres under degrees, zone numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from riskzoning.admin.crs import crs_contradiction
from riskzoning.errors import LayerError, Phrase, Problem

Array = np.ndarray[Any, np.dtype[Any]]


def known_crs(path: Path, crs: object) -> CRS:
    """The CRS that is declared for a file."""
    try:
        return CRS.from_user_input(crs)
    except CRSError:
        raise LayerError(Problem("crs.unknown", path, crs=crs)) from None


def check_crs(bounds: Array, crs: CRS, rows: Array, thing: Phrase | str) -> None:
    """Refuse bounds (west, south, east, north of each feature) that contradict their CRS, and name the rows."""
    contradiction = crs_contradiction(bounds, crs)
    if contradiction is None:
        return
    wrong, problem = contradiction
    whom = Phrase("nothing") if wrong.all() else Phrase("in_rows", rows=rows[wrong].tolist())
    raise LayerError(problem.at(thing, whom=whom))
