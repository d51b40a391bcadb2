"""Rules across tables."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riskzoning.surveys.context import Context
from tests.surveys.conftest import TODAY, annual, events, records_of, rules_of, townships
from tests.surveys.rules.test_codes import communities


def with_events(rows: pd.DataFrame, happened: pd.DataFrame) -> list[tuple[int, str | None, str]]:
    context = Context(related={"his_event": records_of("his_event", happened)}, today=TODAY)
    return rules_of("his_annual", rows, context)


def three_events() -> pd.DataFrame:
    one = events(range(2010, 2011))
    parts = [
        one.assign(**{"灾害事件编码": f"41070220100720FLOOD{n:02d}", "受灾人口(人)": people})
        for n, people in enumerate((400, 300, 200))
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    ("affected", "loss", "told"),
    [
        (900, 150.0, []),
        (901, 150.0, [("affected", "Q17.sum")]),
        (900, 151.4, []),
        (900, 151.7, [("loss_total", "Q17.sum")]),
    ],
)
def test_the_annual_row_is_the_sum_of_its_events(affected: int, loss: float, told: list[tuple[str, str]]) -> None:
    happened = three_events()
    rows = annual(range(2010, 2011)).astype(object)
    for name in rows.columns[6:24]:
        rows.loc[0, name] = happened[name].sum() if name in happened else rows.loc[0, name]
    rows.loc[0, ["受灾人口(人)", "直接经济损失(万元)", "灾害次数"]] = [affected, loss, 3]
    wrong = [item for item in with_events(rows, happened) if item[2].startswith("Q17")]
    assert wrong == [(0, *item) for item in told]


def test_number_of_events_and_units_between_the_tables() -> None:
    rows = annual(range(2010, 2011))
    rows.loc[0, "灾害次数"] = 2
    assert with_events(rows, events(range(2010, 2011))) == [(0, "events", "Q17.number")]
    rows = annual(range(2010, 2011)).astype(object)
    for name in ("农作物受灾面积(公顷)", "农作物成灾面积(公顷)", "农作物绝收面积(公顷)"):
        rows.loc[0, name] *= 15
    told = {rule for _, _, rule in with_events(rows, events(range(2010, 2011)))}
    assert told == {"Q17.sum", "Q14.events"}


def test_events_without_an_annual_row() -> None:
    told = with_events(annual(range(2010, 2012)), events(range(2010, 2013)))
    assert [rule for _, _, rule in told] == ["Q17.no_annual"]


def test_a_township_is_the_sum_of_its_communities() -> None:
    parts = communities().assign(**{"常住人口(人)": [8000, 7000, 5000]})
    context = Context(related={"cap_community": records_of("cap_community", parts)}, today=TODAY)
    rows = townships(1)
    assert rules_of("cap_township", rows, context) == []
    rows["常住人口(人)"] = 20110
    assert rules_of("cap_township", rows, context) == [(0, "pop", "Q10.children")]


def test_a_community_with_a_digit_too_many() -> None:
    parts = communities().assign(**{"常住人口(人)": [8000, 70000, 5000]})
    context = Context(related={"cap_township": records_of("cap_township", townships(1))}, today=TODAY)
    assert rules_of("cap_community", parts, context) == [(1, "pop", "Q10.tenfold")]


def test_totals_of_the_yearbook() -> None:
    row = {"路段编码": "1", "路线编号": "S1", "县级代码": "410702", "技术等级": "二级", "调查日期": "2021-01-01"}
    roads = pd.DataFrame([row | {"路段编码": str(n), "里程(km)": 30.0} for n in range(3)])
    book = pd.DataFrame({"adcode6": ["410702"], "road_km": [98.0]})
    assert rules_of("exp_road", roads, Context(yearbook=book, today=TODAY)) == []
    book["road_km"] = 120.0
    assert rules_of("exp_road", roads, Context(yearbook=book, today=TODAY)) == [(-1, "length_km", "Q11.total")]


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=3, max_size=3), st.integers(-3, 3), st.floats(-0.03, 0.03))
def test_persons_of_a_year_are_exact_and_money_within_a_hundredth(people: list[int], off: int, share: float) -> None:
    # The tolerance is that of the larger of both sums.
    assume(abs(abs(share) - 0.01) > 3e-4)
    happened = three_events()
    happened["受灾人口(人)"] = [400 + one for one in people]
    rows = annual(range(2010, 2011)).astype(object)
    for name in rows.columns[6:24]:
        rows.loc[0, name] = happened[name].sum() if name in happened else rows.loc[0, name]
    affected = int(happened["受灾人口(人)"].sum()) + off
    rows.loc[0, ["受灾人口(人)", "直接经济损失(万元)", "灾害次数"]] = [affected, 150.0 * (1 + share), 3]
    wrong = {item[1:] for item in with_events(rows, happened) if item[2].startswith("Q17")}
    expected = {("affected", "Q17.sum")} if off else set()
    assert wrong == expected | ({("loss_total", "Q17.sum")} if abs(share) > 0.01 else set())
