"""Distance of units to the best and the worst: TOPSIS; and the coupling of two systems."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, note
from riskzoning.layers.numbers import limits_like
from riskzoning.layers.plausible import takes
from riskzoning.methods.labels import paired
from riskzoning.methods.ranges import spans
from riskzoning.methods.weights.normalisation import (
    Directions,
    Matrix,
    Weights,
    check_directions,
    check_weights,
    indicator_matrix,
    scaled,
)


@takes()
def topsis(
    matrix: Matrix,
    weights: Weights,
    *,
    directions: Directions = None,
    normalisation: Literal["vector", "minmax"] = "vector",
    renormalise: bool = False,
) -> pd.DataFrame:
    """Distances of each unit to the best and the worst, and its closeness to the best (优劣解距离法).

    Parameters
    ----------
    matrix : DataFrame or array, units x indicators
        NaN in a row gives NaN for that unit and is left out of the ideals.
    weights : sequence, mapping or Series
        Sum 1.
    directions : sequence or mapping of +1, -1
        +1 benefit (default), -1 cost; "+", "-", "benefit", "cost" as well.
    normalisation : {"vector", "minmax"}
        Vector: x / sqrt(sum x^2).
    renormalise : bool
        Accept weights with another sum, with a warning.

    Returns
    -------
    DataFrame
        ``d_plus``, ``d_minus``, ``closeness`` = d_minus / (d_plus + d_minus), 0..1; index of the matrix. A constant
        indicator adds 0 to both distances; units that are all equal have closeness NaN, with a warning.

    Raises
    ------
    ConfigError, LayerError
        Weights, directions, normalisation or matrix do not fit.

    References
    ----------
    Hwang, C.-L. and Yoon, K. (1981): Multiple Attribute Decision Making. Springer.

    Examples
    --------
    >>> topsis([[3, 200], [4, 150], [5, 300]], [0.6, 0.4]).round(4)
       d_plus  d_minus  closeness
    0  0.1982   0.0512     0.2053
    1  0.1755   0.0849     0.3259
    2  0.0000   0.2289     1.0000
    """
    values, index, columns = indicator_matrix(matrix, least=1)
    signs = check_directions(directions, columns)
    w = check_weights(weights, columns, renormalise=renormalise)
    if normalisation not in ("vector", "minmax"):
        raise ConfigError(Problem("weights.topsis", Phrase("topsis_normalisation"), name=normalisation))
    # Min-max turns costs into benefits by itself.
    v = scaled(values, signs, normalisation) * w
    up = signs > 0 if normalisation == "vector" else np.ones(len(w), dtype=bool)
    high, low = np.nanmax(v, axis=0), np.nanmin(v, axis=0)
    # An indicator that is the same in all units tells none of them apart.
    v = np.where(spans(low, high) | np.isnan(v), v, high)
    low = np.where(spans(low, high), low, high)
    d_plus = np.sqrt(((np.where(up, high, low) - v) ** 2).sum(axis=1))
    d_minus = np.sqrt(((v - np.where(up, low, high)) ** 2).sum(axis=1))
    both = d_plus + d_minus
    if np.any(both == 0):
        note(Problem("weights.topsis_equal", Phrase("topsis"), severity="warning"))
    closeness = np.divide(d_minus, both, out=np.full(len(v), np.nan), where=both > 0)
    table = {"d_plus": d_plus, "d_minus": d_minus, "closeness": closeness}
    return pd.DataFrame(table, index=index)


@takes()
def coupling_coordination(*systems: ArrayLike, shares: Weights | None = None) -> pd.DataFrame:
    """Coupling C, overall level T and coupling coordination D (耦合协调度) of two or more systems.

    High D of two bad things is not good: use 1 - risk and capacity.

    Parameters
    ----------
    *systems : array-like of one value per unit, or numbers
        Indices 0..1; NaN gives NaN.
    shares : sequence, optional
        Contribution of each system, sum 1; equal by default.

    Raises
    ------
    LayerError
        Fewer than two systems, or values outside 0..1.

    Notes
    -----
    C = n (prod U)^(1/n) / sum U, T = sum b U, D = sqrt(C T).

    Examples
    --------
    >>> coupling_coordination([0.6], [0.4]).round(4)
       coupling  level  coordination
    0    0.9798    0.5        0.6999
    """
    each = [np.atleast_1d(system) if np.ndim(system) == 0 else system for system in systems]
    alike = paired({f"systems[{at}]": system for at, system in enumerate(each)}, Phrase("systems_of_coupling"))
    systems = tuple(alike.values())
    u = np.array([np.asarray(system, dtype=np.float64) for system in systems])
    if len(systems) < 2 or u.ndim != 2 or not u.size or np.nanmin(u) < 0 or np.nanmax(u) > 1:
        raise LayerError(Problem("weights.coupling", Phrase("systems_of_coupling"), shape=str(u.shape)))
    b = check_weights(np.full(len(u), 1 / len(u)) if shares is None else shares, range(len(u)), thing=Phrase("shares"))
    total = u.sum(axis=0)
    coupling = len(u) * u.prod(axis=0) ** (1 / len(u)) / np.where(total > 0, total, np.nan)
    level = b @ u
    index = next((system.index for system in systems if isinstance(system, pd.Series)), None)
    table = {"coupling": coupling, "level": level, "coordination": np.sqrt(coupling * level)}
    return pd.DataFrame(table, index=index)


@takes()
def coordination_class(coordination: ArrayLike) -> pd.DataFrame:
    """Class of the coupling coordination degree, 1 极度失调 .. 10 优质协调, each 0.1 wide (``weights/coordination``).

    Parameters
    ----------
    coordination : array-like
        D of :func:`coupling_coordination`, 0..1.

    Returns
    -------
    DataFrame
        ``grade`` (0 where D is missing), ``name_zh``, ``name_en``; index of a Series.

    Examples
    --------
    >>> coordination_class([0.699927]).values.tolist()
    [[7, '初级协调', 'primary coordination']]
    """
    table = standards.table("weights/coordination").data
    values = np.atleast_1d(np.asarray(coordination))
    place = np.searchsorted(limits_like(table["breaks"], values), values, side="right")
    grades = np.where(np.isnan(values), 0, place + 1)
    names = {
        f"name_{lang}": [table["names"][lang][grade - 1] if grade else "" for grade in grades] for lang in ("zh", "en")
    }
    index = coordination.index if isinstance(coordination, pd.Series) else None
    return pd.DataFrame({"grade": grades, **names}, index=index)
