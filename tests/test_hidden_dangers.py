"""Hidden dangers: worked examples of the index, laws of both, the table of buildings."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, RiskZoningWarning, SurveyError, hearing
from riskzoning.hidden_dangers import danger_index, screen_buildings


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
    assert danger_index(rows, {"a": 1.0, "b": 1.0}, today="2022-01-01").loc["a", "overdue"] == 0.5


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


@pytest.mark.parametrize(
    ("row", "intensity", "grade"),
    [
        ({"struct": "1", "built_year": 1975, "seis_des": 0, "damage": 0}, 8, 3),
        ({"struct": "1", "built_year": 1975, "seis_des": 0, "damage": 0}, 7, 2),
        ({"struct": "1", "built_year": 1975, "seis_des": 0, "damage": 0}, 6, 1),
        ({"struct": "2", "built_year": 1995, "damage": 1}, 8, 2),
        ({"struct": "2", "built_year": 2010, "seis_des": 1, "design_int": 7, "damage": 0}, 8, 1),
        ({"struct": "2", "built_year": 2010, "seis_des": 1, "design_int": 7, "damage": 1}, 8, 2),
        ({"struct": "3", "built_year": 2015, "seis_des": 1, "design_int": 7, "damage": 1}, 7, 0),
        ({"struct": "5", "built_year": 1960, "damage": 0}, 8, 3),
    ],
)
def test_buildings_of_the_table(row: dict[str, object], intensity: float, grade: int) -> None:
    assert screen_buildings(pd.DataFrame([row]), intensity)["grade"].tolist() == [grade]


def test_grades_never_fall_with_age_damage_or_shaking() -> None:
    years, cracks, shaking = (1960, 1990, 2010), (0, 1), (6, 7, 8, 9)
    for struct, design in itertools.product(("1", "2", "4", "5"), (0, None, 1)):
        rows = [{"struct": struct, "built_year": y, "seis_des": design, "damage": d} for y in years for d in cracks]
        grades = np.stack([screen_buildings(pd.DataFrame(rows), s)["grade"].to_numpy().reshape(3, 2) for s in shaking])
        assert (np.diff(grades, axis=0) >= 0).all()
        assert (np.diff(grades, axis=1) <= 0).all()
        assert (np.diff(grades, axis=2) >= 0).all()


def test_what_is_assumed_is_flagged() -> None:
    rows = pd.DataFrame(
        {
            "struct": ["2", "2"],
            "built_year": [1995, None],
            "seis_des": [1, 0],
            "damage": [0, 0],
            "design_int": [8, None],
        }
    )
    assert screen_buildings(rows, 8)["assumed"].tolist() == [False, True]
