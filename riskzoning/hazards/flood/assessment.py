"""From checked inputs to the hazard of flooding: parameters, preparation, severity and composite risk degree."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal, Self

import geopandas as gpd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.hazards.base import Prepared, as_dataset
from riskzoning.hazards.cells import valid_values
from riskzoning.hazards.flood.degree import WEIGHT_SUM, composite_risk, equivalent_depth, flood_severity, rising_depths
from riskzoning.hazards.flood.drainage import drainage_index, height_above_nearest_drainage
from riskzoning.hazards.inputs import Facts, HazardInputs
from riskzoning.inputs import refused
from riskzoning.layers import describe, grid_of


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
        Upstream area from which a cell of the DEM is drainage; only without depths.

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
        return self


def prepare_flood(inputs: HazardInputs, params: Params, grid: GeoBox) -> Prepared:
    """Height above drainage where neither depths nor that layer are given: on the grid of the DEM, then on this one."""
    dem = inputs.get("elevation")
    given = inputs.get("depth") is not None or inputs.get("height_above_drainage") is not None
    if given or not isinstance(dem, xr.DataArray):
        return Prepared()
    own = grid_of(dem, name="elevation")
    rivers = inputs.get("rivers")
    mask = None
    if isinstance(rivers, gpd.GeoDataFrame) and len(rivers):
        mask = grids.rasterise(rivers.to_crs(own.crs), own, quantity="mask", touched=True)
    hand = height_above_nearest_drainage(dem, min_upstream_area_km2=params.min_upstream_area_km2, drainage=mask)
    return Prepared({"height_above_drainage": hand if own == grid else grids.align(hand, grid)})


def calibrate_flood(prepared: Prepared, params: Params) -> dict[str, Any]:
    """The class limits of the composite risk degree; nothing is fitted, so that years and cities can be compared."""
    if "depth" not in prepared.layers and "height_above_drainage" in prepared.layers:
        note(Problem("flood.terrain", Phrase("hazard", name="flood"), severity="warning"))
    return {"breaks": list(params.breaks)}


def assess_flood(prepared: Prepared, params: Params, _grid: GeoBox, calibration: Facts) -> xr.Dataset:
    """Equivalent depths, composite risk degree with its grade, and severity; without depths severity by terrain."""
    layers = prepared.layers
    if "depth" not in layers:
        return _from_terrain(layers["height_above_drainage"])
    depth = valid_values(layers["depth"], quantity="flood_depth")
    if params.rising:
        depth = rising_depths(depth)
    velocity = layers.get("velocity")
    fast = None if velocity is None else valid_values(velocity, quantity="flood_velocity")
    deeper = equivalent_depth(depth, velocity=velocity, duration=layers.get("duration"))
    risk = composite_risk(deeper, form=params.form, weights=params.weights, breaks=calibration["breaks"])
    made = {
        "intensity": deeper,
        "risk_degree": risk["risk_degree"],
        "risk_degree_grade": describe(risk["grade"], quantity="hazard_grade", like=deeper, scheme="flood_4"),
        "severity": flood_severity(depth, velocity=fast),
    }
    by = "depth" if fast is None else "depth and velocity"
    return as_dataset(made, method=f"severity of {by} by frequency; composite risk degree, {params.form} form")


def _from_terrain(height: xr.DataArray) -> xr.Dataset:
    """Height above drainage stands in for the severity: near the level of the water severe, far above it none."""
    quantity = "height_above_drainage"
    height = describe(valid_values(height, quantity=quantity), quantity=quantity, like=height)
    severity = describe(drainage_index(height), quantity="flood_severity", like=height, method="substitute by terrain")
    made = {"intensity": height, "severity": severity}
    return as_dataset(made, method="substitute for depths: height above the nearest drainage")
