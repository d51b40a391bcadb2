"""Steps of gridded weather: their length, rates and sums as amounts, hours as days that end at 20:00 in Beijing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.methods.elements import daily_rules


def hours_of_step(layer: xr.DataArray, thing: Phrase | str) -> float:
    """Length of the usual step, hours; steps of whole days are one."""
    time = layer.indexes["time"]
    assert isinstance(time, pd.DatetimeIndex)
    if len(time) < 2:
        return 24.0
    steps = np.diff(time.to_numpy()) / np.timedelta64(1, "m") / 60.0
    hours = float(np.median(steps))
    if hours > 24.5 or hours < 1 / 6 or abs(24 / min(hours, 24.0) - round(24 / min(hours, 24.0))) > 1e-6:
        raise LayerError(Problem("gridded.step", thing, hours=hours))
    return min(hours, 24.0)


def rate_hours(units: str) -> float | None:
    """Millimetres in an hour of one unit of a rate of precipitation; None where the unit is none."""
    rates = standards.table("formats/weather_products").data["gridded"]["rates"]
    plain = " ".join(units.split())
    rate = rates.get(plain)
    return None if rate is None else float(rate)


def increments(layer: xr.DataArray) -> xr.DataArray:
    """Amounts of steps from sums since 0 UTC: the first step of a day is its own, 0 UTC closes the day before."""
    before = layer.shift(time=1)
    stamps = layer.indexes["time"]
    assert isinstance(stamps, pd.DatetimeIndex)
    step = pd.Series(stamps).diff().median()
    first = (stamps - stamps.normalize()) == step
    gap = np.concatenate([[True], np.diff(stamps.to_numpy()) != np.timedelta64(step)])
    lone = xr.DataArray(gap & ~first, dims=("time",), coords={"time": layer["time"]})
    begins = xr.DataArray(first, dims=("time",), coords={"time": layer["time"]})
    # Rounding of packed sums can make them fall by a trifle.
    made = xr.where(begins, layer, (layer - before).clip(min=0.0)).where(~lone)
    return made.transpose(*layer.dims).assign_attrs(layer.attrs)


def check_sums(layer: xr.DataArray, thing: Phrase | str, *, accumulated: bool) -> None:
    """Whether hours of rain are sums since 0 UTC as said: looks at the cell in the middle, some months of it."""
    facts = standards.table("formats/weather_products").data["gridded"]["sums"]
    time = layer.indexes["time"]
    assert isinstance(time, pd.DatetimeIndex)
    middle = layer.isel(y=layer.sizes["y"] // 2, x=layer.sizes["x"] // 2, time=slice(0, int(facts["steps"])))
    values = middle.to_numpy().astype(np.float64)
    # The stamp of 0 UTC closes its day.
    frame = pd.DataFrame({"day": (time[: values.size] - pd.Timedelta("1s")).normalize(), "rain": values}).dropna()
    grouped = frame.groupby("day")["rain"]
    most = grouped.transform("max").to_numpy()
    steps = grouped.diff().to_numpy()
    falls, rises = (steps < -1e-3 * most) & (most > 0), (steps > 1e-3 * most) & (most > 0)
    by_day = pd.DataFrame({"day": frame["day"], "falls": falls, "rises": rises}).groupby("day").sum()
    # Rain of one step, or the same in all, does not show what it is.
    telling = by_day[by_day["rises"] + by_day["falls"] >= int(facts["least_changes"])]
    if len(telling) < int(facts["least_days"]):
        return
    rising = float((telling["falls"] == 0).mean())
    if not accumulated and rising > float(facts["most_rising"]):
        raise LayerError(Problem("gridded.sums", thing, days=len(telling), share=rising))
    if accumulated and rising < float(facts["least_rising"]):
        raise LayerError(Problem("gridded.no_sums", thing, days=len(telling), share=1.0 - rising))


def afternoon(layer: xr.DataArray) -> xr.DataArray | None:
    """The steps of 14:00 in Beijing, each as its day; None where the steps have none."""
    time = layer.indexes["time"]
    assert isinstance(time, pd.DatetimeIndex)
    hour = int(standards.table("formats/weather_products").data["isd"]["afternoon_utc"])
    there = np.flatnonzero((time.hour == hour) & (time.minute == 0))
    if not there.size:
        return None
    return layer.isel(time=there).assign_coords(time=time[there].normalize())


def daily_of_steps(layer: xr.DataArray, element: str, hours: float) -> xr.DataArray:
    """Days of an element; of hours by its rule (sum, mean, extreme), where most of them are there."""
    time = layer.indexes["time"]
    assert isinstance(time, pd.DatetimeIndex)
    if hours >= 24.0:
        return layer.assign_coords(time=time.normalize())
    facts = standards.table("formats/weather_products").data
    isd, least = facts["isd"], float(facts["gridded"]["least_share_of_day"])
    # A stamp of 20:00 closes its day.
    shifted = time + pd.Timedelta(hours=int(isd["hours_to_beijing"]) + 24 - int(isd["day_ends"])) - pd.Timedelta("1s")
    count = round(24 / hours)
    first = shifted[0].normalize()
    number = np.rint(((shifted - first) / pd.Timedelta(hours=hours)).to_numpy() - 0.5).astype(np.int64)
    last = int(number[-1]) // count
    whole = layer.assign_coords(time=number).reindex(time=np.arange((last + 1) * count))
    blocks = whole.coarsen(time=count).construct(time=("time", "within"))
    rule = daily_rules()[element]
    made = getattr(blocks, rule)("within")
    enough = blocks.count("within") >= least * count
    days = made.where(enough).assign_coords(time=pd.date_range(first, periods=last + 1, freq="D"))
    return days.transpose("time", "y", "x")
