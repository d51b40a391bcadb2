"""Risk indices against a record of losses: ranks, a year kept out, agreement of grades, by unit and hazard."""

from __future__ import annotations

import pandas as pd
import pytest

from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.proof.record import UnitRecord, as_forms, rates, record_rows

UNITS = [f"41070{n}" for n in range(1, 7)]
FLOOD, ALL = Index("flood", "risk"), Index(MULTI, "risk")


def record(losses: dict[int, list[float]], kind: str = "FLOOD") -> UnitRecord:
    rows = [
        {
            "code": code, "year": year, "hazard": kind, "loss": loss, "affected": loss, "dead_missing": 0.0,
            "crop_affected": 0.0, "collapsed": 0.0, "events": 1.0, "population": 1e6, "gdp": 100.0, "source": "annual",
        }
        for year, of_units in losses.items()
        for code, loss in zip(UNITS, of_units, strict=True)
    ]  # fmt: skip
    return UnitRecord(pd.DataFrame(rows), "county")


def units(scores: list[float]) -> pd.DataFrame:
    grades = [1, 1, 2, 3, 4, 5]
    return pd.DataFrame({FLOOD.key: scores, ALL.key: scores, ALL.grade_key: grades}, index=UNITS)


def values(rows: list, hazard: str = "flood") -> dict[str, float]:  # type: ignore[type-arg]
    return {row.measure: row.value for row in rows if row.hazard == hazard}


def test_rates_are_ratios_of_sums_and_by_residents() -> None:
    told = rates(record({2015: [1, 2, 3, 4, 5, 6], 2016: [3, 2, 3, 4, 5, 6]}).years("flood"))
    assert told["loss"].iloc[0] == pytest.approx(4 / 200)
    assert told["affected"].iloc[0] == pytest.approx(2 / 10)


def test_ranks_of_the_index_and_of_the_record() -> None:
    rows = record_rows(record({2015: [2, 1, 4, 3, 6, 5]}), units([1, 2, 3, 4, 5, 6]), ("flood", MULTI), None)
    told = values(rows)
    assert told["record.spearman_loss"] == pytest.approx(0.828571, abs=1e-6)
    assert told["record.kendall_loss"] == pytest.approx(0.6)
    assert "record.spearman_dead_missing" not in told  # nobody died anywhere
    one = next(row for row in rows if row.measure == "record.spearman_loss")
    assert (one.n, one.period, one.calibrated_on, one.sample) == (6.0, "2015-2015", "", "independent")


def test_a_year_is_kept_out_and_its_units_looked_for_by_index_and_by_the_other_years() -> None:
    kept = record({2014: [1, 2, 3, 4, 5, 6], 2015: [1, 2, 3, 4, 5, 6], 2016: [90, 90, 1, 1, 1, 1]})
    told = values(record_rows(kept, units([6, 5, 4, 3, 2, 1]), ("flood", MULTI), 2016))
    assert told["leave_out_2016.auc_risk_index"] == 1.0
    assert told["leave_out_2016.auc_record"] == 0.0
    assert told["leave_out_2016.auc_risk_index.hit"] == 2.0
    rows = record_rows(kept, units([6, 5, 4, 3, 2, 1]), ("flood", MULTI), 2016)
    by_record = next(row for row in rows if row.measure == "leave_out_2016.auc_record")
    assert (by_record.sample, by_record.calibrated_on) == ("hold-out", "record 2014-2016 without 2016")
    # Without a year of one's own the worst one is taken.
    assert "leave_out_2016.auc_record" in values(record_rows(kept, units([6, 5, 4, 3, 2, 1]), ("flood", MULTI), None))
    assert not [m for m in values(record_rows(kept, units([6, 5, 4, 3, 2, 1]), ("flood", MULTI), 1950)) if "leave" in m]


def test_grades_of_all_hazards_agree_with_those_of_the_record() -> None:
    rows = record_rows(record({2015: [1, 1.1, 20, 30, 40, 50]}), units([1, 2, 3, 4, 5, 6]), ("flood", MULTI), None)
    assert values(rows, MULTI)["record.kappa_grade"] == pytest.approx(1.0)
    assert "record.kappa_grade" not in values(rows)


def test_few_units_or_a_kind_that_nobody_recorded_tell_nothing() -> None:
    few = record({2015: [1, 2, 3, 4, 5, 6]})
    three = UnitRecord(few.records[few.records["code"].isin(UNITS[:3])], "county")
    assert not record_rows(three, units([1, 2, 3, 4, 5, 6]).iloc[:3], ("flood", MULTI), None)
    assert not values(
        record_rows(record({2015: [1, 2, 3, 4, 5, 6]}, "DROUGHT"), units([1] * 6), ("flood", MULTI), None)
    )


def test_a_plain_table_as_the_form_has_it() -> None:
    table = pd.DataFrame({"县": ["410701"], "年": [2016], "损失": ["3"], "种类": ["洪涝"]})
    form = as_forms(table, {"unit": "县", "year": "年", "loss": "损失", "hazard": "种类", "gdp": None}, 0.5)
    assert form.to_dict("list") == {"adcode6": ["410701"], "year": [2016], "hazard": ["洪涝"], "loss_total": [1.5]}
