"""Yearly losses by sector (分行业年均损失): those of the receptors by use, and those of values that a study gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import grid, standards, vulnerability
from riskzoning.errors import Journal, hearing
from riskzoning.exposure import BuildingMix
from riskzoning.names import Measure
from riskzoning.pipeline.stages.losses import ByStock, HazardLosses, OneCurve, Ratio, intensities
from riskzoning.pipeline.stages.protection import protection_of
from riskzoning.pipeline.stages.streaming import Passes
from riskzoning.pipeline.state import Assessed, Run
from riskzoning.vulnerability import CurveMix, LossCurve

# What a sector rests on: the receptors of the study, whose sum is the loss of the hazard, or values of its own.
RECEPTORS, GIVEN = "receptors", "given"
TOTAL = "total"
PARTS = ["code", "hazard", "basis", "sector", "curve", "value", "eal"]
_SHOWN = [
    "code", "level", "hazard", "basis", "sector", "units", "value", "eal", "share", "rate", "eal_method", "eal_tail",
    "curve", "difference", "status", "reason",
]  # fmt: skip
# Curves of sectors by their name.
SECTOR_CURVES = "flood/jrc-asia"
_BUILDINGS = "buildings"
_HAZARD = "flood"


@dataclass(frozen=True)
class Sectors:
    """Value (yuan) and yearly loss of each sector on the grid, and the curve that it was read from."""

    hazard: str
    basis: str
    layers: Mapping[str, tuple[xr.DataArray, xr.DataArray]]
    curves: Mapping[str, str]

    def named(self) -> Iterator[tuple[str, xr.DataArray]]:
        """The layers by the names under which the units sum them up."""
        for sector, pair in self.layers.items():
            for what, layer in zip(("value", "eal"), pair, strict=True):
                yield f"{self.hazard}|sector|{self.basis}|{sector}|{what}", layer

    def of_units(self, sums: pd.DataFrame) -> pd.DataFrame:
        """A row a unit and sector."""
        parts = []
        for sector in self.layers:
            value, eal = (sums[f"{self.hazard}|sector|{self.basis}|{sector}|{what}"] for what in ("value", "eal"))
            table = pd.DataFrame({"code": sums.index.astype(str)})
            table["hazard"], table["basis"], table["sector"] = self.hazard, self.basis, sector
            table["curve"] = self.curves[sector]
            table["value"], table["eal"] = value.fillna(0.0).to_numpy(), eal.fillna(0.0).to_numpy()
            parts.append(table)
        return pd.concat(parts, ignore_index=True)[PARTS]


def sectors_of(passes: Passes, every: Sequence[HazardLosses], mix: BuildingMix | None) -> list[Sectors]:
    """The sectors of floods: of the receptors, and of values that the study gives."""
    losses = next((one for one in every if one.hazard == _HAZARD), None)
    given = _given_losses(passes, losses)
    with hearing(Journal()):
        # What yearly losses would tell of a part is told of the whole.
        out = [] if losses is None else [_of_receptors(losses, mix)]
        if given is not None:
            layers = {name: (value, given.yearly(name)) for name, value in given.values.items()}
            out.append(Sectors(_HAZARD, GIVEN, layers, {name: ratio.name for name, ratio in given.ratios.items()}))
    return out


def _of_receptors(losses: HazardLosses, mix: BuildingMix | None) -> Sectors:
    """The losses of the receptors taken apart by use; their sum is the loss of the hazard."""
    table = standards.table("loss_curves/receptors").data[losses.hazard]
    layers: dict[str, tuple[xr.DataArray, xr.DataArray]] = {}
    curves: dict[str, str] = {}
    for receptor, value in losses.values.items():
        ratio = losses.ratios[receptor]
        if receptor == _BUILDINGS and isinstance(ratio, ByStock) and mix is not None:
            parts = dict(_uses(losses, ratio, mix.floor_area[losses.hazard], table["classes"]))
        else:
            sector = str(table.get("sectors", {}).get(receptor, receptor))
            parts = {sector: (value, losses.yearly(receptor), ratio.name)}
        for sector, (held, lost, name) in parts.items():
            before = layers.get(sector)
            layers[sector] = (held, lost) if before is None else (before[0] + held.data, before[1] + lost.data)
            curves[sector] = name if sector not in curves else f"{curves[sector]}; {name}"
    return Sectors(losses.hazard, RECEPTORS, layers, curves)


def _uses(
    losses: HazardLosses, stock: ByStock, areas: pd.DataFrame, classes: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, tuple[xr.DataArray, xr.DataArray, str]]]:
    """Value and yearly loss of the buildings of each use: the classes of a use by their share of the floor area."""
    shares = areas.div(areas.sum(axis=1), axis=0)
    names = {str(name): str(classes.get(str(name), {}).get("sector", name)) for name in shares}
    value = losses.values[_BUILDINGS]
    for sector in dict.fromkeys(names.values()):
        own = {name: stock.mix.curves[name] for name, use in names.items() if use == sector}
        if not any(float(shares[name].sum()) > 0 for name in own):
            continue
        part = ByStock(", ".join(own), _part_of(own, shares[list(own)]), stock.stock)
        held = np.r_[0.0, shares[list(own)].sum(axis=1).to_numpy()]
        yield sector, (_by_stock(value, held, stock.stock), losses.yearly_by(_BUILDINGS, part), part.name)


def _part_of(curves: Mapping[str, LossCurve], shares: pd.DataFrame) -> CurveMix:
    """What some classes contribute to the loss ratio of each stock: their curves times their shares."""
    points = np.unique(np.concatenate([curve.points[0] for curve in curves.values()]))
    each = np.array([np.interp(points, *curve.points) for curve in curves.values()])
    ratios = shares.to_numpy(dtype=np.float64) @ each
    return CurveMix(curves, points, np.vstack([np.full((1, points.size), np.nan), ratios]))


def _by_stock(value: xr.DataArray, held: np.ndarray, stock: xr.DataArray) -> xr.DataArray:
    """The part of a value that the classes of a use hold."""
    out: xr.DataArray = xr.apply_ufunc(
        lambda cells, numbers: cells * held[numbers.astype(np.int64)], value, stock,
        dask="parallelized", output_dtypes=["f8"], join="override",
    )  # fmt: skip
    return out


def _given_losses(passes: Passes, losses: HazardLosses | None) -> HazardLosses | None:
    """Losses of the values that the study gives by sector; None without values or depths."""
    study = passes.run.setting.study
    by_period = intensities(passes, _HAZARD, "flood_depth") if study.risk.sectors else {}
    if len(by_period) < 2:
        return None
    values: dict[str, xr.DataArray] = {}
    ratios: dict[str, Ratio] = {}
    for sector, given in study.risk.sectors.items():
        value = grid.align(passes.run.catalogue.layer(given.layer, "building_value"), passes.run.setting.grid)
        # No data is no value here, as with what receptors count.
        values[sector] = value.fillna(0.0)
        name = given.curve or f"{SECTOR_CURVES}/{sector}"
        ratios[sector] = OneCurve(name, vulnerability.load_curve(name).raised(given.floor_height))
    protection = protection_of(passes.run, _HAZARD) if losses is None else losses.protection
    return HazardLosses(
        _HAZARD, by_period, values, ratios, {}, protection, tuple(by_period), study.risk.eal_method,
        study.risk.eal_tail, workers=passes.run.machine.workers,
    )  # fmt: skip


def sector_table(run: Run, assessed: Assessed) -> pd.DataFrame | None:
    """The table ``sector_losses``: a row a unit and sector, and their total; or one row that says why there is none."""
    study, setting = run.setting.study, run.setting
    if _HAZARD not in [item.hazard for item in study.hazards]:
        return None
    levels = setting.units["level"].astype(str)
    published = [str(code) for level in reversed(setting.levels) for code in sorted(setting.codes(level))]
    own = assessed.sectors[assessed.sectors["code"].isin(published)] if len(assessed.sectors) else assessed.sectors
    if own.empty:
        return _nothing(assessed)
    sums = own.groupby(["code", "hazard", "basis"], sort=False)[["value", "eal"]].sum().reset_index()
    rows = pd.concat([own, sums.assign(sector=TOTAL, curve="")], ignore_index=True)
    rows["code"] = pd.Categorical(rows["code"], published, ordered=True)
    # Sectors in their order, the total of each basis after them.
    rows = rows.sort_values(["hazard", "code", "basis"], kind="stable", ascending=[True, True, False])
    rows = rows.astype({"code": str}).reset_index(drop=True)
    rows["level"] = rows["code"].map(levels)
    whole = rows.merge(sums, on=["code", "hazard", "basis"], suffixes=("", "_total"), how="left")["eal_total"]
    rows["share"] = rows["eal"] / whole.where(whole > 0).to_numpy()
    rows["rate"] = rows["eal"] / rows["value"].where(rows["value"] > 0)
    rows["units"], rows["eal_method"] = "yuan/a", str(study.risk.eal_method)
    rows["eal_tail"] = "constant" if study.risk.eal_tail else "none"
    rows["difference"] = _differences(rows, assessed.units)
    unknown = (rows["sector"] == _BUILDINGS) & (rows["basis"] == RECEPTORS)
    rows["status"], rows["reason"] = "assessed", np.where(unknown, "use_not_known", "")
    return rows[_SHOWN]


def _nothing(assessed: Assessed) -> pd.DataFrame:
    """One row without a value."""
    depths = sum(name.startswith("flood_depth_T") for name in assessed.layers)
    reason = "no_values" if depths > 1 else "no_depths"
    row = {"code": "", "level": "", "hazard": _HAZARD, "status": "not_assessed", "reason": reason}
    return pd.DataFrame([row]).reindex(columns=_SHOWN)


def _differences(rows: pd.DataFrame, units: pd.DataFrame) -> np.ndarray:
    """Of the totals of receptors: how far the sum of the sectors is from the loss of the unit, relative."""
    key = Measure("eal", _HAZARD).key
    total = ((rows["sector"] == TOTAL) & (rows["basis"] == RECEPTORS)).to_numpy()
    if key not in units:
        return np.full(len(rows), np.nan)
    stated = rows["code"].map(units[key]).to_numpy(dtype=np.float64)
    gap = rows["eal"].to_numpy() - np.nan_to_num(stated)
    relative = np.divide(gap, stated, out=np.zeros(len(rows)), where=np.nan_to_num(stated) > 0)
    return np.where(total, relative, np.nan)
