"""Sensitivity: indices of Sobol of a function whose indices are known, indices left out, breaks moved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from riskzoning.errors import ConfigError
from riskzoning.methods.uncertainty import break_sensitivity, compare_variants, one_at_a_time, sobol

BREAKS = [0.2, 0.4, 0.6, 0.8, 1.0]


def ishigami(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))


def test_the_function_of_ishigami_has_its_analytic_indices() -> None:
    made = sobol(ishigami, dict.fromkeys("abc", (-np.pi, np.pi)), n=4096, seed=1)
    np.testing.assert_allclose(made["first"], [0.313905, 0.442411, 0.0], atol=0.02)
    np.testing.assert_allclose(made["total"], [0.557589, 0.442411, 0.243684], atol=0.02)
    again = sobol(ishigami, dict.fromkeys("abc", (-np.pi, np.pi)), n=4096, seed=1)
    pd.testing.assert_frame_equal(made, again, check_exact=True)


def test_the_indices_of_the_page_and_of_the_library() -> None:
    # Analytic S1 .313905 .442411 0, ST .557589 .442411 .243684; SALib 1.6.0 with N = 1024 gives what is close to these.
    made = sobol(ishigami, dict.fromkeys("abc", (-np.pi, np.pi)), n=1024, seed=1)
    np.testing.assert_allclose(made["first"], [0.31558, 0.43830, 0.00145], atol=0.04)
    np.testing.assert_allclose(made["total"], [0.55750, 0.44260, 0.24513], atol=0.04)
    sample, analyze = pytest.importorskip("SALib.sample.sobol"), pytest.importorskip("SALib.analyze.sobol")
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[-np.pi, np.pi]] * 3}
    values = sample.sample(problem, 1024, seed=1)
    told = analyze.analyze(problem, ishigami(values.T), seed=1)
    np.testing.assert_allclose(made["first"], told["S1"], atol=0.04)
    np.testing.assert_allclose(made["total"], told["ST"], atol=0.04)


def test_a_variant_may_have_breaks_of_its_own() -> None:
    base = pd.Series([0.1, 0.5, 0.9])
    told = compare_variants(base, {"half": base / 2}, [0.3, 0.6, 1.0], own_breaks={"half": [0.15, 0.3, 0.5]})
    assert told.loc["half", "changed"] == 0.0
    assert compare_variants(base, {"half": base / 2}, [0.3, 0.6, 1.0]).loc["half", "changed"] > 0


def test_in_a_result_that_does_not_vary_no_input_has_a_part() -> None:
    assert (sobol(lambda x: 0 * x[0], {"a": (0, 1), "b": (0, 1)}, n=64) == 0).all().all()


def test_wrong_samples_and_ranges_are_told_together() -> None:
    with pytest.raises(ConfigError) as caught:
        sobol(ishigami, {"a": (0, 1), "b": (1, 1), "c": (0, np.inf)}, n=1000)
    assert [problem.rule for problem in caught.value.problems] == ["uncertainty.option", "uncertainty.ranges"]
    assert list(dict(caught.value.problems[1].values)["names"]) == ["b", "c"]


def test_leaving_out_an_index_without_weight_changes_nothing() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).random((50, 3)), columns=["flood", "geology", "hail"])
    made = one_at_a_time(frame, {"flood": 0.6, "geology": 0.4, "hail": 0.0}, BREAKS)
    assert made.loc["hail", "largest_rank_shift"] == 0
    assert made.loc["hail", "changed"] == 0
    assert made.loc["hail", "rank_correlation"] == pytest.approx(1)
    assert made.loc["flood", "largest_rank_shift"] > 0
    assert 0 < made.loc["flood", "changed"] <= 1


def test_one_index_cannot_be_left_out_and_weights_sum_to_one() -> None:
    frame = pd.DataFrame({"flood": [0.1], "geology": [0.2]})
    with pytest.raises(ConfigError) as caught:
        one_at_a_time(frame[["flood"]], {"flood": 1.0}, BREAKS)
    assert caught.value.problems[0].rule == "uncertainty.one_index"
    with pytest.raises(ConfigError) as caught:
        one_at_a_time(frame, {"flood": 0.5, "geology": 0.6}, BREAKS)
    assert caught.value.problems[0].rule == "weights.weights"


def test_variants_are_matched_by_label_and_units_without_values_left_out() -> None:
    base = pd.Series([0.1, 0.3, 0.5, np.nan], index=list("abcd"))
    turned = base[::-1]
    swapped = pd.Series([0.3, 0.1, 0.5, 0.9], index=list("abcd"))
    made = compare_variants(base, {"turned": turned, "swapped": swapped, "flat": base * 0}, BREAKS)
    assert made["largest_rank_shift"].tolist() == [0, 1, 2]
    assert made["changed"].round(6).tolist() == [0.0, 0.666667, 0.666667]
    assert made.loc["swapped", "rank_correlation"] == pytest.approx(0.5)
    assert np.isnan(made.loc["flat", "rank_correlation"])
    nothing = compare_variants(base.iloc[:0], {"x": base}, BREAKS)
    assert nothing["changed"].isna().all()


def test_breaks_that_move_change_what_lies_near_them() -> None:
    made = break_sensitivity(pd.Series([0.19, 0.21, 0.5, 0.9, np.nan]), [0.2, 0.6, 1.0], share=0.1)
    assert made.to_dict() == {"lower": 0.25, "higher": 0.25}
    assert break_sensitivity(pd.Series([0.1, 0.9]), [0.5, 1.0], share=0.0).tolist() == [0, 0]


def test_breaks_that_lie_close_do_not_pass_the_last_one() -> None:
    values = pd.Series([0.17, 0.1765, 0.179])
    changed = break_sensitivity(values, [0.171, 0.177, 0.18])
    assert changed.between(0, 1).all()
    assert changed["higher"] == pytest.approx(2 / 3)


def test_a_function_of_columns_or_without_numbers_is_told_how_it_is_called() -> None:
    ranges = {"a": (0.0, 1.0), "b": (0.0, 1.0)}
    with pytest.raises(ConfigError, match="array of 2 rows"):
        sobol(lambda x: x[:, 0] + x[:, 1], ranges, n=64)
    with pytest.raises(ConfigError, match="numbers"):
        sobol(lambda x: np.where(x[0] > 0.5, np.nan, x[1]), ranges, n=64)


def test_an_additive_function_shares_its_variance_by_the_squares_of_its_slopes() -> None:
    # var(3 a + 4 b) = (9 + 16) / 12: 36 % and 64 %, nothing together.
    made = sobol(lambda x: 3 * x[0] + 4 * x[1], {"a": (0, 1), "b": (0, 1)}, n=1024, seed=2)
    assert np.allclose(made["first"], [0.36, 0.64], atol=0.01)
    assert np.allclose(made["total"], made["first"], atol=0.02)
