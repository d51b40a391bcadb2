"""Text of unknown encoding: UTF-8 with or without mark, else GB18030; never garbled."""

from __future__ import annotations

import codecs
from pathlib import Path

from riskzoning.errors import LayerError, Problem, decided
from riskzoning.files import bounded
from riskzoning.limits import TABLE_BYTES

# Byte order marks; those of UTF-32 begin like those of UTF-16.
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
          (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip

_PIECE = 1 << 20


def decoded(raw: bytes, *, thing: str, encoding: str | None = None) -> str:
    """Bytes as text."""
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    for name in (encoding,) if encoding else (marked,) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        decided(thing, "encoding", name, why="study" if encoding else "file" if marked else "values")
        return text
    if encoding:
        raise LayerError(Problem("file.encoding_declared", thing, encoding=encoding))
    raise LayerError(Problem("file.encoding", thing))


def text_of_file(path: Path, *, encoding: str | None = None) -> str:
    """A text file as text."""
    return decoded(bounded(path, TABLE_BYTES), thing=str(path), encoding=encoding)


def encoding_of_file(path: Path, *, encoding: str | None = None) -> str:
    """The encoding of a text file, looked for piece by piece: as declared, by its mark, UTF-8, else GB18030."""
    with path.open("rb") as file:
        first = file.read(4)
    marked = next((name for mark, name in _MARKS if first.startswith(mark)), None)
    for name in (encoding,) if encoding else (marked,) if marked else ("utf-8-sig", "gb18030"):
        try:
            decoder = codecs.getincrementaldecoder(name)()
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    decoder.decode(piece)
                decoder.decode(b"", final=True)
        except (UnicodeDecodeError, LookupError):
            continue
        return name
    if encoding:
        raise LayerError(Problem("file.encoding_declared", path, encoding=encoding))
    raise LayerError(Problem("file.encoding", path))
