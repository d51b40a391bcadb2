"""Waterlogging of a study: rain of return periods on the DEM, what runs off, drains, depressions, depths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.grid import cell_area
from riskzoning.hazards.cells import Array, by_cell
from riskzoning.hazards.flood.depressions import check_memory, find_hollows
from riskzoning.hazards.flood.design_rain import Level, given_rain, mean_level, regional_rain
from riskzoning.hazards.flood.ponding import MM, fill
from riskzoning.hazards.flood.waterlogging import excess_rain, rules, runoff_coefficient
from riskzoning.hazards.inputs import HazardInputs, input_of
from riskzoning.layers import describe, grid_of, layer_on

_M_A_DEGREE = 111_000.0
_COLUMNS = ["return_period", "rain_mm", "excess_mm", "poured_m3", "streets_m3", "stored_m3", "left_m3", "wet_cells"]
# Inputs that ask for waterlogging by rain.
RAIN_KEYS = ("design_rain", "stations")


class Choices(Protocol):
    """What the parameters of the hazard say about waterlogging."""

    @property
    def min_upstream_area_km2(self) -> float: ...
    @property
    def drains_period(self) -> float | None: ...
    @property
    def drainage_mm(self) -> float | None: ...
    @property
    def runoff(self) -> float | None: ...
    @property
    def sliding_factor(self) -> float | None: ...
    @property
    def street_share(self) -> float | None: ...


@dataclass(frozen=True)
class Waterlogging:
    """Depths on the grid by return period, what they rest on, and where the water of each return period is.

    ``depth`` is that of depressions, ``streets`` that of water which stands in streets of flat ground.
    """

    depth: xr.DataArray
    streets: xr.DataArray | None
    facts: dict[str, Any]
    balance: pd.DataFrame


def asked(inputs: HazardInputs) -> bool:
    """Whether a study gives rain to pour, and no depths of its own."""
    return inputs.get("waterlogging_depth") is None and any(inputs.get(key) is not None for key in RAIN_KEYS)


def pond(inputs: HazardInputs, params: Choices, grid: GeoBox) -> Waterlogging:
    """Pour the rain of every return period into the depressions of the DEM, and bring the depths to the grid."""
    dem = inputs.get("elevation")
    if not isinstance(dem, xr.DataArray):
        given = next(key for key in RAIN_KEYS if inputs.get(key) is not None)
        raise LayerError(Problem("flood.rain_without_dem", input_of("flood", given)))
    own = grid_of(dem, name="elevation")
    check_memory(dem.size, input_of("flood", "elevation"))
    heights = np.asarray(dem.to_numpy(), dtype=np.float64)
    if not np.isfinite(heights).any():
        raise LayerError(Problem("layer.empty", input_of("flood", "elevation")))
    periods, level, facts = _rain(inputs, params, own)
    share, drains = _ground(inputs, params, own, facts)
    drained = _drained(params, level, share, drains)
    hollows = find_hollows(
        heights, np.broadcast_to(cell_area(own).to_numpy(), heights.shape), transform=own.affine,
        degrees=bool(own.crs and own.crs.geographic), channel_km2=params.min_upstream_area_km2,
        rivers=_rivers(inputs, own),
    )  # fmt: skip
    standing = _standing(params, heights, own, drains)
    bring = _Bringer(heights, own, grid)
    planes, streets, rows = [], [], []
    for period in periods:
        rain = level(period)
        excess = np.broadcast_to(excess_rain(rain, coefficient=share, drained=drained), heights.shape)
        depth, (poured, stored, left) = fill(hollows, np.where(standing, 0.0, excess))
        planes.append(bring(depth))
        held = float(np.nansum(np.where(standing, excess, 0.0).ravel() * MM * hollows.area))
        if params.street_share is not None:
            streets.append(bring(np.where(standing, excess * MM / params.street_share, 0.0)))
        wet = int((depth > 0).sum())
        rows.append((period, mean_level(rain), mean_level(excess), poured + held, held, stored, left, wet))
    facts |= {"depressions": hollows.count, "cell_m": float(np.sqrt(np.nanmedian(hollows.area)))}
    facts |= {} if params.street_share is None else {"street_share": params.street_share}
    in_hollows = bring.together(planes, periods, "volume fill")
    in_streets = bring.together(streets, periods, "rain in streets") if streets else None
    return Waterlogging(in_hollows, in_streets, facts, pd.DataFrame(rows, columns=_COLUMNS))


class _Bringer:
    """Depths on the DEM to the grid of the study."""

    def __init__(self, heights: Array, own: GeoBox, grid: GeoBox) -> None:
        self.known, self.own, self.grid = np.isfinite(heights), own, grid

    def __call__(self, depth: Array) -> Array:
        """One return period."""
        layer = layer_on(self.own, np.where(self.known, depth, np.nan), quantity="flood_depth")
        layer = layer if self.own == self.grid else grids.align(layer, self.grid)
        return np.asarray(layer.data, dtype=np.float32)

    def together(self, planes: list[Array], periods: tuple[float, ...], method: str) -> xr.DataArray:
        """All of them."""
        layer = layer_on(self.grid, np.stack(planes), quantity="flood_depth", return_periods=list(periods))
        return describe(layer, quantity="flood_depth", like=layer, method=method)


def _standing(params: Choices, heights: Array, own: GeoBox, drains: Array | bool) -> Array:
    """Where water stands in the streets: drained ground so flat that it does not run off in time."""
    if params.street_share is None:
        return np.zeros(heights.shape, dtype=bool)
    area = cell_area(own).to_numpy()
    high = np.full(heights.shape[0], abs(own.affine.e)) * (_M_A_DEGREE if own.crs and own.crs.geographic else 1.0)
    wide = np.broadcast_to(area, heights.shape)[:, 0] / high
    fall, across = (np.gradient(heights, axis=axis) for axis in (0, 1))
    slope = np.hypot(fall / high[:, None], across / wide[:, None])
    return np.asarray(drains & (np.nan_to_num(slope, nan=np.inf) < float(rules("flat_slope"))))


def _rain(inputs: HazardInputs, params: Choices, own: GeoBox) -> tuple[tuple[float, ...], Level, dict[str, Any]]:
    """The return periods, the rain of each on the DEM, and what it comes from."""
    stack, stations = inputs.get("design_rain"), inputs.get("stations")
    if isinstance(stack, xr.DataArray):
        periods = tuple(sorted(float(year) for year in stack["return_period"].values))
        return periods, given_rain(stack, own), {"rain": "given"}
    assert isinstance(stations, xr.Dataset)
    rain = regional_rain(stations)
    for problem in rain.notes:
        note(problem)
    mean, factor = rain.on(own), _chosen(params.sliding_factor, "sliding_factor")
    periods = _river_periods(inputs) or tuple(map(float, rules("periods")))
    facts = {"rain": "stations", "growth": dict(rain.growth.parameters), **rain.facts}
    return periods, lambda period: rain.level(mean, period, factor), facts


def _river_periods(inputs: HazardInputs) -> tuple[float, ...]:
    depth = inputs.get("depth")
    if not isinstance(depth, xr.DataArray):
        return ()
    return tuple(sorted(float(year) for year in depth["return_period"].values))


def _ground(
    inputs: HazardInputs, params: Choices, own: GeoBox, facts: dict[str, Any]
) -> tuple[Array | float, Array | bool]:
    """Which share of the rain runs off, and where storm drains are, on the DEM."""
    sealed, cover, area = inputs.get("sealed"), inputs.get("landcover"), inputs.get("drained_area")
    table, drains = rules("drained"), None
    share: Any = None
    if isinstance(sealed, xr.DataArray):
        values = np.asarray(grids.align(sealed, own).data, dtype=np.float64)
        share, drains, facts["runoff"] = runoff_coefficient(sealed=values), values >= table["sealed"], "sealed share"
    elif isinstance(cover, xr.DataArray):
        codes = np.asarray(grids.align(cover, own).data)
        share, drains, facts["runoff"] = runoff_coefficient(codes), np.isin(codes, table["classes"]), "land cover"
    if params.runoff is not None:
        share, facts["runoff"] = params.runoff, "constant"
    if isinstance(area, gpd.GeoDataFrame):
        drains = np.asarray(grids.rasterise(area.to_crs(own.crs), own, quantity="mask").data) > 0
    if share is None:
        share, facts["runoff"] = runoff_coefficient(), "constant"
    facts["drained_share"] = 1.0 if drains is None else float(np.mean(drains))
    return share, True if drains is None else drains


def _drained(params: Choices, level: Level, share: Array | float, drains: Array | bool) -> Array | float:
    """mm that drains take: a constant, or what runs off of the rain of their design period."""
    most: Any = params.drainage_mm
    if most is None:
        most = share * level(_chosen(params.drains_period, "drains_period"))
    out: Array | float = np.where(drains, most, 0.0)
    return np.nan_to_num(out)


def _chosen(value: float | None, key: str) -> float:
    """A parameter, or the entry of the table."""
    return float(rules(key)) if value is None else value


def _rivers(inputs: HazardInputs, own: GeoBox) -> Array | None:
    rivers = inputs.get("rivers")
    if not isinstance(rivers, gpd.GeoDataFrame) or not len(rivers):
        return None
    return np.asarray(grids.rasterise(rivers.to_crs(own.crs), own, quantity="mask", touched=True).data)


def depths_at(stack: xr.DataArray, periods: tuple[float, ...]) -> xr.DataArray:
    """A stack of depths at other return periods: linear in ln T between its own, none before, the last one beyond."""
    own = tuple(float(year) for year in stack["return_period"].values)
    if own == periods:
        return stack
    ordered = stack.sortby("return_period")
    years = np.array(sorted(own))
    layers = []
    for period in periods:
        at = int(np.searchsorted(years, period, side="right")) - 1
        if at < 0:
            layers.append(ordered.isel(return_period=0, drop=True) * 0.0)
        elif at == len(years) - 1 or years[at] == period:
            layers.append(ordered.isel(return_period=at, drop=True))
        else:
            share = float(np.log(period / years[at]) / np.log(years[at + 1] / years[at]))
            low, high = (ordered.isel(return_period=place, drop=True) for place in (at, at + 1))
            layers.append(low + share * (high - low))
    joined = xr.concat(layers, dim="return_period", join="override", combine_attrs="override")
    return describe(joined.assign_coords(return_period=list(periods)), quantity="flood_depth", like=stack)


def deeper_of(rivers: xr.DataArray, rain: xr.DataArray) -> xr.DataArray:
    """The deeper of both at every return period of the rivers; where the rain says nothing, the rivers alone."""
    there = depths_at(rain, tuple(float(year) for year in rivers["return_period"].values))
    deeper: xr.DataArray = by_cell(_deeper, rivers, there, quantity="flood_depth")
    return deeper.transpose(*rivers.dims)


def _deeper(rivers: Array, rain: Array) -> Array:
    return np.where(np.isnan(rivers), np.nan, np.fmax(rivers, rain))


def tell(facts: dict[str, Any]) -> None:
    """What a reader must know of depths by volume fill."""
    thing = Phrase("hazard", name="flood")
    note(Problem("flood.ponding", thing, severity="warning", cell=facts["cell_m"], count=facts["depressions"]))
