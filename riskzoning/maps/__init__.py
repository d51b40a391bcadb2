"""Printed maps: one zoning map a call, with legend, scale, graticule and footers that never overlap."""

from __future__ import annotations

from riskzoning.maps.backdrop import Backdrop
from riskzoning.maps.fonts import cjk_font, with_cjk_font
from riskzoning.maps.sheet import MapNotes, map_backdrop, zoning_map

__all__ = ["Backdrop", "MapNotes", "cjk_font", "map_backdrop", "with_cjk_font", "zoning_map"]
