"""The check as a whole: problem tables, what was not checked, no false alarm on good rows."""

from __future__ import annotations

from random import Random

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import SurveyError, speaking
from riskzoning.surveys import check
from riskzoning.surveys.forms import parsed
from tests.surveys.conftest import annual, events, shelters, townships


def test_good_rows_have_no_problem(units: gpd.GeoDataFrame) -> None:
    assert check(shelters(), "shelter", units=units, today="2022-01-01").empty
    related = {"his_event": events()}
    assert check(annual(), "his_annual", units=units, related=related, today="2022-01-01").empty
    told = check(townships(), "cap_township", today="2022-01-01")
    assert set(told["severity"]) == {"info"}


def test_all_problems_at_once_with_rows_as_in_the_file() -> None:
    rows = shelters().astype(object)
    rows.loc[0, "可容纳人数(人)"] = -5
    rows.loc[3, "县级代码"] = ""
    rows.loc[7, "建成年份"] = 1832
    with speaking("zh"):
        told = check(rows, "shelter", today="2022-01-01")
    wrong = told[told["severity"] == "error"]
    assert wrong[["row", "field", "rule"]].to_numpy().tolist() == [
        [2, "可容纳人数(人)", "Q02"],
        [5, "县级代码", "Q01"],
        [9, "建成年份", "Q02"],
    ]
    assert (wrong[["found", "required", "fix"]] != "").all(axis=None)


def test_row_numbers_of_the_index_are_kept() -> None:
    rows = shelters(3).assign(**{"可容纳人数(人)": -1})
    rows.index = pd.Index([10, 12, 14], name="row")
    told = check(rows, "shelter")
    assert told.loc[told["rule"] == "Q02", "row"].tolist() == [10, 12, 14]


def test_what_lacks_its_context_is_told_once() -> None:
    told = check(annual(), "his_annual", today="2022-01-01")
    assert sorted(told.loc[told["severity"] == "info", "rule"]) == ["Q03", "Q17"]
    told = check(shelters(), "shelter", today="2022-01-01")
    assert sorted(told.loc[told["severity"] == "info", "rule"]) == ["Q03", "Q05"]


def test_a_frame_of_another_table_is_refused() -> None:
    with pytest.raises(SurveyError) as error:
        check(pd.DataFrame({"甲": [1]}), "shelter")
    assert error.value.problems[0].rule == "survey.no_columns"


def test_a_form_of_ones_own() -> None:
    fields = [{"name": "id", "zh": "编号", "type": "id"}, {"name": "n", "zh": "数", "type": "integer", "max": 5}]
    own = parsed("own", {"key": "id", "fields": fields})
    told = check(pd.DataFrame({"编号": ["a", "b"], "数": [3, 9]}), own)
    assert told[["row", "rule"]].to_numpy().tolist() == [[3, "Q02"]]


def test_hostile_texts_come_back_as_they_were() -> None:
    rows = shelters(2).astype(object)
    rows.loc[0, "类型"] = "<script>alert(1)</script>'; DROP TABLE x; -- 😀"
    told = check(rows, "shelter")
    assert "<script>alert(1)</script>'; DROP TABLE x; -- 😀" in told.loc[told["rule"] == "Q02", "found"].iloc[0]


# What may be wrong with a cell of a shelter: column, value, field of the finding and rule.
FAULTS = (
    ("可容纳人数(人)", -5, "可容纳人数(人)", "Q02"),
    ("建成年份", 1832, "建成年份", "Q02"),
    ("县级代码", "", "县级代码", "Q01"),
    ("可容纳人数(人)", 1200, "可容纳人数(人)", "Q08"),
)


@settings(max_examples=8, deadline=None)
@given(
    st.dictionaries(st.integers(0, 11), st.sampled_from(FAULTS), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_every_fault_is_told_once_at_its_row_whatever_else_is_wrong(
    put: dict[int, tuple[str, object, str, str]], chance: Random
) -> None:
    rows = shelters().astype(object)
    for at, (column, value, _, _) in put.items():
        rows.loc[at, column] = value
    rows.index = pd.Index(range(2, 14), name="row")
    expected = sorted((at + 2, field, rule) for at, (_, _, field, rule) in put.items())
    order = list(rows.index)
    chance.shuffle(order)
    for sheet in (rows, rows.loc[order]):
        with speaking("zh"):
            told = check(sheet, "shelter", today="2022-01-01")
        wrong = told[told["severity"] == "error"]
        assert sorted(wrong[["row", "field", "rule"]].itertuples(index=False, name=None)) == expected
        assert (wrong[["found", "required", "fix"]] != "").all(axis=None)
