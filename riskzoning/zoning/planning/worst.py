"""The worst hazard of each cell: the highest index, its grade by limits that hold in every city, and which it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from riskzoning.layers import describe
from riskzoning.methods.classification import grade_values

# Cells that are looked at together: a layer of indices never stands in memory as a whole.
_CELLS = 4_000_000


@dataclass(frozen=True)
class Worst:
    """Grades of 1 byte (0: no index is known), and the number of the hazard, from 1, whose index is the highest."""

    grade: xr.DataArray
    hazard: xr.DataArray
    hazards: tuple[str, ...]


def worst_of(
    indices: Mapping[str, xr.DataArray], limits: Sequence[float], *, closed: Literal["right", "left"] = "right"
) -> Worst:
    """The highest index of each cell, graded by ``limits``; of equal ones the first hazard counts."""
    first = next(iter(indices.values()))
    rows, columns = first.shape
    grade, number = np.zeros(first.shape, np.uint8), np.zeros(first.shape, np.uint8)
    step = max(_CELLS // max(columns, 1), 1)
    for top in range(0, rows, step):
        band = slice(top, top + step)
        best = np.full(grade[band].shape, np.nan, np.float32)
        for at, layer in enumerate(indices.values(), start=1):
            values = layer.isel(y=band).values
            above = (values > best) | (np.isnan(best) & ~np.isnan(values))
            best[above], number[band][above] = values[above], at
        grade[band] = grade_values(best, limits, closed=closed)
    return Worst(
        describe(first.copy(data=grade), quantity="risk_grade", like=first).rename("grade"),
        describe(first.copy(data=number), quantity="mask", like=first).rename("hazard"),
        tuple(indices),
    )
