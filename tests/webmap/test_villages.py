"""Villages on the page: points with grades, found by name, with a card and a link; hostile names stay text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np

from riskzoning.results import VILLAGE, StudyResult
from riskzoning.samples import toy_result
from riskzoning.webmap import villages
from riskzoning.webmap.villages import villages_data

from .conftest import Opened, text_of, wait

EVIL = "<script>window.evil=1</script>村"


def with_villages() -> StudyResult:
    result = toy_result()
    towns = result.units["township"]
    numbers = {column: towns[column].to_numpy() for column in towns.columns if column not in ("geometry", "name")}
    frame = gpd.GeoDataFrame(
        {**numbers, "name": [f"李庄村{at}" for at in range(len(towns))], "parent": [str(code) for code in towns.index]},
        index=[f"{code}201" for code in towns.index], geometry=towns.geometry.to_numpy(), crs=towns.crs,
    )  # fmt: skip
    frame["level"] = VILLAGE
    frame.iloc[1, frame.columns.get_loc("name")] = EVIL
    frame.iloc[0, frame.columns.get_loc("multi_risk_grade")] = np.nan
    return replace(result, units={**result.units, VILLAGE: frame})


def test_villages_are_points_with_a_digit_for_each_grade() -> None:
    result = with_villages()
    data = villages_data(result)
    frame = result.units[VILLAGE]
    assert data["codes"] == list(frame.index)
    assert data["all"] == len(frame)
    assert [data["above"][at] for at in data["of"]] == list(frame["parent"])
    assert data["grades"]["multi_risk_grade"][0] == "0"
    expected = frame["flood_risk_grade"].fillna(0).astype(int).to_numpy()
    read = np.array([int(digit) for digit in data["grades"]["flood_risk_grade"]])
    acts = read != 9
    assert (read[acts] == expected[acts]).all()
    # Where a hazard does not act the index is 0, which is neither a class nor a gap.
    assert (frame["flood_risk_index"].to_numpy()[~acts] == 0).all()


def test_nothing_without_villages_and_a_bound_on_their_number(monkeypatch: Any) -> None:
    assert villages_data(toy_result()) == {}
    monkeypatch.setattr(villages, "MOST_VILLAGES", 2)
    data = villages_data(with_villages())
    assert len(data["codes"]) == len(data["grades"]["multi_risk_grade"]) == 2
    assert data["all"] > 2


def test_a_village_is_found_has_a_card_and_a_link(opened: Opened) -> None:
    browser = opened(with_villages(), "#lang=zh")
    search = browser.find_element("id", "rz-search")
    search.send_keys("李庄村2")
    wait(browser, lambda: "李庄村2" in text_of(browser, "#rz-hits"))
    search.send_keys("\ue007")
    wait(browser, lambda: "村（社区）" in text_of(browser, ".rz-card:not([hidden])"))
    assert "village=" in browser.current_url
    assert len(browser.find_elements("css selector", ".rz-village")) == 1
    # The way up leads to the township, and Escape closes the card.
    browser.find_element("css selector", ".rz-card:not([hidden]) .rz-up").click()
    wait(browser, lambda: "unit=" in browser.current_url)
    assert "village=" not in browser.current_url


def test_points_show_from_near_and_names_stay_text(opened: Opened) -> None:
    result = with_villages()
    code = result.units[VILLAGE].index[1]
    browser = opened(result, f"#lang=en&village={code}")
    wait(browser, lambda: EVIL in text_of(browser, ".rz-card:not([hidden])"))
    assert browser.execute_script("return window.evil") is None
    browser.execute_script("document.getElementById('rz-villages').click()")
    wait(browser, lambda: "villages=1" in browser.current_url)
    browser.execute_script("window.map_riskzoning.setZoom(13, {animate: false})")
    wait(browser, lambda: len(browser.find_elements("css selector", ".rz-village")) >= 2)
    browser.execute_script("window.map_riskzoning.setZoom(8, {animate: false})")
    wait(browser, lambda: "zoom in" in text_of(browser, ".rz-panel"))
    assert len(browser.find_elements("css selector", ".rz-village")) == 1
    browser.find_element("css selector", ".rz-card:not([hidden]) .rz-close").click()
    wait(browser, lambda: "village=" not in browser.current_url)
