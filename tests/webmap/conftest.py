"""A real Chromium without a network, and what tests do on a page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from shapely import Polygon

from riskzoning.results import StudyResult
from riskzoning.webmap import site

Opened = Callable[[StudyResult, str], Any]


@pytest.fixture
def three_corners() -> gpd.GeoDataFrame:
    """Three units that meet where the border of the third hardly bends: thinned by itself it would lose the corner."""
    meeting = (114.1, 34.9997)
    west = [(114.0, 35.0), meeting, (114.1, 35.1), (114.0, 35.1), (114.0, 35.05)]
    east = [meeting, (114.2, 35.0), (114.2, 35.1), (114.1, 35.1)]
    south = [(114.0, 34.9), (114.2, 34.9), (114.2, 35.0), meeting, (114.0, 35.0)]
    units = gpd.GeoDataFrame(
        {"name": ["甲", "乙", "丙"], "grade": [1, 2, 3]}, geometry=[Polygon(one) for one in (west, east, south)],
        index=["410702001", "410702002", "410702003"], crs="EPSG:4326",
    )  # fmt: skip
    alone = shapely.simplify(units.geometry.to_numpy(), 0.0005)
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    assert not shapely.coverage_is_valid(alone)
    return units


def _chromium() -> str | None:
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


@pytest.fixture(scope="package")
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


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    """opened(result, hash): its page in a tab; afterwards the console is empty and nothing has left the page."""
    # A tab of its own has a history of its own.
    browser.switch_to.new_window("tab")
    browser.set_window_size(1200, 800)
    browser.get_log("browser"), browser.get_log("performance")

    def show(result: StudyResult, address: str) -> Any:
        page = site(result, tmp_path / "site")
        browser.get(f"file://{page}{address}")
        return browser

    yield show
    assert [row["message"] for row in browser.get_log("browser") if row["level"] in ("SEVERE", "WARNING")] == []
    sent = [row["message"] for row in browser.get_log("performance") if "Network.requestWillBeSent" in row["message"]]
    assert not any('"url":"http' in text for text in sent)
    browser.close()
    browser.switch_to.window(browser.window_handles[0])


def chosen(browser: Any, name: str, value: str) -> None:
    from selenium.webdriver.support.ui import Select

    Select(browser.find_element("id", f"rz-{name}")).select_by_value(value)


def text_of(browser: Any, selector: str) -> str:
    return str(browser.find_element("css selector", selector).text)


def wait(browser: Any, ready: Any) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 10).until(lambda _: ready())
