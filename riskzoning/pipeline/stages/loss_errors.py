"""How sure losses are: what each segment of return periods contributes, and the error of a sample of buildings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.coverage.engine import Accumulator
from riskzoning.errors import Phrase, Problem, note
from riskzoning.exposure import BuildingMix
from riskzoning.names import Measure
from riskzoning.pipeline.stages.loss_curves import event_layers, unit_curves
from riskzoning.pipeline.stages.losses import FLOOR, PEOPLE, HazardLosses, OneCurve
from riskzoning.pipeline.stages.sector_losses import PARTS, sectors_of
from riskzoning.pipeline.stages.streaming import Passes, Values, band_rows, stream
from riskzoning.pipeline.stages.together import together
from riskzoning.risk.loss import segment_parts

Array = np.ndarray[Any, Any]
SEGMENTS = (
    "hazard",
    "units",
    "from_period",
    "to_period",
    "loss",
    "share",
    "protection",
    "protection_years",
    "protected_share",
)
_MONEY, _PERSONS = "yuan/a", "person/a"
# Above this share the most frequent segment carries the result.
_FIRST = 0.5


class LossErrors(NamedTuple):
    """Loss by segment of return periods, standard errors of the units by column, their losses by period and sector."""

    segments: pd.DataFrame
    errors: dict[str, pd.Series[float]]
    curves: pd.DataFrame
    sectors: pd.DataFrame


@dataclass
class _SumSink:
    accumulator: Accumulator
    names: Sequence[str]

    def update(self, first_row: int, values: Values, /) -> None:
        """Take the rows of a band."""
        self.accumulator.update(first_row, {name: values[name] for name in self.names})


def loss_errors(passes: Passes, every: Sequence[HazardLosses], mix: BuildingMix | None) -> LossErrors:
    """Segments of all hazards, and the standard error of the building losses where the buildings are a sample."""
    setting = passes.run.setting
    sampled = mix is not None and mix.sample is not None
    layers: dict[str, xr.DataArray] = {}
    for losses in every:
        layers |= _segment_layers(losses) | event_layers(losses)
        if sampled and "buildings" in losses.values and losses.classes:
            layers |= _class_layers(losses)
    sectors = sectors_of(passes, every, mix)
    layers |= {name: layer for one in sectors for name, layer in one.named()}
    if not layers:
        nothing = pd.DataFrame(columns=PARTS)
        return LossErrors(pd.DataFrame(columns=list(SEGMENTS)), {}, unit_curves([], pd.DataFrame()), nothing)
    names = list(layers)
    accumulator = setting.coverage.accumulator(names, statistics=("sum",))
    machine = passes.run.machine
    rows = band_rows(setting.grid.shape[1], 4 * len(names), machine.memory_limit)
    stream(layers, [_SumSink(accumulator, names)], rows=rows, workers=machine.workers, client=machine.client)
    sums = pd.DataFrame(accumulator.result().xs("sum", axis=1, level=1))
    finest = setting.codes(setting.finest)
    own = sums.reindex(finest)
    totals = {str(name): float(own[name].sum()) for name in own}
    parts = [_segments(losses, totals) for losses in every]
    segments: pd.DataFrame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(SEGMENTS))
    errors = {}
    for losses in every:
        if sampled and mix is not None and f"{losses.hazard}|class|{next(iter(losses.classes), '')}" in own:
            values = passes.sums().reindex(finest)["building_value_yuan"]
            error = _sample_error(losses, mix, own, values, setting.study.seed)
            errors[Measure("eal_se", losses.hazard).key] = rolled_up(error, setting.units)
    of_sectors = [one.of_units(sums) for one in sectors]
    by_sector = pd.concat(of_sectors, ignore_index=True) if of_sectors else pd.DataFrame(columns=PARTS)
    return LossErrors(segments, errors, unit_curves(every, sums), by_sector)


def _segment_layers(losses: HazardLosses) -> dict[str, xr.DataArray]:
    """What is lost between each return period and the next, and beyond the rarest: money, and persons apart."""
    parts: dict[str, xr.DataArray] = {}
    for name, (layer, _) in losses.counted.items():
        if name == FLOOR:
            continue
        units = _PERSONS if name == PEOPLE else _MONEY
        for i, part in zip(given_segments(losses), _parts(losses, name), strict=True):
            key = _segment_key(losses.hazard, units, i)
            parts[key] = layer.copy(data=parts[key].data + part if key in parts else part)
    return parts


def _parts(losses: HazardLosses, name: str) -> list[Any]:
    years = None if losses.protection is None else losses.protection.years
    return segment_parts(
        losses.stacked(name), sorted(losses.by_period), method=losses.method, tail=losses.tail, protection=years
    )


def given_segments(losses: HazardLosses) -> list[int]:
    """To which segment between return periods of the study each finer one belongs."""
    return (np.searchsorted(losses.given, sorted(losses.by_period), side="right") - 1).tolist()


def _segment_key(hazard: str, units: str, number: int) -> str:
    return f"{hazard}|{units}|{number}"


def _class_layers(losses: HazardLosses) -> dict[str, xr.DataArray]:
    """Yearly loss if all buildings were of one class, by class."""
    jobs = [partial(losses.yearly_by, "buildings", OneCurve(name, curve)) for name, curve in losses.classes.items()]
    names = [f"{losses.hazard}|class|{name}" for name in losses.classes]
    return dict(zip(names, together(jobs, losses.workers), strict=True))


def _segments(losses: HazardLosses, totals: Mapping[str, float]) -> pd.DataFrame:
    ends = sorted(losses.given)
    tables = []
    for units in (_MONEY, _PERSONS):
        keys = [_segment_key(losses.hazard, units, i) for i in range(len(ends))]
        if keys[0] not in totals:
            continue
        lost = pd.Series([totals[key] for key in keys])
        share = lost / lost.sum() if lost.sum() > 0 else lost * np.nan
        bounds = {"from_period": ends, "to_period": [*ends[1:], np.inf]}
        table = pd.DataFrame({**bounds, "loss": lost, "share": share})
        table["hazard"], table["units"] = losses.hazard, units
        table["protection"] = "" if losses.protection is None else losses.protection.text
        table["protection_years"] = np.nan if losses.protection is None else losses.protection.typical
        table["protected_share"] = 0.0 if losses.protection is None else losses.protection.share
        tables.append(table)
        first = float(share.iloc[0])
        if first > _FIRST:
            thing = Phrase("losses_of_hazard" if units == _MONEY else "deaths_of_hazard", hazard=losses.hazard)
            note(Problem("risk.first_segment", thing, severity="warning", share=first, first=ends[0], second=ends[1]))
    return pd.concat(tables, ignore_index=True)[list(SEGMENTS)]


def _sample_error(
    losses: HazardLosses, mix: BuildingMix, sums: pd.DataFrame, values: pd.Series[float], seed: int
) -> pd.Series[float]:
    """Standard error of the building losses of the finest units."""
    assert mix.sample is not None
    classes = list(losses.classes)
    names = [f"{losses.hazard}|class|{name}" for name in classes]
    rates = sums[names].set_axis(classes, axis=1).div(values.where(values > 0), axis=0)
    return bootstrap_error(mix.sample, losses.hazard, rates, seed=seed)


def bootstrap_error(
    sample: pd.DataFrame, hazard: str, rates: pd.DataFrame, *, seed: int, replicates: int | None = None
) -> pd.Series[float]:
    """Standard error of the yearly loss by unit: its sampled buildings drawn again and again, with replacement.

    ``sample`` has ``code area value`` (expanded) and the class under the name of the hazard, ``rates`` the yearly loss
    ratio by unit and class. A unit with fewer than two buildings has no error (NaN).
    """
    count = int(standards.table("exposure/sampling").data["replicates"]) if replicates is None else replicates
    random = np.random.default_rng([seed, *hazard.encode()])
    out = pd.Series(np.nan, index=rates.index)
    groups = dict(list(sample.dropna(subset="code").groupby("code", sort=True)))
    for code in rates.index:
        rows = groups.get(str(code))
        if rows is not None and len(rows) > 1 and np.isfinite(rates.loc[code]).all():
            out[code] = _error_of(rows, hazard, rates.loc[code], random, count)
    lacking = [str(code) for code in out.index[out.isna()]]
    if lacking:
        thing = Phrase("losses_of_hazard", hazard=hazard)
        note(Problem("loss.no_error", thing, severity="info", count=len(lacking), codes=lacking))
    return out


def _error_of(
    rows: pd.DataFrame, hazard: str, rates: pd.Series[float], random: np.random.Generator, count: int
) -> float:
    drawn = random.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=count).astype(np.float64)
    area = np.nan_to_num(rows["area"].to_numpy(dtype=np.float64))
    of_class = (rows[hazard].to_numpy()[:, None] == rates.index.to_numpy()[None, :]) * area[:, None]
    mixed = drawn @ of_class
    total = mixed.sum(axis=1)
    known = total > 0
    ratio = (mixed[known] @ rates.to_numpy()) / total[known]
    value = drawn[known] @ np.nan_to_num(rows["value"].to_numpy(dtype=np.float64))
    return float(np.std(value * ratio, ddof=1)) if known.sum() > 1 else float("nan")


def rolled_up(error: pd.Series[float], units: gpd.GeoDataFrame) -> pd.Series[float]:
    """Errors of units of all levels: the samples of the finest are independent, so variances add up."""
    parents: Mapping[str, str] = units["parent"].astype(str).to_dict()
    variance = dict.fromkeys(units.index, 0.0)
    squares: Array = np.nan_to_num(error.to_numpy()) ** 2
    for code, square in zip(error.index, squares, strict=True):
        at = str(code)
        while at in variance:
            variance[at] += float(square)
            at = parents.get(at, "")
    out = pd.Series(variance, dtype=np.float64) ** 0.5
    out[error.index[error.isna()]] = np.nan
    return out.reindex(units.index)
