"""What units have of the classes of a layer: ground and a count by class, and plain and weighted sums of its index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.coverage.engine import Coverage
from riskzoning.coverage.kernels import add_classes

Array = np.ndarray[Any, Any]
# Columns of the sums of an index: its ground, ground x index, count, count x index.
_GROUND, _MEAN, _COUNT, _WEIGHTED = range(4)
_NONE = np.zeros((0, 0))


@dataclass(frozen=True, eq=False)
class ClassSums:
    """Sums of the units, in the order of the coverage: rows units.

    ``ground`` (cells) and ``held`` (of the count) have a column for each class, 0 = no data; ``mean`` and ``weighted``
    are the means of the index over ground and over what is counted, NaN where there is neither.
    """

    ground: Array
    held: Array
    mean: Array
    weighted: Array


def sums_frame(sums: Mapping[str, ClassSums], units: pd.Index) -> pd.DataFrame:
    """Sums as a table, units by parts, that :func:`sums_of` reads back as they were."""
    columns: dict[str, Array] = {}
    for name, held in sums.items():
        for part in ("ground", "held"):
            columns |= {f"{part} {at} {name}": column for at, column in enumerate(getattr(held, part).T)}
        columns |= {f"{part} 0 {name}": getattr(held, part) for part in ("mean", "weighted")}
    return pd.DataFrame(columns, index=pd.Index(units.astype("string"), name="code"))


def sums_of(frame: pd.DataFrame) -> dict[str, ClassSums]:
    """The sums that :func:`sums_frame` has made a table of."""
    parts: dict[str, dict[str, list[Array]]] = {}
    for column in frame.columns:
        part, _, name = str(column).split(" ", 2)
        parts.setdefault(name, {}).setdefault(part, []).append(frame[column].to_numpy(dtype=np.float64))
    return {
        name: ClassSums(
            np.column_stack(held["ground"]), np.column_stack(held["held"]), held["mean"][0], held["weighted"][0]
        )
        for name, held in parts.items()
    }


class ClassAccumulator:
    """Takes bands of rows, in any number, for several indices; each with its classes and the count that weighs it.

    ``classes`` maps the name of an index to the highest of its classes.
    """

    def __init__(self, coverage: Coverage, classes: Mapping[str, int], *, threads: int = 2) -> None:
        self._coverage, self._threads = coverage, threads
        units = coverage.table.areas.size
        self._sums = {
            name: (np.zeros((units, most + 1)), np.zeros((units, most + 1)), np.zeros((units, 4)))
            for name, most in classes.items()
        }

    def update(self, first_row: int, bands: Mapping[str, tuple[Array, Array, Array | None]]) -> None:
        """Take the rows of a band: classes, index, and the count or None, of each index; rows in ascending order."""
        table = self._coverage.table
        places = (table.run_start, table.runs, table.cell_start, table.cells, table.fractions)
        counts: dict[int, Array] = {}
        for _, _, count in bands.values():
            if count is not None and id(count) not in counts:
                counts[id(count)] = np.ascontiguousarray(count, dtype=np.float64)

        def add(name: str) -> None:
            codes, values, count = bands[name]
            held = _NONE if count is None else counts[id(count)]
            codes = np.ascontiguousarray(codes, dtype=np.uint8)
            values = np.ascontiguousarray(values, dtype=np.float32)
            add_classes(codes, values, held, first_row, *places, *self._sums[name])

        with ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(add, _names(bands, self._sums)))

    def result(self) -> dict[str, ClassSums]:
        """The sums of every unit; larger ones are those of their parts."""
        return {name: self._of_all(*sums) for name, sums in self._sums.items()}

    def _of_all(self, ground: Array, held: Array, index: Array) -> ClassSums:
        sums = self._coverage.of_all_units(index)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(sums[:, _GROUND] > 0, sums[:, _MEAN] / sums[:, _GROUND], np.nan)
            weighted = np.where(sums[:, _COUNT] > 0, sums[:, _WEIGHTED] / sums[:, _COUNT], np.nan)
        every = self._coverage.of_all_units
        return ClassSums(every(ground), every(held), mean, weighted)


def _names(bands: Mapping[str, object], known: Mapping[str, object]) -> Sequence[str]:
    return [name for name in known if name in bands]
