"""Protection standards and the history as study.yaml states them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from riskzoning.config import ProtectionConfig, RiskConfig


def test_a_plain_number_is_the_standard_of_the_whole_study() -> None:
    risk = RiskConfig(protection={"flood": 20, "geology": {"areas": "works", "column": "years"}})
    assert risk.protection["flood"].years == 20
    assert risk.protection["geology"].areas == "works"


@pytest.mark.parametrize(
    "wrong", [{}, {"areas": "a"}, {"column": "c"}, {"years": 5, "areas": "a", "column": "c"}, {"years": 0}, True]
)
def test_half_a_statement_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        ProtectionConfig.model_validate(wrong)
