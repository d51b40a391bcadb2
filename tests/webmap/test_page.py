"""The page opens in a real browser without a network, says what the data say, and shows names as text."""

from __future__ import annotations

import base64
import dataclasses
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import xarray as xr

from riskzoning.results import StudyResult
from riskzoning.samples import toy_result
from riskzoning.webmap import page_data, site
from riskzoning.webmap.page import write_font
from tests.full_result import full_result
from tests.webmap.conftest import Opened, chosen, text_of, wait


def test_folder_holds_everything_and_names_no_other_place(tmp_path: Path) -> None:
    page = site(toy_result(), tmp_path / "site")
    html = page.read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="(https?:)?//', html)
    assert "script-src 'self'; style-src 'self';" in html
    assert "unsafe" not in html
    assert "<style" not in html
    assert not re.search(r"<script>", html)
    for name in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert (page.parent / name).is_file(), name


def test_the_page_stays_within_its_budget(tmp_path: Path) -> None:
    """What is the same for every city below half a megabyte without the font, what is said of six units far less."""
    site(toy_result(), tmp_path)
    sizes = {path.name: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    data = sizes.pop("data.js")
    assert sum(size for name, size in sizes.items() if not name.endswith(".woff2")) < 500_000
    assert data < 40_000


def test_same_result_same_page(tmp_path: Path) -> None:
    for name in ("a", "b"):
        site(toy_result(), tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def hostile() -> StudyResult:
    result = toy_result()
    result.units["township"].iloc[0, result.units["township"].columns.get_loc("name")] = "<script>alert(1)</script>"
    return result


def test_a_result_without_layers_breaks_or_population_still_has_a_page(tmp_path: Path) -> None:
    bare = dataclasses.replace(toy_result(), layers=xr.Dataset(), breaks={}, tables={})
    assert site(bare, tmp_path / "site").is_file()
    assert page_data(bare)["hazards"][0]["indicators"][0]["classes"][0]["interval"] == ""


@pytest.fixture
def ready(opened: Opened) -> Any:
    """The page of a city with a hostile name."""
    return opened(hostile(), "#level=township")


def counts(browser: Any) -> list[int]:
    return [int(row.text.split()[-1]) for row in browser.find_elements("css selector", ".rz-legend .rz-row")]


@pytest.mark.chromium
def test_a_planner_chooses_level_hazard_and_language(ready: Any) -> None:
    assert ready.find_element("tag name", "body").get_attribute("data-ready") == "yes"
    assert text_of(ready, ".rz-panel h1") == "示例市"
    chosen(ready, "hazard", "flood")
    assert "hazard=flood" in ready.current_url
    assert sum(counts(ready)) == 6
    for level, units in (("county", 2), ("city", 1)):
        chosen(ready, "level", level)
        assert sum(counts(ready)) == units
    chosen(ready, "indicator", "flood_hazard")
    # Four classes, no hazard, no data.
    assert len(counts(ready)) == 6
    ready.find_element("id", "rz-lang").click()
    assert text_of(ready, ".rz-panel h1") == "Toy city"
    assert ready.find_element("tag name", "html").get_attribute("lang") == "en"
    for step in range(30):
        chosen(ready, "level", ("township", "county", "city")[step % 3])
        chosen(ready, "hazard", ("flood", "earthquake", "multi")[step % 3])
    assert sum(counts(ready)) == 1


@pytest.mark.chromium
def test_search_by_name_code_and_keys(ready: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    box = ready.find_element("id", "rz-search")
    box.send_keys("不存在的地方")
    assert text_of(ready, ".rz-miss") == "没有找到"
    box.send_keys(Keys.ENTER)
    assert not ready.find_element("class name", "rz-card").is_displayed()
    box.clear()
    box.send_keys("<script>alert(1)", Keys.ENTER)
    assert text_of(ready, ".rz-card h2") == "<script>alert(1)</script>"
    box.clear()
    box.send_keys("东")
    rows = ready.find_elements("css selector", "#rz-hits li")
    assert rows[0].text.splitlines()[0].startswith("东")
    second = rows[1].text.splitlines()[0]
    box.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    assert text_of(ready, ".rz-card h2") == second
    box.clear()
    box.send_keys("990102", Keys.ENTER)
    assert text_of(ready, ".rz-card h2") == "东县"
    assert "level=county" in ready.current_url
    ready.find_element("class name", "rz-up").click()
    assert text_of(ready, ".rz-card h2") == "示例市"
    ready.find_element("tag name", "body").send_keys(Keys.ESCAPE)
    assert not ready.find_element("class name", "rz-card").is_displayed()
    ready.find_element("tag name", "body").send_keys("/")
    assert ready.switch_to.active_element.get_attribute("id") == "rz-search"


@pytest.mark.chromium
def test_back_button_and_links_show_the_same_view(ready: Any) -> None:
    chosen(ready, "hazard", "flood")
    chosen(ready, "level", "county")
    link = ready.current_url
    ready.back()
    wait(ready, lambda: ready.find_element("id", "rz-level").get_attribute("value") == "township")
    ready.back()
    wait(ready, lambda: ready.find_element("id", "rz-hazard").get_attribute("value") == "multi")
    ready.get("about:blank")
    ready.get(link)
    assert ready.current_url == link
    for broken in (
        "#level=x&hazard=%E4%B&indicator=__proto__&unit=constructor&view=1,2",
        "#view=99999,x,y&raster=toString",
    ):
        ready.get("about:blank")
        ready.get(link.split("#")[0] + broken)
        assert ready.find_element("tag name", "body").get_attribute("data-ready") == "yes"


@pytest.mark.chromium
def test_the_card_goes_on_with_the_unit_above_when_the_level_is_changed(opened: Opened) -> None:
    townships = toy_result().units["township"]
    page = opened(toy_result(), f"#level=township&unit={townships.index[0]}")
    chosen(page, "level", "county")
    assert f"unit={townships['parent'].iloc[0]}" in page.current_url
    chosen(page, "level", "township")
    # None below it is meant.
    assert "unit=" not in page.current_url


@pytest.mark.chromium
def test_a_place_of_one_township_is_listed_and_no_switch_is_without_effect(opened: Opened) -> None:
    result = toy_result()
    alone = dataclasses.replace(result, units={"township": result.units["township"].iloc[[0]]})
    page = opened(alone, "")
    assert text_of(page, ".rz-front .rz-rank span") == str(alone.units["township"]["name"].iloc[0])
    assert not page.find_element("id", "rz-labels").is_displayed()
    start = float(page.current_url.split("view=")[1].split(",")[2])
    page.find_element("css selector", ".rz-front .rz-rank").click()
    wait(page, lambda: "unit=" in page.current_url)
    page.execute_async_script("setTimeout(arguments[0], 900)")
    assert float(page.current_url.split("view=")[1].split("&")[0].split(",")[2]) >= start - 1


@pytest.mark.chromium
def test_rasters_have_a_legend_and_an_opacity(ready: Any) -> None:
    chosen(ready, "raster", "flood_risk_index")
    picture = "img.leaflet-image-layer[src='assets/raster_flood.png']"
    assert len(ready.find_elements("css selector", picture)) == 1
    assert ready.find_element("class name", "rz-ramp").is_displayed()
    slider = ready.find_element("id", "rz-opacity")
    ready.execute_script("arguments[0].value = 20; arguments[0].dispatchEvent(new Event('input'))", slider)
    assert float(ready.find_element("css selector", picture).value_of_css_property("opacity")) == pytest.approx(0.2)
    chosen(ready, "raster", "")
    assert not ready.find_elements("css selector", picture)


@pytest.mark.chromium
def test_the_map_cannot_be_faded_out_beside_its_legend(ready: Any) -> None:
    slider = ready.find_element("id", "rz-opacity")
    ready.execute_script("arguments[0].value = 0; arguments[0].dispatchEvent(new Event('input'))", slider)
    shape = ready.find_element("css selector", "path.leaflet-interactive")
    assert float(shape.get_attribute("fill-opacity")) == pytest.approx(0.1)


@pytest.mark.chromium
def test_english_words_of_the_legend_and_of_two_units_stand_on_one_line(opened: Opened) -> None:
    result = full_result()
    first, second = result.units["township"].index[[0, 1]]
    # The longest name of a grade, in every cell.
    result.units["township"]["flood_risk_grade"] = 2
    page = opened(result, f"#level=township&lang=en&unit={first}&other={second}")
    cells = "return [...document.querySelectorAll('.rz-two tbody td')].filter(c => /medium-low/.test(c.textContent))"
    heights = page.execute_script(f"{cells}.map(c => c.getBoundingClientRect().height)")
    assert len(heights) >= 2
    assert max(heights) < 30
    card = page.execute_script("const c = document.querySelector('.rz-card'); return c.scrollWidth - c.clientWidth")
    assert card <= 0
    rows = "return [...document.querySelectorAll('.rz-row')].map(r => r.getBoundingClientRect().height)"
    assert 0 < max(page.execute_script(rows)) < 26


@pytest.mark.chromium
def test_a_click_on_the_map_opens_the_card_and_the_list_leads_to_units(ready: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ready.find_element("id", "rz-labels").click()
    place = "var p = map_riskzoning.latLngToContainerPoint(RISKZONING.levels.township.middles[2]); return [p.x, p.y]"
    x, y = ready.execute_script(place)
    container = ready.find_element("id", "map_riskzoning")
    size = container.size
    actions = ActionChains(ready)
    actions.move_to_element_with_offset(
        container, int(x - size["width"] / 2), int(y - size["height"] / 2)
    ).click().perform()
    wait(ready, lambda: ready.find_element("class name", "rz-card").is_displayed())
    assert text_of(ready, ".rz-card h2") == ready.execute_script("return RISKZONING.levels.township.names[2]")
    first = ready.find_element("class name", "rz-rank")
    name = first.find_element("tag name", "span").text
    first.click()
    assert name.endswith(text_of(ready, ".rz-card h2"))


@pytest.mark.chromium
def test_page_fits_a_phone_and_a_resized_window(ready: Any) -> None:
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    ready.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        ready.refresh()
        assert ready.find_element("tag name", "body").get_attribute("data-ready") == "yes"
        assert not ready.find_element("id", "rz-level").is_displayed()
        ready.find_element("class name", "rz-fold").click()
        assert ready.find_element("id", "rz-level").is_displayed()
        assert ready.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        ready.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    ready.set_window_size(900, 500)
    wait(ready, lambda: ready.execute_script("return map_riskzoning.getSize().x") > 600)


@pytest.mark.chromium
def test_printing_fits_the_sheet_and_gives_the_view_back(ready: Any) -> None:
    size = "var s = map_riskzoning.getSize(); return [s.x, s.y]"
    ready.execute_script(
        "window.seen = []; addEventListener('beforeprint', () => seen.push(map_riskzoning.getSize().x))"
    )
    before = ready.current_url, ready.execute_script(size)
    ready.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    wait(ready, lambda: ready.execute_script(size) == before[1])
    assert ready.execute_script("return seen") == [1040]
    (address, view), (address_before, view_before) = (_view(url) for url in (ready.current_url, before[0]))
    assert address == address_before
    # Half a pixel is lost where the width is odd.
    assert view == pytest.approx(view_before, abs=5e-4)


@pytest.mark.chromium
def test_a_card_longer_than_a_sheet_is_printed_whole_on_a_second_one(ready: Any) -> None:
    def sheets() -> int:
        paper = {"preferCSSPageSize": True, "printBackground": True}
        pdf = ready.execute_cdp_cmd("Page.printToPDF", paper)["data"]
        with pikepdf.open(BytesIO(base64.b64decode(pdf))) as file:
            return len(file.pages)

    assert sheets() == 1
    ready.execute_script("location.hash = 'level=county&unit=' + RISKZONING.levels.county.codes[0]")
    wait(ready, lambda: ready.find_elements("css selector", ".rz-card:not([hidden]) .rz-bar"))
    ready.execute_script(
        "var card = document.querySelector('.rz-card:not(.rz-front)');"
        "for (var i = 0; i < 80; i++) { card.appendChild(document.createElement('div')).textContent = 'row ' + i; }"
    )
    assert sheets() == 2


def _view(url: str) -> tuple[str, list[float]]:
    address, view = url.split("view=")
    return address, [float(number) for number in view.split(",")]


def test_font_is_a_small_part(tmp_path: Path) -> None:
    if not write_font("新乡市", tmp_path / "font.woff2"):
        pytest.skip("the extra 'fonts' is not installed")
    assert (tmp_path / "font.woff2").stat().st_size < 100_000


def test_a_page_without_a_font_of_its_own_asks_for_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskzoning.webmap.page.cjk_font", lambda: None)
    assets = site(toy_result(), tmp_path / "site").parent / "assets"
    styles = "".join(path.read_text(encoding="utf-8") for path in assets.glob("*.css"))
    assert not re.findall(r"url\([\"']?font", styles)
    assert not (assets / "font.woff2").exists()


def test_without_a_font_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskzoning.webmap.page.cjk_font", lambda: None)
    assert not write_font("新乡市", tmp_path / "font.woff2")
    assert not (tmp_path / "font.woff2").exists()
