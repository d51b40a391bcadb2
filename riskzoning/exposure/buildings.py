"""Buildings (房屋建筑): surveyed points or footprints -> floor area, value, number per cell, vulnerability, classes.

A survey of all buildings is counted where they stand; a sample (a column says how many buildings each one stands for)
is spread over its township.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
from riskzoning.errors import LayerError, Phrase, Problem, UnitsError, note
from riskzoning.exposure.base.classes import building_classes
from riskzoning.exposure.base.receptor import (
    CountSpec,
    Exposed,
    Ground,
    ReceptorSpec,
    Scan,
    StudyUnits,
    feature_count,
)
from riskzoning.exposure.base.sample import BuildingMix, codes_of, sampled_totals, stock_layer, stock_tables, strata
from riskzoning.exposure.base.spreading import spread_totals
from riskzoning.exposure.base.unit_tables import column_problems, number_problems
from riskzoning.inputs import Inputs, InputSpec, Real, Section
from riskzoning.layers import describe
from riskzoning.layers.plausible import takes

Array = np.ndarray[Any, Any]


@takes()
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
        Column with the number of buildings that a sampled one stands for; default 1. All of them are counted in the
        cell of the sampled one: for maps and losses spread a sample (:func:`sampled_building_layers`).

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
    columns = _columns(buildings, area=area, value=value, value_units=value_units, unit_value=unit_value, factor=factor)
    frame = gpd.GeoDataFrame(columns, geometry=buildings.geometry.array, crs=buildings.crs)
    return xr.Dataset({name: grids.point_counts(frame, grid, column=name, quantity=name) for name in columns})


@takes()
def sampled_building_layers(
    buildings: gpd.GeoDataFrame,
    grid: GeoBox,
    units: gpd.GeoDataFrame,
    *,
    factor: str,
    weights: xr.DataArray | None = None,
    area: str = "area_m2",
    value: str | None = None,
    value_units: str = "yuan",
) -> xr.Dataset:
    """Floor area, value and number of buildings per cell from a sample (抽样房屋), spread over its townships.

    Where a sampled building stands says nothing about where those stand that it represents: the sample tells the
    totals of the units, which follow the weights inside.

    Parameters
    ----------
    buildings : GeoDataFrame
        Points or footprints with CRS.
    grid : GeoBox
    units : GeoDataFrame
        Index ``code``; of several levels the finest is taken. One without sampled buildings gets what its ``parent``
        has per weight, with a warning.
    factor : str
        Column with the number of buildings that each one stands for.
    weights : DataArray, optional
        Residents or residential floor area on the grid; default by area.
    area, value, value_units
        As in :func:`building_layers`.

    Returns
    -------
    Dataset
        As :func:`building_layers`; the sums over the units are the totals of the sample to 1e-9.
        ``attrs["outside"]`` is what lies outside all units.

    Raises
    ------
    LayerError, UnitsError, AdminError
        A column, a unit of money or the weights are not what they should be.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> from riskzoning.layers import layer_on
    >>> geobox = grids.analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> town = gpd.GeoDataFrame(index=["410702001"], geometry=[box(0, 0, 200, 100)], crs="EPSG:4547")
    >>> people = layer_on(geobox, np.array([[30.0, 10.0]]), quantity="population")
    >>> one = gpd.GeoDataFrame({"area_m2": [100], "n": [8]}, geometry=gpd.points_from_xy([50], [50]), crs="EPSG:4547")
    >>> sampled_building_layers(one, geobox, town, factor="n", weights=people).building_area.values.tolist()
    [[600.0, 200.0]]
    """
    columns = _columns(buildings, area=area, value=value, value_units=value_units, unit_value=None, factor=factor)
    return _spread(buildings, columns, grid, units, weights)


def _spread(
    buildings: gpd.GeoDataFrame,
    columns: Mapping[str, Array],
    grid: GeoBox,
    units: gpd.GeoDataFrame,
    weights: xr.DataArray | None,
) -> xr.Dataset:
    """Expanded columns of a sample, added up by unit and spread by weight."""
    frame = strata(units, grid)
    rows = pd.DataFrame(columns, index=buildings.index).assign(code=codes_of(buildings, frame))
    if weights is None:
        note(Problem("exposure.sample_even", Phrase("buildings"), severity="warning", count=len(rows)))
        weights = grids.cell_area(grid)
    totals = sampled_totals(rows, list(columns), frame, weights)
    layers = {
        name: spread_totals(totals[name], weights, frame, quantity=name, source="sample of buildings, spread")
        for name in columns
    }
    lost = rows.loc[rows["code"].isna(), list(columns)].sum()
    return xr.Dataset({name: layer.assign_attrs(outside=float(lost[name])) for name, layer in layers.items()})


def _columns(
    buildings: gpd.GeoDataFrame,
    *,
    area: str,
    value: str | None,
    value_units: str,
    unit_value: float | None,
    factor: str | None,
) -> dict[str, Array]:
    """Number, floor area (m2) and value (yuan) of each row, times the number of buildings that it stands for."""
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
    return columns


def _numbers(buildings: gpd.GeoDataFrame, column: str) -> Array:
    thing = Phrase("buildings")
    problems = column_problems(buildings, (column,), thing) or number_problems(buildings, (column,), thing)
    if problems:
        raise LayerError(problems=problems)
    return np.asarray(pd.to_numeric(buildings[column], errors="coerce"), dtype=np.float64)


@takes()
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


@takes()
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
    """Surveyed buildings as points or footprints.

    ``factor`` names the column that says how many buildings each one stands for: the survey is then a sample and is
    spread by ``spread_by`` (residents by default). ``structure``, ``built_year``, ``use`` and ``floors`` name the
    columns that tell the classes of buildings, which have loss curves of their own.
    """

    points: str
    area: str = "area_m2"
    value: str | None = None
    value_units: str = "yuan"
    unit_value: Real | None = Field(default=None, gt=0)
    factor: str | None = None
    spread_by: str | None = None
    structure: str | None = None
    built_year: str | None = None
    use: str | None = None
    floors: str | None = None


AREA, VALUE = CountSpec("building_area_m2", "building_area"), CountSpec("building_value_yuan", "building_value")


def _count(inputs: Inputs, params: Params, ground: Ground) -> Exposed:
    frame, weights = inputs["points"], inputs.get("spread_by")
    assert isinstance(frame, gpd.GeoDataFrame)
    mix = _mix(frame, params, ground)
    if params.factor is not None:
        own = weights if isinstance(weights, xr.DataArray) else None
        columns = _of(frame, params)
        del columns["building_count"]
        layers = _spread(frame, columns, ground.grid, ground.units.frame, own)
    else:
        layers = building_layers(
            frame, ground.grid, area=params.area, value=params.value, value_units=params.value_units,
            unit_value=params.unit_value,
        )  # fmt: skip
    counts = {count.name: feature_count(layers[count.quantity]) for count in (AREA, VALUE) if count.quantity in layers}
    weak = None
    if params.structure is not None and params.factor is not None:
        weak = _weak_by_stock(frame, params, mix.stock, ground)
    elif params.structure is not None:
        weak = vulnerability_layer(
            frame, ground.grid, structure=params.structure, built_year=params.built_year, area=params.area
        )
    return Exposed(counts, weak, mix if mix.floor_area else None)


def _of(frame: gpd.GeoDataFrame, params: Params) -> dict[str, Array]:
    return _columns(
        frame, area=params.area, value=params.value, value_units=params.value_units, unit_value=params.unit_value,
        factor=params.factor,
    )  # fmt: skip


def _mix(frame: gpd.GeoDataFrame, params: Params, ground: Ground) -> BuildingMix:
    """The floor area of each class by unit, and the rows of a sample."""
    named = {"structure": params.structure, "built_year": params.built_year, "use": params.use, "floors": params.floors}
    columns = {key: frame[column] for key, column in named.items() if column is not None}
    classes = building_classes(columns) if columns else {}
    units = strata(ground.units.frame, ground.grid)
    counted = _of(frame, params)
    rows = pd.DataFrame({"area": counted["building_area"], **classes}, index=frame.index)
    rows["value"] = counted.get("building_value", np.nan)
    rows["code"] = codes_of(frame, units)
    tables = stock_tables(rows, list(classes), units)
    return BuildingMix(stock_layer(units, ground.grid), tables, rows if params.factor is not None else None)


def _weak_by_stock(frame: gpd.GeoDataFrame, params: Params, stock: xr.DataArray, ground: Ground) -> xr.DataArray:
    """Vulnerability of a sampled stock: that of its township, or of all where none of its buildings is known."""
    assert params.structure is not None
    years = None if params.built_year is None else frame[params.built_year].to_numpy()
    v = structure_vulnerability(frame[params.structure].to_numpy(), years)
    size = np.nan_to_num(_numbers(frame, params.area) * (_numbers(frame, params.factor) if params.factor else 1.0))
    known = np.isfinite(v) & (size > 0)
    units = strata(ground.units.frame, ground.grid)
    rows = pd.DataFrame({"code": codes_of(frame, units), "area": size, "weak": size * np.nan_to_num(v)})[known]
    sums = rows.groupby("code")[["area", "weak"]].sum().reindex(units.index.astype(str))
    means = (sums["weak"] / sums["area"]).fillna(rows["weak"].sum() / rows["area"].sum() if len(rows) else np.nan)
    lookup = np.concatenate([[np.nan], means.to_numpy()])
    unknown = float(size[~np.isfinite(v)].sum() / size.sum()) if size.sum() else 0.0
    out = stock.copy(data=lookup[stock.values])
    return describe(out, quantity="vulnerability_index", like=stock, source="buildings", unknown_structure=unknown)


# Names of columns that say how many buildings a sampled one stands for, as people write them.
_EXPANSION = re.compile(r"represent|expan|sampl\w*_?(weight|factor)|扩样|扩大系数|抽样权|权重|权数|代表", re.IGNORECASE)


def _factor_problems(frame: gpd.GeoDataFrame, params: Params, thing: Phrase) -> list[Problem]:
    """A column that looks like the factor of a sample and is not declared."""
    if params.factor is not None:
        return []
    for column in (str(name) for name in frame.columns if _EXPANSION.search(str(name))):
        numbers = pd.to_numeric(frame[column], errors="coerce")
        if numbers.notna().mean() > 0.9 and numbers.mean() > 1.5:
            mean = float(numbers.mean())
            return [Problem("exposure.sample_factor", thing, field=column, severity="warning", mean=mean)]
    return []


def _check(inputs: Inputs, params: Params, _units: StudyUnits | None) -> list[Problem]:
    frame, thing = inputs.get("points"), SPEC.thing("points")
    if not isinstance(frame, gpd.GeoDataFrame):
        return []
    columns = (params.area, params.value, params.factor)
    classing = (params.structure, params.built_year, params.use, params.floors)
    problems = column_problems(frame, (*columns, *classing), thing)
    if problems:
        return problems
    problems = number_problems(frame, columns, thing) + _factor_problems(frame, params, thing)
    if params.value is not None:
        try:
            standards.convert_units(1.0, params.value_units, VALUE.quantity, thing=thing)
        except UnitsError as error:
            problems += [problem.at(thing, field="value_units") for problem in error.problems]
    return problems + _structure_problems(frame, params.structure, thing) + _use_problems(frame, params.use, thing)


def _use_problems(frame: gpd.GeoDataFrame, use: str | None, thing: Phrase) -> list[Problem]:
    if use is None:
        return []
    known = building_classes({"use": frame[use]})["flood"].notna()
    if known.all():
        return []
    strange = list(dict.fromkeys(map(str, frame[use][~known])))
    count = int((~known).sum())
    return [Problem("table.use", thing, field=use, severity="warning", count=count, all=len(frame), uses=strange)]


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
    inputs=(
        InputSpec("points", "footprints", note="surveyed buildings"),
        InputSpec("spread_by", "layer", required=False, note="what a sample is spread by"),
    ),
    params=Params,
    count=_count,
    check=_check,
    totals=_totals,
    spread_by=("population",),
    weighs=lambda params: params.factor is not None,
    loss_count=VALUE.name,
)
