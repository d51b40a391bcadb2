"""From checked inputs to the hazard of drought: MCI of stations once, days of drought on the grid, crops, supply."""

from __future__ import annotations

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field

from riskzoning import grid as grids
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.base import Prepared, as_dataset
from riskzoning.hazards.cells import valid_values
from riskzoning.hazards.drought.composite import Region, Season, season_factors
from riskzoning.hazards.drought.standardised import rule
from riskzoning.hazards.drought.stations import (
    as_stations,
    crop_seasons,
    drought_of_stations,
    usable_stations,
)
from riskzoning.hazards.drought.supply import water_supply
from riskzoning.hazards.inputs import Facts, HazardInputs, input_of
from riskzoning.hazards.stations import (
    Interpolation,
    Surface,
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
    why_constant,
    with_value,
)
from riskzoning.methods.interpolation import StationEffect
from riskzoning.methods.ladders import load_ladder
from riskzoning.names import part_index

_STATIONS = input_of("drought", "stations")
# What is drawn on the grid: its quantity and the table of its years.
_PARTS = {"days": "drought_days", "crop": "crop_water_deficit"}
_FEWEST_YEARS = 5


class Params(BaseModel):
    """Choices of the drought hazard; the defaults come from ``hazards/drought_indices`` and ``_crops``.

    Parameters
    ----------
    region : {"north", "south"}
        Coefficients of MCI: 北方及西部 or 南方.
    season : {"none", "public", "henan_draft"} or twelve numbers
        Factor Ka of January to December; 1 all year by default. With the public row, 0 from November to March, the
        drought of winter wheat does not show.
    calibration : (first year, last year), optional
        Years that indices are standardised on; default 1991-2020 where the stations have ten years of it.
    crop : {"wheat", "wheat_henan"}
        Coefficients of the crop whose water deficit is assessed.
    crop_sum : {"season", "stages"}
        ``season``: the plain sum of what lies above 40 % from October to June, as the text of the ladder says; it is
        full where rain alone is counted in a dry country. ``stages``: each day with the weight of its growth stage.
    min_years : int
        Complete years that a station needs.
    interpolation : {"best", "regression_residual", "idw", "kriging"}
        From stations to the grid; the mean of the stations where no way beats it, or they differ by chance only.

    Examples
    --------
    >>> Params().region, Params().season
    ('north', 'none')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: Region = "north"
    season: Season | tuple[float, ...] = "none"
    calibration: tuple[int, int] | None = None
    crop: str = Field(default="wheat", pattern="^(wheat|wheat_henan)$")
    crop_sum: Literal["season", "stages"] = "season"
    min_years: int = Field(default=_FEWEST_YEARS, ge=1)
    interpolation: Interpolation = "best"


def prepare_drought(inputs: HazardInputs, params: Params, grid: GeoBox) -> Prepared:
    """MCI of every day at the stations: days of drought by year, processes, frequency; crops; water supply."""
    season_factors(params.season)
    stations = usable_stations(as_stations(inputs))
    made = drought_of_stations(
        stations, region=params.region, season=params.season, calibration=params.calibration, thing=_STATIONS
    )
    crop, method = crop_seasons(stations, crop=params.crop, stages=params.crop_sum == "stages")
    layers: dict[str, xr.DataArray] = {}
    elevation = inputs.get("elevation")
    if isinstance(elevation, xr.DataArray):
        dem = valid_values(elevation, quantity="elevation")
        layers["elevation_on_grid"] = grids.align(dem, grid, quantity="elevation")
    places, altitudes = places_with_heights(
        stations, elevation if isinstance(elevation, xr.DataArray) else None, hazard="drought"
    )
    supply, lacking = water_supply(inputs)
    tables = {"stations": places, "days": made.annual, "processes": made.processes, "frequency": made.frequency}
    facts = {
        "rejected": stations.attrs["rejected"],
        "altitude_differences": altitudes,
        "calibration": list(made.calibration),
        "covered": made.covered,
        "evapotranspiration": method,
        "not_assessed": lacking,
    }
    return Prepared(layers, facts, {**tables, "crop": crop, "water_supply": supply})


def rehearse_drought(inputs: HazardInputs, params: Params, _grid: GeoBox) -> None:
    """Refuse stations without place or elements, in other units, with too few years, and shares that are none."""
    season_factors(params.season)
    stations = usable_stations(as_stations(inputs))
    station_points(station_places(stations, hazard="drought"), pd.DataFrame(), hazard="drought")
    years = np.unique(stations["time"].dt.year.to_numpy())
    least = int(rule("min_years"))
    if years.size < least:
        first, last, count = int(years[0]), int(years[-1]), int(years.size)
        raise LayerError(
            Problem("drought.years", _STATIONS, years=count, first=first, last=last, all=count, least=least)
        )
    water_supply(inputs)


def calibrate_drought(prepared: Prepared, params: Params) -> dict[str, Any]:
    """What the stations say of days of drought and of crops: means, differences, how well they foretell each other."""
    facts, parts, constant = prepared.facts, dict[str, dict[str, Any]](), list[Phrase]()
    short: set[str] = set()
    beyond = None
    for part in _PARTS:
        values = _means(prepared.tables[part], params.min_years)
        points = with_value(prepared.tables["stations"], values, hazard="drought")
        short |= {str(name) for name in values.index[values["value"].isna()]} if part == "days" else set()
        if points.empty and part == "days":
            least = params.min_years
            raise LayerError(Problem("drought.no_year", _STATIONS, station=len(values), least=least))
        if points.empty:
            continue
        effect, surface = _surface_of(prepared, part, points, params)
        beyond = beyond_stations(points, prepared.layers.get("elevation_on_grid")) if part == "days" else beyond
        if not drawn(effect, surface):
            constant.append(why_constant(Phrase(f"drought_{part}"), effect))
        parts[part] = {
            "mean": effect.mean,
            "stations": station_rows(values.join(effect.shares.rename("believed"))),
            "method": surface.method if effect.differ else "mean",
            "note": surface.reason,
            "validation": skill(effect, surface),
        }
    _tell(prepared, constant, beyond=beyond, short=sorted(short))
    _tell_full(parts.get("crop"), params)
    return {
        "parts": parts,
        **{key: facts[key] for key in ("calibration", "covered", "evapotranspiration", "not_assessed")},
        "validation": {part: entry.pop("validation") for part, entry in parts.items()},
    }


def _surface_of(
    prepared: Prepared, part: str, points: gpd.GeoDataFrame, params: Params
) -> tuple[StationEffect, Surface]:
    effect = station_differences(prepared.tables[part], points.index)
    return effect, surface_method(points, prepared.layers.get("elevation_on_grid"), params.interpolation)


def _means(annual: pd.DataFrame, min_years: int) -> pd.DataFrame:
    """Mean of the complete years of each station; NaN with fewer years than needed."""
    grouped = annual.groupby("station", sort=False)
    out = grouped[["value"]].mean()
    out["years"] = grouped["complete"].sum().astype(int)
    out.loc[out["years"] < min_years, "value"] = np.nan
    return out


def _tell(prepared: Prepared, constant: list[Phrase], *, beyond: dict[str, float] | None, short: list[str]) -> None:
    facts, thing = prepared.facts, Phrase("hazard", name="drought")
    notes = station_notes(
        prepared.tables["stations"], hazard="drought", rejected=facts["rejected"],
        altitudes=facts["altitude_differences"], beyond=beyond, short=short,
    )  # fmt: skip
    if constant:
        notes.append(Problem("stations.constant_surfaces", _STATIONS, severity="warning", names=constant))
    wanted = int(rule("wanted_years"))
    if facts["covered"] < wanted:
        years = facts["covered"]
        notes.append(Problem("drought.short", _STATIONS, severity="warning", years=years, wanted=wanted))
    if facts["not_assessed"]:
        parts = [Phrase(f"drought_{part}") for part in facts["not_assessed"]]
        notes.append(Problem("drought.not_assessed", thing, severity="warning", parts=parts))
    for problem in notes:
        note(problem)


def _tell_full(crop: dict[str, Any] | None, params: Params) -> None:
    """Note that the ladder of wheat is full at most stations: it does not tell places apart."""
    full = float(load_ladder("drought/wheat").full)
    known = [] if crop is None else [row["value"] for row in crop["stations"].values() if row["value"] is not None]
    if crop is None or not known or np.mean(np.asarray(known) >= full) <= 0.5:
        return
    values: dict[str, Any] = {"mean": crop["mean"], "full": full, "count": sum(v >= full for v in known)}
    other = "stages" if params.crop_sum == "season" else "season"
    thing = Phrase("hazard", name="drought")
    note(Problem("drought.wheat_full", thing, severity="info", total=len(known), other=other, **values))


def assess_drought(prepared: Prepared, params: Params, grid: GeoBox, calibration: Facts) -> xr.Dataset:
    """Days of moderate and worse drought in a year, and what the seasons of wheat lack of water, where crops stand."""
    surfaces = {part: _layer(prepared, part, entry, params, grid) for part, entry in calibration["parts"].items()}
    layers = {"intensity": surfaces["days"]}
    if "crop" in surfaces:
        layers["crop_water_deficit"] = surfaces["crop"]
        index = load_ladder("drought/wheat").index(surfaces["crop"])
        crops = prepared.layers.get("crops")
        wheat = index if crops is None else on_crops(index, crops)
        layers[part_index("wheat")] = wheat
    constant = [part for part, entry in calibration["parts"].items() if entry["method"] == "mean"]
    return as_dataset(
        layers, constant=", ".join(constant), not_assessed=", ".join(calibration["not_assessed"])
    )  # fmt: skip


def _layer(prepared: Prepared, part: str, entry: Facts, params: Params, grid: GeoBox) -> xr.DataArray:
    elevation = prepared.layers.get("elevation_on_grid")
    values = _means(prepared.tables[part], params.min_years)
    points = with_value(prepared.tables["stations"], values, hazard="drought")
    effect = station_differences(prepared.tables[part], points.index)
    surface = frozen_surface(points, elevation, entry["method"])
    given = [layer for layer in prepared.layers.values() if layer.chunks is not None]
    return station_surface(
        shrunk(points, effect), grid, method=surface.method, covariates=surface.covariates, quantity=_PARTS[part],
        lazy=bool(given),
    )  # fmt: skip
