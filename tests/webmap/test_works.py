"""Works against floods that the study names stand on the page with what their files say of them; names stay text."""

from __future__ import annotations

import dataclasses
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskzoning.results import StudyResult
from riskzoning.samples import toy_result
from riskzoning.webmap.works import works_data

from .conftest import Opened, text_of, wait


def with_works() -> StudyResult:
    result = toy_result()
    city = result.units["city"]
    west, south, east, north = city.total_bounds
    line = shapely.LineString([(west, south, 3.0), (east, north, 4.0)])
    levees = gpd.GeoDataFrame(
        {"名称": ["<b>大堤</b>", None, "x"], "级别": [1, 2, 3], "height": [4.25, np.nan, 1.0]},
        geometry=[line, line, None],
        crs=city.crs,
    )
    point = shapely.Point((west + east) / 2, (south + north) / 2)
    reservoirs = gpd.GeoDataFrame({"capacity": [1234567.0]}, geometry=[point], crs=city.crs)
    return dataclasses.replace(result, context={"levees": levees, "reservoirs": reservoirs, "rivers": levees})


def test_each_work_with_its_name_and_what_its_file_says() -> None:
    levees, reservoirs = works_data(with_works())
    assert (levees["key"], levees["title"], levees["all"]) == ("levees", {"zh": "堤防", "en": "Levee"}, 3)
    first, second = levees["items"]
    assert (first["name"], first["facts"]) == ("<b>大堤</b>", [["级别", "1"], ["height", "4.25"]])
    assert (second["name"], second["facts"]) == ("", [["级别", "2"]])
    assert len(first["shape"]["coordinates"][0]) == 2
    (only,) = reservoirs["items"]
    assert only["facts"] == [["capacity", "1234567"]]
    assert works_data(toy_result()) == []


@pytest.mark.chromium
def test_works_are_shown_on_request_with_a_card_of_each(opened: Opened) -> None:
    page = opened(with_works(), "#level=county")
    assert not page.find_elements("css selector", "path[role='button']")
    page.find_element("id", "rz-works").click()
    wait(page, lambda: "works=on" in page.current_url)
    wait(page, lambda: len(page.find_elements("css selector", "path[role='button']")) == 3)
    paths = page.find_elements("css selector", "path[role='button']")
    assert "堤防" in text_of(page, ".rz-works")
    assert paths[0].get_attribute("aria-label") == "堤防 <b>大堤</b>"
    enter: Any = "arguments[0].dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))"
    page.execute_script(enter, paths[0])
    wait(page, lambda: page.find_elements("css selector", ".rz-work"))
    assert "<b>大堤</b>" in text_of(page, ".rz-work")
    assert "4.25" in text_of(page, ".rz-work")
    page.find_element("id", "rz-works").click()
    wait(page, lambda: not page.find_elements("css selector", "path[role='button']"))


@pytest.mark.chromium
def test_a_page_of_a_study_without_works_has_no_switch(opened: Opened) -> None:
    page = opened(toy_result(), "")
    assert not page.find_elements("id", "rz-works")
