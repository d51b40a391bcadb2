"""Find a font that has Chinese glyphs, so that labels render and never turn into boxes."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

from riskzoning.errors import visible

# Open fonts first (OFL); what an operating system brings is used where none of them is installed.
_FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Droid Sans Fallback", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "SimSun",
)  # fmt: skip
_PACKAGED = ("mplfonts", "fonts/NotoSansCJKsc-Regular.otf")
_PROBE = "新乡市自然灾害风险区划图（乡镇级）一"


def has_glyphs(path: str | Path, text: str) -> bool:
    """Whether a font file has a glyph for every character."""
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
    collections: list[str] = []
    for family in _FAMILIES:
        try:
            path = font_manager.findfont(font_manager.FontProperties(family=family), fallback_to_default=False)
        except ValueError:
            continue
        if not has_glyphs(path, _PROBE):
            continue
        if not _is_collection(path):
            return str(path)
        collections.append(str(path))
    package, name = _PACKAGED
    spec = importlib.util.find_spec(package)
    if spec is not None and spec.submodule_search_locations:
        packaged = Path(next(iter(spec.submodule_search_locations))) / name
        if packaged.is_file() and has_glyphs(packaged, _PROBE):
            return str(packaged)
    # Matplotlib draws the first face of a collection, which has the shapes of another country: better than none.
    return collections[0] if collections else None


def _is_collection(path: str | Path) -> bool:
    """Whether a file holds several faces."""
    return Path(path).suffix.lower() in (".ttc", ".otc")


@contextmanager
def with_cjk_font() -> Iterator[bool]:
    """Draw with a Chinese font; gives whether there is one (without it labels should be English).

    Examples
    --------
    >>> with with_cjk_font() as chinese:
    ...     len(mpl.rcParams["font.family"]) == (2 if chinese else 1)
    True
    """
    path = cjk_font()
    families = ["DejaVu Sans"]
    if path is not None:
        known = {entry.fname for entry in font_manager.fontManager.ttflist}
        if path not in known:
            font_manager.fontManager.addfont(path)
        families.insert(0, font_manager.FontProperties(fname=path).get_name())
    settings: Any = {
        "font.family": families,
        # A dollar sign in a name is a dollar sign, not the beginning of a formula.
        "text.parse_math": False,
        # A fixed hash salt keeps SVG identical between runs; text stays text there, the sheet brings its font.
        "svg.hashsalt": "riskzoning",
        "svg.fonttype": "none",
        # Type 3 outlines embed an OpenType font that every reader shows and searches; type 42 does so with warnings.
        "pdf.fonttype": 3,
    }
    with mpl.rc_context(settings):
        yield path is not None


def subset_font(path: str | Path, text: str, *, flavor: str) -> bytes | None:
    """A web font with just the glyphs of ``text``; None where the file cannot be cut."""
    return _cut_font(str(path), "".join(sorted(set(text))), flavor)


# Seconds for a page of Chinese; a study that is run again in a notebook has the same words.
@lru_cache(maxsize=8)
def _cut_font(path: str, letters: str, flavor: str) -> bytes | None:
    from fontTools import subset
    from fontTools.ttLib import TTLibError

    options = subset.Options(flavor=flavor, layout_features=["kern"], notdef_outline=True, name_IDs=[0, 1, 2, 13, 14])
    options.drop_tables += ["FFTM", "DSIG"]
    if _is_collection(path):
        options.font_number = 0
    try:
        font = subset.load_font(path, options)
    except TTLibError:
        return None
    # No clock in the file: the same text gives the same bytes.
    font.recalcTimestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    buffer = BytesIO()
    subset.save_font(font, buffer, options)
    return buffer.getvalue()


def text_size(text: str, size: float) -> tuple[float, float]:
    """Width and height of a line of text in points, with the font that is active; no canvas is needed."""
    properties = font_manager.FontProperties(size=size)
    return _line_size(tuple(properties.get_family()), text, size)


@cache
def _line_size(families: tuple[str, ...], text: str, size: float) -> tuple[float, float]:
    properties = font_manager.FontProperties(family=list(families), size=size)
    width, height, _ = text_to_path.get_text_width_height_descent(text, properties, ismath=False)
    # A line is at least as high as its capitals, whatever its letters are.
    return float(width), max(float(height), 0.8 * size)


def fitted(text: str, size: float, room: float, *, least: float = 0.7) -> tuple[str, float]:
    """Text and size that fit into ``room`` points: smaller letters first, then an ellipsis."""
    text = " ".join(visible(text).split())
    wide = text_size(text, size)[0]
    if wide <= room:
        return text, size
    smaller = max(least, room / wide) * size
    if least * wide <= room:
        return text, smaller
    while len(text) > 1 and text_size(f"{text}…", smaller)[0] > room:
        text = text[: max(1, min(len(text) - 1, int(len(text) * room / text_size(f"{text}…", smaller)[0])))]
    return f"{text.rstrip()}…", smaller


_WORDS = re.compile(r"[!-~À-ɏ]+\s*|.\s*")
# What does not begin a line, and what does not end one.
_CLOSING, _OPENING = "，。、；：！？）】》”’·…%,.;:!?)", "（【《“‘("


def wrapped(text: str, size: float, room: float, *, lines: int = 2, least: float = 0.7) -> tuple[list[str], float]:
    """Lines and the size of their letters that fit into ``room`` points: more lines first, then smaller, then cut."""
    text = " ".join(visible(text).split())
    for share in (1.0, (1 + least) / 2, least):
        letters = share * size
        made = _broken(text, letters, room)
        if len(made) <= lines and all(text_size(line, letters)[0] <= room for line in made):
            return made, letters
    cut = [*made[: lines - 1], " ".join(made[lines - 1 :])]
    shown = [fitted(line, letters, room, least=1.0)[0] for line in cut if line]
    return shown, letters


def _broken(text: str, size: float, room: float) -> list[str]:
    """Text broken between words, and between Chinese letters."""
    pieces: list[str] = []
    for word in _WORDS.findall(text):
        joined = pieces and (word[0] in _CLOSING or pieces[-1].rstrip()[-1:] in _OPENING)
        if joined:
            pieces[-1] += word
        else:
            pieces.append(word)
    lines = [""]
    for piece in pieces:
        if lines[-1] and text_size((lines[-1] + piece).rstrip(), size)[0] > room:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]
