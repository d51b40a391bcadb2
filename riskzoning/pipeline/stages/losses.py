"""Expected annual loss of a hazard, where intensities by return period, a value and a curve are there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add

import pandas as pd
import xarray as xr

from riskzoning import risk, standards, vulnerability
from riskzoning.exposure import RECEPTORS
from riskzoning.layers import describe
from riskzoning.pipeline.stages.passes import Passes
from riskzoning.vulnerability import LossCurve


def annual_loss(passes: Passes, hazard: str) -> xr.DataArray | None:
    """Expected annual loss by a hazard, yuan a year, of every receptor that has a value and a curve; None without."""
    chosen = standards.table("loss_curves/receptors").data.get(hazard, {})
    published, settings = passes.published, passes.run.setting.study.risk
    counts = {name: spec.loss_count for name, spec in RECEPTORS.items() if name in chosen}
    values = {name: published.get(count) for name, count in counts.items() if count and published.has(count)}
    by_period = _intensities(passes, hazard, str(chosen.get("quantity", "")))
    if not values or len(by_period) < 2:
        return None
    curves = {name: vulnerability.load_curve(chosen[name]) for name in values}
    losses = xr.concat(
        [_loss({name: (value, curves[name]) for name, value in values.items()}, layer) for layer in by_period.values()],
        dim=pd.Index(list(by_period), name="return_period"),
        coords="minimal",
        compat="override",
    )
    loss = risk.expected_annual_loss(losses, list(by_period), method=settings.eal_method, tail=settings.eal_tail)
    about = {
        "eal_method": settings.eal_method,
        "eal_tail": "constant" if settings.eal_tail else "none",
        "curve": ", ".join(chosen[name] for name in values),
    }
    return describe(loss, quantity="expected_annual_loss", like=next(iter(values.values())), **about)


def _intensities(passes: Passes, hazard: str, quantity: str) -> dict[float, xr.DataArray]:
    """The layers of an intensity by return period, ascending."""
    given = [one for one in passes.intensities if (one.hazard, one.quantity) == (hazard, quantity)]
    periods = {one.period: one.key for one in given if one.period is not None}
    return {period: passes.published.get(periods[period]) for period in sorted(periods)}


def _loss(exposed: Mapping[str, tuple[xr.DataArray, LossCurve]], intensity: xr.DataArray) -> xr.DataArray:
    """What one event costs: the value of each receptor by its loss ratio."""
    parts = [vulnerability.loss_ratio(intensity, curve) * value.data for value, curve in exposed.values()]
    return reduce(add, parts)
