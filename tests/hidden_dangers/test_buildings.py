"""Screening of buildings for earthquakes: the table, its laws, and what units have."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import SurveyError
from riskzoning.hidden_dangers import buildings_by_unit, screen_buildings, site_intensity


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


def test_unknown_fortification_of_an_old_house_counts_as_none() -> None:
    rows = pd.DataFrame({"struct": "1", "built_year": [1975, 1985, None], "seis_des": [None] * 3, "damage": [None] * 3})
    told = screen_buildings(rows, 8)
    assert told["fortification"].tolist() == ["none", "unknown", "unknown"]
    assert told["grade"].tolist() == [3, 2, 2]
    assert told["assumed"].all()


def test_intensity_of_the_ground_motion() -> None:
    limits = [0.03, 0.04, 0.0899, 0.09, 0.1899, 0.19, 0.37, 0.38, 0.75]
    assert site_intensity(limits).tolist() == [5, 6, 6, 7, 7, 8, 8, 9, 10]
    assert site_intensity(0.19 * 980.665 / 980.665) == 8
    assert np.isnan(site_intensity(np.nan))


def houses() -> pd.DataFrame:
    rows = {
        "adcode6": ["u", "u", "v"],
        "struct": ["1", "2", "5"],
        "built_year": [1970, 2015, 1990],
        "n_repr": [20.0, 5, 4],
    }
    return pd.DataFrame({**rows, "area_m2": [100.0, 300, 50], "occupants": [3, 40, 2], "seis_des": ["0", "1", None]})


def test_units_have_all_grades_and_shares_sum_to_one() -> None:
    table = buildings_by_unit(houses(), screen_buildings(houses(), 8)).set_index(["code", "grade"])
    assert len(table) == 8
    assert table.groupby("code")["share"].sum().tolist() == pytest.approx([1, 1])
    assert table.loc[("u", 3), ["sampled", "buildings", "area_m2", "occupants"]].tolist() == [1, 20, 2000, 60]
    assert table.loc[("u", 3), "sampled_area_m2"] == 100
    assert table.loc[("v", 2), "unknown_share"] == 1
    assert table["buildings"].sum() == 29


def test_without_factors_a_building_stands_for_itself() -> None:
    bare = houses().drop(columns=["n_repr", "occupants"])
    table = buildings_by_unit(bare, screen_buildings(bare, 8))
    assert table["buildings"].tolist() == table["sampled"].tolist()
    with pytest.raises(SurveyError):
        buildings_by_unit(bare, screen_buildings(bare, 8), unit="town9")
    with pytest.raises(SurveyError):
        buildings_by_unit(bare, screen_buildings(bare, 8).iloc[1:])
