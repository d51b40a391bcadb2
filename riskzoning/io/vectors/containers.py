"""What a person names as a vector layer: a file, a file geodatabase, or a folder or zip with one of them inside."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from riskzoning.errors import LayerError, Phrase, Problem, decided
from riskzoning.files import beginning, existing
from riskzoning.io.unpacking import check_unpacked

# Endings of what can be read, the likelier ones first; .json may be anything and is looked at last.
_FORMATS = (
    ".gpkg", ".shp", ".gdb", ".geojson", ".parquet", ".geoparquet", ".fgb", ".feather", ".arrow", ".tab", ".mif",
    ".sqlite", ".gml", ".kml", ".gmt",
)  # fmt: skip
_LAST = (".json",)
_SHAPEFILE_PARTS = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qpj")
_GDB_PARTS = (".gdbtable", ".gdbtablx", ".gdbindexes", ".atx", ".spx", ".freelist")
_PACKED = {b"Rar!": "RAR", b"7z\xbc\xaf": "7z"}
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Source:
    """What is opened: the path that a person named, and the member in it where it is a folder or an archive.

    ``target`` is what GDAL opens, ``suffix`` the ending of the layer's own file, ``layer`` what is still to be chosen
    in it.
    """

    path: Path
    target: str
    suffix: str
    layer: str | None = None
    member: str | None = None

    @property
    def packed(self) -> bool:
        """Whether it lies in an archive."""
        return self.target.startswith("/vsi")

    def content(self) -> bytes:
        """The bytes of the file."""
        if not self.packed:
            return Path(self.target).read_bytes()
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(str(self.member))

    def beside(self, ending: str) -> bytes | None:
        """The bytes of the file with another ending beside it, in small or capital letters; None without one."""
        if not self.packed:
            near = Path(self.target)
            there = (near.with_suffix(end) for end in (ending, ending.upper()))
            return next((file.read_bytes() for file in there if file.is_file()), None)
        member = PurePosixPath(str(self.member))
        with zipfile.ZipFile(self.path) as archive:
            for candidate in (member.with_suffix(ending), member.with_suffix(ending.upper())):
                if str(candidate) in archive.namelist():
                    return archive.read(str(candidate))
        return None


def source_of(path: Path, layer: str | None = None) -> Source:
    """The layer behind a path: the file itself, or the one in a folder or zip that ``layer`` names or that is alone."""
    path = _whole(path)
    file = existing(path, what=Phrase("vector_file"), folder=True)
    if file.is_dir():
        if _is_geodatabase(entry.name for entry in file.iterdir()) or file.suffix.lower() == ".gdb":
            return Source(file, str(file), ".gdb", layer)
        return _in_folder(file, layer)
    first = beginning(file, 4)
    if first in _PACKED:
        raise LayerError(Problem("vector.packed", file, kind=_PACKED[first]))
    if first == _ZIP and file.suffix.lower() not in _FORMATS:
        return _in_zip(file, layer)
    suffix = ".parquet" if first == b"PAR1" else file.suffix.lower()
    return Source(file, str(file), suffix, layer)


def _whole(path: Path) -> Path:
    """The shapefile or geodatabase of which a path names a part."""
    ending = path.suffix.lower()
    if ending in _SHAPEFILE_PARTS:
        whole = next((path.with_suffix(end) for end in (".shp", ".SHP") if path.with_suffix(end).is_file()), path)
    else:
        inside = ending in _GDB_PARTS or path.name in ("gdb", "timestamps")
        whole = path.parent if inside and path.parent.suffix.lower() == ".gdb" else path
    if whole != path:
        decided(path, "layer", str(whole), why="name")
    return whole


def _is_geodatabase(names: Iterable[str]) -> bool:
    return any(name.lower().endswith(".gdbtable") for name in names)


def _in_folder(folder: Path, layer: str | None) -> Source:
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "~$")))
    parts = [entry for entry in entries if entry.suffix.lower() == ".parquet"]
    if parts and len(parts) == len(entries) and (len(parts) > 1 or folder.suffix.lower() == ".parquet"):
        return Source(folder, str(folder), ".parquet", layer)
    names = _datasets({entry.name: entry.name for entry in entries})
    if not names:
        existing(folder, what=Phrase("vector_file"))  # says that it is a folder, and what is in it
    name, inner = _chosen(folder, names, layer)
    return Source(folder, str(folder / name), PurePosixPath(name).suffix.lower(), inner, name)


def _in_zip(path: Path, layer: str | None) -> Source:
    try:
        with zipfile.ZipFile(path) as archive:
            check_unpacked(path, archive)
            members = {info.filename: _readable(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise LayerError(Problem("vector.zip", path, reason=error)) from None
    names = _datasets({raw: shown for raw, shown in members.items() if not shown.startswith("__MACOSX")})
    if not names:
        inside = [shown for shown in members.values() if not shown.endswith("/")]
        raise LayerError(Problem("vector.zip_empty", path, members=inside))
    name, inner = _chosen(path, names, layer)
    target = f"/vsizip/{{{path.absolute()}}}/{name}"
    return Source(path, target, PurePosixPath(name).suffix.lower(), inner, name)


def _readable(info: zipfile.ZipInfo) -> str:
    """The name of a member as it was meant: zips of Chinese Windows keep GBK and do not say so."""
    if info.filename.isascii() or info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _datasets(names: Mapping[str, str]) -> dict[str, str]:
    """What can be read among the names of files, and how each is shown; a geodatabase is its folder."""
    kept: dict[str, str] = {}
    for name, shown in names.items():
        place = PurePosixPath(name)
        base = next((item for item in (place, *place.parents) if item.suffix.lower() == ".gdb"), None)
        if base is not None:
            kept[str(base)] = "/".join(PurePosixPath(shown).parts[: len(base.parts)])
        elif not place.name.startswith(".") and place.suffix.lower() in (*_FORMATS, *_LAST):
            kept[name] = shown
    sure = {name: shown for name, shown in kept.items() if PurePosixPath(name).suffix.lower() not in _LAST}
    return sure or kept


def _chosen(path: Path, names: Mapping[str, str], layer: str | None) -> tuple[str, str | None]:
    """The one that ``layer`` names or that is alone, and the layer that is still to be chosen in it."""
    named = [name for name, shown in names.items() if layer is not None and layer in _called(shown)]
    if not named and len(names) > 1:
        files = list(names.values())
        if layer is None:
            raise LayerError(Problem("vector.several_files", path, count=len(files), files=files))
        raise LayerError(Problem("vector.layer", path, wanted=layer, layers=files))
    name = named[0] if named else next(iter(names))
    decided(path, "layer", names[name], why="option" if named else "file")
    return name, None if named else layer


def _called(shown: str) -> tuple[str, ...]:
    place = PurePosixPath(shown)
    return shown, place.name, place.stem
