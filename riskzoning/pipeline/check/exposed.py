"""Checks of what is exposed: tables by unit, buildings, roads, and the ratios that show a wrong unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from odc.geo.geobox import GeoBox

from riskzoning import exposure as exposure_room
from riskzoning import io, standards
from riskzoning.config import StudyConfig
from riskzoning.errors import Problem, RiskZoningError, first_few
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.check.location import vector_problems

__all__ = ["exposure_jobs", "folded_totals", "geometry_problems"]

Job = Callable[[], list[Problem]]
_GEOMETRIES = {
    "points": {"Point", "MultiPoint"},
    "lines": {"LineString", "MultiLineString", "LinearRing"},
    "polygons": {"Polygon", "MultiPolygon"},
    "points or footprints": {"Point", "MultiPoint", "Polygon", "MultiPolygon"},
}


def exposure_jobs(
    study: StudyConfig, catalogue: Catalogue, units: gpd.GeoDataFrame | None, grid: GeoBox | None
) -> Iterator[tuple[str, Job]]:
    """What is to be checked about the exposure of a study besides its rasters, by name.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study
    >>> study = load_study(sample_study())
    >>> [name for name, _ in exposure_jobs(study, Catalogue(study), None, None)][:2]
    ['exposure: population_township', 'exposure: gdp_county']
    """
    exposure = study.exposure
    for receptor in ("population", "economy"):
        item = getattr(exposure, receptor)
        if item is not None and item.table in study.inputs:
            yield f"exposure: {item.table}", partial(_table_problems, catalogue, item, receptor, units)
    if exposure.buildings is not None and exposure.buildings.points in study.inputs:
        name = exposure.buildings.points
        yield f"exposure: {name}", partial(_building_problems, catalogue, name, exposure.buildings, grid)
    if exposure.roads is not None and exposure.roads.lines in study.inputs:
        name = exposure.roads.lines
        yield f"exposure: {name}", partial(_line_problems, catalogue, name, grid)
    yield "exposure: ratios", partial(_ratio_problems, study, catalogue)


def folded_totals(
    frame: pd.DataFrame, code: str, column: str, known: set[str], pseudo: Mapping[str, str], factor: float = 1.0
) -> tuple[pd.Series[float], list[str]]:
    """Totals of units by code, rows of statistical zones added to the county that holds their ground; and those codes.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["410702", "410771"], "pop": [5, 2]})
    >>> totals, folded = folded_totals(frame, "code", "pop", {"410702"}, {"410771": "410702"})
    >>> totals.to_dict(), folded
    ({'410702': 7.0}, ['410771'])
    """
    values = pd.to_numeric(frame[column], errors="coerce").astype(float) * factor
    codes = frame[code].astype(str).str.strip()
    target = [pseudo.get(item, item) if item not in known else item for item in codes]
    folded = [item for item, where in zip(codes, target, strict=True) if item != where]
    return values.groupby(pd.Index(target, name="code")).sum(), folded


def _table_problems(catalogue: Catalogue, item: Any, receptor: str, units: gpd.GeoDataFrame | None) -> list[Problem]:
    frame = catalogue.table(item.table)
    thing = str(catalogue.entry(item.table).path)
    problems = _column_problems(frame, (item.code, item.column), thing)
    if problems:
        return problems
    codes = frame[item.code].astype(str).str.strip()
    values = pd.to_numeric(frame[item.column], errors="coerce")
    for label, bad in (("negative", values < 0), ("not a number", ~np.isfinite(values) & ~(values < 0))):
        if bad.any():
            rows = first_few(
                f"{code} ({value})" for code, value in zip(codes[bad], frame[item.column][bad], strict=True)
            )
            problems.append(
                Problem(
                    thing, f"is {label} for {rows}", "a number of 0 or more for each unit", "Correct the table.",
                    rule=f"table.{label.replace(' ', '_')}", field=item.column,
                )
            )  # fmt: skip
    repeated = codes[codes.duplicated()]
    if len(repeated):
        found, fix = f"repeats {first_few(repeated)}", "Remove the double rows."
        problems.append(Problem(thing, found, "each code once", fix, rule="table.double", field=item.code))
    if receptor == "economy":
        try:
            standards.convert_units(1.0, item.units, "gdp", thing="exposure.economy.units")
        except RiskZoningError as error:
            problems += error.problems
    return problems + ([] if units is None else _code_problems(catalogue, item, codes, units, thing))


def _code_problems(
    catalogue: Catalogue, item: Any, codes: pd.Series[Any], units: gpd.GeoDataFrame, thing: str
) -> list[Problem]:
    known, pseudo = set(units.index), catalogue.study.admin.pseudo_counties
    problems = []
    unknown = [code for code in codes if code not in known and code not in pseudo]
    if unknown:
        problems.append(
            Problem(
                thing, f"has codes that no unit has: {first_few(unknown)}", "codes of the administrative units",
                "Correct them, or map statistical counties with `pseudo_counties:` under `admin:`.",
                rule="table.unknown_code", field=item.code,
            )
        )  # fmt: skip
    given = {pseudo.get(code, code) if code not in known else code for code in codes}
    for level in dict.fromkeys(units["level"]):
        own = units.index[units["level"] == level]
        lost = [code for code in own if code not in given]
        if lost and len(lost) < len(own):
            problems.append(
                Problem(
                    thing, f"has no row for {len(lost)} of {len(own)} units ({level}): {first_few(lost)}",
                    "a total for every unit of a level that it has", "Add the rows; 0 where nobody lives.",
                    rule="table.missing_code", field=item.code,
                )
            )  # fmt: skip
    levels = [level for level in dict.fromkeys(units["level"]) if given & set(units.index[units["level"] == level])]
    if len(levels) > 1:
        problems.append(
            Problem(
                thing, f"has totals of several levels: {', '.join(levels)}", "rows of one level, or people count twice",
                "Keep the rows of the finest level.", rule="table.levels", field=item.code,
            )
        )  # fmt: skip
    return problems


def _column_problems(frame: pd.DataFrame, columns: tuple[str | None, ...], thing: str) -> list[Problem]:
    return [
        Problem(
            thing, f"has no column '{column}'", f"one of {first_few(map(str, frame.columns), shown=20)}",
            "Name the right column in study.yaml.", rule="table.column", field=column,
        )
        for column in columns
        if column is not None and column not in frame.columns
    ]  # fmt: skip


def geometry_problems(frame: gpd.GeoDataFrame, wanted: str, thing: str) -> list[Problem]:
    """Whether a layer has the kind of features that is read from it: points, lines, polygons.

    Examples
    --------
    >>> from riskzoning.samples import toy_city
    >>> geometry_problems(toy_city().units, "lines", "roads.gpkg")[0].found
    'has features of type Polygon'
    """
    kinds = set(frame.geometry.geom_type.dropna()) - _GEOMETRIES[wanted]
    if kinds:
        found = f"has features of type {first_few(sorted(map(str, kinds)))}"
        fix = "Check the path and the layer."
        return [Problem(thing, found, wanted, fix, rule="vector.type")]
    return []


def _line_problems(catalogue: Catalogue, name: str, grid: GeoBox | None) -> list[Problem]:
    frame, thing = catalogue.vector(name), f"input '{name}'"
    problems = geometry_problems(frame, "lines", thing)
    return problems if problems or grid is None else vector_problems(frame, thing, grid)


def _building_problems(catalogue: Catalogue, name: str, item: Any, grid: GeoBox | None) -> list[Problem]:
    frame, thing = catalogue.vector(name), f"input '{name}'"
    wanted = tuple(getattr(item, key) for key in ("area", "value", "factor", "structure", "built_year"))
    problems = _column_problems(frame, wanted, thing) + geometry_problems(frame, "points or footprints", thing)
    if problems:
        return problems
    for column in (item.area, item.value, item.factor):
        if column is None:
            continue
        values = pd.to_numeric(frame[column], errors="coerce")
        wrong = frame[column][(values < 0) | (values.isna() & frame[column].notna())]
        if len(wrong):
            shown = first_few(f"{value} (row {row + 1})" for row, value in zip(_rows(frame, wrong), wrong, strict=True))
            found = f"has {len(wrong)} values below 0 or no numbers: {shown}"
            fix = "Correct the rows."
            problems.append(Problem(thing, found, "numbers of 0 or more", fix, rule="table.negative", field=column))
    if item.value is not None:
        try:
            standards.convert_units(1.0, item.value_units, "building_value", thing="exposure.buildings.value_units")
        except RiskZoningError as error:
            problems += error.problems
    problems += _structure_problems(frame, item, thing)
    return problems + ([] if grid is None else vector_problems(frame, thing, grid))


def _rows(frame: gpd.GeoDataFrame, part: pd.Series[Any]) -> list[int]:
    return [int(place) for place in frame.index.get_indexer(part.index)]


def _structure_problems(frame: gpd.GeoDataFrame, item: Any, thing: str) -> list[Problem]:
    if item.structure is None:
        return []
    known = np.isfinite(exposure_room.structure_vulnerability(frame[item.structure].to_numpy()))
    if known.all():
        return []
    strange = first_few(dict.fromkeys(frame[item.structure][~known]))
    required = "codes of the table exposure/building_vulnerability"
    fix = "Correct them, or replace the table under `standards:`; until then these buildings do not count for it."
    return [
        Problem(
            thing, f"has {int((~known).sum())} of {len(frame)} rows of unknown structure: {strange}", required, fix,
            rule="table.structure", field=item.structure, severity="warning" if known.any() else "error",
        )
    ]  # fmt: skip


def _ratio_problems(study: StudyConfig, catalogue: Catalogue) -> list[Problem]:
    """GDP and floor area by resident: a figure of ten thousand times too much is a wrong unit."""
    people = _people(study, catalogue)
    if not people:
        return []
    found: dict[str, tuple[str, float, str]] = {}
    economy, buildings = study.exposure.economy, study.exposure.buildings
    if economy is not None and economy.table in study.inputs:
        frame = catalogue.table(economy.table)
        if economy.column in frame.columns:
            factor = standards.convert_units(1.0, economy.units, "gdp", thing="exposure.economy.units")
            total = float(pd.to_numeric(frame[economy.column], errors="coerce").sum()) * factor
            fix = f"Check `units:` of the economy (now {economy.units}) and the column '{economy.column}'."
            found["gdp_per_person"] = (f"'{economy.table}' makes a GDP", total / people, fix)
    if buildings is not None and buildings.points in study.inputs:
        frame = catalogue.vector(buildings.points)
        columns = [column for column in (buildings.area, buildings.factor) if column is not None]
        if set(columns) <= set(frame.columns):
            product = frame[columns].apply(pd.to_numeric, errors="coerce").prod(axis=1, min_count=len(columns))
            fix = f"Check the column '{buildings.area}' and the expansion factor of a sample (`factor:`)."
            found["area_per_person"] = (f"'{buildings.points}' makes a floor area", float(product.sum()) / people, fix)
    return [problem for key, values in found.items() for problem in _ratio_problem(key, *values)]


def _ratio_problem(key: str, what: str, ratio: float, fix: str) -> Iterator[Problem]:
    limits = standards.table("exposure/ratios").data[key]
    low, high = limits["soft"]
    if not low <= ratio <= high:
        refused = not limits["hard"][0] <= ratio <= limits["hard"][1]
        yield Problem(
            f"input {what}", f"of {ratio:,.6g} {limits['units']}", f"{low:g} to {high:g} {limits['units']}", fix,
            rule=f"exposure.{key}", severity="error" if refused else "warning",
        )  # fmt: skip


def _people(study: StudyConfig, catalogue: Catalogue) -> float:
    item = study.exposure.population
    try:
        if item is not None and item.table in study.inputs:
            frame = catalogue.table(item.table)
            return float(pd.to_numeric(frame[item.column], errors="coerce").sum()) if item.column in frame else 0.0
        if item is not None and item.raster in study.inputs:
            return float(io.scan_layer(catalogue.layer(item.raster, "population"), name=item.raster).total)
    except RiskZoningError:
        return 0.0
    return 0.0
