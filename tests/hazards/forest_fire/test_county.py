"""Points of units and their capacity: sums, edges, crossing, what is missing, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, RiskZoningError
from riskzoning.hazards.forest_fire.county import county_zoning, firefighting_capacity, unit_tables

RULES: dict[str, Any] = {
    "factors": {
        "burning_class": {"classes": {"难燃": 2, "可燃": 5, "易燃": 10}},
        "temperature": {"limits": [5, 10], "points": [1, 3, 6], "weight": 2},
        "wind": {"limits": [1.5], "points": [0, 4], "closed": "right"},
    },
    "thresholds": [12, 20],
    "resources": [100, 1000],
}
UNITS = pd.DataFrame(
    {
        "行政区划代码": ["410782", "410781", "410725"],
        "树种燃烧类型": ["易燃", "可燃", "难燃"],
        "气温": [10.0, 5.0, 4.9],
        "风速": [1.6, 1.5, 0.0],
        "森林资源": [1000.0, 100.0, 99.0],
    },
    index=["hui", "wei", "yuan"],
)


def test_points_are_added_and_crossed() -> None:
    table = county_zoning(UNITS, RULES)
    assert table["points_wind"].tolist() == [4, 0, 0]
    # 10 + 2 x 6 + 4, 5 + 2 x 3 + 0, 2 + 2 x 1 + 0
    assert table["score"].tolist() == [26, 11, 4]
    assert table["grade"].tolist() == [3, 1, 1]
    assert table["grade_name"].tolist() == ["Ⅰ", "Ⅲ", "Ⅲ"]
    assert table["resource_class"].tolist() == [3, 2, 1]
    matrix = standards.table("hazards/forest_fire_county").info["priority"]
    assert table["priority"].tolist() == [matrix[2][2], matrix[0][1], matrix[0][0]]


def test_a_sum_on_a_threshold_is_the_higher_grade() -> None:
    rules = {**RULES, "thresholds": [11, 26]}
    assert county_zoning(UNITS, rules)["grade"].tolist() == [3, 2, 1]


def test_a_missing_factor_gives_no_grade() -> None:
    units = UNITS.assign(气温=[10.0, np.nan, 4.0])
    table = county_zoning(units, RULES)
    assert np.isnan(table.loc["wei", "score"])
    assert (table.loc["wei", ["grade", "priority"]] == 0).all()
    assert table.loc["wei", "grade_name"] == ""


def test_the_package_has_no_points_of_the_standard() -> None:
    with pytest.raises(ConfigError) as caught:
        county_zoning(UNITS)
    assert caught.value.problems[0].rule == "forest_fire.county_rules"
    assert standards.table("hazards/forest_fire_county").verified is False


@pytest.mark.parametrize(("change", "rules"), [
    ({"factors": {"wind": {"limits": [1, 2], "points": [1, 2]}}}, ["forest_fire.county_points"]),
    ({"factors": {"wind": {"limits": [2, 1], "points": [1, 2, 3]}}, "thresholds": [3]},
     ["forest_fire.county_points", "forest_fire.county_thresholds"]),
    ({"factors": {"rain": {"limits": [1], "points": [1, 2]}}}, ["forest_fire.county_columns"]),
    ({"factors": {"burning_class": {"classes": {"易燃": 1}}}}, ["forest_fire.county_words"]),
])  # fmt: skip
def test_wrong_points(change: dict[str, Any], rules: list[str]) -> None:
    with pytest.raises(RiskZoningError) as caught:
        county_zoning(UNITS, {**RULES, **change})
    assert [problem.rule for problem in caught.value.problems] == rules


def test_capacity_by_forest() -> None:
    units = pd.DataFrame(
        {"森林面积": [200.0, 200, 0, 50], "扑火队员": [100.0, 900, 5, np.nan], "防火道": [np.nan, 400, 1, np.nan]}
    )
    table = firefighting_capacity(units)
    # Half of the people that are full, nothing said of the rest; all of both.
    assert table["index"].tolist()[:2] == [0.5, 1.0]
    assert table["grade"].tolist() == [3, 5, 0, 0]
    assert table["status"].tolist() == ["assessed", "assessed", "no_forest", "not_assessed"]
    assert table["index"].isna().tolist() == [False, False, True, True]


def test_an_index_of_ones_own_comes_first() -> None:
    units = pd.DataFrame({"index": [0.2, np.nan], "forest_km2": [100.0, 100], "team_people": [100.0, 100]})
    table = firefighting_capacity(units)
    assert table["index"].tolist() == [0.2, 1.0]
    assert table["grade"].tolist() == [2, 5]


@pytest.mark.parametrize(("columns", "rule"), [
    ({"forest_km2": [1.0]}, "forest_fire.capacity_columns"), ({"team_people": [1.0]}, "forest_fire.capacity_columns"),
    ({"forest_km2": [1.0], "vehicles": [-1.0]}, "forest_fire.capacity_negative"),
    ({"index": [80.0]}, "forest_fire.capacity_index"),
])  # fmt: skip
def test_wrong_capacities(columns: dict[str, list[float]], rule: str) -> None:
    with pytest.raises(LayerError) as caught:
        firefighting_capacity(pd.DataFrame(columns))
    assert caught.value.problems[0].rule == rule


def test_tables_of_a_study_have_codes_as_text() -> None:
    forces = pd.DataFrame({"代码": [410782, 410781], "index": [0.4, 0.6]})
    tables = unit_tables({"firefighting": forces, "county_factors": None})
    assert list(tables) == ["capacity"]
    assert tables["capacity"]["code"].tolist() == ["410781", "410782"]
    assert tables["capacity"]["index"].tolist() == [0.6, 0.4]
    with pytest.raises(LayerError) as caught:
        unit_tables({"firefighting": forces.drop(columns="代码")})
    assert caught.value.problems[0].rule == "forest_fire.unit_codes"
    with standards.session({"hazards/forest_fire_county": {"data": RULES}}):
        assert unit_tables({"county_factors": UNITS})["county"]["code"].tolist() == ["410725", "410781", "410782"]
