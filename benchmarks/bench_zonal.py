"""Zonal statistics beside exactextract: layers in memory, and one layer streamed from a tiled, compressed GeoTIFF."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import landscape
from benchmarks.contest import Call, Case, Contestant, DifferenceError, Result, Workload, same

STATISTICS = ("count", "mean", "min", "max", "std")
_PEER_NAMES = ("count", "mean", "min", "max", "stdev")
CELLS = {"s": 1e6, "m": 2.5e7, "l": 1e8}
TOWNSHIPS, MANY = 160, 1600
# Layers are this many fields, taken in turn, so that twenty layers of 1e8 cells fit a small machine.
_FIELDS = 5
_OUR_NEEDS = ("numba", "geopandas", "rasterio", "xarray", "dask.array", "odc.geo.geobox", "riskzoning.zoning")
_PEER_NEEDS = ("exactextract", "geopandas", "rasterio")


def _cases(layers: int, size: str) -> list[Case]:
    cells = CELLS[size]

    def case(cells: float, townships: int, growth: str, n: float) -> Case:
        title = f"{layers} x {cells:.2g}" if layers > 1 else f"{cells:.2g}"
        more = f", {townships} townships" if townships != TOWNSHIPS else ""
        return Case(title + more, n, {"cells": cells, "layers": layers, "townships": townships}, growth)

    return [
        case(cells, TOWNSHIPS, "", cells),
        case(cells / 4, TOWNSHIPS, "cells", cells / 4),
    ]


def _unit_cases(size: str) -> list[Case]:
    cells = CELLS[size]
    facts = {"cells": cells, "layers": 1}
    return [
        Case(f"{cells:.2g}, {TOWNSHIPS} townships", TOWNSHIPS, {**facts, "townships": TOWNSHIPS}),
        Case(f"{cells:.2g}, {MANY} townships", MANY, {**facts, "townships": MANY}, "units"),
    ]


def _files(case: Case) -> None:
    landscape.units_file(case.params["townships"], case.params["cells"])


def _file_too(case: Case) -> None:
    _files(case)
    landscape.tiled_file(1, case.params["cells"])


def _columns(frame: Any, layers: int, names: tuple[str, ...]) -> Result:
    """Arrays (layer, unit) by statistic."""
    return {
        ours: np.stack([np.asarray(frame[key], dtype=np.float64) for key in _keys(frame, layers, name)])
        for ours, name in zip(STATISTICS, names, strict=True)
    }


def _keys(frame: Any, layers: int, name: str) -> list[Any]:
    if layers == 1:
        return [name]
    multi = getattr(frame.columns, "nlevels", 1) > 1
    return [(f"layer{i}", name) if multi else f"layer{i}_{name}" for i in range(layers)]


def _start_ours(case: Case) -> Call:
    from riskzoning.grid import analysis_grid
    from riskzoning.layers import layer_on
    from riskzoning.zoning import Coverage

    cells, layers = case.params["cells"], case.params["layers"]
    extent = landscape.side(cells) * landscape.RESOLUTION
    grid = analysis_grid((0, 0, extent, extent), crs=landscape.CRS, resolution=landscape.RESOLUTION)
    fields = [landscape.field(seed, cells) for seed in range(min(layers, _FIELDS))]
    stack: Any = {f"layer{i}": layer_on(grid, fields[i % _FIELDS], quantity="elevation") for i in range(layers)}
    units = landscape.read_units(case.params["townships"], cells)
    given = stack if layers > 1 else stack["layer0"]

    def call() -> Result:
        return _columns(Coverage.from_units(grid, units).statistics(given, STATISTICS), layers, STATISTICS)

    return call


def _start_peer(case: Case) -> Call:
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    cells, layers = case.params["cells"], case.params["layers"]
    extent = landscape.side(cells) * landscape.RESOLUTION
    units = landscape.read_units(case.params["townships"], cells)
    wkt = units.crs.to_wkt()
    fields = [landscape.field(seed, cells) for seed in range(min(layers, _FIELDS))]
    sources = [
        NumPyRasterSource(fields[i % _FIELDS], xmin=0, ymin=0, xmax=extent, ymax=extent, srs_wkt=wkt, name=f"layer{i}")
        for i in range(layers)
    ]

    def call() -> Result:
        # Of its two strategies the faster one for several layers; for one layer they differ by a tenth.
        frame = exact_extract(sources, units, list(_PEER_NAMES), strategy="raster-sequential", output="pandas")
        return _columns(frame, layers, _PEER_NAMES)

    return call


def _start_pass(case: Case) -> Call:
    fields = [landscape.field(seed, case.params["cells"]) for seed in range(min(case.params["layers"], _FIELDS))]

    def call() -> Result:
        return {"max": np.array([fields[i % _FIELDS].max() for i in range(case.params["layers"])])}

    return call


def _start_file(case: Case) -> Call:
    from riskzoning.zoning import zonal_statistics

    cells = case.params["cells"]
    path, units = landscape.tiled_file(1, cells), landscape.read_units(case.params["townships"], cells)

    def call() -> Result:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _columns(zonal_statistics(path, units, STATISTICS), 1, STATISTICS)

    return call


def _start_peer_file(case: Case) -> Call:
    from exactextract import exact_extract
    from exactextract.raster import RasterioRasterSource

    cells = case.params["cells"]
    path, units = landscape.tiled_file(1, cells), landscape.read_units(case.params["townships"], cells)

    def call() -> Result:
        source = RasterioRasterSource(str(path))
        frame = exact_extract(source, units, list(_PEER_NAMES), strategy="raster-sequential", output="pandas")
        return _columns(frame, 1, _PEER_NAMES)

    return call


def _start_reading(case: Case) -> Call:
    """Decode every tile and do nothing: two threads, whole tile rows, a handle and a buffer each."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import local

    import rasterio
    from rasterio.windows import Window

    path, n = landscape.tiled_file(1, case.params["cells"]), landscape.side(case.params["cells"])

    def call() -> Result:
        own = local()

        def read(first: int) -> None:
            if not hasattr(own, "file"):
                own.file, own.buffer = rasterio.open(path), np.empty((landscape.TILE, n), np.float32)
            rows = min(landscape.TILE, n - first)
            with rasterio.Env(GDAL_CACHEMAX=64):
                own.file.read(1, out=own.buffer[:rows], window=Window(0, first, n, rows))

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(read, range(0, n, landscape.TILE)))
        return {}

    return call


def _agree(ours: Result, theirs: Result, peer: str) -> None:
    if peer == "exactextract":
        # It keeps fractions as float32; a minimum or maximum of ours must be one of its own.
        same(ours, theirs, relative=1e-6, keys=("count", "mean", "std"))
        _same_extremes(ours, theirs)


def _same_extremes(ours: Result, theirs: Result) -> None:
    for key in ("min", "max"):
        if not np.array_equal(ours[key], theirs[key], equal_nan=True):
            worst = int(np.argmax(np.abs(np.nan_to_num(ours[key] - theirs[key])).max(axis=0)))
            raise DifferenceError(
                f"{key} of unit {worst}: {ours[key][:, worst][:3]} against {theirs[key][:, worst][:3]}"
            )


_IN_MEMORY = {
    "ours": Contestant(_start_ours, _OUR_NEEDS),
    "exactextract": Contestant(_start_peer, _PEER_NEEDS),
    "one pass over the memory": Contestant(_start_pass),
}
WORKLOADS = [
    Workload("zonal-layers", lambda size: _cases(20, size), _IN_MEMORY, _agree, _files),
    Workload("zonal-layer", lambda size: _cases(1, size), _IN_MEMORY, _agree, _files),
    Workload("zonal-units", _unit_cases, _IN_MEMORY, _agree, _files),
    Workload(
        "zonal-file",
        lambda size: _cases(1, size),
        {
            "ours": Contestant(_start_file, _OUR_NEEDS),
            "exactextract": Contestant(_start_peer_file, _PEER_NEEDS),
            "reading alone": Contestant(_start_reading, ("rasterio",)),
        },
        _agree,
        _file_too,
    ),
]
