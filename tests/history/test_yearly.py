"""The record of a city by county, year and kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.history import unit_history, yearly_records
from riskzoning.history.prices import price_levels
from riskzoning.history.yearly import event_table, unit_return_periods, unit_targets, unit_years

CITY = {"city": {"410702": "410700", "410703": "410700"}, "county": {"410702": "410702", "410703": "410703"}}
KINDS = ("洪涝", "干旱")


def panel(years: range = range(2001, 2011), **values: float) -> pd.DataFrame:
    rows = [
        {"adcode6": code, "year": year, "hazard": kind, "affected": 100, "dead": 1, "missing": 0, "crop_aff": 5.0,
         "coll_room": 2, "loss_total": 10.0, "events": 1, "pop_end": 10_000, "gdp_wan": 1000.0, **values}
        for code in ("410702", "410703") for year in years for kind in KINDS
    ]  # fmt: skip
    return pd.DataFrame(rows)


def events(*rows: tuple[str, int, str, float]) -> pd.DataFrame:
    columns = ["adcode6", "year", "hazard", "loss_total"]
    table = pd.DataFrame(rows, columns=columns).assign(affected=50, dead=0, missing=1, crop_aff=2.0, coll_room=1)
    return table.assign(event_id=[f"E{at}" for at in range(len(table))], start="2001-07-01", end="2001-07-02")


def total(table: pd.DataFrame, code: str = "410700", hazard: str = "ALL") -> pd.Series:
    return table[(table["code"] == code) & (table["hazard"] == hazard)].iloc[0]


def test_product_and_residents_count_once_a_year() -> None:
    records = yearly_records(panel())
    years = unit_years(records, CITY["city"])
    assert years["gdp"].tolist() == [2e7] * 10
    assert years["population"].tolist() == [20_000] * 10
    assert years["loss"].tolist() == [40 * 1e4] * 10
    targets = unit_targets(records, CITY).query("code == '410700' and period == '2001-2010'").set_index("indicator")
    assert targets.loc["loss_gdp", "value"] == pytest.approx(100 * 40 / 2000)
    assert targets.loc["deaths_per_million", "value"] == pytest.approx(1e6 * 4 / 20_000)


def test_a_row_that_lacks_is_filled_from_its_events_or_unknown() -> None:
    table = panel().drop(index=[0, 5])
    with hearing(Journal()) as heard:
        records = yearly_records(table, events(("410702", 2001, "FLOOD", 7.0), ("410702", 2001, "RAIN", 1.0)))
    by_key = records.set_index(["code", "year", "hazard"])
    assert by_key.loc[("410702", 2001, "FLOOD"), ["loss", "dead_missing", "source"]].tolist() == [8e4, 2, "events"]
    assert np.isnan(by_key.loc[("410702", 2003, "DROUGHT"), "loss"])
    assert {problem.rule for problem in (*heard.warnings, *heard.steps)} == {"history.filled", "history.unknown_rows"}
    history = unit_history(records, CITY)
    assert total(history, "410702")[["years", "missing_years"]].tolist() == [9, 1]
    # The unknown year is in no sum and in no mean.
    assert total(history, "410702")["loss_yuan"] == 9 * 20e4 - 2e4


def test_a_small_unknown_part_does_not_spoil_the_year_of_the_city() -> None:
    table = panel()
    table.loc[table["hazard"] == "干旱", "loss_total"] = 0.01
    with hearing(Journal()):
        records = yearly_records(table[~((table["year"] == 2005) & (table["hazard"] == "干旱"))])
    assert unit_years(records, CITY["city"]).set_index("year")["complete"].all()
    # A whole county is no small part.
    with hearing(Journal()):
        records = yearly_records(table[~((table["year"] == 2005) & (table["adcode6"] == "410703"))])
    assert not unit_years(records, CITY["city"]).set_index("year").loc[2005, "complete"]


def test_a_table_of_events_only_has_quiet_kinds_but_no_quiet_years() -> None:
    sparse = panel(range(2001, 2021))
    sparse = sparse[(sparse["year"] % 4 == 0) & (sparse["hazard"] == "洪涝") | (sparse["year"] == 2001)]
    with hearing(Journal()):
        records = yearly_records(sparse).set_index(["code", "year", "hazard"])
    assert records.loc[("410702", 2004, "DROUGHT"), "loss"] == 0
    assert np.isnan(records.loc[("410702", 2005, "FLOOD"), "loss"])


def test_losses_above_the_product_are_a_wrong_unit() -> None:
    table = panel()
    table.loc[3, "loss_total"] = 10_000.0
    with hearing(Journal()) as heard:
        records = yearly_records(table)
    assert "dropped.history_amounts" in {problem.rule for problem in heard.dropped}
    assert np.isnan(records.set_index(["code", "year", "hazard"]).loc[("410702", 2002, "DROUGHT"), "loss"])


def test_kinds_are_summed_on_the_first_level_and_strange_ones_told() -> None:
    table = panel()
    table.loc[table["hazard"] == "干旱", "hazard"] = "FIRE_FOREST"
    table.loc[0, "hazard"] = "蝗灾"
    with hearing(Journal()) as heard:
        records = yearly_records(table)
    assert set(records["hazard"]) == {"FIRE", "FLOOD"}
    assert [dict(problem.values)["kinds"] for problem in heard.dropped] == [("蝗灾",)]
    with pytest.raises(LayerError):
        yearly_records(table.drop(columns="year"))


def test_weights_frequency_and_constant_prices_by_unit() -> None:
    table = panel(range(2000, 2002))
    table.loc[table["hazard"] == "洪涝", "loss_total"] = 30.0
    history = unit_history(yearly_records(table), CITY, base=2001)
    flood = total(history, hazard="FLOOD")
    assert flood["loss_constant_yuan"] == pytest.approx(60e4 * (1 + 1.007))
    assert flood["weight"] == pytest.approx(0.5 * 0.75 + 0.3 * 0.5 + 0.2 * 0.5)
    assert total(history)["weight"] == 1
    assert flood["frequency"] == 2
    assert history["hazard_name"].iloc[0] == "all hazards"


def test_curves_of_the_city_and_its_counties() -> None:
    years = range(1991, 2011)
    table = panel(years)
    table["loss_total"] = 10.0 + table["year"] - 1990
    with hearing(Journal()):
        curves = unit_return_periods(yearly_records(table), CITY)
    assert set(curves.loc[curves["level"] == "county", "hazard"]) == {"ALL"}
    assert set(curves.loc[curves["level"] == "city", "hazard"]) == {"ALL", "FLOOD", "DROUGHT"}
    seen = curves.query("code == '410700' and hazard == 'ALL' and measure == 'loss_gdp' and method == 'observed'")
    assert (seen["year"].iloc[0], seen["return_period"].iloc[0]) == (2010, 21)


def test_events_are_ordered_by_intensity() -> None:
    table = event_table(events(("410702", 2001, "FLOOD", 7.0), ("410703", 2002, "COLD", 70.0)))
    assert table["event_id"].tolist() == ["E1", "E0"]
    assert table["loss_yuan"].tolist() == [70e4, 7e4]
    assert table["intensity"].tolist() == [0.2, 0.0]


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(40)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    table = panel()
    table["loss_total"] = np.arange(40.0)
    expected = unit_history(yearly_records(table), CITY)
    pd.testing.assert_frame_equal(unit_history(yearly_records(table.iloc[order]), CITY), expected)


def test_a_row_without_its_loss_is_filled_and_events_without_theirs_fill_nothing() -> None:
    table = panel()
    table.loc[[0, 2], "loss_total"] = np.nan
    known, unknown = ("410702", 2001, "FLOOD", 7.0), ("410702", 2002, "FLOOD", np.nan)
    with hearing(Journal()):
        records = yearly_records(table, events(known, unknown, ("410702", 2002, "FLOOD", 3.0)))
    by_key = records.set_index(["code", "year", "hazard"])
    assert by_key.loc[("410702", 2001, "FLOOD"), ["loss", "source"]].tolist() == [7e4, "events"]
    assert by_key.loc[("410702", 2002, "FLOOD"), "source"] == "none"


def test_losses_at_the_prices_of_another_year_are_brought_to_their_own() -> None:
    rows = pd.DataFrame({"adcode6": "410702", "year": [2004, 2005], "hazard": "洪涝", "loss_total": [10.0, 20.0]})
    levels = price_levels()
    with hearing(Journal()) as heard:
        plain = yearly_records(rows)
        moved = yearly_records(rows.assign(price_year=[2005, 2005]))
        unknown = yearly_records(rows.assign(price_year=[1900, np.nan]))
    assert moved["loss"].tolist() == pytest.approx([1e5 * levels[2004] / levels[2005], 2e5])
    assert unknown["loss"].tolist() == plain["loss"].tolist() == [1e5, 2e5]
    told = {problem.rule: dict(problem.values) for problem in (*heard.warnings, *heard.steps)}
    assert told["history.prices_moved"]["count"] == 1
    assert told["history.price_years"]["years"] == (1900,)
    events = rows.assign(price_year=2005, event_id=["a", "b"])
    with hearing(Journal()):
        assert event_table(events).set_index("event_id").loc["a", "loss_yuan"] == pytest.approx(moved["loss"][0])
