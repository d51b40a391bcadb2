"""GeoPackages: layers and tables in one file, the same bytes for the same content."""

from __future__ import annotations

import datetime
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.files import existing
from riskzoning.io.vectors.naming import plain_name
from riskzoning.io.writing.atomic import atomic

_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON"}


@contextmanager
def _fixed_date(date: str | datetime.date | None) -> Iterator[None]:
    """The clock columns of a GeoPackage come from the study's date."""
    day = "2000-01-01" if date is None else str(date)[:10]
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{day}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_vector(
    path: str | os.PathLike[str],
    layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame],
    *,
    date: str | datetime.date | None = None,
    keep: bool = False,
) -> None:
    """Layers (GeoDataFrames) and tables (DataFrames) into one GeoPackage; GeoJSON takes a single layer.

    The file is written beside its place and renamed, so readers see the old or the new one.

    Parameters
    ----------
    layers : mapping
        Name -> frame; the index is not written.
    date : date, optional
        Stands in the clock columns instead of now.
    keep : bool
        Whether the other layers of a GeoPackage that is there already stay in it.

    Raises
    ------
    LayerError
        Unknown ending, several layers for GeoJSON, or (with ``keep``) a file that is no GeoPackage or is in use.
    RunError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from shapely import Point
    >>> points = gpd.GeoDataFrame({"code": ["1"]}, geometry=[Point(114, 35)], crs="EPSG:4490")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_vector(Path(folder) / "a.gpkg", {"points": points, "notes": pd.DataFrame({"x": [1]})})
    ...     pyogrio.list_layers(Path(folder) / "a.gpkg")[:, 0].tolist()
    ['points', 'notes']
    """
    suffix = os.path.splitext(str(path))[1].lower()
    if suffix not in _DRIVERS:
        raise LayerError(Problem("output.format", path, ending=suffix))
    if suffix != ".gpkg" and len(layers) != 1:
        raise LayerError(Problem("output.format_layers", path, count=len(layers)))
    kept = keep and suffix == ".gpkg" and Path(path).exists()
    with atomic(path) as partial, _fixed_date(date):
        if kept:
            _copied(Path(path), partial)
        for number, (name, frame) in enumerate(layers.items()):
            options: dict[str, Any] = {"driver": _DRIVERS[suffix], "append": False}
            if suffix == ".gpkg":
                options["layer"] = name
                options["dataset_options"] = {"VERSION": "1.3"} if number == 0 and not kept else None
            given = {key: value for key, value in options.items() if value is not None}
            pyogrio.write_dataframe(_writable(frame), plain_name(str(partial)), **given)


def _copied(path: Path, target: Path) -> None:
    """A GeoPackage as it is now, with what a program that has it open has written already."""
    try:
        existing(path, what=Phrase("vector_file"))
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as source:
            if not source.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_contents'").fetchall():
                raise LayerError(Problem("output.not_geopackage", path, reason="gpkg_contents"))
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
    except sqlite3.Error as error:
        raise LayerError(Problem("output.not_geopackage", path, reason=error)) from None


def _writable(frame: gpd.GeoDataFrame | pd.DataFrame) -> gpd.GeoDataFrame | pd.DataFrame:
    out = frame.copy()
    geometry = out.geometry.name if isinstance(out, gpd.GeoDataFrame) else None
    for column in out.columns:
        if column != geometry and out[column].dtype == object:
            missing = out[column].isna()
            if bool(missing.all()):
                out[column] = pd.Series([None] * len(out), index=out.index, dtype="str")
            elif not all(isinstance(value, str) for value in out[column][~missing]):
                out[column] = out[column].map(lambda value: None if value is None else str(value))
    # Parts and wholes of one kind are one type; points, lines and areas in one layer each keep theirs.
    if isinstance(out, gpd.GeoDataFrame):
        types = set(out.geometry.geom_type.dropna())
        if len(types) > 1 and len({kind.removeprefix("Multi") for kind in types}) == 1:
            out.geometry = [_multi(shape) for shape in out.geometry]
    return out


def _multi(shape: Any) -> Any:
    from shapely import MultiLineString, MultiPoint, MultiPolygon

    kinds: dict[str, Any] = {"Polygon": MultiPolygon, "LineString": MultiLineString, "Point": MultiPoint}
    return kinds[shape.geom_type]([shape]) if shape is not None and shape.geom_type in kinds else shape
