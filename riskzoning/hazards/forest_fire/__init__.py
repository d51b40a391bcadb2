"""Forest and grassland fire (森林草原火灾): fuel, fire weather, terrain, people and earlier fires -> hazard index.

The fire weather index of the fire season is computed at stations and interpolated; fire points from satellites are cut
down to forest fires (no straw burning) and smoothed to a density; fuel comes from forest stands or land cover. The
index is the weighted mean of five scores times the share of the ground that can burn: 0 on water, built-up and bare
ground, low on cropland, missing where land cover is missing. Scores and weights are proposals of this project, not
those of the forestry census, whose text was not read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

import geopandas as gpd
import numpy as np
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
from riskzoning.hazards.forest_fire.points import FireEvents, fire_events, ignition_density, local_dates
from riskzoning.hazards.forest_fire.scores import (
    aspect_score,
    burnable_share,
    fuel_codes,
    fuel_score,
    hazard_index,
    history_score,
    near_score,
    slope_score,
    weather_score,
)
from riskzoning.hazards.forest_fire.season import noon_elements, season_fwi
from riskzoning.hazards.forest_fire.weather import fire_weather_index, fwi_class, htz_rank, htz_sum
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
from riskzoning.layers import describe, layer_on, scan
from riskzoning.methods import terrain
from riskzoning.methods.density import default_bandwidth
from riskzoning.methods.susceptibility import reduce_blocks

__all__ = [
    "SPECS",
    "FireEvents",
    "Params",
    "assess",
    "calibrate",
    "fire_events",
    "fire_weather_index",
    "fwi_class",
    "htz_rank",
    "htz_sum",
    "ignition_density",
    "local_dates",
    "prepare",
    "season_fwi",
]


_FEWEST_STATIONS = 2


def _weights() -> Any:
    return dict(standards.table("hazards/forest_fire_index").data["weights"])


class Params(BaseModel):
    """Choices of the forest fire hazard; the defaults come from ``hazards/forest_fire_*``.

    Parameters
    ----------
    weights : mapping
        Of ``fuel weather terrain ignition history``, sum 1; shared out anew where a part is missing.
    statistic : {"mean", "p90"}
        Fire weather of the season: its mean, or the value that one day in ten exceeds.
    interpolation : {"best", "regression_residual", "idw", "kriging"}
        From stations to the grid; ``best``: regression on place and height or inverse distances, whichever foretells
        left-out stations better.
    radius_m : float, optional
        Radius of the kernel of fire density, m; default from the spread of the fires.
    fuel_column, landcover_column : str, optional
        Column of polygons that holds the class.

    Examples
    --------
    >>> Params().statistic, round(sum(Params().weights.values()), 9)
    ('mean', 1.0)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: dict[Literal["fuel", "weather", "terrain", "ignition", "history"], float] = Field(default_factory=_weights)
    statistic: Literal["mean", "p90"] = "mean"
    interpolation: Literal["best", "regression_residual", "idw", "kriging"] = "best"
    radius_m: float | None = Field(default=None, gt=0)
    fuel_column: str | None = None
    landcover_column: str | None = None


def prepare(inputs: Mapping[str, Any], params: Params, grid: GeoBox) -> dict[str, Any]:
    """The inputs with what the index needs on the grid.

    ``fwi`` (seasonal fire weather index, from stations), ``fire_density`` (forest fires per km2), ``slope`` and
    ``aspect`` (degree), ``roads_distance`` and ``settlements_distance`` (m), polygons as class layers. The stations
    with their leave-one-out error, and the fire points left out, are in the attribute ``report`` of ``fwi`` and of
    ``fire_density``.

    Raises
    ------
    LayerError
        The grid is geographic where distances or slopes are needed, or stations lack an element.

    Examples
    --------
    >>> prepare({"fwi": 1, "landcover": 2}, Params(), None)
    {'fwi': 1, 'landcover': 2}
    """
    out = dict(inputs)
    if isinstance(out.get("fuel_type"), gpd.GeoDataFrame):
        out["fuel_type"] = fuel_codes(out["fuel_type"], grid, column=params.fuel_column)
    if isinstance(out.get("landcover"), gpd.GeoDataFrame):
        column = params.landcover_column or "landcover"
        out["landcover"] = grids.rasterise(out["landcover"], grid, column=column, quantity="landcover")
    if out.get("fwi") is None:
        lazy = any(getattr(out.get(name), "chunks", None) is not None for name in ("landcover", "fuel_type"))
        out["fwi"] = _season_layer(out["stations"], params, grid, out.get("elevation"), lazy)
    if out.get("elevation") is not None and out.get("slope") is None:
        out["slope"], out["aspect"] = _terrain(out["elevation"], grid)
    for name in ("roads", "settlements"):
        if out.get(name) is not None and out.get(f"{name}_distance") is None and len(out[name]):
            out[f"{name}_distance"] = terrain.distance_to(out[name][["geometry"]], grid)
    if out.get("fire_points") is not None and out.get("fire_density") is None:
        out["fire_density"] = _fire_density(out["fire_points"], out, params, grid)
    return out


def _season_layer(
    stations: xr.Dataset, params: Params, grid: GeoBox, elevation: xr.DataArray | None, lazy: bool
) -> xr.DataArray:
    """Seasonal fire weather index on the grid, and what it rests on."""
    elements = noon_elements(stations)
    stations = valid_elements(stations, elements.values(), hazard="forest_fire")
    values = season_fwi(stations, statistic=params.statistic).rename(columns={"fwi": "value"})
    points = station_points(stations, values, hazard="forest_fire")
    short = [str(name) for name in values.index[values["value"].isna()]]
    used, altitudes = with_heights(points[points["value"].notna()], elevation)
    _check_enough(used, len(points))
    method, covariates, note = surface_method(used, elevation, params.interpolation)
    layer = station_surface(used, grid, method=method, covariates=covariates, quantity="fire_weather_index", lazy=lazy)
    report = {
        "elements": elements,
        "statistic": params.statistic,
        "fwi": {str(name): round(float(value), 4) for name, value in used["value"].items()},
        "left_out": short,
        "method": method,
        "note": note,
        "leave_one_out": loo_error(used, None, method=method, covariates=covariates),
        "altitude_differences": altitudes,
        "warnings": station_warnings(
            stations,
            hazard="forest_fire",
            altitudes=altitudes,
            beyond=beyond_stations(used, elevation),
            short=short,
        ),
    }
    return layer.assign_attrs(report=json.dumps(report))


def _check_enough(used: gpd.GeoDataFrame, placed: int) -> None:
    table = standards.table("hazards/forest_fire_weather").data
    if len(used) >= _FEWEST_STATIONS:
        return
    raise LayerError(
        Problem(
            "input 'stations' of hazard 'forest_fire'",
            f"has {len(used)} stations with a complete fire season (of {placed} with a place)",
            f"{_FEWEST_STATIONS} stations with values on {table['min_season_share']:.0%} of the days of a season, "
            f"after the first {table['spin_up_days']} days",
            "Add stations or years, or give a layer `fwi`.",
            rule="forest_fire.stations",
        )
    )


def _terrain(elevation: xr.DataArray, grid: GeoBox) -> tuple[xr.DataArray, xr.DataArray]:
    """Slope and aspect on the grid; a margin of one cell of the DEM keeps the outermost cells."""
    wide = grids.align(valid_values(elevation, quantity="elevation"), grid.pad(1), quantity="elevation")
    found = [
        layer_on(grid, layer.isel(y=slice(1, -1), x=slice(1, -1)).data, quantity=name)
        for name, layer in (("slope", terrain.slope(wide)), ("aspect", terrain.aspect(wide)))
    ]
    return found[0], found[1]


def _fire_density(points: gpd.GeoDataFrame, inputs: Mapping[str, Any], params: Params, grid: GeoBox) -> xr.DataArray:
    found = fire_events(points, inputs.get("landcover"), grid)
    report: dict[str, Any] = dict(found.report)
    if not len(found.events):
        none = layer_on(grid, np.zeros(tuple(grid.shape)), quantity="event_density")
        return none.assign_attrs(report=json.dumps(report))
    radius = params.radius_m
    if radius is None:
        cell = max(abs(grid.affine.a), abs(grid.affine.e))
        several = len(found.events.geometry.drop_duplicates()) > 1
        radius = max(2 * cell, default_bandwidth(found.events, crs=grid.crs)) if several else 5 * cell
    report["radius_m"] = float(radius)
    return ignition_density(found.events, grid, radius_m=radius).assign_attrs(report=json.dumps(report))


def calibrate(inputs: Mapping[str, Any], params: Params | Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The density of fires with score 1 (the highest on the grid), the weights, and what the preparation reports.

    Parameters
    ----------
    inputs : mapping
        After :func:`prepare`.
    params : Params or mapping, optional

    Examples
    --------
    >>> calibrate({})["density_of_1"]
    0.0
    """
    settled = settle_params(Params, params, thing="hazard 'forest_fire'")
    if any(weight < 0 for weight in settled.weights.values()) or abs(sum(settled.weights.values()) - 1) > 1e-6:
        raise ConfigError(
            Problem(
                "hazard 'forest_fire'",
                f"has weights that sum to {sum(settled.weights.values()):g}",
                "weights of 0 and more that sum to 1",
                "Correct `params:` of the hazard in study.yaml.",
                rule="weights.sum",
                field="weights",
            )
        )
    unknown = _unknown_codes(inputs)
    density = inputs.get("fire_density")
    highest = 0.0 if density is None else scan(density, name="fire_density").maximum
    stations, points = (_report(inputs.get(key)) for key in ("fwi", "fire_density"))
    errors = stations.get("leave_one_out") or {}
    return {
        "density_of_1": float(highest) if np.isfinite(highest) else 0.0,
        "weights": dict(settled.weights),
        "unknown_codes": unknown,
        "stations": stations,
        "fire_points": points,
        "validation": {f"leave_one_out_{name}": value for name, value in errors.items()},
        "warnings": [*stations.pop("warnings", []), *_unknown_rows(unknown)],
    }


def _unknown_rows(unknown: Mapping[str, list[int]]) -> list[dict[str, Any]]:
    return [
        warning_row(
            f"input '{name}' of hazard 'forest_fire'",
            f"has the codes {first_few(codes)} that no table knows; their cells have no value",
            "codes of hazards/forest_fire_index",
            "Give a table with your codes under `standards:` in study.yaml.",
            rule="forest_fire.codes",
        )
        for name, codes in unknown.items()
        if codes
    ]


def _unknown_codes(inputs: Mapping[str, Any]) -> dict[str, list[int]]:
    """Codes of land cover and fuel that no table knows; a layer of which nothing is known is refused."""
    found = {}
    for name in ("landcover", "fuel_type"):
        layer = inputs.get(name)
        if not isinstance(layer, xr.DataArray):
            continue
        known = {int(code) for code in standards.table("hazards/forest_fire_index").data[name]}
        codes = {int(code) for block in reduce_blocks(np.unique, layer) for code in block} - {0}
        found[name] = sorted(codes - known)
        if codes and not codes & known:
            raise LayerError(
                Problem(
                    f"input '{name}' of hazard 'forest_fire'",
                    f"has the codes {first_few(sorted(codes))}",
                    f"codes of hazards/forest_fire_index: {', '.join(map(str, sorted(known)))}",
                    "Give a table with your codes under `standards:` in study.yaml, or convert the layer.",
                    rule="forest_fire.codes",
                )
            )
    return found


def _report(layer: Any) -> dict[str, Any]:
    """What :func:`prepare` wrote about a layer."""
    return dict(json.loads(layer.attrs.get("report", "{}"))) if isinstance(layer, xr.DataArray) else {}


def assess(
    inputs: Mapping[str, Any],
    params: Params | Mapping[str, Any] | None = None,
    *,
    grid: GeoBox | None = None,
    calibration: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Fire weather of the season and the hazard index of forest and grassland fire.

    Parameters
    ----------
    inputs : mapping
        ``stations`` (daily elements at stations) or ``fwi`` (layer); ``landcover`` (GlobeLand30 codes; layer or
        polygons) or ``fuel_type`` (burning classes 1..3; layer or forest stands); optional ``elevation`` (m, own grid,
        with a margin), ``fire_points`` (FIRMS), ``roads`` (lines), ``settlements`` (points or polygons).
    params : Params or mapping, optional
    grid : GeoBox, optional
        Projected. Default: that of the first layer.
    calibration : mapping, optional
        From :func:`calibrate`.

    Returns
    -------
    Dataset
        ``intensity`` (seasonal fire weather index) and ``hazard_index`` (0..1; 0 where nothing burns). NaN where the
        fire weather or the land cover is missing.

    Raises
    ------
    LayerError
        (UnitsError, MissingCRSError, GridMismatchError) naming the input.

    Examples
    --------
    >>> geobox = grids.analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> cover = layer_on(geobox, np.array([[20, 10, 60]], dtype="uint8"), quantity="landcover")
    >>> fwi = layer_on(geobox, 11.2, quantity="fire_weather_index")
    >>> assess({"fwi": fwi, "landcover": cover})["hazard_index"].values.round(3).tolist()
    [[0.618, 0.058, 0.0]]
    """
    inputs, options, grid = open_inputs(SPECS[0], inputs, params, grid)
    scale = calibrate(inputs, options) if calibration is None else calibration
    cover, stands = inputs.get("landcover"), inputs.get("fuel_type")
    chunks = next((layer.data.chunks for layer in (cover, stands) if layer is not None and layer.chunks), None)

    def lazily(layer: xr.DataArray) -> xr.DataArray:
        return layer.chunk(dict(zip(("y", "x"), chunks))) if chunks and layer.chunks is None else layer

    layers = {name: lazily(value) for name, value in inputs.items() if isinstance(value, xr.DataArray)}
    fwi = valid_values(layers["fwi"], quantity="fire_weather_index")
    fwi = describe(fwi.astype(np.float64), quantity="fire_weather_index", like=layers["fwi"])
    density = layers.get("fire_density")
    scores = {
        "fuel": fuel_score(layers.get("landcover"), layers.get("fuel_type")),
        "weather": weather_score(fwi),
        "terrain": _terrain_score(layers),
        "ignition": _ignition_score(layers),
        "history": None if density is None else history_score(density, reference=float(scale["density_of_1"])),
    }
    index = hazard_index(
        burnable_share(layers.get("landcover"), layers.get("fuel_type")),
        scores,
        scale["weights"],
        required=("fuel", "weather"),
    )
    missing = [name for name, score in scores.items() if score is None]
    return xr.Dataset(
        {"intensity": fwi.rename("intensity"), "hazard_index": index.rename("hazard_index")}
    ).assign_attrs(hazard="forest_fire", missing_parts=", ".join(missing))


def _terrain_score(layers: Mapping[str, xr.DataArray]) -> Any:
    if "slope" not in layers:
        return None
    shares = standards.table("hazards/forest_fire_index").data["terrain"]
    slope, aspect = slope_score(layers["slope"]), aspect_score(layers["aspect"])
    return slope * float(shares["slope"]) + aspect * float(shares["aspect"])


def _ignition_score(layers: Mapping[str, xr.DataArray]) -> Any:
    """The nearer of roads and settlements counts."""
    found = [
        near_score(layers[f"{name}_distance"], name)
        for name in ("roads", "settlements")
        if f"{name}_distance" in layers
    ]
    if len(found) == 2:
        return by_cell(np.maximum, *found)
    return found[0] if found else None


def _optional(key: str, form: Any, quantity: str | None = None, **more: Any) -> InputSpec:
    return InputSpec(key, form, quantity, required=False, **more)


SPECS = (
    HazardSpec(
        name="forest_fire",
        group="forest_fire",
        title={"zh": "森林火灾", "en": "Forest fire"},
        inputs=(
            InputSpec(
                "stations",
                "stations",
                alternatives=("fwi",),
                note="daily temperature (degC), humidity (%), wind (m/s), precipitation (mm)",
            ),
            _optional("fwi", "layer", "fire_weather_index", direction=1, note="instead of stations"),
            InputSpec(
                "landcover", "polygons", "landcover", alternatives=("fuel_type",), note="GlobeLand30 codes; 0 no data"
            ),
            _optional("fuel_type", "polygons", "fuel_type", note="burning classes, or forest stands with a species"),
            _optional("elevation", "layer", "elevation", native=True, note="slope and aspect"),
            _optional("slope", "layer", "slope", note="made from elevation"),
            _optional("aspect", "layer", "aspect", note="made from elevation"),
            _optional("fire_points", "points", note="FIRMS columns"),
            _optional("roads", "lines"),
            _optional("settlements", "points", note="points or polygons"),
        ),
        params=Params,
        assess=assess,
        calibrate=calibrate,
        prepare=prepare,
        outputs={"intensity": "fire_weather_index", "hazard_index": "hazard_index"},
        scope="global",
        grade_scheme="forest_fire_4",
        tables=(
            "hazards/forest_fire_index",
            "hazards/forest_fire_weather",
            "hazards/forest_fire_points",
            "hazards/forest_fire_htz",
        ),
        references=("Van Wagner 1987; Wang et al. 2017 (cffdrs)", "EFFIS danger classes", "Silverman 1986, kernel 4.5"),
        status="project_default",
        method={
            "zh": "防火期火险天气指数（站点计算后插值）、可燃物、地形、人为火源和历史火点密度加权，乘以可燃比例；"
            "农田秸秆焚烧火点剔除并计数。",
            "en": "Fire weather of the season (computed at stations, interpolated), fuel, terrain, people and density "
            "of earlier fires, weighted, times the burnable share; straw burning is left out and counted.",
        },
    ),
)
