"""Units of the sample city in memory."""

from __future__ import annotations

from riskzoning.samples import city_units


def test_levels_can_be_chosen() -> None:
    assert set(city_units(["county"])["level"]) == {"county"}
    assert len(city_units(["county"])) == 12
