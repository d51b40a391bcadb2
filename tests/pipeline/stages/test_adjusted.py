"""Risk of units beside what their capacity leaves of it, and the comparison of units by all that is surveyed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskzoning.config import RiskConfig
from riskzoning.errors import Journal, hearing
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.adjusted import adjusted, capacity_of_units
from riskzoning.pipeline.state import Graded, Made, Zoned
from riskzoning.results import Breaks, IndexBreaks

FIXED = Breaks("fixed", (0.2, 0.4, 0.6, 0.8, 1.0))
FLOOD, ALL = Index("flood", "risk"), Index(MULTI, "risk")
CODES = ["410702001", "410702002", "410702003"]
CAPACITY = pd.DataFrame(
    {
        "code": [CODES[0], CODES[0], CODES[1]],
        "block": ["community", "township", "township"],
        "index": [0.9, 0.5, 0.0],
        "grade": [5, 4, 1],
    }
)


def run_of(**risk: Any) -> Any:
    study = SimpleNamespace(risk=RiskConfig.model_validate(risk))
    return SimpleNamespace(setting=SimpleNamespace(study=study, levels=("township",)))


def made_of(**tables: pd.DataFrame) -> Made:
    columns = {
        FLOOD.key: [0.5, 0.45, 0.9],
        FLOOD.grade_key: [3, 3, 5],
        ALL.key: [0.41, 0.2, 0.1],
        ALL.grade_key: [3, 1, 1],
    }
    units = {"township": gpd.GeoDataFrame(columns, index=CODES)}
    cut = {index: IndexBreaks(FIXED, FIXED) for index in (FLOOD, ALL)}
    weights = pd.DataFrame({"hazard": ["flood"], "weight": [1.0]})
    graded = Graded({}, (FLOOD, ALL), cut, (), units, pd.DataFrame(), {"weights": weights})
    return Made((graded, Zoned({}, tables)))


def test_the_plain_risk_stands_beside_what_is_left_of_it() -> None:
    table = adjusted(run_of(capacity=True), made_of(capacity=CAPACITY)).tables["risk_by_capacity"]
    flood = table[table["hazard"] == "flood"].set_index("code")
    assert flood["risk_index"].tolist() == [0.5, 0.45, 0.9]
    # R (1 - .3 C) with the capacity of the township itself, .5 and 0; the third has no survey.
    np.testing.assert_allclose(flood["adjusted_index"], [0.5 * 0.85, 0.45, np.nan])
    assert flood["adjusted_grade"].tolist() == [3, 3, 0]
    assert flood["status"].tolist() == ["assessed", "assessed", "not_assessed"]
    assert flood["capacity_grade"].tolist() == [4, 1, 0]
    multi = table[table["hazard"] == MULTI].set_index("code")
    assert (multi["risk_grade"].iloc[0], multi["adjusted_grade"].iloc[0]) == (3, 2)


@pytest.mark.parametrize(("form", "left"), [("linear", 0.25), ("ratio", 0.5 / 1.5), ("partial", 0.5 * 0.95)])
def test_the_form_is_that_of_the_study(form: str, left: float) -> None:
    asked = {"form": form, "beta": 0.1} if form == "partial" else {"form": form}
    table = adjusted(run_of(capacity=asked), made_of(capacity=CAPACITY)).tables["risk_by_capacity"]
    assert table["adjusted_index"].iloc[0] == pytest.approx(left)
    assert (table["adjusted_index"] <= table["risk_index"])[table["status"] == "assessed"].all()


def test_nothing_is_made_unasked_and_nothing_invented_without_a_survey() -> None:
    assert adjusted(run_of(), made_of(capacity=CAPACITY)).tables == {}
    with hearing(Journal()) as heard:
        table = adjusted(run_of(capacity=True), made_of()).tables["risk_by_capacity"]
    assert set(table["status"]) == {"not_assessed"}
    assert table["adjusted_index"].isna().all()
    assert [problem.rule for problem in heard.warnings] == ["adjusted.no_capacity"]


def test_the_block_that_says_most_of_a_unit_counts() -> None:
    table = pd.concat([CAPACITY, pd.DataFrame({"code": [CODES[0]], "block": ["all"], "index": [0.7], "grade": [5]})])
    assert capacity_of_units(table, pd.Index(CODES))["index"].tolist() == pytest.approx([0.7, 0.0, np.nan], nan_ok=True)
    assert capacity_of_units(None, pd.Index(CODES)).isna().all().all()


def test_units_are_compared_by_all_that_is_surveyed() -> None:
    dangers = pd.DataFrame({"code": CODES, "index": [10.0, 0.0, 5.0]})
    history = pd.DataFrame(
        {"code": [*CODES, CODES[0]], "hazard": ["ALL"] * 3 + ["FLOOD"], "index": [0.2, 0.1, 0.4, 9.0]}
    )
    made = made_of(capacity=CAPACITY, hidden_dangers=dangers, history=history)
    table = adjusted(run_of(combine="topsis"), made).tables["unit_comparison"].set_index("code")
    assert table["history"].tolist() == [0.5, 0.25, 1.0]
    assert table["hidden_dangers"].tolist() == [1.0, 0.0, 0.5]
    assert table["lack_of_capacity"].tolist() == pytest.approx([0.5, 1.0, np.nan], nan_ok=True)
    assert table["closeness"].between(0, 1).all()
    assert table.loc[CODES[2], "rank"] == 1


def test_a_hazard_may_have_a_capacity_of_its_own() -> None:
    own = pd.DataFrame(
        {"code": CODES[:2], "index": [1.0, np.nan], "grade": [5, 0], "status": ["assessed", "no_forest"]}
    )
    made = made_of(capacity=CAPACITY, flood_capacity=own)
    table = adjusted(run_of(capacity=True), made).tables["risk_by_capacity"]
    flood = table[table["hazard"] == "flood"].set_index("code")
    np.testing.assert_allclose(flood["adjusted_index"], [0.5 * 0.7, np.nan, np.nan])
    assert flood["status"].tolist() == ["assessed", "not_assessed", "not_assessed"]
    # All others keep the general one.
    assert table[table["hazard"] == MULTI].set_index("code")["capacity"].tolist()[:2] == [0.5, 0.0]


def test_the_study_says_whose_risk_capacity_takes_something_off() -> None:
    made = made_of(capacity=CAPACITY)
    for hazards, wanted in (("flood", ["flood"]), ([MULTI], [MULTI]), ([], ["flood", MULTI])):
        table = adjusted(run_of(capacity={"hazards": hazards}), made).tables["risk_by_capacity"]
        assert list(dict.fromkeys(table["hazard"])) == wanted
