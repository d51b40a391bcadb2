"""Unsure grades on the page: hatched with all hazards together, told in the legend, and gone with any other map."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
import pytest

from riskzoning.samples import toy_result
from tests.webmap.conftest import Opened, chosen

pytestmark = pytest.mark.chromium


def hatched(browser: Any) -> int:
    return len(browser.find_elements("css selector", "path.rz-unsure"))


def test_unsure_units_are_hatched_with_all_hazards_together_only(opened: Opened) -> None:
    result = toy_result()
    codes = [str(code) for code in result.units["township"].index]
    rows = {"code": codes, "level": "township", "hazard": "multi", "probability": [0.5, 0.4, *[0.9] * (len(codes) - 2)]}
    told = dataclasses.replace(result, tables={**result.tables, "stability": pd.DataFrame(rows)})
    page = opened(told, "#level=township&hazard=multi")
    assert hatched(page) == 2
    (row,) = page.find_elements("css selector", ".rz-hatched")
    assert "等级不确定" in row.text
    assert row.text.split()[-1] == "2"
    assert page.find_element("css selector", "path.rz-unsure").get_attribute("fill") == "url(#rz-hatch)"
    page.find_element("id", "rz-lang").click()
    assert "Unsure" in page.find_element("css selector", ".rz-hatched").text
    for choice, value in (("hazard", "flood"), ("hazard", "multi"), ("level", "county")):
        chosen(page, choice, value)
        assert hatched(page) == (2 if value == "multi" else 0)
    assert not page.find_elements("css selector", ".rz-hatched")
