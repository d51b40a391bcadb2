"""The section ``uncertainty:`` takes shares as people write them and refuses what is none."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from riskzoning.config.uncertainty import UncertaintyConfig


def test_shares_as_people_write_them() -> None:
    made = UncertaintyConfig.model_validate({"break_share": "5%", "input_share": "1/10", "draws": 0})
    assert (made.break_share, made.input_share, made.draws) == (0.05, 0.1, 0)


@pytest.mark.parametrize("wrong", [{"draws": -1}, {"concentration": 0}, {"break_share": 1}, {"draw": 10}])
def test_what_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        UncertaintyConfig.model_validate(wrong)
