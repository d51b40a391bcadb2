"""Zones, the front and two units compared, in a real browser: lists, cards, links, keys, a phone."""

from __future__ import annotations

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.webmap.conftest import Opened, chosen, text_of, wait
from tests.zoned_result import zoned_result

pytestmark = pytest.mark.chromium


@pytest.fixture
def ready(opened: Opened) -> Any:
    return opened(zoned_result(), "#level=township")


def shown(browser: Any, selector: str) -> bool:
    return bool(browser.find_element("css selector", selector).is_displayed())


def test_the_front_answers_three_questions_and_leads_to_units_and_zones(ready: Any) -> None:
    front = text_of(ready, ".rz-front")
    for question in ("哪里风险最高", "那里有什么处于危险之中", "应当做什么", "结果中缺什么"):
        assert question in front
    assert "综合重点防治区共 2 个" in front
    rows = ready.find_elements("css selector", ".rz-front .rz-rank")
    unit, zone = rows[0].text.splitlines()[0], rows[5].text
    rows[0].click()
    assert not shown(ready, ".rz-front")
    assert unit.endswith(text_of(ready, ".rz-card:not(.rz-front) h2"))
    ready.find_element("tag name", "body").send_keys(Keys.ESCAPE)
    assert shown(ready, ".rz-front")
    ready.find_elements("css selector", ".rz-front .rz-rank")[5].click()
    assert text_of(ready, ".rz-card:not(.rz-front) h2") == zone
    assert "zones=prevention_multi" in ready.current_url


def test_closing_the_front_gives_the_map_its_room_and_a_button_brings_it_back(ready: Any) -> None:
    width = "return map_riskzoning.getSize().x"
    narrow = ready.execute_script(width)
    ready.find_element("id", "rz-front-close").click()
    assert not shown(ready, ".rz-front")
    assert ready.execute_script(width) == narrow + 340
    ready.find_element("id", "rz-front").click()
    assert shown(ready, ".rz-front")
    assert ready.execute_script(width) == narrow


def test_zones_have_a_legend_and_cards_with_measures_and_units(ready: Any) -> None:
    chosen(ready, "zones", "prevention_multi")
    assert [row.text.split()[0] for row in ready.find_elements("css selector", ".rz-legend .rz-row")] == [
        "重点", "次重点", "一般",
    ]  # fmt: skip
    ready.find_element("css selector", ".rz-top .rz-rank").click()
    card = text_of(ready, ".rz-card:not(.rz-front)")
    assert "防治措施\n工程治理、监测预警" in card
    assert "所含单元 · 1" in card
    link = ready.current_url
    assert "zone=0" in link
    ready.get("about:blank")
    ready.get(link)
    assert text_of(ready, ".rz-card:not(.rz-front) h2") == "第0区"
    ready.find_element("id", "rz-lang").click()
    assert "engineering works, monitoring and warning" in text_of(ready, ".rz-card:not(.rz-front)")
    ready.find_element("css selector", ".rz-card:not(.rz-front) .rz-rank").click()
    assert text_of(ready, ".rz-card:not(.rz-front) h2") == ready.execute_script(
        "return RISKZONING.levels.township.names[0]"
    )
    assert "zones=" not in ready.current_url


def test_a_hostile_name_of_a_zone_stays_text(ready: Any) -> None:
    chosen(ready, "zones", "prevention_flood")
    ready.find_element("css selector", ".rz-top .rz-rank").click()
    assert text_of(ready, ".rz-card:not(.rz-front) h2") == "<b>甲</b>"


def test_the_card_of_a_unit_names_its_zones(ready: Any) -> None:
    ready.execute_script("location.hash = '#level=township&unit=' + RISKZONING.levels.township.codes[0]")
    wait(ready, lambda: shown(ready, ".rz-card:not(.rz-front)"))
    card = text_of(ready, ".rz-card:not(.rz-front)")
    assert "所在区划\n第0区\n甲" in card
    assert "工程治理、监测预警" in card


def test_two_units_stand_beside_each_other(ready: Any) -> None:
    codes = ready.execute_script("return RISKZONING.levels.township.codes")
    names = ready.execute_script("return RISKZONING.levels.township.names")
    ready.execute_script(f"location.hash = '#level=township&unit={codes[0]}'")
    wait(ready, lambda: shown(ready, ".rz-card:not(.rz-front)"))
    ready.find_element("id", "rz-compare").click()
    assert ready.find_element("id", "rz-compare").get_attribute("aria-pressed") == "true"
    ready.find_element("id", "rz-search").send_keys(codes[3], Keys.ENTER)
    heads = [cell.text for cell in ready.find_elements("css selector", ".rz-two thead th")]
    assert heads == [names[0], names[3]]
    row = ready.find_element("css selector", ".rz-two tbody tr").text
    assert row.split()[0] == "洪水灾害"
    link = ready.current_url
    ready.get("about:blank")
    ready.get(link)
    assert len(ready.find_elements("css selector", ".rz-two thead th")) == 2
    ready.find_element("class name", "rz-close").click()
    assert text_of(ready, ".rz-card:not(.rz-front) h2") == names[3]


def test_on_a_phone_the_card_is_a_sheet_below_the_map(ready: Any) -> None:
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    ready.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        ready.execute_script("location.hash = '#level=township&unit=' + RISKZONING.levels.township.codes[0]")
        ready.refresh()
        frame = ready.execute_script("return document.querySelector('.folium-map').getBoundingClientRect().bottom")
        card = ready.execute_script(
            "return document.querySelector('.rz-card:not(.rz-front)').getBoundingClientRect().top"
        )
        assert 300 < frame <= card + 1
        assert ready.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        ready.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
