"""The toy result has the shape of a run."""

from __future__ import annotations

from riskzoning.samples import toy_result


def test_columns_are_those_of_a_run() -> None:
    result = toy_result()
    frame = result.units["township"]
    assert {"multi_risk_index", "multi_risk_grade", "flood_population_risk_grade", "valid_share"} <= set(frame.columns)
    assert set(result.unit_table["code"]) <= {code for units in result.units.values() for code in units.index}


def test_seed_decides() -> None:
    assert toy_result(seed=1).units["county"].equals(toy_result(seed=1).units["county"])
    assert not toy_result(seed=1).units["county"].equals(toy_result(seed=2).units["county"])
