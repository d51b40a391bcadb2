"""Stations as numbers: places in metres, values, covariates; what was dropped or merged is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, note
from riskzoning.grid import align, sample
from riskzoning.grid.vectors import in_crs
from riskzoning.layers.plausible import plausible

Array = np.ndarray[Any, Any]
Covariates: TypeAlias = Mapping[str, xr.DataArray] | xr.Dataset | xr.DataArray | None
# Stations within a millimetre of each other are one place.
_SAME_PLACE = 1e-3


def limits() -> Mapping[str, Any]:
    """The table ``methods/interpolation``: fewest stations, default power and the like."""
    data: Mapping[str, Any] = standards.table("methods/interpolation").data
    return data


@dataclass(frozen=True)
class Stations:
    """Stations with a value, one row a place.

    ``x, y``: metres on the plane; ``u, v``: coordinates in the CRS of the stations, in which a trend is linear;
    ``covariates``: one column each; ``dropped`` stations lack a value or place, ``merged`` ones share a place.
    """

    label: Array
    x: Array
    y: Array
    u: Array
    v: Array
    values: Array
    covariates: Mapping[str, Array]
    dropped: int
    merged: int

    def without(self, index: int) -> Stations:
        """All stations but one."""
        keep = np.arange(self.values.size) != index
        arrays = {name: getattr(self, name)[keep] for name in ("label", "x", "y", "u", "v", "values")}
        return replace(self, **arrays, covariates={name: column[keep] for name, column in self.covariates.items()})


def plane_of(grid: GeoBox | None, stations: gpd.GeoDataFrame) -> GeoBox:
    """A plane in metres to measure in, as a grid of 1 m cells: the CRS of a projected grid, else a local one."""
    crs: Any = grid.crs if grid is not None else getattr(stations, "crs", None)
    if crs is None:
        raise MissingCRSError(
            Problem("stations.crs", Phrase("stations")) if grid is None else Problem("layer.crs", Phrase("target_grid"))
        )
    proj = getattr(crs, "proj", crs)
    if proj.is_geographic:
        box = grid.boundingbox if grid is not None else None
        west, south, east, north = (
            (box.left, box.bottom, box.right, box.top) if box is not None else tuple(stations.total_bounds)
        )
        proj = f"+proj=tmerc +lon_0={(west + east) / 2:.6f} +lat_0={(south + north) / 2:.6f} +ellps=GRS80"
        return GeoBox((1, 1), Affine.identity(), proj)
    metre = 1 / float(proj.axis_info[0].unit_conversion_factor)
    return GeoBox((1, 1), Affine.scale(metre), crs)


def as_covariates(covariates: Covariates) -> dict[str, xr.DataArray]:
    """Covariates by name, from a mapping, a Dataset or one layer."""
    if covariates is None:
        return {}
    if isinstance(covariates, xr.DataArray):
        return {str(covariates.name or covariates.attrs.get("quantity") or "covariate"): covariates}
    named = covariates.data_vars if isinstance(covariates, xr.Dataset) else covariates
    return {str(name): layer for name, layer in named.items()}


def quantity_of(column: str) -> str:
    """What a column of stations measures, by its name."""
    return column if column in standards.table("quantities").data else "station_value"


def read_stations(
    stations: gpd.GeoDataFrame,
    column: str,
    plane: GeoBox,
    covariates: Mapping[str, xr.DataArray],
    grid: GeoBox | None,
    *,
    quantity: str | None = None,
) -> Stations:
    """Check the stations and turn them into numbers; a fill value is a missing one, with a word."""
    thing = Phrase("stations")
    own = in_crs(stations, getattr(stations, "crs", None), thing)
    if column not in own.columns or column == own.geometry.name:
        present = [c for c in own.columns if c != own.geometry.name]
        raise LayerError(Problem("stations.column", thing, column=column, columns=present))
    numbers = pd.to_numeric(own[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = own[column].notna().to_numpy() & np.isnan(numbers)
    if wrong.any():
        texts = [repr(value) for value in own[column][wrong]]
        raise LayerError(Problem("stations.numbers", thing, column=column, values=texts))
    numbers = plausible(numbers, quantity or quantity_of(column), name=Phrase("stations_column", column=column))
    points = own.set_geometry(own.geometry if (own.geom_type == "Point").all() else own.representative_point())
    moved = in_crs(points, plane.crs, thing)
    x, y = ~plane.affine * (moved.geometry.x.to_numpy(), moved.geometry.y.to_numpy())
    columns = {name: _covariate(points, name, layer, grid) for name, layer in covariates.items()}
    good = np.isfinite(numbers) & np.isfinite(x) & np.isfinite(y)
    for values in columns.values():
        good &= np.isfinite(values)
    table = pd.DataFrame({"x": x, "y": y, "value": numbers, "label": points.index.astype(str)})
    table["u"], table["v"] = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    for name, values in columns.items():
        table[f"covariate {name}"] = values
    merged = _merge(table[good], column)
    return Stations(
        label=merged["label"].to_numpy(),
        **{name: np.ascontiguousarray(merged[name], dtype=float) for name in ("x", "y", "u", "v")},
        values=np.ascontiguousarray(merged["value"], dtype=float),
        covariates={name: merged[f"covariate {name}"].to_numpy(dtype=float) for name in columns},
        dropped=len(stations) - int(good.sum()),
        merged=int(good.sum()) - len(merged),
    )


def _merge(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row a place: values averaged; in a fixed order, so that the order of the file changes no bit."""
    table = table.sort_values(["x", "y", "value"], kind="stable")
    place = [(table[axis] / _SAME_PLACE).round() for axis in ("x", "y")]
    grouped = table.groupby(place, sort=False)
    merged = grouped.agg({name: ("first" if name != "value" else "mean") for name in table.columns})
    doubled = grouped.size() > 1
    if doubled.any():
        names = merged.loc[doubled.to_numpy(), "label"].tolist()
        thing, count = Phrase("stations"), int(doubled.sum())
        note(Problem("stations.merged", thing, severity="warning", count=count, stations=names, column=column))
    return merged.reset_index(drop=True)


def _covariate(points: gpd.GeoDataFrame, name: str, layer: xr.DataArray, grid: GeoBox | None) -> Array:
    """A covariate at the stations, as on the grid; beyond it from the layer itself, or the station's own column."""
    values = sample(layer, points, resampling="bilinear")
    if grid is not None:
        on_grid = sample(align(layer, grid), points, resampling="bilinear")
        values = np.where(np.isfinite(on_grid), on_grid, values)
    if name not in points.columns:
        return values
    stated = pd.to_numeric(points[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if layer.attrs.get("quantity") == "elevation":
        most = float(limits()["altitude_difference_m"])
        off = np.abs(stated - values) > most
        if off.any():
            shown = [
                Phrase("station_altitude", station=str(label), stated=a, layer=b)
                for label, a, b in zip(points.index[off], stated[off], values[off])
            ]
            note(Problem("stations.altitudes", Phrase("stations"), severity="warning", most=most, stations=shown))
    return np.where(np.isfinite(values), values, stated)
