"""One layer of a vector file as a frame with a CRS, codes as text, names ungarbled."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError

from riskzoning.admin import suggest_crs
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, first_few
from riskzoning.files import existing, text_beginning
from riskzoning.io.tables import renamed
from riskzoning.io.tables.cells import is_code_column
from riskzoning.io.vectors.geojson import check_content, is_geojson, utf8_content
from riskzoning.io.vectors.shapefiles import RAW, check_companions, decode_frame

__all__ = ["read_vector", "vector_crs"]

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
    crs: Any = None,
    columns: Mapping[str, str] | None = None,
    name: str | None = None,
) -> gpd.GeoDataFrame:
    """A layer of a vector file.

    Parameters
    ----------
    layer : str, optional
        Needed when the file has several.
    encoding : str, optional
        Of a shapefile; default: its .cpg, else UTF-8 where that fits, else GB18030.
    crs : optional
        CRS of a file that has none.
    columns : mapping, optional
        Name that is wanted -> name in the file.
    name : str, optional
        What messages call the layer.

    Returns
    -------
    GeoDataFrame
        ``attrs``: ``source``, ``rows``; columns of codes are text.

    Raises
    ------
    MissingCRSError
        No CRS; the message says which one the coordinates suggest.
    LayerError
        Missing, empty, not a vector file, several layers and none named, a CRS that contradicts the file.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> read_vector(sample_study().parent / "admin.gpkg", layer="county").code.iloc[0]
    '410702'
    """
    found = existing(path, what=Phrase("vector_file"))
    if found.suffix.lower() == ".shp":
        check_companions(found)
    content = utf8_content(found, encoding) if is_geojson(found) else None
    chosen = _layer(found, layer, content)
    frame = _read(found, chosen, encoding, content)
    if is_geojson(found) and (frame.empty or frame.geometry.isna().any()):
        check_content(found, encoding)
    frame = _with_crs(frame, crs, found)
    frame = _codes_as_text(frame)
    frame = renamed(frame, columns, thing=str(found))
    missing = int(frame.geometry.isna().sum())
    frame.attrs = {"source": found.name, "rows": len(frame)}
    if missing:
        frame.attrs["dropped"] = [f"{missing} rows without geometry (kept as empty)"]
    return frame


def _layer(path: Path, wanted: str | None, content: bytes | None) -> str | None:
    try:
        listed = pyogrio.list_layers(path if content is None else content)
        layers = [str(item[0]) for item in listed]
    except Exception as error:  # noqa: BLE001 - GDAL and pyogrio have many kinds of failure
        if is_geojson(path):
            check_content(path)
        words = text_beginning(path) if path.suffix.lower() not in _TEXT_FORMATS else None
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        found = f"is text (it begins with '{words}')" if words else f"cannot be opened ({reason})"
        required = "a GeoPackage, GeoJSON or shapefile"
        raise LayerError(
            Problem(str(path), found, required, "Open it in a GIS and export it again.", rule="file.format")
        ) from None
    if wanted is not None:
        if wanted in layers:
            return wanted
        found = f"has no layer '{wanted}'"
        raise LayerError(Problem(str(path), found, f"one of {first_few(layers)}", "Correct it.", rule="vector.layer"))
    spatial = [str(item[0]) for item in listed if item[1] is not None] or layers
    if len(spatial) > 1:
        raise LayerError(
            Problem(
                str(path),
                f"has {len(spatial)} layers: {first_few(spatial, shown=10)}",
                "one layer",
                'Name it with "layer:" in study.yaml.',
                rule="vector.layer",
            )
        )
    if not spatial:
        raise LayerError(Problem(str(path), "has no layer", "one layer or more", "Export again.", rule="vector.layer"))
    return spatial[0]


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
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        required = "a vector layer that can be read"
        raise LayerError(
            Problem(str(path), f"cannot be read ({reason})", required, "Export it again.", rule="file.format")
        ) from None
    if not isinstance(frame, gpd.GeoDataFrame):
        required = "a layer with geometry"
        raise LayerError(Problem(str(path), "has no geometry", required, "Name another layer.", rule="vector.geometry"))
    return frame


def _driver(path: Path, layer: str | None) -> str:
    return str(pyogrio.read_info(path, layer=layer, encoding=RAW)["driver"])


def _with_crs(frame: gpd.GeoDataFrame, declared: Any, path: Path) -> gpd.GeoDataFrame:
    if declared is None:
        if frame.crs is None:
            raise MissingCRSError(
                Problem(
                    str(path),
                    "has no coordinate reference system",
                    f"every layer needs one; {suggest_crs(frame.total_bounds)}",
                    'Declare it in study.yaml with "crs: EPSG:...".',
                    rule="layer.crs",
                )
            )
        return frame
    try:
        wanted = CRS.from_user_input(declared)
    except CRSError:
        fix = 'Correct "crs:" in study.yaml.'
        raise LayerError(
            Problem(str(path), f"is declared with the CRS '{declared}'", "a known CRS", fix, rule="layer.crs")
        ) from None
    if frame.crs is None:
        return frame.set_crs(wanted)
    if frame.crs != wanted:
        raise LayerError(
            Problem(
                str(path),
                f"says CRS {frame.crs.to_string()[:40]} but {declared} is declared",
                "one CRS",
                'Remove "crs:" from study.yaml if the file is right, or correct the CRS in the file.',
                rule="layer.crs_conflict",
            )
        )
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
