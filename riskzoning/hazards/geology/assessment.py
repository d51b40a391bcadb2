"""From checked inputs to the hazard of slope failures: parameters, factors, trained model, susceptibility, index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field, field_validator

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.base import Prepared, as_dataset
from riskzoning.hazards.cells import Array, by_cell, valid_values
from riskzoning.hazards.geology.domain import relief_around, susceptible_ground
from riskzoning.hazards.geology.factors import FACTOR_KEYS, heights, inventory, line_distance, rasterised_classes
from riskzoning.hazards.geology.grading import sinking_index
from riskzoning.hazards.geology.model import factor_layers, rules, score_total, training_ground
from riskzoning.hazards.geology.modelled import modelled, modelled_score
from riskzoning.hazards.geology.pieces import asked_for, by_unit, catchment_tables, unit_means
from riskzoning.hazards.geology.trigger import share_called, trigger_matrix, trigger_middle
from riskzoning.hazards.inputs import Facts, HazardInputs, input_of
from riskzoning.inputs import refused
from riskzoning.layers import describe, layer_on
from riskzoning.methods.ladders import Ladder, load_ladder
from riskzoning.methods.ranges import spans
from riskzoning.methods.susceptibility import (
    Counted,
    Factors,
    Ground,
    Method,
    ModelFloor,
    Options,
    Training,
    fitted,
    fold_blocks,
    model_classes,
)
from riskzoning.methods.susceptibility.learners import LEARNT

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
    model : str
        One of :data:`riskzoning.methods.susceptibility.METHODS`: information value, frequency ratio, certainty factor,
        weights of evidence, logistic regression or random forest.
    model_inputs : {"information_value", "certainty_factor", "classes", "values"}
        What logistic regression learns from; with ``values`` it and the random forest take the factors as measured
        (:class:`riskzoning.methods.susceptibility.Options`).
    trees : int
        Of the random forest.
    floor : {"shrink", "laplace", "min"} or number
        What a class with few landslides or none gets (:func:`riskzoning.methods.susceptibility.information_value`).
    folds, repeats : int
        The skill is measured on so many folds of ground that the model has not seen, dealt anew in each repeat; 0 folds
        for none.
    block_m : float
        Edge of the blocks of ground that the folds are made of, m.
    seed : int
        Of the folds.
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
    trigger : {"rain", "pga", "both"}
        What scales the susceptibility: rain where it is given; the input ``pga``, which then is no factor; or the
        worse of both.
    trigger_pga : two floats
        Peak ground acceleration (g) up to which the factor is least and from which it is 1.
    trigger_form : {"product", "matrix"}
        The density times the factor of the trigger; or the class of the density and that of the trigger in the matrix
        of ``hazards/geology_matrix``, whose grade gives the index (the middle of its class).
    unit : {"cell", "slope_unit"}
        Whether density is that of the cell or the mean of its slope unit.
    slope_unit_km2 : float
        Area from which a valley or ridge makes a slope unit.
    catchments_km2 : float, optional
        Catchments from this area on with their Melton ratio, as the table ``geology_catchments``.

    Examples
    --------
    >>> Params().folds, Params(weights={"slope": 1.0}).weights
    (5, {'slope': 1.0})
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Method = Field(default_factory=lambda: _rule("model"))
    model_inputs: Literal["information_value", "certainty_factor", "classes", "values"] = "information_value"
    trees: int = Field(default_factory=lambda: _rule("trees"), ge=1, le=5000)
    factors: tuple[str, ...] | None = None
    weights: dict[str, float] | None = None
    floor: ModelFloor = Field(default_factory=lambda: _rule("floor"))
    folds: int = Field(default_factory=lambda: _rule("folds"), ge=0, le=50)
    repeats: int = Field(default_factory=lambda: _rule("repeats"), ge=1, le=50)
    block_m: float = Field(default_factory=lambda: _rule("block_m"), gt=0)
    seed: int = 0
    relief_window: int = Field(default_factory=lambda: _rule("relief_window"), ge=3)
    lithology_column: str | None = None
    landcover_column: str | None = None
    trigger_period: float = Field(default_factory=lambda: _rule("trigger_period"), gt=0)
    trigger_rain: tuple[float, float] = Field(default_factory=lambda: tuple(_rule("trigger_rain")))
    trigger_floor: float = Field(default_factory=lambda: _rule("trigger_floor"), ge=0, le=1)
    trigger: Literal["rain", "pga", "both"] = "rain"
    trigger_pga: tuple[float, float] = Field(default_factory=lambda: tuple(_rule("trigger_pga")))
    trigger_form: Literal["product", "matrix"] = "product"
    unit: Literal["cell", "slope_unit"] = "cell"
    slope_unit_km2: float = Field(default_factory=lambda: _rule("slope_unit_km2"), gt=0)
    catchments_km2: float | None = Field(default=None, gt=0)

    @field_validator("trigger_rain", "trigger_pga")
    @classmethod
    def _ascending(cls, limits: tuple[float, float]) -> tuple[float, float]:
        if not 0 <= limits[0] < limits[1]:
            raise refused("params.trigger_rain")
        return limits


def prepare_geology(inputs: HazardInputs, params: Params, grid: GeoBox) -> Prepared:
    """What the model needs on the grid: heights, distances, classes, susceptible ground, landslides.

    What was left out of the inventory and the names of classes are facts.
    """
    if inputs.get("susceptibility") is not None:
        return Prepared()
    out = _terrain(inputs, params, grid)
    facts: dict[str, Any] = {"class_names": {}}
    table = _rule("factors")
    for name in ("rivers", "faults", "roads"):
        lines = inputs.get(name)
        if isinstance(lines, gpd.GeoDataFrame):
            out[FACTOR_KEYS[name]] = line_distance(lines, grid, reach_m=max(table[name]["breaks"]))
    columns = {"lithology": params.lithology_column, "landcover": params.landcover_column, "slope_structure": None}
    for name, column in columns.items():
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
        out["landslide_cells"] = _landslide_cells(points, grid)
    out |= asked_for(inputs, grid, factors=params.factors or (), slope_unit_km2=_unit_area(params))
    return Prepared(out, facts, catchment_tables(inputs, grid, params.catchments_km2))


def _unit_area(params: Params) -> float | None:
    return params.slope_unit_km2 if params.unit == "slope_unit" else None


def _terrain(inputs: HazardInputs, params: Params, grid: GeoBox) -> dict[str, xr.DataArray]:
    """Heights that are not given, and the susceptible ground."""
    out: dict[str, xr.DataArray] = {}
    elevation, slope = inputs.get("elevation"), inputs.get("slope")
    if isinstance(elevation, xr.DataArray):
        made = heights(elevation, grid, relief_window=params.relief_window)
        out |= {name: layer for name, layer in made.items() if inputs.get(name) is None}
    if isinstance(slope, xr.DataArray):
        made_ground = inputs.get("embankments")
        lines = made_ground if isinstance(made_ground, gpd.GeoDataFrame) else None
        out["domain"] = susceptible_ground(slope, relief_around(elevation, inputs.get("relief"), grid), grid, lines)
    return out


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


def calibrate_geology(prepared: Prepared, params: Params) -> dict[str, Any]:
    """Train the information-value model on the susceptible ground and measure its skill on blocks it has not seen."""
    layers = prepared.layers
    if params.trigger != "rain" and "pga" not in layers:
        raise LayerError(Problem("geology.trigger_input", _HAZARD, field="trigger", trigger=params.trigger))
    if params.model_inputs == "values" and params.model not in LEARNT:
        raise LayerError(
            Problem("geology.model_inputs", _HAZARD, field="model_inputs", model=str(params.model), known=list(LEARNT))
        )
    if params.trigger_form == "matrix" and params.trigger == "rain" and "rainfall" not in layers:
        raise LayerError(Problem("geology.matrix_trigger", _HAZARD, field="trigger_form"))
    matrix = trigger_matrix(load_ladder("geology/landslide")) if params.trigger_form == "matrix" else None
    scale = _calibrated(prepared, params)
    if matrix is not None:
        scale["matrix"] = matrix
    if params.trigger != "rain":
        low, high = params.trigger_pga
        scale["shaking"] = {"low": low, "high": high, "floor": params.trigger_floor, "alone": params.trigger == "pga"}
    if params.unit == "slope_unit" and scale.get("factors"):
        scale["unit_density"] = unit_means(_density(_intensity(layers, scale), layers, scale), layers)
    return scale


def _calibrated(prepared: Prepared, params: Params) -> dict[str, Any]:
    """The model with its skill and notes; only the trigger where the susceptibility is given."""
    layers = prepared.layers
    trigger = _trigger_scale(layers, params)
    if "susceptibility" in layers:
        return {"susceptibility": "given", "trigger": trigger}
    ground = training_ground(layers, params.block_m)
    known, cells, inside, every = fold_blocks(_extent, np.add, layers["slope"], ground.within, ground.events)
    if known and not cells:
        note(Problem("geology.no_domain", _HAZARD, severity="warning"))
        return {"factors": {}, "trigger": trigger}
    plain = params.model == "information_value"
    if plain:
        scale = _fitted(layers, params, ground)
    else:
        scale = modelled(params.model, _factors(layers, params), ground, _options(params))
    scale["landslides"] = {**prepared.facts.get("inventory", {}), "on_other_ground": int(every - inside)}
    scale["domain"] = {"cells": int(cells), "share": float(cells / known) if known else 0.0}
    scale["trigger"] = trigger
    names = prepared.facts.get("class_names", {})
    for name, entry in scale["factors"].items() if plain else ():
        entry["names"] = names.get(name)
    for problem in _notes(scale, params):
        note(problem)
    return scale


def _extent(slope: Array, within: Array, events: Array) -> Array:
    """Cells with a slope, cells that count, event cells among them, all event cells."""
    inside, hits = np.asarray(within) > 0, np.asarray(events) > 0
    return np.array([np.isfinite(slope).sum(), inside.sum(), (hits & inside).sum(), hits.sum()])


def _factors(layers: Mapping[str, xr.DataArray], params: Params) -> Factors:
    """The factors that are given; shaking that triggers is none."""
    there = layers if params.trigger == "rain" else {name: layer for name, layer in layers.items() if name != "pga"}
    return factor_layers(there, params.factors)


def _fitted(layers: Mapping[str, xr.DataArray], params: Params, ground: Ground) -> dict[str, Any]:
    """The model and its skill; slope must be known where landslides are, and some cell have a total."""
    counted = Counted.of(_factors(layers, params), ground, rules())
    lacking = [name for name in counted.without_events() if counted.rules.factors[name].get("required")]
    if lacking:
        raise LayerError(Problem("geology.events", _HAZARD, factor=lacking[0]))
    skipped = counted.without_events()
    _check_weights([name for name in counted.classes if name not in skipped], params.weights)
    training = Training(params.floor, params.folds, params.repeats, params.block_m, params.seed)
    scale = fitted(counted, training, params.weights)
    if not scale["cells"]:
        raise LayerError(Problem("geology.empty", _HAZARD))
    return scale


def _options(params: Params) -> Options:
    """The choices of the model, as the methods know them."""
    return Options(
        floor=params.floor,
        weights=params.weights,
        inputs=params.model_inputs,
        trees=params.trees,
        folds=max(params.folds, 2),
        repeats=params.repeats,
        block_m=params.block_m,
        seed=params.seed,
    )


def _notes(scale: Facts, params: Params) -> list[Problem]:
    """What a reader of the susceptibility must know: points left out, no hold-out, factors that say the same."""
    report = scale["landslides"]
    reasons = _left_out(report)
    notes: list[Problem] = []
    if reasons:
        lost = sum(count for name, count in report.items() if name not in ("points", "used"))
        values = {"lost": lost, "points": report["points"], "reasons": reasons}
        notes.append(Problem("geology.landslides", input_of("geology", "landslides"), severity="warning", **values))
    if "note" in scale["holdout"]:
        rule = "geology.holdout" if params.folds > 1 else "geology.no_holdout"
        notes.append(Problem(rule, _HAZARD, severity="warning"))
    few = [
        Phrase("geology_few", name=name, events=int(sum(entry["events"])), classes=int(np.count_nonzero(entry["area"])))
        for name, entry in scale["factors"].items()
        if "events" in entry and sum(entry["events"]) < np.count_nonzero(entry["area"])
    ]
    if few:
        notes.append(Problem("geology.few_events", _HAZARD, severity="warning", factors=few))
    constant = [
        name for name, entry in scale["factors"].items() if "area" in entry and np.count_nonzero(entry["area"]) == 1
    ]
    if constant:
        notes.append(Problem("geology.constant_factors", _HAZARD, severity="warning", factors=constant))
    if scale["skipped"]:
        notes.append(Problem("geology.factors_skipped", _HAZARD, severity="warning", factors=scale["skipped"]))
    most, high = max(scale["curve"]["density"]), float(load_ladder("geology/landslide").limits[1])
    if most <= high:
        auc = scale["validation"]["auc_holdout"] or scale["validation"]["auc_in_sample"]
        values = {"most": most, "limit": high, "auc": Phrase("none_given") if auc is None else f"{auc:.2f}"}
        notes.append(Problem("geology.no_high", _HAZARD, severity="info", **values))
    limit = float(_rule("max_correlation"))
    if scale["correlated"]:
        pairs = [Phrase("geology_pair", one=one, two=two, r=r) for one, two, r in scale["correlated"]]
        notes.append(Problem("geology.correlated", _HAZARD, severity="warning", pairs=pairs, limit=limit))
    for lost, kept, r in scale["dropped"]:
        thing = Phrase("geology_factor", name=lost)
        notes.append(Problem("dropped.geology_factor", thing, severity="info", kept=kept, r=r, limit=limit))
    if scale["small_classes"]:
        parts = [
            Phrase("geology_class", factor=name, code=code)
            if code == to
            else Phrase("geology_class_joined", factor=name, code=code, to=to)
            for name, code, to in scale["small_classes"]
        ]
        least = int(_rule("least_cells"))
        notes.append(Problem("geology.small_classes", _HAZARD, severity="info", classes=parts, least=least))
    return notes


def _check_weights(factors: list[str], weights: Mapping[str, float] | None) -> None:
    """Weights name every factor that is there, no other, and sum to 1."""
    if weights is None:
        return
    missing = [name for name in factors if name not in weights]
    missing += [name for name in weights if name not in rules().factors]
    total = sum(weights.get(name, 0.0) for name in factors)
    if missing or abs(sum(weights.values()) - 1) > 1e-6 or not total > 0:
        given = [f"{name} {weight:g}" for name, weight in weights.items()]
        raise LayerError(Problem("geology.weights", _HAZARD, field="weights", weights=given, factors=factors))


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


def assess_geology(prepared: Prepared, _params: Params, _grid: GeoBox, calibration: Facts) -> xr.Dataset:
    """Information value, susceptibility, density of events relative to the susceptible ground, hazard index.

    The index is that of the density on its ladder, the density lowered by the rain where there is rain, and not less
    than that of subsidence. Beyond the susceptible ground the density is 0.
    """
    layers = prepared.layers
    given = layers.get("susceptibility")
    if given is not None:
        return _as_given(given, layers, calibration)
    slope, model = layers["slope"], calibration["factors"]
    intensity = _intensity(layers, calibration)
    low, high = float(calibration.get("low", 0.0)), float(calibration.get("high", 0.0))
    wide = spans(low, high)
    rescaled = partial(_on_domain, points=[low, high] if wide else [low], values=[0.0, 1.0][: 1 + wide])
    susceptibility = by_cell(rescaled, intensity, layers["domain"], quantity="susceptibility")
    density = _density(intensity, layers, calibration)
    if "unit_density" in calibration:
        density = by_unit(density, layers, calibration["unit_density"])
    density, index = _hazard(density, load_ladder("geology/landslide"), layers, calibration)
    made = {
        "intensity": intensity,
        "susceptibility": susceptibility,
        "relative_density": describe(density, quantity="relative_density", like=slope),
        "hazard_index": _index(index, layers),
    }
    method = str(calibration.get("method", "information_value")).replace("_", " ")
    return as_dataset(made, method=f"{method} on susceptible ground", factors=", ".join(model))


def _intensity(layers: Mapping[str, xr.DataArray], calibration: Facts) -> xr.DataArray:
    """The score of every cell by the model; 0 where there is none to learn."""
    slope, model = layers["slope"], calibration["factors"]
    if not model:
        total = slope * 0.0
    elif "method" in calibration:
        total = modelled_score(layers, calibration)
    else:
        classes = model_classes(factor_layers(layers, list(model)), model, rules())
        total = score_total(classes, model, calibration["weights"])
    known: xr.DataArray = by_cell(_where_known, total, slope, quantity="information_value")
    return known


def _density(intensity: xr.DataArray, layers: Mapping[str, xr.DataArray], calibration: Facts) -> xr.DataArray:
    """Density of events relative to the susceptible ground, 0 beyond it."""
    curve = calibration.get("curve", {"score": [0.0], "density": [0.0]})
    dense = partial(_on_domain, points=curve["score"], values=curve["density"])
    density: xr.DataArray = by_cell(dense, intensity, layers["domain"], quantity="relative_density")
    return density


def _as_given(given: xr.DataArray, layers: Mapping[str, xr.DataArray], calibration: Facts) -> xr.Dataset:
    """A susceptibility 0..1 that was made elsewhere stands on the ladder as it is."""
    susceptibility = valid_values(given, quantity="susceptibility").clip(0, 1).astype(np.float64)
    susceptibility = describe(susceptibility, quantity="susceptibility", like=given)
    called = _by_matrix(susceptibility, layers, calibration)
    called = _triggered(susceptibility, layers, calibration) if called is None else called
    index = _index(called, layers)
    made = {"intensity": susceptibility, "susceptibility": susceptibility, "hazard_index": index}
    return as_dataset(made, method="susceptibility as given, taken for the index", factors="")


def _where_known(total: Array, slope: Array) -> Array:
    return np.where(np.isnan(slope), np.nan, total)


def _on_domain(total: Array, domain: Array, *, points: Sequence[float], values: Sequence[float]) -> Array:
    """Read off on a curve on susceptible ground, 0 beyond it."""
    read = np.interp(np.nan_to_num(total), points, values)
    return np.where(np.isnan(total), np.nan, np.where(np.asarray(domain) > 0, read, 0.0))


def _hazard(
    density: xr.DataArray, ladder: Ladder, layers: Mapping[str, xr.DataArray], calibration: Facts
) -> tuple[xr.DataArray, xr.DataArray]:
    """The density lowered by what triggers, and its index; by a matrix the density stays and the index is another."""
    called = _by_matrix(ladder.index(density), layers, calibration)
    if called is not None:
        return density, called
    lowered = _triggered(density, layers, calibration)
    return lowered, ladder.index(lowered)


def _triggers(layers: Mapping[str, xr.DataArray], calibration: Facts) -> dict[str, tuple[Facts, xr.DataArray]]:
    """What calls up susceptibility, with its scale: rain, shaking or both."""
    trigger, shaking = calibration.get("trigger"), calibration.get("shaking")
    rain = None if trigger is None else _rain(layers, trigger["return_period"])
    out: dict[str, tuple[Facts, xr.DataArray]] = {}
    if rain is not None and trigger is not None and not (shaking or {}).get("alone"):
        out["rain"] = trigger, rain[0]
    if shaking is not None:
        shaken = layers["pga"].max("return_period") if "return_period" in layers["pga"].dims else layers["pga"]
        out["pga"] = shaking, shaken
    return out


def _triggered(values: xr.DataArray, layers: Mapping[str, xr.DataArray], calibration: Facts) -> xr.DataArray:
    """Lowered by the rain, where there is rain."""
    factors = list(_triggers(layers, calibration).values())
    if not factors:
        return values
    kernel = partial(_called_up, scales=[(one["low"], one["high"], one["floor"]) for one, _ in factors])
    lowered: xr.DataArray = by_cell(
        kernel, values, *(layer for _, layer in factors), quantity=str(values.attrs["quantity"])
    )
    return lowered


def _by_matrix(index: xr.DataArray, layers: Mapping[str, xr.DataArray], calibration: Facts) -> xr.DataArray | None:
    """The index by the matrix of susceptibility and trigger; None where the study multiplies."""
    matrix = calibration.get("matrix")
    if matrix is None:
        return None
    given = {name: layer for name, (_, layer) in _triggers(layers, calibration).items()}
    kernel = partial(trigger_middle, grades=matrix["grades"], limits=[matrix[name] for name in given])
    made: xr.DataArray = by_cell(kernel, index, *given.values(), quantity="hazard_index")
    return made


def _called_up(values: Array, *triggers: Array, scales: Sequence[tuple[float, float, float]]) -> Array:
    """Lowered by the trigger that calls up most."""
    shares = [share_called(one, low=low, high=high, floor=floor) for one, (low, high, floor) in zip(triggers, scales)]
    return np.asarray(values * np.maximum.reduce(shares))


def _index(slides: xr.DataArray, layers: Mapping[str, xr.DataArray]) -> xr.DataArray:
    """The worse of slope failures and subsidence."""
    index = slides
    for name in ("subsidence_rate", "subsidence_total"):
        if name in layers:
            sunk = valid_values(layers[name], quantity=name)
            # Where the rate is missing the slope failures decide; where they are, the cell stays missing.
            index = by_cell(_greater, index, sinking_index(sunk, name))
    return describe(index, quantity="hazard_index", like=slides)


def _greater(index: Array, other: Array) -> Array:
    return np.where(np.isnan(index), np.nan, np.fmax(index, other))
