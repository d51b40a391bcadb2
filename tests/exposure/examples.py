"""For every receptor inputs that tell it, and what they add up to, worked out without the package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.exposure import Ground
from riskzoning.layers import layer_on

Values = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """Inputs and parameters of a receptor, the totals of its counts, and inputs each of which must be refused."""

    inputs: Values
    params: Values
    totals: dict[str, float]
    # What makes one input wrong -> (key of the input, the wrong value, other parameters).
    wrong: dict[str, tuple[str, Any, Values]]


Make = Callable[[Ground, GeoBox], Example]


def _raster(grid: GeoBox, quantity: str, scale: float) -> Any:
    values = np.random.default_rng(4).lognormal(0, 1, tuple(grid.shape)) * scale
    values[0, 0] = np.nan
    return layer_on(grid, values, quantity=quantity)


def _without_crs(layer: xr.DataArray) -> xr.DataArray:
    coords = {dim: layer[dim].values for dim in layer.dims}
    return xr.DataArray(layer.values, coords=coords, dims=layer.dims, attrs=layer.attrs)


def _sites(grid: GeoBox) -> gpd.GeoDataFrame:
    """Points of which some lie beyond the grid."""
    box = grid.extent.boundingbox
    rng = np.random.default_rng(5)
    x, y = rng.uniform(box.left - 300, box.right, 40), rng.uniform(box.bottom, box.top + 300, 40)
    rows = {"area_m2": rng.uniform(50, 900, 40), "wan": rng.uniform(5, 90, 40), "n": rng.integers(1, 5, 40)}
    rows |= {"struct": rng.choice([1, 2, 5], 40), "built_year": 1995, "users": rng.integers(1, 900, 40)}
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(x, y), crs=str(grid.crs))


def _table(ground: Ground, column: str, scale: float) -> pd.DataFrame:
    codes = list(ground.units.frame.index)
    return pd.DataFrame({"code": codes, column: np.linspace(1, 2, len(codes)) * scale})


def _population(ground: Ground, own: GeoBox) -> Example:
    raster, table = _raster(own, "population", 100), _table(ground, "pop", 5e4)
    wrong = {
        "units": ("raster", raster.assign_attrs(units="m2"), {}),
        "crs": ("raster", _without_crs(raster), {}),
        "value": ("table", table.assign(pop=np.nan), {"table": "b"}),
        "column": ("table", table.rename(columns={"pop": "people"}), {"table": "b"}),
    }
    return Example({"raster": raster}, {"raster": "a"}, {"population": float(np.nansum(raster))}, wrong)


def _population_table(ground: Ground, own: GeoBox) -> Example:
    table = _table(ground, "pop", 5e4)
    wrong = {"value": ("table", table.assign(pop=[-1.0, *table["pop"][1:]]), {})}
    return Example({"table": table}, {"table": "b"}, {"population": float(table["pop"].sum())}, wrong)


def _population_corrected(ground: Ground, own: GeoBox) -> Example:
    both = _population(ground, own).inputs | _population_table(ground, own).inputs
    totals = {"population": float(both["table"]["pop"].sum())}
    return Example(both, {"raster": "a", "table": "b"}, totals, {})


def _economy(ground: Ground, own: GeoBox) -> Example:
    table, weights = _table(ground, "gdp", 900.0), _raster(ground.grid, "population", 10)
    wrong = {
        "units": ("table", table, {"units": "dollar"}),
        "value": ("table", table.assign(gdp=np.nan), {}),
        "crs": ("spread_by", _without_crs(weights), {}),
    }
    totals = {"gdp_yuan": float(table["gdp"].sum()) * 1e4}
    return Example({"table": table, "spread_by": weights}, {"table": "a", "units": "万元"}, totals, wrong)


def _economy_raster(ground: Ground, own: GeoBox) -> Example:
    raster = _raster(own, "gdp", 1e6)
    wrong = {"units": ("raster", raster.assign_attrs(units="person"), {})}
    return Example({"raster": raster}, {"raster": "a"}, {"gdp_yuan": float(np.nansum(raster))}, wrong)


def _buildings(ground: Ground, own: GeoBox) -> Example:
    sites = _sites(ground.grid)
    params = {"points": "a", "value": "wan", "value_units": "万元", "factor": "n", "structure": "struct"}
    totals = {
        "building_area_m2": float((sites["area_m2"] * sites["n"]).sum()),
        "building_value_yuan": float((sites["wan"] * sites["n"]).sum() * 1e4),
    }
    wrong = {
        "units": ("points", sites, {"value_units": "dollar"}),
        "crs": ("points", sites.set_crs(None, allow_override=True), {}),
        "value": ("points", sites.assign(area_m2="many"), {}),
        "column": ("points", sites.drop(columns="wan"), {}),
    }
    people = _raster(ground.grid, "population", 10)
    return Example({"points": sites, "spread_by": people}, params, totals, wrong)


def _buildings_all(ground: Ground, own: GeoBox) -> Example:
    sites = _sites(ground.grid).drop(columns="n")
    params = {"points": "a", "value": "wan", "value_units": "万元", "structure": "struct"}
    totals = {"building_area_m2": float(sites["area_m2"].sum()), "building_value_yuan": float(sites["wan"].sum() * 1e4)}
    return Example({"points": sites}, params, totals, {})


def _crops(ground: Ground, own: GeoBox) -> Example:
    codes = np.random.default_rng(6).choice([10, 20, 80], tuple(own.shape)).astype(np.uint8)
    cover = layer_on(own, codes, quantity="landcover")
    cell = abs(own.affine.a * own.affine.e) / 1e4
    wrong = {
        "units": ("landcover", _raster(own, "elevation", 1), {}),
        "crs": ("landcover", _without_crs(cover), {}),
    }
    return Example({"landcover": cover}, {"landcover": "a"}, {"cropland_ha": float((codes == 10).sum() * cell)}, wrong)


def _crops_valued(ground: Ground, own: GeoBox) -> Example:
    example = _crops(ground, own)
    codes = list(ground.units.frame.index)
    table = pd.DataFrame({"code": codes * 2, "sown_ha": 30.0, "yield_kg_ha": 6000.0, "price_yuan_kg": 2.4})
    totals = example.totals | {"crop_value_yuan": float(len(table) * 30 * 6000 * 2.4)}
    wrong = {
        "value": ("table", table.assign(sown_ha=-1.0), {}),
        "column": ("table", table.drop(columns="sown_ha"), {}),
    }
    return Example(example.inputs | {"table": table}, example.params | {"table": "b"}, totals, wrong)


def _roads(ground: Ground, own: GeoBox) -> Example:
    box = ground.grid.extent.boundingbox
    ends = np.random.default_rng(7).uniform([box.left - 300, box.bottom], [box.right, box.top + 300], (6, 2, 2))
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString(pair) for pair in ends], crs=str(ground.grid.crs))
    wrong = {"crs": ("lines", lines.set_crs(None, allow_override=True), {}), "form": ("lines", pd.DataFrame(), {})}
    return Example({"lines": lines}, {"lines": "a"}, {"road_km": float(lines.length.sum()) / 1000}, wrong)


def _roads_valued(ground: Ground, own: GeoBox) -> Example:
    example = _roads(ground, own)
    totals = example.totals | {"road_value_yuan": example.totals["road_km"] * 2e6}
    return Example(example.inputs, example.params | {"value_per_km": 2e6}, totals, {})


def _public_services(ground: Ground, own: GeoBox) -> Example:
    sites = _sites(ground.grid)
    wrong = {
        "crs": ("points", sites.set_crs(None, allow_override=True), {}),
        "value": ("points", sites.assign(users=-5), {}),
        "column": ("points", sites.drop(columns="users"), {}),
    }
    return Example({"points": sites}, {"points": "a"}, {"public_service_users": float(sites["users"].sum())}, wrong)


def _forest(ground: Ground, own: GeoBox) -> Example:
    codes = np.random.default_rng(8).choice([10, 20, 60], tuple(own.shape)).astype(np.uint8)
    cover, cell = layer_on(own, codes, quantity="landcover"), abs(own.affine.a * own.affine.e) / 1e4
    wrong = {
        "units": ("landcover", _raster(own, "elevation", 1), {}),
        "crs": ("landcover", _without_crs(cover), {}),
    }
    return Example({"landcover": cover}, {"landcover": "a"}, {"forest_ha": float((codes == 20).sum() * cell)}, wrong)


def _forest_valued(ground: Ground, own: GeoBox) -> Example:
    example = _forest(ground, own)
    table = pd.DataFrame({"code": list(ground.units.frame.index), "value_yuan": 5e6})
    totals = example.totals | {"forest_value_yuan": float(len(table) * 5e6)}
    wrong = {
        "value": ("table", table.assign(value_yuan=-1.0), {}),
        "column": ("table", table.drop(columns="value_yuan"), {}),
    }
    return Example(example.inputs | {"table": table}, example.params | {"table": "b"}, totals, wrong)


EXAMPLES: dict[str, Make] = {
    "population": _population,
    "population/table": _population_table,
    "population/corrected": _population_corrected,
    "economy": _economy,
    "economy/raster": _economy_raster,
    "buildings": _buildings,
    "buildings/all": _buildings_all,
    "crops": _crops,
    "crops/valued": _crops_valued,
    "roads": _roads,
    "roads/valued": _roads_valued,
    "public_services": _public_services,
    "forest": _forest,
    "forest/valued": _forest_valued,
}


def changed(example: Example, name: str) -> Example:
    """The example with one input made wrong."""
    key, value, params = example.wrong[name]
    return replace(example, inputs=example.inputs | {key: value}, params=example.params | params)
