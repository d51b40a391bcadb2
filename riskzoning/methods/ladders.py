"""The ladder of severity (危险性标尺): one 0..1 on which every hazard stands, so that equal index means equal class.

A hazard names one measure with a unit, the limits of its classes, where it begins and where it is full. Nothing depends
on who else is in the study: the same measure gives the same index in the next city and the next year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import dask
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, StandardTableError
from riskzoning.faces import missing
from riskzoning.layers import describe
from riskzoning.layers.plausible import takes

__all__ = ["Ladder", "index_breaks", "load_ladder"]

Values = TypeVar("Values")


@dataclass(frozen=True)
class Ladder:
    """The classes of one measure and the index between them.

    Parameters
    ----------
    name : str
        ``earthquake``, ``meteorology/gale`` ...
    none, limits, full : float, sequence of float, float
        In ``units``, strictly rising: at or below ``none`` the hazard does not act (index 0), the limits part the n =
        len(limits) + 1 classes, from ``full`` on the index is 1. For ``direction=-1`` strictly falling.
    closed : {"right", "left"}
        Which class a measure equal to a limit belongs to: the lower (``right``) or the higher (``left``).
    units : str
    direction : {1, -1}
        -1: the smaller the measure, the more severe.
    measure : mapping
        What is measured, ``{"zh": ..., "en": ...}``.
    scheme : str
        Names of the classes, a scheme of ``grades/schemes``; default: the first that has as many classes, or none.

    Raises
    ------
    StandardTableError
        The limits do not rise (or fall), or are no numbers; the scheme has another number of classes.

    Examples
    --------
    >>> ladder = Ladder("own", none=0.0, limits=(1.0, 2.0), full=4.0, units="m", closed="left")
    >>> ladder.index(np.array([0.0, 0.5, 1.0, 3.0, 9.0])).round(3)
    array([0.   , 0.167, 0.333, 0.833, 1.   ])
    """

    name: str
    none: float
    limits: tuple[float, ...]
    full: float
    units: str
    closed: Literal["right", "left"] = "right"
    direction: Literal[1, -1] = 1
    measure: Mapping[str, str] = field(default_factory=dict)
    scheme: str = ""

    def __post_init__(self) -> None:
        steps = [self.none, *self.limits, self.full]
        rising = all(self.direction * low < self.direction * high for low, high in pairwise(steps))
        if not (self.limits and rising and np.all(np.isfinite(steps))):
            raise StandardTableError(Problem("ladder.steps", Phrase("ladder", name=self.name), steps=steps))
        schemes = {name: int(entry["k"]) for name, entry in standards.table("grades/schemes").data.items()}
        fitting = [name for name, classes in schemes.items() if classes == self.k]
        if self.scheme and self.scheme not in fitting:
            thing = Phrase("ladder", name=self.name)
            raise StandardTableError(Problem("ladder.scheme", thing, classes=self.k, known=fitting or list(schemes)))
        object.__setattr__(self, "scheme", self.scheme or (fitting[0] if fitting else ""))

    @property
    def k(self) -> int:
        """Number of classes.

        Examples
        --------
        >>> load_ladder("flood").k
        4
        """
        return len(self.limits) + 1

    def index(self, values: Values) -> Values:
        """The measure on the ladder: 0 where it does not act, i/k at the i-th limit, 1 from ``full`` on.

        Parameters
        ----------
        values : array, Series, DataArray or dask array
            In the unit of the ladder. NaN stays NaN, infinities count as missing. Lazy values give a lazy index.

        Returns
        -------
        same container
            float64, or the float type of the values; a DataArray is described as ``hazard_index``.

        Examples
        --------
        >>> load_ladder("earthquake").index(np.array([0.04, 0.09, 0.2, 0.75])).round(4)
        array([0.    , 0.25  , 0.5132, 1.    ])
        """
        return self._contain(values, self._place, "hazard_index")

    def grade(self, values: Values) -> Values:
        """The class of the measure, 1..k; 0 where it is missing.

        Examples
        --------
        >>> load_ladder("earthquake").grade(np.array([0.03, 0.09, 0.38, np.nan]))
        array([1, 2, 4, 0], dtype=uint8)
        """
        return self._contain(values, self._class, "hazard_grade")

    def grade_of_index(self, index: Values) -> Values:
        """The class of an index that stands on this ladder: the same as that of its measure.

        Examples
        --------
        >>> load_ladder("earthquake").grade_of_index(np.array([0.0, 0.25, 0.26, 1.0]))
        array([1, 2, 2, 4], dtype=uint8)
        """
        from riskzoning.methods.classification import grade_values  # machine code, only where cells are graded

        return grade_values(index, index_breaks(self.k), closed=self.closed)  # type: ignore[arg-type]

    def _steps(self, dtype: np.dtype[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Measures and indices of the corners, rising, in the type of the values: 0.09 as float32 is the limit 0.09."""
        kind = dtype if np.issubdtype(dtype, np.floating) else np.dtype(np.float64)
        measures = np.array([self.none, *self.limits, self.full], dtype=kind)
        heights = np.array([0.0, *index_breaks(self.k)], dtype=kind)
        return (measures, heights) if self.direction == 1 else (measures[::-1], heights[::-1])

    def _place(self, block: NDArray[Any]) -> NDArray[Any]:
        measures, heights = self._steps(block.dtype)
        placed = np.interp(block, measures, heights).astype(measures.dtype)
        placed = np.where(np.isfinite(block), placed, np.asarray(np.nan, measures.dtype))
        self._keep_classes(block.ravel(), placed.ravel())
        return placed

    def _keep_classes(self, measures: NDArray[Any], placed: NDArray[Any]) -> None:
        """A measure one digit beside a limit may round to the index of the limit: it stays on its own side of it."""
        kind = placed.dtype
        for at, border in enumerate(np.array(index_breaks(self.k)[:-1], dtype=kind), start=1):
            near = np.flatnonzero(np.abs(placed - border) <= 4 * np.finfo(kind).eps)
            if not near.size:
                continue
            above = self._class(measures[near]) > at
            if self.closed == "right":
                low, high = np.nextafter(border, np.asarray(1, kind)), border
            else:
                low, high = border, np.nextafter(border, np.asarray(0, kind))
            placed[near] = np.where(above, np.maximum(placed[near], low), np.minimum(placed[near], high))

    def _class(self, block: NDArray[Any]) -> NDArray[np.uint8]:
        measures, _ = self._steps(block.dtype)
        # Infinities and NaN have no class; a falling ladder is a rising one of the negated measure.
        values = np.where(np.isfinite(block), block * self.direction, np.nan)
        side = "left" if self.closed == "right" else "right"
        classes = np.searchsorted(np.sort(measures[1:-1] * self.direction), values, side=side) + 1  # type: ignore[call-overload]
        return np.where(np.isnan(values), 0, classes).astype(np.uint8)

    def _contain(self, values: Any, work: Any, quantity: str) -> Any:
        """Work on plain, lazy or labelled values, in their container."""
        if isinstance(values, xr.DataArray):
            layer = values.copy(data=self._contain(values.data, work, quantity))
            return describe(layer, quantity=quantity, like=values, ladder=self.name)
        if isinstance(values, pd.Series):
            return pd.Series(work(values.to_numpy(dtype=np.float64)), index=values.index, name=values.name)
        if dask.is_dask_collection(values):  # type: ignore[attr-defined]
            sample = work(np.zeros(1, values.dtype))
            return values.map_blocks(work, dtype=sample.dtype, meta=sample[:0])
        array = np.asarray(values)
        return work(array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64))


@takes()
def index_breaks(k: int) -> tuple[float, ...]:
    """Upper bounds of k classes on every ladder: 1/k, 2/k ... 1.

    Examples
    --------
    >>> index_breaks(4)
    (0.25, 0.5, 0.75, 1.0)
    """
    return tuple(i / k for i in range(1, k + 1))


@takes()
def load_ladder(name: str) -> Ladder:
    """A ladder of the standards: ``earthquake``, or one of several, ``meteorology/gale``.

    Raises
    ------
    StandardTableError
        There is no such ladder, or its table lacks a step.

    Examples
    --------
    >>> load_ladder("meteorology/gale").limits
    (3.0, 10.0, 20.0)
    """
    table_name, _, part = name.partition("/")
    table = standards.table(f"ladders/{table_name}")
    entry = table.data.get(part) if part else table.data
    if not isinstance(entry, Mapping) or "limits" not in entry:
        several = [key for key, value in table.data.items() if isinstance(value, Mapping) and "limits" in value]
        raise StandardTableError(
            Problem("ladder.unknown", Phrase("ladder", name=name), table=table_name, known=several)
        )
    try:
        none, full = float(entry["none"]), float(entry["full"])
        limits = tuple(float(value) for value in entry["limits"])
    except (KeyError, TypeError, ValueError) as error:
        raise StandardTableError(
            Problem("ladder.form", Phrase("ladder", name=name), reason=str(error), table=table_name)
        ) from None
    return Ladder(
        name,
        none,
        limits,
        full,
        units=str(entry.get("units", table.info.get("units", "1"))),
        closed=entry.get("closed", table.info.get("closed", "right")),
        direction=entry.get("direction", 1),
        measure=dict(entry.get("measure", {})),
        scheme=str(entry.get("scheme", table.info.get("scheme", ""))),
    )


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
