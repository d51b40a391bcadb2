"""The inputs of the hazards, one job each: form, place, values, and what a hazard says of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import io
from riskzoning.config import HazardConfig
from riskzoning.errors import Phrase, Problem, RiskZoningError
from riskzoning.grid import align, analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import HazardSpec, check_inputs, rehearse
from riskzoning.hazards.gridded import is_gridded
from riskzoning.inputs import InputSpec, InputValue, unusual
from riskzoning.layers import fact_problems
from riskzoning.methods.interpolation.reach import far_points
from riskzoning.pipeline.catalogue import Catalogue, problems_of
from riskzoning.pipeline.check.location import overlap_problems, vector_problems
from riskzoning.pipeline.workspace.progress import Work
from riskzoning.places import check_degrees

Job = Callable[[], list[Problem]]
# Cells along the longer side of the grid on which hazards of station series are rehearsed.
_REHEARSAL_CELLS = 24
_SERIES = ("stations", "series")
_FEATURES = ("points", "lines", "polygons")


def hazard_jobs(catalogue: Catalogue, grid: GeoBox | None) -> Iterator[tuple[Work, Job]]:
    """What is to be checked about the hazards of a study: each of their inputs, then all of a hazard together."""
    for item in catalogue.study.hazards:
        if item.hazard not in HAZARDS:
            continue
        spec = HAZARDS[item.hazard]
        for wanted in spec.inputs:
            names = tuple(name for name in item.inputs.get(wanted.key, ()) if name in catalogue.study.inputs)
            if names:
                yield Work(item.hazard, wanted.key), partial(entry_problems, catalogue, names, wanted, grid)
        yield Work(item.hazard), partial(_door_problems, catalogue, item, spec, grid)


def _door_problems(catalogue: Catalogue, item: HazardConfig, spec: HazardSpec, grid: GeoBox | None) -> list[Problem]:
    """What the hazard itself says about its inputs taken together: columns, elements, forms."""
    study = catalogue.study
    given: dict[str, InputValue | None] = {}
    for wanted in spec.inputs:
        names = item.inputs.get(wanted.key, ())
        if not names or not all(name in study.inputs for name in names):
            continue
        try:
            given[wanted.key] = catalogue.hazard_input(names, wanted)
        except RiskZoningError:
            return []  # reported by the check of that input
    try:
        check_inputs(spec, given)
        if grid is not None and (_is_rehearsed(spec) or any(spec.input(key).form in _SERIES for key in given)):
            _rehearse(given, item, spec, _coarse(grid))
    except RiskZoningError as error:
        return problems_of(error, Phrase("hazard", name=item.hazard))
    return []


def _is_rehearsed(spec: HazardSpec) -> bool:
    """Whether the hazard looks at its inputs itself, columns included, before a run."""
    return spec.stages.rehearse is not None


def _coarse(grid: GeoBox) -> GeoBox:
    longest = max(grid.boundingbox.span_x, grid.boundingbox.span_y)
    return analysis_grid(grid.boundingbox.bbox, crs=str(grid.crs), resolution=longest / _REHEARSAL_CELLS)


def _rehearse(given: dict[str, InputValue | None], item: HazardConfig, spec: HazardSpec, grid: GeoBox) -> None:
    """Prepare a hazard on a few cells, or let it look itself: which events series allow shows only then."""
    forms = ("stations", "series", "layer", *(_FEATURES if _is_rehearsed(spec) else ()))
    kept = {
        wanted.key: align(value, grid)
        if isinstance(value, xr.DataArray) and wanted.form == "layer" and not wanted.native
        else value
        for wanted in spec.inputs
        if (value := given.get(wanted.key)) is not None and wanted.form in forms
    }
    if not _is_rehearsed(spec):
        kept = {key: value for key, value in kept.items() if not isinstance(value, gpd.GeoDataFrame)}
    rehearse(spec, kept, spec.params(**item.params), grid)


def entry_problems(
    catalogue: Catalogue, names: tuple[str, ...], wanted: InputSpec, grid: GeoBox | None
) -> list[Problem]:
    """What is wrong with the entries of the catalogue that are given for one input."""
    value = catalogue.hazard_input(names, wanted)
    if wanted.form in ("stations", "series"):
        return [] if grid is None else _station_problems(value, Phrase("input", name=names[0]), grid)
    if isinstance(value, xr.DataArray):
        paths = ", ".join(catalogue.entry(name).path.as_posix() for name in names[:3])
        thing = Phrase("input_file", name=wanted.key, path=paths if len(names) <= 3 else f"{paths} …")
        dry = [catalogue.entry(name).dry_is_nodata for name in names]
        return _layer_problems(value, thing, wanted, grid, dry=None if None in dry else all(dry))
    if isinstance(value, gpd.GeoDataFrame):
        thing, column = Phrase("input", name=names[0]), catalogue.entry(names[0]).column
        problems = geometry_problems(value, "polygons" if wanted.form == "layer" else wanted.form, thing)
        if column is not None and column not in value.columns:
            columns = list(map(str, value.columns))
            problems.append(Problem("catalogue.column", thing, column=column, columns=columns))
        return problems if problems or grid is None else vector_problems(value, thing, grid)
    return []


def _station_problems(stations: xr.Dataset | xr.DataArray, thing: Phrase, grid: GeoBox) -> list[Problem]:
    """Whether stations stand in and around the study area."""
    if is_gridded(stations):
        return []  # cells beyond it are not read; that there are none the hazard says
    east, north = (stations[name].to_numpy().astype(float) for name in ("lon", "lat"))
    east, north = check_degrees(east, north, thing=thing, labels=list(stations["station"].values), kind="station")
    there = np.isfinite(east) & np.isfinite(north)
    if not there.any():
        return []  # the hazard says so
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(east[there], north[there]), crs="EPSG:4490")
    far = far_points(points, grid)
    return [] if far is None else [far]


def _layer_problems(
    layer: xr.DataArray, thing: Phrase, wanted: InputSpec, grid: GeoBox | None, *, dry: bool | None
) -> list[Problem]:
    problems = overlap_problems(layer, thing, grid)
    if any(problem.severity == "error" for problem in problems):
        return problems
    facts = io.scan_layer(layer, name=wanted.key, within=grid)
    quantity, monotone = str(layer.attrs["quantity"]), wanted.monotone_in_period
    problems += fact_problems(
        facts, thing=thing, quantity=quantity, monotone=monotone, repaired=wanted.repaired, dry=dry
    )
    if any(problem.severity == "error" for problem in problems):
        return problems
    return problems + unusual(facts, wanted, thing)


_GEOMETRIES = {
    "points": {"Point", "MultiPoint"},
    "lines": {"LineString", "MultiLineString", "LinearRing"},
    "polygons": {"Polygon", "MultiPolygon"},
    "footprints": {"Point", "MultiPoint", "Polygon", "MultiPolygon"},
}


def geometry_problems(frame: gpd.GeoDataFrame, wanted: str, thing: Phrase | str) -> list[Problem]:
    """Whether the features are points, lines or polygons, as wanted; an empty layer is neither."""
    kinds = set(frame.geometry.geom_type.dropna()) - _GEOMETRIES[wanted]
    if not kinds:
        return []
    return [Problem("vector.type", thing, types=sorted(map(str, kinds)), wanted=Phrase(f"form_{wanted}"))]
