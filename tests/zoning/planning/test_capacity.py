"""Risk capacity and conflict index by their worked examples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.zoning.planning import conflict_index, population_capacity, risk_capacity
from riskzoning.zoning.planning.capacity import target_share


def test_capacity_of_a_county() -> None:
    row = risk_capacity(pd.Series({"a": 186.3e8}), pd.Series({"a": 3.0e8})).loc["a"]
    assert row["capacity"] == pytest.approx(2.4219e8)
    assert row["used"] == pytest.approx(1.2387, abs=5e-5)


def test_target_of_the_plan_and_of_ones_own() -> None:
    assert target_share() == pytest.approx(0.013)
    assert risk_capacity(pd.Series({"a": 100.0}), pd.Series({"a": 1.0}), target=0.02)["used"].tolist() == [0.5]
    for target in (0.0, 1.0, 1.3):
        with pytest.raises(LayerError) as caught:
            risk_capacity(pd.Series({"a": 100.0}), pd.Series({"a": 1.0}), target=target)
        assert caught.value.problems[0].rule == "planning.target"


def test_without_product_or_loss_nothing_is_used() -> None:
    table = risk_capacity(pd.Series({"a": 0.0, "b": np.nan, "c": 10.0}), pd.Series({"a": 1.0, "b": 1.0}))
    assert table["used"].isna().all()


def held() -> pd.DataFrame:
    rows = {
        "region": ["a"] * 4 + ["b"],
        "class": ["urban_boundary"] * 3 + ["farmland", "urban_boundary"],
        "risk_grade": [2, 4, 5, 5, 1],
        "area_km2": [14.0, 5.0, 1.0, 100.0, 8.0],
        "population": [10.0, 200.0, 30.0, 5.0, 7.0],
    }
    return pd.DataFrame(rows)


def test_share_of_the_boundary_in_high_risk() -> None:
    table = conflict_index(held(), ["a", "b", "c"])
    assert table["conflict_index"].tolist()[:2] == [pytest.approx(0.30), 0.0]
    assert np.isnan(table.loc["c", "conflict_index"])
    assert table.loc["a", ["boundary_km2", "high_km2", "high_population"]].tolist() == [20.0, 6.0, 230.0]
    assert table.loc["c"].isna().all()


def test_another_class_and_no_people() -> None:
    table = conflict_index(held().drop(columns="population"), ["a"], kind="farmland")
    assert table["conflict_index"].tolist() == [1.0]
    assert table["high_population"].isna().all()


def test_people_whom_the_target_for_deaths_allows() -> None:
    people = pd.Series({"a": 100_000.0, "b": 2e6, "c": 0.0, "d": 5000.0})
    table = population_capacity(people, pd.Series({"a": 0.26, "b": 1.3, "d": 0.0}))
    assert table.loc["a", ["per_million", "capacity", "used"]].tolist() == pytest.approx([2.6, 50_000, 2.0])
    assert table.loc["b", ["per_million", "capacity", "used"]].tolist() == pytest.approx([0.65, 4e6, 0.5])
    assert table.loc["c", ["per_million", "capacity"]].isna().all()
    assert table.loc["d", "used"] == 0
    assert np.isnan(table.loc["d", "capacity"])
    # At the capacity the deaths are those that the target allows for the residents of today.
    known = table.loc[["a", "b"]]
    assert np.allclose(known["capacity"] * known["per_million"] / 1e6, 1.3e-6 * known["population"])
    assert population_capacity(people, people * 0 + 1, target=2.6)["used"].iloc[0] == pytest.approx(10 / 2.6)
    with pytest.raises(LayerError) as caught:
        population_capacity(people, people, target=0)
    assert caught.value.problems[0].rule == "planning.target_deaths"


GROUND = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.floats(0.01, 50)), min_size=1, max_size=20)


@settings(max_examples=30, deadline=None)
@given(GROUND)
def test_the_index_is_the_share_of_the_boundary_and_no_boundary_is_no_number(
    rows: list[tuple[str, int, float]],
) -> None:
    frame = pd.DataFrame(rows, columns=["region", "risk_grade", "area_km2"]).assign(
        **{"class": "urban_boundary", "population": 1.0}
    )
    made = conflict_index(frame, list("abcd"))["conflict_index"]
    for region in "abcd":
        mine = frame[frame["region"] == region]
        if mine.empty:
            assert np.isnan(made[region])
        else:
            high = mine.loc[mine["risk_grade"] >= 4, "area_km2"].sum()
            assert made[region] == pytest.approx(high / mine["area_km2"].sum())
