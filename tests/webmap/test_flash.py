"""Villages in flash-flood danger zones as a layer of the page; what was not assessed is shown as that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.results import StudyResult
from riskzoning.samples import toy_result
from riskzoning.webmap import flash
from riskzoning.webmap.flash import flash_data

from .conftest import Opened, text_of, wait

EVIL = "<script>window.evil=1</script>村"


def table() -> pd.DataFrame:
    middle = toy_result().units["county"].to_crs(4490).union_all().representative_point()
    rows = [
        ("1", "甲村", 2.0, 3, "assessed"), ("2", EVIL, 10.0, 2, "assessed"), ("3", "丙村", np.nan, 1, "assessed"),
        ("4", "丁村", np.nan, 0, "assessed"), ("5", "戊村", np.nan, 0, "not_assessed"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["code", "name", "first_period", "zone", "status"])
    return frame.assign(lon=middle.x + np.arange(5) * 0.001, lat=middle.y, people=[120, np.nan, 30, 40, 50])


def result(**changed: Any) -> StudyResult:
    return replace(toy_result(), tables={**toy_result().tables, "flood_villages": table().assign(**changed)})


def test_the_most_dangerous_first_and_what_is_not_known_beside_them() -> None:
    data = flash_data(result())
    assert data["zone"] == "3219"
    assert data["codes"] == ["1", "2", "3", "5"]
    assert data["counts"] == {"3": 1, "2": 1, "1": 1, "0": 1, "9": 1}
    assert (data["first"], data["people"]) == ([2.0, 10.0, None, None], [120.0, None, 30.0, 50.0])
    assert data["zones"]["3"]["colour"] == "#FF0000"
    assert flash_data(toy_result()) == {}
    assert flash_data(result(lon=np.nan)) == {}


def test_a_page_holds_so_many(monkeypatch: Any) -> None:
    monkeypatch.setattr(flash, "MOST_VILLAGES", 2)
    data = flash_data(result())
    assert (data["codes"], data["all"]) == (["1", "2"], 4)


def test_the_layer_is_switched_on_by_link_and_by_hand(opened: Opened) -> None:
    browser = opened(result(), "#lang=zh&flash=1")
    wait(browser, lambda: "极高危险区 1" in text_of(browser, ".rz-panel"))
    assert "未评估 1" in text_of(browser, ".rz-panel")
    assert "不在危险区 1" in text_of(browser, ".rz-panel")
    assert len(browser.find_elements("css selector", ".rz-flash")) == 4
    assert browser.execute_script("return window.evil") is None
    browser.execute_script("document.getElementById('rz-flash').click()")
    wait(browser, lambda: not browser.find_elements("css selector", ".rz-flash"))
    assert "flash=1" not in browser.current_url
