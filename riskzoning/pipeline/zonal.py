"""Zonal statistics of files: what the command ``riskzoning zonal`` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import io
from riskzoning.errors import AdminError, Journal, LayerError, Phrase, Problem, RiskZoningError, hearing, note
from riskzoning.layers import crs_name
from riskzoning.rasters.opening import raster_bands
from riskzoning.zoning import zonal_statistics

_SUFFIXES = (".csv", ".parquet", ".gpkg")
# What people do about a raster where there is no study to declare it in.
_FIXES = {
    "raster.crs": "zonal_fix_raster_crs",
    "raster.crs_unnamed": "zonal_fix_raster_crs",
    "raster.decided": "zonal_fix_nodata",
    "layer.nodata": "zonal_fix_nodata",
    "layer.beyond": "zonal_fix_nodata",
    "store.variables": "zonal_fix_variable",
    "store.groups": "zonal_fix_variable",
    "store.no_variable": "zonal_fix_variable",
}


def zonal_table(
    raster: Path,
    units: Path,
    statistics: Sequence[str] = ("mean",),
    *,
    identifier: str | None = None,
    layer: str | None = None,
    coverage: str = "fraction",
    repair: bool = False,
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
        Column that becomes the index; without it ``code``, when it is there, else the row number.
    layer : str, optional
        Layer of the vector file.
    coverage : {"fraction", "centre", "touched"}
    repair : bool
        Repair invalid polygons instead of refusing them.

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
    frame = _units(units, layer)
    if identifier is None:
        identifier = "code" if "code" in frame.columns else None
    elif identifier not in frame.columns:
        columns = [str(column) for column in frame.columns if column != "geometry"]
        raise LayerError(Problem("zonal.id", str(units), column=identifier, columns=columns))
    if identifier is not None:
        frame = frame.set_index(identifier)
        doubled = frame.index[frame.index.duplicated()].unique()
        if len(doubled):
            note(Problem("zonal.repeats", str(units), severity="warning", column=identifier, values=list(doubled)))
    frame = _mended(frame, units, repair)
    with _at_this_door():
        values = _statistics(raster, frame, tuple(statistics), coverage)
    return gpd.GeoDataFrame(values, geometry=frame.geometry, crs=frame.crs)


def _units(units: Path, layer: str | None) -> gpd.GeoDataFrame:
    """The polygons; messages speak of options of the command, not of a study."""
    name_it = Phrase("zonal_fix_layer")
    fixes = {"vector.layer": name_it, "vector.layers": name_it, "vector.crs_missing": Phrase("zonal_fix_crs")}
    try:
        frame = io.read_vector(units, layer=layer)
    except LayerError as error:
        problems = [
            problem.at(fix=fixes[problem.rule]) if problem.rule in fixes else problem for problem in error.problems
        ]
        raise type(error)(problems=problems) from None
    if frame.empty:
        raise LayerError(Problem("zonal.empty", str(units)))
    return frame


@contextmanager
def _at_this_door() -> Iterator[None]:
    """Problems of rasters with the advice of this door."""

    def advised(problem: Problem) -> Problem:
        fix = _FIXES.get(problem.rule)
        return problem if fix is None else problem.at(fix=Phrase(fix))

    heard = Journal()
    try:
        with hearing(heard):
            yield
    except RiskZoningError as error:
        raise type(error)(problems=[advised(problem) for problem in error.problems]) from None
    finally:
        for problem in (*heard.steps, *heard.dropped, *heard.warnings):
            note(advised(problem))


def _statistics(raster: Path, frame: gpd.GeoDataFrame, statistics: tuple[str, ...], coverage: str) -> pd.DataFrame:
    facts = raster_bands(raster)[0][0]
    if facts.crs is not None and frame.crs != facts.crs:
        own, other = crs_name(frame.crs), crs_name(facts.grid.crs)
        note(Problem("zonal.transformed", str(raster), severity="info", units_crs=own, crs=other))
    there = ~(frame.geometry.isna() | frame.geometry.is_empty)
    values = zonal_statistics(raster, frame[there], statistics, coverage=coverage)  # type: ignore[arg-type]
    values.columns = ["_".join(str(part) for part in c) if isinstance(c, tuple) else str(c) for c in values.columns]
    kept = list(values.columns)
    out = pd.DataFrame(np.nan, index=frame.index, columns=kept)
    out.loc[there.to_numpy()] = values[kept].to_numpy()
    counts = [name for name in kept if name.rpartition("_")[2] == "count"]
    out.loc[~there.to_numpy(), counts] = 0.0
    return out


def _mended(frame: gpd.GeoDataFrame, path: Path, repair: bool) -> gpd.GeoDataFrame:
    """The polygons, repaired when that is asked for; else those that are none are refused by name."""
    bare = frame.geometry.isna() | frame.geometry.is_empty
    wrong = ~frame.geometry.is_valid & ~bare
    lost = list(frame.index[bare])
    reasons = [f"{i} ({shapely.is_valid_reason(g)})" for i, g in frame.geometry[wrong].items()]
    problems = [Problem("zonal.bare", str(path), count=len(lost), units=lost)] if lost else []
    if reasons:
        problems.append(Problem("zonal.invalid", str(path), count=len(reasons), units=reasons))
    if problems and not repair:
        raise AdminError(problems=problems)
    if reasons:
        frame = frame.copy()
        frame.loc[wrong, frame.geometry.name] = _areas(frame.geometry[wrong])
        note(Problem("zonal.repaired", str(path), severity="info", count=len(reasons), units=reasons))
    if lost:
        note(Problem("zonal.no_values", str(path), severity="warning", count=len(lost), units=lost))
    return frame


def _areas(shapes: gpd.GeoSeries) -> list[shapely.MultiPolygon]:
    """Valid polygons of what was none; spikes come out as lines beside them, and only what has an area stays."""
    parts, owner = shapely.get_parts(shapely.make_valid(shapes.to_numpy()), return_index=True)
    inner, place = shapely.get_parts(parts, return_index=True)
    areal = shapely.get_type_id(inner) == 3
    return [shapely.MultiPolygon(list(inner[areal & (owner[place] == i)])) for i in range(len(shapes))]


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
        raise LayerError(Problem("zonal.format", str(path), suffix=suffix, known=_SUFFIXES))


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
