"""What a path names: a file, a member of an archive, or tiles that lie beside each other as one mosaic."""

from __future__ import annotations

import glob
import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.files import beginning, existing, on_disk
from riskzoning.limits import FOLDER_FILES, UNPACKED_BYTES
from riskzoning.rasters.facts import RasterFacts
from riskzoning.rasters.placing import Orientation

# Endings of rasters that come as tiles or packed; NetCDF and Zarr hold variables, not tiles.
_ENDINGS = (".tif", ".tiff", ".img", ".asc", ".jp2", ".bil", ".flt", ".hgt", ".dem", ".sdat", ".dt1", ".dt2", ".vrt")
_REMOTE = re.compile(r"^(https?|ftp|s3|gs|az|oss):/|^/vsi(curl|s3|gs|az|oss|swift|hdfs|webhdfs|adls)", re.IGNORECASE)
_PACKED = re.compile(r"^(/vsi(tar|gzip|7z|rar)/|(tar|gzip):/)|\.(tar|tgz|gz|bz2|xz|7z|rar)$", re.IGNORECASE)
_MARKS_OF_GRIDS = ("hdr.adf", "w001001.adf")
_MOST_TILES = 5000
# Cells of neighbours are on one lattice within this share of a cell; neighbours may repeat this share of a tile.
_LATTICE, _COLLAR = 1e-3, 0.1


# Left, top, width and height of a tile in the mosaic, in cells.
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Place:
    """What GDAL is to open for a path: one name, or the names of tiles."""

    path: Path
    names: tuple[str, ...]


def place_of(path: Path) -> Place:
    """What a path names, looked at from outside: nothing is opened as a raster yet."""
    text = os.fspath(path)
    if _REMOTE.match(text) and not os.path.lexists(path):
        raise LayerError(Problem("raster.remote", text))
    if path.is_dir():
        return _folder(path)
    if os.path.isfile(path):
        existing(path, what=Phrase("raster_file"))
        if beginning(path, 4) == b"PK\x03\x04":
            return _archive(path, path, None)
        if _PACKED.search(text):
            raise LayerError(Problem("raster.packed", path))
        return Place(path, (os.path.abspath(path),))
    if os.path.lexists(path):
        existing(path, what=Phrase("raster_file"))
    return _elsewhere(path)


def _elsewhere(path: Path) -> Place:
    """Nothing is called so: a member of an archive, or a pattern of names."""
    outer = on_disk(path)
    if _PACKED.match(os.fspath(path)):
        raise LayerError(Problem("raster.packed", path))
    if len(outer) == 1 and outer[0].is_file() and beginning(outer[0], 4) == b"PK\x03\x04":
        inner = os.fspath(path).replace("!", "/", 1).partition(outer[0].name)[2].strip("/}")
        return _archive(path, outer[0], inner)
    if outer and glob.has_magic(os.fspath(path)):
        return _tiles(path, [item for item in outer if item.is_file()])
    existing(path, what=Phrase("raster_file"))
    return Place(path, (os.path.abspath(path),))


def _folder(path: Path) -> Place:
    existing(path, what=Phrase("raster_file"), folder=True)
    if any((path / mark).is_file() for mark in _MARKS_OF_GRIDS):
        return Place(path, (os.path.abspath(path),))
    return _tiles(path, sorted(item for item in path.rglob("*") if item.is_file()))


def _tiles(path: Path, files: list[Path]) -> Place:
    """The rasters among files; a VRT speaks for the tiles beside it."""
    rasters = [file for file in files if file.suffix.lower() in _ENDINGS]
    virtual = [file for file in rasters if file.suffix.lower() == ".vrt"]
    rasters = virtual if len(virtual) == 1 else rasters
    if not rasters or len(rasters) > min(_MOST_TILES, FOLDER_FILES):
        names = [file.name for file in rasters or files]
        raise LayerError(Problem("raster.no_tiles", path, names=names, count=len(rasters), most=_MOST_TILES))
    for file in rasters:
        existing(file, what=Phrase("raster_file"))
    return Place(path, tuple(os.path.abspath(file) for file in rasters))


def _archive(path: Path, archive: Path, inner: str | None) -> Place:
    """Rasters in a zip, wherever in its folders."""
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [item for item in packed.infolist() if not item.is_dir()]
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise LayerError(Problem("raster.format", archive, reason=str(error).splitlines()[0])) from None
    rasters = [item for item in members if item.filename.lower().endswith(_ENDINGS)]
    if inner:
        rasters = [item for item in members if item.filename == inner or item.filename.startswith(f"{inner}/")]
    if not rasters or len(rasters) > _MOST_TILES:
        names = [item.filename for item in rasters or members]
        raise LayerError(Problem("raster.no_members", path, names=names, count=len(rasters), most=_MOST_TILES))
    locked = any(item.flag_bits & 1 for item in rasters)
    if locked or max(item.file_size for item in rasters) > UNPACKED_BYTES:
        raise LayerError(Problem("raster.packed", path))
    outer = os.path.abspath(archive)
    return Place(path, tuple(f"/vsizip/{{{outer}}}/{item.filename}" for item in sorted(rasters, key=_name)))


def _name(item: zipfile.ZipInfo) -> str:
    return item.filename


def mosaic(place: Place, tiles: list[list[RasterFacts]]) -> str:
    """Tiles on one lattice as a virtual dataset: XML that GDAL opens like a file; what does not fit is refused."""
    first = [bands[0] for bands in tiles]
    _check_alike(place, tiles)
    west, south, east, north = (
        function(bounds)
        for function, bounds in zip((min, min, max, max), zip(*(facts.bounds for facts in first)), strict=True)
    )
    width, height = first[0].resolution
    columns, rows = round((east - west) / width), round((north - south) / height)
    boxes = [
        (
            round((facts.bounds[0] - west) / width),
            round((north - facts.bounds[3]) / height),
            facts.shape[1],
            facts.shape[0],
        )
        for facts in first
    ]
    _check_apart(place, first, boxes)
    text = [f'<VRTDataset rasterXSize="{columns}" rasterYSize="{rows}">']
    text.append(f"<SRS>{escape(first[0].crs)}</SRS>" if first[0].crs else "")
    text.append(f"<GeoTransform>{west!r},{width!r},0,{north!r},0,{-height!r}</GeoTransform>")
    by_value = _one_nodata(tiles)
    for number in range(len(tiles[0])):
        text.append(_band(number, [bands[number] for bands in tiles], boxes, by_value=by_value))
    if not by_value:
        # A tile's mask is that of its first band: no-data value, mask band or alpha, whichever it has.
        masks = [
            _source(one, box, f"mask,{one.band}", "<NODATA>0</NODATA>") for one, box in zip(first, boxes, strict=True)
        ]
        text += ['<MaskBand><VRTRasterBand dataType="Byte">', *masks, "</VRTRasterBand></MaskBand>"]
    return "".join([*text, "</VRTDataset>"])


def _one_nodata(tiles: list[list[RasterFacts]]) -> bool:
    """Whether each band has the same no-data value in every tile, and nothing else that masks."""
    wanted = [repr(facts.nodata) for facts in tiles[0]]
    same = all([repr(facts.nodata) for facts in bands] == wanted for bands in tiles)
    return same and all(facts.nodata and not facts.masked for bands in tiles for facts in bands)


def _band(number: int, bands: list[RasterFacts], boxes: list[Box], *, by_value: bool) -> str:
    one = bands[0]
    kind = {"u": "UInt", "i": "Int", "f": "Float"}
    dtype = np.result_type(*(facts.dtype for facts in bands))
    name = "Byte" if dtype == np.uint8 else f"{kind[dtype.kind]}{8 * dtype.itemsize}"
    parts = [
        f'<VRTRasterBand dataType="{name}" band="{number + 1}">',
        f"<Description>{escape(one.band_names[one.band - 1])}</Description>" if any(one.band_names) else "",
        f"<UnitType>{escape(one.units)}</UnitType>" if one.units else "",
        f"<Offset>{one.offset!r}</Offset><Scale>{one.scale!r}</Scale>",
        f"<NoDataValue>{one.nodata[0]!r}</NoDataValue>" if by_value else "",
    ]
    for facts, box in zip(bands, boxes, strict=True):
        unseen = f"<NODATA>{facts.nodata[0]!r}</NODATA>" if by_value else "<UseMaskBand>true</UseMaskBand>"
        parts.append(_source(facts, box, str(facts.band), unseen))
    return "".join([*parts, "</VRTRasterBand>"])


def _source(facts: RasterFacts, box: Box, band: str, more: str) -> str:
    left, top, width, height = box
    return (
        f'<ComplexSource><SourceFilename relativeToVRT="0">{escape(facts.opens)}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand>"
        f'<SrcRect xOff="0" yOff="0" xSize="{width}" ySize="{height}"/>'
        f'<DstRect xOff="{left}" yOff="{top}" xSize="{width}" ySize="{height}"/>{more}</ComplexSource>'
    )


def _check_alike(place: Place, tiles: list[list[RasterFacts]]) -> None:
    """Refuse tiles that differ in what makes them one raster."""
    one = tiles[0][0]
    mixed = len(tiles[0]) > 1 and not _one_nodata(tiles) and any(f.nodata for bands in tiles for f in bands)
    differing: list[str] = []
    for bands in tiles:
        facts = bands[0]
        (width, height), (wanted, wanted_height) = facts.resolution, one.resolution
        same_cell = abs(width / wanted - 1) < 1e-6 and abs(height / wanted_height - 1) < 1e-6
        shift = [(facts.bounds[0] - one.bounds[0]) / wanted, (facts.bounds[3] - one.bounds[3]) / wanted_height]
        on_lattice = all(abs(value - round(value)) < _LATTICE for value in shift)
        alike = len(bands) == len(tiles[0]) and _kind(facts) == _kind(one)
        fits = same_cell and on_lattice and alike and not mixed
        if not fits or facts.orientation != Orientation() or facts.alpha:
            differing.append(os.path.basename(facts.opens))
    if differing:
        raise LayerError(Problem("raster.tiles_differ", place.path, names=differing, first=os.path.basename(one.opens)))


def _kind(facts: RasterFacts) -> tuple[object, ...]:
    return facts.crs, facts.scale, facts.offset, facts.units


def _check_apart(place: Place, tiles: list[RasterFacts], boxes: list[Box]) -> None:
    """Refuse rasters that lie on each other: they are no tiles, but layers of their own."""
    order = sorted(range(len(boxes)), key=lambda i: boxes[i][0])
    for at, i in enumerate(order):
        left, top, width, height = boxes[i]
        for j in order[at + 1 :]:
            other_left, other_top, other_width, other_height = boxes[j]
            if other_left >= left + width:
                break
            across = min(left + width, other_left + other_width) - other_left
            down = min(top + height, other_top + other_height) - max(top, other_top)
            least = min(width * height, other_width * other_height)
            if across > 0 and down > 0 and across * down > _COLLAR * least and min(across, down) > 2:
                names = [os.path.basename(tiles[k].opens) for k in (i, j)]
                raise LayerError(Problem("raster.tiles_overlap", place.path, names=names))


def names_rasters(path: Path) -> bool:
    """Whether a path stands for rasters: by its ending, or by what is in the folder, archive or pattern."""
    text = os.fspath(path).lower()
    if text.endswith((*_ENDINGS, ".nc", ".nc4", ".zarr", ".zarr.zip", ".cdf", ".grd", ".grb", ".grib", ".grib2")):
        return True
    if path.is_file() and path.suffix.lower() != ".zip":
        return False
    try:
        place = place_of(path)
    except LayerError:
        return False
    return bool(place.names)
