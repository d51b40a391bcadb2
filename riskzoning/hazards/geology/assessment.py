"""From checked inputs to the hazard of slope failures: parameters, factors, trained model, susceptibility, index."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field, field_validator

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note, speaking
from riskzoning.hazards.base import Prepared, as_dataset
from riskzoning.hazards.cells import Array, by_cell, valid_values
from riskzoning.hazards.geology.factors import FACTOR_KEYS, heights, inventory, line_distance, rasterised_classes
from riskzoning.hazards.geology.grading import subsidence_index
from riskzoning.hazards.geology.model import data_breaks, factor_classes, factor_layers, score_total, train, validate
from riskzoning.hazards.inputs import Facts, HazardInputs, input_of
from riskzoning.inputs import refused
from riskzoning.layers import describe, layer_on
from riskzoning.methods.validation import holdout_split

_HAZARD = Phrase("hazard", name="geology")


def _rule(key: str) -> Any:
    return standards.table("hazards/geology_factors").data[key]


class Params(BaseModel):
    """Choices of the geological hazard; the defaults come from ``hazards/geology_factors``.

    Parameters
    ----------
    factors : tuple of str, optional
        Factors to use; default: all that are given.
    weights : mapping factor -> weight, optional
        For the weighted information value; without them every factor counts alike.
    floor : {"laplace", "min"} or number
        Value of a class without landslides.
    holdout_share : float
        Share of the landslides kept out of the training, 0 for none.
    block_m : float
        Edge of the blocks of ground that are kept out, m.
    seed : int
        Of the choice of blocks.
    relief_window : int
        Cells, odd.
    lithology_column, landcover_column : str, optional
        Column with the class where the input is polygons.
    trigger_period : float
        Return period (years) of the rain that scales the susceptibility.
    trigger_rain : two floats
        Rain (mm) up to which the factor is least and from which it is 1; the same in every study.
    trigger_floor : float
        Its least factor, 0..1.

    Examples
    --------
    >>> Params().holdout_share, Params(weights={"slope": 1.0}).weights
    (0.3, {'slope': 1.0})
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    factors: tuple[str, ...] | None = None
    weights: dict[str, float] | None = None
    floor: Literal["laplace", "min"] | float = Field(default_factory=lambda: _rule("floor"))
    holdout_share: float = Field(default_factory=lambda: _rule("holdout_share"), ge=0, lt=1)
    block_m: float = Field(default_factory=lambda: _rule("block_m"), gt=0)
    seed: int = 0
    relief_window: int = Field(default_factory=lambda: _rule("relief_window"), ge=3)
    lithology_column: str | None = None
    landcover_column: str | None = None
    trigger_period: float = Field(default_factory=lambda: _rule("trigger_period"), gt=0)
    trigger_rain: tuple[float, float] = Field(default_factory=lambda: tuple(_rule("trigger_rain")))
    trigger_floor: float = Field(default_factory=lambda: _rule("trigger_floor"), ge=0, le=1)

    @field_validator("trigger_rain")
    @classmethod
    def _ascending(cls, rain: tuple[float, float]) -> tuple[float, float]:
        if not 0 <= rain[0] < rain[1]:
            raise refused("params.trigger_rain")
        return rain


def prepare_geology(inputs: HazardInputs, params: Params, grid: GeoBox) -> Prepared:
    """What the model needs on the grid: heights, distances, classes, landslides, ground kept out of the training.

    What was left out of the inventory, how the ground was split, and the names of classes are facts.
    """
    if inputs.get("susceptibility") is not None:
        return Prepared()
    out: dict[str, xr.DataArray] = {}
    facts: dict[str, Any] = {"class_names": {}}
    elevation = inputs.get("elevation")
    if isinstance(elevation, xr.DataArray):
        made = heights(elevation, grid, relief_window=params.relief_window)
        out |= {name: layer for name, layer in made.items() if inputs.get(name) is None}
    table = _rule("factors")
    for name in ("rivers", "faults", "roads"):
        lines = inputs.get(name)
        if isinstance(lines, gpd.GeoDataFrame):
            out[FACTOR_KEYS[name]] = line_distance(lines, grid, reach_m=max(table[name]["breaks"]))
    for name, column in (("lithology", params.lithology_column), ("landcover", params.landcover_column)):
        polygons = inputs.get(name)
        if isinstance(polygons, gpd.GeoDataFrame):
            out[name], facts["class_names"][name] = rasterised_classes(polygons, grid, name, column)
    area, landslides = inputs.get("study_area"), inputs.get("landslides")
    if isinstance(area, gpd.GeoDataFrame):
        out["study_area"] = grids.rasterise(area, grid, quantity="mask")
    if isinstance(landslides, gpd.GeoDataFrame):
        points, facts["inventory"] = inventory(landslides, grid)
        if not len(points):
            raise LayerError(_no_landslide(facts["inventory"]))
        held, facts["split"] = _holdout(points, grid, params)
        out |= {} if held is None else {"holdout": held}
        out["landslide_cells"] = _landslide_cells(points, grid)
    return Prepared(out, facts)


def _landslide_cells(points: gpd.GeoDataFrame, grid: GeoBox) -> xr.DataArray:
    """1 in the cell of every point; of landslides drawn as areas in all cells whose centre they hold."""
    cells = grids.rasterise(points, grid, quantity="mask", touched=True)
    areas = points.set_geometry("shape", crs=points.crs)
    areas = areas[areas.geom_type.isin(["Polygon", "MultiPolygon"])]
    if not len(areas):
        return cells
    drawn = grids.rasterise(areas[["shape"]], grid, quantity="mask")
    return layer_on(grid, np.maximum(cells.data, drawn.data), quantity="mask", name="landslide_cells")


def _no_landslide(report: Mapping[str, int]) -> Problem:
    thing = input_of("geology", "landslides")
    return Problem("geology.no_landslide", thing, points=report["points"], reasons=_left_out(report))


def _left_out(report: Mapping[str, int]) -> list[Phrase]:
    """Why points of the inventory are not used, and how many of them."""
    return [
        Phrase(f"geology_{name}", count=count)
        for name, count in report.items()
        if count and name not in ("points", "used")
    ]


def _holdout(points: gpd.GeoDataFrame, grid: GeoBox, params: Params) -> tuple[xr.DataArray | None, dict[str, Any]]:
    if params.holdout_share == 0:
        return None, {"note": "no hold-out asked for: every skill is in-sample"}
    try:
        split = holdout_split(points, grid, block_m=params.block_m, share=params.holdout_share, seed=params.seed)
    except LayerError as error:
        # The record is in English whatever language is spoken.
        with speaking("en"):
            return None, {"note": f"no hold-out: {error.problems[0].found}"}
    return split.mask, {
        "landslides": int(split.points.sum()),
        "blocks": split.blocks,
        "held_blocks": split.held,
        "block_m": params.block_m,
        "seed": params.seed,
    }


def calibrate_geology(prepared: Prepared, params: Params) -> dict[str, Any]:
    """Train the information-value model on the prepared layers and measure its skill."""
    layers = prepared.layers
    trigger = _trigger_scale(layers, params)
    if "susceptibility" in layers:
        return {"susceptibility": "given", "trigger": trigger}
    factors = factor_layers(layers, params.factors)
    breaks = data_breaks(factors)
    classes = factor_classes(factors, breaks)
    ground = {name: layers.get(name) for name in ("holdout", "study_area")}
    events = layers["landslide_cells"]
    model = train(classes, breaks, events, **ground, floor=params.floor)
    skipped = [name for name in classes if name not in model]
    classes = {name: classes[name] for name in model}
    weights = _weights(list(classes), params.weights)
    skill = validate(classes, model, weights, events, **ground)
    names = prepared.facts.get("class_names", {})
    for name in model:
        model[name]["breaks"] = breaks.get(name)
        model[name]["names"] = names.get(name)
    scale = {
        "factors": model,
        "weights": weights,
        "floor": params.floor,
        "skipped": skipped,
        **skill,
        "landslides": prepared.facts.get("inventory", {}),
        "holdout": prepared.facts.get("split", {}),
        "trigger": trigger,
    }
    for problem in _notes(scale, asked=params.holdout_share > 0):
        note(problem)
    return scale


def _notes(scale: Facts, *, asked: bool) -> list[Problem]:
    """What a reader of the susceptibility must know: points left out, no hold-out, factors that say the same."""
    notes, report = [], scale["landslides"]
    reasons = _left_out(report)
    if reasons:
        lost = sum(count for name, count in report.items() if name not in ("points", "used"))
        thing = input_of("geology", "landslides")
        notes.append(Problem(
            "geology.landslides", thing, severity="warning", lost=lost, points=report["points"], reasons=reasons
        ))  # fmt: skip
    if "note" in scale["holdout"]:
        notes.append(Problem("geology.holdout" if asked else "geology.no_holdout", _HAZARD, severity="warning"))
    if scale["skipped"]:
        notes.append(Problem("geology.factors_skipped", _HAZARD, severity="warning", factors=scale["skipped"]))
    if scale["correlated"]:
        pairs = [Phrase("geology_pair", one=one, two=two, r=r) for one, two, r in scale["correlated"]]
        limit = float(_rule("max_correlation"))
        notes.append(Problem("geology.correlated", _HAZARD, severity="warning", pairs=pairs, limit=limit))
    return notes


def _weights(factors: list[str], weights: Mapping[str, float] | None) -> dict[str, float] | None:
    """The weights of the factors that are there, with sum 1."""
    if weights is None:
        return None
    missing = [name for name in factors if name not in weights]
    missing += [name for name in weights if name not in _rule("factors")]
    total = sum(weights.get(name, 0.0) for name in factors)
    if missing or abs(sum(weights.values()) - 1) > 1e-6 or not total > 0:
        given = [f"{name} {weight:g}" for name, weight in weights.items()]
        raise LayerError(Problem("geology.weights", _HAZARD, field="weights", weights=given, factors=factors))
    return {name: weights[name] / total for name in factors}


def _rain(layers: Mapping[str, xr.DataArray], period: float) -> tuple[xr.DataArray, float] | None:
    """The rain of the return period nearest to the one asked for."""
    stack = layers.get("rainfall")
    if stack is None:
        return None
    rain = valid_values(stack, quantity="precipitation")
    if "return_period" not in rain.dims:
        return rain, period
    nearest = rain.sel(return_period=period, method="nearest")
    return nearest.drop_vars("return_period"), float(nearest["return_period"])


def _trigger_scale(layers: Mapping[str, xr.DataArray], params: Params) -> dict[str, float] | None:
    rain = _rain(layers, params.trigger_period)
    if rain is None:
        return None
    low, high = params.trigger_rain
    return {"return_period": rain[1], "low": low, "high": high, "floor": params.trigger_floor}


def assess_geology(prepared: Prepared, params: Params, _grid: GeoBox, calibration: Facts) -> xr.Dataset:
    """Information value, susceptibility scaled by the frozen extremes, and hazard index.

    The index is the susceptibility, lowered by the rain where there is rain, and not less than that of subsidence.
    """
    layers = prepared.layers
    given = layers.get("susceptibility")
    if given is not None:
        susceptibility = valid_values(given, quantity="susceptibility").clip(0, 1).astype(np.float64)
        susceptibility = describe(susceptibility, quantity="susceptibility", like=given)
        intensity = susceptibility
    else:
        model = calibration["factors"]
        breaks = {name: entry["breaks"] for name, entry in model.items() if entry.get("breaks") is not None}
        classes = factor_classes(factor_layers(layers, list(model)), breaks)
        intensity = score_total(classes, model, calibration["weights"])
        linear = partial(_scaled, low=float(calibration["low"]), high=float(calibration["high"]))
        susceptibility = by_cell(linear, intensity, quantity="susceptibility")
    index = _hazard(susceptibility, layers, params, calibration.get("trigger"))
    method = "susceptibility as given" if "factors" not in calibration else "information value"
    made = {"intensity": intensity, "susceptibility": susceptibility, "hazard_index": index}
    return as_dataset(made, method=method, factors=", ".join(calibration.get("factors", ())))


def _hazard(
    susceptibility: xr.DataArray,
    layers: Mapping[str, xr.DataArray],
    params: Params,
    trigger: Mapping[str, float] | None,
) -> xr.DataArray:
    index = susceptibility
    rain = _rain(layers, params.trigger_period if trigger is None else trigger["return_period"])
    if rain is not None and trigger is not None:
        kernel = partial(_triggered, low=trigger["low"], high=trigger["high"], floor=trigger["floor"])
        index = by_cell(kernel, index, rain[0])
    if "subsidence_rate" in layers:
        rate = valid_values(layers["subsidence_rate"], quantity="subsidence_rate")
        # Where the rate is missing the slope failures decide; where they are, the cell stays missing.
        index = by_cell(_greater, index, subsidence_index(rate))
    return describe(index, quantity="hazard_index", like=susceptibility)


def _scaled(total: Array, *, low: float, high: float) -> Array:
    if high <= low:
        return np.where(np.isfinite(total), 0.0, np.nan)
    return np.clip((total - low) / (high - low), 0.0, 1.0)


def _triggered(index: Array, rain: Array, *, low: float, high: float, floor: float) -> Array:
    share = np.clip((rain - low) / (high - low), 0.0, 1.0)
    return index * np.where(np.isfinite(share), floor + (1 - floor) * share, 1.0)


def _greater(index: Array, other: Array) -> Array:
    return np.where(np.isnan(index), np.nan, np.fmax(index, other))
