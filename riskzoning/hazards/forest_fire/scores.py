"""Scores 0..1 of what makes a forest fire: fuel, weather, terrain, people, earlier fires; and their weighted mean."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.hazards.cells import by_cell

__all__ = [
    "aspect_score",
    "burnable_share",
    "fuel_codes",
    "fuel_score",
    "hazard_index",
    "history_score",
    "near_score",
    "slope_score",
    "weather_score",
]

_SECTORS = ("north", "north_east", "east", "south_east", "south", "south_west", "west", "north_west")


def _table(key: str) -> Any:
    return standards.table("hazards/forest_fire_index").data[key]


def fuel_codes(stands: gpd.GeoDataFrame, grid: GeoBox, *, column: str | None = None) -> xr.DataArray:
    """Forest stands (小班) as a layer of burning classes: 1 难燃, 2 可燃, 3 易燃, 9 where no stand lies.

    Parameters
    ----------
    stands : GeoDataFrame
        Polygons with a burning class (code or name), or with the dominant species.
    grid : GeoBox
    column : str, optional
        The column to use; default: the first known one.

    Returns
    -------
    layer
        Quantity ``fuel_type``; 0 (no data) where the class of a stand is not known.

    Raises
    ------
    LayerError
        There is no column of burning classes or species.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> geobox = grids.analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> stands = gpd.GeoDataFrame({"优势树种": ["油松", "刺槐"]}, crs="EPSG:4547",
    ...     geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)])
    >>> fuel_codes(stands, geobox).values.tolist()
    [[3, 1, 9]]
    """
    names: dict[str, int] = {**_table("fuel_names"), **_table("species_class")}
    known = [column] if column else [*_table("fuel_columns"), *_table("species_columns")]
    chosen = next((name for name in known if name in stands.columns), None)
    if chosen is None:
        raise LayerError(
            Problem(
                "input 'fuel_type' of hazard 'forest_fire'",
                f"has the columns {first_few(stands.columns, 12)}",
                f"one of {', '.join(map(str, known))}",
                "Map it in study.yaml with `columns: {fuel_type: ...}`, or name it in params.fuel_column.",
                rule="forest_fire.fuel_column",
            )
        )
    text = stands[chosen].astype(str).str.strip()
    codes = pd.to_numeric(text, errors="coerce").fillna(text.map(names)).fillna(0).astype(np.int64)
    frame = gpd.GeoDataFrame({"code": codes.to_numpy()}, geometry=stands.geometry.to_numpy(), crs=stands.crs)
    return grids.rasterise(frame, grid, column="code", quantity="fuel_type", fill=_table("no_stand"))


def fuel_score(landcover: Any, fuel_type: Any = None) -> Any:
    """How fiercely the fuel of a cell burns, 0..1: by its forest stand where one is known, else by land cover.

    Parameters
    ----------
    landcover, fuel_type : layer, array or None
        Class codes; 0 is no data. One of them is needed.

    Returns
    -------
    layer or array
        NaN where neither is known.

    Examples
    --------
    >>> fuel_score(np.array([10, 20, 60, 0])).tolist()
    [0.2, 0.8, 0.0, nan]
    >>> fuel_score(np.array([20, 20]), np.array([3, 9])).tolist()
    [1.0, 0.8]
    """
    return _by_class(landcover, fuel_type, "fuel")


def burnable_share(landcover: Any, fuel_type: Any = None) -> Any:
    """Share of a cell that can carry forest or grassland fire, 0..1: forest, shrub, grass 1, cropland 0.2, water 0.

    Parameters
    ----------
    landcover, fuel_type : layer, array or None
        As in :func:`fuel_score`.

    Examples
    --------
    >>> burnable_share(np.array([10, 20, 60, 80])).tolist()
    [0.2, 1.0, 0.0, 0.0]
    """
    return _by_class(landcover, fuel_type, "burnable")


def _by_class(landcover: Any, fuel_type: Any, key: str) -> Any:
    cover = {int(code): float(row[key]) for code, row in _table("landcover").items()}
    stands = {int(code): float(row[key]) for code, row in _table("fuel_type").items()}
    if landcover is None:
        return by_cell(partial(_looked_up, table=stands), fuel_type, quantity=_index_of(fuel_type))
    if fuel_type is None:
        return by_cell(partial(_looked_up, table=cover), landcover, quantity=_index_of(landcover))
    kernel = partial(_stand_first, cover=cover, stands=stands, none=int(_table("no_stand")))
    return by_cell(kernel, landcover, fuel_type, quantity=_index_of(landcover))


def _index_of(value: Any) -> str | None:
    return "share" if isinstance(value, xr.DataArray) else None


def _looked_up(codes: Any, *, table: Mapping[int, float]) -> Any:
    known = np.array(sorted(table), dtype=np.float64)
    place = np.minimum(np.searchsorted(known, codes), known.size - 1)
    return np.where(known[place] == codes, np.array([table[int(code)] for code in known])[place], np.nan)


def _stand_first(codes: Any, stand: Any, *, none: int, cover: Mapping[int, float], stands: Mapping[int, float]) -> Any:
    by_stand = np.where(stand == none, np.nan, _looked_up(stand, table=stands))
    return np.where(np.isfinite(by_stand), by_stand, _looked_up(codes, table=cover))


def weather_score(fwi: Any) -> Any:
    """Score of the seasonal fire weather index, linear between the limits of its danger classes.

    Parameters
    ----------
    fwi : number, array or layer

    Examples
    --------
    >>> weather_score(np.array([0.0, 5.2, 29.65, 80.0])).tolist()
    [0.0, 0.2, 0.7, 1.0]
    """
    curve = standards.table("hazards/forest_fire_weather").data["score"]
    return by_cell(partial(_interpolated, x=curve["fwi"], y=curve["value"]), fwi)


def _interpolated(values: Any, *, x: Any, y: Any) -> Any:
    values = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(values), np.interp(values, x, y), np.nan)


def slope_score(slope: Any) -> Any:
    """Score of the slope: fire runs faster uphill.

    Parameters
    ----------
    slope : number, array or layer
        degree.

    Examples
    --------
    >>> slope_score(np.array([4.9, 5.0, 40.0])).tolist()
    [0.2, 0.4, 1.0]
    """
    return by_cell(partial(_stepped, **_table("slope")), slope)


def _stepped(values: Any, *, limits: Any, score: Any) -> Any:
    values = np.asarray(values, dtype=np.float64)
    place = np.searchsorted(np.asarray(limits, dtype=np.float64), values, side="right")
    return np.where(np.isnan(values), np.nan, np.asarray(score, dtype=np.float64)[place])


def aspect_score(aspect: Any) -> Any:
    """Score of the aspect: slopes to the sun dry out first.

    Parameters
    ----------
    aspect : number, array or layer
        degree clockwise from north; below 0 is flat.

    Examples
    --------
    >>> aspect_score(np.array([0.0, 180.0, -1.0])).tolist()
    [0.2, 1.0, 0.5]
    """
    table = _table("aspect")
    sectors = np.array([table[name] for name in _SECTORS], dtype=np.float64)
    return by_cell(partial(_faced, sectors=sectors, flat=float(table["flat"])), aspect)


def _faced(aspect: Any, *, sectors: Any, flat: float) -> Any:
    known = np.isfinite(aspect)
    place = np.floor((np.where(known, aspect, 0.0) + 22.5) % 360 / 45).astype(np.intp)
    return np.where(known, np.where(aspect < 0, flat, sectors[place]), np.nan)


def near_score(distance: Any, kind: str) -> Any:
    """Score of the nearness of people, who light nearly all fires.

    Parameters
    ----------
    distance : number, array or layer
        m.
    kind : {"roads", "settlements"}

    Examples
    --------
    >>> near_score(np.array([100.0, 700.0, 9000.0]), "roads").tolist()
    [1.0, 0.6, 0.1]
    """
    return by_cell(partial(_stepped, **_table(kind)), distance)


def history_score(density: Any, *, reference: float) -> Any:
    """Score of the density of earlier fires, linear up to the reference density.

    Parameters
    ----------
    density : number, array or layer
        Events per km2.
    reference : float
        Density with score 1; 0 gives 0 everywhere.

    Examples
    --------
    >>> history_score(np.array([0.0, 0.1, 0.4]), reference=0.2).tolist()
    [0.0, 0.5, 1.0]
    """
    return by_cell(partial(_relative, reference=float(reference)), density)


def _relative(values: Any, *, reference: float) -> Any:
    if not reference > 0:
        return np.where(np.isfinite(values), 0.0, np.nan)
    return np.clip(values / reference, 0.0, 1.0)


def hazard_index(
    burnable: xr.DataArray, scores: Mapping[str, xr.DataArray | None], weights: Mapping[str, float], *, required: Any
) -> xr.DataArray:
    """Burnable share times the weighted mean of the scores that a cell has.

    Parameters
    ----------
    burnable : layer
        0..1; NaN gives NaN.
    scores : mapping part -> layer or None
        ``fuel weather terrain ignition history``.
    weights : mapping part -> weight
        Shared out anew where a part is missing; a part without a weight does not count.
    required : collection of str
        Parts without which there is no index.

    Returns
    -------
    layer
        Quantity ``hazard_index``, 0..1.

    Examples
    --------
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> share = layer_on(geobox, np.array([[1.0, 0.0]]), quantity="share")
    >>> fuel = layer_on(geobox, np.array([[0.8, 0.8]]), quantity="share")
    >>> hazard_index(share, {"fuel": fuel, "weather": None}, {"fuel": 0.6, "weather": 0.4}, required=()).values.tolist()
    [[0.8, 0.0]]
    """
    parts = {name: score for name, score in scores.items() if score is not None}
    shares = np.array([float(weights.get(name, 0.0)) for name in parts])
    need = [name in required for name in parts]
    out: xr.DataArray = by_cell(
        partial(_mean, shares=shares, need=need), burnable, *parts.values(), quantity="hazard_index"
    )
    return out


def _mean(burnable: Any, *scores: Any, shares: Any, need: list[bool]) -> Any:
    total, present = np.zeros(burnable.shape), np.zeros(burnable.shape)
    lost = ~np.isfinite(burnable)
    for score, share, needed in zip(scores, shares, need):
        valid = np.isfinite(score)
        total += np.where(valid, share * score, 0.0)
        present += share * valid
        if needed:
            lost |= ~valid
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(lost | (present <= 0), np.nan, np.clip(burnable * total / present, 0.0, 1.0))
