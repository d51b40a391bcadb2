"""Write the folder: one page, its scripts, style, font and relief; everything inside, nothing from a network."""

from __future__ import annotations

import json
import re
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import folium
import numpy as np
from matplotlib.image import imsave
from odc.geo.geobox import GeoBox

from riskzoning import io
from riskzoning.layers import layer_on
from riskzoning.results import StudyResult
from riskzoning.webmap.font import write_font
from riskzoning.webmap.payload import page_data

__all__ = ["site"]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'"
)
_ASSETS = ("leaflet.js", "leaflet.css", "leaflet-LICENSE.txt", "site.js", "site.css")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_MOST_PIXELS = 1600


def site(result: StudyResult, folder: str | Path) -> Path:
    """The planners' page of a study, as a self-contained folder that opens without a network.

    A planner chooses level, hazard and indicator, reads the legend, searches a unit, clicks it for its card, switches
    between Chinese and English and shares the view by its address. Names come from survey files and are shown as text.

    Parameters
    ----------
    result : StudyResult
    folder : path
        Replaced as a whole when it exists.

    Returns
    -------
    Path
        ``index.html`` in the folder.

    Raises
    ------
    RunError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning.samples import toy_result
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     site(toy_result(), Path(parent) / "site").name
    'index.html'
    """
    folder = Path(folder)
    data = page_data(result)
    with io.atomic_folder(folder) as partial:
        assets = Path(partial) / "assets"
        assets.mkdir(parents=True)
        for name in _ASSETS:
            source = resources.files("riskzoning.webmap") / "assets" / name
            with resources.as_file(source) as path:
                shutil.copyfile(path, assets / name)
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        # </script> cannot end a file of its own, but U+2028 and U+2029 end a line of JavaScript in old browsers.
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        (assets / "data.js").write_text(f"window.RISKZONING = {text};\n", encoding="utf-8")
        write_font(text, assets / "font.woff2")
        relief = _write_relief(result, assets / "relief.png")
        (Path(partial) / "index.html").write_text(_page(result, data, relief, assets), encoding="utf-8")
    return folder / "index.html"


def _page(result: StudyResult, data: dict[str, Any], relief: Any, assets: Path) -> str:
    bounds = _bounds(result)
    centre = [(bounds[0][0] + bounds[1][0]) / 2, (bounds[0][1] + bounds[1][1]) / 2]
    page: Any = folium.Map(
        location=centre, zoom_start=9, tiles=None, control_scale=True, min_zoom=6, max_zoom=15, prefer_canvas=True
    )
    # folium draws random ids; a fixed one keeps the page identical between runs.
    page._id = "riskzoning"
    page.default_js = [("leaflet_js", "assets/leaflet.js")]
    page.default_css = [("leaflet_css", "assets/leaflet.css"), ("site_css", "assets/site.css")]
    if relief is not None:
        # folium wants pixels or an existing file; the page names the picture that lies beside it.
        overlay: Any = folium.raster_layers.ImageOverlay(
            np.zeros((1, 1, 4)), bounds=relief, opacity=0.9, interactive=False
        )
        overlay._id = "relief"
        overlay.url = "assets/relief.png"
        overlay.add_to(page)
    page.fit_bounds(bounds, padding=(10, 10))
    for index, child in enumerate(page._children.values()):
        child._id = child._id if child._id in ("relief",) else f"part{index}"
    html = page.get_root().render()
    scripts = _SCRIPT.findall(html)
    (assets / "before.js").write_text(_clean(scripts[0]), encoding="utf-8")
    (assets / "map.js").write_text(_clean("\n".join(scripts[1:])), encoding="utf-8")
    html = _SCRIPT.sub("", html)
    title = f"{result.name.get('zh', '')} {result.name.get('en', '')}".strip() or result.code
    head = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<title>{_escaped(title)}</title>\n'
    html = html.replace("<html>", f'<html lang="{result.language}">').replace("<head>", f"<head>\n{head}", 1)
    names = ("before", "data", "map", "site")
    tail = "\n".join(f'<script src="assets/{name}.js"></script>' for name in names)
    return _clean(html.replace("</html>", f"{tail}\n</html>"))


def _clean(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _bounds(result: StudyResult) -> list[list[float]]:
    finest = result.units[result.levels[-1]]
    left, bottom, right, top = finest.to_crs("EPSG:4326").total_bounds
    return [[round(float(bottom), 5), round(float(left), 5)], [round(float(top), 5), round(float(right), 5)]]


def _write_relief(result: StudyResult, path: Path) -> list[list[float]] | None:
    """The hillshade as a picture in the projection of the page; gives its bounds or None without one."""
    if "hillshade" not in result.layers:
        return None
    shade = result.layers["hillshade"]
    step = max(1, int(np.ceil(max(shade.shape) / _MOST_PIXELS)))
    small = shade.isel(y=slice(None, None, step), x=slice(None, None, step))
    values = small.to_numpy().astype(np.float32)
    left, top = float(shade.x[0]), float(shade.y[0])
    cell = float(shade.x[1] - shade.x[0])
    affine = _affine(left - cell / 2, top + cell / 2, cell * step)
    source = layer_on(GeoBox(values.shape, affine, str(result.grid.crs)), values, quantity="elevation")
    warped = source.odc.reproject("EPSG:3857", resampling="bilinear")
    picture = warped.to_numpy()
    alpha = np.where(np.isfinite(picture), 255, 0).astype(np.uint8)
    grey = np.nan_to_num(np.clip(picture, 0, 255), nan=255).astype(np.uint8)
    # Light grey relief: the colours of the grades lie on it.
    grey = (150 + grey.astype(np.float32) * (105 / 255)).astype(np.uint8)
    imsave(path, np.dstack([grey, grey, grey, alpha]), metadata={"Software": ""})
    box = warped.odc.geobox.extent.to_crs("EPSG:4326").boundingbox
    return [[round(box.bottom, 6), round(box.left, 6)], [round(box.top, 6), round(box.right, 6)]]


def _affine(left: float, top: float, cell: float) -> Any:
    from affine import Affine

    return Affine(cell, 0, left, 0, -cell, top)
