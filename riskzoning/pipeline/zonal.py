"""Zonal statistics of files: what the command ``riskzoning zonal`` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import io
from riskzoning.errors import LayerError, Problem, note
from riskzoning.files import refuse_protected
from riskzoning.layers import crs_name
from riskzoning.pipeline.zonal_door import zonal_door
from riskzoning.pipeline.zonal_units import read_units, whole_polygons
from riskzoning.rasters.opening import raster_bands
from riskzoning.zoning import zonal_statistics

_SUFFIXES = (".csv", ".parquet", ".gpkg")


def zonal_table(
    raster: Path,
    units: Path,
    statistics: Sequence[str] = ("mean",),
    *,
    identifier: str | None = None,
    layer: str | None = None,
    coverage: str = "fraction",
    repair: bool = False,
    crs: str | None = None,
) -> gpd.GeoDataFrame:
    """Zonal statistics of a raster file over the polygons of a vector file.

    What people should know about them (polygons that were repaired or transformed, identifiers that repeat, values that
    may stand for no data) is rung as notes (:func:`riskzoning.errors.note`).

    Parameters
    ----------
    raster, units : Path
    statistics : sequence of str
        As in :func:`riskzoning.zoning.zonal_statistics`.
    identifier : str, optional
        Column that becomes the index, or ``fid`` for the number of the feature; without it ``code``, when it is there,
        else the row number.
    layer : str, optional
        Layer of the vector file, or the file in a folder or zip.
    coverage : {"fraction", "centre", "touched"}
    repair : bool
        Repair invalid polygons, and take the polygons out of collections, instead of refusing them.
    crs : str, optional
        CRS of the file, units or raster, that states none.

    Returns
    -------
    GeoDataFrame
        The polygons with a column for each statistic (``LAYER_STATISTIC`` for several layers) and ``valid_share``;
        NaN where a polygon has no geometry or lies on no valid cell, its ``count`` is 0.

    Raises
    ------
    AdminError
        Polygons are invalid (by id) and ``repair`` is off.
    LayerError
        A file, column or layer is missing or wrong.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> folder = sample_study().parent
    >>> table = zonal_table(folder / "elevation.tif", folder / "admin.gpkg", ["mean"], layer="county")
    >>> len(table)
    12
    """
    with zonal_door(units):
        frame = read_units(units, layer=layer, identifier=identifier, crs=crs)
        frame = whole_polygons(frame, units, repair=repair)
        values = _statistics(raster, frame, tuple(statistics), coverage, crs)
    return gpd.GeoDataFrame(values, geometry=frame.geometry, crs=frame.crs)


def _statistics(
    raster: Path, frame: gpd.GeoDataFrame, statistics: tuple[str, ...], coverage: str, crs: str | None
) -> pd.DataFrame:
    facts = raster_bands(raster)[0][0]
    if crs is not None and facts.crs is not None and frame.attrs.get("crs") == "file":
        note(Problem("zonal.crs_unused", str(raster), severity="warning", crs=crs))
    if facts.crs is not None and frame.crs != facts.crs:
        own, other = crs_name(frame.crs), crs_name(facts.grid.crs)
        note(Problem("zonal.transformed", str(raster), severity="info", units_crs=own, crs=other))
    there = ~(frame.geometry.isna() | frame.geometry.is_empty)
    values = zonal_statistics(raster, frame[there], statistics, coverage=coverage, crs=crs)  # type: ignore[arg-type]
    values.columns = ["_".join(str(part) for part in c) if isinstance(c, tuple) else str(c) for c in values.columns]
    kept = list(values.columns)
    out = pd.DataFrame(np.nan, index=frame.index, columns=kept)
    out.loc[there.to_numpy()] = values[kept].to_numpy()
    counts = [name for name in kept if name.rpartition("_")[2] == "count"]
    out.loc[~there.to_numpy(), counts] = 0.0
    return out


def check_zonal_output(path: Path) -> None:
    """Raise when :func:`write_zonal` could not write to a path, before anything is computed: ending, or an input.

    Raises
    ------
    LayerError

    Examples
    --------
    >>> check_zonal_output(Path("table.CSV"))
    >>> try:
    ...     check_zonal_output(Path("table.doc"))
    ... except LayerError as error:
    ...     print(error.problems[0].found)
    ends in '.doc'
    """
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise LayerError(Problem("zonal.format", str(path), suffix=suffix, known=_SUFFIXES))
    refuse_protected(path)


def write_zonal(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a zonal table as CSV, Parquet or GeoPackage, whole or not at all.

    Raises
    ------
    LayerError
        The ending of the file is none of these.

    Examples
    --------
    >>> try:
    ...     write_zonal(gpd.GeoDataFrame(geometry=[]), Path("table.doc"))
    ... except LayerError as error:
    ...     print(error.problems[0].found)
    ends in '.doc'
    """
    check_zonal_output(path)
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        io.write_vector(path, {"zonal": table.reset_index()}, keep=True)
    elif suffix == ".parquet":
        io.write_parquet(path, table.drop(columns=table.geometry.name))
    else:
        io.write_csv(path, table.drop(columns=table.geometry.name).reset_index())
