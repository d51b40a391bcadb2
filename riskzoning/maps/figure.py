"""A figure that keeps its fonts wherever it is saved: PNG, PDF and SVG look alike and their text can be searched."""

from __future__ import annotations

import base64
import os
import re
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from riskzoning.maps.fonts import cjk_font, subset_font, with_cjk_font

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
