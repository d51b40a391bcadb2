"""Indicators of capacity from filled forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.capacity import community_indicators, short_teams, township_indicators
from riskzoning.errors import RiskZoningWarning, SurveyError

TOWN = {
    "town9": "410702001", "pop": 20000, "staff": 10, "risk_done": "是", "funds_wan": 24.0, "goods_wan": 40.0,
    "beds": 100,    "fire_men": 8, "volunteer": 90, "militia": 62, "trained": 900, "shelter": 9000,
}  # fmt: skip
VILLAGE = {
    "town9": "410702001", "pop": 1000, "plan": "有", "dgr_list": "无", "map": None, "funds_wan": 1.0, "goods_wan": 2.0,
    "clinics": 1, "militia": 5, "volunteer": 15, "trained": 50, "drilled": 30, "shelter": 500,
}  # fmt: skip


def test_indicators_of_a_township() -> None:
    row = township_indicators(pd.DataFrame([TOWN])).iloc[0].to_dict()
    assert row == pytest.approx(
        {
            "team": 5,
            "risk_assessment": 1,
            "funds": 12,
            "goods": 20,
            "medical": 50,
            "self_rescue": 80,
            "public": 4.5,
            "transfer": 0.45,
        }
    )


def test_indicators_of_communities_are_shares_and_sums() -> None:
    rows = pd.DataFrame([VILLAGE, {**VILLAGE, "plan": "无", "map": "有", "pop": 3000}])
    out = community_indicators(rows).loc["410702001"]
    assert out["plan"] == 0.5
    assert out["dangers_listed"] == 0
    assert out["risk_assessment"] == 1, "a community that did not answer does not count"
    assert out["funds"] == pytest.approx(1e4 * 2 / 4000)
    assert out["public"] == pytest.approx(100 * 160 / 4000)


def test_nobody_lives_there() -> None:
    with pytest.warns(RiskZoningWarning):
        out = township_indicators(pd.DataFrame([TOWN, {**TOWN, "town9": "2", "pop": 0}]))
    assert np.isnan(out.loc["2", "team"])


def test_missing_columns_are_told_all() -> None:
    with pytest.raises(SurveyError) as error:
        township_indicators(pd.DataFrame([TOWN]).drop(columns=["beds", "staff"]))
    assert dict(error.value.problems[0].values)["missing"] == ("staff", "beds")


def test_small_teams_by_level() -> None:
    teams = pd.DataFrame(
        {
            "team_id": list("abcd"),
            "name": list("abcd"),
            "level": ["市级", "县级", "乡镇级", "乡镇级"],
            "people": [99, 50, 19, 20],
        }
    )
    out = short_teams(teams)
    assert out[["team_id", "required", "missing"]].to_numpy().tolist() == [["a", 100, 1], ["c", 20, 1]]
