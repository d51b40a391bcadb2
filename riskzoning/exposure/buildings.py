"""Buildings (房屋建筑): surveyed points or footprints -> floor area, value, number per cell, vulnerability."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike
from odc.geo.geobox import GeoBox
from pydantic import Field

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, UnitsError
from riskzoning.exposure.base.receptor import CountSpec, Exposed, Ground, ReceptorSpec, Scan, StudyUnits, feature_count
from riskzoning.exposure.base.unit_tables import column_problems, number_problems
from riskzoning.inputs import Inputs, InputSpec, Real, Section
from riskzoning.layers import describe

Array = np.ndarray[Any, Any]


def building_layers(
    buildings: gpd.GeoDataFrame,
    grid: GeoBox,
    *,
    area: str = "area_m2",
    value: str | None = None,
    value_units: str = "yuan",
    unit_value: float | None = None,
    factor: str | None = None,
) -> xr.Dataset:
    """Floor area, value and number of buildings per cell.

    Parameters
    ----------
    buildings : GeoDataFrame
        Points, or footprints (then their representative point counts), any CRS.
    grid : GeoBox
    area : str
        Column with the floor area, m2.
    value : str, optional
        Column with the value of the building, in ``value_units`` (yuan, 万元 ...).
    unit_value : float, optional
        Yuan per m2, where there is no value column.
    factor : str, optional
        Column with the number of buildings that a sampled one stands for; default 1.

    Returns
    -------
    Dataset
        Counts ``building_count``, ``building_area`` (m2) and, with ``value`` or ``unit_value``, ``building_value``
        (yuan); float64, 0 where none stands. ``attrs["outside"]`` of each is what lies beyond the grid. How many
        buildings have no value and are left out is noted.

    Raises
    ------
    LayerError
        A column is missing or holds no number or a negative one; both value and unit_value are given.
    UnitsError, MissingCRSError
        The unit of the value is unknown; no CRS.

    Examples
    --------
    >>> geobox = grids.analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> points = gpd.points_from_xy([50, 60, 150], [50, 50, 50])
    >>> sample = gpd.GeoDataFrame({"area_m2": [100, 50, 80], "n": [2, 1, 1]}, geometry=points, crs="EPSG:4547")
    >>> layers = building_layers(sample, geobox, unit_value=1000, factor="n")
    >>> layers.building_area.values.tolist(), layers.building_value.values.tolist()
    ([[250.0, 80.0]], [[250000.0, 80000.0]])
    """
    if value is not None and unit_value is not None:
        raise LayerError(Problem("exposure.building_value", Phrase("buildings")))
    weight = _numbers(buildings, factor) if factor else np.ones(len(buildings))
    columns = {"building_count": weight, "building_area": _numbers(buildings, area) * weight}
    if value is not None:
        yuan = standards.convert_units(
            _numbers(buildings, value), value_units, "building_value", thing=Phrase("column", name=value)
        )
        columns["building_value"] = yuan * weight
    elif unit_value is not None:
        columns["building_value"] = columns["building_area"] * float(unit_value)
    frame = gpd.GeoDataFrame(columns, geometry=buildings.geometry.array, crs=buildings.crs)
    return xr.Dataset({name: grids.point_counts(frame, grid, column=name, quantity=name) for name in columns})


def _numbers(buildings: gpd.GeoDataFrame, column: str) -> Array:
    thing = Phrase("buildings")
    problems = column_problems(buildings, (column,), thing) or number_problems(buildings, (column,), thing)
    if problems:
        raise LayerError(problems=problems)
    return np.asarray(pd.to_numeric(buildings[column], errors="coerce"), dtype=np.float64)


def structure_vulnerability(structures: ArrayLike, built_years: ArrayLike | None = None) -> Array:
    """Vulnerability 0..1 of buildings by structure and year of building.

    Parameters
    ----------
    structures : array
        Codes of the survey form: 1 masonry, 11 and 12 masonry on a frame, 2 reinforced concrete, 3 steel, 4 timber,
        5 earth or stone, 9 other. Unknown codes and missing ones give NaN.
    built_years : array, optional
        A missing year counts as old.

    Returns
    -------
    ndarray
        Values of ``exposure/building_vulnerability`` (defaults of this project, no standard).

    Examples
    --------
    >>> structure_vulnerability([2, 2, 1, 11, 5, 7], [2010, 1999, None, 2010, 1980, 2000]).tolist()
    [0.1, 0.2, 0.55, 0.6, 0.9, nan]
    """
    codes = _floats(structures)
    years = np.full(codes.shape, np.nan) if built_years is None else _floats(built_years)
    years = np.nan_to_num(years, nan=-np.inf)
    out = np.full(codes.shape, np.nan)
    for row in standards.table("exposure/building_vulnerability").data:
        fits = np.isnan(out) & np.isin(codes, row["structures"])
        fits &= (years >= row.get("built_from", -np.inf)) & (years < row.get("built_before", np.inf))
        out[fits] = row["v"]
    return out


def _floats(values: ArrayLike) -> Array:
    series = pd.Series(np.asarray(values, dtype=object))
    return np.asarray(pd.to_numeric(series, errors="coerce"), dtype=np.float64)


def vulnerability_layer(
    buildings: gpd.GeoDataFrame,
    grid: GeoBox,
    *,
    structure: str = "struct",
    built_year: str | None = "built_year",
    area: str = "area_m2",
    factor: str | None = None,
) -> xr.DataArray:
    """Vulnerability of the buildings of a cell (房屋脆弱性), V = sum(area v) / sum(area).

    Parameters
    ----------
    buildings : GeoDataFrame
        Points or footprints with the columns named below.
    grid : GeoBox
    structure, built_year, area, factor : str
        Columns as in :func:`structure_vulnerability` and :func:`building_layers`.

    Returns
    -------
    DataArray
        0..1, NaN in cells without buildings of known structure. ``attrs["unknown_structure"]`` is the share of the
        floor area whose structure is unknown; it is left out of V.

    Raises
    ------
    LayerError
        A column is missing or holds no number.

    Examples
    --------
    >>> geobox = grids.analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> rows = {"struct": [2, 5], "built_year": [2010, 1980], "area_m2": [300, 100]}
    >>> sample = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy([50, 60], [50, 50]), crs="EPSG:4547")
    >>> vulnerability_layer(sample, geobox).values.round(6).tolist()
    [[0.3, nan]]
    """
    for column in (structure, built_year):
        if column is not None and column not in buildings.columns:
            _numbers(buildings, column)
    years = None if built_year is None else buildings[built_year].to_numpy()
    v = structure_vulnerability(buildings[structure].to_numpy(), years)
    size = np.nan_to_num(_numbers(buildings, area) * (_numbers(buildings, factor) if factor else 1.0))
    known = np.isfinite(v)
    columns = {"area": np.where(known, size, 0.0), "vulnerable": np.where(known, size * np.nan_to_num(v), 0.0)}
    frame = gpd.GeoDataFrame(columns, geometry=buildings.geometry.array, crs=buildings.crs)
    floor = grids.point_counts(frame, grid, column="area", quantity="building_area")
    weak = grids.point_counts(frame, grid, column="vulnerable", quantity="building_area")
    out = weak / floor.where(floor > 0)
    unknown = float(size[~known].sum() / size.sum()) if size.sum() else 0.0
    return describe(out, quantity="vulnerability_index", like=floor, source="buildings", unknown_structure=unknown)


class Params(Section):
    """Surveyed buildings as points or footprints; ``factor`` expands a sample to all buildings."""

    points: str
    area: str = "area_m2"
    value: str | None = None
    value_units: str = "yuan"
    unit_value: Real | None = Field(default=None, gt=0)
    factor: str | None = None
    structure: str | None = None
    built_year: str | None = None


AREA, VALUE = CountSpec("building_area_m2", "building_area"), CountSpec("building_value_yuan", "building_value")


def _count(inputs: Inputs, params: Params, ground: Ground) -> Exposed:
    frame = inputs["points"]
    assert isinstance(frame, gpd.GeoDataFrame)
    layers = building_layers(
        frame, ground.grid, area=params.area, value=params.value, value_units=params.value_units,
        unit_value=params.unit_value, factor=params.factor,
    )  # fmt: skip
    counts = {count.name: feature_count(layers[count.quantity]) for count in (AREA, VALUE) if count.quantity in layers}
    weak = None
    if params.structure is not None:
        weak = vulnerability_layer(
            frame, ground.grid, structure=params.structure, built_year=params.built_year, area=params.area,
            factor=params.factor,
        )  # fmt: skip
    return Exposed(counts, weak)


def _check(inputs: Inputs, params: Params, _units: StudyUnits | None) -> list[Problem]:
    frame, thing = inputs.get("points"), SPEC.thing("points")
    if not isinstance(frame, gpd.GeoDataFrame):
        return []
    columns = (params.area, params.value, params.factor)
    problems = column_problems(frame, (*columns, params.structure, params.built_year), thing)
    if problems:
        return problems
    problems = number_problems(frame, columns, thing)
    if params.value is not None:
        try:
            standards.convert_units(1.0, params.value_units, VALUE.quantity, thing=thing)
        except UnitsError as error:
            problems += [problem.at(thing, field="value_units") for problem in error.problems]
    return problems + _structure_problems(frame, params.structure, thing)


def _structure_problems(frame: gpd.GeoDataFrame, structure: str | None, thing: Phrase) -> list[Problem]:
    if structure is None:
        return []
    known = np.isfinite(structure_vulnerability(frame[structure].to_numpy()))
    if known.all():
        return []
    strange = list(dict.fromkeys(map(str, frame[structure][~known])))
    return [
        Problem(
            "table.structure", thing, field=structure, severity="warning" if known.any() else "error",
            count=int((~known).sum()), all=len(frame), codes=strange,
        )
    ]  # fmt: skip


def _totals(inputs: Inputs, params: Params, _scan: Scan) -> dict[str, float]:
    frame = inputs["points"]
    assert isinstance(frame, gpd.GeoDataFrame)
    columns = [column for column in (params.area, params.factor) if column is not None]
    product = frame[columns].apply(pd.to_numeric, errors="coerce").prod(axis=1, min_count=len(columns))
    return {AREA.name: float(product.sum())}


SPEC = ReceptorSpec(
    name="buildings",
    counts=(AREA, VALUE),
    inputs=(InputSpec("points", "footprints", note="surveyed buildings"),),
    params=Params,
    count=_count,
    check=_check,
    totals=_totals,
    preferred=(VALUE.name, AREA.name),
    loss_count=VALUE.name,
)
