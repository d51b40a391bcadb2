"""People by age and buildings by structure and year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.exposure import building_stock, people_by_age, summed_stock


def test_children_and_the_old_are_vulnerable() -> None:
    form = pd.DataFrame({"town9": ["a", "b", "c"], "pop_res": [100, 300, 50], "age0_14": [20, 30, None]})
    form = form.assign(age15_59=[60, 200, 30], age60p=[20, 70, 10], age65p=[10, 50, 5])
    table = people_by_age(form, {"a": "u", "b": "u", "c": "v"})
    assert table.loc["u", ["residents", "age60p", "vulnerable", "vulnerable_share"]].tolist() == [400, 90, 110, 0.275]
    # An age that nobody asked for is not zero.
    assert np.isnan(table.loc["v", "vulnerable_share"])
    assert np.isnan(people_by_age(form.drop(columns="age65p"), {"a": "u"}).loc["u", "vulnerable_share"])
    with pytest.raises(LayerError):
        people_by_age(form.drop(columns="pop_res"), {"a": "u"})


def houses(**columns: object) -> pd.DataFrame:
    rows = {"code": ["u", "u", "u", "v"], "struct": ["2", "2", "1", "5"], "built_year": [2010, 1990, None, 1970]}
    return pd.DataFrame({**rows, "area_m2": [100.0, 100, 200, 50], **columns})


def test_stock_by_structure_and_period() -> None:
    table = building_stock(houses(n_repr=[2.0, 3, 1, 10], value_yuan=1000.0)).set_index(["code", "structure", "period"])
    assert table["buildings"].to_dict() == {
        ("u", "1", "unknown"): 1, ("u", "2", "1980-2001"): 3, ("u", "2", "2002-"): 2, ("v", "5", "-1979"): 10,
    }  # fmt: skip
    assert table.loc[("u", "2", "1980-2001"), ["area_m2", "value_yuan", "sampled"]].tolist() == [300, 3000, 1]
    assert table.loc[("v", "5", "-1979"), "sample_fraction"] == 0.1


def test_vulnerability_of_a_unit_is_weighted_by_area() -> None:
    whole = summed_stock(building_stock(houses())).set_index("code")
    assert whole.loc["u", "vulnerability"] == pytest.approx((100 * 0.1 + 100 * 0.2 + 200 * 0.55) / 400)
    assert whole.loc["v", "vulnerability"] == pytest.approx(0.9)


def test_replacement_cost_stands_in_for_a_value() -> None:
    with hearing(Journal()) as heard:
        whole = summed_stock(building_stock(houses(value_yuan=[1.0, 2.0, None, None]))).set_index("code")
    assert whole["value_yuan"].to_dict() == {"u": 3 + 200 * 1200, "v": 50 * 600}
    assert dict(heard.steps[0].values)["count"] == 2


@given(st.permutations(range(4)), st.sampled_from([("code",), ("code", "structure"), ("structure",)]))
def test_sums_do_not_depend_on_rows_or_on_the_way(order: list[int], by: tuple[str, ...]) -> None:
    table = houses(n_repr=[2.0, 3, 1, 10])
    plain = summed_stock(building_stock(table), by)
    pd.testing.assert_frame_equal(summed_stock(building_stock(table.iloc[order]), by), plain)
    assert plain["area_m2"].sum() == pytest.approx(1200)
    weak = (plain["vulnerability"] * plain["area_m2"]).sum() / plain["area_m2"].sum()
    assert weak == pytest.approx((200 * 0.1 + 300 * 0.2 + 200 * 0.55 + 500 * 0.9) / 1200)
