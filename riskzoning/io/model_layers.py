"""Results of hydraulic models as inputs of a study: what is one, the grid it comes on, layers by return period."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import CRS

from riskzoning import grid as grids
from riskzoning.errors import GridMismatchError, LayerError, Problem
from riskzoning.files import beginning, existing
from riskzoning.io.hydraulics import model_place, read_hec_ras, read_mike
from riskzoning.layers import grid_difference, layer_on

_MIKE = (".dfs2", ".dfsu")
_HDF = (".hdf", ".hdf5", ".h5")
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_M_A_DEGREE = 111_000.0
Quantity = Literal["flood_depth", "flood_velocity"]


@dataclass(frozen=True)
class ModelFile:
    """A file of results, and what the study says of it: its return period, CRS, the item or the 2-D area wanted.

    ``terrain`` is the ground over which the depths of HEC-RAS are taken, cell by cell of the grid.
    """

    path: Path
    period: float | None = None
    crs: str | None = None
    item: str | None = None
    area: str | None = None
    dry_is_nodata: bool = False
    terrain: xr.DataArray | None = field(default=None, compare=False)


def is_model(path: str | os.PathLike[str]) -> bool:
    """Whether a file is a result of MIKE (by its ending) or of HEC-RAS (HDF5 by its ending and its first bytes)."""
    ending = Path(path).suffix.lower()
    if ending in _MIKE:
        return True
    return ending in _HDF and Path(path).is_file() and beginning(Path(path), len(_SIGNATURE)) == _SIGNATURE


def read_model(files: Sequence[ModelFile], *, quantity: str, resolution: float, name: str) -> xr.DataArray:
    """Depths or velocities of runs of a model; a stack where the files have return periods.

    A grid of MIKE comes as it is, a mesh on cells of ``resolution`` metres in the CRS of the model, each cell with the
    value of the element that holds its middle.
    """
    for file in files:
        existing(file.path)
    wanted = _wanted(files[0], quantity)
    ordered = sorted(files, key=lambda file: file.period or 0.0)
    box = _common([_box(file, resolution) for file in ordered], ordered, resolution)
    layers = [_read(file, box, wanted) for file in ordered]
    source = ", ".join(file.path.name for file in ordered)
    if len(files) == 1 and files[0].period is None:
        return layer_on(box, layers[0], quantity=wanted, name=name, source=source)
    periods = [float(file.period or 0.0) for file in ordered]
    return layer_on(box, np.stack(layers), quantity=wanted, return_periods=periods, name=name, source=source)


def _wanted(file: ModelFile, quantity: str) -> Quantity:
    if quantity == "flood_depth":
        return "flood_depth"
    if quantity == "flood_velocity":
        return "flood_velocity"
    known = ["flood_depth", "flood_velocity"]
    raise LayerError(Problem("hydraulics.quantity", file.path.as_posix(), quantity=quantity, known=known))


def _box(file: ModelFile, resolution: float) -> GeoBox:
    """The grid of a file: its own, or cells over the bounds of its mesh."""
    place = model_place(file.path, crs=file.crs, area=file.area)
    return place if isinstance(place, GeoBox) else _cells(place.bounds, place.crs, resolution)


def _cells(bounds: tuple[float, float, float, float], crs: CRS, resolution: float) -> GeoBox:
    metres = _M_A_DEGREE if crs.is_geographic else float(crs.axis_info[0].unit_conversion_factor)
    return grids.analysis_grid(bounds, crs=crs.to_wkt(), resolution=resolution / metres)


def _common(boxes: list[GeoBox], files: Sequence[ModelFile], resolution: float) -> GeoBox:
    """The grid that all files lie on: that of all, or one over all of them where their extents differ."""
    first = boxes[0]
    if all(grid_difference(box, first) is None for box in boxes):
        return first
    for box, file in zip(boxes, files, strict=True):
        if box.crs != first.crs:
            difference = grid_difference(box, first)
            thing = file.path.as_posix()
            raise GridMismatchError(Problem("layer.stack", thing, difference=difference, first=files[0].path.name))
    ends = np.array([box.boundingbox.bbox for box in boxes])
    whole = (*ends[:, :2].min(axis=0).tolist(), *ends[:, 2:].max(axis=0).tolist())
    return _cells(whole, CRS.from_user_input(str(first.crs)), resolution)


def _read(file: ModelFile, box: GeoBox, quantity: Quantity) -> np.ndarray:
    mike = file.path.suffix.lower() in _MIKE
    if mike and file.terrain is not None:
        raise LayerError(Problem("hydraulics.terrain", file.path.as_posix()))
    terrain = None
    if mike:
        layer = read_mike(file.path, box, item=file.item, crs=file.crs, quantity=quantity)
    else:
        ground = file.terrain if quantity == "flood_depth" else None
        terrain = None if ground is None else grids.align(ground, box).compute()
        layer = read_hec_ras(file.path, box, terrain=terrain, area=file.area, crs=file.crs, quantity=quantity)
    values = np.asarray(layer.data, dtype=np.float64)
    if not file.dry_is_nodata:
        return values
    # Where the ground is not known neither is the depth; only ground outside the mesh is dry.
    outside = np.isnan(values) if terrain is None else np.isnan(values) & np.isfinite(terrain.values)
    return np.where(outside, 0.0, values)
