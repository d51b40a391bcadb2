"""What few cells cannot carry: small classes joined to their neighbours, density of events as a rising curve."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning.layers.plausible import takes

Floats = NDArray[np.float64]


@takes()
def merge_small(area: Mapping[int, float], *, least: float = 30) -> dict[int, int]:
    """Which class of an ordered factor takes the cells of which: none is left below ``least`` cells.

    The smallest class goes to the smaller of its two neighbours, again and again.

    Parameters
    ----------
    area : mapping class -> cells
        Classes in the order of their numbers.
    least : float
        Fewest cells of a class.

    Returns
    -------
    dict class -> class
        Every class, those that stay with themselves.

    Examples
    --------
    >>> merge_small({1: 900, 2: 400, 3: 12, 4: 5})
    {1: 1, 2: 2, 3: 2, 4: 2}
    """
    cells = dict(sorted(area.items()))
    goes = {code: code for code in cells}
    while len(cells) > 1 and min(cells.values()) < least:
        order = list(cells)
        small = min(order, key=lambda code: cells[code])
        at = order.index(small)
        neighbours = [order[place] for place in (at - 1, at + 1) if 0 <= place < len(order)]
        other = min(neighbours, key=lambda code: cells[code])
        cells[other] += cells.pop(small)
        goes = {code: other if to == small else to for code, to in goes.items()}
    return goes


@takes()
def density_curve(
    scores: ArrayLike, cells: ArrayLike, events: ArrayLike, *, classes: int = 20
) -> tuple[list[float], list[float]]:
    """Density of events relative to the mean, as a curve that never falls with the score.

    Classes of equal area are formed from the score, each density is drawn towards the mean by half an event, and
    neighbours that fall are pooled (isotonic regression, weighted by area).

    Parameters
    ----------
    scores, cells, events : array, shape (bins,)
        Score of fine bins, ascending, with their cells and event cells; best of scores on held-out ground.
    classes : int
        Classes of equal area.

    Returns
    -------
    scores, densities : list of float
        Mean score and relative density of the classes; between them the curve is linear, beyond them flat. None
        without ground.

    Examples
    --------
    >>> density_curve([1.0, 2.0, 3.0, 4.0], [1000] * 4, [1, 2, 1, 36], classes=4)[1]
    [0.142857143, 0.19047619, 0.19047619, 3.476190476]
    """
    value, ground, hits = (np.ravel(np.asarray(one, dtype=np.float64)) for one in (scores, cells, events))
    used = ground > 0
    value, ground, hits = value[used], ground[used], hits[used]
    if not ground.size:
        return [], []
    middle = np.cumsum(ground) - ground / 2
    number = np.minimum((middle / ground.sum() * classes).astype(int), classes - 1)
    rows = pd.DataFrame({"value": value * ground, "ground": ground, "hits": hits}).groupby(number).sum()
    mean = hits.sum() / ground.sum()
    share = (rows["hits"] + 0.5) / (rows["ground"] + 0.5 / mean) / mean
    rising = _rising(share.to_numpy(), rows["ground"].to_numpy())
    centre = rows["value"].to_numpy() / rows["ground"].to_numpy()
    return [float(one) for one in centre], [round(float(one), 9) for one in rising]


def _rising(values: Floats, weights: Floats) -> Floats:
    """Least-squares fit that never falls: pool adjacent violators."""
    means: list[float] = []
    heavy: list[float] = []
    count: list[int] = []
    for value, weight in zip(values, weights, strict=True):
        means.append(float(value))
        heavy.append(float(weight))
        count.append(1)
        while len(means) > 1 and means[-2] > means[-1]:
            total = heavy[-2] + heavy[-1]
            means[-2:] = [(means[-2] * heavy[-2] + means[-1] * heavy[-1]) / total]
            heavy[-2:], count[-2:] = [total], [count[-2] + count[-1]]
    return np.repeat(np.array(means), count)
