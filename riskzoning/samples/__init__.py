"""The sample city, seeded, any size: data to try every part of the package on, made up and labelled so.

``sample_study`` names the study that ships, ``write_city`` makes it again (with another seed or cell), ``write_large``
makes a province or a nation for benchmarks, ``toy_city`` and ``city_units`` give values in memory.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from riskzoning.samples.boundaries import drawn_units
from riskzoning.samples.city import SEED, write_city
from riskzoning.samples.large import large_units, write_large
from riskzoning.samples.study import sample_study
from riskzoning.samples.toy import ToyCity, toy_city
from riskzoning.samples.toy_result import toy_result

__all__ = [
    "ToyCity",
    "city_units",
    "large_units",
    "sample_study",
    "toy_city",
    "toy_result",
    "write_city",
    "write_large",
]


def city_units(levels: Sequence[str] = ("city", "county", "township"), *, seed: int = SEED) -> gpd.GeoDataFrame:
    """Administrative units of the sample city: real codes and names, made-up borders (illustrative, not official).

    Parameters
    ----------
    levels : sequence of {"city", "county", "township"}
    seed : int

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
    units = drawn_units(seed)
    return units[units["level"].isin(list(levels))].copy()
