"""A sample of buildings on the ground: what it says of each township is spread, never put where its points lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning.errors import Phrase, Problem, note
from riskzoning.exposure.base.spreading import unit_weights
from riskzoning.layers import describe
from riskzoning.results import level_order

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class BuildingMix:
    """Which buildings stand where: the number of the stock of each cell, and the floor area of each class by stock.

    ``stock`` holds 1, 2 ... in the order of the rows of the tables (codes of units), 0 outside; ``floor_area`` maps a
    hazard to its classes; ``sample`` has the rows of a sample: ``code area value`` and the class by hazard.

    Examples
    --------
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> stock = layer_on(geobox, np.array([[1, 0]]), quantity="stock")
    >>> areas = pd.DataFrame({"masonry_old": [300.0], "steel": [100.0]}, index=["410702001"])
    >>> mix = BuildingMix(stock, {"earthquake": areas})
    >>> mix.floor_area["earthquake"].loc["410702001", "masonry_old"] / areas.sum().sum()
    np.float64(0.75)
    """

    stock: xr.DataArray
    floor_area: Mapping[str, pd.DataFrame]
    sample: pd.DataFrame | None = None


def strata(units: gpd.GeoDataFrame, grid: GeoBox) -> gpd.GeoDataFrame:
    """The units of the finest level; without units the whole grid is one stratum."""
    if "level" in units.columns and len(units):
        return units[units["level"] == level_order(units)[-1]]
    if len(units):
        return units
    box = gpd.GeoSeries([grid.extent.geom], crs=str(grid.crs))
    return gpd.GeoDataFrame(
        {"parent": [""]}, index=pd.Index(["all"], name="code"), geometry=box.array, crs=str(grid.crs)
    )


def stock_layer(units: gpd.GeoDataFrame, grid: GeoBox) -> xr.DataArray:
    """Number of the unit of every cell, from 1; cells at the outer border take a unit that they touch."""
    numbered = units[["geometry"]].assign(stock=np.arange(1, len(units) + 1))
    inside = grids.rasterise(numbered, grid, column="stock", quantity="stock")
    touched = grids.rasterise(numbered, grid, column="stock", quantity="stock", touched=True)
    merged = np.where(inside.values > 0, inside.values, touched.values).astype(np.uint16)
    return describe(inside.copy(data=merged), quantity="stock", like=inside)


def codes_of(buildings: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Code of the unit that holds each building, missing outside all of them."""
    points = gpd.GeoDataFrame(
        geometry=buildings.geometry.representative_point().to_crs(units.crs).reset_index(drop=True)
    )
    frame = gpd.GeoDataFrame({"code": units.index.astype(str)}, geometry=units.geometry.array, crs=units.crs)
    joined = points.sjoin(frame, predicate="intersects", how="left")
    codes = joined["code"].groupby(level=0).first().reindex(points.index)
    return pd.Series(codes.to_numpy(dtype=object), index=buildings.index, dtype=object)


def stock_tables(rows: pd.DataFrame, hazards: list[str], units: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
    """Floor area by unit and class; a unit without buildings has the mix of its county, or that of all."""
    tables = {}
    for hazard in hazards:
        known = rows[rows[hazard].notna() & rows["code"].notna() & (rows["area"] > 0)]
        if known.empty:
            continue
        by_unit = known.pivot_table(index="code", columns=hazard, values="area", aggfunc="sum", fill_value=0.0)
        table = by_unit.reindex(units.index.astype(str))
        parents = pd.Series(units["parent"].astype(str).to_numpy() if "parent" in units else "", index=table.index)
        of_parent = table.groupby(parents.to_numpy()).sum()
        of_parent[of_parent.sum(axis=1) == 0] = table.sum().to_numpy()
        filled = of_parent.loc[parents.to_numpy()].set_index(table.index)
        tables[hazard] = table.where(table.notna().any(axis=1), filled).astype(np.float64).rename_axis(columns=None)
    return tables


def sampled_totals(
    rows: pd.DataFrame, columns: list[str], units: gpd.GeoDataFrame, weights: xr.DataArray
) -> pd.DataFrame:
    """Totals by unit from the expanded sample; a unit without sample has what its county has per weight (resident)."""
    codes = units.index.astype(str)
    totals = rows.dropna(subset="code").groupby("code")[columns].sum().reindex(codes)
    without = totals.isna().any(axis=1)
    if without.any():
        residents = pd.Series(unit_weights(weights, units), index=codes)
        parents = pd.Series(units["parent"].astype(str).to_numpy() if "parent" in units else "", index=codes)
        known = residents.where(~without, 0.0)
        per_head = totals.groupby(parents).sum().div(known.groupby(parents).sum(), axis=0)
        overall = totals.sum() / known.sum() if known.sum() > 0 else totals.sum() * 0.0
        per_head[~np.isfinite(per_head).all(axis=1)] = overall.to_numpy()
        filled = per_head.loc[parents.to_numpy()].set_index(codes).mul(residents, axis=0)
        totals = totals.where(~without, filled)
        thing = Phrase("buildings")
        lost = [str(code) for code in codes[without]]
        note(Problem("exposure.no_sample", thing, severity="warning", count=len(lost), codes=lost))
    return totals.astype(np.float64)
