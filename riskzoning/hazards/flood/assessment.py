"""From checked inputs to the hazard of flooding: parameters, preparation, scale, index and grade."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any, Literal, Self

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.hazards.base import Prepared, as_dataset
from riskzoning.hazards.cells import Array, by_cell, valid_values
from riskzoning.hazards.flood.degree import WEIGHT_SUM, composite_risk, degree_index, equivalent_depth, rising_depths
from riskzoning.hazards.flood.drainage import drainage_index, height_above_nearest_drainage
from riskzoning.hazards.inputs import Facts, HazardInputs
from riskzoning.inputs import refused
from riskzoning.layers import describe, grid_of

_GRADES = 4


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
        Lower limits (m) of the classes 中, 高, 极高; left-closed.
    full_at : float
        The index is 1 from this multiple of the last limit on.
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
    full_at: float = Field(default_factory=lambda: _composite("full_at"), gt=1)
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
    """The scale of the index: class limits and where it is full. Fixed, so that years and cities can be compared."""
    if "depth" not in prepared.layers and "height_above_drainage" in prepared.layers:
        note(Problem("flood.terrain", Phrase("hazard", name="flood"), severity="warning"))
    return {"breaks": list(params.breaks), "full_at": params.full_at}


def assess_flood(prepared: Prepared, params: Params, _grid: GeoBox, calibration: Facts) -> xr.Dataset:
    """Equivalent depths, composite risk degree, hazard index and grade; without depths index and grade by terrain.

    The index follows the degree, so that grading it at 0.25, 0.5, 0.75, left-closed, gives the grade.
    """
    layers = prepared.layers
    if "depth" not in layers:
        return _from_terrain(layers["height_above_drainage"])
    depth = valid_values(layers["depth"], quantity="flood_depth")
    if params.rising:
        depth = rising_depths(depth)
    depth = equivalent_depth(depth, velocity=layers.get("velocity"), duration=layers.get("duration"))
    risk = composite_risk(depth, form=params.form, weights=params.weights, breaks=calibration["breaks"])
    index = degree_index(risk["risk_degree"], breaks=calibration["breaks"], full_at=calibration["full_at"])
    made = {
        "intensity": depth,
        "risk_degree": risk["risk_degree"],
        "hazard_index": index,
        "hazard_grade": describe(risk["grade"], quantity="hazard_grade", like=depth, scheme="flood_4"),
    }
    return as_dataset(made, method=f"composite risk degree, {params.form} form")


def _from_terrain(height: xr.DataArray) -> xr.Dataset:
    quantity = "height_above_drainage"
    height = describe(valid_values(height, quantity=quantity), quantity=quantity, like=height)
    index = drainage_index(height)
    limits = np.linspace(0.0, 1.0, _GRADES + 1)[1:-1]
    grade = by_cell(partial(_grade, limits=limits), index, quantity="hazard_grade", dtype=np.uint8)
    made = {
        "intensity": height,
        "hazard_index": index,
        "hazard_grade": describe(grade, quantity="hazard_grade", like=height, scheme="flood_4"),
    }
    return as_dataset(made, method="height above the nearest drainage")


def _grade(index: Array, *, limits: Array) -> Array:
    return np.where(np.isnan(index), 0, np.searchsorted(limits, index, side="right") + 1).astype(np.uint8)
