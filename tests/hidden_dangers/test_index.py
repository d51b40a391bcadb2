"""Hidden dangers of units: worked examples and laws of the index, counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import Journal, RiskZoningWarning, SurveyError, hearing
from riskzoning.hidden_dangers import danger_counts, danger_index


def dangers(**changes: object) -> pd.DataFrame:
    base = {"town9": ["a", "a"], "level": ["重大", "一般"], "people": [99, 0], "status": ["待整治", "待整治"]}
    return pd.DataFrame(base | changes)


def test_worked_example() -> None:
    out = danger_index(dangers(), {"a": 10.0, "b": 4.0})
    assert out.loc["a", "index"] == pytest.approx(0.460517, abs=1e-6)
    assert out.loc["b", "index"] == 0
    assert out.loc["a", ["dangers", "major", "general", "people"]].tolist() == [2, 1, 1, 99]
    assert out["grade"].tolist() == [5, 0]


def test_closing_a_danger_lowers_the_index() -> None:
    before = danger_index(dangers(), {"a": 10.0, "b": 1.0}).loc["a", "index"]
    after = danger_index(dangers(status=["已销号", "待整治"]), {"a": 10.0, "b": 1.0})
    assert after.loc["a", "index"] < before
    assert after.loc["a", "unresolved"] == 0.5


def test_parts_of_a_unit_weighted_by_area_give_the_unit() -> None:
    rows = dangers(town9=["a", "b"], people=[99, 30])
    parts = danger_index(rows, {"a": 4.0, "b": 6.0})["index"]
    whole = danger_index(rows.assign(town9="c"), {"c": 10.0, "d": 1.0}).loc["c", "index"]
    assert (parts["a"] * 4 + parts["b"] * 6) / 10 == pytest.approx(whole)


def test_overdue_share() -> None:
    rows = dangers(deadline=["2021-01-01", "2023-01-01"])
    out = danger_index(rows, {"a": 1.0, "b": 1.0}, today="2022-01-01")
    assert out.loc["a", "overdue"] == 0.5
    # Where nothing is unresolved the share is a number that is none, not an object that no arithmetic takes.
    assert out["overdue"].dtype == np.float64
    assert np.isnan(out.loc["b", "overdue"])


def test_what_is_closed_is_not_overdue() -> None:
    rows = dangers(deadline=["2021-01-01", "2021-01-01"], status=["已销号", "待整治"])
    assert danger_index(rows, {"a": 1.0, "b": 1.0}, today="2022-01-01").loc["a", "overdue"] == 1.0


def test_what_cannot_be_counted_is_told() -> None:
    rows = dangers(level=["特别重大", "一般"], town9=["a", "z"])
    with hearing(Journal()) as journal:
        out = danger_index(rows, {"a": 1.0, "b": 1.0})
    assert out["dangers"].tolist() == [0, 0]
    assert {problem.rule for problem in journal.warnings} == {"hidden_dangers.level", "hidden_dangers.unit"}
    with pytest.raises(SurveyError):
        danger_index(rows.drop(columns="people"), {"a": 1.0})
    with pytest.warns(RiskZoningWarning):
        assert danger_index(dangers(), {"a": 1.0})["rank"].tolist() == [0.5]


def test_a_level_that_is_only_a_number_is_told_for_in_some_forms_1_is_the_worst() -> None:
    with hearing(Journal()) as journal:
        out = danger_index(dangers(level=["1", "重大"]), {"a": 1.0, "b": 1.0})
    assert out["dangers"].tolist() == [1, 0]
    (problem,) = journal.warnings
    assert problem.rule == "hidden_dangers.level"
    assert "1" in problem.found
    assert "重大" in problem.required


def test_classes_and_levels_are_counted() -> None:
    rows = dangers(**{"class": ["GEO", "FLOOD"], "value_wan": [2.0, 3.0], "status": ["待整治", "已销号"]})
    counts = danger_counts(rows).set_index(["class", "level"])
    assert counts.loc[("GEO", "重大")].tolist() == ["a", 1, 1, 99, 20_000]
    assert counts.loc[("FLOOD", "一般")].tolist() == ["a", 1, 0, 0, 0]
    assert counts["dangers"].sum() == danger_index(rows, {"a": 1.0, "b": 1.0})["dangers"].sum()
    with pytest.raises(SurveyError):
        danger_counts(rows.drop(columns="class"))


ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["重大", "较大", "一般"]), st.integers(0, 900), st.booleans()),
    min_size=1,
    max_size=12,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_laws_of_the_index(rows: list[tuple[str, str, int, bool]], random) -> None:
    table = pd.DataFrame(rows, columns=["town9", "level", "people", "closed"])
    table["status"] = np.where(table["closed"], "已销号", "待整治")
    areas = {"a": 4.0, "b": 6.0, "empty": 1.0}
    told = danger_index(table, areas)
    assert (told["index"] >= 0).all()
    assert told.loc["empty", "index"] == 0
    shuffled = table.sample(frac=1, random_state=random.randrange(1000))
    assert np.allclose(danger_index(shuffled, areas)["index"], told["index"])
    # Closing one more never raises an index; twice the area halves it.
    closed = table.assign(status=table["status"].where(table.index != 0, "已销号"))
    assert (danger_index(closed, areas)["index"] <= told["index"] + 1e-12).all()
    wider = danger_index(table, {code: 2 * area for code, area in areas.items()})
    assert np.allclose(wider["index"] * 2, told["index"])
