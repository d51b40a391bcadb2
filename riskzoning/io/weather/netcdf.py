"""Gridded weather in NetCDF (ERA5, CN05.1, CMFD ...): elements by their names, as days, lazily, on their own grid."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import odc.geo.xr  # noqa: F401  (adds .odc)
import pandas as pd
import xarray as xr
from odc.geo.crs import CRS

from riskzoning import standards
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, decided
from riskzoning.files import existing
from riskzoning.io.weather.days import Day, with_days
from riskzoning.io.weather.derived import derived_elements, parts
from riskzoning.io.weather.headings import plain_name
from riskzoning.io.weather.steps import afternoon, check_sums, daily_of_steps, hours_of_step, increments, rate_hours
from riskzoning.methods.elements import element_units

_X = ("lon", "longitude", "long", "x")
_Y = ("lat", "latitude", "y")
_TIME = ("time", "valid_time", "date", "day")
# Daily extremes of the readings of an element.
_EXTREMES = {"tmean": ("tmax", "tmin"), "wind_mean": ("wind_max",), "humidity": ("humidity_min",)}
_AFTERNOON = {"humidity": "humidity_14h", "wind_mean": "wind_14h"}
_ENDINGS = (".nc", ".nc4", ".cdf")
Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class _Asked:
    """What the caller wants of the files."""

    variables: Mapping[str, str]
    units: Mapping[str, str]
    bounds: Bounds | None
    accumulated: bool


def read_gridded_daily(
    source: Source,
    *,
    variables: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    bounds: Bounds | None = None,
    accumulated: bool = False,
) -> xr.Dataset:
    """Open gridded weather as days on its own grid, lazily; little is read but the axes.

    Variables are known by their names (``t2m tp``, ``Tmax Pre``, ``tas pr``, ``prec temp`` ...), units by what the file
    says: K, m and rates (mm/h, kg m-2 s-1) become degC and mm. Wind comes from its components (``u10 v10``), humidity
    from the dew point (``d2m``) or from specific humidity and pressure (``shum pres``), where they are not given.
    Longitudes of 0 to 360 become -180 to 180, rows run from north to south, packed values are unpacked, dates of
    calendars without 29 February become days. Steps of hours become days that end at 20:00 in Beijing, of stamps in
    UTC; days of the file stay its days.

    Parameters
    ----------
    source : path or sequence of path
        NetCDF files, or a folder of them: one or several elements and periods, all on one grid.
    variables : mapping, optional
        Element (``precipitation``, ``tmean`` ..., also ``wind_u wind_v dewpoint specific_humidity``) -> name of its
        variable, where that is not known.
    units : mapping, optional
        Element -> unit, where the file does not say it or says it wrong.
    bounds : (west, south, east, north), optional
        Degrees; only cells whose middle lies within.
    accumulated : bool
        Precipitation of hours is the sum since 0 UTC, as in ERA5-Land. One cell of some months is read to see whether.

    Returns
    -------
    Dataset
        Elements with dims ``(time, y, x)``, dask arrays, in their units; missing values are NaN where the file says so.

    Raises
    ------
    LayerError
        No known variable, no unit, a unit that is none of the element, several grids, steps longer than a day, days
        twice, a calendar of 30-day months, no cell within the bounds; sums of rain since 0 UTC that are not said to be.
    MissingCRSError
        Axes are no degrees and the file names no coordinate system.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> kelvin = xr.DataArray(np.full((2, 2, 2), 293.15, dtype="float32"), dims=("time", "lat", "lon"), name="t2m")
    >>> axes = {"time": pd.date_range("2020-01-01", periods=2), "lat": [35.0, 35.25], "lon": [113.5, 113.75]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "era5.nc"
    ...     kelvin.assign_coords(axes).assign_attrs(units="K").to_netcdf(path)
    ...     days = read_gridded_daily(path)
    ...     print(days.tmean.dims, days.y.values.tolist(), days.tmean.values[0, 0].round(2).tolist())
    ('time', 'y', 'x') [35.25, 35.0] [20.0, 20.0]
    """
    paths, thing = _files(source)
    asked = _Asked(dict(variables or {}), dict(units or {}), bounds, accumulated)
    pieces: dict[str, list[xr.DataArray]] = {}
    for path in paths:
        for element, layer in _of_file(path, asked).items():
            pieces.setdefault(element, []).append(layer)
    if not pieces:
        raise LayerError(Problem("gridded.variables", thing, known=sorted(element_units())))
    joined = {element: _joined(layers, element, thing) for element, layers in pieces.items()}

    fields = _fields(joined, asked, thing)
    if not fields:
        raise LayerError(Problem("gridded.variables", thing, known=sorted(element_units())))
    extremes = _extremes(fields, thing)
    made = {**extremes, **{element: _days(layer, element, thing) for element, layer in fields.items()}}
    out = _together(made, thing, crs=next(iter(joined.values())).odc.crs)
    hourly = {*extremes, *(element for element, layer in fields.items() if hours_of_step(layer, thing) < 24)}
    ends: dict[str, Day] = {element: "day_20" if element in hourly else "day_file" for element in made}
    return with_days(out, ends, thing, why="values")


def _files(source: Source) -> tuple[list[Path], Phrase | str]:
    what = Phrase("weather_file")
    if not isinstance(source, str | os.PathLike):
        paths = [existing(path, what=what) for path in source]
        return paths, Phrase("weather_files", count=len(paths))
    place = existing(source, what=what, folder=True)
    paths = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.suffix.lower() in _ENDINGS)
    if not paths:
        raise LayerError(Problem("gridded.files", str(source), endings=list(_ENDINGS)))
    return paths, str(source)


def _of_file(path: Path, asked: _Asked) -> dict[str, xr.DataArray]:
    """The elements of one file with dims time, y, x; nothing but axes is read."""
    try:
        data = xr.open_dataset(path, chunks={}, decode_timedelta=False)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LayerError(Problem("gridded.unreadable", path, reason=str(error).splitlines()[0])) from None
    names = _elements(data, asked.variables, path)
    return {element: _axes(data, data[name], path, asked.bounds) for element, name in names.items()}


def _elements(data: xr.Dataset, given: Mapping[str, str], path: Path) -> dict[str, str]:
    """Element -> name of its variable."""
    known = standards.table("formats/weather_products").data["gridded"]["names"]
    usual = standards.table("formats/station_tables").data["elements"]
    there = [str(name) for name in data.data_vars if data[name].ndim >= 3]
    elements = [*element_units(), *parts()]
    unknown = sorted(set(given) - set(elements))
    if unknown:
        raise LayerError(Problem("gridded.elements", path, names=unknown, known=sorted(elements)))
    out: dict[str, str] = {}
    flat: list[str] = []
    for element in elements:
        if element in given:
            if given[element] in there:
                out[element] = given[element]
            continue
        stands_for = parts().get(element, {}).get("names", ())
        words = {element.replace("_", ""), *known.get(element, ()), *usual.get(element, ()), *stands_for}
        same = [name for name in there if plain_name(name) in words and name not in given.values()]
        if len(same) > 1:
            raise LayerError(Problem("gridded.several", path, element=element, names=same))
        if same:
            out[element] = same[0]
        flat += [str(name) for name in data.data_vars if data[name].ndim == 2 and plain_name(name) in words]
    if flat and not out and not given:
        dims = [str(dim) for dim in data[flat[0]].dims]
        raise LayerError(Problem("gridded.series", path, names=list(dict.fromkeys(flat)), dims=dims))
    if out:
        decided(str(path), "variable", [f"{element}: {name}" for element, name in out.items()], why="name")
    return out


def _axes(data: xr.Dataset, layer: xr.DataArray, path: Path, bounds: Bounds | None) -> xr.DataArray:
    """A variable with dims time, y, x: longitudes around Greenwich, north above, dates as days can have them."""
    dims = {str(dim): str(dim).casefold() for dim in layer.dims}
    axes = {
        axis: next((dim for dim, plain in dims.items() if plain in words), None)
        for axis, words in (("time", _TIME), ("y", _Y), ("x", _X))
    }
    lacking = [axis for axis, dim in axes.items() if dim is None or dim not in layer.coords]
    more = [dim for dim in dims if dim not in axes.values() and layer.sizes[dim] > 1]
    if lacking or more:
        raise LayerError(Problem("gridded.axes", path, name=str(layer.name), dims=list(dims), lacking=lacking or more))
    degrees = dims[str(axes["x"])] in _X[:3]
    crs = "EPSG:4490" if degrees else data.odc.crs
    if crs is None:
        raise MissingCRSError(Problem("gridded.crs", path))
    out = layer.drop_encoding().squeeze([dim for dim in dims if dim not in axes.values()], drop=True)
    out = out.rename({str(dim): axis for axis, dim in axes.items() if dim != axis}).transpose("time", "y", "x")
    out = out.reset_coords(drop=True).assign_attrs({key: v for key, v in out.attrs.items() if key != "grid_mapping"})
    if degrees and float(out["x"].max()) > 180:
        out = out.assign_coords(x=(out["x"] + 180) % 360 - 180)
    out = _dated(out.sortby("x").sortby("y", ascending=False), path)
    return _within(out, bounds, path).odc.assign_crs(crs)


def _dated(layer: xr.DataArray, path: Path) -> xr.DataArray:
    time = layer.indexes["time"]
    if isinstance(time, xr.CFTimeIndex):
        if str(time.calendar) == "360_day":
            raise LayerError(Problem("gridded.calendar", path, calendar=str(time.calendar)))
        layer = layer.convert_calendar("standard", use_cftime=False)
        time = layer.indexes["time"]
    if not isinstance(time, pd.DatetimeIndex):
        raise LayerError(Problem("gridded.dates", path))
    return layer


def _within(layer: xr.DataArray, bounds: Bounds | None, path: Path) -> xr.DataArray:
    if bounds is None:
        return layer
    west, south, east, north = bounds
    x, y = layer["x"].to_numpy(), layer["y"].to_numpy()
    part = layer.isel(x=np.flatnonzero((x >= west) & (x <= east)), y=np.flatnonzero((y >= south) & (y <= north)))
    if 0 in part.shape:
        own = [float(value) for value in (x.min(), y.min(), x.max(), y.max())]
        raise LayerError(Problem("gridded.bounds", path, bounds=list(bounds), own=own))
    return part


def _joined(parts: list[xr.DataArray], element: str, thing: Phrase | str) -> xr.DataArray:
    """The periods of an element one after the other."""
    if any(not parts[0]["x"].equals(part["x"]) or not parts[0]["y"].equals(part["y"]) for part in parts[1:]):
        raise LayerError(Problem("gridded.grids", thing, names=[element]))
    units = {str(part.attrs.get("units", "")) for part in parts}
    if len(units) > 1:
        raise LayerError(Problem("gridded.two_units", thing, element=element, units=sorted(units)))
    layer = parts[0] if len(parts) == 1 else xr.concat(parts, dim="time")
    layer = layer.sortby("time").assign_attrs(parts[0].attrs)
    time = layer.indexes["time"]
    if not time.is_unique:
        twice = [str(day) for day in time[time.duplicated()].unique()[:5]]
        raise LayerError(Problem("gridded.twice", thing, element=element, days=twice))
    return layer


def _fields(joined: Mapping[str, xr.DataArray], asked: _Asked, thing: Phrase | str) -> dict[str, xr.DataArray]:
    """Elements in their units, in the steps of the files; also those that others stand for."""

    def steps(element: str, wanted: str) -> xr.DataArray:
        return _numbers(joined[element], element, wanted, asked, thing)

    def hours(element: str) -> float:
        return hours_of_step(joined[element], thing)

    units = element_units()
    own = {element: steps(element, units[element]) for element in joined if element in units}
    return own | derived_elements(joined, steps, thing, hours=hours)


def _extremes(fields: Mapping[str, xr.DataArray], thing: Phrase | str) -> dict[str, xr.DataArray]:
    """Extremes of the readings of a day, and those of 14 h, of what comes in hours."""
    out: dict[str, xr.DataArray] = {}
    for element, layer in fields.items():
        if hours_of_step(layer, thing) >= 24:
            continue
        out |= {name: _days(layer, name, thing) for name in _EXTREMES.get(element, ())}
        there = afternoon(layer) if element in _AFTERNOON else None
        if there is not None:
            name = _AFTERNOON[element]
            out[name] = there.rename(name).assign_attrs(units=element_units()[name])
    return out


def _numbers(layer: xr.DataArray, element: str, wanted: str, asked: _Asked, thing: Phrase | str) -> xr.DataArray:
    """An element in a unit, in the steps of the file; rates and sums of rain as amounts of the steps."""
    hours = hours_of_step(layer, thing)
    # ERA5 writes powers as **.
    stated = asked.units.get(element, str(layer.attrs.get("units", "")).strip()).replace("**", "")
    if not stated:
        raise LayerError(Problem("gridded.no_units", thing, element=element, wanted=wanted, name=str(layer.name)))
    rate = rate_hours(stated) if element == "precipitation" else None
    own = parts().get(element, {}).get("factors", {})
    pair = (float(own[stated]), 0.0) if stated in own else standards.unit_factor(stated, wanted)
    if rate is not None and (pair is None or hours < 24):
        pair = (rate * hours, 0.0)
    if pair is None:
        raise LayerError(Problem("stations.units", thing, element=element, units=stated, wanted=wanted))
    if element == "precipitation" and hours < 24 and rate is None:
        check_sums(layer, thing, accumulated=asked.accumulated)
        layer = increments(layer) if asked.accumulated else layer
    return layer.astype(np.float64) * pair[0] + pair[1]


def _days(layer: xr.DataArray, element: str, thing: Phrase | str) -> xr.DataArray:
    """An element by days."""
    days = daily_of_steps(layer, element, hours_of_step(layer, thing))
    return days.rename(element).assign_attrs(units=element_units()[element])


def _together(layers: Mapping[str, xr.DataArray], thing: Phrase | str, *, crs: CRS) -> xr.Dataset:
    """All elements on one grid, missing on days that an element lacks."""
    first = next(iter(layers.values()))
    other = [n for n, part in layers.items() if not (first["x"].equals(part["x"]) and first["y"].equals(part["y"]))]
    if other:
        raise LayerError(Problem("gridded.grids", thing, names=[str(first.name), *other]))
    out = xr.Dataset({name: _plain(layer) for name, layer in layers.items()})
    return out.odc.assign_crs(crs)


def _plain(layer: xr.DataArray) -> xr.DataArray:
    out: xr.DataArray = layer.drop_vars([name for name in layer.coords if name not in layer.dims])
    attrs: dict[str, Any] = {"units": layer.attrs["units"]}
    return out.assign_attrs(attrs)
