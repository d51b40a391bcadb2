"""Find a font that has Chinese glyphs, so that labels render and never turn into boxes."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

__all__ = ["cjk_font", "has_glyphs", "with_cjk_font"]

# Open fonts first (OFL); what an operating system brings is used where none of them is installed.
_FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Droid Sans Fallback", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "SimSun",
)  # fmt: skip
_PACKAGED = ("mplfonts", "fonts/NotoSansCJKsc-Regular.otf")
_PROBE = "新乡市自然灾害风险区划图（乡镇级）一"


def has_glyphs(path: str | Path, text: str) -> bool:
    """Whether a font file has a glyph for every character.

    Examples
    --------
    >>> from matplotlib import font_manager
    >>> has_glyphs(font_manager.findfont("DejaVu Sans"), "risk")
    True
    """
    charmap = FT2Font(str(path)).get_charmap()
    return all(ord(letter) in charmap for letter in text if not letter.isspace())


@cache
def cjk_font() -> str | None:
    """Path of a font with Chinese glyphs: an installed one, else the one of the ``fonts`` extra, else None.

    Examples
    --------
    >>> found = cjk_font()
    >>> found is None or has_glyphs(found, "新乡")
    True
    """
    for family in _FAMILIES:
        try:
            path = font_manager.findfont(font_manager.FontProperties(family=family), fallback_to_default=False)
        except ValueError:
            continue
        if has_glyphs(path, _PROBE):
            return str(path)
    package, name = _PACKAGED
    spec = importlib.util.find_spec(package)
    if spec is not None and spec.submodule_search_locations:
        packaged = Path(next(iter(spec.submodule_search_locations))) / name
        if packaged.is_file() and has_glyphs(packaged, _PROBE):
            return str(packaged)
    return None


@contextmanager
def with_cjk_font() -> Iterator[bool]:
    """Draw with a Chinese font; gives whether there is one (without it labels should be English).

    Examples
    --------
    >>> with with_cjk_font() as chinese:
    ...     isinstance(chinese, bool)
    True
    """
    path = cjk_font()
    families = ["DejaVu Sans"]
    if path is not None:
        known = {entry.fname for entry in font_manager.fontManager.ttflist}
        if path not in known:
            font_manager.fontManager.addfont(path)
        families.insert(0, font_manager.FontProperties(fname=path).get_name())
    # A fixed hash salt keeps SVG identical between runs; the ASCII minus is in every font.
    settings: Any = {
        "font.family": families,
        "axes.unicode_minus": False,
        "svg.hashsalt": "riskzoning",
        "pdf.fonttype": 42,
    }
    with mpl.rc_context(settings):
        yield path is not None
