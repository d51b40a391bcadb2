"""Rules that compare a row with the others."""

from __future__ import annotations

from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riskzoning.surveys.context import Context
from riskzoning.surveys.rules.outliers import in_other_unit, outlying
from tests.surveys.conftest import TODAY, rules_of, townships

LIMITS = Context().limits


def test_only_fifty_is_an_outlier() -> None:
    far, centre = outlying(np.array([1, 2, 2, 3, 3, 3, 4, 4, 50.0]), LIMITS["outlier"])
    assert centre == 3
    assert far.tolist() == [False] * 8 + [True]


def test_where_most_are_equal_the_fence_of_tukey_counts() -> None:
    far, _ = outlying(np.array([5.0] * 6 + [6.0, 7.0, 7.0, 8.0, 90.0]), LIMITS["outlier"])
    assert far.tolist() == [False] * 10 + [True]
    assert not outlying(np.array([1.0, 100.0]), LIMITS["outlier"])[0].any()


def test_where_nearly_all_are_equal_a_small_step_is_none() -> None:
    far, _ = outlying(np.array([5.0] * 9 + [6.0, 90.0]), LIMITS["outlier"])
    assert far.tolist() == [False] * 10 + [True]
    assert not outlying(np.full(9, 5.0), LIMITS["outlier"])[0].any()


def test_where_most_have_nothing_the_others_are_compared() -> None:
    few = np.array([0.0] * 30 + [12, 15, 11, 13, 14, 900])
    assert np.flatnonzero(outlying(few, LIMITS["outlier"])[0]).tolist() == [35]
    assert not outlying(np.array([0.0] * 30 + [12, 15, 900]), LIMITS["outlier"])[0].any()


def test_amounts_that_grow_by_multiples_are_no_outliers() -> None:
    random = np.random.default_rng(5)
    skewed = random.lognormal(0, 0.8, 150)
    assert outlying(skewed, LIMITS["outlier"])[0].mean() < 0.01
    assert outlying(np.append(skewed, 5000), LIMITS["outlier"])[0][-1]


def test_just_below_and_above_the_limit() -> None:
    values = np.linspace(90, 110, 41)
    step = 3.5 * np.median(np.abs(values - 100)) / 0.6745
    for share, wrong in ((0.97, False), (1.06, True)):
        assert outlying(np.append(values, 100 + share * step), LIMITS["outlier"])[0][-1] == wrong


def test_a_head_far_from_all_others() -> None:
    rows = townships()
    rows.loc[4, "志愿者(人)"] = 5628
    assert rules_of("cap_township", rows) == [(4, "volunteer", "Q12.outlier")]


def test_money_in_another_unit_is_named() -> None:
    rows = townships()
    rows.loc[4, "上年度资金投入(万元)"] = 269000
    assert (4, "funds_wan", "Q14.money") in rules_of("cap_township", rows)
    rows.loc[4, "上年度资金投入(万元)"] = 26.9e6
    assert (4, "funds_wan", "Q14.money") not in rules_of("cap_township", rows)


def test_unit_of_a_logarithm() -> None:
    usual = np.log10(np.linspace(1, 3, 20))
    assert in_other_unit(np.append(usual, usual[3] + 4), 4, LIMITS["unusual"]).tolist() == [False] * 20 + [True]
    assert not in_other_unit(np.append(usual, usual[3] + 2.5), 4, LIMITS["unusual"]).any()


def test_mu_for_hectares(units: gpd.GeoDataFrame) -> None:
    # A township here has about 202 km2, which is 20 200 ha.
    row = {"记录编码": "1", "县级代码": "410702", "乡镇代码": "410702001", "作物": "小麦", "年份": 2020}
    rows = pd.DataFrame([row | {"播种面积(公顷)": area, "记录编码": str(area)} for area in (15000, 225000)])
    assert rules_of("exp_crop", rows, Context(units=units, today=TODAY)) == [(1, "sown_ha", "Q14.mu")]


def test_field_checks_that_are_due() -> None:
    row = {
        "县级代码": "410702", "乡镇代码": "410702001", "村(社区)代码": "410702001201", "经度": 113.9, "纬度": 35.05,
        "房屋类别": "城镇住宅", "结构类型": 1, "建筑面积(m2)": 300, "地上层数": 3, "建成年份": 1992,
        "调查日期": "2021-05-11",
    }  # fmt: skip
    rows = pd.DataFrame([row | {"房屋编码": f"B{at}"} for at in range(100)])
    done = rows.assign(是否抽查=[int(at < 30) for at in range(100)], 抽查差错字段数=0)
    assert rules_of("exp_building", done) == []
    assert [
        item[2] for item in rules_of("exp_building", done.assign(是否抽查=[int(at < 29) for at in range(100)]))
    ] == ["Q16.few"]
    assert [item[2] for item in rules_of("exp_building", done.assign(抽查差错字段数=3))] == ["Q16.wrong"]


NUMBERS = st.lists(st.integers(-500, 500), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None)
@given(NUMBERS, st.randoms(use_true_random=False), st.sampled_from([0.001, 4.0, 1e4]))
def test_outliers_do_not_depend_on_rows_units_and_sign(numbers: list[int], chance: Random, factor: float) -> None:
    values = np.array(numbers, dtype=float)
    far, _ = outlying(values, LIMITS["outlier"])
    order = chance.sample(range(len(values)), len(values))
    np.testing.assert_array_equal(outlying(values[order], LIMITS["outlier"])[0], far[order])
    np.testing.assert_array_equal(outlying(values * factor, LIMITS["outlier"])[0], far)
    # Half of all values are never far from the others.
    assert far.sum() <= len(values) / 2
    gap = outlying(np.concatenate([values, [np.nan]]), LIMITS["outlier"])[0]
    np.testing.assert_array_equal(gap, [*far, False])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-500, -1), min_size=9, max_size=40))
def test_the_modified_score_is_that_of_its_formula(numbers: list[int]) -> None:
    values = np.array(numbers, dtype=float)
    spread = np.median(np.abs(values - np.median(values)))
    assume(spread > 0)
    plain = np.abs(0.6745 * (values - np.median(values)) / spread)
    assume((np.abs(plain - 3.5) > 1e-9).all())
    np.testing.assert_array_equal(outlying(values, LIMITS["outlier"])[0], plain > 3.5)
