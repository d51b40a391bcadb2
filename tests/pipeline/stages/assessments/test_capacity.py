"""Capacity of counties from the forms of all blocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.pipeline.stages.assessments import capacity
from tests.pipeline.stages.assessments.conftest import COUNTIES, TOWNS


def towns() -> pd.DataFrame:
    numbers = np.arange(1, 5)
    columns = {"pop": 1000 * numbers, "staff": numbers[::-1], "funds_wan": 3.0, "goods_wan": 2.0 * numbers, "beds": 9}
    columns |= {
        "fire_men": 2,
        "volunteer": 10 * numbers,
        "militia": 5,
        "trained": 90,
        "shelter": 100,
        "risk_done": "是",
    }
    return pd.DataFrame({"town9": TOWNS, "adcode6": [code[:6] for code in TOWNS], **columns})


def villages() -> pd.DataFrame:
    frame = towns().assign(plan=["有", "无", "有", "无"], dgr_list="有", map="无", clinics=1, drilled=[5, 6, 7, 8])
    return frame.drop(columns=["staff", "risk_done", "beds", "fire_men"])


def government(codes: list[str]) -> pd.DataFrame:
    count = len(codes)
    columns = {"staff": range(5, 5 + count), "plans": 3, "red_plan": "有", "invest_wan": 30.0, "goods_wan": 9.0}
    columns |= {"fire_men": 20, "fire_cars": 3, "beds": [100 * at for at in range(1, count + 1)], "medics": 50}
    return pd.DataFrame({"adcode6": codes, **columns})


def test_grass_roots_of_townships_and_counties(given) -> None:
    with hearing(Journal()):
        told = capacity.tables(given({"cap_township": towns(), "cap_community": villages()}))
    table = told["capacity"]
    assert table.groupby(["level", "block"]).size().to_dict() == {
        ("county", "both"): 2, ("township", "community"): 4, ("township", "township"): 4,
    }  # fmt: skip
    means = {
        block: part.groupby(part["code"].str[:6])["index"].mean()
        for block, part in table[table["level"] == "township"].groupby("block")
    }
    both = table[table["block"] == "both"].set_index("code")["index"]
    assert both.tolist() == pytest.approx((0.53 * means["township"] + 0.47 * means["community"]).tolist())
    indicators = told["capacity_indicators"].query("block == 'township' and indicator == 'team'").set_index("code")
    assert indicators.loc[TOWNS[0], ["value", "place"]].tolist() == [40.0, 1.0]


def test_a_block_of_two_counties_is_told_and_left_out(given) -> None:
    with hearing(Journal()) as heard:
        told = capacity.tables(given({"cap_government": government(COUNTIES)}))
    assert "capacity" not in told
    assert "capacity.units" in {problem.rule for problem in heard.warnings}


def test_the_official_number_of_residents_is_the_base(given) -> None:
    annual = pd.DataFrame({"adcode6": ["410702", "410702"], "year": [2019, 2020], "pop_end": [9e5, 1e6]})
    here = given({"cap_government": government(COUNTIES), "his_annual": annual})
    facts = capacity._facts(here)
    assert facts.loc["410702", "population"] == 1e6
    assert facts.loc["410703", "population"] == pytest.approx(here.count("population", "county")["410703"])
    assert facts.loc["410702", "gdp_wan"] == pytest.approx(here.count("gdp_yuan", "county")["410702"] / 1e4)


def test_six_blocks_are_put_together(given, monkeypatch: pytest.MonkeyPatch) -> None:
    three = [*COUNTIES, "410704"]
    here = given({"cap_government": government(three), "cap_township": towns(), "cap_community": villages()})
    facts = pd.DataFrame(
        {"population": 1e5, "area_km2": 100.0, "gdp_wan": 1e6, "staff": [5.0, 6, 7], "beds": [1.0, 2, 3]}
    )
    monkeypatch.setattr(capacity, "_facts", lambda _: facts.set_index(pd.Index(three, name="code")))
    with hearing(Journal()) as heard:
        table = capacity.tables(here)["capacity"]
    whole = table[table["block"] == "all"].set_index("code")["index"]
    block = table[table["block"] == "government"].set_index("code")["index"]
    towns_of = table[table["block"] == "township"].groupby(table["code"].str[:6])["index"].mean()
    villages_of = table[table["block"] == "community"].groupby(table["code"].str[:6])["index"].mean()
    expected = (0.23 * block + 0.16 * towns_of + 0.15 * villages_of) / 0.54
    assert whole[COUNTIES].tolist() == pytest.approx(expected[COUNTIES].tolist())
    assert "capacity.blocks" in {problem.rule for problem in heard.warnings}


def test_small_teams(given) -> None:
    teams = pd.DataFrame({"team_id": ["1", "2"], "name": "x", "level": ["县级", "乡镇级"], "people": [30, 25]})
    assert capacity.tables(given({"rescue_team": teams}))["teams_too_small"]["team_id"].tolist() == ["1"]


def test_counties_without_landslides_are_not_weak_for_it(given, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [*COUNTIES, "410704"]
    facts = pd.DataFrame({"staff": [5.0, 6, 7], "geo_points": [9.0, 0, 0], "geo_treated": [9.0, 0, 0]}, index=codes)
    monkeypatch.setattr(capacity, "_facts", lambda _: facts.rename_axis("code"))
    with hearing(Journal()) as heard:
        told = capacity.tables(given({"cap_government": government(codes)}))
    block = told["capacity"].query("block == 'government'").set_index("code")["index"]
    assert block.idxmax() == "410704"
    assert "dropped.capacity_indicators" in {problem.rule for problem in heard.dropped}
    kept = told["capacity_indicators"].query("indicator == 'geohazard_works'")
    assert kept["zero_base"].tolist() == [False, True, True]
