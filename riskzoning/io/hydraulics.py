"""Depths that hydraulic models leave: meshes of HEC-RAS (HDF5), grids and meshes of MIKE (dfs2, dfsu).

The libraries that read them are an extra, ``pip install "riskzoning[hydraulics]"``. Depth rasters that RAS Mapper and
others export are rasters like any other: ``read_layer``, with ``dry_is_nodata``.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import CRS
from pyproj.exceptions import CRSError

from riskzoning import grid as grids
from riskzoning.errors import LayerError, MissingCRSError, MissingDependencyError, Phrase, Problem, decided, note
from riskzoning.files import existing
from riskzoning.grid.lattice import extent
from riskzoning.layers import check_same_grid, layer_on

Array = np.ndarray[Any, np.dtype[np.float64]]
_AREAS = "Geometry/2D Flow Areas"
_BLOCK = "Results/Unsteady/Output/Output Blocks/Base Output"
_SUMMARY = f"{_BLOCK}/Summary Output/2D Flow Areas"
_SERIES = f"{_BLOCK}/Unsteady Time Series/2D Flow Areas"
_FOOT = 0.3048
_US_FOOT = 1200 / 3937
_METRES = {"meter": 1.0, "feet": _FOOT, "feet_US": _US_FOOT, "centimeter": 0.01, "millimeter": 0.001}
_RATES = {"meter_per_sec": 1.0, "feet_per_sec": _FOOT, "feet_US_per_sec": _US_FOOT}
_DEPTH, _VELOCITY = "flood_depth", "flood_velocity"
# Kinds of items of MIKE (EUM) that are depths or speeds of water over ground; there are depths of snow, roots, storage.
_KINDS = {
    _DEPTH: ("Water_Depth", "Total_Water_Depth", "Still_Water_Depth"),
    _VELOCITY: ("Current_Speed", "Flow_velocity", "Speed", "Velocity"),
}
_COMPONENTS = ("u_velocity_component", "v_velocity_component")
_UNDEFINED = "Undefined"
_WORDS = {_DEPTH: ("depth", "水深"), _VELOCITY: ("speed", "velocity", "流速")}
_THINGS = {_DEPTH: "hydraulic_depth", _VELOCITY: "hydraulic_speed"}
# Models leave a little less than nothing in dry cells; more than this in many of them is no depth.
_BELOW, _FEW = -0.01, 0.001
# What MIKE writes in short for WGS 84 / UTM.
_UTM = re.compile(r"UTM-(\d{1,2})")
# Corners of the smallest cell with an area.
_CORNERS = 3


class _Mesh(NamedTuple):
    """Cells as polygons, the highest level of the water in each and its lowest ground, in the unit of the model.

    ``velocity`` is the largest through a face of the cell, where it was asked for.
    """

    cells: Array
    level: Array
    ground: Array
    velocity: Array | None = None


def read_hec_ras(
    path: str | os.PathLike[str],
    grid: GeoBox,
    *,
    terrain: xr.DataArray | None = None,
    area: str | None = None,
    crs: str | int | None = None,
    quantity: Literal["flood_depth", "flood_velocity"] = "flood_depth",
) -> xr.DataArray:
    """Largest depth or velocity of an unsteady 2-D run of HEC-RAS (plan results, ``*.p01.hdf``) on a grid.

    Parameters
    ----------
    path : str or PathLike
        HDF5 results of a plan.
    grid : GeoBox
        Where the depths are wanted, e.g. from :func:`riskzoning.grid.analysis_grid`.
    terrain : DataArray, optional
        Elevation on ``grid``, m, in the datum of the model: depth is level less ground in every cell of the grid.
        Without it the depth of a computational cell is that above its lowest ground, which is the deepest in it.
    area : str, optional
        One 2-D flow area; default: all of them, the deeper where they overlap.
    crs : str or int, optional
        Where the file names none.
    quantity : {"flood_depth", "flood_velocity"}
        The velocity of a cell is the largest through one of its faces.

    Returns
    -------
    DataArray
        ``flood_depth``, m, or ``flood_velocity``, m/s; 0 dry, NaN outside the mesh. Feet become metres.

    Raises
    ------
    MissingDependencyError
        h5py is not installed.
    LayerError
        The file is none of HEC-RAS with 2-D results, the area is not in it, or nothing of it lies on the grid.
    MissingCRSError
        Neither file nor caller names the CRS.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> grid = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> try:
    ...     read_hec_ras("nowhere/model.p01.hdf", grid)
    ... except LayerError as error:
    ...     print(error.problems[0].rule)
    file.missing_folder
    """
    file = existing(path)
    h5py = _library("h5py", "dependency.h5py")
    try:
        with h5py.File(file, "r") as store:
            names = _areas(store, file, area)
            metres = _FOOT if _text(store.attrs.get("Units System")).startswith("US") else 1.0
            place = _placed(_text(store.attrs.get("Projection")), crs, file)
            meshes = [_ras_mesh(store, name, file, fast=quantity == _VELOCITY) for name in names]
    except OSError as error:
        raise _unread(file, error) from None
    if quantity == _VELOCITY:
        fast = [(mesh.cells, np.asarray(mesh.velocity) * metres) for mesh in meshes]
        layers = [_rasterised(cells, velocity, grid, place, quantity) for cells, velocity in fast]
    else:
        layers = [_of_mesh(mesh, grid, place, terrain, metres, file) for mesh in meshes]
    return _deepest(layers, grid, file, "HEC-RAS", quantity)


def read_mike(
    path: str | os.PathLike[str], grid: GeoBox | None = None, *, item: str | int | None = None,
    crs: str | int | None = None, quantity: Literal["flood_depth", "flood_velocity"] = "flood_depth",
) -> xr.DataArray:  # fmt: skip
    """Largest depth or velocity of a run of MIKE 21 or MIKE+ (``*.dfs2``, ``*.dfsu``) over its time steps.

    Parameters
    ----------
    path : str or PathLike
        Results on a grid (dfs2) or a flexible mesh (dfsu, 2-D).
    grid : GeoBox, optional
        Where the depths are wanted; a mesh needs it, a dfs2 comes on its own grid without it.
    item : str or int, optional
        Name or number of the item; default: the only one whose kind is a water depth, or a speed; without a speed that
        of its two components.
    crs : str or int, optional
        Where the file names none (``NON-UTM``, local coordinates).
    quantity : {"flood_depth", "flood_velocity"}

    Returns
    -------
    DataArray
        ``flood_depth``, m, or ``flood_velocity``, m/s; 0 dry, NaN where the model has no value.

    Raises
    ------
    MissingDependencyError
        mikeio is not installed.
    LayerError
        The file cannot be read, is no 2-D result, has no such item or several depths, an item that is no depth (a
        level, an elevation), negative depths, a unit that is no length, a turned grid, or nothing of it lies on the
        grid.
    MissingCRSError
        Neither file nor caller names the CRS.

    Examples
    --------
    >>> try:
    ...     read_mike("nowhere/model.dfsu")
    ... except LayerError as error:
    ...     print(error.problems[0].rule)
    file.missing_folder
    """
    file = existing(path)
    mikeio = _library("mikeio", "dependency.mikeio")
    try:
        data = mikeio.read(str(file))
    except Exception as error:  # noqa: BLE001 - its readers raise whatever the file makes them
        raise _unread(file, error) from None
    _check_shape(data.geometry, file)
    values = _item(data, item, file, quantity)
    units = _METRES if quantity == _DEPTH else _RATES
    metres = units.get(values.unit.name)
    if metres is None:
        raise LayerError(Problem("hydraulics.unit", file.as_posix(), units=values.unit.name, known=list(units)))
    shape = values.geometry
    place = _placed(_projection(shape), crs, file)
    deepest = np.fmax.reduce(values.to_numpy(), axis=0) if "time" in values.dims else values.to_numpy()
    deepest = _above_ground(np.asarray(deepest, dtype=np.float64) * metres, values, file, quantity)
    if hasattr(shape, "to_shapely"):
        if grid is None:
            raise LayerError(Problem("hydraulics.grid", file.as_posix()))
        cells = np.asarray(shapely.get_parts(shape.to_shapely()))
        layer = _rasterised(cells, deepest, grid, place, quantity)
        return _deepest([layer], grid, file, "MIKE", quantity)
    own = _of_grid(shape, deepest, place, file, quantity)
    return own if grid is None else grids.align(own, grid)


class Extent(NamedTuple):
    """Where a mesh lies."""

    bounds: tuple[float, float, float, float]
    crs: CRS


def model_place(path: str | os.PathLike[str], *, crs: str | None = None, area: str | None = None) -> GeoBox | Extent:
    """The grid of a dfs2, or where the mesh of a dfsu or of HEC-RAS lies; no values are read."""
    file = existing(path)
    if file.suffix.lower() in (".dfs2", ".dfsu"):
        mikeio = _library("mikeio", "dependency.mikeio")
        try:
            shape = mikeio.open(str(file)).geometry
        except Exception as error:  # noqa: BLE001 - its readers raise whatever the file makes them
            raise _unread(file, error) from None
        _check_shape(shape, file)
        place = _placed(_projection(shape), crs, file)
        if not hasattr(shape, "to_shapely"):
            return _own_box(shape, place, file)
        nodes = np.asarray(shape.node_coordinates)
        return Extent(_bounds(nodes), place)
    h5py = _library("h5py", "dependency.h5py")
    try:
        with h5py.File(file, "r") as store:
            points = [np.asarray(store[f"{_AREAS}/{name}/FacePoints Coordinate"]) for name in _areas(store, file, area)]
            place = _placed(_text(store.attrs.get("Projection")), crs, file)
    except OSError as error:
        raise _unread(file, error) from None
    return Extent(_bounds(np.concatenate(points)), place)


def _bounds(points: Array) -> tuple[float, float, float, float]:
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _projection(shape: Any) -> str:
    """What a file of MIKE says of its CRS."""
    return str(shape.projection_string if hasattr(shape, "projection_string") else shape.projection)


def _library(name: str, rule: str) -> ModuleType:
    """The library that reads a format, or what to install."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingDependencyError(Problem(rule, Phrase("package", name=name))) from None


def _unread(file: Path, error: Exception) -> LayerError:
    return LayerError(
        Problem(
            "hydraulics.read",
            file.as_posix(),
            reason=str(error).splitlines()[0] if str(error) else type(error).__name__,
        )
    )


def _text(value: Any) -> str:
    """An attribute of HDF5 as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def _placed(stated: str, given: str | int | None, file: Path) -> CRS:
    """The CRS of a file: the one the caller names, else its own."""
    text: str | int = given if given is not None else "EPSG:4326" if stated.strip().upper() == "LONG/LAT" else stated
    if utm := _UTM.fullmatch(str(text).strip()):
        text = f"EPSG:{32600 + int(utm[1])}"
        decided(file, "crs", text, why="file")
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise MissingCRSError(Problem("hydraulics.crs", file.as_posix(), crs=str(text) or "-")) from None


def _areas(store: Any, file: Path, area: str | None) -> list[str]:
    """The 2-D flow areas that are wanted."""
    there = store.get(_AREAS)
    # Tables with attributes of all areas lie beside the groups of the areas.
    groups = {} if there is None else {name: part for name, part in there.items() if hasattr(part, "keys")}
    names = [name for name, part in groups.items() if "Cells FacePoint Indexes" in part]
    if not names:
        raise LayerError(Problem("hydraulics.no_mesh", file.as_posix(), part=_AREAS))
    if area is not None and area not in names:
        raise LayerError(Problem("hydraulics.area", file.as_posix(), area=area, known=names))
    return names if area is None else [area]


def _ras_mesh(store: Any, name: str, file: Path, *, fast: bool = False) -> _Mesh:
    """One flow area: polygons of its cells, highest level, lowest ground, largest velocity where it is asked for."""
    place = store[f"{_AREAS}/{name}"]
    corners, ground = np.asarray(place["FacePoints Coordinate"]), np.asarray(place["Cells Minimum Elevation"])
    index = np.asarray(place["Cells FacePoint Indexes"])
    summary, series = (
        store.get(f"{_SUMMARY}/{name}/Maximum Water Surface"),
        store.get(f"{_SERIES}/{name}/Water Surface"),
    )
    if summary is not None:
        level = np.asarray(summary[0], dtype=np.float64)
    elif series is not None:
        level = np.max([np.asarray(step, dtype=np.float64) for step in _steps(series)], axis=0)
    else:
        raise LayerError(Problem("hydraulics.no_mesh", file.as_posix(), part=f"{_SUMMARY}/{name}"))
    # Cells at the border of the mesh that only carry boundary values have no area.
    whole = ((index >= 0).sum(axis=1) >= _CORNERS) & np.isfinite(ground)
    cells = np.array([shapely.Polygon(corners[row[row >= 0]]) for row in index[whole]], dtype=object)
    velocity = _ras_velocity(store, name, file)[whole] if fast else None
    return _Mesh(cells, level[: len(index)][whole], ground.astype(np.float64)[whole], velocity)


def _ras_velocity(store: Any, name: str, file: Path) -> Array:
    """The largest velocity through a face of each cell, in the unit of the model."""
    summary, series = (
        store.get(f"{_SUMMARY}/{name}/Maximum Face Velocity"),
        store.get(f"{_SERIES}/{name}/Face Velocity"),
    )
    place = store[f"{_AREAS}/{name}"]
    info, faces = (place.get(f"Cells Face and Orientation {part}") for part in ("Info", "Values"))
    if (summary is None and series is None) or info is None or faces is None:
        raise LayerError(Problem("hydraulics.no_velocity", file.as_posix(), part=f"{_SUMMARY}/{name}"))
    if summary is not None:
        through = np.abs(np.asarray(summary[0], dtype=np.float64))
    else:
        through = np.max([np.abs(np.asarray(step, dtype=np.float64)) for step in _steps(series)], axis=0)
    bounds, numbers = np.asarray(info, dtype=np.int64), np.asarray(faces)[:, 0].astype(np.int64)
    out = np.zeros(len(bounds))
    for at, (first, count) in enumerate(bounds):
        out[at] = through[numbers[first : first + count]].max(initial=0.0)
    return out


def _steps(series: Any) -> Iterator[Any]:
    """Time steps one by one."""
    for step in range(series.shape[0]):
        yield series[step]


def _of_mesh(
    mesh: _Mesh, grid: GeoBox, place: CRS, terrain: xr.DataArray | None, metres: float, file: Path
) -> xr.DataArray:
    """Depths of a mesh on the grid."""
    if terrain is None:
        return _rasterised(mesh.cells, np.maximum((mesh.level - mesh.ground) * metres, 0.0), grid, place)
    check_same_grid(grid=grid, terrain=terrain)
    wet = mesh.level > mesh.ground
    level = _rasterised(mesh.cells, np.where(wet, mesh.level * metres, -np.inf), grid, place)
    ground = np.asarray(terrain.data, dtype=np.float64)
    dark = int((np.isfinite(level.data) & np.isnan(ground)).sum())
    if dark:
        note(Problem("hydraulics.terrain_gaps", file.as_posix(), severity="warning", count=dark))
    depth = np.where(np.isneginf(level.data), 0.0, np.maximum(level.data - ground, 0.0))
    return layer_on(grid, depth, quantity="flood_depth", source=file.name)


def _rasterised(cells: Array, values: Array, grid: GeoBox, place: CRS, quantity: str = _DEPTH) -> xr.DataArray:
    """Values of polygons on the grid: each cell of the grid takes that of the polygon its middle lies in."""
    known = ~np.isnan(values)
    frame = gpd.GeoDataFrame({"at": np.arange(1, known.sum() + 1)}, geometry=cells[known], crs=place).to_crs(grid.crs)
    box, (left, bottom, right, top) = grid.boundingbox, frame.total_bounds
    if not (left < box.right and right > box.left and bottom < box.top and top > box.bottom):
        return layer_on(grid, np.full(tuple(grid.shape), np.nan), quantity=quantity)
    at = np.asarray(grids.rasterise(frame, grid, column="at", quantity="station_value").data)
    at = np.nan_to_num(at).astype(np.int64)
    table = np.r_[np.nan, values[known]]
    return layer_on(grid, table[at], quantity=quantity)


def _deepest(layers: list[xr.DataArray], grid: GeoBox, file: Path, model: str, quantity: str) -> xr.DataArray:
    """The deeper of several meshes; nothing on the grid is a mistake of place."""
    values = np.fmax.reduce([np.asarray(layer.data) for layer in layers])
    if np.isnan(values).all():
        raise LayerError(Problem("hydraulics.elsewhere", file.as_posix(), extent=extent(grid)))
    return layer_on(grid, values, quantity=quantity, source=file.name, method=f"largest of a run of {model}")


def _check_shape(shape: Any, file: Path) -> None:
    """A grid or a mesh in two dimensions; spectra, sections and layers are other things."""
    if not (hasattr(shape, "to_shapely") or hasattr(shape, "dy")):
        raise LayerError(Problem("hydraulics.shape", file.as_posix(), shape=type(shape).__name__))


def _above_ground(values: Array, item: Any, file: Path, quantity: str) -> Array:
    """Depths, or speeds, of 0 or more; what is mostly below is an elevation."""
    below = values < _BELOW
    if below.sum() > _FEW * max(int(np.isfinite(values).sum()), 1):
        lowest = float(np.nanmin(values))
        thing = Phrase(_THINGS[quantity])
        raise LayerError(
            Problem(
                "hydraulics.negative",
                file.as_posix(),
                item=item.name,
                kind=thing,
                count=int(below.sum()),
                lowest=lowest,
            )
        )
    return np.maximum(values, 0.0)


def _item(data: Any, item: str | int | None, file: Path, quantity: str) -> Any:
    """The item that is named, or the only one of a kind: a depth, or a speed."""
    names = [str(one.name) for one in data.items]
    fits = [
        one.type.name in _KINDS[quantity]
        or (one.type.name == _UNDEFINED and any(word in str(one.name).lower() for word in _WORDS[quantity]))
        for one in data.items
    ]
    thing = Phrase(_THINGS[quantity])
    if item is not None:
        if (isinstance(item, int) and not 0 <= item < len(names)) or (isinstance(item, str) and item not in names):
            raise LayerError(Problem("hydraulics.item", file.as_posix(), item=str(item), known=names))
        chosen = item if isinstance(item, int) else names.index(item)
        kind = data.items[chosen].type.name
        if not fits[chosen] and kind != _UNDEFINED:
            about = {"item": names[chosen], "kind": kind, "thing": thing}
            raise LayerError(Problem("hydraulics.kind", file.as_posix(), **about))
        return data[chosen]
    there = [at for at, fit in enumerate(fits) if fit]
    parts = [[at for at, one in enumerate(data.items) if one.type.name == kind] for kind in _COMPONENTS]
    if not there and quantity == _VELOCITY and all(len(part) == 1 for part in parts):
        along, across = (data[part[0]] for part in parts)
        speed = along.copy()
        speed.values = np.hypot(along.to_numpy(), across.to_numpy())
        return speed
    if len(there) != 1:
        raise LayerError(Problem("hydraulics.items", file.as_posix(), kind=thing, count=len(there), known=names))
    return data[there[0]]


def _of_grid(shape: Any, values: Array, place: CRS, file: Path, quantity: str) -> xr.DataArray:
    """A dfs2 on its own grid, north up."""
    box = _own_box(shape, place, file)
    return layer_on(box, values[::-1], quantity=quantity, source=file.name, method="largest of a run of MIKE")


def _own_box(shape: Any, place: CRS, file: Path) -> GeoBox:
    """The grid of a dfs2."""
    if abs(float(getattr(shape, "orientation", 0.0) or 0.0)) > 1e-6:
        raise LayerError(Problem("hydraulics.turned", file.as_posix(), degrees=float(shape.orientation)))
    x, y = np.asarray(shape.x, dtype=np.float64), np.asarray(shape.y, dtype=np.float64)
    if not (hasattr(shape, "x") and x.size and y.size):
        raise LayerError(Problem("hydraulics.no_mesh", file.as_posix(), part="Grid2D"))
    dx, dy = float(shape.dx), float(shape.dy)
    left, bottom = x[0] - dx / 2, y[0] - dy / 2
    return GeoBox.from_bbox(
        (left, bottom, left + dx * x.size, bottom + dy * y.size), crs=place.to_wkt(), shape=(y.size, x.size), tight=True
    )
