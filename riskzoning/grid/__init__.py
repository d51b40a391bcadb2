"""The analysis grid and what puts data on it: resampling by quantity; polygons, lines and points to cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.grid.alignment import align, outside
    from riskzoning.grid.lattice import analysis_grid, cell_area
    from riskzoning.grid.points import sample
    from riskzoning.grid.vectors import line_length, point_counts, rasterise

__all__ = ["align", "analysis_grid", "cell_area", "line_length", "outside", "point_counts", "rasterise", "sample"]

_PLACES = {
    ".alignment": ("align", "outside"),
    ".lattice": ("analysis_grid", "cell_area"),
    ".points": ("sample",),
    ".vectors": ("line_length", "point_counts", "rasterise"),
}
__getattr__, __dir__ = lazy(__name__, _PLACES)
