"""The administrative units that surveys are checked against, and what is wrong with their own borders (Q07)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
from pyogrio import list_layers

from riskzoning import admin, io, standards
from riskzoning.errors import AdminError, Journal, Phrase, Problem, hearing, note
from riskzoning.files import existing
from riskzoning.results import LEVELS, VILLAGE

# What is said of units that concerns their borders, which is the rule Q07 of surveys.
TOPOLOGY = (
    "admin.overlap", "admin.gap", "admin.mended.overlap", "admin.mended.gap", "admin.invalid", "admin.mended.invalid",
    "admin.sliver", "admin.mended.sliver", "admin.union",
)  # fmt: skip
_AREA = "EPSG:6933"


def survey_units(path: Path) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    """Units of a file with a layer for each level, or one layer with a column of levels; faults of their borders.

    The surveys are checked against borders that are mended as far as that is possible.
    """
    layers = [str(item[0]) for item in list_layers(existing(path, what=Phrase("vector_file")))]
    named = {level: io.read_vector(path, layer=level) for level in LEVELS if level in layers and level != VILLAGE}
    raw: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] = named or io.read_vector(path)
    problems: list[Problem] = []
    with hearing(Journal()) as journal:
        try:
            admin.assemble(raw, name=str(path))
        except AdminError as error:
            problems = [problem for problem in error.problems if problem.rule.startswith(TOPOLOGY)]
        units = _mended(raw, named, path)
    for problem in (*journal.dropped, *journal.warnings):
        note(problem)
    return units, problems + _sum(named, path)


def _mended(
    raw: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame], named: Mapping[str, gpd.GeoDataFrame], path: Path
) -> gpd.GeoDataFrame:
    """Units whose borders are mended; where the city is not what its counties make up, it is built of them."""
    try:
        return admin.assemble(raw, repair=True, name=str(path)).units
    except AdminError:
        below = {level: frame for level, frame in named.items() if level != "city"}
        if not below or len(below) == len(named):
            raise
        return admin.assemble(below, repair=True, name=str(path)).units


def _sum(named: Mapping[str, gpd.GeoDataFrame], path: Path) -> list[Problem]:
    """The counties have the area of the city."""
    if not {"city", "county"} <= set(named):
        return []
    city, counties = (float(named[level].to_crs(_AREA).area.sum()) / 1e6 for level in ("city", "county"))
    tolerance = float(standards.table("surveys/quality").data["city_area"])
    if city <= 0 or abs(counties - city) <= tolerance * city:
        return []
    return [Problem("Q07.sum", str(path), field="geometry", value=counties, other=city, tolerance=tolerance)]
