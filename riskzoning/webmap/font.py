"""A small font that has just the glyphs of the page, so that Chinese shows on a machine without Chinese fonts."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from riskzoning.maps import cjk_font
from riskzoning.maps.fonts import subset_font

_ALWAYS = "".join(chr(code) for code in range(32, 127)) + "万亿兆千°′–—−·…，。；：（）≤≥<>×%"


def write_font(text: str, path: Path) -> bool:
    """Write a WOFF2 with the characters of ``text``; False (and no file) where the ``fonts`` extra is missing."""
    source = cjk_font()
    if source is None or importlib.util.find_spec("fontTools") is None or importlib.util.find_spec("brotli") is None:
        return False
    font = subset_font(source, text + _ALWAYS, flavor="woff2")
    if font is None:
        return False
    path.write_bytes(font)
    return True
