"""From checked inputs to the hazard of forest fire: parameters, season at stations, fires, scores, index."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial, reduce
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, note
from riskzoning.hazards.base import Prepared, as_dataset
from riskzoning.hazards.cells import by_cell, valid_values
from riskzoning.hazards.forest_fire.county import unit_tables
from riskzoning.hazards.forest_fire.htz import htz_elements
from riskzoning.hazards.forest_fire.models import cells_by_age
from riskzoning.hazards.forest_fire.occurrence import occurrence_score, trained_occurrence
from riskzoning.hazards.forest_fire.points import FireEvents, fire_events, ignition_density
from riskzoning.hazards.forest_fire.scores import (
    aspect_score,
    burnable_share,
    danger_score,
    fuel_codes,
    fuel_score,
    history_score,
    near_score,
    slope_score,
    weather_score,
)
from riskzoning.hazards.forest_fire.season import (
    Weather,
    noon_elements,
    season_days,
    season_values,
    season_years,
    station_table,
)
from riskzoning.hazards.inputs import Facts, HazardInputs, input_of
from riskzoning.hazards.stations import (
    Interpolation,
    beyond_stations,
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
    why_constant,
    with_heights,
)
from riskzoning.layers import describe, grid_of, layer_on
from riskzoning.methods import terrain
from riskzoning.methods.susceptibility import Training, reduce_blocks

_FEWEST_STATIONS = 2
# Places of people, from which fires start.
PEOPLE = ("roads", "settlements", "tombs")
_QUANTITIES = {"fwi": "fire_weather_index", "htz": "htz"}


def _rule(key: str) -> Any:
    return standards.table("hazards/forest_fire_factors").data[key]


def _weights() -> Any:
    return dict(standards.table("hazards/forest_fire_index").data["weights"])


class Params(BaseModel):
    """Choices of the forest fire hazard; the defaults come from ``hazards/forest_fire_*``.

    Parameters
    ----------
    weights : mapping
        Exponents of ``fuel weather terrain ignition history``, sum 1; shared out anew where a part is missing.
    statistic : {"p90", "mean"}
        Fire weather of the season: the value that one day in ten exceeds, or its mean.
    interpolation : {"best", "regression_residual", "idw", "kriging"}
        From stations to the grid; ``best``: regression on place and height or inverse distances, whichever foretells
        left-out stations better; the mean of the stations where none beats it.
    weather : {"fwi", "htz"}
        Fire weather from the stations: the Canadian index, or the sum HTZ of LY/T 1172.
    dangers : bool
        Give the danger that a fire starts and the danger that it spreads as layers beside the score of both.
    radius_m : float, optional
        Radius of the kernel of fire density, m; default from ``hazards/forest_fire_index``.
    record_years : float, optional
        Years that the fire points cover; default: from the first to the last year of their dates.
    fuel_column, landcover_column : str, optional
        Column of polygons that holds the class.
    folds, repeats : int
        A model of where fires start is trained on the fires of the record, its skill measured on so many folds of
        ground, dealt anew in each repeat; 0 folds for no model.
    model : {"information_value", "logistic_regression", "random_forest"}
        Of where fires start.
    newest_years : int
        The fires of so many of the newest years are kept out of a second training, which is to find them: its AUC is
        told beside that of the folds of ground; 0: not.
    block_m : float
        Edge of the blocks of ground that the folds are made of, m.
    seed : int
        Of the folds.

    Examples
    --------
    >>> Params().statistic, round(sum(Params().weights.values()), 9)
    ('p90', 1.0)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: dict[Literal["fuel", "weather", "terrain", "ignition", "history"], float] = Field(default_factory=_weights)
    statistic: Literal["mean", "p90"] = "p90"
    interpolation: Interpolation = "best"
    weather: Weather = "fwi"
    dangers: bool = False
    radius_m: float | None = Field(default=None, gt=0)
    record_years: float | None = Field(default=None, gt=0)
    fuel_column: str | None = None
    landcover_column: str | None = None
    folds: int = Field(default_factory=lambda: _rule("folds"), ge=0, le=50)
    repeats: int = Field(default_factory=lambda: _rule("repeats"), ge=1, le=50)
    model: Literal["information_value", "logistic_regression", "random_forest"] = "information_value"
    newest_years: int = Field(default=0, ge=0, le=50)
    block_m: float = Field(default_factory=lambda: _rule("block_m"), gt=0)
    seed: int = 0


def prepare_forest_fire(inputs: HazardInputs, params: Params, grid: GeoBox) -> Prepared:
    """Fire weather of the season, density of forest fires (1/km2), distances (m) and classes on the grid.

    The stations with their leave-one-out error, and the fire points that were left out, are facts.
    """
    out: dict[str, xr.DataArray] = {}
    facts: dict[str, Any] = {}
    tables = unit_tables(inputs)
    fuel, cover = inputs.get("fuel_type"), inputs.get("landcover")
    if isinstance(fuel, gpd.GeoDataFrame):
        out["fuel_type"] = fuel = fuel_codes(fuel, grid, column=params.fuel_column)
    if isinstance(cover, gpd.GeoDataFrame):
        column = params.landcover_column or "landcover"
        out["landcover"] = cover = grids.rasterise(cover, grid, column=column, quantity="landcover")
    stations, elevation = inputs.get("stations"), inputs.get("elevation")
    if inputs.get("fwi") is None and isinstance(stations, xr.Dataset):
        lazy = any(layer.chunks is not None for layer in (cover, fuel) if isinstance(layer, xr.DataArray))
        dem = elevation if isinstance(elevation, xr.DataArray) else None
        out[params.weather], facts["stations"], tables["weather"] = _season_layer(stations, params, grid, dem, lazy)
    for name in PEOPLE:
        places = inputs.get(name)
        if isinstance(places, gpd.GeoDataFrame) and len(places):
            out[f"{name}_distance"] = terrain.distance_to(places[["geometry"]], grid)
    area = inputs.get("study_area")
    if isinstance(area, gpd.GeoDataFrame):
        out["study_area"] = grids.rasterise(area, grid, quantity="mask")
    points = inputs.get("fire_points")
    if isinstance(points, gpd.GeoDataFrame):
        fires = fire_events(points, cover if isinstance(cover, xr.DataArray) else None, grid)
        out["fire_cells"] = grids.rasterise(fires.events, grid, quantity="mask", touched=True)
        if params.newest_years:
            out |= _by_age(fires, params.newest_years, grid)
        density, facts["fire_points"] = _fire_density(fires, len(points), params, grid)
        if density is not None:
            out["fire_density"] = density
    return Prepared(out, facts, tables)


def _by_age(fires: FireEvents, years: int, grid: GeoBox) -> dict[str, xr.DataArray]:
    parts = cells_by_age(fires.events, years, grid)
    if not parts:
        note(Problem("forest_fire.few_newest", input_of("forest_fire", "fire_points"), severity="warning", years=years))
    return parts


def _season_layer(
    stations: xr.Dataset, params: Params, grid: GeoBox, elevation: xr.DataArray | None, lazy: bool
) -> tuple[xr.DataArray, dict[str, Any], pd.DataFrame]:
    """Seasonal fire weather index on the grid, what it rests on, and the table of the stations."""
    elements = noon_elements(stations) if params.weather == "fwi" else htz_elements(stations)
    stations = valid_elements(stations, elements.values(), hazard="forest_fire")
    days = season_days(stations, params.weather)
    values = season_values(days, stations["station"].to_numpy(), statistic=params.statistic)
    places = station_places(stations, hazard="forest_fire")
    points = station_points(places, values, hazard="forest_fire")
    short = [str(name) for name in values.index[values["value"].isna()]]
    used, altitudes = with_heights(points[points["value"].notna()], elevation)
    _check_enough(used, len(points))
    effect = station_differences(season_years(days, statistic=params.statistic), used.index)
    surface = surface_method(used, elevation, params.interpolation)
    layer = station_surface(
        shrunk(used, effect), grid, method=surface.method, covariates=surface.covariates,
        quantity=_QUANTITIES[params.weather], lazy=lazy,
    )  # fmt: skip
    report = {
        "elements": elements,
        "statistic": params.statistic,
        params.weather: {str(name): round(float(value), 4) for name, value in used["value"].items()},
        "believed": {str(name): round(float(value), 4) for name, value in effect.shares.items()},
        "left_out": short,
        "method": surface.method if effect.differ else "mean",
        "note": surface.reason,
        "leave_one_out": surface.errors,
        "validation": skill(effect, surface),
        "altitude_differences": altitudes,
    }
    if not drawn(effect, surface):
        name = Phrase("fire_weather")
        thing, names = input_of("forest_fire", "stations"), [why_constant(name, effect)]
        note(Problem("stations.constant_surfaces", thing, severity="warning", names=names))
    for problem in station_notes(
        places,
        hazard="forest_fire",
        rejected=stations.attrs["rejected"],
        altitudes=altitudes,
        beyond=beyond_stations(used, elevation),
        short=short,
    ):
        note(problem)
    return layer, report, station_table(days, values, places, params.weather)


def _check_enough(used: gpd.GeoDataFrame, placed: int) -> None:
    table = standards.table("hazards/forest_fire_weather").data
    if len(used) < _FEWEST_STATIONS:
        thing, share, days = input_of("forest_fire", "stations"), table["min_season_share"], table["spin_up_days"]
        raise LayerError(
            Problem(
                "forest_fire.stations", thing,
                used=len(used), placed=placed, least=_FEWEST_STATIONS, share=share, days=days,
            )
        )  # fmt: skip


def _fire_density(
    fires: FireEvents, points: int, params: Params, grid: GeoBox
) -> tuple[xr.DataArray | None, dict[str, Any]]:
    """Density of forest fires over the whole record, 1/km2; None where nobody knows how long the record is."""
    radius = params.radius_m or float(standards.table("hazards/forest_fire_index").data["history"]["radius_m"])
    report: dict[str, Any] = {**fires.report, "radius_m": radius, "years": params.record_years or fires.years}
    if points and report["years"] is None:
        note(Problem("forest_fire.record", input_of("forest_fire", "fire_points"), severity="warning"))
        return None, report
    if not len(fires.events):
        return layer_on(grid, np.zeros(tuple(grid.shape)), quantity="event_density"), report
    return ignition_density(fires.events, grid, radius_m=radius), report


def calibrate_forest_fire(prepared: Prepared, params: Params) -> dict[str, Any]:
    """The density of fires with score 1 (a fixed rate over the years of the record), the weights, what was seen."""
    if any(weight < 0 for weight in params.weights.values()) or abs(sum(params.weights.values()) - 1) > 1e-6:
        total = sum(params.weights.values())
        raise ConfigError(
            Problem("forest_fire.weights", Phrase("hazard", name="forest_fire"), field="weights", total=total)
        )
    unknown = _unknown_codes(prepared.layers)
    for name, codes in unknown.items():
        if codes:
            note(Problem("forest_fire.some_codes", input_of("forest_fire", name), severity="warning", codes=codes))
    stations, fires = prepared.facts.get("stations", {}), prepared.facts.get("fire_points", {})
    rate = float(standards.table("hazards/forest_fire_index").data["history"]["fires_per_km2_a"])
    scale = {
        "density_of_1": rate * float(fires.get("years") or params.record_years or 1.0),
        "weights": dict(params.weights),
        "unknown_codes": unknown,
        "stations": {key: value for key, value in stations.items() if key != "validation"},
        "fire_points": fires,
    }
    trained = _trained(prepared.layers, scale, params)
    skill = {} if trained is None else trained.pop("validation")
    return {**scale, "occurrence": trained, "validation": {**stations.get("validation", {}), **skill}}


def _unknown_codes(layers: Mapping[str, xr.DataArray]) -> dict[str, list[int]]:
    """Codes of land cover and fuel that no table knows; a layer of which nothing is known is refused."""
    unknown = {}
    for name in ("landcover", "fuel_type"):
        if name not in layers:
            continue
        known = {int(code) for code in standards.table("hazards/forest_fire_index").data[name]}
        codes = {int(code) for block in reduce_blocks(np.unique, layers[name]) for code in block} - {0}
        unknown[name] = sorted(codes - known)
        if codes and not codes & known:
            thing = input_of("forest_fire", name)
            raise LayerError(Problem("forest_fire.codes", thing, codes=sorted(codes), known=sorted(known)))
    return unknown


def assess_forest_fire(prepared: Prepared, params: Params, _grid: GeoBox, calibration: Facts) -> xr.Dataset:
    """Fire weather of the season and the danger score of forest and grassland fire; 0 where nothing burns."""
    cover, stands = prepared.layers.get("landcover"), prepared.layers.get("fuel_type")
    chunks = next((layer.data.chunks for layer in (cover, stands) if layer is not None and layer.chunks), None)

    def lazily(layer: xr.DataArray) -> xr.DataArray:
        return layer.chunk(dict(zip(("y", "x"), chunks))) if chunks and layer.chunks is None else layer

    layers = {name: lazily(value) for name, value in prepared.layers.items()}
    scores = _scores(layers, calibration)
    score = _danger(layers, scores, calibration["weights"])
    missing = [name for name, score in scores.items() if score is None]
    made = {"intensity": _fire_weather(layers), "danger_score": score}
    if params.dangers:
        made |= _dangers(layers, scores)
    return as_dataset(made, missing_parts=", ".join(missing))


def _fire_weather(layers: Mapping[str, xr.DataArray]) -> xr.DataArray:
    kind = _kind(layers)
    values = valid_values(layers[kind], quantity=_QUANTITIES[kind])
    return describe(values.astype(np.float64), quantity=_QUANTITIES[kind], like=layers[kind])


def _kind(layers: Mapping[str, xr.DataArray]) -> Weather:
    """Which fire weather there is; an index that was given comes before what stations tell."""
    return "htz" if "htz" in layers and "fwi" not in layers else "fwi"


def _scores(layers: Mapping[str, xr.DataArray], calibration: Facts) -> dict[str, xr.DataArray | None]:
    """The parts of the danger score; a trained model of occurrence, where it counts, is people and earlier fires."""
    scores = {
        "fuel": fuel_score(layers.get("landcover"), layers.get("fuel_type")),
        "weather": weather_score(_fire_weather(layers), _kind(layers)),
        "terrain": _terrain_score(layers),
    }
    reference = float(calibration["density_of_1"])
    trained = calibration.get("occurrence") or {}
    if trained.get("used"):
        density = float(trained["density"])
        return {**scores, "occurrence": occurrence_score(layers, trained, density=density, reference=reference)}
    earlier = layers.get("fire_density")
    history = None if earlier is None else history_score(earlier, reference=reference)
    return {**scores, "ignition": _ignition_score(layers), "history": history}


def _danger(
    layers: Mapping[str, xr.DataArray], scores: Mapping[str, xr.DataArray | None], weights: Mapping[str, float]
) -> xr.DataArray:
    share = burnable_share(layers.get("landcover"), layers.get("fuel_type"))
    shares = {**weights, "occurrence": weights.get("ignition", 0.0) + weights.get("history", 0.0)}
    return danger_score(share, scores, shares, required=("fuel", "weather"))


def _dangers(layers: Mapping[str, xr.DataArray], scores: Mapping[str, xr.DataArray | None]) -> dict[str, xr.DataArray]:
    """The danger that a fire starts and that it spreads, kept apart: parts of the score with weights of their own."""
    share = burnable_share(layers.get("landcover"), layers.get("fuel_type"))
    out = {}
    for kind, weights in standards.table("hazards/forest_fire_index").data["dangers"].items():
        shares = {**weights, "occurrence": weights.get("ignition", 0.0) + weights.get("history", 0.0)}
        parts = {name: score for name, score in scores.items() if shares.get(name, 0.0) > 0}
        name = f"{kind}_danger"
        out[name] = danger_score(share, parts, shares, required=("fuel", "weather"), quantity=name)
    return out


def _trained(layers: Mapping[str, xr.DataArray], scale: Facts, params: Params) -> dict[str, Any] | None:
    """The model of where fires start, and its mean density on burnable ground (1/km2); None without a dated record."""
    if "fire_cells" not in layers or not scale["fire_points"].get("years"):
        return None
    # Not with the earlier fires: they are what is to be foretold.
    danger = _danger(layers, {**_scores(layers, scale), "history": None}, scale["weights"])
    training = Training(_rule("floor"), params.folds, params.repeats, params.block_m, params.seed)
    trained = trained_occurrence(layers, danger, training, params.model)
    area = trained["cells"] * abs(grid_of(danger).affine.a * grid_of(danger).affine.e) / 1e6
    return {**trained, "density": scale["fire_points"]["fires"] / area if area else 0.0}


def _terrain_score(layers: Mapping[str, xr.DataArray]) -> xr.DataArray | None:
    if "slope" not in layers:
        return None
    shares = standards.table("hazards/forest_fire_index").data["terrain"]
    slope, aspect = slope_score(layers["slope"]), aspect_score(layers["aspect"])
    return slope * float(shares["slope"]) + aspect * float(shares["aspect"])


def _ignition_score(layers: Mapping[str, xr.DataArray]) -> xr.DataArray | None:
    """Of roads, settlements and tombs that which is nearest, by the scale of its kind, counts."""
    near = [near_score(layers[f"{name}_distance"], name) for name in PEOPLE if f"{name}_distance" in layers]
    return reduce(partial(by_cell, np.maximum), near) if near else None
