"""One layer of a vector file as a frame with a CRS, codes as text, names ungarbled."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from riskzoning.admin import suggest_crs
from riskzoning.codes import is_code_column
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, note
from riskzoning.files import existing, text_beginning
from riskzoning.io.contradiction import known_crs
from riskzoning.io.tables.reading import renamed
from riskzoning.io.vectors.geojson import check_content, is_geojson, utf8_content
from riskzoning.io.vectors.shapefiles import RAW, check_companions, decode_frame

_TEXT_FORMATS = (".geojson", ".json", ".kml", ".gml", ".gmt", ".csv")
_SHAPEFILE = "ESRI Shapefile"


def vector_crs(path: str | os.PathLike[str], layer: str | None = None) -> str | None:
    """The CRS that a vector file states, as ``EPSG:...`` where it has a code; None where it states none.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> vector_crs(sample_study().parent / "admin.gpkg", "county")
    'EPSG:4490'
    """
    try:
        stated = pyogrio.read_info(path, layer=layer)["crs"]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
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
) -> gpd.GeoDataFrame:
    """Read one layer of a vector file: GeoPackage, GeoJSON or shapefile.

    Parameters
    ----------
    path : path
    layer : str, optional
        Name of the layer; needed if the file has several.
    encoding : str, optional
        Encoding of a shapefile; by default that of its .cpg, else UTF-8 if the bytes fit, else GB18030.
    crs : optional
        CRS of a file that has none, as pyproj takes it.
    columns : mapping, optional
        Wanted name of a column -> its name in the file.
    name : str, optional
        Name of the input, for messages.

    Returns
    -------
    GeoDataFrame
        With a CRS; columns of codes are text. ``attrs``: ``source`` (file name), ``rows``. Rows without geometry stay,
        and that is noted.

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
    file = existing(path, what=Phrase("vector_file"))
    thing: Phrase | str = Phrase("input_file", name=name, path=str(file)) if name else str(file)
    if file.suffix.lower() == ".shp":
        check_companions(file)
    content = utf8_content(file, encoding) if is_geojson(file) else None
    chosen = _layer(file, layer, content)
    frame = _read(file, chosen, encoding, content)
    if is_geojson(file) and (frame.empty or frame.geometry.isna().any()):
        check_content(file, encoding)
    frame = _with_crs(frame, crs, file)
    frame = _codes_as_text(frame)
    frame = renamed(frame, columns, thing=thing)
    missing = int(frame.geometry.isna().sum())
    if missing:
        note(Problem("vector.without_geometry", thing, severity="info", count=missing))
    frame.attrs = {"source": file.name, "rows": len(frame)}
    return frame


def _layer(path: Path, wanted: str | None, content: bytes | None) -> str | None:
    try:
        listed = pyogrio.list_layers(path if content is None else content)
        layers = [str(item[0]) for item in listed]
    except Exception as error:  # noqa: BLE001 - GDAL and pyogrio have many kinds of failure
        if is_geojson(path):
            check_content(path)
        words = text_beginning(path) if path.suffix.lower() not in _TEXT_FORMATS else None
        if words:
            raise LayerError(Problem("vector.text", path, words=words)) from None
        raise LayerError(Problem("vector.unreadable", path, reason=_first_line(error))) from None
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


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _read(path: Path, layer: str | None, encoding: str | None, content: bytes | None) -> gpd.GeoDataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if path.suffix.lower() in (".shp", ".zip") and _driver(path, layer) == _SHAPEFILE:
                frame = pyogrio.read_dataframe(path, layer=layer, encoding=RAW)
                if isinstance(frame, gpd.GeoDataFrame):
                    frame = decode_frame(frame, path, encoding)
            else:
                # A layer without a name of its own is called anew at each opening of a content.
                source, named = (path, layer) if content is None else (content, None)
                frame = pyogrio.read_dataframe(source, layer=named)
    except LayerError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        raise LayerError(Problem("vector.layer_unreadable", path, reason=_first_line(error))) from None
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayerError(Problem("vector.no_geometry", path))
    return frame


def _driver(path: Path, layer: str | None) -> str:
    return str(pyogrio.read_info(path, layer=layer, encoding=RAW)["driver"])


def _with_crs(frame: gpd.GeoDataFrame, declared: object, path: Path) -> gpd.GeoDataFrame:
    if declared is None:
        if frame.crs is None:
            raise MissingCRSError(Problem("vector.crs_missing", path, hint=suggest_crs(frame.total_bounds)))
        return frame
    wanted = known_crs(path, declared)
    if frame.crs is None:
        return frame.set_crs(wanted)
    if frame.crs != wanted:
        stated = frame.crs.to_string()[:40]
        raise LayerError(Problem("layer.crs_conflict", path, stated=stated, declared=str(declared)))
    return frame


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
