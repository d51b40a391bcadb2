"""A basemap is asked for only where the study names one, at its host alone; without a network the page goes on."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from riskzoning.config import BasemapConfig
from riskzoning.errors import ConfigError
from riskzoning.samples import toy_result
from riskzoning.webmap import site

from .conftest import text_of, wait

_DOT = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class Tiles(BaseHTTPRequestHandler):
    """A server of tiles that takes one key."""

    def do_GET(self) -> None:
        good = self.path.endswith("tk=geheim")
        self.send_response(200 if good else 403)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(_DOT if good else b"")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    served = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


def asked(browser: Any) -> list[str]:
    messages = [json.loads(row["message"])["message"] for row in browser.get_log("performance")]
    urls = [row["params"]["request"]["url"] for row in messages if row["method"] == "Network.requestWillBeSent"]
    return [url for url in urls if not url.startswith(("file:", "data:"))]


@pytest.fixture
def shown(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """shown(host, key, hash): the page with tiles of a host in a tab of its own."""
    browser.switch_to.new_window("tab")
    browser.set_window_size(1200, 800)
    browser.get_log("browser"), browser.get_log("performance")

    def show(host: str, key: str, address: str = "") -> Any:
        monkeypatch.setenv("TILES_KEY", key)
        tiles = BasemapConfig(
            url=f"{host}/{{z}}/{{x}}/{{y}}.png?tk=${{TILES_KEY}}", attribution="<b>天地图</b> GS(2024)0001号"
        )
        page = site(toy_result(), tmp_path / "site", basemap=tiles)
        browser.get(f"file://{page}{address}")
        assert browser.find_element("tag name", "body").get_attribute("data-ready") == "yes"
        return browser

    yield show
    browser.get_log("browser")
    browser.close()
    browser.switch_to.window(browser.window_handles[0])


@pytest.mark.chromium
def test_tiles_come_from_their_host_alone_and_can_be_switched_off(server: str, shown: Any) -> None:
    page = shown(server, "geheim")
    wait(page, lambda: page.find_elements("css selector", "img.leaflet-tile-loaded"))
    urls = asked(page)
    assert urls
    assert all(url.startswith(f"{server}/") and url.endswith("?tk=geheim") for url in urls)
    # The name of the provider is text, whatever it holds.
    assert "<b>天地图</b> GS(2024)0001号" in text_of(page, ".leaflet-control-attribution")
    assert text_of(page, ".rz-lost") == ""
    page.find_element("id", "rz-basemap").click()
    assert not page.find_elements("css selector", "img.leaflet-tile")
    assert "basemap=off" in page.current_url
    assert [row for row in page.get_log("browser") if row["level"] in ("SEVERE", "WARNING")] == []


@pytest.mark.chromium
def test_a_page_whose_basemap_is_off_asks_for_nothing(server: str, shown: Any) -> None:
    page = shown(server, "geheim", "#basemap=off")
    assert not page.find_element("id", "rz-basemap").is_selected()
    assert asked(page) == []


@pytest.mark.chromium
@pytest.mark.parametrize("key", ["wrong", "geheim"])
def test_without_tiles_the_page_says_so_and_works(server: str, shown: Any, key: str) -> None:
    # A wrong key, or a host that nobody answers at.
    page = shown(server if key == "wrong" else "http://127.0.0.1:9", key)
    wait(page, lambda: "底图无法访问" in text_of(page, ".rz-lost"))
    page.execute_script("location.hash = 'level=county&unit=' + RISKZONING.levels.county.codes[0]")
    wait(page, lambda: page.find_elements("css selector", ".rz-card:not([hidden]) .rz-bar"))
    page.find_element("id", "rz-lang").click()
    assert "cannot be reached" in text_of(page, ".rz-lost")


def test_the_key_is_in_the_page_alone_and_a_missing_one_leaves_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiles = BasemapConfig(url="https://e.org/{z}/{x}/{y}?tk=${TILES_KEY}", attribution="e")
    monkeypatch.setenv("TILES_KEY", "s3cret")
    page = site(toy_result(), tmp_path / "site", basemap=[tiles])
    holding = [path.name for path in page.parent.rglob("*") if path.is_file() and b"s3cret" in path.read_bytes()]
    assert holding == ["data.js"]
    assert "img-src 'self' data: https://e.org; font-src 'self'" in page.read_text(encoding="utf-8")
    monkeypatch.delenv("TILES_KEY")
    with pytest.raises(ConfigError):
        site(toy_result(), tmp_path / "other", basemap=[tiles])
    assert not (tmp_path / "other").exists()
