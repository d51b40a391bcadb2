"""Counts from 30 arc-seconds to 100 m with their total kept, beside GDAL's ``sum`` through rasterio.warp."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contest import Call, Case, Contestant, DifferenceError, Result, Workload

CELLS = {"s": 1e6, "m": 2.5e7, "l": 1e8}
CRS, RESOLUTION, DEGREES = "EPSG:4547", 100.0, 1 / 120
_WEST, _SOUTH = 500000.0, 3700000.0
_BLOCKS = 10
TOTAL = 1e-9


def _case(cells: float, growth: str = "") -> Case:
    return Case(f'30" to {cells:.2g} cells of 100 m', cells, {"cells": cells}, growth)


def _grid(cells: float) -> Any:
    from riskzoning.grid import analysis_grid

    extent = round(cells**0.5) * RESOLUTION
    return analysis_grid((_WEST, _SOUTH, _WEST + extent, _SOUTH + extent), crs=CRS, resolution=RESOLUTION)


def _source(cells: float) -> tuple[np.ndarray[Any, Any], tuple[float, float]]:
    """People by 30" cell, all inside the target; the upper left corner in degrees."""
    from pyproj import Transformer

    to_degrees = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    extent = round(cells**0.5) * RESOLUTION
    margin = 0.03 * extent
    low, high = margin, extent - margin
    corners = [(x, y) for x in (low, high) for y in (low, high)]
    x, y = to_degrees.transform(*zip(*((_WEST + a, _SOUTH + b) for a, b in corners), strict=True))
    west, east = max(x[0], x[1]), min(x[2], x[3])
    south, north = max(y[0], y[2]), min(y[1], y[3])
    columns, rows = int((east - west) / DEGREES), int((north - south) / DEGREES)
    people = np.random.default_rng(7).lognormal(3, 1.5, (rows, columns))
    return np.round(people), (west, north)


def _summary(values: np.ndarray[Any, Any], total: float) -> Result:
    good = np.nan_to_num(values)
    edges = np.linspace(0, good.shape[0], _BLOCKS + 1).astype(int)[:-1]
    blocks = np.add.reduceat(np.add.reduceat(good, edges, axis=0, dtype=np.float64), edges, axis=1)
    return {"blocks": blocks, "kept": np.array([blocks.sum() / total])}


def _start_ours(case: Case) -> Call:
    from odc.geo.geobox import GeoBox
    from rasterio import Affine

    from riskzoning.grid import align
    from riskzoning.layers import layer_on

    people, (west, north) = _source(case.params["cells"])
    target = _grid(case.params["cells"])
    grid = GeoBox(people.shape, Affine(DEGREES, 0, west, 0, -DEGREES, north), "EPSG:4490")
    layer = layer_on(grid, people, quantity="population")

    def call() -> Result:
        return {"values": align(layer, target).to_numpy()}

    return _keeping(call, float(people.sum()))


def _start_warp(case: Case) -> Call:
    from rasterio import Affine
    from rasterio.warp import Resampling, reproject

    people, (west, north) = _source(case.params["cells"])
    target = _grid(case.params["cells"])

    def call() -> Result:
        out = np.zeros(target.shape)
        reproject(
            people, out, src_transform=Affine(DEGREES, 0, west, 0, -DEGREES, north), src_crs="EPSG:4490",
            dst_transform=target.affine, dst_crs=CRS, resampling=Resampling.sum,
        )  # fmt: skip
        return {"values": out}

    return _keeping(call, float(people.sum()))


def _keeping(call: Call, total: float) -> Call:
    """The call with a summary of its first result in place of the values: sums of blocks, share of the total kept."""
    first: dict[str, Any] = {}

    def short() -> Result:
        values = call()["values"]
        if not first:
            first.update(_summary(values, total))
        return first

    return short


def agree(ours: Result, theirs: Result, peer: str) -> None:
    """Our total is kept to 1e-9; tenths of the grid hold the same people, to what GDAL's approximate shares allow."""
    lost = abs(float(ours["kept"][0]) - 1)
    if not lost <= TOTAL:
        raise DifferenceError(f"our total differs from that of the source by {lost:.2g} of it, allowed {TOTAL:g}")
    apart = np.abs(ours["blocks"] - theirs["blocks"]).max() / theirs["blocks"].max()
    if not apart <= 0.01:
        raise DifferenceError(f"a hundredth of the grid holds other counts than with {peer}, by {apart:.2g}")


WORKLOADS = [
    Workload(
        "align-counts",
        lambda size: [_case(CELLS[size]), _case(CELLS[size] / 4, "cells")],
        {
            "ours": Contestant(_start_ours, ("numba", "rasterio", "xarray", "dask.array", "riskzoning.grid")),
            "rasterio.warp sum, one thread": Contestant(_start_warp, ("rasterio", "riskzoning.grid")),
        },
        agree,
    )
]
