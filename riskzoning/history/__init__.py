"""Historical disasters (历史灾害): losses by year, targets of the plan, events, prices, return periods, trends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.history.crops import crop_loss
from riskzoning.history.events import event_intensity, frequency, hazard_weights
from riskzoning.history.holdout import Foresight, places_hit
from riskzoning.history.indicators import loss_indicators, plan_targets
from riskzoning.history.losses import annual_losses
from riskzoning.history.prices import constant_prices
from riskzoning.history.return_periods import return_periods
from riskzoning.history.snapshots import shrinking_figures
from riskzoning.history.yearly import unit_history, yearly_records

__all__ = [
    "Foresight",
    "annual_losses",
    "constant_prices",
    "crop_loss",
    "event_intensity",
    "frequency",
    "hazard_weights",
    "loss_indicators",
    "places_hit",
    "plan_targets",
    "return_periods",
    "shrinking_figures",
    "unit_history",
    "yearly_records",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
