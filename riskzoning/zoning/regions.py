"""Regions of units: contiguous, alike inside, the same whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.errors import AdminError, Phrase, Problem, note
from riskzoning.layers.plausible import takes
from riskzoning.zoning.clusters import Ground, Values, from_below, numbered, skater, spread, ward, ward_path
from riskzoning.zoning.contiguity import Contiguity, Indices, contiguity
from riskzoning.zoning.exchange import azp, max_p

Method = Literal["ward", "skater", "azp", "max_p"]
METHODS: tuple[Method, ...] = ("ward", "skater", "azp", "max_p")


@takes()
def regionalise(
    units: gpd.GeoDataFrame,
    columns: Sequence[str],
    *,
    n_regions: int | None,
    method: Method = "ward",
    min_size: float = 1,
    size: str | None = None,
    seed: int = 0,
) -> pd.Series[Any]:
    """Contiguous regions of units that are alike (空间约束聚类).

    Columns are standardised first. Units touch where they share a border, not a corner; a unit that touches none is
    linked to the nearest and told. Parts of the area that do not touch have regions of their own.

    Parameters
    ----------
    units : GeoDataFrame
        Polygons, indexed by code.
    columns : sequence of str
        Numbers without gaps.
    n_regions : int
        Number of regions; for ``max_p`` the most that there may be, or None.
    method : {"ward", "skater", "azp", "max_p"}
        Ward's criterion with contiguity; pruning of the minimum spanning tree; exchange at borders from several starts;
        as many regions above ``min_size`` as there can be.
    min_size : float
        Least number of units in a region, or least sum of ``size``.
    size : str, optional
        A column such as ``population``.
    seed : int
        Of the starts of ``azp`` and ``max_p``.

    Returns
    -------
    Series
        Region of each unit, 1 .. n, in the order of the units; numbered by the lowest code in a region, so that the
        order of the rows does not matter.

    Raises
    ------
    AdminError
        A column is missing or has gaps, codes are not unique, or there cannot be so many regions.

    References
    ----------
    Assuncao et al. (2006) for SKATER, Openshaw (1977) for AZP, Duque, Anselin and Rey (2012) for max-p.

    Examples
    --------
    >>> from shapely import box
    >>> chain = gpd.GeoDataFrame({"v": [1, 1, 1, 9, 9, 9]}, geometry=[box(i, 0, i + 1, 1) for i in range(6)])
    >>> regionalise(chain, ["v"], n_regions=2).tolist()
    [1, 1, 1, 2, 2, 2]
    """
    _check(units, columns, method, n_regions, size)
    order = np.argsort(np.asarray(units.index.astype(str)), kind="stable")
    frame = units.iloc[order]
    near = contiguity(frame.geometry.to_numpy(), degrees=bool(frame.crs and frame.crs.is_geographic))
    tell_islands(near, frame.index)
    ground = ground_of(frame, columns, near, size)
    parts = near.components()
    wanted = _wanted(n_regions, parts, ground, min_size)
    labels = _labels(ground, parts, wanted, method, float(min_size) if min_size > 1 or size else 0.0, seed)
    made = len(np.unique(labels))
    if n_regions is not None and made != n_regions and method != "max_p":
        note(Problem("regions.fewer", Phrase("units"), severity="warning", wanted=n_regions, made=made, least=min_size))
    out = np.empty(len(frame), dtype=np.int64)
    out[order] = numbered(labels) + 1
    return pd.Series(out, index=units.index, name="region")


def standardised(values: Values) -> Values:
    """Columns with mean 0 and standard deviation 1; a constant column says nothing and becomes 0."""
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    constant = deviation <= 1e-12 * np.maximum(np.abs(mean), 1e-300)
    return np.asarray(np.where(constant, 0.0, (values - mean) / np.where(constant, 1.0, deviation)))


def ground_of(frame: gpd.GeoDataFrame, columns: Sequence[str], near: Contiguity, size: str | None = None) -> Ground:
    """What the clusters take: standardised columns, neighbours, sizes."""
    values = frame[list(columns)].to_numpy(dtype=np.float64)
    sizes = np.ones(len(frame)) if size is None else frame[size].to_numpy(dtype=np.float64)
    return Ground(standardised(values), near.neighbours(), sizes)


def tell_islands(near: Contiguity, codes: pd.Index) -> None:
    """Say which units touch nobody."""
    if near.islands:
        names = [str(codes[at]) for at in near.islands]
        note(Problem("regions.islands", Phrase("units"), severity="info", codes=names, count=len(names)))


def best_number(
    ground: Ground, most: int, floor: float, size: NDArray[np.float64] | None = None
) -> tuple[int, dict[int, float]]:
    """The number of regions with the best index of Calinski and Harabasz, of those up to ``most``, and its values.

    With sizes of the units, numbers come first that leave no region larger than 1.
    """
    most = min(most, ground.count - 1)
    if most < 2:
        return 1, {}
    total = spread(ground.values, np.zeros(ground.count, dtype=np.int64))
    if total <= 0:
        return 1, {}
    path = ward_path(ground, list(range(2, most + 1)), floor)
    scores: dict[int, float] = {}
    largest: dict[int, float] = {}
    for labels in path.values():
        k = len(np.unique(labels))
        within = spread(ground.values, labels)
        if 1 < k < ground.count:
            scores[k] = ((total - within) / (k - 1)) / max(within / (ground.count - k), 1e-12 * total)
            largest[k] = 0.0 if size is None else float(np.bincount(labels, size).max())
    if not scores:
        return 1, {}
    small = [k for k in scores if largest[k] <= 1]
    if not small:
        # None is small enough: the one whose largest region is the smallest.
        return min(scores, key=lambda k: (round(largest[k], 9), k)), scores
    return max(small, key=lambda k: (round(scores[k], 9), -k)), scores


def _labels(ground: Ground, parts: Indices, wanted: int, method: Method, floor: float, seed: int) -> Indices:
    """Clusters of the whole; parts that do not touch stay apart because nothing links them."""
    if len(np.unique(parts)) == 1:
        return _clusters(ground, wanted, method, floor, seed)
    # Ward shares the number out among the parts, then each is made on its own.
    shares = ward(ground, wanted, 0.0)
    labels, offset = np.zeros(ground.count, dtype=np.int64), 0
    for part in np.unique(parts):
        members = np.flatnonzero(parts == part)
        place = {int(unit): at for at, unit in enumerate(members)}
        near = [[place[other] for other in ground.near[unit]] for unit in members]
        own = Ground(ground.values[members], near, ground.size[members])
        least = floor if own.size.sum() >= floor else 0.0
        made = _clusters(own, len(np.unique(shares[members])), method, least, seed)
        labels[members] = made + offset
        offset += int(made.max()) + 1
    return labels


def _clusters(ground: Ground, wanted: int, method: Method, floor: float, seed: int) -> Indices:
    if wanted >= ground.count and floor <= 0:
        return np.arange(ground.count)
    if method == "max_p":
        return max_p(ground, wanted, floor, seed=seed)
    if method == "azp":
        return azp(ground, wanted, floor, seed=seed)
    if method == "skater":
        return skater(ground, wanted, floor)
    labels = ward(ground, wanted, floor)
    if len(np.unique(labels)) < wanted:
        # The floor was reached with too few regions: cutting the tree, from above or from the leaves, may leave more.
        others = [labels, skater(ground, wanted, floor), from_below(ground, floor)]
        fitting = [other for other in others if len(np.unique(other)) <= wanted]
        return max(fitting, key=lambda other: len(np.unique(other)))
    return labels


def _wanted(n_regions: int | None, parts: Indices, ground: Ground, min_size: float) -> int:
    least = len(np.unique(parts))
    possible = max(int((ground.size.sum() + 1e-9) // min_size), least) if min_size > 0 else ground.count
    most = min(ground.count, possible)
    if n_regions is None:
        return most
    if not least <= n_regions <= most:
        values: dict[str, Any] = {"wanted": n_regions, "least": least, "most": most, "floor": float(min_size)}
        raise AdminError(Problem("regions.number", Phrase("units"), units=ground.count, **values))
    return n_regions


def _check(
    units: gpd.GeoDataFrame, columns: Sequence[str], method: str, n_regions: int | None, size: str | None
) -> None:
    thing = Phrase("units")
    problems = []
    if method not in METHODS:
        problems.append(Problem("regions.method", thing, method=method, known=METHODS))
    if n_regions is None and method != "max_p":
        problems.append(Problem("regions.no_number", thing, method=method))
    if len(units) == 0:
        problems.append(Problem("regions.empty", thing))
    if units.index.has_duplicates:
        problems.append(
            Problem("regions.codes", thing, codes=sorted(set(map(str, units.index[units.index.duplicated()]))))
        )
    wanted = [*columns, *([size] if size else [])]
    lost = [name for name in wanted if name not in units.columns]
    if lost or not list(columns):
        problems.append(Problem("regions.columns", thing, columns=lost, known=list(map(str, units.columns))))
    for name in wanted:
        if name in units.columns:
            numbers = pd.to_numeric(units[name], errors="coerce")
            gaps = units.index[~np.isfinite(numbers.astype(float))]
            if len(gaps):
                problems.append(Problem("regions.gaps", thing, column=name, codes=list(map(str, gaps))))
    if problems:
        raise AdminError(problems=problems)
