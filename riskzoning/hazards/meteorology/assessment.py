"""From checked inputs to the hazard of weather: parameters, events once, scales of events, surfaces, index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, note, speaking
from riskzoning.hazards.base import Prepared, as_dataset
from riskzoning.hazards.cells import Array, by_cell, valid_values
from riskzoning.hazards.inputs import Facts, HazardInputs, input_of
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
    Interpolation,
    beyond_stations,
    loo_error,
    station_notes,
    station_places,
    station_points,
    station_surface,
    surface_method,
    valid_elements,
    with_heights,
)
from riskzoning.layers import describe
from riskzoning.methods.events import spells

_HAZARD = Phrase("hazard", name="meteorology")
_STATIONS = input_of("meteorology", "stations")


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
    interpolation: Interpolation = Field(default_factory=lambda: _rule("interpolation"))
    weights: dict[str, float] | None = None
    reference: dict[str, tuple[float, float]] | None = None
    terrain_weight: float = Field(default=0.0, ge=0)


def prepare_meteorology(inputs: HazardInputs, params: Params, grid: GeoBox) -> Prepared:
    """Events of every kind that the stations allow, places and heights of the stations, layers from elevation.

    ``elevation_on_grid`` is the covariate of the interpolation, ``terrain_factor`` is made where it has a weight.
    """
    stations, kinds, skipped = _usable(inputs, params)
    days = {"rainstorm": params.rain_day_mm}
    tables: dict[str, pd.DataFrame] = {}
    months: dict[str, int] = {}
    for kind in kinds:
        events = event_tables(stations, kind, day=days.get(kind))
        tables |= {f"{kind}_events": events.events, f"{kind}_years": events.coverage}
        months[kind] = events.start_month
    layers: dict[str, xr.DataArray] = {}
    elevation, on_grid = inputs.get("elevation"), inputs.get("elevation_on_grid")
    if isinstance(elevation, xr.DataArray):
        if on_grid is None:
            layers["elevation_on_grid"] = grids.align(
                valid_values(elevation, quantity="elevation"), grid, quantity="elevation"
            )
        if params.terrain_weight > 0 and inputs.get("terrain_factor") is None:
            layers["terrain_factor"] = terrain_factor(elevation, grid)
    # Stations may lie beyond the grid: their heights come from the whole layer.
    heights = elevation if isinstance(elevation, xr.DataArray) else on_grid
    tables["stations"], altitudes = _places(stations, heights if isinstance(heights, xr.DataArray) else None)
    facts = {
        "start_months": months,
        "skipped": {kind: list(elements) for kind, elements in skipped.items()},
        "rejected": stations.attrs["rejected"],
        "altitude_differences": altitudes,
    }
    return Prepared(layers, facts, tables)


def rehearse_meteorology(inputs: HazardInputs, params: Params, _grid: GeoBox) -> None:
    """Refuse stations without place, without a kind of event, in other units, or whose days do not rise."""
    _check_kinds(params)
    stations, kinds, _ = _usable(inputs, params)
    station_points(station_places(stations, hazard="meteorology"), pd.DataFrame(), hazard="meteorology")
    spells(stations[elements_of(kinds[0])[0]].isel(station=slice(0, 1)), 0.0, min_length=1)


def _usable(inputs: HazardInputs, params: Params) -> tuple[xr.Dataset, list[str], dict[str, list[str]]]:
    """The stations with valid values, the kinds of events that they allow, and what lacks for the others."""
    stations = inputs["stations"]
    assert isinstance(stations, xr.Dataset)
    kinds, skipped = kinds_available(stations, params.kinds)
    used = dict.fromkeys(name for kind in kinds for name in elements_of(kind))
    return valid_elements(stations, used, hazard="meteorology"), kinds, skipped


def _places(stations: xr.Dataset, elevation: xr.DataArray | None) -> tuple[pd.DataFrame, dict[str, list[float]]]:
    """Place and height of every station, also of those that have none."""
    places = station_places(stations, hazard="meteorology")
    points, altitudes = with_heights(station_points(places, pd.DataFrame(), hazard="meteorology"), elevation)
    if "elevation" in points:
        placed = np.isfinite(places["lon"].to_numpy()) & np.isfinite(places["lat"].to_numpy())
        heights = np.full(len(places), np.nan)
        heights[placed] = points["elevation"].to_numpy()
        places = places.assign(elevation=heights)
    return places, altitudes


def _events(prepared: Prepared) -> dict[str, EventTables]:
    """The events of every kind, as they were prepared."""
    tables = prepared.tables
    return {
        kind: EventTables(tables[f"{kind}_events"], tables[f"{kind}_years"], int(month))
        for kind, month in prepared.facts["start_months"].items()
    }


def calibrate_meteorology(prepared: Prepared, params: Params) -> dict[str, Any]:
    """Scales of the events, weights, range of the stations, how well stations foretell each other, skipped kinds."""
    _check_kinds(params)
    places, elevation = prepared.tables["stations"], prepared.layers.get("elevation_on_grid")
    kinds: dict[str, dict[str, Any]] = {}
    short: set[str] = set()
    beyond: dict[str, float] | None = None
    skipped = {
        kind: Phrase("meteorology_no_values", kind=kind, elements=elements)
        for kind, elements in prepared.facts["skipped"].items()
    }
    for kind, events in _events(prepared).items():
        scale = event_scale(events, kind, normalise=params.normalise)
        values = station_values(events, scale, min_years=params.min_years)
        points = _with_value(places, values)
        used = values.loc[points.index]
        if len(used) < _rule("min_stations"):
            skipped[kind] = Phrase(
                "meteorology_few_stations",
                kind=kind, count=len(used), years=params.min_years, least=_rule("min_stations"),
            )  # fmt: skip
            continue
        short |= {str(name) for name in values.index[values["value"].isna()]}
        beyond = beyond_stations(points, elevation) if beyond is None else beyond
        method, covariates, reason = surface_method(points, elevation, params.interpolation)
        low, high = (params.reference or {}).get(kind, (float(used["value"].min()), float(used["value"].max())))
        kinds[kind] = {
            "low": dict(scale.low),
            "high": dict(scale.high),
            "weights": dict(scale.weights),
            "directions": dict(scale.directions),
            "half": scale.half,
            "index_low": float(low),
            "index_high": float(high),
            "weight": float((params.weights or {}).get(kind, _rule("kinds")[kind]["weight"])),
            "stations": _rows(values),
            "method": method,
            "note": reason,
            "leave_one_out": loo_error(points, None, method=method, covariates=covariates),
        }
    _share_weights(kinds, skipped.values())
    _tell(prepared, skipped.values(), beyond=beyond, short=sorted(short))
    errors = {kind: entry["leave_one_out"] for kind, entry in kinds.items() if entry["leave_one_out"]}
    with speaking("en"):  # The record is in English whatever language is spoken.
        reasons = {kind: str(reason).partition(": ")[2] for kind, reason in skipped.items()}
    return {
        "kinds": kinds,
        "skipped": reasons,
        "altitude_differences": prepared.facts["altitude_differences"],
        "validation": {
            kind: {f"leave_one_out_{name}": value for name, value in row.items()} for kind, row in errors.items()
        },
    }


def _with_value(places: pd.DataFrame, values: pd.DataFrame) -> gpd.GeoDataFrame:
    """Stations that have a value and a place."""
    points = station_points(places, values, hazard="meteorology")
    return points[points["value"].notna()]


def _tell(
    prepared: Prepared, skipped: Iterable[Phrase], *, beyond: Mapping[str, float] | None, short: list[str]
) -> None:
    facts = prepared.facts
    notes = station_notes(
        prepared.tables["stations"], hazard="meteorology", rejected=facts["rejected"],
        altitudes=facts["altitude_differences"], beyond=beyond, short=short,
    )  # fmt: skip
    if reasons := list(skipped):
        notes.append(Problem("meteorology.kinds_skipped", _HAZARD, severity="warning", kinds=reasons))
    for problem in notes:
        note(problem)


def _check_kinds(params: Params) -> None:
    """Weights and references name kinds that exist."""
    known = list(_rule("kinds"))
    problems = [
        Problem("meteorology.kind_names", _HAZARD, field=field, names=wrong, known=known)
        for field, given in (("weights", params.weights), ("reference", params.reference))
        if (wrong := [name for name in given or {} if name not in known])
    ]
    if problems:
        raise ConfigError(problems=problems)


def _rows(values: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """The station table as JSON has it: no NaN, texts as keys."""
    return {
        str(station): {name: None if pd.isna(row[name]) else float(row[name]) for name in ("value", "events", "years")}
        for station, row in values.iterrows()
    }


def _share_weights(kinds: Mapping[str, dict[str, Any]], skipped: Iterable[Phrase]) -> None:
    """Weights with sum 1 over the kinds that count; without any there is no index."""
    least = _rule("min_stations")
    if not kinds:
        raise LayerError(Problem("meteorology.no_kind", _STATIONS, reasons=list(skipped), least=least))
    total = sum(entry["weight"] for entry in kinds.values())
    if not total > 0:
        raise LayerError(Problem("meteorology.no_weight", _HAZARD, field="weights", kinds=list(kinds)))
    for entry in kinds.values():
        entry["weight"] /= total


def assess_meteorology(prepared: Prepared, params: Params, grid: GeoBox, calibration: Facts) -> xr.Dataset:
    """Annual event index and hazard index of weather events, for each kind and together.

    Index of a kind = (annual event index - low) / (high - low), limited to 0..1; the hazard index is the weighted mean
    of all kinds.
    """
    elevation = prepared.layers.get("elevation_on_grid")
    lazy = elevation is not None and elevation.chunks is not None
    every, least = _events(prepared), _rule("min_stations")
    surfaces: dict[str, xr.DataArray] = {}
    for kind, entry in calibration["kinds"].items():
        if kind not in every:
            raise LayerError(Problem("meteorology.missing_kind", _STATIONS, kind=kind))
        scale = EventScale(*(entry[name] for name in ("low", "high", "weights", "directions", "half")))
        values = station_values(every[kind], scale, min_years=params.min_years)
        points = _with_value(prepared.tables["stations"], values)
        if len(points) < least:
            years = params.min_years
            raise LayerError(
                Problem("meteorology.stations", _STATIONS, kind=kind, count=len(points), years=years, least=least)
            )
        method, covariates, _ = surface_method(points, elevation, entry["method"])
        surfaces[kind] = station_surface(
            points, grid, method=method, covariates=covariates, quantity=_rule("kinds")[kind]["quantity"], lazy=lazy
        )
    weights = np.array([entry["weight"] for entry in calibration["kinds"].values()])
    limits = [(entry["index_low"], entry["index_high"]) for entry in calibration["kinds"].values()]
    intensity = by_cell(partial(_weighted, weights=weights), *surfaces.values(), quantity="event_index")
    index = by_cell(partial(_index, weights=weights, limits=limits), *surfaces.values(), quantity="hazard_index")
    if "terrain_factor" in prepared.layers and params.terrain_weight > 0:
        kernel = partial(_on_terrain, weight=params.terrain_weight)
        index = by_cell(kernel, index, prepared.layers["terrain_factor"], quantity="hazard_index")
    layers = {"intensity": intensity, "hazard_index": describe(index, quantity="hazard_index", like=intensity)}
    layers |= {f"{kind}_intensity": surface for kind, surface in surfaces.items()}
    return as_dataset(layers, kinds=", ".join(surfaces))


def _weighted(*surfaces: Array, weights: Array) -> Array:
    return np.asarray(sum(weight * surface for weight, surface in zip(weights, surfaces)))


def _index(*surfaces: Array, weights: Array, limits: list[tuple[float, float]]) -> Array:
    total = np.zeros(surfaces[0].shape)
    for surface, weight, (low, high) in zip(surfaces, weights, limits):
        # Stations that are all alike say that no place is worse than another.
        share = np.clip((surface - low) / (high - low), 0.0, 1.0) if high > low else np.zeros(surface.shape)
        total += weight * np.where(np.isfinite(surface), share, np.nan)
    return np.clip(total, 0.0, 1.0)


def _on_terrain(index: Array, factor: Array, *, weight: float) -> Array:
    return np.where(np.isfinite(factor), index * (1 + weight * factor) / (1 + weight), index)
