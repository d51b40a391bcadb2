"""Rules of annual series."""

from __future__ import annotations

import pandas as pd

from tests.surveys.conftest import annual, rules_of


def test_a_year_without_a_row() -> None:
    rows = annual().drop(index=3).reset_index(drop=True)
    assert rules_of("his_annual", rows) == [(2, "year", "Q13.gap")]


def test_a_hazard_that_is_missing_in_one_year() -> None:
    years = range(1990, 2015)
    flood = annual(years)
    drought = flood.assign(灾害种类="干旱", 记录编码=flood["记录编码"] + "D")
    rows = pd.concat([flood, drought.drop(index=7)], ignore_index=True)
    assert rules_of("his_annual", rows) == [(7, "hazard", "Q13.hazard")]


def test_one_figure_a_county_and_year() -> None:
    flood = annual()
    rows = pd.concat(
        [flood, *(flood.assign(灾害种类=k, 记录编码=flood["记录编码"] + k) for k in ("干旱", "风雹"))],
        ignore_index=True,
    )
    rows.loc[8, "地区生产总值(万元)"] *= 12
    assert rules_of("his_annual", rows) == [(8, "gdp_wan", "Q13.same")]


def test_a_jump_of_one_year_is_told_at_that_year() -> None:
    rows = annual()
    rows.loc[3, "地区生产总值(万元)"] *= 12
    assert rules_of("his_annual", rows) == [(3, "gdp_wan", "Q13.jump")]
    rows.loc[4:, "地区生产总值(万元)"] *= 12
    assert rules_of("his_annual", rows) == [(3, "gdp_wan", "Q13.jump")]


def test_no_loss_without_an_event() -> None:
    rows = annual()
    rows.loc[2, "灾害次数"] = 0
    assert rules_of("his_annual", rows) == [(2, "loss_total", "Q13.no_event")]
