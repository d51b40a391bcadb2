"""Meteorological hazards (气象灾害) but drought: events at stations -> event index -> mean annual sum -> grid -> index.

Rainstorms, heat, gales, cold waves and snowstorms run through one engine (:mod:`.processes`), each an entry of
``hazards/meteorology_events``: the elements that the stations have decide which of them count. Severity of an event is
the entropy-weighted sum of its factors, a year is the sum of its events, a station the mean of its complete years.
Stations are brought to the grid by regression on longitude, latitude and elevation with residuals by inverse distance,
or by inverse distance alone where that foretells left-out stations better, within the range of the stations. The index
of each kind is scaled between the least and the most affected station, so it compares places, not cities, unless a
study gives a reference. Hail, lightning and fog need other data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, Problem, first_few
from riskzoning.hazards.base import (
    HazardSpec,
    InputSpec,
    by_cell,
    open_inputs,
    settle_params,
    valid_values,
    warning_row,
)
from riskzoning.hazards.meteorology.grading import (
    cold_wave_level,
    dry_hot_wind,
    rain_grade,
    snow_grade,
    snow_water,
)
from riskzoning.hazards.meteorology.processes import (
    EventScale,
    EventTables,
    elements_of,
    event_scale,
    event_tables,
    kinds_available,
    station_values,
)
from riskzoning.hazards.meteorology.terrain import terrain_factor
from riskzoning.hazards.stations import (
    beyond_stations,
    loo_error,
    station_points,
    station_surface,
    station_warnings,
    surface_method,
    valid_elements,
    with_heights,
)
from riskzoning.layers import describe
from riskzoning.methods.events import spells

__all__ = [
    "SPECS",
    "EventScale",
    "EventTables",
    "Params",
    "assess",
    "calibrate",
    "cold_wave_level",
    "dry_hot_wind",
    "event_scale",
    "event_tables",
    "prepare",
    "rain_grade",
    "snow_grade",
    "snow_water",
    "spells",
    "station_values",
    "terrain_factor",
]


def _rule(key: str) -> Any:
    return standards.table("hazards/meteorology_events").data[key]


class Params(BaseModel):
    """Choices of the meteorological hazard; the defaults come from ``hazards/meteorology_events``.

    Parameters
    ----------
    kinds : tuple of str, optional
        Kinds of events; default: all that the stations allow.
    rain_day_mm : float, optional
        Rain from which a day belongs to a rainstorm process; default 0.1 mm, also common: 10 mm.
    normalise : {"minmax", "half"}
        Scaling of the factors of an event: 0..1, or 0.5..1, where every event counts.
    min_years : int
        Complete years that a station needs.
    interpolation : {"best", "regression_residual", "idw", "kriging"}
        ``best``: regression or inverse distances, whichever foretells left-out stations better.
    weights : mapping kind -> weight, optional
        Shares in the index of all kinds; scaled to sum 1 over the kinds that count.
    reference : mapping kind -> (low, high), optional
        Annual event index with hazard index 0 and 1, for comparison with other areas or years.
    terrain_weight : float
        0 for none; with w the index becomes H (1 + w T) / (1 + w), T the terrain factor.

    Examples
    --------
    >>> Params().normalise, Params(kinds=("rainstorm",)).kinds
    ('minmax', ('rainstorm',))
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: tuple[str, ...] | None = Field(default=None, min_length=1)
    rain_day_mm: float | None = Field(default=None, gt=0)
    normalise: Literal["minmax", "half"] = Field(default_factory=lambda: _rule("normalise"))
    min_years: int = Field(default_factory=lambda: _rule("min_years"), ge=1)
    interpolation: Literal["best", "regression_residual", "idw", "kriging"] = Field(
        default_factory=lambda: _rule("interpolation")
    )
    weights: dict[str, float] | None = None
    reference: dict[str, tuple[float, float]] | None = None
    terrain_weight: float = Field(default=0.0, ge=0)


def prepare(inputs: Mapping[str, Any], params: Params, grid: GeoBox) -> dict[str, Any]:
    """The inputs with ``weather_events``, the events of every kind that the stations allow, and layers from elevation.

    ``elevation_on_grid`` is the covariate of the interpolation, ``terrain_factor`` is made where it has a weight.

    Raises
    ------
    LayerError
        The stations have no element that makes an event, an element is in another unit, or a kind asked for is unknown.

    Examples
    --------
    >>> prepare({"stations": None, "weather_events": {}}, Params(), None)
    {'stations': None, 'weather_events': {}}
    """
    out = dict(inputs)
    out.update(_with_events(out, params))
    elevation = out.get("elevation")
    if elevation is not None and out.get("elevation_on_grid") is None:
        dem = valid_values(elevation, quantity="elevation")
        layer = grids.align(dem, grid, quantity="elevation")
        # Stations may lie beyond the grid: their heights go with the layer.
        heights, off = with_heights(station_points(out["stations"], pd.DataFrame(), hazard="meteorology"), elevation)
        known = {str(name): float(value) for name, value in heights["elevation"].dropna().items()}
        report = {"station_heights": json.dumps(known), "altitude_differences": json.dumps(off)}
        out["elevation_on_grid"] = layer.assign_attrs(report)
    if params.terrain_weight > 0 and elevation is not None and out.get("terrain_factor") is None:
        out["terrain_factor"] = terrain_factor(elevation, grid)
    return out


def _at_height(points: gpd.GeoDataFrame, elevation: xr.DataArray | None) -> gpd.GeoDataFrame:
    """The stations with the heights that :func:`prepare` found for them."""
    if elevation is None:
        return points
    found = json.loads(elevation.attrs.get("station_heights", "{}"))
    if not found:
        return with_heights(points, elevation)[0]
    return points.assign(elevation=[found.get(str(name), np.nan) for name in points.index])


def _with_events(inputs: Mapping[str, Any], params: Params) -> dict[str, Any]:
    """The events of every kind: those that are there, or found in the valid values of the stations."""
    if inputs.get("weather_events") is not None:
        return {"stations": inputs.get("stations"), "weather_events": inputs["weather_events"]}
    kinds, _ = kinds_available(inputs["stations"], params.kinds)
    used = dict.fromkeys(name for kind in kinds for name in elements_of(kind))
    stations = valid_elements(inputs["stations"], used, hazard="meteorology")
    days = {"rainstorm": params.rain_day_mm}
    events = {kind: event_tables(stations, kind, day=days.get(kind)) for kind in kinds}
    return {"stations": stations, "weather_events": events}


def calibrate(inputs: Mapping[str, Any], params: Params | Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Scales of the events, weights, range of the stations, and how well stations foretell each other.

    Parameters
    ----------
    inputs : mapping
        After :func:`prepare`.
    params : Params or mapping, optional

    Returns
    -------
    dict
        Ready for JSON: ``kinds`` with, for each, ``low high weights directions half`` of its factors, ``index_low
        index_high``, ``weight``, ``stations`` (annual event index, events a year, complete years), ``method``,
        ``note`` and ``leave_one_out``; ``skipped`` kinds with the reason; ``altitude_differences``: stations whose
        altitude contradicts the elevation; ``validation`` (leave-one-out errors); ``warnings``.

    Raises
    ------
    LayerError
        No kind has stations enough with complete years.

    Examples
    --------
    >>> time = pd.date_range("2001-01-01", "2003-12-31")
    >>> rain = np.zeros((3, time.size))
    >>> rain[0, [180, 190]], rain[1, 200] = [60.0, 90.0], 120.0
    >>> places = {"lon": ("station", [114.0, 114.1, 114.2]), "lat": ("station", [35.0, 35.1, 35.0])}
    >>> coords = {"station": ["a", "b", "c"], "time": time, **places}
    >>> stations = xr.Dataset({"precipitation": (("station", "time"), rain)}, coords)
    >>> scale = calibrate(prepare({"stations": stations}, Params(), None))
    >>> scale["kinds"]["rainstorm"]["stations"]["c"]["events"]
    0.0
    """
    settled = settle_params(Params, params, thing="hazard 'meteorology'")
    _check_kinds(settled)
    stations, tables = _with_events(inputs, settled).values()
    elevation = inputs.get("elevation_on_grid")
    found: dict[str, Any] = {}
    short: set[str] = set()
    beyond: str | None = None
    altitudes = json.loads("{}" if elevation is None else elevation.attrs.get("altitude_differences", "{}"))
    _, skipped = kinds_available(stations, settled.kinds)
    for kind, events in tables.items():
        scale = event_scale(events, kind, normalise=settled.normalise)
        values = station_values(events, scale, min_years=settled.min_years)
        used = values.loc[_with_value(stations, values).index]
        if len(used) < _rule("min_stations"):
            skipped[kind] = (
                f"{len(used)} stations have {settled.min_years} complete years, {_rule('min_stations')} needed"
            )
            continue
        short |= {str(name) for name in values.index[values["value"].isna()]}
        points = _at_height(_with_value(stations, values), elevation)
        beyond = beyond_stations(points, elevation) if beyond is None else beyond
        method, covariates, note = surface_method(points, elevation, settled.interpolation)
        low, high = (settled.reference or {}).get(kind, (float(used["value"].min()), float(used["value"].max())))
        found[kind] = {
            "low": dict(scale.low),
            "high": dict(scale.high),
            "weights": dict(scale.weights),
            "directions": dict(scale.directions),
            "half": scale.half,
            "index_low": float(low),
            "index_high": float(high),
            "weight": float((settled.weights or {}).get(kind, _rule("kinds")[kind]["weight"])),
            "stations": _rows(values),
            "method": method,
            "note": note,
            "leave_one_out": loo_error(points, None, method=method, covariates=covariates),
        }
    _check_found(found, skipped)
    total = sum(entry["weight"] for entry in found.values())
    for entry in found.values():
        entry["weight"] /= total
    errors = {kind: entry["leave_one_out"] for kind, entry in found.items() if entry["leave_one_out"]}
    validation = {kind: {f"leave_one_out_{name}": value for name, value in row.items()} for kind, row in errors.items()}
    warned = station_warnings(stations, hazard="meteorology", altitudes=altitudes, beyond=beyond, short=sorted(short))
    return {
        "kinds": found,
        "skipped": skipped,
        "altitude_differences": altitudes,
        "validation": validation,
        "warnings": [*warned, *_skipped_kinds(skipped)],
    }


def _with_value(stations: xr.Dataset, values: pd.DataFrame) -> gpd.GeoDataFrame:
    """Stations that have a value and a place."""
    points = station_points(stations, values, hazard="meteorology")
    return points[points["value"].notna()]


def _skipped_kinds(skipped: Mapping[str, str]) -> list[dict[str, Any]]:
    if not skipped:
        return []
    found = "leaves out " + "; ".join(f"{kind}: {reason}" for kind, reason in skipped.items())
    fix = "Read more elements or years, or name the kinds that count in params.kinds."
    required = "elements and complete years for every kind of event"
    return [warning_row("hazard 'meteorology'", found, required, fix, rule="meteorology.kinds")]


def _check_kinds(params: Params) -> None:
    """Weights and references name kinds that exist."""
    problems = [
        Problem(
            "hazard 'meteorology'",
            f"names {first_few(wrong)}",
            f"kinds of events: {', '.join(_rule('kinds'))}",
            "Correct `params:` of the hazard in study.yaml.",
            rule="hazard.params",
            field=field,
        )
        for field, given in (("weights", params.weights), ("reference", params.reference))
        if (wrong := [name for name in given or {} if name not in _rule("kinds")])
    ]
    if problems:
        raise ConfigError(problems=problems)


def _rows(values: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """The station table as JSON has it: no NaN, texts as keys."""
    return {
        str(station): {name: None if pd.isna(row[name]) else float(row[name]) for name in ("value", "events", "years")}
        for station, row in values.iterrows()
    }


def _check_found(found: Mapping[str, Any], skipped: Mapping[str, str]) -> None:
    if found and sum(entry["weight"] for entry in found.values()) > 0:
        return
    reasons = "; ".join(f"{kind}: {reason}" for kind, reason in skipped.items())
    raise LayerError(
        Problem(
            "input 'stations' of hazard 'meteorology'",
            f"makes no hazard index ({reasons})" if not found else "has only kinds with the weight 0",
            f"a kind of event with a weight above 0 and {_rule('min_stations')} stations with enough complete years",
            "Add stations or years, or lower params.min_years.",
            rule="meteorology.stations",
        )
    )


def assess(
    inputs: Mapping[str, Any],
    params: Params | Mapping[str, Any] | None = None,
    *,
    grid: GeoBox | None = None,
    calibration: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Annual event index and hazard index of weather events, for each kind and together.

    Index of a kind = (annual event index - low) / (high - low), limited to 0..1; the hazard index is the weighted mean
    of all kinds.

    Parameters
    ----------
    inputs : mapping
        ``stations`` (Dataset ``station`` x ``time``: precipitation mm, tmax tmin tmean degC, wind_gust m/s ...;
        coordinates ``lon lat`` and ``elevation``); optional ``elevation`` (m, own grid).
    params : Params or mapping, optional
    grid : GeoBox, optional
        Default: that of the elevation.
    calibration : mapping, optional
        From :func:`calibrate`: the same scales for other years, stations or areas.

    Returns
    -------
    Dataset
        ``intensity`` (weighted annual event index), ``hazard_index`` (0..1), and ``<kind>_intensity`` for each kind.

    Raises
    ------
    LayerError
        Naming the input; too few stations; no element that makes an event.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> time = pd.date_range("2001-01-01", "2003-12-31")
    >>> rain = np.zeros((3, time.size))
    >>> rain[0, [180, 190, 700]] = [60.0, 90.0, 120.0]
    >>> places = {"lon": ("station", [114.0, 114.1, 114.2]), "lat": ("station", [35.0, 35.1, 35.0])}
    >>> coords = {"station": ["a", "b", "c"], "time": time, **places}
    >>> stations = xr.Dataset({"precipitation": (("station", "time"), rain)}, coords)
    >>> geobox = analysis_grid((500000, 3870000, 520000, 3890000), crs="EPSG:4547", resolution=10000)
    >>> bool((assess({"stations": stations}, grid=geobox)["hazard_index"] >= 0).all())
    True
    """
    inputs, options, grid = open_inputs(SPECS[0], inputs, params, grid)
    scale = calibrate(inputs, options) if calibration is None else calibration
    elevation = inputs.get("elevation_on_grid")
    lazy = elevation is not None and elevation.chunks is not None
    surfaces: dict[str, xr.DataArray] = {}
    for kind, entry in scale["kinds"].items():
        tables = inputs["weather_events"].get(kind)
        if tables is None:
            raise LayerError(_missing_kind(kind))
        events = EventScale(*(entry[name] for name in ("low", "high", "weights", "directions", "half")))
        values = station_values(tables, events, min_years=options.min_years)
        points = _with_value(inputs["stations"], values)
        if len(points) < _rule("min_stations"):
            raise LayerError(_few_stations(kind, len(points), options.min_years))
        points = _at_height(points, elevation)
        method, covariates, _ = surface_method(points, elevation, entry["method"])
        surfaces[kind] = station_surface(
            points, grid, method=method, covariates=covariates, quantity=_rule("kinds")[kind]["quantity"], lazy=lazy
        )
    weights = np.array([entry["weight"] for entry in scale["kinds"].values()])
    limits = [(entry["index_low"], entry["index_high"]) for entry in scale["kinds"].values()]
    intensity = by_cell(partial(_weighted, weights=weights), *surfaces.values(), quantity="event_index")
    index = by_cell(partial(_index, weights=weights, limits=limits), *surfaces.values(), quantity="hazard_index")
    if inputs.get("terrain_factor") is not None and options.terrain_weight > 0:
        kernel = partial(_on_terrain, weight=options.terrain_weight)
        index = by_cell(kernel, index, inputs["terrain_factor"], quantity="hazard_index")
    layers = {"intensity": intensity, "hazard_index": describe(index, quantity="hazard_index", like=intensity)}
    layers |= {f"{kind}_intensity": surface for kind, surface in surfaces.items()}
    return xr.Dataset({name: layer.rename(name) for name, layer in layers.items()}).assign_attrs(
        hazard="meteorology", kinds=", ".join(surfaces)
    )


def _missing_kind(kind: str) -> Problem:
    return Problem(
        "input 'stations' of hazard 'meteorology'",
        f"allows no events of kind '{kind}'",
        "the elements of every kind of the calibration",
        "Add the elements, or calibrate again.",
        rule="meteorology.elements",
    )


def _few_stations(kind: str, count: int, years: int) -> Problem:
    return Problem(
        "input 'stations' of hazard 'meteorology'",
        f"has {count} stations with {years} complete years for '{kind}'",
        f"at least {_rule('min_stations')}",
        "Add stations or years, or lower params.min_years.",
        rule="meteorology.stations",
    )


def _weighted(*surfaces: Any, weights: Any) -> Any:
    return sum(weight * surface for weight, surface in zip(weights, surfaces))


def _index(*surfaces: Any, weights: Any, limits: Any) -> Any:
    total = np.zeros(surfaces[0].shape)
    for surface, weight, (low, high) in zip(surfaces, weights, limits):
        # Stations that are all alike say that no place is worse than another.
        share = np.clip((surface - low) / (high - low), 0.0, 1.0) if high > low else np.zeros(surface.shape)
        total += weight * np.where(np.isfinite(surface), share, np.nan)
    return np.clip(total, 0.0, 1.0)


def _on_terrain(index: Any, factor: Any, *, weight: float) -> Any:
    return np.where(np.isfinite(factor), index * (1 + weight * factor) / (1 + weight), index)


SPECS = (
    HazardSpec(
        name="meteorology",
        group="meteorology",
        title={"zh": "气象灾害", "en": "Meteorological hazards"},
        inputs=(
            InputSpec("stations", "stations", note="daily elements; what is there decides which kinds of events count"),
            InputSpec(
                "elevation",
                "layer",
                "elevation",
                required=False,
                native=True,
                note="covariate of the interpolation; best wide enough for the stations around the study area",
            ),
            InputSpec("elevation_on_grid", "layer", "elevation", required=False, note="made from elevation"),
            InputSpec("terrain_factor", "layer", "share", required=False, note="made from elevation"),
            InputSpec("lightning", "points", required=False, note="for maps; not part of the index"),
        ),
        params=Params,
        assess=assess,
        calibrate=calibrate,
        prepare=prepare,
        outputs={"intensity": "event_index", "hazard_index": "hazard_index"},
        scope="global",
        grade_scheme="hazard_4",
        tables=(
            "hazards/meteorology_events",
            "hazards/meteorology_grades",
            "hazards/meteorology_cold_wave",
            "hazards/meteorology_dry_hot_wind",
            "hazards/meteorology_terrain",
        ),
        references=("DB34/T 4637.4-2023 (condensed text)", "GB/T 28592-2012", "GB/T 20484-2017, QX/T 393-2017"),
        status="project_default",
        method={
            "zh": "按站点逐日资料识别暴雨、高温、大风、寒潮、暴雪过程，过程因子熵权求和，逐年累加取多年平均；"
            "经纬度与海拔回归加残差反距离插值到格网，归一化后加权。",
            "en": "Rainstorms, heat, gales, cold waves and snowstorms are found in daily station series; "
            "entropy-weighted factors make the index of an event, its annual sum is averaged over years, brought "
            "to the grid by regression with weighted residuals, scaled and weighted.",
        },
    ),
)
