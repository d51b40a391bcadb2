"""Losses of the units by return period: their curves, how sure a yearly loss is, and the losses of single years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import risk
from riskzoning.errors import Journal, hearing
from riskzoning.names import Measure
from riskzoning.pipeline.stages.losses import FLOOR, PEOPLE, HazardLosses
from riskzoning.pipeline.state import Assessed, Run
from riskzoning.risk.loss import segment_parts

MONEY = "yuan"
_UNITS = {PEOPLE: "person", FLOOR: "m2"}
CURVES = ["code", "hazard", "receptor", "units", "return_period", "given", "loss", "protection", "method", "tail"]
_SHOWN = ["code", "level", "hazard", "receptor", "units", "return_period", "given", "loss"]
_ANNUAL = [
    "code", "level", "hazard", "receptor", "units", "eal", "eal_method", "eal_tail", "protection", "frequent_share",
    "tail_share", "lower", "upper", "other_method", "eal_other",
]  # fmt: skip
_YEARS, _STEPS, _ASKED = 50_000, 10, (2, 5, 10, 20, 50, 100, 200, 500, 1000)
_OTHER = {"trapezoid": "log-linear", "log-linear": "trapezoid"}


def event_layers(losses: HazardLosses) -> dict[str, xr.DataArray]:
    """What one event of each return period costs in every cell: each receptor, and lives.

    Where works protect some cells only, these lose nothing up to the period of the works.
    """
    years = None if losses.protection is None else losses.protection.years
    out = {}
    for receptor, each in losses.events.items():
        for period, lost in zip(losses.by_period, each, strict=True):
            protected = lost if years is None or isinstance(years, float) else lost.where(~(years >= period), 0.0)
            out[_key(losses.hazard, receptor, period)] = protected
    return out


def _key(hazard: str, receptor: str, period: float) -> str:
    return f"{hazard}|event|{receptor}|{period!r}"


def unit_curves(every: Sequence[HazardLosses], sums: pd.DataFrame) -> pd.DataFrame:
    """The sums of the units by hazard, receptor and return period; ``given``: a period of the study."""
    parts = []
    for losses in every:
        years = None if losses.protection is None else losses.protection.years
        uniform = years if isinstance(years, float) else np.nan
        for receptor in losses.counted:
            for period in losses.by_period:
                lost = sums[_key(losses.hazard, receptor, period)].fillna(0.0)
                table = pd.DataFrame({"code": sums.index.astype(str), "loss": lost.to_numpy(dtype=np.float64)})
                table["hazard"], table["receptor"], table["return_period"] = losses.hazard, receptor, float(period)
                table["units"], table["given"] = _UNITS.get(receptor, MONEY), period in losses.given
                # By area: the losses have it already.
                table["protection"] = uniform if years is None or isinstance(years, float) else -1.0
                table["method"], table["tail"] = str(losses.method), bool(losses.tail)
                parts.append(table)
    return pd.concat(parts, ignore_index=True)[CURVES] if parts else pd.DataFrame(columns=CURVES)


def loss_tables(run: Run, assessed: Assessed) -> dict[str, pd.DataFrame]:
    """The tables ``loss_curves``, ``annual_losses`` and ``exceedance_curves``; none where no hazard has a loss."""
    curves, setting = assessed.curves, run.setting
    levels = setting.units["level"].astype(str)
    published = [str(code) for level in reversed(setting.levels) for code in sorted(setting.codes(level))]
    own = curves[curves["code"].isin(published)] if len(curves) else curves
    if own.empty:
        return {}
    own = own.assign(level=own["code"].map(levels))
    own["code"] = pd.Categorical(own["code"], published, ordered=True)
    own = own.sort_values(["hazard", "receptor", "code", "return_period"], kind="stable").astype({"code": str})
    # Up to what the works hold nothing is lost.
    shown = own.assign(loss=own["loss"].where(~(own["protection"] >= own["return_period"]), 0.0))
    with hearing(Journal()):
        # What they would tell of a single unit is told of the whole.
        annual = pd.DataFrame(list(_annual(own, assessed.units)), columns=_ANNUAL)
        yearly = _yearly(run, shown)
    return {"loss_curves": shown[_SHOWN].reset_index(drop=True), "annual_losses": annual, "exceedance_curves": yearly}


def _annual(curves: pd.DataFrame, units: pd.DataFrame) -> Iterator[dict[str, object]]:
    """How sure the yearly losses of units are: bounds, the other method, the most frequent segment and the tail."""
    for (hazard, receptor), part in curves.groupby(["hazard", "receptor"], sort=False):
        losses = part.pivot_table(index="return_period", columns="code", values="loss", sort=True)
        first = part.iloc[0]
        method, tail, protection = str(first["method"]), bool(first["tail"]), float(first["protection"])
        by_cell, guard = protection < 0, protection if protection > 0 else None
        layer = xr.DataArray(losses.to_numpy(), dims=("return_period", "unit"), coords={"return_period": losses.index})
        segments = segment_parts(layer, method=method, tail=tail, protection=guard)  # type: ignore[arg-type]
        total = np.asarray(sum(segments))
        lower, upper, _ = risk.loss_bounds(losses, tail=tail, protection=guard)
        other = _OTHER[method]
        eal_other = risk.expected_annual_loss(losses, method=other, tail=tail, protection=guard)  # type: ignore[arg-type]
        stored = _stored(units, str(hazard), str(receptor))
        given = part.loc[part["given"], "return_period"]
        frequent = _frequent(losses.index.to_numpy(), segments, float(np.sort(given.unique())[1:2].max(initial=0.0)))
        levels = part.drop_duplicates("code").set_index("code")["level"]
        for at, code in enumerate(losses.columns):
            share = total[at] if total[at] > 0 else np.nan
            yield {
                "code": code, "level": levels[code], "hazard": hazard, "receptor": receptor,
                "units": f"{first['units']}/a", "eal": total[at] if stored is None else float(stored[code]),
                "eal_method": method, "eal_tail": "constant" if tail else "none",
                "protection": "by area" if by_cell else "" if guard is None else f"{guard:g} a",
                "frequent_share": frequent[at] / share, "tail_share": np.asarray(segments[-1])[at] / share,
                "lower": float(np.asarray(lower)[at]), "upper": float(np.asarray(upper)[at]), "other_method": other,
                "eal_other": np.nan if by_cell else float(np.asarray(eal_other)[at]),
            }  # fmt: skip


def _stored(units: pd.DataFrame, hazard: str, receptor: str) -> pd.Series[float] | None:
    """The yearly loss as the units have it: of the receptor, or of the hazard where it has one receptor only."""
    if receptor in _UNITS:
        keys = [Measure("deaths" if receptor == PEOPLE else "collapsed_area", hazard).key]
    else:
        keys = [Measure("eal", hazard, receptor).key, Measure("eal", hazard).key]
    return next((units[key].astype(float) for key in keys if key in units), None)


def _frequent(periods: np.ndarray, segments: Sequence[object], second: float) -> np.ndarray:
    """What comes from between the two most frequent periods of the study."""
    parts = [np.asarray(part) for period, part in zip(periods, segments[:-1], strict=False) if period < second]
    return np.asarray(sum(parts)) if parts else np.asarray(segments[0]) * 0.0


def _yearly(run: Run, curves: pd.DataFrame) -> pd.DataFrame:
    """Largest loss of a year (OEP) and sum of a year (AEP) of the larger units, hazards independent of each other."""
    levels = run.setting.levels[1:] if len(run.setting.levels) > 2 else run.setting.levels
    money = curves[(curves["units"] == MONEY) & curves["level"].isin(levels)]
    tail = bool(run.setting.study.risk.eal_tail)
    rows = []
    for code, part in money.groupby("code", sort=False):
        of_hazards = part.groupby(["hazard", "return_period"], sort=False)["loss"].sum()
        curves_of = {name: own.droplevel("hazard") for name, own in of_hazards.groupby(level="hazard", sort=False)}
        events = pd.concat(
            [risk.events_of_curve(own, own.index, tail=tail, steps=_STEPS) for own in curves_of.values()]
        )
        made = risk.simulated_years(
            events["loss"], events["frequency"].to_numpy(), years=_YEARS, seed=run.setting.study.seed
        )
        curve = risk.yearly_curves(made)
        at = np.log(np.array(_ASKED, dtype=np.float64))
        read = {name: np.interp(at, np.log(curve["return_period"]), curve[name]) for name in ("oep", "aep")}
        about = {"code": code, "level": part["level"].iloc[0], "return_period": _ASKED, "years": _YEARS}
        rows.append(pd.DataFrame({**about, **read}))
    columns = ["code", "level", "return_period", "oep", "aep", "years"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)
