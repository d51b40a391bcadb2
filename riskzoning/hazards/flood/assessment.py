"""From checked inputs to the hazard of flooding: parameters, preparation, severity and composite risk degree."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Literal, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.base import Prepared, as_dataset
from riskzoning.hazards.cells import Array, by_cell, valid_values
from riskzoning.hazards.flood.defects import works_defects
from riskzoning.hazards.flood.degree import WEIGHT_SUM, composite_risk, equivalent_depth, flood_severity, rising_depths
from riskzoning.hazards.flood.design_rain import regional_rain
from riskzoning.hazards.flood.detention import check_volumes, detention_depths, held_period
from riskzoning.hazards.flood.drainage import drainage_index, height_above_nearest_drainage
from riskzoning.hazards.flood.footprints import water_at_buildings
from riskzoning.hazards.flood.inundation import stage_depth
from riskzoning.hazards.flood.pluvial import asked, deeper_of, depths_at, pond, tell
from riskzoning.hazards.flood.villages import village_table
from riskzoning.hazards.flood.waterlogging import rules, waterlogging_class
from riskzoning.hazards.inputs import Facts, HazardInputs, input_of
from riskzoning.inputs import has_grid, refused
from riskzoning.layers import describe, grid_of
from riskzoning.methods.ladders import load_ladder
from riskzoning.names import WORKS, part_index


def _composite(key: str) -> Any:
    return standards.table("hazards/flood_composite").data[key]


class Params(BaseModel):
    """Choices of the flood hazard; the defaults come from ``hazards/flood_composite`` and ``hazards/flood_terrain``.

    Parameters
    ----------
    form : {"integral", "weighted"}
        Form of the composite risk degree.
    weights : tuple of float or mapping, optional
        For ``weighted``: by ascending return period, or return period -> weight; sum 1.
    breaks : three floats
        Lower limits (m) of the classes 中, 高, 极高 of the composite risk degree; left-closed.
    rising : bool
        Repair depths that fall as the return period rises (:func:`rising_depths`).
    min_upstream_area_km2 : float
        Upstream area from which a cell of the DEM is drainage; only without depths, and for waterlogging.
    stages : mapping, optional
        Without depths: return period -> level of the rivers above their bed, m (:func:`stage_depth`).
    drains_period : float, optional
        Storm drains carry the runoff of rain of this return period, years; default of ``hazards/flood_waterlogging``.
    drainage_mm : float, optional
        Instead: mm of rain that drains take during the storm.
    runoff : float, optional
        Share of the rain that runs off, the same everywhere; default: by sealed share or land cover.
    sliding_factor : float, optional
        Rain of any 24 hours over that of a day of observation; 1.13 is common; default of the table: 1.
    street_share : float, optional
        Share of built-up ground that are streets, where water stands that flat ground does not let away (usual 0.1 to
        0.25): for a DEM that does not show the streets. Default: only depressions fill.
    streets_in_index : bool
        Whether water in streets counts for severity and index too; else it is in the depth, class and index of
        waterlogging alone.
    waterlogging_period : float, optional
        Return period (years) whose depth of standing water is classed; default of the table: 30.
    protected_period, protected_condition : str, optional
        Columns of ``protected_areas``: the return period that their works are built for, and the condition of the works
        (:func:`effective_protection`). Floods up to what is left of it count as residual hazard. Off by default.
    works_condition : mapping, optional
        Kind of works (``reservoirs``, ``sluices``, ``levees``, ``detention_areas``) -> column of that input with their
        condition: those in bad condition raise the severity around them (:func:`works_defects`). Off by default.
    detention_volume, detention_period : str, optional
        Columns of ``detention_areas``: what an area holds, m3, and the return period from which it is used
        (:func:`detention_depths`). Off by default.
    building_rule : {"nearest_wet", "zero", "buffer"}, optional
        With ``buildings``: what water stands at buildings that cut holes in the depths (:func:`water_at_buildings`).
    building_within_m : float, optional
        How far around a building is looked for water, m.
    village_record : str, optional
        Column of ``villages``: whether the largest flood on record reached the village (true or false, 1 or 0).
    village_people : str, optional
        Column of ``villages`` with the number of people, for the table.
    village_safe_depth : float
        Water (m) that a village stands without harm.

    Examples
    --------
    >>> Params().breaks
    (0.15, 0.5, 1.0)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Literal["integral", "weighted"] = Field(default_factory=lambda: _composite("form"))
    weights: tuple[float, ...] | dict[float, float] | None = None
    breaks: tuple[float, float, float] = Field(default_factory=lambda: tuple(_composite("breaks")))
    rising: bool = True
    min_upstream_area_km2: float = Field(
        default_factory=lambda: standards.table("hazards/flood_terrain").data["min_upstream_area_km2"], gt=0
    )

    stages: dict[float, float] | None = None
    drains_period: float | None = Field(default=None, gt=1)
    drainage_mm: float | None = Field(default=None, ge=0)
    runoff: float | None = Field(default=None, ge=0, le=1)
    sliding_factor: float | None = Field(default=None, gt=0)
    street_share: float | None = Field(default=None, gt=0, le=1)
    streets_in_index: bool = False
    waterlogging_period: float | None = Field(default=None, gt=0)
    protected_period: str | None = None
    protected_condition: str | None = None
    works_condition: dict[Literal["levees", "reservoirs", "sluices", "detention_areas"], str] | None = None
    detention_volume: str | None = None
    detention_period: str | None = None
    building_rule: Literal["nearest_wet", "zero", "buffer"] | None = None
    building_within_m: float | None = Field(default=None, ge=0)
    village_record: str | None = None
    village_people: str | None = None
    village_safe_depth: float = Field(default=0.0, ge=0)

    @field_validator("breaks")
    @classmethod
    def _ascending(cls, breaks: tuple[float, ...]) -> tuple[float, ...]:
        if not all(0 < low < high for low, high in pairwise(breaks)):
            raise refused("params.flood_breaks")
        return breaks

    @model_validator(mode="after")
    def _form_and_weights(self) -> Self:
        if (self.form == "weighted") != (self.weights is not None):
            raise refused("params.flood_form")
        values = list(self.weights.values() if isinstance(self.weights, dict) else self.weights or (1.0,))
        if min(values) < 0 or not abs(sum(values) - 1.0) <= WEIGHT_SUM:
            raise refused("params.flood_weights", total=sum(values))
        if (self.detention_volume is None) != (self.detention_period is None):
            raise refused("params.flood_detention")
        if self.protected_condition is not None and self.protected_period is None:
            raise refused("params.flood_protected")
        return self


def prepare_flood(inputs: HazardInputs, params: Params, grid: GeoBox) -> Prepared:
    """What the DEM gives: heights above drainage where no depths are known, and what rain leaves in its depressions."""
    layers: dict[str, xr.DataArray] = {**_heights(inputs, params, grid), **_changed_depth(inputs, params)}
    layers |= _held(inputs, params, grid)
    facts: dict[str, Any] = {}
    tables = {"villages": _villages(inputs, params, layers)}
    if params.works_condition:
        works = {kind: frame for kind in WORKS if isinstance(frame := inputs.get(kind), gpd.GeoDataFrame)}
        condition = {str(kind): column for kind, column in params.works_condition.items()}
        layers["defect_factor"], tables["works"] = works_defects(works, grid, condition=condition)
    if asked(inputs):
        water = pond(inputs, params, grid)
        layers["waterlogging_depth"] = water.depth
        layers |= {} if water.streets is None else {"street_depth": water.streets}
        facts["waterlogging"], tables["waterlogging"] = water.facts, water.balance
    return Prepared(layers, facts, tables)


def _changed_depth(inputs: HazardInputs, params: Params) -> dict[str, xr.DataArray]:
    """Depths with the water at buildings and in detention areas, where the study asks for either."""
    buildings, areas, depth = (inputs.get(key) for key in ("buildings", "detention_areas", "depth"))
    if not isinstance(depth, xr.DataArray):
        return {}
    given = depth
    if isinstance(buildings, gpd.GeoDataFrame):
        rule, within = params.building_rule, params.building_within_m
        depth = water_at_buildings(depth, buildings, rule=rule, within=within)
    volume, period = params.detention_volume, params.detention_period
    if isinstance(areas, gpd.GeoDataFrame) and volume is not None and period is not None:
        depth = detention_depths(depth, areas, volume=volume, period=period)
    return {} if depth is given else {"depth": depth}


def _held(inputs: HazardInputs, params: Params, grid: GeoBox) -> dict[str, xr.DataArray]:
    """Years up to which works keep floods away, where the study asks for them in the index."""
    areas = inputs.get("protected_areas")
    if not isinstance(areas, gpd.GeoDataFrame) or areas.empty or params.protected_period is None:
        return {}
    period, condition = params.protected_period, params.protected_condition
    return {"protection_period": held_period(areas, grid, period=period, condition=condition)}


def _villages(inputs: HazardInputs, params: Params, made: Mapping[str, xr.DataArray]) -> pd.DataFrame:
    """The danger zone of each village by the depths of rivers, given ones or those of stages."""
    villages = inputs.get("villages")
    frame = villages if isinstance(villages, gpd.GeoDataFrame) else None
    if frame is None or frame.empty:
        return village_table(None, None, params)
    given = {key: value for key in ("depth", "height_above_drainage") if has_grid(value := inputs.get(key))}
    return village_table(frame, _river_depth({**given, **made}, params, repair=False), params)


def rehearse_flood(inputs: HazardInputs, params: Params, _grid: GeoBox) -> None:
    """Refuse columns that are not there, impossible volumes, stations without a design rain; nothing is poured."""
    _check_columns(inputs, params)
    areas = inputs.get("detention_areas")
    if isinstance(areas, gpd.GeoDataFrame) and params.detention_volume is not None:
        check_volumes(areas, params.detention_volume)
    stations = inputs.get("stations")
    if isinstance(stations, xr.Dataset):
        regional_rain(stations)


def _check_columns(inputs: HazardInputs, params: Params) -> None:
    """The columns that parameters name, all that lack at once."""
    wanted = {
        "villages": (params.village_record, params.village_people),
        "detention_areas": (params.detention_volume, params.detention_period),
        "protected_areas": (params.protected_period, params.protected_condition),
    }
    rows = [(key, column) for key, columns in wanted.items() for column in columns if column is not None]
    rows += list((params.works_condition or {}).items())
    problems = []
    for key, column in rows:
        frame = inputs.get(key)
        if isinstance(frame, gpd.GeoDataFrame) and column not in frame.columns:
            present = list(map(str, frame.columns))
            problems.append(Problem("input.columns", input_of("flood", key), missing=[column], present=present))
        elif frame is None and key in (params.works_condition or {}):
            given = [kind for kind in WORKS if inputs.get(kind) is not None]
            problems.append(Problem("flood.works_missing", input_of("flood", key), given=given))
    if problems:
        raise LayerError(problems=problems)


def _heights(inputs: HazardInputs, params: Params, grid: GeoBox) -> dict[str, xr.DataArray]:
    """Height above drainage where neither depths nor that layer are given: on the grid of the DEM, then on this one."""
    dem = inputs.get("elevation")
    given = inputs.get("depth") is not None or inputs.get("height_above_drainage") is not None
    if given or not isinstance(dem, xr.DataArray):
        return {}
    own = grid_of(dem, name="elevation")
    rivers = inputs.get("rivers")
    mask = None
    if isinstance(rivers, gpd.GeoDataFrame) and len(rivers):
        mask = grids.rasterise(rivers.to_crs(own.crs), own, quantity="mask", touched=True)
    hand = height_above_nearest_drainage(dem, min_upstream_area_km2=params.min_upstream_area_km2, drainage=mask)
    return {"height_above_drainage": hand if own == grid else grids.align(hand, grid)}


def calibrate_flood(prepared: Prepared, params: Params) -> dict[str, Any]:
    """The class limits of the composite risk degree; nothing is fitted, so that years and cities can be compared."""
    thing = Phrase("hazard", name="flood")
    if "depth" not in prepared.layers and "height_above_drainage" in prepared.layers:
        rule = "flood.terrain" if params.stages is None else "flood.by_stages"
        note(Problem(rule, thing, severity="warning"))
    if "depth" in prepared.layers and params.stages is not None:
        note(Problem("flood.stages_unused", thing, severity="warning"))
    out: dict[str, Any] = {"breaks": list(params.breaks)}
    waterlogging = prepared.facts.get("waterlogging")
    if waterlogging is not None:
        tell(waterlogging)
        out |= {"waterlogging": waterlogging, "validation": {"design_rain": waterlogging.get("validation", {})}}
    return out


def assess_flood(prepared: Prepared, params: Params, _grid: GeoBox, calibration: Facts) -> xr.Dataset:
    """Equivalent depths, composite risk degree with its grade, and severity; without depths severity by terrain."""
    layers = prepared.layers
    water = layers.get("waterlogging_depth")
    rain = None if water is None else valid_values(water, quantity="flood_depth")
    streets = rain if rain is None else _in_streets(rain, layers.get("street_depth"))
    standing = {} if streets is None else _standing(streets, params)
    depth = _river_depth(layers, params)
    defects = layers.get("defect_factor")
    if depth is None:
        counted = streets if params.streets_in_index else rain
        return _from_terrain(layers.get("height_above_drainage"), counted, standing, defects)
    velocity = layers.get("velocity")
    fast = None if velocity is None else valid_values(velocity, quantity="flood_velocity")
    severity = _raised(flood_severity(depth, velocity=fast, protection=layers.get("protection_period")), defects)
    deeper = equivalent_depth(depth, velocity=velocity, duration=layers.get("duration"))
    counted = streets if params.streets_in_index else rain
    if rain is not None and counted is not None:
        severity, deeper = _worse(severity, flood_severity(counted)), deeper_of(deeper, rain)
    risk = composite_risk(deeper, form=params.form, weights=params.weights, breaks=calibration["breaks"])
    made = {
        "intensity": deeper,
        "risk_degree": risk["risk_degree"],
        "risk_degree_grade": describe(risk["grade"], quantity="hazard_grade", like=deeper, scheme="flood_4"),
        "severity": severity,
        **({} if defects is None else {"defect_factor": defects}),
        **standing,
    }
    by = "depth" if fast is None else "depth and velocity"
    by = by if "protection_period" not in layers else f"{by} behind works"
    by = by if defects is None else f"{by}, raised at works in bad condition"
    by = by if rain is None else f"{by}, rivers and rain, the worse"
    return as_dataset(made, method=f"severity of {by} by frequency; composite risk degree, {params.form} form")


def _river_depth(layers: Mapping[str, xr.DataArray], params: Params, *, repair: bool = True) -> xr.DataArray | None:
    """The depths of rivers: given ones, or those of the stages above the drainage; None without either."""
    if "depth" in layers:
        depth = valid_values(layers["depth"], quantity="flood_depth")
        # The first flood that reaches a place is the same before and after the repair.
        return rising_depths(depth) if params.rising and repair else depth
    if params.stages is None or "height_above_drainage" not in layers:
        return None
    quantity = "height_above_drainage"
    height = valid_values(layers[quantity], quantity=quantity)
    return stage_depth(describe(height, quantity=quantity, like=height), params.stages)


def _in_streets(rain: xr.DataArray, streets: xr.DataArray | None) -> xr.DataArray:
    """The deepest water outside rivers: in depressions, or in streets where that is deeper.

    Losses take the water of depressions alone: a house stands above its street.
    """
    return rain if streets is None else deeper_of(rain, valid_values(streets, quantity="flood_depth"))


def _standing(rain: xr.DataArray, params: Params) -> dict[str, xr.DataArray]:
    """The depth of standing water, its class at the period of the standard, and its own index."""
    period = float(rules("period")) if params.waterlogging_period is None else params.waterlogging_period
    depth = depths_at(rain, (period,)).isel(return_period=0, drop=True)
    grade = describe(waterlogging_class(depth), quantity="hazard_grade", like=rain, scheme="flood_4", closed="right")
    index = load_ladder("flood").index(flood_severity(rain))
    return {"waterlogging_depth": rain, "waterlogging_grade": grade, part_index("waterlogging"): index}


def _worse(severity: xr.DataArray, other: xr.DataArray) -> xr.DataArray:
    """The larger of both; where one says nothing, the first alone counts."""
    worse: xr.DataArray = by_cell(_larger, severity, other, quantity="flood_severity")
    return describe(worse, quantity="flood_severity", like=severity, periods=severity.attrs.get("periods", ""))


def _raised(severity: xr.DataArray, defects: xr.DataArray | None) -> xr.DataArray:
    """The severity times the factor of works in bad condition, 1 at most; ground that never floods stays at 0."""
    if defects is None:
        return severity
    raised = by_cell(_times, severity, defects, quantity="flood_severity")
    return describe(raised, quantity="flood_severity", like=severity, periods=severity.attrs.get("periods", ""))


def _times(severity: Array, factor: Array) -> Array:
    return np.minimum(severity * factor, 1.0)


def _larger(severity: Array, other: Array) -> Array:
    return np.where(np.isnan(severity), np.nan, np.fmax(severity, other))


def _from_terrain(
    height: xr.DataArray | None,
    rain: xr.DataArray | None,
    standing: Mapping[str, xr.DataArray],
    defects: xr.DataArray | None,
) -> xr.Dataset:
    """Height above drainage stands in for the severity: near the level of the water severe, far above it none."""
    if height is None:
        assert rain is not None
        made = {"intensity": rain, "severity": flood_severity(rain), **standing}
        return as_dataset(made, method="severity of standing water by frequency; no rivers")
    quantity = "height_above_drainage"
    height = describe(valid_values(height, quantity=quantity), quantity=quantity, like=height)
    severity = describe(drainage_index(height), quantity="flood_severity", like=height, method="substitute by terrain")
    severity = _raised(severity, defects)
    standing = standing if defects is None else {"defect_factor": defects, **standing}
    if rain is not None:
        severity = _worse(severity, flood_severity(rain))
    made = {"intensity": height if rain is None else rain, "severity": severity, **standing}
    return as_dataset(made, method="substitute for depths: height above the nearest drainage")
