"""Scores 0..1 of what makes a forest fire: fuel, weather, terrain, people, earlier fires; and their product."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.codes import code_texts
from riskzoning.errors import LayerError, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.hazards.inputs import input_of

_SECTORS = ("north", "north_east", "east", "south_east", "south", "south_west", "west", "north_west")


def _table(key: str) -> Any:
    return standards.table("hazards/forest_fire_index").data[key]


def fuel_codes(stands: gpd.GeoDataFrame, grid: GeoBox, *, column: str | None = None) -> xr.DataArray:
    """Forest stands (小班) as a layer of burning classes: 1 难燃, 2 可燃, 3 易燃, 9 where no stand lies."""
    names: dict[str, int] = {**_table("fuel_names"), **_table("species_class")}
    known = [column] if column else [*_table("fuel_columns"), *_table("species_columns")]
    chosen = next((name for name in known if name in stands.columns), None)
    if chosen is None:
        columns, wanted = list(map(str, stands.columns)), list(map(str, known))
        thing = input_of("forest_fire", "fuel_type")
        raise LayerError(Problem("forest_fire.fuel_column", thing, columns=columns, known=wanted))
    text = pd.Series(code_texts(stands[chosen]), index=stands.index, dtype=object)
    codes = pd.to_numeric(text, errors="coerce").fillna(text.map(names)).fillna(0).astype(np.int64)
    frame = gpd.GeoDataFrame({"code": codes.to_numpy()}, geometry=stands.geometry.to_numpy(), crs=stands.crs)
    return grids.rasterise(frame, grid, column="code", quantity="fuel_type", fill=_table("no_stand"))


def fuel_score(landcover: Cells | None, fuel_type: Cells | None = None) -> Any:
    """How fiercely the fuel of a cell burns, 0..1: by its forest stand where one is known, else by land cover."""
    return _by_class(landcover, fuel_type, "fuel")


def burnable_share(landcover: Cells | None, fuel_type: Cells | None = None) -> Any:
    """Share of a cell that can carry forest or grassland fire, 0..1: forest, shrub, grass 1, cropland, water 0."""
    return _by_class(landcover, fuel_type, "burnable")


def _by_class(landcover: Cells | None, fuel_type: Cells | None, key: str) -> Any:
    cover = {int(code): float(row[key]) for code, row in _table("landcover").items()}
    stands = {int(code): float(row[key]) for code, row in _table("fuel_type").items()}
    if landcover is None:
        assert fuel_type is not None
        return by_cell(partial(_looked_up, table=stands), fuel_type, quantity=_index_of(fuel_type))
    if fuel_type is None:
        return by_cell(partial(_looked_up, table=cover), landcover, quantity=_index_of(landcover))
    kernel = partial(_stand_first, cover=cover, stands=stands, none=int(_table("no_stand")))
    return by_cell(kernel, landcover, fuel_type, quantity=_index_of(landcover))


def _index_of(value: Cells | None) -> str | None:
    return "share" if isinstance(value, xr.DataArray) else None


def _looked_up(codes: Array, *, table: Mapping[int, float]) -> Any:
    known = np.array(sorted(table), dtype=np.float64)
    place = np.minimum(np.searchsorted(known, codes), known.size - 1)
    return np.where(known[place] == codes, np.array([table[int(code)] for code in known])[place], np.nan)


def _stand_first(
    codes: Array, stand: Array, *, none: int, cover: Mapping[int, float], stands: Mapping[int, float]
) -> Any:
    by_stand = np.where(stand == none, np.nan, _looked_up(stand, table=stands))
    return np.where(np.isfinite(by_stand), by_stand, _looked_up(codes, table=cover))


def weather_score(value: Cells, kind: Literal["fwi", "htz"] = "fwi") -> Any:
    """Score of the season's fire weather, linear between the limits of the classes of the index or of the rank."""
    table = "hazards/forest_fire_weather" if kind == "fwi" else "hazards/forest_fire_htz"
    curve = standards.table(table).data["score"]
    return by_cell(partial(_interpolated, x=curve[kind], y=curve["value"]), value)


def _interpolated(values: Array, *, x: Array, y: Array) -> Any:
    values = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(values), np.interp(values, x, y), np.nan)


def slope_score(slope: Cells) -> Any:
    """Score of the slope: fire runs faster uphill."""
    return by_cell(partial(_stepped, **_table("slope")), slope)


def _stepped(values: Array, *, limits: Array, score: Array) -> Any:
    values = np.asarray(values, dtype=np.float64)
    place = np.searchsorted(np.asarray(limits, dtype=np.float64), values, side="right")
    return np.where(np.isnan(values), np.nan, np.asarray(score, dtype=np.float64)[place])


def aspect_score(aspect: Cells) -> Any:
    """Score of the aspect: slopes to the sun dry out first."""
    table = _table("aspect")
    sectors = np.array([table[name] for name in _SECTORS], dtype=np.float64)
    return by_cell(partial(_faced, sectors=sectors, flat=float(table["flat"])), aspect)


def _faced(aspect: Array, *, sectors: Array, flat: float) -> Any:
    known = np.isfinite(aspect)
    place = np.floor((np.where(known, aspect, 0.0) + 22.5) % 360 / 45).astype(np.intp)
    return np.where(known, np.where(aspect < 0, flat, sectors[place]), np.nan)


def near_score(distance: Cells, kind: str) -> Any:
    """Score of the nearness of people, who light nearly all fires."""
    return by_cell(partial(_stepped, **_table(kind)), distance)


def history_score(density: Cells, *, reference: float) -> Any:
    """Score of the density of earlier fires, linear up to the reference density; no fire seen is no proof of none."""
    least = float(_table("history")["least"])
    return by_cell(partial(_relative, reference=float(reference), least=least), density)


def _relative(values: Array, *, reference: float, least: float) -> Any:
    return least + (1 - least) * np.clip(values / reference, 0.0, 1.0)


def danger_score(
    burnable: xr.DataArray,
    scores: Mapping[str, xr.DataArray | None],
    weights: Mapping[str, float],
    *,
    required: Collection[str],
    quantity: str = "danger_score",
) -> xr.DataArray:
    """Burnable share times the weighted geometric mean of the scores that a cell has: one that is 0 puts it out."""
    parts = {name: score for name, score in scores.items() if score is not None}
    shares = np.array([float(weights.get(name, 0.0)) for name in parts])
    need = [name in required for name in parts]
    out: xr.DataArray = by_cell(
        partial(_product, shares=shares, need=need), burnable, *parts.values(), quantity=quantity
    )
    return out


def _product(burnable: Array, *scores: Array, shares: Array, need: list[bool]) -> Any:
    total, present = np.zeros(burnable.shape), np.zeros(burnable.shape)
    lost = ~np.isfinite(burnable)
    for score, share, needed in zip(scores, shares, need):
        valid = np.isfinite(score)
        if needed:
            lost |= ~valid
        if share > 0:
            with np.errstate(divide="ignore", invalid="ignore"):
                total += np.where(valid, share * np.log(score), 0.0)
            present += share * valid
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(lost | (present <= 0), np.nan, np.clip(burnable * np.exp(total / present), 0.0, 1.0))
