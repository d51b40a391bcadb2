"""A hazard of the study's own as a checked value."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from riskzoning.config.custom import CustomConfig, LadderConfig, Title

LADDER = {"none": 0, "limits": [0.5, 1, 2], "full": 3}


def test_a_quantity_of_the_vocabulary_brings_its_unit() -> None:
    own = CustomConfig(name="Surge", units="cm", quantity="flood_depth", ladder=LADDER).definition("surge")
    assert own["units"] == "m"
    assert own["own_quantity"] is False
    other = CustomConfig(name="Surge", units="cm", quantity="surge_height", ladder=LADDER).definition("surge")
    assert (other["units"], other["own_quantity"]) == ("cm", True)


def test_one_language_stands_in_for_the_other() -> None:
    assert Title(zh="风暴潮").both() == {"zh": "风暴潮", "en": "风暴潮"}
    with pytest.raises(ValidationError):
        Title()


@pytest.mark.parametrize("steps", [
    {"none": 0, "limits": [1, 1], "full": 2}, {"none": 0, "limits": [], "full": 2},
    {"none": 3, "limits": [2], "full": 1}, {"none": 0, "limits": [1, 2, 3, 4, 5], "full": 6},
])  # fmt: skip
def test_ladders_that_do_not_rise_are_refused(steps: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LadderConfig(**steps)


def test_a_ladder_may_fall() -> None:
    assert LadderConfig(none=3, limits=[2], full=1, direction=-1).direction == -1


@pytest.mark.parametrize(
    "change", [{"colour": "blue"}, {"palette": ["#000000"] * 3}, {"importance": 0}, {"color": "#000000"}]
)
def test_looks_and_weight_are_checked(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CustomConfig(name="X", ladder=LADDER, **change)
