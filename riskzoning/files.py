"""A file on disk before any format is looked at: is it there, may it be read, what is its checksum."""

from __future__ import annotations

import codecs
import difflib
import hashlib
import os
from pathlib import Path

from riskzoning.errors import LayerError, Phrase, Problem

__all__ = ["beginning", "checksum", "existing", "text_beginning"]

_CHUNK = 1 << 20
# Files that belong to one of these and change what it says.
_COMPANIONS = {".shp": (".dbf", ".shx", ".prj", ".cpg"), ".tif": (".tif.msk", ".tfw"), ".tiff": (".tiff.msk", ".tfw")}


def existing(path: str | os.PathLike[str], *, what: Phrase | None = None, folder: bool = False) -> Path:
    """The path, when there is a readable, non-empty file (or, with ``folder``, perhaps a folder) behind it.

    Parameters
    ----------
    path : str or PathLike
    what : Phrase, optional
        What is wanted, for the message, e.g. ``Phrase("raster_file")``.
    folder : bool
        Whether a folder will do as well.

    Raises
    ------
    LayerError
        Missing (with near names in the folder), empty, a folder, or not readable.

    Examples
    --------
    >>> try:
    ...     existing("no_such_folder/depth.tif", what=Phrase("raster_file"))
    ... except LayerError as error:
    ...     print(error.problems[0].rule)
    file.missing_folder
    """
    file, what = Path(path), what or Phrase("any_file")
    try:
        if file.is_dir():
            if folder:
                return file
            raise LayerError(_is_folder(file, what))
        if not file.exists():
            raise LayerError(_missing(file, what))
        with file.open("rb") as stream:
            first = stream.read(1)
    except OSError as error:
        raise LayerError(Problem("file.permission", file, what=what, reason=error.strerror or error)) from None
    if not first:
        raise LayerError(Problem("file.empty", file, what=what))
    return file


def _missing(path: Path, what: Phrase) -> Problem:
    folder = path.parent
    if not folder.is_dir():
        return Problem("file.missing_folder", path, what=what, folder=folder)
    names = sorted(entry.name for entry in folder.iterdir())
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    return Problem("file.missing", path, what=what, near=Phrase("near", names=near) if near else Phrase("nothing"))


def _is_folder(path: Path, what: Phrase) -> Problem:
    names = sorted(entry.name for entry in path.iterdir() if entry.is_file())
    return Problem("file.folder" if names else "file.folder_empty", path, what=what, names=names)


def beginning(path: Path, size: int) -> bytes:
    """The first bytes of a file, which tell its format whatever its name says.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.tif").write_bytes(b"II*rest")
    ...     beginning(Path(folder) / "a.tif", 2)
    b'II'
    """
    with path.open("rb") as stream:
        return stream.read(size)


def text_beginning(path: Path) -> str | None:
    """The first words of a file that is text (a web page, a pointer, a table); None for a binary file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "depth.tif"
    ...     _ = file.write_text("<html>  not found", encoding="utf-8")
    ...     text_beginning(file)
    '<html> not found'
    """
    with path.open("rb") as stream:
        head = stream.read(512)
    if b"\0" in head:
        return None
    for encoding in ("utf-8", "gb18030"):
        try:
            # The last character of the sample may be cut: an incremental decoder waits for its rest.
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        if sum(character.isprintable() or character.isspace() for character in text) > 0.95 * len(text):
            return " ".join(text.split())[:60]
    return None


def checksum(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file, of a file with the companions that belong to it (shapefile, mask), or of a folder (Zarr).

    Read in pieces: memory does not depend on the size. For a folder the names of the files count too.

    Parameters
    ----------
    path : str or PathLike

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    LayerError
        The path does not exist or cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.bin"
    ...     _ = file.write_bytes(b"abc")
    ...     checksum(file)[:8]
    'ba7816bf'
    """
    source = Path(path)
    if not source.exists():
        raise LayerError(_missing(source, Phrase("file_or_folder")))
    digest = hashlib.sha256()
    if source.is_dir():
        for file in sorted(entry for entry in source.rglob("*") if entry.is_file()):
            digest.update(file.relative_to(source).as_posix().encode() + b"\0")
            _update(digest, file)
        return digest.hexdigest()
    _update(digest, source)
    for suffix in _COMPANIONS.get(source.suffix.lower(), ()):
        companion = source.with_suffix(suffix)
        if companion.is_file():
            digest.update(suffix.encode() + b"\0")
            _update(digest, companion)
    return digest.hexdigest()


def _update(digest: hashlib._Hash, path: Path) -> None:
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_CHUNK):
                digest.update(piece)
    except OSError:
        # existing() words the reason; a file that vanished meanwhile is worded the same way.
        existing(path)
        raise
