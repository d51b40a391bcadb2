"""The page opens in a real browser without a network, says what the data say, and shows names as text."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riskzoning.results import StudyResult
from riskzoning.samples import toy_result
from riskzoning.webmap import page_data, site
from riskzoning.webmap.font import write_font
from riskzoning.webmap.payload import simplified


def test_folder_holds_everything_and_names_no_other_place(tmp_path: Path) -> None:
    page = site(toy_result(), tmp_path / "site")
    html = page.read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="(https?:)?//', html)
    assert "script-src 'self'" in html
    assert not re.search(r"<script>", html)
    for name in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert (page.parent / name).is_file(), name


def test_same_result_same_page(tmp_path: Path) -> None:
    for name in ("a", "b"):
        site(toy_result(), tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_data_have_units_values_and_both_languages() -> None:
    data = page_data(toy_result())
    township = data["levels"]["township"]
    assert len(township["codes"]) == len(township["features"]) == len(township["values"]["multi_risk_grade"])
    assert set(data["words"]["zh"]) == set(data["words"]["en"])
    assert [item["key"] for item in data["hazards"]][-1] == "multi"


def test_simplified_neighbours_leave_no_gaps() -> None:
    import shapely

    units = toy_result().units["township"]
    assert shapely.coverage_is_valid(simplified(units).to_numpy())


def test_font_is_a_small_part(tmp_path: Path) -> None:
    if not write_font("新乡市", tmp_path / "font.woff2"):
        pytest.skip("the extra 'fonts' is not installed")
    assert (tmp_path / "font.woff2").stat().st_size < 100_000


def _chromium() -> str | None:
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    binary, driver = _chromium(), shutil.which("chromedriver")
    if binary is None or driver is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium and chromedriver are missing")
        pytest.skip("Chromium or chromedriver is not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    quiet = "--disable-background-networking --disable-component-update --disable-sync --disable-quic --no-first-run"
    for flag in ("--headless --no-sandbox --disable-gpu --window-size=1200,800 " + quiet).split():
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield started
    started.quit()


def hostile() -> StudyResult:
    result = toy_result()
    result.units["township"].iloc[0, result.units["township"].columns.get_loc("name")] = "<script>alert(1)</script>"
    return result


@pytest.mark.chromium
def test_a_planner_can_use_the_page_without_a_network(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    page = site(hostile(), tmp_path / "site")
    browser.get(f"file://{page}#level=township")
    assert browser.find_element(By.TAG_NAME, "body").get_attribute("data-ready") == "yes"
    errors = [row["message"] for row in browser.get_log("browser") if row["level"] == "SEVERE"]
    assert errors == []
    assert browser.find_element(By.CSS_SELECTOR, ".rz-panel h1").text == "示例市"
    Select(browser.find_element(By.ID, "rz-hazard")).select_by_value("flood")
    assert "hazard=flood" in browser.current_url
    counts = [int(row.text.split()[-1]) for row in browser.find_elements(By.CSS_SELECTOR, ".rz-legend .rz-row")]
    assert sum(counts) == 6
    browser.find_element(By.ID, "rz-lang").click()
    assert browser.find_element(By.CSS_SELECTOR, ".rz-panel h1").text == "Toy city"
    search = browser.find_element(By.ID, "rz-search")
    search.send_keys("<script>alert(1)</script>")
    browser.execute_script("arguments[0].dispatchEvent(new Event('change'))", search)
    assert browser.find_element(By.CSS_SELECTOR, ".rz-card h2").text == "<script>alert(1)</script>"
    requests = [
        row["message"] for row in browser.get_log("performance") if "Network.requestWillBeSent" in row["message"]
    ]
    assert not any('"url":"http' in text for text in requests)
