"""Validation of a susceptibility or index against events: ROC-AUC, rate curves, spatial hold-out, check of classes.

A skill without hold-out is in-sample and must be called so. Cells near each other are alike, so cells are held out by
blocks of ground, never one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.faces import missing
from riskzoning.layers import check_same_grid, layer_on
from riskzoning.layers.plausible import takes
from riskzoning.methods.labels import paired
from riskzoning.methods.ranges import spans

Array: TypeAlias = NDArray[Any]

__all__ = [
    "Holdout",
    "ScoreCounts",
    "class_check",
    "extent_agreement",
    "grade_agreement",
    "holdout_split",
    "rank_agreement",
    "roc_auc",
    "success_rate",
]

_THING = Phrase("validation")


@takes()
def roc_auc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Area under the ROC curve: the chance that an event scores higher than a cell without event; ties count half.

    Parameters
    ----------
    scores : array or layer
        Larger means more susceptible; NaN is left out. A lazy layer is computed: for rasters use :class:`ScoreCounts`.
    labels : array or layer
        Above 0 where an event is; NaN is left out.

    Returns
    -------
    float
        0..1, 0.5 is chance.

    Raises
    ------
    LayerError
        There are no events, or nothing but events.

    Examples
    --------
    >>> roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    from sklearn.metrics import roc_auc_score

    values, events = _pairs(scores, labels)
    return float(roc_auc_score(events, values))


@takes()
def success_rate(scores: ArrayLike, labels: ArrayLike) -> pd.DataFrame:
    """Success-rate curve: share of the events against share of the area, from the highest score down.

    With the events that made the score it is the success rate, with held-out events the prediction rate.

    Parameters
    ----------
    scores, labels : array or layer
        As in :func:`roc_auc`.

    Returns
    -------
    DataFrame
        ``score area_share event_share``, one row per distinct score, after a row (inf, 0, 0); ``attrs["area"]`` is the
        area under the curve.

    Raises
    ------
    LayerError
        As :func:`roc_auc`.

    Examples
    --------
    >>> success_rate([4.0, 3.0, 2.0, 1.0], [1, 0, 0, 0])["event_share"].tolist()
    [0.0, 1.0, 1.0, 1.0, 1.0]
    """
    values, events = _pairs(scores, labels)
    distinct, place = np.unique(-values, return_inverse=True)
    return _curve(-distinct, np.bincount(place), np.bincount(place, weights=events))


def _pairs(scores: ArrayLike, labels: ArrayLike) -> tuple[Any, Any]:
    if isinstance(scores, xr.DataArray) and isinstance(labels, xr.DataArray) and {"y", "x"} <= set(scores.dims):
        check_same_grid(scores=scores, labels=labels)
    scores, labels = paired({"scores": scores, "labels": labels}, _THING).values()
    values, marks = np.asarray(scores, dtype=np.float64).ravel(), np.asarray(labels, dtype=np.float64).ravel()
    if values.shape != marks.shape:
        raise LayerError(Problem("validation.lengths", _THING, scores=values.size, labels=marks.size))
    good = np.isfinite(values) & np.isfinite(marks)
    values, events = values[good], marks[good] > 0
    if not events.any() or events.all():
        raise LayerError(Problem("validation.one_kind", _THING, events=int(events.sum()), cells=events.size))
    return values, events


def _curve(scores: Array, cells: Array, events: Array) -> pd.DataFrame:
    from scipy.integrate import trapezoid

    frame = pd.DataFrame(
        {
            "score": np.concatenate([[np.inf], scores]),
            "area_share": np.concatenate([[0.0], np.cumsum(cells) / np.sum(cells)]),
            "event_share": np.concatenate([[0.0], np.cumsum(events) / np.sum(events)]),
        }
    )
    frame.attrs["area"] = float(trapezoid(frame["event_share"], frame["area_share"]))
    return frame


class ScoreCounts:
    """Scores of cells and of events in fine bins, filled block by block: AUC and rate curve of a whole raster.

    Scores in one bin count as tied; with the default number of bins that moves an AUC by less than 1e-4.

    Parameters
    ----------
    low, high : float
        Range of the scores; values outside count in the end bins.
    bins : int

    Examples
    --------
    >>> counts = ScoreCounts(0.0, 1.0)
    >>> counts.update(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    >>> counts.auc()
    0.75
    """

    def __init__(self, low: float, high: float, bins: int = 65536) -> None:
        self.low, self.high, self.bins = float(low), float(high), int(bins)
        self.cells = np.zeros(self.bins, dtype=np.int64)
        self.events = np.zeros(self.bins, dtype=np.int64)

    def update(self, scores: ArrayLike, labels: ArrayLike) -> None:
        """Add cells; those with a NaN score or label are left out.

        Examples
        --------
        >>> counts = ScoreCounts(0, 1)
        >>> counts.update(np.array([0.2, 0.7, np.nan]), np.array([0, 1, 1]))
        >>> int(counts.cells.sum()), int(counts.events.sum())
        (2, 1)
        """
        scores, labels = np.asarray(scores, dtype=np.float64), np.asarray(labels)
        good = np.isfinite(scores)
        if labels.dtype.kind == "f":
            good &= np.isfinite(labels)
        width = self.high - self.low if spans(self.low, self.high) else 1.0
        place = np.clip((scores[good] - self.low) / width * self.bins, 0, self.bins - 1).astype(np.intp)
        self.cells += np.bincount(place, minlength=self.bins)
        self.events += np.bincount(place[labels[good] > 0], minlength=self.bins)

    def merge(self, other: ScoreCounts) -> ScoreCounts:
        """Add the cells of another count with the same range; returns this one.

        Examples
        --------
        >>> one, two = ScoreCounts(0, 1), ScoreCounts(0, 1)
        >>> two.update(np.zeros(3), np.zeros(3))
        >>> int(one.merge(two).cells.sum())
        3
        """
        if (self.low, self.high, self.bins) != (other.low, other.high, other.bins):
            raise LayerError(Problem("validation.merge", _THING))
        self.cells += other.cells
        self.events += other.events
        return self

    def auc(self) -> float:
        """Area under the ROC curve, ties half; NaN without events or without other cells.

        Examples
        --------
        >>> ScoreCounts(0, 1).auc()
        nan
        """
        others = self.cells - self.events
        if not self.events.sum() or not others.sum():
            return float("nan")
        below = np.cumsum(others) - others
        return float((self.events @ (below + 0.5 * others)) / self.events.sum() / others.sum())

    def curve(self) -> pd.DataFrame:
        """The rate curve of :func:`success_rate`, one row per bin that holds a cell.

        Examples
        --------
        >>> counts = ScoreCounts(0, 4)
        >>> counts.update(np.array([4.0, 3.0, 2.0, 1.0]), np.array([1, 0, 0, 0]))
        >>> counts.curve()["event_share"].tolist()
        [0.0, 1.0, 1.0, 1.0, 1.0]
        """
        if not self.events.sum():
            raise LayerError(Problem("validation.no_event", _THING))
        used = np.flatnonzero(self.cells)[::-1]
        middle = self.low + (used + 0.5) * (self.high - self.low if spans(self.low, self.high) else 1.0) / self.bins
        return _curve(middle, self.cells[used], self.events[used])


@dataclass(frozen=True, eq=False)
class Holdout:
    """Events and ground that a model must not see.

    Parameters
    ----------
    points : array of bool
        Whether each event is held out.
    mask : layer
        1 in the cells of the held-out blocks, 0 in those for training.
    blocks, held : int
        Blocks of ground, and those held out.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> held = layer_on(geobox, np.array([[1, 0]], dtype="uint8"), quantity="mask")
    >>> split = Holdout(np.array([True, False, False]), held, blocks=2, held=1)
    >>> f"{split.points.sum()} of {split.points.size} events on {split.held} of {split.blocks} blocks"
    '1 of 3 events on 1 of 2 blocks'
    """

    points: np.ndarray[Any, Any]
    mask: xr.DataArray
    blocks: int
    held: int


@takes()
def holdout_split(points: gpd.GeoDataFrame, grid: GeoBox, *, block_m: float, share: float = 0.3, seed: int) -> Holdout:
    """Split events and ground by square blocks, so that no held-out event has a training event beside it.

    Blocks with events are drawn until about ``share`` of the events is held out; blocks without events are drawn to the
    same share. The lattice of blocks is that of the whole plane: the same ground is held out on any grid.

    Parameters
    ----------
    points : GeoDataFrame
        Events; those outside the grid are not held out. Any CRS.
    grid : GeoBox
        Projected, unit metre.
    block_m : float
        Edge of a block, m; at least the distance over which the residuals are alike.
    share : float
        Share of the events to hold out, above 0 and below 1.
    seed : int
        The same seed gives the same split, whatever the order of the points.

    Returns
    -------
    Holdout

    Raises
    ------
    LayerError
        The grid is not projected, an argument is out of range, or the events lie in fewer than two blocks.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> geobox = analysis_grid((0, 0, 4000, 1000), crs="EPSG:4547", resolution=100)
    >>> slides = gpd.GeoDataFrame(geometry=gpd.points_from_xy([50, 60, 2500, 3500], [50] * 4), crs="EPSG:4547")
    >>> split = holdout_split(slides, geobox, block_m=1000, share=0.5, seed=1)
    >>> int(split.points.sum()), split.blocks
    (2, 4)
    """
    if grid.crs is None or grid.crs.geographic or not block_m > 0 or not 0 < share < 1:
        raise LayerError(Problem("validation.holdout", _THING, crs=str(grid.crs), block=block_m, share=share))
    left, bottom, right, top = grid.boundingbox
    place = points.to_crs(grid.crs).geometry if points.crs is not None else points.geometry
    x, y = place.x.to_numpy(), place.y.to_numpy()
    inside = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    first = np.floor(np.array([left, bottom]) / block_m).astype(np.int64)
    shape = np.ceil(np.array([right, top]) / block_m).astype(np.int64) - first
    column = np.clip(np.floor(np.where(inside, x, left) / block_m).astype(np.int64) - first[0], 0, shape[0] - 1)
    row = np.clip(np.floor(np.where(inside, y, bottom) / block_m).astype(np.int64) - first[1], 0, shape[1] - 1)
    count = np.zeros((shape[1], shape[0]), dtype=np.int64)
    np.add.at(count, (row[inside], column[inside]), 1)
    held = _held_blocks(count, share, seed)
    ys = grid.affine.f + (np.arange(grid.shape[0]) + 0.5) * grid.affine.e
    xs = grid.affine.c + (np.arange(grid.shape[1]) + 0.5) * grid.affine.a
    cell_row = np.floor(ys / block_m).astype(np.int64) - first[1]
    cell_column = np.floor(xs / block_m).astype(np.int64) - first[0]
    mask = layer_on(grid, held[np.ix_(cell_row, cell_column)].astype(np.uint8), quantity="mask", name="holdout")
    return Holdout(inside & held[row, column], mask, int(held.size), int(held.sum()))


def _held_blocks(count: Array, share: float, seed: int) -> Any:
    """Which blocks are held out; ``count``: events of each block."""
    with_events = np.flatnonzero(count)
    if with_events.size < 2:
        raise LayerError(Problem("validation.blocks", _THING, events=int(count.sum()), blocks=with_events.size))
    rng = np.random.default_rng(seed)
    held = np.zeros(count.size, dtype=bool)
    target, taken = share * count.sum(), 0
    order = rng.permutation(with_events)
    # The last block stays for training.
    for block in order[:-1]:
        here = int(count.flat[block])
        if abs(taken + here - target) < abs(taken - target) or not taken:
            held[block] = True
            taken += here
    empty = rng.permutation(np.flatnonzero(count == 0))
    held[empty[: round(share * empty.size)]] = True
    return held.reshape(count.shape)


@takes()
def class_check(table: pd.DataFrame) -> pd.DataFrame:
    """Whether events crowd in the higher classes: (share of events) / (share of area) must rise with the class.

    Parameters
    ----------
    table : DataFrame
        ``class event_area area``, e.g. from ``susceptibility.class_counts`` of a grade layer; classes ascending.

    Returns
    -------
    DataFrame
        Index ``class``; ``event_area area event_share area_share frequency_ratio``; ``attrs["rises"]`` is True when the
        ratio never falls.

    Raises
    ------
    LayerError
        A column is missing, or there is no event.

    Examples
    --------
    >>> table = pd.DataFrame({"class": [1, 2], "event_area": [10, 30], "area": [600, 400]})
    >>> class_check(table)["frequency_ratio"].round(4).tolist(), class_check(table).attrs["rises"]
    ([0.4167, 1.875], True)
    """
    missing = [name for name in ("class", "event_area", "area") if name not in table.columns]
    if missing:
        raise LayerError(Problem("validation.columns", _THING, columns=missing))
    if not float(table["event_area"].sum()) > 0:
        raise LayerError(Problem("validation.table_no_event", _THING))
    out = table.loc[table["area"] > 0, ["class", "event_area", "area"]].sort_values("class").set_index("class")
    out["event_share"] = out["event_area"] / out["event_area"].sum()
    out["area_share"] = out["area"] / out["area"].sum()
    out["frequency_ratio"] = out["event_share"] / out["area_share"]
    out.attrs["rises"] = bool(np.all(np.diff(out["frequency_ratio"]) >= 0))
    return out


@takes()
def extent_agreement(modelled: xr.DataArray, observed: xr.DataArray) -> dict[str, float]:
    """How far a modelled extent and an observed one are the same ground, e.g. of a flood (淹没范围精度).

    Parameters
    ----------
    modelled, observed : layer
        On one grid; above 0 where there was (or would be) water. Cells that are NaN in either are left out. Lazy layers
        are taken in blocks.

    Returns
    -------
    dict
        ``hits misses false_alarms`` (cells), ``hit_rate`` (of the observed cells, those modelled),
        ``false_alarm_ratio`` (of the modelled cells, those not observed) and ``critical_success_index`` (cells in both
        of those in either), 0..1; NaN where there is nothing to be a share of.

    Raises
    ------
    GridMismatchError
        The layers are on different grids.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> grid = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    >>> model = layer_on(grid, np.array([[1, 1, 1, 0]], dtype="uint8"), quantity="mask")
    >>> seen = layer_on(grid, np.array([[0, 1, 1, 1]], dtype="uint8"), quantity="mask")
    >>> {name: round(value, 3) for name, value in extent_agreement(model, seen).items() if value < 1}
    {'hit_rate': 0.667, 'false_alarm_ratio': 0.333, 'critical_success_index': 0.5}
    """
    check_same_grid(modelled=modelled, observed=observed)
    known = np.isfinite(modelled) & np.isfinite(observed)
    wet, seen = (modelled > 0) & known, (observed > 0) & known
    parts = xr.Dataset({"hits": wet & seen, "misses": ~wet & seen, "alarms": wet & ~seen}).sum().compute()
    hits, misses, alarms = (float(parts[name]) for name in ("hits", "misses", "alarms"))

    def share(part: float, whole: float) -> float:
        return part / whole if whole else float("nan")

    return {
        "hits": hits,
        "misses": misses,
        "false_alarms": alarms,
        "hit_rate": share(hits, hits + misses),
        "false_alarm_ratio": share(alarms, hits + alarms),
        "critical_success_index": share(hits, hits + misses + alarms),
    }


@takes()
def rank_agreement(index: ArrayLike, history: ArrayLike) -> dict[str, float]:
    """How far two measures rank the units alike, e.g. an index and recorded losses: Spearman's rho and Kendall's tau.

    Parameters
    ----------
    index, history : array or Series, shape (units,)
        Series are matched by their index; units with a NaN in either are left out.

    Returns
    -------
    dict
        ``rho``, ``tau`` (-1..1; NaN when one of them is constant) and ``units``.

    Raises
    ------
    LayerError
        Fewer than three units have both.

    Examples
    --------
    >>> agreement = rank_agreement([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5])
    >>> round(agreement["rho"], 6), round(agreement["tau"], 6)
    (0.828571, 0.6)
    """
    from scipy.stats import kendalltau, spearmanr

    if isinstance(index, pd.Series) and isinstance(history, pd.Series):
        index, history = index.align(history, join="inner")
    a, b = np.asarray(index, dtype=np.float64), np.asarray(history, dtype=np.float64)
    if a.shape != b.shape or int((good := np.isfinite(a) & np.isfinite(b)).sum()) < 3:
        raise LayerError(Problem("validation.few_units", _THING, first=a.size, second=b.size))
    a, b = a[good], b[good]
    varies = bool(spans(a.min(), a.max()) and spans(b.min(), b.max()))
    return {
        "rho": float(spearmanr(a, b).statistic) if varies else float("nan"),
        "tau": float(kendalltau(a, b).statistic) if varies else float("nan"),
        "units": float(a.size),
    }


@takes()
def grade_agreement(first: ArrayLike, second: ArrayLike) -> float:
    """Agreement of the grades of two methods or years: Cohen's kappa with quadratic weights, 1 = equal, 0 = chance.

    Parameters
    ----------
    first, second : array of int, shape (units,)
        0 (no data) in either leaves the unit out.

    Raises
    ------
    LayerError
        No unit has both grades.

    Examples
    --------
    >>> round(grade_agreement([1, 1, 2, 3, 4, 5], [1, 2, 2, 3, 5, 5]), 6)
    0.928571
    """
    from sklearn.metrics import cohen_kappa_score

    first, second = paired({"first": first, "second": second}, _THING).values()
    a, b = np.asarray(first).ravel(), np.asarray(second).ravel()
    if a.shape != b.shape or not (good := (a > 0) & (b > 0)).any():
        raise LayerError(Problem("validation.grades", _THING, first=a.size, second=b.size))
    if np.array_equal(a[good], b[good]):
        return 1.0
    return float(cohen_kappa_score(a[good], b[good], weights="quadratic"))


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
