"""Weights of hazards and receptors: AHP x entropy, fixed or equal; what is wrong with them is found by the check."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from riskzoning import risk, standards
from riskzoning.errors import ConfigError, Problem, first_few
from riskzoning.methods import weights as weighting

__all__ = ["hazard_weights", "weight_problems"]


def hazard_weights(
    study: Any, hazards: list[str], indices: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    """Weights of the hazards of a study, as its section ``weights`` asks for them.

    Parameters
    ----------
    study : StudyConfig
    hazards : list of str
    indices : DataFrame, optional
        Units x hazards, risk indices of the finest level, for the entropy part; without it the AHP part is all.

    Returns
    -------
    DataFrame
        ``hazard ahp entropy a cr weight``; the weights sum to 1.
    list of Problem
        Warnings: entropy weights that could not be computed, an inconsistent matrix that is used all the same.
    list of str
        Hazards of the matrix that the study does not assess: they leave it, and the weights are renormalised.

    Raises
    ------
    ConfigError
        The judgment matrix is inconsistent (and not forced) or lacks a hazard, or fixed weights are incomplete.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study
    >>> found, _, left_out = hazard_weights(load_study(sample_study()), ["flood", "geology"])
    >>> found["weight"].round(4).tolist(), left_out
    ([0.8333, 0.1667], ['earthquake', 'drought', 'meteorology', 'forest_fire'])
    """
    config = study.weights
    out = pd.DataFrame({"hazard": hazards, "ahp": np.nan, "entropy": np.nan, "a": np.nan, "cr": np.nan})
    if config.method == "equal":
        return out.assign(weight=1 / len(hazards)), [], []
    if config.method == "fixed":
        absent = [name for name in study.not_applicable if name in config.fixed]
        return out.assign(weight=_fixed(study, hazards)), [], absent
    found = weighting.hazard_weights(hazards, indices, a=config.a, force=config.force_inconsistent)
    absent = [name for name in standards.table("weights/hazards").data["hazards"] if name not in hazards]
    parts = {"ahp": found.subjective, "entropy": found.objective, "weight": found.weights}
    columns = {name: np.nan if part is None else part.to_numpy() for name, part in parts.items()}
    table = out.assign(a=found.a, cr=found.comparison.cr, **columns)
    notes = [note for note in found.notes if not note.startswith(tuple(f"{name} not assessed" for name in absent))]
    return table, [_noted(note) for note in notes if indices is not None or "forced" in note], absent


def _noted(note: str) -> Problem:
    return Problem(
        "weights of the hazards",
        f"have a note: {note}",
        "a consistent matrix, and three units or more whose indices differ, for AHP and entropy weights",
        "Nothing to do if that is meant; the table of weights shows what was used.",
        rule="weights.hazards",
        severity="warning",
    )


def _fixed(study: Any, hazards: list[str]) -> list[float]:
    """Weights as given; those of hazards that do not exist here are shared out among the others."""
    fixed = study.weights.fixed
    kept = 1 - sum(fixed.get(name, 0.0) for name in study.not_applicable)
    missing = [hazard for hazard in hazards if hazard not in fixed]
    total = sum(fixed.get(hazard, 0.0) for hazard in hazards)
    if (
        missing
        or not abs(total - kept) <= 1e-6
        or not total > 0
        or any(fixed[hazard] < 0 for hazard in hazards if hazard in fixed)
    ):
        raise ConfigError(
            Problem(
                study.file,
                f"lacks {first_few(missing)}" if missing else f"adds up to {total:g}",
                "a weight of 0 or more for each hazard of the study, together 1",
                "Correct `weights: fixed:`.",
                rule="weights.fixed",
                field="weights.fixed",
            )
        )
    return [float(fixed[hazard]) / total if kept != 1 else float(fixed[hazard]) for hazard in hazards]


def weight_problems(study: Any) -> list[Problem]:
    """Problems of the weights of hazards and receptors that need no data to be seen.

    Parameters
    ----------
    study : StudyConfig

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study
    >>> weight_problems(load_study(sample_study()))
    []
    """
    problems: list[Problem] = []
    hazards = [item.hazard for item in study.hazards]
    try:
        if hazards:
            problems += hazard_weights(study, hazards)[1]
    except ConfigError as error:
        problems += error.problems
    receptors = study.exposure.receptors
    try:
        if receptors:
            stated = dict(study.risk.receptor_weights) or None
            risk.mean_receptor_index(dict.fromkeys(receptors, 0.5), weights=stated)
    except ConfigError as error:
        problems += error.problems
    return problems
