"""What a planner would not believe is told: high risk of a low hazard, risk against loss, a hazard that is the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.pipeline.stages.sense import Sense, sense_checks

CODES = [f"41070200{number}" for number in range(6)]


def sense(**columns: list[float]) -> Sense:
    frame = {
        "flood_population_exposed_hazard_index": [0.1, 0.2, 0.3, 0.4, 0.5, 0.9],
        "flood_risk_index": [0.1, 0.2, 0.3, 0.4, 0.5, 0.9],
        "flood_risk_grade": [1, 1, 2, 2, 3, 5],
        "flood_eal": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    }
    units = pd.DataFrame({**frame, **columns}, index=CODES)
    return Sense(units, pd.Series(2.0, index=[*CODES, "city"]), {"flood_hazard_index": (0.0, 0.9)}, ("population",))


def told(given: Sense) -> tuple[dict[str, float], list[str]]:
    with hearing(Journal()) as journal:
        table = sense_checks(given, ("flood",))
    assert list(table) == ["hazard", "measure", "value"]
    return dict(zip(table["measure"], table["value"], strict=True)), [problem.rule for problem in journal.warnings]


def test_what_makes_sense_is_only_written_down() -> None:
    values, rules = told(sense())
    assert values == {
        "sense.constant_index": 0.0,
        "sense.high_risk_of_low_hazard": 0.0,
        "sense.rank_correlation_loss": pytest.approx(1.0),
    }
    assert rules == []


def test_a_high_risk_of_a_low_hazard_is_told_with_its_units() -> None:
    given = sense(flood_risk_grade=[4, 1, 2, 5, 3, 5])
    values, rules = told(given)
    assert values["sense.high_risk_of_low_hazard"] == 1
    assert rules == ["sense.high_of_low"]
    with hearing(Journal()) as journal:
        sense_checks(given, ("flood",))
    assert dict(journal.warnings[0].values)["units"] == (CODES[0],)
    assert all("{" not in journal.warnings[0].text(lang) for lang in ("zh", "en"))


def test_a_risk_that_orders_the_units_otherwise_than_the_loss_is_told() -> None:
    values, rules = told(sense(flood_eal=[6.0, 5.0, 4.0, 3.0, 2.0, 1.0]))
    assert values["sense.rank_correlation_loss"] == pytest.approx(-1.0)
    assert rules == ["sense.loss"]


@pytest.mark.parametrize("losses", [[0.0] * 6, [np.nan, np.nan, 1.0, 2.0, 3.0, 4.0]])
def test_losses_that_say_nothing_are_not_compared(losses: list[float]) -> None:
    values, rules = told(sense(flood_eal=losses))
    assert "sense.rank_correlation_loss" not in values
    assert rules == []


def test_a_hazard_that_is_the_same_everywhere_is_told() -> None:
    given = sense()
    given.ranges["flood_hazard_index"] = (0.3, 0.3 + 1e-12)
    values, rules = told(given)
    assert values["sense.constant_index"] == 1.0
    assert rules == ["sense.constant"]
    given.ranges["flood_hazard_index"] = (np.nan, np.nan)
    assert "sense.constant_index" not in told(given)[0]


def test_a_hazard_with_gaps_is_told_with_the_units_that_have_nothing() -> None:
    given = sense(flood_valid_share=[1.0, 1.0, 1.0, 0.5, 0.0, np.nan])
    values, rules = told(given)
    assert values["sense.known_share"] == pytest.approx(3.5 / 6)
    assert rules == ["sense.gaps"]
    with hearing(Journal()) as journal:
        sense_checks(given, ("flood",))
    for lang in ("zh", "en"):
        text = journal.warnings[0].text(lang)
        assert "58%" in text
        assert all(code in text for code in CODES[4:])


def test_a_border_cell_without_data_is_no_gap() -> None:
    values, rules = told(sense(flood_valid_share=[1.0, 1.0, 0.99, 0.98, 1.0, 0.9]))
    assert values["sense.known_share"] == pytest.approx(5.87 / 6)
    assert rules == []
