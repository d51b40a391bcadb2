"""Printed maps: one zoning map a call, with legend, scale, graticule and footers that never overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.maps.backdrop import Backdrop
    from riskzoning.maps.bivariate import bivariate_classes, bivariate_map
    from riskzoning.maps.charts import exceedance_plot, radar_card, ranking_bars
    from riskzoning.maps.fonts import cjk_font, with_cjk_font
    from riskzoning.maps.options import Legend, MapNotes, Panel, Sheet
    from riskzoning.maps.printing import PrintedMap, drawing_crew, print_maps
    from riskzoning.maps.return_levels import return_level_plot
    from riskzoning.maps.sheet import map_backdrop, zoning_map

__all__ = [
    "Backdrop",
    "Legend",
    "MapNotes",
    "Panel",
    "PrintedMap",
    "Sheet",
    "bivariate_classes",
    "bivariate_map",
    "cjk_font",
    "drawing_crew",
    "exceedance_plot",
    "map_backdrop",
    "print_maps",
    "radar_card",
    "ranking_bars",
    "return_level_plot",
    "with_cjk_font",
    "zoning_map",
]

_PLACES = {
    ".backdrop": ("Backdrop",),
    ".bivariate": ("bivariate_classes", "bivariate_map"),
    ".charts": ("exceedance_plot", "radar_card", "ranking_bars"),
    ".fonts": ("cjk_font", "with_cjk_font"),
    ".options": ("Legend", "MapNotes", "Panel", "Sheet"),
    ".printing": ("PrintedMap", "drawing_crew", "print_maps"),
    ".return_levels": ("return_level_plot",),
    ".sheet": ("map_backdrop", "zoning_map"),
}
__getattr__, __dir__ = lazy(__name__, _PLACES)
