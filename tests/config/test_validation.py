"""The section ``validation:``: columns as one name or several, and what is none is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from riskzoning.config import EventsConfig, ValidationConfig


def test_one_column_or_several_and_a_year() -> None:
    one = EventsConfig.model_validate({"input": "events", "units": "note"})
    assert one.units == ("note",)
    assert (one.hazard, one.return_period, one.above) == (None, None, 0.0)
    made = ValidationConfig.model_validate({"leave_out": "2016", "events": {"flood_2021": {"input": "seen"}}})
    assert made.leave_out == 2016
    assert made.events["flood_2021"].input == "seen"


WRONG: list[dict[str, Any]] = [
    {"events": {"a": {}}},
    {"leave_out": 1.5},
    {"event": {}},
    {"events": {"a": {"input": "x", "above": -1}}},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ValidationConfig.model_validate(wrong)
