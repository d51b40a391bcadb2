"""Expected annual loss of a hazard, where intensities by return period, a value and a curve are there."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from riskzoning import risk, standards, vulnerability
from riskzoning.layers import describe
from riskzoning.names import Intensity
from riskzoning.pipeline.stages.passes import Passes

_VALUE = "building_value_yuan"


def annual_loss(passes: Passes, hazard: str) -> xr.DataArray | None:
    """Expected annual loss of buildings by a hazard, yuan a year; None where something that it needs is missing."""
    chosen = standards.table("loss_curves/receptors").data.get(hazard, {})
    published, settings = passes.published, passes.run.setting.study.risk
    if "buildings" not in chosen or not published.has(_VALUE):
        return None
    given = [one for one in passes.intensities if one.hazard == hazard and one.period is not None]
    by_period = {one.period: one.key for one in given if one == Intensity(hazard, chosen["quantity"], one.period)}
    periods = sorted(period for period in by_period if period is not None)
    if len(periods) < 2:
        return None
    curve, value = vulnerability.load_curve(chosen["buildings"]), published.get(_VALUE)
    losses = xr.concat(
        [vulnerability.loss_ratio(published.get(by_period[period]), curve) * value.data for period in periods],
        dim=pd.Index(periods, name="return_period"),
        coords="minimal",
        compat="override",
    )
    loss = risk.expected_annual_loss(losses, periods, method=settings.eal_method, tail=settings.eal_tail)
    about = {
        "eal_method": settings.eal_method,
        "eal_tail": "constant" if settings.eal_tail else "none",
        "curve": chosen["buildings"],
    }
    return describe(loss, quantity="expected_annual_loss", like=value, **about)
