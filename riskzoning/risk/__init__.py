"""Risk (风险): index, matrix, expected annual loss, exceedance, several hazards together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.risk.combination import combine_hazards, hazard_chain
from riskzoning.risk.exceedance import events_of_curve, losses_at, simulated_years, yearly_curves
from riskzoning.risk.index import capacity_discount, mean_receptor_index, risk_index, scale_half
from riskzoning.risk.loss import (
    exceedance_curve,
    exceedance_probability,
    expected_annual_loss,
    loss_bounds,
    loss_segments,
    loss_weights,
)
from riskzoning.risk.matrix import consequence_grade, matrix_index, risk_by_matrix, risk_matrix
from riskzoning.risk.published import (
    inform_indicator,
    inform_risk,
    nri_risk_factor,
    nri_score,
    thinkhazard_level,
    world_risk_index,
)
from riskzoning.risk.units import closeness_of_units, loss_rank_index

__all__ = [
    "capacity_discount",
    "closeness_of_units",
    "combine_hazards",
    "consequence_grade",
    "events_of_curve",
    "exceedance_curve",
    "exceedance_probability",
    "expected_annual_loss",
    "hazard_chain",
    "inform_indicator",
    "inform_risk",
    "loss_bounds",
    "loss_rank_index",
    "loss_segments",
    "loss_weights",
    "losses_at",
    "matrix_index",
    "mean_receptor_index",
    "nri_risk_factor",
    "nri_score",
    "risk_by_matrix",
    "risk_index",
    "risk_matrix",
    "scale_half",
    "simulated_years",
    "thinkhazard_level",
    "world_risk_index",
    "yearly_curves",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
