"""Several weight vectors into one, and the weights of the hazards of a study."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import ConfigError, Problem, first_few
from riskzoning.methods.weights.normalisation import check_weights
from riskzoning.methods.weights.objective import entropy
from riskzoning.methods.weights.pairwise import PairwiseWeights, ahp

Floats = NDArray[np.float64]
# Printed weights are rounded: a sum that misses 1 by no more is divided out, with a warning.
_PRINTED = 5e-3
# A coefficient that small beside the largest is rounding of 0.
_NO_PART = 1e-10


@dataclass(frozen=True, eq=False)
class MixedWeights:
    """One weight vector made from several.

    Parameters
    ----------
    weights : array or Series
        Sum 1.
    coefficients : array
        Share of each vector, sum 1.
    distance : float
        Largest consistency distance between two of the vectors; up to 0.4 they agree well enough to be mixed.

    Examples
    --------
    >>> game_theory([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]).coefficients
    array([0.5, 0.5])
    """

    weights: Any
    coefficients: Floats
    distance: float


def combine(
    w1: Any, w2: Any, a: float = 0.5, *, method: Literal["linear", "multiplicative", "square_root"] = "linear"
) -> Any:
    """Two weight vectors into one: a w1 + (1 - a) w2, or in proportion to w1 w2 or to its square root.

    Parameters
    ----------
    w1, w2 : sequence or Series
        Sum 1 each; two Series are matched by label. Both must come from indicators scaled in the same way.
    a : float
        Share of w1 in the linear form, 0..1.
    method : {"linear", "multiplicative", "square_root"}

    Raises
    ------
    ConfigError
        The vectors do not fit each other or do not sum to 1, or a lies outside 0..1.

    Examples
    --------
    >>> combine([0.5, 0.3, 0.2], [0.2, 0.3, 0.5], method="multiplicative").round(6)
    array([0.344828, 0.310345, 0.344828])
    """
    one, two = _vectors(w1, w2)
    if method == "linear" and 0 <= a <= 1:
        w = a * one + (1 - a) * two
    elif method == "multiplicative":
        w = one * two
    elif method == "square_root":
        w = np.sqrt(one * two)
    else:
        raise ConfigError(
            Problem(
                "combination of weights",
                f"has method {method!r} and a = {a}",
                "linear (with a in 0..1), multiplicative or square_root",
                "Correct the option.",
                rule="weights.combine",
            )
        )
    if w.sum() <= 0:
        raise ConfigError(
            Problem(
                "combination of weights",
                "has product 0 everywhere",
                "vectors with a common indicator above 0",
                "Use the linear form.",
                rule="weights.combine",
            )
        )
    return _like(w / w.sum(), w1)


def game_theory(*weight_vectors: Any) -> MixedWeights:
    """Weight vectors mixed by game theory (博弈论组合赋权): the mix that deviates least from each of them.

    Parameters
    ----------
    *weight_vectors : sequences or Series
        Sum 1 each (rounded print is divided out, with a warning); Series are matched by label.

    Returns
    -------
    MixedWeights
        Where a coefficient would be negative, the vectors are mixed equally, with a warning.

    Raises
    ------
    ConfigError
        The vectors do not fit each other.

    Notes
    -----
    Solve [w_i . w_j] beta = [w_i . w_i]; alpha = beta / sum beta; w = sum alpha_k w_k. Consistency distance
    d = sqrt(0.5 sum (w1 - w2)^2).

    Examples
    --------
    >>> game_theory([0.6, 0.3, 0.1], [0.3, 0.3, 0.4]).weights.round(6)
    array([0.536111, 0.3     , 0.163889])
    """
    w = np.array(_vectors(*weight_vectors))
    gram = w @ w.T
    # Least squares: equal vectors make the system singular and share their part equally.
    beta = np.linalg.lstsq(gram, np.diag(gram), rcond=None)[0]
    beta = np.where(np.abs(beta) <= _NO_PART * np.abs(beta).max(), 0.0, beta)
    if np.any(beta < 0):
        warnings.warn(f"game theory gives a negative coefficient ({beta.min():.3g}): mixed equally", stacklevel=2)
        beta = np.ones(len(w))
    alpha = beta / beta.sum()
    distance = max((consistency_distance(a, b) for a in w for b in w), default=0.0)
    return MixedWeights(_like(alpha @ w, weight_vectors[0]), alpha, distance)


def consistency_distance(w1: Any, w2: Any) -> float:
    """How far two weight vectors lie apart: sqrt(0.5 sum (w1 - w2)^2), 0..1; up to 0.4 counts as consistent.

    Examples
    --------
    >>> round(consistency_distance([0.6, 0.3, 0.1], [0.3, 0.3, 0.4]), 6)
    0.3
    """
    one, two = _vectors(w1, w2)
    return float(np.sqrt(0.5 * np.sum((one - two) ** 2)))


@dataclass(frozen=True, eq=False)
class HazardWeights:
    """Weights of the hazards of a study with their two parts.

    Parameters
    ----------
    weights, subjective : Series by hazard
        Sum 1.
    objective : Series or None
        Entropy weights; None where there are none.
    a : float
        Share of the subjective part.
    comparison : PairwiseWeights
    notes : tuple of str
        What differed from the default, for the run record.

    Examples
    --------
    >>> hazard_weights(["earthquake", "flood"]).weights.round(4).to_dict()
    {'earthquake': 0.3333, 'flood': 0.6667}
    """

    weights: pd.Series[float]
    subjective: pd.Series[float]
    objective: pd.Series[float] | None
    a: float
    comparison: PairwiseWeights
    notes: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row per hazard: weight, subjective and objective part.

        Examples
        --------
        >>> list(hazard_weights(["earthquake", "flood"]).table())
        ['weight', 'subjective', 'objective', 'a', 'cr']
        """
        objective = self.objective if self.objective is not None else pd.Series(np.nan, index=self.weights.index)
        columns = {"weight": self.weights, "subjective": self.subjective, "objective": objective}
        return pd.DataFrame(columns).assign(a=self.a, cr=self.comparison.cr).rename_axis("hazard")


def hazard_weights(
    hazards: Sequence[str],
    indices: pd.DataFrame | None = None,
    *,
    matrix: pd.DataFrame | None = None,
    a: float | None = None,
    force: bool = False,
) -> HazardWeights:
    """Weights of the hazards of a study: a x AHP + (1 - a) x entropy of the units' risk indices.

    Parameters
    ----------
    hazards : sequence of str
        The hazards that were assessed; the others leave the comparison matrix.
    indices : DataFrame, units x hazards
        ``<h>_risk_index`` of the finest level, columns named by hazard; NaN is left out of its column.
    matrix : DataFrame, hazards x hazards
        Own comparisons; default the table ``weights/hazards``.
    a : float
        Share of the subjective part; default from the table.
    force : bool
        Accept an inconsistent matrix (noted).

    Raises
    ------
    ConfigError
        A hazard is not in the matrix, or the matrix is inconsistent.

    Notes
    -----
    Fewer than three units, or only constant columns: a = 1, noted.

    Examples
    --------
    >>> keys = ["earthquake", "geology", "flood", "drought", "meteorology", "forest_fire"]
    >>> hazard_weights(keys).subjective.round(6).tolist()
    [0.202316, 0.071269, 0.357589, 0.119711, 0.202316, 0.046799]
    """
    table = standards.table("weights/hazards").data
    matrix = _comparisons(table) if matrix is None else matrix
    unknown = [hazard for hazard in hazards if hazard not in matrix.index]
    if unknown or not len(hazards):
        raise ConfigError(
            Problem(
                "hazard weights",
                f"lack {first_few(unknown)}" if unknown else "were asked for no hazard",
                f"hazards of the comparison matrix: {first_few(matrix.index, 12)}",
                "Give a comparison matrix with a row and a column for each hazard (weights/hazards).",
                rule="weights.hazards",
            )
        )
    compared = ahp(matrix.loc[list(hazards), list(hazards)], random_index=str(table["random_index"]))
    notes = [f"{hazard} not assessed: left out of the weights" for hazard in matrix.index if hazard not in hazards]
    if not compared.consistent:
        if not force:
            raise ConfigError(
                Problem(
                    "AHP matrix of the hazards",
                    f"is inconsistent (CR {compared.cr:.3f})",
                    "a consistency ratio below 0.10",
                    "Revise the comparisons, or force it in study.yaml (recorded).",
                    rule="weights.inconsistent",
                )
            )
        notes.append(f"inconsistent comparisons forced (CR {compared.cr:.3f})")
    share = float(table["a"] if a is None else a)
    objective, note = _entropy_part(indices, hazards)
    if note:
        notes.append(note)
    if objective is None:
        return HazardWeights(compared.weights, compared.weights, None, 1.0, compared, tuple(notes))
    return HazardWeights(
        combine(compared.weights, objective, share), compared.weights, objective, share, compared, tuple(notes)
    )


def _comparisons(table: Any) -> pd.DataFrame:
    names, rows = list(table["hazards"]), list(table["matrix"])
    if {len(rows), *(len(row) for row in rows)} != {len(names)}:
        raise ConfigError(
            Problem(
                "table 'weights/hazards'",
                f"has {len(names)} hazards and rows of {first_few([len(row) for row in rows], 12)} comparisons",
                "one row and one column for each hazard",
                "Complete the matrix.",
                rule="weights.hazards",
            )
        )
    return pd.DataFrame(rows, index=names, columns=names)


def _entropy_part(indices: pd.DataFrame | None, hazards: Sequence[str]) -> tuple[pd.Series[float] | None, str]:
    if indices is None:
        return None, "no unit indices given: subjective weights only"
    present = indices[list(hazards)].dropna(how="all")
    if len(present) < int(standards.table("grades/rules").data["minimum_units"]):
        return None, f"{len(present)} units: subjective weights only"
    if present.isna().all().any():
        return None, "a hazard without any index: subjective weights only"
    if (present.max() <= present.min()).all():
        return None, "constant indices: subjective weights only"
    return entropy(present, normalise="half").weights, ""


def _vectors(*weights: Any) -> list[Floats]:
    if not weights:
        raise ConfigError(
            Problem("weight vectors", "are none", "at least one", "Pass the vectors.", rule="weights.combine")
        )
    labels = weights[0].index if isinstance(weights[0], pd.Series) else None
    names = labels if labels is not None else range(len(np.atleast_1d(np.asarray(weights[0], dtype=float))))
    return [
        check_weights(
            vector,
            names if labels is None or isinstance(vector, pd.Series) else range(len(labels)),
            renormalise=abs(float(np.sum(np.asarray(vector, dtype=float))) - 1) <= _PRINTED,
            thing=f"weight vector {i + 1}",
        )
        for i, vector in enumerate(weights)
    ]


def _like(weights: Floats, first: Any) -> Any:
    return pd.Series(weights, index=first.index) if isinstance(first, pd.Series) else weights
