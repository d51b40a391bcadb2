"""Zonal statistics of files: what the command ``riskzoning zonal`` does."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import shapely

from riskzoning import io
from riskzoning.blocks import open_rows
from riskzoning.errors import AdminError, LayerError, Problem, first_few
from riskzoning.layers import crs_name
from riskzoning.zoning import zonal_statistics

__all__ = ["write_zonal", "zonal_table"]

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
    frame = io.read_vector(units, layer=layer)
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
    frame = _mended(frame, units, repair, said)
    target = open_rows(raster).grid.crs
    if frame.crs is not None and frame.crs != str(target):
        said.append(f"units transformed from {crs_name(frame.crs)} to {crs_name(target)}, the CRS of the raster")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        found = zonal_statistics(raster, frame, tuple(statistics), coverage=coverage)  # type: ignore[arg-type]
    said += [str(item.message) for item in caught if issubclass(item.category, UserWarning)]
    found.columns = ["_".join(str(part) for part in c) if isinstance(c, tuple) else str(c) for c in found.columns]
    return gpd.GeoDataFrame(found, geometry=frame.geometry, crs=frame.crs), said


def _mended(frame: gpd.GeoDataFrame, path: Path, repair: bool, said: list[str]) -> gpd.GeoDataFrame:
    wrong = ~frame.geometry.is_valid
    if not wrong.any():
        return frame
    shown = first_few(f"{i} ({shapely.is_valid_reason(g)})" for i, g in frame.geometry[wrong].items())
    if not repair:
        raise AdminError(
            Problem(
                str(path),
                f"has {int(wrong.sum())} invalid polygons: {shown}",
                "valid polygons",
                "Mend them in a GIS, or run again with --repair.",
                rule="zonal.invalid",
            )
        )
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
    return frame


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
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise LayerError(
            Problem(
                str(path), f"ends in '{suffix}'", f"one of {', '.join(_SUFFIXES)}", "Choose one.", rule="zonal.format"
            )
        )
    if suffix == ".gpkg":
        io.write_vector(path, {"zonal": table.reset_index()})
    elif suffix == ".parquet":
        io.write_parquet(path, table.drop(columns=table.geometry.name))
    else:
        io.write_csv(path, table.drop(columns=table.geometry.name).reset_index())
