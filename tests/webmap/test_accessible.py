"""Who sees badly or has no mouse can use the page: axe-core has nothing to say, the tab key goes a sensible way.

And whatever names hold, nothing of the data breaks out of its tag.
"""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from riskzoning.results import StudyResult
from riskzoning.samples import toy_result
from riskzoning.webmap import explore, site
from tests.full_result import full_result
from tests.webmap.conftest import Opened
from tests.zoned_result import zoned_result

_AXE = Path(__file__).parent / "axe" / "axe.min.js"
_RUN = (
    "const done = arguments[0], options = {resultTypes: ['violations'], preload: false};"
    "axe.run(document, options).then(told => done(told.violations))"
)
_PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
_BREAKS = "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"


def whole() -> StudyResult:
    """A result with everything that the page may show."""
    zoned, full = zoned_result(), full_result()
    return replace(full, zones={**full.zones, **zoned.zones}, tables={**zoned.tables, **full.tables})


def faults(browser: Any) -> list[str]:
    """What axe-core finds, with the first place of each."""
    rows = browser.execute_async_script(_RUN)
    return [f"{row['id']}: {row['nodes'][0]['html'][:200]}" for row in rows]


@pytest.mark.chromium
def test_axe_finds_nothing_on_front_map_card_and_phone_in_both_languages(opened: Opened) -> None:
    browser = opened(whole(), "#level=township")
    browser.execute_script(_AXE.read_text(encoding="utf-8"))
    code = browser.execute_script("return RISKZONING.levels.township.codes[0]")
    views = ["objects=all", "zones=prevention_multi&zone=0", f"unit={code}&hazard=flood"]
    said = {"front": faults(browser)}
    for view, lang in zip(views, ("en", "zh", "en"), strict=True):
        browser.execute_script(f"location.hash = '#level=township&lang={lang}&{view}'")
        said[view] = faults(browser)
    browser.find_element("id", "rz-compare").click()
    said["compare"] = faults(browser)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", _PHONE)
    try:
        for lang in ("zh", "en"):
            browser.execute_script(f"location.hash = '#level=township&lang={lang}&unit={code}'")
            browser.refresh()
            browser.execute_script(_AXE.read_text(encoding="utf-8"))
            said[f"phone {lang}"] = faults(browser)
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert {view: rows for view, rows in said.items() if rows} == {}


@pytest.mark.chromium
def test_the_tab_key_goes_from_the_map_through_the_choices_to_the_front(opened: Opened) -> None:
    browser = opened(toy_result(), "#level=township")
    focus = "return document.activeElement.id || document.activeElement.className"
    browser.execute_script("document.querySelector('.leaflet-control-zoom-in').focus()")
    way = [browser.execute_script(focus)]
    while len(way) < 40 and way[-1] != "rz-front-close":
        browser.switch_to.active_element.send_keys(Keys.TAB)
        way.append(browser.execute_script(focus))
    ids = [one for one in way if one.startswith("rz-")]
    order = ["rz-lang", "rz-front", "rz-level", "rz-hazard", "rz-indicator", "rz-search", "rz-print", "rz-front-close"]
    assert [one for one in ids if one in order] == order


class Tags(HTMLParser):
    """Counts tags, and gathers scripts within the page and attributes that run something."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.runs: list[str] = []
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.runs += [f"{tag} {name}" for name, value in attrs if name.startswith("on") or "javascript:" in str(value)]

    def handle_data(self, data: str) -> None:
        self.within += data if self.cdata_elem == "script" else ""


def tags(page: str) -> Tags:
    parsed = Tags()
    parsed.feed(page)
    return parsed


def hostile() -> StudyResult:
    result = toy_result()
    for frame in result.units.values():
        frame["name"] = _BREAKS
    return replace(result, name={"zh": _BREAKS, "en": _BREAKS}, data_date=_BREAKS, review_number=_BREAKS)


def test_no_data_break_out_of_a_tag_of_the_page(tmp_path: Path) -> None:
    pages = {name: site(one, tmp_path / name) for name, one in (("plain", toy_result()), ("hostile", hostile()))}
    plain, broken = (tags(page.read_text(encoding="utf-8")) for page in pages.values())
    assert broken.counts == plain.counts
    assert (broken.runs, broken.within.strip()) == ([], "")
    # Every script is a file beside the page: none of them is markup, whatever it holds.
    assert "window.broken" in (pages["hostile"].parent / "assets" / "data.js").read_text(encoding="utf-8")


def test_no_data_break_out_of_a_map_in_a_notebook() -> None:
    pages = [explore(one, offline=True).get_root().render() for one in (toy_result(), hostile())]
    plain, broken = (tags(page) for page in pages)
    assert broken.counts == plain.counts
    assert broken.runs == plain.runs
    assert "<script>" not in broken.within
