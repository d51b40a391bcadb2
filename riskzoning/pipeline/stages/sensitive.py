"""What the grades of units hang on: one thing changed at a time (table ``sensitivity``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.errors import Journal, hearing
from riskzoning.methods.uncertainty import break_sensitivity, compare_variants
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.state import Assessed, Graded, Made, Run
from riskzoning.results import Breaks
from riskzoning.risk import combine_hazards
from riskzoning.zoning.scales import Classing

COLUMNS = ["level", "hazard", "kind", "variant", "largest_rank_shift", "rank_correlation", "changed", "units"]
# Fewer units have no ranking to speak of.
_LEAST_UNITS = 3
_BREAK_SHARE = 0.1
_NORMALISATIONS = ("minmax", "rank", "zscore")
_AGGREGATIONS = ("weighted_sum", "weighted_product", "inform")


def sensitivity_table(run: Run, made: Made) -> pd.DataFrame:
    """A row for each level and change: the largest shift of a rank, rank correlation, share of other grades."""
    graded = made.of(Graded)
    parts = []
    for level in run.setting.levels:
        units = graded.units.get(level)
        if units is None or len(units) < _LEAST_UNITS:
            continue
        for kind, hazard, table in _of_level(run, made, pd.DataFrame(units.drop(columns="geometry", errors="ignore"))):
            table = table.rename_axis("variant").reset_index()
            parts.append(table.assign(level=level, hazard=hazard, kind=kind, units=len(units)))
    return pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def _of_level(run: Run, made: Made, units: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    graded = made.of(Graded)
    for index in graded.indices:
        if index.what == "risk" and index.receptor is None and index in graded.breaks and index.key in units:
            cut = graded.breaks[index].units
            if cut.bounds and not cut.by_share:
                yield "breaks", index.hazard, _broken(units[index.key], cut)
    given = _composite(run, made, units)
    if given is not None:
        for kind, variants in _variants(run, given).items():
            if variants:
                yield kind, MULTI, given.compared(variants, stretched=kind == "normalisation")


def _broken(values: pd.Series[float], cut: Breaks) -> pd.DataFrame:
    """All inner breaks lower or higher by a tenth: nobody changes rank, some change grade."""
    changed = break_sensitivity(values.astype(np.float64), cut.bounds, share=_BREAK_SHARE, closed=cut.closed)
    names = {"lower": f"-{_BREAK_SHARE:.0%}", "higher": f"+{_BREAK_SHARE:.0%}"}
    table = pd.DataFrame({"largest_rank_shift": 0, "rank_correlation": 1.0, "changed": changed})
    return table.rename(index=names)


@dataclass(frozen=True)
class _Composite:
    """Indices of hazards by unit, those of the finest level, their weights, the method, how the composite is cut."""

    values: pd.DataFrame
    finest: pd.DataFrame
    weights: pd.Series[float]
    method: str
    cut: Breaks

    def made(self, values: pd.DataFrame, method: str | None = None) -> pd.Series[float]:
        """The composite of other values, or by another method."""
        way: Any = method or self.method
        weights = self.weights[list(values.columns)]
        columns = {str(name): values[name].to_numpy(dtype=np.float64) for name in values.columns}
        shares = {str(name): float(value) for name, value in (weights / weights.sum()).items()}
        return pd.Series(np.asarray(combine_hazards(columns, shares, method=way)), index=values.index)

    def compared(self, variants: Mapping[str, Variant], *, stretched: bool) -> pd.DataFrame:
        """Variants against the composite; where the study computes breaks, a variant has its own.

        They come from the finest level, as those of the run; a variant that is ``stretched`` over its units has them
        from these.
        """
        made, base = {name: way(self, self.values) for name, way in variants.items()}, self.made(self.values)
        closed = self.cut.closed
        if self.cut.given:
            return compare_variants(base, made, self.cut.bounds, closed=closed)
        rule = Classing(self.cut.rule, len(self.cut.bounds), closed=closed)
        with hearing(Journal()):  # A variant may have fewer classes than the composite.
            cut_from = made if stretched else {name: way(self, self.finest) for name, way in variants.items()}
            own = {name: rule.bounds(values.dropna()) for name, values in cut_from.items()}
        return compare_variants(base, made, self.cut.bounds, closed=closed, own_breaks=own)


Variant = Callable[[_Composite, pd.DataFrame], "pd.Series[float]"]


def _composite(run: Run, made: Made, units: pd.DataFrame) -> _Composite | None:
    """What is varied; None where hazards are brought together by points, money or ranks instead of by their indices."""
    way = run.setting.study.risk
    if way.combine != way.combine_cells:
        return None
    index, graded = Index(MULTI, "risk"), made.of(Graded)
    weights = made.of(Assessed).weights.set_index("hazard")["weight"].astype(np.float64)
    keys = {str(hazard): Index(str(hazard), "risk").key for hazard in weights.index}
    cut = graded.breaks[index].units if index in graded.breaks else None
    if cut is None or not cut.bounds or len(keys) < 2 or not set(keys.values()) <= set(units.columns):
        return None
    levels = [level for level in run.setting.levels if level in graded.units]
    values, finest = (
        pd.DataFrame({name: frame[key].astype(np.float64) for name, key in keys.items()}).dropna(how="all")
        for frame in (units, graded.units[levels[0]])
    )
    if len(values) < _LEAST_UNITS:
        return None
    return _Composite(values, finest, weights, way.combine, cut)


def _variants(run: Run, given: _Composite) -> dict[str, dict[str, Variant]]:
    """Variants by kind. Normalisations stretch indices over the study, which the ladders do not: a comparison only."""
    scenarios = run.setting.study.uncertainty.scenarios
    lighter = [str(name) for name in given.weights.index if given.weights.drop(name).sum() > 0]
    other = [way for way in _AGGREGATIONS if way != given.method]
    out: dict[str, dict[str, Variant]] = {
        "drop": {name: partial(_without, hazard=name) for name in lighter},
        "normalisation": {way: partial(_stretched, way=way) for way in _NORMALISATIONS},
        "aggregation": {way: partial(_combined, way=way) for way in other},
        "scenario": {name: partial(_times, factors=factors) for name, factors in scenarios.items()},
    }
    return out if not given.cut.given else {kind: v for kind, v in out.items() if kind != "normalisation"}


def _without(given: _Composite, values: pd.DataFrame, hazard: str) -> pd.Series[float]:
    return given.made(values.drop(columns=hazard))


def _combined(given: _Composite, values: pd.DataFrame, way: str) -> pd.Series[float]:
    return given.made(values, way)


def _times(given: _Composite, values: pd.DataFrame, factors: Mapping[str, float]) -> pd.Series[float]:
    return given.made((values * pd.Series(factors).reindex(values.columns).fillna(1.0)).clip(upper=1.0))


def _stretched(given: _Composite, values: pd.DataFrame, way: str) -> pd.Series[float]:
    return given.made(_normalised(values, way), "weighted_sum")


def _normalised(values: pd.DataFrame, way: str) -> pd.DataFrame:
    """Columns on a common scale 0..1 within the study; one that is the same everywhere tells nothing."""
    if way == "zscore":
        spread = values.std(ddof=0)
        made = (values - values.mean()) / spread.where(spread > 0, 1.0)
        # All columns by the same shift and width: the order of their sums is that of the deviations.
        low, high = float(np.nanmin(made.to_numpy())), float(np.nanmax(made.to_numpy()))
        return (made - low) / (high - low if high > low else 1.0)
    made = values - values.min() if way == "minmax" else values.rank() - 1.0
    span = made.max()
    return made / span.where(span > 0, 1.0)
