"""How large a forest fire was by the classes of the regulation: burnt forest, deaths, heavily injured."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.layers.plausible import takes

_TABLE = "hazards/forest_fire_sizes"


@takes()
def fire_size(*, area_ha: Cells | None = None, deaths: Cells | None = None, injured: Cells | None = None) -> Any:
    """Class of a forest fire by what happened (森林火灾等级): 1 一般, 2 较大, 3 重大, 4 特别重大.

    Parameters
    ----------
    area_ha : number or array, optional
        Burnt forest (受害森林面积), ha.
    deaths, injured : number or array, optional
        Persons dead, and heavily injured (重伤).

    Returns
    -------
    float or array
        1..4, the highest of the criteria that are known; NaN where none is.

    Raises
    ------
    LayerError
        None is given, or a number is negative.

    References
    ----------
    森林防火条例; a number that a class begins with belongs to it. Table ``hazards/forest_fire_sizes``.

    Examples
    --------
    >>> fire_size(area_ha=0.9), fire_size(area_ha=100), fire_size(area_ha=0.5, deaths=3)
    (1.0, 3.0, 2.0)
    """
    limits = standards.table(_TABLE).data["limits"]
    given = {"area_ha": area_ha, "deaths": deaths, "injured": injured}
    known = {name: value for name, value in given.items() if value is not None}
    if not known:
        raise LayerError(Problem("forest_fire.size_of_nothing", Phrase("fire_size"), known=list(given)))
    for name, value in known.items():
        least = float(np.nanmin(np.asarray(value, dtype=np.float64), initial=0.0))
        if least < 0:
            raise LayerError(Problem("forest_fire.size_negative", Phrase("fire_size"), field=name, value=least))
    classes = [by_cell(partial(_classed, limits=limits[name]), value) for name, value in known.items()]
    out = classes[0]
    for other in classes[1:]:
        out = by_cell(np.fmax, out, other)
    return out


def _classed(values: Array, *, limits: Array) -> Array:
    values = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(values), np.nan, np.searchsorted(limits, values, side="right") + 1.0)
