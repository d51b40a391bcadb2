"""From checked inputs to the hazard of weather: parameters, measures once, what the stations say, surfaces, index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated, Any, Literal

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
from riskzoning.hazards.meteorology import measures
from riskzoning.hazards.meteorology.lightning import kept_strokes, lightning_density
from riskzoning.hazards.meteorology.processes import (
    EventScale,
    event_rule,
    event_scale,
    event_tables,
    return_levels,
    station_values,
)
from riskzoning.hazards.meteorology.terrain import terrain_factor
from riskzoning.hazards.stations import (
    Interpolation,
    beyond_stations,
    drawn,
    frozen_surface,
    on_crops,
    places_with_heights,
    shrunk,
    skill,
    station_differences,
    station_notes,
    station_places,
    station_points,
    station_rows,
    station_surface,
    surface_method,
    tell_gaps,
    valid_elements,
    why_constant,
    with_value,
)
from riskzoning.methods.events import spells
from riskzoning.methods.ladders import load_ladder
from riskzoning.names import part_index

_HAZARD = Phrase("hazard", name="meteorology")
_FACTORS = ["kind", "factor", "element", "statistic", "direction", "weight", "low", "high", "events_a_year"]
_STATIONS = input_of("meteorology", "stations")


def _rule(key: str) -> Any:
    return standards.table("hazards/meteorology_events").data[key]


class Params(BaseModel):
    """Choices of the meteorological hazard; the defaults come from ``hazards/meteorology_events`` and ``_measures``.

    Parameters
    ----------
    kinds : tuple of str, optional
        Sub-hazards; default: all that the stations allow.
    rain_day_mm : float, optional
        Rain from which a day belongs to a rainstorm process; default 0.1 mm, also common: 10 mm.
    normalise : {"minmax", "half"}
        Scaling of the factors of an event: 0..1, or 0.5..1, where every event counts.
    min_years : int
        Complete years that a station needs.
    interpolation : {"best", "regression_residual", "idw", "kriging"}
        ``best``: regression or inverse distances, whichever foretells left-out stations better. Where none beats the
        mean of the stations, or they differ by chance only, the mean is taken everywhere.
    weights : mapping kind -> weight, optional
        Shares in the index of all kinds; scaled to sum 1 over the kinds that count.
    terrain_weight : float
        0 for none; with w the index becomes H (1 + w T) / (1 + w), T the terrain factor.
    lightning_years : float, optional
        Years that the list of strokes covers; with it lightning is one of the kinds, without it is for maps only.
    return_periods : tuple of float, optional
        Years; with them the run gives ``meteorology_return_levels``, the levels of yearly extremes at each station.

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
    terrain_weight: float = Field(default=0.0, ge=0)
    lightning_years: float | None = Field(default=None, gt=0)
    return_periods: tuple[Annotated[float, Field(gt=1)], ...] | None = Field(default=None, min_length=1)


def prepare_meteorology(inputs: HazardInputs, params: Params, grid: GeoBox) -> Prepared:
    """Measures of every year, events of every kind, places and heights of the stations, layers from elevation.

    ``elevation_on_grid`` is the covariate of the interpolation, ``terrain_factor`` is made where it has a weight.
    """
    stations, kinds, skipped = _usable(inputs, params)
    days = {"rainstorm": params.rain_day_mm}
    tables: dict[str, pd.DataFrame] = {}
    scales: dict[str, dict[str, Any]] = {}
    factors: list[pd.DataFrame] = []
    for kind in kinds:
        tables[f"{kind}_annual"] = measures.annual_measures(stations, kind)
        if kind in _rule("kinds"):
            events = event_tables(stations, kind, day=days.get(kind))
            scale = event_scale(events, kind, normalise=params.normalise)
            tables[f"{kind}_events"] = station_values(events, scale, min_years=params.min_years).reset_index()
            scales[kind] = scale.as_record()
            factors.append(_factor_rows(kind, scale, tables[f"{kind}_events"]))
    tables["event_factors"] = pd.concat(factors, ignore_index=True) if factors else pd.DataFrame(columns=_FACTORS)
    if params.return_periods:
        tables["return_levels"] = _return_levels(stations, kinds, params.return_periods)
    layers: dict[str, xr.DataArray] = _lightning(inputs, params, grid)
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
    tables["stations"], altitudes = places_with_heights(
        stations, heights if isinstance(heights, xr.DataArray) else None, hazard="meteorology"
    )
    facts = {
        "kinds": kinds,
        "event_scales": scales,
        "stand_ins": {kind: used for kind in kinds if (used := measures.stand_ins(kind, stations))},
        "skipped": {kind: list(elements) for kind, elements in skipped.items()},
        "rejected": stations.attrs["rejected"],
        "altitude_differences": altitudes,
    }
    return Prepared(layers, facts, tables)


def _factor_rows(kind: str, scale: EventScale, values: pd.DataFrame) -> pd.DataFrame:
    """What makes the events of a kind severe: each factor with its range and its weight, and how many events a year."""
    rules, a_year = event_rule(kind)["factors"], float(values["events"].mean())
    rows = [
        [kind, name, rules[name]["of"], rules[name]["by"], scale.directions[name], weight, scale.low[name],
         scale.high[name], a_year]
        for name, weight in scale.weights.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=_FACTORS)


def _return_levels(stations: xr.Dataset, kinds: list[str], periods: tuple[float, ...]) -> pd.DataFrame:
    """Levels of all kinds of events whose extremes have some."""
    rules = _rule("kinds")
    parts, short = [], list[LayerError]()
    for kind in (kind for kind in kinds if rules.get(kind, {}).get("extreme")):
        try:
            parts.append(return_levels(stations, kind, periods))
        except LayerError as error:
            short.append(error)
            note(Problem("meteorology.levels_left_out", _HAZARD, severity="warning", kind=kind))
    if short and not parts:
        raise short[0]
    columns = ["station", "kind", "element", "days", "return_period", "level", "years"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _lightning(inputs: HazardInputs, params: Params, grid: GeoBox) -> dict[str, xr.DataArray]:
    """Density of strokes in a year, where it is said which years a list of them covers."""
    strokes = inputs.get("lightning")
    if params.lightning_years is None or not isinstance(strokes, gpd.GeoDataFrame):
        return {}
    return {"lightning_density": lightning_density(kept_strokes(strokes), grid, years=params.lightning_years)}


def rehearse_meteorology(inputs: HazardInputs, params: Params, _grid: GeoBox) -> None:
    """Refuse stations without place, without a kind of event, in other units, or whose days do not rise."""
    _check_kinds(params)
    stations, kinds, _ = _usable(inputs, params)
    station_points(station_places(stations, hazard="meteorology"), pd.DataFrame(), hazard="meteorology")
    spells(stations[measures.elements_of(kinds[0], stations)[0]].isel(station=slice(0, 1)), 0.0, min_length=1)


def _usable(inputs: HazardInputs, params: Params) -> tuple[xr.Dataset, list[str], dict[str, list[str]]]:
    """The stations with valid values, the kinds of events that they allow, and what lacks for the others."""
    stations = inputs["stations"]
    assert isinstance(stations, xr.Dataset)
    kinds, skipped = measures.kinds_available(stations, params.kinds)
    used = dict.fromkeys(name for kind in kinds for name in measures.elements_of(kind, stations))
    valid = valid_elements(stations, used, hazard="meteorology")
    tell_gaps(valid, used, hazard="meteorology")
    return valid, kinds, skipped


def calibrate_meteorology(prepared: Prepared, params: Params) -> dict[str, Any]:
    """What the stations say of every kind: measures, differences, how well they foretell each other; weights."""
    _check_kinds(params)
    elevation = prepared.layers.get("elevation_on_grid")
    kinds: dict[str, dict[str, Any]] = {}
    short: set[str] = set()
    beyond: dict[str, float] | None = None
    constant: list[Phrase] = []
    skipped = {
        kind: Phrase("meteorology_no_values", kind=kind, elements=elements)
        for kind, elements in prepared.facts["skipped"].items()
    }
    for kind in prepared.facts["kinds"]:
        values, points = _measured(prepared, kind, params)
        if len(points) < _rule("min_stations"):
            skipped[kind] = Phrase(
                "meteorology_few_stations",
                kind=kind, count=len(points), years=params.min_years, least=_rule("min_stations"),
            )  # fmt: skip
            continue
        short |= {str(name) for name in values.index[values["value"].isna()]}
        beyond = beyond_stations(points, elevation) if beyond is None else beyond
        effect = station_differences(prepared.tables[f"{kind}_annual"], points.index, counts="count")
        surface = surface_method(points, elevation, params.interpolation)
        if not drawn(effect, surface):
            constant.append(why_constant(kind, effect))
        kinds[kind] = {
            "weight": float((params.weights or {}).get(kind, measures.kinds()[kind]["weight"])),
            "mean": effect.mean,
            "stations": station_rows(values.join(effect.shares.rename("believed")).join(_event_index(prepared, kind))),
            "method": surface.method if effect.differ else "mean",
            "note": surface.reason,
            "leave_one_out": surface.errors,
            "events": prepared.facts["event_scales"].get(kind, {}),
            "validation": skill(effect, surface),
        }
    strokes = prepared.layers.get("lightning_density")
    lightning = {} if strokes is None else {"weight": (params.weights or {}).get("lightning", _lightning_weight())}
    _share_weights({**kinds, **({"lightning": lightning} if lightning else {})}, skipped.values())
    _tell(prepared, skipped.values(), constant, beyond=beyond, short=sorted(short))
    if none := [kind for kind, entry in kinds.items() if entry["mean"] == 0]:
        note(Problem("meteorology.kinds_without_events", _STATIONS, severity="warning", kinds=none))
    with speaking("en"):  # The record is in English whatever language is spoken.
        reasons = {kind: str(reason).partition(": ")[2] for kind, reason in skipped.items()}
    return {
        "kinds": kinds,
        "skipped": reasons,
        **({"lightning": lightning} if lightning else {}),
        "stand_ins": prepared.facts["stand_ins"],
        "altitude_differences": prepared.facts["altitude_differences"],
        "validation": {kind: entry.pop("validation") for kind, entry in kinds.items()},
    }


def _measured(prepared: Prepared, kind: str, params: Params) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """The measure of a kind at all stations, and the stations that have it and a place."""
    values = measures.station_measures(prepared.tables[f"{kind}_annual"], min_years=params.min_years)
    return values, with_value(prepared.tables["stations"], values, hazard="meteorology")


def _event_index(prepared: Prepared, kind: str) -> pd.DataFrame:
    """Events a year and their annual index at each station: how severe they are among those of these stations."""
    values = prepared.tables.get(f"{kind}_events")
    if values is None:
        return pd.DataFrame()
    return values.set_index("station")[["value", "events"]].rename(columns={"value": "event_index"})


def _tell(
    prepared: Prepared,
    skipped: Iterable[Phrase],
    constant: list[Phrase],
    *,
    beyond: Mapping[str, float] | None,
    short: list[str],
) -> None:
    facts = prepared.facts
    notes = station_notes(
        prepared.tables["stations"], hazard="meteorology", rejected=facts["rejected"],
        altitudes=facts["altitude_differences"], beyond=beyond, short=short,
    )  # fmt: skip
    if reasons := list(skipped):
        notes.append(Problem("meteorology.kinds_skipped", _HAZARD, severity="warning", kinds=reasons))
    if constant:
        notes.append(Problem("stations.constant_surfaces", _STATIONS, severity="warning", names=constant))
    if used := prepared.facts["stand_ins"]:
        pairs = dict(pair for elements in used.values() for pair in elements.items())
        shown = [Phrase("stands_in", wanted=wanted, used=name) for wanted, name in pairs.items()]
        notes.append(Problem("stations.stand_ins", _STATIONS, severity="info", pairs=shown))
    for problem in notes:
        note(problem)


def _check_kinds(params: Params) -> None:
    """Weights name kinds that exist."""
    known = [*measures.kinds(), "lightning"]
    wrong = [name for name in params.weights or {} if name not in known]
    if wrong:
        raise ConfigError(Problem("meteorology.kind_names", _HAZARD, field="weights", names=wrong, known=known))


def _lightning_weight() -> float:
    """The share that the other kinds leave."""
    return 1.0 - sum(float(entry["weight"]) for entry in measures.kinds().values())


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
    """Days of hazardous weather a year and the hazard index, for each kind and together.

    The measure of a kind is read off on its ladder; the hazard index is the weighted mean of the indices of the kinds.
    """
    surfaces = {kind: _surface(prepared, kind, entry, params, grid) for kind, entry in calibration["kinds"].items()}
    entries = [*calibration["kinds"].values(), *([calibration["lightning"]] if "lightning" in calibration else [])]
    weights = np.array([entry["weight"] for entry in entries])
    indices = {kind: load_ladder(f"meteorology/{kind}").index(surface) for kind, surface in surfaces.items()}
    if (crops := prepared.layers.get("cropland")) is not None:
        indices |= {kind: on_crops(index, crops) for kind, index in indices.items() if _harms_crops(kind)}
    if "lightning" in calibration:
        indices["lightning"] = load_ladder("meteorology/lightning").index(prepared.layers["lightning_density"])
    intensity = by_cell(_together, *surfaces.values(), quantity="weather_days")
    index = by_cell(partial(_weighted, weights=weights), *indices.values(), quantity="hazard_index")
    if "terrain_factor" in prepared.layers and params.terrain_weight > 0:
        kernel = partial(_on_terrain, weight=params.terrain_weight)
        index = by_cell(kernel, index, prepared.layers["terrain_factor"], quantity="hazard_index")
    layers = {"intensity": intensity, "hazard_index": load_ladder("meteorology/group").index(index)}
    layers |= {f"{kind}_intensity": surface for kind, surface in surfaces.items()}
    if "lightning" in calibration:
        layers["lightning_density"] = prepared.layers["lightning_density"]
    layers |= {part_index(kind): layer for kind, layer in indices.items()}
    constant = [kind for kind, entry in calibration["kinds"].items() if entry["method"] == "mean"]
    return as_dataset(layers, kinds=", ".join(indices), constant=", ".join(constant))


def _surface(prepared: Prepared, kind: str, entry: Facts, params: Params, grid: GeoBox) -> xr.DataArray:
    """The measure of a kind on the grid."""
    if kind not in prepared.facts["kinds"]:
        raise LayerError(Problem("meteorology.missing_kind", _STATIONS, kind=kind))
    _, points = _measured(prepared, kind, params)
    if len(points) < _rule("min_stations"):
        years, least = params.min_years, _rule("min_stations")
        raise LayerError(
            Problem("meteorology.stations", _STATIONS, kind=kind, count=len(points), years=years, least=least)
        )
    elevation = prepared.layers.get("elevation_on_grid")
    effect = station_differences(prepared.tables[f"{kind}_annual"], points.index, counts="count")
    surface = frozen_surface(points, elevation, entry["method"])
    lazy = elevation is not None and elevation.chunks is not None
    points = shrunk(points, effect)
    return station_surface(
        points, grid, method=surface.method, covariates=surface.covariates, quantity="weather_days", lazy=lazy
    )


def _harms_crops(kind: str) -> bool:
    """Whether crops are all that a kind harms."""
    return bool(measures.kinds()[kind].get("harms") == "crops")


def _together(*surfaces: Array) -> Array:
    return np.asarray(sum(surfaces))


def _weighted(*indices: Array, weights: Array) -> Array:
    return np.clip(sum(weight * index for weight, index in zip(weights, indices)), 0.0, 1.0)


def _on_terrain(index: Array, factor: Array, *, weight: float) -> Array:
    return np.where(np.isfinite(factor), index * (1 + weight * factor) / (1 + weight), index)
