"""Hazards together for units of all levels: by money, by TOPSIS, on a scale that the finest units set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from riskzoning.errors import Phrase, Problem, note
from riskzoning.methods.ranges import spans


def loss_rank_index(losses: pd.Series[float], areas: pd.Series[float], finest: Sequence[str]) -> pd.Series[float]:
    """Losses of units as an index 0..1: the cube root of the loss per km2, 1 for the largest of the finest units.

    Parameters
    ----------
    losses : Series by unit
        Expected annual loss of all hazards, yuan a year; NaN stays NaN.
    areas : Series by unit
        km2.
    finest : sequence of codes
        The units that set the scale; those of coarser levels stand on it.

    Returns
    -------
    Series by unit
        0 without loss; 0 everywhere where nothing is lost at all.

    Notes
    -----
    The cube root is that of the older scores of the National Risk Index of the United States; its scores begin at the
    least unit, this index at no loss.

    Examples
    --------
    >>> losses = pd.Series({"a": 8.0, "b": 1.0, "both": 9.0})
    >>> loss_rank_index(losses, pd.Series({"a": 1.0, "b": 1.0, "both": 2.0}), ["a", "b"]).round(3).to_dict()
    {'a': 1.0, 'b': 0.5, 'both': 0.825}
    """
    density = losses / areas.where(areas > 0)
    most = float(density.reindex(list(finest)).max())
    if not most > 0:
        return density * 0.0
    return (density / most).clip(0.0, 1.0) ** (1 / 3)


def closeness_of_units(indices: pd.DataFrame, weights: Mapping[str, float], finest: Sequence[str]) -> pd.Series[float]:
    """TOPSIS of units of all levels: closeness to the worst of the finest units, 0..1.

    Norms, the best and the worst come from the finest units, so that a county and its townships stand on one scale and
    the finest have what :func:`riskzoning.methods.weights.topsis` gives them.

    Parameters
    ----------
    indices : DataFrame, units x criteria
        0..1, larger is worse. A missing criterion is left out of the distances of its unit.
    weights : mapping criterion -> weight
    finest : sequence of codes

    Returns
    -------
    Series by unit
        NaN where everything is missing, and everywhere, with a warning, where no criterion differs between units.

    Examples
    --------
    >>> table = pd.DataFrame({"flood": [0.2, 0.8, 0.5], "heat": [0.1, 0.3, 0.2]}, index=["a", "b", "both"])
    >>> closeness_of_units(table, {"flood": 0.5, "heat": 0.5}, ["a", "b"]).round(3).to_dict()
    {'a': 0.0, 'b': 1.0, 'both': 0.5}
    """
    plus, minus = np.zeros(len(indices)), np.zeros(len(indices))
    known = np.zeros(len(indices), dtype=bool)
    for name in indices.columns:
        values = indices[name].to_numpy(dtype=np.float64)
        own = indices.loc[list(finest), name].dropna().to_numpy(dtype=np.float64)
        if not len(own):
            continue
        low, high, norm = own.min(), own.max(), float(np.sqrt((own**2).sum()))
        # What is the same everywhere tells no two places apart.
        scale = float(weights[str(name)]) / norm if norm > 0 and spans(low, high) else 0.0
        there = np.isfinite(values)
        plus += np.where(there, (high - np.clip(values, low, high)) * scale, 0.0) ** 2
        minus += np.where(there, (np.clip(values, low, high) - low) * scale, 0.0) ** 2
        known |= there
    far, near = np.sqrt(plus), np.sqrt(minus)
    both = far + near
    if len(indices) and known.any() and not (both > 0).any():
        note(Problem("risk.topsis_equal", Phrase("risk_indices"), severity="warning"))
    out = np.where(known & (both > 0), near / np.where(both > 0, both, 1.0), np.nan)
    return pd.Series(out, index=indices.index)
