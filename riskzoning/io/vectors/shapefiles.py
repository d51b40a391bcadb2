"""Shapefiles: all parts there and whole, Chinese names and values ungarbled whatever the .cpg says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from riskzoning.errors import LayerError, Problem, decided
from riskzoning.io.vectors.containers import Source

# Read byte by byte, so that nothing is lost before the encoding is known.
RAW = "ISO-8859-1"
_CODE_PAGES = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "ansi 936": "gb18030",
               "65001": "utf-8", "utf8": "utf-8"}  # fmt: skip
# Any byte is a character in these: that a text can be read proves nothing.
_SINGLE_BYTE = ("iso-8859", "iso8859", "latin", "cp125", "1252", "ansi 1252", "88591", "system", "ascii")
_NAME_BYTES = 10


def check_companions(source: Source) -> None:
    """The .dbf and .shx of a shapefile are there, and no part is cut off."""
    path = Path(source.target)
    missing = [ending for ending in (".dbf", ".shx") if source.beside(ending) is None]
    if missing:
        raise LayerError(Problem("file.companions", source.path, missing=[path.stem + ending for ending in missing]))
    if source.packed:
        return
    for ending in (".shp", ".shx", ".dbf"):
        part = companion(path, ending)
        if part is None:
            continue
        size, wanted = part.stat().st_size, _length(part, ending)
        if size < wanted:
            raise LayerError(Problem("file.truncated", path, part=part.name, size=size, wanted=wanted))


def _length(part: Path, ending: str) -> int:
    """Bytes that a part has by its own header."""
    with part.open("rb") as stream:
        head = stream.read(100)
    if ending == ".dbf":
        if len(head) < 32:
            return 33
        records, header, width = (int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
        return header + records * width
    return 2 * int.from_bytes(head[24:28], "big") if len(head) == 100 else 100


def companion(path: Path, ending: str) -> Path | None:
    """The file with another ending beside a path, in small or capital letters."""
    for candidate in (path.with_suffix(ending), path.with_suffix(ending.upper())):
        if candidate.is_file():
            return candidate
    return None


def decode_frame(frame: gpd.GeoDataFrame, source: Source, encoding: str | None) -> gpd.GeoDataFrame:
    """A frame that was read byte by byte (:data:`RAW`), with its names and texts in the encoding that fits all of
    them."""
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    columns = {name: frame[name] for name in names if _is_text(frame[name])}
    longest = {name: max(map(len, _texts(values)), default=0) for name, values in columns.items()}
    texts = [(name, _NAME_BYTES) for name in names]
    texts += [(text, longest[name]) for name, values in columns.items() for text in set(_texts(values))]
    texts = [(text, full) for text, full in texts if not text.isascii()]
    chosen = next(
        (name for name in ([encoding] if encoding else _candidates(source, texts)) if _fits(name, texts)), None
    )
    if chosen is None:
        if encoding:
            raise LayerError(Problem("file.encoding_declared", source.path, encoding=encoding))
        raise LayerError(Problem("file.encoding", source.path))
    if texts:
        decided(source.path, "encoding", chosen, why="option" if encoding else "values")
    out = frame.copy(deep=False)
    for name, values in columns.items():
        changed = [_decoded(v, chosen, full=longest[name]) if isinstance(v, str) else v for v in values]
        out[name] = pd.Series(changed, index=frame.index, dtype=object)
    return out.rename(columns={name: _decoded(name, chosen, full=_NAME_BYTES) for name in names})


def _fits(encoding: str, texts: Sequence[tuple[str, int]]) -> bool:
    try:
        for text, full in texts:
            _decoded(text, encoding, full=full)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _candidates(source: Source, texts: Sequence[tuple[str, int]]) -> list[str]:
    named = (source.beside(".cpg") or b"").decode("ascii", errors="ignore").strip().lower()
    named = _CODE_PAGES.get(named, named)
    if any(named.startswith(start) for start in _SINGLE_BYTE):
        return ["utf-8", "gb18030", RAW]
    # Chinese text in UTF-8 is no accident of another encoding, whatever the .cpg says.
    if _fits("utf-8", texts) and any(_is_chinese(_decoded(text, "utf-8", full=full)) for text, full in texts):
        return ["utf-8"]
    return [named, "utf-8", "gb18030"] if named else ["utf-8", "gb18030"]


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _is_text(values: pd.Series[Any]) -> bool:
    return values.dtype == object or pd.api.types.is_string_dtype(values)


def _texts(values: Iterable[Any]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))


def _decoded(text: str, encoding: str, *, full: int) -> str:
    """One text; where it fills its field, the character at its end may be cut."""
    raw = text.encode(RAW)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        cut = error.end == len(raw) and error.start >= len(raw) - 3 and error.start > 0
        if len(raw) >= max(full, 2) and cut:
            return raw[: error.start].decode(encoding)
        raise
