"""One layer of a vector file as a frame with a CRS, codes as text, names ungarbled."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyproj import CRS

from riskzoning.admin import suggest_crs
from riskzoning.admin.crs import crs_name
from riskzoning.codes import is_code_column
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, RiskZoningError, decided, note
from riskzoning.files import text_beginning
from riskzoning.io.contradiction import check_usable, known_crs
from riskzoning.io.tables.reading import renamed, unique_names
from riskzoning.io.vectors.columnar import COLUMNAR, read_columnar
from riskzoning.io.vectors.containers import Source, source_of
from riskzoning.io.vectors.coordinates import without_broken
from riskzoning.io.vectors.geojson import GEOJSON, check_content, utf8_content
from riskzoning.io.vectors.naming import plain_name
from riskzoning.io.vectors.shapefiles import RAW, check_companions, decode_frame

_TEXT_FORMATS = (*GEOJSON, ".kml", ".gml", ".gmt", ".csv")


def vector_crs(path: str | os.PathLike[str], layer: str | None = None) -> str | None:
    """The CRS that a vector file states, as ``EPSG:...`` where it has a code; None where it states none.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> vector_crs(sample_study().parent / "admin.gpkg", "county")
    'EPSG:4490'
    """
    try:
        source = source_of(Path(path), layer)
        if source.suffix in COLUMNAR:
            crs = read_columnar(source).crs
            return None if crs is None else crs_name(crs)
        stated = pyogrio.read_info(plain_name(source.target), layer=source.layer)["crs"]
    except (RiskZoningError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        return None
    return str(stated) if stated else None


def read_vector(
    path: str | os.PathLike[str],
    *,
    layer: str | None = None,
    encoding: str | None = None,
    crs: object = None,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
    identifier: str | None = None,
) -> gpd.GeoDataFrame:
    """Read one layer of a vector file: GeoPackage, file geodatabase, GeoJSON, GeoParquet, shapefile and others of GDAL.

    Parameters
    ----------
    path : path
        A file, a folder ``.gdb``, or a folder or zip with one of them inside, at any depth of the zip.
    layer : str, optional
        Name of the layer, or of the file in a folder or zip; needed if there are several.
    encoding : str, optional
        Encoding of a shapefile; by default that of its .cpg, else UTF-8 if the bytes fit, else GB18030.
    crs : optional
        CRS of a file that has none, as pyproj takes it.
    columns : mapping, optional
        Wanted name of a column -> its name in the file.
    name : str, optional
        Name of the input, for messages.
    identifier : str, optional
        A column that is needed; where no column is called so but the number of a feature is (``fid``, ``OBJECTID``),
        it becomes one, as text. The same holds for the names in ``columns``.

    Returns
    -------
    GeoDataFrame
        With a CRS; columns of codes are text. ``attrs``: ``source`` (file name), ``rows``. Rows without geometry stay,
        and that is noted; so do rows with coordinates that are no numbers, without their geometry. A name of a column
        that stands there twice is numbered.

    Raises
    ------
    MissingCRSError
        The file has no CRS; the message says which one its coordinates suggest.
    LayerError
        The file is missing, empty, cut off or not a vector file; it has several layers and none is named; its CRS is
        not the declared one.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> read_vector(sample_study().parent / "admin.gpkg", layer="county").code.iloc[0]
    '410702'
    """
    source = source_of(Path(path), layer)
    file = source.path
    thing: Phrase | str = Phrase("input_file", name=name, path=str(file)) if name else str(file)
    if source.suffix == ".shp":
        check_companions(source)
    frame = _read(source, encoding, identifiers=_identifiers(columns, identifier))
    if source.suffix in GEOJSON and (frame.empty or frame.geometry.isna().any()):
        check_content(source.content(), source.path, encoding)
    frame = _with_crs(frame, crs, file)
    frame = _numbered(frame, thing)
    frame = _codes_as_text(frame)
    frame = renamed(frame, columns, thing=thing)
    frame = without_broken(frame, thing)
    frame.attrs = {"source": file.name, "rows": len(frame)}
    decided(file, "crs", crs_name(CRS(frame.crs)), why="file" if crs is None else "option")
    return frame


def _identifiers(columns: Mapping[str, str] | None, identifier: str | None) -> set[str]:
    """Names of columns that are asked for, in small letters: one of them may be the number of the feature."""
    return {name.lower() for name in ((columns or {}).values())} | ({identifier.lower()} if identifier else set())


def _layer(source: Source, opened: str | bytes) -> str | None:
    """The layer to read: the one that is named, or the only one with geometry."""
    path, wanted = source.path, source.layer
    try:
        listed = pyogrio.list_layers(opened)
        layers = [str(item[0]) for item in listed]
    except Exception as error:  # noqa: BLE001 - GDAL and pyogrio have many kinds of failure
        raise LayerError(_unreadable(source, error)) from None
    if wanted is not None:
        if wanted in layers:
            return wanted
        raise LayerError(Problem("vector.layer", path, wanted=wanted, layers=layers))
    spatial = [str(item[0]) for item in listed if item[1] is not None] or layers
    if len(spatial) > 1:
        raise LayerError(Problem("vector.layers", path, count=len(spatial), layers=spatial))
    if not spatial:
        raise LayerError(Problem("vector.no_layer", path))
    return spatial[0]


def _unreadable(source: Source, error: Exception, rule: str = "vector.unreadable") -> Problem:
    """Why a layer cannot be opened, in words of ours where the library's are known."""
    path, text = source.path, str(error)
    if source.suffix in GEOJSON:
        try:
            check_content(source.content(), path)
        except LayerError as reason:
            return reason.problems[0]
    if "locked" in text or "SQLITE_BUSY" in text:
        return Problem("vector.locked", path)
    words = text_beginning(path) if not path.is_dir() and source.suffix not in _TEXT_FORMATS else None
    if words:
        return Problem("vector.text", path, words=words)
    if "not recognized" in text or "file is not a database" in text or "malformed" in text:
        return Problem("vector.no_format" if rule == "vector.unreadable" else "vector.damaged", path)
    return Problem(rule, path, reason=_first_line(error))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _read(source: Source, encoding: str | None, identifiers: set[str]) -> gpd.GeoDataFrame:
    if source.suffix in COLUMNAR:
        return read_columnar(source)
    content = utf8_content(source, encoding) if source.suffix in GEOJSON else None
    opened = plain_name(source.target) if content is None else content
    layer = _layer(source, opened)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            raw = RAW if source.suffix == ".shp" else None
            # A layer without a name of its own is called anew at each opening of a content.
            named = layer if content is None else None
            facts = pyogrio.read_info(opened, layer=named, encoding=raw)
            frame = pyogrio.read_dataframe(opened, layer=named, encoding=raw, fid_as_index=True)
    except Exception as error:  # noqa: BLE001 - as above
        raise LayerError(_unreadable(source, error, "vector.layer_unreadable")) from None
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayerError(Problem("vector.no_geometry", source.path))
    frame = _with_number(frame, str(facts.get("fid_column") or ""), identifiers)
    return decode_frame(frame, source, encoding) if raw else frame


def _with_number(frame: gpd.GeoDataFrame, own: str, identifiers: set[str]) -> gpd.GeoDataFrame:
    """The frame numbered from 0; the number of the feature becomes a column when it is asked for (fid, OBJECTID)."""
    present = {str(name).lower() for name in frame.columns}
    names = [name for name in (own, "fid") if name and name.lower() in identifiers and name.lower() not in present]
    numbers = [str(number) for number in frame.index]
    frame = frame.reset_index(drop=True)
    for name in names[:1]:
        frame.insert(0, name, pd.Series(numbers, dtype=object))
    return frame


def _with_crs(frame: gpd.GeoDataFrame, declared: object, path: Path) -> gpd.GeoDataFrame:
    own = None if frame.crs is None or frame.crs.is_engineering else frame.crs
    if declared is None:
        if own is None:
            raise MissingCRSError(Problem("vector.crs_missing", path, hint=suggest_crs(frame.total_bounds)))
        check_usable(path, own)
        return frame
    wanted = known_crs(path, declared)
    if own is None:
        return frame.set_crs(wanted, allow_override=True)
    if not own.equals(wanted, ignore_axis_order=True):
        stated = own.to_string()[:40]
        raise LayerError(Problem("layer.crs_conflict", path, stated=stated, declared=str(declared)))
    return frame


def _numbered(frame: gpd.GeoDataFrame, thing: Phrase | str) -> gpd.GeoDataFrame:
    """The frame with each name of a column once: names cut at 10 bytes, or written twice, are numbered."""
    names = [str(name) for name in frame.columns]
    once = unique_names(names)
    if once == names:
        return frame
    doubled = [name for name, own in zip(names, once, strict=True) if name != own]
    new = [own for name, own in zip(names, once, strict=True) if name != own]
    note(Problem("vector.names_twice", thing, severity="warning", columns=doubled, new=new))
    geometry = frame.geometry
    out = frame.drop(columns=frame.geometry.name) if names.count(frame.geometry.name) == 1 else frame
    out.columns = pd.Index([own for name, own in zip(names, once, strict=True) if name != geometry.name])
    return gpd.GeoDataFrame(out, geometry=geometry, crs=frame.crs)


def _codes_as_text(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    out = frame
    for column in frame.columns:
        if column == frame.geometry.name or not is_code_column(column):
            continue
        if pd.api.types.is_numeric_dtype(frame[column]):
            if out is frame:
                out = frame.copy()
            whole = frame[column].dropna() % 1 == 0
            if bool(whole.all()):
                out[column] = [None if pd.isna(value) else str(int(value)) for value in frame[column]]
    return out
