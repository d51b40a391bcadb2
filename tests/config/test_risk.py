"""Keys of study.yaml about risk and weights: switches, what does not go together, what a method does with cells."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from riskzoning.config import ChainsConfig, RiskConfig, WeightsConfig


def test_a_section_may_be_turned_on_and_off() -> None:
    assert RiskConfig.model_validate({}).chains is None
    assert RiskConfig.model_validate({"chains": True}).chains == ChainsConfig()
    assert RiskConfig.model_validate({"chains": False, "capacity": {"form": "ratio"}}).chains is None
    capacity = RiskConfig.model_validate({"capacity": {"form": "ratio"}}).capacity
    assert capacity is not None
    assert (capacity.form, capacity.beta) == ("ratio", None)
    with pytest.raises(ValidationError):
        RiskConfig.model_validate({"chains": {"rho": 1.5}})


def test_a_matrix_is_named_for_its_form_only() -> None:
    assert RiskConfig(form="matrix", matrix="mine").matrix == "mine"
    with pytest.raises(ValidationError) as caught:
        RiskConfig(matrix="risk_4x5")
    assert caught.value.errors()[0]["type"] == "study.matrix_unused"


def test_chains_need_true_zeros() -> None:
    with pytest.raises(ValidationError) as caught:
        RiskConfig.model_validate({"chains": True, "form": "half_scaled"})
    assert caught.value.errors()[0]["type"] == "study.chains_half_scaled"


@pytest.mark.parametrize(("method", "cells"), [("graded", "weighted_sum"), ("sum", "weighted_sum"), ("union", "union")])
def test_what_is_defined_for_units_adds_the_hazards_of_a_cell(method: str, cells: str) -> None:
    assert RiskConfig.model_validate({"combine": method}).combine_cells == cells


def test_the_objective_part_is_one_of_three() -> None:
    assert WeightsConfig().objective == "entropy"
    assert WeightsConfig(a=0.5, objective="history").objective == "history"
    with pytest.raises(ValidationError):
        WeightsConfig.model_validate({"objective": "merec"})
