"""The one reader of raster files: where it lies, what is missing, scale and offset; in blocks or in bands of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.rasters.facts import RasterFacts, overlap
    from riskzoning.rasters.rows import open_rows, row_bands

__all__ = ["RasterFacts", "open_rows", "overlap", "row_bands"]

_PLACES = {
    ".facts": ("RasterFacts", "overlap"),
    ".rows": ("open_rows", "row_bands"),
}
__getattr__, __dir__ = lazy(__name__, _PLACES)
