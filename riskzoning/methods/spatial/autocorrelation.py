"""Moran's I and the local statistics of Getis and Ord: whether alike stands beside alike, and where."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sparse
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers.plausible import takes
from riskzoning.methods.spatial.neighbours import Neighbours

Floats = NDArray[np.float64]
_THING = Phrase("spatial_statistics")
_LEAST = 3
# From so many units on the distribution of I is near enough to the normal one, and chance no longer hides a pattern.
SOUND = 30


class Moran(NamedTuple):
    """Moran's I with its expectation and variance if values stood anywhere.

    ``variance_normal`` holds if the values come from a normal distribution, ``variance_random`` if these values were
    shuffled among the units; ``p_value`` is two-sided, of the latter. ``units`` without islands and missing values.

    Examples
    --------
    >>> round(Moran(0.5, -0.125, 0.053125, 0.0596875, 0.010517, 9).z_normal, 6)
    2.711631
    """

    value: float
    expected: float
    variance_normal: float
    variance_random: float
    p_value: float
    units: int

    @property
    def weak(self) -> bool:
        """Whether the units are too few (below 30) for significance to say much: 12 counties rarely show a pattern.

        Examples
        --------
        >>> Moran(0.3, -0.09, 0.04, 0.04, 0.05, 12).weak
        True
        """
        return self.units < SOUND

    @property
    def z_normal(self) -> float:
        """Deviations from the expectation, of normal values.

        Examples
        --------
        >>> Moran(0.0, 0.0, 1.0, 1.0, 1.0, 9).z_normal
        0.0
        """
        return float((self.value - self.expected) / np.sqrt(self.variance_normal))

    @property
    def z_random(self) -> float:
        """Deviations from the expectation, of shuffled values.

        Examples
        --------
        >>> Moran(1.0, 0.0, 1.0, 4.0, 1.0, 9).z_random
        0.5
        """
        return float((self.value - self.expected) / np.sqrt(self.variance_random))


@takes()
def morans_i(values: ArrayLike, neighbours: Neighbours, *, weights: Literal["row", "binary"] = "row") -> Moran:
    """Moran's I (全局莫兰指数): above its expectation alike stands beside alike, below it unlike.

    Parameters
    ----------
    values : array or Series, shape (units,)
        NaN is left out, and so are islands: units without a neighbour that has a value.
    neighbours : Neighbours
    weights : {"row", "binary"}
        Row-standardised (every unit counts alike) or 1 for each pair.

    Returns
    -------
    Moran
        Below 30 units with a warning (``spatial.weak``), and ``weak``.

    Raises
    ------
    LayerError
        Fewer than three units with a value and a neighbour, or all values are the same.

    References
    ----------
    Cliff and Ord 1981.

    Examples
    --------
    >>> from riskzoning.methods.spatial import within_distance
    >>> lattice = within_distance([[x, y] for y in range(6) for x in range(6)], 1.0)
    >>> told = morans_i(range(1, 37), lattice)
    >>> round(told.value, 6), told.weak
    (0.888889, False)
    """
    z, w = _ready(values, neighbours)
    if weights == "row":
        w = sparse.csr_array(sparse.diags_array(1 / np.asarray(w.sum(axis=1)).ravel()) @ w)
    n = len(z)
    z = z - z.mean()
    squares = float(z @ z)
    if squares <= 0 or not np.isfinite(squares):
        raise LayerError(Problem("spatial.constant", _THING, units=n))
    s0 = float(w.sum())
    s1 = float((w + w.T).power(2).sum()) / 2
    s2 = float(((np.asarray(w.sum(axis=1)).ravel() + np.asarray(w.sum(axis=0)).ravel()) ** 2).sum())
    value, expected = n / s0 * float(z @ (w @ z)) / squares, -1 / (n - 1)
    normal = (n * n * s1 - n * s2 + 3 * s0 * s0) / ((n * n - 1) * s0 * s0) - expected**2
    k = n * float((z**4).sum()) / squares**2
    first = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0 * s0)
    second = k * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0 * s0)
    below = (n - 1) * (n - 2) * (n - 3) * s0 * s0
    random = (first - second) / below - expected**2 if below else float("nan")
    spread = float(np.sqrt(random)) if random > 0 else float("nan")
    if n < SOUND:
        note(Problem("spatial.weak", _THING, severity="warning", units=n, least=SOUND))
    return Moran(value, expected, normal, random, float(2 * norm.sf(abs(value - expected) / spread)), n)


@takes()
def local_g(values: ArrayLike, neighbours: Neighbours, *, self_included: bool) -> pd.DataFrame:
    """Getis-Ord G of each unit (热点分析): high where values around it are high, low where they are low.

    Parameters
    ----------
    values : array or Series, shape (units,)
        NaN is left out.
    neighbours : Neighbours
    self_included : bool
        Whether the unit counts as its own neighbour: False is G, True is G* (Gi*), the one of hot-spot maps.

    Returns
    -------
    DataFrame
        ``z`` and ``p_value`` (two-sided), in the order of the values; NaN for missing ones and for islands, also with
        G*: of a unit alone nothing can be told.

    Raises
    ------
    LayerError
        As :func:`morans_i`.

    References
    ----------
    Ord and Getis 1995.

    Examples
    --------
    >>> from riskzoning.methods.spatial import within_distance
    >>> points = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
    >>> near = within_distance(points, 15.0)
    >>> local_g([2, 3, 3.2, 5, 8, 7], near, self_included=False)["z"].round(6).tolist()
    [-1.013673, -0.043616, 1.315587, -0.314127, 1.15374, 1.778339]
    """
    numbers = np.asarray(values, dtype=np.float64).ravel()
    x, w = _ready(numbers, neighbours)
    used = _used(numbers, neighbours)
    n, ones = len(x), np.asarray(w.sum(axis=1)).ravel()
    if self_included:
        total, count = w @ x + x, ones + 1
        mean = np.full(n, x.mean())
        square = np.full(n, (x * x).mean())
        spread = np.sqrt(square - mean**2) * np.sqrt(np.maximum((n * count - count**2) / (n - 1), 0.0))
    else:
        total, count = w @ x, ones
        # Mean and variance of all the others.
        mean = (x.sum() - x) / (n - 1)
        square = ((x * x).sum() - x * x) / (n - 1)
        spread = np.sqrt(np.maximum(square - mean**2, 0.0)) * np.sqrt(
            np.maximum(((n - 1) * count - count**2) / (n - 2), 0.0)
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(spread > 0, (total - mean * count) / spread, np.nan)
    out = np.full(len(numbers), np.nan)
    out[used] = z
    return pd.DataFrame({"z": out, "p_value": 2 * norm.sf(np.abs(out))})


def _used(numbers: Floats, neighbours: Neighbours) -> NDArray[np.bool_]:
    """Units with a value and a neighbour that has one."""
    good = np.isfinite(numbers)
    beside = np.asarray(neighbours.weights @ good.astype(np.float64)).ravel()
    return good & (beside > 0)


def _ready(values: ArrayLike, neighbours: Neighbours) -> tuple[Floats, sparse.csr_array]:
    numbers = np.asarray(values, dtype=np.float64).ravel()
    size = neighbours.weights.shape[0]
    used = _used(numbers, neighbours) if len(numbers) == size else np.zeros(0, dtype=bool)
    if int(used.sum()) < _LEAST:
        raise LayerError(Problem("spatial.few", _THING, values=len(numbers), units=size, usable=int(used.sum())))
    return numbers[used], sparse.csr_array(neighbours.weights[used][:, used])
