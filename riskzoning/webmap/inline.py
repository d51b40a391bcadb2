"""A map for the cell of a notebook: folium, with Leaflet from the package when there may be no network."""

from __future__ import annotations

import base64
import html
import io as memory
import json
from importlib import resources
from typing import Any, TypedDict, Unpack

import folium
import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from PIL import Image, ImageColor

from riskzoning.config import BasemapConfig
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem
from riskzoning.names import MULTI, Index
from riskzoning.results import StudyResult
from riskzoning.webmap.outlines import thinned
from riskzoning.webmap.overlays import warped
from riskzoning.webmap.shaded import Row, Shading, names_of, of_column, of_index, of_layer

_TOLERANCE, _DECIMALS = 0.0005, 5
_PIXELS = 1200
_LANGUAGES = ("zh", "en")
_BOX = (
    "position:absolute;z-index:1000;right:10px;bottom:24px;max-width:230px;background:rgba(255,255,255,.95);"
    "padding:8px 10px;border-radius:6px;box-shadow:0 1px 5px rgba(0,0,0,.3);font:13px sans-serif"
)
_LINE = "display:flex;align-items:center;margin:2px 0"
_CHIP = "flex:none;width:22px;height:13px;border:1px solid #777;margin-right:7px"
_FAINT = "color:#666;font-size:11px"


class Which(TypedDict, total=False):
    """Which index of a result, at which level."""

    level: str | None
    hazard: str
    what: str
    receptor: str | None


def explore(
    result_or_units_or_layer: StudyResult | gpd.GeoDataFrame | xr.DataArray,
    *,
    column: str | None = None,
    scheme: str | None = None,
    k: int = 5,
    lang: str = "zh",
    offline: bool = False,
    tiles: str | BasemapConfig | None = None,
    **which: Unpack[Which],
) -> folium.Map:
    """A map that shows itself in a notebook: a result, polygons of one's own, or a layer.

    Parameters
    ----------
    result_or_units_or_layer : StudyResult, GeoDataFrame or DataArray
        Polygons in any CRS; a layer ``(y, x)`` on a grid.
    column : str, optional
        Column of the polygons, or of the units of a result. Texts are categories, whole numbers from 0 to 5 grades (0:
        no data), other numbers are cut into classes. Without it: outlines, or the grades of the result.
    scheme : str, optional
        Class scheme, as in ``zoning.classify``; default ``natural_breaks``.
    k : int
        Number of classes.
    lang : {"zh", "en"}
    offline : bool
        Leaflet within the page, for rooms without a network; by default it comes from where folium takes it.
    tiles : str or BasemapConfig, optional
        A basemap: a name that folium knows (``OpenStreetMap``), or an address of one's own with its key and the name of
        its provider as a :class:`riskzoning.config.BasemapConfig`. None by default: no request for it leaves the map.
    **which
        Of a result: ``level`` (default the finest) and the index, by ``hazard`` (default ``multi``), ``what`` (``risk``
        or ``hazard``) and ``receptor`` (default all of them together).

    Returns
    -------
    folium.Map
        Names are text, whatever they hold. NaN is grey, and in the legend.

    Raises
    ------
    LayerError
        No such column, a column of Grades, too many categories, or a layer without a grid.
    MissingCRSError
        Polygons without a CRS.
    ConfigError
        A level, hazard or index that the result does not have, another language, or a basemap that is no name that
        folium knows or whose key is not set.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> page = explore(toy_result(), hazard="flood", offline=True).get_root().render()
    >>> "洪水灾害 · 风险等级" in page, "https://" in page.split("<body>")[0]
    (True, False)
    """
    shown = result_or_units_or_layer
    if lang not in _LANGUAGES:
        raise ConfigError(Problem("maps.option", Phrase("argument", name="lang"), value=lang, known=list(_LANGUAGES)))
    strange = sorted(set(which) - set(Which.__annotations__))
    if strange:
        known = ["column", "scheme", "k", "lang", "offline", "tiles", *Which.__annotations__]
        raise ConfigError(Problem("webmap.argument", Phrase("argument", name=strange[0]), known=known))
    page = _empty(offline, tiles)
    if isinstance(shown, xr.DataArray):
        shading = of_layer(shown, scheme, k, lang)
        _draw_layer(page, shown, shading)
    elif isinstance(shown, StudyResult):
        level = _level(shown, which.get("level"))
        frame = shown.units[level]
        if column is None:
            shading = of_index(shown, _index(shown, frame, which), level, lang)
        else:
            shading = of_column(frame, column, scheme, k, lang)
        _draw_units(page, frame, shading)
    elif isinstance(shown, gpd.GeoDataFrame):
        shading = of_column(shown, column, scheme, k, lang)
        _draw_units(page, shown, shading)
    else:
        raise LayerError(
            Problem("webmap.kind", Phrase("argument", name="result_or_units_or_layer"), type=type(shown).__name__)
        )
    if shading.title:
        _legend(page, shading)
    return page


def _level(result: StudyResult, level: str | None) -> str:
    if level is not None and level not in result.levels:
        raise ConfigError(
            Problem("maps.option", Phrase("argument", name="level"), value=level, known=list(result.levels))
        )
    return level or result.levels[-1]


def _index(result: StudyResult, frame: gpd.GeoDataFrame, which: Which) -> Index:
    wanted = (which.get("hazard", MULTI), which.get("what", "risk"), which.get("receptor"))
    here = [index for index in result.indices if index.grade_key in frame.columns]
    for index in here:
        if (index.hazard, index.what, index.receptor) == wanted:
            return index
    known = [" ".join(filter(None, (one.hazard, one.what, one.receptor))) for one in here]
    thing = Phrase("argument", name="hazard, what, receptor")
    raise ConfigError(Problem("webmap.index", thing, value=" ".join(filter(None, wanted)), known=known))


def _empty(offline: bool, tiles: str | BasemapConfig | None) -> folium.Map:
    page: Any = folium.Map(tiles=None, zoom_snap=0.25, control_scale=True)
    if tiles is not None:
        _basemap(tiles).add_to(page)
    # Nothing else of what folium asks for is used.
    page.default_js = [entry for entry in page.default_js if entry[0] == "leaflet"]
    page.default_css = [entry for entry in page.default_css if entry[0] == "leaflet_css"]
    if offline:
        page.default_js = [("leaflet", _within("leaflet.js", "text/javascript"))]
        page.default_css = [("leaflet_css", _within("leaflet.css", "text/css"))]
    return page


def _basemap(tiles: str | BasemapConfig) -> Any:
    if isinstance(tiles, BasemapConfig):
        # Leaflet takes a list where folium says a text of single signs.
        signs: Any = list(tiles.subdomains)
        return folium.TileLayer(
            tiles.filled(),
            attr=_text(tiles.attribution),
            subdomains=signs,
            max_zoom=24,
            max_native_zoom=tiles.max_zoom,
        )
    try:
        return folium.TileLayer(tiles)
    except (ValueError, TypeError, AttributeError):
        raise ConfigError(Problem("webmap.tiles", Phrase("argument", name="tiles"), value=tiles)) from None


def _within(name: str, kind: str) -> str:
    content = (resources.files("riskzoning.webmap") / "assets" / name).read_bytes()
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _text(text: str) -> str:
    """Text on the page whatever it holds: no markup, and nothing that the templates of folium would fill in."""
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;").replace("%", "&#37;")


def _draw_units(page: folium.Map, frame: gpd.GeoDataFrame, shading: Shading) -> None:
    shapes = thinned(frame.to_crs("EPSG:4326").geometry.to_numpy(), _TOLERANCE, _DECIMALS)
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(shapely.to_geojson(shape)),
            "properties": {
                "colour": shading.colour(int(code)),
                "tip": _text(" ".join(filter(None, (name, text)))),
            },
        }
        for shape, code, name, text in zip(shapes, shading.codes, names_of(frame), shading.texts, strict=True)
        if shape is not None and not shape.is_empty
    ]
    if not features:
        raise LayerError(Problem("maps.units", Phrase("map_units")))
    drawn = folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=lambda feature: {
            "fillColor": feature["properties"]["colour"], "fillOpacity": 0.75, "color": "#555", "weight": 0.8,
        },
        highlight_function=lambda _: {"weight": 2.5, "color": "#111"},
        tooltip=folium.GeoJsonTooltip(fields=["tip"], labels=False, sticky=True),
    )  # fmt: skip
    drawn.add_to(page)
    left, bottom, right, top = shapely.total_bounds(shapes)
    page.fit_bounds([[float(bottom), float(left)], [float(top), float(right)]])


def _draw_layer(page: folium.Map, layer: xr.DataArray, shading: Shading) -> None:
    values, bounds = warped(layer.copy(data=np.where(shading.codes > 0, shading.codes, np.nan)), _PIXELS, "nearest")
    codes = np.nan_to_num(values, nan=0).astype(np.uint8)
    picture = Image.fromarray(codes)
    picture.putpalette([0, 0, 0, *(part for row in shading.rows for part in ImageColor.getrgb(row.colour)[:3])])
    stream = memory.BytesIO()
    picture.save(stream, format="PNG", transparency=0, optimize=True)
    url = f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"
    overlay: Any = folium.raster_layers.ImageOverlay(np.zeros((1, 1, 4)), bounds=bounds, opacity=0.8)
    overlay.url = url
    overlay.add_to(page)
    page.fit_bounds(bounds)


def _legend(page: folium.Map, shading: Shading) -> None:
    """Title, notes of the run, classes from the highest, then where a hazard does not act and no data."""
    graded = [row for row in shading.rows if row is not shading.none]
    rows = [
        *reversed(graded),
        *([shading.none] if shading.none else []),
        *([shading.no_data] if (shading.codes == 0).any() else []),
    ]
    lines = "".join(_legend_row(row) for row in rows)
    notes = "".join(f"<div style='{_FAINT}'>{_text(note)}</div>" for note in shading.notes)
    box = f"<div style='{_BOX}'><b>{_text(shading.title)}</b>{notes}{lines}</div>"
    root: Any = page.get_root()
    root.html.add_child(folium.Element(box))


def _legend_row(row: Row) -> str:
    chip = f"<i style='{_CHIP};background:{row.colour}'></i>"
    small = f"<small style='{_FAINT};margin-left:8px'>{_text(row.interval)}</small>" if row.interval else ""
    return f"<div style='{_LINE}'>{chip}<span>{_text(row.name)}</span>{small}</div>"
