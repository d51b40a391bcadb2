"""study.yaml of the sample city and of large samples, and where the shipped one is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from string import Template

from riskzoning.errors import ConfigError, Problem

__all__ = ["city_study", "large_study", "sample_study"]

# The usual equal-area projection for a province or the nation, in metres.
_LARGE_CRS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80 +units=m +no_defs"
_PACKAGE = Path(__file__).resolve().parents[1]


def sample_study() -> Path:
    """Path of the study.yaml that ships: data/samples/xinxiang of a checkout, else the copy inside the package.

    Raises
    ------
    ConfigError
        Neither is there; the message says how to make one.

    Examples
    --------
    >>> sample_study().name
    'study.yaml'
    """
    places = (_PACKAGE.parent / "data" / "samples" / "xinxiang", _PACKAGE / "data" / "samples" / "xinxiang")
    for folder in places:
        if (folder / "study.yaml").is_file():
            return folder / "study.yaml"
    raise ConfigError(
        Problem(
            "the sample study",
            "is not there",
            f"study.yaml in {places[0]} or in {places[1]}",
            "Install the package again, or make one with riskzoning.samples.write_city(folder).",
            rule="samples.missing",
        )
    )


def city_study(seed: int, years: tuple[int, int], pga: Sequence[int], flood: Sequence[int]) -> str:
    """The text of the sample city's study.yaml, with comments in Chinese and English.

    Examples
    --------
    >>> city_study(1, (2011, 2020), (475,), (100,)).splitlines()[5]
    'name: {zh: 新乡市, en: Xinxiang}'
    """
    rows_pga = "\n".join(
        f"  pga_{period}: {{path: seismic/pga_T{period:05d}.tif, quantity: pga, units: g, return_period: {period}}}"
        for period in pga
    )
    rows_flood = "\n".join(
        f"  depth_{period}: {{path: flood/depth_T{period:03d}.tif, quantity: flood_depth, units: m, "
        f"return_period: {period}}}"
        for period in flood
    )
    template = Template((Path(__file__).parent / "city_study.yml").read_text(encoding="utf-8"))
    return template.substitute(
        seed=seed,
        years=f"{years[0]}-{years[1]}",
        pga=rows_pga,
        flood=rows_flood,
        pga_names=", ".join(f"pga_{period}" for period in pga),
        depth_names=", ".join(f"depth_{period}" for period in flood),
    )


def large_study(code: str, pga: Sequence[int], flood: Sequence[int], *, resolution: float, seed: int) -> str:
    """The text of a study.yaml for a large sample: earthquake, flood and population only.

    Examples
    --------
    >>> "depth_100" in large_study("410000", (475,), (100,), resolution=500, seed=1)
    True
    """
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
