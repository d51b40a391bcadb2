"""The sheet: map frame, graticule, administrative lines, legend panel and footers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import geopandas as gpd
import xarray as xr
from matplotlib.figure import Figure

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers import grid_of
from riskzoning.maps.backdrop import Backdrop, Further, backdrop_of
from riskzoning.maps.classes import GradePicture, classed_units, grade_scheme, graded_units
from riskzoning.maps.fonts import with_cjk_font
from riskzoning.maps.frame import Frame, sheet_crs
from riskzoning.maps.options import Legend, MapNotes, Panel, Sheet
from riskzoning.maps.surroundings import (
    SIZES,
    WINDOW,
    Overlay,
    Picture,
    draw_surroundings,
    empty_sheet,
    letters_of,
    window,
)
from riskzoning.maps.theme import Source, Theme, draw_theme


class Cut(TypedDict, total=False):
    """How numbers are cut into classes: as in ``zoning.classify``."""

    scheme: str
    k: int


def zoning_map(
    units_or_layer: gpd.GeoDataFrame | xr.DataArray | GradePicture,
    *,
    column: str | None = None,
    title: str = "",
    lang: str = "zh",
    legend: Legend | None = None,
    panel: Panel | None = None,
    backdrop: Backdrop | None = None,
    sheet: Sheet | None = None,
    **cut: Unpack[Cut],
) -> Figure:
    """A zoning map (区划图) of grades, or of any numbers cut into classes, ready to print.

    Parameters
    ----------
    units_or_layer : GeoDataFrame or DataArray
        Units with a column of grades, or a grade layer ``(y, x)``; 0, NaN and infinity are no data.
    column : str
        The column of grades (units only), or of the numbers that ``scheme`` cuts.
    title : str
        Default the column.
    lang : {"zh", "en"}
        Falls back to ``en`` where no font with Chinese glyphs is installed.
    legend : Legend, optional
        Classes, colours and limits; default the five grades of risk.
    panel : Panel, optional
        Residents for the bars, and the table of the highest units.
    backdrop : Backdrop, optional
        Window, lines, names and relief from :func:`map_backdrop`, prepared once for many maps of a city; it brings its
        own size and projection. Default: the units of the map themselves.
    sheet : Sheet, optional
        Size of the paper, projection, footers.
    **cut
        ``scheme`` (``natural_breaks quantiles equal_interval ...`` of :func:`riskzoning.zoning.classify`) and ``k``,
        the number of classes, 2 to 5 (default 5): for a column of numbers that are no grades.

    Returns
    -------
    matplotlib.figure.Figure
        It keeps its fonts in ``savefig``, whatever the format.

    Raises
    ------
    LayerError
        No units and no layer, the column does not exist, values are not grades of the scheme, there is no unit, or an
        option is not known.
    MissingCRSError
        The units, the layer or the backdrop have no CRS.

    Examples
    --------
    >>> from shapely import box
    >>> units = gpd.GeoDataFrame(
    ...     {"name": ["A", "B"], "grade": [1, 5]},
    ...     geometry=[box(113.5, 35, 114, 35.5), box(114, 35, 114.5, 35.5)],
    ...     crs="EPSG:4490",
    ... )
    >>> figure = zoning_map(units, column="grade", title="Risk", lang="en")
    >>> [text.get_text() for text in figure.texts][0]
    'Risk'
    >>> figure = zoning_map(units, column="grade", scheme="equal_interval", k=2, lang="en")
    """
    legend, panel, sheet = legend or Legend(), panel or Panel(), sheet or Sheet()
    title = title or column or ""
    _check_options(lang, sheet.size, legend.closed)
    if not isinstance(units_or_layer, gpd.GeoDataFrame | xr.DataArray | GradePicture):
        thing = Phrase("argument", name="units_or_layer")
        raise LayerError(Problem("maps.kind", thing, type=type(units_or_layer).__name__))
    with with_cjk_font() as chinese:
        spoken = lang if chinese else "en"
        source = units_or_layer
        if isinstance(source, gpd.GeoDataFrame):
            if "scheme" in cut:
                source, column, legend = classed_units(source, column, (cut["scheme"], cut.get("k", 5)), legend, spoken)
            # Units tell what is wrong with them before lines are made of them.
            source = graded_units(source, column, grade_scheme(legend, spoken).k, None)
        parts = backdrop or _backdrop_of(source, sheet)
        figure = empty_sheet(parts)
        axes = window(figure)
        draw_theme(figure, axes, Theme(source, column, title, legend, panel, sheet.notes), parts, spoken)
        draw_surroundings(figure, axes, parts, spoken)
    return figure


def _backdrop_of(source: Source, sheet: Sheet) -> Backdrop:
    assert not isinstance(source, GradePicture)
    outlines = source if isinstance(source, gpd.GeoDataFrame) else None
    return map_backdrop(source, outlines=outlines, size=sheet.size, crs=sheet.crs)


def map_on_picture(
    source: Source, picture: Picture, *, column: str | None, title: str, legend: Legend, panel: Panel, notes: MapNotes
) -> Figure:
    """The same map for pixels and for PDF, its surroundings laid over it as the picture that was made once."""
    with with_cjk_font():
        figure = empty_sheet(picture.backdrop)
        axes = window(figure)
        axes.set_axis_off()
        theme = Theme(source, column, title, legend, panel, notes)
        draw_theme(figure, axes, theme, picture.backdrop, picture.lang)
        if picture.from_below is not None:
            figure.add_artist(Overlay(picture.from_below))
    return figure


def map_backdrop(
    units_or_layer: gpd.GeoDataFrame | xr.DataArray | None = None,
    *,
    outlines: gpd.GeoDataFrame | None = None,
    rivers: gpd.GeoDataFrame | None = None,
    seats: gpd.GeoDataFrame | None = None,
    hillshade: xr.DataArray | None = None,
    size: str = "A3",
    crs: str | None = None,
    level_names: Mapping[str, Mapping[str, str]] | None = None,
    **further: Unpack[Further],
) -> Backdrop:
    """What many maps of one city share, prepared once: window, boundary lines, names, relief.

    Parameters
    ----------
    units_or_layer : GeoDataFrame or DataArray, optional
        Gives the window where there are no ``outlines``.
    outlines : GeoDataFrame, optional
        Units of all levels (columns ``level`` and ``name``): boundary lines and names.
    rivers, seats : GeoDataFrame, optional
        Lines or areas of water; points of county seats (without them a dot marks the middle of each county).
    hillshade : DataArray, optional
        0 (dark) to 255, drawn under lines and names; level ground keeps the colour of the legend.
    size : {"A4", "A3", "A1"}
        Of the paper, landscape.
    crs : str, optional
        Projection of the sheet; default that of the data, or the CGCS2000 belt where these are in degrees.
    level_names : mapping level -> {"zh": ..., "en": ...}, optional
        What the key of lines calls levels that are not those of China.
    **further
        ``works``: mapping of ``levees``, ``reservoirs``, ``sluices``, ``detention_areas`` (``palettes/works``) to
        frames; names keep away from their signs, and the key names them. ``province``: what the place lies in (one
        outline, or its parts); a small map in a free corner shows where.

    Raises
    ------
    LayerError
        A kind of works has no sign.
    MissingCRSError
        A frame or a layer has no CRS.

    Examples
    --------
    >>> from riskzoning.samples import city_units
    >>> shared = map_backdrop(outlines=city_units())
    >>> shared.crs, shared.frame.denominator, len([label for label in shared.labels if label.size == 11])
    ('EPSG:4547', 500000.0, 12)
    """
    _check_options("en", size, "right")
    lead = outlines if outlines is not None and len(outlines) else units_or_layer
    bounds: Any
    if isinstance(lead, xr.DataArray):
        grid = grid_of(lead)
        own, bounds = grid.crs, tuple(grid.boundingbox)
        crs = crs or sheet_crs(bounds, own)
        bounds = tuple(grid.extent.to_crs(crs).boundingbox)
    else:
        assert lead is not None
        # The errors of units name what is missing.
        lead = lead if lead.crs is not None else graded_units(lead.assign(_one=1), "_one", 1, None)
        crs = crs or sheet_crs(lead.total_bounds, lead.crs)
        bounds = lead.to_crs(crs).total_bounds
    width, height = SIZES[size]
    frame = Frame.around(bounds, width=WINDOW[2] * width * 25.4, height=WINDOW[3] * height * 25.4)
    with with_cjk_font():
        made = backdrop_of(
            frame, crs, outlines=outlines, rivers=rivers, seats=seats, hillshade=hillshade, size=size,
            scale=letters_of(size), **further,
        )  # fmt: skip
    return replace(made, level_names=level_names or {})


def _check_options(lang: str, size: str, closed: str) -> None:
    problems = [
        Problem("maps.option", Phrase("option", name=key), value=value, known=list(known))
        for key, value, known in (
            ("lang", lang, ("zh", "en")),
            ("size", size, SIZES),
            ("closed", closed, ("right", "left")),
        )
        if value not in known
    ]
    if problems:
        raise LayerError(problems=problems)
