"""Scores of quality."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.surveys.checking import check_records
from riskzoning.surveys.context import Context
from riskzoning.surveys.scores import scores
from tests.surveys.conftest import TODAY, records_of, shelters


def test_score_is_100_minus_the_weighted_share_of_wrong_rows() -> None:
    rows = shelters(10).astype(object)
    rows.loc[0, "可容纳人数(人)"] = -5
    rows.loc[1, "建成年份"] = 1832
    rows.loc[2, "场所名称"] = "王某某家(13900000000)"
    rows.loc[9, "县级代码"] = "410703"
    rows.loc[9, "乡镇代码"] = "410703001"
    context = Context(today=TODAY)
    out = scores([check_records(records_of("shelter", rows), context)], context)
    whole = out[out["code"] == ""].iloc[0]
    # Two of ten rows break Q02, one Q15: 100 - 100 * .2 - 100 * .1.
    assert whole["score"] == pytest.approx(70.0)
    assert (whole["rows"], whole["errors"], whole["Q02"], whole["Q15"]) == (10, 3, 0.8, 0.9)
    assert (whole["accepted"], whole["rejected"]) == (7, 3)
    assert out.set_index("code").loc["410703", ["accepted", "rejected"]].tolist() == [1, 0]
    forced = scores([check_records(records_of("shelter", rows), context)], context, force=True)
    assert forced["rejected"].tolist() == [0, 0, 0]
    assert out.set_index("code").loc["410703", "score"] == 100.0


def test_a_good_form_has_100() -> None:
    context = Context(today=TODAY)
    out = scores([check_records(records_of("shelter", shelters()), context)], context)
    assert out["score"].tolist() == [100.0, 100.0]


@settings(max_examples=8, deadline=None)
@given(st.sets(st.integers(0, 9), max_size=10), st.sets(st.integers(0, 9), max_size=10), st.integers(0, 9))
def test_a_score_is_between_0_and_100_and_never_rises_with_a_fault(wrong: set[int], old: set[int], more: int) -> None:
    def score(first: set[int], second: set[int]) -> float:
        rows = shelters(10).astype(object)
        rows.loc[sorted(first), "可容纳人数(人)"] = -5
        rows.loc[sorted(second), "场所名称"] = "王某某家(13900000000)"
        context = Context(today=TODAY)
        out = scores([check_records(records_of("shelter", rows), context)], context)
        assert (out["accepted"] + out["rejected"] == out["rows"]).all()
        return float(out.loc[out["code"] == "", "score"].iloc[0])

    made = score(wrong, old)
    assert made == pytest.approx(max(0.0, 100 - 10 * len(wrong) - 10 * len(old)))
    assert score(wrong | {more}, old) <= made
