"""Geological hazards (地质灾害): terrain, rock, water, faults, roads -> information value -> susceptibility -> hazard.

Landslides, collapses and debris flows: every class of a factor gets its information value (信息量) from the inventory,
the values of a cell are added up and scaled to 0..1 between the extremes of the calibration. Part of the ground, in
whole blocks, and the landslides on it are kept out of the training; the AUC on them says how well the map predicts, the
AUC on the training ground is in-sample. Rain of a return period, where given, scales the susceptibility; subsidence,
where given, counts where it is the greater hazard. Class limits of the factors are common practice, not read in a
standard; the information value says where landslides were found, so an inventory along roads finds roads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.hazards.base import (
    HazardSpec,
    InputSpec,
    by_cell,
    open_inputs,
    settle_params,
    valid_values,
    warning_row,
)
from riskzoning.hazards.geology.factors import FACTOR_KEYS, inventory, line_distance, rasterised_classes, terrain_layers
from riskzoning.hazards.geology.grading import (
    debris_flow_grade,
    event_grade,
    melton_ratio,
    subsidence_grade,
    subsidence_index,
    threat_grade,
    volume_grade,
)
from riskzoning.hazards.geology.model import data_breaks, factor_classes, factor_layers, score_total, train, validate
from riskzoning.layers import describe, layer_on
from riskzoning.methods.susceptibility import fold_blocks
from riskzoning.methods.validation import holdout_split

__all__ = [
    "SPECS",
    "Params",
    "assess",
    "calibrate",
    "debris_flow_grade",
    "event_grade",
    "melton_ratio",
    "prepare",
    "subsidence_grade",
    "subsidence_index",
    "terrain_layers",
    "threat_grade",
    "volume_grade",
]


_TERRAIN = {"elevation_on_grid": "elevation", "slope": "slope", "aspect": "aspect", "relief": "relief"}


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
    trigger_floor: float = Field(default_factory=lambda: _rule("trigger_floor"), ge=0, le=1)


def prepare(inputs: Mapping[str, Any], params: Params, grid: GeoBox) -> dict[str, Any]:
    """The inputs with what the model needs on the grid.

    ``elevation_on_grid slope aspect relief`` (:func:`terrain_layers`), ``rivers_distance faults_distance
    roads_distance`` (m), class layers of rock and land cover, ``landslide_cells`` (1 where a landslide is) and
    ``holdout`` (1 on ground kept out of the training). What was left out, and the names of classes, are in the
    attributes of the layers. With ``susceptibility`` none of them.

    Raises
    ------
    LayerError
        The grid is geographic, or the class column of polygons is not clear.

    Examples
    --------
    >>> prepare({"susceptibility": 1}, Params(), None)
    {'susceptibility': 1}
    """
    out = dict(inputs)
    if out.get("susceptibility") is not None:
        return out
    if out.get("elevation") is not None and any(out.get(name) is None for name in _TERRAIN):
        layers = terrain_layers(out["elevation"], grid, relief_window=params.relief_window)
        out.update({name: layer for name, layer in layers.items() if out.get(name) is None})
    table = _rule("factors")
    for name in ("rivers", "faults", "roads"):
        if out.get(name) is not None and out.get(FACTOR_KEYS[name]) is None:
            out[FACTOR_KEYS[name]] = line_distance(out[name], grid, reach_m=max(table[name]["breaks"]))
    for name, column in (("lithology", params.lithology_column), ("landcover", params.landcover_column)):
        if isinstance(out.get(name), gpd.GeoDataFrame):
            layer, names = rasterised_classes(out[name], grid, name, column)
            out[name] = layer.assign_attrs(class_names=json.dumps(names, ensure_ascii=False))
    if isinstance(out.get("study_area"), gpd.GeoDataFrame):
        out["study_area"] = grids.rasterise(out["study_area"], grid, quantity="mask")
    if out.get("landslides") is not None and out.get("landslide_cells") is None:
        points, report = inventory(out["landslides"], grid)
        if not len(points):
            raise LayerError(_no_landslide(report))
        out["holdout"], split = _holdout(points, grid, params)
        cells = _landslide_cells(points, grid)
        out["landslide_cells"] = cells.assign_attrs(inventory=json.dumps(report), split=json.dumps(split))
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
    reasons = ", ".join(f"{name} {count}" for name, count in report.items() if count and name != "points")
    return Problem(
        "input 'landslides' of hazard 'geology'",
        f"has none of its {report['points']} points to learn from ({reasons or 'it is empty'})",
        "slope failures inside the grid with places exact enough",
        "Check the CRS of the points and the types, or give a layer `susceptibility`.",
        rule="geology.landslides",
    )


def _holdout(points: gpd.GeoDataFrame, grid: GeoBox, params: Params) -> tuple[xr.DataArray | None, dict[str, Any]]:
    if params.holdout_share == 0:
        return None, {"note": "no hold-out asked for: every skill is in-sample"}
    try:
        split = holdout_split(points, grid, block_m=params.block_m, share=params.holdout_share, seed=params.seed)
    except LayerError as error:
        return None, {"note": f"no hold-out: {error.problems[0].found}"}
    return split.mask, {
        "landslides": int(split.points.sum()),
        "blocks": split.blocks,
        "held_blocks": split.held,
        "block_m": params.block_m,
        "seed": params.seed,
    }


def calibrate(inputs: Mapping[str, Any], params: Params | Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Train the information-value model on prepared inputs and measure its skill.

    Parameters
    ----------
    inputs : mapping
        After :func:`prepare`.
    params : Params or mapping, optional

    Returns
    -------
    dict
        Ready for JSON: ``factors`` (class limits, values, counts), ``weights``, ``skipped`` (factors without a value
        where the landslides are), ``low`` and ``high`` of the total, ``validation`` (AUC), ``success`` and
        ``prediction`` rates, ``correlated``, ``landslides`` and ``holdout`` (what was used and left out), ``trigger``,
        ``warnings``.

    Raises
    ------
    LayerError
        No landslide lies on the grid, or a factor or weight is missing.

    Examples
    --------
    >>> calibrate({"susceptibility": 1})
    {'susceptibility': 'given', 'trigger': None}
    """
    settled = settle_params(Params, params, thing="hazard 'geology'")
    trigger = _trigger_scale(inputs, settled)
    if inputs.get("susceptibility") is not None:
        return {"susceptibility": "given", "trigger": trigger}
    factors = factor_layers(inputs, settled.factors)
    breaks = data_breaks(factors)
    classes = factor_classes(factors, breaks)
    ground = {name: inputs.get(name) for name in ("holdout", "study_area")}
    events = inputs["landslide_cells"]
    model = train(classes, breaks, events, **ground, floor=settled.floor)
    skipped = [name for name in classes if name not in model]
    classes = {name: classes[name] for name in model}
    weights = _weights(list(classes), settled.weights)
    skill = validate(classes, model, weights, events, **ground)
    for name in model:
        model[name]["breaks"] = breaks.get(name)
        model[name]["names"] = json.loads(factors[name].attrs.get("class_names", "null"))
    found = {
        "factors": model,
        "weights": weights,
        "floor": settled.floor,
        "skipped": skipped,
        **skill,
        "landslides": json.loads(events.attrs.get("inventory", "{}")),
        "holdout": json.loads(events.attrs.get("split", "{}")),
        "trigger": trigger,
    }
    return {**found, "warnings": _warnings(found)}


def _warnings(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a reader of the susceptibility must know: points left out, no hold-out, factors that say the same."""
    rows = []

    def add(thing: str, text: str, required: str, fix: str, rule: str) -> None:
        rows.append(warning_row(thing, text, required, fix, rule=f"geology.{rule}"))

    inventory = found["landslides"]
    lost = {name: count for name, count in inventory.items() if count and name not in ("points", "used")}
    if lost:
        text = f"has {sum(lost.values())} of {inventory['points']} points left out: "
        text += ", ".join(f"{name} {count}" for name, count in lost.items())
        required = "slope failures inside the grid, exact enough, one in a cell"
        add("input 'landslides' of hazard 'geology'", text, required, "Check the inventory.", "landslides")
    if "note" in found["holdout"]:
        fix = "Add landslides or take smaller blocks; call the AUC in-sample."
        add(
            "hazard 'geology'",
            found["holdout"]["note"],
            "landslides on ground kept out of the training",
            fix,
            "holdout",
        )
    if found["skipped"]:
        text = f"leaves out the factors {first_few(found['skipped'])}"
        add("hazard 'geology'", text, "a value of the factor where landslides are", "Check their extent.", "factors")
    if found["correlated"]:
        text = "has correlated factors: " + first_few(f"{a} and {b} ({r:.2f})" for a, b, r in found["correlated"])
        limit = _rule("max_correlation")
        fix = "Leave some out with params.factors, or give weights."
        add("hazard 'geology'", text, f"factors with |r| up to {limit}: alike ones count twice", fix, "correlated")
    return rows


def _weights(factors: list[str], weights: Mapping[str, float] | None) -> dict[str, float] | None:
    """The weights of the factors that are there, with sum 1."""
    if weights is None:
        return None
    missing = [name for name in factors if name not in weights]
    missing += [name for name in weights if name not in _rule("factors")]
    total = sum(weights.get(name, 0.0) for name in factors)
    if missing or abs(sum(weights.values()) - 1) > 1e-6 or not total > 0:
        raise LayerError(
            Problem(
                "parameter 'weights' of hazard 'geology'",
                f"has {', '.join(f'{k} {v:g}' for k, v in weights.items())}",
                f"a weight for each of {', '.join(factors)}, sum 1",
                "Correct the weights, or name the factors to use in params.factors.",
                rule="geology.weights",
            )
        )
    return {name: weights[name] / total for name in factors}


def _rain(inputs: Mapping[str, Any], period: float) -> tuple[xr.DataArray, float] | None:
    """The rain of the return period nearest to the one asked for."""
    stack = inputs.get("rainfall")
    if stack is None:
        return None
    rain = valid_values(stack, quantity="precipitation")
    if "return_period" not in rain.dims:
        return rain, period
    nearest = rain.sel(return_period=period, method="nearest")
    return nearest.drop_vars("return_period"), float(nearest["return_period"])


def _trigger_scale(inputs: Mapping[str, Any], params: Params) -> dict[str, float] | None:
    found = _rain(inputs, params.trigger_period)
    if found is None:
        return None
    low, high = fold_blocks(_extremes, lambda a, b: (min(a[0], b[0]), max(a[1], b[1])), found[0])
    return {"return_period": found[1], "low": low, "high": high, "floor": params.trigger_floor}


def _extremes(block: Any) -> tuple[float, float]:
    good = block[np.isfinite(block)]
    return float(good.min(initial=np.inf)), float(good.max(initial=-np.inf))


def assess(
    inputs: Mapping[str, Any],
    params: Params | Mapping[str, Any] | None = None,
    *,
    grid: GeoBox | None = None,
    calibration: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Information value, susceptibility and hazard index of slope failures.

    Susceptibility = (I - low) / (high - low), limited to 0..1, with the frozen extremes of the calibration. The hazard
    index is the susceptibility, times 0.5 to 1 by the rain of the return period where ``rainfall`` is given, and not
    less than the index of subsidence where ``subsidence_rate`` is.

    Parameters
    ----------
    inputs : mapping
        ``elevation`` (m, own grid, with a margin), ``landslides`` (points); optional ``lithology`` and ``landcover``
        (class layers or polygons), ``rivers faults roads`` (lines), ``ndvi pga`` (layers), ``rainfall`` (mm by return
        period), ``subsidence_rate`` (mm/a, sinking negative), ``study_area`` (polygons of the ground that the inventory
        covers; ground without a survey is no ground without landslides). Or ``susceptibility`` (0..1) instead of the
        model.
    params : Params or mapping, optional
    grid : GeoBox, optional
        Projected. Default: that of the first layer.
    calibration : mapping, optional
        From :func:`calibrate`.

    Returns
    -------
    Dataset
        ``intensity`` (total information value), ``susceptibility`` and ``hazard_index`` (0..1). NaN where elevation is
        missing in a cell or beside it.

    Raises
    ------
    LayerError
        (UnitsError, MissingCRSError, GridMismatchError) naming the input.

    Examples
    --------
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> given = layer_on(geobox, np.array([[0.2, 0.9, np.nan]]), quantity="susceptibility")
    >>> assess({"susceptibility": given})["hazard_index"].values.tolist()
    [[0.2, 0.9, nan]]
    """
    inputs, options, grid = open_inputs(SPECS[0], inputs, params, grid)
    scale = calibrate(inputs, options) if calibration is None else calibration
    if inputs.get("susceptibility") is not None:
        susceptibility = valid_values(inputs["susceptibility"], quantity="susceptibility").clip(0, 1)
        susceptibility = describe(
            susceptibility.astype(np.float64), quantity="susceptibility", like=inputs["susceptibility"]
        )
        intensity = susceptibility
    else:
        factors = factor_layers(inputs, list(scale["factors"]))
        classes = factor_classes(
            factors, {n: e["breaks"] for n, e in scale["factors"].items() if e.get("breaks") is not None}
        )
        intensity = score_total(classes, scale["factors"], scale["weights"])
        linear = partial(_scaled, low=float(scale["low"]), high=float(scale["high"]))
        susceptibility = by_cell(linear, intensity, quantity="susceptibility")
    index = _hazard(susceptibility, inputs, options, scale.get("trigger"))
    layers = {"intensity": intensity, "susceptibility": susceptibility, "hazard_index": index}
    return xr.Dataset({name: layer.rename(name) for name, layer in layers.items()}).assign_attrs(
        hazard="geology",
        method="susceptibility as given" if "factors" not in scale else "information value",
        factors=", ".join(scale.get("factors", ())),
    )


def _hazard(
    susceptibility: xr.DataArray, inputs: Mapping[str, Any], params: Params, trigger: Mapping[str, float] | None
) -> xr.DataArray:
    index = susceptibility
    rain = _rain(inputs, params.trigger_period if trigger is None else trigger["return_period"])
    if rain is not None and trigger is not None:
        index = by_cell(partial(_triggered, **{k: trigger[k] for k in ("low", "high", "floor")}), index, rain[0])
    if inputs.get("subsidence_rate") is not None:
        rate = valid_values(inputs["subsidence_rate"], quantity="subsidence_rate")
        # Where the rate is missing the slope failures decide; where they are, the cell stays missing.
        index = by_cell(_greater, index, subsidence_index(rate))
    return describe(index, quantity="hazard_index", like=susceptibility)


def _scaled(total: Any, *, low: float, high: float) -> Any:
    if high <= low:
        return np.where(np.isfinite(total), 0.0, np.nan)
    return np.clip((total - low) / (high - low), 0.0, 1.0)


def _triggered(index: Any, rain: Any, *, low: float, high: float, floor: float) -> Any:
    share = np.clip((rain - low) / (high - low), 0.0, 1.0) if high > low else np.where(np.isfinite(rain), 1.0, np.nan)
    return index * np.where(np.isfinite(share), floor + (1 - floor) * share, 1.0)


def _greater(index: Any, other: Any) -> Any:
    return np.where(np.isnan(index), np.nan, np.fmax(index, other))


def _optional(key: str, form: Any, quantity: str | None = None, **more: Any) -> InputSpec:
    return InputSpec(key, form, quantity, required=False, **more)


SPECS = (
    HazardSpec(
        name="geology",
        group="geology",
        title={"zh": "地质灾害", "en": "Geological hazards"},
        inputs=(
            InputSpec(
                "elevation",
                "layer",
                "elevation",
                native=True,
                alternatives=("susceptibility", "slope"),
                note="with a margin of a few cells around the study area",
            ),
            InputSpec("landslides", "points", alternatives=("susceptibility",), note="inventory of slope failures"),
            _optional("susceptibility", "layer", "susceptibility", direction=1, note="instead of the model"),
            *(_optional(key, "layer", quantity, note="made from elevation") for key, quantity in _TERRAIN.items()),
            _optional("lithology", "polygons", "lithology", note="engineering rock groups"),
            _optional("landcover", "polygons", "landcover"),
            _optional("rivers", "lines"),
            _optional("faults", "lines"),
            _optional("roads", "lines"),
            _optional("rainfall", "stack", "precipitation", direction=1, note="scales the susceptibility"),
            _optional("ndvi", "layer", "ndvi", note="factor, natural breaks"),
            _optional("pga", "layer", "pga", note="factor, natural breaks"),
            _optional(
                "study_area", "polygons", "mask", note="ground that the inventory covers; default: the whole grid"
            ),
            _optional("subsidence_rate", "layer", "subsidence_rate", direction=-1, note="mm/a, sinking negative"),
        ),
        params=Params,
        assess=assess,
        calibrate=calibrate,
        prepare=prepare,
        outputs={"intensity": "information_value", "susceptibility": "susceptibility", "hazard_index": "hazard_index"},
        scope="global",
        nan_halo=1,
        grade_scheme="geology_4",
        tables=("hazards/geology_factors", "hazards/geology_grades", "hazards/geology_event_grades"),
        references=(
            "Yin & Yan 1988 (information value); GRASS landslide-susceptibility tutorial",
            "DZ/T 0438-2023, DZ/T 0261-2014 (titles; not read)",
        ),
        status="project_default",
        method={
            "zh": "各因子分级信息量（按训练区滑坡统计）相加，按极值归一化为易发性；按空间分块留出检验 AUC。"
            "有设计雨量时按雨量折算，有沉降速率时取大。",
            "en": "Information values of factor classes, trained on the landslides of part of the ground, are added up "
            "and scaled to susceptibility; the AUC is measured on ground held out in blocks. Design rain scales it; "
            "subsidence counts where it is greater.",
        },
    ),
)
