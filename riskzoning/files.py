"""A file on disk before any format is looked at: is it there, may it be read, what belongs to it, its checksum."""

from __future__ import annotations

import codecs
import difflib
import errno
import glob
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.faces import missing
from riskzoning.limits import FOLDER_FILES

__all__ = [
    "beginning",
    "bounded",
    "checksum",
    "existing",
    "kind_of",
    "on_disk",
    "opened",
    "protecting",
    "referred",
    "refuse_protected",
    "same_place",
    "stamp",
    "text_beginning",
]

_CHUNK = 1 << 20
# Files beside a file that change what it says: the ending stands in the place of its own, or behind it.
_INSTEAD = {
    ".shp": (".dbf", ".shx", ".prj", ".cpg"),
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
    ".gml": (".xsd", ".gfs"),
    ".tif": (".tfw", ".tifw", ".wld", ".aux", ".rrd"),
    ".tiff": (".tfw", ".tiffw", ".wld", ".aux", ".rrd"),
    ".asc": (".prj",),
    ".txt": (".prj", ".hdr"),
    ".img": (".ige", ".rrd", ".aux", ".hdr", ".prj"),
    ".png": (".pgw", ".pngw", ".wld"),
    ".jpg": (".jgw", ".jpgw", ".wld"),
    ".jp2": (".j2w", ".wld"),
    ".rst": (".rdc",),
    ".grd": (".gri", ".prj"),
    ".gri": (".grd",),
    ".sdat": (".sgrd", ".prj"),
}
_FLAT = (".hdr", ".prj", ".aux", ".blw", ".bpw", ".bqw", ".wld", ".stx", ".clr")
_BEHIND = (".aux.xml", ".msk", ".hdr", "-wal")
_MEMBER_OF = re.compile(r"^(?:/vsi(?:zip|tar|gzip|7z|rar)/|(?:zip|tar|gzip):/{1,2})\{?(.*)$", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r'^[A-Za-z0-9_]+:"([^"]+)"')
_SOURCES = re.compile(
    r"<(?:SourceFilename|SourceDataset|SrcDataSource|IndexDataset)\b([^>]*)>([^<]*)<", re.IGNORECASE | re.DOTALL
)
# A list of tiles longer than this is no list that a person or a program made.
_MOST_REFERRED, _LONGEST_VRT = 100_000, 1 << 26
_KINDS = {stat.S_IFIFO: "file_pipe", stat.S_IFSOCK: "file_socket"}


def existing(path: str | os.PathLike[str], *, what: Phrase | None = None, folder: bool = False) -> Path:
    """The path, when there is a readable, non-empty file (or, with ``folder``, perhaps a folder) behind it.

    The gate of every file that comes in: nothing is opened that could hold the program for ever (pipes, devices,
    sockets), neither the file itself nor what belongs to it.

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
        Missing (with near names in the folder), empty, a folder, a link to itself, no regular file, or not readable.

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
        if stat.S_ISDIR(os.stat(file).st_mode):
            if not folder:
                raise LayerError(_is_folder(file, what))
            for special in _specials(file):
                raise LayerError(_special(special, what))
            return file
        with opened(file, what=what) as stream:
            first = stream.read(1)
        for other in referred(file):
            if kind_of(other) is not None:
                raise LayerError(_special(other, what))
    except LayerError:
        raise
    except (OSError, ValueError) as error:
        raise LayerError(_unusable(file, what, error)) from None
    if not first:
        raise LayerError(Problem("file.empty", file, what=what))
    return file


def opened(path: str | os.PathLike[str], *, what: Phrase | None = None) -> BinaryIO:
    """A regular file, open for reading bytes; pipes, devices, sockets and folders are refused before they can wait.

    Raises
    ------
    LayerError
        Missing, no regular file, or not readable.

    Examples
    --------
    >>> try:
    ...     opened(os.devnull)
    ... except LayerError as error:
    ...     print(error.problems[0].rule)
    file.special
    """
    file, what = Path(path), what or Phrase("any_file")
    try:
        # Without waiting: whoever puts a pipe in the place of the file meanwhile does not hold the program either.
        number = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        stream = os.fdopen(number, "rb") if stat.S_ISREG(os.fstat(number).st_mode) else None
    except (OSError, ValueError) as error:
        raise LayerError(_unusable(file, what, error)) from None
    if stream is None:
        os.close(number)
        raise LayerError(_is_folder(file, what) if file.is_dir() else _special(file, what))
    return stream


def bounded(path: str | os.PathLike[str], most: int, *, what: Phrase | None = None) -> bytes:
    """The content of a regular file that has at most so many bytes, whatever its size claims to be.

    Raises
    ------
    LayerError
        Larger, missing, no regular file, or not readable.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.txt").write_bytes(b"abc")
    ...     bounded(Path(folder) / "a.txt", 3)
    b'abc'
    """
    with opened(path, what=what) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        size = max(Path(path).stat().st_size, len(content)) / 1e6
        raise LayerError(Problem("file.too_large", path, what=what or Phrase("any_file"), size=size, most=most / 1e6))
    return content


def kind_of(path: str | os.PathLike[str]) -> Phrase | None:
    """What a path is when it is neither file nor folder (a pipe, a device, a link to itself); None where it is one.

    Examples
    --------
    >>> str(kind_of(os.devnull))
    'a device'
    """
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return Phrase("file_loop") if error.errno == errno.ELOOP else None
    except ValueError:
        return None
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    return Phrase(_KINDS.get(stat.S_IFMT(mode), "file_device"))


def same_place(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Whether two paths are one file or folder: by links, by a second name on disk, by another case of letters.

    Examples
    --------
    >>> same_place("data/../a.tif", "a.tif")
    True
    """
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        # One that is not there yet is where its path leads.
        return os.path.realpath(one) == os.path.realpath(other)


_protected: list[tuple[tuple[Path, ...], tuple[Path, ...]]] = []


@contextmanager
def protecting(paths: Iterable[Path], outs: Iterable[Path] = ()) -> Iterator[None]:
    """Nothing that is read from these paths is replaced while the block runs; ``outs`` are folders of results.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "units.gpkg"
    ...     _ = file.write_bytes(b"x")
    ...     with protecting([file]):
    ...         try:
    ...             refuse_protected(file)
    ...         except LayerError as error:
    ...             print(error.problems[0].rule)
    output.over_input
    """
    _protected.append((tuple(paths), tuple(outs)))
    try:
        yield
    finally:
        _protected.pop()


def refuse_protected(target: Path) -> None:
    """Raise when a file that is about to be written is one that is read: by its name, a link or a second name.

    Raises
    ------
    LayerError

    Examples
    --------
    >>> with protecting([Path(os.devnull)]):
    ...     try:
    ...         refuse_protected(Path(os.devnull))
    ...     except LayerError as error:
    ...         print(error.problems[0].found)
    is an input (/dev/null) and is not replaced by a result
    """
    if not os.path.lexists(target):
        return
    for paths, outs in _protected:
        for given in paths:
            # Results of before in a folder of their own, below the one that is read, are no inputs.
            if any(_below(out, given) and _below(target, out) for out in outs):
                continue
            if any(same_place(item, target) for item in referred(given)):
                raise LayerError(Problem("output.over_input", target, given=given))


def _below(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(folder)) in Path(os.path.realpath(path)).parents


def _specials(folder: Path) -> Iterator[Path]:
    """What lies in a folder and is neither file nor folder; links to folders are not followed."""
    count = 0
    for place, _, names in os.walk(folder):
        count += len(names)
        if count > FOLDER_FILES:
            raise LayerError(Problem("file.folder_large", folder, most=FOLDER_FILES))
        yield from (Path(place, name) for name in names if kind_of(Path(place, name)) is not None)


def _special(path: Path, what: Phrase) -> Problem:
    kind = kind_of(path) or Phrase("file_device")
    return Problem("file.loop" if kind.key == "file_loop" else "file.special", path, what=what, kind=kind)


def _unusable(path: Path, what: Phrase, error: OSError | ValueError) -> Problem:
    """Why a path cannot be opened."""
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.ELOOP:
        return _special(path, what)
    if code == errno.ENXIO:  # a socket, or a device that is not there
        return Problem("file.special", path, what=what, kind=kind_of(path) or Phrase("file_device"))
    if code is None or code in (errno.ENAMETOOLONG, errno.EINVAL):
        return Problem("file.no_path", str(path)[:200], what=what, reason=getattr(error, "strerror", None) or error)
    if code in (errno.ENOENT, errno.ENOTDIR):
        return _missing(path, what)
    return Problem("file.permission", path, what=what, reason=getattr(error, "strerror", None) or error)


def _missing(path: Path, what: Phrase) -> Problem:
    folder = path.parent
    if not folder.is_dir():
        return Problem("file.missing_folder", path, what=what, folder=folder)
    with suppress(OSError):
        if path.is_symlink():
            return Problem("file.link", path, what=what, target=os.readlink(path))
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        names = []
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
    with opened(path) as stream:
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
    with opened(path) as stream:
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


def on_disk(path: str | os.PathLike[str]) -> list[Path]:
    """The files or folders that a name stands for: itself, the archive around a member, what a pattern matches.

    Parameters
    ----------
    path : str or PathLike
        A path, also one into an archive (``tiles.zip/a.tif``, ``/vsizip/tiles.zip/a.tif``), a pattern (``tiles/*.tif``)
        or what GDAL calls a part of a file (``NETCDF:"a.nc":depth``).

    Returns
    -------
    list of Path
        Sorted; empty where nothing is there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.zip").write_bytes(b"PK")
    ...     [file.name for file in on_disk(f"/vsizip/{folder}/a.zip/sub/b.tif")]
    ['a.zip']
    """
    name = os.fspath(path)
    inner = _MEMBER_OF.match(name) or _QUOTED.match(name)
    # A path makes one slash of two: /vsizip//data/a.zip has become /vsizip/data/a.zip.
    targets = [Path(name), *([Path(inner.group(1)), Path("/", inner.group(1))] if inner else [])]
    for target in targets:
        if os.path.lexists(target):
            return [target]
        # Names with a sign that an archive or a pattern could mean are looked at only when nothing is called so.
        for parent in (Path(str(target).partition("!")[0]), *target.parents):
            if os.path.isfile(parent):
                return [parent]
            if os.path.isdir(parent) and parent != target:
                break
    if glob.has_magic(name):
        return sorted(Path(item) for item in glob.glob(name, recursive=True))
    return []


def referred(path: str | os.PathLike[str]) -> list[Path]:
    """Every file that decides what a file or folder says: itself, its companions, the sources of a VRT, and theirs.

    Parameters
    ----------
    path : str or PathLike
        Of whatever kind; for an archive the archive itself.

    Returns
    -------
    list of Path
        In a fixed order, the file itself first; a source that is missing is named all the same.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("roads.shp", "roads.dbf", "roads.txt"):
    ...         _ = (Path(folder) / name).write_bytes(b"x")
    ...     [file.name for file in referred(Path(folder) / "roads.shp")]
    ['roads.shp', 'roads.dbf']
    """
    seen: dict[Path, None] = {}
    waiting = on_disk(path)
    while waiting and len(seen) < _MOST_REFERRED:
        file = waiting.pop(0)
        if file in seen:
            continue
        if file.is_dir():
            inside = (entry for entry in file.rglob("*") if entry.is_file())
            seen.update(dict.fromkeys(sorted(inside)))
            continue
        seen[file] = None
        beside = _companions(file)
        seen.update(dict.fromkeys(beside))
        waiting += [part for one in (file, *beside) for name in _named_inside(one) for part in on_disk(name) or [name]]
    return list(seen)


def _companions(file: Path) -> list[Path]:
    """Files beside a file that belong to it, with endings in small letters or capitals."""
    own = file.suffix.lower()
    instead = _INSTEAD.get(own, _FLAT if own in (".bil", ".bip", ".bsq", ".flt", ".dat", ".raw", ".bin", "") else ())
    beside = [f"{file.stem}{ending}" for ending in instead] + [f"{file.name}{ending}" for ending in _BEHIND]
    # In the folder of ten thousand tiles a listing for each would take minutes: the usual spellings are looked for.
    spelt = [f"{file.stem}{ending.upper()}" for ending in instead]
    names = [name for name in dict.fromkeys([*beside, *spelt]) if name != file.name]
    # An empty one (the log of a database that somebody looks at) says nothing.
    return [other for name in names if _counts(other := file.parent / name)]


def _counts(file: Path) -> bool:
    """Whether something is there that says something: an empty file does not, a pipe is for the gate to refuse."""
    return kind_of(file) is not None or (os.path.isfile(file) and file.stat().st_size > 0)


def _named_inside(file: Path) -> Iterator[Path]:
    """The sources that a virtual dataset names, from where it lies."""
    try:
        if not stat.S_ISREG(file.stat().st_mode) or file.stat().st_size > _LONGEST_VRT:
            return
        if file.suffix.lower() not in (".vrt", ".gti") and not beginning(file, 8).startswith((b"<VRT", b"<OGRVRT")):
            return
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for options, name in _SOURCES.findall(text):
        relative = re.search(r"""relativeToVRT\s*=\s*["']?(1|true|yes)""", options, re.IGNORECASE)
        target = unescape(name).strip()
        if target:
            yield file.parent / target if relative else Path(target)


def stamp(path: str | os.PathLike[str]) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file that decides what a file says: equal ones mean that nothing was touched.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.bin"
    ...     _ = file.write_bytes(b"abc")
    ...     [(Path(name).name, size) for name, _, size in stamp(file)]
    [('a.bin', 3)]
    """
    marks = []
    for file in referred(path):
        try:
            facts = file.stat()
        except OSError:
            marks.append((str(file), 0, -1))
        else:
            marks.append((str(file), facts.st_mtime_ns, facts.st_size))
    return tuple(marks)


def checksum(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file with all that belongs to it (see :func:`referred`), or of a folder with the names in it.

    Read in pieces: memory does not depend on the size. Where the files lie does not count, what they hold does.

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
    places = on_disk(path)
    if not places:
        raise LayerError(_missing(Path(path), Phrase("file_or_folder")))
    digest = hashlib.sha256()
    own = places[0] if len(places) == 1 else None
    for file in referred(path):
        if file != own:
            digest.update(_name_within(file, own).encode("utf-8", "surrogateescape") + b"\0")
        # A source that is not there is told by the reader; it has a part in the identity by its name.
        if file in places or os.path.lexists(file):
            _update(digest, file)
    return digest.hexdigest()


def _name_within(file: Path, own: Path | None) -> str:
    """What a file is called in a checksum: its place in the folder, or what it adds to the name of the file."""
    if own is not None and own.is_dir():
        return file.relative_to(own).as_posix()
    return file.name if own is None else file.name.removeprefix(own.stem)


def _update(digest: hashlib._Hash, path: Path) -> None:
    with opened(path) as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
