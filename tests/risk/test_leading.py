"""Which hazards lead in a unit."""

from __future__ import annotations

import pandas as pd

from riskzoning.risk.leading import leading_hazards


def test_hazards_with_a_fifth_of_the_composite_lead_the_largest_first() -> None:
    # Weighted: .30 .12 .06 .02 of .50 = 60, 24, 12, 4 %.
    risks = pd.DataFrame({"flood": [0.6], "geology": [0.6], "drought": [0.3], "earthquake": [0.1]}, index=["a"])
    weights = {"flood": 0.5, "geology": 0.2, "drought": 0.2, "earthquake": 0.2}
    assert leading_hazards(risks, weights)["a"] == "flood;geology"


def test_three_at_most_equal_ones_in_the_order_of_the_study_and_none_without_risk() -> None:
    risks = pd.DataFrame({name: [0.5, 0.0] for name in ("d", "c", "b", "a")}, index=["one", "none"])
    made = leading_hazards(risks, dict.fromkeys("abcd", 0.25))
    assert made.to_dict() == {"one": "d;c;b", "none": ""}


def test_an_unknown_risk_does_not_lead() -> None:
    risks = pd.DataFrame({"flood": [float("nan")], "geology": [0.1]})
    assert leading_hazards(risks, {"flood": 0.9, "geology": 0.1}).tolist() == ["geology"]
