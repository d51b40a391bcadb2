"""Tables of the history of units."""

from __future__ import annotations

import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.pipeline.stages.assessments import history
from riskzoning.pipeline.stages.surveyed import _assessed
from tests.history.test_yearly import events, panel


def test_tables_of_both_forms(given) -> None:
    with hearing(Journal()):
        told = history.tables(given({"his_annual": panel(), "his_event": events(("410702", 2001, "FLOOD", 7.0))}))
    assert set(told) == {
        "history",
        "history_targets",
        "history_return_periods",
        "history_events",
        "history_holdout",
        "targets",
    }
    answered = told.pop("targets").set_index("indicator")
    assert answered.loc["loss_gdp", ["value", "met", "trend"]].tolist() == [pytest.approx(2.0), False, "none"]
    assert told["history"].groupby("level").size().to_dict() == {"city": 3, "county": 6}
    assert told.pop("history_holdout")["units"].eq(2).all()
    assert all(list(table.columns[:2]) == ["code", "level"] for table in told.values())


def test_events_alone_and_nothing(given) -> None:
    assert set(history.tables(given({"his_event": events(("410702", 2001, "FLOOD", 7.0))}))) == {"history_events"}
    assert history.tables(given({})) == {}


def test_sentences_in_tables_are_in_the_language_of_the_study_whoever_runs_it(given) -> None:
    of = given({"his_annual": panel()})
    assert of.run.setting.study.language == "zh"
    with hearing(Journal()):
        told = _assessed(of)
    assert told["history"]["hazard_name"].iloc[0] == "全部灾种"
    assert not told["history"]["trend_text"].str.contains("trend|years", regex=True).any()
