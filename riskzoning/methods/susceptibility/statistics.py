"""Frequency ratio, information value, certainty factor and weights of evidence of the classes of one factor."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers.plausible import takes
from riskzoning.methods.susceptibility.counting import class_counts

Array: TypeAlias = NDArray[Any]

Classes: TypeAlias = ArrayLike | pd.DataFrame
Floor: TypeAlias = Literal["shrink", "laplace", "min"] | float | None
_COLUMNS = ("class", "event_area", "area")
# Of all the ground: what is less is the rounding of a sum.
_ROUNDING = 1e-12


@takes()
def information_value(
    classes: Classes,
    events: ArrayLike | None = None,
    *,
    floor: Floor = "laplace",
    cell_area: float = 1.0,
    base: float = math.e,
) -> pd.DataFrame:
    """Information value (信息量) of each class: ``I = ln[(N_i/A_i) / (N/A)]``, 0 at the average density of events.

    Parameters
    ----------
    classes : layer, or table
        Class layer (integers with 0 = no data, or floats with NaN), or a DataFrame with the columns ``class``,
        ``event_area`` and ``area`` (all cells of the class, those with events included).
    events : layer, optional
        On the grid of ``classes``: above 0 where an event is. A cell counts once. NaN, like no class, is outside.
    floor : {"shrink", "laplace", "min"}, number or None
        ``shrink``: every class is drawn towards the mean density p as if it had half an event cell more on the ground
        that this needs on average, (N_i + c)/(A_i + c/p) with c = 0.5: few cells say little. Else what a class without
        events gets: ``laplace``: as if half a cell had an event, yet never more than the average or than a class that
        has events; ``min``: the smallest finite value of the factor; a number: that value; None: minus infinity.
    cell_area : float
        Area of a cell in the units of the table; 1 for counts and layers. Used by ``shrink`` and ``laplace``.
    base : float
        Base of the logarithm; 2 is found in some reports.

    Returns
    -------
    DataFrame
        A row for each class, labelled by it; columns ``class event_area area density frequency_ratio
        information_value floored``. ``attrs`` has the totals, the floor, and ``events_outside``, the event cells
        that lie where no class is known.

    Warns
    -----
    RiskZoningWarning
        There are fewer events than classes (of areas: with ``cell_area``), one class is all the ground, or a class has
        no event and its value is that of the floor, marked ``floored``; ``floor=None`` gives minus infinity instead.

    Raises
    ------
    LayerError
        The table is not one, the layers lie on different grids, or there is no event at all.

    References
    ----------
    GRASS landslide-susceptibility tutorial (mrakhilesh.com); FR and I as in the Chinese 1:50 000 survey practice.

    Examples
    --------
    >>> table = pd.DataFrame({"class": ["flat", "steep"], "event_area": [10, 40], "area": [9000, 1000]})
    >>> information_value(table)["information_value"].round(3).to_dict()
    {'flat': -1.504, 'steep': 2.079}
    """
    return _information(_Counts.of(classes, events, floor, cell_area).told(), base)


@takes()
def frequency_ratio(
    classes: Classes, events: ArrayLike | None = None, *, floor: Floor = "laplace", cell_area: float = 1.0
) -> pd.DataFrame:
    """Frequency ratio (频率比) of each class: ``FR = (N_i/N) / (A_i/A)``, 1 where events are as frequent as on average.

    Parameters
    ----------
    classes, events, floor, cell_area
        As in :func:`information_value`; ``min`` and a number leave the FR of an empty class at 0.

    Returns
    -------
    DataFrame
        A row for each class, labelled by it; columns ``class event_area area density frequency_ratio floored``.

    Raises
    ------
    LayerError
        As :func:`information_value`.

    Examples
    --------
    >>> table = pd.DataFrame({"class": [1, 2], "event_area": [40, 60], "area": [1000, 9000]})
    >>> frequency_ratio(table)["frequency_ratio"].tolist()
    [4.0, 0.6666666666666666]
    """
    return _ratio(_Counts.of(classes, events, floor, cell_area).told())


@takes()
def certainty_factor(
    classes: Classes, events: ArrayLike | None = None, *, floor: Floor = "laplace", cell_area: float = 1.0
) -> pd.DataFrame:
    """Certainty factor (确定性系数) of each class, -1 (never) .. 0 (average) .. 1 (always).

    With ``p = N_i/A_i`` and ``P = N/A``: ``(p-P)/(p(1-P))`` where p >= P, else ``(p-P)/(P(1-p))``.

    Parameters
    ----------
    classes, events, floor, cell_area
        As in :func:`information_value`; ``min`` and a number leave the CF of an empty class at -1.

    Returns
    -------
    DataFrame
        A row for each class, labelled by it; columns ``class event_area area density certainty_factor floored``.

    Raises
    ------
    LayerError
        As :func:`information_value`.

    Examples
    --------
    >>> table = pd.DataFrame({"class": [1, 2], "event_area": [40, 60], "area": [1000, 9000]})
    >>> certainty_factor(table)["certainty_factor"].round(6).tolist()
    [0.757576, -0.33557]
    """
    return _certainty(_Counts.of(classes, events, floor, cell_area).told())


@takes()
def weights_of_evidence(
    classes: Classes, events: ArrayLike | None = None, *, floor: Floor = "laplace", cell_area: float = 1.0
) -> pd.DataFrame:
    """Weights of evidence (证据权) of each class: W+, W-, contrast C = W+ - W- and, for counts, its standard error.

    With a = event in class, b = event outside, c = no event in class, d = no event outside:
    ``W+ = ln[(a/(a+b))/(c/(c+d))]``, ``W- = ln[(b/(a+b))/(d/(c+d))]``, ``s(C)^2 = 1/a + 1/b + 1/c + 1/d``.

    Parameters
    ----------
    classes, events, floor, cell_area
        As in :func:`information_value`, and the ground outside a class is treated as a class is: where all events lie
        in one class it is W- that would be minus infinity. ``laplace``: none of the four numbers is less than half a
        cell; ``min`` and a number replace what is infinite. A class that is all the ground there is has 0.

    Returns
    -------
    DataFrame
        A row for each class, labelled by it; columns ``class event_area area density w_plus w_minus contrast
        s_contrast studentised_contrast floored``. The two of the error need counts: NaN for a table of areas
        (``cell_area`` other than 1, or fractions).

    Raises
    ------
    LayerError
        As :func:`information_value`.

    Examples
    --------
    >>> table = pd.DataFrame({"class": [1, 2], "event_area": [30, 20], "area": [2000, 8000]})
    >>> weights_of_evidence(table).loc[1, ["contrast", "s_contrast"]].round(6).tolist()
    [1.80437, 0.289769]
    """
    return _evidence(_Counts.of(classes, events, floor, cell_area).told())


def statistic(name: str, rows: pd.DataFrame, *, floor: Floor) -> pd.DataFrame:
    """A statistic of counted cells, without a word about thin classes: a model that is trained tells of its own."""
    return _STATISTICS[name](_Counts.of(rows, None, floor, 1.0))


def _information(counts: _Counts, base: float = math.e) -> pd.DataFrame:
    ratio = counts.ratio()
    with np.errstate(divide="ignore"):
        value = counts.floored(np.log(ratio) / math.log(base))
    return counts.table(frequency_ratio=ratio, information_value=value, _base=base)


def _ratio(counts: _Counts) -> pd.DataFrame:
    return counts.table(frequency_ratio=counts.ratio())


def _certainty(counts: _Counts) -> pd.DataFrame:
    p, P = counts.used / counts.size, counts.event_total / counts.area_total
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(p >= P, (p - P) / (p * (1 - P)), (p - P) / (P * (1 - p)))
    return counts.table(certainty_factor=np.where(p == P, 0.0, value))


def _evidence(counts: _Counts) -> pd.DataFrame:
    floor = counts.floor
    a, c, b, d = counts.quarters(floor)
    with np.errstate(divide="ignore", invalid="ignore"):
        plus, minus = counts.bounded(*_weights(a, c, b, d))
        error = np.sqrt(1 / a + 1 / c + 1 / b + 1 / d)
        error = np.where(np.isfinite(error), error, np.nan) if counts.counts_cells else np.full(a.shape, np.nan)
        contrast = plus - minus
        studentised = contrast / error
    out = counts.table(
        w_plus=plus, w_minus=minus, contrast=contrast, s_contrast=error, studentised_contrast=studentised
    )
    return out.assign(floored=out["floored"] | (counts.one_sided() & (floor is not None)))


_STATISTICS: Mapping[str, Callable[[_Counts], pd.DataFrame]] = {
    "information_value": _information,
    "frequency_ratio": _ratio,
    "certainty_factor": _certainty,
    "weights_of_evidence": _evidence,
}


class _Counts:
    """Event area and area of the classes of a factor, with the floor applied where a class has no event."""

    def __init__(self, table: pd.DataFrame, floor: Floor, cell_area: float) -> None:
        self.labels = table["class"].to_numpy()
        self.events = table["event_area"].to_numpy(dtype=np.float64)
        self.area = table["area"].to_numpy(dtype=np.float64)
        self.event_total, self.area_total = float(self.events.sum()), float(self.area.sum())
        self.empty = self.events == 0
        self.floor, self.cell_area = floor, cell_area
        self.used, self.size = self.events, self.area
        mean = self.event_total / self.area_total
        if floor == "shrink":
            self.used, self.size = self.events + 0.5 * cell_area, self.area + 0.5 * cell_area / mean
        elif floor == "laplace":
            self.used = np.where(self.empty, self.least(), self.events)
        whole = np.all(self.events == np.rint(self.events)) and np.all(self.area == np.rint(self.area))
        self.counts_cells = cell_area == 1 and bool(whole)
        self.attrs = dict(table.attrs)

    @classmethod
    def of(cls, classes: Classes, events: ArrayLike | None, floor: Floor, cell_area: float) -> _Counts:
        """From a table, or counted from two layers."""
        _check_options(floor, cell_area)
        thing = Phrase("susceptibility_statistic")
        if isinstance(classes, pd.DataFrame):
            if events is not None:
                raise LayerError(Problem("susceptibility.input_both", thing))
            return cls(_checked_table(classes), floor, cell_area)
        if events is None:
            raise LayerError(Problem("susceptibility.input", thing, kind=type(classes).__name__))
        table = class_counts(classes, events)
        if len(table) and table["event_area"].sum() == table["area"].sum():
            raise LayerError(Problem("susceptibility.events", Phrase("events_layer")))
        return cls(_checked_table(table), floor, 1.0)

    def told(self) -> _Counts:
        """The same, after a word about classes whose values no event stands behind."""
        thing, count = Phrase("class_table"), len(self.labels)
        if count == 1:
            note(Problem("susceptibility.single_class", thing, severity="warning", label=str(self.labels[0])))
            return self
        # A table of areas whose cell is not given says nothing of how many events there are.
        events = math.floor(self.event_total / self.cell_area + _ROUNDING)
        if events < count:
            note(Problem("susceptibility.few_events", thing, severity="warning", events=events, classes=count))
        # Without a floor the values themselves say it: 0, -1 or minus infinity.
        if self.empty.any() and self.floor is not None:
            labels, floor = [str(label) for label in self.labels[self.empty]], str(self.floor)
            note(Problem("susceptibility.empty_class", thing, severity="warning", classes=labels, floor=floor))
        return self

    def least(self) -> Array:
        """Events of an empty class, fewer than in any class that has some: few cells are no evidence."""
        mean = self.event_total / self.area_total
        density = np.min(self.events[~self.empty] / self.area[~self.empty], initial=mean)
        return np.minimum(0.5 * self.cell_area, self.area * density)

    def quarters(self, floor: Floor) -> tuple[Array, Array, Array, Array]:
        """Events and the rest in each class, events and the rest outside it, with the floor on all four."""
        outside = self.event_total - self.events, self.area_total - self.area
        ground = np.maximum(outside[1], 0.0)
        rest, other = self.area - self.events, ground - outside[0]
        four = [self.events, rest, outside[0], other]
        # Sums of areas leave rounding where nothing is left.
        a, c, b, d = (np.where(part > _ROUNDING * self.area_total, part, 0.0) for part in four)
        half = 0.5 * self.cell_area
        if floor == "shrink":
            share = self.area_total / self.event_total - 1
            return a + half, c + half * share, b + half, d + half * share
        if floor == "laplace":
            # On ground of less than a cell half a cell is too much: no more than on the average.
            mean = self.event_total / self.area_total
            a, b = np.where(a > 0, a, self.least()), np.where(b > 0, b, np.minimum(half, ground * mean))
            c = np.where(c > 0, c, np.minimum(half, self.area * (1 - mean)))
            d = np.where(d > 0, d, np.minimum(half, ground * (1 - mean)))
        return a, c, b, d

    def one_sided(self) -> Any:
        """Classes that have all the events or none, or in which, or outside which, every cell has one."""
        rest = self.area - self.events
        least, most = _ROUNDING * self.area_total, (1 - _ROUNDING) * (self.area_total - self.event_total)
        return self.empty | (self.event_total - self.events <= least) | (rest <= least) | (rest >= most)

    def bounded(self, *weights: Array) -> list[Array]:
        """Weights without infinities, unless that is asked for; a class without ground outside it tells nothing."""
        if self.floor is None:
            return list(weights)
        if isinstance(self.floor, (int, float)):
            number = float(self.floor)
            return [np.nan_to_num(weight, nan=0.0, neginf=number, posinf=abs(number)) for weight in weights]
        # Where nothing of that sign is finite, half a cell says how far the weight goes.
        return [
            np.nan_to_num(np.where(np.isinf(weight), _farthest(weight, spare), weight))
            for weight, spare in zip(weights, _weights(*self.quarters("laplace")), strict=True)
        ]

    def ratio(self) -> Any:
        """Frequency ratio of the classes."""
        return (self.used / self.event_total) / (self.size / self.area_total)

    def floored(self, value: Array) -> Any:
        """A logarithmic statistic with the floor in the empty classes."""
        if self.floor == "min":
            # Where all events lie in one class its value is above the average, which is no floor.
            return np.where(self.empty, np.min(value[np.isfinite(value)], initial=0.0), value)
        if isinstance(self.floor, (int, float)):
            return np.where(self.empty, float(self.floor), value)
        return value

    def table(self, _base: float | None = None, **columns: Array) -> pd.DataFrame:
        """The result: what was counted, the statistics, and where the floor was used."""
        out = pd.DataFrame(
            {
                "class": self.labels,
                "event_area": self.events,
                "area": self.area,
                "density": self.events / self.area,
                **columns,
                "floored": self.empty & (self.floor is not None),
            },
            index=pd.Index(self.labels),
        )
        out.attrs = {
            "events": self.event_total,
            "area": self.area_total,
            "events_outside": self.attrs.get("events_outside", 0),
            "floor": self.floor,
            "cell_area": self.cell_area,
            "empty_classes": [str(label) for label in self.labels[self.empty]],
        }
        if _base is not None:
            out.attrs["base"] = _base
        return out


def _weights(a: Array, c: Array, b: Array, d: Array) -> tuple[Array, Array]:
    """W+ and W- from events and the rest in a class, events and the rest outside it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log((a / (a + b)) / (c / (c + d))), np.log((b / (a + b)) / (d / (c + d)))


def _farthest(weight: Array, spare: Array) -> Array:
    """The farthest finite weight to the side on which a weight is infinite."""
    finite = weight[np.isfinite(weight)]
    low, high = np.min(finite, initial=0.0), np.max(finite, initial=0.0)
    far = np.where(weight < 0, low, high)
    return np.where(far == 0, spare, far)


def _check_options(floor: object, cell_area: float) -> None:
    known = floor in ("shrink", "laplace", "min", None) or (
        isinstance(floor, (int, float)) and not isinstance(floor, bool) and math.isfinite(floor)
    )
    if not known or not (math.isfinite(cell_area) and cell_area > 0):
        thing = Phrase("susceptibility_statistic")
        raise LayerError(Problem("susceptibility.floor", thing, floor=repr(floor), cell_area=cell_area))


def _checked_table(table: pd.DataFrame) -> pd.DataFrame:
    """The table with classes of no area dropped; every problem reported at once."""
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise LayerError(Problem("susceptibility.columns", Phrase("class_table"), columns=missing))
    known = table["class"].notna().to_numpy()
    rows = table if known.all() else table.loc[known]
    # A model is trained again and again without a part of the ground: the checks are those of plain arrays.
    read = {name: pd.to_numeric(rows[name], errors="coerce") for name in ("event_area", "area")}
    events, area = (column.to_numpy(dtype=np.float64, na_value=np.nan) for column in read.values())
    labels = rows["class"]
    wrong = {
        "susceptibility.classes_twice": labels.duplicated().to_numpy(),
        "susceptibility.numbers": ~(np.isfinite(events) & np.isfinite(area)),
        "susceptibility.negative": (events < 0) | (area < 0),
        "susceptibility.more_events": events > area * (1 + 1e-12),
    }
    thing = Phrase("class_table")
    problems = [Problem(rule, thing, classes=labels[bad].tolist()) for rule, bad in wrong.items() if bad.any()]
    if not problems and not events.sum() > 0:
        problems.append(Problem("susceptibility.no_event", thing))
    if not problems and events.sum() >= area.sum() * (1 - _ROUNDING):
        problems.append(Problem("susceptibility.events", thing))
    if problems:
        raise LayerError(problems=problems)
    out: pd.DataFrame = rows.assign(**read)
    out = out if (area > 0).all() else out.loc[area > 0]
    out.attrs = dict(table.attrs)
    return out
