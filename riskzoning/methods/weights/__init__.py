"""Weights of indicators and hazards (权重): subjective, objective, mixed; and TOPSIS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.methods.weights.bounded import bounded_index, event_bounds, yearly_index
from riskzoning.methods.weights.hazards import (
    HazardWeights,
    comparisons_of,
    effective_weights,
    hazard_weights,
    warn_of_far,
)
from riskzoning.methods.weights.ideal import coordination_class, coupling_coordination, topsis
from riskzoning.methods.weights.mixing import MixedWeights, combine, consistency_distance, game_theory
from riskzoning.methods.weights.normalisation import normalise
from riskzoning.methods.weights.objective import ObjectiveWeights, critic, entropy, merec, std_dev
from riskzoning.methods.weights.pairwise import PairwiseWeights, ahp

__all__ = [
    "HazardWeights",
    "MixedWeights",
    "ObjectiveWeights",
    "PairwiseWeights",
    "ahp",
    "bounded_index",
    "combine",
    "comparisons_of",
    "consistency_distance",
    "coordination_class",
    "coupling_coordination",
    "critic",
    "effective_weights",
    "entropy",
    "event_bounds",
    "game_theory",
    "hazard_weights",
    "merec",
    "normalise",
    "std_dev",
    "topsis",
    "warn_of_far",
    "yearly_index",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
