"""Blocks of capacity from facts of counties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.capacity import (
    BLOCKS,
    block_index,
    block_indicators,
    block_weights,
    combined_blocks,
    county_facts,
)
from riskzoning.errors import ConfigError, Journal, LayerError, hearing

CODES = ["410702", "410703", "410704"]


def government(**changes: list[float]) -> pd.DataFrame:
    facts = {
        "staff": [10.0, 20, 30], "emergency_plans": [5.0, 6, 7], "reduction_plans": [1.0, 1, 0],
        "investment_wan": [100.0, 300, 200], "gdp_wan": [1e4, 2e4, 4e4], "population": [1e5, 2e5, 4e5],
        "area_km2": [100.0, 200, 400], "goods_wan": [50.0, 80, 60], "fire_people": [20.0, 30, 20],
        "fire_trucks": [2.0, 6, 4], "beds": [500.0, 900, 700], "shelter_places": [2e4, 1e4, 8e4],
        "road_km": [150.0, 100, 800], "geo_points": [4.0, 0, 2], "geo_treated": [1.0, 0, 2],
        "levee_km": [10.0, 20, 10], "levee_ok_km": [5.0, 20, 8], "reservoirs": [2.0, 4, 1],
        "reservoirs_strong": [2.0, 1, 0],
    }  # fmt: skip
    return pd.DataFrame({**facts, **changes}, index=CODES)


def quiet(facts: pd.DataFrame, block: str = "government"):
    with hearing(Journal()) as heard:
        told = block_indicators(facts, block)
    return told, heard


def test_formulas_of_the_government_block_by_hand() -> None:
    told, _ = quiet(government())
    first = told.values.loc["410702"]
    assert first["investment"] == pytest.approx(0.01)
    assert first["fire"] == pytest.approx((20 + 2) / 2 / 10)
    assert first["flood_works"] == pytest.approx((0.5 + 1.0) / 2)
    assert first["goods_value"] == pytest.approx(50 / 1e5)
    assert first[["shelters", "roads", "medical"]].tolist() == pytest.approx([0.2, 1.5, 50])
    assert "storage" not in told.values
    assert "seawalls" not in told.values


def test_a_zero_base_is_zero_and_flagged() -> None:
    told, heard = quiet(government())
    assert told.values.loc["410703", "geohazard_works"] == 0
    assert told.zero_base.loc["410703", "geohazard_works"]
    assert told.zero_base.to_numpy().sum() == 1
    flagged = [problem for problem in heard.warnings if problem.rule == "capacity.zero_base"]
    assert [dict(problem.values)["codes"] for problem in flagged] == [("410703",)]


def test_what_was_not_surveyed_hands_its_weight_on() -> None:
    told, heard = quiet(government())
    assert "capacity.not_surveyed" in {problem.rule for problem in heard.warnings}
    with hearing(Journal()) as heard:
        weights = block_weights("government", list(told.values))
    assert sum(weights.values()) == pytest.approx(1)
    assert set(weights) == set(told.values)
    # Of the two indicators of goods one is there: it has the weight of both.
    assert weights["goods_value"] / weights["shelters"] == pytest.approx(0.16 / (0.15 * 0.49) * (1 - 0.17) / (1 - 0.17))
    # Monitoring was not surveyed at all: the other groups share its part.
    assert weights["goods_value"] == pytest.approx(0.16 / 0.83)


def test_the_published_weights_of_rescue_sum_to_more_than_one() -> None:
    rescue = standards.table("capacity/government").data["rescue"]["indicators"]
    assert sum(item["weight"] for item in rescue.values()) == pytest.approx(1.10)
    with hearing(Journal()) as heard:
        weights = block_weights("government")
    told = [problem for problem in heard.warnings if problem.rule == "capacity.weights"]
    assert [dict(problem.values)["group"] for problem in told] == ["rescue"]
    assert sum(weights[name] for name in rescue if name in weights) == pytest.approx(0.17)
    assert weights["aviation"] == pytest.approx(0.17 * 0.19 / 1.10)


@pytest.mark.parametrize("block", BLOCKS)
def test_weights_of_groups_sum_to_one(block: str) -> None:
    groups = standards.table(f"capacity/{block}").data
    assert sum(group["weight"] for group in groups.values()) == pytest.approx(1)
    if block == "government":
        groups = {name: group for name, group in groups.items() if name != "rescue"}
    for group in groups.values():
        assert sum(item["weight"] for item in group["indicators"].values()) == pytest.approx(1)


def test_sets_of_weights_have_names_and_sum_to_one() -> None:
    sets = standards.table("capacity/blocks").data["sets"]
    assert all(sum(weights.values()) == pytest.approx(1) for weights in sets.values())
    names = ["government", "enterprise", "social", "township", "community", "family"]
    blocks = pd.DataFrame(np.random.default_rng(1).random((4, 6)), columns=names)
    plain, sichuan = combined_blocks(blocks)["index"], combined_blocks(blocks, "sichuan")["index"]
    assert plain.equals(sichuan)
    assert not np.allclose(plain, combined_blocks(blocks, "chengdu")["index"])
    assert plain.iloc[0] == pytest.approx(sum(sets["sichuan"][name] * blocks.loc[0, name] for name in names))
    with pytest.raises(ConfigError):
        combined_blocks(blocks, "mars")
    with pytest.raises(ConfigError):
        combined_blocks(blocks.rename(columns=str.upper))


def test_township_and_community_weigh_differently_in_the_two_products() -> None:
    sichuan = standards.table("capacity/blocks").data["sets"]["sichuan"]
    pair = sichuan["township"] / (sichuan["township"] + sichuan["community"])
    assert pair == pytest.approx(0.516, abs=5e-4)
    assert standards.table("capacity/grassroots").data["county"]["township"] == 0.53


def test_facts_come_from_the_first_form_that_has_them() -> None:
    teams = pd.DataFrame(
        {
            "adcode6": ["410702", "410702", "410703"],
            "type": ["森林消防队", "矿山救护队", "森林消防队"],
            "people": [30, 40, 50],
            "vehicles": [3, 4, 5],
            "equip_wan": [1.0, 2, 3],
        }
    )
    stores = pd.DataFrame({"adcode6": ["410704"], "goods_wan": [7.0]})
    own = {"adcode6": ["410702"], "staff": [9], "red_plan": ["有"], "invest_wan": [30.0]}
    facts = county_facts({"rescue_team": teams, "material_store": stores, "cap_government": pd.DataFrame(own)}, CODES)
    assert facts["forest_people"].tolist() == [30, 50, 0]
    assert facts["goods_wan"].tolist() == [0, 0, 7]
    assert facts.loc["410702", ["staff", "reduction_plans", "investment_wan"]].tolist() == [9, 1, 10]
    # One row a county is asked for: that of the others is missing, not zero.
    assert np.isnan(facts.loc["410703", "staff"])
    both = {"material_store": stores, "cap_government": pd.DataFrame({**own, "goods_wan": [4.0]})}
    with_goods = county_facts(both, CODES)
    assert with_goods.loc["410702", "goods_wan"] == 4


def test_households_firms_and_organisations() -> None:
    people = {"members": [4, 2], "old": [2, 2], "young": [1, 0], "disabled": [0, 1]}
    homes = pd.DataFrame({"adcode6": ["410702", "410702"], **people})
    homes = homes.assign(water=["有", "无"], food="有", kit="无", warning=["能", "否"], route="是", drill="否")
    firms = pd.DataFrame({"adcode6": ["410702", "410703"], "type": ["大型工程企业", "保险企业"], "staff": [50, 900]})
    firms = firms.assign(machines=[10, 0], transport=[3, 0], payout_wan=[0.0, 500])
    facts = county_facts({"cap_household": homes, "cap_enterprise": firms}, CODES).assign(population=1e4)
    family, _ = quiet(facts, "family")
    assert family.values.loc["410702", "able_share"] == pytest.approx(1 / 6)
    assert family.values.loc["410702", "household_goods"] == pytest.approx((0.5 + 1 + 0) / 3)
    assert family.values.loc["410702", "household_information"] == pytest.approx(0.75)
    enterprise, _ = quiet(facts, "enterprise")
    assert enterprise.values.loc["410702", "firms"] == pytest.approx((50 + 10 + 3) / 3)
    assert enterprise.values["insurance"].tolist() == pytest.approx([0, 0.05, 0])


def test_wrong_blocks_and_empty_ones_are_refused() -> None:
    with pytest.raises(ConfigError):
        block_indicators(government(), "army")
    with pytest.raises(LayerError):
        block_indicators(government()[["population"]], "family")


def test_groups_have_indices_of_their_own() -> None:
    with hearing(Journal()):
        out = block_index(block_indicators(government(), "government").values, "government")
    assert out["relocation_index"].idxmax() == "410704"
    assert {"management_index", "rescue_index"} <= set(out)
    assert "monitoring_index" not in out


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(3)), st.floats(0.1, 1000))
def test_units_of_measure_and_order_of_counties_do_not_matter(order: list[int], factor: float) -> None:
    with hearing(Journal()):
        facts = government()
        plain = block_index(block_indicators(facts, "government").values, "government")
        money = {"goods_wan": facts["goods_wan"] * factor, "investment_wan": facts["investment_wan"] * factor}
        money |= {"gdp_wan": facts["gdp_wan"] * factor}
        other = block_index(block_indicators(facts.assign(**money).iloc[order], "government").values, "government")
    assert np.allclose(other["index"].reindex(CODES), plain["index"])


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["staff", "beds", "shelter_places", "road_km", "fire_people"]), st.floats(1.01, 5))
def test_more_of_anything_never_makes_the_others_stronger_than_the_unit(fact: str, factor: float) -> None:
    with hearing(Journal()):
        facts = government()
        plain = block_index(block_indicators(facts, "government").values, "government")["index"]
        facts.loc["410702", fact] = max(facts[fact]) * factor
        more = block_index(block_indicators(facts, "government").values, "government")["index"]
    assert more["410702"] >= plain["410702"] - 1e-9
    assert more.between(0, 1).all()
