"""Where the study that ships is, its administrative units, and the study.yaml of large samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from riskzoning.errors import ConfigError, Phrase, Problem

# The usual equal-area projection for a province or the nation, in metres.
_LARGE_CRS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80 +units=m +no_defs"
_PACKAGE = Path(__file__).resolve().parents[1]


def sample_study() -> Path:
    """Path of the study.yaml that ships: data/samples/xinxiang of a checkout, else the copy inside the package.

    Raises
    ------
    ConfigError
        Neither is there; the message says where it was looked for.

    Examples
    --------
    >>> sample_study().name
    'study.yaml'
    """
    places = (_PACKAGE.parent / "data" / "samples" / "xinxiang", _PACKAGE / "data" / "samples" / "xinxiang")
    for folder in places:
        if (folder / "study.yaml").is_file():
            return folder / "study.yaml"
    raise ConfigError(Problem("samples.missing", Phrase("sample_study"), places=[str(folder) for folder in places]))


def city_units(levels: Sequence[str] = ("city", "county", "township")) -> gpd.GeoDataFrame:
    """Administrative units of the sample city: real codes and names, made-up borders (illustrative, not official).

    Parameters
    ----------
    levels : sequence of {"city", "county", "township"}

    Returns
    -------
    GeoDataFrame
        Index ``code`` (text); columns ``name level parent type area_km2 geometry``, EPSG:4490. Townships tile their
        counties and counties the city without gap or overlap.

    Examples
    --------
    >>> city_units(["county"]).loc["410782", "name"]
    '辉县市'
    """
    path = sample_study().parent / "admin.gpkg"
    wanted = [level for level in ("city", "county", "township") if level in levels]
    frames = [pyogrio.read_dataframe(path, layer=level).set_index("code") for level in wanted]
    return gpd.GeoDataFrame(pd.concat(frames), crs=frames[0].crs)


def large_study(code: str, pga: Sequence[int], flood: Sequence[int], *, resolution: float, seed: int) -> str:
    """The text of a study.yaml for a large sample: earthquake, flood and population only."""
    lines = [
        "# Large sample for benchmarks: synthetic throughout.",
        "name: {zh: 大样本, en: Large sample}",
        f'code: "{code}"',
        "data_date: 2026-06-30",
        f"seed: {seed}",
        "admin: {path: admin.gpkg, layers: {city: city, county: county, township: township}}",
        f'grid: {{crs: "{_LARGE_CRS}", resolution: {resolution:g}}}',
        "inputs:",
        "  elevation: {path: elevation.tif, quantity: elevation, units: m, nodata: -9999}",
        "  population: {path: population.tif, quantity: population, units: person, nodata: -9999}",
    ]
    for period in pga:
        lines.append(f"  pga_{period}: {{path: pga_{period}.tif, quantity: pga, units: g, return_period: {period}}}")
    for period in flood:
        entry = f"path: depth_{period}.tif, quantity: flood_depth, units: m, return_period: {period}"
        lines.append(f"  depth_{period}: {{{entry}}}")
    lines.append("hazards:" if pga or flood else "hazards: []")
    if pga:
        lines.append(f"  - {{hazard: earthquake, inputs: {{pga: [{', '.join(f'pga_{period}' for period in pga)}]}}}}")
    if flood:
        lines.append(f"  - {{hazard: flood, inputs: {{depth: [{', '.join(f'depth_{period}' for period in flood)}]}}}}")
    lines.append("exposure: {population: {raster: population}}")
    return "\n".join(lines) + "\n"
