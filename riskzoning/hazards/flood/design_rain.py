"""Design rain (设计雨量): levels of daily rain at stations by return period, one line of growth for the region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning.errors import LayerError, Problem, note
from riskzoning.hazards.cells import Array
from riskzoning.hazards.flood.waterlogging import rules
from riskzoning.hazards.inputs import input_of
from riskzoning.hazards.stations import (
    drawn,
    shrunk,
    skill,
    station_differences,
    station_notes,
    station_places,
    station_points,
    station_surface,
    surface_method,
    valid_elements,
)
from riskzoning.methods import extremes

_STATIONS = input_of("flood", "stations")
# Rain of a return period (years) on a grid, mm: one number, or an array.
Level = Callable[[float], "Array | float"]


@dataclass(frozen=True)
class RegionalRain:
    """Yearly largest daily rain of a region: its mean at stations (mm), and how it grows with the return period.

    The growth is that of all years of all stations together, each over the mean of its station (index-flood method):
    thirty years of one station do not carry a level of a hundred. Stations keep their own mean only as far as they
    differ by more than chance.
    """

    points: gpd.GeoDataFrame
    growth: extremes.Fitted
    method: Any
    facts: dict[str, Any]
    notes: tuple[Problem, ...]

    def on(self, grid: GeoBox) -> Array | float:
        """The mean of the yearly largest daily rain, mm: one number where the stations do not differ."""
        if self.method == "mean":
            return float(self.points["value"].mean())
        surface = station_surface(
            self.points, grid, method=self.method, covariates=None, quantity="precipitation", lazy=False
        )
        return np.asarray(surface.data, dtype=np.float64)

    def level(self, mean: Array | float, period: float, factor: float = 1.0) -> Array | float:
        """Rain of a return period, mm."""
        out: Array | float = mean * max(float(self.growth.return_level(period)), 0.0) * factor
        return out


def regional_rain(stations: xr.Dataset) -> RegionalRain:
    """The design rain that daily values at stations allow."""
    if "precipitation" not in stations:
        present = [str(name) for name in stations.data_vars]
        raise LayerError(Problem("input.columns", _STATIONS, missing=["precipitation"], present=present))
    stations = valid_elements(stations, ["precipitation"], hazard="flood")
    rain = stations["precipitation"].transpose("time", "station")
    daily = pd.DataFrame(rain.to_numpy(), index=rain.indexes["time"], columns=rain.indexes["station"])
    yearly = extremes.yearly_extremes(daily)
    enough = yearly.notna().sum() >= int(rules("min_years"))
    short = [str(name) for name in yearly.columns[~enough]]
    yearly = yearly.loc[:, enough]
    if yearly.empty:
        raise LayerError(Problem("flood.no_rain_years", _STATIONS, count=len(enough), least=int(rules("min_years"))))
    means = yearly.mean()
    growth = extremes.fit((yearly / means).to_numpy().ravel(), "pearson3")
    places = station_places(stations, hazard="flood")
    points = station_points(places, pd.DataFrame({"value": means.rename_axis("station")}), hazard="flood")
    points = points[points["value"].notna()]
    annual = yearly.rename_axis(index="year").reset_index().melt("year", var_name="station", value_name="value")
    effect = station_differences(annual, points.index)
    surface = surface_method(points, None, "idw")
    facts = {
        "stations": len(points), "station_years": int(yearly.notna().sum().sum()), "mean_mm": float(means.mean()),
        "cv": float(np.sqrt(np.nanvar((yearly / means).to_numpy(), ddof=1))), "validation": skill(effect, surface),
    }  # fmt: skip
    notes = station_notes(
        places, hazard="flood", rejected=stations.attrs["rejected"], altitudes={}, beyond=None, short=short
    )
    method = surface.method if drawn(effect, surface) else "mean"
    return RegionalRain(shrunk(points, effect), growth, method, facts, tuple(notes))


def given_rain(stack: xr.DataArray, grid: GeoBox) -> Level:
    """Levels from rasters by return period: linear in the reduced variate of Gumbel between and before them.

    Beyond the rarest one it holds, which is said.
    """
    ordered = stack.sortby("return_period")
    periods = [float(year) for year in ordered["return_period"].values]
    planes = [
        np.asarray(grids.align(ordered.isel(return_period=at, drop=True), grid).data, dtype=np.float64)
        for at in range(len(periods))
    ]
    return lambda period: interpolated_level(planes, periods, period)


def interpolated_level(planes: Sequence[Array], periods: Sequence[float], period: float) -> Array:
    """The value at a return period; 0 at least."""
    if len(planes) == 1 and not np.isclose(periods[0], period):
        thing = input_of("flood", "design_rain")
        raise LayerError(Problem("flood.one_rain", thing, period=periods[0], wanted=period))
    at = int(np.clip(np.searchsorted(periods, period, side="left"), 1, max(len(periods) - 1, 1)))
    if len(planes) == 1 or period >= periods[-1]:
        if period > periods[-1] * (1 + 1e-9):
            thing = input_of("flood", "design_rain")
            note(Problem("flood.rain_held", thing, severity="warning", last=periods[-1], wanted=period))
        return np.asarray(planes[-1])
    low, high, here = (_reduced(year) for year in (periods[at - 1], periods[at], period))
    share = (here - low) / (high - low)
    return np.asarray(np.maximum(planes[at - 1] + share * (planes[at] - planes[at - 1]), 0.0))


def _reduced(period: float) -> float:
    """Gumbel's reduced variate of a return period above 1 year."""
    return float(-np.log(-np.log1p(-1.0 / max(period, 1.0 + 1e-6))))


def mean_level(level: Array | float) -> float:
    """The mean over the cells that have one."""
    return float(np.nanmean(level))
