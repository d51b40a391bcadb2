"""Zonal statistics of files: what the command ``riskzoning zonal`` does."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import io, standards
from riskzoning.errors import AdminError, LayerError, Problem, first_few
from riskzoning.layers import crs_name
from riskzoning.zoning import zonal_statistics

_SUFFIXES = (".csv", ".parquet", ".gpkg")
# Computed on the way, to see values that stand for "no data" without being declared.
_WATCHED = ("min", "max")


def zonal_table(
    raster: Path,
    units: Path,
    statistics: Sequence[str] = ("mean",),
    *,
    identifier: str | None = None,
    layer: str | None = None,
    coverage: str = "fraction",
    repair: bool = False,
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Zonal statistics of a raster file over the polygons of a vector file, and what people should know about them.

    Parameters
    ----------
    raster, units : Path
    statistics : sequence of str
        As in :func:`riskzoning.zoning.zonal_statistics`.
    identifier : str, optional
        Column that becomes the index; without it ``code``, when it is there, else the row number.
    layer : str, optional
        Layer of the vector file.
    coverage : {"fraction", "centre", "touched"}
    repair : bool
        Mend invalid polygons instead of refusing them.

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
    >>> table, said = zonal_table(folder / "elevation.tif", folder / "admin.gpkg", ["mean"], layer="county")
    >>> len(table)
    12
    """
    frame = _units(units, layer)
    said: list[str] = []
    if identifier is None:
        identifier = "code" if "code" in frame.columns else None
    elif identifier not in frame.columns:
        raise LayerError(
            Problem(
                str(units),
                f"has no column '{identifier}'",
                f"one of {', '.join(str(column) for column in frame.columns if column != 'geometry')}",
                "Give the right column with --id.",
                rule="zonal.id",
            )
        )
    if identifier is not None:
        frame = frame.set_index(identifier)
        doubled = frame.index[frame.index.duplicated()].unique()
        if len(doubled):
            said.append(f"column '{identifier}' repeats {first_few(doubled)}; each polygon has its own row")
    frame = _mended(frame, units, repair, said)
    found = _statistics(raster, frame, tuple(statistics), coverage, said)
    return gpd.GeoDataFrame(found, geometry=frame.geometry, crs=frame.crs), said


def _units(units: Path, layer: str | None) -> gpd.GeoDataFrame:
    """The polygons; messages speak of options of the command, not of a study."""
    fixes = {"vector.layer": "Name it with --layer.", "layer.crs": "Set the CRS in the file (ogr2ogr -a_srs EPSG:...)."}
    try:
        frame = io.read_vector(units, layer=layer)
    except LayerError as error:
        problems = [problem.at(fix=fixes.get(problem.rule, problem.fix)) for problem in error.problems]
        raise type(error)(problems=problems) from None
    if frame.empty:
        required, fix = "one polygon or more", "Check the file."
        raise LayerError(Problem(str(units), "has no features", required, fix, rule="vector.empty"))
    return frame


def _statistics(
    raster: Path, frame: gpd.GeoDataFrame, statistics: tuple[str, ...], coverage: str, said: list[str]
) -> pd.DataFrame:
    facts = io.probe(raster)
    if facts.crs is not None and frame.crs != facts.crs:
        said.append(
            f"units transformed from {crs_name(frame.crs)} to {crs_name(facts.grid.crs)}, the CRS of the raster"
        )
    there = ~(frame.geometry.isna() | frame.geometry.is_empty)
    asked = tuple(dict.fromkeys([*statistics, *_WATCHED]))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        found = zonal_statistics(raster, frame[there], asked, coverage=coverage)  # type: ignore[arg-type]
    said += [str(item.message) for item in caught if issubclass(item.category, UserWarning)]
    found.columns = ["_".join(str(part) for part in c) if isinstance(c, tuple) else str(c) for c in found.columns]
    watched = [name for name in found.columns if name.rpartition("_")[2] in _WATCHED]
    said += _undeclared(raster, found[watched])
    kept = [name for name in found.columns if name not in watched or name.rpartition("_")[2] in statistics]
    out = pd.DataFrame(np.nan, index=frame.index, columns=kept)
    out.loc[there.to_numpy()] = found[kept].to_numpy()
    counts = [name for name in kept if name.rpartition("_")[2] == "count"]
    out.loc[~there.to_numpy(), counts] = 0.0
    return out


def _undeclared(raster: Path, extremes: pd.DataFrame) -> list[str]:
    """A least or largest value that producers write for "no data" has probably counted as a value."""
    known = {float(value) for value in standards.table("formats/nodata").data["values"] if abs(value) > 900}
    suspects = sorted({float(value) for value in extremes.to_numpy().ravel()} & known)
    if not suspects:
        return []
    values = first_few(f"{value:g}" for value in suspects)
    return [f"{raster.name} holds {values}, which often means no data and is not declared; it counts as a value"]


def _mended(frame: gpd.GeoDataFrame, path: Path, repair: bool, said: list[str]) -> gpd.GeoDataFrame:
    bare = frame.geometry.isna() | frame.geometry.is_empty
    wrong = ~frame.geometry.is_valid & ~bare
    problems = []
    if bare.any():
        shown = first_few(frame.index[bare])
        problems.append((f"has {int(bare.sum())} units without a geometry: {shown}", "a polygon for each unit"))
    if wrong.any():
        shown = first_few(f"{i} ({shapely.is_valid_reason(g)})" for i, g in frame.geometry[wrong].items())
        problems.append((f"has {int(wrong.sum())} invalid polygons: {shown}", "valid polygons"))
    if problems and not repair:
        fix = "Mend them in a GIS, or run again with --repair (units without a geometry then have no values)."
        raise AdminError(
            problems=[Problem(str(path), found, required, fix, rule="zonal.invalid") for found, required in problems]
        )
    if wrong.any():
        frame = frame.copy()
        mended = shapely.make_valid(frame.geometry[wrong].to_numpy())
        # Spikes come out as lines beside the polygon: only what has an area stays.
        parts, owner = shapely.get_parts(mended, return_index=True)
        inner, place = shapely.get_parts(parts, return_index=True)
        areal = shapely.get_type_id(inner) == 3
        frame.loc[wrong, frame.geometry.name] = [
            shapely.MultiPolygon(list(inner[areal & (owner[place] == i)])) for i in range(len(mended))
        ]
        said.append(f"mended {int(wrong.sum())} invalid polygons: {shown}")
    if bare.any():
        said.append(f"{int(bare.sum())} units without a geometry have no values: {first_few(frame.index[bare])}")
    return frame


def check_zonal_output(path: Path) -> None:
    """Raise when the ending of a path is none that :func:`write_zonal` knows, before anything is computed.

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
        raise LayerError(
            Problem(
                str(path), f"ends in '{suffix}'", f"one of {', '.join(_SUFFIXES)}", "Choose one.", rule="zonal.format"
            )
        )


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
        io.write_vector(path, {"zonal": table.reset_index()})
    elif suffix == ".parquet":
        io.write_parquet(path, table.drop(columns=table.geometry.name))
    else:
        io.write_csv(path, table.drop(columns=table.geometry.name).reset_index())
