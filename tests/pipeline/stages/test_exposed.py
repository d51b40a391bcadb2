"""What is exposed is counted once, in an order that lets one weigh the other, and nothing of it is lost."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.errors import RunError
from riskzoning.layers import Total
from riskzoning.pipeline.stages.exposed import preparation_order, reconciliation

SUMS = {"population": {"city": 100.0, "county": 100.0, "township": 100.0}, "gdp_yuan": {"city": 0.0}}


def test_reconciliation() -> None:
    totals = {"population": Total(105.0, 5.0), "gdp_yuan": Total(0.0)}
    table = reconciliation(SUMS, totals, {"population": 0.0, "gdp_yuan": 0.0})
    columns = ["quantity", "level", "total_units", "unallocated", "total_input", "difference"]
    assert list(table.columns) == [*columns, "beyond_grid", "beyond_units"]
    assert table["difference"].tolist() == [0, 0, 0, 0]
    rounding = {"population": Total(100.0 + 1e-9)}
    assert len(reconciliation({"population": {"city": 100.0}}, rounding, {"population": 0.0})) == 1


def test_reconciliation_says_where_the_unallocated_part_lies():
    sums = {"cropland_ha": {"city": 60.0, "county": 60.0}}
    table = reconciliation(sums, {"cropland_ha": Total(100.0, beyond_grid=30.0)}, {"cropland_ha": 10.0})
    assert table["unallocated"].tolist() == [40, 40]
    assert table[["beyond_grid", "beyond_units"]].to_numpy().tolist() == [[30, 10], [30, 10]]


@pytest.mark.parametrize(("total", "given"), [(100.0, 100.001), (np.nan, 100.0), (1.0, 0.0)])
def test_lost_people_stop_the_run(total, given):
    with pytest.raises(RunError, match="population") as caught:
        reconciliation({"population": {"city": total}}, {"population": Total(given)}, {"population": 0.0})
    problem = caught.value.problems[0]
    assert problem.rule == "reconciliation"
    assert dict(problem.values)["total"] == given
    assert f"{given:.15g}" in problem.text("zh")


def test_every_row_that_is_off_is_listed():
    sums = {"population": {"city": 1.0, "county": 2.0, "township": 100.0}}
    with pytest.raises(RunError) as caught:
        reconciliation(sums, {"population": Total(100.0)}, {"population": 0.0})
    assert len(caught.value.problems) == 2


def test_a_weight_is_prepared_before_what_is_spread_by_it() -> None:
    assert preparation_order(("population", "economy", "buildings", "crops")) == [
        "buildings", "population", "economy", "crops",
    ]  # fmt: skip
    assert preparation_order(("economy", "roads")) == ["economy", "roads"]
