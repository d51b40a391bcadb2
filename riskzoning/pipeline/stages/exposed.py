"""What lies in each class of each hazard, and how severe it is where things are: summed in the pass of the hazards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskzoning.coverage import Accumulator, Coverage
from riskzoning.methods.classification import grade_values
from riskzoning.names import Index, Measure
from riskzoning.pipeline.stages.streaming import Values
from riskzoning.results import Breaks

AREA = "area_km2"
_KM2 = 1e6


@dataclass(frozen=True)
class ExposedSums:
    """What the pass adds up, by unit (index).

    ``ground``: km2 on the grid. ``by_class``: hazard -> columns (grade, quantity), quantities ``area_km2`` and the
    exposed counts. ``none``: hazard -> km2 where its index is exactly 0. ``severity``: hazard -> receptor -> sum of
    count x index. ``weakness``: receptor -> sum of count x vulnerability, and of the count where it is known.
    """

    ground: pd.Series[float]
    by_class: Mapping[str, pd.DataFrame]
    none: Mapping[str, pd.Series[float]]
    severity: Mapping[str, pd.DataFrame]
    weakness: Mapping[str, tuple[pd.Series[float], pd.Series[float]]]

    def known(self, hazard: str, quantity: str) -> pd.Series[float]:
        """What of a quantity lies where the hazard has a class."""
        return self.of_class(hazard, quantity).sum(axis=1)

    def of_class(self, hazard: str, quantity: str) -> pd.DataFrame:
        """A quantity by class of a hazard: columns 1, 2 ..."""
        return pd.DataFrame(self.by_class[hazard].xs(quantity, axis=1, level=1))


class ExposedSink:
    """Feeds sums of the units with what is exposed to each class of each hazard.

    ``receptors`` maps the receptor to the count that stands for it; ``vulnerable`` names those with a vulnerability.
    """

    def __init__(
        self,
        coverage: Coverage,
        classes: Mapping[Index, Breaks],
        counts: Sequence[str],
        receptors: Mapping[str, str],
        vulnerable: Sequence[str] = (),
    ) -> None:
        self._classes, self._counts, self._receptors = dict(classes), list(counts), dict(receptors)
        self._vulnerable, self._cell = list(vulnerable), abs(coverage.grid.affine.a * coverage.grid.affine.e) / _KM2

        def sums(names: Sequence[str]) -> Accumulator:
            return coverage.accumulator(names, statistics=("sum",))

        self._ground = sums([AREA])
        self._by_class = {
            (index.hazard, grade): sums([AREA, *counts])
            for index, rule in self._classes.items()
            for grade in range(1, len(rule.bounds) + 1)
        }
        self._none = {index.hazard: sums([AREA]) for index in self._classes}
        self._severity = {index.hazard: sums(list(receptors)) for index in self._classes if receptors}
        self._weakness = {receptor: sums(["weak", "known"]) for receptor in self._vulnerable}

    def update(self, first_row: int, values: Values, /) -> None:
        """Take the rows of a band."""
        for index, rule in self._classes.items():
            severity = values[index.key]
            # A hazard that grades its cells itself is counted by these grades.
            own = values.get(index.grade_key)
            codes = grade_values(severity, rule.bounds, closed=rule.closed) if own is None else own
            for grade in range(1, len(rule.bounds) + 1):
                inside = codes == grade
                bands = {name: np.where(inside, values[name], 0.0) for name in self._counts}
                self._by_class[index.hazard, grade].update(first_row, {AREA: inside.astype(np.float32), **bands})
            known = (codes > 0) & np.isfinite(severity)
            self._none[index.hazard].update(first_row, {AREA: (known & (severity == 0)).astype(np.float32)})
            if index.hazard in self._severity:
                met = np.where(known, severity, 0.0).astype(np.float64)
                bands = {name: values[count] * met for name, count in self._receptors.items()}
                self._severity[index.hazard].update(first_row, bands)
        for receptor, sums in self._weakness.items():
            count = values[self._receptors[receptor]]
            weak = values[Measure("vulnerability_index", receptor=receptor).key].astype(np.float64)
            known = np.isfinite(weak)
            sums.update(first_row, {"weak": np.where(known, count * weak, 0.0), "known": np.where(known, count, 0.0)})
        shape = next(iter(values.values())).shape
        self._ground.update(first_row, {AREA: np.ones(shape, np.float32)})

    def sums(self) -> ExposedSums:
        """What has been added up."""
        by_class: dict[str, dict[int, pd.DataFrame]] = {}
        for (hazard, grade), accumulator in self._by_class.items():
            by_class.setdefault(hazard, {})[grade] = self._areas(_sums(accumulator))
        weak = {receptor: _sums(accumulator) for receptor, accumulator in self._weakness.items()}
        return ExposedSums(
            ground=self._areas(_sums(self._ground))[AREA],
            by_class={hazard: pd.concat(parts, axis=1) for hazard, parts in by_class.items()},
            none={hazard: self._areas(_sums(accumulator))[AREA] for hazard, accumulator in self._none.items()},
            severity={hazard: _sums(accumulator) for hazard, accumulator in self._severity.items()},
            weakness={receptor: (frame["weak"], frame["known"]) for receptor, frame in weak.items()},
        )

    def _areas(self, sums: pd.DataFrame) -> pd.DataFrame:
        """Sums of cells as km2."""
        return sums.assign(**{AREA: sums[AREA] * self._cell})


class ExposedMeanSink:
    """Feeds the means of risk indices weighted by what is exposed: for the rule of units that asks for them.

    ``indices`` maps the key of the layer of a risk index to the count that weighs it.
    """

    def __init__(self, coverage: Coverage, indices: Mapping[str, str]) -> None:
        self._indices = dict(indices)
        self._sums = {key: coverage.accumulator(["risk", "known"], statistics=("sum",)) for key in self._indices}

    def update(self, first_row: int, values: Values, /) -> None:
        """Take the rows of a band."""
        for key, count in self._indices.items():
            index = values[key].astype(np.float64)
            there = np.isfinite(index)
            weight = np.where(there, values[count], 0.0)
            self._sums[key].update(first_row, {"risk": np.where(there, index, 0.0) * weight, "known": weight})

    def means(self) -> pd.DataFrame:
        """The weighted means by unit and index; NaN where nothing is exposed."""
        frames = {key: _sums(accumulator) for key, accumulator in self._sums.items()}
        return pd.DataFrame({key: f["risk"] / f["known"].where(f["known"] > 0) for key, f in frames.items()})


def _sums(accumulator: Accumulator) -> pd.DataFrame:
    return pd.DataFrame(accumulator.result().xs("sum", axis=1, level=1)).fillna(0.0)
