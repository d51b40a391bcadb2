"""Patches of a class layer: too small ones join their neighbours, and what is legible at a scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers import describe
from riskzoning.layers.plausible import takes
from riskzoning.zoning.kernels import contacts, count_contacts, label_patches, merge_patches

Array = np.ndarray[Any, Any]
Classes = TypeVar("Classes", xr.DataArray, NDArray[Any])


@dataclass(frozen=True)
class Merged:
    """What a merge has done: patches before and after, how many are gone, how many cells have changed their class."""

    before: int
    after: int
    joined: int
    cells: float


@takes()
def merge_small_patches(classes: Classes, min_cells: int, *, connectivity: Literal[4, 8] = 4) -> Classes:
    """Give patches of a class layer below a size to their neighbours, until none is left that has a neighbour.

    The smallest comes first and joins the largest patch that touches it; of equal ones that of the nearest class, then
    of the higher class. A patch never takes a class that does not touch it.

    Parameters
    ----------
    classes : DataArray or array
        Whole classes from 1; 0 and NaN are no data: never filled, and they take no patch in. A lazy layer is computed.
    min_cells : int
        Patches with fewer cells join a neighbour; 1 changes nothing.
    connectivity : {4, 8}
        Whether cells that touch at a corner belong together.

    Returns
    -------
    DataArray or array
        As ``classes``. A patch that touches only no data stays as it is.

    Raises
    ------
    LayerError
        Values are no classes, the layer has not two dimensions, or an argument is out of its range.

    Examples
    --------
    >>> merge_small_patches(np.array([[1, 1, 1, 2, 2], [1, 3, 1, 2, 4], [1, 1, 1, 2, 2]]), 2).tolist()
    [[1, 1, 1, 2, 2], [1, 1, 1, 2, 2], [1, 1, 1, 2, 2]]
    """
    merged, _ = merged_patches(classes, min_cells, connectivity=connectivity)
    return merged


def merged_patches(classes: Classes, min_cells: int, *, connectivity: Literal[4, 8] = 4) -> tuple[Classes, Merged]:
    """The merged layer and what was done."""
    layer = isinstance(classes, xr.DataArray)
    values = np.asarray(classes.values if isinstance(classes, xr.DataArray) else classes)
    codes = _codes(values, min_cells, connectivity)
    labels, count = label_patches(codes, connectivity == 8)
    sizes = np.bincount(labels.ravel(), minlength=count).astype(np.float64)
    own = np.zeros(count, np.int64)
    own[labels.ravel()] = codes.ravel()
    before = own.copy()
    parent = merge_patches(own, sizes, *_neighbours(labels, count, connectivity == 8), float(min_cells), False)
    own = own[parent]
    known = before > 0
    kept = int(np.unique(parent[known]).size)
    changed = own[labels] != codes
    done = Merged(int(known.sum()), kept, int(known.sum()) - kept, float((changed & (codes > 0)).sum()))
    new = np.where(codes > 0, own[labels], values).astype(values.dtype)
    if not layer:
        return new, done  # type: ignore[return-value]
    assert isinstance(classes, xr.DataArray)
    return classes.copy(data=new), done


def _codes(values: Array, min_cells: int, connectivity: int) -> Array:
    """Classes as whole numbers with 0 for no data."""
    thing = Phrase("class_layer")
    problems = []
    if values.ndim != 2:
        problems.append(Problem("patches.dims", thing, dims=values.ndim))
    if connectivity not in (4, 8):
        problems.append(Problem("patches.connectivity", thing, value=connectivity))
    if not isinstance(min_cells, int | np.integer) or isinstance(min_cells, bool) or min_cells < 1:
        problems.append(Problem("patches.min_cells", thing, value=str(min_cells)))
    if values.dtype.kind not in "uifb":
        problems.append(Problem("patches.classes", thing, values=[str(values.dtype)]))
    elif values.dtype.kind == "f":
        known = np.isfinite(values)
        wrong = known & ((values != np.floor(values)) | (values < 0))
        if wrong.any():
            problems.append(Problem("patches.classes", thing, values=[float(v) for v in values[wrong][:3]]))
        else:
            values = np.where(known, values, 0)
    elif values.dtype.kind == "i" and values.size and values.min() < 0:
        problems.append(Problem("patches.classes", thing, values=[int(values.min())]))
    if problems:
        raise LayerError(problems=problems)
    largest = int(values.max(initial=0))
    return np.ascontiguousarray(values, dtype=np.uint8 if largest < 256 else np.int32)


def _neighbours(labels: Array, count: int, diagonal: bool) -> tuple[Array, Array, Array]:
    """For each patch where its neighbours begin, the neighbours, and how many pairs of cells they share."""
    pairs = np.empty((count_contacts(labels, diagonal), 2), np.int32)
    contacts(labels, diagonal, pairs)
    key, shared = np.unique(pairs[:, 0].astype(np.int64) * count + pairs[:, 1], return_counts=True)
    return listed(key // count, key % count, shared.astype(np.float64), count)


def listed(first: Array, second: Array, border: Array, count: int) -> tuple[Array, Array, Array]:
    """Pairs of neighbours as lists by item, both ways: ``start``, ``near``, ``border`` of the kernel."""
    a, b = np.concatenate([first, second]), np.concatenate([second, first])
    order = np.lexsort((b, a))
    start = np.searchsorted(a[order], np.arange(count + 1)).astype(np.int64)
    return start, b[order].astype(np.int64), np.concatenate([border, border])[order].astype(np.float64)


def legible_km2(denominator: float) -> float:
    """The smallest patch that can be read on a sheet of this scale, km2 (table ``zoning/patches``)."""
    side_mm2 = float(standards.table("zoning/patches").data["legible_mm2"])
    return side_mm2 * (denominator / 1e6) ** 2


def scale_of_cells(cell_m: float) -> float:
    """The scale at which a cell is as large as the finest thing that a sheet shows (denominator)."""
    return cell_m * 1e3 / float(standards.table("zoning/patches").data["cell_mm"])


def majority(classes: xr.DataArray) -> xr.DataArray:
    """The commonest class of the 3 x 3 cells around each; the own one where it is among the commonest."""
    values = classes.values
    highest = int(values.max(initial=0))
    votes = np.full(values.shape, -1, np.int8)
    out = values.copy()
    padded = np.pad(values, 1)
    for grade in range(1, highest + 1):
        mask = (padded == grade).astype(np.int8)
        across = mask[:, :-2] + mask[:, 1:-1] + mask[:, 2:]
        count = 2 * (across[:-2] + across[1:-1] + across[2:]) + (values == grade)
        better = (count > votes) & (values > 0)
        out[better], votes[better] = grade, count[better]
    return describe(classes.copy(data=out), quantity=str(classes.attrs["quantity"]), like=classes)
