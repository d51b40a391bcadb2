"""What is the same on every sheet of a city, drawn once and laid over each map as a picture."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure

from riskzoning.maps.backdrop import Backdrop
from riskzoning.maps.fonts import cjk_font, subset_font, with_cjk_font
from riskzoning.maps.frame import graticule
from riskzoning.maps.furniture import line_key, north_arrow, scale_bar
from riskzoning.maps.inset import draw_inset
from riskzoning.maps.stamp import VectorPage, pdf_bytes, vector_page

# Inches, landscape.
SIZES = {"A4": (11.69, 8.27), "A3": (16.54, 11.69), "A1": (33.11, 23.39)}
# The window of the map and the column beside it, shares of the sheet.
WINDOW = (0.036, 0.085, 0.745, 0.84)
PANEL_LEFT, PANEL_WIDTH = 0.798, 0.187

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


def letters_of(size: str) -> float:
    """Size of letters against those of an A3 sheet."""
    return SIZES[size][0] / SIZES["A3"][0]


def empty_sheet(backdrop: Backdrop, *, paper: str = "white") -> SheetFigure:
    """A sheet of the size of the backdrop, with nothing on it."""
    return SheetFigure(figsize=SIZES[backdrop.size], dpi=100, facecolor=paper)


def window(figure: Figure, *, paper: str = "white") -> Axes:
    """The axes of the map on a sheet."""
    axes = figure.add_axes(WINDOW, zorder=1)
    axes.set_facecolor(paper)
    axes.set_title("", y=1.0)
    for side in axes.spines.values():
        side.set_linewidth(1.2)
        side.set_zorder(30)
    return axes


def draw_surroundings(figure: Figure, axes: Axes, backdrop: Backdrop, lang: str) -> None:
    """Lines, names, relief, graticule, scale, north arrow and the key of lines: all but the grades and the panel."""
    scale = letters_of(backdrop.size)
    backdrop.draw(axes)
    graticule(axes, backdrop.frame, backdrop.crs, size=8 * scale)
    scale_bar(axes, backdrop.frame.denominator, x=0.3, y=0.033, lang=lang, scale=scale)
    north_arrow(figure, x=PANEL_LEFT + PANEL_WIDTH - 0.012, y=0.887, lang=lang, scale=scale)
    if backdrop.inset is not None:
        draw_inset(figure, WINDOW, backdrop.inset, lang, scale)
    line_key(figure.add_axes((PANEL_LEFT, 0.515, PANEL_WIDTH, 0.065)), backdrop.keys(lang), scale=scale)


@dataclass(frozen=True)
class Picture:
    """The surroundings of a city's maps, clear where nothing is drawn: as pixels (rows, columns, 4) and as vectors."""

    backdrop: Backdrop
    lang: str
    dpi: int
    pixels: Pixels | None
    vectors: VectorPage | None = None

    @cached_property
    def from_below(self) -> Pixels | None:
        """The pixels with the lowest row first, as a canvas takes them; turned once for all maps."""
        return None if self.pixels is None else np.ascontiguousarray(self.pixels[::-1])


def surroundings_picture(backdrop: Backdrop, *, lang: str, dpi: int, formats: Sequence[str] = ("png",)) -> Picture:
    """Draw the surroundings on a clear sheet; English where no font has Chinese letters."""
    with with_cjk_font() as chinese:
        lang = lang if chinese else "en"
        figure = empty_sheet(backdrop, paper="none")
        draw_surroundings(figure, window(figure, paper="none"), backdrop, lang)
        vectors = vector_page(pdf_bytes(figure)) if "pdf" in formats else None
        return Picture(backdrop, lang, dpi, drawn_pixels(figure, dpi) if "png" in formats else None, vectors)


def drawn_pixels(figure: Figure, dpi: int, canvas: RendererAgg | None = None) -> Pixels:
    """The figure as pixels (rows, columns, 4), on a canvas of its own or on one that has served before."""
    figure.set_dpi(dpi)
    canvas = canvas or canvas_for(figure.get_figwidth(), figure.get_figheight(), dpi)
    canvas.clear()  # type: ignore[no-untyped-call]
    figure.draw(canvas)
    return np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]


def canvas_for(wide: float, high: float, dpi: int) -> RendererAgg:
    """Pixels for sheets of a size in inches."""
    return RendererAgg(int(wide * dpi), int(high * dpi), dpi)  # type: ignore[no-untyped-call]


class Overlay(Artist):
    """A picture of the whole sheet, the lowest row first, laid over what is drawn so far on a canvas of pixels."""

    def __init__(self, pixels: Pixels) -> None:
        super().__init__()
        self._pixels = pixels
        self.set_zorder(5)

    def draw(self, renderer: Any) -> None:
        """Lay the picture over the canvas, pixel on pixel; a page of vectors gets it as vectors afterwards."""
        if not isinstance(renderer, RendererAgg):
            return
        graphics = renderer.new_gc()
        renderer.draw_image(graphics, 0, 0, self._pixels)
        graphics.restore()


_TEXT = re.compile(r"<text[^>]*>(.*?)</text>", re.DOTALL)
_FAMILY = re.compile(r"font(?:-family)?:[^;\"]*?'([^']+)'")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}


class SheetFigure(Figure):
    """A matplotlib figure of a printed sheet; saving it needs no settings around it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        FigureCanvasAgg(self)

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save as any format of matplotlib; an SVG carries the glyphs that it uses."""
        suffix = options.get("format") or (Path(fname).suffix[1:] if isinstance(fname, str | os.PathLike) else "png")
        with with_cjk_font():
            if suffix != "svg":
                super().savefig(fname, **options)
                return
            buffer = BytesIO()
            super().savefig(buffer, **{**options, "format": "svg"})
        content = _with_font(buffer.getvalue().decode("utf-8")).encode("utf-8")
        if isinstance(fname, str | os.PathLike):
            Path(fname).write_bytes(content)
        else:
            fname.write(content)


def _with_font(svg: str) -> str:
    """The drawing with the glyphs of its text inside, so that it looks the same where the font is not installed."""
    path, family = cjk_font(), _FAMILY.search(svg)
    text = "".join(_TEXT.findall(svg))
    for entity, letter in _ENTITIES.items():
        text = text.replace(entity, letter)
    font = subset_font(path, text, flavor="woff") if path and text else None
    if font is None or family is None:
        return svg
    source = f"data:font/woff;base64,{base64.b64encode(font).decode('ascii')}"
    face = f'<style type="text/css">@font-face {{ font-family: "{family.group(1)}"; src: url({source}); }}</style>'
    return svg.replace("<defs>", f"<defs>\n  {face}", 1)
