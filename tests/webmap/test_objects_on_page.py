"""Objects on the page in a real browser: markers, filters, cards, links, keys, a phone; hostile names stay text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.full_result import HOSTILE, full_result
from tests.webmap.conftest import Opened, chosen, text_of, wait

pytestmark = pytest.mark.chromium


@pytest.fixture
def ready(opened: Opened) -> Any:
    return opened(full_result(), "#level=township&objects=all")


def on_map(browser: Any) -> int:
    """Objects that are on the map: in clusters, alone, as lines and areas."""
    faces = [node.text for node in browser.find_elements("css selector", ".rz-object")]
    return sum(int(text) if text.isdigit() else 1 for text in faces) + len(
        browser.find_elements("css selector", "path.rz-shape")
    )


def test_filters_by_kind_and_grade_say_how_many_are_shown(ready: Any) -> None:
    assert on_map(ready) == 42
    assert text_of(ready, ".rz-objects h2") == "显示 42 处（共 42 处）"
    chosen(ready, "above", "5")
    assert on_map(ready) == 8
    # Of flood the classes are four: the highest takes in two of the five.
    chosen(ready, "hazard", "flood")
    assert ready.find_element("id", "rz-above").get_attribute("value") == "4"
    assert on_map(ready) == 17
    chosen(ready, "objects", "all")
    chosen(ready, "above", "0")
    kinds = {
        option.text: option.get_attribute("value")
        for option in ready.find_elements("css selector", "#rz-objects option")
    }
    chosen(ready, "objects", kinds["公路 (1)"])
    assert on_map(ready) == 1
    chosen(ready, "objects", "")
    assert on_map(ready) == 0
    assert not ready.find_element("id", "rz-above").is_displayed()


def test_the_card_of_an_object_shows_names_as_text(ready: Any) -> None:
    first = ready.find_element("css selector", ".rz-objects button")
    assert first.find_element("tag name", "span").text == HOSTILE
    first.click()
    assert text_of(ready, ".rz-card h2") == HOSTILE
    card = text_of(ready, ".rz-card")
    assert "学校 · 西县 西北镇" in card
    assert "1,000" in card
    bars = [row.text.split() for row in ready.find_elements("css selector", ".rz-card .rz-bar")]
    assert bars == [["洪水灾害", "极高"], ["地震灾害", "较低"], ["自然灾害综合", "高"]]
    assert not ready.find_elements("css selector", "img[src='x']")
    ready.find_element("id", "rz-lang").click()
    assert "School" in text_of(ready, ".rz-card")
    ready.find_element("tag name", "body").send_keys("\ue00c")
    assert not ready.find_element("class name", "rz-card").is_displayed()


def test_a_click_on_a_marker_and_a_link_show_the_same(ready: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    chosen(ready, "above", "5")
    ready.find_element("css selector", ".rz-objects button").click()
    wait(ready, lambda: ready.find_elements("css selector", ".rz-dot"))
    link = ready.current_url
    assert "objects=all" in link
    assert "object=0" in link
    assert "above=5" in link
    ready.find_element("css selector", ".rz-close").click()
    marker = ready.find_elements("css selector", ".leaflet-marker-icon.rz-object")[0]
    marker.send_keys(Keys.ENTER)
    wait(ready, lambda: ready.find_element("class name", "rz-card").is_displayed())
    ready.get("about:blank")
    ready.get(link)
    assert text_of(ready, ".rz-card h2") == HOSTILE
    ready.get("about:blank")
    ready.get(link.split("#")[0] + "#objects=constructor&above=-3&object=9999")
    assert on_map(ready) == 0
    assert not ready.find_element("class name", "rz-card").is_displayed()


def test_lines_and_areas_are_drawn_and_clicked(ready: Any) -> None:
    chosen(ready, "above", "0")
    assert len(ready.find_elements("css selector", "path.rz-shape")) == 2
    ready.execute_script(
        "document.querySelectorAll('path.rz-shape')[1].dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    assert text_of(ready, ".rz-card h2") == "S101"
    assert "5.2 km" in text_of(ready, ".rz-card")


def test_lines_have_a_dark_edge_below_them(ready: Any) -> None:
    chosen(ready, "above", "0")
    order = ready.execute_script(
        "return Array.from(document.querySelectorAll('path.rz-casing, path.rz-shape')).map(function (path) {"
        " return [path.classList.contains('rz-casing'), path.getAttribute('stroke'),"
        " path.getAttribute('stroke-width')]; })"
    )
    assert [row[0] for row in order] == [True, False, True, False]
    assert {tuple(row[1:]) for row in order if row[0]} == {("#222", "7")}
    assert all(float(row[2]) < 7 for row in order if not row[0])


def test_the_page_says_how_grades_of_objects_and_units_differ(ready: Any) -> None:
    assert "其所在位置的致灾危险性" in text_of(ready, ".rz-objects .rz-differ")
    ready.find_element("css selector", ".rz-objects button").click()
    assert "其所在位置的致灾危险性" in text_of(ready, ".rz-card .rz-differ")
    ready.find_element("id", "rz-search").send_keys("990101100\n")
    ready.find_element("id", "rz-lang").click()
    assert "ranks its risk against the other units" in text_of(ready, ".rz-card .rz-differ")


def test_the_card_of_a_unit_tells_objects_capacity_dangers_and_quality(ready: Any) -> None:
    chosen(ready, "hazard", "flood")
    box = ready.find_element("id", "rz-search")
    box.send_keys("990101100\n")
    card = text_of(ready, ".rz-card")
    assert "学校\n2 / 4" in card or "学校 2 / 4" in card
    assert "乡镇减灾能力 弱（0.15）" in card
    assert "重点隐患（处） 12（重大 2）" in card
    assert "未销号比例 75 %" in card
    # The township has no scores of its own: those of its county, the worst first.
    assert "调查表质检得分 · 西县" in card
    assert ready.find_element("css selector", ".rz-quality tr").text == "应急避难场所 92.5（200 行中 8 行有错误）"
    held = ready.find_elements("css selector", ".rz-held span")
    assert [item.text for item in held] == ["面积（km²）", "人口"] or len(held) == 2
    chosen(ready, "hazard", "multi")
    assert len(ready.find_elements("css selector", ".rz-held")) == 2
    chosen(ready, "level", "county")
    box.clear()
    box.send_keys("990102\n")
    assert "基层减灾能力" in text_of(ready, ".rz-card")
    ready.find_element("id", "rz-lang").click()
    assert "Still open 75 %" in text_of(ready, ".rz-card")


def test_objects_on_a_phone(ready: Any) -> None:
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    ready.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        ready.refresh()
        # What lies beyond the edge of the screen is not drawn.
        assert 0 < on_map(ready) <= 42
        ready.find_element("class name", "rz-fold").click()
        assert text_of(ready, ".rz-objects h2") == "显示 42 处（共 42 处）"
        assert ready.find_element("id", "rz-objects").is_displayed()
        assert ready.execute_script("return document.documentElement.scrollWidth") <= 390
        ready.find_element("css selector", ".rz-objects button").click()
        wait(ready, lambda: ready.find_element("class name", "rz-card").is_displayed())
        box = ready.find_element("class name", "rz-card").rect
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    finally:
        ready.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_page_without_objects_has_no_such_choice(opened: Opened) -> None:
    from riskzoning.samples import toy_result

    page = opened(toy_result(), "#objects=all&object=0")
    assert page.find_element("tag name", "body").get_attribute("data-ready") == "yes"
    assert not page.find_elements("id", "rz-objects")
