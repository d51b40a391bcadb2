"""Flood (洪水): depths by return period -> equivalent depth -> composite risk degree -> hazard index and grade.

The depths are those of inundation maps (洪水风险图); no hydraulics are computed here. The composite risk degree
(综合风险度) is the area under depth over exceedance probability. Without depths the height above the nearest drainage,
from a DEM that reaches at least one catchment beyond the study area, gives a substitute. The class limits 0.15, 0.5 and
1.0 are common practice, not read from the printed requirement of the water sector; form and limits are choices.
Reservoirs, levees, sluices, detention areas and rainfall are accepted for maps and prevention zoning; the index does
not use them.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from riskzoning.hazards.base import (
    HazardSpec,
    InputSpec,
    by_cell,
    open_inputs,
    settle_params,
    valid_values,
    warning_row,
)
from riskzoning.hazards.flood.degree import WEIGHT_SUM, composite_risk, degree_index, equivalent_depth, rising_depths
from riskzoning.hazards.flood.drainage import drainage_index, height_above_nearest_drainage
from riskzoning.layers import describe, grid_of

__all__ = [
    "SPECS",
    "Params",
    "assess",
    "calibrate",
    "composite_risk",
    "degree_index",
    "drainage_index",
    "equivalent_depth",
    "height_above_nearest_drainage",
    "prepare",
    "rising_depths",
]


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
            raise ValueError("breaks must be above 0 m and ascending")
        return breaks

    @model_validator(mode="after")
    def _form_and_weights(self) -> Self:
        if (self.form == "weighted") != (self.weights is not None):
            raise ValueError("form 'weighted' needs weights by return period, and only it takes them")
        values = list(self.weights.values() if isinstance(self.weights, dict) else self.weights or (1.0,))
        if min(values) < 0 or not abs(sum(values) - 1.0) <= WEIGHT_SUM:
            raise ValueError(f"weights must not be negative and must sum to 1, not {sum(values):g}")
        return self


def prepare(inputs: Mapping[str, Any], params: Params, grid: GeoBox) -> dict[str, Any]:
    """The inputs with ``height_above_drainage`` on the grid where neither depths nor that layer are given.

    HAND is computed on the grid of the DEM, with its margin, and then brought onto the analysis grid; ``rivers`` join
    the drainage found by upstream area.

    Examples
    --------
    >>> prepare({"depth": None, "height_above_drainage": 1}, Params(), None)
    {'depth': None, 'height_above_drainage': 1}
    """
    out = dict(inputs)
    dem = out.get("elevation")
    if out.get("depth") is not None or out.get("height_above_drainage") is not None or dem is None:
        return out
    own = grid_of(dem, name="elevation")
    rivers = out.get("rivers")
    mask = None
    if isinstance(rivers, gpd.GeoDataFrame) and len(rivers):
        mask = grids.rasterise(rivers.to_crs(own.crs), own, quantity="mask", touched=True)
    hand = height_above_nearest_drainage(dem, min_upstream_area_km2=params.min_upstream_area_km2, drainage=mask)
    out["height_above_drainage"] = hand if own == grid else grids.align(hand, grid)
    return out


def calibrate(inputs: Mapping[str, Any], params: Params | Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The scale of the index: class limits and where it is full. Fixed, so that years and cities can be compared.

    ``warnings`` says so when terrain stands in for inundation maps.

    Examples
    --------
    >>> calibrate({})
    {'breaks': [0.15, 0.5, 1.0], 'full_at': 2.0}
    """
    settled = settle_params(Params, params, thing="hazard 'flood'")
    scale = {"breaks": list(settled.breaks), "full_at": settled.full_at}
    if inputs.get("depth") is not None or inputs.get("height_above_drainage") is None:
        return scale
    warned = warning_row(
        "hazard 'flood'",
        "has no depths: the height above the nearest drainage stands in for them",
        "depths by return period, for the composite risk degree and expected annual losses",
        "Add the inundation maps as `depth`.",
        rule="flood.terrain",
    )
    return {**scale, "warnings": [warned]}


def assess(
    inputs: Mapping[str, Any],
    params: Params | Mapping[str, Any] | None = None,
    *,
    grid: GeoBox | None = None,
    calibration: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Equivalent depths, composite risk degree, hazard index and hazard grade.

    The index follows the degree (:func:`degree_index`), so that grading the index at 0.25, 0.5, 0.75, left-closed,
    gives ``hazard_grade``. Without ``depth`` index and grade come from the height above the nearest drainage.

    Parameters
    ----------
    inputs : mapping
        ``depth`` (``return_period`` x grid, m; 0 dry, NaN and negative no data), optional ``velocity`` (m/s) and
        ``duration`` (h); or ``elevation`` (m, on its own grid) with optional ``rivers`` (lines), or
        ``height_above_drainage`` (m).
    params : Params or mapping, optional
    grid : GeoBox, optional
        Default: the grid of the depths.
    calibration : mapping, optional
        From :func:`calibrate`.

    Returns
    -------
    Dataset
        ``intensity`` (equivalent depth, ``return_period, y, x``), ``risk_degree`` (m), ``hazard_index``,
        ``hazard_grade`` (1..4, scheme ``flood_4``, 0 no data). Without depths ``intensity`` is the height above
        drainage (``y, x``) and there is no ``risk_degree``.

    Raises
    ------
    LayerError
        (UnitsError, MissingCRSError, GridMismatchError) naming the input.

    Examples
    --------
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> stack = np.array([[[0.0, 1.0, np.nan]], [[0.5, 2.0, 3.0]]])
    >>> found = assess({"depth": layer_on(geobox, stack, quantity="flood_depth", return_periods=[5, 100])})
    >>> found.risk_degree.values.round(4).tolist(), found.hazard_grade.values.tolist()
    ([[0.0525, 0.305, nan]], [[1, 2, 0]])
    """
    inputs, options, grid = open_inputs(SPECS[0], inputs, params, grid)
    scale = calibrate(inputs, options) if calibration is None else calibration
    if inputs.get("depth") is None:
        return _from_terrain(inputs["height_above_drainage"])
    depth = valid_values(inputs["depth"], quantity="flood_depth")
    if options.rising:
        depth = rising_depths(depth)
    depth = equivalent_depth(depth, velocity=inputs.get("velocity"), duration=inputs.get("duration"))
    weights = options.weights
    risk = composite_risk(depth, form=options.form, weights=weights, breaks=scale["breaks"])
    index = degree_index(risk["risk_degree"], breaks=scale["breaks"], full_at=scale["full_at"])
    layers = {
        "intensity": depth,
        "risk_degree": risk["risk_degree"],
        "hazard_index": index,
        "hazard_grade": describe(risk["grade"], quantity="hazard_grade", like=depth, scheme="flood_4"),
    }
    return _dataset(layers, method=f"composite risk degree, {options.form} form")


def _from_terrain(height: xr.DataArray) -> xr.Dataset:
    height = describe(
        valid_values(height, quantity="height_above_drainage"), quantity="height_above_drainage", like=height
    )
    index = drainage_index(height)
    limits = np.linspace(0.0, 1.0, SPECS[0].grades + 1)[1:-1]
    grade = by_cell(partial(_grade, limits=limits), index, quantity="hazard_grade", dtype=np.uint8)
    layers = {
        "intensity": height,
        "hazard_index": index,
        "hazard_grade": describe(grade, quantity="hazard_grade", like=height, scheme="flood_4"),
    }
    return _dataset(layers, method="height above the nearest drainage")


def _grade(index: np.ndarray[Any, Any], *, limits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(np.isnan(index), 0, np.searchsorted(limits, index, side="right") + 1).astype(np.uint8)


def _dataset(layers: Mapping[str, xr.DataArray], *, method: str) -> xr.Dataset:
    data = xr.Dataset({name: layer.rename(name) for name, layer in layers.items()})
    return data.assign_attrs(hazard="flood", method=method)


def _kept(key: str, form: Any) -> InputSpec:
    return InputSpec(key, form, required=False, note="for maps and prevention zoning; not part of the index")


SPECS = (
    HazardSpec(
        name="flood",
        group="flood",
        title={"zh": "洪水灾害", "en": "Flood"},
        inputs=(
            InputSpec(
                "depth",
                "stack",
                "flood_depth",
                direction=1,
                monotone_in_period=True,
                alternatives=("elevation", "height_above_drainage"),
                note="largest depth by return period; 0 is dry",
            ),
            InputSpec(
                "velocity", "layer", "flood_velocity", direction=1, required=False, note="raises the equivalent depth"
            ),
            InputSpec(
                "duration", "layer", "flood_duration", direction=1, required=False, note="raises the equivalent depth"
            ),
            InputSpec(
                "elevation", "layer", "elevation", required=False, native=True, note="only without depth; with a margin"
            ),
            InputSpec("rivers", "lines", required=False, note="with elevation: further drainage"),
            InputSpec(
                "height_above_drainage",
                "layer",
                "height_above_drainage",
                direction=-1,
                required=False,
                note="only without depth; made from elevation",
            ),
            InputSpec("rainfall", "layer", "precipitation", required=False, native=True, note="not part of the index"),
            _kept("reservoirs", "points"),
            _kept("levees", "lines"),
            _kept("sluices", "points"),
            _kept("detention_areas", "polygons"),
        ),
        params=Params,
        assess=assess,
        calibrate=calibrate,
        prepare=prepare,
        outputs={
            "intensity": "flood_depth",
            "risk_degree": "composite_risk_degree",
            "hazard_index": "hazard_index",
            "hazard_grade": "hazard_grade",
        },
        scope="cell",
        grade_scheme="flood_4",
        tables=("hazards/flood_composite", "hazards/flood_equivalent_depth", "hazards/flood_terrain"),
        references=("Nobre et al. 2016, Hydrological Processes 30",),
        status="project_default",
        method={
            "zh": "各重现期淹没水深（流速、历时修正为当量水深）按超越概率积分得综合风险度，"
            "按分级界限分为低、中、高、极高。",
            "en": "Depths by return period, corrected for velocity and duration, are integrated over probability to "
            "the composite risk degree, which is classed low, medium, high, very high.",
        },
    ),
)
