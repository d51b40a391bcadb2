"""Elements of a grid from what stands for them: wind from its components, humidity from the dew point or moisture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, decided, note

# A layer in a unit, by its name.
Converted = Callable[[str, str], xr.DataArray]


def parts() -> Mapping[str, Mapping[str, Any]]:
    """What stands for elements -> its unit and the names of its variables."""
    known: Mapping[str, Mapping[str, Any]] = standards.table("formats/weather_products").data["gridded"]["parts"]
    return known


def humidity_of_dewpoint(temperature: Any, dewpoint: Any) -> Any:
    """Relative humidity, %, of temperature and dew point, degC (Magnus, coefficients of Alduchov and Eskridge 1996)."""
    return (100.0 * _pressure(dewpoint) / _pressure(temperature)).clip(0.0, 100.0)


def humidity_of_moisture(temperature: Any, moisture: Any, pressure: Any) -> Any:
    """Relative humidity, %, of temperature (degC), specific humidity (kg/kg) and pressure (hPa)."""
    vapour = moisture * pressure / (0.622 + 0.378 * moisture)
    return (100.0 * vapour / _pressure(temperature)).clip(0.0, 100.0)


def _pressure(celsius: Any) -> Any:
    """Saturation over water, hPa."""
    return 6.1094 * np.exp(17.625 * celsius / (243.04 + celsius))


def derived_elements(
    there: Mapping[str, xr.DataArray], converted: Converted, thing: Phrase | str, *, hours: Callable[[str], float]
) -> dict[str, xr.DataArray]:
    """Wind and humidity, in the steps of the files, where they lack and something stands for them."""
    out: dict[str, xr.DataArray] = {}
    made: list[Phrase] = []
    if {"wind_u", "wind_v"} <= set(there) and "wind_mean" not in there:
        east, north = _alike(thing, there, {name: converted(name, "m/s") for name in ("wind_u", "wind_v")})
        out["wind_mean"] = (east**2 + north**2) ** 0.5
        made.append(Phrase("wind_of_components"))
        if hours("wind_u") >= 24.0:
            note(Problem("gridded.mean_components", thing, severity="warning"))
    elif (lone := sorted({"wind_u", "wind_v"} & set(there))) and "wind_mean" not in there:
        note(Problem("gridded.component", thing, severity="warning", name=str(there[lone[0]].name)))
    if "humidity" not in there and "tmean" in there:
        if "dewpoint" in there:
            warm, dew = _alike(thing, there, {name: converted(name, "degC") for name in ("tmean", "dewpoint")})
            out["humidity"] = humidity_of_dewpoint(warm, dew)
            made.append(Phrase("humidity_of_dewpoint"))
        elif {"specific_humidity", "pressure"} <= set(there):
            wanted = {"tmean": "degC", "specific_humidity": "kg/kg", "pressure": "hPa"}
            warm, moist, load = _alike(thing, there, {name: converted(name, unit) for name, unit in wanted.items()})
            out["humidity"] = humidity_of_moisture(warm, moist, load)
            made.append(Phrase("humidity_of_moisture"))
    if made:
        decided(thing, "variable", made, why="name")
    return out


def _alike(
    thing: Phrase | str, there: Mapping[str, xr.DataArray], layers: Mapping[str, xr.DataArray]
) -> list[xr.DataArray]:
    """The layers on the times that all have; other cells are refused."""
    first = next(iter(layers.values()))
    if any(not first[axis].equals(layer[axis]) for layer in layers.values() for axis in ("x", "y")):
        raise LayerError(Problem("gridded.grids", thing, names=[str(there[name].name) for name in layers]))
    alike = xr.align(*layers.values(), join="inner")
    if not alike[0].sizes["time"]:
        raise LayerError(Problem("gridded.no_time", thing, names=[str(there[name].name) for name in layers]))
    return list(alike)
