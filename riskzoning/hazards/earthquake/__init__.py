"""Earthquake (地震): PGA by return period on class-II ground -> PGA on the site -> intensity -> hazard index.

The levels of ground motion are read, not computed: a probabilistic seismic hazard analysis is the business of the
seismological bureau or of OpenQuake. A scenario (设定地震) comes from the elliptical attenuation of the zonation
(:func:`scenario_field`). Site factors follow table E.1 of GB 18306-2015, intensity GB/T 17742-2020; the scale of the
index (0 at intensity V, 1 at X, at the basic level) is a default of this project. Faults and the catalogue are accepted
for maps and for prevention zoning; the index does not use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal, Self

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict, Field, model_validator

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
from riskzoning.hazards.earthquake.ground import (
    SAME_PERIOD,
    at_return_period,
    instrumental_intensity,
    seismic_levels,
    site_amplification,
    site_class_codes,
    site_pga,
)
from riskzoning.hazards.earthquake.scenario import (
    attenuation,
    elliptical_attenuation,
    isoseismal_axes,
    scenario_field,
)
from riskzoning.layers import describe

__all__ = [
    "SPECS",
    "Params",
    "assess",
    "at_return_period",
    "attenuation",
    "calibrate",
    "elliptical_attenuation",
    "instrumental_intensity",
    "isoseismal_axes",
    "prepare",
    "scenario_field",
    "seismic_levels",
    "site_amplification",
    "site_class_codes",
    "site_pga",
]


def _index_table(key: str) -> float:
    return float(standards.table("hazards/earthquake_index").data[key])


class Params(BaseModel):
    """Choices of the seismic hazard; the defaults come from ``hazards/earthquake_levels`` and ``_index``.

    Parameters
    ----------
    level_then_site : bool
        Site factor at the PGA of each level (default) or that of the basic level for all.
    levels : {"given", "from_basic"}
        ``from_basic`` replaces the levels by multiples of the basic one (:func:`seismic_levels`).
    reference_period : float
        Return period in years whose intensity makes the index.
    intensity_of_0, intensity_of_1 : float
        Intensities at which the index is 0 and 1; between them it is linear.

    Examples
    --------
    >>> Params().intensity_of_0, Params(intensity_of_1=9).intensity_of_1
    (5.0, 9.0)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level_then_site: bool = Field(
        default_factory=lambda: bool(standards.table("hazards/earthquake_levels").data["level_then_site"])
    )
    levels: Literal["given", "from_basic"] = "given"
    reference_period: float = Field(default_factory=lambda: _index_table("reference_period"), gt=0)
    intensity_of_0: float = Field(default_factory=lambda: _index_table("intensity_of_0"), ge=1, le=12)
    intensity_of_1: float = Field(default_factory=lambda: _index_table("intensity_of_1"), ge=1, le=12)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.intensity_of_0 >= self.intensity_of_1:
            raise ValueError("intensity_of_0 must lie below intensity_of_1")
        return self


def prepare(inputs: Mapping[str, Any], params: Params, grid: GeoBox) -> dict[str, Any]:
    """The inputs with site-class polygons as a code layer on the grid; cells outside all polygons get 0.

    Parameters
    ----------
    inputs : mapping
        ``site_class`` may be a layer (left alone) or a GeoDataFrame with a column ``site_class``.

    Raises
    ------
    LayerError
        For a class that is none.

    Examples
    --------
    >>> prepare({"site_class": None}, Params(), None)
    {'site_class': None}
    """
    out = dict(inputs)
    polygons = out.get("site_class")
    if isinstance(polygons, gpd.GeoDataFrame):
        codes = site_class_codes(polygons["site_class"])
        frame = gpd.GeoDataFrame({"code": codes}, geometry=polygons.geometry.array).to_crs(grid.crs)
        out["site_class"] = grids.rasterise(frame, grid, column="code", quantity="site_class", fill=0)
    return out


def calibrate(inputs: Mapping[str, Any], params: Params | Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The scale of the index. It is fixed, not fitted, so that years and cities can be compared.

    ``warnings`` says so when no level of ``pga`` reaches the reference period and another level stands in for it.

    Examples
    --------
    >>> calibrate({})
    {'reference_period': 475.0, 'intensity_of_0': 5.0, 'intensity_of_1': 10.0}
    """
    settled = settle_params(Params, params, thing="hazard 'earthquake'")
    scale = settled.model_dump(include={"reference_period", "intensity_of_0", "intensity_of_1"})
    pga = inputs.get("pga")
    levels = sorted(map(float, pga["return_period"].values)) if pga is not None and "return_period" in pga.dims else []
    low, high = (levels[0], levels[-1]) if levels else (0.0, np.inf)
    reference = settled.reference_period
    if low * (1 - SAME_PERIOD) <= reference <= high * (1 + SAME_PERIOD):
        return scale
    warned = warning_row(
        "input 'pga' of hazard 'earthquake'",
        f"has levels of {low:g} to {high:g} years; the nearest stands in for the basic one of {reference:g} years",
        f"a level of {reference:g} years, or levels on both sides of it",
        "Add the PGA of the basic level, or set `reference_period` under `params:`.",
        rule="earthquake.levels",
    )
    return {**scale, "warnings": [warned]}


def assess(
    inputs: Mapping[str, Any],
    params: Params | Mapping[str, Any] | None = None,
    *,
    grid: GeoBox | None = None,
    calibration: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Site intensity by return period and the hazard index of the basic level.

    The index is (I - 5) / (10 - 5), limited to 0..1, with I the unrounded instrumental intensity of the site PGA at the
    reference period.

    Parameters
    ----------
    inputs : mapping
        ``pga`` (``return_period`` x grid, g, class-II ground), optional ``site_class`` (codes 1..5, or polygons with a
        column ``site_class``). A cell with a missing level is missing; a missing site class counts as class II.
    params : Params or mapping, optional
    grid : GeoBox, optional
        Default: the grid of ``pga``.
    calibration : mapping, optional
        From :func:`calibrate`.

    Returns
    -------
    Dataset
        ``intensity`` (``return_period, y, x``), ``site_pga`` (g, same dims), ``hazard_index`` (``y, x``).

    Raises
    ------
    LayerError
        (UnitsError, MissingCRSError, GridMismatchError) naming the input.

    Examples
    --------
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> pga = layer_on(geobox, np.array([[[0.2, np.nan]]]), quantity="pga", return_periods=[475])
    >>> assess({"pga": pga}).hazard_index.values.round(3).tolist()
    [[0.503, nan]]
    """
    inputs, options, grid = open_inputs(SPECS[0], inputs, params, grid)
    scale = calibrate(inputs, options) if calibration is None else calibration
    reference = float(scale["reference_period"])
    pga = valid_values(inputs["pga"], quantity="pga")
    pga = pga.where(pga.notnull().all("return_period"))
    pga = describe(pga, quantity="pga", like=inputs["pga"])
    if options.levels == "from_basic":
        pga = seismic_levels(at_return_period(pga, reference))
    site_class = inputs.get("site_class")
    site = site_pga(pga, site_class, level_then_site=options.level_then_site, reference_period=reference)
    ground = "class II everywhere" if site_class is None else "class II where the site class is missing"
    linear = partial(_scaled, low=float(scale["intensity_of_0"]), high=float(scale["intensity_of_1"]))
    index = by_cell(linear, _intensity(at_return_period(site, reference)), quantity="hazard_index")
    layers = {"intensity": _intensity(site), "site_pga": site, "hazard_index": index}
    return xr.Dataset({name: layer.rename(name) for name, layer in layers.items()}).assign_attrs(
        hazard="earthquake", ground=ground, level_then_site=str(options.level_then_site).lower()
    )


def _scaled(values: np.ndarray[Any, Any], *, low: float, high: float) -> np.ndarray[Any, Any]:
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def _intensity(pga: xr.DataArray) -> xr.DataArray:
    factor = standards.unit_factor("m/s2", pga.attrs["units"])
    assert factor is not None
    motion = (pga / factor[0]).assign_attrs(units="m/s2")
    return instrumental_intensity(pga=motion, rounded=False)  # type: ignore[no-any-return]


SPECS = (
    HazardSpec(
        name="earthquake",
        group="earthquake",
        title={"zh": "地震灾害", "en": "Earthquake"},
        inputs=(
            InputSpec(
                "pga", "stack", "pga", direction=1, monotone_in_period=True, note="on class-II ground, by return period"
            ),
            InputSpec(
                "site_class",
                "polygons",
                "site_class",
                required=False,
                columns=("site_class",),
                note="codes 1..5 or polygons",
            ),
            InputSpec("faults", "lines", required=False, note="for maps and prevention zoning; not part of the index"),
            InputSpec("catalogue", "points", required=False, note="for maps; not part of the index"),
        ),
        params=Params,
        assess=assess,
        calibrate=calibrate,
        prepare=prepare,
        outputs={"intensity": "seismic_intensity", "site_pga": "pga", "hazard_index": "hazard_index"},
        scope="cell",
        tables=(
            "hazards/earthquake_site",
            "hazards/earthquake_levels",
            "hazards/earthquake_intensity",
            "hazards/earthquake_index",
            "hazards/earthquake_attenuation",
        ),
        references=("GB 18306-2015", "GB/T 17742-2020", "Yu et al. 2013"),
        status="project_default",
        method={
            "zh": "各超越概率水平的II类场地峰值加速度经场地调整后换算为仪器烈度；"
            "危险性指数按基本水平烈度V度至X度线性取0至1。",
            "en": "PGA by return period on class-II ground is adjusted to the site and turned into intensity; the "
            "hazard index is linear in the intensity of the basic level, 0 at V and 1 at X.",
        },
    ),
)
