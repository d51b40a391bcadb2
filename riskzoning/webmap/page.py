"""Write the folder: one page, its scripts, style, font and relief; everything inside, nothing from a network."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import folium
import numpy as np

from riskzoning import io
from riskzoning.config import BasemapConfig
from riskzoning.errors import LANGUAGES
from riskzoning.maps import cjk_font
from riskzoning.maps.fonts import subset_font
from riskzoning.results import StudyResult
from riskzoning.webmap.overlays import write_overlays, write_relief
from riskzoning.webmap.payload import page_data

_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{tiles}; font-src 'self'"
_ASSETS = (
    "leaflet.js", "leaflet.css", "leaflet-LICENSE.txt", "leaflet.markercluster.js", "leaflet.markercluster-LICENSE.txt",
    "objects.js", "zones.js", "villages.js", "flash.js", "compare.js", "unsure.js", "front.js", "works.js",
    "basemap.js", "site.js", "site.css",
)  # fmt: skip
_FONT = '@font-face { font-family: "riskzoning"; src: url("font.woff2") format("woff2"); }\n'
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def site(result: StudyResult, folder: str | Path, *, basemap: BasemapConfig | Sequence[BasemapConfig] = ()) -> Path:
    """The planners' page of a study, as a self-contained folder that opens without a network.

    A planner chooses level, hazard and indicator, reads the legend, searches a unit, clicks it for its card, switches
    between Chinese and English and shares the view by its address. Names come from survey files and are shown as text.

    Parameters
    ----------
    result : StudyResult
    folder : path
        Replaced as a whole when it exists.
    basemap : BasemapConfig or sequence of them, optional
        Tiles from a network below the units, drawn in this order; nothing else is asked for, and the page works without
        them. A key in a variable of the environment is written into the page: the browser sends it. By default no
        request leaves the page.

    Returns
    -------
    Path
        ``index.html`` in the folder.

    Raises
    ------
    RunError
        The folder cannot be written.
    ConfigError
        A variable that the address of a basemap names is not set.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning.samples import toy_result
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     site(toy_result(), Path(parent) / "site").name
    'index.html'
    """
    folder = Path(folder)
    tiles = (basemap,) if isinstance(basemap, BasemapConfig) else tuple(basemap)
    data = {**page_data(result), "basemap": [_tiles(one) for one in tiles]}
    with io.atomic_folder(folder) as partial:
        assets = Path(partial) / "assets"
        assets.mkdir(parents=True)
        for name in _ASSETS:
            source = resources.files("riskzoning.webmap") / "assets" / name
            with resources.as_file(source) as path:
                shutil.copyfile(path, assets / name)
        data["rasters"] = write_overlays(result, assets)
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        # </script> cannot end a file of its own, but U+2028 and U+2029 end a line of JavaScript in old browsers.
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        (assets / "data.js").write_text(f"window.RISKZONING = {text};\n", encoding="utf-8")
        # A page that has no font of its own does not ask for one.
        own = _FONT if write_font(text, assets / "font.woff2") else ""
        (assets / "font.css").write_text(own, encoding="utf-8")
        relief = write_relief(result, assets / "relief.png")
        (Path(partial) / "index.html").write_text(_page(result, data, relief, assets, tiles), encoding="utf-8")
    return folder / "index.html"


def _tiles(basemap: BasemapConfig) -> dict[str, Any]:
    """A basemap as the script of the page takes it; Leaflet shows the attribution as markup."""
    return {
        "url": basemap.filled(),
        "attribution": _escaped(basemap.attribution),
        "subdomains": list(basemap.subdomains),
        "max_zoom": basemap.max_zoom,
    }


def _page(result: StudyResult, data: dict[str, Any], relief: Any, assets: Path, tiles: Sequence[BasemapConfig]) -> str:
    bounds = _bounds(result)
    centre = [(bounds[0][0] + bounds[1][0]) / 2, (bounds[0][1] + bounds[1][1]) / 2]
    page: Any = folium.Map(location=centre, zoom_start=9, tiles=None, zoom_snap=0.25)
    # Units are drawn as SVG, not on a canvas: paper gets lines, and a printed canvas would hide the pictures below it.
    # folium draws random ids; fixed ones keep the page identical between runs.
    page._id = "riskzoning"
    page.default_js = [("leaflet_js", "assets/leaflet.js")]
    page.default_css = [("leaflet_css", "assets/leaflet.css"), ("folium_css", "assets/folium.css"),
                        ("font_css", "assets/font.css"), ("site_css", "assets/site.css")]  # fmt: skip
    if relief is not None:
        _overlay("relief", "assets/relief.png", relief, opacity=0.9, show=True).add_to(page)
    for entry in data["rasters"]:
        _overlay(entry["key"], entry["file"], entry["bounds"], opacity=0.8, show=False).add_to(page)
    html = page.get_root().render()
    scripts = _SCRIPT.findall(html)
    (assets / "before.js").write_text(_clean(scripts[0]), encoding="utf-8")
    (assets / "map.js").write_text(_clean("\n".join(scripts[1:])), encoding="utf-8")
    (assets / "folium.css").write_text(_clean("\n".join(dict.fromkeys(_STYLE.findall(html)))), encoding="utf-8")
    html = _STYLE.sub("", _SCRIPT.sub("", html))
    title = " ".join(filter(None, dict.fromkeys(result.name.get(lang, "") for lang in LANGUAGES))) or result.code
    hosts = "".join(f" {host}" for host in dict.fromkeys(host for one in tiles for host in one.hosts()))
    policy = _POLICY.format(tiles=hosts)
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<title>{_escaped(title)}</title>\n'
    # folium forbids to enlarge the page with two fingers; who sees badly needs it.
    html = _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', html)
    html = html.replace("<html>", f'<html lang="{result.language}">').replace("<head>", f"<head>\n{head}", 1)
    names = (
        "before",
        "leaflet.markercluster",
        "data",
        "map",
        "objects",
        "zones",
        "villages",
        "flash",
        "compare",
        "unsure",
        "front",
        "works",
        "basemap",
        "site",
    )
    tail = "\n".join(f'<script src="assets/{name}.js"></script>' for name in names)
    return _clean(html.replace("</html>", f"{tail}\n</html>"))


def _overlay(name: str, url: str, bounds: list[list[float]], *, opacity: float, show: bool) -> Any:
    """A picture of folium that names the file beside the page: folium itself wants pixels or an existing file."""
    overlay: Any = folium.raster_layers.ImageOverlay(
        np.zeros((1, 1, 4)), bounds=bounds, opacity=opacity, interactive=False, show=show
    )
    overlay._id = name
    overlay.url = url
    return overlay


def _clean(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _bounds(result: StudyResult) -> list[list[float]]:
    finest = result.units[result.levels[-1]]
    left, bottom, right, top = finest.to_crs("EPSG:4326").total_bounds
    return [[round(float(bottom), 5), round(float(left), 5)], [round(float(top), 5), round(float(right), 5)]]


_ALWAYS = "".join(chr(code) for code in range(32, 127)) + "万亿兆千°′–—−·…，。；：（）≤≥<>×%"


def write_font(text: str, path: Path) -> bool:
    """Write a WOFF2 with the characters of ``text``; False (and no file) where the ``fonts`` extra is missing."""
    source = cjk_font()
    if source is None or importlib.util.find_spec("fontTools") is None or importlib.util.find_spec("brotli") is None:
        return False
    font = subset_font(source, text + _ALWAYS, flavor="woff2")
    if font is None:
        return False
    path.write_bytes(font)
    return True
