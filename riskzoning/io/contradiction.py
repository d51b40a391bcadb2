"""The CRS that is declared, and coordinates that contradict it: metres under degrees, zone numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from riskzoning.admin.crs import crs_contradiction, crs_name
from riskzoning.errors import LayerError, Phrase, Problem

Array = np.ndarray[Any, np.dtype[Any]]


def known_crs(path: Path, crs: object) -> CRS:
    """The CRS that is declared for a file."""
    try:
        system = CRS.from_user_input(crs)
    except CRSError:
        raise LayerError(Problem("crs.unknown", path, crs=crs)) from None
    check_usable(path, system)
    return system


def check_usable(thing: Path | Phrase | str, crs: CRS) -> None:
    """Refuse a CRS that places nothing on the map: heights, parts of a machine, projections that cannot be computed."""
    rule = "crs.kind"
    if crs.is_geographic or crs.is_projected:
        try:
            Transformer.from_crs(crs, "EPSG:4490", always_xy=True)
            return
        except ProjError:
            rule = "crs.projection"
    raise LayerError(Problem(rule, thing, crs=crs_name(crs)))


def check_crs(bounds: Array, crs: CRS, rows: Array, thing: Phrase | str) -> None:
    """Refuse bounds (west, south, east, north of each feature) that contradict their CRS, and name the rows."""
    contradiction = crs_contradiction(bounds, crs)
    if contradiction is None:
        return
    wrong, problem = contradiction
    whom = Phrase("nothing") if wrong.all() else Phrase("in_rows", rows=rows[wrong].tolist())
    raise LayerError(problem.at(thing, whom=whom))
