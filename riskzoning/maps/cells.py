"""Cells of a grid on a map, each in its colour: pixel on pixel on a canvas, as they are in a page of vectors."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

Extent = tuple[float, float, float, float]


class Cells(Artist):
    """Colours of cells (rows, columns, 4), the northern row first, over an extent (left, right, bottom, top)."""

    def __init__(self, axes: Axes, colours: NDArray[np.uint8], extent: Extent, *, order: float = 2) -> None:
        super().__init__()
        # The first row of an image of matplotlib is the lowest.
        self.colours = np.ascontiguousarray(colours[::-1])
        self.extent = extent
        self.set_zorder(order)
        axes.add_artist(self)
        self.set_clip_path(axes.patch)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the cells: a canvas takes the cell under the middle of each pixel, a page the cells themselves."""
        left, right, bottom, top = self.extent
        (x, y), (far_x, far_y) = self.get_transform().transform([(left, bottom), (right, top)])
        graphics = renderer.new_gc()
        self._set_gc_clip(graphics)  # type: ignore[attr-defined]
        if isinstance(renderer, RendererAgg):
            self._draw_pixels(renderer, graphics, (x, far_x, y, far_y))
        else:
            size = Affine2D().scale(far_x - x, far_y - y)
            renderer.draw_image(graphics, x, y, self.colours, size)
        graphics.restore()

    def _draw_pixels(self, renderer: RendererAgg, graphics: GraphicsContextBase, corners: Extent) -> None:
        rows, columns = self.colours.shape[:2]
        across, column = _under(corners[0], corners[1], columns, int(renderer.width))
        up, row = _under(corners[2], corners[3], rows, int(renderer.height))
        if len(column) and len(row):
            # As whole words of four bytes; a row of cells is spread over its columns once, then copied as a whole.
            words = self.colours.view(np.uint32)[..., 0]
            wide = words[:, column]
            renderer.draw_image(graphics, across, up, wide[row].view(np.uint8).reshape(len(row), len(column), 4))


def _under(low: float, high: float, count: int, size: int) -> tuple[int, NDArray[np.intp]]:
    """First pixel of a canvas with a cell, and the cells under the middles of the pixels from there on."""
    pixels = np.arange(size)
    cells = np.floor((pixels + 0.5 - low) / (high - low) * count).astype(np.intp)
    inside = np.flatnonzero((cells >= 0) & (cells < count))
    return (int(inside[0]) if len(inside) else 0), cells[inside]
