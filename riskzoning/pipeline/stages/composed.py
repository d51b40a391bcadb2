"""The risk of a unit: what lies in each class of each hazard, summed up in the pass, and what is composed of it.

A risk is composed of its parts: how severe what is exposed has the hazard, how much of it there is, how weak it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskzoning import risk
from riskzoning.config import StudyConfig
from riskzoning.coverage import Accumulator, Coverage
from riskzoning.exposure import scaled_exposure
from riskzoning.methods.classification import grade_values
from riskzoning.names import LEADING, MULTI, Index, Measure
from riskzoning.pipeline.stages.cell_risk import risk_of_parts
from riskzoning.pipeline.stages.classes import risk_limits, rule_number
from riskzoning.pipeline.stages.streaming import Values
from riskzoning.results import Breaks
from riskzoning.risk.leading import leading_hazards
from riskzoning.zoning.scales import grade_from_shares

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


Columns = dict[str, "pd.Series[float]"]


@dataclass(frozen=True)
class UnitMeans:
    """Means and sums of layers over the units; ``receptors`` maps the receptor to the count that stands for it."""

    means: pd.DataFrame
    sums: pd.DataFrame
    receptors: Mapping[str, str]


@dataclass(frozen=True)
class UnitSums(UnitMeans):
    """What the passes have added up for the units, with what is exposed to each class."""

    exposed: ExposedSums


def unit_parts(units: UnitSums, hazards: Sequence[Index]) -> Columns:
    """The parts of the risk of units: exposure and vulnerability by receptor, hazard where the exposed are, shares."""
    out: Columns = {}
    ground = units.exposed.ground.where(units.exposed.ground > 0)
    for receptor, count in units.receptors.items():
        density = units.sums[count].fillna(0.0) / ground
        out[Measure("exposure_index", receptor=receptor).key] = scaled_exposure(density, receptor)
    for receptor, (weak, known) in units.exposed.weakness.items():
        out[Measure("vulnerability_index", receptor=receptor).key] = (weak / known.where(known > 0)).clip(0.0, 1.0)
    for index in hazards:
        out |= _hazard_parts(units, index)
    return out


def _hazard_parts(units: UnitSums, index: Index) -> Columns:
    hazard, exposed = index.hazard, units.exposed
    out: Columns = {}
    for receptor, count in units.receptors.items():
        known = exposed.known(hazard, count)
        met = exposed.severity[hazard][receptor] / known.where(known > 0)
        # Where nothing is exposed, the mean of the ground stands for what would be.
        filled = met.fillna(units.means[index.key]).clip(0.0, 1.0)
        out[Measure("exposed_hazard_index", hazard, receptor).key] = filled
    valid = exposed.known(hazard, AREA)
    out[Measure("none_share", hazard).key] = (exposed.none[hazard] / valid.where(valid > 0)).clip(0.0, 1.0)
    return out


def composed_risks(
    study: StudyConfig, parts: Columns, hazards: Sequence[Index], receptors: Sequence[str]
) -> dict[str, pd.Series[float]]:
    """Risk of each hazard and receptor, and their stated mean, from the parts of the units."""
    out: dict[str, pd.Series[float]] = {}
    for index in hazards:
        by_receptor = {receptor: _composed(study, parts, index, receptor) for receptor in receptors}
        out |= {index.risk(receptor).key: values for receptor, values in by_receptor.items()}
        if by_receptor:
            out[index.risk().key] = risk.mean_receptor_index(by_receptor, weights=study.receptor_weights(index.hazard))
    return out


def _composed(study: StudyConfig, parts: Columns, index: Index, receptor: str) -> pd.Series[float]:
    severity = parts[Measure("exposed_hazard_index", index.hazard, receptor).key]
    exposed = parts[Measure("exposure_index", receptor=receptor).key]
    weak = parts.get(Measure("vulnerability_index", receptor=receptor).key)
    # An unknown vulnerability takes nothing off.
    known = None if weak is None else weak.fillna(1.0)
    values: pd.Series[float] = risk_of_parts(study, index, severity, exposed, known)
    return values


def hazard_grades(exposed: ExposedSums, hazard: str, quantity: str) -> pd.Series[int]:
    """The highest class such that it and those above hold a fifth of a quantity; 0 where there is nothing of it."""
    return grade_from_shares(exposed.of_class(hazard, quantity).clip(lower=0.0)).astype("int64")


def beside_the_composite(risks: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Highest grade, leading hazards and number of high hazards of each unit; ``risks`` units x hazards.

    Grades are those of the fixed limits, so that hazards compare; a mean of many hides the one that is severe.
    """
    limits, closed = risk_limits()
    grades = risks.apply(lambda column: grade_values(column, limits, closed=closed)).astype("int64")
    out = pd.DataFrame(index=risks.index)
    out[Measure("max_grade", MULTI).key] = grades.max(axis=1)
    out[LEADING] = leading_hazards(risks, weights)
    out[Measure("high_count", MULTI).key] = (grades >= rule_number("high")).sum(axis=1)
    return out


def exposure_by_grade(
    exposed: ExposedSums, sums: pd.DataFrame, areas: pd.Series[float], codes: pd.Index | None = None
) -> pd.DataFrame:
    """Long table ``code hazard quantity grade value share``: what lies in each class, grade 0 = no data.

    ``sums`` and ``areas`` (km2) are the totals of the units: the values of a unit add up to them. ``codes``: the units
    that the table lists, default all.
    """
    listed = sums.index if codes is None else codes
    parts = [_held(frame.loc[listed], sums, areas).assign(hazard=hazard) for hazard, frame in exposed.by_class.items()]
    if not parts:
        return pd.DataFrame(columns=["code", "hazard", "quantity", "grade", "value", "share"])
    table = pd.concat(parts, ignore_index=True)
    return table[["code", "hazard", "quantity", "grade", "value", "share"]]


def _held(frame: pd.DataFrame, sums: pd.DataFrame, areas: pd.Series[float]) -> pd.DataFrame:
    grades, quantities = (list(dict.fromkeys(frame.columns.get_level_values(level))) for level in (0, 1))
    known = frame.to_numpy(dtype=np.float64).reshape(len(frame), len(grades), len(quantities)).transpose(0, 2, 1)
    totals = np.column_stack(
        [(areas if name == AREA else sums[name].fillna(0.0)).reindex(frame.index).to_numpy() for name in quantities]
    )
    rest = totals - known.sum(axis=2)
    # What is left of two equal sums is rounding, not people.
    rest = np.where(np.abs(rest) > 1e-9 * np.abs(totals), rest, 0.0)
    values = np.concatenate([rest[:, :, None], known], axis=2)
    shares = values / np.where(totals > 0, totals, np.nan)[:, :, None]
    codes, names, classes = np.meshgrid(frame.index.astype(str), quantities, [0, *grades], indexing="ij")
    columns = {"code": codes, "quantity": names, "grade": classes, "value": values, "share": shares}
    table = pd.DataFrame({name: column.ravel() for name, column in columns.items()})
    table["grade"] = table["grade"].astype("int64")
    return table
