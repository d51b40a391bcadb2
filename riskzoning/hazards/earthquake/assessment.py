"""From checked inputs to the seismic hazard: parameters, site classes on the grid, intensity and basic level."""

from __future__ import annotations

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import Problem, note
from riskzoning.hazards.base import Prepared, as_dataset
from riskzoning.hazards.cells import valid_values
from riskzoning.hazards.earthquake.county import basic_pga_of, tell_zones
from riskzoning.hazards.earthquake.ground import (
    SAME_PERIOD,
    at_return_period,
    instrumental_intensity,
    seismic_levels,
    site_class_codes,
    site_pga,
)
from riskzoning.hazards.earthquake.ridges import raised, ridge_layer
from riskzoning.hazards.earthquake.source import check_coordinates
from riskzoning.hazards.inputs import Facts, HazardInputs, HazardValue, input_of
from riskzoning.layers import describe, layer_on

# What the levels come from where no raster of PGA is given.
ZONES = "zones of basic PGA"


def _index_table(key: str) -> float:
    return float(standards.table("hazards/earthquake_index").data[key])


class Params(BaseModel):
    """Choices of the seismic hazard; the defaults come from ``hazards/earthquake_levels`` and ``_index``.

    Parameters
    ----------
    level_then_site : bool
        Site factor at the PGA of each level (default) or that of the basic level for all.
    levels : {"given", "from_basic", "gb50011"}
        ``from_basic`` replaces the levels by multiples of the basic one (:func:`seismic_levels`), ``gb50011`` by those
        of GB 50011 by class of the basic PGA. Of zones with their basic PGA alone, ``given`` is ``from_basic``.
    reference_period : float
        Return period in years whose PGA makes the index.

    Examples
    --------
    >>> Params().reference_period, Params(levels="from_basic").levels
    (475.0, 'from_basic')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level_then_site: bool = Field(
        default_factory=lambda: bool(standards.table("hazards/earthquake_levels").data["level_then_site"])
    )
    levels: Literal["given", "from_basic", "gb50011"] = "given"
    reference_period: float = Field(default_factory=lambda: _index_table("reference_period"), gt=0)


def prepare_earthquake(inputs: HazardInputs, _params: Params, grid: GeoBox) -> Prepared:
    """Site-class polygons as a code layer on the grid (0 outside), and zones of basic PGA as its level."""
    layers: dict[str, xr.DataArray] = {}
    polygons, zones = inputs.get("site_class"), inputs.get("pga_zones")
    if isinstance(polygons, gpd.GeoDataFrame):
        codes = site_class_codes(polygons["site_class"])
        frame = gpd.GeoDataFrame({"code": codes}, geometry=polygons.geometry.array)
        layers["site_class"] = grids.rasterise(frame, grid, column="code", quantity="site_class", fill=0)
    ridges = inputs.get("ridges")
    if isinstance(ridges, gpd.GeoDataFrame):
        layers["ridges"] = ridge_layer(ridges, grid)
    if inputs.get("pga") is None and zones is not None:
        layers["pga"] = _basic_level(zones, grid)
        return Prepared(layers, {"levels": ZONES})
    return Prepared(layers)


def _basic_level(zones: HazardValue, grid: GeoBox) -> xr.DataArray:
    """Zones with their basic PGA as the stack of one level; NaN outside all of them."""
    if isinstance(zones, gpd.GeoDataFrame):
        check_coordinates(zones, input_of("earthquake", "pga_zones"))
        # What is burnt last counts: the higher value where zones overlap.
        rated = basic_pga_of(zones).dropna(subset=["pga"]).sort_values("pga", kind="stable")
        tell_zones(rated)
        basic = grids.rasterise(rated, grid, column="pga", quantity="pga", fill=np.nan)
    else:
        assert isinstance(zones, xr.DataArray)
        basic = zones
    years = float(standards.table("hazards/earthquake_levels").data["levels"]["basic"]["return_period"])
    return layer_on(grid, basic.data[None], quantity="pga", return_periods=[years], source=ZONES)


def calibrate_earthquake(prepared: Prepared, params: Params) -> dict[str, Any]:
    """The level that makes the index; the ladder is fixed, not fitted, so that years and cities can be compared."""
    pga = prepared.layers.get("pga")
    levels = sorted(map(float, pga["return_period"].values)) if pga is not None and "return_period" in pga.dims else []
    low, high = (levels[0], levels[-1]) if levels else (0.0, np.inf)
    reference = params.reference_period
    if not low * (1 - SAME_PERIOD) <= reference <= high * (1 + SAME_PERIOD):
        thing = input_of("earthquake", "pga")
        note(Problem("earthquake.levels", thing, severity="warning", low=low, high=high, reference=reference))
    return {"reference_period": reference}


def assess_earthquake(prepared: Prepared, params: Params, _grid: GeoBox, calibration: Facts) -> xr.Dataset:
    """Site PGA and intensity by return period, and the site PGA of the basic level, which is the measure."""
    reference = float(calibration["reference_period"])
    pga = valid_values(prepared.layers["pga"], quantity="pga")
    pga = pga.where(pga.notnull().all("return_period"))
    pga = describe(pga, quantity="pga", like=prepared.layers["pga"])
    if params.levels != "given" or prepared.facts.get("levels") == ZONES:
        factors: Literal["gb18306", "gb50011"] = "gb50011" if params.levels == "gb50011" else "gb18306"
        pga = seismic_levels(at_return_period(pga, reference), factors=factors)
    site_class = prepared.layers.get("site_class")
    site = site_pga(pga, site_class, level_then_site=params.level_then_site, reference_period=reference)
    site = raised(site, prepared.layers.get("ridges"))
    ground = "class II everywhere" if site_class is None else "class II where the site class is missing"
    basic = describe(at_return_period(site, reference), quantity="pga", like=site)
    layers = {"intensity": _intensity(site), "site_pga": site, "basic_pga": basic}
    return as_dataset(layers, ground=ground, level_then_site=str(params.level_then_site).lower())


def _intensity(pga: xr.DataArray) -> xr.DataArray:
    factor = standards.unit_factor("m/s2", pga.attrs["units"])
    assert factor is not None
    motion = (pga / factor[0]).assign_attrs(units="m/s2")
    return instrumental_intensity(pga=motion, rounded=False)
