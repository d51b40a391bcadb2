"""The same assessment on cells of about a kilometre: what of the grades hangs on the size of the cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from affine import Affine
from odc.geo.geobox import GeoBox
from scipy.stats import rankdata

from riskzoning import risk
from riskzoning.coverage import Coverage
from riskzoning.exposure import scaled_exposure
from riskzoning.methods.classification import grade_values
from riskzoning.names import MULTI, Index, Measure
from riskzoning.pipeline.stages.composed import composed_risks
from riskzoning.pipeline.stages.streaming import Values, band_rows, stream
from riskzoning.pipeline.state import Assessed, Run
from riskzoning.pipeline.workspace.frames import Frames
from riskzoning.results import Breaks
from riskzoning.zoning.scales import UnitGrades, grade_from_shares

# The cells that national products have: 30 arc-seconds, about a kilometre.
_METRES, _DEGREES = 1000.0, 1 / 120
_BY_SHARES = "class_share"
_LEAST_UNITS = 3
_COLUMNS = [
    "hazard", "indicator", "level", "cells", "units", "rank_correlation", "index_difference", "differing", "share",
    "far", "far_share",
]  # fmt: skip


def coarser(grid: GeoBox) -> tuple[GeoBox, int]:
    """The grid of cells of about a kilometre, whole multiples of those of a grid, and how many times as wide."""
    target = _DEGREES if grid.crs is not None and grid.crs.geographic else _METRES
    factor = max(2, round(target / abs(grid.affine.a)))
    rows, columns = (-(-side // factor) for side in grid.shape)
    return GeoBox((rows, columns), grid.affine * Affine.scale(factor), grid.crs), factor


class ScaleSink:
    """Puts cells together on the way: means of the hazard indices over what is known, sums of the counts."""

    def __init__(self, grid: GeoBox, hazards: Sequence[str], counts: Sequence[str]) -> None:
        self.grid, self._factor = coarser(grid)
        self._hazards, self._counts = tuple(hazards), tuple(dict.fromkeys(counts))
        self._sums = {name: np.zeros(self.grid.shape) for name in (*self._hazards, *self._counts)}
        self._known = {name: np.zeros(self.grid.shape) for name in self._hazards}

    @property
    def names(self) -> tuple[str, ...]:
        """The layers that it takes."""
        return (*self._hazards, *self._counts)

    def update(self, first_row: int, values: Values, /) -> None:
        """Take the rows of a band."""
        for name in self._counts:
            self._add(self._sums[name], first_row, np.nan_to_num(values[name].astype(np.float64)))
        for name in self._hazards:
            there = np.isfinite(values[name])
            self._add(self._sums[name], first_row, np.where(there, values[name], 0.0).astype(np.float64))
            self._add(self._known[name], first_row, there.astype(np.float64))

    def _add(self, sums: np.ndarray, first: int, band: np.ndarray) -> None:
        columns = np.arange(0, band.shape[1], self._factor)
        narrow = np.add.reduceat(band, columns, axis=1)
        # A band may begin and end inside a row of large cells.
        starts = np.flatnonzero(np.diff((first + np.arange(len(band))) // self._factor, prepend=-1))
        row = first // self._factor
        sums[row : row + len(starts)] += np.add.reduceat(narrow, starts, axis=0)

    def layers(self) -> dict[str, np.ndarray]:
        """The values of the large cells by name."""
        with np.errstate(invalid="ignore", divide="ignore"):
            means = {name: self._sums[name] / self._known[name] for name in self._hazards}
        return means | {name: self._sums[name] for name in self._counts}


@dataclass(frozen=True)
class Checked:
    """What is compared: the run, what it has assessed and how it is graded, and the receptors with their counts."""

    run: Run
    assessed: Assessed
    grades: Mapping[Index, UnitGrades]
    receptors: Mapping[str, str]

    @property
    def hazards(self) -> list[Index]:
        """The hazards, without all of them together."""
        return [index for index in self.grades if index.what == "hazard" and index.hazard != MULTI]


def scale_frames(checked: Checked) -> Frames:
    """What the units have of large cells, ``means`` and ``sums``: no weight of a hazard stands in it."""
    run, hazards = checked.run, [index.key for index in checked.hazards]
    sink = ScaleSink(run.setting.grid, hazards, list(checked.receptors.values()))
    read = {name: run.workspace.published.get(name) for name in sink.names}
    rows = band_rows(run.setting.grid.shape[1], 2 * len(read), run.machine.memory_limit)
    stream(read, [sink], rows=rows, workers=run.machine.workers, client=run.machine.client)
    coverage = Coverage.from_units(sink.grid, run.setting.units.loc[run.setting.listed])
    bands = _bands(checked, sink.layers())
    accumulator = coverage.accumulator(list(bands), ["mean", "sum"])
    accumulator.update(0, bands)
    made = accumulator.result()
    return {f"{name}s": pd.DataFrame(made.xs(name, axis=1, level=1)) for name in ("mean", "sum")}


def scale_table(checked: Checked, large: Frames) -> dict[str, pd.DataFrame]:
    """The table ``scale_check``: units on the cells of the run beside units on large cells, by hazard and level."""
    setting = checked.run.setting
    grid, _ = coarser(setting.grid)
    values, ground = _on_large_cells(checked, grid, large["means"], large["sums"])
    rows: list[tuple[object, ...]] = []
    for index, wide in values.items():
        own = _graded(checked.grades[index], index, ground, wide)
        for level in setting.levels:
            at = setting.codes(level)
            if len(at) >= _LEAST_UNITS:
                fine = checked.assessed.units.loc[at, index.key]
                grades = checked.grades[index].codes[level].reindex(at).fillna(0).astype(int)
                row = _compared(fine, wide.loc[at], grades, own.loc[at].astype(int))
                rows.append((index.hazard, index.grade_quantity, level, abs(grid.affine.a), *row))
    return {"scale_check": pd.DataFrame(rows, columns=_COLUMNS)} if rows else {}


def _bands(checked: Checked, layers: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What is added up of the large cells: indices, their classes, and what is exposed where they are known."""
    ground = next(iter(layers.values()))
    bands: dict[str, np.ndarray] = {"ground": np.ones(ground.shape)}
    for index in checked.hazards:
        layer = layers[index.key]
        bands[index.key] = layer
        bands |= {f"{index.key}|{code}": own for code, own in _classes(checked.grades[index], layer)}
        for receptor, count in checked.receptors.items():
            met = np.isfinite(layer)
            bands[f"{index.key}|{receptor}|known"] = np.where(met, layers[count], 0.0)
            bands[f"{index.key}|{receptor}|met"] = np.where(met, layers[count] * np.nan_to_num(layer), 0.0)
    return bands | {count: layers[count] for count in checked.receptors.values()}


def _on_large_cells(
    checked: Checked, grid: GeoBox, means: pd.DataFrame, sums: pd.DataFrame
) -> tuple[dict[Index, pd.Series[float]], dict[Index, pd.DataFrame]]:
    """Indices of the units from large cells, and for hazards the ground by class."""
    study, units = checked.run.setting.study, checked.assessed.units.loc[means.index]
    hazards = checked.hazards
    out = {index: means[index.key] for index in hazards}
    ground = {
        index: pd.DataFrame({code: sums[f"{index.key}|{code}"] for code, _ in _classes(checked.grades[index])})
        for index in hazards
    }
    if not checked.receptors or study.risk.rule_of_units != "composed":
        return out, ground
    area = sums["ground"] * abs(grid.affine.a * grid.affine.e) / 1e6
    parts: dict[str, pd.Series[float]] = {}
    for receptor, count in checked.receptors.items():
        parts[Measure("exposure_index", receptor=receptor).key] = scaled_exposure(sums[count] / area, receptor)
        weak = Measure("vulnerability_index", receptor=receptor).key
        parts |= {weak: units[weak]} if weak in units else {}
        for index in hazards:
            known = sums[f"{index.key}|{receptor}|known"]
            met = sums[f"{index.key}|{receptor}|met"] / known.where(known > 0)
            key = Measure("exposed_hazard_index", index.hazard, receptor).key
            parts[key] = met.fillna(means[index.key]).clip(0.0, 1.0)
    risks = composed_risks(study, parts, hazards, list(checked.receptors))
    out |= {index.risk(): risks[index.risk().key] for index in hazards if index.risk() in checked.grades}
    return out | _composite(checked, risks), ground


def _composite(checked: Checked, risks: Mapping[str, pd.Series[float]]) -> dict[Index, pd.Series[float]]:
    """All hazards together, where they are no more than a combination of the hazards."""
    composite, stated = Index(MULTI, "risk"), checked.assessed.weights
    weights = dict(zip(stated["hazard"].astype(str), stated["weight"].astype(float), strict=True))
    keys = {name: Index(name, "risk").key for name in weights}
    # What brings the hazards of units together otherwise is no combination of their means: it is left out below.
    method = checked.run.setting.study.risk.combine_cells
    if composite not in checked.grades or not weights or not set(keys.values()) <= set(risks):
        return {}
    own = {name: checked.assessed.units[key] for name, key in keys.items()}
    published = checked.assessed.units[composite.key]
    again = risk.combine_hazards(own, weights, method=method)
    if not np.allclose(again, published, rtol=1e-9, atol=1e-12, equal_nan=True):
        return {}
    return {composite: risk.combine_hazards({name: risks[key] for name, key in keys.items()}, weights, method=method)}


def _classes(grades: UnitGrades, layer: np.ndarray | None = None) -> Iterator[tuple[int, np.ndarray]]:
    """The classes of a hazard, each with the cells that have it."""
    empty = np.empty((0, 0))
    codes = empty if layer is None else np.asarray(grade_values(layer, grades.breaks, closed=grades.closed))
    for code in range(1, len(grades.breaks) + 1):
        yield code, (codes == code).astype(np.float32)


def _graded(
    grades: UnitGrades, index: Index, ground: Mapping[Index, pd.DataFrame], values: pd.Series[float]
) -> pd.Series[int]:
    """Grades by the rule that is published."""
    if grades.scheme == _BY_SHARES and index in ground:
        return grade_from_shares(ground[index])
    cut = Breaks("", tuple(map(float, grades.breaks)), grades.closed)
    made: pd.Series[int] = grade_values(values.astype(float), cut.bounds, closed=cut.closed)
    return made


def _compared(
    fine: pd.Series[float], large: pd.Series[float], grades: pd.Series[int], other: pd.Series[int]
) -> tuple[float, ...]:
    """Units, rank correlation and mean difference of the indices, and how many grades differ, by more than one too."""
    pair = np.column_stack([fine.to_numpy(dtype=np.float64), large.to_numpy(dtype=np.float64)])
    pair = pair[~np.isnan(pair).any(axis=1)]
    varies = len(pair) >= _LEAST_UNITS and bool((np.ptp(pair, axis=0) > 0).all())
    correlation = float(np.corrcoef(rankdata(pair, axis=0).T)[0, 1]) if varies else float("nan")
    own, others = grades.to_numpy(np.int64), other.to_numpy(np.int64)
    both = (own > 0) & (others > 0)
    apart = np.abs(others - own)[both]
    count = int(both.sum())
    differing, far = int((apart > 0).sum()), int((apart > 1).sum())
    shares = (differing / count, far / count) if count else (float("nan"),) * 2
    difference = float((pair[:, 1] - pair[:, 0]).mean()) if len(pair) else float("nan")
    return (count, correlation, difference, differing, shares[0], far, shares[1])
