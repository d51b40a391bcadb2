"""Samples of any size for benchmarks: a province or a nation, written band by band in little memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import geometry_mask
from rasterio.windows import Window
from scipy.spatial import Voronoi, cKDTree

from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.samples import files
from riskzoning.samples.noise import Array, LatticeNoise, Waves, generator
from riskzoning.samples.study import large_study

Band = NDArray[np.float32]
_TILE = 512
_PER_COUNTY, _PER_CITY = 15, 9


def write_large(
    folder: str | Path,
    *,
    cells: float = 2e8,
    townships: int = 2400,
    seed: int = 20260630,
    bounds: tuple[float, float, float, float] = (110.3, 31.3, 116.7, 36.4),
    pga_periods: Sequence[int] = (475,),
    depth_periods: Sequence[int] = (20, 100),
) -> Path:
    """Write rasters of about ``cells`` cells over a made-up province with nested units, and a study.yaml for them.

    Rasters are tiled, compressed GeoTIFFs in EPSG:4490, made and written 512 rows at a time: elevation, population, PGA
    and flood depth for the periods asked for. Nothing resembles a place; patterns are noise, the same for a seed.

    Parameters
    ----------
    folder : path
    cells : float
        About how many cells a raster has (1e4 to 1e11).
    townships : int
        How many townships; about 15 make a county and 9 counties a city.
    bounds : (west, south, east, north)
        Degrees.
    pga_periods, depth_periods : sequence of int
        Return periods (a); one raster each.

    Returns
    -------
    Path
        Of study.yaml.

    Raises
    ------
    ConfigError
        Sizes out of range.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = write_large(folder, cells=1e5, townships=60)
    ...     print(sorted(path.name for path in study.parent.iterdir()))
    ['admin.gpkg', 'depth_100.tif', 'depth_20.tif', 'elevation.tif', 'pga_475.tif', 'population.tif', 'study.yaml']
    """
    _check(cells, townships)
    raster = _raster(cells, bounds)
    with files.fresh_folder(folder) as work:
        units = large_units(townships, bounds=bounds, seed=seed)
        levels = {level: units[units.level == level].reset_index() for level in ("city", "county", "township")}
        files.write_vector(work / "admin.gpkg", levels)
        outline = shapely.coverage_union_all(units.geometry[units.level == "city"].to_numpy())
        fields = _Fields.over(raster, seed)
        for name, recipe in _recipes(pga_periods, depth_periods).items():
            _write_banded(work / f"{name}.tif", raster, fields, recipe, outline)
        code = str(units.parent[units.level == "city"].iloc[0])
        metres = max(30.0, round(raster.seconds * 30.9, -1))
        text = large_study(code, pga_periods, depth_periods, resolution=metres, seed=seed)
        (work / "study.yaml").write_text(text, encoding="utf-8", newline="\n")
    return Path(folder) / "study.yaml"


def _check(cells: float, townships: int) -> None:
    problems = []
    if not 1e4 <= cells <= 1e11:
        problems.append(Problem("samples.size", Phrase("large_sample"), cells=cells))
    if not 4 <= townships <= 200_000:
        problems.append(Problem("samples.units", Phrase("large_sample"), townships=townships))
    if problems:
        raise ConfigError(problems=problems)


@dataclass(frozen=True)
class _Raster:
    """Shape and transform (degrees) of the rasters, and their cell in arc-seconds."""

    shape: tuple[int, int]
    transform: Affine
    seconds: float


def _raster(cells: float, bounds: tuple[float, float, float, float]) -> _Raster:
    west, south, east, north = bounds
    step = float(np.sqrt((east - west) * (north - south) / cells))
    shape = (int(np.ceil((north - south) / step)), int(np.ceil((east - west) / step)))
    seconds = step * 3600
    return _Raster(shape, Affine(seconds / 3600, 0, west, 0, -seconds / 3600, north), seconds)


@dataclass(frozen=True)
class _Fields:
    """Three independent noises on the raster, made for any band of rows."""

    broad: LatticeNoise
    rough: LatticeNoise
    patches: LatticeNoise

    @classmethod
    def over(cls, raster: _Raster, seed: int) -> _Fields:
        width = raster.shape[1]
        steps = [max(2, round(width / share)) for share in (6, 16, 50, 200)]
        # The finest octave is a few cells wide, so that files are about as hard to decode as surveyed ones.
        return cls(
            LatticeNoise(seed, tuple(steps[:3]), width, 0.5),
            LatticeNoise(seed + 1, (*steps[1:], 3), width, 0.6),
            LatticeNoise(seed + 2, (*steps[2:], 3), width, 0.7),
        )


@dataclass(frozen=True)
class _Recipe:
    make: Callable[[_Fields, int, int], Band]
    dtype: str
    units: str
    period: int | None = None
    masked: bool = True


def _recipes(pga_periods: Sequence[int], depth_periods: Sequence[int]) -> dict[str, _Recipe]:
    out = {
        "elevation": _Recipe(_elevation, "int16", "m", masked=False),
        "population": _Recipe(_population, "float32", "person"),
    }
    for period in pga_periods:
        out[f"pga_{period}"] = _Recipe(_pga(period), "float32", "g", period)
    for period in depth_periods:
        out[f"depth_{period}"] = _Recipe(_depth(period), "float32", "m", period)
    return out


def _elevation(fields: _Fields, first: int, rows: int) -> Band:
    broad, rough = fields.broad.band(first, rows), fields.rough.band(first, rows)
    hills = np.maximum(broad + np.float32(0.1), 0)
    out: Band = np.round(60 + 40 * broad + 2400 * hills**2 * (1 + rough)).astype(np.float32)
    return out


def _population(fields: _Fields, first: int, rows: int) -> Band:
    crowd = fields.patches.band(first, rows) - np.float32(1.2) * np.maximum(fields.broad.band(first, rows), 0)
    out: Band = np.round(np.exp(np.float32(6) * crowd) * np.float32(2))
    return out


def _pga(period: int) -> Callable[[_Fields, int, int], Band]:
    factor = np.float32((period / 475) ** 0.42)

    def make(fields: _Fields, first: int, rows: int) -> Band:
        basic = np.float32(0.13) + np.float32(0.06) * (fields.broad.band(first, rows) + fields.rough.band(first, rows))
        out: Band = np.round(basic * factor, 3)
        return out

    return make


def _depth(period: int) -> Callable[[_Fields, int, int], Band]:
    level = np.float32(0.35 * np.log(period) - 1.9)

    def make(fields: _Fields, first: int, rows: int) -> Band:
        low = level - np.float32(3) * fields.rough.band(first, rows) - np.float32(2) * fields.broad.band(first, rows)
        out: Band = np.round(np.clip(low, 0, 12), 2)
        return out

    return make


def _write_banded(path: Path, raster: _Raster, fields: _Fields, recipe: _Recipe, outline: Any) -> None:
    height, width = raster.shape
    predictor = 3 if recipe.dtype == "float32" else 2
    with rasterio.Env(GDAL_CACHEMAX=64), rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=1, dtype=recipe.dtype, crs="EPSG:4490",
        transform=raster.transform, nodata=-9999, tiled=True, blockxsize=_TILE, blockysize=_TILE,
        compress="deflate", zlevel=1, predictor=predictor, num_threads=2, bigtiff="if_safer",
    ) as file:  # fmt: skip
        for first in range(0, height, _TILE):
            rows = min(_TILE, height - first)
            values = recipe.make(fields, first, rows)
            if recipe.masked:
                window = Window(0, first, width, rows)
                place = rasterio.windows.transform(window, raster.transform)
                values[geometry_mask([outline], (rows, width), place)] = -9999
            file.write(values.astype(recipe.dtype), 1, window=Window(0, first, width, rows))
        tags = {"UNITS": recipe.units, "SOURCE": "synthetic, riskzoning large sample"}
        file.update_tags(**tags, **({"RETURN_PERIOD": str(recipe.period)} if recipe.period else {}))


def large_units(
    townships: int, *, bounds: tuple[float, float, float, float] = (110.3, 31.3, 116.7, 36.4), seed: int = 20260630
) -> gpd.GeoDataFrame:
    """Nested made-up units of any number: townships tile counties, counties tile cities, without gap or overlap.

    Returns
    -------
    GeoDataFrame
        Index ``code``; columns ``name level parent geometry``, EPSG:4490.

    Examples
    --------
    >>> units = large_units(60)
    >>> int((units.level == "township").sum()), bool(shapely.coverage_is_valid(units.geometry[units.level == "county"]))
    (60, True)
    """
    west, south, east, north = bounds
    size = float(np.sqrt((east - west) * (north - south) / townships))
    rng = generator(seed, "large", "units")
    outline = _outline(bounds, rng)
    points = _seeds(outline, townships, rng)
    faces = _cells(points, outline, size)
    warp = [(share * size, [Waves.drawn(rng, [length * size]) for _ in range(2)]) for share, length in _BENDS]

    def bent(xy: Array) -> Array:
        for amount, (field_x, field_y) in warp:
            move = np.column_stack([field_x.at(xy[:, 0], xy[:, 1]), field_y.at(xy[:, 0], xy[:, 1])])
            xy = xy + amount * move
        return np.round(xy, 7)

    spots = shapely.get_coordinates(shapely.point_on_surface(faces))
    owner = cKDTree(points).query(spots)[1]
    shapes = np.empty(townships, dtype=object)
    shapes[owner] = shapely.transform(faces, bent)
    return _nested(points, shapes)


# Displacement and wavelength of the bends of borders, in sizes of a township.
_BENDS = ((0.16, 4.0), (0.05, 1.2))


def _outline(bounds: tuple[float, float, float, float], rng: np.random.Generator) -> shapely.Polygon:
    west, south, east, north = bounds
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    wave = sum(0.05 / order * np.cos(order * angle + rng.uniform(0, 6.28)) for order in (2, 3, 5, 8))
    radius = (0.92 + wave) / (np.abs(np.cos(angle)) ** 3 + np.abs(np.sin(angle)) ** 3) ** (1 / 3)
    x = (west + east) / 2 + 0.45 * (east - west) * radius * np.cos(angle)
    y = (south + north) / 2 + 0.45 * (north - south) * radius * np.sin(angle)
    return shapely.Polygon(np.column_stack([x, y]))


def _seeds(outline: shapely.Polygon, count: int, rng: np.random.Generator) -> Array:
    """Exactly ``count`` points inside the outline, about evenly spread."""
    west, south, east, north = outline.bounds
    step = np.sqrt(outline.area / count) * 1.02
    while True:
        x, y = np.meshgrid(np.arange(west, east, step), np.arange(south, north, step))
        points = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-0.36, 0.36, (x.size, 2)) * step
        points = points[shapely.contains_xy(outline, points[:, 0], points[:, 1])]
        if len(points) >= count:
            kept: Array = points[np.sort(rng.permutation(len(points))[:count])]
            return kept
        step *= 0.98


def _cells(points: Array, outline: shapely.Polygon, size: float) -> NDArray[Any]:
    """Voronoi cells of the points inside the outline, with several points on each side."""
    middle, span = points.mean(axis=0), np.ptp(points, axis=0).max() * 4
    ghosts = middle + span * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1], [0, 1.4], [1.4, 0], [0, -1.4], [-1.4, 0]])
    diagram = Voronoi(np.vstack([points, ghosts]))
    ridges = np.array([ridge for ridge in diagram.ridge_vertices if min(ridge) >= 0])
    sides = shapely.linestrings(diagram.vertices[ridges])
    inside = shapely.intersection(sides, outline)
    lines = [outline.exterior, *inside[shapely.length(inside) > 0]]
    noded = shapely.union_all(lines, grid_size=1e-6)
    edges = shapely.segmentize(shapely.get_parts(shapely.line_merge(noded)), size / 9)
    out: NDArray[Any] = shapely.get_parts(shapely.polygonize(edges))
    return out


def _blocks(points: Array, largest: int) -> NDArray[np.intp]:
    """Numbers of compact groups of at most ``largest`` points, by halving along the longer side."""
    label = np.zeros(len(points), dtype=np.intp)
    todo, done = [(np.arange(len(points)), -(-len(points) // largest))], 0
    while todo:
        part, groups = todo.pop()
        if groups == 1:
            label[part] = done
            done += 1
            continue
        axis = int(np.ptp(points[part], axis=0).argmax())
        order = part[np.argsort(points[part, axis], kind="stable")]
        cut = round(len(order) * (groups // 2) / groups)
        todo += [(order[cut:], groups - groups // 2), (order[:cut], groups // 2)]
    return label


def _nested(points: Array, shapes: NDArray[Any]) -> gpd.GeoDataFrame:
    city = _blocks(points, _PER_COUNTY * _PER_CITY)
    rows: list[tuple[str, str, str, str, Any]] = []
    for number in range(int(city.max()) + 1):
        members = np.flatnonzero(city == number)
        # 41 is followed by 42 when a province has no codes left; two digits for a city, two a county, three a town.
        city_code = f"{41 + number // 90}{number % 90 + 1:02d}00"
        rows.append((city_code, f"示例市{number + 1}", "city", f"{city_code[:2]}0000", _union(shapes[members])))
        county = _blocks(points[members], _PER_COUNTY)
        for inner in range(int(county.max()) + 1):
            towns = members[county == inner]
            code = f"{city_code[:4]}{inner + 21:02d}"
            rows.append((code, f"示例县{number + 1}-{inner + 1}", "county", city_code, _union(shapes[towns])))
            for place, town in enumerate(towns):
                rows.append((f"{code}{place + 100:03d}", f"示例乡{place + 1}", "township", code, shapes[town]))
    frame = pd.DataFrame(rows, columns=["code", "name", "level", "parent", "geometry"]).set_index("code")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4490")


def _union(shapes: NDArray[Any]) -> Any:
    return shapely.coverage_union_all(shapes)
