"""Text of unknown encoding: UTF-8 with or without mark, else GB18030; never garbled."""

from __future__ import annotations

import codecs
from pathlib import Path

from riskzoning.errors import LayerError, Problem

__all__ = ["decoded", "text_of_file"]


# Byte order marks; those of UTF-32 begin like those of UTF-16.
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
          (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


def decoded(raw: bytes, *, thing: str, encoding: str | None = None) -> str:
    """Bytes as text.

    Raises
    ------
    LayerError
        No encoding fits.

    Examples
    --------
    >>> decoded("新乡".encode("gbk"), thing="a.csv")
    '新乡'
    """
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    for name in (encoding,) if encoding else (marked,) if marked else ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    required = f"text in {encoding}" if encoding else "text in UTF-8 or GB18030"
    fix = 'Save the file as UTF-8, or declare "encoding:" in study.yaml.'
    raise LayerError(Problem(thing, "has bytes that are no such text", required, fix, rule="file.encoding"))


def text_of_file(path: Path, *, encoding: str | None = None) -> str:
    """A text file as text.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.csv").write_bytes("代码".encode("utf-8-sig"))
    ...     text_of_file(Path(folder) / "a.csv")
    '代码'
    """
    return decoded(path.read_bytes(), thing=str(path), encoding=encoding)
